"""The two-pair module, coarse: ranks, solvers and meshes agree; a 1-D solution is reproduced; balances close."""

from __future__ import annotations

from mpi4py import MPI

import pytest

from slab import slab
from thermolyte.boundary import Temperature
from thermolyte.case import Case
from thermolyte.materials import Card
from thermolyte.problem import Problem
from thermolyte.quantities import Device, Quantities
from thermolyte.region import Region
from thermolyte.setup import Setup
from thermolyte.solver import Solver, SolverSettings
from thermolyte.studies.simulator import Simulator
from thermolyte.terminal import Current, Ground

COARSE = {
    "study": {"type": "operating_point"},
    "terminals.plus.current": 3.5,
    "mesh.size": "1.3 mm",
    "mesh.refinement": 1.5,
    "boundaries.hot.temperature": 589.0,
}
COMPARED = (
    "voltage",
    "power",
    "hot_heat_flow",
    "cold_heat_flow",
    "efficiency",
    "open_circuit_voltage",
    "resistance",
)


def solve(cases, comm, **values):
    return Simulator(comm).solve(Case.load(cases / "two_pair_module", COARSE | values))


@pytest.fixture(scope="module")
def reference(cases):
    """Solved by this rank alone, directly."""
    return solve(cases, MPI.COMM_SELF, **{"solver.preset": "direct"})


def test_all_ranks_together_give_what_one_gives(comm, cases, reference):
    found = solve(cases, comm, **{"solver.preset": "direct"})
    assert {n: found[n] for n in COMPARED} == pytest.approx({n: reference[n] for n in COMPARED}, rel=1e-10)


def test_the_iterative_solver_gives_what_the_direct_one_gives(comm, cases, reference):
    found = solve(cases, comm, **{"solver.preset": "iterative"})
    assert {n: found[n] for n in COMPARED} == pytest.approx({n: reference[n] for n in COMPARED}, rel=1e-8)
    assert abs(found["energy_balance"]) < 1e-8 * found["hot_heat_flow"]
    assert abs(found["charge_balance"]) < 1e-10 * found["current"]


def test_hexahedra_and_tetrahedra_agree_to_discretisation_error(comm, cases, reference):
    found = solve(cases, comm, **{"mesh.cells": "hexahedron"})
    for n in ("voltage", "hot_heat_flow", "efficiency"):
        assert found[n] == pytest.approx(reference[n], rel=5e-3)
    second = solve(cases, comm, **{"mesh.order": 2})
    for n in ("voltage", "hot_heat_flow", "efficiency"):
        assert second[n] == pytest.approx(reference[n], rel=5e-3)


def test_heat_flows_with_convection_and_radiation_balance(comm, cases):
    found = solve(
        cases,
        comm,
        **{
            "boundaries.hot": {"type": "heat_flux", "heat_flux": "4 W/cm^2"},
            "boundaries.cold": {"type": "convection", "coefficient": "1 W/(cm^2*K)", "ambient": "295 K"},
            "boundaries.sides": [
                {"type": "convection", "coefficient": "20 W/(m^2*K)", "ambient": "300 K"},
                {"type": "radiation", "emissivity": 0.8, "ambient": "300 K"},
            ],
        },
    )
    assert found["heat_flow.sides"] < -0.01
    assert abs(found["energy_balance"]) < 1e-8 * found["hot_heat_flow"]
    assert abs(found["charge_balance"]) < 1e-10 * found["current"]


# Mg3BiSb-estimate and MgAgSb-395, T_hot 589 K, T_cold 295 K, ρ_c 1.71 and 5 µΩ·cm²: an independent 1-D boundary value
# problem (V, Q_h, Q_c of two pairs of bare legs at each current; S, ρ and κ linear between the points of the tables).
CURVE = {
    0.0: (0.248688, 2.776081, 2.776081),
    1.0: (0.220293, 3.258363, 3.038070),
    2.0: (0.191840, 3.711990, 3.328310),
    3.0: (0.163329, 4.136773, 3.646786),
    3.5: (0.149051, 4.338295, 3.816614),
    4.0: (0.134760, 4.532543, 3.993503),
    4.5: (0.120455, 4.719498, 4.177451),
    5.0: (0.106137, 4.899141, 4.368456),
    6.0: (0.077466, 5.236414, 4.771618),
    8.0: (0.020011, 5.822354, 5.662264),
}


def leg_curve(comm, card, rho_c, sign):
    """Quantities of one bare leg at every current of CURVE."""
    mesh = slab(comm, [("leg", 6e-3, 96)], [(3.8e-3, 1), (3.8e-3, 1)])
    ends = {"hot": 589.0, "cold": 295.0}
    found = {}
    for current in CURVE:
        setup = Setup(
            {"leg": Region(material=Card.load(card), interpolation="linear")},
            {b: [Temperature(type="temperature", temperature=T)] for b, T in ends.items()},
            {
                "hot": Ground(type="ground", contact_resistivity=rho_c),
                "cold": Current(type="current", current=sign * current, contact_resistivity=rho_c),
            },
        )
        if not found:
            problem = Problem(mesh, setup)
            problem.set_initial(440.0)
            solver, quantities = Solver(problem, SolverSettings()), Quantities(problem, DEVICE)
        problem.update(setup)
        solver.solve()
        found[current] = quantities.evaluate()
    return found


DEVICE = Device("cold", ("hot",), ("cold",))


def test_bare_legs_follow_a_1d_solution(comm):
    n = leg_curve(comm, "Mg3BiSb-estimate", 1.71e-10, -1)  # current leaves a p leg at its cold end
    p = leg_curve(comm, "MgAgSb-395", 5e-10, +1)
    for current, (V, Q_h, Q_c) in CURVE.items():
        assert 2 * (p[current]["voltage"] - n[current]["voltage"]) == pytest.approx(V, rel=1e-3)
        assert 2 * (p[current]["hot_heat_flow"] + n[current]["hot_heat_flow"]) == pytest.approx(Q_h, rel=1e-3)
        assert 2 * (p[current]["cold_heat_flow"] + n[current]["cold_heat_flow"]) == pytest.approx(Q_c, rel=1e-3)
