"""Property laws from models: S, σ and κ of one doping series from a band and a lattice, functions of x and T."""

from __future__ import annotations

from typing import Any, Literal, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict, Field, model_validator

from thermolyte import units
from thermolyte.materials.band_model import ParabolicBand
from thermolyte.materials.base import Array, Expr, LawBase, Outside, Range
from thermolyte.materials.composition import CompositionRange, clipped
from thermolyte.materials.lattice_model import LatticeLaw
from thermolyte.materials.laws import Law

Modelled = Literal["seebeck_coefficient", "electrical_conductivity", "thermal_conductivity"]
UNITS: dict[str, str] = {
    "seebeck_coefficient": "V/K",
    "electrical_conductivity": "S/m",
    "thermal_conductivity": "W/(m*K)",
}


class TransportModel(BaseModel):
    """S(x, T) and σ(x, T) of a parabolic band, κ(x, T) = κ_L(x, T) + L(x, T) σ T; x is the dopant fraction."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    band: ParabolicBand
    lattice: LatticeLaw
    doping: CompositionRange = Field(description="dopant fractions x that the model is meant for")
    range: Range = Field(description="temperatures that the model is meant for")
    uncertainty: units.Fraction | None = Field(None, description="relative, of S, σ and κ")

    @model_validator(mode="after")
    def _within_the_band(self) -> Self:
        self.band.check(self.doping, self.range)
        return self

    def value(self, name: Modelled, x: Any, T: Any) -> Any:
        """One of the properties in SI at x and T [K], in numpy or in UFL; T is held within the range."""
        T = clipped(T, *self.range)
        if name == "thermal_conductivity":
            electrons = self.band.electronic_thermal_conductivity(x, T)
            return electrons + self.lattice.lattice_thermal_conductivity(x, T)
        return getattr(self.band, name)(x, T)

    def law(self, name: str, x: float) -> ModelLaw | None:
        """The law of T of a property at a dopant fraction; None for what the model does not tell."""
        if name not in UNITS:
            return None
        return ModelLaw(model=self, name=name, doping=x, unit=UNITS[name], uncertainty=self.uncertainty)


class ModelLaw(LawBase):
    """p(T) = p(x, T) of a model at one dopant fraction x."""

    law: Literal["model"] = "model"
    model: TransportModel
    name: Modelled
    doping: units.Composition
    outside: Outside = "constant"

    @property
    def range(self) -> tuple[float, float]:
        """Temperatures in K that the model is meant for."""
        return self.model.range

    def temperatures(self) -> Array:
        """Temperatures in K at which the law shows itself."""
        return np.linspace(*self.range, 41)

    def __call__(self, T: ArrayLike) -> Array:
        """Value in SI at the temperature T in K."""
        T = np.asarray(T, dtype=float)
        return np.asarray(self.model.value(self.name, np.full_like(T, self.doping), T))

    def ufl(self, T: Expr, x: Expr | None = None) -> Expr:
        """UFL expression of the UFL scalar T; at another dopant fraction x, which may be a field."""
        return self.model.value(self.name, self.doping if x is None else x, T)

    def in_si(self, target: str) -> Self:
        """The same law: it is in SI."""
        del target
        return self


TemperatureLaw: TypeAlias = Law | ModelLaw
"""A scalar law of the temperature: as it was measured, or from a model."""
