"""Sums regions, interfaces, boundaries and terminals into one residual over blocks. No physics inside, no solver.

Every field has one block per part (a set of regions on which it is continuous); every terminal one global unknown, its
voltage. `place[field, region]` tells the block, so nobody else needs to know the layout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem
from numpy.typing import NDArray
from ufl.core.expr import Expr

from thermolyte.boundary import BoundaryCondition, Temperature
from thermolyte.interface import ContactParameters, Interface
from thermolyte.mesh import Mesh, Part
from thermolyte.parameters import Parameters
from thermolyte.physics import thermoelectricity as physics
from thermolyte.physics.thermoelectricity import POTENTIAL, TEMPERATURE
from thermolyte.region import Medium, Region
from thermolyte.terminal import Terminal

# Unknowns are stored in units in which the blocks are alike: √(κ/σ) of a thermoelectric is about 4 mV.
# The tests carry the same factor, so that a residual entry of the potential is in A times this.
UNIT = {TEMPERATURE: 1.0, POTENTIAL: 4e-3}


class Setup(NamedTuple):
    """What is posed on the mesh, by name; `boundaries` may hold several conditions on one boundary."""

    regions: Mapping[str, Region]
    boundaries: Mapping[str, Sequence[BoundaryCondition]] = {}
    terminals: Mapping[str, Terminal] = {}
    interfaces: Mapping[tuple[str, str], Interface] = {}
    order: int = 1


class Face(NamedTuple):
    """A piece of a boundary in front of one region, with one condition or terminal on it."""

    name: str
    boundary: str
    region: str
    model: Any  # a BoundaryCondition or a Terminal: each term asks it for what its kind has
    parameters: Parameters


class Problem:
    """One residual over blocks: `F`, `u`, `bcs` and `entity_maps` are what a nonlinear solver takes."""

    def __init__(self, mesh: Mesh, setup: Setup):
        self.mesh, self.setup = mesh, setup
        self.media = {r: Medium(setup.regions[r], mesh.domain) for r in mesh.regions}
        self._make_blocks()
        self._make_conditions()
        self.v = ufl.TestFunctions(ufl.MixedFunctionSpace(*self.spaces))
        body = self.body_residual()
        self.body = ufl.extract_blocks(body)  # without the leads: what it drives into them is the current
        self.F = ufl.extract_blocks(body + self._lead_residual()) if self.leads else self.body
        self.bcs = self._essential()

    # ---- layout ----------------------------------------------------------------------------------------------
    def _make_blocks(self) -> None:
        self.place: dict[tuple[str, str], int] = {}
        self.parts: list[Part] = []
        for field in UNIT:
            regions = [r for r, m in self.media.items() if field in physics.fields(m)]
            jumps = {frozenset(ab) for ab, law in self.setup.interfaces.items() if field in law.jumps}
            for part in self.mesh.parts(regions, jumps) if regions else ():
                self.place |= {(field, r): len(self.parts) for r in part.regions}
                self.parts.append(part)
        element = ("Lagrange", self.setup.order)
        self.spaces = [fem.functionspace(part.domain, element) for part in self.parts]
        self.first_terminal = len(self.spaces)
        real = basix.ufl.real_element(self.mesh.domain.basix_cell(), ())
        self.spaces += [fem.functionspace(self.mesh.domain, real) for _ in self.setup.terminals]
        self.u = [fem.Function(V) for V in self.spaces]
        for (field, _), block in self.place.items():
            self.u[block].name = field
        maps = {id(p.entity_map): p.entity_map for p in self.parts if p.entity_map is not None}
        self.entity_maps = list(maps.values())

    def _make_conditions(self) -> None:
        domain, setup = self.mesh.domain, self.setup
        self.contacts = {ab: ContactParameters(law, domain) for ab, law in setup.interfaces.items()}
        self.closures = {n: fem.Constant(domain, t.closure) for n, t in setup.terminals.items()}
        boundaries = [(f"{b}.{i}", b, c) for b, cs in setup.boundaries.items() for i, c in enumerate(cs)]
        self.faces = [
            Face(name, b, r, c, p)
            for name, b, c in boundaries
            for p in [Parameters(c, domain)]
            for r in self.mesh.regions_at(b)
        ]
        self.leads = [
            Face(name, b, r, t, p)
            for name, t in setup.terminals.items()
            for p in [Parameters(t, domain, only=("contact_resistivity",))]
            for b in t.faces(name)
            for r in self.mesh.regions_at(b)
        ]

    def update(self, setup: Setup) -> None:
        """Take over the numbers of a setup of the same structure; nothing is compiled or assembled."""
        for r, medium in self.media.items():
            medium.scale.assign(setup.regions[r].scale)
        for ab, contact in self.contacts.items():
            contact.assign(setup.interfaces[ab])
        for face in self.faces:
            boundary, i = face.name.rsplit(".", 1)
            face.parameters.assign(setup.boundaries[boundary][int(i)])
        for face in self.leads:
            face.parameters.assign(setup.terminals[face.name])
        for name, closure in self.closures.items():
            closure.value = setup.terminals[name].closure
        self.setup = setup

    def _constants(self) -> list[fem.Constant]:
        models = [m.scale for m in self.media.values()] + [f.parameters for f in (*self.faces, *self.leads)]
        found = [c for m in (*models, *self.contacts.values()) for c in m.constants]
        return list({id(c): c for c in (*found, *self.closures.values())}.values())

    def numbers(self) -> list[NDArray[np.float64]]:
        """A copy of all numbers that `update` sets."""
        return [np.array(c.value) for c in self._constants()]

    def set_numbers(self, numbers: Sequence[NDArray[np.float64]]) -> None:
        """Take over numbers as `numbers()` gives them: for steps between two setups."""
        for constant, value in zip(self._constants(), numbers, strict=True):
            constant.value = value

    # ---- the parts of the residual -----------------------------------------------------------------------------
    def at(self, region: str, functions: Sequence[Expr], side: str | None = None) -> dict[str, Expr]:
        """The fields (or, given `v`, the tests) of a region in SI; on an interface restricted to `side` + or -."""
        blocks = {f: functions[i] for (f, r), i in self.place.items() if r == region}
        return {f: UNIT[f] * (x(side) if side else x) for f, x in blocks.items()}

    def terminal_voltage(self, name: str, functions: Sequence[Expr]) -> Expr:
        """V [V] of a terminal, or its test."""
        return UNIT[POTENTIAL] * functions[self.first_terminal + list(self.closures).index(name)]

    def lead_current_density(self, face: Face) -> Expr:
        """J·n = (φ − V)/ρ_t out of the body [A/m²]."""
        phi = self.at(face.region, self.u)[POTENTIAL]
        return (phi - self.terminal_voltage(face.name, self.u)) / face.parameters.contact_resistivity

    def normal_current_density(self, boundary: str, region: str) -> Expr | float:
        """J·n out of the body [A/m²]: what the terminals of this face draw."""
        leads = (x for x in self.leads if (x.boundary, x.region) == (boundary, region))
        return sum((self.lead_current_density(x) for x in leads), 0.0)

    def outward_heat_flux(self, face: Face) -> Expr:
        """q·n [W/m²] that a natural condition asks for."""
        T, medium = self.at(face.region, self.u)[TEMPERATURE], self.media[face.region]
        peltier = medium.seebeck_coefficient(T) * T * self.normal_current_density(face.boundary, face.region)
        return face.model.outward_heat_flux(face.parameters, T, peltier)

    def body_residual(self) -> ufl.Form:
        """Regions, interfaces and thermal conditions."""
        F = sum(physics.residual(m, self.at(r, self.u), self.at(r, self.v), self.dx(r)) for r, m in self.media.items())
        for (a, b), law in self.setup.interfaces.items():
            left, right = self.at(a, self.u, "+"), self.at(b, self.u, "-")
            test_left, test_right = self.at(a, self.v, "+"), self.at(b, self.v, "-")
            F += law.residual(self.contacts[a, b], left, right, test_left, test_right, self.dS(a, b))
        for face in self.faces:
            if not isinstance(face.model, Temperature):
                F += self.outward_heat_flux(face) * self.at(face.region, self.v)[TEMPERATURE] * self.ds(face)
        return F

    def _lead_residual(self) -> ufl.Form:
        return sum(self._lead_term(face) for face in self.leads)

    def _lead_term(self, face: Face) -> ufl.Form:
        """∮ J·n ψ − ∮ ρ_t J² v over a lead, and its share of ∮ (a J + (b V − c)/A) W."""
        v, ds = self.at(face.region, self.v), self.lead_ds(face)
        J, rho = self.lead_current_density(face), face.parameters.contact_resistivity
        V, W = (self.terminal_voltage(face.name, w) for w in (self.u, self.v))
        a, b, c = self.closures[face.name]
        closure = (a * J + (b * V - c) / self.lead_area[face.name]) * W
        return (J * v[POTENTIAL] - rho * J**2 * v[TEMPERATURE] + closure) * ds

    def _essential(self) -> list[fem.DirichletBC]:
        bcs = []
        for face in self.faces:
            if isinstance(face.model, Temperature):
                block, dofs = self.dofs(TEMPERATURE, face.boundary, face.region)
                bcs.append(fem.dirichletbc(face.parameters.temperature, dofs, self.spaces[block]))
        return bcs

    def dofs(self, field: str, boundary: str, region: str) -> tuple[int, NDArray[np.int32]]:
        """Block, and dofs in it, of a field on a boundary."""
        block = self.place[field, region]
        part = self.parts[block]
        dim = part.domain.topology.dim
        part.domain.topology.create_connectivity(dim - 1, dim)
        facets = part.facets.find(self.mesh.boundaries[boundary])
        return block, fem.locate_dofs_topological(self.spaces[block], dim - 1, facets)

    # ---- measures with their quadrature --------------------------------------------------------------------------
    @cached_property
    def _simplex(self) -> bool:
        return self.mesh.domain.basix_cell().name in ("interval", "triangle", "tetrahedron")

    @property
    def quadrature_degree(self) -> int:
        """2k−1 keeps the order 2k of flows on simplices; tensor-product cells need one point more per direction."""
        return 2 * self.setup.order + (-1 if self._simplex else 1)

    def dx(self, region: str) -> ufl.Measure:
        """Volume measure of a region."""
        return self.mesh.dx(region, quadrature_degree=self.quadrature_degree)

    def ds(self, face: Face) -> ufl.Measure:
        """Surface measure of a face with a smooth condition."""
        return self.mesh.ds(face.boundary, face.region, quadrature_degree=2 * self.setup.order)

    @property
    def _contact_quadrature(self) -> dict[str, object]:
        """Order 1: vertices couple node to node, which keeps a large conductance 1/ρ an M-matrix for multigrid."""
        if self.setup.order > 1 or self.mesh.domain.topology.dim == 1:
            return {"quadrature_degree": 2 * self.setup.order}
        return {"quadrature_rule": "vertex" if self._simplex else "GLL", "quadrature_degree": 1}

    def dS(self, a: str, b: str) -> ufl.Measure:
        """Surface measure of a contact, '+' on the side of a."""
        return self.mesh.dS(a, b, **self._contact_quadrature)

    def lead_ds(self, face: Face) -> ufl.Measure:
        """Surface measure of a terminal."""
        return self.mesh.ds(face.boundary, face.region, **self._contact_quadrature)

    @cached_property
    def lead_area(self) -> dict[str, float]:
        """Area of each terminal [m²]."""
        one = fem.Constant(self.mesh.domain, 1.0)
        area = dict.fromkeys(self.setup.terminals, 0.0)
        for face in self.leads:
            area[face.name] += fem.assemble_scalar(fem.form(one * self.lead_ds(face)))
        return {n: self.mesh.domain.comm.allreduce(a) for n, a in area.items()}

    # ---- state ---------------------------------------------------------------------------------------------------
    def field_of(self, block: int) -> str:
        """The field that a block holds; a terminal voltage counts as potential."""
        if block >= self.first_terminal:
            return POTENTIAL
        return next(f for (f, _), i in self.place.items() if i == block)

    def set_uniform(self, temperature: float) -> None:
        """Start from a uniform temperature [K] and zero potential."""
        for i, u in enumerate(self.u):
            u.x.array[:] = temperature if self.field_of(i) == TEMPERATURE else 0.0

    def state(self) -> list[NDArray[np.float64]]:
        """A copy of all unknowns of this rank."""
        return [u.x.array.copy() for u in self.u]

    def restore(self, state: Sequence[NDArray[np.float64]]) -> None:
        """Take back a state of `state()`."""
        for u, values in zip(self.u, state, strict=True):
            u.x.array[:] = values
