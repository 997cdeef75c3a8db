"""Frequency response against closed forms: resistance and capacitance, Randles with a finite Warburg element."""

from __future__ import annotations

import csv
import json
import runpy
from pathlib import Path

from mpi4py import MPI

import numpy as np
import pytest

from thermolyte.case import Case
from thermolyte.cli import main
from thermolyte.errors import InputError
from thermolyte.physics.constants import FARADAY, GAS_CONSTANT
from thermolyte.studies.impedance import LinearResponse
from thermolyte.studies.simulator import Simulator

THERMAL_VOLTAGE = GAS_CONSTANT * 296.15 / FARADAY
AREA, LENGTH, KAPPA, EXCHANGE, CAPACITANCE = 1e-4, 5e-4, 0.1, 20.0, 0.2


def metal(current: float = 0.0, film: dict | None = None) -> Case:
    """Lithium | electrolyte | ideal counter electrode: R + 1/(1/R_ct + iωC), nothing diffuses."""
    kinetics = {"exchange_current_density": EXCHANGE, "double_layer_capacitance": CAPACITANCE} | (film or {})
    electrolyte = {"material": "Li6PS5Cl", "properties": {"ionic_conductivity": KAPPA}}
    return Case.model_validate(
        {
            "title": "RC",
            "physics": {"electrochemistry": None, "temperature": "23 degC"},
            "geometry": {
                "shape": "slab",
                "area": AREA,
                "layers": [
                    {"name": "lithium", "thickness": "10 um", "cells": 2},
                    {"name": "electrolyte", "thickness": LENGTH, "cells": 6},
                ],
            },
            "regions": {"lithium": "Li", "electrolyte": electrolyte},
            "terminals": {
                "anode": {"type": "current", "current": current, "on": "bottom"},
                "counter": {"type": "ground", "on": "top"},
            },
            "interfaces": {"lithium/electrolyte": {"type": "charge_transfer"} | kinetics},
        }
    )


def response(case: Case, comm: MPI.Comm, frequencies) -> np.ndarray:
    """Z at the operating point of a case."""
    simulator = Simulator(comm)
    simulator.solve(case)
    linear = LinearResponse(simulator.problem, "anode")
    return np.array([linear.impedance(2 * np.pi * f) for f in frequencies])


# ---- resistance and capacitance --------------------------------------------------------------------------------------
@pytest.mark.parametrize("current", [0.0, 5e-3, -2e-2])
def test_resistance_and_capacitance_at_any_current(comm, current):
    """The resistance of charge transfer is the slope of Butler-Volmer at the operating point."""
    frequencies = np.logspace(-4, 7, 23)
    i = current / AREA
    slope = THERMAL_VOLTAGE / (EXCHANGE * np.sqrt(1 + (i / (2 * EXCHANGE)) ** 2)) / AREA
    bulk, admittance = LENGTH / (KAPPA * AREA), 2j * np.pi * frequencies * CAPACITANCE * AREA
    exact = bulk + 1 / (1 / slope + admittance)
    found = response(metal(current), comm, frequencies)
    assert np.abs(found / exact - 1).max() < 1e-9
    assert np.all(found.imag <= 0)


def test_a_film_is_in_series_with_the_charge_transfer_and_both_are_beside_the_capacitance(comm):
    frequencies = np.logspace(-2, 6, 9)
    film = 3e-4
    resistance = (THERMAL_VOLTAGE / EXCHANGE + film) / AREA
    exact = LENGTH / (KAPPA * AREA) + 1 / (1 / resistance + 2j * np.pi * frequencies * CAPACITANCE * AREA)
    found = response(metal(film={"film_resistance": film}), comm, frequencies)
    assert np.abs(found / exact - 1).max() < 1e-9


@pytest.mark.serial
def test_a_resistance_has_no_impedance_of_its_own(comm):
    with pytest.raises(InputError, match="nothing depends on time"):
        response(metal(film={"double_layer_capacitance": None}), comm, [1.0])


# ---- diffusion -------------------------------------------------------------------------------------------------------
def test_randles_circuit_with_a_finite_warburg_element(comm, cases):
    """R8, far beyond the frequencies of the case: the blocks of the matrix differ by 14 orders of magnitude."""
    exact = runpy.run_path(str(cases / "half_cell_impedance" / "exact.py"))["impedance"]
    frequencies = np.logspace(-5, 9, 57)
    case = Case.load(cases / "half_cell_impedance")
    found = response(case, comm, frequencies)
    assert np.abs(found / [exact(f) for f in frequencies] - 1).max() < 1e-6
    assert np.abs(found / response(case, MPI.COMM_SELF, frequencies) - 1).max() < 1e-9


def test_order_of_convergence_of_the_diffusion_impedance(comm, cases):
    """Quadratic elements have an error of h⁴ in what a surface answers."""
    exact = runpy.run_path(str(cases / "half_cell_impedance" / "exact.py"))["impedance"]
    layers = [{"name": "film", "thickness": "140 nm"}, {"name": "electrolyte", "thickness": "0.713 mm", "cells": 1}]
    errors = []
    for cells in (4, 8, 16):
        layers[0]["cells"] = cells
        case = Case.load(cases / "half_cell_impedance", {"geometry.layers": layers})
        errors.append(abs(response(case, comm, [0.1])[0] - exact(0.1)))
    assert np.log2(np.array(errors[:-1]) / errors[1:]) == pytest.approx(4, abs=0.3)


def test_after_a_transient_the_slope_is_that_of_the_new_composition(cases, shared_tmp):
    """Lithium is put into the film and rests until it is even: U = U_0 − s RT/F ln x is flatter there."""
    exact = runpy.run_path(str(cases / "half_cell_impedance" / "exact.py"))
    start, slope, current, duration = 0.1, 1.317, 0.1e-3, 20.0
    law = {"law": "nernst", "standard_potential": 0.25, "slope": slope, "range": [0.05, 0.5]}
    rest = {"duration": "400 s", "change": {"terminals.anode.current": 0.0}}
    study = {
        "type": "impedance",
        "frequencies": ["100 Hz", "1 Hz", "10 mHz"],
        "after": {"type": "transient", "steps": [{"duration": duration, "change": {}}, rest]},
    }
    values = {
        "terminals.anode.current": current,
        "regions.film.properties.open_circuit_potential": law,
        "study": study,
        "output": {"figures": False, "fields": "none"},
    }
    words = [word for path, value in values.items() for word in ("--set", f"{path}={json.dumps(value)}")]
    assert main(["run", str(cases / "half_cell_impedance"), "-o", str(shared_tmp), *words]) == 0
    host = exact["THICKNESS"] * exact["AREA"] / exact["MOLAR_VOLUME"]  # mol
    x = start
    for _ in range(20):  # the double layer takes its part of the charge
        layer = exact["CAPACITANCE"] * exact["AREA"] * slope * THERMAL_VOLTAGE * np.log(x / start)
        x = start + (current * duration - layer) / FARADAY / host
    Z_0 = exact["WARBURG"] * slope * THERMAL_VOLTAGE / x / -exact["SLOPE"]
    for f, Z in table(shared_tmp / "impedance.csv"):
        assert abs(Z / exact["impedance"](f, warburg=Z_0) - 1) < 1e-6
    assert x > 1.4 * start


def table(file: Path) -> list[tuple[float, complex]]:
    """Frequency and impedance, row by row."""
    with file.open(newline="", encoding="utf-8") as lines:
        rows = [[float(x) for x in row.values()] for row in csv.DictReader(lines)]
    assert len(rows) == 3
    return [(f, complex(real, imaginary)) for f, real, imaginary in rows]


def test_stress_acts_on_the_potential_and_on_the_diffusion(comm, cases):
    """A film clamped sideways: m = 2EΩ²c/(9(1 − ν)) makes U steeper and lithium faster, D (1 + c/(RTΘ) dm/dc)."""
    exact = runpy.run_path(str(cases / "half_cell_impedance" / "exact.py"))
    E, nu, omega, x, volume = 45e9, 0.29, 13.0e-6, 0.1, exact["MOLAR_VOLUME"]
    stiffness = 2 * E * omega**2 / (9 * (1 - nu))  # dm/dc
    factor = -x * exact["SLOPE"] / THERMAL_VOLTAGE
    faster = 1 + x / volume * stiffness / (GAS_CONSTANT * 296.15 * factor)
    steeper = 1 - stiffness / (FARADAY * volume * exact["SLOPE"])

    case = Case.load(
        cases / "half_cell_impedance",
        {
            "physics.mechanics": {"strain": "small"},
            "physics.coupling": "two_way",
            "boundaries": {"bottom": {"type": "symmetry"}},
        },
    )
    frequencies = np.array([1e3, 1.0, 1e-2])
    found = response(case, comm, frequencies)
    wanted = []
    for f in frequencies:
        q = np.sqrt(2j * np.pi * f * exact["THICKNESS"] ** 2 / (exact["DIFFUSIVITY"] * faster))
        diffusion = exact["WARBURG"] * steeper / faster / (q * np.tanh(q))
        layer = 2j * np.pi * f * exact["CAPACITANCE"] * exact["AREA"]
        wanted.append(exact["BULK"] + 1 / (1 / (exact["INTERFACE"] + diffusion) + layer))
    assert steeper > 1.1
    assert faster == pytest.approx(steeper, rel=1e-9)  # as thermodynamics has it
    assert np.abs(found / wanted - 1).max() < 1e-6
