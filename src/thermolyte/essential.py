"""Values that the unknowns are held at: by the user's conditions, by symmetry, or for a while by a study."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import ufl
from dolfinx import fem

from thermolyte import compilation
from thermolyte.blocks import UNIT, component_of
from thermolyte.boundary.base import Essential
from thermolyte.coordinates import is_zero
from thermolyte.parameters import Parameters
from thermolyte.physics.local import DISPLACEMENT

if TYPE_CHECKING:
    from thermolyte.problem import Face, Problem

FLAT = 1e-6  # by how much the mean normal of a plane of symmetry may be off its axis


class _Value(NamedTuple):
    """The constant of a Dirichlet condition, and the parameter in SI that it follows."""

    constant: fem.Constant
    parameters: Parameters
    name: str
    unit: float


class EssentialConditions:
    """The Dirichlet conditions `bcs` of a problem, which follow the numbers of the case on `refresh`."""

    def __init__(self, problem: Problem):
        self._problem = problem
        self._values: list[_Value] = []
        self._held: dict[int, fem.Function] = {}
        self.bcs: list[fem.DirichletBC] = self._on_the_axis()
        for face in problem.faces:
            if isinstance(face.model, Essential):
                self.bcs += self._of(face)
        self.refresh()

    def refresh(self) -> None:
        """Take over the present parameters."""
        for value in self._values:
            value.constant.value = getattr(value.parameters, value.name).value / value.unit

    def hold_accumulated(self) -> list[fem.DirichletBC]:
        """Conditions that hold what accumulates at the values it has at the last `take_hold`."""
        p = self._problem
        self._held = {i: fem.Function(p.spaces[i]) for i in p.blocks.accumulating}
        found = []
        for i, values in self._held.items():
            index = p.spaces[i].dofmap.index_map
            found.append(fem.dirichletbc(values, np.arange(index.size_local + index.num_ghosts, dtype=np.int32)))
        return found

    def take_hold(self) -> None:
        """Hold the present values from now on."""
        for i, values in self._held.items():
            values.x.array[:] = self._problem.u[i].x.array

    def _of(self, face: Face) -> list[fem.DirichletBC]:
        p, field = self._problem, face.model.field
        space, out = p.spaces[p.place[field, face.region]], []
        axis = self.normal_axis(face) if field == DISPLACEMENT else None
        for component, name in face.model.values(p.setup.coordinates.axes, axis).items():
            constant = fem.Constant(p.mesh.domain, 0.0 if isinstance(name, str) else name / UNIT[field])
            if isinstance(name, str):
                self._values.append(_Value(constant, face.parameters, name, UNIT[field]))
            dofs = p.blocks.dofs(field, face.boundary, face.region, component)
            out.append(fem.dirichletbc(constant, dofs, component_of(space, component)))
        return out

    def normal_axis(self, face: Face) -> int | None:
        """The axis that a plane face is normal to; None when it is oblique or curved."""
        p = self._problem
        n, ds = ufl.FacetNormal(p.mesh.domain), p.mesh.ds(face.boundary, face.region, quadrature_degree=1)
        squares = [fem.assemble_scalar(compilation.form(n[k] ** 2 * ds)) for k in range(len(n))]
        total = p.mesh.domain.comm.allreduce(np.array(squares))
        axis = int(total.argmax())
        return axis if total[axis] > (1 - FLAT) * total.sum() else None

    def _on_the_axis(self) -> list[fem.DirichletBC]:
        """u_r = 0 where r = 0."""
        p = self._problem
        if p.setup.coordinates.kind == "cartesian":
            return []
        zero, out = fem.Constant(p.mesh.domain, 0.0), []
        for block in {i for (f, _), i in p.place.items() if f == DISPLACEMENT}:
            radial = component_of(p.spaces[block], 0)
            if radial is p.spaces[block]:
                dofs = fem.locate_dofs_geometrical(radial, lambda x: is_zero(x[0]))
            else:
                dofs = fem.locate_dofs_geometrical((radial, radial.collapse()[0]), lambda x: is_zero(x[0]))[0]
            out.append(fem.dirichletbc(zero, dofs, radial))
        return out
