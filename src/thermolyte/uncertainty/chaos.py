"""Sparse polynomial chaos: a quantity as orthonormal polynomials of its causes, fitted to samples by least squares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations_with_replacement
from typing import NamedTuple

import numpy as np
from numpy.polynomial.hermite_e import hermevander
from numpy.polynomial.legendre import legvander
from scipy.stats import gaussian_kde, norm

from thermolyte.uncertainty.estimates import PERCENTILES, Estimate, name_of
from thermolyte.uncertainty.inputs import Array

Powers = tuple[int, ...]
PATIENCE = 10
"""Terms that are tried after the best fit so far."""
DRAWS, BATCHES, REPLICAS = 100_000, 10, 100


class Basis(NamedTuple):
    """Products of orthonormal polynomials of the causes: Hermite's of a Gaussian one, Legendre's of any other.

    D. Xiu, G. E. Karniadakis, SIAM J. Sci. Comput. 24 (2002) 619. `terms` are the degrees in each cause.
    """

    gaussian: tuple[bool, ...]
    terms: tuple[Powers, ...]

    @classmethod
    def full(cls, gaussian: Sequence[bool], degree: int) -> Basis:
        """All terms of this total degree or less, the constant first."""
        causes = range(len(gaussian))
        products = [p for n in range(degree + 1) for p in combinations_with_replacement(causes, n)]
        return cls(tuple(gaussian), tuple(tuple(p.count(i) for i in causes) for p in products))

    def evaluate(self, probabilities: Array) -> Array:
        """Every term (samples, terms) at cumulative probabilities (samples, causes)."""
        degree = max((max(t) for t in self.terms), default=0)
        out = np.ones((len(probabilities), len(self.terms)))
        for i, (is_gaussian, u) in enumerate(zip(self.gaussian, probabilities.T, strict=True)):
            n = np.arange(degree + 1)
            if is_gaussian:
                table = hermevander(norm.ppf(u), degree) / np.sqrt([float(math.factorial(k)) for k in n])
            else:
                table = legvander(2 * u - 1, degree) * np.sqrt(2 * n + 1)
            out *= table[:, [t[i] for t in self.terms]]
        return out


class Chaos(NamedTuple):
    """y = Σ c_α Ψ_α: the terms that were chosen, and their coefficients with covariance.

    `misfit` is the root mean square of y at a sample minus the prediction without it, and Q² = 1 − misfit²/var(y).
    """

    basis: Basis
    coefficients: Array
    covariance: Array
    misfit: float
    q_squared: float

    def indices(self) -> tuple[list[Estimate], list[Estimate]]:
        """First-order and total Sobol index of each cause, with the errors of the fit.

        B. Sudret, Reliab. Eng. Syst. Saf. 93 (2008) 964: sums of squared coefficients of the terms with this cause
        alone, and with this cause at all, over the variance.
        """
        powers = np.array(self.basis.terms) > 0
        alone, together = powers & (powers.sum(axis=1) == 1)[:, None], powers
        squares = np.vstack([self.coefficients, self._replicas()]) ** 2
        variance = np.maximum(squares[:, powers.any(axis=1)].sum(axis=1)[:, None], np.finfo(float).tiny)
        first, total = ((squares @ which) / variance for which in (alone, together))
        return _estimates(first), _estimates(total)

    def statistics(self) -> dict[str, Estimate]:
        """Mean, standard deviation and percentiles; errors: those of the fit, of the draws and of the polynomials.

        What polynomials of this degree cannot follow is in the misfit: a percentile may be off by as much.
        """
        rows = np.vstack([self.coefficients, self._replicas()])
        varying = np.array([any(t) for t in self.basis.terms])
        deviations = np.sqrt((rows[:, varying] ** 2).sum(axis=1))
        mean, deviation = _estimates(np.column_stack([rows[:, ~varying].sum(axis=1), deviations]))
        values = self.draws() @ self.coefficients
        probabilities = np.array(PERCENTILES) / 100
        percentiles = np.quantile(values, probabilities)
        of_draws = np.std([np.quantile(b, probabilities) for b in np.split(values, BATCHES)], axis=0) / BATCHES**0.5
        some = self.draws()[: DRAWS // BATCHES] @ rows[1:].T
        of_fit = np.std(np.quantile(some, probabilities, axis=0), axis=1)
        missed = self.misfit**2 / (2 * deviation.value) if deviation.value else self.misfit
        deviation = Estimate(deviation.value, math.hypot(deviation.error, missed))
        return {"mean": mean, "standard_deviation": deviation} | {
            name_of(p): Estimate(float(value), math.hypot(a, b, self.misfit))
            for p, value, a, b in zip(PERCENTILES, percentiles, of_draws, of_fit, strict=True)
        }

    def density(self, points: int = 101) -> tuple[Array, Array]:
        """Values of the quantity, equally spaced, and the probability density there."""
        values = self.draws() @ self.coefficients
        grid = np.linspace(values.min(), values.max(), points)
        return grid, np.asarray(gaussian_kde(values, bw_method=0.15)(grid))

    def draws(self) -> Array:
        """The terms at `DRAWS` random causes, the same ones every time."""
        return self.basis.evaluate(np.random.default_rng(0).random((DRAWS, len(self.basis.gaussian))))

    def _replicas(self) -> Array:
        """Coefficients as they scatter from one set of samples to another."""
        generator = np.random.default_rng(0)
        return generator.multivariate_normal(self.coefficients, self.covariance, REPLICAS, method="eigh")


def fit(gaussian: Sequence[bool], probabilities: Array, y: Array, degree: int = 2) -> Chaos:
    """Polynomial chaos of y (samples) over causes at cumulative probabilities (samples, causes).

    Terms are taken one by one, each time the one that lowers the residual most (orthogonal least squares, S. Chen,
    S. A. Billings, W. Luo, Int. J. Control 50 (1989) 1873); of these sets the one with the smallest leave-one-out
    error is kept, corrected for the number of terms (G. Blatman, B. Sudret, J. Comput. Phys. 230 (2011) 2345).

    Raises:
        ValueError: y does not vary.
    """
    variance = float(np.var(y, ddof=1))
    if not variance:
        raise ValueError("the quantity does not vary")
    basis = Basis.full(gaussian, degree)
    columns = basis.evaluate(probabilities)
    order, error = _select(columns, y)
    chosen = columns[:, order]
    gram = np.linalg.inv(chosen.T @ chosen)
    coefficients = gram @ (chosen.T @ y)
    terms = tuple(basis.terms[k] for k in order)
    return Chaos(Basis(basis.gaussian, terms), coefficients, np.asarray(error * gram), error**0.5, 1 - error / variance)


def _select(columns: Array, y: Array) -> tuple[list[int], float]:
    """The terms of the best fit, the constant first, and its corrected leave-one-out mean square error."""
    count = len(y)
    rest, residual, leverage = columns.copy(), y.copy(), np.zeros(count)
    order: list[int] = []
    best: tuple[list[int], float] = ([], math.inf)
    while len(order) < min(count // 2, columns.shape[1]) and len(order) - len(best[0]) < PATIENCE:
        norms = np.linalg.norm(rest, axis=0)
        usable = norms > 1e-8 * math.sqrt(count)
        gains = np.where(usable, np.abs(rest.T @ residual) / np.where(usable, norms, 1.0), -1.0)
        k = int(np.argmax(gains)) if order else 0
        if gains[k] < 0:
            break
        q = rest[:, k] / norms[k]
        order.append(k)
        residual = residual - (q @ residual) * q
        rest = rest - np.outer(q, q @ rest)
        rest[:, order] = 0.0
        leverage = leverage + q**2
        error = _leave_one_out(columns[:, order], residual, leverage)
        if error < best[1]:
            best = (order.copy(), error)
    return best


def _leave_one_out(chosen: Array, residual: Array, leverage: Array) -> float:
    """Mean square of y_i − prediction without sample i, corrected for the number of terms."""
    count, terms = chosen.shape
    spread = float(np.trace(np.linalg.inv(chosen.T @ chosen)))
    mean_square = float(np.mean((residual / np.maximum(1 - leverage, 1e-12)) ** 2))
    return float(mean_square * count / (count - terms) * (1 + spread))


def _estimates(rows: Array) -> list[Estimate]:
    """Values of the first row; errors from the scatter of the others."""
    return [Estimate(float(v), float(e)) for v, e in zip(rows[0], np.std(rows[1:], axis=0), strict=True)]
