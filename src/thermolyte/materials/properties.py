"""The properties that a card may give, as they were published."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)

from thermolyte import units
from thermolyte.errors import InputError
from thermolyte.materials import plausible
from thermolyte.materials.composition import CompositionTable
from thermolyte.materials.creep import Creep
from thermolyte.materials.laws import Law, PrincipalAxes, PropertyLaw
from thermolyte.materials.open_circuit import OpenCircuitLaw


def _variable(value: Any) -> str:
    """Tag of the law that was meant: a table with `composition`, or a law of temperature."""
    given = "composition" in value if isinstance(value, dict) else isinstance(value, CompositionTable)
    return "of composition" if given else "of temperature"


StateLaw = Annotated[
    Annotated[Law, Tag("of temperature")] | Annotated[CompositionTable, Tag("of composition")],
    Discriminator(_variable),
]
"""A law of temperature, or a table over composition."""


def _law_in(unit: str, name: str) -> AfterValidator:
    """Converts a law to the SI unit of its property and refuses what no material has."""
    return AfterValidator(partial(plausible.in_si, unit=unit, name=name))


def folder(info: ValidationInfo) -> Path:
    """The folder against which paths in the case or card are resolved."""
    return Path((info.context or {}).get("folder", "."))


class Properties(BaseModel):
    """The properties of a material as they were published: either a conductivity or a resistivity."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    seebeck_coefficient: Annotated[PropertyLaw, _law_in("V/K", "seebeck_coefficient")] | None = None
    electrical_conductivity: Annotated[PropertyLaw, _law_in("S/m", "electrical_conductivity")] | None = None
    electrical_resistivity: Annotated[PropertyLaw, _law_in("ohm*m", "electrical_resistivity")] | None = None
    thermal_conductivity: Annotated[PropertyLaw, _law_in("W/(m*K)", "thermal_conductivity")] | None = None

    ionic_conductivity: Annotated[Law, _law_in("S/m", "ionic_conductivity")] | None = None
    diffusivity: Annotated[StateLaw, _law_in("m^2/s", "diffusivity")] | None = None
    open_circuit_potential: Annotated[OpenCircuitLaw, _law_in("V", "open_circuit_potential")] | None = None
    partial_molar_volume: units.MolarVolume | None = Field(
        None, description="swelling by one mole of the diffusing species"
    )
    host_molar_volume: units.PositiveMolarVolume | None = Field(
        None, description="volume of one mole of host, of formula units"
    )
    maximum_concentration: units.PositiveConcentration | None = Field(
        None, description="of the diffusing species, per reference volume"
    )
    saturation: units.PositiveComposition | None = Field(
        None, description="most mol of the diffusing species per mol host"
    )

    young_modulus: Annotated[StateLaw, _law_in("Pa", "young_modulus")] | None = None
    poisson_ratio: Annotated[Law, _law_in("1", "poisson_ratio")] | None = None
    thermal_expansion: Annotated[Law, _law_in("1/K", "thermal_expansion")] | None = Field(
        None, description="linear and instantaneous, dε/dT"
    )
    yield_strength: Annotated[Law, _law_in("Pa", "yield_strength")] | None = None
    hardening_modulus: Annotated[Law, _law_in("Pa", "hardening_modulus")] | None = Field(
        None, description="isotropic and linear: dσ_y/dε_p"
    )
    creep: Creep | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _cards_of_mixtures(cls, value: Any, info: ValidationInfo) -> Any:
        return _with_card_laws(value, str(info.field_name), folder(info))

    @model_validator(mode="after")
    def _one_current_law(self) -> Self:
        if self.electrical_conductivity and self.electrical_resistivity:
            raise ValueError("electrical_conductivity and electrical_resistivity are both given: keep one")
        return self

    @model_validator(mode="after")
    def _one_capacity(self) -> Self:
        if self.maximum_concentration and self.saturation:
            raise ValueError("maximum_concentration and saturation are both given: keep one")
        if self.saturation and not self.host_molar_volume:
            raise ValueError("saturation is per mol host: give host_molar_volume too, or maximum_concentration")
        return self

    @model_validator(mode="after")
    def _plastic(self) -> Self:
        if self.hardening_modulus and not self.yield_strength:
            raise ValueError("hardening_modulus needs yield_strength")
        return self


def _with_card_laws(value: Any, name: str, base: Path) -> Any:
    """The raw law with `card: NAME` in the parts of mixtures resolved to the law of that card."""
    if isinstance(value, list | tuple):
        return [_with_card_laws(v, name, base) for v in value]
    if not isinstance(value, dict):
        return value
    if "card" in value and value.get("of") is None:
        from thermolyte.materials.card import Card  # a card is made of properties

        try:
            law = Card.load(str(value["card"]), base).law(name)
        except InputError as error:
            raise ValueError(str(error)) from None
        if law is None or isinstance(law, PrincipalAxes | CompositionTable):
            raise ValueError(f"card {value['card']} has no scalar {name} to mix")
        return {**value, "of": law}
    return {key: _with_card_laws(v, name, base) for key, v in value.items()}
