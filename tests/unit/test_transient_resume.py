"""A study in time that is killed continues from its last checkpoint: no row twice, none missing, the same numbers."""

from __future__ import annotations

import csv
import re
import signal

import pytest

from killed import checkpoints, result, rows, start
from thermolyte import cli

pytestmark = pytest.mark.serial

CASE = """\
title: Film that is charged, rests, and is charged again
physics: {diffusion: , electrochemistry: , temperature: 25 degC}
geometry:
  shape: slab
  area: 1 cm^2
  layers:
    - {name: film, thickness: 1 um, cells: 8}
    - {name: electrolyte, thickness: 0.1 mm, cells: 2}
regions:
  film: {material: Li_xMg, initial: {composition: 0.1}}
  electrolyte: Li6PS5Cl
terminals:
  anode: {type: current, current: 0.1 mA, on: bottom}
  counter: {type: ground, on: top, charge_transfer: {exchange_current_density: 10 mA/cm^2}}
interfaces:
  film/electrolyte:
    type: charge_transfer
    exchange_current_density: 10 mA/cm^2
    plating: {exchange_current_density: 0.1 mA/cm^2}
study:
  type: transient
  report: [10 s, 25 s, 45 s]
  integration: {tolerance: 1e-4}
  steps:
    - {duration: 30 s, until: {quantity: charge.anode, above: 2 mC}}
    - {duration: 10 s, change: {terminals.anode: {type: open, on: bottom}}}
    - {duration: 20 s, change: {terminals.anode: {type: current, current: 0.1 mA, on: bottom}}}
output: {figures: false, fields: none, checkpoint: 1 ns}
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The run that nothing stopped, on one rank."""
    folder = tmp_path_factory.mktemp("whole")
    start(folder, CASE)
    assert checkpoints(folder) == []
    return folder


def check_same(folder, whole):
    """One history, from the start to the end, with the numbers of a run that was not stopped."""
    history, expected = rows(folder), rows(whole)
    times = [row["time [s]"] for row in history]
    assert times == sorted(set(times))
    reports = [[row["time [s]"] for row in table if row["report [1]"]] for table in (history, expected)]
    assert reports[0] == pytest.approx(reports[1], rel=1e-6)
    assert {10.0, 25.0, 45.0} <= set(reports[0])
    for name, value in expected[-1].items():
        if "balance" not in name:
            assert history[-1][name] == pytest.approx(value, rel=1e-3, abs=1e-9), name
    charge = "charge.anode [C]"
    assert history[-1][charge] == pytest.approx(expected[-1][charge], rel=1e-9)
    # Lithium is what the charge brought, over all interruptions.
    gained = history[-1]["lithium.film [mol]"] - history[0]["lithium.film [mol]"]
    plated = history[-1]["plated_lithium.film/electrolyte [mol]"]
    assert (gained + plated) * 96485.33212 == pytest.approx(history[-1][charge], rel=1e-9)
    profiles = [{row["time [s]"] for row in rows(f, "profiles")} for f in (folder, whole)]
    assert sorted(profiles[0]) == pytest.approx(sorted(profiles[1]), rel=1e-6)
    assert len(rows(folder, "profiles")) == len(rows(whole, "profiles"))
    assert checkpoints(folder) == []


def test_limit_ends_the_first_step(whole):
    """So that the other tests see a step that an event ended: 2 mC at 0.1 mA last 20 s."""
    ends = [row["time [s]"] for row in rows(whole) if row["report [1]"]]
    assert ends == pytest.approx([10, 20, 25, 30, 45, 50], rel=1e-6)


@pytest.mark.parametrize(("where", "number"), [("row", 20), ("rename", 30), ("between", 41)])
def test_killed(tmp_path, whole, where, number):
    """Before a row, before a new checkpoint replaces the old one, and in between."""
    start(tmp_path, CASE, where, number, code=signal.SIGKILL)
    assert not (tmp_path / "results" / "result.json").exists()
    assert checkpoints(tmp_path)
    before = rows(tmp_path)
    start(tmp_path, CASE)
    check_same(tmp_path, whole)
    times = [row["time [s]"] for row in rows(tmp_path)]
    kept = [row["time [s]"] for row in before][:-2]
    assert times[: len(kept)] == kept
    # It goes on with the step that it had, not with the tiny one of a current that has just been switched on.
    assert len(times) < 1.3 * len(rows(whole))


@pytest.mark.parametrize(("first", "second"), [(3, 1), (1, 3)])
def test_continues_on_another_number_of_ranks(tmp_path, whole, first, second):
    start(tmp_path, CASE, "checkpoint", 25, ranks=first, code=signal.SIGKILL)
    before = len(rows(tmp_path))
    start(tmp_path, CASE, ranks=second)
    assert result(tmp_path)["memory"]["ranks"] == second
    assert result(tmp_path)["solver"]["steps"] < len(rows(tmp_path)) - before + 3
    check_same(tmp_path, whole)


def test_killed_at_the_end_of_a_step(tmp_path, whole):
    """The checkpoint at the instant at which a limit ended the first step: the limit is not met a second time."""
    ends = [i for i, row in enumerate(rows(whole)) if row["report [1]"]]
    start(tmp_path, CASE, "checkpoint", ends[1] + 1, code=signal.SIGKILL)  # the start has no checkpoint
    start(tmp_path, CASE)
    check_same(tmp_path, whole)


def test_another_case_does_not_continue_from_it(tmp_path):
    """Neither does this case afterwards: its tables are gone."""
    start(tmp_path, CASE, "checkpoint", 10, code=signal.SIGKILL)
    (mine,) = [path.name for path in checkpoints(tmp_path)]
    other = CASE.replace("composition: 0.1", "composition: 0.12")
    start(tmp_path, other, "checkpoint", 5, code=signal.SIGKILL)
    (its,) = [path.name for path in checkpoints(tmp_path)]
    assert its != mine
    start(tmp_path, CASE)
    assert rows(tmp_path)[0]["mean_composition.film [1]"] == pytest.approx(0.1, rel=1e-12)
    assert rows(tmp_path)[0]["time [s]"] == 0.0
    assert checkpoints(tmp_path) == []


def test_fresh_begins_anew(tmp_path, whole):
    start(tmp_path, CASE, "checkpoint", 30, code=signal.SIGKILL)
    start(tmp_path, CASE, argv=["--fresh"])
    assert [row["time [s]"] for row in rows(tmp_path)] == [row["time [s]"] for row in rows(whole)]


def test_full_disk(tmp_path, whole):
    """One message on all ranks; the rows that were written stay, and the same command continues."""
    err = start(tmp_path, CASE, "disk", 15, ranks=3, code=1)
    assert err.count("history.csv: no space left on device: cannot be written") == 1
    assert "Traceback" not in err
    assert len(rows(tmp_path)) > 8
    start(tmp_path, CASE, ranks=3)
    check_same(tmp_path, whole)


def test_no_space_for_a_checkpoint(tmp_path, whole):
    """The last good one stays."""
    err = start(tmp_path, CASE, "space", 10, code=1)
    assert re.search(r"checkpoint_\w+\.bp: file too large: no checkpoint can be written; the same command", err)
    assert "Traceback" not in err
    assert len([path for path in checkpoints(tmp_path) if not path.name.startswith(".")]) == 1
    start(tmp_path, CASE)
    check_same(tmp_path, whole)


# ---- points that are finished ----------------------------------------------------------------------------------------
SWEEP = """\
title: Film that takes up lithium
physics: {diffusion: , temperature: 25 degC}
geometry: {shape: slab, area: 1 cm^2, layers: [{name: film, thickness: 140 nm, cells: 4}]}
regions:
  film: {material: Li_xMg, initial: {composition: 0.1}}
boundaries:
  top: {type: lithium_flux, current_density: 1 mA/cm^2}
study:
  type: sweep
  parameters: {boundaries.top.current_density: [1 mA/cm^2, 2 mA/cm^2]}
  each: {type: transient, duration: 10 s, integration: {tolerance: 1e-3}}
output: {figures: false, fields: none}
"""


@pytest.fixture
def run(tmp_path, capsys):
    def call(text, code=0):
        (tmp_path / "case.yaml").write_text(text)
        assert cli.main(["run", str(tmp_path), "-o", str(tmp_path / "results")]) == code, capsys.readouterr().err
        return result(tmp_path)

    return call


def test_rerun_of_a_finished_sweep_takes_nothing(run, tmp_path):
    first = run(SWEEP)
    before = (tmp_path / "results" / "history_0002.csv").read_text()
    again = run(SWEEP)
    assert (again["solver"]["steps"], again["solver"]["solves"], again["resumed_points"]) == (0, 0, 2)
    assert again["points"] == first["points"]
    assert [p["files"]["history"] for p in again["points"]] == ["history_0001.csv", "history_0002.csv"]
    assert (tmp_path / "results" / "history_0002.csv").read_text() == before


def test_tables_belong_to_their_point(run, tmp_path):
    """A point whose number, and with it the name of its tables, another one has taken is solved again."""
    one, two, three = (f"{i} mA/cm^2" for i in (1, 2, 3))
    run(SWEEP)
    assert run(SWEEP.replace(f"[{one}, {two}]", f"[{one}, {three}]"))["resumed_points"] == 1
    assert run(SWEEP)["resumed_points"] == 1  # the second was overwritten
    assert run(SWEEP.replace(f"[{one}, {two}]", f"[{three}, {one}]"))["resumed_points"] == 0
    for number, (point, current) in enumerate(zip(result(tmp_path)["points"], (3, 1), strict=True), 1):
        with (tmp_path / "results" / f"history_{number:04d}.csv").open() as lines:
            last = list(csv.DictReader(lines))[-1]
        assert float(last["lithium.film [mol]"]) == point["values"]["lithium.film"]
        gained = point["values"]["mean_concentration.film"] - 0.1 / 13.98e-6
        assert gained == pytest.approx(current * 10 * 10 / 96485.33 / 140e-9, rel=1e-6)


def test_failed_point_keeps_its_tables_and_the_others_go_on(run, tmp_path):
    text = SWEEP.replace("2 mA", "90 mA").replace("duration: 10 s", "duration: 3.5 s")
    saved = run(text.replace("[1 mA/cm^2, 90 mA/cm^2]", "[90 mA/cm^2, 1 mA/cm^2]"), code=1)
    failed, done = saved["points"]
    assert "beyond saturation" in failed["error"]
    assert (tmp_path / "results" / failed["files"]["history"]).read_text().count("\n") > 5
    assert done["values"]["time"] == 3.5
    again = run(text.replace("[1 mA/cm^2, 90 mA/cm^2]", "[90 mA/cm^2, 1 mA/cm^2]"), code=1)
    assert again["resumed_points"] == 1
