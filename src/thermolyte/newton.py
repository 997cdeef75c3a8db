"""Newton's method for thermoelectric devices of any size: one matrix for each pair of fields, kept while it serves."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from petsc4py import PETSc

import numpy as np
from numpy.typing import NDArray

from thermolyte.assembly import FieldJacobian, Layout, RegionBody, Residual
from thermolyte.physics.local import POTENTIAL, TEMPERATURE
from thermolyte.problem import Problem

FIELDS = (TEMPERATURE, POTENTIAL)  # in the order of the unknowns
ORDER = (POTENTIAL, TEMPERATURE)  # in which the preconditioner treats them

# To which share of |F| a linear problem is solved: in the first step, with a Jacobian of an earlier state, with the
# right one, where a field is solved for by itself; in any case no further than to this share of what is asked for.
FIRST, KEPT, RENEWED, ALONE = 5e-5, 3e-4, 1e-4, {TEMPERATURE: 1e-4, POTENTIAL: 1e-2}
ENOUGH, LOOSEST = 0.3, 1e-2
GAIN = 0.015  # in |F| by one step: where it is less, the Jacobian is assembled again
TIRED = 3.0  # linear iterations per digit against those after set-up: where there are more, multigrid is set up again

ACCOUNTS = ("residual", "jacobian", "set-up")

Floats = NDArray[np.float64]


class FieldNewton:
    """SNES on the residual of a problem, preconditioned by multigrid for each field (`fieldsplit`).

    Along a sweep the Jacobian and multigrid stay what they are, until they serve no more. `seconds` tells where the
    time goes: residual, Jacobian, multigrid (its set-up); the rest is Krylov.
    """

    def __init__(self, problem: Problem, prefix: str, options: Mapping[str, Any], goal: Callable[[], float]):
        """`goal`: the |F| at which a state is good enough.

        Raises:
            PETSc.Error: options that PETSc refuses.
        """
        self._problem, self._goal = problem, goal
        self._fields, self._order = ([f for f in fields if f in problem.blocks.fields] for fields in (FIELDS, ORDER))
        layout = Layout(problem)
        body = [RegionBody(problem, r, layout) for r in problem.mesh.regions]
        self.jacobian = FieldJacobian(problem, self._fields, layout, body)
        self.seconds = dict.fromkeys(ACCOUNTS, 0.0)
        self._F = Residual(problem, layout, body)
        self._sizes = [V.dofmap.index_map.size_local for V in problem.spaces]
        self._own_tolerance = "ksp_rtol" in options
        self._x, self._b = self.jacobian.matrix.createVecRight(), self.jacobian.matrix.createVecLeft()
        self.solver = self._make(prefix, options)
        self._split = False
        self.forget()

    def _make(self, prefix: str, options: Mapping[str, Any]) -> PETSc.SNES:
        snes = PETSc.SNES().create(self._problem.mesh.domain.comm)
        snes.setFunction(self._residual, self._b)
        snes.setJacobian(self._renew, self.jacobian.matrix)
        snes.setOptionsPrefix(prefix)
        database = PETSc.Options()
        for name, value in options.items():
            database.setValue(prefix + name, value)
        snes.setFromOptions()
        sets = dict(zip(self._fields, self.jacobian.matrix.getNestISs()[0], strict=True))
        pc = snes.getKSP().getPC()
        pc.setFieldSplitIS(*((f, sets[f]) for f in self._order))
        return snes

    # ---- solving -----------------------------------------------------------------------------------------------------
    def solve(self) -> None:
        """Solve from the present state."""
        self._F.take_boundary_values()
        self._norm: float | None = None  # |F| before the last step
        self._x.array[:] = np.concatenate([u.x.array[:n] for u, n in zip(self._problem.u, self._sizes, strict=True)])
        self.solver.solve(None, self._x)

    def start(self) -> None:
        """A first guess from a uniform temperature: conduction alone, then the potential in that temperature.

        Multigrid is set up in passing, for each field in the state in which it is solved for.
        """
        self.forget()
        self._F.take_boundary_values()
        ksp = self.solver.getKSP()
        ksp.setOperators(self.jacobian.matrix)
        ksp.setUp()
        solvers = dict(zip(self._order, ksp.getPC().getFieldSplitSubKSP(), strict=True))
        for field in self._fields:
            with self._spending("jacobian"):
                self.jacobian.assemble()
            A, pc = self.jacobian.of_field(field), solvers[field].getPC()
            alone = PETSc.KSP().create(A.comm)
            alone.setType("fgmres")
            alone.setTolerances(rtol=ALONE[field])
            alone.setPC(pc)
            alone.setOperators(A)
            pc.setReusePreconditioner(False)
            with self._spending("set-up"):
                pc.setUp()
            rows, correction = A.createVecLeft(), A.createVecRight()
            rows.array[:] = self._rows(field, self._residual_rows())
            alone.solve(rows, correction)
            self._correct(field, correction.array_r)
            pc.setReusePreconditioner(True)
        self._multigrid = self._split = self._is_rough = True

    @property
    def is_used(self) -> bool:
        """Whether the Jacobian or multigrid of an earlier state is kept."""
        return self._jacobian or self._multigrid

    def forget(self) -> None:
        """Assemble the Jacobian and set up multigrid anew at the next step."""
        self._jacobian = self._multigrid = self._is_rough = False
        self._pace = math.nan  # linear iterations per digit after multigrid was set up

    # ---- callbacks ---------------------------------------------------------------------------------------------------
    def _residual(self, snes: PETSc.SNES, x: PETSc.Vec, b: PETSc.Vec) -> None:
        del snes
        start = 0
        values = x.array_r
        for u, n in zip(self._problem.u, self._sizes, strict=True):
            u.x.array[:n] = values[start : start + n]
            u.x.scatter_forward()
            start += n
        b.array[:] = self._residual_rows()

    def _renew(self, snes: PETSc.SNES, x: PETSc.Vec, A: PETSc.Mat, P: PETSc.Mat) -> None:
        """Assemble the Jacobian where the last step has gained little; say how exactly to solve the next one."""
        del x, P
        norm, ksp = float(snes.getFunctionNorm()), snes.getKSP()
        first, poor = self._norm is None, self._norm is not None and norm > GAIN * self._norm
        if self._is_rough and not first:  # the Jacobian of a first guess serves for one step
            poor, self._is_rough = True, False
        if not first and self._is_tired(ksp):
            self.forget()
        renewed = not self._jacobian or poor
        if renewed:
            with self._spending("jacobian"):
                self.jacobian.assemble()
            self._jacobian = True
        self._set_up(ksp, A)
        if not self._own_tolerance:
            share = FIRST if first else RENEWED if renewed else KEPT
            ksp.setTolerances(rtol=min(LOOSEST, max(share, ENOUGH * self._goal() / norm)))
        self._norm = norm

    def _set_up(self, ksp: PETSc.KSP, A: PETSc.Mat) -> None:
        ksp.setOperators(A)
        for pc in (ksp.getPC(), *(sub.getPC() for sub in self._of_fields(ksp))):
            pc.setReusePreconditioner(self._multigrid)
        with self._spending("set-up"):
            ksp.setUp()
            ksp.setUpOnBlocks()
        self._multigrid = self._split = True

    def _of_fields(self, ksp: PETSc.KSP) -> list[PETSc.KSP]:
        """The solver of each field, once the split has been made."""
        return ksp.getPC().getFieldSplitSubKSP() if self._split else []

    def _is_tired(self, ksp: PETSc.KSP) -> bool:
        """Whether the last linear problem took many more iterations than those just after multigrid was set up."""
        pace = ksp.getIterationNumber() / max(1.0, -math.log10(ksp.getTolerances()[0]))
        if math.isnan(self._pace):
            self._pace = max(pace, 2.0)
        return pace > TIRED * self._pace

    # ---- one field ------------------------------------------------------------------------------------------
    def _residual_rows(self) -> Floats:
        with self._spending("residual"):
            return self._F.assemble()

    def _blocks(self, field: str) -> Iterator[tuple[int, int, int]]:
        """Block, and its first and last row on this rank, of those of a field."""
        end = 0
        for i, (n, of) in enumerate(zip(self._sizes, self._problem.blocks.fields, strict=True)):
            end += n
            if of == field:
                yield i, end - n, end

    def _rows(self, field: str, rows: Floats) -> Floats:
        return np.concatenate([rows[start:end] for _, start, end in self._blocks(field)])

    def _correct(self, field: str, correction: Floats) -> None:
        first = 0
        for i, start, end in self._blocks(field):
            u = self._problem.u[i].x
            u.array[: end - start] -= correction[first : first + end - start]
            u.scatter_forward()
            first += end - start

    @contextmanager
    def _spending(self, what: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[what] += time.perf_counter() - start
