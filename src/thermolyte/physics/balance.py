"""The one place with the minus signs of a weak form."""

from __future__ import annotations

import ufl
from ufl.core.expr import Expr


def balance(flux: Expr, test: Expr, dx: ufl.Measure, source: Expr | float = 0.0) -> ufl.Form:
    """Weak form of ∇·flux = source: −∫ flux·∇test dx − ∫ source test dx.

    The boundary term +∮ flux·n test ds belongs to the conditions; without one, the total flux through a face is zero.
    """
    return -ufl.inner(flux, ufl.grad(test)) * dx - ufl.as_ufl(source) * test * dx


def apply(property: Expr, vector: Expr) -> Expr:
    """Property times vector: a scalar scales it, a tensor of principal axes is applied to it."""
    return ufl.dot(property, vector) if property.ufl_shape else property * vector
