"""What a least-squares fit says about its parameters: errors, intervals, correlations, and what it leaves open.

With weighted residuals r = (model − data)/σ and J = ∂r/∂u at the optimum, the estimate of a model that is linear within
its errors is normal around the truth with covariance C = (JᵀJ)⁻¹ where σ is known, and C = s² (JᵀJ)⁻¹ with
s² = r·r/(N − p) where σ is known up to a factor. 95 % intervals are u ± q √C_ii with the quantile q of the normal
distribution in the first case, and of Student's t with N − p degrees of freedom in the second (G. A. F. Seber and
C. J. Wild, Nonlinear Regression, 2003, chapters 2.1 and 5.1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]
LEVEL = 0.95
SINGULAR = 1e-4
"""Ratio of singular values below which a direction is lost in the errors of finite differences."""


@dataclass(frozen=True)
class Statistics:
    """Residuals r and their derivatives J (data × parameters) at the optimum; `known`: whether σ is."""

    residuals: Array
    jacobian: Array
    known: bool

    @property
    def degrees_of_freedom(self) -> int:
        """N − p."""
        data, parameters = self.jacobian.shape
        return int(data - parameters)

    @property
    def chi_squared(self) -> float:
        """Σ r²."""
        return float(self.residuals @ self.residuals)

    @property
    def p_value(self) -> float | None:
        """Probability of a χ² as large as this if the model is right; None where σ is not known, or N = p."""
        if not self.known or self.degrees_of_freedom == 0:
            return None
        return float(stats.chi2.sf(self.chi_squared, self.degrees_of_freedom))

    @property
    def scale(self) -> float:
        """√(r·r/(N − p)): what σ is to be multiplied by so that the residuals are as large as expected."""
        return math.sqrt(self.chi_squared / self.degrees_of_freedom) if self.degrees_of_freedom else 1.0

    @property
    def quantile(self) -> float:
        """Half the 95 % interval in standard errors."""
        tail = (1 + LEVEL) / 2
        return float(stats.norm.ppf(tail) if self.known else stats.t.ppf(tail, self.degrees_of_freedom))

    @cached_property
    def covariance(self) -> Array:
        """C of the scaled parameters; huge where the data say nothing."""
        _, singular, right = self._factors
        floor = np.finfo(float).eps * singular[0]
        inverse = (right.T / np.maximum(singular, floor) ** 2) @ right
        return np.asarray(inverse / np.outer(self._norms, self._norms)) * (1.0 if self.known else self.scale**2)

    @property
    def standard_errors(self) -> Array:
        """√C_ii of the scaled parameters."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def standard_error_of(self, weights: Array) -> float:
        """Of Σ w u, apart from what open directions contribute: of a combination that the data determine."""
        _, singular, right = self._factors
        told = singular > SINGULAR * singular[0]
        parts = (right[told] @ (weights / self._norms)) / singular[told]
        return float(np.linalg.norm(parts)) * (1.0 if self.known else self.scale)

    @property
    def correlation(self) -> Array:
        """C_ij/√(C_ii C_jj)."""
        errors = self.standard_errors
        return np.asarray(np.clip(self.covariance / np.outer(errors, errors), -1, 1))

    @property
    def open_directions(self) -> list[Array]:
        """Changes of the scaled parameters that change no prediction, each with 1 as its largest component."""
        _, singular, right = self._factors
        found = [right[i] / self._norms for i in range(len(singular)) if singular[i] <= SINGULAR * singular[0]]
        return [d / d[np.argmax(np.abs(d))] for d in found]

    @property
    def newton_step(self) -> Array:
        """Where the linearised problem without bounds has its minimum, from here."""
        return np.asarray(np.linalg.lstsq(self.jacobian, -self.residuals, rcond=SINGULAR)[0])

    @property
    def _norms(self) -> Array:
        """Of the columns of J: how strongly the data depend on each parameter."""
        norms = np.linalg.norm(self.jacobian, axis=0)
        return np.asarray(np.where(norms > 0, norms, 1.0))

    @cached_property
    def _factors(self) -> tuple[Array, Array, Array]:
        """Singular value decomposition of J with columns of length 1."""
        left, singular, right = np.linalg.svd(self.jacobian / self._norms, full_matrices=False)
        return left, singular, right
