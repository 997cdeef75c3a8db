"""A mesh on which the main quantities are as accurate as the case asks for, and the error bars of all points on it.

The mesh is refined evenly (cells that are marked by their error win nothing over it, see benchmarks/README.md) until
the first, the middle and the last point of the study are accurate; all points are then solved on that mesh.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

from thermolyte.case import Case
from thermolyte.errors import SolveError
from thermolyte.machine import at_hand
from thermolyte.quantities import Values
from thermolyte.studies import optimum
from thermolyte.studies.error_bars import MARGIN, ErrorBars
from thermolyte.studies.simulator import Simulator

log = logging.getLogger(__name__)

MEMORY = 8e3  # bytes per unknown of the order above, which is the largest problem that is solved
MOST = 8  # meshes
AIM = 0.8  # of the accuracy: the other points of a study may need a little more than those that are looked at
COARSEST_STEP, FINEST_STEP = 0.9, 1 / 1.7
NOTHING = 1e-9  # of the heat flow, for a power; no efficiency or resistance that anyone looks at is as small
CORNER_RATE = 4 / 3  # of the error with the element size at a re-entrant right angle, for every order


def shortfalls(values: Values, errors: Values) -> Values:
    """Relative errors of P, Q_h, efficiency and internal resistance of a point, of those that it has.

    P passes through zero at open and at short circuit, and the efficiency with it: there half of V_oc I is the scale,
    which is P at its maximum.
    """
    power = abs(values.get("open_circuit_voltage", 0.0) * values.get("current", 0.0)) / 2
    heat = abs(values.get("hot_heat_flow", 0.0))
    least = {"power": power, "efficiency": power / heat if heat else 0.0}
    found: Values = {}
    for name in ("power", "hot_heat_flow", "efficiency", "internal_resistance"):
        scale = max(abs(values.get(name, 0.0)), least.get(name, 0.0))
        if name in errors and scale > NOTHING * (heat if name == "power" else 1.0):
            found[name] = errors[name] / scale
    return found


class Accuracy:
    """Decides on the mesh of a study, and gives each of its points error bars."""

    def __init__(self, wanted: float, simulator: Simulator, petsc: Mapping[str, Any] | None = None):
        self.wanted, self._simulator = wanted, simulator
        self._bars = ErrorBars(simulator, wanted, petsc)
        self.decision: dict[str, Any] | None = None
        """The factor on the element size; the meshes that were tried, with their cells, unknowns, seconds and largest
        relative errors; and why there is no finer one (empty: the last one is fine enough). None: not decided yet."""

    def decide(self, points: Sequence[tuple[str | None, Case]]) -> None:
        """Refine until some points, each an objective or None and a case, are as accurate as wanted.

        Raises:
            InputError: the first mesh cannot be made.
        """
        factor, meshes, stopped = 1.0, list[dict[str, Any]](), ""
        while True:
            meshes.append(self._look(points, factor))
            log.info("accuracy on the mesh of %d cells: %s", meshes[-1]["cells"], _in_words(meshes[-1]["errors"]))
            if _worst(meshes[-1]) <= AIM * self.wanted:
                break
            finer = factor * _step(meshes, AIM * self.wanted)
            stopped = self._obstacle(points[0][1], factor, finer, len(meshes))
            if stopped:
                break
            factor = finer
        if _worst(meshes[-1]) <= self.wanted:
            stopped = ""
        self.decision = {"factor": factor, "meshes": meshes, "stopped": stopped}

    def meshed(self, case: Case) -> Case:
        """The case on the mesh that was decided on."""
        return case if self.decision is None else _refined(case, self.decision["factor"])

    def errors(self, case: Case, values: Values) -> Values:
        """Error bars of a point that was just solved; none where the order above has no solution."""
        try:
            return self._bars.evaluate(case, values)
        except SolveError as error:
            log.warning("no error bars: %s", error)
            return {}

    def outcome(self, points: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """What was wanted and what was reached at all finished points, for `result.json`."""
        found = [shortfalls(p["values"], p.get("errors", {})) for p in points]
        worst = {n: max(f[n] for f in found if n in f) for n in dict.fromkeys(n for f in found for n in f)}
        return {
            "wanted": self.wanted,
            "reached": worst,
            "estimate": f"{MARGIN} times what one polynomial order more changes on the same mesh, at solved points",
            **({} if self.decision is None else self.decision),
        }

    def missed(self, outcome: Mapping[str, Any]) -> str:
        """What is less accurate than wanted, and what to do; empty: nothing is."""
        beyond = {n: e for n, e in outcome["reached"].items() if e > self.wanted}
        if not beyond:
            return ""
        why = outcome.get("stopped") or "some points of the study need a finer mesh than those that were looked at"
        order = outcome["meshes"][-1]["order"] if "meshes" in outcome else 2
        remedy = "ask for less, or give a smaller mesh.size" if order == 2 else "give mesh.order: 2, or ask for less"
        return (
            f"{self.wanted:g} was not reached, only {_in_words(beyond)} (relative): {why}. The results are those of "
            f"the finest mesh, with their errors; {remedy}"
        )

    # ---- one mesh --------------------------------------------------------------------------------------------------
    def _look(self, points: Sequence[tuple[str | None, Case]], factor: float) -> dict[str, Any]:
        """What a mesh gives at these points; one without a solution is left to the study, which reports it."""
        start, worst = time.perf_counter(), dict[str, float]()
        for objective, case in points:
            case = _refined(case, factor)
            try:
                values = optimum.find(objective, case, self._simulator) if objective else self._simulator.solve(case)
            except SolveError:
                continue
            for name, error in shortfalls(values, self.errors(case, values)).items():
                worst[name] = max(worst.get(name, 0.0), error)
        facts = self._simulator.facts
        return {
            "factor": factor,
            "order": case.mesh.order,
            "cells": sum(facts.cells.values()),
            "unknowns": facts.unknowns,
            "unknowns_of_the_estimate": self._bars.unknowns,
            "seconds": time.perf_counter() - start,
            "errors": worst,
        }

    def _obstacle(self, case: Case, factor: float, finer: float, tried: int) -> str:
        """Why the mesh cannot be finer; empty: it can."""
        if tried >= MOST:
            return f"{MOST} meshes were tried"
        now, then = _refined(case, factor), _refined(case, finer)
        if then.mesh == now.mesh:
            return "a mesh from a file cannot be finer than order 2 makes it"
        try:
            growth = case.geometry.expected_cells(then.mesh) / case.geometry.expected_cells(now.mesh)
        except ValueError as error:
            return str(error)
        growth *= ((then.mesh.order + 1) / (now.mesh.order + 1)) ** 3
        needed = MEMORY * growth * self._bars.unknowns
        have = min(self._simulator.comm.allgather(at_hand()), key=lambda memory: memory.bytes)
        if needed > have.bytes:
            return (
                f"a finer mesh needs about {needed / 1e9:.2g} GB, and {have.bytes / 1e9:.2g} GB are at hand "
                f"({have.source})"
            )
        return ""


def _refined(case: Case, factor: float) -> Case:
    """The case with smaller elements, as far as its geometry has them."""
    options = case.geometry.refined(case.mesh, factor) if factor < 1 else None
    return case if options is None else case.with_mesh(options)


def _step(meshes: Sequence[Mapping[str, Any]], wanted: float) -> float:
    """Factor on the element size, from the rate at which the last step has lowered the error."""
    rate, now = CORNER_RATE, meshes[-1]
    if len(meshes) > 1:
        before = meshes[-2]
        gain = math.log(_worst(before) / _worst(now)) / math.log(before["factor"] / now["factor"])
        rate = min(max(gain, CORNER_RATE / 2), 2.0 * now["order"])
    return float(min(max((wanted / _worst(now)) ** (1 / rate), FINEST_STEP), COARSEST_STEP))


def _worst(mesh: Mapping[str, Any]) -> float:
    return max(mesh["errors"].values(), default=0.0)


def _in_words(errors: Values) -> str:
    return ", ".join(f"{n.replace('_', ' ')} {e:.1e}" for n, e in errors.items()) or "no number to judge it by"
