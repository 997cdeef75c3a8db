"""Runs a study point by point, each on disk at once; a failing point is reported and the others go on."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import NamedTuple

from thermolyte.case import Case
from thermolyte.check_study import check_quantities, check_study
from thermolyte.errors import InputError, SolveError
from thermolyte.quantities import Values
from thermolyte.results.folder import ResultFolder
from thermolyte.results.record import DRIVES
from thermolyte.results.recorder import Recorder
from thermolyte.results.sampling import currents, extremes
from thermolyte.results.tables import spread
from thermolyte.studies import ageing, optimum, transient
from thermolyte.studies.accuracy import Accuracy
from thermolyte.studies.impedance import respond
from thermolyte.studies.mapping import OperatingMap
from thermolyte.studies.simulator import Simulator
from thermolyte.studies.steps import at_every_point
from thermolyte.studies.study import Ageing, Impedance, Map, Optimum, Point, Sweep, Transient, Uncertainty
from thermolyte.uncertainty.design import design

log = logging.getLogger(__name__)


class Task(NamedTuple):
    """One point of a study: parameter values by path, what is sought there (None: the point itself), and what is done.

    What is done has a name of its own where there is one point only; a sample has its number as a name.
    """

    parameters: Point
    objective: str | None = None
    study: str = "operating_point"
    name: str = ""

    @property
    def label(self) -> str:
        """The point in words."""
        where = self.name or ", ".join(f"{path} = {value}" for path, value in self.parameters.items())
        return ": ".join(filter(None, (self.objective, where))) or self.study.replace("_", " ")


def tasks(case: Case) -> list[Task]:
    """All points of the case's study, in the order in which they are solved.

    In a sweep, optima over the terminal current follow the points of each combination of the other parameters. Of a map
    these are the corners: which points are solved is found out on the way, but all of them lie between. Of an
    uncertainty these are its samples, and last the case itself.

    Raises:
        InputError: an uncertain input that the case does not have.
    """
    study = case.study
    if isinstance(study, Uncertainty):
        drawn = design(case, study)
        named = [*((f"sample {k}", point) for k, point in enumerate(drawn.points, 1)), ("the case itself", drawn.case)]
        return [Task(p, objective, name=name) for name, p in named for objective in study.find or (None,)]
    if isinstance(study, Map):
        return [Task(point) for point in study.corners()]
    if isinstance(study, Optimum):
        return [Task({}, study.type)]
    if not isinstance(study, Sweep):
        return [Task({}, None, study.type)]
    drives = {f"terminals.{case.electrical_terminal()}.{drive}" for drive in DRIVES}
    out: list[Task] = []
    for others, points in groupby(study.points(), lambda p: {k: v for k, v in p.items() if k not in drives}):
        out += [Task(p) for p in points]
        out += [task for objective in study.find if (task := Task(others, objective)) not in out]
    return out


def points(case: Case) -> list[tuple[Task, Case]]:
    """Every point of the case's study, with the case as it is there.

    Raises:
        InputError: the study asks for what the case does not have, or a point that the schema refuses.
    """
    check_study(case)
    return [(task, _at(case, task)) for task in tasks(case)]


def _at(case: Case, task: Task) -> Case:
    """The case at a point of its study.

    Raises:
        InputError: a value that the schema refuses.
    """
    if not isinstance(case.study, Uncertainty):
        return case.vary(task.parameters)
    try:
        return case.vary(task.parameters, ("study", "inputs"))
    except InputError as error:
        raise InputError(
            f"{error}: {task.name} is drawn from far out: narrow that input, or give it a distribution that ends "
            "before, such as lognormal or uniform"
        ) from None


def run(
    case: Case,
    todo: Sequence[tuple[Task, Case]],
    simulator: Simulator,
    folder: ResultFolder,
    advance: Callable[[str], None],
    positions: slice = slice(None),
    accuracy: Accuracy | None = None,
) -> int:
    """Solve every point of the case's study that the folder does not hold yet; returns the number of failed ones.

    `advance(label)` is told of every finished point; `positions` are those of a share of the study; with an accuracy,
    the mesh is its choice.

    Raises:
        InputError: a point that cannot be meshed.
        SolveError: the folder cannot be written.
    """
    if accuracy:
        accuracy.decision = folder.decision(_corners(todo))
    solving = _Solving(simulator, folder, advance, accuracy, _corners(todo))
    if isinstance(case.study, Map):
        return _run_map(case, case.study, solving, simulator, folder)
    for task, point in todo[positions]:
        fields = case.output.fields
        last = task is todo[-1][0]
        values = solving.point(task, point, with_fields=fields == "all" or (fields == "last" and last))
        if values is not None:
            check_quantities(case, task.objective, values)
    return solving.failed


class _Solving:
    """Solves points and puts them on disk, unless they are there already."""

    def __init__(
        self,
        simulator: Simulator,
        folder: ResultFolder,
        advance: Callable[[str], None],
        accuracy: Accuracy | None,
        corners: Sequence[tuple[Task, Case]],
    ):
        self._simulator, self._folder, self._advance = simulator, folder, advance
        self._accuracy, self._corners = accuracy, corners
        self.failed = 0

    def point(self, task: Task, case: Case, *, with_fields: bool = False) -> Values | None:
        """The values of a point; None when it has no solution, which is told and written down."""
        simulator, folder, label = self._simulator, self._folder, task.label
        values = folder.holds(case, task, with_fields)
        if values is not None:
            simulator.recall(case, values)
            label += "  (kept from an earlier run)"
        else:
            recorder = folder.recorder(case, task)
            try:
                values, errors = self._accurate(task, case, recorder)
            except SolveError as error:
                self.failed += 1
                folder.fail(case, task, str(error), recorder.files)
                log.error("%s: %s", task.label, error)
                label += "  FAILED"
            else:
                folder.add(case, task, values, recorder.files, errors)
                if with_fields:
                    start = time.perf_counter()
                    if not task.objective and isinstance(at_every_point(case)[0], Ageing):
                        ageing.show(case, simulator)
                    folder.write_fields(simulator.problem, case, task)
                    simulator.facts.spend("fields", start)
        self._advance(label)
        return values

    def _accurate(self, task: Task, case: Case, recorder: Recorder) -> tuple[Values, Values]:
        """Values and their errors, on the mesh that is accurate at the corners: decided on once, also for reruns."""
        accuracy = self._accuracy
        if accuracy is None:
            return _solve(task, case, self._simulator, recorder), {}
        if accuracy.decision is None:
            accuracy.decide([(task.objective, point) for task, point in self._corners])
            self._folder.keep_decision(self._corners, accuracy.decision)
        meshed = accuracy.meshed(case)
        values = _solve(task, meshed, self._simulator, recorder)
        return values, accuracy.errors(meshed, values)


def _run_map(case: Case, study: Map, solving: _Solving, simulator: Simulator, folder: ResultFolder) -> int:
    """A map; without one of its nodes there is none, only the points that were solved."""

    def solve(point: Point) -> Values:
        values = solving.point(Task(point), case.vary(point))
        if values is None:
            raise _NoNodeError
        agreed: Values = simulator.comm.bcast(values)  # what is solved next depends on them, on all ranks
        return agreed

    operating_map = OperatingMap(case, study, solve)
    try:
        operating_map.build()
    except _NoNodeError:
        log.error(
            "%s: a map needs a solution at every point that it asks for: end the range of a parameter before the point "
            "that failed; finished points are kept",
            case.place("study", "parameters"),
        )
        return solving.failed
    folder.complete(operating_map.points(), operating_map.summary())
    return solving.failed


class _NoNodeError(Exception):
    """A point that a map needs has no solution."""


def _corners(todo: Sequence[tuple[Task, Case]]) -> list[tuple[Task, Case]]:
    """The points at which every parameter has its first or its last value, eight at most."""
    grid = [point for point in todo if point[0].objective is None] or list(todo)
    ends = (grid[0][0].parameters, grid[-1][0].parameters)
    found = [p for p in grid if all(v in (ends[0][path], ends[1][path]) for path, v in p[0].parameters.items())]
    return [found[int(i)] for i in spread(range(len(found)), 8)]


def _solve(task: Task, case: Case, simulator: Simulator, recorder: Recorder) -> Values:
    if task.objective:
        values = optimum.find(task.objective, case, simulator)
        return values | simulator.heat_budget(case) | _scan(simulator, recorder)
    study = at_every_point(case)[0]
    if isinstance(study, Transient):
        return transient.follow(case, study, simulator, recorder)
    if isinstance(study, Ageing):
        return ageing.follow(case, study, simulator, recorder)
    if isinstance(study, Impedance):
        return respond(case, study, simulator, recorder)
    values = simulator.solve(case)
    rows = currents(simulator.problem)
    recorder.table("current_distribution", rows)
    return values | extremes(simulator.problem, rows) | simulator.heat_budget(case) | _scan(simulator, recorder)


def _scan(simulator: Simulator, recorder: Recorder) -> Values:
    """The line scans of the present state, in tables; returns their quantities."""
    found = simulator.scan_lines()
    for kind, rows in found.tables.items():
        recorder.table(kind, rows)
    return found.values
