"""Over what a problem integrates, and with which quadrature."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from thermolyte.blocks import Blocks
from thermolyte.coordinates import Weighted
from thermolyte.mesh import Mesh
from thermolyte.physics.local import DISPLACEMENT

if TYPE_CHECKING:
    from thermolyte.setup import Setup


class Piece(Protocol):
    """A piece of a boundary in front of one region."""

    @property
    def boundary(self) -> str:
        """Its boundary."""
        ...

    @property
    def region(self) -> str:
        """The region behind it."""
        ...


class Measures:
    """The measures of a problem: of the whole body, also where the mesh is a section of it."""

    mesh: Mesh
    setup: Setup
    blocks: Blocks
    x: Expr

    @cached_property
    def _simplex(self) -> bool:
        return self.mesh.domain.basix_cell().name in ("interval", "triangle", "tetrahedron")

    @property
    def quadrature_degree(self) -> int:
        """2k−1 keeps the order 2k of flows on simplices; tensor-product cells need one point more per direction.

        What accumulates needs its mass matrix (2k), curved coordinates one or two degrees more.
        """
        plain = not self.blocks.accumulating and self.setup.coordinates.is_plain
        top = self.setup.order + any(f == DISPLACEMENT for f in self.blocks.fields)
        return 2 * top + ((-1 if self._simplex else 1) if plain else 1)

    def _over_the_body(self, measure: ufl.Measure) -> ufl.Measure | Weighted:
        coordinates = self.setup.coordinates
        return measure if coordinates.is_plain else Weighted(measure, coordinates.weight(self.x))

    def dx(self, region: str) -> ufl.Measure | Weighted:
        """Volume measure of a region."""
        return self._over_the_body(self.mesh.dx(region, quadrature_degree=self.quadrature_degree))

    def ds(self, face: Piece) -> ufl.Measure | Weighted:
        """Surface measure of a face with a smooth condition."""
        degree = max(2 * self.setup.order, self.quadrature_degree - 1)
        return self._over_the_body(self.mesh.ds(face.boundary, face.region, quadrature_degree=degree))

    def boundary_ds(self, boundary: str, region: str) -> ufl.Measure | Weighted:
        """Surface measure of a boundary for means."""
        return self._over_the_body(self.mesh.ds(boundary, region, quadrature_degree=self.quadrature_degree))

    @property
    def _contact_quadrature(self) -> dict[str, object]:
        """Order 1: vertices couple node to node, which keeps a large conductance 1/ρ an M-matrix for multigrid.

        Not where something accumulates: a flux at nodes does not match the mass between them, and what one node gains
        its neighbour would lose; and not in curved coordinates, where a node on the axis would have no area.
        """
        coarse = self.setup.order == 1 and self.mesh.domain.topology.dim > 1
        if not coarse or self.blocks.accumulating or self.setup.coordinates.kind != "cartesian":
            return {"quadrature_degree": max(2 * self.setup.order, self.quadrature_degree)}
        return {"quadrature_rule": "vertex" if self._simplex else "GLL", "quadrature_degree": 1}

    def dS(self, a: str, b: str) -> ufl.Measure | Weighted:
        """Surface measure of a contact, '+' on the side of a."""
        return self._over_the_body(self.mesh.dS(a, b, **self._contact_quadrature))

    def nodal_dS(self, a: str, b: str) -> ufl.Measure:
        """The measure of a contact without the weight of the coordinates, for values at nodes."""
        return self.mesh.dS(a, b, **self._contact_quadrature)

    def lead_ds(self, face: Piece) -> ufl.Measure | Weighted:
        """Surface measure of a terminal."""
        return self._over_the_body(self.mesh.ds(face.boundary, face.region, **self._contact_quadrature))

    def inner_dS(self, a: str, b: str) -> ufl.Measure | Weighted:
        """Surface measure of an interface for what cannot be evaluated on the axis, such as strain."""
        return self._over_the_body(self.mesh.dS(a, b, quadrature_degree=self.quadrature_degree))

    def area(self, ds: ufl.Measure | Weighted) -> float:
        """Area of a piece of surface [m²]."""
        one = fem.Constant(self.mesh.domain, 1.0)
        return float(self.mesh.domain.comm.allreduce(fem.assemble_scalar(fem.form(one * ds))))
