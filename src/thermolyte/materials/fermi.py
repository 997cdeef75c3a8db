"""Complete Fermi-Dirac integrals F_j(η) = ∫ x^j/(1 + exp(x − η)) dx over x = 0...∞, for any real j > −1.

Without the factor 1/Γ(j + 1), as is usual for thermoelectrics: F_j → Γ(j + 1) exp η for η → −∞, and
F_j → η^{j+1}/(j + 1) for η → ∞.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import pi, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, roots_jacobi

from thermolyte.materials.base import Array

POINTS = 24
BELOW, ABOVE = 5, 6
WIDEST = 8.0
"""Panels of the quadrature below and above the Fermi level, and their largest width.

The integrand has poles at η ± iπ, so that 24 points on a width of 8 leave 1e-15; exp(−6 · 8) is what is cut off.
"""


def fermi_integral(j: float, η: ArrayLike) -> Array:
    """F_j(η) = ∫ x^j/(1 + exp(x − η)) dx [1], to 1e-13 relative; the shape of η.

    Raises:
        ValueError: j ≤ −1, where the integral diverges.
    """
    return _integral(j, η, lambda above: expit(-above))


def fermi_integral_slope(j: float, η: ArrayLike) -> Array:
    """dF_j/dη = ∫ x^j f(1 − f) dx [1] with the occupation f; it is j F_{j−1} where j > 0. The shape of η.

    Raises:
        ValueError: j ≤ −1, where the integral diverges.
    """
    return _integral(j, η, lambda above: expit(above) * expit(-above))


def reduced_fermi_level(filling: ArrayLike) -> Array:
    """η from F_{1/2}(η) = filling [1], the carriers per effective density of states; the shape of `filling`.

    Newton's method on ln F_{1/2}, which is concave: from any start it converges from below.

    Raises:
        ValueError: a filling ≤ 0 or not finite, which no Fermi level gives.
    """
    filling = np.asarray(filling, dtype=float)
    if not np.all((filling > 0) & np.isfinite(filling)):
        raise ValueError(f"F_1/2 must be positive and finite to have a Fermi level, but holds {filling.min():g}")
    η = np.log(filling * 2 / sqrt(pi)) + (1.5 * filling) ** (2 / 3)  # sum of its limits at −∞ and ∞
    for _ in range(30):
        F = fermi_integral(0.5, η)
        step = F / fermi_integral_slope(0.5, η) * np.log(filling / F)
        η = η + step
        if np.all(np.abs(step) <= 1e-7 * (1 + np.abs(η))):  # the next step would be its square
            break
    return η


def _integral(j: float, η: ArrayLike, occupation: Callable[[Array], Array]) -> Array:
    """∫ x^j occupation(x − η) dx on panels tied to η; Gauss-Jacobi on the first one takes the singularity of x^j."""
    if j <= -1:
        raise ValueError(f"the Fermi-Dirac integral of order j = {j:g} diverges: j must be above -1")
    level = np.asarray(η, dtype=float)[..., None]
    top = np.maximum(level, float(BELOW))  # at least 5: for lower η the panels resolve x^j near x = 0
    width = np.minimum(top / BELOW, WIDEST)
    start = top - (BELOW - 1) * width

    at, weight = _rule(j)
    total = (start[..., 0] / 2) ** (j + 1) * (weight * occupation(start / 2 * (1 + at) - level)).sum(axis=-1)
    at, weight = _rule(0.0)
    for panel in range(BELOW + ABOVE - 1):
        end = start + (width if panel < BELOW - 1 else WIDEST)
        x = start + (end - start) / 2 * (1 + at)
        total = total + (end - start)[..., 0] / 2 * (weight * x**j * occupation(x - level)).sum(axis=-1)
        start = end
    return np.asarray(total)


@lru_cache
def _rule(j: float) -> tuple[Array, Array]:
    """Points and weights of the Gauss rule on −1...1 for the weight (1 + s)^j."""
    at, weight = roots_jacobi(POINTS, 0.0, j)
    return np.asarray(at), np.asarray(weight)
