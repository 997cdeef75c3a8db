"""Manufactured solution in 2-D with S, σ, κ of temperature: order of the fields, order 2p of flows."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem

from slab import region, slab
from thermolyte.blocks import UNIT
from thermolyte.boundary import Temperature
from thermolyte.physics import thermoelectricity as physics
from thermolyte.physics.local import POTENTIAL, TEMPERATURE
from thermolyte.problem import Problem
from thermolyte.quantities import Device, Quantities
from thermolyte.setup import Setup
from thermolyte.solver import Solver, SolverSettings
from thermolyte.terminal import Ground, Voltage

CURVED = {"law": "polynomial", "range": [200, 600], "reference": 300.0}
MATERIAL = region(
    seebeck_coefficient={**CURVED, "unit": "V/K", "coefficients": [2e-4, 3e-7, -1e-9]},
    electrical_conductivity={**CURVED, "unit": "S/m", "coefficients": [1e5, -250.0, 0.4]},
    thermal_conductivity={**CURVED, "unit": "W/(m*K)", "coefficients": [1.0, 2e-3, 1e-5]},
)


class Manufactured(Problem):
    """The problem with the sources that make the exact fields its solution on the unit square."""

    def exact(self):
        """T and φ: constant on x = 0 and x = 1, no normal derivative on the sides."""
        x, y = ufl.SpatialCoordinate(self.mesh.domain)
        bump = ufl.sin(ufl.pi * x) * ufl.cos(ufl.pi * y)
        return {TEMPERATURE: 300 + 100 * x + 30 * bump, POTENTIAL: 0.05 * x**2 + 0.02 * bump}

    def body_residual(self):
        u, v, medium = self.exact(), self.at("leg", self.v), self.media["leg"]
        J, q = physics.fluxes(medium, u)
        dx = self.mesh.dx("leg", quadrature_degree=8)
        charge, heat = ufl.div(J), ufl.div(q) + ufl.inner(J, ufl.grad(u[POTENTIAL]))
        return super().body_residual() - charge * v[POTENTIAL] * dx - heat * v[TEMPERATURE] * dx


def solve(comm, cells, order):
    """L2 errors of both fields, and errors of the residual-based flows."""
    mesh = slab(comm, [("leg", 1.0, cells)], [(1.0, cells)])
    setup = Setup(
        {"leg": MATERIAL},
        {
            "cold": [Temperature(type="temperature", temperature=300.0)],
            "hot": [Temperature(type="temperature", temperature=400.0)],
        },
        {"cold": Ground(type="ground"), "hot": Voltage(type="voltage", voltage=0.05)},
        order=order,
    )
    problem = Manufactured(mesh, setup)
    problem.set_initial(350.0)
    Solver(problem, SolverSettings(preset="direct")).solve()
    exact, dx = problem.exact(), mesh.dx("leg", quadrature_degree=8)
    errors = []
    for field in (TEMPERATURE, POTENTIAL):
        error = UNIT[field] * problem.u[problem.place[field, "leg"]] - exact[field]
        errors.append(np.sqrt(integrate(error**2 * dx, comm)))
    flux = physics.fluxes(problem.media["leg"], exact)
    n, ds = ufl.FacetNormal(mesh.domain), mesh.ds("hot", "leg", quadrature_degree=8)
    values = Quantities(problem, Device()).evaluate()
    errors.append(abs(values["heat_flow.hot"] + integrate(ufl.inner(flux.heat_flux, n) * ds, comm)))
    errors.append(abs(values["current.hot"] - integrate(ufl.inner(flux.current_density, n) * ds, comm)))
    return np.array(errors)


def integrate(form, comm):
    return comm.allreduce(fem.assemble_scalar(fem.form(form)), MPI.SUM)


@pytest.mark.parametrize(("order", "cells"), [(1, (16, 32, 64)), (2, (6, 12, 24))])
def test_rates(comm, order, cells):
    errors = np.array([solve(comm, n, order) for n in cells])
    rates = np.log2(errors[:-1] / errors[1:])
    assert (rates[-1, :2] > order + 0.9).all(), f"fields: {rates}"
    assert (rates[-1, 2:] > 2 * order - 0.15).all(), f"flows: {rates}"
