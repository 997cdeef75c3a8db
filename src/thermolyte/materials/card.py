"""Material cards: the properties of one material as laws of temperature, each number with its source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from thermolyte.case_file import CaseFile
from thermolyte.errors import InputError
from thermolyte.explain import choices
from thermolyte.materials import plausible
from thermolyte.materials.base import Array, Interpolation, Outside
from thermolyte.materials.csv_file import read_csv
from thermolyte.materials.laws import Law, PrincipalAxes, PropertyLaw, Source, intersection
from thermolyte.materials.property import Property, reciprocal

LIBRARY = Path(__file__).parent / "library"
Kind = Literal["n-type", "p-type", "thermoelectric", "metal", "solder", "ceramic", "other"]


class Finding(NamedTuple):
    """Something about a card that the user should know before trusting the numbers."""

    severity: Literal["warning", "error"]
    text: str


def _law_in(unit: str, name: str) -> AfterValidator:
    """Converts a law to the SI unit of its property and refuses what no material has."""
    return AfterValidator(partial(plausible.in_si, unit=unit, name=name))


class Properties(BaseModel):
    """The properties of a material as they were published: either a conductivity or a resistivity."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    seebeck_coefficient: Annotated[PropertyLaw, _law_in("V/K", "seebeck_coefficient")] | None = None
    electrical_conductivity: Annotated[PropertyLaw, _law_in("S/m", "electrical_conductivity")] | None = None
    electrical_resistivity: Annotated[PropertyLaw, _law_in("ohm*m", "electrical_resistivity")] | None = None
    thermal_conductivity: Annotated[PropertyLaw, _law_in("W/(m*K)", "thermal_conductivity")] | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _cards_of_mixtures(cls, value: Any, info: ValidationInfo) -> Any:
        return _with_card_laws(value, str(info.field_name), folder(info))

    @model_validator(mode="after")
    def _one_current_law(self) -> Self:
        if self.electrical_conductivity and self.electrical_resistivity:
            raise ValueError("electrical_conductivity and electrical_resistivity are both given: keep one")
        return self


class Card(BaseModel):
    """A material."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = "unnamed"
    title: str = ""
    composition: str | None = None
    kind: Kind = "other"
    source: Source = Source()
    properties: Properties

    @model_validator(mode="after")
    def _sign(self) -> Self:
        plausible.check_sign(self)
        return self

    @classmethod
    def load(cls, name_or_path: str | Path, base: Path = Path()) -> Card:
        """The card of a library name, or of a .yaml or .csv file relative to the folder `base`.

        Raises:
            InputError: no such card (with the known names), or a mistake in its file (with the line).
        """
        if str(name_or_path) in library():
            return _library_card(str(name_or_path))
        path = base / name_or_path
        if path.suffix not in (".yaml", ".yml", ".csv"):
            raise InputError(f"no material card `{name_or_path}`; {choices(str(name_or_path), library())}")
        if not path.is_file():
            raise InputError(f"no such material card: {path}")
        return _read(path)

    def with_interpolation(self, interpolation: Interpolation) -> Card:
        """The same card with all its tables interpolated 'linear' or 'monotone_cubic'."""
        laws = {name: law.with_interpolation(interpolation) for name, law in self.laws()}
        return self.model_copy(update={"properties": self.properties.model_copy(update=laws)})

    def laws(self) -> Iterator[tuple[str, Law | PrincipalAxes]]:
        """Names and laws of the properties as they are given."""
        return ((name, law) for name, law in self.properties if law is not None)

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

    def _property(self, name: str) -> Property | None:
        law = self.law(name)
        return None if law is None else Property(name, law)

    def law(self, name: str) -> Law | PrincipalAxes | None:
        """The law of a property; a conductivity from a resistivity and back by its reciprocal."""
        given: Law | PrincipalAxes | None = getattr(self.properties, name)
        other = {
            "electrical_conductivity": self.properties.electrical_resistivity,
            "electrical_resistivity": self.properties.electrical_conductivity,
        }.get(name)
        return given if other is None else reciprocal(other, "S/m" if name.endswith("conductivity") else "ohm*m")

    @property
    def conducts(self) -> bool:
        """Whether it carries current; a card without an electrical conductivity carries heat only."""
        return self.electrical_conductivity is not None

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
    def range(self) -> tuple[float, float] | None:
        """Temperatures in K at which all its properties are known; None is unbounded."""
        return intersection([Property(*item).range for item in self.laws()])

    def check_range(self, T_min: float, T_max: float) -> list[Finding]:
        """What the temperatures T_min...T_max [K] ask of the card beyond its data."""
        left: dict[Outside, list[Property]] = {}
        for p in (Property(*item) for item in self.laws()):
            low, high = p.range or (-np.inf, np.inf)
            if T_min < low * (1 - 1e-9) or T_max > high * (1 + 1e-9):
                left.setdefault(p.outside, []).append(p)
        return [self._finding(outside, properties, T_min, T_max) for outside, properties in left.items()]

    def _finding(self, outside: Outside, properties: list[Property], T_min: float, T_max: float) -> Finding:
        low, high = intersection([p.range for p in properties]) or (-np.inf, np.inf)
        text = (
            f"{self.name}: {', '.join(p.name for p in properties)} known from {low:.5g} K to {high:.5g} K and asked "
            f"for from {T_min:.5g} K to {T_max:.5g} K"
        )
        if outside == "error":
            return Finding("error", f"{text}; no value outside: change the temperature or the card")
        return Finding("warning", f"{text}; held constant outside")

    @property
    def warnings(self) -> list[str]:
        """What looks like a slip of unit or of column."""
        return plausible.warnings(self)


def library() -> list[str]:
    """Names of the cards that come with the package."""
    return sorted((path.stem for path in LIBRARY.glob("*.yaml")), key=str.lower)


def folder(info: ValidationInfo) -> Path:
    """The folder against which paths in the case or card are resolved."""
    return Path((info.context or {}).get("folder", "."))


def _for_solving(card: Card) -> Card:
    if card.thermal_conductivity is None:
        raise ValueError(f"card {card.name} has no thermal_conductivity: nothing can be solved without it")
    return card


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
    AfterValidator(_for_solving),
    Field(description="name of a library card, path of a .yaml or .csv card, or a card written here"),
]


@lru_cache
def _library_card(name: str) -> Card:
    return _read(LIBRARY / f"{name}.yaml")


_reading: list[Path] = []


@contextmanager
def _no_circle(path: Path) -> Iterator[None]:
    if path.resolve() in _reading:
        raise InputError(f"{path}: the mixture in this card comes back to the card itself")
    _reading.append(path.resolve())
    try:
        yield
    finally:
        _reading.pop()


def _read(path: Path) -> Card:
    with _no_circle(path):
        file = CaseFile(path, read_csv(path)) if path.suffix == ".csv" else CaseFile.read(path)
        file.data.setdefault("name", path.stem)
        return file.parse(Card)  # type: ignore[no-any-return]


def _with_card_laws(value: Any, name: str, base: Path) -> Any:
    """The raw law with `card: NAME` in the parts of mixtures resolved to the law of that card."""
    if isinstance(value, list | tuple):
        return [_with_card_laws(v, name, base) for v in value]
    if not isinstance(value, dict):
        return value
    if "card" in value and value.get("of") is None:
        try:
            law = Card.load(str(value["card"]), base).law(name)
        except InputError as error:
            raise ValueError(str(error)) from None
        if law is None or isinstance(law, PrincipalAxes):
            raise ValueError(f"card {value['card']} has no scalar {name} to mix")
        return {**value, "of": law}
    return {key: _with_card_laws(v, name, base) for key, v in value.items()}
