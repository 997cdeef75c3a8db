"""What a region is made of: its YAML (a material card, scaled if asked) and the property laws in UFL."""

from __future__ import annotations

from typing import Literal

from dolfinx import mesh as dmesh
from pydantic import BaseModel, ConfigDict, Field
from ufl.core.expr import Expr

from thermolyte import units
from thermolyte.errors import InputError
from thermolyte.materials import Card, CardReference, Property
from thermolyte.parameters import Parameters


class Scale(BaseModel):
    """Factors on the properties of a card, for ageing, tolerances and what-if; a sweep over them recompiles nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    seebeck_coefficient: units.PositiveFactor = 1.0
    electrical_conductivity: units.PositiveFactor = 1.0
    thermal_conductivity: units.PositiveFactor = 1.0


class Region(BaseModel):
    """The material of a region."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    material: CardReference
    interpolation: Literal["linear", "monotone_cubic"] | None = Field(
        None, description="of the card's tables; default: as the card says"
    )
    scale: Scale = Scale()

    @property
    def card(self) -> Card:
        """The card as this region uses it."""
        return self.material.with_interpolation(self.interpolation) if self.interpolation else self.material


class Medium:
    """The property laws of one region in UFL, in SI: the card's laws times the scale factors."""

    def __init__(self, region: Region, domain: dmesh.Mesh):
        self.card, self._dim = region.card, domain.geometry.dim
        self.scale = Parameters(region.scale, domain)

    @property
    def conducts(self) -> bool:
        """Whether current can flow here."""
        return self.card.conducts

    def seebeck_coefficient(self, T: Expr) -> Expr:
        """S(T) [V/K]; 0 where the card has none."""
        S = self.card.seebeck_coefficient
        return self.scale.seebeck_coefficient * (S.ufl(T, self._dim) if S else 0.0)

    def electrical_conductivity(self, T: Expr) -> Expr:
        """σ(T) [S/m]."""
        return self.scale.electrical_conductivity * self._known("electrical_conductivity").ufl(T, self._dim)

    def thermal_conductivity(self, T: Expr) -> Expr:
        """κ(T) [W/(m K)]."""
        return self.scale.thermal_conductivity * self._known("thermal_conductivity").ufl(T, self._dim)

    def _known(self, name: str) -> Property:
        found: Property | None = getattr(self.card, name)
        if found is None:
            raise InputError(f"card {self.card.name} has no {name}")
        return found
