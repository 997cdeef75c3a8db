"""A result in words, for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from thermolyte.quantities import unit_of
from thermolyte.results.battery_wording import TIME, grouped
from thermolyte.results.record import Record
from thermolyte.results.report import BALANCES
from thermolyte.results.wording import in_words

SHOWN = (
    "current", "voltage", "power", "hot_heat_flow", "cold_heat_flow", "efficiency", "cop", "open_circuit_voltage",
    "internal_resistance", "power_density_leg", "power_density_footprint", "maximum_power", "maximum_efficiency",
)  # fmt: skip
LONGEST = 12
"""Lines of a group on the terminal."""
CONVENIENT = {"W/m^2": ("W/cm²", 1e-4), "V": ("mV", 1e3), "ohm": ("mΩ", 1e3), "1": ("%", 1e2)}


def report(result: Mapping[str, Any], folder: Path) -> str:
    """The main numbers of a finished run, its balances, cost and files."""
    points = result["points"]
    done, failed = [p for p in points if "values" in p], [p for p in points if "error" in p]
    lines = ["", result["title"]]
    is_battery = Record(folder, result).is_battery
    for p in [p for p in done if p["objective"]] or done[-1:]:
        lines.append(f"  {_label(p)}")
        if is_battery:
            lines += _group_lines(p["values"])
        else:
            lines += _device_lines(p["values"]) + _group_lines(p["values"], "Stress and deformation")
    lines += [f"  failed: {_label(p)}" for p in failed]
    b, s, t = result["balances"], result["solver"], result["timings"]
    if done and b:
        lines.append("  balances  " + ", ".join(f"{n} {b[n]:.1e} {BALANCES[n]}" for n in BALANCES if n in b))
    if warnings := result.get("warnings"):
        lines.append(f"  warnings  {len(warnings)}, listed in result.json")
    resumed = f"{result['resumed_points']} of {len(points)} points kept from earlier runs, " * bool(
        result["resumed_points"]
    )
    solver = f"{s['unknowns']} unknowns ({s['preset']} solver), " if s["unknowns"] else ""
    spent = ", ".join(f"{k} {v:.1f}" for k, v in t.items() if k != "total")
    memory = f"{result['memory']['peak'] / 2**30:.2f} GiB on {_count(result['memory']['ranks'], 'rank')}"
    if len(points) > 1 or failed:
        lines.append(f"  points    {len(done)} solved, {len(failed)} failed")
    lines += [
        f"  cost      {resumed}{solver}{_count(s['solves'], 'solve')}, {t['total']:.1f} s"
        f"{f' ({spent})' if spent else ''}, {memory}",
        f"  results   {folder}",
    ]
    return "\n".join(lines)


def _device_lines(values: Mapping[str, float]) -> list[str]:
    """The main numbers of a thermoelectric device."""
    return [f"    {n.replace('_', ' '):<26}{_number(n, values[n])}" for n in SHOWN if n in values]


def _group_lines(values: Mapping[str, float], *only: str) -> list[str]:
    """Quantities by what they are about: a battery's, or those of some groups."""
    lines = []
    for title, rows in grouped(values).items():
        if not only or title in only:
            more = [f"      and {len(rows) - LONGEST} more in result.json"] if len(rows) > LONGEST else []
            shown = [f"      {text:<48}{number}" for text, number in rows[:LONGEST]]
            lines += [f"    {title.lower()}", *shown, *more]
    return lines


def _label(point: Mapping[str, Any]) -> str:
    objective = (point["objective"] or "").replace("_", " ")
    seconds = point.get("values", {}).get("time")
    after = f"after {TIME.number(seconds, 6)}" if seconds else ""
    return ": ".join(filter(None, (objective, in_words(point["parameters"]), after))) or "operating point"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + "s" * (number != 1)


def _number(name: str, value: float) -> str:
    unit, factor = CONVENIENT.get(unit_of(name), (unit_of(name), 1.0))
    if name == "cop":
        unit, factor = "", 1.0
    return f"{value * factor:>12.6g} {unit}".rstrip()
