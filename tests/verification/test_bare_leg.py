"""One bare leg with constant properties against the exact solution: table T1 (four such legs in series) at its sources.

A. F. Ioffe, Semiconductor Thermoelements (1957); V, R, K, P and Q of one leg are a quarter of the two-pair module's.
"""

from __future__ import annotations

import math

import pytest

from thermolyte.case import Case
from thermolyte.studies import optimum
from thermolyte.studies.simulator import Simulator

S, SIGMA, KAPPA, LENGTH, AREA, HOT, COLD = 200e-6, 1e5, 1.0, 6e-3, 3.8e-3**2, 589.0, 295.0


def exact(rho_c):
    """Ioffe's closed form of one leg: R, V_oc, (I, P) at maximum power, (I, P, Q_h, Q_c, η) at maximum efficiency."""
    R = LENGTH / (SIGMA * AREA) + 2 * rho_c / AREA
    K, V = KAPPA * AREA / LENGTH, S * (HOT - COLD)
    m = math.sqrt(1 + S**2 / (R * K) * (HOT + COLD) / 2)
    I = V / (R * (1 + m))
    Q_h = K * (HOT - COLD) + S * HOT * I - I**2 * R / 2
    Q_c = K * (HOT - COLD) + S * COLD * I + I**2 * R / 2
    return R, V, (V / (2 * R), V**2 / (4 * R)), (I, V * I - I**2 * R, Q_h, Q_c, 1 - Q_c / Q_h)


@pytest.mark.parametrize(
    ("rho_c", "table"),
    [
        (0.0, (16.62050, 0.832091, 7.07560, 5.312549, 5.098971, 4.318543, 15.305602)),
        (5e-10, (16.89751, 0.818450, 6.95961, 5.242647, 5.068358, 4.299721, 15.165398)),
        (20e-10, (17.72853, 0.780085, 6.63338, 5.044039, 4.981463, 4.246161, 14.760779)),
    ],
)
def test_table_T1(comm, cases, rho_c, table):
    contact = max(rho_c, 1e-14)  # the limit of a lead without contact resistance
    values = {f"terminals.{t}.contact_resistivity": contact for t in ("hot", "cold")}
    case = Case.load(cases / "single_leg", {**values, "study": {"type": "operating_point"}})
    simulator = Simulator(comm)
    power = optimum.find("maximum_power", case, simulator)
    best = optimum.find("maximum_efficiency", case, simulator)
    R, V, (I_mp, P), (I_eta, P_eta, Q_h, Q_c, eta) = exact(rho_c)
    published = (4 * R * 1e3, 4 * P, I_mp, I_eta, 4 * Q_h, 4 * Q_c, eta * 100)
    assert published == pytest.approx(table, rel=1e-6)
    near = lambda x: pytest.approx(x, rel=1e-6)  # noqa: E731
    assert best["open_circuit_voltage"] == near(V)
    assert power["internal_resistance"] == near(R)
    assert power["resistance"] == near(R)
    assert (power["current"], power["maximum_power"]) == (near(I_mp), near(P))
    assert (best["current"], best["power"], best["maximum_efficiency"]) == (
        near(I_eta),
        near(P_eta),
        near(eta),
    )
    assert (best["hot_heat_flow"], best["cold_heat_flow"]) == (near(Q_h), near(Q_c))


@pytest.mark.parametrize(
    ("sigma", "of_total", "of_material"),
    [(9.0e4, 5.66, 6.00), (9.6e4, 6.02, 6.40), (1.0e5, 6.25, 6.67), (1.026e5, 6.40, 6.84)],
)
def test_contact_share_of_20_micro_ohm_cm2(comm, cases, sigma, of_total, of_material):
    """Two contacts of 20 µΩ·cm² on a 6 mm leg: 2ρ_c/(2ρ_c + L/σ) (Wang et al. 2025 say ≈ 6.4 %)."""
    values = {f"terminals.{t}.contact_resistivity": "20 uohm*cm^2" for t in ("hot", "cold")}
    values |= {
        "regions.leg.scale": {"electrical_conductivity": sigma / 1e5},
        "study": {"type": "operating_point"},
    }
    found = Simulator(comm).solve(Case.load(cases / "single_leg", values))
    contacts = found["resistance.hot"] + found["resistance.cold"]
    exact = 2 * 20e-10 / (2 * 20e-10 + LENGTH / sigma)
    assert contacts / found["resistance"] == pytest.approx(exact, rel=1e-6)
    assert 100 * exact == pytest.approx(of_total, abs=6e-3)
    assert 100 * contacts / found["resistance.leg"] == pytest.approx(of_material, abs=6e-3)
