"""Mean, spread and percentiles of samples, with their sampling errors."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.stats import beta

from thermolyte.uncertainty.inputs import Array

PERCENTILES = (2.5, 16.0, 50.0, 84.0, 97.5)


class Estimate(NamedTuple):
    """A number and its standard error, in the unit of the quantity."""

    value: float
    error: float


def name_of(percentile: float) -> str:
    """'median' or 'percentile_2.5'."""
    return "median" if percentile == 50 else f"percentile_{percentile:g}"


def sample_statistics(y: Array) -> dict[str, Estimate]:
    """Mean, standard deviation and percentiles of samples y, of one axis.

    Standard errors: s/√N of the mean; of s from the fourth central moment, var(s²) = (m₄ − s⁴(N − 3)/(N − 1))/N; of
    percentiles from the order statistics, the bootstrap in closed form (J. S. Maritz, R. G. Jarrett, J. Am. Stat.
    Assoc. 73 (1978) 194). They hold for independent samples; those of a Latin hypercube scatter less, so that these
    errors are on the safe side. Percentiles are median-unbiased (R. J. Hyndman, Y. Fan, Am. Stat. 50 (1996) 361).
    """
    count = len(y)
    mean, deviation = float(np.mean(y)), float(np.std(y, ddof=1))
    fourth = float(np.mean((y - mean) ** 4))
    of_variance = max(fourth - deviation**4 * (count - 3) / (count - 1), 0.0) / count
    of_deviation = math.sqrt(of_variance) / (2 * deviation) if deviation else 0.0
    found = {
        "mean": Estimate(mean, deviation / math.sqrt(count)),
        "standard_deviation": Estimate(deviation, of_deviation),
    }
    probabilities = np.array(PERCENTILES) / 100
    values = np.quantile(y, probabilities, method="median_unbiased")
    errors = _errors_of_percentiles(y, probabilities)
    return found | {
        name_of(p): Estimate(float(value), float(error))
        for p, value, error in zip(PERCENTILES, values, errors, strict=True)
    }


def _errors_of_percentiles(y: Array, probabilities: Array) -> Array:
    """Scatter of the order statistic number p (N + 1), which is beta distributed in cumulative probability."""
    count, ordered = len(y), np.sort(y)
    slices = np.arange(count + 1)[:, None] / count
    weights = np.diff(beta.cdf(slices, probabilities * (count + 1), (1 - probabilities) * (count + 1)), axis=0)
    return np.sqrt(np.maximum(weights.T @ ordered**2 - (weights.T @ ordered) ** 2, 0.0))
