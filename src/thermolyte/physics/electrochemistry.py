"""Conduction of ions in an electrolyte and of electrons in metals and hosts.

    i = −κ ∇φ_ionic,   ∇·i = 0          ions, one mobile kind: κ from the card, no concentration to polarise
    J = −σ ∇φ,         ∇·J = 0          electrons

Where the two meet, a law of charge transfer turns one current into the other (`interface/charge_transfer.py`).
A boundary without a condition lets no current through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ufl
from ufl.core.expr import Expr

from thermolyte.physics.balance import apply, balance
from thermolyte.physics.local import IONIC_POTENTIAL, POTENTIAL, TEMPERATURE, Local

if TYPE_CHECKING:
    from thermolyte.medium import Medium
    from thermolyte.physics.options import PhysicsOptions


def fields(medium: Medium, options: PhysicsOptions) -> tuple[str, ...]:
    """The potentials of what can move in a medium; a lumped metal has one voltage in place of its potential."""
    del options
    carriers = {IONIC_POTENTIAL: medium.conducts_ions, POTENTIAL: medium.conducts}
    return tuple(field for field, moves in carriers.items() if moves)


def ionic_current_density(here: Local) -> Expr:
    """I = −κ ∇φ_ionic [A/m²]."""
    kappa = here.medium.ionic_conductivity(here.u[TEMPERATURE])
    return -apply(kappa, ufl.grad(here.u[IONIC_POTENTIAL]))


def electronic_current_density(here: Local) -> Expr:
    """J = −σ ∇φ [A/m²]."""
    sigma = here.medium.at(here.u).electrical_conductivity(here.u[TEMPERATURE])
    return -apply(sigma, ufl.grad(here.u[POTENTIAL]))


def residual(here: Local, dx: ufl.Measure) -> ufl.Form:
    """∇·i = 0 and ∇·J = 0; the balance of a lumped metal is that of its interfaces and its terminal."""
    F = ufl.Form([])
    if IONIC_POTENTIAL in here.v:
        F += balance(ionic_current_density(here), here.v[IONIC_POTENTIAL], dx)
    if POTENTIAL in here.v and not here.medium.lumped:
        F += balance(electronic_current_density(here), here.v[POTENTIAL], dx)
    return F
