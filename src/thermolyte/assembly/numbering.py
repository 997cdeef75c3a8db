"""Global numbers of the unknowns of a field that consists of several blocks."""

from __future__ import annotations

from collections.abc import Sequence

from mpi4py import MPI

import numpy as np
from dolfinx import common
from numpy.typing import NDArray

Indices = NDArray[np.int64]


class Numbering:
    """The unknowns of a field: rank after rank, on each rank block after block; those of ghosts come from their owner.

    Local rows are counted likewise: owned ones block after block, then the ghosts of each block.
    """

    def __init__(self, comm: MPI.Comm, maps: Sequence[common.IndexMap]):
        self._maps = maps
        sizes = np.array(comm.allgather([m.size_local for m in maps]), np.int64)
        self.starts = np.concatenate([[0], np.cumsum(sizes.sum(axis=1))])  # of each rank
        self.size, self.rank = int(sizes[comm.rank].sum()), comm.rank
        self._block_starts = self.starts[:-1, None] + np.cumsum(sizes, axis=1) - sizes  # of each rank and block
        self._ranges = np.concatenate([np.zeros((1, len(maps)), np.int64), np.cumsum(sizes, axis=0)])
        self._offsets = np.cumsum(sizes[comm.rank]) - sizes[comm.rank]
        ghosts = np.array([m.num_ghosts for m in maps], np.int64)
        self._ghost_offsets = self.size + np.cumsum(ghosts) - ghosts
        self.local_rows = self.size + int(ghosts.sum())

    @property
    def first(self) -> int:
        """Global number of the first unknown of this rank."""
        return int(self.starts[self.rank])

    def owner(self, numbers: Indices) -> Indices:
        """The rank that owns each."""
        return np.searchsorted(self.starts, numbers, side="right") - 1

    def of_global(self, block: int, indices: Indices) -> Indices:
        """Numbers of the dofs of a block that have these global indices in its own index map."""
        rank = np.searchsorted(self._ranges[:, block], indices, side="right") - 1
        return np.asarray(self._block_starts[rank, block] + indices - self._ranges[rank, block])

    def of_local(self, block: int, dofs: NDArray[np.int32]) -> Indices:
        """Numbers of local dofs of a block."""
        return self.of_global(block, self._maps[block].local_to_global(np.ascontiguousarray(dofs)))

    def local_row(self, block: int, dofs: NDArray[np.int32]) -> NDArray[np.int32]:
        """Local rows of local dofs of a block."""
        owned = self._maps[block].size_local
        rows = np.where(dofs < owned, self._offsets[block] + dofs, self._ghost_offsets[block] + dofs - owned)
        return np.asarray(rows, np.int32)

    def global_rows(self) -> Indices:
        """Global number of every local row."""
        numbers = np.empty(self.local_rows, np.int64)
        for block, m in enumerate(self._maps):
            dofs = np.arange(m.size_local + m.num_ghosts, dtype=np.int32)
            numbers[self.local_row(block, dofs)] = self.of_local(block, dofs)
        return numbers
