"""Integration in time of one blocked residual F(t, u, u̇) = 0 with PETSc TS: BDF, steps by error, reports, events.

A differential-algebraic system of index 1: fields with a rate are differential, the others follow from them at every
instant. BDF uses the history of rates only, so algebraic fields need no consistent start: the first step finds them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc
from dolfinx.fem.forms import derivative_block
from numpy.typing import NDArray
from scipy.optimize import brentq
from ufl.algorithms import expand_derivatives

from thermolyte import compilation
from thermolyte.errors import SolveError
from thermolyte.integration import INITIAL_STEP, Cost, Event, Stop, TimeSettings, Transient

EVENT_TOLERANCE = 1e-9  # of the time from the start of the run
REJECTIONS = 20  # of one step, each to a quarter at most
CORRECTION, SMALLEST_CORRECTION = 1e-9, 1e-12  # of Newton's method: of a block's largest value; in its unit
ALGEBRAIC = 1e30  # error that an algebraic unknown may have: they follow from the others

NEWTON = {
    "snes_type": "newtonls",
    "snes_linesearch_type": "none",
    "snes_max_it": 15,
    "ksp_type": "preonly",
    "pc_type": "lu",
    "pc_factor_mat_solver_type": "mumps",
    "mat_mumps_icntl_14": 100,
}
# The error of the worst unknown decides: a mean would depend on how many unknowns lie far from where things happen.
ADAPTION = {"ts_adapt_wnormtype": "infinity", "ts_adapt_clip": "0.2,2.0"}

# SNESConvergedReason of PETSc
ITERATING, CONVERGED, NOT_FINITE, TOO_MANY_ITERATIONS = 0, 4, -4, -5
FACTORS_FAILED = -11  # KSPConvergedReason

_prefixes = (f"time{i}_" for i in itertools.count())


class TimeStepper:
    """TSBDF on a problem; each `run` starts afresh at order 1 from the state that the problem is in.

    PETSc's event handler finds the same times (`benchmarks/time_schemes.py`), but shows steps that it rolls back;
    here a step is accepted, with its internal variables, only after the events in it have been looked for.
    """

    def __init__(
        self, problem: Transient, settings: TimeSettings | None = None, petsc_options: Mapping[str, Any] | None = None
    ):
        self.problem, self.settings = problem, settings or TimeSettings()
        self.prefix = next(_prefixes)
        self._compile()
        self._make_options(NEWTON | ADAPTION | dict(petsc_options or {}))
        self._largest = np.zeros(len(problem.u))
        self._corrections: list[float] = []
        self._cost, self._locating = Cost(), False
        self.next_step: float | None = None  # that the error allows [s], after an accepted step

    # ---- discretised residual and Jacobian -----------------------------------------------------------------------
    def _compile(self) -> None:
        """Compile F and J = ∂F/∂u + s ∂F/∂u̇, with the shift s as a constant; empty blocks stay empty."""
        p = self.problem
        self.shift = fem.Constant(p.mesh.domain, 0.0)
        static, rate = derivative_block(p.F, p.u), derivative_block(p.F, p.rates)
        blocks = [
            [_sum(a, self.shift, b) for a, b in zip(*rows, strict=True)] for rows in zip(static, rate, strict=True)
        ]
        self.F = compilation.form(p.F, p.entity_maps)
        self.J = compilation.form(blocks, p.entity_maps)
        self.A = fem_petsc.create_matrix(self.J, kind="mpi")
        spaces = [u.function_space for u in p.u]
        self.x, self.b, self.atol = (fem_petsc.create_vector(spaces, kind="mpi") for _ in range(3))
        self._layout = self.x.getAttr("_blocks")
        sizes = [V.dofmap.index_map.size_local * V.dofmap.index_map_bs for V in spaces]
        self._ends = np.cumsum([0, *sizes])

    def _make_options(self, options: Mapping[str, Any]) -> None:
        database = PETSc.Options()
        database.setValue("options_left", False)
        for name, value in options.items():
            database.setValue(self.prefix + name, value)

    def _make(self, start: float, duration: float, first_step: float | None) -> PETSc.TS:
        """A TS without history."""
        s = self.settings
        ts = PETSc.TS().create(self.problem.mesh.domain.comm)
        ts.setOptionsPrefix(self.prefix)
        ts.setType(PETSc.TS.Type.BDF)
        PETSc.Options().setValue(f"{self.prefix}ts_bdf_order", s.order)
        ts.setIFunction(self._residual, self.b)
        ts.setIJacobian(self._jacobian, self.A)
        ts.setTime(start)
        ts.setTimeStep(min(first_step or s.initial_step or INITIAL_STEP * duration, s.maximum_step or np.inf))
        # `_step` hits the report times.
        ts.setExactFinalTime(PETSc.TS.ExactFinalTime.STEPOVER)  # type: ignore[arg-type]
        ts.setMaxTime(start + 2 * duration)  # never reached
        ts.setStepLimits(1e-14 * duration, s.maximum_step or duration)
        ts.setMaxSNESFailures(-1)
        ts.setMaxStepRejections(REJECTIONS)
        ts.setErrorIfStepFails(False)
        ts.setFromOptions()
        ts.getSNES().setConvergenceTest(self._converged)
        ts.setTolerances(rtol=0.0, atol=self.atol)
        fem_petsc.assign(self.problem.u, self.x)
        ts.setSolution(self.x)
        return ts

    def _residual(self, _ts: PETSc.TS, t: float, x: PETSc.Vec, rate: PETSc.Vec, b: PETSc.Vec) -> None:
        p = self.problem
        self._to_functions(rate, p.rates)
        p.time_step.value = t - self._accepted
        fem_petsc.assemble_residual(None, x, b, p.u, self.F, self.J, p.bcs, self._layout)

    def _jacobian(
        self, _ts: PETSc.TS, t: float, x: PETSc.Vec, rate: PETSc.Vec, shift: float, A: PETSc.Mat, P: PETSc.Mat
    ) -> None:
        p = self.problem
        self._to_functions(rate, p.rates)
        p.time_step.value = t - self._accepted
        self.shift.value = shift
        fem_petsc.assemble_jacobian(None, x, A, P, p.u, self.J, None, p.bcs)

    def _to_functions(self, x: PETSc.Vec, u: Sequence[fem.Function]) -> None:
        x.ghostUpdate(PETSc.InsertMode.INSERT, PETSc.ScatterMode.FORWARD)
        x.setAttr("_blocks", self._layout)
        fem_petsc.assign(x, u)

    # ---- Newton's method -----------------------------------------------------------------------------------------
    def _converged(self, snes: PETSc.SNES, iteration: int, norms: tuple[float, float, float]) -> int:
        """Converged when the last correction of every block is 1e-9 of its largest value.

        Newton's method is quadratic, so what then remains is round-off, and balances hold to it.
        """
        if iteration == 0:
            self._corrections.clear()
            if int(snes.getKSP().getConvergedReason()) == FACTORS_FAILED:  # type: ignore[call-overload]
                snes.getKSP().getPC().reset()  # after a singular matrix MUMPS refuses those of all later steps, too
        if not np.isfinite(norms[2]):
            return NOT_FINITE
        if iteration == 0:
            return ITERATING
        largest, correction = self._block_maxima(snes.getSolution(), snes.getSolutionUpdate())
        relative = float(np.max(correction / np.maximum(CORRECTION * largest, SMALLEST_CORRECTION)))
        self._cost.newton += 1
        self._corrections.append(relative * CORRECTION)
        if relative <= 1:
            self._allow_errors(largest)
            return CONVERGED
        return TOO_MANY_ITERATIONS if iteration >= snes.getTolerances()[3] else ITERATING

    def _block_maxima(self, *vectors: PETSc.Vec) -> NDArray[np.float64]:
        """Largest magnitude in each block of each vector, over all ranks; shape (vectors, blocks)."""
        local = np.zeros((len(vectors), len(self._ends) - 1))
        for row, vector in zip(local, vectors, strict=True):
            values = np.abs(vector.array_r)
            for i, (a, b) in enumerate(itertools.pairwise(self._ends)):
                row[i] = values[a:b].max(initial=0.0)
        self.problem.mesh.domain.comm.Allreduce(MPI.IN_PLACE, local, MPI.MAX)
        return local

    def _allow_errors(self, largest: NDArray[np.float64]) -> None:
        """Error control sees differential unknowns only, each relative to the largest value that its block has had."""
        self._largest = np.maximum(self._largest, largest)
        allowed = self.settings.tolerance * np.maximum(self._largest, SMALLEST_CORRECTION)
        allowed[self._locating | ~np.asarray(self.problem.differential, dtype=bool)] = ALGEBRAIC
        self.atol.array_w[:] = np.repeat(allowed, np.diff(self._ends))

    # ---- stepping ------------------------------------------------------------------------------------------------
    def run(
        self,
        start: float,
        stop: float,
        reports: Sequence[float] = (),
        events: Sequence[Event] = (),
        on_step: Callable[[float, bool], None] | None = None,
        first_step: float | None = None,
    ) -> Stop:
        """Integrate from the present state of the problem at `start` to `stop` [s], or to the first event.

        Args:
            start: time of the present state [s].
            stop: end [s].
            reports: times that steps end at [s]; those outside (start, stop) are left out.
            events: what ends the run early.
            on_step: called with the time and whether it is a report, at every accepted step; the end is a report.
            first_step: length to begin with [s]; default: that of the settings.

        Raises:
            SolveError: a step fails however short it is; the problem is in the last accepted state.
        """
        targets = [*sorted(t for t in set(reports) if start < t < stop), stop]
        self._accepted, self._cost = start, Cost()
        self._state = [u.x.array.copy() for u in self.problem.u]
        self._largest = np.zeros(len(self.problem.u))
        ts = self._make(start, stop - start, first_step)
        before = [e.value() for e in events]
        event: Event | None = None
        wish = ts.getTimeStep()
        try:
            while targets and event is None:
                wish, hit = self._step(ts, wish, targets[0])
                self.next_step = wish
                event, before = self._find_event(ts, events, before, start)
                hit = hit and event is None
                time = targets[0] if hit else float(ts.getTime())
                targets = targets[hit:]
                self._accept(time)
                if on_step:
                    on_step(time, event is not None or hit)
        finally:
            ts.destroy()
        return Stop(time, event.name if event else None, self._cost)

    def _step(self, ts: PETSc.TS, wish: float, target: float) -> tuple[float, bool]:
        """One step of the wished length, or less to hit the target; the next wish, and whether the target is hit."""
        left = target - ts.getTime()
        h = left if wish >= left * (1 - 1e-9) else min(wish, left / 2)
        full = self._take(ts, h)
        suggested = float(ts.getTimeStep())  # by the error of this step, at most twice its length
        return max(suggested, wish) if full and h < wish else suggested, full and h == left

    def _take(self, ts: PETSc.TS, h: float) -> bool:
        """Advance by h, or by less where the error or Newton's method asks for it; whether by h."""
        rejected = ts.getStepRejections()
        ts.setTimeStep(h)
        try:
            ts.step()
        except PETSc.Error as error:
            if error.__cause__ is not None:  # raised in our own callbacks: Ctrl-C, or a bug
                raise error.__cause__ from None
            self._fail(h, str(error).strip().splitlines()[-1].partition("] ")[2])
        rejected = ts.getStepRejections() - rejected
        self._cost.rejected += rejected
        if int(ts.getConvergedReason()) < 0:  # type: ignore[call-overload]
            self._fail(h, f"{rejected} attempts with shorter and shorter steps were rejected")
        self._to_functions(ts.getSolution(), self.problem.u)
        return bool(rejected == 0)

    def _accept(self, time: float) -> None:
        self._accepted = time
        self._state = [u.x.array.copy() for u in self.problem.u]
        self._cost.steps += 1
        self.problem.accept_step()

    def _fail(self, h: float, cause: str) -> NoReturn:
        """Back to the last accepted state, and say how far it came."""
        for u, values in zip(self.problem.u, self._state, strict=True):
            u.x.array[:] = values
        history = ", ".join(f"{c:.0e}" for c in self._corrections) or "none"
        raise SolveError(
            f"no step from t = {self._accepted:.6g} s succeeds (first attempt {h:.3g} s): {cause}; "
            f"{self._cost.steps} steps before it are kept. Last Newton corrections, relative: {history}"
        )

    # ---- events --------------------------------------------------------------------------------------------------
    def _find_event(
        self, ts: PETSc.TS, events: Sequence[Event], before: Sequence[float], start: float
    ) -> tuple[Event | None, list[float]]:
        """The first event in the step just taken, with the step shortened to end there; and the events' values."""
        found = None
        for event, value in zip(events, before, strict=True):
            if event.passed(value, event.value()):
                found = event
                if not event.passed(value, value):  # else it lay behind from the start
                    self._shorten(ts, event, value, start)
        return found, [e.value() for e in events]

    def _shorten(self, ts: PETSc.TS, event: Event, before: float, start: float) -> None:
        """Repeat the step with the length at which the event is zero: its time has the accuracy of the scheme."""
        time, h = ts.getTime(), ts.getTime() - self._accepted
        known = {0.0: before, h: event.value()}
        taken = h

        def value(h: float) -> float:
            nonlocal taken
            if h not in known:
                self._retake(ts, h)
                known[h], taken = event.value(), h
            return known[h]

        self._locating = True
        xtol = max(EVENT_TOLERANCE * (time - start), 4 * np.finfo(float).eps * abs(time))
        root = float(brentq(value, 0.0, h, xtol=xtol)) or min(h, xtol)
        if root != taken:
            self._retake(ts, root)
        self._locating = False

    def _retake(self, ts: PETSc.TS, h: float) -> None:
        """The last step again with another length."""
        ts.rollBack()
        if self._cost.steps == 0:
            ts.restartStep()  # the intermediate stage of BDF's first step belongs to the old length
        self._take(ts, h)


def _sum(static: ufl.Form, shift: fem.Constant, rate: ufl.Form) -> ufl.Form | None:
    """∂F/∂u + s ∂F/∂u̇, or None where both are empty."""
    parts = [f for f in (expand_derivatives(static), expand_derivatives(rate)) if not f.empty()]
    return None if not parts else static + shift * rate
