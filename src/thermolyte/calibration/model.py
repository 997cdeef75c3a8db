"""The case as a function of its parameters: what the program predicts for every datum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mpi4py import MPI

import numpy as np
from numpy.typing import NDArray

from thermolyte.calibration.evaluations import Evaluations
from thermolyte.calibration.history import HISTORIES
from thermolyte.calibration.plan import Plan, Solve
from thermolyte.case import Case
from thermolyte.errors import InputError, SolveError
from thermolyte.explain import choices
from thermolyte.quantities import Values
from thermolyte.results.folder import solution_key
from thermolyte.results.sampling import currents, extremes
from thermolyte.studies import optimum
from thermolyte.studies.simulator import Simulator, compiled

Array = NDArray[np.float64]


class Model:
    """Predictions of a plan; solutions that differ in numbers only share a simulator, so that nothing is recompiled."""

    def __init__(self, plan: Plan, comm: MPI.Comm, evaluations: Evaluations, petsc: Mapping[str, Any] | None = None):
        self.plan, self.evaluations, self._comm = plan, evaluations, comm
        self.simulators: list[Simulator] = []
        self.built: list[Case] = []
        """The case for which each of them is made."""
        self._of_solve: list[Simulator] = []
        self._last: tuple[bytes, list[Array]] = b"", []
        """The last prediction: a fit asks for the same one several times."""
        known: list[object] = []
        for number in range(len(plan.solves)):
            case = plan.starting(number)
            key = compiled(case, case.setup(case.names()))
            if key not in known:
                known.append(key)
                self.simulators.append(Simulator(comm, petsc))
                self.built.append(case)
            self._of_solve.append(self.simulators[known.index(key)])

    def predict(self, scaled: Array) -> list[Array]:
        """The predicted values of each data set [SI] at scaled values of the parameters.

        Raises:
            InputError: a quantity that the case does not have.
            SolveError: a solution is not found; it says for which values.
        """
        agreed = self._comm.bcast(scaled)
        if self._last[0] != agreed.tobytes():
            self._last = agreed.tobytes(), self._predict(agreed)
        return self._last[1]

    def _predict(self, scaled: Array) -> list[Array]:
        parameters = {
            path: p.written(p.value(float(u)))
            for (path, p), u in zip(self.plan.calibration.parameters.items(), scaled, strict=True)
        }
        rows = [self._rows(number, parameters) for number in range(len(self.plan.solves))]
        return [
            np.array([rows[place.solve][place.time][m.quantity] for place in places])
            for m, places in zip(self.plan.data, self.plan.places, strict=True)
        ]

    def _rows(self, number: int, parameters: Mapping[str, object]) -> list[Values]:
        """The quantities of a solution at each of its times; solved if that was not done before."""
        solve, owners = self.plan.solves[number], self.plan.owners(number)
        values = {**solve.values, **parameters}
        case = self.plan.case.vary(values, ("calibration", "parameters"))
        wanted = {self.plan.data[i].quantity for i in owners}
        study = None if solve.times is None else case.study.model_dump(mode="json")
        content = {k: v for k, v in case.resolved().items() if k != "study"}
        key = solution_key(content, [solve.objective, solve.times, study])
        rows = self.evaluations.get(key, wanted)
        if rows is None:
            try:
                rows = self._comm.bcast(_solve(case, solve, self._of_solve[number], wanted))
            except SolveError as error:
                place = self.plan.case.place("calibration", "data", owners[0])
                where = ", ".join(f"{path} = {value}" for path, value in values.items())
                raise SolveError(f"{place}: no solution for {where}: {error}") from None
            for i in owners:
                self._check_quantity(i, rows[0])
            self.evaluations.add(key, rows, values)
        return rows

    def _check_quantity(self, number: int, values: Values) -> None:
        quantity = self.plan.data[number].quantity
        if quantity not in values:
            place = self.plan.case.place("calibration", "data", number, "y", "quantity")
            raise InputError(f"{place}: this case has no quantity `{quantity}`; {choices(quantity, values)}")

    @property
    def warnings(self) -> list[str]:
        """All that was doubtful on the way, each once."""
        return list(dict.fromkeys(text for simulator in self.simulators for text in simulator.warnings))

    @property
    def seconds(self) -> dict[str, float]:
        """Where time went [s]."""
        found: dict[str, float] = {}
        for simulator in self.simulators:
            for what, more in simulator.facts.seconds.items():
                found[what] = found.get(what, 0.0) + more
        return found


def _solve(case: Case, solve: Solve, simulator: Simulator, wanted: set[str]) -> list[Values]:
    """The quantities at each time; those that cost extra only where they are wanted."""
    if solve.times is not None:
        return HISTORIES[type(case.study)](case, case.study, simulator, solve.times)
    values = optimum.find(solve.objective, case, simulator) if solve.objective else simulator.solve(case)
    if wanted - values.keys():
        values |= extremes(simulator.problem, currents(simulator.problem)) | simulator.heat_budget(case)
    return [values]
