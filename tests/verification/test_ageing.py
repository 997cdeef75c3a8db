"""Ageing of a leg: against one dimension, steps by error, restart, ranks, losses; what composition does to the leg."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from scipy.integrate import solve_bvp

from aged import DAY, SINK, leg
from jacobian import jacobian_error
from thermolyte import cli
from thermolyte.blocks import UNIT
from thermolyte.calibration.history import AgeingHistory
from thermolyte.materials import Card
from thermolyte.physics.local import CONCENTRATION, TEMPERATURE
from thermolyte.studies import ageing
from thermolyte.studies.simulator import Simulator
from timed import load

FURNACE = {"duration": 30 * DAY, "furnace": 573.0, "report": [10 * DAY, 20 * DAY]}
SHORT = {"duration": 4 * DAY, "furnace": 573.0}
POWER = {"measure": {"find": ["maximum_power"]}}


def age(case, comm):
    """The outcome of the study of a case, and its recorder."""
    kept = AgeingHistory()
    return ageing.follow(case, case.study, Simulator(comm), kept), kept


# ---- what composition does -------------------------------------------------------------------------------------------
LENGTH, HOT, COLD, CURRENT = 3e-3, 589.0, 300.0, 2.0
AREA = 4e-6


def profile(z):
    """Excess Mg along the aged leg: less at the hot end."""
    return 0.2 - 0.05 * np.sin(np.pi / 2 * z / LENGTH) ** 4


def in_one_dimension():
    """V [V], Q_h [W] and Q_c [W] of a bare leg with this profile; the current leaves at the hot end."""
    card = Card.load("Mg3BiSb-estimate")
    J = CURRENT / AREA

    def slope(z, y):
        electrons = card.carriers.electrons(card, profile(z), y[0])
        S, sigma = electrons.seebeck_coefficient, electrons.electrical_conductivity
        kappa = card.thermal_conductivity(y[0]) + electrons.thermal_conductivity_change
        dT = (S * y[0] * J - y[1]) / kappa
        return np.array([dT, J**2 / sigma + S * J * dT, -J / sigma - S * dT])

    z = np.linspace(0, LENGTH, 201)
    T = np.linspace(COLD, HOT, z.size)
    guess = np.array([T, np.full(z.size, -1e5), 0 * z])
    ends = lambda a, b: np.array([a[0] - COLD, b[0] - HOT, a[2]])  # noqa: E731
    found = solve_bvp(slope, ends, z, guess, tol=1e-8, max_nodes=50000)
    assert found.success, found.message
    return np.array([found.y[2, -1], -found.y[1, -1] * AREA, -found.y[1, 0] * AREA])


def bare(size):
    """The same in three dimensions, with the composition held at its profile."""
    content = leg(FURNACE)
    content["geometry"].pop("pads")
    content["mesh"] = {"size": size, "cells": "hexahedron"}
    content["regions"].pop("*_pad")
    content["interfaces"] = {}
    lead = {"contact_resistivity": "1e-14 ohm*m^2"}
    content["terminals"] = {
        "cold": {"type": "ground", **lead},
        "hot": {"type": "current", "current": CURRENT, **lead},
    }
    return content


def three_dimensions(case, comm):
    simulator = Simulator(comm)
    simulator.switch_on(case)
    p = simulator.problem
    [u] = [p.u[i] for (f, _), i in p.place.items() if f == CONCENTRATION]
    u.interpolate(lambda x: profile(x[2]) / 84.1e-6 / UNIT[CONCENTRATION])
    with simulator.held():
        values = simulator.solve(case)
    assert values["energy_balance"] == pytest.approx(0.0, abs=1e-9 * values["hot_heat_flow"])
    lead = 2 * 1e-14 * CURRENT / AREA
    return np.array([values["voltage.hot"] + lead, values["hot_heat_flow"], values["cold_heat_flow"]])


def test_leg_of_a_profile_against_one_dimension(shared_tmp, comm):
    """V, Q_h and Q_c of a leg whose composition changes along it: the errors fall with h²."""
    exact, errors = in_one_dimension(), []
    for size in ("0.25 mm", "0.125 mm"):
        errors.append(np.abs(three_dimensions(load(shared_tmp, bare(size)), comm) / exact - 1))
    rates = np.log2(errors[0] / errors[1])
    assert (rates > 1.8).all(), (errors, rates)
    assert errors[1].max() < 2e-3


def test_jacobian(shared_tmp, comm):
    """Of heat, charge and composition together, with a barrier that follows the carriers."""
    simulator = Simulator(comm)
    simulator.switch_on(load(shared_tmp, leg(FURNACE)))
    p, rng = simulator.problem, np.random.default_rng(comm.rank)
    for i, u in enumerate(p.u):
        if p.field_of(i) not in (TEMPERATURE, "electric_potential"):
            u.x.array[:] *= 1 + 0.02 * rng.uniform(-1, 1, len(u.x.array))
            u.x.scatter_forward()
    errors = jacobian_error(p, rng)
    assert max(errors.values()) < 1e-6, errors


# ---- in time ---------------------------------------------------------------------------------------------------------
@pytest.mark.serial
def test_steps_are_chosen_by_the_error(shared_tmp, comm):
    """With the tolerance the errors of P, R, composition and layer fall; by default they are below 1e-4.

    The reference takes more than three times as many steps, none longer than an hour.
    """
    found = []
    for settings in ({"tolerance": 1e-3}, {}, {"tolerance": 1e-7, "maximum_step": "1 h"}):
        values, kept = age(load(shared_tmp, leg(SHORT | POWER | {"integration": settings})), comm)
        names = ("maximum_power", "internal_resistance", "magnesium.leg", "reaction_layer_thickness.leg/hot_pad")
        found.append([values[n] for n in names] + [len(kept.tables["history"])])
    *values, steps = np.array(found).T
    errors = np.abs(np.array(values)[:, :2] / np.array(values)[:, 2:] - 1)
    assert (errors[:, 0] < 2e-2).all(), errors
    assert (errors[:, 1] < 1e-4).all(), errors
    assert (steps[1:] > 1.5 * steps[:-1]).all(), steps


def test_balance_over_100_days(shared_tmp, comm):
    """Leg, layer, interlayer and what evaporated, in operation: 1e-12 of the magnesium at every step."""
    values, kept = age(load(shared_tmp, leg({"duration": 100 * DAY, "report": [50 * DAY]})), comm)
    total = np.array([row["magnesium_total"] for row in kept.tables["history"]])
    assert np.abs(total / total[0] - 1).max() < 1e-12
    assert values["magnesium_drift"] < 1e-12 * total[0]
    assert values["released.sides"] > 1e-4 * total[0]
    assert kept.tables["history"][-1]["energy_balance"] == pytest.approx(
        0.0, abs=1e-9 * kept.tables["history"][-1]["heat_flow.hot"]
    )


def test_balance_of_a_line(shared_tmp, comm):
    """A body of which a line is drawn: what the layer takes comes out of the volume, whatever the cross-section."""
    content = leg({"duration": 10 * DAY, "furnace": 573.0}, interfaces={})
    content["geometry"] = {
        "shape": "slab",
        "area": "4 mm^2",
        "layers": [{"name": "leg", "thickness": "3 mm", "cells": 4}],
    }
    content |= {"mesh": {}, "regions": {"leg": "Mg3BiSb-estimate"}}
    content["boundaries"] = {"top": [SINK, {"type": "temperature", "temperature": 573.0}]}
    content["terminals"] = {
        "minus": {"type": "ground", "on": "bottom"},
        "plus": {"type": "current", "current": 0.0, "on": "top"},
    }
    values, kept = age(load(shared_tmp, content), comm)
    start = kept.tables["history"][0]
    assert values["magnesium_drift"] < 1e-12 * start["magnesium_total"]
    lost = start["magnesium.leg"] - values["magnesium.leg"]
    assert lost > 0.01 * start["magnesium.leg"]
    assert lost == pytest.approx(values["reaction_layer.top"] - start["reaction_layer.top"], rel=1e-9)


def test_hot_end_ages_in_operation(shared_tmp, comm):
    """At work the hot end ages and the cold end does not; in a furnace both ends of a symmetric leg age alike."""
    both = {"leg/*_pad": [{"contact_resistivity": "5 uohm*cm^2"}, SINK]}
    duration = {"duration": 20 * DAY}
    at_work, _ = age(load(shared_tmp, leg(duration, interfaces=both)), comm)
    hot, cold = (at_work[f"reaction_layer_thickness.leg/{end}_pad"] for end in ("hot", "cold"))
    assert hot > 20e-6
    assert cold == pytest.approx(10e-6, rel=1e-6)
    at_rest, _ = age(load(shared_tmp, leg(duration | {"furnace": 573.0}, interfaces=both)), comm)
    hot, cold = (at_rest[f"reaction_layer_thickness.leg/{end}_pad"] for end in ("hot", "cold"))
    assert hot == pytest.approx(cold, rel=1e-9)


@pytest.mark.serial
def test_losses_and_when(shared_tmp, comm):
    """The study ends at a stated loss; the time of a loss lies between the kept times around it, and on the curve."""
    study = FURNACE | POWER | {"duration": 60 * DAY, "report": [d * DAY for d in range(5, 60, 5)]}
    case = load(shared_tmp, leg(study | {"losses": {"of": ["5 %", "10 %"], "stop": "10 %"}}))
    values, kept = age(case, comm)
    power = np.array([row["maximum_power"] for row in kept.tables["ageing"]])
    days = np.array([row["time"] for row in kept.tables["ageing"]]) / DAY
    lost = 1 - power / power[0]
    assert lost[-1] >= 0.1 > lost[-2]
    assert len(lost) < 12
    for percent in (5, 10):
        assert values[f"time_to_loss.{percent}"] / DAY == pytest.approx(np.interp(percent / 100, lost, days), rel=0.05)
    assert values["loss.maximum_power"] == pytest.approx(lost[-1])


# ---- killed ----------------------------------------------------------------------------------------------------------
DYING = """\
import os, signal, sys
from thermolyte import cli
from thermolyte.results import recorder

original, calls = recorder.Recorder.row, 0

def row(self, at, *arguments, **more):
    original(self, at, *arguments, **more)
    if at.time > float(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)

recorder.Recorder.row = row
sys.exit(cli.main(sys.argv[2:]))
"""


ROUND_OFF = ("balance", "drift", "current", "power [", "heat_flow", "_flow", "thomson", "joule", "peltier")


def table(folder, name):
    with (folder / f"{name}.csv").open(newline="") as file:
        return [{k: v if k == "region" else float(v) for k, v in row.items() if v} for row in csv.DictReader(file)]


@pytest.mark.serial
def test_killed_run_continues_as_if_it_had_not_been(tmp_path):
    """Every row of all tables, and the result, agree to 1e-10 with a run that was not interrupted."""
    case = tmp_path / "case.yaml"
    case.write_text(json.dumps(leg(FURNACE | POWER)))
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert cli.main(["run", str(case), "-o", str(whole)]) == 0
    argv = [sys.executable, "-c", DYING, str(13 * DAY), "run", str(case), "-o", str(killed)]
    assert subprocess.run(argv, env=os.environ, capture_output=True, check=False).returncode == -signal.SIGKILL
    assert [row["time [s]"] / DAY for row in table(killed, "ageing")] == [0, 10]
    assert cli.main(["run", str(case), "-o", str(killed)]) == 0
    for name in ("ageing", "history", "profiles"):
        expected, found = (table(folder, name) for folder in (whole, killed))
        assert len(found) == len(expected)
        for a, b in zip(expected, found, strict=True):
            assert b.pop("region", None) == a.pop("region", None)
            for key in (k for k in a if not any(word in k for word in ROUND_OFF)):
                assert b[key] == pytest.approx(a[key], rel=1e-10, abs=0), key
    values = [json.loads((folder / "result.json").read_text())["points"][0]["values"] for folder in (whole, killed)]
    assert values[1]["maximum_power"] == pytest.approx(values[0]["maximum_power"], rel=1e-10)
    assert not list(killed.glob("*.bp"))
