"""A result in words, for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from thermolyte.quantities import unit_of
from thermolyte.results import ageing_table, intervals
from thermolyte.results.battery_wording import TIME, grouped
from thermolyte.results.record import Point, Record
from thermolyte.results.report import GROUPS, balances
from thermolyte.results.tables import spread
from thermolyte.results.wording import in_words
from thermolyte.studies.share import Share

SHOWN = (
    "current", "voltage", "power", "hot_heat_flow", "cold_heat_flow", "efficiency", "cop", "open_circuit_voltage",
    "internal_resistance", "power_density_leg", "power_density_footprint", "maximum_power", "maximum_efficiency",
)  # fmt: skip
TIMES = 6
"""Kept times on the terminal."""
LONGEST = 12
"""Lines of a group on the terminal."""
CONVENIENT = {"W/m^2": ("W/cm²", 1e-4), "V": ("mV", 1e3), "ohm": ("mΩ", 1e3), "1": ("%", 1e2)}


def report(result: Mapping[str, Any], folder: Path) -> str:
    """The main numbers of a finished run, its balances, cost and files."""
    points = result["points"]
    done, failed = [p for p in points if "values" in p], [p for p in points if "error" in p]
    lines = ["", result["title"]]
    record = Record(folder, result)
    for p in _shown(record, done):
        lines += [f"  {_label(record, p)}", *_point_lines(record, Point.of(p))]
    lines += [f"  failed: {_label(record, p)}" for p in failed]
    lines += _uncertainty_lines(record.uncertainty)
    lines += _life_lines(record)
    b, s, t = result["balances"], result["solver"], result["timings"]
    if done and b:
        lines.append("  balances  " + ", ".join(f"{n} {b[n]:.1e} {of}" for n, of in balances(record).items() if n in b))
    lines += _accuracy_lines(result["accuracy"]) if "accuracy" in result else []
    if warnings := result.get("warnings"):
        lines.append(f"  warnings  {len(warnings)}, listed in result.json")
    resumed = f"{result['resumed_points']} of {len(points)} points kept from earlier runs, " * bool(
        result["resumed_points"]
    )
    solver = f"{s['unknowns']} unknowns ({s['preset']} solver), " if s["unknowns"] else ""
    spent = ", ".join(f"{k} {v:.1f}" for k, v in t.items() if k != "total")
    memory = f"{result['memory']['peak'] / 2**30:.2f} GiB on {_count(result['memory']['ranks'], 'rank')}"
    if len(cells := result["mesh"]["cells_per_rank"]) > 1 and sum(cells):
        memory += f", the largest with {max(cells) * len(cells) / sum(cells):.2f} of the mean of cells"
    if len(points) > 1 or failed:
        between = f"{record.interpolated} interpolated, " if record.interpolated else ""
        lines.append(f"  points    {len(done) - record.interpolated} solved, {between}{len(failed)} failed")
    if record.how_accurate:
        lines.append(f"  map       interpolated {record.how_accurate}")
    if left_out := record.map.get("left_out"):
        lines.append(f"            less accurate, left out there: {', '.join(left_out)}")
    lines += [
        f"  cost      {resumed}{solver}{_count(s['solves'], 'solve')}, {t['total']:.1f} s"
        f"{f' ({spent})' if spent else ''}, {memory}",
        f"  results   {folder}",
    ]
    return "\n".join(lines)


def _shown(record: Record, done: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The optima, or else the last point; of an uncertainty those of the case itself, as the case file has it."""
    if record.uncertainty:
        done = [{**p, "parameters": {}} for p in done if p["parameters"] == record.itself]
    return [p for p in done if p["objective"]] or done[-1:]


def _point_lines(record: Record, point: Point) -> list[str]:
    """What matters of a point of a battery, of a device that ages, or of any other device."""
    if record.is_battery:
        return _group_lines(record, point)
    if record.ages:
        return _ageing_lines(record, point) + _device_lines(record, point)
    return _device_lines(record, point) + _group_lines(record, point, *GROUPS)


def share(part: Share, points: Sequence[Mapping[str, Any]], folder: Path) -> str:
    """What a share of a study has done."""
    failed = sum("error" in p for p in points)
    done = f"{_count(len(points) - failed, 'point')} finished" + f", {failed} failed" * bool(failed)
    return f"share {part}: {done}, in {folder}; a run of the whole case takes them over"


def _device_lines(record: Record, point: Point) -> list[str]:
    """The main numbers of a thermoelectric device, with their errors as far as these are known."""
    values = ageing_table.without_round_off(record, point)
    return [f"    {n.replace('_', ' '):<26}{_number(n, values[n], point.errors.get(n))}" for n in SHOWN if n in values]


def _ageing_lines(record: Record, point: Point) -> list[str]:
    """What a device that ages has lost and when, and one line per quantity over the kept times."""
    lines = [f"    {text}" for text in (ageing_table.headline(record, point), *ageing_table.losses(record, point))]
    columns = ageing_table.kept(record, point)
    places = [int(i) for i in spread(range(len(columns[0].values)), TIMES)] if columns else []
    width = max((len(c.head) for c in columns), default=0)
    for c in columns:
        lines.append(f"    {c.head:<{width}}" + "".join(f"{c.texts[i]:>10}" for i in places))
    return lines


def _life_lines(record: Record) -> list[str]:
    """How long each device of a sweep lasts, one line each."""
    titles, found = ageing_table.lives(record)
    if len(found) < 2:
        return []
    rows = [["  lives", *titles], *([f"    {in_words(p.parameters)}", *row] for p, row in found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        first.ljust(widths[0]) + "".join(f"  {c:>{w}}" for c, w in zip(more, widths[1:], strict=True))
        for first, *more in rows
    ]


def _uncertainty_lines(uncertainty: Mapping[str, Any]) -> list[str]:
    """The interval of each quantity and its largest causes."""
    if not uncertainty:
        return []
    lines = [f"  uncertainty: {intervals.title(uncertainty)}"]
    for name, content in uncertainty["quantities"].items():
        causes = intervals.causes_line(content)
        lines += [f"    {intervals.interval_line(name, content)}", *([f"      causes: {causes}"] if causes else [])]
    return lines


def _accuracy_lines(accuracy: Mapping[str, Any]) -> list[str]:
    """What was wanted and reached, and the meshes that were tried for it."""
    reached = ", ".join(f"{n.replace('_', ' ')} {e:.1e}" for n, e in accuracy["reached"].items())
    lines = [f"  accuracy  {accuracy['wanted']:g} wanted, of all points at most {reached or 'nothing known'}"]
    for mesh in accuracy.get("meshes", ()):
        size = f"{mesh['cells']} cells of order {mesh['order']}, {mesh['unknowns']} unknowns"
        worst = max(mesh["errors"].values(), default=float("nan"))
        lines.append(f"    mesh    {size}: {worst:.1e} in {mesh['seconds']:.1f} s")
    return lines


def _group_lines(record: Record, point: Point, *only: str) -> list[str]:
    """Quantities by what they are about: a battery's, or those of some groups."""
    lines = []
    for title, rows in grouped(point.values, record.species).items():
        if not only or title in only:
            more = [f"      and {len(rows) - LONGEST} more in result.json"] if len(rows) > LONGEST else []
            shown = [f"      {text:<48}{number}" for text, number in rows[:LONGEST]]
            lines += [f"    {title.lower()}", *shown, *more]
    return lines


def _label(record: Record, point: Mapping[str, Any]) -> str:
    what = "ageing" if record.ages else (point["objective"] or "").replace("_", " ")
    seconds = point.get("values", {}).get("time")
    after = f"after {TIME.number(seconds, 6)}" if seconds and not record.ages else ""
    return ": ".join(filter(None, (what, in_words(point["parameters"]), after))) or record.study.replace("_", " ")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + "s" * (number != 1)


def _number(name: str, value: float, error: float | None) -> str:
    unit, factor = CONVENIENT.get(unit_of(name), (unit_of(name), 1.0))
    if name == "cop":
        unit, factor = "", 1.0
    bar = "" if error is None else f" ± {error * factor:.2g}"
    return f"{value * factor:>12.6g}{bar} {unit}".rstrip()
