"""Known parameters are recovered from noisy data of the program itself; what data cannot tell apart is named."""

from __future__ import annotations

import csv
import json
import re
import runpy
from dataclasses import replace

from mpi4py import MPI

import numpy as np
import pytest

from thermolyte.calibration.evaluations import Evaluations
from thermolyte.calibration.fit import fit
from thermolyte.calibration.model import Model
from thermolyte.calibration.plan import make_plan
from thermolyte.calibration.statement import statement
from thermolyte.case import Case

CONTACT, SCALE = "terminals.hot.contact_resistivity", "regions.leg.scale.electrical_conductivity"
LEG = """\
title: A leg with contacts
geometry: {shape: leg, width: 2 mm, height: 8 mm}
mesh: {size: 2 mm, cells: hexahedron}
regions: {leg: {material: MgAgSb-395}}
boundaries:
  hot: {type: temperature, temperature: 400 K}
  cold: {type: temperature, temperature: 310 K}
terminals:
  hot: {type: ground, contact_resistivity: 5 uohm*cm^2}
  cold: {type: current, current: 0 A, contact_resistivity: 5 uohm*cm^2}
solver: {preset: direct}
output: {figures: false}
calibration:
"""
TWO_LENGTHS = (
    LEG
    + """\
  parameters:
    terminals.hot.contact_resistivity: {start: 70 uohm*cm^2, lower: 1 uohm*cm^2, upper: 1000 uohm*cm^2, scale: log}
    regions.leg.scale.electrical_conductivity: {start: 85 %, lower: 50 %, upper: 200 %}
  data:
    - &long
      file: long.csv
      x: {column: current, parameter: terminals.cold.current}
      y: {column: voltage, quantity: voltage.cold}
      uncertainty: 0.3 mV
    - {file: long.csv, x: {column: current, parameter: terminals.cold.current},
       y: {column: heat, quantity: hot_heat_flow}, uncertainty: 2 %}
    - &short
      file: short.csv
      x: {column: current, parameter: terminals.cold.current}
      y: {column: voltage, quantity: voltage.cold}
      uncertainty: 0.3 mV
      change: {geometry.height: 2 mm}
"""
)
TABLES = {
    "long.csv": "current [A],voltage [mV],heat [W]\n1,0,1\n3,0,1\n",
    "short.csv": "current [A],voltage [mV]\n3,0\n3,0\n",
}


@pytest.fixture
def load(folder):
    """A case with the tables that it names."""

    def call(text, tables):
        for name, content in tables.items():
            folder(name, content)
        return Case.load(folder("case.yaml", text))

    return call


def make(case):
    """The plan of a case, and what predicts its data, in memory."""
    plan = make_plan(case)
    return plan, Model(plan, MPI.COMM_WORLD, Evaluations(None, MPI.COMM_WORLD))


def scaled(plan, *values):
    return np.array([p.scaled(x) for p, x in zip(plan.calibration.parameters.values(), values, strict=True)])


def fitted(plan, model, truth, noise, known=True):
    """The fit to the predictions at the true parameters, with noise of so many standard deviations."""
    data, used = [], 0
    for m, y in zip(plan.data, model.predict(truth), strict=True):
        sigma = np.abs(y) * 0.02 if m.quantity == "hot_heat_flow" else m.sigma
        data.append(replace(m, y=y + sigma * noise[used : used + len(m)], sigma=sigma))
        used += len(m)
    return fit(plan.calibration.parameters, data, model.predict, known=known)


@pytest.mark.serial
def test_intervals_hold_the_truth_as_often_as_they_say(load):
    truth = (80.0, 80.0)  # uohm*cm^2, %
    plan, model = make(load(TWO_LENGTHS, TABLES))
    hits = np.zeros(2)
    for seed in range(50):
        found = fitted(plan, model, scaled(plan, *truth), np.random.default_rng(seed).normal(size=6))
        assert found.converged
        hits += [low <= x <= high for x, (low, high) in zip(truth, found.intervals.values(), strict=True)]
    assert len(plan.solves) == 3  # voltage and heat of the same current, and a value that was measured twice
    assert len(model.simulators) == 2  # legs of two lengths
    assert (hits >= 45).all(), hits


SERIES = (
    LEG
    + """\
  parameters:
    terminals.hot.contact_resistivity: {start: 10 uohm*cm^2, lower: 0.1 uohm*cm^2, upper: 1000 uohm*cm^2, scale: log}
    terminals.cold.contact_resistivity: {start: 30 ohm*um^2, lower: 1 ohm*um^2, upper: 1e5 ohm*um^2}
  data:
    file: long.csv
    x: {column: current, parameter: terminals.cold.current}
    y: {column: voltage, quantity: voltage.cold}
    uncertainty: 1 uV
    change: {boundaries.hot.temperature: 310 K}
"""
)


def test_two_contacts_in_series_are_one_resistance(load):
    plan, model = make(load(SERIES, {"long.csv": "current [A],voltage [mV]\n0.01,0\n0.02,0\n0.03,0\n"}))
    truth = scaled(plan, 20.0, 1000.0)  # 1000 ohm*um^2 = 10 uohm*cm^2
    found = fitted(plan, model, truth, np.array([0.3, -0.5, 0.2]))
    said = "\n".join(statement(found))
    names = "terminals.hot.contact_resistivity", "terminals.cold.contact_resistivity"
    assert f"{names[0]} and {names[1]} cannot be told apart (correlation -1): " in said
    for name in names:
        assert f"{name} is not determined by the data" in said
    match = re.search(rf"only {names[0]} \+ {names[1]} = \(([\d.]+) ± ([\d.]+)\) uohm\*cm\^2 is determined", said)
    assert match, said
    total, half = float(match[1]), float(match[2])
    assert abs(total - 30) < half < 3  # 1 uV at 0.03 A and 4 mm² is 1.3 uohm*cm^2


def test_a_case_is_calibrated_on_any_number_of_ranks_and_continues(said, folder, shared_tmp, comm):
    case = folder("case.yaml", TWO_LENGTHS.replace("mesh: {size: 2 mm", "mesh: {size: 1 mm"))
    for name, content in TABLES.items():
        folder(name, content)
    truth = {CONTACT: "80 uohm*cm^2", SCALE: 0.8}
    plan, model = make(Case.load(case))
    exact = model.predict(scaled(plan, 80.0, 80.0))
    folder("long.csv", table(plan.data[0].x, exact[0] * 1e3, exact[1]))
    folder("short.csv", table(plan.data[2].x, exact[2] * 1e3))
    output = shared_tmp / "found"
    text = said("calibrate", case, "-o", output, code=0, output=True)
    assert "--set 'terminals.hot.contact_resistivity=80" in text
    first = json.loads((output / "calibration.json").read_text())
    assert [p["value"] for p in first["parameters"].values()] == pytest.approx([80.0, 80.0], rel=1e-5)
    assert first["fit"]["chi_squared"] < 1e-4
    comm.barrier()
    lines = (output / "evaluations.jsonl").read_bytes()
    comm.barrier()
    if comm.rank == 0:
        (output / "evaluations.jsonl").write_bytes(lines[: len(lines) // 2])  # killed while it wrote a line
    comm.barrier()
    said("calibrate", case, "-o", output, code=0, output=True)
    again = json.loads((output / "calibration.json").read_text())
    assert 0.4 < again["cost"]["kept"] / first["cost"]["solutions"] < 0.6
    for path in truth:
        assert again["parameters"][path]["value"] == pytest.approx(first["parameters"][path]["value"], rel=1e-6)
    with (output / "data_0.csv").open() as file:
        head, *rows = list(csv.reader(file))
    assert head[0] == "current [A]"
    assert head[3] == "model of voltage.cold [V]"
    assert [float(r[3]) for r in rows] == pytest.approx(exact[0], rel=1e-6)


def table(current, *columns):
    names = ("current [A]", "voltage [mV]", "heat [W]")[: 1 + len(columns)]
    return (
        "\n".join(
            [",".join(names), *(",".join(map(repr, map(float, row))) for row in zip(current, *columns, strict=True))]
        )
        + "\n"
    )


OPTIMUM = (
    LEG
    + """\
  parameters:
    regions.leg.scale.electrical_conductivity: {start: 1, lower: 0.5, upper: 2}
  data:
    file: power.csv
    x: {column: hot, parameter: boundaries.hot.temperature}
    y: {column: power, quantity: maximum_power}
    find: maximum_power
"""
)


def test_an_optimum_is_fitted_without_known_uncertainties(load):
    plan, model = make(load(OPTIMUM, {"power.csv": "hot [degC],power [mW]\n100,1\n140,1\n180,1\n"}))
    found = fitted(plan, model, scaled(plan, 0.8), np.array([1e-4, -1e-4, 1e-4]), known=False)
    assert found.values[SCALE] == pytest.approx(0.8, rel=1e-3)
    low, high = found.intervals[SCALE]
    assert low < 0.8 < high < 1.01 * low
    assert "estimated from the residuals" in statement(found)[0]


@pytest.mark.serial
def test_the_shipped_case_is_the_exact_fit_of_a_linear_model(cases):
    folder = cases / "contact_calibration"
    exact = runpy.run_path(str(folder / "exact.py"))
    for name, voltages in exact["tables"]().items():
        rows = (folder / name).read_text().splitlines()[1:]
        assert [float(row.split(",")[1]) for row in rows] == pytest.approx(voltages * 1e3, abs=1e-9)
    plan, model = make(Case.load(folder))
    found = fit(plan.calibration.parameters, plan.data, model.predict, known=True)
    contact, conductivity, seebeck = found.values.values()
    linear = np.array([contact * 1e-10, 1 / conductivity, seebeck])
    e_contact, e_conductivity, e_seebeck = found.standard_errors.values()
    errors = np.array([e_contact * 1e-10, e_conductivity / conductivity**2, e_seebeck])
    values, wanted = exact["least_squares"]()
    assert np.abs((linear - values) / wanted) == pytest.approx(np.zeros(3), abs=5e-3)
    assert errors == pytest.approx(wanted, rel=2e-3)
    assert not any("tell apart" in line or "told apart" in line for line in statement(found))
    for x, (low, high) in zip((5.0, 0.9, 1.05), found.intervals.values(), strict=True):
        assert low < x < high


def test_one_length_does_not_tell_contact_and_conductivity_apart(load, cases):
    """(L/(f σ) + ρ)/A alone is measured: to first order the product f ρ^−p with p = ρ f σ/L."""
    text = (cases / "contact_calibration" / "case.yaml").read_text()
    table = (cases / "contact_calibration" / "long.csv").read_text()
    plan, model = make(load(text[: text.index("    - file: short.csv")], {"long.csv": table}))
    found = fit(plan.calibration.parameters, plan.data, model.predict, known=True)
    contact, conductivity, _ = found.values.values()
    said = statement(found)[-1]
    assert said.startswith(f"{CONTACT} and {SCALE} cannot be told apart (correlation 1): +10 % with +")
    match = re.search(rf"; only {SCALE} / {CONTACT}\^([\d.]+) \([\d.]+ %\) is determined$", said)
    assert match, said
    assert float(match[1]) == pytest.approx(contact * 1e-10 * conductivity * 1e5 / 6e-3, rel=0.02)


SLAB = """\
title: A film
physics: {diffusion: , temperature: 23 degC}
geometry: {shape: slab, layers: [{name: film, thickness: 5 um, cells: 6}], area: 1 cm^2}
mesh: {order: 2}
regions: {film: {material: Li-Mg-film, initial: {concentration: 0 mol/m^3}, properties: {diffusivity: 1e-10 cm^2/s}}}
boundaries: {top: {type: lithium_flux, current_density: 0.1 mA/cm^2}}
study: {type: transient, duration: 1000 s}
output: {figures: false}
calibration:
  parameters:
    regions.film.properties.diffusivity: {start: 8e-11 cm^2/s, lower: 1e-12 cm^2/s, upper: 1e-8 cm^2/s, scale: log}
  data:
    - file: film.csv
      x: {column: time, time: true}
      y: {column: c, quantity: surface_concentration.top}
      uncertainty: 2 %
    - file: film.csv
      x: {column: time, time: true}
      y: {column: c, quantity: surface_concentration.top}
      uncertainty: 2 %
      change: {boundaries.top.current_density: 0.2 mA/cm^2}
"""


def test_a_diffusivity_is_found_from_the_times_of_a_history(load):
    plan, model = make(load(SLAB, {"film.csv": "time [min],c [mol/m^3]\n1,1\n4,1\n10,1\n15,1\n"}))
    truth = scaled(plan, 1e-10)
    prediction = model.predict(truth)
    assert len(model.simulators) == 1  # the data sets differ in a number
    # before it feels the other side, c(0, t) = 2 (i/F) √(t/(π D))
    exact = 2 * 1 / 96485.33212 * np.sqrt(60.0 / (np.pi * 1e-14))
    assert prediction[0][0] == pytest.approx(exact, rel=1e-2)
    assert prediction[1] == pytest.approx(2 * prediction[0], rel=1e-3)
    data = [
        replace(m, y=y * (1 + 0.02 * e), sigma=0.02 * y)
        for m, y, e in zip(plan.data, prediction, np.random.default_rng(3).normal(size=(2, 4)), strict=True)
    ]
    found = fit(plan.calibration.parameters, data, model.predict, known=True, in_time=True)
    low, high = found.intervals["regions.film.properties.diffusivity"]
    assert 0.8e-10 < low < 1e-10 < high < 1.25e-10
