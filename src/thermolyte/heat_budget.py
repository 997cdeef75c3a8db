"""Why so much heat enters the hot side: conduction, Peltier heat, and the Joule heat that comes back.

For constant properties the textbook says Q_h = K ΔT + S T_h I − ½ I² R. Here every part is an integral over the device,
weighted by w, the share of a heat released at a point that leaves through the hot side:

    ∇·(κ∇w) = 0,   w = 1 on the hot side, w = 0 on the cold side, (w_a − w_b)/R_th across thermal contacts.

Testing the heat balance with w gives, without remainder,

    Q_h =   ∫ κ ∇T·∇w + Σ ∮ (T_a − T_b)(w_a − w_b)/R_th        conduction
          − ∫ S J·∇(T w)                                         Peltier and Thomson heat
          − ∫ J·σ⁻¹J w                                           Joule heat in the volume
          − Σ ∮ ρ J² (w_a + w_b)/2                               Joule heat in contacts and leads
          + ∮ q·n w                                              losses through the other boundaries
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from mpi4py import MPI

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem.petsc import LinearProblem
from ufl.core.expr import Expr

from thermolyte import compilation
from thermolyte.boundary.thermal import HeatCondition
from thermolyte.errors import SolveError
from thermolyte.physics import thermoelectricity as physics
from thermolyte.physics.balance import apply
from thermolyte.physics.local import POTENTIAL, TEMPERATURE
from thermolyte.problem import Problem
from thermolyte.quantities import Device, Values

OPTIONS = {
    "direct": {"ksp_type": "preonly", "pc_type": "lu", "pc_factor_mat_solver_type": "mumps"},
    "iterative": {"ksp_type": "cg", "ksp_rtol": 1e-8, "pc_type": "hypre", "pc_hypre_type": "boomeramg"},
}


class HeatBudget:
    """The parts of Q_h of a problem; forms are compiled once, `evaluate` reads the present state."""

    def __init__(self, problem: Problem, device: Device, preset: str):
        self._problem, self._device = problem, device
        blocks = sorted({i for (f, _), i in problem.place.items() if f == TEMPERATURE})
        self._index = {r: blocks.index(i) for (f, r), i in problem.place.items() if f == TEMPERATURE}
        spaces = [problem.spaces[i] for i in blocks]
        self._w = [fem.Function(V) for V in spaces]
        both = ufl.MixedFunctionSpace(*spaces)
        trial, test = ufl.TrialFunctions(both), ufl.TestFunctions(both)
        zero = fem.Constant(problem.mesh.domain, 0.0)
        nothing = sum(zero * test[i] * problem.dx(r) for r, i in self._index.items())
        maps = problem.entity_maps
        self._weights = LinearProblem(
            compilation.form(ufl.extract_blocks(self._conduction(trial, test)), maps),
            compilation.form(ufl.extract_blocks(nothing), maps),
            u=self._w,
            bcs=[*self._side(device.hot, 1.0), *self._side(device.cold, 0.0)],
            kind="mpi",
            petsc_options_prefix=f"heat_budget_{next(_count)}_",
            petsc_options=OPTIONS[preset],
        )
        self._forms = {n: compilation.form(f, maps) for n, f in self._parts().items()}

    def evaluate(self) -> Values:
        """Parts of Q_h [W]; they add up to it.

        Raises:
            SolveError: the weights did not converge.
        """
        self._weights.solve()
        if self._weights.solver.getConvergedReason() < 0:
            raise SolveError("the weights of the heat budget did not converge; try solver.preset=direct")
        comm = self._problem.mesh.domain.comm
        return {f"heat_budget.{n}": comm.allreduce(fem.assemble_scalar(f), MPI.SUM) for n, f in self._forms.items()}

    def _side(self, boundaries: Sequence[str], value: float) -> list[fem.DirichletBC]:
        p = self._problem
        return [
            fem.dirichletbc(np.float64(value), p.blocks.dofs(TEMPERATURE, b, r), p.spaces[p.place[TEMPERATURE, r]])
            for b in boundaries
            for r in p.mesh.regions_at(b)
        ]

    def _conduction(self, u: Sequence[Expr], w: Sequence[Expr]) -> ufl.Form:
        """∫ κ ∇u·∇w + Σ ∮ (u_a − u_b)(w_a − w_b)/R_th, with κ and R_th at the temperature of the state."""
        p, form = self._problem, 0
        for r, medium in p.media.items():
            state, i = p.at(r, p.u), self._index[r]
            kappa = medium.at(state).thermal_conductivity(state[TEMPERATURE])
            form += ufl.inner(apply(kappa, ufl.grad(u[i])), ufl.grad(w[i])) * p.dx(r)
        for a, b in p.setup.interfaces:
            contact = p.contact(a, b)
            if contact is not None and TEMPERATURE in contact[0].jumps:
                law, parameters = contact
                i, j = self._index[a], self._index[b]
                R = law.thermal_resistance_between(parameters, p.at(a, p.u, "+"), p.at(b, p.u, "-"))
                form += (u[i]("+") - u[j]("-")) * (w[i]("+") - w[j]("-")) / R * p.dS(a, b)
        return form

    def _parts(self) -> dict[str, ufl.Form]:
        p = self._problem
        temperatures = [p.u[i] for i in sorted({i for (f, _), i in p.place.items() if f == TEMPERATURE})]
        parts: dict[str, ufl.Form] = {"conduction": self._conduction(temperatures, self._w)}
        for r, medium in p.media.items():
            if medium.conducts:
                u, w = p.at(r, p.u), self._w[self._index[r]]
                seebeck = medium.at(u).seebeck_coefficient(u[TEMPERATURE])
                J = physics.fluxes(medium, u).current_density
                _add(parts, "peltier", -ufl.inner(apply(seebeck, J), ufl.grad(u[TEMPERATURE] * w)) * p.dx(r))
                _add(parts, "joule", -physics.joule_heat(medium, u) * w * p.dx(r))
        for a, b in p.setup.interfaces:
            contact = p.contact(a, b)
            if contact is not None and POTENTIAL in contact[0].jumps:
                law, parameters = contact
                heat = law.joule_heat(parameters, p.at(a, p.u, "+"), p.at(b, p.u, "-"))
                w = self._w[self._index[a]]("+") + self._w[self._index[b]]("-")
                _add(parts, "contact_joule", -heat * w / 2 * p.dS(a, b))
        for face in p.leads:
            heat = face.parameters.contact_resistivity * p.lead_current_density(face) ** 2
            _add(parts, "contact_joule", -heat * self._w[self._index[face.region]] * p.lead_ds(face))
        for face in p.faces:
            if face.boundary not in self._device.hot and isinstance(face.model, HeatCondition):
                loss = p.outward_heat_flux(face) * self._w[self._index[face.region]]
                _add(parts, "losses", loss * p.ds(face))
        return parts


def _add(parts: dict[str, ufl.Form], name: str, form: ufl.Form) -> None:
    parts[name] = parts[name] + form if name in parts else form


_count = itertools.count()
