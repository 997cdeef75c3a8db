"""What is told of a device that ages, in words and rows: what it has lost, at every kept time and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from thermolyte.results.ageing_wording import AGE, LOSS, in_days
from thermolyte.results.battery_wording import described, subject
from thermolyte.results.record import Point, Record
from thermolyte.results.tables import TIME, Array, Table
from thermolyte.results.wording import QUANTITIES, Wording

AGEING, TO_LOSS, TO_EXHAUSTION = "ageing", "time_to_loss.", "time_to_exhaustion."
DEVICE = ("maximum_power", "maximum_efficiency", "internal_resistance")
"""What a device is judged by."""
CONDUCTIVITY, SEEBECK = "room_temperature_conductivity", "room_temperature_seebeck_coefficient"
CONTACT = "room_temperature_contact_resistivity"
REACTION_LAYER, INTERLAYER = "reaction_layer_thickness", "interlayer_thickness"
PLACES = (CONDUCTIVITY, CONTACT, REACTION_LAYER, INTERLAYER)
OF_A_CURRENT = ("current", "power", "efficiency", "cop", "power_density_leg", "power_density_footprint")
SAME = 1e-6
"""Relative difference below which two courses are one, and one does not change."""


class Course(NamedTuple):
    """Columns of a table that are the same within `SAME`: what they are of, in words, and one of them in SI."""

    of: str
    name: str
    values: Array


class Column(NamedTuple):
    """A quantity at the kept times, as it is shown."""

    title: str
    wording: Wording
    values: Array

    @property
    def head(self) -> str:
        """Title and unit."""
        return f"{self.title} [{self.wording.unit}]"

    @property
    def texts(self) -> list[str]:
        """The numbers; what is left of a layer by round-off is nothing."""
        least = 1e-9 * float(np.nanmax(np.abs(self.values)))
        return [f"{x / self.wording.scale if abs(x) > least else 0.0:.4g}" for x in self.values]


def courses(table: Table, base: str) -> list[Course]:
    """The different courses among the columns of a quantity, each with all of what it is of."""
    groups: list[list[str]] = []
    for name in table.of(base):
        twin = next((g for g in groups if _alike(table[g[0]], table[name])), None)
        if twin is None:
            groups.append([name])
        else:
            twin.append(name)
    return [Course(_enumerated([described(n)[1] for n in names]), names[0], table[names[0]]) for names in groups]


def _alike(a: Array, b: Array) -> bool:
    scale = max(np.nanmax(np.abs(a)), np.nanmax(np.abs(b)))
    return bool(np.array_equal(np.isnan(a), np.isnan(b)) and np.nanmax(np.abs(a - b)) <= SAME * scale)


def _enumerated(places: Sequence[str]) -> str:
    """All of few, and how many more of many."""
    if len(places) <= 3:
        return ", ".join(places)
    return f"{', '.join(places[:2])} and {len(places) - 2} more"


def changes(values: Array) -> bool:
    """Whether a course is more than one number."""
    return bool(np.nanmax(values) - np.nanmin(values) > SAME * np.nanmax(np.abs(values)))


def device_quantities(point: Point, table: Table) -> list[str]:
    """What the device is judged by: its optima, or else what its load, or a meter, reads; and what losses are of."""
    names = [n for n in DEVICE if table.has(n)]
    if "maximum_power" not in names and not point.is_open:
        delivers = bool(table.has("power") and table["power"][0] > 0)
        names = [n for n in ("power", "efficiency", "resistance")[0 if delivers else 2 :] if table.has(n)]
    lost = lost_quantity(point)
    return [*names, *([lost] if lost and lost not in names and table.has(lost) else [])]


def without_round_off(record: Record, point: Point) -> dict[str, float]:
    """The values of a point; without what is zero but for round-off in a device that ages and is measured open."""
    zero = OF_A_CURRENT if record.ages and point.is_open else ()
    return {n: v for n, v in point.values.items() if n not in zero}


# ---- losses ----------------------------------------------------------------------------------------------------------
def lost_quantity(point: Point) -> str | None:
    """The quantity whose loss is told, such as maximum_power."""
    return next((n.partition(".")[2] for n in point.values if n.startswith("loss.")), None)


def told_losses(record: Record, points: Sequence[Point]) -> list[str]:
    """The losses whose times were asked for, or at least reached, in per cent and as they stand in names."""
    study = record.case.get("study", {})
    asked = (study.get("each", study).get("losses") or {}).get("of", ())
    reached = [n.removeprefix(TO_LOSS) for p in points for n in p.values if n.startswith(TO_LOSS)]
    return sorted({*(f"{100 * part:g}" for part in asked), *reached}, key=float)


def headline(record: Record, point: Point) -> str:
    """'after 30 days: maximum power 121.4 mW (-21.1 %), ...'."""
    table = record.table(point, AGEING)
    if table is None:
        return ""
    words = []
    for name in device_quantities(point, table):
        first, last = table[name][0], table[name][-1]
        change = f" ({100 * (last / first - 1):+.3g} %)" if first and len(table) > 1 else ""
        words.append(f"{wording(name).text} {wording(name).number(last)}{change}")
    return f"after {in_days(table[TIME][-1])}" + (f": {', '.join(words)}" if words else "")


def losses(record: Record, point: Point) -> list[str]:
    """When each loss was reached, and when each interlayer was used up, one sentence each."""
    quantity, out = lost_quantity(point), []
    end = in_days(point.values.get("time", 0.0))
    for part in told_losses(record, [point]) if quantity else ():
        seconds = point.values.get(f"{TO_LOSS}{part}")
        when = f"not within {end}" if seconds is None else f"after {in_days(seconds)}"
        out.append(f"{part} % of {wording(str(quantity)).text} lost {when}")
    for name, seconds in point.values.items():
        if name.startswith(TO_EXHAUSTION):
            where = subject(name.removeprefix(TO_EXHAUSTION))
            out.append(f"interlayer {where} used up after {in_days(seconds)}")
    return out


# ---- rows ------------------------------------------------------------------------------------------------------------
def kept(record: Record, point: Point) -> list[Column]:
    """Time and what changes with it: of the device, of its materials, contacts and layers; one value per kept time."""
    table = record.table(point, AGEING)
    if table is None:
        return []
    columns = [Column("time", AGE, table[TIME])]
    names = dict.fromkeys([*device_quantities(point, table), *DEVICE, "open_circuit_voltage"])
    columns += [Column(wording(n).text, wording(n).fitted(table[n]), table[n]) for n in names if table.has(n)]
    for base in PLACES:
        for course in courses(table, base):
            if changes(course.values):
                columns.append(Column(f"{wording(base).text}, {course.of}", wording(base), course.values))
    return columns


def lives(record: Record) -> tuple[list[str], list[tuple[Point, list[str]]]]:
    """Of a sweep: the titles, and for each point its loss at the end and the times of the told losses."""
    points = [p for p in record.grid if lost_quantity(p)]
    told = told_losses(record, points)
    rows = []
    for p in points:
        lost, end = p.values[f"loss.{lost_quantity(p)}"], p.values.get("time", 0.0)
        found = [p.values.get(f"{TO_LOSS}{part}") for part in told]
        times = [f"> {end / AGE.scale:.4g}" if t is None else f"{t / AGE.scale:.4g}" for t in found]
        rows.append((p, [f"{end / AGE.scale:.4g}", f"{lost / LOSS.scale:.3g}", *times]))
    if not rows:
        return [], []
    of = wording(str(lost_quantity(points[0]))).text
    return ["days", f"loss of {of} [%]", *(f"days to {part} %" for part in told)], rows


def wording(name: str) -> Wording:
    """How a quantity is shown: a main one of the device, or one of a region, contact or layer."""
    return QUANTITIES.get(name) or described(name)[0]
