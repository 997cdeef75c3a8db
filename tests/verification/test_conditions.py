"""Every boundary condition, terminal and interface law against the exact solution of a slab."""

from __future__ import annotations

import math

import pytest

from slab import region, slab
from thermolyte.boundary.thermal import (
    STEFAN_BOLTZMANN,
    ConductiveInsulation,
    Convection,
    HeatFlux,
    Radiation,
    Temperature,
)
from thermolyte.interface.contact import Contact
from thermolyte.problem import Problem
from thermolyte.quantities import Device, Quantities
from thermolyte.setup import Setup
from thermolyte.solver import Solver, SolverSettings
from thermolyte.terminal import Current, Ground, Load, Open, Voltage

L, S, SIGMA, KAPPA = 2e-3, 2e-4, 1e5, 1.5
LEG = region(seebeck_coefficient=S, electrical_conductivity=SIGMA, thermal_conductivity=KAPPA)
PLAIN = region(electrical_conductivity=SIGMA, thermal_conductivity=KAPPA)
FIXED = [Temperature(type="temperature", temperature=300.0)]


class Slab:
    """A leg with unit cross-section whose setup can be changed."""

    def __init__(self, comm, setup, layers=(("leg", L, 6),)):
        self.problem = Problem(slab(comm, layers), setup)
        self.problem.set_initial(350.0)
        self.solver = Solver(self.problem, SolverSettings(preset="direct"))
        terminal = "hot" if "hot" in setup.terminals else None
        self.quantities = Quantities(self.problem, Device(terminal, ("hot",), ("cold",)))

    def solve(self, setup=None):
        if setup is not None:
            self.problem.update(setup)
        self.solver.solve()
        return self.quantities.evaluate()


def setup(hot, cold=FIXED, current=0.0, leg=LEG):
    terminals = {"cold": Ground(type="ground"), "hot": Current(type="current", current=current)}
    return Setup({"leg": leg}, {"cold": cold, "hot": hot}, terminals, order=2)


def test_heat_flux_and_convection(comm):
    h, q = 500.0, 2e4
    cold = [Convection(type="convection", coefficient=h, ambient=290.0)]
    found = Slab(comm, setup([HeatFlux(type="heat_flux", heat_flux=q)], cold)).solve()
    assert found["mean_temperature.cold"] == pytest.approx(290.0 + q / h, rel=1e-11)
    assert found["mean_temperature.hot"] == pytest.approx(290.0 + q / h + q * L / KAPPA, rel=1e-11)
    assert found["heat_flow.cold"] == pytest.approx(-q, rel=1e-10)
    assert found["heat_flow.hot"] == pytest.approx(q, rel=1e-10)


def test_radiation(comm):
    emissivity, q = 0.8, 3e3
    cold = [Radiation(type="radiation", emissivity=emissivity, ambient=300.0)]
    found = Slab(comm, setup([HeatFlux(type="heat_flux", heat_flux=q)], cold)).solve()
    T = (q / (emissivity * STEFAN_BOLTZMANN) + 300.0**4) ** 0.25
    assert found["mean_temperature.cold"] == pytest.approx(T, rel=1e-10)
    assert found["heat_flow.cold"] == pytest.approx(-q, rel=1e-9)


def test_two_conditions_on_one_boundary_add(comm):
    h, q = 200.0, 1e4
    hot = [HeatFlux(type="heat_flux", heat_flux=q), Convection(type="convection", coefficient=h, ambient=300.0)]
    found = Slab(comm, setup(hot)).solve()
    rise = q / (h + KAPPA / L)
    assert found["mean_temperature.hot"] == pytest.approx(300.0 + rise, rel=1e-11)
    assert found["heat_flow.hot"] == pytest.approx(q - h * rise, rel=1e-9)


def test_both_readings_of_insulated(comm):
    """Current J leaves through the hot end: total flux zero, or only conduction zero."""
    J = 3e5
    joule = J**2 * L**2 / (2 * SIGMA * KAPPA)
    total = Slab(comm, Setup({"leg": LEG}, {"cold": FIXED}, setup([], current=J).terminals, order=2)).solve()
    # κ T' = S T J at the end, with T = 300 + b x − J² x²/(2σκ)
    b = (S * J * (300.0 - joule) + J**2 * L / SIGMA) / (KAPPA - S * J * L)
    lead = 1e-14 * J**2 / (KAPPA - S * J * L) * L  # Joule heat of the lead, dumped at that face
    assert total["mean_temperature.hot"] == pytest.approx(300.0 + b * L - joule + lead, rel=1e-9)
    only = Slab(comm, setup([ConductiveInsulation(type="conductive_insulation")], current=J)).solve()
    assert only["mean_temperature.hot"] == pytest.approx(300.0 + joule, rel=1e-7)
    assert only["heat_flow.hot"] == pytest.approx(-S * only["mean_temperature.hot"] * J, rel=1e-9)
    assert abs(only["energy_balance"]) < 1e-9 * abs(only["heat_flow.hot"])


def test_terminals_switch_without_a_new_problem(comm):
    """V_oc = S ΔT and R = L/σ: voltage, load, short circuit and open circuit of the same compiled problem."""
    hot = [Temperature(type="temperature", temperature=400.0)]
    base = setup(hot, leg=region(seebeck_coefficient=-S, electrical_conductivity=SIGMA, thermal_conductivity=KAPPA))
    device = Slab(comm, base)
    V, R = S * 100.0, L / SIGMA + 2e-14
    for law, current in (
        (Open(type="open"), 0.0),
        (Voltage(type="voltage", voltage=0.25 * V), 0.75 * V / R),
        (Voltage(type="voltage", voltage=0.0), V / R),
        (Load(type="load", resistance=3 * R), V / (4 * R)),
        (Current(type="current", current=-0.1 * V / R), -0.1 * V / R),
    ):
        found = device.solve(base._replace(terminals={**base.terminals, "hot": law}))
        assert found["current.hot"] == pytest.approx(current, rel=1e-8, abs=1e-6)
        assert found["voltage.hot"] == pytest.approx(V - R * current, rel=1e-8, abs=1e-12)
        assert found["current.cold"] == pytest.approx(-current, rel=1e-8, abs=1e-6)


def test_an_ideal_strap_floats_at_one_voltage(comm):
    """One open terminal over both ends of the slab carries the current from end to end."""
    hot = [Temperature(type="temperature", temperature=400.0)]
    grounded = Voltage(type="voltage", voltage=0.0, on=("hot", "cold"), contact_resistivity=1e-9)
    ring = Slab(comm, Setup({"leg": LEG}, {"cold": FIXED, "hot": hot}, {"strap": grounded}, order=2))
    short = ring.solve()
    heat = short["joule_heat.leg"] + short["joule_heat.strap"]
    current = S * 100.0 / (L / SIGMA + 2e-9)
    assert heat == pytest.approx(current**2 * (L / SIGMA + 2e-9), rel=1e-8)
    assert short["current.strap"] == pytest.approx(0.0, abs=1e-6 * current)


@pytest.mark.parametrize("T", [320.0, 410.0])
def test_contact_law_of_temperature_and_layers(comm, T):
    """ρ(T) from a table plus thin layers in series, at a uniform temperature and a small current."""
    rho = {
        "law": "table",
        "unit": "uohm*cm^2",
        "temperature": [300, 500],
        "value": [10.0, 30.0],
        "interpolation": "linear",
    }
    layers = [{"material": "Mg", "thickness": "5 um"}, {"material": "Ni", "thickness": "20 um"}]
    contact = Contact.model_validate({"contact_resistivity": rho, "layers": layers})
    ends = [Temperature(type="temperature", temperature=T)]
    terminals = {"cold": Ground(type="ground"), "hot": Current(type="current", current=1.0)}
    posed = Setup({"a": PLAIN, "b": PLAIN}, {"cold": ends, "hot": ends}, terminals, {("a", "b"): contact}, order=2)
    found = Slab(comm, posed, [("a", L, 3), ("b", L, 3)]).solve()
    expected = (10.0 + (T - 300.0) / 10.0) * 1e-10
    for layer in contact.layers:
        expected += layer.thickness / float(layer.material.electrical_conductivity(T))
    assert found["resistance.a/b"] == pytest.approx(expected, rel=1e-7)


def test_thermal_contact_and_layers(comm):
    layers = [{"material": "Ni", "thickness": "20 um"}]
    contact = Contact.model_validate({"thermal_contact_resistance": "2e-5 K*m^2/W", "layers": layers})
    ends = {"cold": FIXED, "hot": [Temperature(type="temperature", temperature=320.0)]}
    terminals = {"cold": Ground(type="ground"), "hot": Open(type="open")}
    posed = Setup({"a": PLAIN, "b": PLAIN}, ends, terminals, {("a", "b"): contact}, order=1)
    found = Slab(comm, posed, [("a", L, 3), ("b", L, 3)]).solve()
    nickel = float(contact.layers[0].material.thermal_conductivity(310.0))
    flux = 20.0 / (2 * L / KAPPA + 2e-5 + 20e-6 / nickel)
    assert found["heat_flow.hot"] == pytest.approx(flux, rel=1e-9)
    assert math.isclose(found["heat_flow.cold"], -flux, rel_tol=1e-9)
