"""Linearised frequency response: Z(ω) of a terminal around the present state of an electrochemical problem.

    (J + iωM) δu = δI e_V,   J = ∂F/∂u,  M = ∂F/∂u̇,     Z = −δV/δI

with the current I out of the body at the terminal. The complex system is solved in real arithmetic,

    | J   −ωM |  | Re δu |   | e_V |
    | ωM    J |  | Im δu | = |  0  |
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc
from dolfinx.fem.forms import derivative_block
from ufl.algorithms import expand_derivatives

from thermolyte import compilation
from thermolyte.blocks import UNIT
from thermolyte.case import Case
from thermolyte.errors import InputError, SolveError
from thermolyte.physics.local import CHARGE, POTENTIAL
from thermolyte.problem import Problem
from thermolyte.quantities import Values
from thermolyte.results.recorder import Recorder
from thermolyte.studies import transient
from thermolyte.studies.study import Impedance

if TYPE_CHECKING:
    from thermolyte.studies.simulator import Simulator

_prefixes = (f"impedance{i}_" for i in itertools.count())


def respond(case: Case, study: Impedance, simulator: Simulator, recorder: Recorder) -> Values:
    """The impedance at all frequencies, in a table; returns the quantities of the operating point.

    Raises:
        InputError: no terminal whose current can be varied.
        SolveError: the operating point has no solution, or the linear system none.
    """
    if study.after is not None:
        values = transient.follow(case, study.after, simulator, recorder)
    else:
        values = simulator.solve(case)
    terminal = case.electrical_terminal()
    if terminal is None:
        raise InputError(f"{case.place('terminals')}: an impedance needs a terminal with a current: add one, of 0 A")
    response = LinearResponse(simulator.problem, terminal)
    rows = []
    for frequency in study.frequencies:
        Z = response.impedance(2 * np.pi * frequency)
        row = {"frequency [Hz]": frequency, "impedance_real [ohm]": Z.real, "impedance_imaginary [ohm]": Z.imag}
        rows.append(row)
    recorder.table("impedance", rows)
    return values


class LinearResponse:
    """The matrices J and M of a problem at its present state."""

    def __init__(self, problem: Problem, terminal: str):
        self._problem = problem
        block = problem.blocks.global_block(POTENTIAL, terminal)
        if block is None:
            raise InputError(f"terminal {terminal} has no voltage")
        fields = zip(problem.blocks.fields, problem.differential, strict=True)
        if not any(moves and field != CHARGE for field, moves in fields):
            raise InputError("study: nothing depends on time here, so that the impedance is the resistance")
        closure = problem.closures[terminal]
        present = closure.value.copy()
        closure.value = (1.0, 0.0, 0.0)  # the terminal is driven by a current
        self._J, self._M = self._assemble()
        closure.value = present
        sizes = [V.dofmap.index_map.size_local * V.dofmap.index_map_bs for V in problem.spaces]
        self._local, self._offset = sum(sizes), sum(sizes[:block])
        self._has_terminal = sizes[block] > 0

    def _assemble(self) -> list[PETSc.Mat]:
        """J and M on one layout: the form w J + s M at (w, s) = (1, 0) and (0, 1)."""
        p = self._problem
        static, rate = derivative_block(p.F, p.u), derivative_block(p.F, p.rates)
        weights = fem.Constant(p.mesh.domain, 0.0), fem.Constant(p.mesh.domain, 0.0)
        blocks = [
            [_weighted(weights, pair) for pair in zip(*rows, strict=True)] for rows in zip(static, rate, strict=True)
        ]
        form = compilation.form(blocks, p.entity_maps)
        found = []
        for i, weight in enumerate(weights):
            weight.value = 1.0
            A = fem_petsc.create_matrix(form, kind="mpi")
            fem_petsc.assemble_matrix(A, form, bcs=p.bcs, diag=1.0 - i)  # a held value has no rate
            A.assemble()
            weight.value = 0.0
            found.append(A)
        return found

    def impedance(self, omega: float) -> complex:
        """Z [Ω] at the angular frequency ω [1/s]."""
        comm = self._problem.mesh.domain.comm
        up, down = self._M.copy(), self._M.copy()
        up.scale(-omega)
        down.scale(omega)
        A = PETSc.Mat().createNest([[self._J, up], [down, self._J]], comm=comm)
        A.convert("aij")
        x, b = A.createVecRight(), A.createVecLeft()
        if self._has_terminal:
            b.array_w[self._offset] = UNIT[POTENTIAL]  # the row of V: a I + ... = c, with c = 1 A
        self._solve(A, x, b)
        found = np.zeros(2)
        if self._has_terminal:
            found[:] = x.array_r[self._offset], x.array_r[self._local + self._offset]
        comm.Allreduce(MPI.IN_PLACE, found, MPI.SUM)
        return -UNIT[POTENTIAL] * complex(*found)

    def _solve(self, A: PETSc.Mat, x: PETSc.Vec, b: PETSc.Vec) -> None:
        ksp = PETSc.KSP().create(self._problem.mesh.domain.comm)
        ksp.setOptionsPrefix(next(_prefixes))
        ksp.setOperators(A)
        ksp.setType("preonly")
        ksp.getPC().setType("lu")
        ksp.getPC().setFactorSolverType("mumps")
        ksp.solve(b, x)
        if int(ksp.getConvergedReason()) < 0:  # type: ignore[call-overload]
            raise SolveError(f"the linear response has no solution (PETSc reason {ksp.getConvergedReason()})")
        ksp.destroy()


def _weighted(weights: Sequence[fem.Constant], forms: Sequence[ufl.Form]) -> ufl.Form | None:
    """The weighted sum of those forms that are not empty; None if all are."""
    expanded = [(w, expand_derivatives(form)) for w, form in zip(weights, forms, strict=True)]
    parts = [w * form for w, form in expanded if not form.empty()]
    return sum(parts[1:], parts[0]) if parts else None
