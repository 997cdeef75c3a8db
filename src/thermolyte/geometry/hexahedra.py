"""Hexahedra for devices made of boxes: a grid through the whole device, less the cells outside all boxes."""

from __future__ import annotations

import itertools

import numpy as np

from thermolyte.geometry.arrays import ArrayMesh, Floats, Integers, exterior_facets, grid_cells
from thermolyte.geometry.boxes import Array, Blueprint
from thermolyte.geometry.sizing import Sizing, planes, rim_planes


def grid(plan: Blueprint, sizing: Sizing) -> list[Array]:
    """Coordinates of the grid along each axis: every face of every box is a grid plane."""
    lines = []
    for axis, (breaks, rims) in enumerate(zip(planes(plan), rim_planes(plan), strict=True)):
        # Two cells through everything that is stacked along z, so that thin straps and layers are resolved.
        least = 2 if axis == 2 else 1
        parts = [sizing.divide(start, end, rims, least)[:-1] for start, end in itertools.pairwise(breaks.tolist())]
        lines.append(np.concatenate([*parts, breaks[-1:]]))
    return lines


def _spans(plan: Blueprint, lines: list[Array]) -> Integers:
    """For each box and axis, the first and the last grid line: shape (boxes, 3, 2)."""
    corners = np.stack([plan.lower, plan.upper], axis=2)
    return np.stack([np.searchsorted(lines[axis], corners[:, axis]) for axis in range(3)], axis=1)


def expected_hexahedra(plan: Blueprint, sizing: Sizing) -> int:
    """Exact number of cells."""
    spans = _spans(plan, grid(plan, sizing))
    return int(np.diff(spans, axis=2).prod(axis=1).sum())


def build(plan: Blueprint, sizing: Sizing) -> None:
    """Fill the current Gmsh model with the hexahedra, in metres."""
    lines = grid(plan, sizing)
    region = np.full([len(line) - 1 for line in lines], -1, dtype=np.int64)
    for box, (x, y, z) in zip(plan.boxes, _spans(plan, lines), strict=True):
        region[slice(*x), slice(*y), slice(*z)] = plan.regions.index(box.region)
    cells = grid_cells(region)
    points: Floats = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, 3)
    facets, _ = exterior_facets(cells)
    boundary = plan.boundary_at(points[facets].mean(axis=1)).astype(np.int64)
    inside = region[region >= 0]
    ArrayMesh(points, cells, inside, plan.regions, facets, boundary, plan.boundaries).fill_gmsh()
