"""Laws of the composition x of a host: the same numbers in numpy, `law(x, T)`, and in UFL, `law.ufl(x, T)`.

x is mol of the diffusing species, such as Li, per mol host where the card gives the molar volume of the host, and
c/c_max where it does not. Each law has a `range` of x and says what happens outside it, `outside`:

    error        (default) nothing is known there: `Card.check_composition` refuses it
    constant     held at the value at the end of the range
    extrapolate  continued: a formula by itself, a table by its tangent at the end

A solver on its way may leave the range all the same; it then sees the continuation, also where the law says `error`.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Any, Literal, Self

import numpy as np
import ufl
from numpy.typing import ArrayLike
from pydantic import AfterValidator, Field, FiniteFloat, WithJsonSchema, model_validator
from scipy.constants import R, physical_constants
from ufl.core.expr import Expr as UflExpr

from thermolyte import units
from thermolyte.materials.base import Array, Expr, Interpolation, LawBase, split_unit
from thermolyte.materials.table import pieces, piecewise, piecewise_ufl

ROOM_TEMPERATURE = 298.15
"""K; where a law of composition is evaluated when no temperature is said."""
FARADAY: float = physical_constants["Faraday constant"][0]
"""C/mol."""
SMALLEST = 1e-4
"""Composition below which ln x goes on as its tangent, so that a Newton iterate at x ≤ 0 finds its way back.

Not smaller: at x = −0.01 a potential is then RT/F · 100 = 2.6 V above its value here, and exp(FU/2RT) is still finite.
"""

Outside = Literal["error", "constant", "extrapolate"]


def _ordered(bounds: tuple[float, float]) -> tuple[float, float]:
    if bounds[0] >= bounds[1]:
        raise ValueError(f"range of x from {bounds[0]:g} to {bounds[1]:g} is empty: write [lowest, highest]")
    return bounds


CompositionRange = Annotated[tuple[units.Composition, units.Composition], AfterValidator(_ordered)]


def clipped(x: Any, low: float, high: float) -> Any:
    """X held within low...high, in numpy or in UFL."""
    if isinstance(x, UflExpr):
        return ufl.conditional(ufl.lt(x, low), low, ufl.conditional(ufl.gt(x, high), high, x))
    return np.clip(x, low, high)


def at_least(x: Any, low: float) -> Any:
    """The larger of x and low, in numpy or in UFL."""
    return ufl.conditional(ufl.lt(x, low), low, x) if isinstance(x, UflExpr) else np.maximum(x, low)


def logarithm(x: Any) -> Any:
    """Ln x, and its tangent below x = SMALLEST: ln is C¹ and never NaN, in numpy or in UFL."""
    inside = at_least(x, SMALLEST)
    log = ufl.ln if isinstance(x, UflExpr) else np.log
    return log(inside) + (x - inside) / SMALLEST


def thermal_voltage(T: Any) -> Any:
    """RT/F [V]."""
    return R / FARADAY * T


class CompositionLaw(LawBase):
    """A law of the composition x [1] and, if it is a thermodynamic one, of the temperature T [K]."""

    outside: Outside = "error"

    @property
    def kind(self) -> str:
        """The key `law` of its YAML."""
        return str(getattr(self, "law"))  # noqa: B009  a field of every law, each with its own literal

    def in_si(self, target: str) -> Self:
        """The same law with its numbers in the SI unit `target`."""
        scale = units.factor(self.unit or target, target)
        return self.model_copy(update={"unit": target, **self._scaled(scale)})

    def __call__(self, x: ArrayLike, T: ArrayLike = ROOM_TEMPERATURE) -> Array:
        """Value in SI at the composition x and the temperature T in K."""
        x, T = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(T, dtype=float))
        return np.asarray(self._factor * self._value(self._inside(x), T))

    def ufl(self, x: Expr, T: Expr = ROOM_TEMPERATURE) -> Expr:
        """UFL expression of the UFL scalar x and of T, with the same numbers as `self(x, T)`."""
        value = self._value(self._inside(ufl.as_ufl(x)), T)
        return value if self._factor == 1.0 else self._factor * value

    def thermodynamic_factor(self, x: Any, T: Any = ROOM_TEMPERATURE) -> Any:
        """−(F/RT) x dU/dx [1] of an open-circuit potential, in numpy or in UFL; finite at x = 0.

        Where U is held constant outside its range, so is this factor: a flat U would stop the diffusion that it is
        asked for.
        """
        x = x if isinstance(x, UflExpr) else np.asarray(x, dtype=float)
        return self._thermodynamic_factor(self._inside(x), T)

    def compositions(self) -> Array:
        """Compositions at which the law shows itself: within its range, or 0...1."""
        low, high = self.span or (0.0, 1.0)
        return np.linspace(max(low, 1e-3 * high), high, 41)

    @property
    @abstractmethod
    def span(self) -> tuple[float, float] | None:
        """The range of x; None is unbounded."""

    @property
    def _factor(self) -> float:
        return 1.0 if self.unit is None else units.factor(self.unit)

    def _inside(self, x: Any) -> Any:
        return clipped(x, *self.span) if self.span and self.outside == "constant" else x

    @abstractmethod
    def _scaled(self, scale: float) -> dict[str, object]: ...

    @abstractmethod
    def _value(self, x: Any, T: Any) -> Any: ...

    @abstractmethod
    def _thermodynamic_factor(self, x: Any, T: Any) -> Any: ...


class CompositionConstant(CompositionLaw):
    """p(x) = value, such as the 0 V of lithium metal against itself; its thermodynamic factor is taken as 1.

    A constant potential tells nothing about activities; the literal −(F/RT) x dU/dx = 0 would stop all diffusion.
    """

    law: Literal["constant"] = "constant"
    value: Annotated[FiniteFloat, WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]})]
    range: CompositionRange | None = None

    @model_validator(mode="before")
    @classmethod
    def _split_unit(cls, data: Any) -> Any:
        return split_unit(data)

    @property
    def span(self) -> tuple[float, float] | None:
        """The range of x as it is written."""
        return self.range

    def _scaled(self, scale: float) -> dict[str, object]:
        return {"value": scale * self.value}

    def _value(self, x: Any, T: Any) -> Any:
        del T
        return ufl.as_ufl(self.value) if isinstance(x, UflExpr) else np.full_like(x, self.value)

    def _thermodynamic_factor(self, x: Any, T: Any) -> Any:
        del T
        return ufl.as_ufl(1.0) if isinstance(x, UflExpr) else np.ones_like(x)


class CompositionTable(CompositionLaw):
    """p(x) through measured points: straight lines, or a C¹ cubic that is monotone where the points are."""

    law: Literal["table"] = "table"
    composition: tuple[units.Composition, ...] = Field(description="increasing; mol per mol host, or c/c_max")
    value: tuple[FiniteFloat, ...] = Field(description="as many values as compositions")
    interpolation: Interpolation = "monotone_cubic"

    @model_validator(mode="after")
    def _well_formed(self) -> Self:
        x, n = self.composition, len(self.composition)
        if n != len(self.value):
            raise ValueError(f"the table has {n} compositions and {len(self.value)} values: they pair up")
        if n < 2:
            raise ValueError(f"the table has {n} point but needs 2: a single value is law: constant")
        for i in range(1, n):
            if x[i] <= x[i - 1]:
                raise ValueError(f"composition must increase, but composition[{i}] = {x[i]:g} follows {x[i - 1]:g}")
        return self

    @property
    def span(self) -> tuple[float, float]:
        """First and last measured composition."""
        return self.composition[0], self.composition[-1]

    def compositions(self) -> Array:
        """Measured compositions."""
        return np.array(self.composition)

    def with_interpolation(self, interpolation: Interpolation) -> Self:
        """The same points, interpolated another way."""
        return self.model_copy(update={"interpolation": interpolation})

    def _scaled(self, scale: float) -> dict[str, object]:
        return {"value": tuple(scale * v for v in self.value)}

    def _value(self, x: Any, T: Any) -> Any:
        del T
        inside = clipped(x, *self.span)
        return self._curve(inside) + self._slope(inside) * (x - inside)

    def _thermodynamic_factor(self, x: Any, T: Any) -> Any:
        return -x * self._factor * self._slope(clipped(x, *self.span)) / thermal_voltage(T)

    def _curve(self, x: Any) -> Any:
        return _of(x, *pieces(self.composition, self.value, self.interpolation))

    def _slope(self, x: Any) -> Any:
        """dp/dx within the range; one-sided at its ends."""
        knots, rows = pieces(self.composition, self.value, self.interpolation)
        return _of(x, knots, np.array([k * row for k, row in enumerate(rows)][1:]))


def _of(x: Any, knots: Array, rows: Array) -> Any:
    return piecewise_ufl(x, knots, rows) if isinstance(x, UflExpr) else piecewise(x, knots, rows)
