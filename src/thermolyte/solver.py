"""PETSc presets and the nonlinear solve: converged to what a user reads, or an error that says how far it came."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem.petsc import NonlinearProblem
from pydantic import BaseModel, ConfigDict, Field

from thermolyte.errors import InputError, SolveError
from thermolyte.physics import thermoelectricity as physics
from thermolyte.physics.balance import apply
from thermolyte.physics.thermoelectricity import POTENTIAL, TEMPERATURE
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
PATIENCE = 12  # Newton steps without gain

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
    flow: float = 0.0
    seconds: float = 0.0


class Solver:
    """Newton's method on the blocks of a problem; kept over a sweep, so that set-up is paid once."""

    def __init__(self, problem: Problem, settings: SolverSettings, argv: Mapping[str, Any] | None = None):
        self.problem, self.settings = problem, settings
        self.unknowns = sum(V.dofmap.index_map.size_global * V.dofmap.index_map_bs for V in problem.spaces)
        small = self.unknowns <= DIRECT_UP_TO
        self.preset = settings.preset if settings.preset != "auto" else "direct" if small else "iterative"
        self.options = PRESETS[self.preset] | settings.petsc | dict(argv or {})
        self.prefix = next(_prefixes)
        self._by_user = {**settings.petsc, **(argv or {})}
        self._set_up()
        self._flow_forms = self._compile_flow()

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
                bcs=self.problem.bcs,
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
        """Converged when |F| is below the tolerance times the flow through the device, or only round-off is left.

        |F| is in watts (and amperes times 4 mV); the initial residual means nothing, so it is not used.
        """
        norm, report = float(norms[2]), self._report
        report.residuals.append(norm)
        if not np.isfinite(norm) or norm > 1e30:
            return NOT_FINITE
        if iteration == 0:  # a start may satisfy the equations of yesterday's currents: take at least one step
            return ITERATING
        report.flow = self._flow()
        stalled = norm > 0.3 * report.residuals[-2]
        if norm <= self.settings.tolerance * report.flow or (stalled and norm <= self._round_off()):
            return CONVERGED
        if iteration >= snes.getTolerances()[3] or _stuck(report.residuals):
            return TOO_MANY_ITERATIONS
        return ITERATING

    def _round_off(self) -> float:
        """Where |F| stops falling at the latest: some machine epsilons of the terms that cancel in each row."""
        diagonal = self.snes.getJacobian()[0].getDiagonal()
        diagonal.pointwiseMult(diagonal, self.snes.getSolution())
        return float(8 * np.finfo(float).eps * diagonal.norm())

    def _compile_flow(self) -> list[Any]:
        """∫ κ|∇T|² dx [W K] and ∫ J·σ⁻¹J dx [W], whose size tells what a small residual is."""
        p, conduction, joule = self.problem, 0, 0
        for r, medium in p.media.items():
            u = p.at(r, p.u)
            T = u[TEMPERATURE]
            conduction += ufl.inner(apply(medium.thermal_conductivity(T), ufl.grad(T)), ufl.grad(T)) * p.dx(r)
            if medium.conducts:
                joule += physics.joule_heat(medium, u) * p.dx(r)
        return [fem.form(f, entity_maps=p.entity_maps) if f else None for f in (conduction, joule)]

    def _flow(self) -> float:
        """Heat that flows through the device [W]: dissipation of conduction over the span of T, or Joule heat.

        Where nothing flows it is tiny, and `_round_off` decides.
        """
        comm = self.problem.mesh.domain.comm
        conduction, joule = (comm.allreduce(fem.assemble_scalar(f)) if f else 0.0 for f in self._flow_forms)
        low, high = temperature_range(self.problem)
        span = high - low
        return float(max(conduction / span if span > 1e-6 else 0.0, abs(joule), 1e-9))

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
        return f"{cause} (|F| from {residuals[0]:.1e} to {residuals[-1]:.1e} W, {self.preset} solver{remedy})"


def _stuck(residuals: list[float]) -> bool:
    """Whether Newton's method has gained nothing in its last steps: it will not in the next ones either."""
    before, recent = residuals[:-PATIENCE], residuals[-PATIENCE:]
    return bool(before) and min(recent) > 0.5 * min(before)


def _reason(error: PETSc.Error) -> str:
    """The last line that PETSc says, without the rank."""
    return str(error).strip().splitlines()[-1].partition("] ")[2] or str(error)


def temperature_range(problem: Problem) -> tuple[float, float]:
    """Lowest and highest temperature of all dofs [K]."""
    comm = problem.mesh.domain.comm
    values = [u.x.array for i, u in enumerate(problem.u) if problem.field_of(i) == TEMPERATURE and len(u.x.array)]
    low = min((float(x.min()) for x in values), default=np.inf)
    high = max((float(x.max()) for x in values), default=-np.inf)
    return -comm.allreduce(-low, op=MPI.MAX), comm.allreduce(high, op=MPI.MAX)


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
