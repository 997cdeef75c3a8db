"""Result folders that tests fill with closed forms, and the curves that figures have drawn from them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure


def write_csv(file: Path, columns: Mapping[str, Any]) -> str:
    """Columns of numbers, NaN as an empty cell, or of texts."""
    with file.open("w", newline="", encoding="utf-8") as lines:
        rows = csv.writer(lines)
        rows.writerow(columns)
        for row in zip(*columns.values(), strict=True):
            rows.writerow(["" if isinstance(x, float) and np.isnan(x) else x for x in row])
    return file.name


def lines(figure: Figure, gid: str) -> list[np.ndarray]:
    """The curves whose mark begins so, as (x, y)."""
    found = [line for ax in figure.axes for line in ax.lines if str(line.get_gid()).startswith(gid)]
    return [np.array(line.get_data(), dtype=float) for line in found]
