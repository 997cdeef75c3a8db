"""Material cards: property laws of temperature or composition, each number with its source."""

from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, Discriminator, Tag

from thermolyte import units
from thermolyte.materials.card import Card, CardReference
from thermolyte.materials.card_file import library
from thermolyte.materials.carriers import Carriers
from thermolyte.materials.composition import CompositionLaw
from thermolyte.materials.creep import Creep
from thermolyte.materials.findings import Finding
from thermolyte.materials.laws import Law, ScalarLaw
from thermolyte.materials.plausible import in_si
from thermolyte.materials.properties import Properties
from thermolyte.materials.property import Property, StateProperty
from thermolyte.materials.roles import Role, missing

ContactResistivityLaw = Annotated[ScalarLaw, AfterValidator(partial(in_si, unit="ohm*m^2", name="contact_resistivity"))]
ThermalResistanceLaw = Annotated[
    ScalarLaw, AfterValidator(partial(in_si, unit="K*m^2/W", name="thermal_contact_resistance"))
]


def _number_or_law(number: Any, law: Any) -> Any:
    """A number with its unit, or a law of temperature; what is wrong is said of the one that was meant."""
    which = Discriminator(lambda value: "number" if isinstance(value, int | float | str) else "law")
    return Annotated[Annotated[number, Tag("number")] | Annotated[law, Tag("law")], which]


ContactResistivity = _number_or_law(units.ContactResistivity, ContactResistivityLaw)
ThermalContactResistance = _number_or_law(units.ThermalContactResistance, ThermalResistanceLaw)

__all__ = [
    "Card",
    "CardReference",
    "Carriers",
    "CompositionLaw",
    "ContactResistivity",
    "ContactResistivityLaw",
    "Creep",
    "Finding",
    "Law",
    "Properties",
    "Property",
    "Role",
    "StateProperty",
    "ThermalContactResistance",
    "ThermalResistanceLaw",
    "library",
    "missing",
]
