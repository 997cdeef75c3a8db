"""What a meter at room temperature reads of an aged device: carriers, conductivity, Seebeck coefficient, contacts."""

from __future__ import annotations

import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from thermolyte.interface.contact import Contact
from thermolyte.interface.several import each
from thermolyte.physics.local import CARRIERS, CONCENTRATION, POTENTIAL, TEMPERATURE
from thermolyte.problem import Problem
from thermolyte.quantities.base import Device, Integrals, Values

ROOM_TEMPERATURE = 300.0


class ElectronQuantities(Integrals):
    """Means over regions whose carriers depend on the composition, their faces and contacts, at 300 K throughout.

    σ = V/∫ dV/σ        of a leg whose composition changes along it: that of its length between two probes
    σ_s = ∮ σ dA/A      at an outer face: of the material right behind it
    S = ∫ S dV/V        likewise, in a uniform gradient of temperature
    ρ_c = A/∮ dA/ρ_c    of a contact
    """

    def __init__(self, problem: Problem, device: Device):
        super().__init__(problem)
        del device
        p = problem
        one = fem.Constant(p.mesh.domain, 1.0)
        hosts = [r for r, m in p.media.items() if m.carriers is not None and (CONCENTRATION, r) in p.place]
        self._volume = {r: self.integrate(self.form(one * p.dx(r))) for r in hosts}
        self._carriers = {r: self.form(p.at(r, p.u)[CARRIERS] * p.dx(r)) for r in hosts}
        self._resistance = {r: self.form(1 / conductivity(p, r) * p.dx(r)) for r in hosts}
        self._thermopower = {r: self.form(seebeck_coefficient(p, r) * p.dx(r)) for r in hosts}
        self._surfaces = {}
        for b in p.mesh.boundaries:
            if pieces := [(conductivity(p, r), p.boundary_ds(b, r)) for r in p.mesh.regions_at(b) if r in hosts]:
                area = self.integrate(self.form(sum(one * ds for _, ds in pieces)))
                self._surfaces[b] = self.form(sum(sigma * ds for sigma, ds in pieces)), area
        self._contacts = {}
        for (a, b), interface in p.setup.interfaces.items():
            for law, parameters in each(interface, p.contacts[a, b]):
                if isinstance(law, Contact) and POTENTIAL in law.jumps:
                    left, right = ({**p.at(r, p.u, side), **room(p)} for r, side in ((a, "+"), (b, "-")))
                    conductance = self.form(one("+") / law.resistivity(parameters, left, right) * p.dS(a, b))
                    self._contacts[f"{a}/{b}"] = conductance, self.integrate(self.form(one("+") * p.dS(a, b)))

    def evaluate(self) -> Values:
        """All of them."""
        out: Values = {}
        for r, volume in self._volume.items():
            out[f"carrier_concentration.{r}"] = self.integrate(self._carriers[r]) / volume
            out[f"room_temperature_conductivity.{r}"] = volume / self.integrate(self._resistance[r])
            out[f"room_temperature_seebeck_coefficient.{r}"] = self.integrate(self._thermopower[r]) / volume
        for b, (sigma, area) in self._surfaces.items():
            out[f"room_temperature_surface_conductivity.{b}"] = self.integrate(sigma) / area
        for name, (conductance, area) in self._contacts.items():
            out[f"room_temperature_contact_resistivity.{name}"] = area / self.integrate(conductance)
        return out


def room(p: Problem) -> dict[str, Expr]:
    """The field of temperature at 300 K."""
    return {TEMPERATURE: fem.Constant(p.mesh.domain, ROOM_TEMPERATURE)}


def conductivity(p: Problem, region: str) -> Expr:
    """σ(300 K) [S/m] of a region at its composition."""
    return p.media[region].at(p.at(region, p.u)).electrical_conductivity(room(p)[TEMPERATURE])


def seebeck_coefficient(p: Problem, region: str) -> Expr:
    """S(300 K) [V/K] of a region at its composition."""
    return p.media[region].at(p.at(region, p.u)).seebeck_coefficient(ufl.as_ufl(room(p)[TEMPERATURE]))
