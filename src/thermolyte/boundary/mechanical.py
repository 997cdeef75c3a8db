"""Mechanical conditions on exterior boundaries: each class is the YAML of one condition and its term of the residual.

A boundary without a condition is free of traction. Loads are per area of the reference configuration and keep their
direction (dead loads), which is what a stack pressure on a flat face is; they do not follow a face that turns.
"""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import ufl
from pydantic import Field, model_validator
from ufl.core.expr import Expr

from thermolyte import units
from thermolyte.boundary.base import Essential, Natural
from thermolyte.errors import InputError
from thermolyte.interface.friction import Friction, friction_traction
from thermolyte.parameters import Parameters
from thermolyte.physics.local import DISPLACEMENT, Local

COMPONENTS = ("x", "y", "z", "r")


class Displacement(Essential):
    """u_k = value [m] for each component that is given; the others are free."""

    field: ClassVar[str] = DISPLACEMENT
    type: Literal["displacement"]
    x: units.SignedLength | None = None
    y: units.SignedLength | None = None
    z: units.SignedLength | None = None
    r: units.SignedLength | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not _given(self):
            raise ValueError("give at least one of x, y, z, r (or type: clamped for all components zero)")
        return self

    def values(self, axes: tuple[str, ...], normal: int | None = None) -> dict[int | None, str | float]:  # noqa: ARG002
        """The components that are given.

        Raises:
            InputError: a component that the geometry does not have.
        """
        return {i: name for i, name in _indices(self, axes).items()}


class Clamped(Essential):
    """u = 0: all components are held."""

    field: ClassVar[str] = DISPLACEMENT
    type: Literal["clamped"]

    def values(self, axes: tuple[str, ...], normal: int | None = None) -> dict[int | None, str | float]:  # noqa: ARG002
        """Zero for all components."""
        return dict.fromkeys(range(len(axes)), 0.0)


class Symmetry(Essential):
    """u·n = 0 on a plane across one axis, free of shear: a mirror plane, or a rigid wall without friction."""

    field: ClassVar[str] = DISPLACEMENT
    type: Literal["symmetry"]

    def values(self, axes: tuple[str, ...], normal: int | None = None) -> dict[int | None, str | float]:
        """Zero for the component along the normal.

        Raises:
            InputError: the boundary is not a plane across one of the axes.
        """
        if normal is None:
            raise InputError(f"symmetry needs a plane across one of the axes {', '.join(axes)}: use `displacement`")
        return {normal: 0.0}


class Pressure(Natural):
    """t = −p n [Pa]: a positive pressure pushes into the body."""

    field: ClassVar[str] = DISPLACEMENT
    type: Literal["pressure"]
    pressure: units.Pressure

    def integrand(self, p: Parameters, here: Local, n: Expr) -> Expr:
        """P n·v."""
        return p.pressure * ufl.dot(n, here.v[DISPLACEMENT])


class Traction(Natural):
    """t [Pa] by its components; those that are left out are zero."""

    field: ClassVar[str] = DISPLACEMENT
    type: Literal["traction"]
    x: units.Stress | None = None
    y: units.Stress | None = None
    z: units.Stress | None = None
    r: units.Stress | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not _given(self):
            raise ValueError("give at least one of x, y, z, r")
        return self

    def integrand(self, p: Parameters, here: Local, n: Expr) -> Expr:  # noqa: ARG002
        """−t·v.

        Raises:
            InputError: a component that the geometry does not have.
        """
        v = here.v[DISPLACEMENT]
        return -sum(getattr(p, name) * v[i] for i, name in _indices(self, here.coordinates.axes).items())


class FrictionCondition(Natural, Friction):
    """Friction on a rigid counterpart at rest that does not touch the normal direction: combine with a pressure.

    The law is that of `Friction`; the normal stress of its Coulomb part is `pressure`, an input of its own.
    """

    field: ClassVar[str] = DISPLACEMENT
    type: Literal["friction"]
    pressure: units.Pressure = Field(0.0, ge=0, description="normal pressure that the friction coefficient acts on")

    @model_validator(mode="after")
    def _pressed(self) -> Self:
        if not (self.limit > 0 or self.friction_coefficient > 0):
            raise ValueError("give limit, or friction_coefficient with pressure (without friction: no condition)")
        if self.friction_coefficient > 0 and self.pressure == 0:
            raise ValueError("friction_coefficient needs the pressure that it acts on")
        return self

    def integrand(self, p: Parameters, here: Local, n: Expr) -> Expr:
        """−t·v with the friction traction t against the displacement."""
        return -ufl.dot(friction_traction(p, here.u[DISPLACEMENT], n, p.pressure), here.v[DISPLACEMENT])


def _given(model: Displacement | Traction) -> list[str]:
    return [k for k in COMPONENTS if getattr(model, k) is not None]


def _indices(model: Displacement | Traction, axes: tuple[str, ...]) -> dict[int, str]:
    """Component of the vector -> its name, for those that are given."""
    unknown = [k for k in _given(model) if k not in axes]
    if unknown:
        raise InputError(f"{model.type}: this geometry has no component `{unknown[0]}`; known: {', '.join(axes)}")
    return {axes.index(k): k for k in _given(model)}
