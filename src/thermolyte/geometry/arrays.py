"""A mesh as plain arrays with names, from a structured grid or from a file, and its way into Gmsh."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# Corners of each face of a cell, by dimension and number of corners, in the numbering that Gmsh and VTK share.
_FACES = {
    (1, 2): [[0], [1]],
    (2, 4): [[0, 1], [1, 2], [2, 3], [3, 0]],
    (3, 4): [[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]],
    (3, 8): [[0, 1, 2, 3], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]],
}
# Corners of the cell of a grid, as steps along its axes, in the same numbering.
_CORNERS: dict[int, list[tuple[int, ...]]] = {
    1: [(0,), (1,)],
    2: [(0, 0), (1, 0), (1, 1), (0, 1)],
    3: [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)],
}
# Gmsh's type of an element, by dimension and number of corners.
_GMSH = {(0, 1): 15, (1, 2): 1, (2, 3): 2, (2, 4): 3, (3, 4): 4, (3, 8): 5}


@dataclass(frozen=True)
class ArrayMesh:
    """Linear cells of one kind, each in a region, and exterior facets, each on at most one boundary.

    The dimension is the number of coordinates of a point: 1 intervals, 2 quadrilaterals, 3 tetrahedra or hexahedra.
    """

    points: Floats
    cells: Integers
    region_of_cell: Integers
    regions: tuple[str, ...]
    facets: Integers
    boundary_of_facet: Integers
    boundaries: tuple[str, ...]

    @property
    def dim(self) -> int:
        """Dimension of the cells."""
        return int(self.points.shape[1])

    def interfaces(self) -> dict[str, float]:
        """Area of contact between regions of a 3-D mesh, m², named `first/second` in the order of the regions."""
        faces, owner = faces_of(self.cells)
        group, count = group_equal(faces)
        order = np.argsort(group, kind="stable")
        order = order[count[group[order]] == 2].reshape(-1, 2)
        sides = np.sort(self.region_of_cell[owner[order]], axis=1)
        cut = sides[:, 0] != sides[:, 1]
        areas = _areas(self.points[faces[order[cut, 0]]])
        pairs, which = np.unique(sides[cut], axis=0, return_inverse=True)
        sums = np.bincount(which.ravel(), areas, minlength=len(pairs))
        return {f"{self.regions[a]}/{self.regions[b]}": float(s) for (a, b), s in zip(pairs, sums, strict=True)}

    def behind(self) -> dict[str, tuple[str, ...]]:
        """Boundary -> regions behind it."""
        faces, owner = exterior_facets(self.cells, self.dim)
        group, count = group_equal(np.concatenate([faces, self.facets]))
        cell = np.full(len(count), -1)
        cell[group[: len(faces)]] = owner
        region = self.region_of_cell[cell[group[len(faces) :]]]
        touched = ((k, np.unique(region[self.boundary_of_facet == k])) for k in range(len(self.boundaries)))
        return {self.boundaries[k]: tuple(self.regions[r] for r in found) for k, found in touched}

    def fill_gmsh(self) -> None:
        """Put the mesh into the current Gmsh model, one entity and one physical group per name."""
        import gmsh

        used, cells = np.unique(self.cells, return_inverse=True)
        number = np.full(len(self.points), -1)
        number[used] = np.arange(len(used))
        points = np.zeros((len(used), 3))
        points[:, : self.dim] = self.points[used]
        groups = [
            (self.dim, self.regions, cells.reshape(self.cells.shape), self.region_of_cell),
            (self.dim - 1, self.boundaries, number[self.facets], self.boundary_of_facet),
        ]
        first = True
        for dim, names, elements, owner in groups:
            for index, name in enumerate(names):
                entity = gmsh.model.addDiscreteEntity(dim)
                if first:
                    nodes = np.arange(1, len(used) + 1, dtype=np.uint64)
                    gmsh.model.mesh.addNodes(dim, entity, nodes, points.ravel())
                    first = False
                mine = elements[owner == index]
                if len(mine):
                    kind = _GMSH[dim, elements.shape[1]]
                    gmsh.model.mesh.addElementsByType(entity, kind, [], (mine.ravel() + 1).astype(np.uint64))
                gmsh.model.addPhysicalGroup(dim, [entity], name=name)


def grid_cells(region: Integers) -> Integers:
    """Corners of the cells of a grid that are in a region (not -1); points are numbered with the last axis fastest."""
    lower = np.argwhere(region >= 0)
    shape = tuple(n + 1 for n in region.shape)
    corners = [np.ravel_multi_index(tuple((lower + step).T), shape) for step in _CORNERS[region.ndim]]
    return np.stack(corners, axis=1)


def faces_of(cells: Integers, dim: int = 3) -> tuple[Integers, Integers]:
    """Corners of all faces of all cells, and the cell of each; inner faces appear twice."""
    local = np.array(_FACES[dim, cells.shape[1]])
    return cells[:, local].reshape(-1, local.shape[1]), np.repeat(np.arange(len(cells)), len(local))


def group_equal(rows: Integers) -> tuple[Integers, Integers]:
    """Number of the group of each row, and sizes of the groups; rows with the same entries are equal."""
    ordered = np.sort(rows, axis=1)
    order = np.lexsort(ordered.T[::-1])
    new = np.ones(len(rows), dtype=bool)
    new[1:] = (ordered[order][1:] != ordered[order][:-1]).any(axis=1)
    group = np.empty(len(rows), dtype=np.int64)
    group[order] = np.cumsum(new) - 1
    return group, np.bincount(group, minlength=int(new.sum()))


def exterior_facets(cells: Integers, dim: int = 3) -> tuple[Integers, Integers]:
    """Corners of the faces that belong to one cell only, and that cell."""
    faces, owner = faces_of(cells, dim)
    group, count = group_equal(faces)
    alone = count[group] == 1
    return faces[alone], owner[alone]


def _areas(corners: Floats) -> Floats:
    """Areas of triangles or plane quadrilaterals, from corners of shape (facets, 3 or 4, 3)."""
    first, second = corners[:, 2] - corners[:, 0], corners[:, -1] - corners[:, 1]
    areas: Floats = 0.5 * np.linalg.norm(np.cross(first, second), axis=1)
    return areas
