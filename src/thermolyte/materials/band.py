"""A parabolic band whose carriers scatter as τ ~ E^{λ−1/2}: transport as functions of the reduced Fermi level η.

η = (E_F − E_band)/(k_B T) counts into the band. λ = 0 is scattering by acoustic phonons and by alloy disorder, 1/2 a
constant relaxation time, 2 ionised impurities. The effective mass is the one of the density of states, in electron
masses: m_d = N_v^{2/3} m_b with N_v equal pockets. The weighted mobility µ_w = µ_0 m_d^{3/2} holds all that scattering
does to the size of σ; µ_0 is the drift mobility of a band with few carriers, times 3√π/(4 Γ(2 + λ)).

Everything is a plain function of numpy arrays that broadcast, in SI; signs are those of holes.

A. F. May, G. J. Snyder, in Materials, Preparation, and Characterization in Thermoelectrics (CRC Press, 2017) 207;
weighted mobility: G. J. Snyder et al., Adv. Mater. 32 (2020) 2001537, doi 10.1002/adma.202001537.
"""

from __future__ import annotations

from math import pi
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.constants import Boltzmann, e, h, m_e
from scipy.optimize import minimize_scalar

from thermolyte.materials.base import Array
from thermolyte.materials.fermi import fermi_integral, fermi_integral_slope

THERMOPOWER = Boltzmann / e
"""k_B/e [V/K], the unit of thermopower: 86.17 µV/K."""


def conduction_integral(η: ArrayLike, λ: float = 0.0) -> Array:
    """(1 + λ) F_λ = ∫ x^{1+λ} (−df/dx) dx [1], what σ is proportional to; λ > −1."""
    return (1 + λ) * fermi_integral(λ, η)


def seebeck_coefficient(η: ArrayLike, λ: float = 0.0) -> Array:
    """S = (k_B/e) [(2 + λ) F_{1+λ}/((1 + λ) F_λ) − η] [V/K]; positive, the one of holes."""
    mean = (2 + λ) * fermi_integral(1 + λ, η) / conduction_integral(η, λ)
    return np.asarray(THERMOPOWER * (mean - np.asarray(η)))


def lorenz_number(η: ArrayLike, λ: float = 0.0) -> Array:
    """L = (k_B/e)² [(3 + λ) F_{2+λ}/((1 + λ) F_λ) − ((2 + λ) F_{1+λ}/((1 + λ) F_λ))²] [V²/K²].

    From (2 + λ)(k_B/e)² where carriers are few to (π²/3)(k_B/e)² in a metal.
    """
    σ = conduction_integral(η, λ)
    mean, square = (2 + λ) * fermi_integral(1 + λ, η) / σ, (3 + λ) * fermi_integral(2 + λ, η) / σ
    return THERMOPOWER**2 * (square - mean**2)


def effective_density(mass: ArrayLike, T: ArrayLike) -> Array:
    """N = 4π (2 m_d k_B T/h²)^{3/2} [1/m³] of a band of `mass` electron masses at T in K; n = N F_{1/2}(η)."""
    return np.asarray(4 * pi * (2 * m_e * np.asarray(mass) * Boltzmann * np.asarray(T) / h**2) ** 1.5)


def carrier_concentration(η: ArrayLike, mass: ArrayLike, T: ArrayLike) -> Array:
    """Carrier concentration n = N F_{1/2}(η) [1/m³]."""
    return effective_density(mass, T) * fermi_integral(0.5, η)


def mobility_ratio(η: ArrayLike, λ: float = 0.0) -> Array:
    """µ/µ_0 = (2/3) (1 + λ) F_λ/F_{1/2} [1] of the drift mobility µ = σ/(e n)."""
    return 2 / 3 * conduction_integral(η, λ) / fermi_integral(0.5, η)


def hall_mobility_ratio(η: ArrayLike, λ: float = 0.0) -> Array:
    """µ_H/µ_0 = (1/2 + 2λ) F_{2λ−1/2}/((1 + λ) F_λ) [1] of the Hall mobility µ_H = σ R_H; λ > −1/4."""
    # (1/2 + 2λ) F_{2λ−1/2} is the slope of F_{2λ+1/2}
    return fermi_integral_slope(0.5 + 2 * λ, η) / conduction_integral(η, λ)


def hall_factor(η: ArrayLike, λ: float = 0.0) -> Array:
    """r_H = µ_H/µ = n/n_H [1], with the Hall concentration n_H = 1/(e R_H); λ > −1/4."""
    return hall_mobility_ratio(η, λ) / mobility_ratio(η, λ)


def transport_coefficient(T: ArrayLike, weighted_mobility: ArrayLike) -> Array:
    """σ_E0 = (8π e/3) (2 m_e k_B T/h²)^{3/2} µ_w [S/m] of the weighted mobility in m²/(V s)."""
    return np.asarray(2 / 3 * e * effective_density(1.0, T) * np.asarray(weighted_mobility))


def electrical_conductivity(η: ArrayLike, T: ArrayLike, weighted_mobility: ArrayLike, λ: float = 0.0) -> Array:
    """σ = σ_E0 (1 + λ) F_λ(η) [S/m]."""
    return transport_coefficient(T, weighted_mobility) * conduction_integral(η, λ)


def electronic_thermal_conductivity(η: ArrayLike, T: ArrayLike, weighted_mobility: ArrayLike, λ: float = 0.0) -> Array:
    """κ_e = L σ T [W/(m K)] of one band; `parallel_bands` adds what two bands carry together."""
    return np.asarray(lorenz_number(η, λ) * electrical_conductivity(η, T, weighted_mobility, λ) * np.asarray(T))


def quality_factor(T: ArrayLike, weighted_mobility: ArrayLike, lattice_thermal_conductivity: ArrayLike) -> Array:
    """B = (k_B/e)² σ_E0 T/κ_L [1], all that the largest zT depends on; κ_L in W/(m K)."""
    σ_E0 = transport_coefficient(T, weighted_mobility)
    return np.asarray(THERMOPOWER**2 * σ_E0 * np.asarray(T) / np.asarray(lattice_thermal_conductivity))


def figure_of_merit(η: ArrayLike, B: ArrayLike, λ: float = 0.0) -> Array:
    """Figure of merit zT = S²/(L + (k_B/e)²/(B (1 + λ) F_λ)) [1] at the quality factor B."""
    lattice = THERMOPOWER**2 / (np.asarray(B) * conduction_integral(η, λ))
    return seebeck_coefficient(η, λ) ** 2 / (lorenz_number(η, λ) + lattice)


class Transport(NamedTuple):
    """What a band does, or several together: S [V/K] with the sign of the carriers, σ [S/m] and L [V²/K²]."""

    seebeck_coefficient: Any
    electrical_conductivity: Any
    lorenz_number: Any


def parallel_bands(*bands: Transport) -> Transport:
    """σ = Σ σ_i,  S = Σ σ_i S_i/σ,  L = Σ σ_i [L_i + (S_i − S)²]/σ, of numpy arrays or UFL expressions.

    The last term is the bipolar heat: σ_1 σ_2 (S_1 − S_2)²/σ of two bands, large where their S have opposite signs.
    """
    σ = sum(b.electrical_conductivity for b in bands)
    S = sum(b.electrical_conductivity * b.seebeck_coefficient for b in bands) / σ
    heat = sum(b.electrical_conductivity * (b.lorenz_number + (b.seebeck_coefficient - S) ** 2) for b in bands)
    return Transport(S, σ, heat / σ)


def level_from_seebeck(S: ArrayLike, λ: float = 0.0) -> Array:
    """η of the Seebeck coefficient |S| in V/K, of either sign.

    Newton's method from η = 2 + λ − |S| e/k_B, which is below the solution: S(η) is convex and no step overshoots.

    Raises:
        ValueError: S is zero or not finite, which no Fermi level gives.
    """
    s = np.abs(np.asarray(S, dtype=float)) / THERMOPOWER
    if not np.all((s > 0) & np.isfinite(s)):
        raise ValueError("a Seebeck coefficient of one band is finite and not zero: remove such points")
    η = 2 + λ - s
    for _ in range(100):
        σ, first = conduction_integral(η, λ), fermi_integral(1 + λ, η)
        slope = (2 + λ) * (1 - first * (1 + λ) * fermi_integral_slope(λ, η) / σ**2) - 1
        step = (s - ((2 + λ) * first / σ - η)) / slope
        η = η + step
        if np.all(np.abs(step) <= 1e-7 * (1 + np.abs(η))):  # the next step would be its square
            break
    return np.asarray(η)


def effective_mass(S: ArrayLike, hall_concentration: ArrayLike, T: ArrayLike, λ: float = 0.0) -> Array:
    """m_d [electron masses] from |S| in V/K and the Hall concentration n_H = n/r_H in 1/m³ at T in K.

    Raises:
        ValueError: S is zero or not finite.
    """
    η = level_from_seebeck(S, λ)
    n = np.asarray(hall_concentration) * hall_factor(η, λ)
    return np.asarray((n / carrier_concentration(η, 1.0, T)) ** (2 / 3))


def weighted_mobility(S: ArrayLike, σ: ArrayLike, T: ArrayLike, λ: float = 0.0) -> Array:
    """µ_w [m²/(V s)] from |S| in V/K and σ in S/m at T in K.

    Raises:
        ValueError: S is zero or not finite.
    """
    return np.asarray(σ) / electrical_conductivity(level_from_seebeck(S, λ), T, 1.0, λ)


class Optimum(NamedTuple):
    """The doping at which zT is largest."""

    level: float
    figure_of_merit: float


def optimum_level(B: float, λ: float = 0.0) -> Optimum:
    """η [1] at which zT is largest for the quality factor B, and that zT [1].

    Raises:
        ValueError: B ≤ 0.
    """
    if not B > 0:
        raise ValueError(f"quality factor B = {B:g}: it must be positive")

    def loss(η: float) -> float:
        return -float(np.log(figure_of_merit(η, B, λ)))

    best = minimize_scalar(loss, bounds=(-60, 30), method="bounded", options={"xatol": 1e-9})
    return Optimum(float(best.x), float(figure_of_merit(best.x, B, λ)))


def optimum_concentration(
    mass: float, T: float, weighted_mobility: float, lattice_thermal_conductivity: float, λ: float = 0.0
) -> float:
    """Carrier concentration n [1/m³] at which zT is largest at T in K; µ_w in m²/(V s), κ_L in W/(m K).

    Raises:
        ValueError: the quality factor of these is not positive.
    """
    B = float(quality_factor(T, weighted_mobility, lattice_thermal_conductivity))
    return float(carrier_concentration(optimum_level(B, λ).level, mass, T))
