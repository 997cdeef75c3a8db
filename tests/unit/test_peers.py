"""The peers benchmark on a tiny mesh: thermolyte has its row, and a program that is missing is skipped by name."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def peers(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    monkeypatch.setattr(sys, "argv", ["peers.py"])
    return runpy.run_path(str(BENCHMARKS / "peers.py"))


@pytest.mark.serial
def test_own_row_and_a_missing_peer(peers, monkeypatch, capsys):
    install = sys.modules["peers.install"]

    def missing(program):
        raise install.MissingError(f"no {program} on this machine")

    monkeypatch.setattr(install, "_from_pypi", missing)
    monkeypatch.setitem(peers["SOLVERS"], "thermolyte", ["auto"])
    peers["main"](["--size", "2 mm", "--repeats", "1", "--threads", "--only", "ngsolve"])
    out = capsys.readouterr().out
    row = next(line for line in out.splitlines() if line.startswith("| thermolyte"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert float(cells[5]) > 0  # seconds
    assert cells[-1] == "12"  # digits: it is the reference
    assert "skipped: ngsolve: no ngsolve on this machine" in out
    assert "current 4.6" in out  # V, I of the same device on any mesh


def test_digits_count_the_worst_quantity(peers):
    names = peers["QUANTITIES"]
    reference = dict.fromkeys(names, 2.0)
    assert peers["digits"]({**reference, "power": 2.0 * (1 + 3e-9)}, reference) == 8
    assert peers["digits"](reference, reference) == 12
