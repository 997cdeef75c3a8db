"""Units at the border: "3.8 mm", "25 degC" or an SI number in the case file, an SI float everywhere inside.

Each name below is a pydantic field type that checks the dimension of what the user wrote:

    class Leg(BaseModel):
        height: PositiveLength      # accepts 0.006, "6 mm", "0.6 cm"; holds 0.006
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Annotated, Any

import pint
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema


@lru_cache(maxsize=1)
def registry() -> pint.UnitRegistry[Any]:
    """The one pint registry, with offset temperatures (degC) converted to base units."""
    return pint.UnitRegistry(autoconvert_offset_to_baseunit=True, cache_folder=None)


def si(value: object, unit: str) -> float:
    """Value in the SI unit `unit`; a bare number is taken to be in it already.

    Raises:
        ValueError: not a finite number, an unknown unit or the wrong dimension, with what was expected.
    """
    example = f"expected a number in {unit} or a text with a unit of that dimension"
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{value!r} is not a quantity: {example}")
    if isinstance(value, int | float):
        result = float(value)
    else:
        text = value.replace("·", "*").replace("−", "-").strip()
        try:
            quantity = registry().Quantity(text)
            if quantity.unitless and not text.endswith("%"):
                quantity = registry().Quantity(float(quantity.magnitude), unit)
            result = float(quantity.to(unit).magnitude)
        except pint.DimensionalityError:
            raise ValueError(f"{value!r} has the wrong dimension: {example}") from None
        except Exception:
            raise ValueError(f"{value!r} is not understood: {example}") from None
    if not math.isfinite(result):
        raise ValueError(f"{value!r} is not a finite number: {example}")
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


def _quantity(unit: str, noun: str, example: str, *checks: AfterValidator, **bounds: Any) -> Any:
    """Annotated float: a quantity of `noun` in `unit`, within `bounds` (ge, gt, le, lt), then `checks`."""
    description = f"{noun}; a number in {unit}, or a text with a unit such as '{example}'"
    schema = {"anyOf": [{"type": "number"}, {"type": "string"}], "description": description}
    return Annotated[float, BeforeValidator(lambda v: si(v, unit)), Field(**bounds), *checks, WithJsonSchema(schema)]


def _above_absolute_zero(value: float) -> float:
    if value <= 0:
        raise ValueError(f"{value} K is not above absolute zero: write a unit, such as '25 degC' or '298 K'")
    return value


PositiveLength = _quantity("m", "length", "3.8 mm", gt=0)
Length = _quantity("m", "length", "3.8 mm", ge=0)
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
Fraction = _quantity("1", "fraction", "0.8", ge=0, le=1)


def spaced(start: str | float, stop: str | float, points: int) -> list[str | float]:
    """`points` equally spaced values from start to stop, with the unit of `start`.

    Raises:
        ValueError: the two have different dimensions, or one is not understood.
    """
    if isinstance(start, int | float) and isinstance(stop, int | float):
        return [start + (stop - start) * i / (points - 1) for i in range(points)]
    try:
        low = registry().Quantity(str(start))
        high = registry().Quantity(str(stop)).to(low.units)
    except Exception as error:
        raise ValueError(f"{start!r} and {stop!r} cannot be combined: {error}") from None
    numbers = (low.magnitude + (high.magnitude - low.magnitude) * i / (points - 1) for i in range(points))
    return [f"{x:.12g} {low.units:~}" for x in numbers]
