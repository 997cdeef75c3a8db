"""What causes the scatter of samples, by linear regression: standardised coefficients, of values and of ranks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.stats import rankdata

from thermolyte.uncertainty.estimates import Estimate
from thermolyte.uncertainty.inputs import Array


class Regression(NamedTuple):
    """Regression y = ȳ + Σ B_i z_i + ε: for each cause B_i/√V and its share of the variance V = Σ B_i² + var(ε).

    `r_squared` is adjusted for the number of causes: what such a fit explains of other samples.
    """

    coefficients: list[float]
    shares: list[Estimate]
    r_squared: float


def regress(z: Array, y: Array, *, ranks: bool = False) -> Regression:
    """Least squares of y (samples) on causes z (samples, causes) of variance 1; with `ranks`, of the ranks of both.

    Causes are independent, whatever their chance correlation among the samples, so that cause i has the share B_i²/V:
    the squared standardised regression coefficient (A. Saltelli et al., Global Sensitivity Analysis, 2008, section
    1.2.5) of a perfect sample. Errors: those of least squares, var(B²) = 4 B² s² + 2 s⁴, carried over to the shares.

    Raises:
        ValueError: y does not vary, or there are no more samples than causes.
    """
    count, causes = z.shape
    if count < causes + 2:
        raise ValueError(f"{count} samples cannot tell {causes} causes apart")
    if ranks:
        z, y = rankdata(z, axis=0), rankdata(y)
        z = z / z.std(axis=0)
    if not np.ptp(y):
        raise ValueError("the quantity does not vary")
    x, target = z - z.mean(axis=0), y - y.mean()
    B, *_ = np.linalg.lstsq(x, target)
    unexplained = float(np.sum((target - x @ B) ** 2)) / (count - causes - 1)
    squares, variance = B**2, float(np.sum(B**2)) + unexplained
    shares, s2 = squares / variance, unexplained * np.diag(np.linalg.inv(x.T @ x))
    scatter = 4 * squares * s2 + 2 * s2**2
    of_others = scatter.sum() - scatter
    errors = np.sqrt((1 - shares) ** 2 * scatter + shares**2 * of_others) / variance
    return Regression(
        (B / variance**0.5).tolist(),
        [Estimate(float(share), float(error)) for share, error in zip(shares, errors, strict=True)],
        1 - unexplained / float(np.var(y, ddof=1)),
    )
