"""A case and a result in words, for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from thermolyte.case import Case
from thermolyte.geometry import Names
from thermolyte.physics import thermoelectricity as physics
from thermolyte.quantities import unit_of
from thermolyte.region import Region
from thermolyte.studies.run import tasks

SHOWN = (
    "current", "voltage", "power", "hot_heat_flow", "cold_heat_flow", "efficiency", "cop", "open_circuit_voltage",
    "internal_resistance", "power_density_leg", "power_density_footprint", "maximum_power", "maximum_efficiency",
)  # fmt: skip
CONVENIENT = {"W/m^2": ("W/cm²", 1e-4), "V": ("mV", 1e3), "ohm": ("mΩ", 1e3), "1": ("%", 1e2)}


def describe(case: Case, names: Names) -> str:
    """What would be solved: regions, fields, boundaries, terminals, contacts, unknowns and points."""
    setup = case.setup(names)
    lines = [case.title, "", "regions"]
    for r, region in setup.regions.items():
        lines.append(f"  {r:<16} {region.card.name:<28} {', '.join(fields_of(region))}")
    lines.append("boundaries")
    for b in names.boundaries:
        conditions = ", ".join(_words(c) for c in setup.boundaries.get(b, ())) or "insulated"
        lines.append(f"  {b:<16} {conditions}")
    lines.append("terminals")
    for name, t in setup.terminals.items():
        lines.append(f"  {name:<16} {_words(t)} on {', '.join(t.faces(name))}")
    lines.append("interfaces")
    for ab, area in names.interfaces.items():
        law = setup.interfaces.get(tuple(ab.split("/")))  # type: ignore[call-overload]
        lines.append(f"  {ab:<28} {area * 1e6:9.4g} mm²  {_words(law) if law else 'perfect contact'}")
    todo = tasks(case)
    lines += ["", f"points: {len(todo)}"]
    lines += [f"  {t.label}" for t in (todo if len(todo) <= 6 else (*todo[:3], *todo[-2:]))]
    return "\n".join(lines)


def fields_of(region: Region) -> tuple[str, ...]:
    """The fields that are solved for in a region."""
    return physics.fields(region.card)  # type: ignore[arg-type]


def _words(model: Any) -> str:
    """The fields of a condition in one line."""
    given = {k: v for k, v in model if k not in ("on", "type") and v not in (None, ())}
    body = ", ".join(f"{k} = {v:.6g}" if isinstance(v, float) else k for k, v in given.items())
    return f"{model.type} ({body})" if body else model.type


def report(result: Mapping[str, Any], folder: Path) -> str:
    """The main numbers of a finished run, its balances, cost and files."""
    points = result["points"]
    done = [p for p in points if "values" in p]
    lines = ["", result["title"]]
    shown = [p for p in done if p["objective"]] or done[-1:]
    for p in shown:
        where = ", ".join(f"{k.split('.', 1)[-1]} = {v}" for k, v in p["parameters"].items())
        lines.append("  " + ": ".join(filter(None, (p["objective"] or "operating point", where))))
        lines += [f"    {n.replace('_', ' '):<26} {_number(n, p['values'][n])}" for n in SHOWN if n in p["values"]]
    for p in points:
        if "error" in p:
            lines.append(f"  failed: {p['parameters']}: {p['error']}")
    b, s, t = result["balances"], result["solver"], result["timings"]
    spent = ", ".join(f"{k} {v:.1f}" for k, v in t.items() if k != "total")
    lines += [
        f"  balances: energy {b['energy']:.1e} of the largest heat flow, charge {b['charge']:.1e} of the current",
        f"  cost: {s['unknowns']} unknowns ({s['preset']}), {s['solves']} solves, {t['total']:.1f} s ({spent}), "
        f"{result['memory']['peak'] / 2**30:.2f} GiB on {result['memory']['ranks']} rank(s)",
        f"  results: {folder}",
    ]
    return "\n".join(lines)


def _number(name: str, value: float) -> str:
    unit, factor = CONVENIENT.get(unit_of(name), (unit_of(name), 1.0))
    if name == "cop":
        unit, factor = "", 1.0
    return f"{value * factor:.6g} {unit}"
