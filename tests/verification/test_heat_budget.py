"""The heat budget against Ioffe's closed form, and its sum against Q_h with losses and jumps."""

from __future__ import annotations

import pytest

from thermolyte.case import Case
from thermolyte.studies.simulator import Simulator


def test_bare_leg_has_the_textbook_parts(comm, cases):
    """Q_h = K ΔT + S T_h I − ½ I² R − I² R_contact."""
    values = {"study": {"type": "operating_point"}, "terminals.cold.current": 5.0}
    values |= {f"terminals.{t}.contact_resistivity": "5 uohm*cm^2" for t in ("hot", "cold")}
    case = Case.load(cases / "single_leg", values)
    simulator = Simulator(comm)
    found = simulator.solve(case)
    budget = simulator.heat_budget(case)
    area, length, current = 3.8e-3**2, 6e-3, 5.0
    assert budget["heat_budget.conduction"] == pytest.approx(area / length * 294.0, rel=1e-9)
    assert budget["heat_budget.peltier"] == pytest.approx(200e-6 * 589.0 * current, rel=1e-9)
    assert budget["heat_budget.joule"] == pytest.approx(-(current**2) * length / (1e5 * area) / 2, rel=1e-9)
    assert budget["heat_budget.contact_joule"] == pytest.approx(-(current**2) * 5e-10 / area, rel=1e-9)
    assert sum(budget.values()) == pytest.approx(found["hot_heat_flow"], rel=1e-12)


def test_parts_add_up_with_losses_and_thermal_contacts(comm, cases):
    values = {
        "study": {"type": "operating_point"},
        "terminals.plus.current": 3.0,
        "mesh.size": "1.3 mm",
        "boundaries.hot": {"type": "convection", "coefficient": "2 W/(cm^2*K)", "ambient": "600 K"},
        "boundaries.sides": {"type": "radiation", "emissivity": 0.9, "ambient": "300 K"},
        "interfaces.n_legs/*_straps.thermal_contact_resistance": "1e-5 K*m^2/W",
        "interfaces.p_legs/*_straps.thermal_contact_resistance": "1e-5 K*m^2/W",
    }
    case = Case.load(cases / "two_pair_module", values)
    simulator = Simulator(comm)
    found = simulator.solve(case)
    budget = simulator.heat_budget(case)
    assert budget["heat_budget.losses"] > 0.01
    assert sum(budget.values()) == pytest.approx(found["hot_heat_flow"], rel=1e-9)
