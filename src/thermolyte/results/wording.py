"""Names, symbols and units in which quantities and parameters are shown to a reader."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Prefixes = tuple[tuple[float, str], ...]
PREFIXES: Prefixes = ((1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"), (1e-12, "p"))
FIXED: Prefixes = ()
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SI_UNITS = {
    "temperature": "K", "ambient": "K", "current": "A", "voltage": "V", "resistance": "Ω",
    "contact_resistivity": "Ω m²", "thermal_contact_resistance": "K m²/W", "heat_flux": "W/m²",
    "coefficient": "W/(m² K)", "height": "m", "width": "m", "depth": "m", "thickness": "m", "gap": "m", "size": "m",
    "radius": "m", "current_density": "A/m²", "exchange_current_density": "A/m²", "diffusivity": "m²/s",
    "pressure": "Pa", "limit": "Pa", "young_modulus": "Pa", "yield_strength": "Pa", "concentration": "mol/m³",
    "ionic_conductivity": "S/m", "electrical_conductivity": "S/m", "duration": "s", "film_resistance": "Ω m²",
    "regularisation": "m", "double_layer_capacitance": "F/m²", "molar_flux": "mol/(m² s)", "potential": "V",
    "rate_constant": "m/s", "stack_pressure": "Pa", "monolayer": "mol/m²", "amplitude": "V", "wavelength": "m",
}  # fmt: skip


class Wording(NamedTuple):
    """How a quantity is shown: shown value = SI value / scale.

    A prefix is taken when the largest value is at least `least` of it.
    """

    text: str
    symbol: str
    unit: str
    scale: float = 1.0
    prefixes: Prefixes = PREFIXES
    least: float = 0.1

    def fitted(self, values: Iterable[float]) -> Wording:
        """With a prefix that suits the largest of these SI values."""
        largest = max((abs(v) for v in values if v == v), default=0.0) / self.scale
        if not (self.prefixes and largest > 0):
            return self
        # A value that is off by round-off does not change its unit.
        fitting = (p for p in self.prefixes if largest >= self.least * p[0] * (1 - 1e-9))
        scale, prefix = next(fitting, self.prefixes[-1])
        return self._replace(unit=prefix + self.unit, scale=scale * self.scale, prefixes=FIXED)

    @property
    def label(self) -> str:
        """Text, symbol and unit for an axis."""
        symbol = f" ${self.symbol}$" if self.symbol else ""
        return f"{self.text}{symbol}" + (f" [{self.unit}]" if self.unit else "")

    def number(self, value: float, digits: int = 4, error: float | None = None) -> str:
        """A value with its error and its unit."""
        w = self.fitted([value])
        bar = "" if error is None else f" ± {error / w.scale:.2g}"
        return f"{value / w.scale:.{digits}g}{bar} {w.unit}".strip()


QUANTITIES = {
    "current": Wording("current", "I", "A"),
    "voltage": Wording("voltage", "V", "V"),
    "power": Wording("power", "P", "W"),
    "hot_heat_flow": Wording("heat into the hot side", "Q_h", "W"),
    "cold_heat_flow": Wording("heat out of the cold side", "Q_c", "W"),
    "efficiency": Wording("efficiency", r"\eta", "%", 1e-2, FIXED),
    "cop": Wording("coefficient of performance", r"\mathrm{COP}", "", 1.0, FIXED),
    "open_circuit_voltage": Wording("open-circuit voltage", r"V_\mathrm{oc}", "V"),
    "internal_resistance": Wording("internal resistance", r"R_\mathrm{in}", "Ω"),
    "resistance": Wording("Joule heat / current²", r"R_\mathrm{J}", "Ω"),
    "power_density_leg": Wording("power per leg area", r"\omega_\mathrm{leg}", "W/cm²", 1e4, FIXED),
    "power_density_footprint": Wording("power per footprint", r"\omega_\mathrm{foot}", "W/cm²", 1e4, FIXED),
    "maximum_power": Wording("maximum power", r"P_\mathrm{max}", "W"),
    "maximum_efficiency": Wording("maximum efficiency", r"\eta_\mathrm{max}", "%", 1e-2, FIXED),
    "temperature_difference": Wording("temperature difference", r"\Delta T", "K", 1.0, FIXED),
    "minimum_temperature": Wording("lowest temperature", r"T_\mathrm{min}", "K", 1.0, FIXED),
    "maximum_temperature": Wording("highest temperature", r"T_\mathrm{max}", "K", 1.0, FIXED),
}
"""The main quantities, in the order in which a report lists them."""

OBJECTIVES = {"maximum_power": "maximum power", "maximum_efficiency": "maximum efficiency"}


class Amount(NamedTuple):
    """A parameter value as the user wrote it: its number, None when it has none, and its unit."""

    number: float | None
    unit: str
    text: str


def amount(path: str, value: object) -> Amount:
    """The number and unit of a parameter value; a bare number is in SI."""
    si = SI_UNITS.get(path.rsplit(".", 1)[-1], "")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Amount(float(value), si, f"{value:.6g} {si}".strip())
    match = re.fullmatch(r"\s*([-+−]?[\d.]+(?:[eE][-+]?\d+)?)\s*([^\d\s].*)?", str(value))
    try:
        number = float(match[1].replace("−", "-")) if match else None
    except ValueError:
        number = None
    if match is None or number is None:
        return Amount(None, "", str(value))
    unit = pretty_unit(match[2]) if match[2] else si
    return Amount(number, unit, f"{number:.6g} {unit}".strip())


def amounts(path: str, values: Iterable[object]) -> list[Amount]:
    """Amounts of one parameter in one unit: where the user mixed them, the first one."""
    given = list(values)
    out = [amount(path, v) for v in given]
    if len({a.unit for a in out}) == 1 or any(a.number is None for a in out):
        return out
    from thermolyte.units import registry

    quantities = [registry().Quantity(str(v)) for v in given]
    first, unit = next((q, a.unit) for q, a in zip(quantities, out, strict=True) if not q.unitless)
    base = first.to_base_units().units  # of numbers without a unit
    found = [q.magnitude * base if q.unitless else q for q in quantities]
    numbers = [float(q.to(first.units).magnitude) for q in found]
    return [Amount(x, unit, f"{x:.6g} {unit}") for x in numbers]


def pretty_unit(unit: str) -> str:
    """'µΩ cm²' for 'uohm*cm^2'."""
    text = re.sub(r"ohm\b", "Ω", unit.strip()).replace("degC", "°C")
    text = re.sub(r"\bu(?=[A-Za-zΩ])", "µ", text)
    text = re.sub(r"\s*(?:\*\*|\^)\s*(-?\d+)", lambda m: m[1].translate(SUPERSCRIPTS), text)
    return re.sub(r"\s*[*·]\s*", " ", text)


def parameter_name(path: str) -> str:
    """'hot temperature' for 'boundaries.hot.temperature'."""
    parts = path.split(".")
    return " ".join(parts[1:] if len(parts) > 1 else parts).replace("_", " ")


def in_words(parameters: Mapping[str, Any]) -> str:
    """'hot temperature = 373 K, ...'."""
    return ", ".join(f"{parameter_name(k)} = {amount(k, v).text}" for k, v in parameters.items())
