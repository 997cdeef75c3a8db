"""Linearised frequency response: Z(ω) of a terminal around the present state of an electrochemical problem.

    (J + iωM) δu = δI e_V,   J = ∂F/∂u,  M = ∂F/∂u̇,     Z = −δV/δI

with the current I out of the body at the terminal. The complex system is solved in real arithmetic,

    | J   −ωM |  | Re δu |   | e_V |
    | ωM    J |  | Im δu | = |  0  |
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc
from dolfinx.fem.forms import derivative_block
from ufl.algorithms import expand_derivatives

from thermolyte.blocks import UNIT
from thermolyte.case import Case
from thermolyte.errors import InputError, SolveError
from thermolyte.physics.local import POTENTIAL
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
        simulator.switch_on(case)
        values = simulator.measure(case)
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
        closure = problem.closures[terminal]
        present = closure.value.copy()
        closure.value = (1.0, 0.0, 0.0)  # the terminal is driven by a current
        self._J, self._M = self._assemble(problem.u), self._assemble(problem.rates)
        closure.value = present
        sizes = [V.dofmap.index_map.size_local * V.dofmap.index_map_bs for V in problem.spaces]
        self._local, self._offset = sum(sizes), sum(sizes[:block])
        self._has_terminal = sizes[block] > 0

    def _assemble(self, by: list[fem.Function]) -> PETSc.Mat:
        """∂F/∂`by`, with the identity on held dofs for J and nothing there for M."""
        p = self._problem
        blocks = [[_or_none(f) for f in row] for row in derivative_block(p.F, by)]
        if not any(f is not None for row in blocks for f in row):
            raise InputError("study: nothing depends on time here, so that the impedance is the resistance")
        # A block of zeros on the diagonal keeps the layout where nothing is derived.
        zero = fem.Constant(p.mesh.domain, 0.0)
        for i, (row, derived) in enumerate(zip(blocks, derivative_block(p.F, p.u), strict=True)):
            if all(f is None for f in row):
                j = next(k for k, f in enumerate(derived) if _or_none(f) is not None)
                row[j] = zero * derived[j]
        form = fem.form(blocks, entity_maps=p.entity_maps)
        A = fem_petsc.create_matrix(form, kind="mpi")
        fem_petsc.assemble_matrix(A, form, bcs=p.bcs, diag=1.0 if by is p.u else 0.0)
        A.assemble()
        return A

    def impedance(self, omega: float) -> complex:
        """Z [Ω] at the angular frequency ω [1/s]."""
        comm = self._problem.mesh.domain.comm
        up, down = self._M.copy(), self._M.copy()
        up.scale(-omega)
        down.scale(omega)
        A = PETSc.Mat().createNest([[self._J, up], [down, self._J]], comm=comm)
        A.convert("aij")
        x, b = A.createVecs()
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
        if ksp.getConvergedReason() < 0:
            raise SolveError(f"the linear response has no solution (PETSc reason {ksp.getConvergedReason()})")
        ksp.destroy()


def _or_none(form: object) -> object:
    expanded = expand_derivatives(form)
    return None if expanded.empty() else expanded
