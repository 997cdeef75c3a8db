"""Discs of different size: primary resistance, current distribution, and what the frequency makes of them."""

from __future__ import annotations

import runpy

from mpi4py import MPI

import numpy as np
import pytest

from thermolyte.case import Case
from thermolyte.results.sampling import currents
from thermolyte.studies.impedance import LinearResponse
from thermolyte.studies.simulator import Simulator

CURRENT, KAPPA, DISC = 0.5026548e-3, 0.08, 4e-3
OPERATING_POINT = {"study": {"type": "operating_point"}}


@pytest.fixture(scope="module")
def exact(cases):
    """The class `Disc` of the series."""
    return runpy.run_path(str(cases / "half_cell" / "exact.py"))["Disc"]


def bare(cases, cells: int, **values: object) -> Case:
    """The shipped half cell without resistances at its electrodes, on `cells` along the radius."""
    layers = [{"name": "electrolyte", "thickness": "0.713 mm", "cells": cells // 2}]
    grid = {"geometry.cells": cells, "geometry.layers": layers}
    ideal = {f"terminals.{name}.contact_resistivity": 1e-10 for name in ("collector", "lithium")}
    return Case.load(cases / "half_cell", OPERATING_POINT | grid | ideal | values)


def distribution(simulator: Simulator, face: str) -> tuple[np.ndarray, np.ndarray]:
    """Radius [m] and current density [A/m²] on a face, on all ranks."""
    rows = simulator.comm.bcast(currents(simulator.problem))
    found = [(row["r [m]"], row["current_density [A/m^2]"]) for row in rows if row["interface"] == face]
    r, j = np.array(found).T
    return r, j


# ---- primary resistance ----------------------------------------------------------------------------------------------
def test_primary_resistance_converges_to_that_of_the_series(comm, cases, exact):
    """On points at (k/n)³ from the edge, quadratic elements have an error of n⁻³ in spite of the singularity."""
    sizes = (12, 24, 48)
    values = [Simulator(comm).solve(bare(cases, n)) for n in sizes]
    error = 1 - np.array([v["resistance"] for v in values]) / exact(KAPPA).resistance
    assert np.log2(error[:-1] / error[1:]) == pytest.approx(3, abs=0.2)
    assert error[-1] == pytest.approx(0, abs=3e-5)
    assert abs((8 * error[2] - error[1]) / 7) < 1e-6
    for v in values:
        assert abs(v["charge_balance"]) < 1e-12 * CURRENT
        assert v["resistance"] == pytest.approx(-v["overpotential.ohmic.electrolyte"] / CURRENT, rel=1e-7)


def on_large_body(cases, radius: float, cells: int) -> Case:
    """The disc on a body of the same radius and thickness, far larger than itself."""
    layers = [{"name": "electrolyte", "thickness": radius, "cells": 24}]
    return bare(cases, cells, **{"geometry.radius": radius, "geometry.layers": layers})


def test_a_disc_on_a_large_body_has_the_resistance_of_newman(comm, cases):
    """R = 1/(4κa) on a half space, approached in proportion to a/b by bodies of radius b."""
    resistances = [Simulator(comm).solve(on_large_body(cases, b, 48))["resistance"] for b in (0.1, 0.2)]
    near, far = 4 * KAPPA * DISC * np.array(resistances)
    assert near < far < 0.998
    assert 2 * far - near == pytest.approx(1, abs=1e-3)


def test_a_disc_on_a_large_body_has_the_current_distribution_of_newman(comm, cases):
    """Current density j(r) = ½ j_mean/√(1 − r²/a²)."""
    simulator = Simulator(comm)
    simulator.solve(on_large_body(cases, 0.04, 160))
    r, j = distribution(simulator, "lithium")
    inside = r < 0.97 * DISC
    newman = -0.5 * CURRENT / (np.pi * DISC**2) / np.sqrt(1 - (r[inside] / DISC) ** 2)
    assert inside.sum() >= 8
    np.testing.assert_allclose(j[inside], newman, rtol=0.02)


# ---- where the current goes ------------------------------------------------------------------------------------------
def test_current_distribution_on_the_collector(comm, cases, exact):
    simulator = Simulator(comm)
    simulator.solve(bare(cases, 48, **{"terminals.collector.contact_resistivity": 3.1e-4}))
    r, j = distribution(simulator, "collector")
    series = exact(KAPPA, 3.1e-4).on_collector(r) * CURRENT / (np.pi * DISC**2)
    np.testing.assert_allclose(j, series, atol=0.02 * series[0])
    near_axis = r < 3e-3
    np.testing.assert_allclose(j[near_axis], series[near_axis], rtol=2e-3)
    assert 2 * np.pi * np.trapezoid(j * r, r) == pytest.approx(CURRENT, rel=5e-3)


# ---- the same cell with kinetics and double layers -------------------------------------------------------------------
def kinetic() -> Case:
    """Both electrodes meshed, of different radius, each behind a linear charge transfer of 3.1 Ω cm²."""
    law = {
        "type": "charge_transfer",
        "linear": True,
        "exchange_current_density": "82.3 A/m^2",
        "double_layer_capacitance": "10 uF/cm^2",
    }
    layers = [
        {"name": "copper", "thickness": "9 um", "cells": 1},
        {"name": "electrolyte", "thickness": "0.713 mm", "cells": 10},
        {"name": "lithium", "thickness": "100 um", "radius": DISC, "cells": 1},
    ]
    return Case.model_validate(
        {
            "title": "discs",
            "physics": {"electrochemistry": None, "temperature": "23 degC"},
            "geometry": {"shape": "stack", "form": "axisymmetric", "radius": 6e-3, "cells": 20, "layers": layers},
            "mesh": {"order": 2},
            "regions": {"copper": "Cu", "electrolyte": "Li6PS5Cl", "lithium": "Li"},
            "terminals": {
                "anode": {"type": "current", "current": CURRENT, "on": "bottom"},
                "counter": {"type": "ground", "on": "top"},
            },
            "interfaces": {"copper/electrolyte": law, "electrolyte/lithium": law},
        }
    )


def responses(comm: MPI.Comm) -> tuple[float, np.ndarray]:
    """The resistance to a steady current, and the impedance from almost none to a very high frequency."""
    simulator = Simulator(comm)
    resistance = simulator.solve(kinetic())["resistance"]
    linear = LinearResponse(simulator.problem, "anode")
    return resistance, np.array([linear.impedance(2 * np.pi * f) for f in (1e-6, 1e3, 1e9)])


def test_double_layers_carry_the_current_at_high_frequency(comm, exact):
    """The impedance goes from the resistance of all processes to the primary one: R_b is that of bare discs."""
    resistance, (slow, middle, fast) = responses(comm)
    assert slow == pytest.approx(resistance, rel=1e-9)
    assert fast.real == pytest.approx(exact(KAPPA).resistance, rel=1e-3)
    assert abs(fast.imag) < 1e-3 * fast.real
    assert fast.real < middle.real < slow.real
    assert middle.imag < 0
    alone = responses(MPI.COMM_SELF)
    assert alone[0] == pytest.approx(resistance, rel=1e-9)
    # At 1 GHz the double layers dwarf the rest of the matrix: another order of elimination changes |Z| by 3e-9.
    assert alone[1] == pytest.approx([slow, middle, fast], rel=2e-8)
