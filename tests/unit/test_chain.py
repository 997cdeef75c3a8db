"""Linear chain: closed forms against the 2x2 eigenproblem, numbers of the reference table, errors."""

import numpy as np
import pytest

from thermolyte.errors import InputError
from thermolyte.materials.chain import Chain, guest_mass_ratio
from thermolyte.materials.chain_plot import plot_chain

pytestmark = pytest.mark.serial

QD = np.linspace(1e-3, np.pi, 500)
CHAINS = [Chain(0.189, 2.0), Chain(0.291, 2.0), Chain(0.05, 0.7), Chain(1.7, 3.0)]


def eigenfrequencies(chain, s):
    """From the equations of motion, u_j = α A e^{iqjd}, v_j = A e^{iq(j + 1/2)d}."""
    β, γ, c = chain.mass_ratio, chain.stiffness_ratio, np.cos(s / 2)
    matrix = np.array([[2 * γ * (1 - np.cos(s)) + 2 * β, -2 * β * c], [-2 * c, 2.0]])
    return np.sqrt(np.sort(np.linalg.eigvals(matrix)))


@pytest.mark.parametrize("chain", CHAINS)
def test_branches_are_eigenfrequencies(chain):
    expected = np.array([eigenfrequencies(chain, s) for s in QD])
    # From the matrix ω_-² is a difference of numbers of order 1.
    np.testing.assert_allclose(np.transpose(chain.frequencies(QD)) ** 2, expected**2, rtol=0, atol=1e-12)


@pytest.mark.parametrize("chain", CHAINS)
def test_branches_fulfil_s8_and_the_corrected_s7(chain):
    β, γ = chain.mass_ratio, chain.stiffness_ratio
    qd = np.linspace(1e-3, 0.8 * np.pi, 400)  # towards π α is 0/0
    for ω in chain.frequencies(qd):
        α = (1 - ω**2 / 2) / np.cos(qd / 2)  # S8
        s7 = 2 * γ * (1 - np.cos(qd)) + 2 * β * (1 - np.cos(qd / 2) / α)
        np.testing.assert_allclose(s7, ω**2, rtol=1e-9)
        as_printed = 2 * γ * (1 - np.cos(qd)) + 2 * β * (1 - np.cos(qd / 2) / α - 2)
        np.testing.assert_allclose(as_printed - ω**2, -4 * β, rtol=1e-8)


@pytest.mark.parametrize("chain", CHAINS)
def test_group_velocities_are_slopes(chain):
    qd, h = np.linspace(0.05, np.pi - 0.05, 60), 1e-5
    for v, above, below in zip(
        chain.group_velocities(qd), chain.frequencies(qd + h), chain.frequencies(qd - h), strict=True
    ):
        np.testing.assert_allclose(v, (above - below) / (2 * h), atol=1e-8)
    assert chain.group_velocities(1e-5)[0] == pytest.approx(chain.sound_velocity, rel=1e-8)
    np.testing.assert_allclose(chain.group_velocities(np.pi), 0, atol=1e-12)


@pytest.mark.parametrize("chain", CHAINS)
def test_closed_forms_at_the_ends_and_at_the_crossing(chain):
    β = chain.mass_ratio
    lower, upper = chain.frequencies(QD)
    np.testing.assert_allclose(lower * upper, 2 * np.sin(QD / 2) * np.sqrt(2 * chain.stiffness_ratio + β), rtol=1e-14)
    assert chain.frequencies(0.0)[1] == pytest.approx(chain.optical_limit, rel=1e-14)
    np.testing.assert_allclose(chain.frequencies(np.pi), chain.zone_edge, rtol=1e-12)
    if chain.bare_crossing is not None:
        low, high = chain.frequencies(chain.bare_crossing)
        assert high**2 - low**2 == pytest.approx(4 * np.sqrt(β) * np.cos(chain.bare_crossing / 2), rel=1e-12)
        walls, guests = chain.bare_frequencies(chain.bare_crossing)
        assert walls == pytest.approx(float(guests), rel=1e-12)


@pytest.mark.parametrize("chain", CHAINS)
def test_gap_is_the_least_distance(chain):
    lower, upper = chain.frequencies(np.linspace(1e-4, np.pi, 100_001))
    assert chain.gap == pytest.approx(float((upper - lower).min()), rel=1e-8)
    at = chain.frequencies(chain.gap_position)
    assert at[1] - at[0] == pytest.approx(chain.gap, rel=1e-12)


def test_gap_of_a_soft_chain_is_at_the_zone_edge():
    chain = Chain(0.2, 0.4)
    lower, upper = chain.frequencies(np.linspace(1e-4, np.pi, 10_001))
    assert chain.gap_position == pytest.approx(np.pi)
    assert chain.gap == pytest.approx(float((upper - lower).min()), rel=1e-9)
    assert Chain(0.05, 0.4).bare_crossing is None


@pytest.mark.parametrize(
    ("β", "gap", "gap_at", "crossing", "ω", "v", "sound", "quarter", "half", "mean"),
    [
        (0.189, 0.532447, 0.34197, 0.297350, (1.106187, 1.666239), (0.815389, 0.423840), 1.327239, 1.008544, 0.134032,
         0.4650),
        (0.291, 0.660681, 0.34656, 0.276649, (1.010638, 1.725866), (0.868082, 0.376741), 1.289143, 0.959584, 0.176406,
         0.4388),
    ],
)  # fmt: skip
def test_reference_table(β, gap, gap_at, crossing, ω, v, sound, quarter, half, mean):
    chain = Chain(β, 2.0)
    assert chain.gap == pytest.approx(np.sqrt(1.5 * β), rel=1e-14)  # ω_2 √(β(2 − 1/γ))
    assert chain.gap == pytest.approx(gap, abs=1e-6)
    assert chain.gap_position / np.pi == pytest.approx(gap_at, abs=3e-5)
    assert chain.bare_crossing / np.pi == pytest.approx(crossing, abs=1e-6)
    np.testing.assert_allclose(chain.frequencies(chain.bare_crossing), ω, atol=1e-6)
    np.testing.assert_allclose(chain.group_velocities(chain.bare_crossing), v, atol=1e-6)
    assert chain.sound_velocity == pytest.approx(sound, abs=1e-6)
    lower = chain.group_velocities(np.pi * np.array([0.25, 0.5]))[0]
    np.testing.assert_allclose(lower, (quarter, half), atol=1e-6)
    assert chain.mean_square_velocity() == pytest.approx(mean, abs=1e-4)


def test_mass_ratios_of_guests():
    assert guest_mass_ratio() == pytest.approx(178.49 / 953.94)
    masses = {91.224: 0.0956, 92.906: 0.0974, 178.49: 0.1871, 180.948: 0.1897, 278.0: 0.2914}
    assert {m: round(guest_mass_ratio(m), 4) for m in masses} == masses


def test_wrong_chain():
    with pytest.raises(InputError, match="needs positive mass_ratio and stiffness_ratio, not -1 and 2"):
        Chain(-1.0, 2.0)


def test_figure(tmp_path):
    assert plot_chain(tmp_path / "new" / "chain.png").stat().st_size > 20_000
