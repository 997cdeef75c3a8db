"""Electrochemistry, diffusion and mechanics at once: pressure on a host shifts its potential; the whole stack runs."""

from __future__ import annotations

from itertools import pairwise

from petsc4py import PETSc

import numpy as np
import pytest
from dolfinx import fem
from dolfinx.fem.forms import derivative_block
from dolfinx.fem.petsc import assemble_matrix, assemble_vector

from cells import EXCHANGE, stack
from thermolyte.case import Case
from thermolyte.physics.constants import FARADAY
from thermolyte.physics.local import CONCENTRATION, DISPLACEMENT
from thermolyte.studies.simulator import Simulator
from timed import follow, load

MPA = 1e6


# ---- R10: pressure and potential -------------------------------------------------------------------------------------
def symmetric_cell(left, right):
    """Host | electrolyte | host as discs under pressures [Pa] on the whole surface; all of the same stiffness."""
    stiff = {"young_modulus": 45e9, "poisson_ratio": 0.29}
    host = {"material": "Li_xMg", "initial": {"composition": 0.1}}
    transfer = {"type": "charge_transfer", "exchange_current_density": EXCHANGE}
    pressures = {"one_side": left, "other_side": right, "electrolyte_side": left, "top": right}
    return {
        "title": "symmetric cell",
        "physics": {"diffusion": {}, "electrochemistry": {}, "mechanics": {}, "coupling": "two_way"},
        "geometry": {
            "shape": "stack",
            "form": "axisymmetric",
            "radius": 1e-6,
            "cells": 2,
            "layers": [{"name": n, "thickness": 1e-6, "cells": 1} for n in ("one", "electrolyte", "other")],
        },
        "regions": {"one": host, "electrolyte": {"material": "Li6PS5Cl", "properties": stiff}, "other": host},
        "boundaries": {
            "bottom": {"type": "symmetry"},
            **{b: {"type": "pressure", "pressure": p} for b, p in pressures.items()},
        },
        "terminals": {"anode": {"type": "open", "on": "bottom"}, "counter": {"type": "ground", "on": "top"}},
        "interfaces": {"one/electrolyte": transfer, "electrolyte/other": transfer},
    }


def test_pressure_shifts_the_potential_of_a_host_and_cancels_in_a_symmetric_cell(comm):
    """−Ω p/F = −0.1347 mV/MPa against lithium without stress; nothing between two hosts under the same pressure."""
    simulator, against_lithium = Simulator(comm), {}
    for p in (0.0, 9 * MPA, 14 * MPA):
        found = simulator.solve(Case.model_validate(symmetric_cell(p, p)))
        problem = simulator.problem
        ionic = problem.at("electrolyte", problem.u)["ionic_potential"] * problem.dx("electrolyte")
        one = fem.Constant(problem.mesh.domain, 1.0) * problem.dx("electrolyte")
        parts = [
            comm.allreduce(fem.assemble_scalar(fem.form(f, entity_maps=problem.entity_maps))) for f in (ionic, one)
        ]
        against_lithium[p] = found["voltage.anode"] - parts[0] / parts[1]
        assert abs(found["voltage.anode"]) < 1e-11
    for p, shift in ((9 * MPA, 1.2126e-3), (14 * MPA, 1.8863e-3)):
        assert against_lithium[0.0] - against_lithium[p] == pytest.approx(13.0e-6 * p / FARADAY, rel=1e-6)
        assert against_lithium[0.0] - against_lithium[p] == pytest.approx(shift, abs=2e-7)


# ---- the whole stack -------------------------------------------------------------------------------------------------
def coupled(strain="small", sliding=True):
    """The anode stack with diffusion, electrochemistry and mechanics, two-way, under 9 MPa; the film slides on W."""
    transfer = {"saturation_width": 0.01, "plating": {"exchange_current_density": EXCHANGE}}
    content = stack(
        physics={"diffusion": {}, "mechanics": {"strain": strain}, "coupling": "two_way"},
        regions={"film": {"initial": {"composition": 0.05}, "properties": None}},
        boundaries={
            **{b: {"type": "symmetry"} for b in ("left", "right", "bottom")},
            "top": {"type": "pressure", "pressure": 9 * MPA},
        },
        interfaces={"film/electrolyte": transfer} | ({"tungsten/film": {"type": "sliding"}} if sliding else {}),
        study={"type": "transient", "duration": 2.0},
    )
    return content


def test_the_coupled_stack_conserves(tmp_path_factory, comm):
    """Charge, lithium and force at every step; the parts of the voltage add up, the mechanical one is −m/F."""
    folder = comm.bcast(tmp_path_factory.mktemp("stack"))
    run = follow(load(folder, coupled()))
    current, values = 10e-6, run.values
    assert np.abs(run.column("charge_balance")).max() < 1e-12 * current
    lithium = run.column("lithium.film") + run.column("plated_lithium.film/electrolyte")
    charge = run.column("charge.anode")
    assert np.abs(FARADAY * (lithium - lithium[0]) - charge).max() < 1e-12 * charge[-1]
    assert charge[-1] == pytest.approx(2.0 * current, rel=1e-12)
    parts = [n for n in values if n.startswith(("overpotential.", "equilibrium_potential."))]
    assert sum(values[n] for n in parts) == pytest.approx(values["voltage"], rel=1e-10)
    assert values["overpotential.mechanical.film/electrolyte"] < -0.01  # a confined film under compression
    force = next(abs(v) for n, v in values.items() if n.startswith("reaction_force.bottom"))
    assert force == pytest.approx(9 * MPA * 1e-6, rel=1e-6)


@pytest.mark.parametrize("strain", ["small", "finite"])
def test_jacobian_of_the_full_coupling(comm, strain):
    """Every block of ∂F/∂u against central differences: each column by itself, so that none hides behind another."""
    simulator = Simulator(comm)
    simulator.switch_on(Case.model_validate(coupled(strain)))
    problem = simulator.problem
    rng = np.random.default_rng(comm.rank)
    for field, u in zip(problem.blocks.fields, problem.u, strict=True):
        amplitude = {CONCENTRATION: 0.05, DISPLACEMENT: 0.05}.get(field, 0.1)  # 500 mol/m³, 0.05 nm, mV
        u.x.array[:] += rng.uniform(0, amplitude, len(u.x.array))
        u.x.scatter_forward()
    F = fem.form(problem.F, entity_maps=problem.entity_maps)
    A = assemble_matrix(fem.form(derivative_block(problem.F, problem.u), entity_maps=problem.entity_maps), kind="mpi")
    A.assemble()
    sizes = [V.dofmap.index_map.size_local * V.dofmap.index_map_bs for V in problem.spaces]
    ends, start = np.cumsum([0, *sizes]), problem.state()

    def residual(block, step):
        u, n = problem.u[block], sizes[block]
        u.x.array[:n] = start[block][:n] + step
        u.x.scatter_forward()
        b = assemble_vector(F, kind="mpi")
        b.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        u.x.array[:] = start[block]
        return b.array.copy()

    def norms(x):
        return np.sqrt(comm.allreduce(np.array([np.sum(x[a:b] ** 2) for a, b in pairwise(ends)])))

    exact, errors = [], []
    for block, n in enumerate(sizes):
        x, y = A.createVecs()
        direction = rng.uniform(-1, 1, n)
        x.array[ends[block] : ends[block + 1]] = direction
        A.mult(x, y)
        h = 1e-5
        difference = (residual(block, h * direction) - residual(block, -h * direction)) / (2 * h)
        exact.append(norms(y.array))
        errors.append(norms(y.array - difference))
    size = np.array(exact)  # of each block: [column, row]
    allowed = 1e-6 * np.maximum(size, 1e-3 * size.max(axis=0))
    assert (np.array(errors) <= allowed).all(), np.argwhere(np.array(errors) > allowed)
    assert (size.max(axis=0) > 0).all()
