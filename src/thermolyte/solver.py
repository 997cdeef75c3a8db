"""PETSc presets and the nonlinear solve: converged to what a user reads, or an error that says how far it came."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from petsc4py import PETSc

import numpy as np
from dolfinx import fem
from dolfinx.fem.petsc import NonlinearProblem
from pydantic import BaseModel, ConfigDict, Field

from thermolyte.convergence import FlowCriterion, StepCriterion, stuck, temperature_range
from thermolyte.errors import InputError, SolveError
from thermolyte.physics.local import POTENTIAL, TEMPERATURE
from thermolyte.problem import Problem

DIRECT_UP_TO = 20_000  # unknowns; above, the factors of a 3-D mesh cost more than multigrid

NEWTON = {"snes_type": "newtonls", "snes_linesearch_type": "none", "snes_max_it": 40}
DIRECT = {
    "ksp_type": "preonly",
    "pc_type": "lu",
    "pc_factor_mat_solver_type": "mumps",
    "mat_mumps_icntl_14": 100,
}
MULTIGRID = {
    "ksp_type": "preonly",
    "pc_type": "hypre",
    "pc_hypre_type": "boomeramg",
    "pc_hypre_boomeramg_coarsen_type": "HMIS",
    "pc_hypre_boomeramg_interp_type": "ext+i",
    "pc_hypre_boomeramg_P_max": 4,
    "pc_hypre_boomeramg_strong_threshold": 0.25,
    "pc_hypre_boomeramg_agg_nl": 1,
}
# fgmres watches the true residual. Looser than 1e-3, wrong currents in copper spoil the next Jacobian.
ITERATIVE = {
    "ksp_type": "fgmres",
    "ksp_rtol": 1e-3,
    "ksp_gmres_restart": 100,
    "ksp_max_it": 400,
    "pc_type": "fieldsplit",
    "pc_fieldsplit_type": "multiplicative",
    "snes_lag_jacobian": 2,
} | {f"fieldsplit_{f}_{k}": v for f in (POTENTIAL, TEMPERATURE) for k, v in MULTIGRID.items()}
PRESETS: dict[str, dict[str, Any]] = {"direct": NEWTON | DIRECT, "iterative": NEWTON | ITERATIVE}

HIGHEST_TEMPERATURE = 4500.0  # K: nothing is solid above; laws that are held constant outside would allow any

# SNESConvergedReason of PETSc
ITERATING, CONVERGED, LINEAR, NOT_FINITE, TOO_MANY_ITERATIONS = 0, 2, -3, -4, -5

_prefixes = (f"thermolyte{i}_" for i in itertools.count())


class SolverSettings(BaseModel):
    """How the equations are solved; what is left out is chosen."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    preset: Literal["auto", "direct", "iterative"] = Field(
        "auto", description=f"auto: direct up to {DIRECT_UP_TO} unknowns, iterative above"
    )
    tolerance: float = Field(
        1e-12, gt=0, le=1e-4, description="residual over the heat flow through the device (dimensionless)"
    )
    petsc: dict[str, str | float | int | None] = Field({}, description="PETSc options that win over the preset")


@dataclass
class Report:
    """What one solve cost and how well it converged."""

    newton_iterations: int = 0
    linear_iterations: int = 0
    residuals: list[float] = field(default_factory=list)
    seconds: float = 0.0


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
        self.preset = settings.preset if settings.preset != "auto" else _preset(problem, self.unknowns)
        flows = {"snes_linesearch_type": "bt"} if problem.memory else {}  # a full step may overshoot the yield surface
        self.options = PRESETS[self.preset] | flows | settings.petsc | dict(argv or {})
        self.prefix = next(_prefixes)
        self._by_user = {**settings.petsc, **(argv or {})}
        self._set_up()
        heat_alone = set(problem.blocks.fields) <= {POTENTIAL, TEMPERATURE}
        self._criterion = FlowCriterion(problem, settings.tolerance) if heat_alone else StepCriterion(problem)
        self._unit = " W" if heat_alone else ""

    def _set_up(self) -> None:
        self._nonlinear = self._make()
        self.snes = self._nonlinear.solver
        if self.options.get("pc_type") == "fieldsplit":
            self.snes.getKSP().getPC().setFieldSplitIS(*_split(self.problem).items())
        self.snes.setConvergenceTest(self._converged)

    def _make(self) -> NonlinearProblem:
        database = PETSc.Options()
        database.setValue("options_left", False)  # not PETSc's list of internal names, but `unused_options`
        try:
            return NonlinearProblem(
                self.problem.F,
                self.problem.u,
                bcs=[*self.problem.bcs, *self._held],
                kind="mpi",
                petsc_options_prefix=self.prefix,
                petsc_options=self.options,
                entity_maps=self.problem.entity_maps,
            )
        except PETSc.Error as error:
            database.prefixPop()  # pushed by NonlinearProblem
            raise InputError(f"PETSc options (after --, or solver.petsc in the case): {_reason(error)}") from None

    def unused_options(self) -> list[str]:
        """A warning for each of the user's options that PETSc did not ask for in the solves so far."""
        database = PETSc.Options()
        return [
            f"PETSc option -{name} has no effect here: is it spelt right?"
            for name in self._by_user
            if not database.used(self.prefix + name)
        ]

    def solve(self) -> Report:
        """Solve from the present state of the problem.

        Raises:
            SolveError: not converged, or a temperature that is not above absolute zero; the state is as before.
        """
        start, before = time.perf_counter(), self.problem.state()
        self._report = Report()
        try:
            self._nonlinear.solve()
            reason = self.snes.getConvergedReason()
            inner = self.snes.getKSP().getConvergedReason()
            cause = None
        except PETSc.Error as error:
            if error.__cause__ is not None:  # raised in our own callbacks: Ctrl-C, or a bug
                raise error.__cause__ from None
            reason, inner, cause = -1, 0, _reason(error)
            self._set_up()  # after an error, PETSc's objects refuse any further call
        self._report.newton_iterations = self.snes.getIterationNumber()
        self._report.linear_iterations = self.snes.getLinearSolveIterations()
        self._report.seconds = time.perf_counter() - start
        problem = self._failure(reason, inner, cause)
        if problem:
            self.problem.restore(before)
            raise SolveError(problem)
        return self._report

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

    def _failure(self, reason: int, inner: int, cause: str | None) -> str | None:
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


def _preset(problem: Problem, unknowns: int) -> str:
    """Multigrid for large thermoelectric devices; factors where they are cheap, or where multigrid is not at home."""
    large = unknowns > DIRECT_UP_TO and set(problem.blocks.fields) <= {POTENTIAL, TEMPERATURE}
    return "iterative" if large else "direct"


def _reason(error: PETSc.Error) -> str:
    """The last line that PETSc says, without the rank."""
    return str(error).strip().splitlines()[-1].partition("] ")[2] or str(error)


def _split(problem: Problem) -> dict[str, PETSc.IS]:
    """Index sets of the two fields in the monolithic vector, potential first; terminal voltages go with it."""
    comm = problem.mesh.domain.comm
    sizes = [V.dofmap.index_map.size_local * V.dofmap.index_map_bs for V in problem.spaces]
    start = comm.scan(sum(sizes)) - sum(sizes)
    offsets = start + np.concatenate([[0], np.cumsum(sizes)])
    sets: dict[str, list[Any]] = {POTENTIAL: [], TEMPERATURE: []}
    for i in range(len(sizes)):
        sets[problem.field_of(i)].append(np.arange(offsets[i], offsets[i + 1], dtype=np.int32))
    indices: dict[str, Any] = {f: np.concatenate(x) for f, x in sets.items()}
    return {f: PETSc.IS().createGeneral(x, comm=comm) for f, x in indices.items()}
