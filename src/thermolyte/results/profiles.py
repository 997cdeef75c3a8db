"""Figures over a length: lithium, potentials and stress through the thickness, current density along an interface."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from operator import mul
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from thermolyte.results.battery_wording import CONCENTRATION, FARADAY, TIME, WORDINGS, subject
from thermolyte.results.record import Record
from thermolyte.results.runs import Runs, key, line, runs, uniform
from thermolyte.results.style import Picture, legend, new_figure
from thermolyte.results.tables import Array, Table, spread
from thermolyte.results.wording import PREFIXES, Wording

TIMES = 6
"""Report times that are drawn of a single run."""
APART = 20.0
"""Ratio of thicknesses beyond which regions get diagrams of their own."""
SPIKE, PEAK = 0.01, 3.0
"""Part of an interface whose current density may leave the diagram, and how many times that of the rest it then is."""
LENGTH = Wording("", "", "m", 1.0, PREFIXES, 1.0)


class Curve(NamedTuple):
    """The rows of one time of one run, and what they are called."""

    label: str
    rows: Table


class Curves(NamedTuple):
    """All curves of a figure: of several runs at their last report time, or of one run at its report times."""

    all: list[Curve]
    title: str | None
    ordered: bool
    words: str

    @property
    def handles(self) -> list[Line2D]:
        """The entries of the legend."""
        return [key(i, len(self.all), self.ordered, c.label) for i, c in enumerate(self.all)]


def lithium_profiles(record: Record) -> Picture | None:
    """Composition, with the concentration on the right, or the concentration alone, through the hosts."""
    found = None if record.ages else _curves(record, "profiles", "z", "r")
    if found is None:
        return None
    field = "composition" if any(c.rows.has("composition") for c in found.all) else "concentration"
    picture = _through(found, (field,), "lithium_profiles", f"{record.species.capitalize()} through the thickness")
    if picture is not None and field == "composition" and (ratio := _ratio(found)):
        _right_axis(picture.figure.axes, ratio, record.element)
    elif picture is not None and field == "concentration":
        for ax in picture.figure.axes:
            ax.set_ylabel(f"{record.element} {ax.get_ylabel()}")
    return picture


def potential_profiles(record: Record) -> Picture | None:
    """Ionic, electric and mechanical potential."""
    fields = ("ionic_potential", "electric_potential", "equilibrium_potential", "mechanical_potential")
    found = _curves(record, "profiles", "z", "r")
    return found and _through(found, fields, "potential_profiles", "Potentials through the thickness")


def stress_profiles(record: Record) -> Picture | None:
    """Hydrostatic and von Mises stress."""
    found = _curves(record, "profiles", "z", "r")
    fields = ("hydrostatic_stress", "von_mises")
    return found and _through(found, fields, "stress_profiles", "Stress through the thickness")


def current_distribution(record: Record) -> Picture | None:
    """Current density along every interface."""
    found = _curves(record, "current_distribution", "r", "x", "current_density")
    if found is None:
        return None
    interfaces = list(dict.fromkeys(name for c in found.all for name in c.rows.split("interface")))
    figure = new_figure(5.4 if len(interfaces) == 1 else 3.5 * len(interfaces) + 1.0, 3.4)
    along = [rows for c in found.all for rows in c.rows.split("interface").values()]
    every = np.concatenate([_without_spikes(rows) for rows in along])
    w = WORDINGS["current_density"].fitted(every)
    axes = np.atleast_1d(figure.subplots(1, len(interfaces), sharey=True))
    for ax, name in zip(axes, interfaces, strict=True):
        for number, c in enumerate(found.all):
            rows = c.rows.split("interface").get(name)
            if rows is not None:
                _current(ax, rows, w, number, found)
        ax.set_title(subject(name), fontsize=9)
    lowest = min(0.0, float(np.nanmin(every)) / w.scale)
    axes[0].set(ylabel=w.label, ylim=(1.05 * lowest, 1.05 * max(float(np.nanmax(every)) / w.scale, 0.0)))
    _key(figure, found)
    cut = sum(map(len, along)) > len(every)
    words = f" The axis ends below the peaks at edges, {SPIKE:.0%} of the length." if cut else ""
    return Picture("current_distribution", figure, "Current density along the interface." + found.words + words)


def _without_spikes(rows: Table) -> Array:
    """The current density on all but the last `SPIKE` of the length, where it is far larger: at the edge of a disc."""
    x, y = _sorted(rows[length(rows, "r", "x") or "r"], rows["current_density"])
    share = np.gradient(x) / max(float(np.ptp(x)), 1e-300) if len(x) > 1 else np.ones(len(x))
    order = np.argsort(np.abs(y))
    inside = np.cumsum(share[order]) <= 1 - SPIKE
    kept: Array = y[order][inside]
    return kept if len(kept) and np.abs(y).max() > PEAK * np.abs(kept).max() else y


# ---- what is drawn ---------------------------------------------------------------------------------------------------
def _curves(record: Record, kind: str, first: str, second: str, *needed: str) -> Curves | None:
    """The curves of all runs that have one of two lengths."""
    found = runs(record, kind, *needed)
    if found is None or any(length(r.table, first, second) is None for r in found.all):
        return None
    if len(found.all) > 1:
        last = [Curve(r.label, r.table.at("time", t[-1]) if (t := r.table.times) else r.table) for r in found.all]
        return Curves(last, found.title, found.ordered, _last_words(found))
    table = found.last.table
    times = spread(table.times, TIMES)
    w = TIME.fitted(times)
    at = [Curve(f"{t / w.scale:.4g} {w.unit}", table.at("time", t)) for t in times] or [Curve("", table)]
    text = f" at {at[0].label}" if len(at) == 1 and at[0].label else ""
    return Curves(at, "time", True, text + ".")


def _last_words(found: Runs) -> str:
    return ", each point at its last report time." + found.words


def length(table: Table, *names: str) -> str | None:
    """The column that the curves run along: z, r or x."""
    return next((n for n in names if table.has(n)), None)


def _ratio(found: Curves) -> float | None:
    """Composition per concentration [m³/mol] where it is the same everywhere."""
    pairs = [(c.rows["composition"], c.rows["concentration"]) for c in found.all if c.rows.has("concentration")]
    if not pairs:
        return None
    x, c = (np.concatenate(part) for part in zip(*pairs, strict=True))
    known = np.isfinite(x) & np.isfinite(c)
    known[known] = np.abs(c[known]) > 1e-3 * np.abs(c[known]).max()
    ratios = x[known] / c[known]
    return float(ratios[0]) if len(ratios) and np.ptp(ratios) <= 1e-6 * abs(ratios[0]) else None


def _right_axis(axes: Sequence[Axes], ratio: float, element: str) -> None:
    """The same curves read as concentration."""
    per = ratio * CONCENTRATION.scale
    other: Any = axes[-1].secondary_yaxis("right", functions=(partial(mul, 1 / per), partial(mul, per)))
    other.set_ylabel(f"{element} {CONCENTRATION.label}")


# ---- through the thickness -------------------------------------------------------------------------------------------
def _through(found: Curves, fields: Sequence[str], name: str, what: str) -> Picture | None:
    """A panel for each field in each group of regions of comparable thickness in which it is not uniform."""
    shown = [(f, group) for f in fields for group in _groups(found, f) if _matters(found, f, group)]
    if not shown:
        return None
    columns = min(3, len(shown))
    rows = -(-len(shown) // columns)
    figure = new_figure(3.2 * columns + 1.4 + 0.6 * (columns == 1), 3.4 if rows == 1 else 2.6 * rows + 0.4)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax, (field, group) in zip(axes, shown, strict=False):
        w = _wording(found, field).fitted(_values(found, field, group))
        _field(ax, found, field, w, group)
        ax.set_ylabel(w.label)
    for ax in axes[len(shown) :]:
        ax.remove()
    _key(figure, found)
    return Picture(name, figure, what + found.words)


def _wording(found: Curves, field: str) -> Wording:
    """How a field is shown; a potential per mole as one per charge, beside the others."""
    w = WORDINGS[field]
    return w._replace(scale=FARADAY) if found.all[0].rows.units.get(field) == "J/mol" else w


def _values(found: Curves, field: str, group: Sequence[str]) -> Array:
    """All values of a field in some regions."""
    split = [c.rows.split("region") for c in found.all]
    values: Array = np.concatenate([s[r][field] for s in split for r in group if r in s and s[r].has(field)])
    finite: Array = values[np.isfinite(values)]
    return finite


def _matters(found: Curves, field: str, group: Sequence[str]) -> bool:
    """Whether a field is not one number everywhere."""
    values = _values(found, field, group)
    return not uniform(values, float(np.abs(values).max()))


def _groups(found: Curves, field: str) -> list[list[str]]:
    """The regions in which a field lives, in the order of their places, split where one is far thicker."""
    extents: dict[str, tuple[float, float]] = {}
    for c in found.all:
        for region, rows in c.rows.split("region").items():
            if rows.has(field):
                z = rows[length(rows, "z", "r") or "z"]
                extents[region] = float(np.nanmin(z)), float(np.nanmax(z))
    ordered = sorted(extents, key=lambda r: extents[r])
    sizes = [extents[r][1] - extents[r][0] for r in ordered]
    if not sizes or max(sizes) <= APART * min(sizes):
        return [ordered] if ordered else []
    groups = [[ordered[0]]]
    for before, after, region in zip(sizes, sizes[1:], ordered[1:], strict=False):
        if max(before, after) > APART * min(before, after):
            groups.append([])
        groups[-1].append(region)
    return groups


def _field(ax: Axes, found: Curves, field: str, w: Wording, group: Sequence[str]) -> None:
    """One field through one group of regions; curves are broken where regions meet, for fields may jump there."""
    column = length(found.all[0].rows, "z", "r") or "z"
    split = [c.rows.split("region") for c in found.all]
    places = {r: next(s[r][column] for s in split if r in s) for r in group}
    start = min(float(np.nanmin(z)) for z in places.values())
    end = max(float(np.nanmax(z)) for z in places.values())
    offset = start if start > 2 * (end - start) else 0.0
    unit = LENGTH.fitted([end - offset])
    for number, regions in enumerate(split):
        for region in (r for r in group if r in regions and regions[r].has(field)):
            rows = regions[region]
            x, y = _sorted(rows[column] - offset, rows[field])
            style = number, len(found.all), found.ordered
            line(ax, x / unit.scale, y / w.scale, *style, gid=f"{field} {number} {region}")
    _regions(ax, {r: (z - offset) / unit.scale for r, z in places.items()})
    text = f"${column}$ − {_place(offset)}" if offset else f"${column}$"
    ax.set(xlabel=f"{text} [{unit.unit}]", xlim=((start - offset) / unit.scale, (end - offset) / unit.scale))


def _place(offset: float) -> str:
    w = LENGTH.fitted([offset])
    return f"{offset / w.scale:.6g} {w.unit}"


def _sorted(x: Array, y: Array) -> tuple[Array, Array]:
    known = np.isfinite(x) & np.isfinite(y)
    order = np.argsort(x[known], kind="stable")
    return x[known][order], y[known][order]


def _regions(ax: Axes, places: dict[str, Array]) -> None:
    """The names of the regions above the diagram, and lines where they meet."""
    if list(places) == [""]:
        return
    for number, (region, z) in enumerate(places.items()):
        low, high = float(np.nanmin(z)), float(np.nanmax(z))
        if number:
            ax.axvline(low, color="0.6", linewidth=0.8, zorder=0)
        ax.annotate(
            subject(region), ((low + high) / 2, 1.0), (0, 3), xycoords=ax.get_xaxis_transform(),
            textcoords="offset points", ha="center", va="bottom", fontsize=8, color="0.35",
        )  # fmt: skip


def _current(ax: Axes, rows: Table, w: Wording, number: int, found: Curves) -> None:
    column = length(rows, "r", "x") or "r"
    unit = LENGTH.fitted(rows[column])
    x, y = _sorted(rows[column], rows["current_density"])
    line(ax, x / unit.scale, y / w.scale, number, len(found.all), found.ordered, gid=f"current_density {number}")
    ax.set_xlabel(f"${column}$ [{unit.unit}]")
    ax.margins(x=0)


def _key(figure: Figure, found: Curves) -> None:
    if len(found.all) > 1:
        legend(figure, found.handles, found.title)
