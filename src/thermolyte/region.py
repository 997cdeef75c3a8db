"""What a region is made of: its YAML, a material card, changed or scaled if asked, and its state at the start."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from thermolyte import units
from thermolyte.doping import Gradient, Voxels
from thermolyte.materials import Card, CardReference, Carriers, Properties

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
    diffusivity: units.PositiveFactor = 1.0


class Initial(Strict):
    """The diffusing species in a host at the start."""

    concentration: units.Concentration | None = None
    composition: units.Composition | None = Field(
        None, description="mol per mol host; c/c_max where the card has no host_molar_volume"
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
    carriers: Carriers | None = Field(None, description="how composition changes the electrons, in place of the card's")
    doping: units.Composition | Gradient | Voxels | None = Field(
        None,
        description="dopant fraction x of a card with a model: a number, x along an axis, or a map; default: its own",
    )
    scale: Scale = Scale()
    initial: Initial = Initial()
    electric_potential: Literal["auto", "field", "lumped"] = Field(
        "auto",
        description="in electrochemistry: a field, or one number for the whole metal; auto: one number where the ohmic "
        "drop across its thickness is below a nanovolt",
    )

    @model_validator(mode="after")
    def _within_the_model(self) -> Self:
        for x in self._dopings:
            self.material.with_doping(x)
        return self

    @model_validator(mode="after")
    def _carriers_of_the_card(self) -> Self:
        if (self.properties is not None or self.carriers is not None) and self.card.carriers is not None:
            self.card.carriers.check(self.card)
        return self

    @property
    def _dopings(self) -> tuple[float, ...]:
        """The dopant fractions that are asked for."""
        if self.doping is None:
            return ()
        if isinstance(self.doping, Gradient):
            return self.doping.fraction
        return self.doping.span if isinstance(self.doping, Voxels) else (self.doping,)

    @property
    def gradient(self) -> Gradient | None:
        """The dopant fraction where it is a field."""
        return self.doping if isinstance(self.doping, Gradient) else None

    @property
    def voxels(self) -> Voxels | None:
        """The dopant fraction where it was mapped."""
        return self.doping if isinstance(self.doping, Voxels) else None

    @property
    def doping_in_words(self) -> str:
        """The dopant fraction as words to follow the name of the card, such as `, x = 0.08`; none without a model."""
        if isinstance(self.doping, Gradient | Voxels):
            return f", x from {min(self._dopings):g} to {max(self._dopings):g}"
        return "" if self.card.doping is None else f", x = {self.card.doping:g}"

    @property
    def card(self) -> Card:
        """The card as this region uses it; where the doping is a field, at its mean."""
        card = self.material.with_interpolation(self.interpolation) if self.interpolation else self.material
        card = card.with_doping(sum(self._dopings) / len(self._dopings)) if self._dopings else card
        card = card.model_copy(update={"carriers": self.carriers}) if self.carriers else card
        if self.properties is None:
            return card
        given = {name: getattr(self.properties, name) for name in self.properties.model_fields_set}
        replaced = {n: None for names in ALTERNATIVES if names & given.keys() for n in names}
        return card.model_copy(update={"properties": card.properties.model_copy(update=replaced | given)})

    @property
    def initial_concentration(self) -> float:
        """The species at the start [mol per m³ of the reference volume]; by default as the card was measured."""
        card, x = self.card, self.initial.composition
        if x is None and self.initial.concentration is None and card.carriers is not None:
            x = card.carriers.reference_composition
        if x is None or card.composition_per_concentration is None:
            return self.initial.concentration or 0.0
        return float(x / card.composition_per_concentration)
