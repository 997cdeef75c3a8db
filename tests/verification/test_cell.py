"""Steady cells against closed forms: V = U − (i Σ L/κ + Σ η + i R_f), in every geometry, with every way to say it."""

from __future__ import annotations

import numpy as np
import pytest

from cells import AREA, CONDUCTIVITY, EXCHANGE, THERMAL_VOLTAGE, THICKNESS, TRANSFER, overpotential, stack
from thermolyte.case import Case
from thermolyte.physics.constants import FARADAY, GAS_CONSTANT
from thermolyte.studies.simulator import Simulator
from thermolyte.terminal import IDEAL_LEAD

LITHIUM_FIELD = {"lithium": {"electric_potential": "field"}}
METALS = ("copper", "tungsten", "film")


def solve(comm, content):
    """All quantities of a case."""
    return Simulator(comm).solve(Case.model_validate(content))


def drop(i, *regions):
    """i Σ L/κ [V]."""
    return sum(i * THICKNESS[r] / CONDUCTIVITY[r] for r in regions)


# ---- the planar stack ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("form", ["planar", "axisymmetric", "extruded"])
def test_planar_stack_under_current(comm, form):
    """1 and 50 mA/cm²: V to 1e-12, charge to 1e-12 of the current, the same in every geometry."""
    simulator = Simulator(comm)
    for i in (10.0, 500.0):
        found = simulator.solve(Case.model_validate(stack(form, i, regions=LITHIUM_FIELD)))
        eta, lead = overpotential(i), i * IDEAL_LEAD
        exact = -(drop(i, "electrolyte", "lithium") + lead + 2 * eta)
        assert found["voltage"] == pytest.approx(exact, rel=1e-12)
        assert abs(found["charge_balance"]) < 1e-12 * i * AREA[form]
        assert found["interface_current_density.film/electrolyte"] == pytest.approx(i, rel=1e-12)
        assert found["overpotential.kinetic.film/electrolyte"] == pytest.approx(-eta, rel=1e-11)
        assert found["overpotential.ohmic.electrolyte"] == pytest.approx(-drop(i, "electrolyte"), rel=1e-12)
        parts = sum(v for n, v in found.items() if n.startswith(("overpotential.", "equilibrium_potential.")))
        assert parts == pytest.approx(found["voltage"], rel=1e-12)


def test_linear_kinetics(comm):
    linear = {"film/electrolyte": {"linear": True}, "electrolyte/lithium": {"linear": True}}
    found = solve(comm, stack(regions=LITHIUM_FIELD, interfaces=linear))
    V = -(drop(10.0, "electrolyte", "lithium") + 2 * overpotential(10.0, linear=True))
    assert found["voltage"] == pytest.approx(V, rel=1e-12)
    assert found["voltage"] == pytest.approx(-0.090593361604, abs=1e-11)


def test_metals_as_fields_and_as_one_voltage_agree_within_their_drop(comm):
    """The anode metals lose 2e-12 V: less than a field of copper (3e9 times κ) resolves."""
    lumped = solve(comm, stack())["voltage"]
    fields = solve(comm, stack(regions={r: {"electric_potential": "field"} for r in METALS}))
    assert fields["voltage"] == pytest.approx(lumped, abs=2e-11)
    assert abs(fields["charge_balance"]) < 1e-5 * 10e-6  # round-off of copper: 6.6e6 S · 0.09 V · 1.1e-16 = 7e-11 A


def test_a_poor_conductor_becomes_a_field_by_itself(comm):
    """A film of 1e-3 S/m: its drop of 1.4 mV is in V under `auto`, and not when it is declared lumped."""
    poor = {"film": {"properties": {"electrical_conductivity": 1e-3}}}
    extra = 10.0 * THICKNESS["film"] / 1e-3
    exact = -(drop(10.0, "electrolyte") + 2 * overpotential(10.0))
    assert solve(comm, stack(regions=poor))["voltage"] == pytest.approx(exact - extra, abs=1e-9)
    one = {r: {"electric_potential": "lumped"} for r in METALS}
    one["film"] |= poor["film"]
    assert solve(comm, stack(regions=one))["voltage"] == pytest.approx(exact, abs=1e-9)


# ---- kinetics --------------------------------------------------------------------------------------------------------
def test_overpotentials(comm):
    """η of Butler-Volmer at 25 °C for j₀ = 1, 10, 100 A/m² and i = 1, 10, 50 A/m² [mV]."""
    table = {
        1.0: (24.72715, 118.82501, 201.04046),
        10.0: (2.568189, 24.727146, 84.643233),
        100.0: (0.256925, 2.568189, 12.716103),
    }
    simulator = Simulator(comm)
    for j0, row in table.items():
        for i, eta in zip((1.0, 10.0, 50.0), row, strict=True):
            laws = {"film/electrolyte": {"exchange_current_density": j0}}
            content = stack("planar", i, interfaces=laws, physics={"temperature": 298.15})
            found = simulator.solve(Case.model_validate(content))
            assert found["overpotential.kinetic.film/electrolyte"] == pytest.approx(-eta * 1e-3, rel=1e-5)
            exact = overpotential(i, j0, V_T=GAS_CONSTANT * 298.15 / FARADAY)
            assert found["overpotential.kinetic.film/electrolyte"] == pytest.approx(-exact, rel=1e-10)


def test_two_slabs_with_an_open_circuit_potential(comm):
    """V = U + (2RT/F) asinh(i/2j₀) + 2 i L/σ for unit slabs: the case bv.i of hugary1995/eel."""
    host = {"material": "Li_xMg", "electric_potential": "field"}
    host["properties"] = {"open_circuit_potential": 0.1, "electrical_conductivity": 10.0}
    simulator = Simulator(comm)
    for i, eel in ((0.001, 0.1002258522), (0.1, 0.1225841445), (0.5, 0.2127951074), (1.0, 0.3248807735)):
        content = {
            "title": "two slabs",
            "physics": {"electrochemistry": {}, "temperature": 300.0},
            "geometry": {
                "shape": "slab",
                "area": 1.0,
                "layers": [{"name": n, "thickness": 1.0, "cells": 3} for n in ("host", "electrolyte")],
            },
            "regions": {
                "host": host,
                "electrolyte": {"material": "Li6PS5Cl", "properties": {"ionic_conductivity": 10.0}},
            },
            "terminals": {
                "anode": {"type": "current", "current": -i, "on": "bottom"},
                "counter": {"type": "ground", "on": "top"},
            },
            "interfaces": {"host/electrolyte": {"type": "charge_transfer", "exchange_current_density": 1.0}},
        }
        voltage = simulator.solve(Case.model_validate(content))["voltage"]
        exact = 0.1 + overpotential(i, 1.0, V_T=GAS_CONSTANT * 300.0 / FARADAY) + 2 * i / 10.0
        assert voltage == pytest.approx(exact, abs=1e-11)
        assert voltage == pytest.approx(eel, abs=2e-6)  # with F = 96485 and R = 8.3145


@pytest.mark.parametrize("linear", [True, False])
def test_film_resistance(comm, linear):
    """i R_f comes on top of η: 3.1 Ω cm² at 1 and 5 mA/cm²."""
    law = {"film_resistance": 3.1e-4, "linear": linear}
    simulator = Simulator(comm)
    for i in (10.0, -50.0):
        content = stack("planar", i, interfaces={"film/electrolyte": law})
        voltage = simulator.solve(Case.model_validate(content))["voltage"]
        eta = overpotential(i, linear=linear) + overpotential(i)
        assert voltage == pytest.approx(-(drop(i, "electrolyte") + eta + i * 3.1e-4), rel=1e-11)


def test_an_ideal_electrode_on_the_electrolyte_is_the_lithium_that_is_not_meshed(comm):
    content = stack()
    content["geometry"]["layers"].pop()
    del content["regions"]["lithium"], content["interfaces"]["electrolyte/lithium"]
    content["terminals"]["counter"]["charge_transfer"] = {"exchange_current_density": EXCHANGE}
    found = solve(comm, content)
    assert found["voltage"] == pytest.approx(-(drop(10.0, "electrolyte") + 2 * overpotential(10.0)), rel=1e-12)
    assert found["overpotential.kinetic.counter"] == pytest.approx(-overpotential(10.0), rel=1e-10)


# ---- control ---------------------------------------------------------------------------------------------------------
def test_voltage_current_and_open_circuit(comm):
    """The voltage that a current causes causes that current; an open terminal shows U."""
    simulator = Simulator(comm)
    laws = {"film": {"properties": {"open_circuit_potential": 0.25}}}
    driven = simulator.solve(Case.model_validate(stack("planar", 30.0, regions=laws)))
    terminal = {"type": "voltage", "voltage": driven["voltage"], "current": None}
    held = simulator.solve(Case.model_validate(stack(regions=laws, terminals={"anode": terminal})))
    assert held["current"] == pytest.approx(30e-6, rel=1e-10)
    rest = simulator.solve(
        Case.model_validate(stack(regions=laws, terminals={"anode": {"type": "open", "current": None}}))
    )
    assert rest["voltage"] == pytest.approx(0.25, rel=1e-12)
    assert abs(rest["current"]) < 1e-15


def test_transfer_coefficients(comm):
    """Far from equilibrium η = RT/(α_c F) ln(i/j₀): Tafel's law at the plating side with α_c = 0.3."""
    law = TRANSFER | {"exchange_current_density": 1e-4, "anodic_transfer_coefficient": 0.7}
    law |= {"cathodic_transfer_coefficient": 0.3}
    found = solve(comm, stack(interfaces={"film/electrolyte": law}))
    tafel = THERMAL_VOLTAGE / 0.3 * np.log(10.0 / 1e-4)
    assert found["overpotential.kinetic.film/electrolyte"] == pytest.approx(-tafel, rel=1e-8)
