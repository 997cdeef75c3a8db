"""From one solved state to the next: at once, or where that fails in smaller steps of all numbers of the case."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thermolyte.boundary.mechanical import Displacement, Pressure, Traction
from thermolyte.errors import SolveError
from thermolyte.problem import Problem
from thermolyte.ranges import prescribed_temperatures
from thermolyte.setup import Setup
from thermolyte.solver import Report, Solver
from thermolyte.studies import advice
from thermolyte.studies.facts import Facts
from thermolyte.studies.path import Path

log = logging.getLogger(__name__)

# Continuation gives up when it knows to 2 % how far it comes, or when its step is this small a part of the way.
CLOSE, SMALLEST_STEP = 0.02, 1 / 4096

LOADS: dict[type, dict[str, str]] = {
    Pressure: {"pressure": "Pa"},
    Traction: dict.fromkeys("xyzr", "Pa"),
    Displacement: dict.fromkeys("xyzr", "m"),
}


class Source(NamedTuple):
    """What a terminal or a mechanical load prescribes."""

    value: float
    unit: str


Sources = Mapping[str, Source]


class Continuation:
    """Solves setups of one structure one after the other; knows the last state that was solved."""

    def __init__(self, problem: Problem, solver: Solver, facts: Facts):
        self.problem, self.solver, self.facts = problem, solver, facts
        self._reached: list[NDArray[np.float64]] | None = None
        self._path = Path()

    def reach(self, setup: Setup) -> None:
        """Solve from the last state; if that fails, in smaller steps from the last numbers to the new ones."""
        start = self._start(setup) if self._reached is None else self._reached
        self.problem.update(setup)
        target = self.problem.numbers()
        if all(np.array_equal(a, b) for a, b in zip(target, start, strict=True)):
            return

        if self._leap(target):
            return

        def go(share: float) -> dict[str, Source]:
            self.problem.set_numbers([a + share * (b - a) for a, b in zip(start, target, strict=True)])
            self.problem.reset_accumulated()
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
                    raise SolveError(_how_far(setup, solved, failed, asked, str(error))) from None
                step /= 2
        self._arrive(target)

    def _leap(self, target: list[NDArray[np.float64]]) -> bool:
        """Whether the state that the last ones lead to could be mended into the solution."""
        guess = self._path.guess(target)
        if guess is None:
            return False
        before = self.problem.state()
        self.problem.restore(guess)
        self.problem.reset_accumulated()
        try:
            self._solve()
        except SolveError:
            self.problem.restore(before)
            return False
        self._arrive(target)
        return True

    def _arrive(self, numbers: list[NDArray[np.float64]]) -> None:
        self._reached = numbers
        self._path.add(numbers, self.problem.state())

    def begin(self, setup: Setup) -> None:
        """Solve from the initial state, whatever was solved before."""
        self._reached = None
        self.reach(setup)

    def _start(self, setup: Setup) -> list[NDArray[np.float64]]:
        """The first solve, from a uniform temperature; if that fails, without currents, voltages and loads.

        Returns the numbers that were reached.
        """
        low, high = prescribed_temperatures(setup)
        idle = _idle(setup)
        for start in (setup, idle):
            self.problem.update(start)
            self.problem.set_initial((low + high) / 2)
            try:
                self._solve(cold=True)
                break
            except SolveError as error:
                if start == idle:
                    raise SolveError(f"{error}; {advice.at_rest(setup)}") from None
        self._arrive(self.problem.numbers())
        return self.problem.numbers()

    def _solve(self, *, cold: bool = False) -> None:
        report: Report = self.solver.solve(cold=cold)
        self.facts.add(report.seconds)
        self.facts.solves += 1
        self.facts.newton_iterations += report.newton_iterations
        self.facts.linear_iterations += report.linear_iterations
        log.debug("solved in %d steps: %s", report.newton_iterations, report.residuals)

    def _sources(self) -> dict[str, Source]:
        """The currents, voltages and mechanical loads that are prescribed at present."""
        units = {n: {"current": "A", "voltage": "V"}.get(t.type) for n, t in self.problem.setup.terminals.items()}
        found = {
            f"terminal {n}": Source(float(self.problem.closures[n].value[2]), unit) for n, unit in units.items() if unit
        }
        for face in self.problem.faces:
            for name in _loads(face.model):
                unit = LOADS[type(face.model)][name]
                value = float(getattr(face.parameters, name).value)
                found[f"{face.model.type} on {face.boundary}"] = Source(value, unit)
        return found


def _idle(setup: Setup) -> Setup:
    """The same without currents, voltages and mechanical loads."""
    terminals = {
        n: t.model_copy(update={k: 0.0 for k in ("current", "voltage") if hasattr(t, k)})
        for n, t in setup.terminals.items()
    }
    boundaries = {
        b: [c.model_copy(update=dict.fromkeys(_loads(c), 0.0)) for c in conditions]
        for b, conditions in setup.boundaries.items()
    }
    return setup._replace(terminals=terminals, boundaries=boundaries)


def _loads(condition: object) -> list[str]:
    """The numbers of a condition that load a body."""
    return [name for name in LOADS.get(type(condition), {}) if getattr(condition, name) is not None]


def _how_far(setup: Setup, solved: Sources, failed: Sources, asked: Sources, cause: str) -> str:
    """Why there is no solution where it was asked for, with the largest current or load that had one."""
    changed = [n for n in asked if asked[n] != solved[n]]
    if not changed:
        return f"{cause}; {advice.at_rest(setup)}"

    def words(sources: Sources) -> str:
        return ", ".join(f"{sources[n].value:.4g} {sources[n].unit}" for n in changed)

    growing = any(abs(asked[n].value) > abs(solved[n].value) for n in changed)
    return (
        f"no steady state was found at {words(asked)} of {', '.join(changed)}; {words(solved)} is the most "
        f"that was solved, {words(failed)} failed: {cause}" + (advice.under_load(setup) if growing else "")
    )
