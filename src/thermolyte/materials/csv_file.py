"""Measured properties in a CSV file: a column each, units in brackets, blanks where nothing was measured."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from thermolyte.case_file import read_text
from thermolyte.errors import InputError

_HEADER = re.compile(r"\s*(?P<name>[a-z_]+)\s*\[(?P<unit>.+)\]\s*")


def read_csv(path: Path) -> dict[str, Any]:
    """A card in the shape of its YAML, with a table for each column after the first.

    The header reads `temperature [K], seebeck_coefficient [uV/K], electrical_conductivity [S/cm]`; lines that
    start with # are comments.

    Raises:
        InputError: what is wrong, with file and line.
    """
    lines = enumerate(read_text(path).splitlines(), start=1)
    rows = [(f"{path}:{n}", next(csv.reader([line]))) for n, line in lines if line.strip(" ,") and line[0] != "#"]
    if len(rows) < 3:
        raise InputError(f"{path}: needs a header and at least two lines of values")
    units = _header(*rows[0])
    points = [_numbers(place, row, list(units)) for place, row in rows[1:]]
    for (place, _), point, before in zip(rows[2:], points[1:], points, strict=False):
        T, previous = point["temperature"], before["temperature"]
        if previous >= T:
            raise InputError(f"{place}: the temperature must increase, but {T:g} follows {previous:g}")
    tables = {name: _table(name, points, units) for name in units if name != "temperature"}
    kind = "thermoelectric" if "seebeck_coefficient" in tables else "other"
    return {"name": path.stem, "kind": kind, "source": {"note": str(path)}, "properties": tables}


def _header(place: str, row: list[str]) -> dict[str, str]:
    """Unit of each column by its name."""
    if any(";" in cell for cell in row):
        raise InputError(f"{place}: columns are separated by commas, and numbers have a decimal point")
    found = [_HEADER.fullmatch(cell) for cell in row]
    for cell, match in zip(row, found, strict=True):
        if not match:
            raise InputError(f"{place}: {cell.strip()!r} must be a name and a unit, such as temperature [K]")
    units = {match["name"]: match["unit"] for match in found if match}
    if len(units) < len(row):
        raise InputError(f"{place}: a column stands twice")
    if next(iter(units)) != "temperature":
        raise InputError(f"{place}: the first column must be temperature [K]")
    return units


def _numbers(place: str, row: list[str], names: list[str]) -> dict[str, float]:
    """The values of one line by column, without the blanks."""
    if len(row) != len(names):
        raise InputError(f"{place}: {len(row)} values for {len(names)} columns")
    values = {}
    for name, cell in zip(names, row, strict=True):
        if cell.strip() or name == "temperature":
            values[name] = _number(cell)
            if not math.isfinite(values[name]):
                remedy = "" if name == "temperature" else "; leave blank what was not measured"
                raise InputError(f"{place}: {cell.strip()!r} in column {name} is not a number{remedy}")
    return values


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan


def _table(name: str, points: list[dict[str, float]], units: Mapping[str, str]) -> dict[str, Any]:
    """The law of one column, as a card would write it."""
    measured = [point for point in points if name in point]
    temperature = {"unit": units["temperature"], "value": [point["temperature"] for point in measured]}
    return {
        "law": "table",
        "unit": units[name],
        "temperature": temperature,
        "value": [point[name] for point in measured],
    }
