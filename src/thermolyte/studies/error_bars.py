"""The discretisation error of every quantity: what one polynomial order more on the same mesh changes, with a margin.

|Q(u_k) − Q| ≤ 1.5 |Q(u_k+1) − Q(u_k)| as long as the error of order k+1 is at most a third of that of order k (with the
opposite sign: as large), and is then at most three times the true error. Both have the same singular corners, where the
rate of convergence is the same for all orders, but not the error: it falls with k by more than that.
"""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from thermolyte.case import Case
from thermolyte.convergence import temperature_range
from thermolyte.errors import SolveError
from thermolyte.problem import Problem
from thermolyte.quantities import Quantities, Values
from thermolyte.setup import Setup
from thermolyte.solver import Solver, SolverSettings
from thermolyte.studies.simulator import Simulator
from thermolyte.terminal import opened

log = logging.getLogger(__name__)

MARGIN = 1.5
RESOLVED = 1e-4
"""Residual at which the higher order is solved, of the accuracy that is asked for."""
DIRECT_UP_TO = (
    100_000  # unknowns: its factors serve many points, which pays for them on larger meshes than in one solve
)
# The factors of the first point serve all others, for the start is right to the error that is sought. What the
# iterative solver keeps, it decides itself.
FROZEN = {
    "snes_lag_jacobian": -2,
    "snes_lag_jacobian_persists": "true",
    "snes_lag_preconditioner": -2,
    "snes_lag_preconditioner_persists": "true",
}
PATIENCE = 6  # steps with a Jacobian; when more are needed, a new one is cheaper
UNKNOWN = ("energy_balance", "charge_balance", "heat_budget")
"""Residuals of the solver, and what would take a solution of its own."""


class ErrorBars:
    """Errors of the quantities of a simulator's present state; the finer problem is kept as long as the simulator's."""

    def __init__(self, simulator: Simulator, accuracy: float, petsc: Mapping[str, Any] | None):
        self._simulator, self._accuracy, self._petsc = simulator, accuracy, petsc
        self._coarse: Problem | None = None
        self._open_circuit: dict[str, float] = {}
        self.unknowns = 0
        """Of the finer problem."""

    def evaluate(self, case: Case, values: Values) -> Values:
        """Errors of the quantities `values` of the present state, in their units.

        Raises:
            SolveError: the finer problem has no solution.
        """
        start = time.perf_counter()
        if self._coarse is not self._simulator.problem:
            self._make(case)
        setup = self._simulator.problem.setup
        try:
            finer = self._evaluate(setup, case.device_of_numbers().terminal, "open_circuit_voltage" in values)
        finally:
            self._simulator.facts.spend("error bars", start)
        for objective, name in (("maximum_power", "power"), ("maximum_efficiency", "efficiency")):
            if objective in values and name in finer:
                finer[objective] = finer[name]
        known = (n for n in values if n in finer and n.split(".")[0] not in UNKNOWN)
        return {n: MARGIN * abs(finer[n] - values[n]) for n in known}

    def _make(self, case: Case) -> None:
        coarse = self._simulator.problem
        self._finer = Problem(self._simulator.mesh, _raised(coarse.setup))
        self._quantities = Quantities(self._finer, case.device_of_numbers())
        self.unknowns = sum(V.dofmap.index_map.size_global * V.dofmap.index_map_bs for V in self._finer.spaces)
        self._settings = self._loosened(case.solver)
        self._frozen = FROZEN if self._settings.preset == "direct" else {}
        self._renew(self._frozen)
        self._coarse = coarse
        self._open_circuit.clear()
        self._corrections = [np.zeros_like(u.x.array) for u in self._finer.u]

    def _loosened(self, settings: SolverSettings) -> SolverSettings:
        """The settings of the case, as exact as error bars need it."""
        update: dict[str, Any] = {"tolerance": max(settings.tolerance or 0.0, RESOLVED * self._accuracy)}
        if settings.preset == "auto" and self.unknowns <= DIRECT_UP_TO:
            update["preset"] = "direct"
        return settings.model_copy(update=update)

    def _renew(self, options: Mapping[str, Any]) -> None:
        """A solver whose Jacobian will be that of the next state."""
        petsc = {**options, **self._settings.petsc}
        self._solver = Solver(self._finer, self._settings.model_copy(update={"petsc": petsc}), self._petsc)
        gc.collect()  # of the solver before

    def _evaluate(self, setup: Setup, terminal: str | None, idle: bool) -> Values:
        self._solve(setup)
        self._corrections = [u.x.array - c for u, c in zip(self._finer.u, self._interpolated, strict=True)]
        low, high = temperature_range(self._finer)
        values = self._quantities.evaluate() | {"minimum_temperature": low, "maximum_temperature": high}
        if idle and terminal is not None:
            values["open_circuit_voltage"] = voltage = self._idle_voltage(setup, terminal)
            if abs(values["current"]) > 0:
                values["internal_resistance"] = (voltage - values["voltage"]) / values["current"]
        return values

    def _idle_voltage(self, setup: Setup, terminal: str) -> float:
        """V_oc [V] as the simulator has it: solved once for all currents."""
        idle = setup._replace(terminals={**setup.terminals, terminal: opened(setup.terminals[terminal])})
        key = repr(idle)
        if key not in self._open_circuit:
            self._solve(idle)
            self._open_circuit[key] = self._quantities.evaluate()[f"voltage.{terminal}"]
        return self._open_circuit[key]

    def _solve(self, setup: Setup) -> None:
        """Solve from the fields of the simulator; where its frozen Jacobian fails, with new ones at every step."""
        self._finer.update(_raised(setup))
        self._start()
        try:
            steps = self._solver.solve().newton_iterations
            log.debug("error bars: solved in %d steps", steps)
            if self._frozen and steps > PATIENCE:
                self._renew(self._frozen)
        except SolveError as error:
            if not self._frozen:
                raise
            log.debug("error bars: %s", error)
            self._renew({})
            self._start()
            self._solver.solve()
            self._renew(self._frozen)

    def _start(self) -> None:
        """The fields of the simulator, with what the order above has added at the point before."""
        for coarse, finer in zip(self._simulator.problem.u, self._finer.u, strict=True):
            if finer.function_space.ufl_element() == coarse.function_space.ufl_element():  # the voltage of a terminal
                finer.x.array[:] = coarse.x.array
            else:
                finer.interpolate(coarse)
                finer.x.scatter_forward()
        self._interpolated = self._finer.state()
        for finer, correction in zip(self._finer.u, self._corrections, strict=True):
            finer.x.array[:] += correction


def _raised(setup: Setup) -> Setup:
    return setup._replace(order=setup.order + 1)
