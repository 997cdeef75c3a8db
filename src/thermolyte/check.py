"""What can be known about a case without solving it: names, ground, temperatures, ranges of the material data."""

from __future__ import annotations

from collections.abc import Iterable

from thermolyte.boundary import Convection, Radiation, Temperature
from thermolyte.case import Case
from thermolyte.errors import InputError
from thermolyte.geometry import Names
from thermolyte.physics.thermoelectricity import POTENTIAL, TEMPERATURE
from thermolyte.problem import Setup
from thermolyte.terminal import Current


def check(case: Case, names: Names) -> list[str]:
    """Everything that can be known beforehand; returns warnings.

    Raises:
        InputError: the first mistake, with its place in the YAML and the remedy.
    """
    setup = case.setup(names)
    _check_boundaries(case, setup)
    _check_interfaces(case, setup)
    _check_terminals(case, setup, names)
    _check_levels(case, setup, names)
    return [*_card_warnings(setup), *range_findings(case, setup, *prescribed_temperatures(setup))]


def prescribed_temperatures(setup: Setup) -> tuple[float, float]:
    """Lowest and highest temperature that a condition names [K]; 300 K when there is none."""
    conditions = [c for cs in setup.boundaries.values() for c in cs]
    found = [c.temperature for c in conditions if isinstance(c, Temperature)]
    found += [c.ambient for c in conditions if isinstance(c, Convection | Radiation)]
    return (min(found), max(found)) if found else (300.0, 300.0)


def range_findings(case: Case, setup: Setup, low: float, high: float) -> list[str]:
    """Warnings where the temperatures low...high [K] leave the range of a material card.

    Raises:
        InputError: the card says `outside: error`.
    """
    warnings: dict[str, None] = {}
    for r, region in setup.regions.items():
        for finding in region.card.check_range(low, high):
            if finding.severity == "error":
                raise InputError(f"{case.place('regions', r)}: {finding.text}")
            warnings[finding.text] = None
    return list(warnings)


def _card_warnings(setup: Setup) -> list[str]:
    cards = {region.card.name: region.card for region in setup.regions.values()}
    return [f"{name}: {text}" for name, card in cards.items() for text in card.warnings]


def _check_boundaries(case: Case, setup: Setup) -> None:
    for b, conditions in setup.boundaries.items():
        if len(conditions) > 1 and any(isinstance(c, Temperature) for c in conditions):
            raise InputError(
                f"{case.place('boundaries', b)}: a fixed temperature stands alone: remove the others on `{b}`"
            )


def _check_interfaces(case: Case, setup: Setup) -> None:
    for (a, b), law in setup.interfaces.items():
        for r in (a, b):
            if POTENTIAL in law.jumps and not setup.regions[r].card.conducts:
                raise InputError(
                    f"{case.place('interfaces', f'{a}/{b}')}: an electrical contact needs conductors on both sides, and "
                    f"{setup.regions[r].card.name} in `{r}` does not conduct: give only thermal_contact_resistance"
                )


def _check_terminals(case: Case, setup: Setup, names: Names) -> None:
    used: dict[str, str] = {}
    for name, terminal in setup.terminals.items():
        for face in terminal.faces(name):
            if face in used:
                raise InputError(
                    f"{case.place('terminals', name)}: boundary `{face}` belongs to terminal `{used[face]}` already: "
                    "a face has one terminal, and a terminal one of voltage, current, load, open or ground"
                )
            used[face] = name
            if not any(setup.regions[r].card.conducts for r in names.boundaries[face]):
                raise InputError(f"{case.place('terminals', name)}: nothing behind boundary `{face}` conducts current")
    chosen = case.device.terminal
    if chosen and chosen not in setup.terminals:
        known = ", ".join(setup.terminals) or "none"
        raise InputError(f"{case.place('device', 'terminal')}: there is no terminal `{chosen}`; known: {known}")


def _check_levels(case: Case, setup: Setup, names: Names) -> None:
    """Every connected body needs something that fixes its temperature, and every conducting one its potential."""
    heat = [b for b, cs in setup.boundaries.items() if any(c.fixes_level for c in cs)]
    if not heat:
        raise InputError(
            f"{case.place('boundaries')}: no temperature anywhere: the temperature of the device is not determined. "
            "Add a boundary with type temperature, convection or radiation"
        )
    touching = [tuple(ab.split("/")) for ab in names.interfaces]
    _check_bodies(case, names, TEMPERATURE, list(setup.regions), touching, heat)
    conductors = [r for r, region in setup.regions.items() if region.card.conducts]
    ground = [f for n, t in setup.terminals.items() if t.fixes_level for f in t.faces(n)]
    if conductors and not ground:
        free = [n for n, t in setup.terminals.items() if isinstance(t, Current)]
        what = f"terminals {', '.join(free)} prescribe currents only: " if free else ""
        raise InputError(
            f"{case.place('terminals')}: no electrical ground: {what}the potential is not determined. "
            "Add a terminal with type ground or voltage"
        )
    straps = [[r for f in t.faces(n) for r in names.boundaries[f]] for n, t in setup.terminals.items()]
    joined = touching + [(regions[0], r) for regions in straps for r in regions[1:]]
    _check_bodies(case, names, POTENTIAL, conductors, joined, ground)


def _check_bodies(
    case: Case,
    names: Names,
    field: str,
    regions: list[str],
    joined: Iterable[tuple[str, ...]],
    fixed: list[str],
) -> None:
    """Regions that are joined form a body, and each body must reach a boundary that fixes the field."""
    body = {r: r for r in regions}
    for a, b in joined:
        if a in body and b in body:
            old, new = body[b], body[a]
            body = {r: new if x == old else x for r, x in body.items()}
    held = {body[r] for f in fixed for r in names.boundaries[f] if r in body}
    for r in regions:
        if body[r] not in held:
            remedy = {
                TEMPERATURE: "a temperature, convection or radiation",
                POTENTIAL: "a ground or voltage terminal",
            }
            raise InputError(
                f"{case.place('regions', r)}: nothing fixes the {field.replace('_', ' ')} of `{r}`: "
                f"give a boundary of it, or of a region joined to it, {remedy[field]}"
            )
