"""Legs whose card is a model: against their table, against one dimension, graded and in steps."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_bvp

from slab import slab
from thermolyte.boundary import Temperature
from thermolyte.materials import Card
from thermolyte.problem import Problem
from thermolyte.quantities import Device, Quantities
from thermolyte.region import Region
from thermolyte.results.fields import region_fields
from thermolyte.setup import Setup
from thermolyte.solver import Solver, SolverSettings
from thermolyte.terminal import IDEAL_LEAD, Current, Ground

CARD, COLD, HOT, LENGTH, J = "NbFeSb-Hf-model", 300.0, 1000.0, 8e-3, 6e5
NAMES = ("seebeck_coefficient", "electrical_conductivity", "thermal_conductivity")


def solve(mesh, regions, order=1, preset="direct", area=1.0):
    """Voltage, heat flows and power of a leg of unit cross-section; its current leaves it at its cold end."""
    setup = Setup(
        regions,
        {
            "cold": [Temperature(type="temperature", temperature=COLD)],
            "hot": [Temperature(type="temperature", temperature=HOT)],
        },
        {"hot": Ground(type="ground"), "cold": Current(type="current", current=J * area)},
        order=order,
    )
    problem = Problem(mesh, setup)
    problem.set_initial((COLD + HOT) / 2)
    Solver(problem, SolverSettings(preset=preset)).solve()
    values = Quantities(problem, Device("cold", ("hot",), ("cold",))).evaluate()
    assert values["energy_balance"] == pytest.approx(0.0, abs=1e-9 * abs(values["hot_heat_flow"]))
    return np.array([values["voltage.cold"] + 2 * IDEAL_LEAD * J, values["hot_heat_flow"], values["cold_heat_flow"]])


def in_one_dimension(doping):
    """The same from an integration of T' = (S T j − q)/κ, q' = ρ j² + S j T', V' = −ρ j − S T', j = −J along x."""
    model = Card.load(CARD).model

    def slope(x, y):
        S, σ, κ = (model.value(name, doping(x), y[0]) for name in NAMES)
        dT = (-S * y[0] * J - y[1]) / κ
        return np.array([dT, J**2 / σ - S * J * dT, J / σ - S * dT])

    x = np.linspace(0, LENGTH, 201)
    T = np.linspace(COLD, HOT, 201)
    start = np.array([T, np.full_like(T, -5 * (HOT - COLD) / LENGTH), 0 * T])

    def ends(a, b):
        return np.array([a[0] - COLD, b[0] - HOT, b[2]])

    found = solve_bvp(slope, ends, x, start, tol=1e-9, max_nodes=50000)
    assert found.success
    return np.array([found.y[2, 0], -found.y[1, -1], -found.y[1, 0]])


def gradient(fractions, positions=(0.0, LENGTH), shape="linear"):
    return {"along": "x", "position": list(positions), "fraction": list(fractions), "shape": shape}


def linear(low, high):
    return lambda x: low + (high - low) * x / LENGTH


@pytest.mark.parametrize(("low", "high"), [(0.08, 0.08), (0.04, 0.14)])
def test_against_one_dimension_with_the_rate_of_the_order(comm, low, high):
    exact = in_one_dimension(linear(low, high))
    errors = []
    for cells in (10, 20, 40):
        regions = {"leg": Region(material=CARD, doping=gradient([low, high]))}
        found = solve(slab(comm, [("leg", LENGTH, cells)]), regions)
        errors.append(np.abs(found / exact - 1))
    assert np.all(errors[-1] < 1e-3)
    assert np.log2(errors[-2] / errors[-1]) == pytest.approx(2.0, abs=0.15)


def test_second_order_is_more_exact(comm):
    exact = in_one_dimension(linear(0.04, 0.14))
    regions = {"leg": Region(material=CARD, doping=gradient([0.04, 0.14]))}
    assert solve(slab(comm, [("leg", LENGTH, 20)]), regions, order=2) == pytest.approx(exact, rel=2e-6)


def test_a_model_and_its_table_are_the_same(comm):
    """To the accuracy of the table, 46 points from 300 K to 1200 K."""
    card, T = Card.load(CARD), np.linspace(300, 1200, 46)
    table = {name: {"law": "table", "temperature": list(T), "value": list(getattr(card, name)(T))} for name in NAMES}
    mesh = slab(comm, [("leg", LENGTH, 20)])
    tabulated = Region(material={"name": "table", "kind": "p-type", "properties": table})
    found = [solve(mesh, {"leg": region}) for region in (Region(material=CARD), tabulated)]
    assert found[0] == pytest.approx(found[1], rel=2e-5)


def test_a_gradient_without_slope_is_one_number(comm):
    mesh = slab(comm, [("leg", LENGTH, 12)])
    dopings = (0.07, gradient([0.07, 0.07]), gradient([0.07, 0.07], (0, 3e-3, LENGTH), "steps"))
    first, *others = [solve(mesh, {"leg": Region(material=CARD, doping=d)}) for d in dopings]
    assert [list(v) for v in others] == [pytest.approx(first, rel=1e-10)] * 2


def test_steps_are_segments(comm):
    """A leg in steps equals two regions in perfect contact: the doping changes at a face of the mesh."""
    steps = Region(material=CARD, doping=gradient([0.04, 0.12], (0, LENGTH / 2, LENGTH), "steps"))
    graded = solve(slab(comm, [("leg", LENGTH, 24)]), {"leg": steps})
    halves = slab(comm, [("lower", LENGTH / 2, 12), ("upper", LENGTH / 2, 12)])
    segments = {name: Region(material=CARD, doping=x) for name, x in (("lower", 0.04), ("upper", 0.12))}
    assert graded == pytest.approx(solve(halves, segments), rel=1e-10)


@pytest.mark.parametrize("preset", ["direct", "iterative"])
def test_a_map_is_the_field_that_it_holds(comm, tmp_path, preset):
    """A map in three dimensions, linear along x: the same as the gradient, with either solver."""
    path = comm.bcast(tmp_path)
    if comm.rank == 0:
        points = [(x, y, 0.04 + 0.1 * x / LENGTH) for x in (0, LENGTH) for y in (0, 1e-3)]
        lines = [f"{x},{y},{fraction}" for x, y, fraction in points]
        (path / "map.csv").write_text("\n".join(["x [m], y [m], fraction [1]", *lines]))
    comm.barrier()
    mesh = slab(comm, [("leg", LENGTH, 12)], [(1e-3, 2), (1e-3, 2)])
    mapped = Region.model_validate({"material": CARD, "doping": {"map": "map.csv"}}, context={"folder": path})
    found = solve(mesh, {"leg": mapped}, preset=preset, area=1e-6)
    graded = solve(mesh, {"leg": Region(material=CARD, doping=gradient([0.04, 0.14]))}, preset=preset, area=1e-6)
    assert found == pytest.approx(graded, rel=1e-8)
    assert found == pytest.approx(in_one_dimension(linear(0.04, 0.14)) * np.array([1, 1e-6, 1e-6]), rel=1e-2)


def test_the_field_is_written(comm):
    """x at the midpoint of every cell, for ParaView."""
    setup = Setup({"leg": Region(material=CARD, doping=gradient([0.04, 0.14]))})
    problem = Problem(slab(comm, [("leg", LENGTH, 10)]), setup)
    (x,) = [f for f in region_fields(problem, "leg") if f.name == "dopant_fraction"]
    middle = x.function_space.tabulate_dof_coordinates()[:, 0]
    assert x.x.array == pytest.approx(0.04 + 0.1 * middle / LENGTH, rel=1e-12)
