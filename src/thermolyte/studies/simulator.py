"""Solved points on request: keeps mesh, compiled problem and last state, and renews only what has changed."""

from __future__ import annotations

import gc
import logging
import resource
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from mpi4py import MPI

from thermolyte.case import Case
from thermolyte.check import card_warnings, check_all, validate
from thermolyte.convergence import temperature_range
from thermolyte.errors import InputError, SolveError
from thermolyte.geometry import mesh_model
from thermolyte.heat_budget import HeatBudget
from thermolyte.integration import TimeSettings
from thermolyte.line_scan.scans import LineScans, Scanned, lines_of
from thermolyte.mesh import Mesh
from thermolyte.physics.local import IONIC_POTENTIAL, POTENTIAL
from thermolyte.problem import Problem
from thermolyte.quantities import Quantities, Values
from thermolyte.quantities.derived import derived
from thermolyte.ranges import Compositions, Ranges, prescribed_temperatures
from thermolyte.setup import Setup
from thermolyte.solver import Solver
from thermolyte.studies.continuation import Continuation
from thermolyte.studies.facts import Facts
from thermolyte.studies.structure import structure
from thermolyte.terminal import opened
from thermolyte.time_stepping import TimeStepper

log = logging.getLogger(__name__)
POTENTIALS = (POTENTIAL, IONIC_POTENTIAL)


def compiled(case: Case, setup: Setup) -> tuple[object, object]:
    """What mesh and problem are made for: cases that agree in both differ in numbers only."""
    return (case.geometry, case.mesh), (structure(setup), case.device_of_numbers())


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
        self.continuation: Continuation
        self._budget: HeatBudget | None = None
        self._scans: LineScans | None = None
        self._scanned: object = None
        self._stepper: TimeStepper | None = None
        self._open_circuit: dict[str, float] = {}
        self._ranges, self._compositions, self._warnings = Ranges(), Compositions(), dict[str, None]()

    def solve(self, case: Case) -> Values:
        """All quantities of a case, with its open-circuit voltage and internal resistance.

        Raises:
            InputError: the case does not fit its geometry or leaves the range of a card that forbids it.
            SolveError: no solution was found; the state is that of the last point that was solved.
        """
        setup = self._prepare(case)
        terminal = case.device_of_numbers().terminal
        voltage = self.open_circuit_voltage(setup, terminal) if setup.physics.thermoelectricity else None
        self.continuation.reach(setup)
        values = self.measure(case)
        if voltage is not None:
            values["open_circuit_voltage"] = voltage
            values |= derived(values, case.device_of_numbers())
        return values

    def open_circuit_voltage(self, setup: Setup, terminal: str | None) -> float | None:
        """V_oc of the device [V]: its terminal opened, all else as in the setup; solved once for all currents."""
        if terminal is None:
            return None
        idle = setup._replace(terminals={**setup.terminals, terminal: opened(setup.terminals[terminal])})
        key = repr((self._mesh_key, self._problem_key, idle))
        if key not in self._open_circuit:
            self.continuation.reach(idle)
            self._open_circuit[key] = self.quantities.evaluate()[f"voltage.{terminal}"]
        return self._open_circuit[key]

    @contextmanager
    def held(self) -> Iterator[None]:
        """Within it `solve` finds steady states with what has accumulated until now; afterwards all is as before."""
        p, running = self.problem, self.continuation
        state, setup = p.state(), p.setup
        p.keep_accumulated()
        self.continuation, self._open_circuit = Continuation(p, self.solver, self.facts), {}
        try:
            yield
        finally:
            p.forget_accumulated()
            p.update(setup)
            p.restore(state)
            self.continuation, self._open_circuit = running, {}

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

    def scan_lines(self) -> Scanned:
        """All line scans of the case at the present state.

        Raises:
            SolveError: no current flows.
        """
        if self._scans is None:
            return Scanned({}, {})
        start = time.perf_counter()
        found = self._scans.evaluate()
        self.facts.spend("line scans", start)
        return found

    # ---- making --------------------------------------------------------------------------------------------------
    def _prepare(self, case: Case) -> Setup:
        """Mesh and problem that fit the case; made only when they differ from the present ones."""
        setup = validate(case, case.names())
        self.warn(*card_warnings(setup))
        self._say(self._ranges.add(case, setup, *prescribed_temperatures(setup)))
        mesh_key, problem_key = compiled(case, setup)
        if mesh_key != self._mesh_key:
            start = time.perf_counter()
            data = mesh_model(case.geometry, case.mesh, self.comm)
            self.mesh = Mesh.of(data)
            self._mesh_key, self._problem_key = mesh_key, None
            self.facts.cells = self.mesh.count()
            self.facts.spend("mesh", start)
            log.info("mesh of %d cells", sum(self.facts.cells.values()))
        if problem_key != self._problem_key:
            start = time.perf_counter()
            log.info("equations (compiled on first use, which may take a minute)")
            self.problem = Problem(self.mesh, setup)
            held = self.problem.essential.hold_accumulated()
            self.solver = Solver(self.problem, case.solver, self._petsc, held)
            self.quantities = Quantities(self.problem, case.device_of_numbers())
            self.continuation = Continuation(self.problem, self.solver, self.facts)
            self._problem_key, self._budget, self._stepper, self._scanned = problem_key, None, None, None
            gc.collect()  # of the problem before
            self.facts.solver, self.facts.unknowns = self.solver.preset, self.solver.unknowns
            self.facts.spend("forms", start)
        if case.line_scans != self._scanned:
            start = time.perf_counter()
            self._scans, self._scanned = self._make_scans(case), case.line_scans
            self.facts.spend("line scans", start)
        return setup

    def _make_scans(self, case: Case) -> LineScans | None:
        terminal = case.electrical_terminal()
        return LineScans(self.problem, lines_of(case), terminal) if case.line_scans and terminal else None

    def switch_on(self, case: Case, furnace: float | None = None) -> None:
        """The initial state of a case at the instant at which its conditions, or those of a furnace, are switched on.

        With a double layer that is the state before: its charge is that of the open circuit.

        Raises:
            InputError: as `solve`.
            SolveError: as `solve`.
        """
        setup = self._prepare(case)
        setup = setup if furnace is None else setup.in_furnace(furnace)
        rests = any(
            d
            for d, field in zip(self.problem.differential, self.problem.blocks.fields, strict=True)
            if field in POTENTIALS
        )
        self.continuation.begin(setup.at_rest() if rests else setup)
        self.problem.update(setup)

    def change(self, case: Case) -> None:
        """Take over other numbers and kinds of terminals; nothing is solved.

        Raises:
            InputError: the case is wrong.
        """
        self.problem.update(validate(case, case.names()))

    def measure(self, case: Case) -> Values:
        """All quantities of the present state.

        Raises:
            SolveError: the state leaves the data of a card that forbids it.
        """
        start, setup = time.perf_counter(), self.problem.setup
        low, high = temperature_range(self.problem)
        try:
            self._say(self._ranges.add(case, setup, low, high))
            values = self.quantities.evaluate()
            self._say(self._compositions.add(case, setup, values))
        except InputError as error:
            raise SolveError(f"a solution was found, but it leaves the data: {error}") from None
        if setup.physics.thermoelectricity:
            values |= {"minimum_temperature": low, "maximum_temperature": high}
        self.warn(*self.solver.unused_options())
        self.facts.spend("quantities", start)
        return values

    def stepper(self, settings: TimeSettings) -> TimeStepper:
        """The integrator in time of the present problem, compiled once."""
        if self._stepper is None or self._stepper.settings != settings:
            start = time.perf_counter()
            self._stepper = TimeStepper(self.problem, settings, self._petsc)
            self.facts.spend("forms", start)
        return self._stepper

    # ---- warnings ------------------------------------------------------------------------------------------------
    def expect(self, cases: Collection[Case]) -> None:
        """Say beforehand what is wrong or doubtful in any of these cases.

        Raises:
            InputError: the first mistake.
        """
        self.warn(*check_all(cases, self._ranges, self._compositions))
        self._say([*self._ranges.lines(), *self._compositions.lines()])

    def recall(self, case: Case, values: Values) -> None:
        """A point that was solved in an earlier run: its warnings are part of this result too."""
        setup = case.setup(case.names())
        if "minimum_temperature" in values:
            self._ranges.add(case, setup, values["minimum_temperature"], values["maximum_temperature"])
        self._compositions.add(case, setup, values)

    @property
    def warnings(self) -> list[str]:
        """All that was doubtful, for the result; each card once, with the temperatures of all points."""
        return [*self._warnings, *self._ranges.lines(), *self._compositions.lines()]

    def warn(self, *texts: str) -> None:
        """Say something once, and keep it for the result."""
        self._say([text for text in texts if text not in self._warnings])
        self._warnings |= dict.fromkeys(texts)

    def _say(self, texts: list[str]) -> None:
        for text in texts:
            log.warning(text)

    def local_cells(self) -> int:
        """Cells of this rank, without ghosts; 0 when nothing had to be meshed."""
        return self.mesh.domain.topology.index_map(self.mesh.domain.topology.dim).size_local if self._mesh_key else 0

    def peak_memory(self) -> float:
        """Largest resident memory so far, summed over ranks [bytes]."""
        return float(self.comm.allreduce(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))
