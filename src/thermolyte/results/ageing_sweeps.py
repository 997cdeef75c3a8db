"""Figures of a sweep over devices that age: power and conductivity against days, and how long each of them lasts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from thermolyte.results.ageing_figures import DAYS, by_the_root_of_time, interpolated
from thermolyte.results.ageing_table import (
    AGEING,
    CONDUCTIVITY,
    REACTION_LAYER,
    TO_LOSS,
    courses,
    device_quantities,
    lost_quantity,
    told_losses,
    wording,
)
from thermolyte.results.ageing_wording import DAY
from thermolyte.results.battery_sweeps import Levels, beside, levels, parameter_axis
from thermolyte.results.record import Point, Record, varying
from thermolyte.results.runs import Runs, handles, line, runs
from thermolyte.results.style import Picture, colours, curve_style, legend, new_figure
from thermolyte.results.sweeps import Abscissa, abscissa, label_axis
from thermolyte.results.tables import TIME, Table

PANELS = 3
"""Losses that are shown."""
DECADES = 30.0
"""Ratio of times from which on an axis, or colours, are logarithmic."""


# ---- against days ----------------------------------------------------------------------------------------------------
def ageing_sweep(record: Record) -> Picture | None:
    """Power and conductivity over their values at the start, and reaction layers, one curve for each point."""
    found = runs(record, AGEING, TIME) if record.ages else None
    if found is None or len(found.all) < 2:
        return None
    names = [next(iter(device_quantities(r.point, r.table)), None) for r in found.all]
    quantity = names[0] if len(set(names)) == 1 else None
    steps = [record.table(r.point, "history") for r in found.all]
    histories = [t for t in steps if t is not None and t.has(TIME) and t.of(CONDUCTIVITY)]
    materials = len(histories) == len(found.all)
    layered = bool(histories) and materials and all(t.of(REACTION_LAYER) for t in histories)
    count = bool(quantity) + materials + layered
    if not count:
        return None
    figure = new_figure(3.3 * count + 1.8, 3.4)
    axes = list(np.atleast_1d(figure.subplots(1, count)))
    if quantity:
        _measured(axes.pop(0), found, str(quantity))
    if materials:
        ax = axes.pop(0)
        _conductivities(ax, found, histories)
        _days(ax, found)
    if layered:
        _layers(axes.pop(0), found, histories)
    legend(figure, handles(found), found.title)
    caption = "What is left of " + " and of ".join(
        [wording(str(quantity)).text] * bool(quantity)
        + ["the conductivity at 300 K of the region that changes most"] * materials
    )
    more = "; right, the thickest reaction layer against the root of time" * layered
    return Picture("ageing_sweep", figure, f"{caption}, against days{more}.{found.words}")


def _measured(ax: Axes, found: Runs, name: str) -> None:
    """What was measured of every run at the kept times, over its value at the start."""
    for number, r in enumerate(found.all):
        y = r.table[name] / r.table[name][0]
        interpolated(ax, r.table[TIME] / DAY, y, number, len(found.all), name, found.ordered)
    _relative(ax, name)
    _days(ax, found)


def _conductivities(ax: Axes, found: Runs, histories: Sequence[Table]) -> None:
    """σ of every run at every step, over its value at the start; of several regions that which changes most."""
    for number, table in enumerate(histories):
        ratios = [(c.name, c.values / c.values[0]) for c in courses(table, CONDUCTIVITY)]
        name, y = max(ratios, key=lambda ratio: abs(ratio[1][-1] - 1))
        line(ax, table[TIME] / DAY, y, number, len(histories), found.ordered, gid=f"{name} {number}")
    _relative(ax, CONDUCTIVITY)


def _layers(ax: Axes, found: Runs, histories: Sequence[Table]) -> None:
    """The thickest reaction layer of every run at every step."""
    w = wording(REACTION_LAYER)
    for number, table in enumerate(histories):
        name, y = max(((n, table[n]) for n in table.of(REACTION_LAYER)), key=lambda layer: layer[1][-1])
        line(ax, table[TIME] / DAY, y / w.scale, number, len(histories), found.ordered, gid=f"{name} {number}")
    by_the_root_of_time(ax)
    ax.set_ylabel(w.label)


def _relative(ax: Axes, name: str) -> None:
    w = wording(name)
    ax.set(xlabel=DAYS, ylabel=f"{w.text} ${w.symbol}\\,/\\,{w.symbol}(0)$")


def _days(ax: Axes, found: Runs) -> None:
    """A logarithmic axis where kept times span more than two decades."""
    kept = np.concatenate([r.table[TIME][r.table[TIME] > 0] / DAY for r in found.all])
    if kept.max() > 10 * DECADES * kept.min():
        ax.set(xscale="log", xlim=(kept.min() / 1.3, kept.max() * 1.3))


# ---- how long --------------------------------------------------------------------------------------------------------
def lifetime(record: Record) -> Picture | None:
    """Days until each loss: numbers over two parameters of a grid, curves over any other sweep."""
    points = [p for p in record.grid if record.ages and lost_quantity(p)]
    told = told_losses(record, points)[:PANELS]
    if len(points) < 2 or not told:
        return None
    of = wording(str(lost_quantity(points[0]))).text
    plane = _plane(points)
    if plane is not None:
        figure = _maps(points, told, plane, of)
        what = f"{plane[0].name} and {plane[1].name}"
        return Picture("lifetime", figure, f"Days until a loss of {of}, over {what}. Hatched: longer than the study.")
    axis = abscissa(record, points)
    if axis is None:
        return None
    figure, open_ends = _curves(points, told, axis, of)
    caption = f"Days until a loss of {of} against {axis.text}."
    return Picture("lifetime", figure, caption + " Open marks: longer than that, where the study ends." * open_ends)


def _plane(points: Sequence[Point]) -> tuple[Levels, Levels] | None:
    """The two numbers that vary where they form a grid."""
    paths = varying([p.parameters for p in points])
    found = [levels(points, path) for path in paths] if len(paths) == 2 else []
    known = [x for x in found if x is not None]
    if len(known) < 2 or len({*zip(known[0].place, known[1].place, strict=True)}) < len(known[0].texts) * len(
        known[1].texts
    ):
        return None
    first, second = sorted(known, key=lambda x: -len(x.texts))
    return first, second


def _maps(points: Sequence[Point], told: Sequence[str], plane: tuple[Levels, Levels], of: str) -> Figure:
    """A map for each loss, all in the same colours."""
    first, second = plane
    known = [p.values[f"{TO_LOSS}{part}"] / DAY for part in told for p in points if f"{TO_LOSS}{part}" in p.values]
    wide = bool(known) and max(known) > DECADES * min(known)
    norm = LogNorm(min(known), max(known)) if wide else Normalize(0, max(known, default=1.0))
    shades = colours("viridis")
    width = max(2.2, 0.55 * len(first.texts) + 0.8)
    figure = new_figure(width * len(told) + 1.6, max(2.6, 0.45 * len(second.texts) + 1.5))
    axes = np.atleast_1d(figure.subplots(1, len(told), sharey=True))
    for ax, part in zip(axes, told, strict=True):
        for p, i, j in zip(points, first.place, second.place, strict=True):
            _cell(ax, p, part, (i, j), norm, shades)
        ax.set(xlim=(-0.5, len(first.texts) - 0.5), ylim=(-0.5, len(second.texts) - 0.5), xlabel=parameter_axis(first))
        ax.set_xticks(range(len(first.texts)), first.texts)
        ax.set_yticks(range(len(second.texts)), second.texts)
        ax.set_title(f"{part} % loss of {of}", fontsize=9)
        ax.grid(visible=False)
        ax.tick_params(length=0)
    axes[0].set_ylabel(parameter_axis(second))
    figure.colorbar(ScalarMappable(norm, shades), ax=list(axes), label=DAYS)
    return figure


def _cell(ax: Axes, point: Point, part: str, place: tuple[int, int], norm: Normalize, shades: Colormap) -> None:
    """The days of one point as a coloured square with its number; hatched where the study is too short."""
    i, j = place
    seconds = point.values.get(f"{TO_LOSS}{part}")
    corner, name = (i - 0.5, j - 0.5), f"{part} {i} {j}"
    if seconds is None:
        hatched = Rectangle(corner, 1, 1, facecolor="white", edgecolor="0.75", hatch="////", linewidth=0, gid=name)
        ax.add_patch(hatched)
        text, colour = f"> {point.values['time'] / DAY:.3g}", "black"
    else:
        shade = ScalarMappable(norm, shades).to_rgba(np.array(seconds / DAY))
        ax.add_patch(Rectangle(corner, 1, 1, facecolor=shade, edgecolor="white", linewidth=0.5, gid=name))
        text, colour = f"{seconds / DAY:.3g}", "white" if norm(seconds / DAY) < 0.6 else "black"
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5} if seconds is None else None
    ax.text(i, j, text, ha="center", va="center", fontsize=7, color=colour, bbox=box)


def _curves(points: Sequence[Point], told: Sequence[str], axis: Abscissa, of: str) -> tuple[Figure, bool]:
    """Panels by loss, curves by what varies beside the abscissa; whether there are points beyond the study."""
    groups, title = beside(points, axis)
    kinds, open_ends = list(dict.fromkeys(groups)), False
    figure = new_figure(3.1 * len(told) + 1.0 + 1.4 * (len(kinds) > 1), 3.3)
    axes = np.atleast_1d(figure.subplots(1, len(told), sharey=True))
    for ax, part in zip(axes, told, strict=True):
        for number, kind in enumerate(kinds):
            here = sorted((x, k) for k, (x, g) in enumerate(zip(axis.x, groups, strict=True)) if g == kind)
            style = curve_style(number, len(kinds), title is not None) | ({"linestyle": "none"} if axis.ticks else {})
            there = [(x, t / DAY) for x, k in here if (t := points[k].values.get(f"{TO_LOSS}{part}")) is not None]
            beyond = [
                (x, points[k].values["time"] / DAY) for x, k in here if f"{TO_LOSS}{part}" not in points[k].values
            ]
            ax.plot(*np.array(there).reshape(-1, 2).T, **style, gid=f"{part} {number}")
            up = {"color": style["color"], "marker": "^", "markerfacecolor": "white", "linestyle": "none"}
            ax.plot(*np.array(beyond).reshape(-1, 2).T, **up, markersize=8, gid=f"beyond {part} {number}")
            open_ends |= bool(beyond)
        label_axis(ax, "", axis)
        ax.set_title(f"{part} % loss of {of}", fontsize=9)
    axes[0].set(ylabel=DAYS)
    known = [t / DAY for p in points for part in told if (t := p.values.get(f"{TO_LOSS}{part}")) is not None]
    if known and max(known) > DECADES * min(known):
        axes[0].set_yscale("log")
    else:
        axes[0].set_ylim(0, None)
    if len(kinds) > 1:
        entries = [
            Line2D([], [], **curve_style(i, len(kinds), title is not None), label=k) for i, k in enumerate(kinds)
        ]
        legend(figure, entries, title)
    return figure, open_ends
