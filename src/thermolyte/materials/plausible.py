"""What no material has (errors) and what looks like a slip of unit or of column (warnings)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from thermolyte.materials.base import Array
from thermolyte.materials.composition import CompositionLaw
from thermolyte.materials.laws import Mixture, PrincipalAxes
from thermolyte.materials.model import TemperatureLaw

if TYPE_CHECKING:
    from thermolyte.materials.card import Card
    from thermolyte.materials.property import Property

AnyLaw: TypeAlias = TemperatureLaw | PrincipalAxes | CompositionLaw

LARGEST_SEEBECK = 2e-3
THERMOELECTRIC = ("n-type", "p-type", "thermoelectric")
ANY_SIGN = ("thermal_expansion", "open_circuit_potential")
STIFF = ("metal", "solder", "ceramic", *THERMOELECTRIC)
USUAL = {
    "ionic_conductivity": (1e-9, 1e2, "S/m"),
    "diffusivity": (1e-24, 1e-7, "m^2/s"),
    "open_circuit_potential": (0.0, 6.0, "V"),
    "poisson_ratio": (0.0, 0.49, ""),
    "thermal_expansion": (1e-7, 3e-4, "1/K"),
    "yield_strength": (1e4, 1e10, "Pa"),
    "hardening_modulus": (0.0, 1e12, "Pa"),
    "partial_molar_volume": (1e-7, 1e-4, "m^3/mol"),
    "host_molar_volume": (1e-6, 1e-3, "m^3/mol"),
    "maximum_concentration": (1e2, 5e5, "mol/m^3"),
}
"""Magnitudes in SI that are found in solids; beyond them a unit is suspected."""
SYMBOLS = {"n-type": "negative", "p-type": "positive"}


def in_si(law: AnyLaw, unit: str, name: str) -> AnyLaw:
    """The law in the SI unit of its property.

    Raises:
        ValueError: another dimension, a value ≤ 0 of what is positive, |S| > 2 mV/K, ν outside −1...0.5.
    """
    if name == "seebeck_coefficient" and isinstance(law, Mixture):
        raise ValueError("a Seebeck coefficient does not mix by volume: give the one of the mixture")
    law = law.in_si(unit)
    for axis in law.axes if isinstance(law, PrincipalAxes) else (law,):
        at, values = _curve(axis)
        i, reason = _impossible(name, values)
        if reason:
            where = f"x = {at[i]:g}" if isinstance(axis, CompositionLaw) else f"{at[i]:g} K"
            raise ValueError(f"{values[i]:.4g} {unit} at {where}{reason}".replace(" 1 at ", " at "))
    return law


def _impossible(name: str, values: Array) -> tuple[int, str]:
    """Place of the worst value and what is wrong with it, or an empty text."""
    largest, least = int(np.argmax(np.abs(values))), int(np.argmin(values))
    if name == "seebeck_coefficient":
        wrong = abs(values[largest]) > LARGEST_SEEBECK
        return largest, " is more than 2 mV/K in magnitude: is the unit right, such as uV/K?" if wrong else ""
    if name == "poisson_ratio":
        wrong = bool(np.any((values <= -1) | (values >= 0.5)))
        return largest, ": a Poisson ratio lies between -1 and 0.5" if wrong else ""
    may_be_zero = name == "hardening_modulus" and values[least] == 0
    wrong = name not in ANY_SIGN and values[least] <= 0 and not may_be_zero
    return least, ": it must be positive" if wrong else ""


def check_sign(card: Card) -> None:
    """Sign of S of an n-type or p-type material.

    Raises:
        ValueError: S has the other sign at all temperatures.
    """
    expected = SYMBOLS.get(card.kind)
    if expected is None or card.seebeck_coefficient is None:
        return
    values = np.concatenate([_curve(law)[1] for law in card.seebeck_coefficient.axes])
    if np.all(values > 0 if expected == "negative" else values < 0):
        raise ValueError(
            f"kind is {card.kind}, whose Seebeck coefficient is {expected}; the one given has the other sign "
            "at all temperatures (databases often drop it)"
        )


def warnings(card: Card) -> list[str]:
    """What looks like a slip of unit, or like two columns swapped."""
    S, σ, κ = card.seebeck_coefficient, card.electrical_conductivity, card.thermal_conductivity
    found = []
    if S is not None:
        found += _outside("seebeck_coefficient", S, 0.0, 1e-3, "V/K")
    if σ is not None and card.kind in ("metal", "solder"):
        found += _outside("electrical_conductivity", σ, 1e5, 1e8, f"S/m for a {card.kind}")
    if σ is not None and card.kind in THERMOELECTRIC:
        found += _outside("electrical_conductivity", σ, 1e2, 1e7, "S/m for a thermoelectric")
    if κ is not None and card.kind in THERMOELECTRIC:
        found += _outside("thermal_conductivity", κ, 0.05, 100.0, "W/(m*K) for a thermoelectric")
    elif κ is not None:
        found += _outside("thermal_conductivity", κ, 0.05, 3000.0, "W/(m*K)")
    return found + _of_battery_and_mechanics(card)


def _of_battery_and_mechanics(card: Card) -> list[str]:
    """The same for properties of hosts, electrolytes and elastic bodies."""
    given = {name: _curve(law)[1] for name, law in card.laws() if name in USUAL and not isinstance(law, PrincipalAxes)}
    scalars = {n: getattr(card.properties, n) for n in USUAL if n not in given}
    given |= {n: np.array([value]) for n, value in scalars.items() if value is not None}
    found = [text for n, values in given.items() for text in _beyond(n, values, *USUAL[n])]
    if card.young_modulus is not None:
        low = 1e9 if card.kind in STIFF else 1e6
        found += _beyond("young_modulus", _curve(card.young_modulus.law)[1], low, 2e12, f"Pa for kind {card.kind}")
    U = card.open_circuit_potential
    if U is not None and np.any(np.diff(_curve(U)[1]) > 1e-12):
        found.append("suspicious open_circuit_potential: it rises with x somewhere, where the host would decompose")
    return found


def _outside(name: str, p: Property, low: float, high: float, unit: str) -> list[str]:
    """The warning for the values of a property outside the usual."""
    return _beyond(name, np.concatenate([_curve(law)[1] for law in p.axes]), low, high, unit)


def _beyond(name: str, values: Array, low: float, high: float, unit: str) -> list[str]:
    size = np.abs(values)
    if size.min() >= low and size.max() <= high:
        return []
    given = f"{size.min():.3g}" if size.min() == size.max() else f"{size.min():.3g} to {size.max():.3g}"
    return [
        f"suspicious {name}: {given} {unit}, usual is {low:g} to {high:g}; check the unit, and whether two "
        "columns are swapped"
    ]


def _curve(law: TemperatureLaw | CompositionLaw) -> tuple[Array, Array]:
    """Temperatures in K, or compositions, where the data of a law are, and its values in SI there."""
    at = law.compositions() if isinstance(law, CompositionLaw) else law.temperatures()
    return at, law(at)
