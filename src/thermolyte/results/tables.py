"""The CSV tables of a result folder: history, profiles, current distribution and impedance of a point."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
TIME, REPORT = "time", "report"
HIT = 1e-9
"""Two times or frequencies are the same when they differ by less than this fraction."""


@dataclass(frozen=True)
class Table:
    """Columns by name: numbers in SI, NaN where a cell is empty, and texts."""

    columns: Mapping[str, Array]
    units: Mapping[str, str]
    texts: Mapping[str, tuple[str, ...]]

    @classmethod
    def read(cls, file: Path) -> Table:
        """Read a table whose header is `name [unit]`; a row that was cut off is left out.

        Raises:
            OSError: there is no such file.
        """
        with file.open(newline="", encoding="utf-8") as lines:
            head, *rows = list(csv.reader(lines)) or [[]]
        whole = [row for row in rows if len(row) == len(head)]
        columns: dict[str, Array] = {}
        units: dict[str, str] = {}
        texts: dict[str, tuple[str, ...]] = {}
        for place, title in enumerate(head):
            match = re.fullmatch(r"(.*?)\s*(?:\[(.*)\])?", title.strip())
            name, unit = (match[1], match[2] or "") if match else (title, "")
            cells = [row[place].strip() for row in whole]
            try:
                columns[name] = np.array([float(x) if x else np.nan for x in cells])
                units[name] = unit
            except ValueError:
                texts[name] = tuple(cells)
        return cls(columns, units, texts)

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def __len__(self) -> int:
        return max((*map(len, self.columns.values()), *map(len, self.texts.values())), default=0)

    def has(self, *names: str) -> bool:
        """Whether each of these columns holds at least one number."""
        return all(n in self.columns and bool(np.isfinite(self.columns[n]).any()) for n in names)

    def of(self, base: str) -> list[str]:
        """The columns with numbers that are called `base` or `base.something`."""
        return [n for n in self.columns if (n == base or n.startswith(f"{base}.")) and self.has(n)]

    def where(self, keep: NDArray[np.bool_]) -> Table:
        """Some of the rows."""
        texts = {n: tuple(t for t, k in zip(column, keep, strict=True) if k) for n, column in self.texts.items()}
        return Table({n: column[keep] for n, column in self.columns.items()}, self.units, texts)

    def split(self, name: str) -> dict[str, Table]:
        """The rows by the text in a column; all of them under '' where there is no such column."""
        if name not in self.texts:
            return {"": self}
        column = np.array(self.texts[name])
        return {text: self.where(column == text) for text in dict.fromkeys(self.texts[name])}

    def at(self, name: str, value: float) -> Table:
        """The rows in which a column has this value, within `HIT`."""
        return self.where(np.abs(self.columns[name] - value) <= HIT * abs(value))

    @property
    def reports(self) -> Table:
        """The rows at report times; all rows of a table without such a mark."""
        return self.where(self.columns[REPORT] == 1) if self.has(REPORT) else self

    @property
    def times(self) -> list[float]:
        """The report times [s], each once."""
        return [float(t) for t in np.unique(self.reports[TIME])] if self.has(TIME) else []


def spread(items: Sequence[float], most: int) -> list[float]:
    """At most so many of these, evenly chosen, with the first and the last."""
    if len(items) <= most:
        return list(items)
    return [items[i] for i in np.unique(np.linspace(0, len(items) - 1, most).round().astype(int))]
