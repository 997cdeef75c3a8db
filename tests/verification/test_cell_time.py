"""Cells in time: alloying, plating, rest, stripping and a held voltage in one run; charge and lithium at every step."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest
from scipy.optimize import brentq

from cells import AREA, EXCHANGE, THERMAL_VOLTAGE, THICKNESS, overpotential, stack
from thermolyte.interface.charge_transfer import LITHIUM_MOLAR_VOLUME
from thermolyte.physics.constants import FARADAY
from timed import follow, load

CURRENT, WIDTH, MONOLAYER = 10e-6, 0.01, 2.1e-5  # A on 1 mm², saturation width, mol/m²
POTENTIAL = {
    "law": "table",
    "composition": [0.01, 0.06, 0.17, 0.3, 0.5, 1, 2, 3.9],
    "value": [0.402, 0.342, 0.307, 0.2514, 0.2013, 0.1334, 0.0654, 0],
    "outside": "extrapolate",
}


def cell(steps):
    """A film that alloys and is plated on, with 1 mA/cm², through the steps."""
    film = {"initial": {"composition": 0.02}, "properties": {"open_circuit_potential": POTENTIAL}}
    law = {"saturation_width": WIDTH, "plating": {"exchange_current_density": EXCHANGE}}
    return stack(
        regions={"film": film},
        interfaces={"film/electrolyte": law},
        physics={"diffusion": {}},
        study={"type": "transient", "steps": steps, "report": [900.0, 1000.0]},
    )


def anode(**law):
    return {"terminals.anode": {"on": "bottom", **law}}


STEPS = [
    {"duration": 900.0},
    {"duration": 100.0, "change": anode(type="open")},
    {
        "duration": 2000.0,
        "change": anode(type="current", current=-CURRENT),
        "until": {"quantity": "voltage.anode", "above": 0.2},
    },
    {"duration": 3000.0, "change": anode(type="voltage", voltage=0.2)},
]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = MPI.COMM_WORLD.bcast(tmp_path_factory.mktemp("cell"))
    return follow(load(folder, cell(STEPS)))


def host_at_rest(run, E):
    """x at which the reaction of the host rests at E [V]: a_Li exp(E − U) = a_sites exp(−(E − U)) in RT/F."""
    U = run.problem.media["film"].card.open_circuit_potential

    def excess(x):
        y = x / 3.9
        lithium, sites = y / (y + WIDTH), (1 - y) / (1 - y + WIDTH)
        return lithium * np.exp((E - float(U(x, 296.15))) / THERMAL_VOLTAGE) - sites

    return brentq(excess, 0.05, 3.9, xtol=1e-13)


def test_charge_is_conserved_at_every_step(run):
    """What leaves through one terminal enters through the other: 1e-12 of the current."""
    assert np.abs(run.column("charge_balance")).max() < 1e-12 * CURRENT


def test_inventory_is_the_charge(run):
    """Lithium in the film and on it, against ∫ I dt, at every step to 1e-12 of the charge that has passed."""
    lithium = run.column("lithium.film") + run.column("plated_lithium.film/electrolyte")
    charge = run.column("charge.anode")
    assert np.abs(FARADAY * (lithium - lithium[0]) - charge).max() < 1e-12 * charge.max()
    assert charge.max() == pytest.approx(900 * CURRENT, rel=1e-12)
    assert run.column("charge.counter") == pytest.approx(-charge, abs=1e-12 * charge.max())


def test_what_the_film_does_not_hold_is_plated(run):
    """Thickness = V_Li (q − q_alloy)/F, with the alloy at rest beside the metal; V in closed form."""
    found, charge = run.at(900.0), 900 * CURRENT / AREA["planar"] / FARADAY
    alloy = (found["lithium.film"] - run.column("lithium.film")[0]) / AREA["planar"]
    assert found["plated_thickness.film/electrolyte"] == pytest.approx(
        LITHIUM_MOLAR_VOLUME * (charge - alloy), rel=1e-12
    )
    metal = found["plated_lithium.film/electrolyte"] / AREA["planar"]
    available, ratio = metal / (metal + MONOLAYER), CURRENT / AREA["planar"] / EXCHANGE
    E = 2 * THERMAL_VOLTAGE * np.log((np.sqrt(ratio**2 + 4 * available) - ratio) / (2 * available))
    drop = 10.0 * THICKNESS["electrolyte"] / 0.08 + overpotential(10.0)
    assert found["voltage"] == pytest.approx(E - drop, abs=1e-6)
    assert found["mean_composition.film"] == pytest.approx(host_at_rest(run, E), rel=1e-4)
    parts = sum(v for n, v in found.items() if n.startswith(("overpotential.", "equilibrium_potential.")))
    assert parts == pytest.approx(found["voltage"], rel=1e-10)


def test_open_circuit_shows_the_metal(run):
    """At rest with metal on it the anode is at 0 V, and no current flows."""
    found = run.at(1000.0)
    assert abs(found["current.anode"]) < 1e-12 * CURRENT
    assert abs(found["voltage"]) < 1e-5


def test_stripping_leaves_no_metal_and_never_less(run):
    """Stripping ends by itself: at the cut-off an atom is left at most, and nothing was taken that was not there."""
    thickness, time = run.column("plated_thickness.film/electrolyte"), run.column("time")
    end = next(k for k in range(len(time)) if time[k] > 1000 and run.column("voltage.anode")[k] > 0.2 - 1e-6)
    assert run.column("voltage.anode")[end] == pytest.approx(0.2, abs=1e-6)
    assert thickness[end] < 1e-10
    assert thickness.min() > -1e-14
    assert time[end] < 1000 + 900


def test_a_held_voltage_sets_the_composition(run):
    """After 3000 s at 0.2 V the film rests at the composition of that potential, and the current has gone."""
    assert run.values["voltage.anode"] == pytest.approx(0.2, rel=1e-12)
    assert run.values["mean_composition.film"] == pytest.approx(host_at_rest(run, 0.2), rel=1e-6)
    assert abs(run.values["current.anode"]) < 1e-6 * CURRENT
