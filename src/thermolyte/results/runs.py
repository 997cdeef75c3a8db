"""The points of a study that wrote a table, as curves of one figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from thermolyte.results.record import Point, Record, varying
from thermolyte.results.style import COLOURS, curve_style
from thermolyte.results.tables import Array, Table, spread
from thermolyte.results.wording import amounts, parameter_name

MOST = len(COLOURS)
"""Curves beyond which a diagram is only a bundle."""


class Run(NamedTuple):
    """A point with its table; the label is empty for the only one."""

    label: str
    point: Point
    table: Table


class Runs(NamedTuple):
    """The runs of a figure: what tells them apart, and whether it orders them."""

    all: list[Run]
    title: str | None
    ordered: bool
    total: int

    @property
    def last(self) -> Run:
        """The run that is shown where only one can be."""
        return self.all[-1]

    @property
    def words(self) -> str:
        """What a caption must say about runs that are not drawn."""
        return f" {len(self.all)} of {self.total} points are drawn." if len(self.all) < self.total else ""


def runs(record: Record, kind: str, *needed: str) -> Runs | None:
    """The finished points whose table of this kind has all these columns; of many, some that are evenly spread."""
    points = [p for p in record.grid if kind in p.files]
    labels, title, ordered = labelled(record, points)
    every = [Run(label, p, t) for label, p in _some(labels, points) if (t := record.table(p, kind)) and t.has(*needed)]
    return Runs(every, title, ordered, len(points)) if every else None


def _some(labels: Sequence[str], points: Sequence[Point]) -> list[tuple[str, Point]]:
    return [(labels[int(i)], points[int(i)]) for i in spread(range(len(points)), MOST)]


def labelled(record: Record, points: Sequence[Point]) -> tuple[list[str], str | None, bool]:
    """What tells points apart: a label for each, what they have in common, and whether they are ordered."""
    if len(points) < 2:
        return [""] * len(points), None, False
    paths = varying([p.parameters for p in record.grid])
    given = [amounts(path, [p.parameters.get(path) for p in points]) for path in paths]
    labels = [", ".join(a.text for a in row) for row in zip(*given, strict=True)]
    title = ",\n".join(map(parameter_name, paths))
    numbers = [a.number for a in given[0] if a.number is not None] if len(given) == 1 else []
    ordered = len(numbers) == len(points) and numbers in (sorted(numbers), sorted(numbers, reverse=True))
    return labels or [""] * len(points), title, ordered


def line(ax: Axes, x: Array, y: Array, number: int, total: int, ordered: bool, **more: Any) -> Line2D:
    """A computed curve: a line without the marks of single points, for its steps are many."""
    style = curve_style(number, total, ordered) | {"marker": ""} | more
    (drawn,) = ax.plot(x, y, **style)
    return drawn


def key(number: int, total: int, ordered: bool, label: str) -> Line2D:
    """An entry of the legend that belongs to `line`."""
    return Line2D([], [], **(curve_style(number, total, ordered) | {"marker": ""}), label=label)


def handles(found: Runs) -> list[Line2D]:
    """The entries of the legend for all runs."""
    return [key(i, len(found.all), found.ordered, r.label) for i, r in enumerate(found.all)]


def uniform(values: Array, scale: float) -> bool:
    """Whether values differ by less than a picture could show."""
    finite = values[np.isfinite(values)]
    return not len(finite) or bool(np.ptp(finite) <= 1e-9 * scale)
