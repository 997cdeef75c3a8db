"""Figures over swept parameters of a battery: utilisation over two of them, quantities that cross, anything else."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from thermolyte.results.battery_wording import GROUPS, described
from thermolyte.results.record import Point, Record, varying
from thermolyte.results.style import COLOURS, LINES, MARKERS, Picture, curve_style, legend, new_figure
from thermolyte.results.sweeps import EVERYTHING, Abscissa, abscissa, label_axis
from thermolyte.results.tables import Array
from thermolyte.results.wording import Wording, amounts, in_words, parameter_name

PANELS = 4
SHOWN = (
    "surface_composition", "surface_concentration", "utilisation", "voltage", "overpotential", "resistance",
    "mechanical_potential", "surface_von_mises", "plated_thickness", "von_mises_mean", "time", "mean_composition",
    "mean_concentration", "von_mises_maximum",
)  # fmt: skip
"""What a sweep shows, the most telling first."""


SAME = {
    "surface_concentration": "surface_composition",
    "mean_concentration": "mean_composition",
    "mean_composition": "utilisation",
}
"""Quantities that say nothing beside another one."""


class Levels(NamedTuple):
    """The values of a parameter in the order of their numbers, in words and as places of the points."""

    path: str
    name: str
    unit: str
    texts: list[str]
    numbers: list[float]
    place: list[int]


# ---- utilisation over two parameters ---------------------------------------------------------------------------------
def utilisation(record: Record) -> Picture | None:
    """θ as a map over two swept parameters, and as curves against the one with more values."""
    points = list(record.grid)
    paths = varying([p.parameters for p in points]) if record.is_battery else []
    if len(paths) != 2:
        return None
    name = next((n for p in points for n in p.values if n.split(".")[0] == "utilisation"), None)
    points = [p for p in points if name in p.values]
    if name is None or len(points) < 4:
        return None
    known = [levels(points, path) for path in paths]
    if None in known:
        return None
    first, second = sorted((x for x in known if x), key=lambda x: -len(x.texts))
    w, _ = described(name)
    theta = np.full((len(second.texts), len(first.texts)), np.nan)
    for p, i, j in zip(points, second.place, first.place, strict=True):
        theta[i, j] = p.values[name] / w.scale
    figure = new_figure(9.2, 3.9)
    left, right = figure.subplots(1, 2, width_ratios=(1.35, 1))
    _map(left, theta, first, second, w)
    _family(right, theta, first, second, w)
    return Picture("utilisation", figure, f"Utilisation against {first.name} and {second.name}.")


def levels(points: Sequence[Point], path: str) -> Levels | None:
    """The values of a parameter; None where one has no number."""
    given = amounts(path, [p.parameters.get(path) for p in points])
    numbers = [a.number for a in given if a.number is not None]
    if len(numbers) < len(given):
        return None
    ordered = sorted(set(numbers))
    texts = [f"{x:.4g}" for x in ordered]
    return Levels(path, parameter_name(path), given[0].unit, texts, ordered, [ordered.index(x) for x in numbers])


def _map(ax: Axes, theta: Array, first: Levels, second: Levels, w: Wording) -> None:
    """Every number in its cell."""
    top = max(100.0, float(np.nanmax(theta)))
    ax.imshow(theta, origin="lower", aspect="auto", cmap="viridis", vmin=0, vmax=top)
    for (i, j), value in np.ndenumerate(theta):
        if np.isfinite(value):
            ax.text(
                j,
                i,
                f"{value:.3g}",
                ha="center",
                va="center",
                fontsize=7,
                color="white" if value < 0.6 * top else "black",
            )
    ax.set_xticks(range(len(first.texts)), first.texts, rotation=30 if len(first.texts) > 5 else 0)
    ax.set_yticks(range(len(second.texts)), second.texts)
    ax.set(xlabel=parameter_axis(first), ylabel=parameter_axis(second))
    ax.set_title(w.label, fontsize=9)
    ax.grid(visible=False)
    ax.tick_params(length=0)
    for side in ax.spines.values():
        side.set_visible(False)


def _family(ax: Axes, theta: Array, first: Levels, second: Levels, w: Wording) -> None:
    """One curve for each value of the second parameter."""
    for i, text in enumerate(second.texts):
        known = np.isfinite(theta[i])
        style = curve_style(i, len(second.texts), True)
        ax.plot(np.array(first.numbers)[known], theta[i][known], **style, label=text, gid=f"utilisation {i}")
    if min(first.numbers) > 0 and max(first.numbers) > 50 * min(first.numbers):
        ax.set_xscale("log")
    ax.set(xlabel=parameter_axis(first), ylabel=w.label, ylim=(0, None))
    ax.legend(title=parameter_axis(second), fontsize=7, title_fontsize=7)


def parameter_axis(of: Levels) -> str:
    """Name and unit of a parameter."""
    return f"{of.name} [{of.unit}]" if of.unit else of.name


# ---- any sweep -------------------------------------------------------------------------------------------------------
class Track(NamedTuple):
    """One quantity of points that differ in the abscissa only."""

    name: str
    group: int
    x: Array
    y: Array


def battery_sweep(record: Record) -> Picture | None:
    """The most telling quantities against the swept parameter; a mark where two of a kind cross."""
    points = list(record.grid)
    axis = abscissa(record, points) if record.is_battery and len(points) > 1 else None
    if axis is None:
        return None
    moving = [b for b in _bases() if _moves(points, b)]
    known = {b for b in moving if SAME.get(b) in moving} | ({"utilisation"} if utilisation(record) else set())
    bases = [b for b in moving if b not in known][:PANELS]
    if not bases:
        return None
    rows = -(-len(bases) // 2)
    figure = new_figure(7.4 if len(bases) > 1 else 5.0, 2.7 * rows + 0.5)
    axes = np.atleast_1d(figure.subplots(rows, min(2, len(bases)))).ravel()
    groups, title = beside(points, axis)
    for ax, base in zip(axes, bases, strict=False):
        _panel(ax, points, base, axis, groups)
    for ax in axes[len(bases) :]:
        ax.remove()
    if len(set(groups)) > 1:
        legend(figure, [_entry(i, len(set(groups)), t) for i, t in enumerate(dict.fromkeys(groups))], title)
    crossed = any(line.get_gid() == "crossing" for ax in figure.axes for line in ax.lines)
    caption = f"Quantities against {axis.text}." + " Crosses: equal values, between points by interpolation." * crossed
    return Picture("battery_sweep", figure, caption)


def _bases() -> list[str]:
    return list(dict.fromkeys([*SHOWN, *(n for group in GROUPS.values() for n in group)]))


def _names(points: Sequence[Point], base: str) -> list[str]:
    """The quantities that are called `base` or `base.something`; parts of another quantity are not meant."""
    found = dict.fromkeys(n for p in points for n in p.values if n == base or n.startswith(f"{base}."))
    return [n for n in found if described(n)[0] is described(base)[0] and not _repeats(points, n, base)]


def _repeats(points: Sequence[Point], name: str, base: str) -> bool:
    """Whether a quantity is that of the device under another name, such as the voltage of its terminal."""
    return name != base and all(p.values.get(name) == p.values.get(base) for p in points)


def _moves(points: Sequence[Point], base: str) -> bool:
    """Whether a quantity differs between the points."""
    for name in _names(points, base):
        values = [p.values[name] for p in points if name in p.values]
        if len(values) > 1 and max(values) - min(values) > 1e-6 * max(map(abs, values)):
            return True
    return False


def beside(points: Sequence[Point], axis: Abscissa) -> tuple[list[str], str | None]:
    """The parameters beside the abscissa, in words, of every point; and the name of the only one."""
    others = [{k: v for k, v in p.parameters.items() if axis.path not in (k, EVERYTHING)} for p in points]
    paths = varying(others)
    if len(paths) == 1:
        return [a.text for a in amounts(paths[0], [o.get(paths[0]) for o in others])], parameter_name(paths[0])
    return [in_words({k: o.get(k) for k in paths}) for o in others], None


def _panel(ax: Axes, points: Sequence[Point], base: str, axis: Abscissa, groups: Sequence[str]) -> None:
    """All quantities of one kind: lines tell them apart, colours the parameters beside the abscissa."""
    names = _names(points, base)
    names = [n for n in names if any(p.values.get(n) for p in points)]
    w = described(base)[0].fitted(v for p in points for n in names if (v := p.values.get(n)) is not None)
    kinds = list(dict.fromkeys(groups))
    tracks = [_track(points, n, axis, groups, g, kinds.index(g), w) for n in names for g in kinds]
    for t in tracks:
        number, several = names.index(t.name), len(kinds) > 1
        colour = curve_style(t.group, len(kinds), True)["color"] if several else COLOURS[number % len(COLOURS)]
        look = _look(number, colour) | ({"linestyle": "none"} if axis.ticks else {})
        ax.plot(t.x, t.y, **look, gid=f"{t.name} {t.group}")
    label_axis(ax, w.label, axis)
    for one, other in combinations(tracks, 2):
        if one.group == other.group and not axis.ticks:
            _mark_crossings(ax, one, other, axis)
    if len(names) > 1:
        colours = ["0.3" if len(kinds) > 1 else COLOURS[i % len(COLOURS)] for i in range(len(names))]
        looks = [(_look(i, colour), described(n)[1]) for i, (n, colour) in enumerate(zip(names, colours, strict=True))]
        ax.legend(handles=[Line2D([], [], **look, label=text) for look, text in looks], fontsize=7)


def _look(number: int, colour: Any) -> dict[str, Any]:
    """Line and marker of a quantity, in a colour."""
    line, marker = LINES[number % len(LINES)], MARKERS[number % len(MARKERS)]
    return {"color": colour, "linestyle": line, "marker": marker, "markerfacecolor": "white"}


def _track(
    points: Sequence[Point], name: str, axis: Abscissa, groups: Sequence[str], group: str, number: int, w: Wording
) -> Track:
    rows = zip(axis.x, points, groups, strict=True)
    pairs = sorted((x, p.values[name] / w.scale) for x, p, g in rows if g == group and name in p.values)
    x, y = np.array(pairs).reshape(-1, 2).T
    return Track(name, number, x, y)


def _mark_crossings(ax: Axes, one: Track, other: Track, axis: Abscissa) -> None:
    """A cross with its place where two curves have equal values, by linear interpolation."""
    for x, y in crossings(one, other, axis.logarithmic):
        ax.plot(x, y, "x", color="black", markersize=7, markeredgewidth=1.4, gid="crossing", zorder=6)
        text = f"{x:.3g} {axis.unit}".strip()
        ax.annotate(text, (x, y), (0, 8), textcoords="offset points", ha="center", fontsize=7)


def crossings(one: Track, other: Track, logarithmic: bool) -> list[tuple[float, float]]:
    """Where two curves over the same abscissa have equal values."""
    x, i, j = np.intersect1d(one.x, other.x, return_indices=True)
    a, b = one.y[i], other.y[j]
    scale = np.log(x) if logarithmic else x
    out = []
    for k in np.flatnonzero((a[:-1] - b[:-1]) * (a[1:] - b[1:]) < 0):
        t = (a[k] - b[k]) / ((a[k] - b[k]) - (a[k + 1] - b[k + 1]))
        place = scale[k] + t * (scale[k + 1] - scale[k])
        out.append((float(np.exp(place) if logarithmic else place), float(a[k] + t * (a[k + 1] - a[k]))))
    return out


def _entry(number: int, total: int, text: str) -> Line2D:
    return Line2D([], [], color=curve_style(number, total, True)["color"], label=text)
