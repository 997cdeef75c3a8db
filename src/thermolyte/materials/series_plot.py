"""The doping series as a table of Klemens' strengths and as a figure."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from thermolyte.materials.lattice import klemens_ratio
from thermolyte.materials.series import KINDS, Comparison, Kind, compare, doping_series, strength_ratio
from thermolyte.results.style import COLOURS, MARKERS, PRINT, STYLE, new_figure

DOPING = np.geomspace(1e-3, 0.6, 300)


def strengths_table() -> Group:
    """A of each system with its standard error and rmse, and what the medians say."""
    comparison = compare()
    closing = (
        f"ratio of the medians: {strength_ratio(comparison):.1f}\n"
        "κ_L/κ_0 = arctan(u)/u, u² = A x(1 − x); x is the share of foreign atoms;\nκ_0 in W/(m K), rmse of κ_L/κ_0"
    )
    return Group(*(_table(kind, comparison[kind]) for kind in KINDS), Text(closing))


def _table(kind: Kind, found: Comparison) -> Table:
    """The systems of one kind; below, their median, and one A for all."""
    table = Table(box=box.SIMPLE_HEAD, show_footer=True)
    table.add_column(kind, Text("median\none A for all"), no_wrap=True, min_width=26)
    table.add_column("samples", justify="right")
    table.add_column("κ_0", justify="right")
    table.add_column("A", f"{found.median:.3g}\n{found.common.value:.3g}", justify="right", min_width=5)
    table.add_column("± 1σ", justify="right", min_width=5)
    table.add_column("rmse", f"{found.rmse:.3f}\n{found.common.rmse:.3f}", justify="right")
    for series in doping_series(kind):
        A, error, rmse = found.systems[series.system]
        numbers = (f"{series.undoped:.3g}", f"{A:.3g}", "" if error is None else f"{error:.2g}", f"{rmse:.3f}")
        table.add_row(series.system, str(np.count_nonzero(series.x)), *numbers)
    return table


def plot_series(path: Path) -> Path:
    """Draw κ_L/κ_0 against doping with Klemens' curves, a panel for each kind, into `path` and return it."""
    comparison = compare()
    with mpl.rc_context(STYLE):
        figure = new_figure(7.6, 3.9)
        for kind, ax in zip(KINDS, figure.subplots(1, 2, sharey=True), strict=True):
            _draw(ax, kind, comparison)
        figure.axes[0].set_ylabel(r"$\kappa_\mathrm{L}/\kappa_\mathrm{L,0}$ at 300 K [1]")
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=PRINT)
    return path


def _draw(ax: Any, kind: Kind, comparison: dict[Kind, Comparison]) -> None:
    """Samples and curves of one kind, before the medians of both in grey."""
    for k in KINDS:
        median = klemens_ratio(comparison[k].median * DOPING * (1 - DOPING))
        ax.plot(DOPING, median, color="0.55", linewidth=4 if k == kind else 1, alpha=0.35 if k == kind else 1)
        text = f"{k},\nmedian A = {comparison[k].median:.0f}"
        ax.annotate(text, (DOPING[-1], median[-1]), (4, -6), textcoords="offset points", color="0.4", fontsize=7.5)
    for number, series in enumerate(doping_series(kind)):
        strength, colour = comparison[kind].systems[series.system], COLOURS[number % len(COLOURS)]
        doped = series.x > 0
        reach = np.geomspace(0.6 * series.x[doped][0], min(1.4 * series.x[-1], DOPING[-1]), 100)
        ax.plot(reach, strength.ratio(reach), color=colour, linewidth=1.2)
        label = f"{formula(series.system)}   {strength.value:.3g}"
        marker = {"marker": MARKERS[number % len(MARKERS)], "markerfacecolor": "white", "markersize": 5}
        ax.plot(series.x[doped], series.ratio[doped], color=colour, linestyle="none", label=label, **marker)
    ax.set(
        title=kind, xscale="log", xlim=(DOPING[0], DOPING[-1]), ylim=(0, 1.05), xlabel="share of foreign atoms x [1]"
    )
    ax.xaxis.set_major_formatter("{x:g}")
    ax.legend(
        loc="lower left", fontsize=7.5, title="system   A", title_fontsize=7.5, handlelength=1.2, alignment="left"
    )


def formula(system: str) -> str:
    """A formula with subscripts: Nb1-xHfxFeSb in the words of matplotlib."""
    return re.sub(r"\d+(?:\.\d+)?(?:-x)?|(?<=[a-z)])x", lambda found: f"$_{{{found[0]}}}$", system)
