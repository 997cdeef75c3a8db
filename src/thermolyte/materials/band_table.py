"""A parabolic band as a function of its filling F = n/N, with the same numbers in numpy and in UFL.

The Fermi level follows from the carriers by F_{1/2}(η) = F, and everything else from η. As functions of y = ln(1 + F),
which is F where carriers are few and ln F in a metal, the parts that are left when the known limits are taken out are
smooth from y = 0 on, with no singularity nearer than π to the real axis:

    η   = ln F − ln Γ(3/2) + δ(y)          δ → 0 for few carriers
    S   = (k_B/e) [y − ln F + s(y)]
    µ   = µ_0 (2/3) exp m(y)
    L   = (k_B/e)² l(y)

They are tabulated once per λ, as piecewise polynomials that are good to 1e-10. So is the way back from a measured S:
with t = ln s and s = |S| e/k_B

    ln F = f(t) − exp t                    f → ln Γ(3/2) + 2 + λ for few carriers, a straight line in a metal
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import gamma, log
from typing import Any

import numpy as np
import ufl
from numpy.polynomial import Chebyshev, Polynomial
from ufl.core.expr import Expr as UflExpr

from thermolyte.materials import band
from thermolyte.materials.base import Array
from thermolyte.materials.composition import clipped
from thermolyte.materials.fermi import fermi_integral, reduced_fermi_level
from thermolyte.materials.table import piecewise, piecewise_ufl

HIGHEST_LEVEL = 100.0
"""Reduced Fermi level up to which the functions are tabulated; beyond it they are held constant."""
HIGHEST_FILLING = float(fermi_integral(0.5, HIGHEST_LEVEL))
LEAST_FILLING = 1e-200
"""So that ln F is finite where a Newton iterate has no carriers at all."""
LOG_CLASSICAL = log(gamma(1.5))
"""ln F_{1/2} − η where carriers are few."""
LOWEST_LEVEL = -25.0
"""Reduced Fermi level down to which S is inverted: there it is above 2 mV/K."""
PANELS, DEGREE = 7, 9
PANELS_OF_THERMOPOWER = 12


@dataclass(frozen=True)
class Filling:
    """What the table is read at: F, ln F and y = ln(1 + F), in numpy or in UFL."""

    value: Any
    log: Any
    y: Any

    @classmethod
    def of(cls, F: Any) -> Filling:
        """From the carriers per effective density of states, F = n/N."""
        F = clipped(F, LEAST_FILLING, HIGHEST_FILLING)
        return cls(F, logarithm(F), ufl.ln(1.0 + F) if isinstance(F, UflExpr) else np.log1p(F))


@dataclass(frozen=True, eq=False)
class BandTable:
    """Piecewise polynomials of y: δ, s, m and l of the module, one row per power of y − y_i."""

    knots: Array
    shift: Array
    thermopower: Array
    log_mobility: Array
    lorenz: Array
    log_thermopower: Array
    """Knots of t."""
    log_filling: Array

    def filling(self, S: Any) -> Filling:
        """The filling at which |S| [V/K] is `S`; held at those of η = −25 and 100 beyond them."""
        least, most = self.thermopowers
        s = clipped(S, least, most) / band.THERMOPOWER
        t = logarithm(s)
        return Filling.of(exponential(_read(t, self.log_thermopower, self.log_filling) - s))

    @property
    def thermopowers(self) -> tuple[float, float]:
        """Least and largest |S| [V/K] that `filling` inverts."""
        ends = band.THERMOPOWER * np.exp(self.log_thermopower[[0, -1]])
        return float(ends[0]), float(ends[1])

    def reduced_level(self, at: Filling) -> Any:
        """η [1]."""
        return at.log - LOG_CLASSICAL + self.level_shift(at)

    def level_shift(self, at: Filling) -> Any:
        """δ [1], by which η is above its value for few carriers."""
        return _read(at.y, self.knots, self.shift)

    def level_shift_slope(self, at: Filling) -> Any:
        """dδ/d ln F [1]."""
        slope = np.array([k * row for k, row in enumerate(self.shift)][1:])
        return (1.0 - exponential(-at.y)) * _read(at.y, self.knots, slope)  # dy/d ln F = F/(1 + F)

    def seebeck_coefficient(self, at: Filling) -> Any:
        """S [V/K]; positive, the one of holes."""
        return band.THERMOPOWER * (at.y - at.log + _read(at.y, self.knots, self.thermopower))

    def mobility_ratio(self, at: Filling) -> Any:
        """µ/µ_0 [1] of the drift mobility."""
        return 2 / 3 * exponential(_read(at.y, self.knots, self.log_mobility))

    def lorenz_number(self, at: Filling) -> Any:
        """L [V²/K²]."""
        return band.THERMOPOWER**2 * _read(at.y, self.knots, self.lorenz)


def _read(x: Any, knots: Array, rows: Array) -> Any:
    return piecewise_ufl(x, knots, rows) if isinstance(x, UflExpr) else piecewise(x, knots, rows)


@lru_cache
def band_table(λ: float) -> BandTable:
    """The table for τ ~ E^{λ−1/2}."""
    knots = np.linspace(0.0, np.log1p(HIGHEST_FILLING), PANELS + 1)

    def level(y: Array) -> Array:
        return reduced_fermi_level(np.expm1(y))

    def shift(y: Array) -> Array:
        return level(y) - np.log(np.expm1(y)) + LOG_CLASSICAL

    def thermopower(y: Array) -> Array:
        return band.seebeck_coefficient(level(y), λ) / band.THERMOPOWER - y + np.log(np.expm1(y))

    def log_mobility(y: Array) -> Array:
        return np.log(1.5 * band.mobility_ratio(level(y), λ))

    def lorenz(y: Array) -> Array:
        return band.lorenz_number(level(y), λ) / band.THERMOPOWER**2

    def log_filling(t: Array) -> Array:
        at = band.level_from_seebeck(band.THERMOPOWER * np.exp(t), λ)
        return np.log(fermi_integral(0.5, at)) + np.exp(t)

    least, most = np.log(band.seebeck_coefficient([HIGHEST_LEVEL, LOWEST_LEVEL], λ) / band.THERMOPOWER)
    log_thermopower = np.linspace(least, most, PANELS_OF_THERMOPOWER + 1)
    return BandTable(
        knots=knots,
        shift=_rows(knots, shift),
        thermopower=_rows(knots, thermopower),
        log_mobility=_rows(knots, log_mobility),
        lorenz=_rows(knots, lorenz),
        log_thermopower=log_thermopower,
        log_filling=_rows(log_thermopower, log_filling),
    )


def _rows(knots: Array, f: Callable[[Array], Array]) -> Array:
    """Coefficients of the Chebyshev interpolants of f between the knots, as `table.piecewise` takes them."""
    fits = [Chebyshev.interpolate(f, DEGREE, domain=(a, b)) for a, b in pairwise(knots)]
    rows = np.zeros((DEGREE + 1, len(fits)))  # numpy drops leading coefficients that are zero
    for i, (fit, a) in enumerate(zip(fits, knots[:-1], strict=True)):
        powers = fit.convert(kind=Polynomial, domain=(a, a + 1), window=(0, 1)).coef
        rows[: len(powers), i] = powers
    return rows


def exponential(x: Any) -> Any:
    """Exp x, in numpy or in UFL."""
    return ufl.exp(x) if isinstance(x, UflExpr) else np.exp(x)


def logarithm(x: Any) -> Any:
    """Ln x, in numpy or in UFL."""
    return ufl.ln(x) if isinstance(x, UflExpr) else np.log(x)


def square_root(x: Any) -> Any:
    """√x, in numpy or in UFL."""
    return ufl.sqrt(x) if isinstance(x, UflExpr) else np.sqrt(x)
