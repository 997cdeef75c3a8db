"""A sweep that was stopped continues: finished points stay, only what is missing or has changed is solved."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from thermolyte.cli import main

pytestmark = pytest.mark.serial

CASE = """\
title: A leg with a resistivity that grows with temperature
geometry: {shape: leg, width: 2 mm, height: 4 mm}
mesh: {size: 1 mm}
regions:
  leg:
    material:
      name: growing
      properties:
        electrical_resistivity:
          {law: polynomial, unit: ohm*m, reference: 300, coefficients: [1e-5, 5e-8], range: [200, 1e7]}
        thermal_conductivity: 1 W/(m*K)
boundaries:
  hot: {type: temperature, temperature: 300 K}
  cold: {type: temperature, temperature: 300 K}
terminals:
  hot: {type: ground}
  cold: {type: current, current: 0 A}
study:
  type: sweep
  parameters: {terminals.cold.current: [1 A, 2 A, 3 A, 4 A]}
output: {figures: false, fields: none}
"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    (tmp_path / "case.yaml").write_text(CASE)
    return tmp_path


def result(folder: Path) -> dict:
    return json.loads((folder / "result.json").read_text())


def run(case: Path, *more: str) -> int:
    return main(["run", str(case), "-o", str(case / "out"), *more])


def test_a_killed_sweep_continues_and_ends_with_the_same_table(case: Path):
    many = json.dumps([f"{0.02 * i:.2f} A" for i in range(1, 151)])
    options = ["--set", f"study.parameters={{terminals.cold.current: {many}}}"]
    command = [sys.executable, "-m", "thermolyte", "run", str(case), "-o", str(case / "out"), *options]
    points = case / "out" / "points.jsonl"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not (points.exists() and points.read_text().count("\n") >= 5):
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    finished = points.read_text().count("\n")
    assert 5 <= finished < 150
    assert not (case / "out" / "result.json").exists()
    with points.open("a") as file:
        file.write('{"key": "cut off in the mi')  # as when the machine goes down while it writes
    assert run(case, *options) == 0
    assert result(case / "out")["resumed_points"] == finished
    assert main(["run", str(case), "-o", str(case / "whole"), *options]) == 0
    tables = [[p["values"]["voltage"] for p in result(case / name)["points"]] for name in ("out", "whole")]
    assert tables[0] == pytest.approx(tables[1], rel=1e-9)
    assert len(tables[0]) == 150


def test_a_failing_point_is_reported_and_tried_again_alone(case: Path, capsys: pytest.CaptureFixture[str]):
    # Runaway at J² ρ' L²/κ = π², so I = A π/L √(κ/ρ') = 14.05 A.
    beyond = ["--set", "study.parameters={terminals.cold.current: [1 A, 40 A, 3 A]}"]
    assert run(case, *beyond) == 1
    error = capsys.readouterr().err
    assert "40 A" in error
    assert "Traceback" not in error
    points = result(case / "out")["points"]
    assert ["error" in p for p in points] == [False, True, False]
    assert run(case, *beyond) == 1
    assert result(case / "out")["resumed_points"] == 2
    rows = (case / "out" / "sweep.csv").read_text().splitlines()
    assert len(rows) == 4
    assert "voltage [V]" in rows[0]


def test_only_what_changed_is_solved_again(case: Path):
    assert run(case) == 0
    assert result(case / "out")["resumed_points"] == 0
    assert run(case) == 0
    assert result(case / "out")["solver"]["solves"] == 0
    assert run(case, "--set", "study.parameters={terminals.cold.current: [2 A, 3 A, 5 A]}") == 0
    assert result(case / "out")["resumed_points"] == 2
    assert run(case, "--set", "boundaries.hot.temperature=310 K") == 0
    assert result(case / "out")["resumed_points"] == 0
    assert run(case, "--fresh") == 0
    assert result(case / "out")["resumed_points"] == 0


def test_ctrl_c_keeps_what_is_finished(case: Path):
    many = json.dumps([f"{0.02 * i:.2f} A" for i in range(1, 301)])
    options = ["--set", f"study.parameters={{terminals.cold.current: {many}}}"]
    command = [sys.executable, "-m", "thermolyte", "run", str(case), "-o", str(case / "out"), *options]
    points = case / "out" / "points.jsonl"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not (points.exists() and points.read_text().count("\n") >= 3):
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGINT)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command continues" in error
    assert "Traceback" not in error
    assert points.read_text().count("\n") >= 3
