"""Exchange of magnesium at surfaces against exact solutions: evaporation, parabolic layer, interlayer, balance."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import erfc, erfcx

from diffusion_solutions import evaporation
from jacobian import jacobian_error
from thermolyte.blocks import UNIT
from thermolyte.physics.local import CONCENTRATION, REACTION_LAYER
from thermolyte.studies.simulator import Simulator
from timed import follow, load

L, D, V, X0 = 1e-3, 1e-12, 84.1e-6, 0.2
C0, DAY = X0 / V, 86400.0
TIGHT = {"tolerance": 1e-7, "order": 5}
MG = {
    "name": "host of Mg",
    "diffusing_species": "Mg",
    "properties": {
        "diffusivity": {"law": "constant", "value": D},
        "host_molar_volume": V,
        "saturation": 0.25,
    },
}
MG2NI = {"molar_volume": "31.5 cm^3/mol", "atoms_per_formula": 2, "reference_composition": X0}
IN_LAYER = 2 / 31.5e-6  # mol/m³


def slab(top, cells=40, order=2, duration=10 * DAY, ratio=1.0, thickness=L, **more):
    """A slab that exchanges at its top."""
    grading = {"towards": "top", "ratio": ratio}
    return {
        "title": "slab",
        "physics": {"diffusion": {}, "temperature": 573.0},
        "geometry": {
            "shape": "slab",
            "layers": [{"name": "leg", "thickness": thickness, "cells": cells, "grading": grading}],
            "area": 1.0,
        },
        "mesh": {"order": order},
        "regions": {"leg": {"material": MG, "initial": {"composition": X0}}},
        "boundaries": {"top": {"type": "mass_exchange", **top}} | more.pop("boundaries", {}),
        "study": {"type": "transient", "duration": duration, "integration": TIGHT} | more,
    }


# ---- evaporation: the series of a slab with surface exchange ---------------------------------------------------------
def evaporating(coefficient, **more):
    return slab({"evaporation": {"transfer_coefficient": coefficient, "composition": 0.05}}, **more)


@pytest.mark.serial
def test_evaporation_follows_the_series(shared_tmp, comm):
    """Profile and what is left, for Biot numbers k L/D of 0.3, 3 and 30."""
    outside = 0.05 / V
    for number in (0.3, 3.0, 30.0):
        run = follow(load(shared_tmp, evaporating(number * D / L, cells=20, ratio=5.0)), comm)
        z, c = run.profile(10 * DAY, "concentration")
        exact, mean = evaporation(z / L, D * 10 * DAY / L**2, number)
        assert c == pytest.approx(outside + (C0 - outside) * exact, rel=2e-6)
        assert run.values["magnesium.leg"] == pytest.approx(L * (outside + (C0 - outside) * mean), rel=1e-6)
        assert run.values["released.top"] == pytest.approx(L * (C0 - outside) * (1 - mean), rel=5e-6)


@pytest.mark.serial
@pytest.mark.parametrize("order", [1, 2])
def test_rate_in_h(tmp_path, order):
    """At the nodes the error falls with h², h⁴ at orders 1, 2."""
    errors, outside = [], 0.05 / V
    for cells in (4, 8, 16):
        content = evaporating(3 * D / L, cells=cells, order=order, integration={"tolerance": 1e-10, "order": 5})
        z, c = follow(load(tmp_path, content)).profile(10 * DAY, "concentration")
        exact, _ = evaporation(z / L, D * 10 * DAY / L**2, 3.0)
        errors.append(np.abs((c - outside) / (C0 - outside) - exact)[::order].max())
    assert np.log2(np.divide(errors[:-1], errors[1:])) == pytest.approx(2 * order, abs=0.15)


# ---- a parabolic layer on a half-space: the surface stays at one composition -----------------------------------------
GROWTH, DEEP = 4e-16, 2e-3


def surface_of_half_space():
    """c_s with (c_0 − c_s) √(D/π) = c_l √(k_p w(c_s))/2: diffusion brings what the layer takes, at all times."""

    def excess(c):
        return (C0 - c) * np.sqrt(D / np.pi) - IN_LAYER * np.sqrt(GROWTH * c / C0) / 2

    return brentq(excess, 0.0, C0)


def similar(z, t):
    """c(z, t) in the half-space below z = DEEP."""
    c = surface_of_half_space()
    return c + (C0 - c) * (1 - erfc((DEEP - z) / np.sqrt(4 * D * t)))


def grown(tmp_path, cells, order, start=0.2, stop=0.6):
    """The largest error of c at vertices over c_0, and of the layer, from the exact state at `start` to `stop` days."""
    layer = {"reaction_layer": MG2NI | {"initial_thickness": 1e-6, "growth_constant": GROWTH}}
    integration = {"tolerance": 1e-11, "order": 5, "maximum_step": 0.004 * DAY}
    content = slab(layer, cells=cells, order=order, integration=integration, thickness=DEEP)
    case, simulator = load(tmp_path, content), Simulator(MPI.COMM_WORLD)
    simulator.switch_on(case)
    problem = simulator.problem
    [u] = [problem.u[i] for (f, _), i in problem.place.items() if f == CONCENTRATION]
    [m] = [problem.u[i] for (f, _), i in problem.place.items() if f == REACTION_LAYER]
    speed = GROWTH * surface_of_half_space() / C0
    u.interpolate(lambda x: similar(x[0], start * DAY) / UNIT[CONCENTRATION])
    m.x.array[:] = IN_LAYER * np.sqrt(speed * start * DAY)
    simulator.stepper(case.study.integration).run(start * DAY, stop * DAY)
    z = u.function_space.tabulate_dof_coordinates()[:, 0]
    error = np.abs(u.x.array * UNIT[CONCENTRATION] - similar(z, stop * DAY)) / C0
    return error.max(), abs(m.x.array[0] / (IN_LAYER * np.sqrt(speed * stop * DAY)) - 1)


@pytest.mark.serial
@pytest.mark.parametrize(("order", "rate"), [(1, 2), (2, 3)])
def test_parabolic_layer(tmp_path, order, rate):
    """l² = k_p w t with w at the surface, and the profile of a half-space; the errors fall at the rate of the order."""
    errors = np.array([grown(tmp_path, cells, order) for cells in (16, 32, 64)])
    rates = np.log2(errors[:-1] / errors[1:])
    assert (rates[-1] > rate - 0.15).all(), (errors, rates)
    assert errors[-1].max() < {1: 2e-3, 2: 1e-4}[order]


# ---- an interlayer: a source until it is used up ---------------------------------------------------------------------
@pytest.mark.serial
def test_interlayer_feeds_until_it_is_used_up(shared_tmp, comm):
    """What is left of the stock, from the half-space with surface transfer (J. Crank, 2nd ed. 1975, eq. 3.37)."""
    k, thickness, held = 2e-9, 0.5e-6, 0.24
    source = {"thickness": thickness, "composition": held, "transfer_coefficient": k, "monolayer": 1e-9}
    content = slab({"interlayer": source}, cells=60, ratio=10.0, duration=1.5 * DAY, report=[0.25 * DAY])
    run = follow(load(shared_tmp, content), comm)

    def taken(t):
        h = k / D
        z = h * np.sqrt(D * t)
        return (held - X0) / V / h * (erfcx(z) - 1 + 2 * z / np.sqrt(np.pi))

    stock = thickness / 13.98e-6
    left = run.at(0.25 * DAY)["interlayer.top"]
    assert stock - left == pytest.approx(taken(0.25 * DAY), rel=1e-5)
    end = brentq(lambda t: taken(t) - stock, 1.0, 1.5 * DAY)
    time, amounts = run.column("time"), run.column("interlayer.top")
    assert np.interp(0.001 * stock, amounts[::-1], time[::-1]) == pytest.approx(end, rel=2e-3)
    assert abs(run.values["interlayer.top"]) < 1e-6 * stock
    assert run.values["magnesium.leg"] == pytest.approx(C0 * L + stock, rel=1e-12)


@pytest.mark.serial
def test_a_layer_takes_from_the_interlayer_first(shared_tmp, comm):
    """Under an interlayer the layer grows by its own law, l² = l_0² + k_p w t, and the slab keeps its composition."""
    layer = {"reaction_layer": MG2NI | {"initial_thickness": 1e-6, "growth_constant": 5e-18}}
    source = {"interlayer": {"thickness": 5e-6, "composition": X0}}
    run = follow(load(shared_tmp, slab(layer | source, cells=10, duration=50 * DAY)), comm)
    length = np.sqrt(1e-12 + 5e-18 * 50 * DAY)
    assert run.values["reaction_layer_thickness.top"] == pytest.approx(length, rel=1e-5)
    used = (length - 1e-6) * IN_LAYER * 13.98e-6
    assert run.values["interlayer_thickness.top"] == pytest.approx(5e-6 - used, rel=1e-5)
    assert run.values["minimum_concentration.leg"] == pytest.approx(C0, rel=1e-8)


@pytest.mark.serial
def test_what_is_used_up_gives_no_more(shared_tmp, comm):
    """Long after the end of the interlayer its stock is zero, and the layer has taken the rest from the slab."""
    layer = {"reaction_layer": MG2NI | {"initial_thickness": 1e-6, "growth_constant": 5e-17}}
    source = {"interlayer": {"thickness": 1e-6, "composition": X0}}
    integration = {"tolerance": 1e-4}
    run = follow(load(shared_tmp, slab(layer | source, cells=20, duration=300 * DAY, integration=integration)), comm)
    stock = 1e-6 / 13.98e-6
    assert run.column("interlayer.top").min() > -1e-5 * stock
    assert abs(run.values["interlayer.top"]) < 1e-6 * stock
    taken = (run.values["reaction_layer_thickness.top"] - 1e-6) * IN_LAYER
    assert taken > 5 * stock
    assert C0 * L - run.values["magnesium.leg"] == pytest.approx(taken - stock, rel=1e-6)


# ---- rates and balances ----------------------------------------------------------------------------------------------
ALL = {
    "interlayer": {"thickness": 0.3e-6, "composition": 0.21, "activation_energy": "0.5 eV"},
    "reaction_layer": MG2NI | {"initial_thickness": 2e-6, "growth_constant": 3e-17, "activation_energy": "1 eV"},
    "evaporation": {"transfer_coefficient": 2e-10, "activation_energy": "1.2 eV"},
}


def test_nothing_is_lost_over_100_days(shared_tmp, comm):
    """Body, interlayer, reaction layers and what evaporated add up to 1e-12 at every step of 100 days, on all ranks."""
    bottom = {"type": "mass_exchange", "reaction_layer": ALL["reaction_layer"], "evaporation": ALL["evaporation"]}
    content = slab(ALL, cells=40, duration=100 * DAY, boundaries={"bottom": bottom}, integration={})
    run = follow(load(shared_tmp, content), comm)
    total = run.column("magnesium_total")
    assert np.abs(total / total[0] - 1).max() < 1e-12
    assert run.values["interlayer.top"] < 1e-3 * run.at(0.0)["interlayer.top"]
    assert run.values["released.top"] > 1e-2 * run.values["magnesium.leg"]
    flow = max(abs(run.values[f"magnesium_flow.{b}"]) for b in ("top", "bottom"))
    assert abs(run.values["magnesium_balance"]) < 1e-9 * flow


def test_rates_follow_the_temperature(shared_tmp, comm):
    """k(T) = k exp(−E/k_B (1/T − 1/T_ref)): 573 K is the reference, 600 K grows faster by exp(0.911)."""
    layer = {
        "reaction_layer": MG2NI | {"initial_thickness": 1e-6, "growth_constant": 1e-18, "activation_energy": "1 eV"}
    }
    grown = []
    for temperature in (573.0, 600.0):
        content = slab(layer, cells=10, duration=DAY)
        content["physics"]["temperature"] = temperature
        grown.append(follow(load(shared_tmp, content), comm).values["reaction_layer_thickness.top"] ** 2 - 1e-12)
    factor = np.exp(1 / 8.617333262e-5 * (1 / 573 - 1 / 600))
    assert grown[1] / grown[0] == pytest.approx(factor, rel=2e-2)  # the surface is a little emptier


def test_jacobian(shared_tmp, comm):
    """Of every term, with some of the interlayer left."""
    content = slab(ALL | {"interlayer": {"thickness": 1e-9, "composition": 0.21, "monolayer": 1e-4}}, cells=3, order=1)
    simulator = Simulator(comm)
    simulator.switch_on(load(shared_tmp, content))
    problem = simulator.problem
    rng = np.random.default_rng(comm.rank)
    for rate in problem.rates:
        rate.x.array[:] = 1e-6 * rng.uniform(-1, 1, len(rate.x.array))
    errors = jacobian_error(problem, rng)
    assert len(errors) == 4
    assert max(errors.values()) < 1e-6, errors
