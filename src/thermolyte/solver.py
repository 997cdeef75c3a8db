"""PETSc presets and the nonlinear solve: converged to what a user reads, or an error that says how far it came."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from petsc4py import PETSc

import numpy as np
from dolfinx import fem
from dolfinx.fem.forms import derivative_block
from dolfinx.fem.petsc import NonlinearProblem
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from thermolyte import compilation
from thermolyte.convergence import FlowCriterion, StepCriterion, stuck, temperature_range
from thermolyte.errors import InputError, SolveError
from thermolyte.newton import FieldNewton
from thermolyte.physics.local import POTENTIAL, TEMPERATURE
from thermolyte.presets import DIRECT_AT_MOST, DIRECT_UP_TO, choose, options
from thermolyte.problem import Problem

TOLERANCE = {"direct": 1e-12, "iterative": 1e-11}
LOWER_ORDER = 1e-5  # tolerance of a first guess, whose own error of discretisation is larger
HIGHEST_TEMPERATURE = 4500.0  # K: nothing is solid above; laws that are held constant outside would allow any

# SNESConvergedReason of PETSc
ITERATING, CONVERGED, LINEAR, NOT_FINITE, TOO_MANY_ITERATIONS = 0, 2, -3, -4, -5

log = logging.getLogger(__name__)
_prefixes = (f"thermolyte{i}_" for i in itertools.count())


class SolverSettings(BaseModel):
    """How the equations are solved; what is left out is chosen."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    preset: Literal["auto", "direct", "iterative"] = Field(
        "auto", description=f"auto: direct up to {DIRECT_UP_TO} unknowns, iterative above"
    )
    tolerance: float | None = Field(
        None,
        gt=0,
        le=1e-4,
        description="residual over the heat flow through the device (dimensionless); default: 1e-12 for direct, 1e-11 "
        "for iterative; 1e-9 leaves flows exact to 1e-8",
    )
    petsc: dict[str, str | float | int | None] = Field({}, description="PETSc options that win over the preset")


@dataclass
class Report:
    """What one solve cost and how well it converged."""

    newton_iterations: int = 0
    linear_iterations: int = 0
    residuals: list[float] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    """By what they went into."""


class Solver:
    """Newton's method on the blocks of a problem; kept over a sweep, so that set-up is paid once."""

    def __init__(
        self,
        problem: Problem,
        settings: SolverSettings,
        argv: Mapping[str, Any] | None = None,
        held: Sequence[fem.DirichletBC] = (),
    ):
        """`held`: conditions on top of those of the problem."""
        self.problem, self.settings, self._held = problem, settings, held
        self.unknowns = sum(V.dofmap.index_map.size_global * V.dofmap.index_map_bs for V in problem.spaces)
        self._by_user = {**settings.petsc, **(argv or {})}
        if not PETSc.Log.isActive():
            PETSc.Log.begin()
        self._lower: Solver | None = None
        self._choose(settings.preset if settings.preset != "auto" else choose(problem, self.unknowns))

    def _choose(self, preset: str) -> None:
        self.preset, self.prefix = preset, next(_prefixes)
        # A full step may overshoot the yield surface.
        flows: dict[str, Any] = {"snes_linesearch_type": "bt"} if self.problem.memory else {}
        self.options = options(preset, self.problem.setup.order) | flows | self._by_user
        heat_alone = set(self.problem.blocks.fields) <= {POTENTIAL, TEMPERATURE}
        tolerance = self.settings.tolerance or TOLERANCE[preset]
        self._criterion = FlowCriterion(self.problem, tolerance) if heat_alone else StepCriterion(self.problem)
        self._unit = " W" if heat_alone else ""
        self._set_up()

    def _set_up(self) -> None:
        self._nonlinear = self._make()
        self.snes = self._nonlinear.solver
        self.snes.setConvergenceTest(self._converged)

    def _make(self) -> NonlinearProblem | FieldNewton:
        database = PETSc.Options()
        database.setValue("options_left", False)  # not PETSc's list of internal names, but `unused_options`
        try:
            if self.options.get("pc_type") == "fieldsplit" and isinstance(self._criterion, FlowCriterion):
                return FieldNewton(self.problem, self.prefix, self.options, self._criterion.goal)
            F, u, maps = self.problem.F, self.problem.u, self.problem.entity_maps
            return NonlinearProblem(
                compilation.form(F, maps),
                u,
                J=compilation.form(derivative_block(F, u), maps),
                bcs=[*self.problem.bcs, *self._held],
                kind="mpi",
                petsc_options_prefix=self.prefix,
                petsc_options=self.options,
            )
        except PETSc.Error as error:
            if self.options.get("pc_type") != "fieldsplit":
                database.prefixPop()  # pushed by NonlinearProblem
            raise InputError(f"PETSc options (after --, or solver.petsc in the case): {_reason(error)}") from None

    def _start(self, newton: FieldNewton) -> None:
        """A first guess: of order 2, the solution of order 1, which costs a tenth."""
        if self.problem.setup.order == 1:
            newton.start()
            return
        if self._lower is None:
            lower = Problem(self.problem.mesh, self.problem.setup._replace(order=1))
            self._lower = Solver(lower, SolverSettings(preset="iterative", tolerance=LOWER_ORDER))
        lower = self._lower.problem
        lower.update(self.problem.setup._replace(order=1))
        lower.set_initial(temperature_range(self.problem)[0])
        self._lower.solve(cold=True)
        for u, guess in zip(self.problem.u, lower.u, strict=True):
            u.interpolate(guess)
        newton.forget()

    def unused_options(self) -> list[str]:
        """A warning for each of the user's options that PETSc did not ask for in the solves so far."""
        database = PETSc.Options()
        return [
            f"PETSc option -{name} has no effect here: is it spelt right?"
            for name in self._by_user
            if not database.used(self.prefix + name)
        ]

    def solve(self, *, cold: bool = False) -> Report:
        """Solve from the present state of the problem; `cold`: which is no more than a uniform temperature.

        Raises:
            SolveError: not converged, or a temperature that is not above absolute zero; the state is as before.
        """
        before = self.problem.state()
        problem = self._attempt(cold)
        if problem and isinstance(self._nonlinear, FieldNewton):
            problem = self._again(before, cold, problem)
        if problem:
            self.problem.restore(before)
            raise SolveError(problem)
        return self._report

    def _again(self, before: list[NDArray[np.float64]], cold: bool, problem: str) -> str | None:
        """Once more without what was kept from earlier states; then, where multigrid fails, with factors."""
        newton = self._nonlinear
        if not cold and isinstance(newton, FieldNewton) and newton.is_used:
            newton.forget()
            self.problem.restore(before)
            return self._attempt(cold)
        stagnated = self.snes.getConvergedReason() == LINEAR
        if stagnated and self.settings.preset == "auto" and self.unknowns <= DIRECT_AT_MOST:
            log.warning("%s: factors are used from here on", problem)
            self._choose("direct")
            self.problem.restore(before)
            return self._attempt(cold)
        return problem

    def _attempt(self, cold: bool) -> str | None:
        """Solve from the present state; what went wrong, None when all is well."""
        start, before, self._report = time.perf_counter(), self._clock(), Report()
        cause: str | None = None
        reason: Any
        inner: Any
        try:
            if cold and isinstance(self._nonlinear, FieldNewton):
                self._start(self._nonlinear)
            self._nonlinear.solve()
            reason, inner = self.snes.getConvergedReason(), self.snes.getKSP().getConvergedReason()
        except PETSc.Error as error:
            if error.__cause__ is not None:  # raised in our own callbacks: Ctrl-C, or a bug
                raise error.__cause__ from None
            reason, inner, cause = -1, 0, _reason(error)
            self._set_up()  # after an error, PETSc's objects refuse any further call
        self._report.newton_iterations = self.snes.getIterationNumber()
        self._report.linear_iterations = self.snes.getLinearSolveIterations()
        spent = {what: seconds - before.get(what, 0.0) for what, seconds in self._clock().items()}
        self._report.seconds = spent | {"linear solver": time.perf_counter() - start - sum(spent.values())}
        return self._failure(reason, inner, cause)

    def _clock(self) -> dict[str, float]:
        """Seconds so far, of what is not the linear solver."""
        if isinstance(self._nonlinear, FieldNewton):
            spent = self._nonlinear.seconds
        else:
            events = {"residual": "SNESFunctionEval", "jacobian": "SNESJacobianEval", "set-up": "PCSetUp"}
            spent = {what: PETSc.Log.Event(name).getPerfInfo()["time"] for what, name in events.items()}
        return {"assembly": spent["residual"] + spent["jacobian"], "preconditioner": spent["set-up"]}

    # ---- convergence ---------------------------------------------------------------------------------------------
    def _converged(self, snes: PETSc.SNES, iteration: int, norms: tuple[float, float, float]) -> int:
        """PETSc's reason to stop, or to go on."""
        norm, report = float(norms[2]), self._report
        report.residuals.append(norm)
        if not np.isfinite(norm) or norm > 1e30:
            return NOT_FINITE
        if iteration == 0:  # a start may nearly satisfy the equations of yesterday's currents: take at least one step
            return ITERATING if norm > 0 else CONVERGED
        if self._criterion.met(snes, report.residuals):
            return CONVERGED
        if iteration >= snes.getTolerances()[3] or stuck(report.residuals):
            return TOO_MANY_ITERATIONS
        return ITERATING

    def _failure(self, reason: Any, inner: Any, cause: str | None) -> str | None:
        """What went wrong, in words; None when all is well."""
        if reason > 0:
            low, high = temperature_range(self.problem)
            if low > 0 and high < HIGHEST_TEMPERATURE:
                return None
            return f"the equations lead to a temperature of {low if low <= 0 else high:.4g} K, where nothing is solid"
        residuals = self._report.residuals or [np.nan]
        cause = cause or {
            LINEAR: f"the linear solver failed (PETSc reason {inner})",
            NOT_FINITE: "the residual became infinite",
            TOO_MANY_ITERATIONS: f"Newton's method did not converge in {self._report.newton_iterations} steps",
        }.get(reason, f"PETSc reason {reason}/{inner}")
        remedy = "" if self.preset == "direct" else "; try solver.preset: direct"
        return f"{cause} (|F| from {residuals[0]:.1e} to {residuals[-1]:.1e}{self._unit}, {self.preset} solver{remedy})"


def _reason(error: PETSc.Error) -> str:
    """The last line that PETSc says, without the rank."""
    return str(error).strip().splitlines()[-1].partition("] ")[2] or str(error)
