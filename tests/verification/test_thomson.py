"""Exact solutions with a Thomson coefficient (kpleo/thermoelectrics_devices_theory, exact benchmarks)."""

from __future__ import annotations

import numpy as np
import pytest

from slab import region, slab
from thermolyte.boundary import Temperature
from thermolyte.physics.local import TEMPERATURE
from thermolyte.problem import Problem
from thermolyte.quantities import Device, Quantities
from thermolyte.setup import Setup
from thermolyte.solver import Solver, SolverSettings
from thermolyte.terminal import IDEAL_LEAD, Current, Ground


def solve(mesh, leg, cold, hot, current_density, order):
    """State and quantities of a 1-D leg with unit cross-section."""
    setup = Setup(
        {"leg": leg},
        {
            "cold": [Temperature(type="temperature", temperature=cold)],
            "hot": [Temperature(type="temperature", temperature=hot)],
        },
        {"cold": Ground(type="ground"), "hot": Current(type="current", current=current_density)},
        order=order,
    )
    problem = Problem(mesh, setup)
    problem.set_initial((cold + hot) / 2)
    Solver(problem, SolverSettings()).solve()
    return problem, Quantities(problem, Device("hot", ("hot",), ("cold",))).evaluate()


@pytest.mark.parametrize("cells", [3, 12])
def test_joule_heat_that_the_thomson_heat_takes_up_leaves_a_linear_temperature(comm, cells):
    """A: T = T_c + g x, S = S₀ + b (T − T_c), ρ = b T g/J: T and V are nodally exact at order 1, on any mesh."""
    cold, hot, length, area, S0, b, kappa = 280.0, 340.0, 1.2e-3, 0.8e-6, 150e-6, 0.25e-6, 1.6
    g, J = (hot - cold) / length, 0.48 / area
    linear = {"law": "polynomial", "range": [200, 400]}
    leg = region(
        seebeck_coefficient={**linear, "unit": "V/K", "coefficients": [S0, b], "reference": cold},
        electrical_resistivity={**linear, "unit": "ohm*m", "coefficients": [0.0, b * g / J]},
        thermal_conductivity=kappa,
    )
    problem, values = solve(slab(comm, [("leg", length, cells)]), leg, cold, hot, J, order=1)
    T = problem.u[problem.place[TEMPERATURE, "leg"]]
    x = T.function_space.tabulate_dof_coordinates()[:, 0]
    np.testing.assert_allclose(T.x.array, cold + g * x, rtol=1e-11)
    leads = 2 * IDEAL_LEAD * J
    assert values["voltage.hot"] + leads == pytest.approx(-14.100e-3, rel=1e-9)
    # Into the body at x = 0: Q(0); at x = L: −Q(L). The power is absorbed: V I < 0.
    # Heat flows are quadratic in h: the quadratic S T J is not in the space of the temperature.
    assert values["heat_flow.cold"] * area == pytest.approx(-0.043840, abs=1.2e-4 / cells**2)
    assert values["heat_flow.hot"] * area == pytest.approx(0.037072, abs=1.2e-4 / cells**2)
    assert (values["power"] + leads * J) * area == pytest.approx(-6.768e-3, rel=1e-9)


@pytest.mark.parametrize("cells", [2, 8])
def test_open_circuit_with_linear_properties(comm, cells):
    """B: I = 0, κ and S linear in T. The midpoint rule integrates both exactly, so the nodes are exact on any mesh."""
    linear = {"law": "polynomial", "range": [200, 400], "reference": 250.0}
    leg = region(
        seebeck_coefficient={**linear, "unit": "V/K", "coefficients": [200e-6, -0.3e-6]},
        electrical_conductivity=1e5,
        thermal_conductivity={**linear, "unit": "W/(m*K)", "coefficients": [1.2, 0.003]},
    )
    problem, values = solve(slab(comm, [("leg", 1e-3, cells)]), leg, 250.0, 330.0, 0.0, order=1)
    T = problem.u[problem.place[TEMPERATURE, "leg"]]
    x = T.function_space.tabulate_dof_coordinates()[:, 0] / 1e-3
    # Kirchhoff: ∫κ dT is linear in x; 1.2 θ + 0.0015 θ² = x (1.2·80 + 0.0015·80²) with θ = T − 250 K.
    theta = (-1.2 + np.sqrt(1.44 + 0.006 * 105.6 * x)) / 0.003
    np.testing.assert_allclose(T.x.array, 250.0 + theta, rtol=1e-11)
    middle = np.abs(x - 0.5) < 1e-9
    np.testing.assert_allclose(T.x.array[middle], 291.81444, atol=1e-5)
    assert values["voltage.hot"] * 1e3 == pytest.approx(-15.040, rel=1e-9)
    assert values["heat_flow.hot"] == pytest.approx(1.056e5, rel=1e-9)
    assert values["heat_flow.cold"] * 1.1e-6 == pytest.approx(-0.11616, rel=1e-9)
