"""A map as a run: what is on disk, what a rerun keeps, what is refused, what happens where there is no solution."""

from __future__ import annotations

import csv
import json
import math

import pytest
from test_bad_input import SLAB

from refusals import edited, refuses
from thermolyte import cli

CASE = """\
title: A map
geometry: {shape: leg, width: 2 mm, height: 4 mm}
mesh: {size: 2 mm, cells: hexahedron}
regions: {leg: MgAgSb-395}
boundaries:
  hot: {type: temperature, temperature: 400 K}
  cold: {type: temperature, temperature: 310 K}
terminals:
  hot: {type: ground}
  cold: {type: current, current: 0 A}
study:
  type: map
  accuracy: 1e-3
  parameters:
    terminals.cold.current: {start: 0 A, stop: 4 A, points: 9}
    boundaries.hot.temperature: {start: 400 K, stop: 460 K, points: 4}
output: {figures: false}
"""
SWEEP = edited(CASE, ("type: map\n  accuracy: 1e-3", "type: sweep"), ("false", "false, fields: none"))


@pytest.fixture
def run(comm, shared_tmp, capsys):
    """Runs a case text in one folder; returns what was said, and result.json."""

    def call(text, *argv, code=0):
        path, output = shared_tmp / "case.yaml", shared_tmp / "results"
        if comm.rank == 0:
            path.write_text(text)
        comm.barrier()
        assert cli.main(["run", str(path), "-o", str(output), *argv]) == code, capsys.readouterr().err
        return comm.bcast(capsys.readouterr().err), json.loads((output / "result.json").read_text())

    return call


def test_every_point_is_there_in_the_order_of_the_user_and_says_where_it_comes_from(run, shared_tmp):
    _, result = run(CASE)
    points = result["points"]
    assert [tuple(p["parameters"].values()) for p in points] == [
        (f"{i / 2:g} A", f"{t} K") for i in range(9) for t in (400, 420, 440, 460)
    ]
    solved = [p for p in points if p["origin"] == "solved"]
    assert result["map"]["points"] == 36
    assert result["map"]["solved"] == len(solved) == result["solver"]["solves"] < 36
    assert {p["origin"] for p in points} == {"solved", "interpolated"}
    assert all(
        p["parameters"] in [q["parameters"] for q in solved] for p in [{"parameters": c} for c in checks(result)]
    )
    assert result["balances"]["energy"] < 1e-8
    assert max(result["map"]["error"].values()) <= 0.5e-3 < min(result["map"]["left_out"].values(), default=1)
    with (shared_tmp / "results" / "sweep.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["origin"] for row in rows] == [p["origin"] for p in points]
    assert not (shared_tmp / "results" / "fields").exists()


def checks(result):
    return result["map"]["checks"]


def test_interpolated_values_follow_their_definitions_and_have_no_balance(run):
    _, result = run(CASE)
    for v in (p["values"] for p in result["points"] if p["origin"] == "interpolated"):
        assert v["power"] == pytest.approx(v["voltage"] * v["current"], rel=1e-12)
        assert v["current"] == 0 or v["internal_resistance"] == pytest.approx(
            (v["open_circuit_voltage"] - v["voltage"]) / v["current"], rel=1e-9
        )
        assert not {"energy_balance", "charge_balance"} & v.keys()
        assert not result["map"]["left_out"].keys() & v.keys()


def test_rerun_solves_nothing_and_says_the_same(run):
    _, first = run(CASE)
    _, again = run(CASE)
    assert again["solver"]["solves"] == 0
    assert again["resumed_points"] == first["map"]["solved"]
    assert (again["points"], again["map"]) == (first["points"], first["map"])


def test_map_that_was_cut_off_continues(run, comm, shared_tmp):
    _, whole = run(CASE)
    file = shared_tmp / "results" / "points.jsonl"
    if comm.rank == 0:
        file.write_text("".join(file.read_text().splitlines(keepends=True)[:5]))
    comm.barrier()
    said, again = run(CASE)
    assert said.count("kept from an earlier run") == 5
    assert again["map"]["solved"] == whole["map"]["solved"]
    assert [p["origin"] for p in again["points"]] == [p["origin"] for p in whole["points"]]


def test_better_accuracy_solves_only_what_is_new(run):
    _, first = run(CASE)
    _, better = run(CASE.replace("1e-3", "1e-5"))
    assert better["resumed_points"] > 0
    assert better["map"]["solved"] > first["map"]["solved"]
    assert better["solver"]["solves"] < better["map"]["solved"]


def test_map_and_sweep_share_their_points(run):
    _, first = run(CASE)
    _, sweep = run(SWEEP)
    assert sweep["resumed_points"] == first["map"]["solved"]
    assert "map" not in sweep
    _, again = run(CASE)
    assert again["solver"]["solves"] == 0


def test_node_without_a_solution_ends_the_map_and_keeps_the_points(run):
    """Beyond J²ρ₀αL²/κ = π² the slab of `test_bad_input` runs away."""
    largest = math.pi / 4e-3 * math.sqrt(1 / 2e-7) * (2e-3) ** 2
    study = "study: {{type: map, parameters: {{terminals.cold.current: {{start: 0 A, stop: {} A, points: 5}}}}}}\n"
    said, result = run(SLAB + study.format(1.3 * largest), code=1)
    assert "no steady state was found" in said
    assert "study.parameters: a map needs a solution at every point that it asks for: end the range" in said
    assert [("error" in p) for p in result["points"]] == [False, False, True]
    assert "map" not in result
    _, result = run(SLAB + study.format(0.65 * largest))
    assert result["resumed_points"] >= 1
    assert len(result["points"]) == 5


# ---- refused ---------------------------------------------------------------------------------------------------------
RANGE = "{start: 0 A, stop: 4 A, points: 9}"
SECOND = "    boundaries.hot.temperature: {start: 400 K, stop: 460 K, points: 4}\n"
BAD = {
    "a list": (
        15,
        [(RANGE, "[0 A, 1 A]")],
        ["terminals.cold.current: expected a mapping with keys such as start, stop, points, found a list"],
    ),
    "one point": (15, [("points: 9", "points: 1")], ["points: must be at least 2, not `1`"]),
    "no range": (
        11,
        [("stop: 4 A", "stop: 0 A")],
        ["terminals.cold.current: start and stop are the same: give a range"],
    ),
    "no number": (11, [("start: 0 A", "start: zero")], ["study: start and stop: 'zero' does not start with a number"]),
    "accuracy": (13, [("1e-3", "1e-9")], ["accuracy: must be at least 1e-08, not `1e-09`"]),
    "rough": (13, [("1e-3", "0.5")], ["accuracy: must be at most 0.1, not `0.5`"]),
    "geometry": (
        16,
        [("boundaries.hot.temperature: {start: 400 K, stop: 460 K", "geometry.height: {start: 3 mm, stop: 4 mm")],
        ["geometry.height: every value of `geometry.height` has a mesh of its own", "use a sweep"],
    ),
    "mesh": (
        16,
        [("boundaries.hot.temperature: {start: 400 K, stop: 460 K", "mesh.size: {start: 1 mm, stop: 2 mm")],
        ["every value of `mesh.size` has a mesh of its own"],
    ),
    "solver": (
        16,
        [("boundaries.hot.temperature: {start: 400 K, stop: 460 K", "solver.tolerance: {start: 1e-9, stop: 1e-8")],
        ["`solver.tolerance` is no number of the device: a map is over numbers under regions, boundaries"],
    ),
    "four axes": (
        11,
        [(SECOND, SECOND + "".join(f"    regions.leg.scale.{n}: {{start: 1, stop: 2, points: 2}}\n" for n in "ab"))],
        ["study: a map has at most 3 parameters, not 4: fix some of them in the case"],
    ),
    "too many points": (11, [("points: 9", "points: 9000")], ["a map has at most 20000 points, not 36000"]),
    "no such terminal": (15, [("terminals.cold.current: {", "terminals.clod.current: {")], ["did you mean `cold`"]),
    "wrong unit": (
        15,
        [("4 A, points", "4 V, points"), ("0 A, stop", "0 V, stop")],
        ["'0 V' has the wrong dimension"],
    ),
}


@pytest.mark.serial
@pytest.mark.parametrize(("line", "edits", "pieces"), [pytest.param(*row, id=name) for name, row in BAD.items()])
def test_mistake_in_a_map(said, folder, line, edits, pieces):
    refuses(said, folder("case.yaml", edited(CASE, *edits)), line, pieces)


@pytest.mark.serial
def test_a_battery_has_no_map(said, folder):
    from test_bad_battery_input import STACK

    study = "study: {type: map, parameters: {terminals.anode.current: {start: 1 mA, stop: 2 mA, points: 3}}}\n"
    text = STACK[: STACK.index("study:")] + study
    refuses(said, folder("case.yaml", text), None, ["study: a map is that of a thermoelectric device"])


@pytest.mark.serial
def test_check_describes_it(said, folder):
    lines = said("check", folder("case.yaml", CASE), code=0, output=True).splitlines()
    at = lines.index("map of 9 x 4 = 36 points, solved where 0.001 needs it")
    assert [" ".join(line.split()) for line in lines[at + 1 : at + 3]] == [
        "terminals.cold.current 0 A ... 4 A 9 values",
        "boundaries.hot.temperature 400 K ... 460 K 4 values",
    ]
