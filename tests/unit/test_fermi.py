"""Fermi-Dirac integrals: closed forms, series and another quadrature to 1e-12, and the Fermi level back from them."""

from math import gamma

import numpy as np
import pytest
from scipy.special import spence

from thermolyte.materials.fermi import fermi_integral, fermi_integral_slope, reduced_fermi_level

pytestmark = pytest.mark.serial
LEVELS = np.linspace(-30, 100, 261)
ORDERS = [-0.5, -0.25, 0.0, 0.3, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.7, 4.0]


def double_exponential(j, level):
    """The trapezoidal rule after x = exp(s − exp(−s)), as good for a singular x^j as for a smooth one."""
    s, h = np.linspace(-4.6, 6.5, 5001, retstep=True)
    x = np.exp(s - np.exp(-s))
    return float(np.sum(h * x * (1 + np.exp(-s)) * x**j / (1 + np.exp(np.minimum(x - level, 700)))))


@pytest.mark.parametrize("j", ORDERS)
def test_against_another_quadrature(j):
    expected = [double_exponential(j, η) for η in LEVELS[::10]]
    np.testing.assert_allclose(fermi_integral(j, LEVELS[::10]), expected, rtol=1e-12)


@pytest.mark.parametrize("j", ORDERS)
def test_series_of_few_carriers(j):
    """F_j = Γ(j + 1) Σ_k (−1)^{k+1} exp(kη)/k^{j+1}, which converges for η < 0."""
    k, η = np.arange(1, 60)[:, None], np.linspace(-30, -1, 30)
    series = gamma(j + 1) * np.sum(-((-1.0) ** k) * np.exp(k * η) / k ** (j + 1), axis=0)
    np.testing.assert_allclose(fermi_integral(j, η), series, rtol=1e-13)


def test_closed_forms():
    np.testing.assert_allclose(fermi_integral(0, LEVELS), np.logaddexp(0, LEVELS), rtol=1e-13)
    η = np.linspace(-5, 30, 71)
    np.testing.assert_allclose(fermi_integral(1, η), -spence(1 + np.exp(η)), rtol=1e-12)


def test_metallic_limit():
    """Sommerfeld: F_{1/2} = (2/3) η^{3/2} [1 + π²/(8η²) + 7π⁴/(640η⁴)], the next term below 1e-8 at 100."""
    η = 100.0
    sommerfeld = 2 / 3 * η**1.5 * (1 + np.pi**2 / (8 * η**2) + 7 * np.pi**4 / (640 * η**4))
    assert fermi_integral(0.5, η) == pytest.approx(sommerfeld, rel=1e-10)


def test_reference_numbers():
    expected = [0.0059571769, 0.11458782, 0.6780939, 1.3963753, 3.9769854, 7.8379761, 21.344471]
    np.testing.assert_allclose(fermi_integral(0.5, [-5, -2, 0, 1, 3, 5, 10]), expected, rtol=5e-8)


@pytest.mark.parametrize("j", [j for j in ORDERS if j >= 0.3])
def test_slope_is_the_integral_of_lower_order(j):
    np.testing.assert_allclose(fermi_integral_slope(j, LEVELS), j * fermi_integral(j - 1, LEVELS), rtol=1e-12)


def test_slope_of_order_minus_one_half():
    h, η = 1e-3, np.array([-3.0, 0.0, 2.0, 40.0])
    two, four = (fermi_integral(-0.5, η + m * h) - fermi_integral(-0.5, η - m * h) for m in (1, 2))
    np.testing.assert_allclose(fermi_integral_slope(-0.5, η), (8 * two - four) / (12 * h), rtol=1e-9)


def test_level_from_filling():
    np.testing.assert_allclose(reduced_fermi_level(fermi_integral(0.5, LEVELS)), LEVELS, rtol=1e-13, atol=1e-13)
    filling = np.array([1e-200, 1e-20, 1.0, 1e4])
    np.testing.assert_allclose(fermi_integral(0.5, reduced_fermi_level(filling)), filling, rtol=1e-12)


def test_shapes():
    assert fermi_integral(0.5, 1.0).shape == reduced_fermi_level(1.0).shape == ()
    assert fermi_integral(0.5, np.zeros((3, 2))).shape == (3, 2)


@pytest.mark.parametrize("filling", [0.0, -1.0, np.inf, np.nan, [1.0, 0.0]])
def test_filling_without_a_level(filling):
    with pytest.raises(ValueError, match="must be positive and finite to have a Fermi level"):
        reduced_fermi_level(filling)


@pytest.mark.parametrize("f", [fermi_integral, fermi_integral_slope])
def test_order_that_diverges(f):
    with pytest.raises(ValueError, match="order j = -1 diverges"):
        f(-1.0, 0.0)
