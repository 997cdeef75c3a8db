"""Rates of convergence of potentials and currents: the exact secondary distribution, and a manufactured field."""

from __future__ import annotations

import math

import numpy as np
import pytest
import ufl
from dolfinx import fem

from cells import stack
from thermolyte.case import Case
from thermolyte.errors import InputError
from thermolyte.geometry import mesh_model
from thermolyte.mesh import Mesh
from thermolyte.physics.local import IONIC_POTENTIAL
from thermolyte.problem import Problem
from thermolyte.results.sampling import currents, extremes
from thermolyte.solver import Solver, SolverSettings

KAPPA, H, W, K = 0.08, 0.7e-3, 1e-3, 2 * math.pi / 2e-3
MEAN, WAVE = 0.1, 0.02
MESHES = ((4, 3), (8, 6), (16, 12))


def strip(comm, cells, order, top, bottom):
    """A strip of electrolyte between two terminals, not solved."""
    layer = {"name": "electrolyte", "thickness": H, "cells": cells[1]}
    content = {
        "title": "strip",
        "physics": {"electrochemistry": {}},
        "geometry": {
            "shape": "stack",
            "form": "planar",
            "width": W,
            "depth": 1.0,
            "cells": cells[0],
            "layers": [layer],
        },
        "mesh": {"order": order},
        "regions": {"electrolyte": {"material": "Li6PS5Cl", "properties": {"ionic_conductivity": KAPPA}}},
        "terminals": {"top": top, "bottom": bottom},
    }
    case = Case.model_validate(content)
    problem = Problem(Mesh.of(mesh_model(case.geometry, case.mesh, comm)), case.setup(case.names()))
    problem.set_initial()
    return problem


def solve(problem):
    """At the instant of switching on: charges are held."""
    Solver(problem, SolverSettings(preset="direct"), held=problem.essential.hold_accumulated()).solve()


def error(comm, problem, exact):
    """L2 norm of the difference of the ionic potential to an expression of x y [V m]."""
    phi = problem.at("electrolyte", problem.u)[IONIC_POTENTIAL]
    difference = (phi - exact(problem.x)) ** 2 * problem.mesh.dx("electrolyte", quadrature_degree=8)
    square = fem.assemble_scalar(fem.form(difference, entity_maps=problem.entity_maps))
    return math.sqrt(comm.allreduce(square))


def rates(errors):
    return np.log2(np.array(errors[:-1]) / np.array(errors[1:]))


# ---- R7 of the battery reference: finite kinetics below, a wave above ------------------------------------------------
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("asr", [1e-14, 3.1e-4, 3e-3])
def test_secondary_distribution(comm, order, asr):
    """φ of order k + 1 in L2; i_n at x = 0 and λ/2 of order 2 at least; the mean current exact."""
    s = KAPPA * asr
    top = {"type": "voltage", "voltage": MEAN, "variation": {"amplitude": WAVE, "wavelength": 2 * math.pi / K}}
    bottom = {"type": "ground", "contact_resistivity": asr}
    scale = math.sinh(K * H) + K * s * math.cosh(K * H)

    def exact(x):
        wave = (ufl.sinh(K * x[1]) + K * s * ufl.cosh(K * x[1])) / scale
        return MEAN * (x[1] + s) / (H + s) + WAVE * ufl.cos(K * x[0]) * wave

    potentials, ends = [], []
    for cells in MESHES:
        problem = strip(comm, cells, order, top, bottom)
        solve(problem)
        potentials.append(error(comm, problem, exact))
        found = extremes(problem, currents(problem))
        mean, amplitude = KAPPA * MEAN / (H + s), KAPPA * K * WAVE / scale
        largest = found["maximum_current_density.bottom"] - (mean + amplitude)
        smallest = found["minimum_current_density.bottom"] - (mean - amplitude)
        ends.append(max(abs(largest), abs(smallest)))
    assert rates(potentials) == pytest.approx(order + 1, abs=0.15)
    assert (rates(ends) > 1.85).all()
    assert ends[-1] < 2e-3 * mean


# ---- a manufactured potential ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("order", [1, 2])
def test_manufactured_potential(comm, order):
    """φ = a (1 + (y/h)²) cos kx with the source −κ∇²φ, of order k + 1."""

    def lead(amplitude):
        wave = {"amplitude": amplitude, "wavelength": 2 * math.pi / K}
        return {"type": "voltage", "voltage": 0.0, "variation": wave}

    def exact(x):
        return WAVE * (1 + (x[1] / H) ** 2) * ufl.cos(K * x[0])

    errors = []
    for cells in MESHES:
        problem = strip(comm, cells, order, lead(2 * WAVE), lead(WAVE))
        block = problem.place[IONIC_POTENTIAL, "electrolyte"]
        v = problem.at("electrolyte", problem.v)[IONIC_POTENTIAL]
        source = -KAPPA * ufl.div(ufl.grad(exact(problem.x)))
        added = source * v * problem.mesh.dx("electrolyte", quadrature_degree=8)
        problem.F = tuple(F - added if i == block else F for i, F in enumerate(problem.F))
        solve(problem)
        errors.append(error(comm, problem, exact))
    assert rates(errors) == pytest.approx(order + 1, abs=0.15)


def test_a_lumped_metal_has_no_variation():
    """One potential cannot vary along a face."""
    wave = {"amplitude": 1e-3, "wavelength": 1e-3}
    case = Case.model_validate(stack(terminals={"counter": {"variation": wave}}))
    with pytest.raises(InputError, match=r"terminals\.counter\.variation: the metal `lithium` has one potential"):
        case.setup(case.names())
