"""The robustness benchmark on three of its cases, and that a defect is called one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def robustness(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import robustness

    yield robustness
    for name in ("robustness", "random_devices"):
        sys.modules.pop(name)


@pytest.mark.serial
def test_three_cases_converge_and_agree(robustness, capsys):
    assert robustness.main(["--only", "0", "2", "4"]) == 0
    out = capsys.readouterr().out
    cells = [cell.strip() for cell in next(x for x in out.splitlines() if x.startswith("| all")).strip("|").split("|")]
    assert cells[1:4] == ["3", "3", "0"]  # cases, converged, not
    assert all(0 < float(difference) < robustness.LARGEST_DIFFERENCE for difference in cells[4:6])
    assert cells[-1] == "0"  # defects


@pytest.mark.serial
def test_a_case_is_the_same_when_it_is_run_alone(robustness):
    presets = robustness.Presets()
    robustness.examine(1, 0, presets)
    after, alone = robustness.examine(1, 2, presets), robustness.examine(1, 2, robustness.Presets())
    assert after.case == alone.case
    assert after.iterative == alone.iterative


@pytest.mark.serial
def test_what_factors_solve_and_multigrid_does_not_is_a_defect(robustness):
    good = robustness.examine(1, 0, robustness.Presets())
    assert good.defect == ""
    values = good.iterative.values
    values["hot_heat_flow"] *= 1 + 1e-5
    assert good.defect.startswith("iterative and direct differ by ")
    good.iterative.message = "no steady state"
    assert good.defect == "direct converges, iterative: no steady state"
    assert robustness.row("all", [good]).split("|")[2:5] == [" 1 ", " 0 ", " 1 "]


@pytest.mark.serial
def test_all_designs_and_their_cases_are_valid(robustness):
    from thermolyte.check import validate

    drawn = [robustness.random_case(7, 5 * i) for i in range(41)]
    assert len({design for design, _ in drawn}) == 12
    for i, (_, case) in enumerate(drawn):
        for current in (0.0, -3.0):
            working = robustness.with_random_terminal(case, 7, 5 * i, 0.1, current)
            validate(working, working.names())
