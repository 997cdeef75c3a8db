"""The tip of a probe: a disc on the surface, whose reading is the mean of the potential under it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from dolfinx import mesh as dmesh
from numpy.typing import NDArray

from thermolyte.errors import InputError
from thermolyte.line_scan.location import Location
from thermolyte.line_scan.options import LineScan
from thermolyte.line_scan.track import SAME, Track
from thermolyte.mesh import Mesh
from thermolyte.physics.local import POTENTIAL
from thermolyte.problem import Problem

Array = NDArray[np.float64]
ALONG, ACROSS = 6, 3
"""Quadrature points of a piece of the tip along the line and across it."""
FLAT = 1e-6
"""How far, relative to lengths, what is called plane or parallel may be off by round-off."""


class Touch(NamedTuple):
    """Points under a tip: distances along the line, offsets across it [m], weights (sum 1), numbers of stretches."""

    along: Array
    across: Array
    weights: Array
    stretches: NDArray[np.int_]


class Probe:
    """All points under the tip at all samples of a scan, located once; `read` gives the readings of a state."""

    def __init__(self, mesh: Mesh, scan: LineScan, track: Track):
        """Locate the points.

        Raises:
            InputError: the tip reaches beyond the body.
        """
        distances, radius = scan.distances, scan.probe_diameter / 2
        x = scan.origin + distances[:, None] * scan.direction
        Location(mesh, x)  # a sample outside of the body is told before a tip that is
        sideways = across(mesh, x, scan.direction) if radius else None
        touches = [touch(track, float(s), radius, sideways is not None) for s in distances]
        along, offset, weights, stretches = (np.concatenate(part) for part in zip(*touches, strict=True))
        points = scan.origin + along[:, None] * scan.direction
        if sideways is not None:
            points = points + offset[:, None] * sideways
        self._first = np.cumsum([0, *(len(t.weights) for t in touches[:-1])])
        self._weights = weights
        try:
            self._location = Location(mesh, points, [track.stretches[i].region for i in stretches])
        except InputError as error:
            raise InputError(
                f"a part of the tip touches nothing, {error}: keep the line half a probe_diameter off every edge"
            ) from None

    def read(self, problem: Problem) -> Array:
        """Readings of the electric potential [V] at all samples."""
        values = self._weights * self._location.values(problem, POTENTIAL)
        readings: Array = np.add.reduceat(values, self._first)
        return readings


def touch(track: Track, at: float, radius: float, wide: bool) -> Touch:
    """What a tip touches at a distance [m] along the line: the mean over a disc, split at the junctions under it.

        mean of V = ∫ cos²θ V(s + a sin θ, η) dθ · 2/π,   θ from −π/2 to π/2,   η over the chord ± a cos θ

    by Gauss's rule in each piece. Without `wide` V is taken on the line, as if it did not change along the chord. A
    point on a junction reads the mean of both sides.
    """
    places = np.array([j.at for j in track.junctions]) - at
    if not radius:
        here = track.stretch_at(at)
        on = np.flatnonzero(np.abs(places) <= SAME * track.stretches[-1].stop)
        sides = np.array([on[0], on[0] + 1] if len(on) else [here])
        n = len(sides)
        return Touch(np.full(n, at), np.zeros(n), np.full(n, 1 / n), sides)
    inside = places[np.abs(places) < radius]
    theta = np.array([-np.pi / 2, *np.arcsin(inside / radius), np.pi / 2])
    nodes, gauss = np.polynomial.legendre.leggauss(ALONG)
    middle, half = (theta[1:] + theta[:-1]) / 2, np.diff(theta) / 2
    angle = middle[:, None] + half[:, None] * nodes
    weight = half[:, None] * gauss * np.cos(angle) ** 2
    number = [track.stretch_at(at + radius * np.sin(m)) for m in middle]
    eta, chord = np.polynomial.legendre.leggauss(ACROSS) if wide else (np.zeros(1), np.ones(1))
    shape = (*angle.shape, len(eta))
    weights = np.broadcast_to(weight[..., None] * chord, shape)
    return Touch(
        np.broadcast_to(at + radius * np.sin(angle)[..., None], shape).ravel(),
        (radius * np.cos(angle)[..., None] * eta).ravel(),
        (weights / weights.sum()).ravel(),
        np.broadcast_to(np.array(number)[:, None, None], shape).ravel(),
    )


def across(mesh: Mesh, points: Array, direction: Array) -> Array | None:
    """Unit vector across a line in the plane face that it lies on; None inside the body, on an edge, or in a plane."""
    domain = mesh.domain
    if domain.geometry.dim < 3:
        return None
    domain.topology.create_connectivity(2, 0)
    facets = dmesh.exterior_facet_indices(domain.topology)
    corners = domain.geometry.x[dmesh.entities_to_geometry(domain, 2, facets)]
    found = np.concatenate(domain.comm.allgather(_normals(corners, points, direction)))
    if not len(found):
        return None
    alike = np.abs(found @ found[0]) > 1 - FLAT
    sideways: Array = np.cross(found[0], direction)
    return sideways if alike.all() else None


def _normals(corners: Array, points: Array, direction: Array) -> Array:
    """Unit normals of the facets, of shape (facets, corners, 3), that lie along the line and hold one of its points."""
    slack = FLAT * float(np.ptp(points, axis=0).max())
    low, high = corners.min(axis=1) - slack, corners.max(axis=1) + slack
    near = (low <= points.max(axis=0)).all(axis=1) & (high >= points.min(axis=0)).all(axis=1)
    corners, low, high = corners[near], low[near], high[near]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1)[:, None]
    beside = np.abs(normals @ direction) < FLAT
    holds = [
        bool(((a <= points) & (points <= b)).all(axis=1)[np.abs((points - x) @ n) < slack].any())
        for a, b, x, n in zip(low[beside], high[beside], corners[beside, 0], normals[beside], strict=True)
    ]
    found: Array = normals[beside][np.array(holds, bool)]
    return found
