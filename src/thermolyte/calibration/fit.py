"""The least-squares fit: scipy's trust-region reflective method, on parameters scaled to the order of 1."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, approx_fprime, least_squares

from thermolyte.calibration.data import Measurements
from thermolyte.calibration.section import Parameter
from thermolyte.calibration.statistics import Statistics
from thermolyte.errors import InputError, SolveError

log = logging.getLogger(__name__)
Array = NDArray[np.float64]

STEP, STEP_IN_TIME = 1e-3, 1e-2
"""Steps of finite differences, relative: steady solutions are exact to 1e-8, integration in time to 1e-5."""
LARGEST_STEP = 0.1
"""Of the range between the bounds."""
NO_INFLUENCE = 1e-9
"""Change of all residuals, relative to the largest prediction, that is noise of the solver."""
COST, CHANGE = 1e-6, 1e-8
"""Relative change of Σ r² and of the parameters below which the fit ends: 1e-6 of χ² is 1e-3 √N standard errors."""
PATIENCE = 100
"""Iterations."""


@dataclass(frozen=True)
class Fit:
    """The optimum: scaled parameters, the prediction of every data set there, and what can be said about them."""

    parameters: Mapping[str, Parameter]
    scaled: Array
    predictions: list[Array]
    statistics: Statistics
    iterations: int
    converged: bool

    @property
    def values(self) -> dict[str, float]:
        """The parameters in their units."""
        return {path: p.value(float(u)) for (path, p), u in zip(self.parameters.items(), self.scaled, strict=True)}

    @property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """95 % intervals in the units of the parameters, symmetric in the scaled ones."""
        half = self.statistics.quantile * self.statistics.standard_errors
        ends = zip(self.parameters.items(), self.scaled - half, self.scaled + half, strict=True)
        return {path: (p.value(float(low)), p.value(float(high))) for (path, p), low, high in ends}

    @property
    def standard_errors(self) -> dict[str, float]:
        """To first order, in the units of the parameters."""
        errors = zip(self.parameters.items(), self.scaled, self.statistics.standard_errors, strict=True)
        return {path: abs(p.slope(float(u))) * float(e) for (path, p), u, e in errors}

    @property
    def at_bounds(self) -> dict[str, str]:
        """Parameters that the data would move beyond a bound -> `lower` or `upper`."""
        low, high = _bounds(self.parameters)
        beyond, near = self.scaled + self.statistics.newton_step, LARGEST_STEP * (high - low)
        at_lower = (beyond < low) & (self.scaled - low < near)
        at_upper = (beyond > high) & (high - self.scaled < near)
        sides = zip(self.parameters, at_lower, at_upper, strict=True)
        return {path: "lower" if lower else "upper" for path, lower, upper in sides if lower or upper}


def fit(
    parameters: Mapping[str, Parameter],
    data: Sequence[Measurements],
    predict: Callable[[Array], list[Array]],
    *,
    known: bool,
    in_time: bool = False,
    place: Callable[[str], str] = str,
) -> Fit:
    """The parameters for which Σ ((model − data)/σ)² is least.

    Args:
        parameters: by their path in the case.
        data: all data sets.
        predict: the values of each data set [SI] at scaled parameters.
        known: whether σ is, and not only up to a common factor.
        in_time: whether predictions are as exact as an integration in time.
        place: where a parameter stands in the case, for messages.

    Raises:
        InputError: a parameter on which no prediction depends.
        SolveError: no solution at the start, or beside a point that was reached.
    """
    problem = _Problem(parameters, data, predict, STEP_IN_TIME if in_time else STEP)
    start = np.array([p.scaled(p.range.start) for p in parameters.values()])
    problem.residuals(start)  # without a solution there is nothing to start from
    _check_influence(problem, start, parameters, place)
    low, high = _bounds(parameters)
    result: OptimizeResult = least_squares(
        problem.residuals_or_nan,
        start,
        jac=problem.jacobian,
        bounds=(low, high),
        x_scale="jac",
        ftol=COST,
        xtol=CHANGE,
        gtol=CHANGE,
        max_nfev=PATIENCE,
    )
    statistics = Statistics(result.fun, result.jac, known)
    return Fit(parameters, result.x, predict(result.x), statistics, int(result.njev), bool(result.status > 0))


def _bounds(parameters: Mapping[str, Parameter]) -> tuple[Array, Array]:
    """Scaled lower and upper bounds."""
    ranges = [(p.scaled(p.range.lower), p.scaled(p.range.upper)) for p in parameters.values()]
    low, high = np.array(ranges).T
    return low, high


def _check_influence(
    problem: _Problem, start: Array, parameters: Mapping[str, Parameter], place: Callable[[str], str]
) -> None:
    changes = np.abs(problem.jacobian(start) * problem.steps(start)).max(axis=0)
    for path, change in zip(parameters, changes, strict=True):
        if change <= NO_INFLUENCE * problem.largest:
            raise InputError(
                f"{place(path)}: `{path}` has no influence on any of the data: remove it from the parameters, or add "
                "data that depend on it"
            )


class _Problem:
    """Weighted residuals and their derivatives as functions of the scaled parameters."""

    def __init__(
        self,
        parameters: Mapping[str, Parameter],
        data: Sequence[Measurements],
        predict: Callable[[Array], list[Array]],
        step: float,
    ):
        self._parameters, self._predict, self._step = parameters, predict, step
        self._y, self._sigma = (np.concatenate([getattr(m, name) for m in data]) for name in ("y", "sigma"))
        self._low, self._high = _bounds(parameters)
        self.largest = 0.0
        """Weighted prediction, of those seen so far."""

    def residuals(self, scaled: Array) -> Array:
        """(model − data)/σ."""
        model = np.concatenate(self._predict(scaled))
        self.largest = max(self.largest, float(np.abs(model / self._sigma).max()))
        return np.asarray((model - self._y) / self._sigma)

    def residuals_or_nan(self, scaled: Array) -> Array:
        """The same; without a solution NaN, whereupon a shorter step is tried."""
        values = [p.written(p.value(float(u))) for p, u in zip(self._parameters.values(), scaled, strict=True)]
        where = ", ".join(f"{path} = {v}" for path, v in zip(self._parameters, values, strict=True))
        try:
            residuals = self.residuals(scaled)
        except SolveError as error:
            log.warning("%s; a shorter step is tried", error)
            return np.full_like(self._y, np.nan)
        log.info("χ² = %.6g at %s", residuals @ residuals, where)
        return residuals

    def steps(self, scaled: Array) -> Array:
        """Steps of the finite differences, away from the nearer bound."""
        linear = np.array([p.scale == "linear" for p in self._parameters.values()])
        size = self._step * np.where(linear, np.maximum(np.abs(scaled), 1.0), 1.0)
        size = np.minimum(size, LARGEST_STEP * (self._high - self._low))
        return np.asarray(np.where(scaled + size > self._high, -size, size))

    def jacobian(self, scaled: Array) -> Array:
        """∂r/∂u (data × parameters) by differences to one side."""
        return np.asarray(approx_fprime(scaled, self.residuals, self.steps(scaled))).reshape(len(self._y), -1)
