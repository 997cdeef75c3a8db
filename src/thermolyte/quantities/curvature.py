"""How far flat faces bend: the sphere that fits a face best."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mpi4py import MPI

import numpy as np
import ufl
from dolfinx import fem, la
from numpy.typing import NDArray

from thermolyte import compilation
from thermolyte.blocks import UNIT
from thermolyte.physics.local import DISPLACEMENT
from thermolyte.problem import Problem

FLAT = 1e-9
"""By how much of its extent a face may be off a plane."""

Floats = NDArray[np.float64]


class Curvature:
    """κ [1/m] of a boundary that is flat across one axis before it deforms.

    The least squares of w = a + b·s + κ |s|²/2 over the area, where s lies in the face and w is the displacement across
    it: κ > 0 where the centre of curvature is on the positive side of the axis. A rim that bends differently counts
    with its share of the area, as in a measurement of the bow of a wafer.
    """

    def __init__(self, problem: Problem, boundary: str, regions: list[str]):
        self._comm = problem.mesh.domain.comm
        self._blocks = [problem.place[DISPLACEMENT, r] for r in regions]
        self._u = [problem.u[block] for block in self._blocks]
        weights = [_nodal_areas(problem, boundary, r, b) for r, b in zip(regions, self._blocks, strict=True)]
        self._nodes = [np.flatnonzero(w > 0) for w in weights]
        self._weights = np.concatenate([w[n] for w, n in zip(weights, self._nodes, strict=True)])
        self._points = np.concatenate(
            [u.function_space.tabulate_dof_coordinates()[n] for u, n in zip(self._u, self._nodes, strict=True)]
        )
        dim = problem.mesh.domain.geometry.dim
        size = self._highest(self._points)[:dim] + self._highest(-self._points)[:dim]
        flat = np.flatnonzero(size < FLAT * size.max())
        self.axis = int(flat[0]) if len(flat) == 1 else None
        self._basis = self._functions(np.delete(np.arange(dim), flat), problem.setup.coordinates.kind)

    @property
    def is_defined(self) -> bool:
        """Whether the face is flat across one axis."""
        return self.axis is not None

    def evaluate(self) -> float:
        """At present."""
        heights = [u.x.array.reshape(-1, u.function_space.dofmap.index_map_bs)[n] for u, n in self._pairs()]
        w = UNIT[DISPLACEMENT] * np.concatenate(heights)[:, self.axis or 0]
        weighted = self._basis * self._weights
        normal, moments = self._sum(weighted @ self._basis.T), self._sum(weighted @ w)
        return float(np.linalg.solve(normal, moments)[-1]) / self._length**2

    def _pairs(self) -> Iterator[tuple[fem.Function, NDArray[np.intp]]]:
        return zip(self._u, self._nodes, strict=True)

    def _functions(self, along: NDArray[np.intp], kind: str) -> Floats:
        """1, s and |s|²/2 at the nodes, in units of the size of the face; around an axis of revolution no s alone."""
        s = self._points[:, along]
        turned = kind == "axisymmetric"
        if not turned:
            s = s - self._sum(self._weights @ s) / self._sum(self._weights.sum())
        squares = (s**2).sum(axis=1)
        self._length = float(np.sqrt(self._sum(self._weights @ squares) / self._sum(self._weights.sum())))
        linear = np.zeros((0, len(s))) if turned else s.T / self._length
        return np.vstack([np.ones(len(s)), linear, squares / (2 * self._length**2)])

    def _sum(self, values: Any) -> Any:
        return self._comm.allreduce(values, op=MPI.SUM)

    def _highest(self, points: Floats) -> Floats:
        found: Floats = np.max(points, axis=0, initial=-np.inf)
        self._comm.Allreduce(MPI.IN_PLACE, found, MPI.MAX)
        return found


def _nodal_areas(problem: Problem, boundary: str, region: str, block: int) -> Floats:
    """∮ φ ds of the shape function of each owned node: its share of the area [m²]."""
    V = problem.spaces[block]
    test = ufl.TestFunction(V)
    b = fem.assemble_vector(compilation.form(test[0] * problem.boundary_ds(boundary, region), problem.entity_maps))
    b.scatter_reverse(la.InsertMode.add)
    size = V.dofmap.index_map_bs
    return np.asarray(b.array.reshape(-1, size)[: V.dofmap.index_map.size_local, 0])


def curvatures(problem: Problem, solids: list[str]) -> dict[str, Curvature]:
    """`curvature.BOUNDARY` for every flat face of what deforms, where the coordinates can tell."""
    p, found = problem, {}
    if p.mesh.domain.geometry.dim == 1:  # the ends of a line do not bend
        return {}
    radial = p.setup.coordinates.kind == "axisymmetric"
    for b in p.mesh.boundaries:
        regions = [r for r in p.mesh.regions_at(b) if r in solids]
        face = Curvature(p, b, regions) if regions else None
        if face is not None and face.is_defined and not (radial and face.axis == 0):
            found[f"curvature.{b}"] = face
    return found
