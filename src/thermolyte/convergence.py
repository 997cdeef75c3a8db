"""When Newton's method has arrived: in terms of what a user reads, not of the first residual."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import ufl
from dolfinx import fem
from numpy.typing import NDArray

from thermolyte import compilation
from thermolyte.physics import thermoelectricity
from thermolyte.physics.balance import apply
from thermolyte.physics.local import TEMPERATURE
from thermolyte.problem import Problem

PATIENCE = 12  # Newton steps without gain
SMALL_STEP = 1e-8  # of a field: Newton's method doubles the digits, so the state is then exact to round-off
LITTLE_POWER = 1e-3  # of the heat flow: the least electrical power that is looked at
NOTHING = 1e-12  # a field of this size, in its natural unit, is zero


class FlowCriterion:
    """|F| is below the tolerance times the flow through a thermoelectric device, or only round-off is left.

    |F| is in watts (and amperes times 4 mV); the initial residual means nothing, so it is not used. The rows of charge
    are held against the electrical power, for a voltage may be that of a device through which little else than heat
    flows.
    """

    def __init__(self, problem: Problem, tolerance: float):
        self._problem, self._tolerance = problem, tolerance
        self._forms = self._compile()
        self._flow: float | None = None
        self._power = 0.0
        sizes = [V.dofmap.index_map.size_local * V.dofmap.index_map_bs for V in problem.spaces]
        self._heat_rows = sum(n for n, f in zip(sizes, problem.blocks.fields, strict=True) if f == TEMPERATURE)

    def met(self, snes: PETSc.SNES, residuals: Sequence[float]) -> bool:
        """Whether the present state is the solution."""
        if len(residuals) == 2:  # after the first step the state is like the solution
            self._flow, self._power = self.flows()
        stalled = residuals[-1] > 0.3 * residuals[-2]
        done = residuals[-1] <= self._tolerance * (self._flow or 0.0) and self._charge(snes) <= self._charge_goal()
        return done or (stalled and residuals[-1] <= _round_off(snes))

    def goal(self) -> float:
        """The |F| that is asked for [W]; nothing before a first step was made."""
        return 0.0 if self._flow is None else min(self._tolerance * self._flow, self._charge_goal())

    def _charge_goal(self) -> float:
        return self._tolerance * max(self._power, LITTLE_POWER * (self._flow or 0.0))

    def _charge(self, snes: PETSc.SNES) -> float:
        """|F| of the rows of charge [4 mV A]; they follow those of heat."""
        rows = snes.getFunction()[0].array_r[self._heat_rows :]
        return float(np.sqrt(self._problem.mesh.domain.comm.allreduce(float(rows @ rows))))

    def _compile(self) -> list[Any]:
        """∫ κ|∇T|² dx [W K], ∫ J·σ⁻¹J dx and ∫ σ|S∇T|² dx [W], whose sizes tell what a small residual is."""
        p, conduction, joule, source = self._problem, 0, 0, 0
        for r, medium in p.media.items():
            u = p.at(r, p.u)
            T = u[TEMPERATURE]
            conduction += ufl.inner(apply(medium.thermal_conductivity(T), ufl.grad(T)), ufl.grad(T)) * p.dx(r)
            if medium.conducts:
                joule += thermoelectricity.joule_heat(medium, u) * p.dx(r)
                field = apply(medium.seebeck_coefficient(T), ufl.grad(T))
                source += ufl.inner(apply(medium.electrical_conductivity(T), field), field) * p.dx(r)
        return [compilation.form(f, p.entity_maps) if f else None for f in (conduction, joule, source)]

    def flows(self) -> tuple[float, float]:
        """Heat and electrical power of the device [W].

        The heat is the dissipation of conduction over the span of T, or Joule heat; the power is Joule heat, or what
        the Seebeck effect of all parts would give in a short circuit. Where nothing flows they are tiny, and round-off
        decides.
        """
        comm = self._problem.mesh.domain.comm
        conduction, joule, source = (comm.allreduce(fem.assemble_scalar(f)) if f else 0.0 for f in self._forms)
        low, high = temperature_range(self._problem)
        span = high - low
        heat = max(conduction / span if span > 1e-6 else 0.0, abs(joule), 1e-9)
        return float(heat), float(max(abs(joule), source))


class StepCriterion:
    """Newton's last correction of every field is small against the field."""

    def __init__(self, problem: Problem):
        self._problem = problem
        self._ends = np.cumsum([V.dofmap.index_map.size_local * V.dofmap.index_map_bs for V in problem.spaces])

    def met(self, snes: PETSc.SNES, residuals: Sequence[float]) -> bool:
        """Whether the present state is the solution."""
        del residuals
        step, state = (self._largest(x.array_r) for x in (snes.getSolutionUpdate(), snes.getSolution()))
        return bool((step <= np.maximum(SMALL_STEP * state, NOTHING)).all())

    def _largest(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Largest entry of each field over all ranks."""
        fields = self._problem.blocks.fields
        found = dict.fromkeys(fields, 0.0)
        for field, block in zip(fields, np.split(x, self._ends[:-1]), strict=True):
            found[field] = max(found[field], float(np.max(np.abs(block), initial=0.0)))
        largest = np.array([*found.values()])
        self._problem.mesh.domain.comm.Allreduce(MPI.IN_PLACE, largest, MPI.MAX)
        return largest


def stuck(residuals: Sequence[float]) -> bool:
    """Whether Newton's method has gained nothing in its last steps: it will not in the next ones either."""
    before, recent = residuals[:-PATIENCE], residuals[-PATIENCE:]
    return bool(before) and min(recent) > 0.5 * min(before)


def temperature_range(problem: Problem) -> tuple[float, float]:
    """Lowest and highest temperature of all dofs [K]; the given one where it is not solved for."""
    comm = problem.mesh.domain.comm
    if TEMPERATURE not in problem.blocks.fields:
        given = float(problem.temperature.value)
        return given, given
    values = [u.x.array for i, u in enumerate(problem.u) if problem.field_of(i) == TEMPERATURE and len(u.x.array)]
    low = min((float(x.min()) for x in values), default=np.inf)
    high = max((float(x.max()) for x in values), default=-np.inf)
    return -comm.allreduce(-low, op=MPI.MAX), comm.allreduce(high, op=MPI.MAX)


def _round_off(snes: PETSc.SNES) -> float:
    """Where |F| stops falling at the latest: some machine epsilons of the terms that cancel in each row."""
    diagonal = snes.getJacobian()[0].getDiagonal()
    diagonal.pointwiseMult(diagonal, snes.getSolution())
    return 8 * float(np.finfo(float).eps) * float(np.asarray(diagonal.norm()))
