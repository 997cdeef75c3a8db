"""Over what a problem integrates, and with which quadrature."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from thermolyte import compilation
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

    @property
    def model(self) -> Any:
        """The condition or terminal on it."""
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
        """2k on simplices, 2k+1 on tensor-product cells, which need one point more per direction.

        2k−1 would keep the order 2k of flows, and does at order 1; but from order 2 on the integrals over tabulated
        properties would then err 10 to 100 times more than the fields. What accumulates needs its mass matrix, curved
        coordinates need one or two degrees more.
        """
        plain = self._simplex and not self.blocks.accumulating and self.setup.coordinates.is_plain
        top = self.setup.order + any(f == DISPLACEMENT for f in self.blocks.fields)
        return 2 * top + ((-1 if self.setup.order == 1 else 0) if plain else 1)

    def _over_the_body(self, measure: ufl.Measure) -> ufl.Measure | Weighted:
        coordinates = self.setup.coordinates
        return measure if coordinates.is_plain else Weighted(measure, coordinates.weight(self.x))

    def dx(self, region: str) -> ufl.Measure | Weighted:
        """Volume measure of a region."""
        return self._over_the_body(self.mesh.dx(region, quadrature_degree=self.quadrature_degree))

    def ds(self, face: Piece) -> ufl.Measure | Weighted:
        """Surface measure of a face with a condition: a smooth one, or one with amounts of its own."""
        if face.model.own_fields:
            return self.lead_ds(face)
        degree = max(2 * self.setup.order, self.quadrature_degree - 1)
        return self._over_the_body(self.mesh.ds(face.boundary, face.region, quadrature_degree=degree))

    def boundary_ds(self, boundary: str, region: str) -> ufl.Measure | Weighted:
        """Surface measure of a boundary for means."""
        return self._over_the_body(self.mesh.ds(boundary, region, quadrature_degree=self.quadrature_degree))

    @property
    def _contact_quadrature(self) -> dict[str, object]:
        """Order 1: vertices couple node to node, which keeps a large conductance 1/ρ an M-matrix for multigrid.

        Where something accumulates only if it does so at the nodes, too: a flux at nodes does not match the mass
        between them, and what one node gains its neighbour would lose. Not in curved coordinates, where a node on the
        axis would have no area.
        """
        coarse = self.setup.order == 1 and self.mesh.domain.topology.dim > 1
        matches = self._lumped or not self.blocks.accumulating
        if not coarse or not matches or self.setup.coordinates.kind != "cartesian":
            return {"quadrature_degree": max(2 * self.setup.order, self.quadrature_degree)}
        return self._at_vertices

    @property
    def _at_vertices(self) -> dict[str, object]:
        return {"quadrature_rule": "vertex" if self._simplex else "GLL", "quadrature_degree": 1}

    @property
    def _lumped(self) -> bool:
        """Whether what accumulates in the body does so at the nodes: at order 1 of a device with a gradient of T.

        There a front runs into ever colder material, in which nothing smooths the overshoot that a consistent mass
        leaves ahead of it.
        """
        cartesian = self.setup.coordinates.kind == "cartesian"
        return self.setup.order == 1 and cartesian and self.setup.physics.thermoelectricity is not None

    def mass_dx(self, region: str) -> ufl.Measure | Weighted:
        """Volume measure of what accumulates in a region."""
        nodal = self.mesh.dx(region, **self._at_vertices)
        return self._over_the_body(nodal) if self._lumped else self.dx(region)

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
        return float(self.mesh.domain.comm.allreduce(fem.assemble_scalar(compilation.form(one * ds))))
