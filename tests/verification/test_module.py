"""The two-pair module, coarse: ranks, solvers and meshes agree; a 1-D solution is reproduced; balances close."""

from __future__ import annotations

from mpi4py import MPI

import pytest

from thermolyte.case import Case
from thermolyte.studies.simulator import Simulator

COARSE = {
    "study": {"type": "operating_point"},
    "terminals.plus.current": 3.5,
    "mesh.size": "1.3 mm",
    "mesh.refinement": 1.5,
    "boundaries.hot.temperature": 589.0,
}
COMPARED = ("voltage", "power", "hot_heat_flow", "cold_heat_flow", "efficiency", "open_circuit_voltage", "resistance")


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


# thermoelectric tables of the cards, bare legs, T_hot 589 K, T_cold 295 K: an independent 1-D boundary value problem.
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


def test_bare_legs_follow_a_1d_solution(comm, cases):
    """V, Q_h and Q_c of two n and two p legs at every current, within 1e-3 (tables linear in S, ρ and κ)."""
    legs = {}
    for kind, card, rho_c in (("n", "Mg3BiSb-estimate", "1.71 uohm*cm^2"), ("p", "MgAgSb-395", "5 uohm*cm^2")):
        simulator = Simulator(comm)
        for current in CURVE:
            sign = 1 if kind == "p" else -1  # current leaves a p leg at its cold end
            values = {
                "study": {"type": "operating_point"},
                "regions.leg": {"material": card, "interpolation": "linear"},
                "terminals.cold.current": sign * current,
                "terminals.cold.contact_resistivity": rho_c,
                "terminals.hot.contact_resistivity": rho_c,
            }
            legs[kind, current] = simulator.solve(Case.load(cases / "single_leg", values))
    for current, (V, Q_h, Q_c) in CURVE.items():
        p, n = legs["p", current], legs["n", current]
        assert 2 * (p["voltage"] - n["voltage"]) == pytest.approx(V, rel=1e-3)
        assert 2 * (p["hot_heat_flow"] + n["hot_heat_flow"]) == pytest.approx(Q_h, rel=1e-3)
        assert 2 * (p["cold_heat_flow"] + n["cold_heat_flow"]) == pytest.approx(Q_c, rel=1e-3)
