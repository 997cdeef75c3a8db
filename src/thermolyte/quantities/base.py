"""What all quantities share: the device they belong to, and integrals over the present state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import ufl
from dolfinx import fem, la
from numpy.typing import NDArray

from thermolyte import compilation
from thermolyte.problem import Problem

Values = dict[str, float]


class Device(NamedTuple):
    """What makes numbers of a solution those of a device: its terminal, its two sides and its areas [m²]."""

    terminal: str | None = None
    hot: Sequence[str] = ()
    cold: Sequence[str] = ()
    leg_area: float | None = None
    footprint: float | None = None


class Integrals:
    """Forms of a problem, compiled once and integrated on request."""

    def __init__(self, problem: Problem):
        self.problem = problem
        self._comm = problem.mesh.domain.comm
        self._residual: dict[int, Any] = {}

    def form(self, form: ufl.Form) -> Any:
        """The compiled form."""
        return compilation.form(form, self.problem.entity_maps)

    def integrate(self, form: Any) -> float:
        """The value of a compiled form, over all ranks."""
        return float(self._comm.allreduce(fem.assemble_scalar(form)))

    def residual(self, block: int) -> NDArray[np.float64]:
        """The residual of a block at present, in the units of its rows; complete at the dofs that this rank owns."""
        if block not in self._residual:
            self._residual[block] = self.form(self.problem.F[block])
        b = fem.assemble_vector(self._residual[block])
        b.scatter_reverse(la.InsertMode.add)
        values: NDArray[np.float64] = b.array
        return values

    def residual_sum(self, block: int, dofs: NDArray[np.int32]) -> float:
        """The residual summed over owned dofs, over all ranks: what an essential condition there takes up."""
        return float(self._comm.allreduce(float(self.residual(block)[dofs].sum())))

    def owned(self, block: int, dofs: NDArray[np.int32]) -> NDArray[np.int32]:
        """Those dofs of a block that this rank owns (for a vector field: unrolled)."""
        dofmap = self.problem.spaces[block].dofmap
        mine: NDArray[np.int32] = dofs[dofs < dofmap.index_map.size_local * dofmap.index_map_bs]
        return mine


def add(forms: dict[str, ufl.Form], name: str, form: ufl.Form) -> None:
    """Add a form to those of the same name."""
    forms[name] = forms[name] + form if name in forms else form
