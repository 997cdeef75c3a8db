"""Solved points on request: keeps mesh, compiled problem and last state, and renews only what has changed."""

from __future__ import annotations

import gc
import logging
import resource
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mpi4py import MPI

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from thermolyte.case import Case
from thermolyte.check import Ranges, card_warnings, check_all, prescribed_temperatures, validate
from thermolyte.convergence import temperature_range
from thermolyte.errors import InputError, SolveError
from thermolyte.geometry import mesh_model
from thermolyte.heat_budget import HeatBudget
from thermolyte.materials import Card
from thermolyte.medium import structure
from thermolyte.mesh import Mesh
from thermolyte.parameters import is_live
from thermolyte.physics.options import PhysicsOptions
from thermolyte.problem import Problem, Setup
from thermolyte.quantities import Quantities, Values
from thermolyte.region import Region
from thermolyte.solver import Report, Solver
from thermolyte.terminal import Lead, Open, Terminal

log = logging.getLogger(__name__)

# Continuation gives up when it knows to 2 % how far it comes, or when its step is this small a part of the way.
CLOSE, SMALLEST_STEP = 0.02, 1 / 4096


CONDITIONS = "check size and sign of each heat_flux, current and voltage, and whether all heat can leave"
RUNAWAY = (
    ". Where Joule heat grows faster with temperature than the heat that leaves, there is no steady state (thermal "
    "runaway): ask for less current, cool better, or lower the resistances"
)


class Source(NamedTuple):
    """What a terminal prescribes."""

    value: float
    unit: str


Sources = Mapping[str, Source]


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
        self._ranges, self._warnings = Ranges(), dict[str, None]()

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
        setup = validate(case, case.names())
        self._warn(*card_warnings(setup))
        self._say(self._ranges.add(case, setup, *prescribed_temperatures(setup)))
        mesh_key = (case.geometry, case.mesh)
        if mesh_key != self._mesh_key:
            start = time.perf_counter()
            data = mesh_model(case.geometry, case.mesh, self.comm)
            self.mesh = Mesh.of(data)
            self._mesh_key, self._problem_key = mesh_key, None
            self.facts.cells = self.mesh.count()
            self.facts.spend("mesh", start)
            log.info("mesh of %d cells", sum(self.facts.cells.values()))
        problem_key = (_structure(setup), case.device_of_numbers())
        if problem_key != self._problem_key:
            start = time.perf_counter()
            log.info("equations (compiled on first use, which may take a minute)")
            self.problem = Problem(self.mesh, setup)
            self.solver = Solver(self.problem, case.solver, self._petsc)
            self.quantities = Quantities(self.problem, case.device_of_numbers())
            self._problem_key, self._reached, self._budget = problem_key, None, None
            gc.collect()  # of the problem before
            self.facts.solver, self.facts.unknowns = self.solver.preset, self.solver.unknowns
            self.facts.spend("forms", start)
        return setup

    def _evaluate(self, case: Case, setup: Setup) -> Values:
        start = time.perf_counter()
        low, high = temperature_range(self.problem)
        try:
            self._say(self._ranges.add(case, setup, low, high))
        except InputError as error:
            raise SolveError(f"a solution was found, but it leaves the data: {error}") from None
        values = self.quantities.evaluate() | {"minimum_temperature": low, "maximum_temperature": high}
        self._warn(*self.solver.unused_options())
        self.facts.spend("quantities", start)
        return values

    # ---- warnings ------------------------------------------------------------------------------------------------
    def expect(self, cases: Collection[Case]) -> None:
        """Say beforehand what is wrong or doubtful in any of these cases.

        Raises:
            InputError: the first mistake.
        """
        self._warn(*check_all(cases, self._ranges))

    def recall(self, case: Case, values: Values) -> None:
        """A point that was solved in an earlier run: its warnings are part of this result too."""
        self._ranges.add(case, case.setup(case.names()), values["minimum_temperature"], values["maximum_temperature"])

    @property
    def warnings(self) -> list[str]:
        """All that was doubtful, for the result; each card once, with the temperatures of all points."""
        return [*self._warnings, *self._ranges.lines()]

    def _warn(self, *texts: str) -> None:
        """Say something once, and keep it for the result."""
        self._say([text for text in texts if text not in self._warnings])
        self._warnings |= dict.fromkeys(texts)

    def _say(self, texts: list[str]) -> None:
        for text in texts:
            log.warning(text)

    # ---- solving -------------------------------------------------------------------------------------------------
    def _advance(self, setup: Setup) -> None:
        """Solve from the last state; if that fails, in smaller steps from the last numbers to the new ones."""
        start = self._start(setup) if self._reached is None else self._reached
        self.problem.update(setup)
        target = self.problem.numbers()
        if all(np.array_equal(a, b) for a, b in zip(target, start, strict=True)):
            return

        def go(share: float) -> dict[str, Source]:
            self.problem.set_numbers([a + share * (b - a) for a, b in zip(start, target, strict=True)])
            return self._sources()

        done, step = 0.0, 1.0
        while done < 1.0:
            now = min(1.0, done + step)
            go(now)
            try:
                self._solve()
                done, step = now, 2 * step
            except SolveError as error:
                if step <= max(CLOSE * done, SMALLEST_STEP):
                    failed, asked, solved = go(now), go(1.0), go(done)
                    self._reached = self.problem.numbers()
                    raise SolveError(_how_far(solved, failed, asked, str(error))) from None
                step /= 2
        self._reached = target

    def _start(self, setup: Setup) -> list[NDArray[np.float64]]:
        """The first solve, from a uniform temperature; if that fails, without currents and voltages.

        Returns the numbers that were reached.
        """
        low, high = prescribed_temperatures(setup)
        idle = {n: _idle(t) for n, t in setup.terminals.items()}
        for terminals in (setup.terminals, idle):
            self.problem.update(setup._replace(terminals=terminals))
            self.problem.set_initial((low + high) / 2)
            try:
                self._solve()
                break
            except SolveError as error:
                if terminals == idle:
                    raise SolveError(f"{error}; {CONDITIONS}") from None
        self._reached = self.problem.numbers()
        return self._reached

    def _solve(self) -> None:
        start = time.perf_counter()
        report: Report = self.solver.solve()
        self.facts.spend("solve", start)
        self.facts.solves += 1
        self.facts.newton_iterations += report.newton_iterations
        self.facts.linear_iterations += report.linear_iterations
        log.debug("solved in %d steps: %s", report.newton_iterations, report.residuals)

    def _sources(self) -> dict[str, Source]:
        """The currents and voltages that the terminals prescribe at present."""
        units = {n: {"current": "A", "voltage": "V"}.get(t.type) for n, t in self.problem.setup.terminals.items()}
        return {n: Source(float(self.problem.closures[n].value[2]), unit) for n, unit in units.items() if unit}

    def local_cells(self) -> int:
        """Cells of this rank, without ghosts; 0 when nothing had to be meshed."""
        return self.mesh.domain.topology.index_map(self.mesh.domain.topology.dim).size_local if self._mesh_key else 0

    def peak_memory(self) -> float:
        """Largest resident memory so far, summed over ranks [bytes]."""
        return float(self.comm.allreduce(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))


def _idle(terminal: Terminal) -> Terminal:
    """The terminal without its current or voltage."""
    return terminal.model_copy(update={k: 0.0 for k in ("current", "voltage") if hasattr(terminal, k)})


def _how_far(solved: Sources, failed: Sources, asked: Sources, cause: str) -> str:
    """Why there is no solution where it was asked for, with the largest current that had one."""
    changed = [n for n in asked if asked[n] != solved[n]]
    if not changed:
        return f"{cause}; {CONDITIONS}"

    def words(sources: Sources) -> str:
        return ", ".join(f"{sources[n].value:.4g} {sources[n].unit}" for n in changed)

    growing = any(abs(asked[n].value) > abs(solved[n].value) for n in changed)
    return (
        f"no steady state was found at {words(asked)} of terminal {', '.join(changed)}; {words(solved)} is the most "
        f"that was solved, {words(failed)} failed: {cause}" + (RUNAWAY if growing else "")
    )


def _structure(model: object) -> object:
    """What of a setup is compiled: everything but the live numbers, and but the kind of terminals."""
    if isinstance(model, Region):
        return structure(model.card)
    if isinstance(model, Card):
        return model
    if isinstance(model, PhysicsOptions):
        return model if model.thermoelectricity else model.model_copy(update={"temperature": 0.0})
    if isinstance(model, Lead):
        return "terminal", model.on, _structure(model.charge_transfer)
    if isinstance(model, BaseModel):
        return type(model).__name__, tuple((k, _structure(v)) for k, v in model)
    if isinstance(model, Mapping):
        return tuple((k, _structure(v)) for k, v in model.items())
    if isinstance(model, list | tuple):
        return tuple(_structure(v) for v in model)
    return "number" if is_live(model) else model
