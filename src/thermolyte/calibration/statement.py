"""A fit in words: how good it is, which parameters the data determine, and what they cannot tell apart."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from thermolyte import units
from thermolyte.calibration.fit import Fit

HARD = 0.95
"""|Correlation| above which two parameters are hard to tell apart."""
TAKES_PART = 0.1
"""Least component of a parameter that is named in an open direction, of the largest one."""
UNLIKELY = 0.01
TRADE = 10.0
"""Per cent by which the first parameter is changed to show what the others do."""


def statement(fit: Fit) -> list[str]:
    """What the data say, and what they do not say, one sentence each."""
    lines = [_quality(fit)]
    if not fit.converged:
        lines.append(
            f"the fit has not converged in {fit.iterations} iterations: start it nearer, or fit fewer parameters"
        )
    lines += [
        f"{path} is at its {side} bound: the data would move it beyond, and its interval says nothing"
        for path, side in fit.at_bounds.items()
    ]
    lines += [
        f"{path} is not determined by the data: its 95 % interval is wider than its value" for path in undetermined(fit)
    ]
    return lines + _mixed(fit)


def undetermined(fit: Fit) -> list[str]:
    """The parameters whose 95 % interval is wider than ± 100 % of their value."""
    found = []
    for path, (low, high) in fit.intervals.items():
        value = abs(fit.values[path])
        if not (high - low) / 2 <= value:
            found.append(path)
    return found


def _quality(fit: Fit) -> str:
    """How well the model describes the data."""
    s = fit.statistics
    if not s.known:
        return (
            f"no uncertainty is given: it is estimated from the residuals as {100 * s.scale:.2g} % of the largest "
            f"value of each data set, with {s.degrees_of_freedom} degrees of freedom"
        )
    if s.p_value is None:
        return "there are as many parameters as data: nothing is left to judge the fit by"
    numbers = f"χ² = {s.chi_squared:.3g} for {s.degrees_of_freedom} degrees of freedom (p = {s.p_value:.2g}): "
    if s.p_value < UNLIKELY:
        return numbers + (
            "the model does not describe the data within their uncertainty. Either it lacks something, or the "
            f"uncertainties are too small, in which case all intervals are {s.scale:.2g} times wider"
        )
    if s.p_value > 1 - UNLIKELY:
        return numbers + (
            f"the residuals are {1 / s.scale:.2g} times smaller than the uncertainties of the data, which are too large"
        )
    return numbers + "the model describes the data within their uncertainty"


# ---- what cannot be told apart ---------------------------------------------------------------------------------------
def _mixed(fit: Fit) -> list[str]:
    """Combinations that the data leave open, and pairs that are strongly correlated."""
    names = list(fit.parameters)
    lines, told = [], set()
    for direction in fit.statistics.open_directions:
        part = [i for i in range(len(names)) if abs(direction[i]) >= TAKES_PART]
        if len(part) == 2:
            told.add(tuple(part))
            lines.append(_pair(fit, part[0], part[1]))
        elif len(part) > 2:
            lines.append(_several(fit, part, direction))
    correlation = fit.statistics.correlation
    for i, j in combinations(range(len(names)), 2):
        if abs(correlation[i, j]) > HARD and (i, j) not in told:
            lines.append(_pair(fit, i, j))
    return lines


def _pair(fit: Fit, i: int, j: int) -> str:
    """Two parameters of which one can make up for the other."""
    a, b = (list(fit.parameters)[k] for k in (i, j))
    covariance, rho = fit.statistics.covariance, float(fit.statistics.correlation[i, j])
    direction = np.zeros(len(fit.parameters))
    direction[i], direction[j] = 1.0, covariance[i, j] / covariance[i, i]
    trade = f"(correlation {rho:.4g}): {_trade(fit, [i, j], direction)}"
    if {a, b} <= set(undetermined(fit)):
        return f"{a} and {b} cannot be told apart {trade}; only {_determined(fit, i, j)} is determined"
    return f"{a} and {b} are hard to tell apart {trade}; {_determined(fit, i, j)} is determined best"


def _several(fit: Fit, part: list[int], direction: np.ndarray) -> str:
    names = ", ".join(list(fit.parameters)[i] for i in part)
    return f"{names} cannot be told apart: {_trade(fit, part, direction)}"


def _trade(fit: Fit, part: list[int], direction: np.ndarray) -> str:
    """What changes no prediction, or hardly: '+10 % of the first with −9.8 % of the second fits as well'."""
    relative = [direction[i] * _relative_slope(fit, i) for i in part]
    if not relative[0]:
        return "one makes up for the other"
    changes = [f"{TRADE * r / relative[0]:+.2g} %".replace("-", "−") for r in relative]
    return f"{' with '.join(changes)} fits the data about as well"


def _relative_slope(fit: Fit, i: int) -> float:
    """Derivative d ln|x|/du."""
    path, parameter = list(fit.parameters.items())[i]
    value = fit.values[path]
    return parameter.slope(float(fit.scaled[i])) / value if value else 0.0


def _determined(fit: Fit, i: int, j: int) -> str:
    """The combination that the data determine, to first order: a sum of what has one dimension, else a product."""
    (a, p), (b, q) = (list(fit.parameters.items())[n] for n in (i, j))
    J, weights = fit.statistics.jacobian, np.zeros(len(fit.parameters))
    k = float(J[:, i] @ J[:, j] / (J[:, i] @ J[:, i]))
    weights[i], weights[j] = 1.0, k
    error = fit.statistics.standard_error_of(weights)
    s_a, s_b = p.slope(float(fit.scaled[i])), q.slope(float(fit.scaled[j]))
    half, x_a, x_b = fit.statistics.quantile * error * abs(s_a), fit.values[a], fit.values[b]
    same = _factor(q.unit, p.unit)
    if same is None:
        power = k * (x_b / s_b) / (x_a / s_a)
        if abs(power) > 1:
            return _determined(fit, j, i)
        return f"{a} {'·' if power > 0 else '/'} {b}{_weight('^', power)} ({100 * half / abs(x_a):.2g} %)"
    weight = k * s_a / s_b / same
    total = x_a + weight * same * x_b
    combined = f"{a} {'+' if weight > 0 else '−'} {_weight('', weight)} {b}".replace("  ", " ")
    return f"{combined} = ({total:.4g} ± {half:.2g}) {p.unit}".rstrip()


def _weight(before: str, number: float) -> str:
    """A factor or exponent; 1 is not written."""
    return "" if abs(abs(number) - 1) < 5e-3 else f"{before}{abs(number):.3g}"


def _factor(unit: str, target: str) -> float | None:
    """Factor between units of one dimension; None where the dimensions differ, or are none, as of factors."""
    one, other = (units.registry().Quantity(1.0, x) for x in (unit, target))
    if one.dimensionless or one.dimensionality != other.dimensionality:
        return None
    return units.factor(unit, target)
