"""The unknowns: which field lives where, on which function space, and in which units it is stored.

Every field has one block per part (a set of regions on which it is continuous); what lives on an interface has one per
interface; every terminal has one global unknown, its voltage. `place[field, region]` tells the block, so nobody else
needs to know the layout.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from mpi4py import MPI

import basix.ufl
import numpy as np
from dolfinx import fem
from dolfinx import mesh as dmesh
from numpy.typing import NDArray
from ufl.core.expr import Expr

from thermolyte.mesh import Mesh, Part
from thermolyte.physics.local import (
    CHARGE,
    CONCENTRATION,
    DISPLACEMENT,
    INTERLAYER,
    IONIC_POTENTIAL,
    MECHANICAL_POTENTIAL,
    PLATED,
    POTENTIAL,
    REACTION_LAYER,
    RELEASED,
    TEMPERATURE,
)

# Unknowns are stored in units in which the blocks are alike: √(κ/σ) of a thermoelectric is about 4 mV, RT/F 25 mV.
# The tests carry the same factor, so that a residual entry of the potential is in A times this.
UNIT = {
    TEMPERATURE: 1.0,
    POTENTIAL: 4e-3,
    IONIC_POTENTIAL: 25e-3,
    CONCENTRATION: 1e4,
    MECHANICAL_POTENTIAL: 1e3,
    DISPLACEMENT: 1e-9,
    PLATED: 1.0,
    INTERLAYER: 1.0,
    REACTION_LAYER: 1.0,
    RELEASED: 1.0,
    CHARGE: 1.0,
}
ON_SURFACES = (PLATED, INTERLAYER, REACTION_LAYER, RELEASED)  # of one interface or boundary
ACCUMULATE = (CONCENTRATION, *ON_SURFACES, CHARGE)  # what has an initial value

Jumps = Mapping[str, Collection[frozenset[str]]]


class Blocks:
    """Spaces, unknowns `u` and their time derivatives `rates`."""

    def __init__(self, mesh: Mesh, fields: Mapping[str, Sequence[str]], jumps: Jumps, order: int):
        """`fields`: those of each region; `jumps`: pairs of regions across which a field jumps."""
        self.mesh, self._order = mesh, order
        self.place: dict[tuple[str, str], int] = {}
        self.parts: list[Part] = []
        self.fields: list[str] = []
        self.spaces: list[fem.FunctionSpace] = []
        for field in UNIT:
            regions = [r for r, present in fields.items() if field in present]
            for part in mesh.parts(regions, jumps.get(field, ())) if regions else ():
                self._add(field, part)
        self.first_terminal = len(self.spaces)

    def _add(self, field: str, part: Part) -> None:
        self.place |= {(field, r): len(self.parts) for r in part.regions}
        self.parts.append(part)
        self.fields.append(field)
        self.spaces.append(fem.functionspace(part.domain, self._element(field)))

    def _element(self, field: str) -> tuple[str, int] | tuple[str, int, tuple[int]]:
        """A displacement is one order above the fields whose gradients it takes up as strain."""
        if field == DISPLACEMENT:
            return "Lagrange", self._order + 1, (self.mesh.domain.geometry.dim,)
        return "Lagrange", self._order

    def add_surface(self, field: str, name: str, part: Part) -> None:
        """A field that lives on an interface, named a/b, or on a boundary, named region/boundary, only."""
        self.place[field, name] = len(self.parts)
        self.parts.append(part)
        self.fields.append(field)
        element = ("Lagrange", 1) if part.domain.topology.dim else ("DG", 0)
        self.spaces.append(fem.functionspace(part.domain, element))
        self.first_terminal = len(self.spaces)

    def finish(self, terminals: Sequence[str], *, count_charge: bool) -> None:
        """Add the voltage of each terminal, and its charge if asked for, as global unknowns; make the functions."""
        real = basix.ufl.real_element(self.mesh.domain.basix_cell(), ())
        self._globals = [(f, n) for f in (POTENTIAL, *[CHARGE] * count_charge) for n in terminals]
        self.spaces += [fem.functionspace(self.mesh.domain, real) for _ in self._globals]
        self.fields += [field for field, _ in self._globals]
        self.u = [fem.Function(V) for V in self.spaces]
        self.rates = [fem.Function(V) for V in self.spaces]
        for i, field in enumerate(self.fields):
            self.u[i].name = field
        maps = {id(p.entity_map): p.entity_map for p in self.parts if p.entity_map is not None}
        self.entity_maps = list(maps.values())

    # ---- by name ---------------------------------------------------------------------------------------------------
    def at(self, region: str, functions: Sequence[Expr], side: str | None = None) -> dict[str, Expr]:
        """The fields (or tests, or rates) of a region in SI; on an interface restricted to `side` + or -."""
        blocks = {f: functions[i] for (f, r), i in self.place.items() if r == region}
        return {f: UNIT[f] * (x(side) if side else x) for f, x in blocks.items()}

    def global_block(self, field: str, terminal: str) -> int | None:
        """Block of the voltage or charge of a terminal; None when it is not counted."""
        key = (field, terminal)
        return self.first_terminal + self._globals.index(key) if key in self._globals else None

    def of_terminal(self, field: str, terminal: str, functions: Sequence[Expr]) -> Expr | None:
        """V [V] or charge [C] of a terminal, or its test or rate; None when it is not counted."""
        block = self.global_block(field, terminal)
        return None if block is None else UNIT[field] * functions[block]

    def global_value(self, field: str, terminal: str) -> float | None:
        """V [V] or charge [C] of a terminal at present, the same on all ranks."""
        block = self.global_block(field, terminal)
        if block is None:
            return None
        x = self.u[block].x.array
        local = float(x[0]) if len(x) else -np.inf
        return UNIT[field] * float(self.mesh.domain.comm.allreduce(local, op=MPI.MAX))

    def dofs(self, field: str, boundary: str, region: str, component: int | None = None) -> NDArray[np.int32]:
        """Dofs of a field, or of one component of it, on a boundary."""
        block = self.place[field, region]
        part, V = self.parts[block], self.spaces[block]
        dim = part.domain.topology.dim
        part.domain.topology.create_connectivity(dim - 1, dim)
        tags: dmesh.MeshTags = part.facets
        dofs: NDArray[np.int32] = fem.locate_dofs_topological(
            component_of(V, component), dim - 1, tags.find(self.mesh.boundaries[boundary])
        )
        return dofs

    # ---- state -----------------------------------------------------------------------------------------------------
    @property
    def accumulating(self) -> list[int]:
        """Blocks of what has an initial value."""
        return [i for i, field in enumerate(self.fields) if field in ACCUMULATE]

    def cells_of(self, region: str, block: int) -> NDArray[np.int32]:
        """Cells of a region on the domain of a block, ghosts included."""
        return self.cells_on(block, self.mesh.cells_of(region))

    def cells_on(self, block: int, cells: NDArray[np.int32]) -> NDArray[np.int32]:
        """Cells of the mesh as the domain of a block counts them; -1 where it does not reach."""
        entity_map = self.parts[block].entity_map if block < len(self.parts) else None
        return cells if entity_map is None else entity_map.sub_topology_to_topology(cells, True)

    def state(self) -> list[NDArray[np.float64]]:
        """A copy of all unknowns of this rank."""
        return [u.x.array.copy() for u in self.u]

    def restore(self, state: Sequence[NDArray[np.float64]]) -> None:
        """Take back a state of `state()`."""
        for u, values in zip(self.u, state, strict=True):
            u.x.array[:] = values


def component_of(V: fem.FunctionSpace, component: int | None) -> fem.FunctionSpace:
    """The space of one component of a vector; a vector of one component is its own."""
    return V if component is None or V.dofmap.index_map_bs == 1 else V.sub(component)
