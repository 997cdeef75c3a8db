"""Points in the cells of a mesh that is distributed over ranks, and a field at them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from dolfinx import fem, geometry
from dolfinx import mesh as dmesh
from numpy.typing import NDArray

from thermolyte.blocks import UNIT
from thermolyte.errors import InputError
from thermolyte.mesh import Mesh
from thermolyte.problem import Problem

Array = NDArray[np.float64]
SLACK = 1e-6
"""How far outside of a cell, in its own size, a point may be by round-off and still be in it."""


class Location:
    """Points, each in the cell where it lies deepest, of one region if that is given; one rank has the cell."""

    def __init__(self, mesh: Mesh, points: Array, regions: Sequence[str] | None = None):
        """Find the cells.

        Args:
            mesh: the whole mesh.
            points: coordinates in space [m]; shape (points, 3).
            regions: of each point, for points on an interface; default: any.

        Raises:
            InputError: a point that is outside of the mesh, or of its region.
        """
        self._mesh, self.points = mesh, points
        tags = None if regions is None else np.array([mesh.regions[r] for r in regions], np.int32)
        self.cells, depths = _deepest(mesh, points, tags)
        everywhere = np.array(mesh.domain.comm.allgather(depths))
        self.mine = np.flatnonzero(everywhere.argmax(axis=0) == mesh.domain.comm.rank)
        self._inside = everywhere.max(axis=0) >= -SLACK
        self._check(regions)

    def _check(self, regions: Sequence[str] | None) -> None:
        if self._inside.all():
            return
        first = int(np.flatnonzero(~self._inside)[0])
        place = ", ".join(f"{1e3 * x:.6g}" for x in self.points[first, : self._mesh.domain.geometry.dim])
        where = f" in `{regions[first]}`" if regions is not None else ""
        raise InputError(f"the point ({place}) mm is not{where or ' in the body'}")

    @property
    def regions(self) -> list[str]:
        """The region of each point."""
        tags = np.zeros(len(self.points), np.int64)
        tags[self.mine] = self._mesh.region_of_cell[self.cells[self.mine]]
        names = {tag: r for r, tag in self._mesh.regions.items()}
        return [names[int(t)] for t in self._mesh.domain.comm.allreduce(tags)]

    def read(self, function: fem.Function) -> Array:
        """A scalar function on the whole mesh at all points; the same on all ranks."""
        found = np.zeros(len(self.points))
        found[self.mine] = _evaluated(function, self.points[self.mine], self.cells[self.mine])
        return self._of_all_ranks(found)

    def values(self, problem: Problem, field: str) -> Array:
        """A scalar field at all points, in SI, each from the side of its own region; the same on all ranks."""
        found = np.zeros(len(self.points))
        tags = self._mesh.region_of_cell[self.cells[self.mine]]
        for region, tag in self._mesh.regions.items():
            here = self.mine[tags == tag]
            if len(here):
                block = problem.place[field, region]
                cells = problem.blocks.cells_on(block, self.cells[here])
                found[here] = UNIT[field] * _evaluated(problem.u[block], self.points[here], cells)
        return self._of_all_ranks(found)

    def _of_all_ranks(self, found: Array) -> Array:
        total: Array = self._mesh.domain.comm.allreduce(found)
        return total


def _evaluated(function: fem.Function, points: Array, cells: NDArray[np.int32]) -> Array:
    values: Array = np.asarray(function.eval(points, cells)).reshape(-1) if len(cells) else np.zeros(0)
    return values


def _deepest(mesh: Mesh, points: Array, tags: NDArray[np.int32] | None) -> tuple[NDArray[np.int32], Array]:
    """The owned cell in which each point lies deepest, and how deep, in units of the cell; −∞: near none."""
    domain, dim = mesh.domain, mesh.domain.topology.dim
    cells, depths = np.full(len(points), -1, np.int32), np.full(len(points), -np.inf)
    owned = np.arange(domain.topology.index_map(dim).size_local, dtype=np.int32)
    if not len(owned):
        return cells, depths
    padding = SLACK * float(np.ptp(domain.geometry.x, axis=0).max())
    near = geometry.compute_collisions_points(geometry.bb_tree(domain, dim, padding=padding, entities=owned), points)
    if not len(near.array):
        return cells, depths
    point = np.repeat(np.arange(len(points)), np.diff(near.offsets))
    order = np.argsort(near.array, kind="stable")
    candidates, starts = np.unique(near.array[order], return_index=True)
    for cell, group in zip(candidates, np.split(point[order], starts[1:]), strict=True):
        here = group if tags is None else group[tags[group] == mesh.region_of_cell[cell]]
        if len(here):
            depth = _depth(domain, int(cell), points[here])
            better = depth > depths[here]
            cells[here[better]], depths[here[better]] = cell, depth[better]
    return cells, depths


def _depth(domain: dmesh.Mesh, cell: int, points: Array) -> Array:
    """Least distance from the faces of a cell in reference coordinates; negative outside."""
    gdim = domain.geometry.dim
    corners = domain.geometry.x[domain.geometry.dofmaps[0][cell], :gdim]
    X = domain.geometry.cmaps[0].pull_back(np.ascontiguousarray(points[:, :gdim]), corners)
    simplex = domain.basix_cell().name in ("interval", "triangle", "tetrahedron")
    far = 1 - X.sum(axis=1) if simplex else 1 - X.max(axis=1)
    depth: Array = np.minimum(X.min(axis=1), far)
    return depth
