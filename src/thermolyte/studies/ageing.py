"""Ageing: composition and layers integrated over days, the device measured at every kept time, each at once on disk.

The thermoelectric state is algebraic in time: it follows the composition at every instant, in the same system, and
takes part in the control of the error through it. From one kept time to the next the integrator starts afresh and
a checkpoint is written, so that a run that was killed continues exactly as one that was not.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy.interpolate import PchipInterpolator

from thermolyte.case import Case
from thermolyte.errors import InputError, SolveError
from thermolyte.explain import choices
from thermolyte.physics.constants import SPECIES
from thermolyte.problem import Problem
from thermolyte.quantities import Values
from thermolyte.results.recorder import Position
from thermolyte.results.sampling import Row
from thermolyte.studies import advice, optimum
from thermolyte.studies.steps import at_every_point, measured
from thermolyte.studies.study import Ageing, Losses
from thermolyte.studies.transient import not_yet

if TYPE_CHECKING:
    from thermolyte.studies.simulator import Simulator

log = logging.getLogger(__name__)

TABLE = "ageing"
DAY = 86400.0
USED_UP = 0.01
"""Part of an interlayer below which it counts as used up."""


class Recording(Protocol):
    """Keeps the rows of a history and of measurements: on disk, or in memory."""

    def resume(self, problem: Problem) -> Position | None:
        """Where to go on from, with that state in the problem; None: from the start."""
        ...

    def row(self, at: Position, values: Values, problem: Problem, *, report: bool = False) -> None:
        """A row of the history."""
        ...

    def measurement(self, kind: str, values: Values) -> None:
        """A row of a table of quantities over time."""
        ...

    def rows(self, kind: str) -> list[Values]:
        """The rows of the history or of a table so far."""
        ...

    def scans(self, time: float, tables: Mapping[str, Sequence[Row]]) -> None:
        """The line scans at a kept time."""
        ...

    def save(self, at: Position, problem: Problem) -> None:
        """The state that a later run continues from."""
        ...

    def finish(self) -> None:
        """There are no more."""
        ...


def follow(case: Case, study: Ageing, simulator: Simulator, recorder: Recording) -> Values:
    """Age the case from its last kept state, or from the start; returns what was measured at the end, and the times.

    Raises:
        InputError: losses of a quantity that is not measured, or is 0 at the start.
        SolveError: a step in time or a measurement fails, or the composition leaves the card; what was recorded stays.
    """
    return _Ageing(case, study, simulator, recorder).run()


class _Ageing:
    """One run of a study."""

    def __init__(self, case: Case, study: Ageing, simulator: Simulator, recorder: Recording):
        self.case, self.study, self.simulator, self.recorder = case, study, simulator, recorder
        self.measured_case = measured(case)
        self._left_data = False

    def run(self) -> Values:
        """From the first kept time that is not on disk to the end."""
        simulator, study = self.simulator, self.study
        simulator.switch_on(self.case, study.furnace)
        known = self.recorder.resume(simulator.problem)
        self._at, self._rows = known or Position(0, 0.0, 0.0), self.recorder.rows(TABLE)
        if known is None:
            self._history(simulator.measure(self.case) | not_yet(simulator), report=True)
            self._measure()
        if study.loss is not None:
            self._of(study.loss)  # before days are spent
        for time in (t for t in study.kept if t > self._at.time):
            if self._is_over():
                break
            self._age(time)
            self._measure()
        self.recorder.finish()
        return self._outcome()

    # ---- in time -------------------------------------------------------------------------------------------------
    def _age(self, stop: float) -> None:
        stepper = self.simulator.stepper(self.study.integration)
        self._stepper, self._stop = stepper, stop
        try:
            end = stepper.run(self._at.time, stop, on_step=self._on_step, first_step=self._at.next_step)
        except SolveError as error:
            hint = advice.AGE_LESS if self._left_data else advice.in_time(self.simulator.problem.setup)
            raise SolveError(f"{error}{hint}") from None
        self.simulator.facts.count(end.cost)

    def _on_step(self, time: float, report: bool) -> None:
        try:
            values = self.simulator.measure(self.case)
        except SolveError as error:
            self._left_data = True
            raise SolveError(f"after {time / DAY:.6g} days {error}") from None
        self._at = self._at._replace(time=time, next_step=self._stepper.next_step)
        self._history(values, report=report)

    def _history(self, values: Values, *, report: bool) -> None:
        self.recorder.row(self._at, values, self.simulator.problem, report=report)

    # ---- at kept times -------------------------------------------------------------------------------------------
    def _measure(self) -> None:
        """A row of the table of measurements, and the state that a later run continues from."""
        with self.simulator.held():
            values = measure(self.measured_case, self.study, self.simulator)
            scanned = self.simulator.scan_lines()
        self.recorder.scans(self._at.time, scanned.tables)
        values = {n: v for n, v in values.items() if not _of_time(n)} | scanned.values  # nothing flows meanwhile
        row = {"time": self._at.time, **values}
        self._rows.append(row)
        self.recorder.measurement(TABLE, row)
        self.recorder.save(self._at, self.simulator.problem)
        said = ", ".join(f"{n.replace('_', ' ')} {values[n]:.5g}" for n in self.study.measure.find)
        log.info("%.4g days%s", self._at.time / DAY, f": {said}" if said else "")

    def _is_over(self) -> bool:
        """Whether the device has lost as much as the study goes."""
        loss = self.study.loss
        return loss is not None and loss.stop is not None and _lost(self._rows, self._of(loss))[-1] >= loss.stop

    def _of(self, loss: Losses) -> str:
        known, place = self._rows[0], self.case.place(*at_every_point(self.case)[1], "losses", "quantity")
        if loss.quantity not in known:
            raise InputError(f"{place}: `{loss.quantity}` is not measured; {choices(loss.quantity, known)}")
        if known[loss.quantity] == 0:
            raise InputError(f"{place}: `{loss.quantity}` is 0 at the start, of which nothing can be lost")
        return loss.quantity

    def _outcome(self) -> Values:
        """The last measurement and flows, the losses and when they were reached, and when interlayers were used up."""
        history = self.recorder.rows("history")
        found = {n: v for n, v in history[-1].items() if _of_time(n)} | self._rows[-1]
        found |= {
            f"{s}_drift": max(abs(row[f"{s}_total"] - history[0][f"{s}_total"]) for row in history)
            for s in SPECIES.values()
            if f"{s}_total" in found
        }
        loss = self.study.loss
        if loss is not None:
            quantity = self._of(loss)
            lost, times = _lost(self._rows, quantity), [row["time"] for row in self._rows]
            found[f"loss.{quantity}"] = float(lost[-1])
            for part in loss.of:
                time = crossing(times, lost, part)
                if time is not None:
                    found[f"time_to_loss.{100 * part:g}"] = time
        return found | _exhaustion(history)


def _of_time(name: str) -> bool:
    """Whether a quantity is a rate of what diffuses."""
    return name.startswith(tuple(f"{s}_{kind}" for s in SPECIES.values() for kind in ("flow", "balance")))


def _exhaustion(history: Sequence[Values]) -> Values:
    """When each interlayer was used up."""
    names = [n for n in history[0] if n.startswith("interlayer.")]
    found: Values = {}
    for name in names:
        left = np.array([row[name] for row in history]) / history[0][name]
        time = crossing([row["time"] for row in history], 1 - left, 1 - USED_UP)
        if time is not None:
            found[f"time_to_exhaustion.{name.split('.', 1)[1]}"] = time
    return found


def show(case: Case, simulator: Simulator) -> None:
    """Leave the device that has aged under the conditions of the measurement, for its fields.

    Raises:
        SolveError: it has no solution there.
    """
    with simulator.held():
        simulator.solve(measured(case))
        seen = simulator.problem.state()
    simulator.problem.restore(seen)


def measure(case: Case, study: Ageing, simulator: Simulator) -> Values:
    """All quantities of the case, and the optima over its current, with the resistance at the first of them."""
    values = simulator.solve(case)
    for objective in study.measure.find:
        best = optimum.find(objective, case, simulator)
        more = [n for n in best if n.startswith(("open_circuit_voltage", "internal_resistance", "resistance"))]
        values = {n: best[n] for n in more} | values | {objective: best[objective]}
    return values


def _lost(rows: Sequence[Mapping[str, float]], quantity: str) -> np.ndarray:
    values = np.array([row[quantity] for row in rows])
    return np.asarray(1 - values / values[0])


def crossing(times: Sequence[float], values: Sequence[float] | np.ndarray, level: float) -> float | None:
    """The first time at which values rise to a level, on the monotone cubic through them; None where they do not."""
    above = np.flatnonzero(np.asarray(values) >= level)
    if not len(above) or above[0] == 0:
        return None
    curve = PchipInterpolator(times, np.asarray(values) - level)
    roots = [float(t) for t in curve.roots(extrapolate=False) if times[above[0] - 1] <= t <= times[above[0]]]
    return roots[0] if roots else float(times[above[0]])
