"""Lattice thermal conductivity κ_L of a Debye solid: the same formulas in numpy and in UFL.

J. Callaway, Phys. Rev. 113 (1959) 1046, doi:10.1103/PhysRev.113.1046, in the relaxation-time approximation, that is
without Callaway's second integral for normal processes; P. G. Klemens, Phys. Rev. 119 (1960) 507,
doi:10.1103/PhysRev.119.507, for the limit of point defects at high temperature.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import ufl
from scipy.constants import Boltzmann, hbar
from ufl.core.expr import Expr as UflExpr

QUADRATURE_POINTS = 32
"""Gauss-Legendre points of the integral over frequency; 1e-9 from 100 to 1300 K for grains of a micrometre."""
SMALL = 1e-3
"""u² below which arctan(u)/u is taken from its series, which is finite at u = 0 with all its derivatives."""


class Rates(NamedTuple):
    """1/τ = v/L + A ω⁴ + B ω² T exp(−θ/3T) + C ω² [1/s]; each may be a number, an array or a UFL expression.

    boundary is v/L [1/s], point_defect A [s³], umklapp B [s/K], and carriers C [s], what carriers and softened bonds
    add. The exponent of the Umklapp rate is that of G. A. Slack, S. Galginaitis, Phys. Rev. 133 (1964) A253.
    """

    boundary: Any
    point_defect: Any
    umklapp: Any
    carriers: Any


def debye_callaway(T: Any, sound_velocity: float, debye_temperature: float, rates: Rates) -> Any:
    """κ_L = k ω_D³/(2π² v) ∫_0^1 y² E(yθ/T) τ(yω_D) dy [W/(m K)], E(x) = x² eˣ/(eˣ − 1)², at T > 0 in K.

    It is Callaway's (k/2π²v)(kT/ħ)³ ∫_0^{θ/T} τ x⁴ eˣ/(eˣ − 1)² dx with y = ω/ω_D. The rule is fixed, so that numbers
    and UFL expressions go through one sum; its points crowd at y = 0, where τ of large grains bends.
    """
    y, weights = _rule()
    ω_D = Boltzmann * debye_temperature / hbar
    umklapp = rates.umklapp * T * function("exp", -debye_temperature / (3.0 * T)) + rates.carriers
    scale = Boltzmann * ω_D**3 / (2.0 * np.pi**2 * sound_velocity)
    total = 0.0
    for ω, weight, at in zip(ω_D * y, scale * weights * y**2, 0.5 * debye_temperature * y, strict=True):
        rate = rates.boundary + ω**2 * (umklapp + ω**2 * rates.point_defect)
        x_2 = at / T  # E(x) = [(x/2)/sinh(x/2)]²: exact where eˣ − 1 would cancel
        total = total + weight * (x_2 / function("sinh", x_2)) ** 2 / rate
    return total


def klemens_ratio(u_squared: Any) -> Any:
    """κ_L/κ_0 = arctan(u)/u [1] of the disorder u² ≥ 0, in numpy or in UFL."""
    series = _series(u_squared)
    if isinstance(u_squared, UflExpr):
        u = ufl.sqrt(ufl.conditional(ufl.gt(u_squared, SMALL), u_squared, SMALL))
        return ufl.conditional(ufl.gt(u_squared, SMALL), ufl.atan(u) / u, series)
    u = np.sqrt(np.maximum(u_squared, SMALL))
    return np.where(np.greater(u_squared, SMALL), np.arctan(u) / u, series)


def debye_temperature(sound_velocity: float, volume_per_atom: float) -> float:
    """θ_D = (ħ v/k)(6π²/Ω)^{1/3} [K] of the mean sound velocity v [m/s] and the volume per atom Ω [m³]."""
    return float(hbar * sound_velocity / Boltzmann * (6.0 * np.pi**2 / volume_per_atom) ** (1 / 3))


def function(name: str, x: Any) -> Any:
    """The elementary function `name` of a UFL expression, or else of numbers."""
    return getattr(ufl if isinstance(x, UflExpr) else np, name)(x)


def _series(z: Any) -> Any:
    """1 − z/3 + z²/5 − z³/7 + z⁴/9, arctan(√z)/√z to 1e-16 within |z| < SMALL."""
    return 1.0 - z * (1 / 3 - z * (1 / 5 - z * (1 / 7 - z / 9)))


def _rule() -> tuple[np.ndarray, np.ndarray]:
    """Points y and weights on 0...1: Gauss-Legendre in t with y = t³."""
    points, weights = np.polynomial.legendre.leggauss(QUADRATURE_POINTS)
    t = 0.5 * (points + 1.0)
    return t**3, 1.5 * t**2 * weights
