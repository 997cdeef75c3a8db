"""Maps against what they stand for: the exact solution of a leg, and all points of a module solved one by one."""

from __future__ import annotations

import pytest
from test_module import COARSE

from thermolyte.case import Case
from thermolyte.studies.mapping import MARGIN, WARRANTED, OperatingMap
from thermolyte.studies.simulator import Simulator

S, LENGTH, AREA, COLD, RHO_C = 200e-6, 6e-3, 3.8e-3**2, 295.0, 5e-10
R, K = LENGTH / (1e5 * AREA) + 2 * RHO_C / AREA, AREA / LENGTH


def mapped(comm, case):
    """The map of a case, and its simulator."""
    simulator = Simulator(comm)
    found = OperatingMap(case, case.study, lambda point: comm.bcast(simulator.solve(case.vary(point))))
    found.build()
    return found, simulator


def test_a_leg_with_constant_properties_is_found_exactly(comm, cases):
    """V is linear in T_h and I, Q_h quadratic in I: three nodes along I, two along T_h (A. F. Ioffe, 1957)."""
    parameters = {
        "boundaries.hot.temperature": {"start": "400 K", "stop": "600 K", "points": 5},
        "terminals.cold.current": {"start": "0 A", "stop": "9.5 A", "points": 20},
    }
    study = {"type": "map", "accuracy": 1e-6, "parameters": parameters}
    case = Case.load(cases / "single_leg", {"study": study, "mesh.size": "1.9 mm"})
    found, simulator = mapped(comm, case)
    points = list(found.points())
    assert len(points) == 100
    assert (
        sum(solved for _, _, solved in points) == simulator.facts.solves <= 2 * 4 + 3 + 4 + 2
    )  # checks between lines need V_oc, too
    for point, v, _ in points:
        hot, I = (float(str(x).split()[0]) for x in point.values())
        V, Q_h = S * (hot - COLD) - I * R, K * (hot - COLD) + S * hot * I - I**2 * R / 2
        near = lambda x, scale: pytest.approx(x, rel=1e-9, abs=1e-9 * scale)  # noqa: E731
        assert (v["voltage"], v["power"]) == (near(V, 0.06), near(V * I, 0.2))
        assert (v["hot_heat_flow"], v["cold_heat_flow"]) == (near(Q_h, 1.8), near(Q_h - V * I, 1.8))
        assert ("efficiency" in v) == (V * I >= 0) or abs(V * I) < 1e-9
        if "efficiency" in v:
            assert v["efficiency"] == near(V * I / Q_h, 0.1)
        if I:
            assert (v["internal_resistance"], v["resistance"]) == (near(R, R), near(R, R))


def test_a_module_is_within_the_accuracy_at_every_point(comm, cases):
    parameters = {
        "terminals.plus.current": {"start": "0 A", "stop": "7 A", "points": 15},
        "boundaries.hot.temperature": {"start": "493 K", "stop": "593 K", "points": 3},
    }
    study = {"type": "map", "accuracy": 1e-3, "parameters": parameters}
    case = Case.load(cases / "two_pair_module", COARSE | {"study": study, "solver.preset": "direct"})  # below 1e-9
    found, simulator = mapped(comm, case)
    points = list(found.points())
    assert simulator.facts.solves == found.summary()["solved"] < 30
    truth = [simulator.solve(case.vary(point)) for point, _, _ in points]
    compared = [n for n in truth[3] if n.split(".")[0] in WARRANTED and not n.startswith("resistance.")]
    assert {"efficiency", "internal_resistance", "resistance", "hot_heat_flow"} <= set(compared)
    for name in compared:
        scale = max(abs(v.get(name, 0.0)) for v in truth) or 1.0
        pairs = [(v[name], t[name]) for (_, v, _), t in zip(points, truth, strict=True) if name in v and name in t]
        assert len(pairs) >= 35
        assert max(abs(a - b) for a, b in pairs) < 1e-3 * scale, name
        assert max(abs(a - b) for a, b in pairs) <= max(MARGIN * found.errors()[name], 1e-9) * scale, name
