"""Runs a study point by point, each on disk at once; a failing point is reported and the others go on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import NamedTuple

from thermolyte.case import Case
from thermolyte.check_study import check_study
from thermolyte.errors import SolveError
from thermolyte.quantities import Values
from thermolyte.results.folder import ResultFolder
from thermolyte.results.record import DRIVES
from thermolyte.results.recorder import Recorder
from thermolyte.results.sampling import currents, extremes
from thermolyte.studies import optimum, transient
from thermolyte.studies.impedance import respond
from thermolyte.studies.simulator import Simulator
from thermolyte.studies.study import Impedance, Optimum, Point, Sweep, Transient

log = logging.getLogger(__name__)


class Task(NamedTuple):
    """One point of a study: parameter values by path, what is sought there (None: the point itself), and what is done.

    What is done has a name of its own where there is one point only.
    """

    parameters: Point
    objective: str | None = None
    study: str = "operating_point"

    @property
    def label(self) -> str:
        """The point in words."""
        where = ", ".join(f"{path} = {value}" for path, value in self.parameters.items())
        return ": ".join(filter(None, (self.objective, where))) or self.study.replace("_", " ")


def tasks(case: Case) -> list[Task]:
    """All points of the case's study, in the order in which they are solved.

    In a sweep, optima over the terminal current follow the points of each combination of the other parameters.
    """
    study = case.study
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
    return [(task, case.vary(task.parameters)) for task in tasks(case)]


def run(
    todo: Sequence[tuple[Task, Case]], simulator: Simulator, folder: ResultFolder, advance: Callable[[str], None]
) -> int:
    """Solve every point that the folder does not hold yet; returns the number of failed ones.

    `advance(label)` is told of every finished point.

    Raises:
        InputError: a point that cannot be meshed.
        SolveError: the folder cannot be written.
    """
    failed = 0
    for task, case in todo:
        with_fields = case.output.fields == "all" or (case.output.fields == "last" and task is todo[-1][0])
        label, held = task.label, folder.holds(case, task, with_fields)
        if held is not None:
            simulator.recall(case, held)
            label += "  (kept from an earlier run)"
        else:
            recorder = folder.recorder(case, task)
            try:
                values = _solve(task, case, simulator, recorder)
            except SolveError as error:
                failed += 1
                folder.fail(case, task, str(error), recorder.files)
                log.error("%s: %s", task.label, error)
                label += "  FAILED"
            else:
                folder.add(case, task, values, recorder.files)
                if with_fields:
                    folder.write_fields(simulator.problem, case, task)
        advance(label)
    return failed


def _solve(task: Task, case: Case, simulator: Simulator, recorder: Recorder) -> Values:
    if task.objective:
        values = optimum.find(task.objective, case, simulator)
        return values | simulator.heat_budget(case)
    study = case.study.each if isinstance(case.study, Sweep) else case.study
    if isinstance(study, Transient):
        return transient.follow(case, study, simulator, recorder)
    if isinstance(study, Impedance):
        return respond(case, study, simulator, recorder)
    values = simulator.solve(case)
    rows = currents(simulator.problem)
    recorder.table("current_distribution", rows)
    return values | extremes(simulator.problem, rows) | simulator.heat_budget(case)
