"""Friction, regularised: the law that a boundary on a rigid counterpart and a sliding interface share."""

from __future__ import annotations

import ufl
from pydantic import BaseModel, Field
from ufl.core.expr import Expr

from thermolyte import units
from thermolyte.parameters import Parameters


class Friction(BaseModel):
    """t = −τ_max tanh(|g|/δ) g/|g| with the tangential slip g and τ_max = τ_adhesive + µ p.

    The limit is that of Mohr and Coulomb: adhesion, which needs no pressure, plus friction in proportion to the normal
    pressure p. Slip is counted from the stress-free state, so that the law is elastic: it does not remember slip when
    the motion turns back. Below τ_max the faces yield by about δ τ/τ_max, the price of a smooth law.
    """

    limit: units.Stress = Field(0.0, ge=0, description="adhesive limit of the shear traction")
    friction_coefficient: units.FrictionCoefficient = 0.0
    regularisation: units.PositiveLength = Field(
        0.5e-9, description="slip over which the friction builds up: small against the slip that matters"
    )


def friction_traction(p: Parameters, slip: Expr, n: Expr, pressure: Expr) -> Expr:
    """T [Pa] against a slip (its part along n is dropped) at a normal pressure [Pa]."""
    tangential = slip - ufl.dot(slip, n) * n
    delta = p.regularisation
    size = ufl.sqrt(ufl.dot(tangential, tangential) + (1e-6 * delta) ** 2)  # smooth where nothing slips
    return -(p.limit + p.friction_coefficient * pressure) * ufl.tanh(size / delta) / size * tangential
