"""The named mesh: regions, boundaries, interfaces, their measures, and the parts on which fields are continuous."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import ufl
from dolfinx import fem
from dolfinx import mesh as dmesh
from numpy.typing import NDArray

from thermolyte.errors import InputError

Entities = NDArray[np.int32]


class Part(NamedTuple):
    """Regions whose field is continuous among themselves, as one domain: a submesh, or the mesh itself."""

    regions: tuple[str, ...]
    domain: dmesh.Mesh
    facets: dmesh.MeshTags | None
    entity_map: Any | None


@dataclass(frozen=True)
class Mesh:
    """A DOLFINx mesh whose cell and facet tags have names.

    Integers never leave this class: `dx(region)`, `ds(boundary, region)` and `dS(a, b)` take names.
    """

    domain: dmesh.Mesh
    cells: dmesh.MeshTags
    facets: dmesh.MeshTags
    regions: dict[str, int]
    boundaries: dict[str, int]

    def __post_init__(self) -> None:
        dim = self.domain.topology.dim
        self.domain.topology.create_connectivity(dim - 1, dim)
        self.domain.topology.create_connectivity(dim, dim - 1)

    @classmethod
    def of(cls, data: Any) -> Mesh:
        """From what `dolfinx.io.gmsh.model_to_mesh` returns."""
        dim = data.mesh.topology.dim
        volumes, faces = ({n: g.tag for n, g in data.physical_groups.items() if g.dim == d} for d in (dim, dim - 1))
        return cls(data.mesh, data.cell_tags, data.facet_tags, volumes, faces)

    def count(self) -> dict[str, int]:
        """Number of cells of each region, over all ranks."""
        owned = self.domain.topology.index_map(self.domain.topology.dim).size_local
        mine = self.region_of_cell[:owned]
        return {r: int(self.domain.comm.allreduce(int((mine == t).sum()))) for r, t in self.regions.items()}

    def cells_of(self, region: str) -> NDArray[np.int32]:
        """Cells of a region on this rank, ghosts included."""
        return np.flatnonzero(self.region_of_cell == self.regions[region]).astype(np.int32)

    # ---- what touches what -----------------------------------------------------------------------------------
    @cached_property
    def region_of_cell(self) -> NDArray[np.int32]:
        """Region tag of every cell of this rank, ghosts included; shape (cells,)."""
        cells = self.domain.topology.index_map(self.domain.topology.dim)
        tags = np.zeros(cells.size_local + cells.num_ghosts, np.int32)
        tags[self.cells.indices] = self.cells.values
        return tags

    @cached_property
    def _exterior(self) -> dict[tuple[str, str], Entities]:
        """(boundary, region) -> flattened (cell, local facet) pairs of this rank; the keys agree on all ranks."""
        topology, name = self.domain.topology, {t: r for r, t in self.regions.items()}
        found: dict[tuple[str, str], Entities] = {}
        for boundary, tag in self.boundaries.items():
            facets = np.intersect1d(self.facets.find(tag), dmesh.exterior_facet_indices(topology))
            pairs = fem.compute_integration_domains(fem.IntegralType.exterior_facet, topology, facets).reshape(-1, 2)
            touched = self.region_of_cell[pairs[:, 0]]
            for r in np.unique(touched):
                found[boundary, name[int(r)]] = pairs[touched == r].flatten()
        return {key: found.get(key, np.zeros(0, np.int32)) for key in self._everywhere(found)}

    @cached_property
    def _interior(self) -> dict[tuple[str, str], Entities]:
        """(a, b) -> flattened (cell, facet, cell, facet) with '+' in a; owned facets, the keys agree on all ranks."""
        topology, dim = self.domain.topology, self.domain.topology.dim
        name = {t: r for r, t in self.regions.items()}
        f2c = topology.connectivity(dim - 1, dim)
        owned = topology.index_map(dim - 1).size_local
        inner = np.flatnonzero(np.diff(f2c.offsets)[:owned] == 2).astype(np.int32)
        sides = self.region_of_cell[f2c.array[f2c.offsets[inner][:, None] + [0, 1]]]
        found: dict[tuple[str, str], Entities] = {}
        for low, high in np.unique(np.sort(sides[sides[:, 0] != sides[:, 1]], axis=1), axis=0):
            a, b = sorted((name[int(low)], name[int(high)]), key=list(self.regions).index)
            facets = inner[(sides.min(axis=1) == low) & (sides.max(axis=1) == high)]
            kind = fem.IntegralType.interior_facet
            quads = fem.compute_integration_domains(kind, topology, facets).reshape(-1, 4).copy()
            swap = self.region_of_cell[quads[:, 0]] != self.regions[a]
            quads[swap] = quads[swap][:, [2, 3, 0, 1]]
            found[a, b] = quads.flatten()
        return {key: found.get(key, np.zeros(0, np.int32)) for key in self._everywhere(found)}

    def _check_sides(self) -> None:
        """See that '+' lies in a and '-' in b at every facet of every interface a/b.

        A function on a submesh is zero, without a word, on the side of a facet where its submesh is not: all laws of an
        interface with its sides swapped would vanish.

        Raises:
            RuntimeError: a facet is turned the wrong way.
        """
        for (a, b), quads in self._interior.items():
            sides = self.region_of_cell[quads.reshape(-1, 4)[:, [0, 2]]]
            turned = (sides != [self.regions[a], self.regions[b]]).any(axis=1)
            wrong, facets = self.domain.comm.allreduce(np.array([turned.sum(), len(turned)]))
            if wrong:
                raise RuntimeError(
                    f"interface {a}/{b}: at {wrong} of {facets} facets '+' is not the side of `{a}`; fields of `{a}` "
                    f"and `{b}` would count as zero there"
                )

    def _everywhere(self, keys: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """The keys that any rank has, in one order on all ranks."""
        return sorted(set().union(*self.domain.comm.allgather(set(keys))))

    @property
    def interfaces(self) -> list[tuple[str, str]]:
        """Pairs of regions that share facets."""
        return list(self._interior)

    def regions_at(self, boundary: str) -> list[str]:
        """Regions behind a boundary."""
        return [r for b, r in self._exterior if b == boundary]

    # ---- measures --------------------------------------------------------------------------------------------
    @cached_property
    def _dx(self) -> ufl.Measure:
        return ufl.Measure("dx", self.domain, subdomain_data=self.cells)

    @cached_property
    def _ds(self) -> ufl.Measure:
        # Every face twice: FFCx mistakes the facets when a vertex rule meets another rule on one subdomain.
        return ufl.Measure("ds", self.domain, subdomain_data=list(enumerate([*self._exterior.values()] * 2, 1)))

    @cached_property
    def _dS(self) -> ufl.Measure:
        self._check_sides()
        return ufl.Measure("dS", self.domain, subdomain_data=list(enumerate(self._interior.values(), 1)))

    def dx(self, region: str, **metadata: object) -> ufl.Measure:
        """Volume measure of a region [m³ in 3-D]; metadata such as `quadrature_degree`."""
        return self._dx(self.regions[region], metadata=metadata)

    def ds(self, boundary: str, region: str, **metadata: object) -> ufl.Measure:
        """Surface measure of that part of a boundary behind which `region` lies [m²]."""
        again = len(self._exterior) if metadata.get("quadrature_rule") == "vertex" else 0
        return self._ds(1 + list(self._exterior).index((boundary, region)) + again, metadata=metadata)

    def dS(self, a: str, b: str, **metadata: object) -> ufl.Measure:
        """Surface measure of the interface a/b [m²], with '+' on the side of `a`."""
        return self._dS(1 + list(self._interior).index((a, b)), metadata=metadata)

    # ---- parts -----------------------------------------------------------------------------------------------
    def parts(self, regions: Collection[str], jumps: Collection[frozenset[str]]) -> list[Part]:
        """The fewest domains that carry a field which lives on `regions` and jumps across the pairs `jumps`.

        Regions that touch without a jump form a body; bodies that jump against each other get different colours, and
        each colour is one domain. (Bodies of one colour do not touch, so their fields are independent.)

        Raises:
            InputError: a jump between two regions of one body: the field has a way around the contact.
        """
        pairs = [p for p in self.interfaces if set(p) <= set(regions)]
        body = {r: r for r in regions}
        for a, b in pairs:
            if frozenset((a, b)) not in jumps:
                old, new = body[b], body[a]
                body = {r: new if x == old else x for r, x in body.items()}
        colour: dict[str, int] = {}
        for first in regions:  # in the order of the regions, so that all ranks colour alike
            b = body[first]
            taken = set()
            for pair in pairs:
                if frozenset(pair) in jumps and b in (sides := {body[pair[0]], body[pair[1]]}):
                    if len(sides) == 1:
                        raise InputError(
                            f"interfaces: the contact {pair[0]}/{pair[1]} separates two regions that also touch "
                            "without a contact (directly or through others): give all interfaces around them one"
                        )
                    taken |= {colour[s] for s in sides - {b} if s in colour}
            if b not in colour:
                colour[b] = next(c for c in range(len(pairs) + 1) if c not in taken)
        groups = [tuple(r for r in regions if colour[body[r]] == c) for c in sorted(set(colour.values()))]
        return [self.part(g) for g in groups]

    def part(self, regions: tuple[str, ...]) -> Part:
        """The domain of these regions; made once, so that fields on the same regions share it."""
        if regions not in self._made:
            self._made[regions] = self._submesh(regions)
        return self._made[regions]

    @cached_property
    def _made(self) -> dict[tuple[str, ...], Part]:
        return {}

    def interface_part(self, a: str, b: str) -> Part:
        """The interface a/b as a domain of its own, one dimension lower; it has no boundaries."""
        return self._surface_part((a, b), self._interior[a, b].reshape(-1, 4)[:, :2])

    def boundary_part(self, boundary: str, region: str) -> Part:
        """That part of a boundary behind which `region` lies, as a domain of its own, one dimension lower."""
        return self._surface_part((region, boundary), self._exterior[boundary, region].reshape(-1, 2))

    def _surface_part(self, names: tuple[str, str], pairs: Entities) -> Part:
        """The facets of (cell, local facet) pairs as a domain; made once, so that all fields on them share it."""
        if ("on", *names) not in self._made:
            topology, dim = self.domain.topology, self.domain.topology.dim
            of_cells = topology.connectivity(dim, dim - 1).array.reshape(-1, self.facets_of_a_cell)
            sub, entity_map, _, _ = dmesh.create_submesh(self.domain, dim - 1, np.unique(of_cells[tuple(pairs.T)]))
            self._made["on", *names] = Part(names, sub, None, entity_map)
        return self._made["on", *names]

    @property
    def facets_of_a_cell(self) -> int:
        """Number of facets of every cell."""
        return {"interval": 2, "triangle": 3, "quadrilateral": 4, "tetrahedron": 4, "hexahedron": 6}[
            self.domain.basix_cell().name
        ]

    def _submesh(self, regions: tuple[str, ...]) -> Part:
        if set(regions) == set(self.regions):
            return Part(regions, self.domain, self.facets, None)
        dim = self.domain.topology.dim
        cells = np.sort(np.concatenate([self.cells.find(self.regions[r]) for r in regions]))
        sub, entity_map, vertex_map, _ = dmesh.create_submesh(self.domain, dim, cells)
        sub.topology.create_connectivity(dim - 1, dim)
        facets = dmesh.transfer_meshtags_to_submesh(self.facets, sub, vertex_map, entity_map)
        return Part(regions, sub, facets[0] if isinstance(facets, tuple) else facets, entity_map)
