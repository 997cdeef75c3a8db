"""Where the entries of a sparse matrix between two fields stand, and how those of ghost rows reach their owner."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
from dolfinx import la
from numpy.typing import NDArray

from thermolyte.assembly.loop import Places, find_places
from thermolyte.assembly.numbering import Indices, Numbering

Floats = NDArray[np.float64]


class Block(NamedTuple):
    """A block of a problem, and its place among those of its field."""

    number: int
    within: int


class BlockPattern(NamedTuple):
    """A block, by its place among the blocks of the row field and of the column field, with its sparsity pattern."""

    row: int
    column: int
    matrix: la.MatrixCSR


class FieldPattern:
    """One array of values: entries of owned rows in columns of this rank, those in others, and those of ghost rows.

    The first two are what PETSc takes as a matrix, without a copy.
    """

    def __init__(self, comm: MPI.Comm, rows: Numbering, columns: Numbering, blocks: Iterable[BlockPattern]):
        self._comm, self.rows, self.columns = comm, rows, columns
        row, column = self._entries(blocks)
        self._start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=rows.local_rows))]).astype(np.int64)
        self._sorted = column
        inside = (column >= columns.first) & (column < columns.first + columns.size)
        kind = np.where(row >= rows.size, 2, np.where(inside, 0, 1))  # ghost rows, own columns, other columns
        self._ends = np.cumsum(np.bincount(kind, minlength=3))
        self._place = np.empty(len(row), np.int32)
        self._place[np.argsort(kind, kind="stable")] = np.arange(len(row), dtype=np.int32)
        self.size = len(row)
        self._entries_of_kind = row, column, kind
        self._meet_owners(row[kind == 2], column[kind == 2])

    def _entries(self, blocks: Iterable[BlockPattern]) -> tuple[NDArray[np.int32], Indices]:
        """Local rows and global columns of all entries, sorted."""
        found = [self._of_block(*block) for block in blocks]
        row, column = (np.concatenate(x) for x in zip(*found, strict=True))
        order = np.lexsort((column, row))
        return row[order], column[order]

    def _of_block(self, i: int, j: int, A: la.MatrixCSR) -> tuple[NDArray[np.int32], Indices]:
        count = np.diff(A.indptr)
        row = np.repeat(self.rows.local_row(i, np.arange(len(count), dtype=np.int32)), count)
        return row, self.columns.of_global(j, A.index_map(1).local_to_global(A.indices))

    def make(self, values: Floats) -> PETSc.Mat:
        """The matrix whose values these are."""
        self.values = values
        row, column, kind = self._entries_of_kind

        def csr(which: int, shift: int) -> tuple[NDArray[np.int32], NDArray[np.int32], Floats]:
            mine, end = kind == which, self._ends[which]
            start = np.concatenate([[0], np.cumsum(np.bincount(row[mine], minlength=self.rows.size))])
            data = self.values[end - mine.sum() : end]
            return start.astype(PETSc.IntType), (column[mine] - shift).astype(PETSc.IntType), data

        self._arrays = csr(0, self.columns.first), csr(1, 0)  # PETSc does not copy them
        sizes = tuple((n.size, int(n.starts[-1])) for n in (self.rows, self.columns))
        arrays = self._arrays if self._comm.size > 1 else self._arrays[0]
        del self._entries_of_kind
        comm: Any = self._comm
        self.matrix = PETSc.Mat().createAIJWithArrays(sizes, arrays, comm=comm)
        return self.matrix

    # ---- ghost rows --------------------------------------------------------------------------------------------------
    def _meet_owners(self, row: NDArray[np.int32], column: Indices) -> None:
        """Agree once on the entries that are sent, and on their places."""
        number = self.rows.global_rows()[row] if len(row) else np.zeros(0, np.int64)
        owner = self.rows.owner(number)
        self._order = np.argsort(owner, kind="stable")
        self._send = np.bincount(owner, minlength=self._comm.size)
        self._receive = np.array(self._comm.alltoall(self._send.tolist()))
        got = self._exchange(np.stack([number, column], axis=1)[self._order], 2)
        local = (got[:, :1] - self.rows.first).astype(np.int32)
        self._targets = self.places(local, got[:, 1:]).ravel()

    def _exchange(self, values: NDArray[Any], width: int) -> NDArray[Any]:
        out = np.empty((int(self._receive.sum()), width), values.dtype)
        sent, got = self._send * width, self._receive * width
        self._comm.Alltoallv([np.ascontiguousarray(values), sent], [out, got])
        return out

    def places(self, rows: NDArray[np.int32], columns: Indices, *, complete: bool = True) -> Places:
        """Places in `values` of the entries of elements, shape (elements, rows × columns); see `find_places`."""
        arrays = np.ascontiguousarray(rows), np.ascontiguousarray(columns)
        return find_places(*arrays, self._start, self._sorted, self._place, complete=complete)

    def places_of(
        self, row: Block, rows: NDArray[np.int32], column: Block, columns: NDArray[np.int32], *, complete: bool = True
    ) -> Places:
        """The same by the dofs of two blocks, shape (elements, dofs); negative ones have no place."""
        local = np.where(rows >= 0, self.rows.local_row(row.within, np.maximum(rows, 0)), -1).astype(np.int32)
        numbers = self.columns.of_local(column.within, np.maximum(columns, 0).ravel()).reshape(columns.shape)
        return self.places(local, np.where(columns >= 0, numbers, -1), complete=complete)

    def where(self, rows: Indices, columns: Indices) -> Places:
        """Places of all entries in these local rows or global columns."""
        row = np.repeat(np.isin(np.arange(self.rows.local_rows), rows), np.diff(self._start))
        return self._place[row | np.isin(self._sorted, columns)]

    def finish_set_up(self) -> None:
        """Forget what is needed to find places only."""
        del self._start, self._sorted, self._place

    def gather(self) -> None:
        """Bring the values of ghost rows to their owners."""
        if self._comm.size > 1:
            ghosts = self.values[self._ends[1] :]
            np.add.at(self.values, self._targets, self._exchange(ghosts[self._order], 1).ravel())
