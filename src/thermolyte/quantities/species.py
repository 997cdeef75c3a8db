"""The species that diffuses in hosts: inventory, filling, surface values, flows, reservoirs, and their balance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from mpi4py import MPI

import numpy as np
import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from thermolyte.blocks import UNIT
from thermolyte.boundary.base import Essential, Natural
from thermolyte.interface.charge_transfer import ChargeTransfer
from thermolyte.interface.mass_exchange import JunctionExchange
from thermolyte.interface.several import each
from thermolyte.mass_exchange import ExchangeParameters, MassExchange, thickness
from thermolyte.physics.constants import SPECIES
from thermolyte.physics.local import CONCENTRATION, RELEASED, Local
from thermolyte.problem import Problem
from thermolyte.quantities.base import Device, Integrals, Values, add


def species(problem: Problem) -> list[str]:
    """Name of what diffuses in a problem; nothing where nothing does."""
    hosts = [r for r in problem.media if (CONCENTRATION, r) in problem.place]
    return list(dict.fromkeys(SPECIES[problem.media[r].card.diffusing_species] for r in hosts))


class Reservoir(NamedTuple):
    """An amount per area on a surface: its field, its integral, and the area of the surface."""

    name: str
    field: str
    form: Any
    area: float
    parameters: ExchangeParameters


class SpeciesQuantities(Integrals):
    """What a diffusion problem says; its quantities are named by the species, lithium or magnesium."""

    def __init__(self, problem: Problem, device: Device):
        super().__init__(problem)
        del device
        p = problem
        self.hosts = [r for r in p.media if (CONCENTRATION, r) in p.place]
        [self.species] = species(p)
        one = fem.Constant(p.mesh.domain, 1.0)
        concentration = {r: p.local(r).u[CONCENTRATION] for r in self.hosts}
        self._inventory = {r: self.form(c * p.dx(r)) for r, c in concentration.items()}
        self._volume = {r: self.integrate(self.form(one * p.dx(r))) for r in self.hosts}
        self._surface = {n: (self.form(f), self.integrate(self.form(a))) for n, f, a in self._surfaces(one)}
        rates = {r: p.local(r).rate[CONCENTRATION] for r in self.hosts}
        self._growth = self.form(sum(rate * p.dx(r) for r, rate in rates.items()))
        self._flows = {n: self.form(f) for n, f in self._inflows().items()}
        self._held = list(self._held_boundaries())
        self._reservoirs = list(self._make_reservoirs(one))

    def evaluate(self) -> Values:
        """All of them."""
        out: Values = {}
        for r in self.hosts:
            out |= self._of_host(r)
        for name, (form, area) in self._surface.items():
            c = self.integrate(form) / area
            host = name.split("/")[0] if "/" in name else self._host_at(name)
            out |= {f"surface_concentration.{name}": c} | self._compositions(host, "surface_composition", name, c)
        flows = {f"{self.species}_flow.{n}": self.integrate(f) for n, f in self._flows.items()}
        for boundary, block, dofs in self._held:
            flow = self.residual_sum(block, dofs) / UNIT[CONCENTRATION]
            name = f"{self.species}_flow.{boundary}"
            flows[name] = flows.get(name, 0.0) + flow
        balance = self.integrate(self._growth) - sum(flows.values())
        out |= flows | self._in_reservoirs(out)
        return out | ({f"{self.species}_balance": balance} if self._moves() else {})

    def _in_reservoirs(self, values: Values) -> Values:
        """Amounts [mol] and thicknesses [m] at surfaces, and the amount of the species in all, which stays."""
        if not self._reservoirs:
            return {}
        out: Values = {}
        for name, field, form, area, parameters in self._reservoirs:
            amount = self.integrate(form)
            out[f"{field}.{name}"] = amount
            if field != RELEASED:
                out[f"{field}_thickness.{name}"] = amount / area * thickness(parameters, field)
        return out | {
            f"{self.species}_total": sum(out[f"{f}.{n}"] for n, f, *_ in self._reservoirs)
            + sum(values[f"{self.species}.{r}"] for r in self.hosts)
        }

    def _moves(self) -> bool:
        """Whether time passes: what is held at its values, as in a steady study, has no balance."""
        p = self.problem
        largest = max(float(np.abs(p.rates[p.place[CONCENTRATION, r]].x.array).max(initial=0.0)) for r in self.hosts)
        return bool(self._comm.allreduce(largest, op=MPI.MAX) > 0)

    def _of_host(self, r: str) -> Values:
        amount = self.integrate(self._inventory[r])
        mean, (low, high) = amount / self._volume[r], self._extremes(r)
        out = {
            f"{self.species}.{r}": amount,
            f"mean_concentration.{r}": mean,
            f"minimum_concentration.{r}": low,
            f"maximum_concentration.{r}": high,
        }
        out |= self._compositions(r, "mean_composition", r, mean)
        most = self.problem.media[r].card.maximum_concentration
        return out | ({f"utilisation.{r}": mean / most, f"saturation.{r}": high / most} if most else {})

    def _compositions(self, region: str, quantity: str, name: str, c: float) -> Values:
        slope = self.problem.media[region].card.composition_per_concentration
        return {f"{quantity}.{name}": slope * c} if slope else {}

    def _extremes(self, region: str) -> tuple[float, float]:
        """Smallest and largest concentration at the nodes of a region [mol/m³]."""
        p = self.problem
        block = p.place[CONCENTRATION, region]
        dofs = p.spaces[block].dofmap.list[p.blocks.cells_of(region, block)]
        values = UNIT[CONCENTRATION] * p.u[block].x.array[dofs.ravel()]
        low = self._comm.allreduce(float(values.min(initial=np.inf)), op=MPI.MIN)
        return low, self._comm.allreduce(float(values.max(initial=-np.inf)), op=MPI.MAX)

    # ---- surfaces --------------------------------------------------------------------------------------------------
    def _host_at(self, boundary: str) -> str:
        return next(r for r in self.problem.mesh.regions_at(boundary) if r in self.hosts)

    def _surfaces(self, one: Expr) -> Iterator[tuple[str, ufl.Form, ufl.Form]]:
        """Name, ∮c and area of the boundaries of hosts, and of their interfaces, which are named host/neighbour."""
        p = self.problem
        for b in p.mesh.boundaries:
            regions = [r for r in p.mesh.regions_at(b) if r in self.hosts]
            if regions:
                pieces = [(p.local(r).u[CONCENTRATION], p.boundary_ds(b, r)) for r in regions]
                yield b, sum(c * ds for c, ds in pieces), sum(one * ds for _, ds in pieces)
        for a, b in p.mesh.interfaces:
            for host, other, side in ((a, b, "+"), (b, a, "-")):
                if host in self.hosts:
                    c, dS = p.local(host, side).u[CONCENTRATION], p.inner_dS(a, b)
                    yield f"{host}/{other}", c * dS, one(side) * dS

    def _inflows(self) -> dict[str, ufl.Form]:
        """What enters hosts through boundaries and interfaces [mol/s]: their own terms of the residual."""
        p, out = self.problem, dict[str, ufl.Form]()
        n = ufl.FacetNormal(p.mesh.domain)
        for face in p.faces:
            if face.model.field == CONCENTRATION and isinstance(face.model, Natural):
                here = _counting(p.facing(face))
                add(out, face.boundary, -face.model.integrand(face.parameters, here, n) * p.ds(face))
        for (a, b), law in p.setup.interfaces.items():
            if (a in self.hosts) == (b in self.hosts):  # between two hosts it adds up to nothing
                continue
            left, right = (_counting(side) for side in p.sides(a, b))
            for one, parameters in each(law, p.contacts[a, b]):
                if isinstance(one, ChargeTransfer | JunctionExchange):
                    add(out, f"{a}/{b}", -one.residual(parameters, left, right, n("+"), p.dS(a, b)))
        return out

    def _make_reservoirs(self, one: Expr) -> Iterator[Reservoir]:
        amounts, areas, parameters = dict[str, ufl.Form](), dict[str, ufl.Form](), dict[str, ExchangeParameters]()
        for name, law, p, u, measure, unity in self._exchanging_surfaces(one):
            for field in sorted(law.own_fields):
                add(amounts, f"{field}.{name}", u[field] * measure)
                add(areas, f"{field}.{name}", unity * measure)
                parameters[f"{field}.{name}"] = p
        for key, form in amounts.items():
            field, name = key.split(".", 1)
            yield Reservoir(name, field, self.form(form), self.integrate(self.form(areas[key])), parameters[key])

    def _exchanging_surfaces(self, one: Expr) -> Iterator[tuple[str, MassExchange, Any, Any, Any, Expr]]:
        """Name, law, parameters, fields, measure and 1 of every surface with reservoirs."""
        p = self.problem
        for (a, b), interface in p.setup.interfaces.items():
            for law, parameters in each(interface, p.contacts[a, b]):
                if isinstance(law, MassExchange):
                    yield f"{a}/{b}", law, parameters, p.sides(a, b)[0].u, p.dS(a, b), one("+")
        for face in p.faces:
            if isinstance(face.model, MassExchange):
                yield face.boundary, face.model, face.parameters, p.facing(face).u, p.ds(face), one

    def _held_boundaries(self) -> Iterator[tuple[str, int, np.ndarray]]:
        """(boundary, block, owned dofs) of prescribed concentrations; a block behind several regions once."""
        p, seen = self.problem, set()
        for face in p.faces:
            if face.model.field == CONCENTRATION and isinstance(face.model, Essential):
                block = p.place[CONCENTRATION, face.region]
                if (face.boundary, block) not in seen:
                    seen.add((face.boundary, block))
                    dofs = p.blocks.dofs(CONCENTRATION, face.boundary, face.region)
                    yield face.boundary, block, self.owned(block, dofs)


def _counting(here: Local) -> Local:
    """The same place with tests that count the species: 1 for the concentration, 0 for all else."""
    tests = {f: ufl.as_ufl(1.0) if f == CONCENTRATION else 0 * v for f, v in here.v.items()}
    return here._replace(v=tests)
