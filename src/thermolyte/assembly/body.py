"""The integrals over the regions, all fields of a region in one kernel: laws of T are evaluated once for all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem
from numpy.typing import NDArray

from thermolyte import compilation
from thermolyte.assembly.loop import Elements, Floats, Places, add_elements
from thermolyte.blocks import UNIT
from thermolyte.problem import Problem

PlacesOf = Callable[[int, NDArray[np.int32], int, NDArray[np.int32]], Places]


class Layout:
    """All unknowns of this rank in one array, block after block, each with its ghosts; then the given fields."""

    def __init__(self, problem: Problem):
        self._functions = [*problem.u, *problem.given]
        ends = np.concatenate([[0], np.cumsum([len(u.x.array) for u in self._functions])])
        self.starts = ends[: len(problem.u) + 1]
        self._given = dict(zip(problem.given, ends[len(problem.u) : -1], strict=True))

    @property
    def size(self) -> int:
        """Unknowns on this rank, with ghosts."""
        return int(self.starts[-1])

    def state(self) -> Floats:
        """The unknowns at present, and what is given."""
        return np.concatenate([u.x.array for u in self._functions])

    def entries(self, given: fem.Function, cells: NDArray[np.int32]) -> NDArray[np.int64]:
        """Where the values of a given field on each cell stand in the state."""
        found: NDArray[np.int64] = given.function_space.dofmap.list[cells] + self._given[given]
        return found


class RegionBody:
    """F and ∂F/∂u of one region; dof by dof, and for each dof field by field."""

    def __init__(self, problem: Problem, region: str, layout: Layout):
        self._blocks = sorted(i for (_, r), i in problem.place.items() if r == region)
        residual, w = _residual(problem, region, [problem.blocks.fields[i] for i in self._blocks])
        jacobian = ufl.derivative(residual, w, ufl.TrialFunction(w.ufl_function_space()))
        self._kernels = [_Kernel(problem, form) for form in (residual, jacobian)]
        mesh = problem.mesh
        cells = mesh.cells.find(mesh.regions[region])
        cells = cells[cells < mesh.domain.topology.index_map(mesh.domain.topology.dim).size_local]
        none = np.zeros((len(cells), 0), np.int32)
        self._elements = Elements(mesh.domain.geometry.dofmaps[0][cells], none, none.astype(np.uint8))
        self._x = mesh.domain.geometry.x
        self._dofs = [problem.spaces[i].dofmap.list[problem.blocks.cells_on(i, cells)] for i in self._blocks]
        starts = layout.starts[self._blocks]
        rows = np.stack([d + start for d, start in zip(self._dofs, starts, strict=True)], axis=2)
        self._rows: Places = np.ascontiguousarray(rows.reshape(len(cells), rows.shape[1] * rows.shape[2]), np.int32)
        own = {c: layout.entries(c, cells) for c in residual.coefficients() if c is not w}
        known = [own.get(c, self._rows) for c in residual.coefficients()]  # in the order in which a kernel takes them
        self._known: Places = np.ascontiguousarray(np.concatenate(known, axis=1), np.int32)
        self._places: Places = none

    def find_places(self, places: PlacesOf) -> None:
        """Ask for the place of each entry of ∂F/∂u by its row block and dofs, and its column block and dofs."""
        cells, n = self._dofs[0].shape
        found = np.empty((cells, n, len(self._blocks), n, len(self._blocks)), np.int32)
        for a, (i, rows) in enumerate(zip(self._blocks, self._dofs, strict=True)):
            for b, (j, columns) in enumerate(zip(self._blocks, self._dofs, strict=True)):
                found[:, :, a, :, b] = places(i, rows, j, columns).reshape(cells, n, n)
        self._places = found.reshape(cells, found[0].size if cells else 0)
        self._dofs = []

    def add_residual(self, state: Floats, rows: Floats) -> None:
        """Add F of this region to the rows, which are laid out like the state."""
        self._add(0, state, self._rows, rows)

    def add_jacobian(self, state: Floats, values: Floats) -> None:
        """Add ∂F/∂u of this region to the values of the Jacobian."""
        self._add(1, state, self._places, values)

    def _add(self, which: int, state: Floats, places: Places, out: Floats) -> None:
        kernel = self._kernels[which]
        add_elements(kernel.address, self._elements, self._x, (state, self._known), kernel.constants(), places, out)


def _residual(problem: Problem, region: str, fields: Sequence[str]) -> tuple[ufl.Form, ufl.Coefficient]:
    """The residual of a region in one function of all its fields, and that function."""
    shape = (len(fields),)
    element = basix.ufl.element("Lagrange", problem.mesh.domain.basix_cell(), problem.setup.order, shape=shape)
    V = ufl.FunctionSpace(problem.mesh.domain.ufl_domain(), element)
    w = ufl.Coefficient(V)
    u, v = ({f: UNIT[f] * x[i] for i, f in enumerate(fields)} for x in (w, ufl.TestFunction(V)))
    here = problem.local(region)._replace(u=u, v=v)
    return sum(e.residual(here, problem.dx(region)) for e in problem.equations), w


class _Kernel:
    """The compiled kernel of a form over the cells of one region."""

    def __init__(self, problem: Problem, form: ufl.Form):
        compiled = fem.compile_form(problem.mesh.domain.comm, form, jit_options=compilation.jit_options(form))
        integral = compiled.ufcx_form.form_integrals[0]
        self.address = int(compiled.module.ffi.cast("uintptr_t", integral.tabulate_tensor_float64))
        self._kept: Any = compiled  # the module holds the code
        self._constants = form.constants()

    def constants(self) -> Floats:
        """The constants of the form at present, as the kernel takes them."""
        return np.concatenate([np.zeros(0), *(np.ravel(c.value) for c in self._constants)])
