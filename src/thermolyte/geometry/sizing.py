"""How fine the elements are, and how many there will be: known before anything is meshed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from thermolyte.geometry.boxes import Array, Blueprint, Box, Contact, extents

GROWTH = 0.5
"""Increase of the element size per distance from the rim of a junction."""

CELLS_PER_CUBE = 6
"""Tetrahedra in a cube of the element size, as Gmsh makes them (measured on legs and modules)."""

LIMIT = 60_000_000
"""Cells that a mesh may have: beyond, a slip in a unit is more likely than a machine to match."""


@dataclass(frozen=True, slots=True)
class Sizing:
    """Element size, m: `fine` at the rims of junctions, growing to `size` away from them."""

    size: float
    fine: float

    def is_thin(self, box: Box) -> bool:
        """Too thin for free tetrahedra of this size: they would be flat, or far too many."""
        return min(extents(box)) < 0.7 * self.fine

    @property
    def reach(self) -> float:
        """Distance from a rim at which the size is `size`, m."""
        return (self.size - self.fine) / GROWTH

    def divide(self, start: float, end: float, rims: Array, least: int) -> Array:
        """Points from `start` to `end`, closer together near the `rims`, with at least `least` steps."""
        x = np.linspace(start, end, 1001)
        distance = np.abs(x[:, None] - rims).min(axis=1) if len(rims) else np.full_like(x, np.inf)
        density = 1 / np.minimum(self.size, self.fine + GROWTH * distance)
        steps = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(x))])
        count = max(least, math.ceil(steps[-1] * (1 - 1e-9)))
        points = np.interp(np.linspace(0, steps[-1], count + 1), steps, x)
        points[0], points[-1] = start, end
        return points


def junctions(plan: Blueprint) -> list[Contact]:
    """Contacts between regions that end at a re-entrant corner, where fields are singular."""
    region = [box.region for box in plan.boxes]
    return [c for c in plan.contacts if not c.flush and region[c.first] != region[c.second]]


def rim_planes(plan: Blueprint) -> list[Array]:
    """For each axis, the coordinates at which rims of junctions lie."""
    corners = [corner for contact in junctions(plan) for corner in (contact.lower, contact.upper)]
    table = np.array(corners).reshape(-1, 3)
    return [np.unique(table[:, axis]) for axis in range(3)]


def planes(plan: Blueprint) -> list[Array]:
    """For each axis, the coordinates of all faces of all boxes."""
    table = np.concatenate([plan.lower, plan.upper])
    return [np.unique(table[:, axis]) for axis in range(3)]


def expected_tetrahedra(plan: Blueprint, sizing: Sizing) -> float:
    """Rough number of tetrahedra: a fixed number per cube of the local element size."""
    total = 0.0
    for box in plan.boxes:
        if sizing.is_thin(box):
            total += 6 * math.prod(max(2, math.ceil(e / sizing.fine)) for e in extents(box))
        else:
            total += CELLS_PER_CUBE * math.prod(max(e, sizing.size / 2) for e in extents(box)) / sizing.size**3
    # Around a rim of length L three quarters of a ring are filled: integral of L·1.5π·r/h³ up to the reach.
    ring = 1.5 * math.pi * sizing.reach**2 / (2 * sizing.fine * sizing.size**2)
    for contact in junctions(plan):
        total += CELLS_PER_CUBE * ring * 2 * sum(extents(contact))
    return total


def check_number(cells: float) -> None:
    """Refuse a mesh that would fill the memory.

    Raises:
        ValueError: too many cells.
    """
    if cells > LIMIT:
        raise ValueError(
            f"about {cells / 1e6:.0f} million cells are needed, more than {LIMIT / 1e6:.0f} million: give a "
            f"larger mesh size, a smaller refinement or fewer cells, or describe thin layers as interfaces"
        )
