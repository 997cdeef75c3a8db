"""What all property laws share: units, range, and the types of their fields."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import numpy as np
import ufl
from numpy.typing import ArrayLike, NDArray
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat
from scipy.constants import Avogadro

from thermolyte import units

if TYPE_CHECKING:
    from thermolyte.materials.laws import Law

Array = NDArray[np.float64]
Expr = Any  # a UFL expression: the library is not typed
Interpolation = Literal["linear", "monotone_cubic"]
Outside = Literal["constant", "error"]


def _kelvin(value: object) -> object:
    """List of temperatures in K from a list of numbers, or from `{unit: degC, value: [25, 50]}`."""
    if isinstance(value, dict):
        if set(value) != {"unit", "value"}:
            raise ValueError("expected a list of temperatures in K, or {unit: degC, value: [...]}")
        return [units.si(f"{float(number)!r} {value['unit']}", "K") for number in value["value"]]
    return value


def _above_zero(temperatures: tuple[float, ...]) -> tuple[float, ...]:
    for index, temperature in enumerate(temperatures):
        if temperature <= 0:
            raise ValueError(
                f"temperature[{index}] = {temperature:g} K is not above absolute zero: if these are degrees "
                "Celsius, write temperature: {unit: degC, value: [...]}"
            )
    return temperatures


def _ordered(bounds: tuple[float, float]) -> tuple[float, float]:
    if bounds[0] >= bounds[1]:
        raise ValueError(f"range from {bounds[0]:g} K to {bounds[1]:g} K is empty: write [lowest, highest]")
    return bounds


def _joule(value: object) -> float:
    """Energy in J per particle from "0.35 eV" or "34 kJ/mol"."""
    if isinstance(value, int | float) and abs(value) > 1e-17:
        raise ValueError(f"energy {value} needs a unit, such as '0.35 eV' or '34 kJ/mol'")
    if "mol" in str(value):
        return units.si(value, "J/mol") / Avogadro
    return units.si(value, "J", "a text such as '0.35 eV' or '34 kJ/mol'")


Temperatures = Annotated[
    tuple[FiniteFloat, ...],
    BeforeValidator(_kelvin, json_schema_input_type=list[float] | dict[str, str | list[float]]),
    AfterValidator(_above_zero),
]
Range = Annotated[tuple[units.Temperature, units.Temperature], AfterValidator(_ordered)]
Energy = Annotated[float, BeforeValidator(_joule, json_schema_input_type=str | float)]


def split_unit(data: Any) -> Any:
    """The raw law with `value: 200 uV/K` split into `value: 200` and `unit: uV/K`."""
    if isinstance(data, dict) and isinstance(data.get("value"), str):
        number, _, unit = data["value"].strip().partition(" ")
        if unit and data.get("unit"):
            raise ValueError(f"value {data['value']!r} has its own unit: remove the key 'unit'")
        return {**data, "value": number, "unit": unit or data.get("unit")}
    return data


class Source(BaseModel):
    """Where numbers come from."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    doi: str | None = None
    note: str | None = None
    licence: str | None = None


class LawBase(BaseModel):
    """What every law has: the unit it is written in, its relative uncertainty and its own source."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    unit: str | None = Field(None, description="unit of the values, as in the literature; SI if left out")
    uncertainty: units.Fraction | None = None
    source: Source | None = None

    @abstractmethod
    def in_si(self, target: str) -> Self:
        """The same law with its numbers in the SI unit `target`.

        Raises:
            ValueError: the unit of the law has another dimension.
        """

    def with_interpolation(self, interpolation: Interpolation) -> Self:
        """The same law with its tables interpolated another way; laws without tables are unchanged."""
        del interpolation
        return self


class Leaf(LawBase):
    """A law that holds numbers: clipped to its range, then evaluated."""

    outside: Outside = "constant"

    if TYPE_CHECKING:  # a field of some laws, read from the points of others

        @property
        def range(self) -> tuple[float, float] | None: ...  # noqa: D102

    def in_si(self, target: str) -> Self:
        """The same law with its numbers in the SI unit `target`."""
        scale = units.factor(self.unit or target, target)
        return self.model_copy(update={"unit": target, **self._scaled(scale)})

    def __call__(self, T: ArrayLike) -> Array:
        """Value in SI at the temperature T in K."""
        T = np.asarray(T, dtype=float)
        return self._factor * self._value(T if self.range is None else np.clip(T, *self.range))

    def ufl(self, T: Expr) -> Expr:
        """UFL expression of the UFL scalar T, with the same numbers as `self(T)`."""
        if self.range is not None:
            low, high = self.range
            T = ufl.conditional(ufl.lt(T, low), low, ufl.conditional(ufl.lt(T, high), T, high))
        expression = self._expression(T)
        return expression if self._factor == 1.0 else self._factor * expression

    def temperatures(self) -> Array:
        """Temperatures in K at which the law shows itself: its points, or its range, or 200-1000 K."""
        low, high = self.range or (200.0, 1000.0)
        return np.linspace(low, high, 41)

    @property
    def _factor(self) -> float:
        return 1.0 if self.unit is None else units.factor(self.unit)

    @abstractmethod
    def _scaled(self, scale: float) -> dict[str, object]:
        """Fields with their numbers multiplied by `scale`."""

    @abstractmethod
    def _value(self, T: Array) -> Array:
        """Value at temperatures within the range."""

    @abstractmethod
    def _expression(self, T: Expr) -> Expr:
        """Expression of a temperature within the range."""


class Composite(LawBase):
    """A law made of other laws, each clipped to its own range."""

    @property
    @abstractmethod
    def laws(self) -> tuple[Law, ...]:
        """The laws it is made of."""

    @property
    def range(self) -> tuple[float, float] | None:
        """Temperatures in K where all its laws are known."""
        return intersection([law.range for law in self.laws])

    @property
    def outside(self) -> Outside:
        """'error' if one of its laws says so."""
        return "error" if any(law.outside == "error" for law in self.laws) else "constant"

    def temperatures(self) -> Array:
        """Temperatures in K at which one of its laws shows itself."""
        return np.unique(np.concatenate([law.temperatures() for law in self.laws]))


def intersection(ranges: list[tuple[float, float] | None]) -> tuple[float, float] | None:
    """Temperatures in K common to all ranges; None is unbounded."""
    bounded = [r for r in ranges if r is not None]
    return (max(r[0] for r in bounded), min(r[1] for r in bounded)) if bounded else None


def horner(x: Expr, coefficients: list[Expr]) -> Expr:
    """Σ c_k x^k."""
    result = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        result = result * x + coefficient
    return result
