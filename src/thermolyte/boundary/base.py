"""What conditions on exterior boundaries have in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from dolfinx import mesh as dmesh
from pydantic import BaseModel, ConfigDict
from ufl.core.expr import Expr

from thermolyte.parameters import Parameters
from thermolyte.physics.local import Local


class Condition(BaseModel):
    """A condition on one boundary."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    field: ClassVar[str]  # that it acts on

    @property
    def own_fields(self) -> frozenset[str]:
        """The fields that live on the boundary itself."""
        return frozenset()

    def parameters(self, domain: dmesh.Mesh) -> Parameters:
        """Its numbers, live."""
        return Parameters(self, domain)

    @property
    def fixes_level(self) -> bool:
        """Whether it ties the field to an absolute value."""
        return False


class Essential(Condition):
    """Prescribes values of its field."""

    @property
    def fixes_level(self) -> bool:
        """It does."""
        return True

    @abstractmethod
    def values(self, axes: tuple[str, ...], normal: int | None = None) -> dict[int | None, str | float]:
        """Component of the field (None: it is a scalar) -> the parameter that holds its value, or the value itself.

        `axes` as in Coordinates; `normal` is the number of the axis that the boundary is a plane across, if it is one.
        """


class Natural(Condition):
    """Adds a term to the residual of its field."""

    @abstractmethod
    def integrand(self, p: Parameters, here: Local, n: Expr) -> Expr:
        """What the condition adds to the residual per area; n is the outward normal."""
