"""The figure of an analysis: entropy and its null against the size of a cube, the tangent, and the deficit."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np

from thermolyte.atomprobe.analysis import Analysis
from thermolyte.atomprobe.ladder import Rung
from thermolyte.atomprobe.lengths import Correlation
from thermolyte.results.style import COLOURS, STYLE, Picture, new_figure

MEASURED, NULL, FIT, FEW_CUBES, TANGENT = COLOURS[0], "0.45", COLOURS[1], COLOURS[2], COLOURS[3]
SHOWN = 4
"""The left axis ends at so many times the third size: beyond, the curve is flat."""


def draw(found: Analysis) -> Picture:
    """Two axes side by side."""
    with mpl.rc_context(STYLE):
        figure = new_figure(8.4, 4.3)
        left, right = figure.subplots(1, 2)
        _entropies(left, found)
        _deficits(right, found)
        handles = {label: h for ax in (left, right) for h, label in zip(*ax.get_legend_handles_labels(), strict=True)}
        figure.legend(handles.values(), handles.keys(), loc="outside upper center", ncols=3)
    caption = (
        "Left: mean entropy of mixing of cubes of edge L (bars: standard deviation of one cube), the mean and the "
        "standard deviation that chance alone gives, and the tangents of the limited-area calculation, whose meeting "
        "with the entropy of the whole is the SUME. Right: deficit of the mean against chance (triangles: no deficit, "
        "the upper end of its error), and what chance gives."
    )
    return Picture("entropy", figure, caption)


def _entropies(ax: Any, found: Analysis) -> None:
    rungs, S = found.rungs, found.entropy
    L = _column(rungs, "size")
    null, spread = _column(rungs, "null"), _column(rungs, "null_deviation")
    ax.fill_between(L, null - spread, null + spread, color="0.85", linewidth=0, label="random alloy: one cube, ± 1 sd")
    ax.plot(L, null, color=NULL, linestyle="--", label="random alloy: mean")
    ax.axhline(S, color="black", linewidth=0.8)
    ax.annotate("whole sample", (0.98, S), xycoords=("axes fraction", "data"), va="bottom", ha="right", fontsize=8)
    ax.errorbar(L, _column(rungs, "entropy"), _column(rungs, "deviation"), color=MEASURED, marker="o", capsize=2.5,
                markerfacecolor="white", elinewidth=0.8, label="all cubes: mean ± sd")  # fmt: skip
    few = found.limited_area
    ax.plot(few.sizes, few.means, color=FEW_CUBES, marker="x", linestyle="none", label="few cubes, as in the paper")
    for t in [t for t in found.tangents if t.axis == "linear"][-1:]:
        places = L[: len(t.sizes)]
        for name, length, colour, words in (
            ("entropy", t.length, TANGENT, "tangent: SUME"), ("null", t.null, "black", "its null: random alloy")
        ):  # fmt: skip
            slope, start = np.polyfit(places, _column(rungs, name)[: len(t.sizes)], 1)
            end = length if 0 < length < SHOWN * L[2] else SHOWN * L[2]
            x = np.array([places[0], end])
            ax.plot(x, start + slope * x, color=colour, linewidth=1.1, linestyle=":", marker="v", markevery=[1],
                    markersize=6, label=f"{words} {length:.2f} nm")  # fmt: skip
    lowest = min((_column(rungs, "entropy") - _column(rungs, "deviation")).min(), (null - spread).min())
    ax.set(xlim=(0, SHOWN * L[2]), ylim=(lowest - 0.04 * (S - lowest), S + 0.16 * (S - lowest)))
    ax.set(xlabel="edge of the cube L [nm]", ylabel="entropy of mixing S [R]")


def _deficits(ax: Any, found: Analysis) -> None:
    rungs = [r for r in found.rungs if r.cubes > 1]
    L, deficit = _column(rungs, "size"), np.array([r.deficit for r in rungs])
    chance = np.array([r.null - r.low for r in rungs])
    both = np.concatenate([chance, deficit])
    floor = 0.3 * both[both > 0].min(initial=1e-2)
    ax.fill_between(
        L, floor, np.maximum(chance, floor), color="0.85", linewidth=0, label="random alloy: mean, 95 % band"
    )
    shown = deficit > floor
    ax.errorbar(L[shown], deficit[shown], _column(rungs, "error")[shown], color=MEASURED, marker="o", capsize=2.5,
                markerfacecolor="white", elinewidth=0.8, linestyle="none")  # fmt: skip
    bound = (deficit + _column(rungs, "error"))[~shown]
    ax.plot(L[~shown], np.maximum(bound, floor), color=MEASURED, marker="v", linestyle="none", markerfacecolor="white")
    if isinstance(found.correlation, Correlation):
        c = found.correlation
        x = np.geomspace(L[0], L[-1], 200)
        ax.plot(x, c.deficit(x), color=FIT, label=f"fit: σ = {c.sigma:.3g} nm")
    else:
        ax.text(0.5, 0.96, "no length", transform=ax.transAxes, ha="center", va="top", fontsize=8)
    ax.set(xscale="log", yscale="log", ylim=(floor, 3 * max(deficit.max(), chance.max())))
    ax.set_xticks(L, [f"{s:g}" for s in L], minor=False)
    ax.minorticks_off()
    ax.set(xlabel="edge of the cube L [nm]", ylabel="deficit against chance [R]")


def _column(rungs: list[Rung], name: str) -> Any:
    return np.array([getattr(r, name) for r in rungs])
