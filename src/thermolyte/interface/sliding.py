"""Sliding of two deforming regions on each other. Bonded is the absence of this law: the displacement is continuous."""

from __future__ import annotations

from typing import ClassVar, Literal

import ufl
from dolfinx import mesh as dmesh
from pydantic import ConfigDict, Field
from ufl.core.expr import Expr

from thermolyte import units
from thermolyte.interface.friction import Friction, friction_traction
from thermolyte.parameters import Parameters
from thermolyte.physics.local import DISPLACEMENT, Local


class Sliding(Friction):
    """Two faces that stay in touch and slide: frictionless, with an adhesive limit, with Coulomb friction, or both.

        p_n = k (u_a − u_b)·n          normal pressure [Pa] by a penalty k; n points from a to b
        t   = friction against the slip of a on b, at the given pressure, or at p_n where that presses

    Friction by the pressure of the solution alone does not hold a region that nothing else holds sideways: before the
    first step there is no pressure. Give `limit` or `pressure` then. The normal penalty acts both ways: the faces do
    not lift off, which is right under a stack pressure. Faces that met in the reference configuration stay partners:
    slip has to be small against the faces and their radius of curvature.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: Literal["sliding"]
    pressure: units.Pressure | None = Field(
        None, ge=0, description="normal pressure that the friction coefficient acts on; default: that of the solution"
    )
    # 1e19 Pa/m lets 1 GPa press the faces 0.1 nm into each other, less than an atomic distance, and is of the order of
    # E/h of cells of 10 nm, so that it does not harm the condition of the system of a thin film.
    normal_stiffness: units.Stiffness = Field(1e19, description="penalty against interpenetration")

    own_fields: ClassVar[frozenset[str]] = frozenset()

    @property
    def jumps(self) -> frozenset[str]:
        """The displacement."""
        return frozenset([DISPLACEMENT])

    def parameters(self, domain: dmesh.Mesh) -> Parameters:
        """Its numbers."""
        return Parameters(self, domain)

    def normal_pressure(self, p: Parameters, a: Local, b: Local, n: Expr) -> Expr:
        """p_n = k (u_a − u_b)·n [Pa], positive where the faces press on each other."""
        return p.normal_stiffness * ufl.dot(a.u[DISPLACEMENT] - b.u[DISPLACEMENT], n)

    def traction(self, p: Parameters, a: Local, b: Local, n: Expr) -> Expr:
        """Force per reference area that b exerts on a [Pa]."""
        normal = self.normal_pressure(p, a, b, n)
        pressing = ufl.max_value(normal, 0.0) if self.pressure is None else p.pressure
        slip = a.u[DISPLACEMENT] - b.u[DISPLACEMENT]
        return friction_traction(p, slip, n, pressing) - normal * n

    def residual(self, p: Parameters, a: Local, b: Local, n: Expr, dS: ufl.Measure) -> ufl.Form:
        """−∮ t·(v_a − v_b)."""
        return -ufl.dot(self.traction(p, a, b, n), a.v[DISPLACEMENT] - b.v[DISPLACEMENT]) * dS
