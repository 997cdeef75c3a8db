"""Devices made of axis-aligned boxes: names, areas, volumes and contacts by arithmetic, without a mesh."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from thermolyte.geometry.shape import Names

Point = tuple[float, float, float]
Array = npt.NDArray[np.float64]

REMAINDER = "sides"
"""Boundary made of all exterior faces that have no other name."""


@dataclass(frozen=True, slots=True)
class Box:
    """A block of one region between two opposite corners, in metres."""

    region: str
    lower: Point
    upper: Point

    def face(self, name: str, side: str) -> Face:
        """The whole face at `side`: an axis and a direction, such as `z+` or `x-`."""
        axis = "xyz".index(side[0])
        lower, upper = list(self.lower), list(self.upper)
        lower[axis] = upper[axis] = (self.upper if side[1] == "+" else self.lower)[axis]
        return Face(name, (lower[0], lower[1], lower[2]), (upper[0], upper[1], upper[2]))


@dataclass(frozen=True, slots=True)
class Face:
    """A named rectangle of the surface: two of its three extents are positive, one is zero."""

    name: str
    lower: Point
    upper: Point


@dataclass(frozen=True, slots=True)
class Contact:
    """Two boxes that share a rectangle."""

    first: int
    second: int
    lower: Point
    upper: Point
    flush: bool
    """The rectangle is a whole face of both: no re-entrant corner at its rim."""


@dataclass(frozen=True)
class Blueprint:
    """Boxes that touch but do not overlap, and the named parts of their common surface."""

    boxes: tuple[Box, ...]
    faces: tuple[Face, ...]

    @cached_property
    def lower(self) -> Array:
        """Lower corners, one row per box."""
        return np.array([box.lower for box in self.boxes])

    @cached_property
    def upper(self) -> Array:
        """Upper corners, one row per box."""
        return np.array([box.upper for box in self.boxes])

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """Regions in order of first appearance."""
        return tuple(dict.fromkeys(box.region for box in self.boxes))

    @cached_property
    def boundaries(self) -> tuple[str, ...]:
        """Named boundaries in order of first appearance, then the remainder."""
        return (*dict.fromkeys(face.name for face in self.faces), REMAINDER)

    @cached_property
    def contacts(self) -> tuple[Contact, ...]:
        """All pairs of boxes that share a rectangle.

        Raises:
            ValueError: two boxes overlap.
        """
        found = []
        for i in range(len(self.boxes)):
            lower = np.maximum(self.lower[i], self.lower[i + 1 :])
            upper = np.minimum(self.upper[i], self.upper[i + 1 :])
            positive = (upper > lower).sum(axis=1)
            for j in np.flatnonzero(positive == 3):
                raise ValueError(f"{self.boxes[i].region} and {self.boxes[i + 1 + j].region} overlap")
            for j in np.flatnonzero((upper >= lower).all(axis=1) & (positive == 2)):
                ends = _point(lower[j]), _point(upper[j])
                found.append(Contact(i, i + 1 + int(j), *ends, self._flush((i, i + 1 + int(j)), *ends)))
        return tuple(found)

    def _flush(self, boxes: tuple[int, int], lower: Point, upper: Point) -> bool:
        across = np.array(upper) > np.array(lower)
        return all((self.lower[k] == lower)[across].all() and (self.upper[k] == upper)[across].all() for k in boxes)

    @cached_property
    def interfaces(self) -> dict[str, float]:
        """Area of contact between regions, m², named `first/second` in the order of the regions."""
        areas: dict[tuple[int, int], float] = {}
        order = {region: i for i, region in enumerate(self.regions)}
        for contact in self.contacts:
            i, j = sorted(order[self.boxes[k].region] for k in (contact.first, contact.second))
            if i != j:
                areas[i, j] = areas.get((i, j), 0.0) + area(contact)
        return {f"{self.regions[i]}/{self.regions[j]}": areas[i, j] for i, j in sorted(areas)}

    @cached_property
    def volumes(self) -> dict[str, float]:
        """Volume of each region, m³."""
        volumes = dict.fromkeys(self.regions, 0.0)
        for box, volume in zip(self.boxes, np.prod(self.upper - self.lower, axis=1), strict=True):
            volumes[box.region] += float(volume)
        return volumes

    @cached_property
    def boundary_areas(self) -> dict[str, float]:
        """Area of each boundary, m²; the remainder is the whole surface less what has a name."""
        areas = dict.fromkeys(self.boundaries, 0.0)
        for face in self.faces:
            areas[face.name] += area(face)
        x, y, z = (self.upper - self.lower).T
        exposed = 2 * float((x * y + y * z + z * x).sum()) - 2 * sum(area(c) for c in self.contacts)
        areas[REMAINDER] = exposed - sum(areas.values())
        return areas

    def names(self) -> Names:
        """Every name that a case may use."""
        return Names(self.regions, self.behind, self.interfaces)

    @cached_property
    def behind(self) -> dict[str, tuple[str, ...]]:
        """Boundary -> regions behind it; the remainder belongs to every box that has bare surface left."""
        sides = [extents(box) for box in self.boxes]
        bare = [2 * (x * y + y * z + z * x) for x, y, z in sides]
        found: dict[str, dict[str, None]] = {name: {} for name in self.boundaries}
        for contact in self.contacts:
            for k in (contact.first, contact.second):
                bare[k] -= area(contact)
        for face in self.faces:
            inside = (self.lower <= np.array(face.lower)).all(1) & (self.upper >= np.array(face.upper)).all(1)
            for i in np.flatnonzero(inside):
                bare[i] -= area(face)
                found[face.name][self.boxes[i].region] = None
        for box, rest, (x, y, z) in zip(self.boxes, bare, sides, strict=True):
            if rest > 1e-9 * (x * y + y * z + z * x):
                found[REMAINDER][box.region] = None
        return {name: tuple(regions) for name, regions in found.items()}

    def boundary_at(self, points: Array) -> npt.NDArray[np.int32]:
        """Index into `boundaries` for points on the surface (such as the midpoints of exterior facets)."""
        slack = 1e-7 * float((self.upper.max(axis=0) - self.lower.min(axis=0)).max())
        found = np.full(len(points), len(self.boundaries) - 1, dtype=np.int32)
        for face in self.faces:
            inside = (points > np.array(face.lower) - slack) & (points < np.array(face.upper) + slack)
            found[inside.all(axis=1)] = self.boundaries.index(face.name)
        return found


def extents(item: Box | Face | Contact) -> list[float]:
    """Lengths along x, y, z in m."""
    return [end - start for start, end in zip(item.lower, item.upper, strict=True)]


def area(rectangle: Face | Contact) -> float:
    """Area of a rectangle, one extent of which is zero, m²."""
    _, *sides = sorted(extents(rectangle))
    return sides[0] * sides[1]


def blueprint(boxes: Iterable[Box], faces: Iterable[Face]) -> Blueprint:
    """Blueprint in which coordinates that differ only by round-off are made equal.

    Sums of lengths in another order differ in the last digit; afterwards every comparison can be exact.

    Raises:
        ValueError: two boxes overlap.
    """
    boxes, faces = tuple(boxes), tuple(faces)
    items: list[Box | Face] = [*boxes, *faces]
    corners = np.array([corner for item in items for corner in (item.lower, item.upper)])
    tolerance = 1e-9 * float(np.ptp(corners, axis=0).max())
    for axis in range(3):
        values, where = np.unique(corners[:, axis], return_inverse=True)
        starts = np.maximum.accumulate(
            np.where(np.diff(values, prepend=-np.inf) > tolerance, np.arange(len(values)), 0)
        )
        corners[:, axis] = values[starts][where]
    points = [_point(corner) for corner in corners]
    pairs = list(zip(points[::2], points[1::2], strict=True))
    result = Blueprint(
        tuple(Box(b.region, *pair) for b, pair in zip(boxes, pairs, strict=False)),
        tuple(Face(f.name, *pair) for f, pair in zip(faces, pairs[len(boxes) :], strict=True)),
    )
    _ = result.contacts
    return result


def _point(values: Array) -> Point:
    x, y, z = (float(v) for v in values)
    return x, y, z
