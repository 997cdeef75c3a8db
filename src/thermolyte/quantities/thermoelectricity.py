"""Numbers of a thermoelectric device.

Flows come from the residual, so that they balance to solver tolerance: a natural condition integrates its own term, an
essential one takes the full residual at its dofs. Signs: heat into the body and current out of it are positive, and so
is the power that the device delivers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import ufl
from dolfinx import fem
from numpy.typing import NDArray
from ufl.core.expr import Expr

from thermolyte.blocks import UNIT
from thermolyte.boundary.thermal import HeatCondition, Temperature
from thermolyte.physics import thermoelectricity as physics
from thermolyte.physics.local import POTENTIAL, TEMPERATURE
from thermolyte.problem import Problem
from thermolyte.quantities.base import Device, Integrals, Values, add
from thermolyte.quantities.derived import derived
from thermolyte.quantities.leads import LeadCurrents


class ThermoelectricQuantities(Integrals):
    """Heat flows, currents, power, efficiency, and what every part of a device contributes to its resistance."""

    def __init__(self, problem: Problem, device: Device):
        super().__init__(problem)
        self.device = device
        self._integrals = {name: self.form(f) for name, f in self._integrands().items()}
        self._areas = {name: self.integrate(self.form(f)) for name, f in self._area_integrands().items()}
        self._essential = self._essential_dofs()
        self._leads = LeadCurrents(problem)

    def evaluate(self) -> Values:
        """All quantities of the present state, in the units of `UNITS`."""
        raw = {name: self.integrate(f) for name, f in self._integrals.items()}
        values = self._terminals() | self._heat_flows(raw)
        values |= {n: v / self._areas[n] for n, v in raw.items() if n in self._areas} | self._difference(raw)
        heats = {n: v for n, v in raw.items() if n.startswith(("joule_heat", "peltier_heat", "thomson_heat"))}
        return values | derived(values | heats, self.device) | heats

    # ---- integrals -------------------------------------------------------------------------------------------------
    def _integrands(self) -> dict[str, ufl.Form]:
        """Integrals over regions, interfaces, boundaries and leads; means still lack their division by the area."""
        p = self.problem
        out: dict[str, ufl.Form] = {}
        for r, medium in p.media.items():
            if medium.conducts:
                u = p.at(r, p.u)
                out[f"joule_heat.{r}"] = physics.joule_heat(medium, u) * p.dx(r)
                out[f"thomson_heat.{r}"] = physics.thomson_heat(medium, u) * p.dx(r)
        for a, b in p.mesh.interfaces:
            out |= self._interface_integrands(a, b)
        for face in p.leads:
            J = p.lead_current_density(face)
            add(out, f"joule_heat.{face.name}", face.parameters.contact_resistivity * J**2 * p.lead_ds(face))
        for face in p.faces:
            if isinstance(face.model, HeatCondition):
                add(out, f"heat_flow.{face.boundary}", -p.outward_heat_flux(face) * p.ds(face))
        for boundary, region, ds in self._boundary_pieces():
            add(out, f"mean_temperature.{boundary}", p.at(region, p.u)[TEMPERATURE] * ds)
        return {name: f for name, f in out.items() if not f.empty()}

    def _interface_integrands(self, a: str, b: str) -> dict[str, ufl.Form]:
        p = self.problem
        if not (p.media[a].conducts and p.media[b].conducts):
            return {}
        left, right, dS = p.at(a, p.u, "+"), p.at(b, p.u, "-"), p.dS(a, b)
        contact = p.contact(a, b)
        out: dict[str, ufl.Form] = {}
        if contact is not None and POTENTIAL in contact[0].jumps:
            law, parameters = contact
            Jn = law.current_density(parameters, left, right)
            out[f"joule_heat.{a}/{b}"] = law.joule_heat(parameters, left, right) * dS
        else:
            Jn = self._normal_flux(a, "+")
        Pi = [x[TEMPERATURE] * p.media[r].at(x).seebeck_coefficient(x[TEMPERATURE]) for r, x in ((a, left), (b, right))]
        if not (Pi[0].ufl_shape or Pi[1].ufl_shape):
            out[f"peltier_heat.{a}/{b}"] = (Pi[1] - Pi[0]) * Jn * dS
        out[f"junction_temperature.{a}/{b}"] = left[TEMPERATURE] * dS
        return out

    def _normal_flux(self, region: str, side: str) -> Expr:
        """J·n of the region's own gradient: for Peltier heat only, where no contact law gives J·n."""
        p = self.problem
        J = physics.fluxes(p.media[region], p.at(region, p.u)).current_density
        return ufl.inner(J(side), ufl.FacetNormal(p.mesh.domain)(side))

    def _boundary_pieces(self) -> list[tuple[str, str, ufl.Measure]]:
        p = self.problem
        degree = p.setup.order
        return [
            (b, r, p.mesh.ds(b, r, quadrature_degree=degree)) for b in p.mesh.boundaries for r in p.mesh.regions_at(b)
        ]

    def _area_integrands(self) -> dict[str, ufl.Form]:
        one, p = fem.Constant(self.problem.mesh.domain, 1.0), self.problem
        out: dict[str, ufl.Form] = {}
        for boundary, _, ds in self._boundary_pieces():
            add(out, f"mean_temperature.{boundary}", one * ds)
        for a, b in p.mesh.interfaces:
            if f"junction_temperature.{a}/{b}" in self._integrals:
                out[f"junction_temperature.{a}/{b}"] = one("+") * p.dS(a, b)
        return out

    # ---- flows -----------------------------------------------------------------------------------------------------
    def _essential_dofs(self) -> list[tuple[str, int, NDArray[np.int32]]]:
        """(boundary, block, owned dofs) of every essential condition, each dof once."""
        p, out, seen = self.problem, [], set()
        for face in p.faces:
            if isinstance(face.model, Temperature):
                block = p.place[TEMPERATURE, face.region]
                dofs = p.blocks.dofs(TEMPERATURE, face.boundary, face.region)
                if (face.boundary, block) not in seen:
                    seen.add((face.boundary, block))
                    out.append((face.boundary, block, dofs[dofs < p.spaces[block].dofmap.index_map.size_local]))
        return out

    def _heat_flows(self, raw: Values) -> Values:
        """Heat into the body through each boundary that has a condition [W]."""
        flows = {n: v for n, v in raw.items() if n.startswith("heat_flow.")}
        for boundary, block, dofs in self._essential:
            flow = self.residual_sum(block, dofs) / UNIT[TEMPERATURE]
            flows[f"heat_flow.{boundary}"] = flows.get(f"heat_flow.{boundary}", 0.0) + flow
        return flows

    def _terminals(self) -> Values:
        """Voltage and outward current of each terminal."""
        out: Values = {}
        for name in self.problem.closures:
            out[f"voltage.{name}"] = self.problem.blocks.global_value(POTENTIAL, name) or 0.0
            out[f"current.{name}"] = self._leads.current(name)
        return out

    def _difference(self, raw: Values) -> Values:
        """ΔT between the two sides of the device, by area [K]."""
        if not (self.device.hot and self.device.cold):
            return {}
        hot, cold = (self._side_temperature(side, raw) for side in (self.device.hot, self.device.cold))
        return {"temperature_difference": hot - cold}

    def _side_temperature(self, side: Sequence[str], raw: Values) -> float:
        names = [f"mean_temperature.{b}" for b in side]
        return sum(raw[n] for n in names) / sum(self._areas[n] for n in names)
