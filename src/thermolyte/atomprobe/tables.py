"""The tables of an analysis, for CSV files, the terminal and the report."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.table import Table

from thermolyte.atomprobe.analysis import Analysis
from thermolyte.atomprobe.ladder import GTest
from thermolyte.atomprobe.sume import cells

Rows = Sequence[Sequence[str]]
HEAD = (
    "size [nm]", "cubes", "atoms per cube (median)", "atoms per cube (least)", "entropy [R]", "standard deviation [R]",
    "random alloy [R]", "random alloy standard deviation [R]", "band low [R]", "band high [R]", "deficit [R]",
    "deficit standard error [R]", "entropy weighted by atoms [R]", "G", "G degrees of freedom", "G p-value",
)  # fmt: skip
AREA_HEAD = ("size [nm]", "cubes", "entropy [R]", "standard deviation [R]")
SIZES_HEAD = (
    "L [nm]", "cubes", "atoms (least)", "S [R]", "sd [R]", "by chance [R]", "95 % band of chance [R]", "deficit [R]",
    "G test",
)  # fmt: skip
SHORT_HEAD = ("L [nm]", "cubes", "atoms", "S [R]", "sd [R]", "by chance [R]", "deficit [R]", "95 % band")
SUME_HEAD = ("through [nm]", "axis", "SUME [nm]", "random alloy [nm]", "any 1/L³ [nm]")


def write(found: Analysis, folder: Path) -> list[Path]:
    """Write sizes.csv, and limited_area.csv with what the paper's few cubes give."""
    full = [
        (r.size, r.cubes, r.atoms_median, r.atoms_min, r.entropy, r.deviation, r.null, r.null_deviation, r.low, r.high,
         r.deficit, r.error, r.weighted, *(r.g_test or ("", "", "")))
        for r in found.rungs
    ]  # fmt: skip
    few = found.limited_area
    area = list(zip(few.sizes, few.cubes, few.means, few.deviations, strict=True))
    files = [folder / "sizes.csv", folder / "limited_area.csv"]
    for file, head, rows in zip(files, (HEAD, AREA_HEAD), (full, area), strict=True):
        with file.open("w", newline="", encoding="utf-8") as lines:
            csv.writer(lines).writerows([head, *rows])
    return files


def sizes(found: Analysis) -> Rows:
    """Rows for `SIZES_HEAD`; atoms of the median cube and of that with the fewest."""
    return [
        (f"{r.size:g}", f"{r.cubes}", f"{r.atoms_median:.0f} ({r.atoms_min})", f"{r.entropy:.5f}", f"{r.deviation:.4f}",
         f"{r.null:.5f}", f"{r.low:.5f} to {r.high:.5f}", f"{r.deficit:.5f} ± {r.error:.5f}" if r.cubes > 1 else "",
         _probability(r.g_test))
        for r in found.rungs
    ]  # fmt: skip


def short(found: Analysis) -> Rows:
    """Rows for `SHORT_HEAD`, which fit into a terminal."""
    rows = []
    for r in found.rungs:
        judged = "below" if r.significant else "above" if r.ordered else "within"
        numbers = f"{r.entropy:.5f}", f"{r.deviation:.4f}", f"{r.null:.5f}"
        compared = (f"{r.deficit:.5f}", judged) if r.cubes > 1 else ("", "")
        rows.append((f"{r.size:g}", f"{r.cubes}", f"{r.atoms_median:.0f}", *numbers, *compared))
    return rows


def sume(found: Analysis) -> tuple[Sequence[str], Rows]:
    """Head and rows of the tangents; with unit cells where the lattice parameter is known."""
    a = found.lattice_parameter
    rows = []
    for t in found.tangents:
        row = [", ".join(f"{s:g}" for s in t.sizes), t.axis, *(f"{x:.2f}" for x in (t.length, t.null, t.floor))]
        rows.append([*row, f"{cells(t.length, a):.0f}"] if a else row)
    return [*SUME_HEAD, *(["unit cells"] if a else [])], rows


def on_terminal(head: Sequence[str], rows: Rows) -> Table:
    """A table of numbers for rich."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for title in head:
        table.add_column(title, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def _probability(test: GTest | None) -> str:
    if test is None:
        return "not valid"
    return f"p = {test.p:.2g}" if test.p >= 1e-6 else "p < 1e-6"
