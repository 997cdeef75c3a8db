"""Solved points on request: keeps mesh, compiled problem and last state, and renews only what has changed."""

from __future__ import annotations

import logging
import resource
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mpi4py import MPI

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from thermolyte.case import Case
from thermolyte.check import check, prescribed_temperatures, range_findings
from thermolyte.errors import SolveError
from thermolyte.geometry import mesh_model
from thermolyte.heat_budget import HeatBudget
from thermolyte.materials import Card
from thermolyte.mesh import Mesh
from thermolyte.parameters import is_live
from thermolyte.problem import Problem, Setup
from thermolyte.quantities import Quantities, Values
from thermolyte.solver import Report, Solver, temperature_range
from thermolyte.terminal import Lead, Open

log = logging.getLogger(__name__)

SMALLEST_STEP = 1 / 64  # of the way to a new point, before continuation gives up


@dataclass
class Facts:
    """What the run has cost so far, for `result.json`."""

    solver: str = ""
    unknowns: int = 0
    cells: dict[str, int] = field(default_factory=dict)
    solves: int = 0
    newton_iterations: int = 0
    linear_iterations: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)

    def spend(self, what: str, start: float) -> None:
        """Add the time since `start` to an account."""
        self.seconds[what] = self.seconds.get(what, 0.0) + time.perf_counter() - start


class Simulator:
    """Solves cases that differ from each other in a few values.

    A change of geometry or mesh makes a new mesh, a change of structure (materials, kinds of conditions) a new problem;
    a change of numbers only (temperatures, currents, resistivities, scale factors) solves from the last state.
    """

    def __init__(self, comm: MPI.Comm, petsc_options: Mapping[str, Any] | None = None):
        self.comm, self.facts = comm, Facts()
        self._petsc = petsc_options
        self._mesh_key: object = None
        self._problem_key: object = None
        self._reached: list[NDArray[np.float64]] | None = None
        self._budget: HeatBudget | None = None
        self._open_circuit: dict[str, float] = {}
        self._range = np.inf, -np.inf

    def solve(self, case: Case) -> Values:
        """All quantities of a case, with its open-circuit voltage and internal resistance.

        Raises:
            InputError: the case does not fit its geometry or leaves the range of a card that forbids it.
            SolveError: no solution was found; the state is that of the last point that was solved.
        """
        setup = self._prepare(case)
        device = case.device_of_numbers()
        voltage = self.open_circuit_voltage(setup, device.terminal)
        self._advance(setup)
        values = self._evaluate(case, setup)
        if voltage is not None:
            values["open_circuit_voltage"] = voltage
            if "resistance" in values:
                values["internal_resistance"] = (voltage - values["voltage"]) / values["current"]
        return values

    def open_circuit_voltage(self, setup: Setup, terminal: str | None) -> float | None:
        """V_oc of the device [V]: its terminal opened, all else as in the setup; solved once for all currents."""
        if terminal is None:
            return None
        model = setup.terminals[terminal]
        opened = Open(type="open", on=model.on, contact_resistivity=model.contact_resistivity)
        idle = setup._replace(terminals={**setup.terminals, terminal: opened})
        key = repr((self._problem_key, idle))
        if key not in self._open_circuit:
            self._advance(idle)
            self._open_circuit[key] = self.quantities.evaluate()[f"voltage.{terminal}"]
        return self._open_circuit[key]

    def heat_budget(self, case: Case) -> Values:
        """The parts of Q_h of the present state; nothing for a device without a hot and a cold side."""
        device = case.device_of_numbers()
        if not (device.hot and device.cold):
            return {}
        start = time.perf_counter()
        self._budget = self._budget or HeatBudget(self.problem, device, self.solver.preset)
        values = self._budget.evaluate()
        self.facts.spend("quantities", start)
        return values

    # ---- making --------------------------------------------------------------------------------------------------
    def _prepare(self, case: Case) -> Setup:
        """Mesh and problem that fit the case; made only when they differ from the present ones."""
        names = case.geometry.names()
        for warning in check(case, names):
            self.warn(warning)
        setup = case.setup(names)
        mesh_key = (case.geometry, case.mesh)
        if mesh_key != self._mesh_key:
            start = time.perf_counter()
            data = mesh_model(case.geometry, case.mesh, self.comm)
            self.mesh = Mesh.of(data)
            self._mesh_key, self._problem_key = mesh_key, None
            self.facts.cells = self.mesh.count()
            self.facts.spend("mesh", start)
        problem_key = (_structure(setup), case.device_of_numbers())
        if problem_key != self._problem_key:
            start = time.perf_counter()
            self.problem = Problem(self.mesh, setup)
            self.solver = Solver(self.problem, case.solver, self._petsc)
            self.quantities = Quantities(self.problem, case.device_of_numbers())
            self._problem_key, self._reached, self._budget = problem_key, None, None
            self.facts.solver, self.facts.unknowns = self.solver.preset, self.solver.unknowns
            self.facts.spend("forms", start)
        return setup

    def _evaluate(self, case: Case, setup: Setup) -> Values:
        start = time.perf_counter()
        low, high = temperature_range(self.problem)
        self._range = min(low, self._range[0]), max(high, self._range[1])
        for warning in range_findings(case, setup, *self._range):
            self.warn(warning)
        values = self.quantities.evaluate() | {"minimum_temperature": low, "maximum_temperature": high}
        self.facts.spend("quantities", start)
        return values

    def warn(self, text: str) -> None:
        """Say something once, and keep it for the result; the range of a card once, with the last that was asked."""
        subject = text.partition(" and asked for ")[0]
        if subject not in self.facts.warnings:
            log.warning(text)
        self.facts.warnings[subject] = text

    # ---- solving -------------------------------------------------------------------------------------------------
    def _advance(self, setup: Setup) -> None:
        """Solve from the last state; if that fails, in smaller steps from the last numbers to the new ones."""
        if self._reached is None:
            self.problem.update(setup)
            low, high = prescribed_temperatures(setup)
            self.problem.set_uniform((low + high) / 2)
            self._solve()
            self._reached = self.problem.numbers()
            return
        self.problem.update(setup)
        target = self.problem.numbers()
        if all(np.array_equal(a, b) for a, b in zip(target, self._reached, strict=True)):
            return
        start, done, step = self._reached, 0.0, 1.0
        while done < 1.0:
            now = min(1.0, done + step)
            self.problem.set_numbers([a + now * (b - a) for a, b in zip(start, target, strict=True)])
            try:
                self._solve()
                done, step = now, 2 * step
            except SolveError as error:
                step /= 2
                if step < SMALLEST_STEP:
                    self.problem.set_numbers([a + done * (b - a) for a, b in zip(start, target, strict=True)])
                    self._reached = self.problem.numbers()
                    raise SolveError(f"{error}{self._how_far(done, setup)}") from None
        self._reached = target

    def _solve(self) -> None:
        start = time.perf_counter()
        report: Report = self.solver.solve()
        self.facts.spend("solve", start)
        self.facts.solves += 1
        self.facts.newton_iterations += report.newton_iterations
        self.facts.linear_iterations += report.linear_iterations
        log.debug("solved in %d steps: %s", report.newton_iterations, report.residuals)

    def _how_far(self, done: float, setup: Setup) -> str:
        """The largest currents that were reached on the way, for the message."""
        currents = [
            f"{n}: {values[0]:.4g} A was solved, {t.closure[2]:.4g} A asked"
            for n, t in setup.terminals.items()
            for values in [self.problem.closures[n].value[2:]]
            if t.type == "current"
        ]
        return f". On the way there, {done:.0%} was reached" + (f" ({'; '.join(currents)})" if currents else "")

    def local_cells(self) -> int:
        """Cells of this rank, without ghosts; 0 when nothing had to be meshed."""
        return self.mesh.domain.topology.index_map(self.mesh.domain.topology.dim).size_local if self._mesh_key else 0

    def peak_memory(self) -> float:
        """Largest resident memory so far, summed over ranks [bytes]."""
        return float(self.comm.allreduce(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))


def _structure(model: object) -> object:
    """What of a setup is compiled: everything but the live numbers, and but the kind of terminals."""
    if isinstance(model, Card):
        return model
    if isinstance(model, Lead):
        return "terminal", model.on, type(model.contact_resistivity)
    if isinstance(model, BaseModel):
        return type(model).__name__, tuple((k, _structure(v)) for k, v in model)
    if isinstance(model, Mapping):
        return tuple((k, _structure(v)) for k, v in model.items())
    if isinstance(model, list | tuple):
        return tuple(_structure(v) for v in model)
    return "number" if is_live(model) else model
