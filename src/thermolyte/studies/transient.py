"""A case in time: PETSc's integrator through the steps of the study, each state on disk at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

from thermolyte.case import Case
from thermolyte.errors import InputError, SolveError
from thermolyte.explain import choices
from thermolyte.integration import Event, Stop
from thermolyte.problem import Problem
from thermolyte.quantities import Values
from thermolyte.quantities.species import species
from thermolyte.results.recorder import Position
from thermolyte.studies import advice
from thermolyte.studies.steps import cases_of_steps, in_time
from thermolyte.studies.study import Transient, Until

if TYPE_CHECKING:
    from thermolyte.studies.simulator import Simulator


class Recording(Protocol):
    """Keeps the rows of a history: on disk, or in memory."""

    def resume(self, problem: Problem) -> Position | None:
        """Where to go on from, with that state in the problem; None: from the start."""
        ...

    def add(self, at: Position, values: Values, problem: Problem, *, report: bool = False) -> None:
        """A row."""
        ...

    def finish(self) -> None:
        """There are no more."""
        ...


def follow(case: Case, study: Transient, simulator: Simulator, recorder: Recording) -> Values:
    """Integrate the case in time, from the last checkpoint if there is one; returns all quantities at the end.

    Raises:
        InputError: a limit on a quantity that the case does not have.
        SolveError: a step in time fails, or lithium goes where the material has no data; what was recorded stays.
    """
    cases = cases_of_steps(case)
    simulator.switch_on(cases[0])
    known = recorder.resume(simulator.problem)
    at = known or Position(0, 0.0, 0.0)
    simulator.change(cases[at.step])
    values = simulator.measure(cases[at.step])
    if known is None:
        recorder.add(at, values | not_yet(simulator), simulator.problem)
    for number in range(at.step + at.ended, len(cases)):
        at = at if number == at.step else Position(number, at.time, at.time)
        simulator.change(cases[number])
        at, values = _Stretch(cases[number], study, simulator, recorder).run(at)
    recorder.finish()
    return values | {"time": at.time}


def not_yet(simulator: Simulator) -> Values:
    """Columns of the history that have no value before the first step."""
    return {f"{name}_balance": math.nan for name in species(simulator.problem)}


class _Stretch:
    """One step of a study."""

    def __init__(self, case: Case, study: Transient, simulator: Simulator, recorder: Recording):
        self.case, self.study, self.simulator, self.recorder = case, study, simulator, recorder
        self._left_data = False

    def run(self, at: Position) -> tuple[Position, Values]:
        """Integrate to its end; where that is, and all quantities there."""
        step = self.study.stretches[at.step]
        stop = at.started + step.duration
        self._at, self._values = at, self.simulator.measure(self.case)
        if at.time < stop * (1 - 1e-12):
            events = [self._event(limit) for limit in step.until]
            self._stepper, self._stop = self.simulator.stepper(self.study.integration), stop
            end = self._integrate(at, stop, events)
            self.simulator.facts.count(end.cost)
        return self._at, self._values

    def _integrate(self, at: Position, stop: float, events: list[Event]) -> Stop:
        try:
            return self._stepper.run(at.time, stop, self.study.report, events, self._on_step, at.next_step)
        except SolveError as error:
            hint = advice.STOP_BEFORE if self._left_data else advice.in_time(self.simulator.problem.setup)
            raise SolveError(f"{error}{hint}") from None

    def _on_step(self, time: float, report: bool) -> None:
        try:
            self._values = self.simulator.measure(self.case)
        except SolveError as error:
            self._left_data = True
            raise SolveError(f"at {time:.6g} s {error}") from None
        ended = report and not (time in self.study.report and time < self._stop)
        self._at = self._at._replace(time=time, next_step=self._stepper.next_step, ended=ended)
        self.recorder.add(self._at, self._values, self.simulator.problem, report=report)

    def _event(self, limit: Until) -> Event:
        quantities = self.simulator.quantities
        if limit.quantity not in self._values:
            raise InputError(
                f"{self.case.place(*in_time(self.case)[1])}: this case has no quantity `{limit.quantity}`; "
                f"{choices(limit.quantity, self._values)}"
            )
        return Event(limit.label, lambda: limit.distance(quantities.value(limit.quantity)), 1)
