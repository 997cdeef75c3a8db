"""The regions that a line runs through, and where it crosses the junctions between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thermolyte.errors import InputError
from thermolyte.line_scan.location import Location
from thermolyte.line_scan.options import LineScan
from thermolyte.mesh import Mesh

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
SAME = 1e-9
"""Crossings closer than this part of the line are one."""
EDGE = 1e-6
"""How far outside of a facet, in its own size, a line that runs along its edge may be by round-off."""
FEWEST = 3
"""Samples that a straight line is fitted to."""


class Stretch(NamedTuple):
    """A piece of the line in one region, from `start` to `stop` [m] along it."""

    region: str
    name: str
    """The region, with a number from the second passage on."""
    start: float
    stop: float


class Junction(NamedTuple):
    """Where a line crosses an interface `pair`, at a distance `at` [m] along it, between two stretches."""

    pair: tuple[str, str]
    name: str
    at: float
    before: Stretch
    after: Stretch


class Side(NamedTuple):
    """A junction as it is seen from one of its two stretches."""

    junction: Junction
    stretch: Stretch

    @property
    def name(self) -> str:
        """Junction and region, as 'leg/hot_pad:leg'."""
        return f"{self.junction.name}:{self.stretch.name}"


class Samples(NamedTuple):
    """Which samples of a scan are taken by the fit of each stretch, by its name, and by that of each side."""

    whole: dict[str, Mask]
    beside: dict[Side, Mask]


class Track:
    """The stretches of a scan in their order, and the junctions between them."""

    def __init__(self, mesh: Mesh, scan: LineScan):
        """Follow the line through the mesh.

        Raises:
            InputError: the line leaves the body or crosses no junction, or the probe is larger than a region.
        """
        self._scan = scan
        crossed = crossings(mesh, scan)
        ends = np.array([0.0, *(at for at, _ in crossed), scan.length])
        middle = scan.origin + ((ends[1:] + ends[:-1]) / 2)[:, None] * scan.direction
        regions = Location(mesh, middle).regions
        pieces = zip(regions, _numbered(regions), ends[:-1], ends[1:], strict=True)
        self.stretches = [Stretch(r, n, float(a), float(b)) for r, n, a, b in pieces]
        names = _numbered([f"{a}/{b}" for _, (a, b) in crossed])
        self.junctions = [
            Junction(pair, name, at, before, after)
            for (at, pair), name, before, after in zip(
                crossed, names, self.stretches[:-1], self.stretches[1:], strict=True
            )
        ]
        self._check()

    def _check(self) -> None:
        if not self.junctions:
            raise InputError(
                f"the line stays in `{self.stretches[0].region}` and crosses no junction: let it run from one region "
                "into another"
            )
        for j in self.junctions:
            if set(j.pair) != {j.before.region, j.after.region}:
                raise InputError(
                    f"the line runs along the interface {j.name}: move it off, so that it crosses from one region into "
                    "the other"
                )
        diameter = self._scan.probe_diameter
        for s in self.stretches:
            if diameter > s.stop - s.start:
                raise InputError(
                    f"the probe of {1e6 * diameter:g} um is larger than the {1e6 * (s.stop - s.start):.4g} um of the "
                    f"line in `{s.region}`: give a smaller probe_diameter, or a longer line"
                )

    @property
    def reach(self) -> float:
        """Distance from a junction [m] up to which samples count for it, with some slack; infinite without a window."""
        return np.inf if self._scan.window is None else self._scan.window + SAME * self._scan.length

    def samples(self, distances: Array) -> Samples:
        """Which samples [m] the fits take.

        Raises:
            InputError: fewer than three in a region, or on a side of a junction.
        """
        whole = self._whole(distances)
        return Samples(whole, self._beside(distances, whole))

    def _whole(self, distances: Array) -> dict[str, Mask]:
        """Those of each stretch that are farther from every junction than `exclude`."""
        least = self._scan.exclude + SAME * self._scan.length
        far = np.all([np.abs(distances - j.at) > least for j in self.junctions], axis=0)
        found: dict[str, Mask] = {}
        for s in self.stretches:
            found[s.name] = far & (distances > s.start - SAME * s.stop) & (distances < s.stop * (1 + SAME))
            if (number := int(found[s.name].sum())) < FEWEST:
                raise InputError(
                    f"{number} samples in `{s.region}`, where the line runs over {1e6 * (s.stop - s.start):.4g} um and "
                    f"{1e6 * self._scan.exclude:g} um beside junctions are excluded: a straight fit needs {FEWEST}; "
                    "give a smaller spacing, a smaller exclude or a longer line"
                )
        return found

    def _beside(self, distances: Array, whole: Mapping[str, Mask]) -> dict[Side, Mask]:
        """Those of a stretch that are within the window beside a junction; without a window all."""
        found: dict[Side, Mask] = {}
        for side in (Side(j, s) for j in self.junctions for s in (j.before, j.after)):
            found[side] = whole[side.stretch.name] & (np.abs(distances - side.junction.at) <= self.reach)
            if (number := int(found[side].sum())) < FEWEST:
                raise InputError(
                    f"{number} samples in `{side.stretch.region}` within the window of {1e6 * self.reach:.4g} um "
                    f"beside {side.junction.name}, of which {1e6 * self._scan.exclude:g} um are excluded: a straight "
                    f"fit needs {FEWEST}; give a larger window, a smaller spacing or a smaller exclude"
                )
        return found

    def stretch_at(self, distance: float) -> int:
        """Number of the stretch at a distance [m] along the line; on a junction that behind it."""
        return int(np.searchsorted([j.at for j in self.junctions], distance, side="right"))


def crossings(mesh: Mesh, scan: LineScan) -> list[tuple[float, tuple[str, str]]]:
    """(distance [m], interface) of every facet between two regions that the line goes through, by distance."""
    found: list[tuple[float, tuple[str, str]]] = []
    for pair in mesh.interfaces:
        domain = mesh.interface_part(*pair).domain
        dofs = domain.geometry.dofmaps[0]
        dofs = np.concatenate([dofs[:, :3], dofs[:, 1:]]) if dofs.shape[1] == 4 else dofs  # two triangles
        mine = _intersections(domain.geometry.x[dofs], scan, mesh.domain.geometry.dim)
        every = np.sort(np.concatenate(mesh.domain.comm.allgather(mine)))
        inside = every[(every > SAME * scan.length) & (every < (1 - SAME) * scan.length)]
        apart = np.diff(inside, prepend=-np.inf) > SAME * scan.length
        found += [(float(at), pair) for at in inside[apart]]
    return sorted(found)


def _intersections(facets: Array, scan: LineScan, dim: int) -> Array:
    """Distances along the line at which it goes through simplices of shape (facets, dim, 3).

    P₀ + Σ bᵢ (Pᵢ − P₀) = x₀ + s d, solved for the barycentric coordinates b and s.
    """
    edges = facets[:, 1:, :dim] - facets[:, :1, :dim]
    along = np.broadcast_to(-scan.direction[:dim], (len(facets), 1, dim))
    A = np.swapaxes(np.concatenate([edges, along], axis=1), 1, 2)
    size = np.prod(np.linalg.norm(edges, axis=2), axis=1)
    crossing = np.abs(np.linalg.det(A)) > EDGE * size  # the others are parallel to the line
    right = scan.origin[:dim] - facets[crossing, 0, :dim]
    solution = np.linalg.solve(A[crossing], right[:, :, None])[:, :, 0]
    b, s = solution[:, :-1], solution[:, -1]
    through = (b >= -EDGE).all(axis=1) & (b.sum(axis=1) <= 1 + EDGE)
    found: Array = s[through]
    return found


def _numbered(names: list[str]) -> list[str]:
    """The names, with _2, _3, ... where one comes again."""
    return [n if not (k := names[:i].count(n)) else f"{n}_{k + 1}" for i, n in enumerate(names)]
