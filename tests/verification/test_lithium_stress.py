"""Diffusion with stress from a case file: a ball under constant flux, stress-enhanced diffusion, and equilibrium."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest
from dolfinx import fem

from diffusion_solutions import collocation, sphere
from thermolyte.physics import mechanics
from thermolyte.physics.constants import FARADAY, GAS_CONSTANT
from timed import follow, load

# LiMn2O4 of battery.md R3: X. Zhang, W. Shyy, A. M. Sastry, J. Electrochem. Soc. 154 (2007) A910
E, NU, OMEGA, D, R, I = 10e9, 0.3, 3.497e-6, 7.08e-15, 5e-6, 2.0
SCALE, TIME = I / FARADAY * R / D, R**2 / D  # mol/m³, s
STRESS = E * OMEGA * SCALE / (3 * (1 - NU))
T = 296.15


def solid(E, nu, omega, diffusivity, full):
    """An ideal host, empty at first: µ = RT ln c + m."""
    properties = {"partial_molar_volume": omega, "maximum_concentration": full}
    laws = {"young_modulus": E, "poisson_ratio": nu, "diffusivity": diffusivity}
    properties |= {k: v if isinstance(v, dict) else {"law": "constant", "value": v} for k, v in laws.items()}
    return {"material": {"name": "host", "properties": properties}, "initial": {"concentration": 0.0}}


def content(coupling, geometry, regions, boundaries, times, **changes):
    """A case of diffusion with small strain; the last of the times is the end."""
    study = {"type": "transient", "duration": times[-1], "report": times[:-1]}
    return {
        "title": "stress",
        "physics": {"diffusion": {}, "mechanics": {"strain": "small"}, "coupling": coupling, "temperature": T},
        "geometry": geometry,
        "mesh": {"order": 2},
        "regions": regions,
        "boundaries": boundaries,
        "study": study | {"integration": {"tolerance": 1e-6, "order": 5}},
    } | changes


def ball(coupling, times, cells=20, **changes):
    """The ball of R3."""
    geometry = {"shape": "sphere", "radius": R, "cells": cells}
    surface = {"type": "lithium_flux", "current_density": I}
    return content(coupling, geometry, {"particle": BALL}, {"surface": surface}, times, **changes)


BALL = solid(E, NU, OMEGA, D, 2e5)


def stresses(problem):
    """r [m], σ_r and σ_t [Pa] at two points of every cell, from all ranks."""
    here, domain = problem.local("particle"), problem.mesh.domain
    sigma = mechanics.stress(here)
    cells = np.arange(domain.topology.index_map(1).size_local, dtype=np.int32)
    points = np.array([[0.01], [0.5]])
    found = [fem.Expression(f, points).eval(domain, cells).ravel() for f in (here.x[0], sigma[0, 0], sigma[1, 1])]
    every = np.concatenate(domain.comm.allgather(np.column_stack(found)))
    return every[np.argsort(every[:, 0])].T


@pytest.mark.serial
def test_ball_under_constant_flux(comm, shared_tmp):
    """battery.md R3, one way: concentrations and stresses at τ = 0.05 to 0.6; |σ| → E Ω J R/(15 (1 − ν) D)."""
    taus = [0.05, 0.1, 0.5, 0.6]
    run = follow(load(shared_tmp, ball("one_way", [tau * TIME for tau in taus])), comm, stresses)
    for tau, t in zip(taus, run.watched.probed, strict=True):
        place, c = run.profile(t, "concentration")
        exact, _, _ = sphere(np.maximum(place / R, 1e-6), tau)
        assert c / SCALE == pytest.approx(exact, abs=1e-5)
        r, radial, hoop = run.watched.probed[t]
        _, exact_radial, exact_hoop = sphere(r / R, tau)
        assert radial / STRESS == pytest.approx(exact_radial, abs=1e-5)
        assert hoop / STRESS == pytest.approx(exact_hoop, abs=1e-5)
        at_surface = -sphere(1.0, tau)[2][0]
        assert run.at(t)["surface_von_mises.surface"] / STRESS == pytest.approx(at_surface, abs=1e-5)
        assert abs(run.at(t)["hydrostatic_stress_mean.particle"]) < 1e-12 * STRESS  # no load on the body
    largest = E * OMEGA * I / FARADAY * R / (15 * (1 - NU) * D)
    assert largest == pytest.approx(48.754e6, rel=1e-5)
    assert [radial[0], run.values["surface_von_mises.surface"]] == pytest.approx([largest] * 2, rel=1e-4)
    balanced(run, 4 * np.pi * R**2 * I / FARADAY)


def balanced(run, flow):
    """Lithium is conserved in every step."""
    assert run.column("lithium.particle") == pytest.approx(flow * run.column("time"), rel=1e-12)
    assert np.abs(run.column("lithium_balance")[1:]).max() < 1e-12 * flow


@pytest.mark.serial
@pytest.mark.parametrize("order", [1, 2])
def test_rate_of_stress_in_a_ball(tmp_path, order):
    """Errors over the volume at τ = 0.1 fall with h² at order 1, and at least with h³ at order 2."""
    errors = []
    for cells in (5, 10, 20):
        case = ball("one_way", [0.1 * TIME], cells, mesh={"order": order})
        case["study"]["integration"] = {"tolerance": 1e-9, "order": 5}
        r, radial, hoop = next(iter(follow(load(tmp_path, case), probe=stresses).watched.probed.values()))
        _, exact_radial, exact_hoop = sphere(r / R, 0.1)
        square = (radial / STRESS - exact_radial) ** 2 + 2 * (hoop / STRESS - exact_hoop) ** 2
        errors.append(np.sqrt(np.mean(square * (r / R) ** 2)))
    rates = np.log2(np.divide(errors[:-1], errors[1:]))
    assert rates.min() > {1: 1.9, 2: 2.9}[order]


# ---- stress-enhanced diffusion ---------------------------------------------------------------------------------------
def enhancement(E, nu, omega):
    """θ_M = 2 E Ω²/(9 R T (1 − ν)) [m³/mol]: Fick's law with D (1 + θ_M c) is the coupled problem (battery.md R4)."""
    return 2 * E * omega**2 / (9 * GAS_CONSTANT * T * (1 - nu))


FILM = {"E": 45e9, "nu": 0.29, "omega": 13.0e-6, "diffusivity": 1e-15, "full": 7e4}
THICKNESS, CURRENT = 140e-9, 10.0


def film(coupling, region, **changes):
    """140 nm of magnesium, held laterally, free to grow in thickness."""
    layers = [{"name": "particle", "thickness": THICKNESS, "cells": 30}]
    boundaries = {"top": {"type": "lithium_flux", "current_density": CURRENT}, "bottom": {"type": "symmetry"}}
    geometry = {"shape": "slab", "layers": layers, "area": 1e-12}
    return content(coupling, geometry, {"particle": region}, boundaries, [10.0], **changes)


@pytest.mark.serial
def test_clamped_film_two_way(comm, shared_tmp):
    """R4 with θ_M c up to 11: against collocation, and against the program with D(x) = D (1 + θ_M c) from a table."""
    theta = enhancement(FILM["E"], FILM["nu"], FILM["omega"])
    assert theta == pytest.approx(9.67e-4, rel=1e-3)
    assert theta * CURRENT / FARADAY * 10 / THICKNESS == pytest.approx(7.16, rel=1e-3)
    run = follow(load(shared_tmp, film("two_way", solid(**FILM))), comm)
    z, c = run.profile(10.0, "concentration")
    scale, strength = CURRENT / FARADAY * 10 / THICKNESS, FILM["diffusivity"] * 10 / THICKNESS**2
    exact = collocation(lambda c: strength * (1 + theta * scale * c), 1.0)
    assert c / scale == pytest.approx(exact(z / THICKNESS), abs=2e-5)
    assert np.ptp(c) < 0.5 * scale  # Fick's law alone: 1.0
    balanced(run, CURRENT / FARADAY * 1e-12)
    grows = {"law": "table", "composition": [0.0, 1.0], "interpolation": "linear", "unit": "m^2/s"}
    grows["value"] = [FILM["diffusivity"] * (1 + theta * FILM["full"] * x) for x in (0, 1)]
    plain = follow(load(shared_tmp, film("one_way", solid(**FILM | {"diffusivity": grows}))), comm)
    assert plain.profile(10.0, "concentration")[1] == pytest.approx(c, rel=1e-7)
    squeezed = -2 * FILM["E"] * FILM["omega"] / (9 * (1 - FILM["nu"])) * scale
    assert run.values["hydrostatic_stress_mean.particle"] == pytest.approx(squeezed, rel=1e-9)
    assert plain.values["hydrostatic_stress_mean.particle"] == pytest.approx(squeezed, rel=1e-9)


@pytest.mark.serial
def test_ball_two_way(comm, shared_tmp):
    """R4 for the ball of R3: θ_M c up to 1; c(r) at two times against collocation."""
    theta = enhancement(E, NU, OMEGA)
    times = [0.2 * TIME, TIME]
    run = follow(load(shared_tmp, ball("two_way", times)), comm)
    for t in times:
        r, c = run.profile(t, "concentration")
        strength = t / TIME
        exact = collocation(lambda c, s=strength: s * (1 + theta * SCALE * c), strength, 2)
        assert c / SCALE == pytest.approx(exact(r / R), abs=5e-6)
        fick, _, _ = sphere(np.maximum(r / R, 1e-6), t / TIME)
        assert np.abs(c / SCALE - fick).max() > 0.02
    balanced(run, 4 * np.pi * R**2 * I / FARADAY)


def test_coupled_on_any_number_of_ranks(comm, shared_tmp):
    case = ball("two_way", [0.05 * TIME], 8)
    case["study"]["integration"] = {"tolerance": 1e-3}
    case = load(shared_tmp, case)
    alone, together = follow(case, MPI.COMM_SELF), follow(case, comm)
    for name in ("time", "surface_concentration.surface", "surface_von_mises.surface", "mechanical_potential.surface"):
        assert together.column(name) == pytest.approx(
            alone.column(name), rel=1e-9, abs=1e-9 * abs(alone.column(name)).max()
        )


@pytest.mark.serial
def test_equilibrium_under_pressure(comm, shared_tmp):
    """R4, second part: a rod, squeezed at one end and on the upper half of its rim: c ratio exp(−Ω Δσ/RT) = 0.4485.

    σ_h is −p/3 below and −p above, whatever the swelling does in between; the numbers are those of a test of the
    program eel (stress_assisted_diffusion.i), with a round section.
    """
    p, omega, full = 10e6, 3e-4, 4000.0
    region = solid(100e6, 0.3, omega, 1e-10, full) | {"initial": {"concentration": 1000.0}}
    finest = {"lower": "top", "upper": "bottom"}  # where the load begins, the composition changes within a radius
    gradings = {name: {"towards": end, "ratio": 30} for name, end in finest.items()}
    layers = [{"name": name, "thickness": 5e-3, "cells": 8, "grading": g} for name, g in gradings.items()]
    geometry = {"shape": "stack", "form": "axisymmetric", "radius": 0.5e-3, "cells": 2, "layers": layers}
    push = {"type": "pressure", "pressure": p}
    boundaries = {"bottom": {"type": "symmetry"}, "top": push, "upper_side": push}
    case = content("two_way", geometry, {"*": region}, boundaries, [5e6])
    case["physics"]["temperature"] = 300.0
    case["study"]["integration"] = {"tolerance": 1e-3}
    values = follow(load(shared_tmp, case), comm).values
    step = omega * 2 * p / 3
    assert np.exp(-step / (GAS_CONSTANT * 300)) == pytest.approx(0.4485, abs=1e-4)
    low, high = values["surface_concentration.top"], values["surface_concentration.bottom"]
    assert low / high == pytest.approx(np.exp(-step / (GAS_CONSTANT * 300)), rel=1e-3)
    rise = values["mechanical_potential.top"] - values["mechanical_potential.bottom"]
    assert rise == pytest.approx(step / FARADAY, rel=1e-5)
    lithium = values["lithium.lower"] + values["lithium.upper"]
    assert lithium == pytest.approx(1000.0 * np.pi * 0.5e-3**2 * 10e-3, rel=1e-12)
