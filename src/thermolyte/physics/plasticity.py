"""Inelastic flow of isotropic metals by radial return: J2 plasticity with linear hardening, and power-law creep.

The flow is along the deviator of the trial stress, so that one scalar remains: the von Mises stress q at the end of the
step, between 0 and that of the trial state. Δε = (q_trial − q)/(3G) is then the increment of the accumulated plastic
strain (J. C. Simo, T. J. R. Hughes, Computational Inelasticity, Springer 1998, §3.3 and §9.3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import ufl
from numpy.typing import NDArray
from ufl.core.expr import Expr

from thermolyte.physics.local import TEMPERATURE, Local

if TYPE_CHECKING:
    from thermolyte.medium import Medium

ACCUMULATED = "accumulated_plastic_strain"
PLASTIC_STRAIN = "plastic_strain"
PLASTIC_METRIC = "inverse_plastic_metric"
CREEP_ITERATIONS = 6
RESET_ITERATIONS = 3


class Flow(NamedTuple):
    """Where the return ends."""

    ratio: Expr
    """q/q_trial: what is left of the deviator of the trial stress."""
    increment: Expr
    """Δε: increment of the accumulated plastic strain, dimensionless."""


def flows(medium: Medium) -> bool:
    """Whether a medium deforms inelastically at all."""
    return bool(medium.yields or medium.creeps)


def memory(medium: Medium, finite: bool) -> dict[str, NDArray[np.float64]]:
    """Internal variables with their values before any flow: at finite strain C_p⁻¹ (3 x 3), else ε_p (3 x 3)."""
    if not flows(medium):
        return {}
    tensor = {PLASTIC_METRIC: np.eye(3)} if finite else {PLASTIC_STRAIN: np.zeros((3, 3))}
    return {**tensor, ACCUMULATED: np.zeros(())}


def flow(here: Local, trial: Expr, shear: Expr) -> Flow:
    """Return from a trial von Mises stress with a shear modulus [Pa].

    A medium that creeps and yields does so one after the other, which is of first order in the step, as backward Euler
    is; both count as accumulated plastic strain.
    """
    medium, T, q = here.medium, here.u[TEMPERATURE], trial
    if medium.creeps:
        creep = medium.creep
        rate = 3 * shear * here.step * medium.creep_rate(T)
        q = crept(q, rate, creep.reference_stress, creep.exponent)
    if medium.yields:
        accumulated = here.memory[ACCUMULATED] + (trial - q) / (3 * shear)
        H = medium.hardening_modulus(T)
        q = yielded(q, medium.yield_strength(T) + H * accumulated, H, shear)
    return Flow(q / trial, (trial - q) / (3 * shear))


def yielded(trial: Expr, strength: Expr, hardening: Expr | float, shear: Expr) -> Expr:
    """Q [Pa] on the yield surface q = σ_y + H Δε, or that of the trial state where it is inside."""
    excess = trial - strength
    return trial - ufl.conditional(ufl.gt(excess, 0.0), 3 * shear / (3 * shear + hardening) * excess, 0.0)


def crept(trial: Expr, rate: Expr, reference_stress: float, exponent: float) -> Expr:
    """Q [Pa] with q + 3 G Δt A (q/σ₀)ⁿ = q_trial: backward Euler of power-law creep, n ≥ 1; `rate` = 3 G Δt A [Pa].

    In z = ln(q/q_trial) this is ln(eᶻ + e^(κ + n z)) = 0: increasing and convex with a slope between 1 and n. Newton
    from the smaller of the two asymptotes, 0 and −κ/n, where the left side is between 0 and ln 2, therefore converges
    monotonically and quadratically for every stress and step: six iterations reach round-off (tested).
    """
    n, kappa = exponent, ufl.ln(rate / reference_stress) + (exponent - 1) * ufl.ln(trial / reference_stress)
    z = ufl.min_value(0.0, -kappa / n)
    for _ in range(CREEP_ITERATIONS):
        elastic, viscous = ufl.exp(z), ufl.exp(kappa + n * z)  # both at most 1
        z = z - ufl.ln(elastic + viscous) * (elastic + viscous) / (elastic + n * viscous)
    return trial * ufl.exp(z)


def unimodular(deviator: Expr) -> Expr:
    """P 1 + deviator with determinant 1, that is p³ − J₂ p + J₃ = 1.

    A return that keeps the trace of the isochoric b̄ₑ leaves det b̄ₑ ≠ 1, and with it energy that is not there. Newton
    from 1 + J₂/3, right of the minimum of the cubic for every deviator, where it is off by J₂³/27 + J₃ only.
    """
    J2, J3 = ufl.inner(deviator, deviator) / 2, ufl.det(deviator)
    p = 1 + J2 / 3
    for _ in range(RESET_ITERATIONS):
        p = p - (p**3 - J2 * p + J3 - 1) / (3 * p**2 - J2)
    return p * ufl.Identity(3) + deviator
