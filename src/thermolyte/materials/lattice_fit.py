"""Calibration of a lattice model to measured κ_L, and what a measured drop leaves unexplained by mass contrast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq, least_squares

from thermolyte.errors import InputError
from thermolyte.materials.base import Array
from thermolyte.materials.lattice_model import DebyeCallaway, LatticeModel

ILL_CONDITIONED = 1e6
"""Condition of the Jacobian, with fields in units of their start, beyond which its differences are noise."""


class Fitted(NamedTuple):
    """A number that was fitted; its standard error is None where no residual is left to judge by."""

    value: float
    standard_error: float | None
    unit: str


@dataclass(frozen=True)
class Calibration:
    """The calibrated model; what is not in `fitted` was held fixed.

    `covariance` [order of `fitted`, product of their units] is None with the standard errors; `rmse` is relative.
    """

    model: LatticeModel
    fitted: dict[str, Fitted]
    covariance: Array | None
    rmse: float


def calibrate(
    model: LatticeModel,
    x: ArrayLike,
    T: ArrayLike,
    conductivity: ArrayLike,
    fit: Sequence[str] = ("umklapp",),
    uncertainty: float | None = None,
) -> Calibration:
    """The fields `fit` of the model by least squares of κ_L/measured − 1 at x [1], T [K] and κ_L [W/(m K)].

    The fields start at their values in the model and stay ≥ 0. With a relative `uncertainty` of the measured values
    the standard errors follow from it; without, from the scatter, if there are more values than fields.

    Raises:
        InputError: a field that cannot be fitted, fewer values than fields, or values that do not determine them.
    """
    x, T, measured = np.broadcast_arrays(*(np.atleast_1d(np.asarray(a, dtype=float)) for a in (x, T, conductivity)))
    start = _starts(model, x, T, measured, fit)

    def with_fields(factors: Array) -> LatticeModel:
        return model.model_copy(update=dict(zip(fit, (float(p) for p in factors * start), strict=True)))

    def residual(factors: Array) -> Array:
        return np.asarray(with_fields(factors).lattice_thermal_conductivity(x, T) / measured - 1.0)

    found = least_squares(residual, np.ones(len(fit)), bounds=(0.0, np.inf), xtol=1e-13, ftol=1e-13, gtol=1e-13)
    jacobian = np.asarray(found.jac)
    if np.linalg.cond(jacobian) > ILL_CONDITIONED:
        raise InputError(f"the values do not tell {' and '.join(fit)} apart: fix one of them, or add values")
    freedom = len(measured) - len(fit)
    variance = uncertainty**2 if uncertainty else 2.0 * found.cost / freedom if freedom else None
    covariance = None if variance is None else variance * np.outer(start, start) * np.linalg.inv(jacobian.T @ jacobian)
    errors = [None] * len(fit) if covariance is None else [float(e) for e in np.sqrt(np.diag(covariance))]
    values = zip(fit, found.x * start, errors, strict=True)
    fitted = {name: Fitted(float(value), error, model.ADJUSTABLE[name]) for name, value, error in values}
    return Calibration(with_fields(found.x), fitted, covariance, float(np.sqrt(np.mean(found.fun**2))))


def _starts(model: LatticeModel, x: Array, T: Array, measured: Array, fit: Sequence[str]) -> Array:
    """Where the fields start, which is also their scale; a doping rate of zero at that of Umklapp scattering."""
    for name in fit:
        if name not in model.ADJUSTABLE:
            raise InputError(f"{name} cannot be fitted; {', '.join(model.ADJUSTABLE)} can")
        if getattr(model, name) is None:
            raise InputError(f"{name} has no value to start from: give the model one")
    if len(measured) < len(fit):
        raise InputError(f"{len(measured)} value(s) of κ_L do not determine {len(fit)} fields: {', '.join(fit)}")
    if np.any(measured <= 0) or np.any(T <= 0):
        raise InputError("measured κ_L and T must be positive, in W/(m K) and K")
    if "doping_scattering" in fit and not np.any(x > 0):
        raise InputError("doping_scattering needs a doped sample, x > 0")
    return np.array([getattr(model, name) or _umklapp_scale(model, x, T) for name in fit])


def _umklapp_scale(model: LatticeModel, x: Array, T: Array) -> float:
    """Coefficient c [s] at which c x ω² is the Umklapp rate, in the mean."""
    assert isinstance(model, DebyeCallaway)  # the one with a field that may start at zero
    doped = x > 0
    return float(np.mean(_umklapp(model, T[doped]) / x[doped]))


def _umklapp(model: DebyeCallaway, T: Array) -> Array:
    """B T exp(−θ/3T) [s], the coefficient of ω² in the Umklapp rate."""
    return np.asarray(model.umklapp * T * np.exp(-model.debye_temperature / (3.0 * T)))


class Drop(NamedTuple):
    """The drop 1 − κ_L(x)/κ_L(0) [1] on doping: measured, by mass contrast, and the rest.

    `carrier_rate` is the C [s] of a rate C ω² that makes up for the rest, as scattering by carriers or a softened
    lattice would; 0 where mass contrast alone is already too much, and then `unexplained` is negative.
    """

    measured: float
    mass_contrast: float
    unexplained: float
    carrier_rate: float


def explain_drop(model: DebyeCallaway, x: float, T: float, ratio: float) -> Drop:
    """What a measured κ_L(x)/κ_L(0) = `ratio` at T [K] says beyond the mass contrast (and strain) of the model.

    Raises:
        InputError: a ratio beyond 0...1, or no doping.
    """
    if not (0 < ratio <= 1 and 0 < x < 1):
        raise InputError(f"a drop needs 0 < x < 1 and 0 < κ_L(x)/κ_L(0) ≤ 1, not x = {x:g} and {ratio:g}")
    pure = float(model.model_copy(update={"doping_scattering": 0.0}).lattice_thermal_conductivity(0.0, T))

    def excess(C: float) -> float:
        doped = model.model_copy(update={"doping_scattering": C / x})
        return float(doped.lattice_thermal_conductivity(x, T)) / pure - ratio

    by_mass = 1.0 - ratio - excess(0.0)
    unexplained = 1.0 - ratio - by_mass
    if unexplained <= 0:
        return Drop(1.0 - ratio, by_mass, unexplained, 0.0)
    scale = float(_umklapp(model, np.array(T)))
    most = 10.0
    while excess(most * scale) > 0:
        most *= 10.0
    factor = brentq(lambda f: excess(f * scale), 0.0, most, xtol=1e-12)
    return Drop(1.0 - ratio, by_mass, unexplained, scale * float(factor))
