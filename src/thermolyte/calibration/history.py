"""Studies in time that a calibration can follow: the quantities at given times, without a result folder.

To add one, write a function that takes the case, its study, the simulator and increasing times [s], and returns the
quantities at each of them; name it in `HISTORIES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from thermolyte.case import Case
from thermolyte.errors import SolveError
from thermolyte.problem import Problem
from thermolyte.quantities import Values
from thermolyte.results.recorder import Position
from thermolyte.results.sampling import Row
from thermolyte.results.tables import HIT
from thermolyte.studies import ageing, transient
from thermolyte.studies.simulator import Simulator
from thermolyte.studies.study import Ageing, Transient


class History:
    """The rows of a history in memory."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, Values]] = []

    def resume(self, problem: Problem) -> Position | None:
        """Nothing was done before."""
        del problem
        return None

    def add(self, at: Position, values: Values, problem: Problem, *, report: bool = False) -> None:
        """A row."""
        del problem, report
        self._rows.append((at.time, values))

    def finish(self) -> None:
        """Nothing is left to tidy up."""

    def at(self, times: Sequence[float]) -> list[Values]:
        """The rows at these times, the later one where a step of the study ends and another begins.

        Raises:
            SolveError: the study has ended before.
        """
        found = []
        for time in times:
            rows = [values for t, values in self._rows if abs(t - time) <= HIT * abs(time)]
            if not rows:
                end = self._rows[-1][0]
                raise SolveError(f"the study ends at {end:.6g} s, before the data at {time:.6g} s")
            found.append(rows[-1] | {"time": time})
        return found


def _follow_transient(case: Case, study: Transient, simulator: Simulator, times: Sequence[float]) -> list[Values]:
    """The times of the data are report times, which are hit exactly."""
    history = History()
    reports = tuple(t for t in times if t > 0)
    transient.follow(case, study.model_copy(update={"report": reports}), simulator, history)
    return history.at(times)


class AgeingHistory(History):
    """The rows of an ageing study in memory: of its steps, and of its measurements."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, list[Values]] = {"history": [], ageing.TABLE: []}

    def row(self, at: Position, values: Values, problem: Problem, *, report: bool = False) -> None:
        """A step."""
        del problem, report
        self.tables["history"].append({"time": at.time, **values})

    def measurement(self, kind: str, values: Values) -> None:
        """A kept time."""
        self.tables[kind].append(values)
        self._rows.append((values["time"], values))

    def rows(self, kind: str) -> list[Values]:
        """Those of a table so far."""
        return list(self.tables[kind])

    def scans(self, time: float, tables: Mapping[str, Sequence[Row]]) -> None:
        """Their quantities are among the measurements."""

    def save(self, at: Position, problem: Problem) -> None:
        """Nothing continues from here."""


def _follow_ageing(case: Case, study: Ageing, simulator: Simulator, times: Sequence[float]) -> list[Values]:
    """The times of the data are kept times; the study ends with them."""
    history = AgeingHistory()
    later = tuple(t for t in times if t > 0)
    shortened = study.model_copy(update={"report": later[:-1], "duration": later[-1]})
    ageing.follow(case, shortened, simulator, history)
    return history.at(times)


HISTORIES: Mapping[type, Callable[[Case, Any, Simulator, Sequence[float]], list[Values]]] = {
    Transient: _follow_transient,
    Ageing: _follow_ageing,
}
