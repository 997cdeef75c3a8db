"""What a region is made of: its YAML, a material card, changed or scaled if asked, and its state at the start."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from thermolyte import units
from thermolyte.materials import Card, CardReference, Properties

ALTERNATIVES = (
    {"electrical_conductivity", "electrical_resistivity"},
    {"maximum_concentration", "saturation"},
)
"""Properties of which a card gives one: the one that a region gives replaces the other."""


class Strict(BaseModel):
    """A piece of the case file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Scale(Strict):
    """Factors on the properties of a card, for ageing, tolerances and what-if; a sweep over them recompiles nothing."""

    seebeck_coefficient: units.PositiveFactor = 1.0
    electrical_conductivity: units.PositiveFactor = 1.0
    thermal_conductivity: units.PositiveFactor = 1.0


class Initial(Strict):
    """The lithium in a host at the start."""

    concentration: units.Concentration | None = None
    composition: units.Composition | None = Field(
        None, description="mol Li per mol host; c/c_max where the card has no host_molar_volume"
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.concentration is not None and self.composition is not None:
            raise ValueError("concentration and composition are both given: keep one")
        return self


class Region(Strict):
    """The material of a region."""

    material: CardReference
    properties: Properties | None = Field(None, description="properties that replace those of the card")
    interpolation: Literal["linear", "monotone_cubic"] | None = Field(
        None, description="of the card's tables; default: as the card says"
    )
    scale: Scale = Scale()
    initial: Initial = Initial()
    electric_potential: Literal["auto", "field", "lumped"] = Field(
        "auto",
        description="in electrochemistry: a field, or one number for the whole metal; auto: one number where the ohmic "
        "drop across its thickness is below a nanovolt",
    )

    @property
    def card(self) -> Card:
        """The card as this region uses it."""
        card = self.material.with_interpolation(self.interpolation) if self.interpolation else self.material
        if self.properties is None:
            return card
        given = {name: getattr(self.properties, name) for name in self.properties.model_fields_set}
        replaced = {n: None for names in ALTERNATIVES if names & given.keys() for n in names}
        return card.model_copy(update={"properties": card.properties.model_copy(update=replaced | given)})

    @property
    def initial_concentration(self) -> float:
        """Lithium at the start [mol/m³ of the reference volume]."""
        per_concentration = self.card.composition_per_concentration
        if self.initial.composition is None or per_concentration is None:
            return self.initial.concentration or 0.0
        return float(self.initial.composition / per_concentration)
