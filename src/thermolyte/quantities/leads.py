"""The currents that leave a body through its terminals, exactly conserved."""

from __future__ import annotations

import ufl
from dolfinx import fem

from thermolyte.blocks import UNIT
from thermolyte.physics.local import IONIC_POTENTIAL, POTENTIAL
from thermolyte.problem import Problem
from thermolyte.quantities.base import Integrals


class LeadCurrents(Integrals):
    """Currents of all terminals of a problem."""

    def __init__(self, problem: Problem):
        super().__init__(problem)
        self._into_leads = self.form(self._form_into_leads()) if problem.leads else None

    def current(self, name: str) -> float:
        """Current out of the body through a terminal [A]."""
        leads = [face for face in self.problem.leads if face.name == name]
        return self._through_leads(name) if leads else self._from_lumped_metal(name)

    def _form_into_leads(self) -> ufl.Form:
        """Minus the residual of the body tested by w: with w = 1 on the dofs of a lead, the current into it [A].

        The lead's own (φ − V)/ρ_t says the same, but is a difference of nearly equal numbers when ρ_t is small.
        """
        fields = self.problem.blocks.fields[: self.problem.blocks.first_terminal]
        blocks = [i for i, field in enumerate(fields) if field in (POTENTIAL, IONIC_POTENTIAL)]
        self._indicators = {i: fem.Function(self.problem.spaces[i]) for i in blocks}
        forms = [(self.problem.body[i], w / UNIT[fields[i]]) for i, w in self._indicators.items()]
        return sum(-ufl.replace(F, {F.arguments()[0]: w}) for F, w in forms)

    def _through_leads(self, name: str) -> float:
        touched = []
        for face in self.problem.leads:
            if face.name == name:
                field = self.problem.lead_field(face.region) or POTENTIAL
                dofs = self.problem.blocks.dofs(field, face.boundary, face.region)
                touched.append(self._indicators[self.problem.place[field, face.region]])
                touched[-1].x.array[dofs] = 1.0
        current = self.integrate(self._into_leads)
        for w in touched:
            w.x.array[:] = 0.0
        return current

    def _from_lumped_metal(self, name: str) -> float:
        """I of a I + b V = c with (a, b, c) = (1, 0, 0), which is what the row of the voltage then says."""
        closure, block = self.problem.closures[name], self.problem.blocks.global_block(POTENTIAL, name)
        if block is None:
            return 0.0
        present = closure.value.copy()
        closure.value = (1.0, 0.0, 0.0)
        rows = self.residual(block)[: self.problem.spaces[block].dofmap.index_map.size_local]
        closure.value = present
        return float(self._comm.allreduce(float(rows.sum()))) / UNIT[POTENTIAL]
