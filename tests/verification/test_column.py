"""strap | leg | strap with interior electrical and thermal contacts, against its closed form."""

from __future__ import annotations

import numpy as np
import pytest

from slab import region, slab
from thermolyte.boundary import Temperature
from thermolyte.interface.contact import Contact
from thermolyte.problem import Problem
from thermolyte.quantities import Device, Quantities
from thermolyte.setup import Setup
from thermolyte.solver import Solver, SolverSettings
from thermolyte.terminal import IDEAL_LEAD, Current, Ground

COLD, HOT, J = 295.0, 589.0, 2.5e5
STRAP, LEG = 3e-4, 6e-3
COPPER, N_TYPE = (1.8e-6, 5.9e7, 400.0), (-200e-6, 1e5, 1.0)  # S, σ, κ


def closed_form(rho_c, R_th):
    """V, heat out at the cold end and into the hot end, per area, by matching the parabola of each layer.

    In each layer T = a + b x − J²x²/(2σκ) and q = S T J − κ T'. Unknown a, b of three layers: 6 linear equations.
    """
    layers = [(STRAP, *COPPER), (LEG, *N_TYPE), (STRAP, *COPPER)]
    A, rhs = np.zeros((6, 6)), np.zeros(6)

    def temperature(i, x):
        row = np.zeros(6)
        row[2 * i : 2 * i + 2] = 1.0, x
        _, _, sigma, kappa = layers[i]
        return row, -(J**2) * x**2 / (2 * sigma * kappa)

    def heat(i, x):
        _, S, sigma, kappa = layers[i]
        row, rest = temperature(i, x)
        row = S * J * row
        row[2 * i + 1] -= kappa
        return row, S * J * rest + J**2 * x / sigma

    def equation(k, row, rest, value):
        A[k], rhs[k] = row, value - rest

    # x = 0 and x = L of the column: fixed temperatures.
    equation(0, *temperature(0, 0.0), COLD)
    equation(5, *temperature(2, STRAP), HOT)
    joule = rho_c * J**2 / 2
    for k, i in ((1, 0), (3, 1)):
        (T1, t1), (T2, t2) = temperature(i, layers[i][0]), temperature(i + 1, 0.0)
        (q1, r1), (q2, r2) = heat(i, layers[i][0]), heat(i + 1, 0.0)
        # The total flux q + half the contact's Joule heat crosses as (T1 − T2)/R_th; the other half leaves with it.
        equation(k, R_th * q1 - (T1 - T2), R_th * r1 - (t1 - t2), -R_th * joule)
        equation(k + 1, q2 - q1, r2 - r1, 2 * joule)
    c = np.linalg.solve(A, rhs)
    V = 0.0
    for i, (length, S, sigma, _) in enumerate(layers):
        ends = [row @ c + rest for row, rest in (temperature(i, 0.0), temperature(i, length))]
        V -= S * (ends[1] - ends[0]) + J * length / sigma
    V -= 2 * rho_c * J
    q_cold, q_hot = (row @ c + rest for row, rest in (heat(0, 0.0), heat(2, STRAP)))
    return V, q_cold, q_hot


@pytest.mark.parametrize("rho_c", [1e-14, 1e-12, 1e-10, 1e-8, 1e-6])
def test_interior_contacts(comm, rho_c):
    # Current flows along +x: out at the hot end. Order 2 holds the parabolas exactly.
    R_th = 2e-5
    mesh = slab(comm, [("cold_pad", STRAP, 2), ("leg", LEG, 4), ("hot_pad", STRAP, 2)], [(1e-3, 1), (1e-3, 1)])
    contact = Contact(contact_resistivity=rho_c, thermal_contact_resistance=R_th)
    materials = {"cold_pad": COPPER, "leg": N_TYPE, "hot_pad": COPPER}
    names = ("seebeck_coefficient", "electrical_conductivity", "thermal_conductivity")
    setup = Setup(
        {r: region(**dict(zip(names, p, strict=True))) for r, p in materials.items()},
        {
            "cold": [Temperature(type="temperature", temperature=COLD)],
            "hot": [Temperature(type="temperature", temperature=HOT)],
        },
        {"cold": Ground(type="ground"), "hot": Current(type="current", current=J * 1e-6)},
        {("cold_pad", "leg"): contact, ("leg", "hot_pad"): contact},
        order=2,
    )
    problem = Problem(mesh, setup)
    problem.set_initial(440.0)
    Solver(problem, SolverSettings(preset="direct")).solve()
    values = Quantities(problem, Device("hot", ("hot",), ("cold",))).evaluate()
    V, q_cold, q_hot = closed_form(rho_c, R_th)
    lead = IDEAL_LEAD * J  # both leads lower V, and dump their heat at the faces
    assert values["voltage"] + 2 * lead == pytest.approx(V, rel=1e-8)
    assert values["heat_flow.cold"] + lead * J * 1e-6 == pytest.approx(q_cold * 1e-6, rel=1e-8)
    assert values["heat_flow.hot"] + lead * J * 1e-6 == pytest.approx(-q_hot * 1e-6, rel=1e-8)
    assert abs(values["energy_balance"]) < 1e-8 * abs(values["hot_heat_flow"])
    joule = rho_c * J**2 * 1e-6
    # A difference of nearly equal potentials: relative error 1e-16·V/(ρ_c J).
    assert values["joule_heat.leg/hot_pad"] == pytest.approx(joule, rel=max(1e-8, 1e-20 / rho_c))
