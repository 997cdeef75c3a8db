"""Measured properties in a CSV file: a column each, units in brackets, blanks where nothing was measured."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from thermolyte.case_file import read_text
from thermolyte.errors import InputError

_HEADER = re.compile(r"\s*(?P<name>[^\[\]]*[^\[\]\s])\s*\[(?P<unit>[^\[\]]+)\]\s*")


class Columns(NamedTuple):
    """A CSV file: the unit of each column by its name, and the place and the values of each line, without blanks."""

    header: str
    """Place of the header."""
    units: dict[str, str]
    lines: list[tuple[str, dict[str, float]]]


def read_columns(path: Path, first: str | None = None, least: Literal[1, 2] = 2) -> Columns:
    """A file with a header such as `x [mm], fraction [1]`; lines that start with # are comments.

    Args:
        path: of the file.
        first: the name that the first column must have.
        least: number of lines of values that it must have.

    Raises:
        InputError: what is wrong, with file and line.
    """
    lines = enumerate(read_text(path).splitlines(), start=1)
    rows = [(f"{path}:{n}", next(csv.reader([line]))) for n, line in lines if line.strip(" ,") and line[0] != "#"]
    if len(rows) <= least:
        few = {1: "one line", 2: "two lines"}[least]
        raise InputError(f"{path}: needs a header and at least {few} of values")
    units = _header(*rows[0])
    if first and next(iter(units)) != first:
        raise InputError(f"{rows[0][0]}: the first column must be {first}, with its unit in brackets")
    return Columns(rows[0][0], units, [(place, _numbers(place, row, list(units))) for place, row in rows[1:]])


def read_csv(path: Path) -> dict[str, Any]:
    """A card in the shape of its YAML, with a table for each column after the first.

    The header reads `temperature [K], seebeck_coefficient [uV/K], electrical_conductivity [S/cm]`.

    Raises:
        InputError: what is wrong, with file and line.
    """
    _, units, lines = read_columns(path, first="temperature")
    for (place, point), (_, before) in zip(lines[1:], lines, strict=False):
        T, previous = point["temperature"], before["temperature"]
        if previous >= T:
            raise InputError(f"{place}: the temperature must increase, but {T:g} follows {previous:g}")
    tables = {name: _table(name, [point for _, point in lines], units) for name in units if name != "temperature"}
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
    return units


def _numbers(place: str, row: list[str], names: list[str]) -> dict[str, float]:
    """The values of one line by column, without the blanks; the first column has none."""
    if len(row) != len(names):
        raise InputError(f"{place}: {len(row)} values for {len(names)} columns")
    values = {}
    for name, cell in zip(names, row, strict=True):
        if cell.strip() or name == names[0]:
            values[name] = _number(cell)
            if not math.isfinite(values[name]):
                remedy = "" if name == names[0] else "; leave blank what was not measured"
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
