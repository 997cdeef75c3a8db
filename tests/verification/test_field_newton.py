"""The solver of large devices: its matrices are those of DOLFINx, it survives any change, and falls back to factors."""

from __future__ import annotations

import logging

from petsc4py import PETSc

import numpy as np
import pytest
from dolfinx import fem
from dolfinx.fem.forms import derivative_block
from dolfinx.fem.petsc import assemble_matrix, assemble_vector

from thermolyte.assembly import FieldJacobian, Layout, RegionBody, Residual
from thermolyte.case import Case
from thermolyte.errors import SolveError
from thermolyte.geometry import mesh_model
from thermolyte.mesh import Mesh
from thermolyte.newton import FIELDS
from thermolyte.problem import Problem
from thermolyte.quantities import Quantities
from thermolyte.solver import Solver, SolverSettings
from thermolyte.studies.simulator import Simulator

SMALL = {"study": {"type": "operating_point"}, "mesh.size": "1.9 mm", "mesh.refinement": 1.2}
SIDES = {
    "boundaries.sides": [
        {"type": "convection", "coefficient": "20 W/(m^2*K)", "ambient": "300 K"},
        {"type": "radiation", "emissivity": 0.8, "ambient": "300 K"},
    ],
    "interfaces.n_legs/hot_straps": {"contact_resistivity": 1e-9, "thermal_contact_resistance": 2e-5},
    "interfaces.p_legs/hot_straps": {"contact_resistivity": 1e-9, "thermal_contact_resistance": 2e-5},
    "interfaces.n_legs/cold_straps": {"contact_resistivity": 1e-9, "thermal_contact_resistance": 2e-5},
    "interfaces.p_legs/cold_straps": {"layers": [{"material": "Ni", "thickness": "20 um"}]},
}
CONSTANT = {  # the current in straps does not depend on their temperature: a part of the Jacobian is empty
    "regions.*_straps": {
        "material": {"name": "constant", "properties": {"electrical_conductivity": 5e7, "thermal_conductivity": 400}}
    }
}


def module(comm, cases, **values):
    case = Case.load(cases / "two_pair_module", SMALL | {"terminals.plus.current": 3.5} | values)
    mesh = Mesh.of(mesh_model(case.geometry, case.mesh, comm))
    return Problem(mesh, case.setup(case.geometry.names())), case


def shaken(problem):
    """A state in which nothing is zero, the same on any number of ranks."""
    problem.set_initial(440.0)
    for i, u in enumerate(problem.u):
        x = problem.spaces[i].tabulate_dof_coordinates() if i < problem.blocks.first_terminal else np.full((1, 3), 1e-3)
        wave = np.sin(700 * x[:, 0] + 300 * x[:, 1] + 500 * x[:, 2])
        u.x.array[:] += (80.0 if problem.field_of(i) == "temperature" else 1.0) * wave[: len(u.x.array)]


@pytest.mark.parametrize(
    ("values", "more"),
    [({}, {}), ({"mesh.order": 2}, {}), ({"mesh.cells": "hexahedron"}, SIDES), ({}, SIDES), ({}, CONSTANT)],
    ids=["contacts", "order 2", "hexahedra, two temperatures", "two temperatures", "constant straps"],
)
def test_matrices_and_residual_are_those_of_dolfinx(comm, cases, values, more):
    problem, _ = module(comm, cases, **values, **more)
    shaken(problem)
    layout = Layout(problem)
    body = [RegionBody(problem, r, layout) for r in problem.mesh.regions]
    jacobian, residual = FieldJacobian(problem, FIELDS, layout, body), Residual(problem, layout, body)
    residual.take_boundary_values()
    jacobian.assemble()
    forms = fem.form(derivative_block(problem.F, problem.u), entity_maps=problem.entity_maps)
    expected = assemble_matrix(forms, bcs=problem.bcs, kind="mpi")
    expected.assemble()
    F = assemble_vector(fem.form(problem.F, entity_maps=problem.entity_maps), kind="mpi")
    F.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
    x, y, z = expected.createVecRight(), expected.createVecLeft(), expected.createVecLeft()
    start, _, entries = expected.getValuesCSR()
    largest = np.maximum.reduceat(np.abs(entries), start[:-1])
    for wave in (0.3, 1.7, 2.9):
        x.array[:] = np.cos(wave * np.arange(x.getOwnershipRange()[0], x.getOwnershipRange()[1]))
        expected.mult(x, y)
        jacobian.matrix.mult(x, z)
        assert (np.abs(y.array - z.array) <= 1e-12 * largest).all()
    rows = residual.assemble()
    held = rows == 0
    assert np.abs(rows - F.array_r[: len(rows)])[~held].max() <= 1e-12 * np.abs(F.array_r).max()
    assert held.sum() < 0.5 * len(rows)


def flows(comm, cases, preset, **values):
    problem, case = module(comm, cases, **values)
    solver = Solver(problem, SolverSettings(preset=preset))
    problem.set_initial(440.0)
    solver.solve(cold=True)
    return Quantities(problem, case.device_of_numbers()).evaluate()


@pytest.mark.parametrize("values", [{}, {"mesh.order": 2}, SIDES | {"mesh.cells": "hexahedron"}])
def test_flows_are_exact_to_1e_8(comm, cases, values):
    direct, iterative = (flows(comm, cases, preset, **values) for preset in ("direct", "iterative"))
    for name in ("voltage", "hot_heat_flow", "cold_heat_flow", "power"):
        assert iterative[name] == pytest.approx(direct[name], rel=1e-8)


def test_a_sweep_over_decades_keeps_nothing_that_does_not_serve(comm, cases):
    case = Case.load(cases / "two_pair_module", SMALL | {"solver.preset": "iterative"})
    simulator, alone = Simulator(comm), Simulator(comm)
    for rho, hot, current in ((1e-14, 589, 3), (1e-6, 320, 0.01), (1e-14, 1000, 5), (1e-9, 400, 1), (1e-11, 900, -4)):
        values = {
            "interfaces.n_legs/*_straps.contact_resistivity": rho,
            "boundaries.hot.temperature": float(hot),
            "terminals.plus.current": float(current),
        }
        found = simulator.solve(case.vary(values))
        expected = alone.solve(case.vary(values | {"solver.preset": "direct"}))
        # The tolerance is one on heat: of a voltage of 17 mV behind 0.6 ohm it leaves fewer digits than of the rest.
        for name, digits in (("voltage", 1e-7), ("hot_heat_flow", 1e-8), ("cold_heat_flow", 1e-8)):
            assert found[name] == pytest.approx(expected[name], rel=digits), (rho, hot, current)
        alone = Simulator(comm)


def test_multigrid_that_stagnates_is_replaced_by_factors(comm, cases, caplog):
    problem, _ = module(comm, cases)
    solver = Solver(problem, SolverSettings())
    solver._choose("iterative")
    solver.snes.getKSP().setTolerances(max_it=1)
    problem.set_initial(440.0)
    with caplog.at_level(logging.WARNING):
        solver.solve(cold=True)
    assert solver.preset == "direct"
    assert "factors are used from here on" in caplog.text


def test_multigrid_that_was_asked_for_and_stagnates_is_an_error(comm, cases):
    problem, _ = module(comm, cases)
    solver = Solver(problem, SolverSettings(preset="iterative", petsc={"ksp_max_it": 1}))
    problem.set_initial(440.0)
    with pytest.raises(SolveError, match=r"the linear solver failed .* try solver.preset: direct"):
        solver.solve(cold=True)
