"""What the temperatures and compositions of a solution ask of a card beyond its data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from thermolyte.materials.base import Outside, intersection
from thermolyte.materials.composition import CompositionLaw
from thermolyte.materials.property import Property

if TYPE_CHECKING:
    from thermolyte.materials.card import Card

ROUND_OFF = 1e-6
"""Of a composition: no finding is made of less."""
AFTERWARDS = {
    "constant": "held constant outside",
    "extrapolate": "extrapolated outside",
    "error": "no value outside: name `outside: constant` or `outside: extrapolate`, or change the card",
}


class Finding(NamedTuple):
    """Something about a card that the user should know before trusting the numbers."""

    severity: Literal["warning", "error"]
    text: str


def of_phase(name: str, limit: float | None, T_max: float) -> list[Finding]:
    """The card `name` asked for a temperature [K] above the `limit` of the phase that it was measured in."""
    if limit is None or T_max <= limit * (1 + 1e-9):
        return []
    text = f"{name}: {T_max:.5g} K is above its phase limit {limit:.5g} K: it is another phase there, of which the card"
    return [Finding("error", f"{text} says nothing; lower the temperature or change the card")]


def of_temperatures(name: str, properties: Sequence[Property], T_min: float, T_max: float) -> list[Finding]:
    """Laws of the card `name` that are asked for temperatures in K where they have no data."""
    left: dict[Outside, list[Property]] = {}
    for p in properties:
        low, high = p.range or (-np.inf, np.inf)
        if T_min < low * (1 - 1e-9) or T_max > high * (1 + 1e-9):
            left.setdefault(p.outside, []).append(p)
    return [_of_temperature(name, outside, found, T_min, T_max) for outside, found in left.items()]


def _of_temperature(name: str, outside: Outside, properties: list[Property], T_min: float, T_max: float) -> Finding:
    low, high = intersection([p.range for p in properties]) or (-np.inf, np.inf)
    text = (
        f"{name}: {', '.join(p.name for p in properties)} known from {low:.5g} K to {high:.5g} K and asked "
        f"for from {T_min:.5g} K to {T_max:.5g} K"
    )
    if outside == "error":
        return Finding("error", f"{text}; no value outside: change the temperature or the card")
    return Finding("warning", f"{text}; held constant outside")


def of_compositions(card: Card, low: float, high: float) -> list[Finding]:
    """What the compositions low...high ask of a card: 0 ≤ x ≤ saturation, and the ranges of its laws."""
    words = card.composition_unit
    found = []
    if low < -ROUND_OFF:
        found.append(Finding("error", f"{card.name}: composition {low:.5g} ({words}) is below 0"))
    full = card.saturation
    if full is not None and high > full * (1 + ROUND_OFF):
        found.append(Finding("error", f"{card.name}: composition {high:.5g} ({words}) is beyond saturation, {full:g}"))
    laws = [(name, law) for name, law in card.laws() if isinstance(law, CompositionLaw)]
    return found + [f for name, law in laws for f in _of_law(f"{card.name}: {name}", law, low, high)]


def _of_law(name: str, law: CompositionLaw, low: float, high: float) -> list[Finding]:
    if law.span is None or (low >= law.span[0] - ROUND_OFF and high <= law.span[1] + ROUND_OFF):
        return []
    text = f"{name} known for x from {law.span[0]:g} to {law.span[1]:g} and asked for from {low:.4g} to {high:.4g}"
    return [Finding("error" if law.outside == "error" else "warning", f"{text}; {AFTERWARDS[law.outside]}")]
