"""Diffusion with stress from a case file: a ball under constant flux, stress-enhanced diffusion, and equilibrium."""

from __future__ import annotations

import numpy as np
import pytest
from dolfinx import fem

from diffusion_solutions import sphere
from thermolyte.physics import mechanics
from thermolyte.physics.constants import FARADAY
from timed import follow, load

# LiMn2O4 of battery.md R3: X. Zhang, W. Shyy, A. M. Sastry, J. Electrochem. Soc. 154 (2007) A910
E, NU, OMEGA, D, R, I = 10e9, 0.3, 3.497e-6, 7.08e-15, 5e-6, 2.0
SCALE, TIME = I / FARADAY * R / D, R**2 / D  # mol/m³, s
STRESS = E * OMEGA * SCALE / (3 * (1 - NU))
T = 296.15


def solid(E, nu, omega, diffusivity, full):
    """An ideal host: µ = RT ln c + m."""
    properties = {"diffusivity": diffusivity, "partial_molar_volume": omega, "maximum_concentration": full}
    properties |= {"young_modulus": E, "poisson_ratio": nu}
    laws = {
        k: {"law": "constant", "value": properties.pop(k)} for k in ("diffusivity", "young_modulus", "poisson_ratio")
    }
    return {"material": {"name": "host", "properties": properties | laws}, "initial": {"concentration": 0.0}}


def content(coupling, geometry, regions, boundaries, times, **changes):
    """A case of diffusion and small strain."""
    return {
        "title": "stress",
        "physics": {"diffusion": {}, "mechanics": {"strain": "small"}, "coupling": coupling, "temperature": T},
        "geometry": geometry,
        "mesh": {"order": 2},
        "regions": regions,
        "boundaries": boundaries,
        "study": {
            "type": "transient",
            "duration": times[-1],
            "report": times[:-1],
            "integration": {"tolerance": 1e-6, "order": 5},
        },
    } | changes


def ball(coupling, times, cells=20, **changes):
    geometry = {"shape": "sphere", "radius": R, "cells": cells}
    regions = {"particle": solid(E, NU, OMEGA, D, 2e5)}
    return content(
        coupling, geometry, regions, {"surface": {"type": "lithium_flux", "current_density": I}}, times, **changes
    )


def stresses(problem):
    """r [m], σ_r and σ_t [Pa] at two points of every cell, from all ranks."""
    here, domain = problem.local("particle"), problem.mesh.domain
    sigma = mechanics.stress(here)
    cells = np.arange(domain.topology.index_map(1).size_local, dtype=np.int32)
    points = np.array([[0.01], [0.5]])
    found = [fem.Expression(f, points).eval(domain, cells).ravel() for f in (here.x[0], sigma[0, 0], sigma[1, 1])]
    every = np.concatenate(domain.comm.allgather(np.column_stack(found)))
    return every[np.argsort(every[:, 0])].T


def test_ball_under_constant_flux(comm, shared_tmp):
    """battery.md R3, one way: concentrations and stresses at τ = 0.01 to 0.6; |σ| → E Ω J R/(15 (1 − ν) D)."""
    taus = [0.01, 0.05, 0.1, 0.5, 0.6]
    run = follow(load(shared_tmp, ball("one_way", [tau * TIME for tau in taus])), comm, stresses)
    for tau, t in zip(taus, run.watched.probed, strict=True):
        place, x = run.profile(t, "concentration")
        exact, _, _ = sphere(np.maximum(place / R, 1e-6), tau)
        assert x / SCALE == pytest.approx(exact, abs=5e-5)
        r, radial, hoop = run.watched.probed[t]
        _, exact_radial, exact_hoop = sphere(r / R, tau)
        assert radial / STRESS == pytest.approx(exact_radial, abs=2e-4)
        assert hoop / STRESS == pytest.approx(exact_hoop, abs=2e-4)
        assert run.at(t)["surface_von_mises.surface"] / STRESS == pytest.approx(abs(sphere(1.0, tau)[2][0]), abs=2e-4)
        assert abs(run.at(t)["hydrostatic_stress_mean.particle"]) < 1e-5 * STRESS  # a free body
    largest = E * OMEGA * I / FARADAY * R / (15 * (1 - NU) * D)
    assert largest == pytest.approx(48.754e6, rel=1e-5)
    assert radial[0] == pytest.approx(largest, rel=1e-3)
    assert run.values["surface_von_mises.surface"] == pytest.approx(largest, rel=1e-3)
    flow = 4 * np.pi * R**2 * I / FARADAY
    assert run.column("lithium.particle") == pytest.approx(flow * run.column("time"), rel=1e-12)
    assert np.abs(run.column("lithium_balance")[1:]).max() < 1e-12 * flow
