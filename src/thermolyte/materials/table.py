"""Tables of measured points, as straight lines or as a smooth curve."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, Self

import numpy as np
import ufl
from pydantic import Field, FiniteFloat, model_validator
from scipy.interpolate import PchipInterpolator

from thermolyte.materials.base import Array, Expr, Interpolation, Leaf, Temperatures, horner


class Table(Leaf):
    """p(T) through measured points: straight lines, or a C¹ cubic that is monotone where the points are."""

    law: Literal["table"] = "table"
    temperature: Temperatures = Field(description="increasing, in K or {unit: degC, value: [...]}")
    value: tuple[FiniteFloat, ...] = Field(description="as many values as temperatures")
    interpolation: Interpolation = "monotone_cubic"

    @model_validator(mode="after")
    def _well_formed(self) -> Self:
        T, n = self.temperature, len(self.temperature)
        if n != len(self.value):
            raise ValueError(f"the table has {n} temperatures and {len(self.value)} values: they pair up")
        if n < 2:
            raise ValueError(f"the table has {n} point but needs 2: a single value is law: constant")
        for i in range(1, n):
            if T[i] <= T[i - 1]:
                raise ValueError(
                    f"temperature must increase: temperature[{i}] = {T[i]:g} K follows "
                    f"temperature[{i - 1}] = {T[i - 1]:g} K"
                )
        return self

    @property
    def range(self) -> tuple[float, float]:
        """First and last measured temperature in K."""
        return self.temperature[0], self.temperature[-1]

    def temperatures(self) -> Array:
        """Measured temperatures in K."""
        return np.array(self.temperature)

    def with_interpolation(self, interpolation: Interpolation) -> Self:
        """The same points, interpolated another way."""
        return self.model_copy(update={"interpolation": interpolation})

    def _scaled(self, scale: float) -> dict[str, object]:
        return {"value": tuple(scale * v for v in self.value)}

    def _value(self, T: Array) -> Array:
        return piecewise(T, *pieces(self.temperature, self.value, self.interpolation))

    def _expression(self, T: Expr) -> Expr:
        return piecewise_ufl(T, *pieces(self.temperature, self.value, self.interpolation))


@lru_cache(maxsize=512)
def pieces(T: tuple[float, ...], y: tuple[float, ...], kind: Interpolation) -> tuple[Array, Array]:
    """Knots, and for each power of T − T_i (lowest first) its coefficient on every interval."""
    if kind == "linear":
        return np.array(T), np.array([y[:-1], np.diff(y) / np.diff(T)])
    return np.array(T), np.asarray(PchipInterpolator(T, y).c[::-1])


def piecewise(x: Array, knots: Array, rows: Array) -> Array:
    """Σ_k rows[k, i] (x − x_i)^k with i the interval that x lies in; the first or last one beyond the knots."""
    i = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, rows.shape[1] - 1)
    result = np.zeros_like(x)
    for coefficient in rows[::-1]:
        result = result * (x - knots[i]) + coefficient[i]
    return result


def piecewise_ufl(x: Expr, knots: Array, rows: Array) -> Expr:
    """The same as a UFL expression of the UFL scalar x."""
    start = select(x, knots, knots[:-1])
    return horner(x - start, [select(x, knots, row) for row in rows])


def select(T: Expr, knots: Array, values: Array) -> Expr:
    """values[i] on the interval i that T lies in: a binary tree of conditionals.

    One tree per coefficient and then one polynomial compiles and runs faster than a tree of polynomials.
    """
    if np.all(values == values[0]):
        return ufl.as_ufl(float(values[0]))
    middle = len(values) // 2
    return ufl.conditional(
        ufl.lt(T, float(knots[middle])),
        select(T, knots[: middle + 1], values[:middle]),
        select(T, knots[middle:], values[middle:]),
    )
