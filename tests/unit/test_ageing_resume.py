"""An ageing study that is killed, or meets a full disk, continues from its last kept state as if nothing had been."""

from __future__ import annotations

import json
import signal

import pytest

from aged import DAY, film
from killed import checkpoints, result, rows, start
from thermolyte import cli

pytestmark = pytest.mark.serial

STUDY = {"duration": 30 * DAY, "report": [10 * DAY, 20 * DAY], "integration": {"tolerance": 1e-3}}
KEPT = [0, 10 * DAY, 20 * DAY, 30 * DAY]
CASE = json.dumps(film(STUDY))
PATH = "boundaries.bottom.evaporation.transfer_coefficient"
SWEEP = json.dumps(
    film({}) | {"study": {"type": "sweep", "parameters": {PATH: [1e-11, 2e-11]}, "each": {"type": "ageing", **STUDY}}}
)
TIME = "time [s]"


@pytest.fixture
def run(tmp_path, capsys):
    """Continues, or begins, in the folder of the test; returns `result.json`."""

    def call(text=CASE, *argv, code=0, folder=tmp_path):
        (folder / "case.yaml").write_text(text)
        assert cli.main(["run", str(folder), "-o", str(folder / "results"), *argv]) == code, capsys.readouterr().err
        return result(folder)

    return call


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of the run that nothing stopped."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "case.yaml").write_text(CASE)
    assert cli.main(["run", str(folder), "-o", str(folder / "results")]) == 0
    assert [row[TIME] for row in rows(folder, "ageing")] == KEPT
    assert checkpoints(folder) == []
    return folder


def check_same(folder, whole, number=None):
    """The same rows in all tables, and the same result."""
    suffix = "" if number is None else f"_{number:04d}"
    for kind in ("history", "ageing", "profiles"):
        found, expected = rows(folder, kind + suffix), rows(whole, kind)
        assert len(found) == len(expected)
        for a, b in zip(found, expected, strict=True):
            compared = [name for name in b if "balance" not in name]
            assert {n: a[n] for n in compared} == pytest.approx({n: b[n] for n in compared}, rel=1e-10, abs=1e-20)
    values = [result(f)["points"][i]["values"] for f, i in ((folder, (number or 1) - 1), (whole, 0))]
    assert values[0]["time_to_exhaustion.top"] == pytest.approx(values[1]["time_to_exhaustion.top"], rel=1e-10)
    assert values[0]["magnesium_drift"] < 1e-12 * values[0]["magnesium_total"]
    assert checkpoints(folder) == []


def test_the_tests_see_an_interlayer_that_is_used_up(whole):
    """So that what is compared is neither constant nor smooth."""
    used_up = result(whole)["points"][0]["values"]["time_to_exhaustion.top"]
    assert KEPT[0] < used_up < KEPT[3]
    assert len(rows(whole)) > 30


def test_killed(tmp_path, run, whole):
    """Amid the rows of steps, between a measurement and its checkpoint, and while one checkpoint replaces another."""
    first = sum(row[TIME] <= KEPT[1] for row in rows(whole))
    for where, number, kept in (("row", first + 7, 2), ("checkpoint", 1, 3), ("between", 1, 3)):
        start(tmp_path, CASE, where, number, code=signal.SIGKILL)
        assert [row[TIME] for row in rows(tmp_path, "ageing")] == KEPT[:kept]
        assert checkpoints(tmp_path)
        assert not (tmp_path / "results" / "result.json").exists()
    assert run()["solver"]["steps"] == len(rows(whole)) - first
    check_same(tmp_path, whole)


def test_killed_on_three_ranks_continues_on_one(tmp_path, run, whole):
    start(tmp_path, CASE, "checkpoint", 3, ranks=3, code=signal.SIGKILL)
    again = run()
    assert again["memory"]["ranks"] == 1
    assert again["solver"]["steps"] < len(rows(whole)) - 1
    assert [row[TIME] for row in rows(tmp_path, "ageing")] == KEPT
    last, expected = rows(tmp_path, "ageing")[-1], rows(whole, "ageing")[-1]
    assert last == pytest.approx(expected, rel=1e-8, abs=1e-20)
    assert checkpoints(tmp_path) == []


def test_full_disk(tmp_path, run, whole):
    """One message, and the last good state stays."""
    cannot = "no checkpoint can be written; the same command continues from the last one"
    for where, number, message in (
        ("disk", 20, "history.csv: no space left on device: cannot be written"),
        ("space", 2, f"file too large: {cannot}"),
    ):
        err = start(tmp_path, CASE, where, number, code=1)
        assert err.count(message) == 1
        assert "Traceback" not in err
        assert len([path for path in checkpoints(tmp_path) if not path.name.startswith(".")]) == 1
    assert run()["solver"]["steps"] < len(rows(whole)) - 1
    check_same(tmp_path, whole)


def test_another_case_does_not_continue_from_it(tmp_path, run, whole):
    """Nor does the first one afterwards."""
    start(tmp_path, CASE, "checkpoint", 3, code=signal.SIGKILL)
    (mine,) = [path.name for path in checkpoints(tmp_path)]
    run(json.dumps(film(STUDY | {"integration": {"tolerance": 2e-3}})))
    assert not (tmp_path / "results" / mine).exists()
    assert len(rows(tmp_path)) < len(rows(whole))
    again = run()
    assert again["solver"]["steps"] == len(rows(whole)) - 1
    check_same(tmp_path, whole)


def test_finished_run_is_kept_and_begun_anew_on_demand(tmp_path, run, whole):
    first = run()
    before = (tmp_path / "results" / "history.csv").read_bytes()
    again = run()
    assert (again["solver"]["steps"], again["solver"]["solves"], again["resumed_points"]) == (0, 0, 1)
    assert again["points"] == first["points"]
    assert (tmp_path / "results" / "history.csv").read_bytes() == before
    fresh = run(CASE, "--fresh")
    assert (fresh["solver"]["steps"], fresh["resumed_points"]) == (first["solver"]["steps"], 0)
    check_same(tmp_path, whole)


def test_sweep_that_is_killed_in_its_second_point(tmp_path, run, whole):
    """The first point is kept, the second continues from its last kept state."""
    start(tmp_path, SWEEP, "checkpoint", len(KEPT) + 3, code=signal.SIGKILL)
    (mine,) = checkpoints(tmp_path)
    assert "_0002_" in mine.name
    before = (tmp_path / "results" / "history_0001.csv").read_bytes()
    again = run(SWEEP)
    assert again["resumed_points"] == 1
    assert (tmp_path / "results" / "history_0001.csv").read_bytes() == before
    assert 0 < again["solver"]["steps"] < len(rows(tmp_path, "history_0002")) - 1
    check_same(tmp_path, whole, number=1)
    assert [row[TIME] for row in rows(tmp_path, "ageing_0002")] == KEPT
