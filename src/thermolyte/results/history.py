"""Figures over time and charge: voltage and its parts, lithium, plated thickness, stress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from thermolyte.results.battery_wording import CHARGE_DENSITY, TIME, WORDINGS, described, full_text
from thermolyte.results.record import Record
from thermolyte.results.runs import Run, Runs, handles, key, line, runs
from thermolyte.results.style import COLOURS, LINES, Picture, legend, new_figure
from thermolyte.results.tables import TIME as TIME_COLUMN
from thermolyte.results.tables import Array, Table
from thermolyte.results.wording import Wording

PARTS = "overpotential"
BESIDE: Any = {"loc": "center left", "bbox_to_anchor": (1.0, 0.5), "fontsize": 8, "alignment": "left"}
NEGLIGIBLE = 1e-9  # V; a part of the voltage below this is not drawn


def voltage_history(record: Record) -> Picture | None:
    """The voltage of one run against time, of several against charge; below it the parts of the last one."""
    found = None if record.ages else runs(record, "history", TIME_COLUMN)
    names = [terminal(record, r.table, "voltage") for r in found.all] if found else []
    if found is None or None in names:
        return None
    parts = _parts(found.last.table)
    figure = new_figure(6.8, 5.2 if parts else 3.4)
    one = len(found.all) == 1
    axes = np.atleast_1d(figure.subplots(1 + bool(parts), 1, sharex=one))
    x = _time(found) if one else _charge(record, found)
    w = WORDINGS["voltage"].fitted(v for r, n in zip(found.all, names, strict=True) for v in r.table[str(n)])
    for number, (r, name) in enumerate(zip(found.all, names, strict=True)):
        _curve(axes[0], r, x.of(r), r.table[str(name)] / w.scale, number, found, f"voltage {number}")
    axes[0].set_ylabel(w.label)
    if parts:
        _draw_parts(axes[1], found.last, x.of(found.last), parts)
    for ax in axes if not one else axes[-1:]:
        ax.set_xlabel(x.wording.label)
    if not one:
        axes[0].legend(handles=handles(found), title=found.title, **BESIDE)
    where = f" ({found.last.label})" if not one else ""
    caption = f"Voltage against {x.wording.text}" + (f", and the parts of the overpotential{where}." if parts else ".")
    return Picture("voltage_history", figure, caption + found.words)


def lithium_history(record: Record) -> Picture | None:
    """Inventory of what diffuses against charge, surface composition, utilisation."""
    if record.ages:  # its profiles and layers say more
        return None
    choices = (
        (record.species, "mean_concentration"),
        ("surface_composition", "surface_concentration"),
        ("utilisation",),
    )
    return _panels(record, "lithium_history", choices, f"{record.species.capitalize()} in the host")


def plated_thickness(record: Record) -> Picture | None:
    """Thickness of plated lithium against charge."""
    return _panels(record, "plated_thickness", (("plated_thickness",),), "Thickness of plated lithium")


def stress_history(record: Record) -> Picture | None:
    """Mean and largest von Mises stress."""
    return _panels(record, "stress_history", (("von_mises_mean",), ("von_mises_maximum",)), "Stress", over_time=True)


# ---- axes ------------------------------------------------------------------------------------------------------------
class Axis(NamedTuple):
    """What runs along the x axis: how it is shown, and its column and divisor [m²] in each run."""

    wording: Wording
    columns: dict[int, tuple[str, float]]

    def of(self, run: Run) -> Array:
        """The shown values of a run."""
        column, area = self.columns[id(run.table)]
        return run.table[column] / area / self.wording.scale


def _time(found: Runs) -> Axis:
    w = TIME.fitted(float(np.nanmax(r.table[TIME_COLUMN])) for r in found.all)
    return Axis(w, {id(r.table): (TIME_COLUMN, 1.0) for r in found.all})


def _charge(record: Record, found: Runs) -> Axis:
    """Charge per area where the area of the terminal is known, else charge; time where no charge passes."""
    names = [terminal(record, r.table, "charge") for r in found.all]
    if None in names:
        return _time(found)
    areas = [r.point.values.get(f"area.{str(n).partition('.')[2]}") for r, n in zip(found.all, names, strict=True)]
    known = [a for a in areas if a]
    if len(known) == len(areas):
        found_charges = zip(found.all, names, known, strict=True)
        w = CHARGE_DENSITY.fitted(v / a for r, n, a in found_charges for v in r.table[str(n)])
    else:
        known = [1.0] * len(areas)
        w = WORDINGS["charge"].fitted(v for r, n in zip(found.all, names, strict=True) for v in r.table[str(n)])
    columns = {id(r.table): (str(n), a) for r, n, a in zip(found.all, names, known, strict=True)}
    return Axis(w, columns)


def terminal(record: Record, table: Table, quantity: str) -> str | None:
    """The column of voltage or charge of the terminal that is no ground; None where all are zero.

    Of several it is the one that is charged, at which the current is positive.
    """
    terminals = record.case.get("terminals", {})
    grounds = {f"{quantity}.{n}" for n, t in terminals.items() if t.get("type") == "ground"}
    found = [n for n in table.of(quantity) if np.nanmax(np.abs(table[n])) > 0]
    free = [n for n in found if n not in grounds] or found

    def charge(name: str) -> float:
        column = name.replace(quantity, "charge", 1)
        return float(table[column][-1]) if table.has(column) else 0.0

    return max(free, key=charge, default=None)


# ---- drawing ---------------------------------------------------------------------------------------------------------
def _panels(
    record: Record, name: str, choices: Sequence[Sequence[str]], what: str, over_time: bool = False
) -> Picture | None:
    """A panel for the first quantity of each choice that the runs have, all against charge or time."""
    found = runs(record, "history", TIME_COLUMN)
    if found is None:
        return None
    bases = [b for c in choices if (b := next((b for b in c if all(r.table.of(b) for r in found.all)), None))]
    bases = [b for b in bases if any(np.nanmax(np.abs(r.table[n])) > 0 for r in found.all for n in r.table.of(b))]
    if not bases:
        return None
    x = _time(found) if over_time else _charge(record, found)
    several = len(found.all) > 1
    figure = new_figure((5.2 if len(bases) == 1 else 3.2 * len(bases)) + 1.6 * several, 3.4)
    for ax, base in zip(np.atleast_1d(figure.subplots(1, len(bases))), bases, strict=True):
        _quantity(ax, found, base, x)
    if several:
        legend(figure, handles(found), found.title)
    caption = f"{what} against {x.wording.text}."
    return Picture(name, figure, caption + found.words)


def _quantity(ax: Axes, found: Runs, base: str, x: Axis) -> None:
    """One quantity of all runs; colours tell runs apart, or the places where there is one run only."""
    curves = [(r, n) for r in found.all for n in r.table.of(base)]
    w, _ = described(base)
    w = w.fitted(v for r, n in curves for v in r.table[n])
    one = len(found.all) == 1
    places = list(dict.fromkeys(described(n)[1] for _, n in curves))
    for r, n in curves:
        run, place = found.all.index(r), places.index(described(n)[1])
        look = {} if one or len(places) == 1 else {"linestyle": LINES[place % len(LINES)]}
        total = len(places) if one else len(found.all)
        y = r.table[n] / w.scale
        line(ax, x.of(r), y, place if one else run, total, found.ordered, gid=f"{n} {run}", **look)
    ax.set(xlabel=x.wording.label, ylabel=w.label)
    ax.locator_params(axis="x", nbins=5)
    ax.margins(x=0.02)
    if len(places) > 1:
        _places(ax, places, one)


def _places(ax: Axes, places: Sequence[str], one: bool) -> None:
    """What the lines of several places of one quantity are."""
    if one:
        entries = [key(i, len(places), False, p) for i, p in enumerate(places)]
    else:
        entries = [Line2D([], [], color="0.3", linestyle=LINES[i % len(LINES)], label=p) for i, p in enumerate(places)]
    ax.legend(handles=entries, fontsize=7, loc="best")


def _curve(ax: Axes, run: Run, x: Array, y: Array, number: int, found: Runs, gid: str) -> None:
    """A curve with its report times marked."""
    drawn = line(ax, x, y, number, len(found.all), found.ordered, gid=gid)
    if run.table.has("report"):
        at = run.table["report"] == 1
        ax.plot(x[at], y[at], "o", color=drawn.get_color(), markerfacecolor="white", markersize=3.5)


def _parts(table: Table) -> list[str]:
    """The parts of the overpotential that matter."""
    return [n for n in table.of(PARTS) if n != PARTS and np.nanmax(np.abs(table[n])) > NEGLIGIBLE]


def _draw_parts(ax: Axes, run: Run, x: Array, parts: Sequence[str]) -> None:
    """The parts on top of each other where they have one sign, else as lines."""
    values = np.nan_to_num(np.array([run.table[n] for n in parts]))
    w = described(parts[0])[0].fitted(values.sum(axis=0))
    texts = [full_text(n) for n in parts]
    if (values >= -NEGLIGIBLE).all() or (values <= NEGLIGIBLE).all():
        ax.stackplot(x, values / w.scale, labels=texts, colors=COLOURS, edgecolor="white", linewidth=0.5, alpha=0.85)
    else:
        for number, (text, y) in enumerate(zip(texts, values, strict=True)):
            line(ax, x, y / w.scale, number, len(parts), False, label=text)
    ax.plot(x, values.sum(axis=0) / w.scale, color="black", linewidth=1.0, label="sum", gid="sum of parts")
    ax.set_ylabel(f"overpotential [{w.unit}]")
    ax.legend(reverse=True, **BESIDE)
