"""An electrochemical cell: voltages, currents, charges, what each interface does, and the parts of the voltage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from thermolyte.interface.charge_transfer import (
    LITHIUM_MOLAR_VOLUME,
    ChargeTransfer,
    ChargeTransferParameters,
    electrode_and_electrolyte,
)
from thermolyte.interface.several import each
from thermolyte.physics import electrochemistry
from thermolyte.physics.constants import FARADAY
from thermolyte.physics.kinetics import equilibrium_potential
from thermolyte.physics.local import (
    CHARGE,
    CONCENTRATION,
    IONIC_POTENTIAL,
    MECHANICAL_POTENTIAL,
    PLATED,
    POTENTIAL,
    Local,
)
from thermolyte.problem import Problem
from thermolyte.quantities.base import Device, Integrals, Values, add
from thermolyte.quantities.leads import LeadCurrents

NO_CURRENT = 1e-12  # of the largest current: the voltage of a resting cell has no parts
RESTING = 1e-9  # A/m²: a thousandth of it is the round-off of kinetics, and below it a cell rests


class Transfer(NamedTuple):
    """One interface with charge transfer, seen from its electrode."""

    name: str
    electrode: str  # its region
    law: ChargeTransfer
    parameters: ChargeTransferParameters
    a: Local
    b: Local
    dS: ufl.Measure  # noqa: N815


class CellQuantities(Integrals):
    """What an electrochemical problem says.

    The voltage of the device is the sum of its parts, V = Σ equilibrium + Σ overpotential, where the part of a process
    is minus its power over the current I of the device; the other terminal is grounded.
    """

    def __init__(self, problem: Problem, device: Device):
        super().__init__(problem)
        self.device = device
        self._leads = LeadCurrents(problem)
        one = fem.Constant(problem.mesh.domain, 1.0)
        self.transfers = list(transfers(problem))
        self._area = {t.name: self.integrate(self.form(one("+") * t.dS)) for t in self.transfers}
        self._currents = {t.name: self.form(-anodic_current_density(t) * t.dS) for t in self.transfers}
        self._host_currents = {t.name: self.form(-host_current_density(t) * t.dS) for t in self.transfers}
        self._plated = {t.name: self.form(t.a.u[PLATED] * t.dS) for t in self.transfers if t.law.plating}
        self._means: dict[str, tuple[object, float]] = {}
        self._powers = {name: self.form(f) for name, f in self._power_forms().items() if not f.empty()}

    def evaluate(self) -> Values:
        """All of them."""
        out: Values = {}
        for name in self.problem.closures:
            out[f"voltage.{name}"] = self.problem.blocks.global_value(POTENTIAL, name) or 0.0
            out[f"current.{name}"] = self._leads.current(name)
            out[f"charge.{name}"] = self.problem.blocks.global_value(CHARGE, name) or 0.0
        out["charge_balance"] = sum(v for n, v in out.items() if n.startswith("current."))
        for name, form in self._currents.items():
            current = self.integrate(form)
            out |= {
                f"interface_current.{name}": current,
                f"interface_current_density.{name}": current / self._area[name],
            }
        for name, form in self._plated.items():
            amount = self.integrate(form)
            out |= {
                f"plated_lithium.{name}": amount,
                f"plated_thickness.{name}": amount / self._area[name] * LITHIUM_MOLAR_VOLUME,
            }
        return out | self._device(out)

    def _device(self, values: Values) -> Values:
        """Voltage and current of the device, its resistance, and the parts of its voltage."""
        terminal = self.device.terminal
        if terminal is None:
            return {}
        V, I = values[f"voltage.{terminal}"], values[f"current.{terminal}"]
        out = {"voltage": V, "current": I}
        largest = max(abs(v) for n, v in values.items() if n.startswith(("current.", "interface_current.")))
        if abs(I) <= max(NO_CURRENT * largest, RESTING * self.problem.lead_area[terminal]):
            return out
        parts = {name: -self.integrate(form) / I for name, form in self._powers.items()}
        for t in self.transfers:
            parts |= self._split_equilibrium(t, parts, self.integrate(self._host_currents[t.name]) / I)
        return out | parts | {"resistance": -V / I}

    def _split_equilibrium(self, t: Transfer, parts: Values, share: float) -> Values:
        """U at the surface is U at the mean composition of the host plus what the gradient makes of it."""
        name, card = f"equilibrium_potential.{t.name}", self.problem.media[t.electrode].card
        law, slope = card.open_circuit_potential, card.composition_per_concentration
        if law is None or slope is None or name not in parts or (CONCENTRATION, t.electrode) not in self.problem.place:
            return {}
        mean = share * float(law(slope * self._mean_concentration(t.electrode), self.problem.temperature.value))
        return {name: mean, f"overpotential.concentration.{t.name}": parts[name] - mean}

    def _mean_concentration(self, region: str) -> float:
        p = self.problem
        if region not in self._means:
            one = fem.Constant(p.mesh.domain, 1.0)
            amount = self.form(p.local(region).u[CONCENTRATION] * p.dx(region))
            self._means[region] = amount, self.integrate(self.form(one * p.dx(region)))
        form, volume = self._means[region]
        return self.integrate(form) / volume

    # ---- power -----------------------------------------------------------------------------------------------------
    def _power_forms(self) -> dict[str, ufl.Form]:
        """What every process dissipates or stores [W]; together minus Σ V I of the terminals."""
        p, out = self.problem, dict[str, ufl.Form]()
        for r in p.media:
            here = p.local(r)
            if IONIC_POTENTIAL in here.v:
                work = -ufl.inner(electrochemistry.ionic_current_density(here), ufl.grad(here.u[IONIC_POTENTIAL]))
                add(out, f"overpotential.ohmic.{r}", work * p.dx(r))
            if POTENTIAL in here.v and not p.media[r].lumped:
                work = -ufl.inner(electrochemistry.electronic_current_density(here), ufl.grad(here.u[POTENTIAL]))
                add(out, f"overpotential.ohmic.{r}", work * p.dx(r))
        for t in self.transfers:
            for name, power in _powers(t).items():
                add(out, name, power * t.dS)
        for face in p.leads:
            field, J = p.lead_field(face.region) or POTENTIAL, p.lead_current_density(face)
            drop = p.local(face.region).u[field] - p.terminal_voltage(face.name, p.u)
            add(out, f"overpotential.kinetic.{face.name}", J * drop * p.lead_ds(face))
        return out


def transfers(problem: Problem) -> Iterator[Transfer]:
    """The interfaces of a problem with charge transfer."""
    for (a, b), law in problem.setup.interfaces.items():
        for one, parameters in each(law, problem.contacts[a, b]):
            if isinstance(one, ChargeTransfer):
                left, right = problem.sides(a, b)
                electrode = a if electrode_and_electrolyte(left, right)[0] is left else b
                yield Transfer(f"{a}/{b}", electrode, one, parameters, left, right, problem.dS(a, b))


def anodic_current_density(t: Transfer) -> Expr:
    """Faradaic current density from the electrode to the electrolyte [A/m²]."""
    j = t.law.current_densities(t.parameters, t.a, t.b)
    return j.host + j.plating


def host_current_density(t: Transfer) -> Expr:
    """The part of it that takes lithium out of the electrode itself [A/m²]."""
    return t.law.current_densities(t.parameters, t.a, t.b).host


def _powers(t: Transfer) -> dict[str, Expr]:
    """j_host U + j (Δφ − U) of an interface [W/m²], the mechanical part of U by itself."""
    electrode, electrolyte = electrode_and_electrolyte(t.a, t.b)
    j = t.law.current_densities(t.parameters, t.a, t.b)
    difference = electrode.u[POTENTIAL] - electrolyte.u[IONIC_POTENTIAL]
    U = equilibrium_potential(electrode) if t.law.reacts else ufl.as_ufl(0.0)
    out = {f"overpotential.kinetic.{t.name}": (j.host + j.plating) * difference - j.host * U}
    if MECHANICAL_POTENTIAL in electrode.u and electrode.options.coupling == "two_way":
        stress = -electrode.u[MECHANICAL_POTENTIAL] / FARADAY
        out[f"overpotential.mechanical.{t.name}"] = j.host * stress
        U = U - stress
    return out | {f"equilibrium_potential.{t.name}": j.host * U}
