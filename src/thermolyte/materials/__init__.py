"""Material cards: property laws of temperature, each number with its source."""

from typing import Annotated

from pydantic import AfterValidator

from thermolyte.materials.card import Card, CardReference, Finding, library
from thermolyte.materials.laws import Law, ScalarLaw
from thermolyte.materials.property import Property

ContactResistivityLaw = Annotated[ScalarLaw, AfterValidator(lambda law: law.in_si("ohm*m^2"))]
ThermalResistanceLaw = Annotated[ScalarLaw, AfterValidator(lambda law: law.in_si("K*m^2/W"))]

__all__ = [
    "Card",
    "CardReference",
    "ContactResistivityLaw",
    "Finding",
    "Law",
    "Property",
    "ThermalResistanceLaw",
    "library",
]
