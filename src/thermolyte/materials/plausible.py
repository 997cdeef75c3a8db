"""What no material has (errors) and what looks like a slip of unit or of column (warnings)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from thermolyte.materials.laws import Law, Mixture, PrincipalAxes

if TYPE_CHECKING:
    from thermolyte.materials.card import Card
    from thermolyte.materials.property import Property

LARGEST_SEEBECK = 2e-3
THERMOELECTRIC = ("n-type", "p-type", "thermoelectric")
SYMBOLS = {"n-type": "negative", "p-type": "positive"}


def in_si(law: Law | PrincipalAxes, unit: str, name: str) -> Law | PrincipalAxes:
    """The law in the SI unit of its property.

    Raises:
        ValueError: another dimension, a conductivity or resistivity ≤ 0, |S| > 2 mV/K.
    """
    if name == "seebeck_coefficient" and isinstance(law, Mixture):
        raise ValueError("a Seebeck coefficient does not mix by volume: give the one of the mixture")
    law = law.in_si(unit)
    for axis in law.axes if isinstance(law, PrincipalAxes) else (law,):
        T = axis.temperatures()
        values = axis(T)
        if name == "seebeck_coefficient":
            worst = int(np.argmax(np.abs(values)))
            if abs(values[worst]) > LARGEST_SEEBECK:
                raise ValueError(
                    f"{values[worst]:.4g} V/K at {T[worst]:g} K is more than 2 mV/K in magnitude: "
                    "is the unit right, such as uV/K?"
                )
        elif np.min(values) <= 0:
            worst = int(np.argmin(values))
            raise ValueError(f"{values[worst]:.4g} {unit} at {T[worst]:g} K: it must be positive")
    return law


def check_sign(card: Card) -> None:
    """Sign of S of an n-type or p-type material.

    Raises:
        ValueError: S has the other sign at all temperatures.
    """
    expected = SYMBOLS.get(card.kind)
    if expected is None or card.seebeck_coefficient is None:
        return
    values = _values(card.seebeck_coefficient)
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
    return found


def _outside(name: str, p: Property, low: float, high: float, unit: str) -> list[str]:
    size = np.abs(_values(p))
    if size.min() >= low and size.max() <= high:
        return []
    given = f"{size.min():.3g}" if size.min() == size.max() else f"{size.min():.3g} to {size.max():.3g}"
    return [
        f"suspicious {name}: {given} {unit}, usual is {low:g} to {high:g}; check the unit, and whether two "
        "columns are swapped"
    ]


def _values(p: Property) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Values in SI of all axes where their data are."""
    return np.concatenate([law(law.temperatures()) for law in p.axes])
