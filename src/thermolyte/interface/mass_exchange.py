"""Exchange of the mobile species between a body and what it is joined to: interlayer, reaction layer, evaporation."""

from __future__ import annotations

from typing import ClassVar, Literal

import ufl
from ufl.core.expr import Expr

from thermolyte.errors import InputError
from thermolyte.mass_exchange import ExchangeParameters, MassExchange
from thermolyte.physics.local import CONCENTRATION, Local


class JunctionExchange(MassExchange):
    """What one side, the body that the species diffuses in, exchanges at the junction; the other side is a metal.

    Interlayer and reaction layer are amounts per area and not meshed. See `thermolyte.mass_exchange` for the equations.
    """

    type: Literal["mass_exchange"]

    jumps: ClassVar[frozenset[str]] = frozenset()  # the concentration ends at the interface

    def residual(self, p: ExchangeParameters, a: Local, b: Local, n: Expr, dS: ufl.Measure) -> ufl.Form:
        """The term ∮ N·n w of the body, and the balance of each reservoir."""
        del n
        return self.balance(p, body_of(a, b)) * dS


def body_of(a: Local, b: Local) -> Local:
    """The side that the species diffuses in.

    Raises:
        InputError: both sides, or neither.
    """
    sides = [s for s in (a, b) if CONCENTRATION in s.u]
    if len(sides) != 1:
        what = "in both sides" if sides else "in neither side"
        raise InputError(f"mass_exchange: the species diffuses {what}; it joins a leg and a metal")
    return sides[0]
