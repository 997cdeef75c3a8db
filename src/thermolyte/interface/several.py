"""Several laws at one interface, such as charge transfer and sliding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from dolfinx import fem
from dolfinx import mesh as dmesh
from pydantic import BaseModel, ConfigDict, Discriminator, Tag, model_validator

from thermolyte.interface.charge_transfer import ChargeTransfer
from thermolyte.interface.contact import Contact
from thermolyte.interface.mass_exchange import JunctionExchange
from thermolyte.interface.sliding import Sliding


def kind_of_law(value: Any) -> str:
    """Tag of the law that was meant; a contact may leave its type out."""
    return str(value.get("type", "contact") if isinstance(value, dict) else getattr(value, "type", "contact"))


OneLaw = Annotated[
    Annotated[Contact, Tag("contact")]
    | Annotated[ChargeTransfer, Tag("charge_transfer")]
    | Annotated[Sliding, Tag("sliding")]
    | Annotated[JunctionExchange, Tag("mass_exchange")],
    Discriminator(kind_of_law),
]


class Several(BaseModel):
    """The sum of laws of different kinds."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    laws: tuple[OneLaw, ...]

    @model_validator(mode="after")
    def _different(self) -> Several:
        kinds = [law.type for law in self.laws]
        for kind in kinds:
            if kinds.count(kind) > 1:
                raise ValueError(f"two laws of type {kind} at one interface: keep one")
        return self

    @property
    def jumps(self) -> frozenset[str]:
        """The fields that any of them lets jump."""
        return frozenset().union(*(law.jumps for law in self.laws))

    @property
    def own_fields(self) -> frozenset[str]:
        """The fields that live on the interface itself."""
        return frozenset().union(*(law.own_fields for law in self.laws))

    def parameters(self, domain: dmesh.Mesh) -> SeveralParameters:
        """The numbers of all, live."""
        return SeveralParameters([law.parameters(domain) for law in self.laws])


class SeveralParameters:
    """The numbers of several laws, in their order."""

    def __init__(self, parts: Sequence[Any]):
        self.parts = parts

    @property
    def constants(self) -> list[fem.Constant]:
        """Those of all laws."""
        return [c for part in self.parts for c in part.constants]

    def assign(self, model: Several) -> None:
        """Take over the numbers of laws of the same structure."""
        for part, law in zip(self.parts, model.laws, strict=True):
            part.assign(law)


def each(law: Any, p: Any) -> list[tuple[Any, Any]]:
    """The laws of an interface one by one, each with its parameters."""
    return list(zip(law.laws, p.parts, strict=True)) if isinstance(law, Several) else [(law, p)]


def without(law: Any, kind: type) -> Any:
    """An interface without its laws of a kind; None where nothing is left."""
    left = [one for one in (law.laws if isinstance(law, Several) else (law,)) if not isinstance(one, kind)]
    return Several(laws=tuple(left)) if len(left) > 1 else left[0] if left else None
