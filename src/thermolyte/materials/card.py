"""Material cards: the properties of one material as laws of temperature or composition, each number with its source."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from thermolyte import units
from thermolyte.errors import InputError
from thermolyte.materials import findings, plausible
from thermolyte.materials.base import Array, Interpolation, LawBase, Source, intersection
from thermolyte.materials.card_file import LIBRARY, card_file, library, no_circle, path_of_card
from thermolyte.materials.carriers import Carriers
from thermolyte.materials.composition import CompositionLaw
from thermolyte.materials.creep import Creep
from thermolyte.materials.findings import Finding
from thermolyte.materials.model import UNITS as OF_MODEL
from thermolyte.materials.model import TransportModel
from thermolyte.materials.plausible import AnyLaw
from thermolyte.materials.properties import Properties, folder
from thermolyte.materials.property import Property, StateProperty, reciprocal

Kind = Literal["n-type", "p-type", "thermoelectric", "metal", "solder", "ceramic", "electrolyte", "electrode", "other"]


class Card(BaseModel):
    """A material."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = "unnamed"
    title: str = ""
    composition: str | None = None
    kind: Kind = "other"
    source: Source = Source()
    properties: Properties = Properties()
    model: TransportModel | None = Field(
        None, description="band and lattice that give S, σ and κ at a dopant fraction where `properties` do not"
    )
    doping: units.Composition | None = Field(
        None, description="dopant fraction x of a card with a model; a region may have another"
    )

    diffusing_species: Literal["Li", "Mg"] = Field("Li", description="what `diffusivity` and `saturation` are of")
    carriers: Carriers | None = Field(
        None, description="what a change of composition does to S, σ and κ_e of an n-type material"
    )
    phase_limit: units.Temperature | None = Field(
        None, description="temperature above which the material is another phase and the card does not hold"
    )

    @model_validator(mode="after")
    def _model_at_a_doping(self) -> Self:
        if (self.model is None) != (self.doping is None):
            raise ValueError("a model needs a doping, and a doping a model: x = 0.1, for example, is `doping: 0.1`")
        return self if self.model is None or self.doping is None else self.with_doping(self.doping)

    def with_doping(self, x: float) -> Self:
        """The same material at another dopant fraction.

        Raises:
            ValueError: the card has no model, or x is beyond what the model is meant for.
        """
        if self.model is None:
            raise ValueError(f"{self.name} has no model of doping: it is measured at one composition")
        low, high = self.model.doping
        if not low <= x <= high:
            raise ValueError(f"{self.name}: doping {x:g} is outside of its model, {low:g} to {high:g}")
        return self.model_copy(update={"doping": x})

    @model_validator(mode="after")
    def _sign(self) -> Self:
        plausible.check_sign(self)
        return self

    @model_validator(mode="after")
    def _carriers_of_the_card(self) -> Self:
        if self.carriers is not None:
            self.carriers.check(self)
        return self

    @classmethod
    def load(cls, name_or_path: str | Path, base: Path = Path()) -> Card:
        """The card of a library name, or of a .yaml or .csv file relative to the folder `base`.

        Raises:
            InputError: no such card (with the known names), or a mistake in its file (with the line).
        """
        if str(name_or_path) in library():
            return _library_card(str(name_or_path))
        return _read(path_of_card(name_or_path, base))

    def with_interpolation(self, interpolation: Interpolation) -> Card:
        """The same card with all its tables interpolated 'linear' or 'monotone_cubic'."""
        laws = {name: law.with_interpolation(interpolation) for name, law in self.laws()}
        return self.model_copy(update={"properties": self.properties.model_copy(update=laws)})

    def laws(self) -> Iterator[tuple[str, AnyLaw]]:
        """Names and laws of the properties as they are given."""
        names = [name for name, law in self.properties if isinstance(law, LawBase)]
        yield from ((name, getattr(self.properties, name)) for name in names)
        replaced = {*names, *(["electrical_conductivity"] if "electrical_resistivity" in names else [])}
        modelled = ((name, self.law(name)) for name in OF_MODEL if self.model and name not in replaced)
        yield from ((name, law) for name, law in modelled if law is not None)

    @property
    def seebeck_coefficient(self) -> Property | None:
        """S [V/K]."""
        return self._property("seebeck_coefficient")

    @property
    def electrical_conductivity(self) -> Property | None:
        """σ [S/m]; 1/ρ where the card gives the resistivity."""
        return self._property("electrical_conductivity")

    @property
    def thermal_conductivity(self) -> Property | None:
        """κ [W/(m K)]."""
        return self._property("thermal_conductivity")

    @property
    def ionic_conductivity(self) -> Property | None:
        """Ionic κ [S/m]."""
        return self._property("ionic_conductivity")

    @property
    def diffusivity(self) -> StateProperty | None:
        """D [m²/s] of the diffusing species, a function of x and T."""
        law = self.properties.diffusivity
        return None if law is None else StateProperty("diffusivity", law)

    @property
    def young_modulus(self) -> StateProperty | None:
        """E [Pa], a function of x and T."""
        law = self.properties.young_modulus
        return None if law is None else StateProperty("young_modulus", law)

    @property
    def poisson_ratio(self) -> Property | None:
        """ν [1]."""
        return self._property("poisson_ratio")

    @property
    def thermal_expansion(self) -> Property | None:
        """Linear expansion α [1/K], from the stress-free temperature on."""
        return self._property("thermal_expansion")

    @property
    def yield_strength(self) -> Property | None:
        """σ_y [Pa] before hardening."""
        return self._property("yield_strength")

    @property
    def hardening_modulus(self) -> Property | None:
        """dσ_y/dε_p [Pa]."""
        return self._property("hardening_modulus")

    @property
    def creep(self) -> Creep | None:
        """Power-law creep."""
        return self.properties.creep

    @property
    def open_circuit_potential(self) -> CompositionLaw | None:
        """U(x, T) [V] against lithium."""
        return self.properties.open_circuit_potential

    @property
    def maximum_concentration(self) -> float | None:
        """Most of the species per reference volume [mol/m³]: as given, or saturation/V_host."""
        saturation, volume = self.properties.saturation, self.properties.host_molar_volume
        given: float | None = self.properties.maximum_concentration
        return given if saturation is None or volume is None else float(saturation / volume)

    @property
    def composition_per_concentration(self) -> float | None:
        """x/c [m³/mol]: V_host, and x is mol of the species per mol host; without it 1/c_max, and x = c/c_max."""
        volume: float | None = self.properties.host_molar_volume
        highest = self.maximum_concentration
        return volume if volume is not None or highest is None else 1.0 / highest

    @property
    def saturation(self) -> float | None:
        """Largest composition x: mol of the species per mol host, or 1 where x = c/c_max."""
        volume, highest = self.properties.host_molar_volume, self.maximum_concentration
        if highest is None:
            return None
        return 1.0 if volume is None else float(highest * volume)

    def _property(self, name: str) -> Property | None:
        law = self.law(name)
        return None if law is None or isinstance(law, CompositionLaw) else Property(name, law)

    def law(self, name: str) -> AnyLaw | None:
        """The law of a property; a conductivity from a resistivity and back by its reciprocal."""
        given: AnyLaw | None = getattr(self.properties, name)
        other = {
            "electrical_conductivity": self.properties.electrical_resistivity,
            "electrical_resistivity": self.properties.electrical_conductivity,
        }.get(name)
        if other is not None:
            return reciprocal(other, "S/m" if name.endswith("conductivity") else "ohm*m")
        if given is None and self.model is not None and self.doping is not None:
            return self.model.law(name, self.doping)
        return given

    @property
    def conducts(self) -> bool:
        """Whether it carries current; a card without an electrical conductivity carries heat only."""
        return self.electrical_conductivity is not None

    @property
    def conducts_ions(self) -> bool:
        """Whether it is an electrolyte."""
        return self.ionic_conductivity is not None

    @property
    def stores_species(self) -> bool:
        """Whether it is a host that lithium, or another species, diffuses in."""
        return self.diffusivity is not None and self.maximum_concentration is not None

    @property
    def deforms(self) -> bool:
        """Whether its elastic constants are known."""
        return self.young_modulus is not None and self.poisson_ratio is not None

    @property
    def yields(self) -> bool:
        """Whether it flows plastically beyond a yield strength."""
        return self.yield_strength is not None

    @property
    def creeps(self) -> bool:
        """Whether it creeps."""
        return self.creep is not None

    def figure_of_merit(self, T: ArrayLike) -> Array:
        """Figure of merit zT = S² σ T/κ at T in K.

        Raises:
            ValueError: the card lacks one of the three properties.
        """
        S, σ, κ = self.seebeck_coefficient, self.electrical_conductivity, self.thermal_conductivity
        if S is None or σ is None or κ is None:
            raise ValueError(f"{self.name} has no figure of merit: it lacks one of S, σ and κ")
        return np.asarray(S(T) ** 2 * σ(T) * np.asarray(T) / κ(T))

    @property
    def composition_unit(self) -> str:
        """What a composition x of it counts, such as mol Li per mol host."""
        return "c/c_max" if self.properties.host_molar_volume is None else f"mol {self.diffusing_species} per mol host"

    @property
    def range(self) -> tuple[float, float] | None:
        """Temperatures in K at which all its laws of temperature are known; None is unbounded."""
        return intersection([p.range for p in self._of_temperature()])

    def _of_temperature(self) -> list[Property]:
        return [Property(name, law) for name, law in self.laws() if not isinstance(law, CompositionLaw)]

    def check_range(self, T_min: float, T_max: float) -> list[Finding]:
        """What the temperatures T_min...T_max [K] ask of the card beyond its data."""
        beyond = findings.of_phase(self.name, self.phase_limit, T_max)
        return beyond + findings.of_temperatures(self.name, self._of_temperature(), T_min, T_max)

    def check_composition(self, low: float, high: float) -> list[Finding]:
        """What the compositions low...high ask of the card: 0 ≤ x ≤ saturation, and the ranges of its laws of x."""
        return findings.of_compositions(self, low, high)

    @property
    def warnings(self) -> list[str]:
        """What looks like a slip of unit or of column."""
        return plausible.warnings(self)


def _resolve(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, str | Path):
        try:
            return Card.load(value, folder(info))
        except InputError as error:
            raise ValueError(str(error)) from None
    return value


CardReference = Annotated[
    Card,
    BeforeValidator(_resolve, json_schema_input_type=str | Card),
    Field(description="name of a library card, path of a .yaml or .csv card, or a card written here"),
]


@lru_cache
def _library_card(name: str) -> Card:
    return _read(LIBRARY / f"{name}.yaml")


def _read(path: Path) -> Card:
    with no_circle(path):
        return card_file(path).parse(Card)  # type: ignore[no-any-return]
