"""Mechanics: equilibrium of a body that lithium and heat make grow, at small or at finite strain.

    Div P = 0                    forces, P = first Piola-Kirchhoff stress [Pa]
    m = ∂ψ/∂c                    mechanical part of the chemical potential of lithium [J/mol], ψ = elastic energy

m is a field of its own, projected from the stress, because diffusion needs its gradient. It is kept up to date under
`coupling: one_way` too, where it moves nothing. A boundary without a condition is free of traction.

Strains by `physics.mechanics.strain`; laws in `small_strain` and `finite_strain`, inelastic flow in `plasticity`.
All tensors are 3 x 3, in the order of `Coordinates.gradient`. On the axis of axisymmetric and the centre of spherical
coordinates the hoop strain u_r/r is 0/0: evaluate at quadrature points inside the cells, never at vertices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import ufl
from numpy.typing import NDArray
from ufl.core.expr import Expr

from thermolyte.physics import finite_strain, plasticity, small_strain
from thermolyte.physics.elasticity import Response, equivalent_stress
from thermolyte.physics.finite_strain import deformation_gradient
from thermolyte.physics.local import DISPLACEMENT, MECHANICAL_POTENTIAL, Local

if TYPE_CHECKING:
    from thermolyte.medium import Medium
    from thermolyte.physics.options import PhysicsOptions

__all__ = [
    "deformation_gradient",
    "fields",
    "hydrostatic_stress",
    "memory",
    "residual",
    "strain_energy_density",
    "stress",
    "updated",
    "von_mises",
]


def fields(medium: Medium, options: PhysicsOptions) -> tuple[str, ...]:
    """The fields that live in a medium: none in what is taken as rigid or as not there."""
    if not medium.deforms:
        return ()
    chemical = medium.stores_species and options.diffusion is not None
    return (DISPLACEMENT, MECHANICAL_POTENTIAL) if chemical else (DISPLACEMENT,)


def residual(here: Local, dx: ufl.Measure) -> ufl.Form:
    """∫ P : ∇v dx, to which the conditions add −∮ t·v ds, and the projection ∫ (m − ∂ψ/∂c) y dx."""
    if DISPLACEMENT not in here.v:
        return ufl.Form([])
    answer = response(here)
    F = ufl.inner(answer.piola, here.coordinates.gradient(here.v[DISPLACEMENT], here.x)) * dx
    if MECHANICAL_POTENTIAL in here.v:
        F += (here.u[MECHANICAL_POTENTIAL] - answer.chemical) * here.v[MECHANICAL_POTENTIAL] * dx
    return F


def response(here: Local) -> Response:
    """Stress, energy and internal variables of the law that the case chose."""
    return finite_strain.response(here) if _is_finite(here.options) else small_strain.response(here)


def memory(medium: Medium, options: PhysicsOptions) -> dict[str, NDArray[np.float64]]:
    """Internal variables of a medium with their initial values (and by them their shapes); none where it is elastic."""
    return plasticity.memory(medium, _is_finite(options)) if medium.deforms else {}


def updated(here: Local) -> dict[str, Expr]:
    """The internal variables at the end of the step: to be written over `here.memory` once the step is accepted."""
    return dict(response(here).memory)


def stress(here: Local) -> Expr:
    """Cauchy stress [Pa], 3 x 3."""
    return response(here).cauchy


def von_mises(here: Local) -> Expr:
    """Von Mises stress √(3/2 s:s) [Pa] of the Cauchy stress; 1 mPa where that is zero."""
    return equivalent_stress(stress(here))


def hydrostatic_stress(here: Local) -> Expr:
    """Tr σ/3 [Pa], positive in tension."""
    return ufl.tr(stress(here)) / 3


def strain_energy_density(here: Local) -> Expr:
    """Elastic energy per volume of the reference configuration [J/m³]: its integral over the mesh is the energy."""
    return response(here).energy


def _is_finite(options: PhysicsOptions) -> bool:
    return options.mechanics is not None and options.mechanics.strain == "finite"
