"""The mean of a quantity in every cell: what a maximum is taken of, for at corners a stress has none."""

from __future__ import annotations

import numpy as np
import ufl
from dolfinx import fem
from numpy.typing import NDArray
from ufl.core.expr import Expr

from thermolyte import compilation
from thermolyte.problem import Problem


class CellMeans:
    """Forms for the means of one expression over the cells of a region, compiled once."""

    def __init__(self, problem: Problem, region: str, expression: Expr):
        V = fem.functionspace(problem.mesh.domain, ("DG", 0))
        test, dx = ufl.TestFunction(V), problem.mesh.dx(region, quadrature_degree=problem.quadrature_degree)
        self._owned = V.dofmap.index_map.size_local
        self._form = compilation.form(expression * test * dx, problem.entity_maps)
        self.volume = fem.assemble_vector(compilation.form(test * dx)).array[: self._owned].copy()

    def values(self) -> NDArray[np.float64]:
        """One per cell that this rank owns; 0 outside the region."""
        total = fem.assemble_vector(self._form).array[: self._owned]
        found: NDArray[np.float64] = np.divide(total, self.volume, out=np.zeros_like(total), where=self.volume > 0)
        return found


def cell_means(problem: Problem, region: str, expression: Expr) -> NDArray[np.float64]:
    """The means at present."""
    return CellMeans(problem, region, expression).values()
