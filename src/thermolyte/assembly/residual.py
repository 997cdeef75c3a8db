"""The residual of a problem."""

from __future__ import annotations

import numpy as np
import ufl
from dolfinx import fem, la
from numpy.typing import NDArray

from thermolyte import compilation
from thermolyte.assembly.body import Layout, RegionBody
from thermolyte.problem import Problem


class Residual:
    """F of a problem at present; what is held holds what it should, and has no residual."""

    def __init__(self, problem: Problem, layout: Layout, body: list[RegionBody]):
        self._layout, self._body = layout, body
        self._blocks = [_Block(problem, i) for i in range(len(problem.F))]

    def take_boundary_values(self) -> None:
        """Set what conditions hold."""
        for block in self._blocks:
            block.take_boundary_values()

    def assemble(self) -> NDArray[np.float64]:
        """All rows that this rank owns, block after block."""
        state = self._layout.state()
        rows = np.zeros(self._layout.size)
        for region in self._body:
            region.add_residual(state, rows)
        parts = np.split(rows, self._layout.starts[1:-1])
        return np.concatenate([block.finish(part) for block, part in zip(self._blocks, parts, strict=True)])


class _Block:
    """One block: its integrals over facets, its conditions, and what ranks have to tell each other."""

    def __init__(self, problem: Problem, i: int):
        V = problem.spaces[i]
        facets = ufl.Form([x for x in problem.F[i].integrals() if x.integral_type() != "cell"])
        self._facets = None if facets.empty() else compilation.form(facets, problem.entity_maps)
        self._vector, self._owned = la.vector(V.dofmap.index_map), V.dofmap.index_map.size_local
        self._values = problem.u[i].x
        self._conditions = [bc for bc in problem.bcs if V._cpp_object.contains(bc.function_space)]
        none = np.zeros(0, np.int32)
        self._held = np.unique(np.concatenate([none, *(bc.dof_indices()[0] for bc in self._conditions)]))

    def take_boundary_values(self) -> None:
        """Set what conditions hold, on this rank and where it sees the dofs of others."""
        for bc in self._conditions:
            bc.set(self._values.array)
        self._values.scatter_forward()

    def finish(self, body: NDArray[np.float64]) -> NDArray[np.float64]:
        """The rows that this rank owns, `body` being the integrals over regions."""
        rows = self._vector.array
        rows[:] = body
        if self._facets is not None:
            fem.assemble_vector(rows, self._facets)
        self._vector.scatter_reverse(la.InsertMode.add)
        rows[self._held] = 0.0
        owned: NDArray[np.float64] = rows[: self._owned]
        return owned
