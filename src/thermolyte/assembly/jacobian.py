"""The Jacobian of a residual over blocks as a 2 × 2 (or larger) arrangement of matrices between fields.

    J_ij = ∂F_i/∂u_j, summed into one PETSc matrix for each pair of fields

so that a preconditioner takes the blocks as they are: no copy is made, and nothing is looked up when it is assembled
again.
"""

from __future__ import annotations

from collections.abc import Sequence

from petsc4py import PETSc

import numpy as np
from dolfinx import fem
from dolfinx.fem.forms import derivative_block
from numpy.typing import NDArray

from thermolyte import compilation
from thermolyte.assembly.body import Layout, RegionBody
from thermolyte.assembly.integral import assemble, placed_in_matrix
from thermolyte.assembly.loop import Places
from thermolyte.assembly.numbering import Indices, Numbering
from thermolyte.assembly.pattern import Block, BlockPattern, FieldPattern
from thermolyte.problem import Problem


class FieldJacobian:
    """∂F/∂u of a problem, with unit rows and columns for what is held; `matrix` is a PETSc nest over `fields`."""

    def __init__(self, problem: Problem, fields: Sequence[str], layout: Layout, body: Sequence[RegionBody]):
        """`fields`: in the order of the unknowns."""
        comm = problem.mesh.domain.comm
        self._fields, self._layout, self._body = tuple(fields), layout, body
        forms = compilation.form(derivative_block(problem.F, problem.u), problem.entity_maps)
        groups = [[i for i, f in enumerate(problem.blocks.fields) if f == field] for field in fields]
        numbers = [Numbering(comm, [problem.spaces[i].dofmap.index_map for i in group]) for group in groups]
        pairs = [
            [_Pair(problem, forms, (rows, columns), (numbers[r], numbers[c])) for c, columns in enumerate(groups)]
            for r, rows in enumerate(groups)
        ]
        self._pairs = [pair for row in pairs for pair in row]
        starts = np.concatenate([[0], np.cumsum([pair.pattern.size for pair in self._pairs])])
        self._values = np.zeros(starts[-1] + 1)  # and what has no place, because it is zero in all elements
        self._find_places(groups, starts)
        for pair, start, end in zip(self._pairs, starts, starts[1:], strict=False):
            pair.make(self._values[start:end])
        self.matrix = PETSc.Mat().createNest([[p.pattern.matrix for p in row] for row in pairs], comm=comm)

    def _find_places(self, groups: list[list[int]], starts: Indices) -> None:
        at = {i: (g, group.index(i)) for g, group in enumerate(groups) for i in group}

        def places(i: int, rows: Places, j: int, columns: Places) -> Places:
            (r, within_row), (c, within_column) = at[i], at[j]
            pair = r * len(groups) + c
            row, column = Block(i, within_row), Block(j, within_column)
            found = self._pairs[pair].pattern.places_of(row, rows, column, columns, complete=False)
            return np.asarray(np.where(found < 0, starts[-1], found + starts[pair]), np.int32)

        for region in self._body:
            region.find_places(places)

    def assemble(self) -> None:
        """∂F/∂u at the present state.

        Raises:
            RuntimeError: an entry that is not zero has no place in the matrix.
        """
        self._values[:] = 0.0
        state = self._layout.state()
        for region in self._body:
            region.add_jacobian(state, self._values)
        if abs(self._values[-1]) > 0.0:
            raise RuntimeError("entries of the element matrices have no place in the Jacobian")
        for pair in self._pairs:
            pair.finish()
        self.matrix.assemble()

    def of_field(self, field: str) -> PETSc.Mat:
        """∂F/∂u of one field by itself, as last assembled."""
        i = self._fields.index(field)
        return self._pairs[i * len(self._fields) + i].pattern.matrix


class _Pair:
    """The matrix between two fields."""

    def __init__(
        self,
        problem: Problem,
        forms: Sequence[Sequence[fem.Form | None]],
        blocks: tuple[list[int], list[int]],
        numbers: tuple[Numbering, Numbering],
    ):
        found = [(i, j, forms[i][j]) for i in blocks[0] for j in blocks[1] if forms[i][j] is not None]
        at = [(blocks[0].index(i), blocks[1].index(j)) for i, j, _ in found]
        patterns = (BlockPattern(*ij, fem.create_matrix(form)) for ij, (_, _, form) in zip(at, found, strict=True))
        self.pattern = FieldPattern(problem.mesh.domain.comm, *numbers, patterns)
        self._facets = [
            (form, placed_in_matrix(problem, form, Block(i, at_i), Block(j, at_j), self.pattern))
            for (at_i, at_j), (i, j, form) in zip(at, found, strict=True)
        ]
        held = [_held(problem, group, n) for group, n in zip(blocks, numbers, strict=True)]
        self._zeroed = self.pattern.where(held[0][0], held[1][1])
        self._diagonal = np.zeros(0, np.int32)
        if blocks[0] == blocks[1]:
            owned = held[0][0] < numbers[0].size
            rows, columns = held[0][0][owned].astype(np.int32), held[0][1][owned]
            self._diagonal = self.pattern.places(rows[:, None], columns[:, None]).ravel()

    def make(self, values: NDArray[np.float64]) -> None:
        """Make the matrix, whose values these are."""
        self.pattern.make(values)
        self.pattern.finish_set_up()

    def finish(self) -> None:
        """Add the integrals over facets, take the conditions into account, and let the ranks tell each other."""
        values = self.pattern.values
        for form, placed in self._facets:
            if placed:
                assemble(form, placed, values)
        values[self._zeroed] = 0.0
        self.pattern.gather()
        values[self._diagonal] = 1.0
        self.pattern.matrix.assemble()
        self.pattern.matrix.stateIncrease()


def _held(problem: Problem, group: list[int], numbers: Numbering) -> tuple[Indices, Indices]:
    """Local rows and global numbers of the unknowns of a field that conditions hold."""
    rows, found = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for place, i in enumerate(group):
        space = problem.spaces[i]._cpp_object
        for bc in (bc for bc in problem.bcs if space.contains(bc.function_space)):
            dofs = bc.dof_indices()[0]
            rows.append(numbers.local_row(place, dofs).astype(np.int64))
            found.append(numbers.of_local(place, dofs))
    row, index = np.unique(np.concatenate(rows), return_index=True)
    return row, np.concatenate(found)[index]
