"""A parabolic band: reference numbers, its limits, and the inverse problems there and back."""

import numpy as np
import pytest
from scipy.constants import Boltzmann, e, h, m_e

from thermolyte.materials import band
from thermolyte.materials.fermi import fermi_integral, reduced_fermi_level

pytestmark = pytest.mark.serial
LEVELS = np.linspace(-12, 60, 145)
EXPONENTS = [-0.2, 0.0, 0.5, 1.0, 2.0]
UNIT = band.THERMOPOWER


@pytest.mark.parametrize(
    ("η", "S", "L", "r_H"),
    [
        (-5, 603.503, 1.48642, 1.17762),
        (-2, 350.239, 1.50873, 1.16925),
        (0, 204.501, 1.61298, 1.13490),
        (1, 150.876, 1.72315, 1.10543),
        (3, 86.0930, 1.98546, 1.05434),
        (5, 55.8143, 2.17905, 1.02791),
        (10, 28.3451, 2.36314, 1.00806),
    ],
)
def test_acoustic_scattering(η, S, L, r_H):
    assert band.seebeck_coefficient(η) * 1e6 == pytest.approx(S, abs=5.01e-4)
    assert band.lorenz_number(η) * 1e8 == pytest.approx(L, abs=5.01e-6)
    assert band.hall_factor(η) == pytest.approx(r_H, abs=5.01e-6)


@pytest.mark.parametrize("λ", EXPONENTS)
def test_limits_of_the_lorenz_number(λ):
    assert band.lorenz_number(-30.0, λ) == pytest.approx((2 + λ) * UNIT**2, rel=1e-5)
    assert band.lorenz_number(1e4, λ) == pytest.approx(np.pi**2 / 3 * UNIT**2, rel=1e-5)
    assert (2 * UNIT**2, np.pi**2 / 3 * UNIT**2) == pytest.approx((1.48517e-8, 2.44300e-8), rel=3e-6)


@pytest.mark.parametrize("λ", EXPONENTS)
def test_limits_of_the_seebeck_coefficient(λ):
    assert band.seebeck_coefficient(-30.0, λ) == pytest.approx((32 + λ) * UNIT, rel=1e-12)
    mott = np.pi**2 / 3 * (1 + λ) / 1e3 * UNIT
    assert band.seebeck_coefficient(1e3, λ) == pytest.approx(mott, rel=1e-5)


def test_constant_relaxation_time():
    """λ = 1/2: the mobility is the same at every filling, Hall and drift."""
    np.testing.assert_allclose(band.mobility_ratio(LEVELS, 0.5), 1.0, rtol=1e-13)
    np.testing.assert_allclose(band.hall_mobility_ratio(LEVELS, 0.5), 1.0, rtol=1e-13)


def test_hall_factor_of_few_carriers():
    """r_H = <τ²>/<τ>² = (√π/2) Γ(2λ + 3/2)·(3/2)/Γ(λ + 2)²: 3π/8 for acoustic phonons, 315π/512 for ions."""
    assert band.hall_factor(-30.0) == pytest.approx(3 * np.pi / 8, rel=1e-12)
    assert band.hall_factor(-30.0, 2.0) == pytest.approx(315 * np.pi / 512, rel=1e-12)


@pytest.mark.parametrize("λ", EXPONENTS)
def test_conductivity_is_that_of_the_carriers(λ):
    """σ = e n µ with µ_0 = µ_w/m^{3/2}."""
    m, T, µ_w = 2.3, 420.0, 0.031
    n = band.carrier_concentration(LEVELS, m, T)
    σ = band.electrical_conductivity(LEVELS, T, µ_w, λ)
    np.testing.assert_allclose(σ, e * n * µ_w / m**1.5 * band.mobility_ratio(LEVELS, λ), rtol=1e-13)
    σ_E0 = 8 * np.pi * e * (2 * m_e * Boltzmann * T) ** 1.5 * µ_w / (3 * h**3)
    np.testing.assert_allclose(σ, σ_E0 * (1 + λ) * fermi_integral(λ, LEVELS), rtol=1e-13)
    κ = band.electronic_thermal_conductivity(LEVELS, T, µ_w, λ)
    np.testing.assert_allclose(κ, band.lorenz_number(LEVELS, λ) * σ * T, rtol=1e-14)


def test_effective_density_of_free_electrons():
    """2 (2π m k T/h²)^{3/2} = 2.509e19 cm⁻³ at 300 K, which is Γ(3/2) N."""
    assert np.sqrt(np.pi) / 2 * band.effective_density(1.0, 300.0) == pytest.approx(2.509e25, rel=2e-4)


def test_heavy_band_of_a_half_heusler():
    η = reduced_fermi_level(2e27 / band.effective_density(6.9, [300, 600, 1000, 1200]))
    np.testing.assert_allclose(band.seebeck_coefficient(η) * 1e6, [87.2, 151.8, 209.0, 230.6], atol=0.051)


def test_lorenz_number_from_the_seebeck_coefficient():
    """L = 1.5 + exp(−|S|/116) of H.-S. Kim et al., APL Mater. 3 (2015) 041506: 3.65 % off at 217 µV/K, not more."""
    S = np.linspace(10, 400, 391)
    error = (1.5 + np.exp(-S / 116)) * 1e-8 / band.lorenz_number(band.level_from_seebeck(S * 1e-6)) - 1
    assert np.max(np.abs(error)) == pytest.approx(0.0365, abs=5e-5)
    assert S[np.argmax(np.abs(error))] == 217


def test_weighted_mobility_of_the_closed_form():
    """µ_w of G. J. Snyder et al., Adv. Mater. 32 (2020) 2001537, which is good to a few per cent."""
    S, σ, T = np.linspace(20, 500, 49) * 1e-6, 1.3e5, 600.0
    s = S / UNIT
    metal = 3 / np.pi**2 * s / (1 + np.exp(5 * (s - 1)))
    closed = 331e-4 * (σ / 1e5) * (T / 300) ** -1.5 * (np.exp(s - 2) / (1 + np.exp(-5 * (s - 1))) + metal)
    np.testing.assert_allclose(band.weighted_mobility(S, σ, T), closed, rtol=0.035)


@pytest.mark.parametrize("λ", EXPONENTS)
def test_inverse_problems(λ):
    S = -band.seebeck_coefficient(LEVELS, λ)
    np.testing.assert_allclose(band.level_from_seebeck(S, λ), LEVELS, rtol=1e-10, atol=1e-10)
    n_H = band.carrier_concentration(LEVELS, 6.9, 500.0) / band.hall_factor(LEVELS, λ)
    np.testing.assert_allclose(band.effective_mass(S, n_H, 500.0, λ), 6.9, rtol=1e-10)
    σ = band.electrical_conductivity(LEVELS, 500.0, 0.03, λ)
    np.testing.assert_allclose(band.weighted_mobility(S, σ, 500.0, λ), 0.03, rtol=1e-10)


@pytest.mark.parametrize("S", [0.0, np.nan, np.inf, [1e-4, 0.0]])
def test_seebeck_coefficient_without_a_level(S):
    with pytest.raises(ValueError, match="finite and not zero"):
        band.level_from_seebeck(S)


@pytest.mark.parametrize(
    ("B", "η", "zT"), [(0.2, -0.215, 0.6038), (0.4, -0.565, 1.0234), (0.8, None, 1.648), (1.0, -1.10, 1.9004)]
)
def test_largest_figure_of_merit(B, η, zT):
    best = band.optimum_level(B)
    assert best.figure_of_merit == pytest.approx(zT, abs=5.1e-5 if zT != 1.648 else 5e-4)
    assert η is None or best.level == pytest.approx(η, abs=3e-3)  # read off a grid
    assert band.figure_of_merit([best.level - 1e-3, best.level + 1e-3], B) == pytest.approx(
        best.figure_of_merit, rel=1e-6
    )
    assert np.all(band.figure_of_merit(LEVELS, B) <= best.figure_of_merit)


@pytest.mark.parametrize("λ", EXPONENTS)
@pytest.mark.parametrize("B", [1e-4, 0.4, 30.0])
def test_no_level_is_better(B, λ):
    levels = np.linspace(-60, 30, 901)
    best = band.optimum_level(B, λ)
    assert np.all(band.figure_of_merit(levels, B, λ) <= best.figure_of_merit)
    assert levels[np.argmax(band.figure_of_merit(levels, B, λ))] == pytest.approx(best.level, abs=0.1)


def test_optimum_concentration():
    m, T, µ_w, κ = 6.9, 1000.0, 0.03, 4.0
    B = band.quality_factor(T, µ_w, κ)
    n = band.optimum_concentration(m, T, µ_w, κ)
    η = reduced_fermi_level(n / band.effective_density(m, T))
    S, σ = band.seebeck_coefficient(η), band.electrical_conductivity(η, T, µ_w)
    zT = S**2 * σ * T / (κ + band.electronic_thermal_conductivity(η, T, µ_w))
    assert zT == pytest.approx(band.optimum_level(float(B)).figure_of_merit, rel=1e-12)
    assert band.optimum_concentration(2 * m, T, µ_w, κ) == pytest.approx(2**1.5 * n, rel=1e-9)
    with pytest.raises(ValueError, match="must be positive"):
        band.optimum_level(0.0)


def test_two_equal_bands_at_mid_gap():
    """Electrons and holes alike: S = 0, twice σ, and the bipolar L = L_1 + S_1²."""
    own = band.Transport(3e-4, 1e4, 1.5e-8)
    both = band.parallel_bands(own, own._replace(seebeck_coefficient=-3e-4))
    assert both == pytest.approx((0.0, 2e4, 1.5e-8 + 9e-8), rel=1e-14)


def test_bipolar_heat():
    """κ = Σ κ_i + T σ_1 σ_2 (S_1 − S_2)²/σ, as it is usually written."""
    T, a, b = 500.0, band.Transport(2e-4, 5e4, 1.6e-8), band.Transport(-3e-4, 1e4, 1.5e-8)
    both = band.parallel_bands(a, b)
    κ = T * (5e4 * 1.6e-8 + 1e4 * 1.5e-8 + 5e4 * 1e4 / 6e4 * (5e-4) ** 2)
    assert both.lorenz_number * both.electrical_conductivity * T == pytest.approx(κ, rel=1e-13)
    assert both.seebeck_coefficient == pytest.approx((5e4 * 2e-4 - 1e4 * 3e-4) / 6e4, rel=1e-13)
