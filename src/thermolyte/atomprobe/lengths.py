"""Lengths: of the correlation of the composition, of its averages, and of the cube that stands for the whole.

Fluctuations of the composition with the correlation exp(−r²/4σ²) lower the mean entropy of cubes of edge L by

    D(L) = D₀ [g(L)³ − g(E)³],   g(L) = (2/L²) [L σ √π erf(L/2σ) − 2σ² (1 − exp(−L²/4σ²))]

to second order in the fluctuations. D₀ is the deficit of a point; g³ is the share of a variance that is left in
averages over a cube; E³ is the volume of the sample, whose own composition is taken for that of the alloy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import curve_fit
from scipy.special import erf

from thermolyte.atomprobe.ladder import Array, Rung, meaningful

TOLERANCE = 0.01
"""Deficit [R] below which a cube stands for the whole."""
WORST = 0.5
"""Largest relative error of a length that is reported."""


class Correlation(NamedTuple):
    """Fitted correlation length σ [nm] and deficit of a point D₀ [R], with their standard errors."""

    sigma: float
    sigma_error: float
    strength: float
    strength_error: float
    edge: float
    """Edge E [nm] of the cube with the sample's volume."""

    @property
    def integral_range(self) -> float:
        """∫ exp(−r²/4σ²) dV = (4πσ²)^(3/2) [nm³]: one independent value of the composition per such volume."""
        return float((4 * math.pi * self.sigma**2) ** 1.5)

    def deficit(self, L: ArrayLike) -> Array:
        """D(L) [R] for cubes of edge L [nm]."""
        return _deficit(np.asarray(L, dtype=float), self.sigma, self.strength, self.edge)


TOO_FEW = "no length: the fit needs three sizes with ten atoms or more in a cube; give larger ones with --sizes"


class Refusal(NamedTuple):
    """Why there is no length."""

    reason: str


def kept_share(L: ArrayLike, sigma: float) -> Array:
    """g(L): share of a variance left in averages over a length L [nm], for the correlation exp(−u²/4σ²).

    1 for L ≪ σ, 2√π σ/L for L ≫ σ.
    """
    t = np.asarray(L, dtype=float) / (2 * sigma)
    return np.asarray((math.sqrt(math.pi) * t * erf(t) + np.expm1(-(t**2))) / t**2)


def correlation(rungs: Sequence[Rung]) -> Correlation | Refusal:
    """σ and D₀ fitted to the deficits of all sizes, weighted by their errors, or why that would mean nothing."""
    used = meaningful(rungs)
    outside = [r for r in used if r.significant]
    if outside and len(used) < 3:
        return Refusal(TOO_FEW)
    if len(outside) < 2:
        return Refusal(
            "no length: the deficit of "
            + ("all sizes" if not outside else f"all sizes but {outside[0].size:g} nm")
            + " is inside of the 95 % band of a random alloy"
            if used
            else "no length: no size has ten atoms in a cube"
        )
    return _fit(used)


def representative_size(rungs: Sequence[Rung], tolerance: float = TOLERANCE) -> float | None:
    """Smallest size [nm] from which on all deficits are below `tolerance` [R]; None when the largest one is not."""
    size = None
    for r in sorted(meaningful(rungs), key=lambda r: -r.size):
        if r.deficit >= tolerance:
            break
        size = r.size
    return size


def _fit(rungs: Sequence[Rung]) -> Correlation | Refusal:
    L = np.array([r.size for r in rungs])
    deficits = np.array([r.deficit for r in rungs])
    errors = np.array([_weight(r) for r in rungs])
    edge = max(r.size * r.cubes ** (1 / 3) for r in rungs)

    def model(L: Array, log_sigma: float, log_strength: float) -> Array:
        return _deficit(L, math.exp(log_sigma), math.exp(log_strength), edge)

    start = (math.log(L[0]), math.log(max(deficits)))
    bounds: Any = ((math.log(L[0] / 100), -20), (math.log(edge), 5))
    try:
        best, covariance = curve_fit(model, L, deficits, start, errors, bounds=bounds)
    except RuntimeError:
        return Refusal("no length: no σ and D₀ describe the deficits")
    (sigma, strength), (ds, dD) = np.exp(best), np.sqrt(np.diag(covariance))
    if not ds < WORST:
        return Refusal(
            f"no length: the fit gives {sigma:.2g} nm with an error of {100 * min(ds, 9.99):.0f} %; it is shorter than "
            "the smallest cubes show, or as long as the sample"
        )
    return Correlation(float(sigma), float(sigma * ds), float(strength), float(strength * dD), float(edge))


def _weight(r: Rung) -> float:
    """Error of a deficit in the fit: its own, and 2 % for what the second order leaves out."""
    return math.hypot(r.error, 0.02 * r.deficit) or 1e-9


def _deficit(L: Array, sigma: float, strength: float, edge: float) -> Array:
    return np.asarray(strength * (kept_share(L, sigma) ** 3 - kept_share(edge, sigma) ** 3))
