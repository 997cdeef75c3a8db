"""Diffusion of lithium from a case file: slab series, rates, saturation, D(x), balances, ranks and dimensions."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem

from diffusion_solutions import collocation, slab
from thermolyte.materials import Card
from thermolyte.physics.constants import FARADAY, GAS_CONSTANT
from thermolyte.physics.local import CONCENTRATION
from timed import follow, load

L, D, I, FULL = 5e-6, 6e-15, 10.0, 69600.0  # battery.md R1
S, TIME = I * L / (FARADAY * D), L**2 / D
TIGHT = {"tolerance": 1e-6, "order": 5}


def film(**changes):
    """The film of figure 4a: a case with values set by path, `a__b=1`."""
    content = {
        "title": "film",
        "physics": {"diffusion": {}, "temperature": 296.15},
        "geometry": {"shape": "slab", "layers": [{"name": "film", "thickness": L, "cells": 40}], "area": 1e-4},
        "mesh": {"order": 2},
        "regions": {"film": {"material": "Li-Mg-film", "initial": {"concentration": 0.0}}},
        "boundaries": {"top": {"type": "lithium_flux", "current_density": I}},
        "study": {"type": "transient", "duration": 1500.0, "report": [], "integration": TIGHT},
    }
    for path, value in changes.items():
        *keys, last = path.split("__")
        node = content
        for key in keys:
            node = node[key]
        node[last] = value
    return content


def layer(cells, ratio=1.0, thickness=L):
    grading = {"towards": "top", "ratio": ratio}
    return [{"name": "film", "thickness": thickness, "cells": cells, "grading": grading}]


# ---- the series ------------------------------------------------------------------------------------------------------
@pytest.mark.serial
def test_profiles_follow_the_series(comm, shared_tmp):
    """Whole profiles at 0.0024 ≤ τ ≤ 0.36, and lithium = charge/F at every step."""
    times = [10.0, 100.0, 500.0, 1000.0, 1500.0]
    run = follow(load(shared_tmp, film(geometry__layers=layer(40, 20.0), study__report=times)), comm)
    for t in times:
        z, c = run.profile(t, "concentration")
        assert len(z) == 81
        assert c == pytest.approx(S * slab(z / L, t / TIME), abs=2e-6 * S)
    steps, inflow = run.column("time"), I / FARADAY * 1e-4
    assert run.column("lithium.film") == pytest.approx(inflow * steps, rel=1e-12)
    assert run.column("lithium_flow.top") == pytest.approx(inflow, rel=1e-14)
    assert np.abs(run.column("lithium_balance")[1:]).max() < 1e-12 * inflow


@pytest.mark.serial
@pytest.mark.parametrize("initial", [0.0, 0.1, 0.5])
def test_time_at_which_the_surface_is_full(comm, shared_tmp, initial):
    """battery.md R1: t and θ for c₀ = 0, 0.1 and 0.5 c_max."""
    time, theta = {0.0: (1976.6195, 0.588684401), 0.1: (1649.981, 0.59140), 0.5: (531.2332, 0.65821)}[initial]
    changes = {"study__until": {"quantity": "saturation.film", "above": 1}, "study__duration": 3600.0}
    regions = {"film": {"material": "Li-Mg-film", "initial": {"composition": initial}}}
    found = follow(load(shared_tmp, film(regions=regions, **changes)), comm).values
    assert found["time"] == pytest.approx(time, rel=1e-5)
    assert found["utilisation.film"] == pytest.approx(theta, rel=1e-5)
    assert found["surface_concentration.top"] == pytest.approx(FULL, rel=1e-8)


@pytest.mark.serial
@pytest.mark.parametrize("order", [1, 2])
def test_rate_in_h(tmp_path, order):
    """Error at τ = 0.1 in L² falls with h², h³ at orders 1, 2; at the nodes with h², h⁴ (superconvergence)."""
    t, errors = 0.1 * TIME, []
    integration = {"tolerance": 1e-10, "order": 5}
    for cells in (4, 8, 16):
        content = film(
            geometry__layers=layer(cells), mesh__order=order, study__duration=t, study__integration=integration
        )
        run = follow(load(tmp_path, content))
        z, c = run.profile(t, "concentration")
        errors.append((l2_error(run.problem, 0.1), np.abs(c / S - slab(z / L, 0.1))[::order].max()))
    rates = np.log2(np.divide(errors[:-1], errors[1:]))
    assert rates[:, 0] == pytest.approx(order + 1, abs=0.1)
    assert rates[:, 1] == pytest.approx(2 * order, abs=0.15)


def l2_error(problem, tau):
    """√(∫(c/S − series)² dz/L), with the series in UFL."""
    zeta = ufl.SpatialCoordinate(problem.mesh.domain)[0] / L
    waves = sum((-1.0) ** n / n**2 * np.exp(-((n * np.pi) ** 2) * tau) * ufl.cos(n * np.pi * zeta) for n in range(1, 7))
    exact = tau + (3 * zeta**2 - 1) / 6 - 2 / np.pi**2 * waves
    difference = problem.local("film").u[CONCENTRATION] / S - exact
    dx = ufl.dx(problem.mesh.domain, metadata={"quadrature_degree": 10})
    return np.sqrt(fem.assemble_scalar(fem.form(difference**2 / L * dx)))


@pytest.mark.serial
def test_140_nm_plate(comm, shared_tmp):
    """battery.md R2: x at the electrolyte and at the tungsten, mean x = i t V/(F L); one-way baseline of figure 4e.

    Its molar volume 24.305/1.738 is that of the card, 13.98 cm³/mol, within 3e-4.
    """
    content = film(
        geometry__layers=layer(20, 10.0, 140e-9),
        regions={"film": {"material": "Li_xMg", "initial": {"composition": 0}}},
        study__duration=30.0,
        study__report=[10.0],
    )
    run = follow(load(shared_tmp, content), comm)
    for t, top, bottom, mean in ((10.0, 0.1709, 0.0700, 0.103528), (30.0, 0.3782, 0.2768, 0.310583)):
        found = run.at(t)
        assert found["surface_composition.top"] == pytest.approx(top, rel=6e-4)
        assert found["surface_composition.bottom"] == pytest.approx(bottom, rel=1e-3)
        assert found["mean_composition.film"] == pytest.approx(mean, rel=6e-4)
        assert found["mean_composition.film"] == pytest.approx(I / FARADAY * t / 140e-9 * 13.98e-6, rel=1e-12)
    z, x = run.profile(10.0, "composition")
    exact = 14509.978 * slab(z / 140e-9, 10 / 19.6) * 13.98e-6
    assert x == pytest.approx(exact, abs=2e-6)


# ---- dimensions and ranks --------------------------------------------------------------------------------------------
SHAPES = {
    "axisymmetric": {"shape": "plate", "radius": 3e-6, "cells": 3},
    "planar": {"shape": "stack", "form": "planar", "width": 2e-6, "depth": 1e-6, "cells": 2},
    "extruded": {"shape": "stack", "form": "extruded", "width": 2e-6, "depth": 2e-6, "cells": 2},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_other_dimensions_give_the_slab(comm, shared_tmp, shape):
    """What does not vary across z is the same number in 1-D, axisymmetric, 2-D and 3-D."""
    study = {"study__duration": 100.0, "study__integration": {"tolerance": 1e-3}}
    alone = follow(load(shared_tmp, film(geometry__layers=layer(8, 4.0), **study)), MPI.COMM_SELF)
    geometry = SHAPES[shape] | {"layers": layer(8, 4.0)}
    found = follow(load(shared_tmp, film(geometry=geometry, **study)), comm)
    assert found.column("time") == pytest.approx(alone.column("time"), rel=1e-9)
    for name in ("surface_concentration.top", "surface_concentration.bottom", "mean_concentration.film"):
        assert found.column(name) == pytest.approx(alone.column(name), rel=1e-9, abs=1e-9 * S)
    balance = found.column("lithium_balance")[1:] / found.column("lithium_flow.top")[1:]
    assert np.abs(balance).max() < 1e-12


def test_any_number_of_ranks(comm, shared_tmp):
    until, integration = {"quantity": "saturation.film", "above": 0.5}, {"tolerance": 1e-4}
    case = load(shared_tmp, film(study__until=until, study__integration=integration))
    alone, together = follow(case, MPI.COMM_SELF), follow(case, comm)
    assert len(alone.column("time")) == len(together.column("time"))
    for name in ("time", "utilisation.film", "surface_concentration.top", "surface_concentration.bottom"):
        assert together.column(name) == pytest.approx(alone.column(name), rel=1e-9, abs=1e-9 * S)


# ---- a diffusivity that depends on composition -----------------------------------------------------------------------
def host(diffusivity):
    """A region of an empty host whose diffusivity has a law."""
    properties = {"maximum_concentration": FULL, "diffusivity": {"unit": "cm^2/s", **diffusivity}}
    return {"film": {"material": {"name": "host", "properties": properties}, "initial": {"composition": 0}}}


TABLES = {
    "linear": {"composition": [0.0, 1.0], "value": [2e-11, 1.2e-10]},
    "monotone_cubic": {"composition": [0.0, 0.2, 0.5, 1.0], "value": [2e-11, 3e-11, 1e-10, 1.2e-10]},
}


@pytest.mark.serial
@pytest.mark.parametrize("interpolation", TABLES)
def test_diffusivity_of_composition(comm, shared_tmp, interpolation):
    """D(x) from a table, 2 to 12e-11 cm²/s, against collocation of x_t = (D(x) x_z)_z."""
    regions = host(TABLES[interpolation] | {"law": "table", "interpolation": interpolation})
    law, t = Card.model_validate(regions["film"]["material"]).diffusivity, 1200.0
    run = follow(load(shared_tmp, film(regions=regions, study__duration=t, geometry__layers=layer(60, 4.0))), comm)
    exact = collocation(lambda x: law(x, 296.15) * t / L**2, I / FARADAY * t / L / FULL)
    z, x = run.profile(t, "composition")
    assert x[-1] > 0.6  # most of the table was used
    assert x == pytest.approx(exact(z / L), abs=2e-5)
    assert np.abs(run.column("lithium_balance")[1:] / run.column("lithium_flow.top")[1:]).max() < 1e-12


@pytest.mark.serial
def test_diffusivity_of_temperature(comm, shared_tmp):
    """An Arrhenius law acts by its value at the temperature of the case."""
    T, prefactor, energy = 323.15, 1e-3, 40e3
    law = {"law": "arrhenius", "prefactor": prefactor, "activation_energy": f"{energy} J/mol"}
    physics = {"diffusion": {}, "temperature": T}
    content = film(regions=host(law), physics=physics, study__duration=500.0)
    found = follow(load(shared_tmp, content), comm).values
    D_T = 1e-4 * prefactor * np.exp(-energy / (GAS_CONSTANT * T))
    exact = I * L / (FARADAY * D_T) * slab([0.0, 1.0], D_T * 500 / L**2)
    names = ["surface_concentration.bottom", "surface_concentration.top"]
    assert [found[n] for n in names] == pytest.approx(exact, rel=1e-5)
