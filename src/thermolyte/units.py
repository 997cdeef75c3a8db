"""Units at the border: "3.8 mm", "25 degC" or an SI number in the case file, an SI float everywhere inside.

Each name below is a pydantic field type that checks the dimension of what the user wrote:

    class Leg(BaseModel):
        height: PositiveLength      # accepts 0.006, "6 mm", "0.6 cm"; holds 0.006
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Annotated, Any

import pint
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema


@lru_cache(maxsize=1)
def registry() -> pint.UnitRegistry[Any]:
    """The one pint registry, with offset temperatures (degC) converted to base units."""
    return pint.UnitRegistry(autoconvert_offset_to_baseunit=True, cache_folder=None)


NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|inf))(?![\d.,])\s*(.*?)\s*", re.I)


def quantity(value: object) -> pint.Quantity[float]:
    """A number with a unit, from a number or a text: one number in front, with a decimal point.

    Raises:
        ValueError: not understood.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{value!r} is not a quantity")
    if not isinstance(value, str):
        return registry().Quantity(float(value))
    match = NUMBER.fullmatch(value.replace("·", "*").replace("−", "-"))
    if not match:
        hint = " (write a decimal point)" if re.match(r"\s*[-+]?\d+,\d", value) else ""
        raise ValueError(f"{value!r} does not start with a number{hint}")
    try:
        return registry().Quantity(float(match[1]), match[2])
    except Exception:
        raise ValueError(f"{value!r} has an unknown unit `{match[2]}`") from None


def si(value: object, unit: str, example: str | None = None) -> float:
    """Value in the SI unit `unit`; a bare number is taken to be in it already.

    Raises:
        ValueError: not a finite number, an unknown unit or the wrong dimension, with what was expected.
    """
    expected = f"expected {example or 'a text with a unit of that dimension'}, or a number in {unit}"
    try:
        given = quantity(value)
        bare = given.unitless and not str(value).rstrip().endswith("%")
        result = float(given.magnitude if bare else given.to(unit).magnitude)
    except pint.DimensionalityError:
        raise ValueError(f"{value!r} has the wrong dimension: {expected}") from None
    except ValueError as error:
        raise ValueError(f"{error}: {expected}") from None
    if not math.isfinite(result):
        raise ValueError(f"{value!r} is not a finite number: {expected}")
    return result


@lru_cache(maxsize=256)
def factor(unit: str, target: str | None = None) -> float:
    """Factor from `unit` as in the literature ("uV/K", "S/cm", "µΩ·m") to the SI unit `target`.

    Without a target: to the coherent SI unit of the same dimension.

    Raises:
        ValueError: an unknown unit, or one of another dimension than the target.
    """
    expected = f"expected {target} or another unit of that dimension" if target else "expected a unit"
    try:
        one = registry().Quantity(1.0, unit.replace("·", "*").replace("−", "-").strip())
        return float((one.to(target) if target else one.to_base_units()).magnitude)
    except pint.DimensionalityError:
        raise ValueError(f"unit {unit!r} has the wrong dimension: {expected}") from None
    except Exception:
        raise ValueError(f"unit {unit!r} is not understood: {expected}") from None


def split(value: str | float) -> tuple[float, str]:
    """Number and unit as they are written: (1.71, "uohm*cm^2") of "1.71 uohm*cm^2"; no unit of a bare number.

    Raises:
        ValueError: not understood.
    """
    quantity(value)
    match = NUMBER.fullmatch(value.replace("−", "-")) if isinstance(value, str) else None
    return (float(match[1]), match[2]) if match else (float(value), "")


def has_offset(unit: str) -> bool:
    """Whether zero in this unit is not zero in SI, as of degC."""
    return bool(registry().Quantity(0.0, unit).to_base_units().magnitude)


def coherent(value: str | float, like: str | float | None = None) -> float:
    """Value in the coherent SI unit of its dimension; a bare number is in it already.

    Raises:
        ValueError: not understood, not finite, or of another dimension than `like`, where both have a unit.
    """
    given = quantity(value).to_base_units()
    other = None if like is None else quantity(like).to_base_units()
    if other is not None and split(like or 0.0)[1] and split(value)[1] and given.units != other.units:
        raise ValueError(f"{value} and {like} have different dimensions")
    if not math.isfinite(given.magnitude):
        raise ValueError(f"{value} is not a finite number")
    return float(given.magnitude)


def _quantity(unit: str, noun: str, example: str, *checks: AfterValidator, **bounds: Any) -> Any:
    """Annotated float: a quantity of `noun` in `unit`, within `bounds` (ge, gt, le, lt), then `checks`."""
    description = f"{noun}; a number in {unit}, or a text with a unit such as '{example}'"
    schema = {"anyOf": [{"type": "number"}, {"type": "string"}], "description": description}
    words = f"a text such as '{example}'"
    read = BeforeValidator(lambda v: si(v, unit, words))
    return Annotated[float, read, Field(**bounds), *checks, WithJsonSchema(schema)]


def _above_absolute_zero(value: float) -> float:
    if value <= 0:
        raise ValueError(f"{value} K is not above absolute zero: write a unit, such as '25 degC' or '298 K'")
    return value


PositiveLength = _quantity("m", "length", "3.8 mm", gt=0)
Length = _quantity("m", "length", "3.8 mm", ge=0)
SignedLength = _quantity("m", "length", "-10 nm")
Area = _quantity("m^2", "area", "1 cm^2", gt=0)
Temperature = _quantity("K", "temperature", "25 degC", AfterValidator(_above_absolute_zero))
Voltage = _quantity("V", "voltage", "50 mV")
Current = _quantity("A", "current", "2 A")
Resistance = _quantity("ohm", "resistance", "4 mohm", gt=0)
ContactResistivity = _quantity("ohm*m^2", "contact resistivity", "5 uohm*cm^2", gt=0)
ThermalContactResistance = _quantity("K*m^2/W", "thermal contact resistance", "1e-5 K*m^2/W", gt=0)
HeatFlux = _quantity("W/m^2", "heat flux", "2 W/cm^2")
HeatTransferCoefficient = _quantity("W/(m^2*K)", "heat transfer coefficient", "10 W/(m^2*K)", ge=0)
PositiveFactor = _quantity("1", "factor", "0.9", gt=0)
Accuracy = _quantity("1", "accuracy", "1e-3", ge=1e-6, le=0.1)
Fraction = _quantity("1", "fraction", "0.8", ge=0, le=1)
PositiveFraction = _quantity("1", "fraction", "5 %", gt=0, lt=1)
Stress = _quantity("Pa", "stress", "9 MPa")
Pressure = _quantity("Pa", "pressure", "9 MPa")
PositiveStress = _quantity("Pa", "stress", "9 MPa", gt=0)
CurrentDensity = _quantity("A/m^2", "current density", "1 mA/cm^2")
PositiveCurrentDensity = _quantity("A/m^2", "current density", "1 mA/cm^2", gt=0)
FilmResistance = _quantity("ohm*m^2", "film resistance times area", "3.1 ohm*cm^2", ge=0)
RateConstant = _quantity("m/s", "rate constant", "1e-9 m/s", gt=0)
MolarFlux = _quantity("mol/(m^2*s)", "molar flux", "1e-4 mol/(m^2*s)")
PositiveSurfaceAmount = _quantity("mol/m^2", "amount per area", "2.1e-5 mol/m^2", gt=0)
AreaCapacitance = _quantity("F/m^2", "capacitance per area", "10 uF/cm^2", ge=0)
Concentration = _quantity("mol/m^3", "concentration", "69.6 mmol/cm^3", ge=0)
PositiveConcentration = _quantity("mol/m^3", "concentration", "69.6 mmol/cm^3", gt=0)
GrowthConstant = _quantity("m^2/s", "parabolic growth constant", "1 um^2/day", gt=0)
Diffusivity = _quantity("m^2/s", "diffusivity", "1e-11 cm^2/s", gt=0)
MolarVolume = _quantity("m^3/mol", "molar volume", "13 cm^3/mol")
PositiveMolarVolume = _quantity("m^3/mol", "molar volume", "13.98 cm^3/mol", gt=0)
Mobility = _quantity("m^2/(V*s)", "mobility", "300 cm^2/(V*s)", gt=0)
NumberDensity = _quantity("1/m^3", "number per volume", "1e19 1/cm^3", ge=0)
PositiveNumberDensity = _quantity("1/m^3", "number per volume", "3e19 1/cm^3", gt=0)
PositiveVolume = _quantity("m^3", "volume", "52.7 angstrom^3", gt=0)
Time = _quantity("s", "time", "10 s", gt=0)
Frequency = _quantity("Hz", "frequency", "1 kHz", gt=0)
Rate = _quantity("1/s", "rate", "3e3 1/s", gt=0)
Stiffness = _quantity("Pa/m", "stiffness per area", "1 GPa/nm", gt=0)
FrictionCoefficient = _quantity("1", "friction coefficient", "0.3", ge=0)
Composition = _quantity("1", "composition", "0.17", ge=0)
PositiveComposition = _quantity("1", "composition", "3.9", gt=0)
StrainFactor = _quantity("1", "strain factor", "1.5", ge=0)
RadiusContrast = _quantity("1", "radius contrast", "-3 %", gt=-1, lt=1)
AtomicMass = _quantity("Da", "atomic mass", "178.49 Da", gt=0)
AtomicVolume = _quantity("m^3", "volume per atom", "17.55 angstrom^3", gt=0)
Velocity = _quantity("m/s", "velocity", "4 km/s", gt=0)
ThermalConductivity = _quantity("W/(m*K)", "thermal conductivity", "17.1 W/(m*K)", gt=0)
PowerLawExponent = _quantity("1", "exponent of a power law", "1.0", ge=0, le=4)
UmklappCoefficient = _quantity("s/K", "Umklapp coefficient", "2.961e-18 s/K", gt=0)
ScatteringCoefficient = _quantity("s", "scattering coefficient", "5.3e-15 s", ge=0)


@lru_cache  # every point of a sweep is a case, and reads its own study again
def spaced(start: str | float, stop: str | float, points: int) -> tuple[str | float, ...]:
    """`points` equally spaced values from start to stop, with the unit of `start`.

    Raises:
        ValueError: the two have different dimensions, or one is not understood.
    """
    try:
        low, high = quantity(start), quantity(stop)
        if low.unitless != high.unitless:
            raise ValueError(f"{start} and {stop}: give both a unit, or neither")
        high = high.to(low.units)
    except pint.DimensionalityError:
        raise ValueError(f"{start} and {stop} have different dimensions") from None
    numbers = [low.magnitude + (high.magnitude - low.magnitude) * i / (points - 1) for i in range(points)]
    unit = f"{low.units:~}"
    return tuple(float(x) if low.unitless else f"{x:.12g} {unit}" for x in numbers)
