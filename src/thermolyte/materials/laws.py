"""Property laws: one number, or one function of temperature, the same in numpy and in UFL.

A law is written in the unit of the literature and read in SI: `law(T)` takes kelvin and gives SI. Beyond its
range a law is held constant, so that a solver on its way never meets a wild extrapolation; what the key
`outside` says is reported before and after the solve (`Card.check_range`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

import numpy as np
import ufl
from numpy.typing import ArrayLike
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat, WithJsonSchema, model_validator
from scipy.constants import Boltzmann

from thermolyte import units
from thermolyte.materials.base import (
    Array,
    Composite,
    Energy,
    Expr,
    Interpolation,
    LawBase,
    Leaf,
    Range,
    Source,
    horner,
    split_unit,
)
from thermolyte.materials.effective_medium import EffectiveMedium
from thermolyte.materials.table import Table

__all__ = [
    "Arrhenius",
    "Constant",
    "EffectiveMedium",
    "Law",
    "Mixture",
    "Polynomial",
    "PrincipalAxes",
    "PropertyLaw",
    "Reciprocal",
    "ScalarLaw",
    "Source",
    "Table",
]


class Constant(Leaf):
    """p(T) = value; a text may carry its unit: `value: 200 uV/K`."""

    law: Literal["constant"] = "constant"
    value: Annotated[FiniteFloat, WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]})]
    range: Range | None = None

    @model_validator(mode="before")
    @classmethod
    def _split_unit(cls, data: Any) -> Any:
        return split_unit(data)

    def _scaled(self, scale: float) -> dict[str, object]:
        return {"value": scale * self.value}

    def _value(self, T: Array) -> Array:
        return np.full_like(T, self.value)

    def _expression(self, T: Expr) -> Expr:
        del T
        return ufl.as_ufl(self.value)


class Polynomial(Leaf):
    """p(T) = Σ c_k (T − reference)^k within a stated range; c_k in `unit`/K^k."""

    law: Literal["polynomial"] = "polynomial"
    coefficients: tuple[FiniteFloat, ...] = Field(min_length=1, description="c_0, c_1, ... in unit/K^k")
    reference: Annotated[float, Field(ge=0, description="temperature in K that T is counted from")] = 0.0
    range: Range

    def _scaled(self, scale: float) -> dict[str, object]:
        return {"coefficients": tuple(scale * c for c in self.coefficients)}

    def _value(self, T: Array) -> Array:
        return np.asarray(np.polynomial.polynomial.polyval(T - self.reference, self.coefficients))

    def _expression(self, T: Expr) -> Expr:
        return horner(T - self.reference, [ufl.as_ufl(c) for c in self.coefficients])


class Arrhenius(Leaf):
    """p(T) = A exp(−E/(k_B T)); E in eV or J/mol."""

    law: Literal["arrhenius"] = "arrhenius"
    prefactor: FiniteFloat
    activation_energy: Energy
    range: Range | None = None

    def _scaled(self, scale: float) -> dict[str, object]:
        return {"prefactor": scale * self.prefactor}

    def _value(self, T: Array) -> Array:
        return np.asarray(self.prefactor * np.exp(-self.activation_energy / Boltzmann / T))

    def _expression(self, T: Expr) -> Expr:
        return self.prefactor * ufl.exp(-self.activation_energy / Boltzmann / T)


class Reciprocal(Composite):
    """p(T) = 1/of(T); how a conductivity is made from a resistivity: interpolated as given, then inverted."""

    law: Literal["reciprocal"] = "reciprocal"
    of: Law

    @property
    def laws(self) -> tuple[Law, ...]:
        """The one law that is inverted."""
        return (self.of,)

    def __call__(self, T: ArrayLike) -> Array:
        """Value in SI at the temperature T in K."""
        return np.asarray(1.0 / self.of(T))

    def ufl(self, T: Expr) -> Expr:
        """UFL expression of the UFL scalar T."""
        return 1.0 / self.of.ufl(T)

    def with_interpolation(self, interpolation: Interpolation) -> Self:
        """The same, with its table interpolated another way."""
        return self.model_copy(update={"of": self.of.with_interpolation(interpolation)})

    def in_si(self, target: str) -> Self:
        """The same law with its numbers in the SI unit `target`."""
        of = self.of.in_si({"S/m": "ohm*m", "ohm*m": "S/m"}.get(target, f"1/({target})"))
        return self.model_copy(update={"unit": target, "of": of})


class Part(BaseModel):
    """A volume fraction of a law, or of the same property of another card."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    fraction: units.Fraction
    card: str | None = Field(None, description="card whose property of the same name is taken")
    of: Law | None = Field(None, description="the law of this part")

    @model_validator(mode="after")
    def _has_law(self) -> Self:
        if self.of is None:
            raise ValueError("a part of a mixture needs 'of: {law: ...}', or 'card: NAME' within a card")
        return self

    @property
    def part(self) -> Law:
        """The law of this part."""
        assert self.of is not None  # by _has_law
        return self.of


class Mixture(Composite):
    """Rule of mixture of volume fractions f_i, the two bounds that the real conductivity lies between.

    parallel: p = Σ f_i p_i, layers along the flow;  series: 1/p = Σ f_i/p_i, layers across the flow.
    """

    law: Literal["mixture"] = "mixture"
    bound: Literal["parallel", "series"]
    parts: tuple[Part, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = sum(part.fraction for part in self.parts)
        if abs(total - 1) > 1e-6:
            raise ValueError(f"the volume fractions of the mixture sum to {total:g}, not to 1")
        return self

    @property
    def laws(self) -> tuple[Law, ...]:
        """The laws of the parts."""
        return tuple(part.part for part in self.parts)

    def __call__(self, T: ArrayLike) -> Array:
        """Value in SI at the temperature T in K."""
        return np.asarray(self._mean([law(T) for law in self.laws]))

    def ufl(self, T: Expr) -> Expr:
        """UFL expression of the UFL scalar T."""
        return self._mean([law.ufl(T) for law in self.laws])

    def _mean(self, values: list[Any]) -> Any:
        pairs = [(part.fraction, value) for part, value in zip(self.parts, values, strict=True)]
        if self.bound == "parallel":
            return sum(fraction * value for fraction, value in pairs)
        return 1.0 / sum(fraction / value for fraction, value in pairs)

    def with_interpolation(self, interpolation: Interpolation) -> Self:
        """The same, with its tables interpolated another way."""
        return self._with([law.with_interpolation(interpolation) for law in self.laws])

    def in_si(self, target: str) -> Self:
        """The same law with its numbers in the SI unit `target`."""
        return self._with([law.in_si(target) for law in self.laws]).model_copy(update={"unit": target})

    def _with(self, laws: list[Law]) -> Self:
        pairs = zip(self.parts, laws, strict=True)
        return self.model_copy(update={"parts": tuple(p.model_copy(update={"of": law}) for p, law in pairs)})


class PrincipalAxes(LawBase):
    """A diagonal tensor: one law for each of the axes x, y, z of the geometry."""

    law: Literal["principal_axes"] = "principal_axes"
    x: Law
    y: Law
    z: Law

    @property
    def axes(self) -> tuple[Law, Law, Law]:
        """The laws along x, y and z."""
        return self.x, self.y, self.z

    def with_interpolation(self, interpolation: Interpolation) -> Self:
        """The same, with its tables interpolated another way."""
        pairs = zip("xyz", self.axes, strict=True)
        return self.model_copy(update={axis: law.with_interpolation(interpolation) for axis, law in pairs})

    def in_si(self, target: str) -> Self:
        """The same laws with their numbers in the SI unit `target`."""
        axes = {axis: law.in_si(target) for axis, law in zip("xyz", self.axes, strict=True)}
        return self.model_copy(update={"unit": target, **axes})


def shorthand(value: object) -> object:
    """A constant law from a bare number in SI, or from a text with a unit such as '1.2 W/(m*K)'."""
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        return {"law": "constant", "value": value}
    return value


_Scalar = Constant | Table | Polynomial | Arrhenius | Mixture | Reciprocal | EffectiveMedium
ScalarLaw = Annotated[_Scalar, Field(discriminator="law")]
Law = Annotated[ScalarLaw, BeforeValidator(shorthand, json_schema_input_type=float | str | ScalarLaw)]
_Any = Annotated[_Scalar | PrincipalAxes, Field(discriminator="law")]
PropertyLaw = Annotated[_Any, BeforeValidator(shorthand, json_schema_input_type=float | str | _Any)]
EffectiveMedium.model_rebuild()  # it names Law, and Law is made of it
