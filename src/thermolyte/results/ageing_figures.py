"""Figures of a device that ages: what it has lost over days, its contacts and layers, and profiles along its legs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import PowerNorm
from scipy.interpolate import PchipInterpolator

from thermolyte.results.ageing_table import (
    AGEING,
    CONDUCTIVITY,
    CONTACT,
    INTERLAYER,
    REACTION_LAYER,
    SEEBECK,
    TO_EXHAUSTION,
    TO_LOSS,
    Course,
    courses,
    device_quantities,
    told_losses,
    wording,
)
from thermolyte.results.ageing_wording import DAY, in_days
from thermolyte.results.battery_wording import COMPOSITION, subject
from thermolyte.results.record import Point, Record
from thermolyte.results.runs import line
from thermolyte.results.style import MARKERS, Picture, colours, new_figure, star
from thermolyte.results.tables import TIME, Array, Table, spread
from thermolyte.results.wording import PREFIXES, Wording, in_words

DAYS = "time [days]"
RATIO = "value / value at the start"
FIELDS = ("composition", CONDUCTIVITY, SEEBECK)
DENSE, TIMES = 200, 9
HEIGHT = Wording("", "z", "m", 1.0, PREFIXES, 1.0)


class Aged(NamedTuple):
    """The point whose ageing is shown, with its tables: measured at kept times, and every step."""

    point: Point
    measured: Table
    history: Table

    @property
    def where(self) -> str:
        """Which one it is of a sweep, for captions."""
        return f" ({in_words(self.point.parameters)})" if self.point.parameters else ""


def ageing(record: Record) -> Picture | None:
    """Power, efficiency and resistance, and σ and |S| of what ages, over their values at the start; losses told."""
    found = aged(record)
    names = device_quantities(found.point, found.measured) if found else []
    materials = [(base, c) for base in (CONDUCTIVITY, SEEBECK) for c in courses(found.history, base)] if found else []
    if found is None or not (names or materials):
        return None
    count = bool(names) + bool(materials)
    figure = new_figure(3.8 * count + 0.6, 3.6)
    axes = list(np.atleast_1d(figure.subplots(1, count)))
    if names:
        ax, days = axes.pop(0), found.measured[TIME] / DAY
        for number, name in enumerate(names):
            interpolated(ax, days, found.measured[name] / found.measured[name][0], number, len(names), name)
        stars = _mark_losses(ax, record, found.point)
        _key(ax, [f"{wording(n).text} ${wording(n).symbol}$" for n in names], stars)
        ax.set(xlabel=DAYS, ylabel=RATIO)
    if materials:
        ax, days = axes.pop(0), found.history[TIME] / DAY
        for number, (_, c) in enumerate(materials):
            line(ax, days, c.values / c.values[0], number, len(materials), False, gid=c.name)
        _key(ax, [f"{wording(base).text}, {c.of}" for base, c in materials])
        ax.set(xlabel=DAYS, ylabel=RATIO)
    caption = f"Ageing over {in_days(found.history[TIME][-1])}{found.where}, relative to the start"
    caption += ": the device as measured at the kept times" * bool(names)
    caption += (" and" if names else ":") + " the means of its materials at 300 K" if materials else ""
    caption += ". Between marks: the monotone cubic through them" * bool(names)
    return Picture("ageing", figure, caption + ".")


def contact_ageing(record: Record) -> Picture | None:
    """ρ_c of every contact at 300 K against days."""
    found = aged(record)
    shown = courses(found.history, CONTACT) if found else []
    if found is None or not shown:
        return None
    figure = new_figure(5.6, 3.4)
    ax, w = figure.subplots(), wording(CONTACT)
    _against_days(ax, found.history, shown, w)
    _key(ax, [c.of for c in shown])
    low, high = min(c.values.min() for c in shown), max(c.values.max() for c in shown)
    if high > 10 * low > 0:
        ax.set_yscale("log")
    caption = f"Contact resistivity at 300 K, mean over each contact{found.where}."
    return Picture("contact_ageing", figure, caption)


def layers(record: Record) -> Picture | None:
    """Thickness of reaction layers and of what is left of interlayers, against the root of time."""
    found = aged(record)
    bases = [b for b in (REACTION_LAYER, INTERLAYER) if found and found.history.of(b)]
    if found is None or not bases:
        return None
    figure = new_figure(5.4 if len(bases) == 1 else 7.8, 3.4)
    for ax, base in zip(np.atleast_1d(figure.subplots(1, len(bases))), bases, strict=True):
        shown = courses(found.history, base)
        _against_days(ax, found.history, shown, wording(base))
        stars = _mark_exhaustion(ax, found) if base == INTERLAYER else ""
        _key(ax, [c.of for c in shown], stars)
        by_the_root_of_time(ax)
    what = [{REACTION_LAYER: "reaction layers", INTERLAYER: "what is left of interlayers"}[b] for b in bases]
    caption = f"Thickness of {' and of '.join(what)}{found.where}, against the root of time"
    return Picture("layers", figure, caption + ": growth by a parabolic law tends to a straight line.")


def composition_profiles(record: Record) -> Picture | None:
    """Composition, and σ and S at 300 K, along the legs at the kept times."""
    found = aged(record)
    table = record.table(found.point, "profiles") if found else None
    regions = _different(table) if table is not None and table.has("z", "composition") else {}
    fields = [f for f in FIELDS if table is not None and table.has(f)]
    if found is None or table is None or not regions:
        return None
    times = spread(table.times, TIMES)
    figure = new_figure(2.4 * len(fields) + 1.2, 2.4 * len(regions) + 0.4)
    axes = figure.subplots(len(regions), len(fields), squeeze=False)
    shades = age_colours(times)
    for row, (region, rows) in zip(axes, regions.items(), strict=True):
        for ax, field in zip(row, fields, strict=True):
            _profile(ax, rows, field, times, shades)
        row[0].set_title(region, fontsize=9)
    figure.colorbar(shades, ax=axes, label=DAYS, pad=0.02)
    caption = f"Composition{', conductivity and Seebeck coefficient at 300 K' * (len(fields) > 1)}, mean over layers"
    return Picture("composition_profiles", figure, f"{caption} across z, at the kept times{found.where}.")


# ---- what is drawn ---------------------------------------------------------------------------------------------------
def aged(record: Record) -> Aged | None:
    """The last device that aged, where time has passed."""
    points = [p for p in record.points if AGEING in p.files] if record.ages else []
    for point in reversed(points):
        measured, history = record.table(point, AGEING), record.table(point, "history")
        if measured and history and measured.has(TIME) and history.has(TIME) and len(measured) > 1:
            return Aged(point, measured, history)
    return None


def age_colours(times: Sequence[float]) -> ScalarMappable:
    """Days -> colour, for the curves of different times [s]; changes slow down, so that early ones need more of it."""
    return ScalarMappable(PowerNorm(0.5, 0, max(times) / DAY), colours("viridis", end=0.86))


def _different(table: Table) -> dict[str, Table]:
    """The regions with hosts, those that are the same as one."""
    found: dict[str, Table] = {}
    names: dict[str, list[str]] = {}
    for region, rows in table.split("region").items():
        twin = next((r for r, other in found.items() if _twins(rows, other)), None)
        names.setdefault(twin or region, []).append(subject(region))
        found.setdefault(twin or region, rows)
    return {", ".join(names[r]): rows for r, rows in found.items()}


def _twins(one: Table, other: Table) -> bool:
    fields = [n for n in ("z", *FIELDS) if one.has(n)]
    return len(one) == len(other) and all(
        bool(np.allclose(one[n], other[n], rtol=1e-6, atol=0, equal_nan=True)) for n in fields
    )


# ---- drawing ---------------------------------------------------------------------------------------------------------
def interpolated(ax: Axes, x: Array, y: Array, number: int, total: int, gid: str, ordered: bool = False) -> None:
    """Marks at what was measured, and the monotone cubic through them."""
    dense = np.linspace(x[0], x[-1], DENSE)
    drawn = line(ax, dense, PchipInterpolator(x, y)(dense), number, total, ordered)
    mark: Any = {"marker": MARKERS[number % len(MARKERS)], "markerfacecolor": "white", "linestyle": "none"}
    ax.plot(x, y, color=drawn.get_color(), **mark, gid=f"{gid} {number}")


def _mark_losses(ax: Axes, record: Record, point: Point) -> str:
    """A star on the curve where each loss is reached; what the legend says of them, nothing where there is none."""
    found = [
        (part, point.values[name]) for part in told_losses(record, [point]) if (name := TO_LOSS + part) in point.values
    ]
    if not found:
        return ""
    ax.plot([t / DAY for _, t in found], [1 - float(part) / 100 for part, _ in found], **star(), gid="losses")
    days = ", ".join(f"{t / DAY:.3g}" for _, t in found)
    return f"loss of {', '.join(part for part, _ in found)} % after {days} days"


def _mark_exhaustion(ax: Axes, found: Aged) -> str:
    """A star where an interlayer is used up, at equal times once; what the legend says of them, or nothing."""
    every = [t / DAY for n, t in found.point.values.items() if n.startswith(TO_EXHAUSTION)]
    ends = sorted({float(f"{t:.6g}") for t in every})
    if not ends:
        return ""
    ax.plot(ends, [0.0] * len(ends), **star(), gid="exhaustion", clip_on=False)
    return f"used up after {', '.join(f'{t:.3g}' for t in ends)} days"


def _against_days(ax: Axes, table: Table, shown: Sequence[Course], w: Wording) -> None:
    for number, c in enumerate(shown):
        line(ax, table[TIME] / DAY, c.values / w.scale, number, len(shown), False, gid=c.name)
    ax.set(xlabel=DAYS, ylabel=w.label)


def _key(ax: Axes, texts: Sequence[str], stars: str = "") -> None:
    """The legend of lines and of stars, if there are any; above the diagram, for they may fill it."""
    lines = [h for h in ax.lines if h.get_linestyle() != "None" or h.get_marker() == "*"]
    texts = [*texts, *([stars] if stars else [])]
    ax.legend(lines, texts, loc="lower left", bbox_to_anchor=(0, 1.0), fontsize=8, borderaxespad=0.2)


def _profile(ax: Axes, rows: Table, field: str, times: Sequence[float], shades: ScalarMappable) -> None:
    """One field along one region, a line for each time."""
    w = COMPOSITION if field == "composition" else wording(field)
    height = HEIGHT.fitted(rows["z"])
    for number, seconds in enumerate(times):
        now = rows.at(TIME, seconds) if seconds else rows.where(rows[TIME] == 0)
        y = now[field] / w.scale
        ax.plot(now["z"] / height.scale, y, color=shades.to_rgba(np.array(seconds / DAY)), gid=f"{field} {number}")
    ax.set(xlabel=height.label.strip(), ylabel=w.label)


def by_the_root_of_time(ax: Axes) -> None:
    """An axis of days on which growth by a parabolic law tends to a straight line."""
    ax.set_xscale("function", functions=(_root, np.square))
    ax.set(xlabel=r"time [days], scaled as $\sqrt{t}$", xlim=(0, None), ylim=(0, None))


def _root(x: Array) -> Array:
    return np.sqrt(np.maximum(x, 0.0))
