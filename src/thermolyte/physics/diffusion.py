"""Diffusion of a species in a host: lithium in an electrode, magnesium in a leg.

    ∂c/∂t + ∇·N = 0
    N = −D (∇c + c/(RT Θ) ∇m)          flux [mol/(m² s)]

c is the concentration per reference volume. D is the chemical diffusivity, the one of Fick's law that experiments give,
so that without stress the flux is Fick's. It holds the thermodynamic factor Θ = −(F/RT) x dU/dx already: the mobility
of lithium is D/(RT Θ), and by that a gradient of the mechanical potential m [J/mol] moves it. Θ comes from the card's
open-circuit potential and is 1 (ideal: µ = RT ln c + m) without one.

m acts under `coupling: two_way`; under `one_way` lithium moves by its own gradient only. At finite strain ∇ is that of
the reference configuration and D becomes D C⁻¹ with C = FᵀF (isotropic in the deformed body), under both couplings.
A boundary without a condition lets nothing through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ufl
from ufl.core.expr import Expr

from thermolyte.physics.balance import balance
from thermolyte.physics.constants import GAS_CONSTANT
from thermolyte.physics.local import CONCENTRATION, DISPLACEMENT, MECHANICAL_POTENTIAL, TEMPERATURE, Local

if TYPE_CHECKING:
    from thermolyte.medium import Medium
    from thermolyte.physics.options import PhysicsOptions

SMALLEST_FACTOR = 1e-9


def fields(medium: Medium, options: PhysicsOptions) -> tuple[str, ...]:
    """The concentration, in a medium that stores the species."""
    del options
    return (CONCENTRATION,) if medium.stores_species else ()


def flux(here: Local) -> Expr:
    """N [mol/(m² s)] through the reference area."""
    c, T = here.u[CONCENTRATION], here.u[TEMPERATURE]
    x = here.medium.composition(c)
    force = ufl.grad(c)
    if MECHANICAL_POTENTIAL in here.u and here.options.coupling == "two_way":
        factor = here.medium.thermodynamic_factor(x, T)
        per_factor = factor / (factor**2 + SMALLEST_FACTOR**2)  # of a table, Θ ~ x: c/Θ stays finite where both are 0
        force += c * per_factor / (GAS_CONSTANT * T) * ufl.grad(here.u[MECHANICAL_POTENTIAL])
    return -here.medium.diffusivity(x, T) * _in_reference(force, here)


def residual(here: Local, dx: ufl.Measure) -> ufl.Form:
    """∇·N tested by v[c]; with `accumulation`, the test function 1 gives the balance of mass to round-off."""
    if CONCENTRATION not in here.v:
        return ufl.Form([])
    return balance(flux(here), here.v[CONCENTRATION], dx)


def accumulation(here: Local, dx: ufl.Measure) -> ufl.Form:
    """∂c/∂t tested by v[c]."""
    if CONCENTRATION not in here.v:
        return ufl.Form([])
    return here.rate[CONCENTRATION] * here.v[CONCENTRATION] * dx


def _in_reference(force: Expr, here: Local) -> Expr:
    """C⁻¹ times a gradient at finite strain; the hoop direction of curved coordinates has no gradient and drops out."""
    mechanics = here.options.mechanics
    if mechanics is None or mechanics.strain == "small" or DISPLACEMENT not in here.u:
        return force
    F = ufl.Identity(here.coordinates.dim) + ufl.grad(here.u[DISPLACEMENT])
    return ufl.dot(ufl.inv(F.T * F), force)
