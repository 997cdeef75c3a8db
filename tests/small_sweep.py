"""A sweep of which every point takes milliseconds, and how to read what a run of it has left."""

import csv
import json
import math

import pytest

CASE = """\
title: A sweep
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
  type: sweep
  parameters:
    boundaries.hot.temperature: [400 K, 450 K]
    terminals.cold.current: [0 A, 1 A, 2 A]
output: {figures: false, fields: none}
"""


def read_result(folder):
    return json.loads((folder / "result.json").read_text())


def kept(lines):
    return [int(x.split("/")[0].split()[-1]) for x in lines if x.endswith("(kept from an earlier run)")]


def table(folder):
    with (folder / "sweep.csv").open() as file:
        return list(csv.reader(file))


def close(a, b):
    """Whether two tables say the same, to the tolerance of the solver: the way to a point may differ."""
    assert a[0] == b[0]
    assert len(a) == len(b)
    for name, *columns in zip(a[0], zip(*a[1:], strict=True), zip(*b[1:], strict=True), strict=True):
        if "[" not in name:
            assert columns[0] == columns[1]
        elif "balance" not in name:
            left, right = ([float(x) if x else math.nan for x in column] for column in columns)
            scale = max((abs(x) for x in right if x == x), default=0.0)
            assert left == pytest.approx(right, rel=1e-9, abs=1e-9 * scale + 1e-15, nan_ok=True), name
