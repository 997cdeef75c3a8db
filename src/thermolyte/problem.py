"""Sums regions, interfaces, boundaries and terminals into one residual over blocks. No physics inside, no solver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import ufl
from dolfinx import fem
from numpy.typing import NDArray
from ufl.core.expr import Expr

from thermolyte.blocks import UNIT, Blocks
from thermolyte.boundary.base import Natural
from thermolyte.boundary.thermal import HeatCondition
from thermolyte.essential import EssentialConditions
from thermolyte.interface.contact import Contact, ContactParameters
from thermolyte.interface.several import each
from thermolyte.mass_exchange import ExchangeParameters, MassExchange
from thermolyte.measures import Measures
from thermolyte.medium import Medium
from thermolyte.memory import Memory
from thermolyte.mesh import Mesh
from thermolyte.parameters import Parameters
from thermolyte.physics.equations import EQUATIONS
from thermolyte.physics.local import (
    CARRIERS,
    CHARGE,
    CONCENTRATION,
    DISPLACEMENT,
    IONIC_POTENTIAL,
    POTENTIAL,
    TEMPERATURE,
    Local,
)
from thermolyte.setup import Setup
from thermolyte.state import INSTANT, State


class Face(NamedTuple):
    """A piece of a boundary in front of one region, with one condition or terminal on it."""

    name: str
    boundary: str
    region: str
    model: Any  # a BoundaryCondition or a Terminal: each term asks it for what its kind has
    parameters: Parameters


class Problem(Measures, State):
    """One residual over blocks: `F`, `u`, `bcs` and `entity_maps` are what a nonlinear solver takes."""

    def __init__(self, mesh: Mesh, setup: Setup, composition: Mapping[str, fem.Function] | None = None):
        """`composition`: region -> concentration, in its `UNIT`, on the whole mesh, where it is given."""
        self.mesh, self.setup, self._composition = mesh, setup, composition or {}
        self.media = {r: Medium(setup.regions[r], mesh.domain, r in setup.lumped) for r in mesh.regions}
        self.given = [f for m in self.media.values() for f in m.fields]
        self.temperature = fem.Constant(mesh.domain, setup.physics.temperature)
        self.time_step = fem.Constant(mesh.domain, INSTANT)
        self._nothing = fem.Constant(mesh.domain, 0.0)
        self.x = ufl.SpatialCoordinate(mesh.domain)
        self.blocks = self._make_blocks()
        self.place, self.parts, self.spaces = self.blocks.place, self.blocks.parts, self.blocks.spaces
        self.u, self.rates, self.entity_maps = self.blocks.u, self.blocks.rates, self.blocks.entity_maps
        self.v = ufl.TestFunctions(ufl.MixedFunctionSpace(*self.spaces))
        self._make_conditions()
        self.memory = Memory(self)
        body = self.body_residual()
        self.body = ufl.extract_blocks(body)  # without the leads: what it drives into them is the current
        leads = self._lead_residual()
        self.F = ufl.extract_blocks(body + leads) if setup.terminals else self.body
        self.essential = EssentialConditions(self)
        self.bcs = self.essential.bcs

    # ---- layout ----------------------------------------------------------------------------------------------
    @property
    def equations(self) -> list[Any]:
        """The physics that are solved."""
        return [EQUATIONS[name] for name in self.setup.physics.names]

    def _make_blocks(self) -> Blocks:
        setup, options = self.setup, self.setup.physics
        fields = {r: {f for e in self.equations for f in e.fields(m, options)} for r, m in self.media.items()}
        for r in setup.lumped:
            fields[r].discard(POTENTIAL)
        jumps = {f: {frozenset(ab) for ab, law in setup.interfaces.items() if f in law.jumps} for f in UNIT}
        blocks = Blocks(self.mesh, {r: sorted(f) for r, f in fields.items()}, jumps, setup.order)
        for (a, b), law in setup.interfaces.items():
            for field in sorted(law.own_fields):
                blocks.add_surface(field, f"{a}/{b}", self.mesh.interface_part(a, b))
        for boundary, conditions in setup.boundaries.items():
            own = sorted(f for c in conditions for f in c.own_fields)
            for r in (r for r in self.mesh.regions_at(boundary) if (CONCENTRATION, r) in blocks.place):
                for field in own:
                    blocks.add_surface(field, _on(boundary, r), self.mesh.boundary_part(boundary, r))
        blocks.finish(list(setup.terminals), count_charge=setup.physics.electrochemistry is not None)
        return blocks

    def _make_conditions(self) -> None:
        domain, setup = self.mesh.domain, self.setup
        self.contacts: dict[tuple[str, str], Any] = {ab: law.parameters(domain) for ab, law in setup.interfaces.items()}
        self.closures = {n: fem.Constant(domain, t.closure) for n, t in setup.terminals.items()}
        boundaries = [(f"{b}.{i}", b, c) for b, cs in setup.boundaries.items() for i, c in enumerate(cs)]
        self.faces = [
            Face(name, b, r, c, p)
            for name, b, c in boundaries
            for p in [c.parameters(domain)]
            for r in self.mesh.regions_at(b)
            if (c.field, r) in self.place
        ]
        self.lead_faces = [
            Face(name, b, r, t, p)
            for name, t in setup.terminals.items()
            for p in [t.parameters(domain)]
            for b in t.faces(name)
            for r in self.mesh.regions_at(b)
        ]
        self.leads = [f for f in self.lead_faces if self.lead_field(f.region) is not None]

    @cached_property
    def exchanges(self) -> list[tuple[str, MassExchange, ExchangeParameters]]:
        """Surfaces with amounts of their own: name, as in `place`, law and parameters."""
        laws = [
            (f"{a}/{b}", *one)
            for (a, b), law in self.setup.interfaces.items()
            for one in each(law, self.contacts[a, b])
        ]
        faces = [(_on(f.boundary, f.region), f.model, f.parameters) for f in self.faces]
        return [x for x in (*laws, *faces) if isinstance(x[1], MassExchange)]

    def contact(self, a: str, b: str) -> tuple[Contact, ContactParameters] | None:
        """The electrical and thermal contact between two regions, if the interface has one."""
        law = self.setup.interfaces.get((a, b))
        laws = each(law, self.contacts[a, b]) if law is not None else []
        return next(((one, p) for one, p in laws if isinstance(one, Contact)), None)

    def lead_field(self, region: str) -> str | None:
        """The potential that a terminal on a face of this region meets; None: its own, in a metal without drop."""
        fields = [f for f in (POTENTIAL, IONIC_POTENTIAL) if (f, region) in self.place]
        return fields[0] if fields and region not in self.setup.lumped else None

    def update(self, setup: Setup) -> None:
        """Take over the numbers of a setup of the same structure; nothing is compiled or assembled."""
        for r, medium in self.media.items():
            medium.assign(setup.regions[r])
        for ab, contact in self.contacts.items():
            contact.assign(setup.interfaces[ab])
        for face in self.faces:
            boundary, i = face.name.rsplit(".", 1)
            face.parameters.assign(setup.boundaries[boundary][int(i)])
        for face in self.lead_faces:
            face.parameters.assign(setup.terminals[face.name])
        for name, closure in self.closures.items():
            closure.value = setup.terminals[name].closure
        self.temperature.value = setup.physics.temperature
        self.essential.refresh()
        self.setup = setup

    def _constants(self) -> list[fem.Constant]:
        found = [c for m in self.media.values() for c in m.constants]
        found += [c for f in (*self.faces, *self.lead_faces) for c in f.parameters.constants]
        found += [c for m in self.contacts.values() for c in m.constants]
        return list({id(c): c for c in (*found, *self.closures.values(), self.temperature)}.values())

    def numbers(self) -> list[NDArray[np.float64]]:
        """A copy of all numbers that `update` sets."""
        return [np.array(c.value) for c in self._constants()]

    def set_numbers(self, numbers: Sequence[NDArray[np.float64]]) -> None:
        """Take over numbers as `numbers()` gives them: for steps between two setups."""
        for constant, value in zip(self._constants(), numbers, strict=True):
            constant.value = value
        self.essential.refresh()

    # ---- by name -----------------------------------------------------------------------------------------------
    def at(self, region: str, functions: Sequence[Expr], side: str | None = None) -> dict[str, Expr]:
        """The fields (or, given `v`, the tests) of a region in SI; on an interface restricted to `side` + or -."""
        found = self.blocks.at(region, functions, side)
        medium = self.media[region]
        if functions is self.u and region in self._composition:
            c = UNIT[CONCENTRATION] * self._composition[region]
            found[CONCENTRATION] = c(side) if side else c
        if functions is self.u and medium.card.carriers is not None:
            found[CARRIERS] = medium.at(found).carrier_concentration
        terminal = self.setup.lumped.get(region)
        if terminal is not None:
            V = self._current_test(terminal) if functions is self.v else self.terminal_voltage(terminal, functions)
            found[POTENTIAL] = V(side) if side else V
        return found

    def _current_test(self, terminal: str) -> Expr:
        """The test of what leaves a lumped metal: I = −∮ of it, in a I + b V = c and in dq/dt = I."""
        a, W = self.closures[terminal][0], self.blocks.of_terminal(POTENTIAL, terminal, self.v)
        return self.blocks.of_terminal(CHARGE, terminal, self.v) - a * W

    def local(self, region: str, side: str | None = None) -> Local:
        """What a physics sees of a region, or of its side of an interface."""
        u = self.at(region, self.u, side)
        u.setdefault(TEMPERATURE, self.temperature)
        v, rate = self.at(region, self.v, side), self.at(region, self.rates, side)
        setup = self.setup
        memory = self.memory.of(region) if side is None else {}
        return Local(self.media[region], u, v, rate, setup.physics, setup.coordinates, self.x, memory, self.time_step)

    def sides(self, a: str, b: str) -> tuple[Local, Local]:
        """Both sides of an interface, each with the fields that live on the interface itself."""
        left, right = (self._with_own(self.local(r, side), f"{a}/{b}", "+") for r, side in ((a, "+"), (b, "-")))
        return left, right

    def facing(self, face: Face) -> Local:
        """The region behind a face, with the fields that live on the face itself."""
        return self._with_own(self.local(face.region), _on(face.boundary, face.region))

    def _with_own(self, here: Local, surface: str, side: str | None = None) -> Local:
        u, v, rate = (self.blocks.at(surface, functions, side) for functions in (self.u, self.v, self.rates))
        return here._replace(u={**here.u, **u}, v={**here.v, **v}, rate={**here.rate, **rate})

    def terminal_voltage(self, name: str, functions: Sequence[Expr]) -> Expr:
        """V [V] of a terminal, or its test."""
        return self.blocks.of_terminal(POTENTIAL, name, functions)

    def field_of(self, block: int) -> str:
        """The field that a block holds; a terminal voltage counts as potential."""
        return self.blocks.fields[block]

    def lead_current_density(self, face: Face) -> Expr:
        """J·n out of the body [A/m²]."""
        V = self.terminal_voltage(face.name, self.u)
        return face.model.current_density(face.parameters, self.local(face.region), V)

    def normal_current_density(self, boundary: str, region: str) -> Expr | float:
        """J·n out of the body [A/m²]: what the terminals of this face draw."""
        leads = (x for x in self.leads if (x.boundary, x.region) == (boundary, region))
        return sum((self.lead_current_density(x) for x in leads), 0.0)

    def outward_heat_flux(self, face: Face) -> Expr:
        """q·n [W/m²] that a natural condition asks for."""
        state = self.at(face.region, self.u)
        T, medium = state[TEMPERATURE], self.media[face.region].at(state)
        peltier = medium.seebeck_coefficient(T) * T * self.normal_current_density(face.boundary, face.region)
        return face.model.outward_heat_flux(face.parameters, T, peltier)

    # ---- the parts of the residual -----------------------------------------------------------------------------
    def body_residual(self) -> ufl.Form:
        """Regions, interfaces and natural conditions."""
        F = sum(e.residual(self.local(r), self.dx(r)) for e in self.equations for r in self.media)
        growing = [e for e in self.equations if hasattr(e, "accumulation")]
        F += sum(e.accumulation(self.local(r), self.mass_dx(r)) for e in growing for r in self.media)
        n = ufl.FacetNormal(self.mesh.domain)
        for (a, b), law in self.setup.interfaces.items():
            for one, p in each(law, self.contacts[a, b]):
                # A displacement has nodes between the vertices, which a vertex rule does not see.
                dS = self.inner_dS(a, b) if DISPLACEMENT in one.jumps else self.dS(a, b)
                F += one.residual(p, *self.sides(a, b), n("+"), dS)
        for face in self.faces:
            if isinstance(face.model, HeatCondition):
                F += self.outward_heat_flux(face) * self.at(face.region, self.v)[TEMPERATURE] * self.ds(face)
            elif isinstance(face.model, Natural):
                F += face.model.integrand(face.parameters, self.facing(face), n) * self.ds(face)
        return F

    def _lead_residual(self) -> ufl.Form:
        return sum(self._lead_term(face) for face in self.lead_faces)

    def _lead_term(self, face: Face) -> ufl.Form:
        """∮ J·n ψ − ∮ ρ_t J² v over a lead, and its share of ∮ (a J + (b V − c)/A) W and of ∮ (q̇/A − J) X."""
        ds, (a, b, c) = self.lead_ds(face), self.closures[face.name]
        area, of = self.lead_area[face.name], self.blocks.of_terminal
        V, W = (of(POTENTIAL, face.name, w) for w in (self.u, self.v))
        rate, X = (of(CHARGE, face.name, w) for w in (self.rates, self.v))
        F = (b * V - c) / area * W * ds
        if X is not None:  # the second term is zero and keeps a place for the diagonal, for when the charge is held
            F += (rate + self._nothing * of(CHARGE, face.name, self.u)) / area * X * ds
        field = self.lead_field(face.region)
        if field is None:  # the interfaces of the metal bring the current
            return F
        v, J = self.at(face.region, self.v), self.lead_current_density(face)
        F += (J * v[field] + a * J * W) * ds
        if X is not None:
            F -= J * X * ds
        if TEMPERATURE in v:
            F -= face.parameters.contact_resistivity * J**2 * v[TEMPERATURE] * ds
        return F

    @cached_property
    def lead_area(self) -> dict[str, float]:
        """Area of each terminal [m²]."""
        area = dict.fromkeys(self.setup.terminals, 0.0)
        for face in self.lead_faces:
            area[face.name] += self.area(self.lead_ds(face))
        return area


def _on(boundary: str, region: str) -> str:
    """Name of that part of a boundary behind which a region lies."""
    return f"{boundary}@{region}"
