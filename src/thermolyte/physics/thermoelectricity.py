"""Thermoelectricity: steady coupled transport of heat and charge.

    J = −σ(∇φ + S∇T)        current density [A/m²]
    q = S T J − κ∇T         heat flux [W/m²]
    ∇·J = 0                 charge
    ∇·(q + φJ) = 0          energy, that is ∇·q = −J·∇φ

S, σ and κ may depend on T; the Thomson heat −T (dS/dT) J·∇T is then in ∇·q without a term of its own, and the Peltier
heat of a junction follows from the continuity of q + φJ (L. D. Landau, E. M. Lifshitz, Electrodynamics of Continuous
Media, §26; E. E. Antonova, D. C. Looman, ICT 2005, doi:10.1109/ICT.2005.1519922).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import ufl
from ufl.core.expr import Expr

from thermolyte.physics.balance import apply, balance
from thermolyte.physics.local import POTENTIAL, TEMPERATURE, Local


class Conductor(Protocol):
    """What a material tells this physics: UFL property laws of T in SI units; scalars or diagonal tensors."""

    @property
    def conducts(self) -> bool:
        """Whether the material carries current at all."""
        ...

    def at(self, u: Mapping[str, Expr]) -> Conductor:
        """The same with its laws taken at the composition that is among the fields."""
        ...

    def seebeck_coefficient(self, T: Expr) -> Expr:
        """S(T) [V/K]."""
        ...

    def electrical_conductivity(self, T: Expr) -> Expr:
        """σ(T) [S/m]."""
        ...

    def thermal_conductivity(self, T: Expr) -> Expr:
        """κ(T) [W/(m K)]."""
        ...


class Fluxes(NamedTuple):
    """J [A/m²] and q [W/m²] of one region."""

    current_density: Expr
    heat_flux: Expr


def fields(material: Conductor, options: object = None) -> tuple[str, ...]:
    """The fields that live in a material: a ceramic carries heat only."""
    del options
    return (TEMPERATURE, POTENTIAL) if material.conducts else (TEMPERATURE,)


def fluxes(material: Conductor, u: Mapping[str, Expr]) -> Fluxes:
    """J = −σ(∇φ + S∇T) and q = S T J − κ∇T; J = 0 in a material that does not conduct."""
    material, T = material.at(u), u[TEMPERATURE]
    conduction = -apply(material.thermal_conductivity(T), ufl.grad(T))
    if not material.conducts:
        return Fluxes(0 * ufl.grad(T), conduction)
    S = material.seebeck_coefficient(T)
    J = -apply(material.electrical_conductivity(T), ufl.grad(u[POTENTIAL]) + apply(S, ufl.grad(T)))
    return Fluxes(J, T * apply(S, J) + conduction)


def joule_heat(material: Conductor, u: Mapping[str, Expr]) -> Expr:
    """J·σ⁻¹J = −J·(∇φ + S∇T) [W/m³]: what the resistance of the material dissipates."""
    material, T = material.at(u), u[TEMPERATURE]
    field = ufl.grad(u[POTENTIAL]) + apply(material.seebeck_coefficient(T), ufl.grad(T))
    return -ufl.inner(fluxes(material, u).current_density, field)


def residual(here: Local, dx: ufl.Measure) -> ufl.Form:
    """∇·J = 0 tested by v[φ] and ∇·q = −J·∇φ tested by v[T]."""
    material, u, v = here.medium, here.u, here.v
    J, q = fluxes(material, u)
    if not material.conducts:
        return balance(q, v[TEMPERATURE], dx)
    work = -ufl.inner(J, ufl.grad(u[POTENTIAL]))
    return balance(J, v[POTENTIAL], dx) + balance(q, v[TEMPERATURE], dx, source=work)


def thomson_heat(material: Conductor, u: Mapping[str, Expr]) -> Expr:
    """T (dS/dT) J·∇T [W/m³]: the reversible heat that current takes up in a gradient of temperature."""
    T = ufl.variable(u[TEMPERATURE])
    slope = ufl.diff(material.at(u).seebeck_coefficient(T), T)
    return u[TEMPERATURE] * ufl.inner(fluxes(material, u).current_density, apply(slope, ufl.grad(u[TEMPERATURE])))
