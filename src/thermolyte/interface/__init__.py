"""Laws of the interface between two regions: each class is its YAML and its terms of the residual.

An interface without a law is perfect: all fields are continuous across it. To add a law, add a file and name it in
`Interface`.
"""

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Tag

from thermolyte.interface.charge_transfer import ChargeTransfer
from thermolyte.interface.contact import Contact
from thermolyte.interface.several import Several
from thermolyte.interface.sliding import Sliding


def _kind(value: Any) -> str:
    """Tag of the law that was meant; a contact may leave its type out."""
    if isinstance(value, Several):
        return "several"
    if isinstance(value, dict):
        return str(value.get("type", "several" if "laws" in value else "contact"))
    return str(getattr(value, "type", "contact"))


def _many(value: Any) -> Any:
    """A list of laws is short for {laws: [...]}."""
    return (
        {"laws": [{"type": "contact", **x} if isinstance(x, dict) else x for x in value]}
        if isinstance(value, list)
        else value
    )


Law = Annotated[
    Annotated[Contact, Tag("contact")]
    | Annotated[ChargeTransfer, Tag("charge_transfer")]
    | Annotated[Sliding, Tag("sliding")]
    | Annotated[Several, Tag("several")],
    Discriminator(_kind),
]
Interface = Annotated[Law, BeforeValidator(_many)]
