"""`mesh: {accuracy: ...}`: the mesh is refined until it holds, results carry errors, and what cannot be is said."""

from __future__ import annotations

import csv
import json

import pytest

from thermolyte import cli
from thermolyte.machine import Memory
from thermolyte.results.record import Record
from thermolyte.results.report import page
from thermolyte.studies import accuracy as module
from thermolyte.studies.accuracy import shortfalls

CASE = """\
title: A leg
geometry: {shape: leg, width: 2 mm, height: 4 mm}
mesh: {size: 2 mm, accuracy: 1e-3}
regions: {leg: MgAgSb-395}
boundaries:
  hot: {type: temperature, temperature: 500 K}
  cold: {type: temperature, temperature: 310 K}
terminals:
  hot: {type: ground}
  cold: {type: current, current: 1 A}
study:
  type: sweep
  parameters:
    terminals.cold.current: [0 A, 0.5 A, 1 A]
output: {figures: false, fields: none}
"""
MAIN = ("power", "hot_heat_flow", "efficiency", "internal_resistance")


@pytest.fixture
def run(comm, shared_tmp, capsys):
    """Runs a case text in one folder; returns standard output and error, and result.json."""

    def call(text, *argv, code=0):
        path, output = shared_tmp / "case.yaml", shared_tmp / "results"
        if comm.rank == 0:
            path.write_text(text)
        comm.barrier()
        found = cli.main(["run", str(path), "-o", str(output), *argv])
        out, err = comm.bcast(capsys.readouterr())
        assert found == code, err
        return out, err, json.loads((output / "result.json").read_text())

    return call


def test_the_mesh_is_refined_until_all_points_are_accurate(run, shared_tmp):
    out, _, result = run(CASE)
    meshes, reached = result["accuracy"]["meshes"], result["accuracy"]["reached"]
    assert len(meshes) > 1
    assert [m["unknowns"] for m in meshes] == sorted(m["unknowns"] for m in meshes)
    assert max(meshes[-2]["errors"].values()) > 0.8e-3
    assert set(reached) == set(MAIN)
    assert max(reached.values()) <= 1e-3
    assert result["solver"]["unknowns"] == meshes[-1]["unknowns"]
    last = result["points"][-1]
    assert reached["hot_heat_flow"] >= last["errors"]["hot_heat_flow"] / last["values"]["hot_heat_flow"]
    power = result["quantities"]["power"]
    assert power["error"] == last["errors"]["power"] > 0
    assert f" ± {power['error']:.2g} W" in out
    assert out.count("    mesh    ") == len(meshes)
    with (shared_tmp / "results" / "sweep.csv").open() as file:
        table = list(csv.DictReader(file))
    assert float(table[-1]["error of power [W]"]) == power["error"]
    html = page(Record(shared_tmp / "results", result), {})
    assert "<h2>Accuracy</h2>" in html
    assert f"± {power['error'] * 1e3:.2g} mW" in html


def test_a_rerun_keeps_the_points_and_the_mesh(run):
    _, _, before = run(CASE)
    _, err, after = run(CASE)
    assert after["resumed_points"] == 3
    assert "accuracy on the mesh" not in err
    assert after["accuracy"]["reached"] == before["accuracy"]["reached"]
    _, err, more = run(CASE.replace("0.5 A", "0.7 A"))  # the corners, and with them the mesh, are the same
    assert more["resumed_points"] == 2
    assert "accuracy on the mesh" not in err
    assert more["accuracy"]["meshes"] == before["accuracy"]["meshes"]
    _, _, other = run(CASE, "--set", "mesh.accuracy=3e-3")
    assert other["resumed_points"] == 0


def test_an_accuracy_that_memory_does_not_allow(run, monkeypatch):
    monkeypatch.setattr(module, "at_hand", lambda: Memory(1e6, "MemAvailable of this machine"))
    _, err, result = run(CASE, code=1)
    assert "case.yaml:3: mesh.accuracy: 0.001 was not reached, only" in err
    assert "a finer mesh needs about" in err
    assert "and 0.001 GB are at hand (MemAvailable of this machine)" in err
    assert "give mesh.order: 2" in err
    assert len(result["accuracy"]["meshes"]) == 1
    assert all("errors" in p for p in result["points"])  # what was reached is there, with its bars


def test_shares_are_on_the_mesh_of_the_whole_study(run, folder, shared_tmp):
    path = folder("case.yaml", CASE)
    for share in ("1/2", "2/2"):
        assert cli.main(["run", str(path), "-o", str(shared_tmp / "results"), "--share", share]) == 0
    _, err, gathered = run(CASE)
    meshes = gathered["accuracy"]["meshes"]
    assert gathered["resumed_points"] == 3
    assert err.count("accuracy on the mesh") == 2 * len(meshes)  # by each share, not by the run that gathers
    _, _, whole = run(CASE, "--fresh")
    assert gathered["accuracy"]["reached"] == pytest.approx(whole["accuracy"]["reached"], rel=1e-3)
    assert [m["unknowns"] for m in whole["accuracy"]["meshes"]] == [m["unknowns"] for m in meshes]


def test_solved_points_of_a_map_have_bars(run, shared_tmp):
    current = "terminals.cold.current: {start: 0 A, stop: 2 A, points: 21}"
    text = CASE.replace("terminals.cold.current: [0 A, 0.5 A, 1 A]", current).replace("type: sweep", "type: map")
    _, _, result = run(text.replace(", fields: none", ""))
    for point in result["points"]:
        assert ("errors" in point) == (point["origin"] == "solved")
    assert result["map"]["solved"] < 21
    assert max(result["accuracy"]["reached"].values()) <= 1e-3
    with (shared_tmp / "results" / "sweep.csv").open() as file:
        assert [bool(row["error of voltage [V]"]) for row in csv.DictReader(file)] == [
            point["origin"] == "solved" for point in result["points"]
        ]


def test_hexahedra_have_bars_and_a_case_without_accuracy_has_none(run):
    _, _, result = run(CASE, "--set", "mesh.cells=hexahedron", "--set", "mesh.order=2")
    assert max(result["accuracy"]["reached"].values()) <= 1e-3
    out, _, plain = run(CASE.replace(", accuracy: 1e-3", ""))
    assert "accuracy" not in plain
    assert all("errors" not in p for p in plain["points"])
    assert "±" not in out


@pytest.mark.parametrize("value", ["1e-7", "0.2", "0", "-1e-3", "fine", "1 mm"])
def test_accuracy_out_of_range(said, folder, value):
    path = folder("case.yaml", CASE.replace("1e-3", value))
    assert "case.yaml:3: mesh.accuracy: " in said("check", path)


def test_accuracy_where_errors_are_not_known(said, cases, folder):
    for name, what in (("li_mg_slab", "diffusion"), ("module_thermal_stress", "mechanics")):
        text = said("check", cases / name, "--set", "mesh.accuracy=1e-3")
        assert f"mesh.accuracy: errors are known for thermoelectric devices alone, not with {what}" in text
    path = folder("case.yaml", CASE.replace("study:", "device: {hot: [none]}\nstudy:"))
    assert "which this case does not have: name its boundaries" in said("check", path)
    text = CASE.replace("terminals.cold.current: [0 A, 0.5 A, 1 A]", "mesh.accuracy: [1e-3, 1e-4]")
    assert "one accuracy holds for all points" in said("check", folder("case.yaml", text))


def test_check_says_that_the_mesh_will_be_refined(said, folder):
    text = said("check", folder("case.yaml", CASE), code=0, output=True)
    assert "refined until P, Q_h, efficiency and internal resistance are within 0.001" in text


@pytest.mark.serial
def test_power_is_judged_by_its_maximum_where_it_passes_through_zero():
    values = {"open_circuit_voltage": 0.2, "current": 8.0, "voltage": 1e-6, "power": 8e-6, "hot_heat_flow": 5.0}
    found = shortfalls(values, {"power": 8e-4, "hot_heat_flow": 5e-4})
    assert found == pytest.approx({"power": 1e-3, "hot_heat_flow": 1e-4})
    assert "power" not in shortfalls({"power": 1e-17, "hot_heat_flow": 5.0}, {"power": 1e-10})


def test_the_open_circuit_belongs_to_its_mesh(run):
    """Two meshes in one sweep: each has a V_oc of its own, so that R_in is (V_oc − V)/I of one and the same mesh."""
    text = CASE.replace(", accuracy: 1e-3", "").replace(
        "terminals.cold.current: [0 A, 0.5 A, 1 A]", "mesh.size: [2, 1]"
    )
    _, _, result = run(text.replace("[2, 1]", "[2 mm, 1 mm]"))
    coarse, fine = (p["values"]["open_circuit_voltage"] for p in result["points"])
    assert abs(fine / coarse - 1) > 1e-4
