"""Line scans: R(x)·A with its fits, and every junction enlarged with its extrapolated jump; of points, or of times."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure

from thermolyte.results.ageing_figures import DAYS, TIMES, age_colours
from thermolyte.results.ageing_wording import DAY
from thermolyte.results.battery_wording import subject
from thermolyte.results.record import Record
from thermolyte.results.runs import Runs, handles, runs
from thermolyte.results.style import Picture, curve_style, legend, new_figure
from thermolyte.results.tables import TIME, Table, spread
from thermolyte.results.wording import FIXED, PREFIXES, Wording

MOST = 4
"""Scans, and junctions of a scan, that are drawn."""
CLOSE = 4
"""Samples on each side of a junction in its enlargement."""
NAMED = 3
"""Contact resistivities that are named above a junction: those of the last runs."""
LENGTH = Wording("distance", "x", "m", 1.0, PREFIXES, 1.0)
AREA_RESISTANCE = Wording("resistance × area", r"R\,A", "µΩ cm²", 1e-10, FIXED)
COLUMNS = ("distance", "fit", "resistance_area")


class Jump(NamedTuple):
    """A junction [m] and where the fits of both sides end there [Ω·m²]."""

    at: float
    before: float
    after: float
    name: str


WHOLE = Jump(0.0, 0.0, 0.0, "")
"""The beginning of the line, for what is not drawn around a junction."""


class Curve(NamedTuple):
    """A scan at one point of a study and at one time, and how it is drawn."""

    table: Table
    style: dict[str, Any]

    @property
    def fit(self) -> str:
        """The column of the fits that end at junctions: those of the windows beside them, or of the regions."""
        return "local_fit" if self.table.has("local_fit") else "fit"


class Row(NamedTuple):
    """A row of the figure: a scan with a curve for each point, or of one point with a curve for each time."""

    title: str
    curves: list[Curve]

    @property
    def last(self) -> Curve:
        """The one that is on top."""
        return self.curves[-1]


def line_scans(record: Record) -> Picture | None:
    """A row for each scan, where time has passed for each of its points: the whole line, then its junctions."""
    kinds = {n: f"line_scan_{n}" for n in record.case.get("line_scans", {})}
    found = {n: r for n, kind in kinds.items() if (r := runs(record, kind, *COLUMNS)) is not None}
    if not found:
        return None
    times = sorted({t for r in found.values() for run in r.all for t in run.table.times})
    shades = age_colours(times) if len(times) > 1 else None
    rows = [row for name, r in found.items() for row in _rows(name if len(found) > 1 else "", r, shades)][:MOST]
    columns = 1 + max(len(jumps(row.last)[:MOST]) for row in rows)
    figure = new_figure(2.9 * columns + 1.2 * any(len(row.curves) > 1 for row in rows), 2.9 * len(rows) + 0.2)
    grid = figure.subplots(len(rows), columns, squeeze=False, width_ratios=[1.4, *[1.0] * (columns - 1)])
    for axes, row in zip(grid, rows, strict=True):
        if shades is not None and axes[0] is not grid[0, 0]:
            axes[0].sharey(grid[0, 0])  # what ages more has a steeper curve
        _draw_row(list(axes), row)
    _key(figure, grid, next(iter(found.values())), shades)
    words = "".join(dict.fromkeys(r.words for r in found.values()))
    of = {"local_fit": "beside each junction", "fit": "of each region"}
    reach = " or ".join(of[fit] for fit in dict.fromkeys(row.last.fit for row in rows))
    return Picture(
        "line_scans",
        figure,
        "Resistance along a line times the cross-section: readings (those in grey are left out of the fits), fits "
        f"{reach}, and the jump between two fits at their junction, which is the contact resistivity"
        + (", at the kept times." if shades else ".")
        + words,
    )


def _rows(name: str, found: Runs, shades: ScalarMappable | None) -> list[Row]:
    """The rows of one scan."""
    if shades is None:
        styles = [curve_style(number, len(found.all), found.ordered) for number in range(len(found.all))]
        return [Row(name, [Curve(run.table, style) for run, style in zip(found.all, styles, strict=True)])]
    return [
        Row(
            ", ".join(filter(None, (name, run.label))),
            [
                Curve(run.table.at(TIME, t), {"color": shades.to_rgba(np.array(t / DAY)), "marker": "o"})
                for t in spread(run.table.times, TIMES)
            ],
        )
        for run in found.all
    ]


def _draw_row(axes: list[Axes], row: Row) -> None:
    """The whole line, and as many of its junctions as there are axes."""
    _whole(axes[0], row)
    shown = jumps(row.last)[:MOST]
    for number, ax in enumerate(axes[1:]):
        if number < len(shown):
            _enlarged(ax, row, number)
        else:
            ax.remove()


def jumps(curve: Curve) -> list[Jump]:
    """The junctions of a scan, in the order of the line."""
    ends = curve.table.where(np.isnan(curve.table["resistance_area"]))
    x, fit, regions = ends["distance"], ends[curve.fit], ends.texts["region"]
    order = np.argsort(x, kind="stable")
    pairs = zip(order[::2], order[1::2], strict=True)
    return [Jump(float(x[i]), float(fit[i]), float(fit[j]), f"{regions[i]}/{regions[j]}") for i, j in pairs]


def _whole(ax: Axes, row: Row) -> None:
    """All readings and fits."""
    table = row.last.table
    unit = LENGTH.fitted(table["distance"])
    for number, curve in enumerate(row.curves):
        _draw(ax, curve, number, unit)
    for jump in jumps(row.last):
        ax.axvline(jump.at / unit.scale, color="0.6", linewidth=0.8, zorder=0)
    for region, rows in table.split("region").items():
        x = float(rows["distance"].min() + rows["distance"].max()) / 2 / unit.scale
        ax.annotate(
            subject(region), (x, 1.0), (0, 3), xycoords=ax.get_xaxis_transform(), textcoords="offset points",
            ha="center", va="bottom", fontsize=7, color="0.35",
        )  # fmt: skip
    ax.set(xlabel=unit.label, ylabel=AREA_RESISTANCE.label)
    ax.margins(x=0)
    if row.title:
        ax.set_title(row.title, fontsize=9, loc="left", pad=16)


def _enlarged(ax: Axes, row: Row, number: int) -> None:
    """A junction with some samples on both sides, from where the fit in front of it ends."""
    x = row.last.table["distance"]
    step = float(np.median(np.diff(np.unique(x))))
    found = [jumps(curve)[number] for curve in row.curves]
    unit = LENGTH.fitted([CLOSE * step])
    for k, (curve, jump) in enumerate(zip(row.curves, found, strict=True)):
        _draw(ax, curve, k, unit, jump, CLOSE * step * (1 + 1e-9))
    heights = [(jump.after - jump.before) / AREA_RESISTANCE.scale for jump in found]
    ax.plot([0, 0], [0, heights[-1]], color="black", linewidth=2.5, solid_capstyle="butt", zorder=4)
    numbers = ", ".join(f"{h:.3g}" for h in heights[-NAMED:])
    ax.set_title(f"{subject(found[-1].name)}\n$\\rho_\\mathrm{{c}}$ = {numbers} {AREA_RESISTANCE.unit}", fontsize=8)
    ax.set(xlabel=f"distance from junction [{unit.unit}]")


def _draw(ax: Axes, curve: Curve, number: int, unit: Wording, at: Jump = WHOLE, reach: float = np.inf) -> None:
    """The readings within reach of a junction as marks, grey where no fit takes them, and the fits as lines."""
    style = curve.style | {"markerfacecolor": "white"}
    for rows in curve.table.split("region").values():
        here = rows.where(np.abs(rows["distance"] - at.at) <= reach)
        x, y = (here["distance"] - at.at) / unit.scale, (here["resistance_area"] - at.before) / AREA_RESISTANCE.scale
        taken = here["fitted"] == 1
        marks = style | {"linestyle": "none", "markersize": 1 if at is WHOLE else 4}
        ax.plot(x[taken], y[taken], **marks, gid=f"reading {number}")
        ax.plot(x[~taken], y[~taken], **(marks | {"color": "0.6"}))
        ax.plot(x, (here[curve.fit] - at.before) / AREA_RESISTANCE.scale, color=style["color"], linewidth=1.0, zorder=3)


def _key(figure: Figure, axes: Any, found: Runs, shades: ScalarMappable | None) -> None:
    """What the colours mean: times, or else points."""
    if shades is not None:
        figure.colorbar(shades, ax=axes, label=DAYS, pad=0.02, aspect=20 * len(axes))
    elif len(found.all) > 1:
        legend(figure, handles(found), found.title)
