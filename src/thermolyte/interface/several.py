"""Several laws at one interface, such as charge transfer and sliding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ufl
from dolfinx import fem
from dolfinx import mesh as dmesh
from pydantic import BaseModel, ConfigDict, model_validator
from ufl.core.expr import Expr

from thermolyte.interface.charge_transfer import ChargeTransfer
from thermolyte.interface.contact import Contact
from thermolyte.interface.sliding import Sliding
from thermolyte.physics.local import Local


class Several(BaseModel):
    """The sum of laws of different kinds."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    laws: tuple[Contact | ChargeTransfer | Sliding, ...]

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

    def residual(self, p: SeveralParameters, a: Local, b: Local, n: Expr, dS: ufl.Measure) -> ufl.Form:
        """The sum of their terms."""
        return sum(law.residual(q, a, b, n, dS) for law, q in zip(self.laws, p.parts, strict=True))


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
