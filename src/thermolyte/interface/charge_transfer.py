"""Charge transfer between an electrolyte and an electrode: where ionic current becomes electronic current."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, NamedTuple, Self

import ufl
from dolfinx import fem
from dolfinx import mesh as dmesh
from pydantic import Field, model_validator
from ufl.core.expr import Expr

from thermolyte import units
from thermolyte.electrode_kinetics import ElectrodeKinetics, TransferCoefficients
from thermolyte.errors import InputError
from thermolyte.parameters import Parameters
from thermolyte.physics.constants import FARADAY
from thermolyte.physics.kinetics import Reaction, availability, current_densities
from thermolyte.physics.local import CONCENTRATION, IONIC_POTENTIAL, PLATED, POTENTIAL, TEMPERATURE, Local

LITHIUM_MOLAR_VOLUME = 6.94e-3 / 534.0  # m³/mol, from its atomic weight and its density at 20 °C


class Plating(TransferCoefficients):
    """Li⁺ + e⁻ ⇌ Li metal, beside the reaction of the host, at U = −V_Li p/F.

    What has been plated can be stripped: the anodic direction is weighted by n/(n + monolayer), n the plated lithium
    [mol/m²]. A first layer is therefore deposited at a potential slightly above that of the metal, and none is left
    behind when it is stripped.
    """

    exchange_current_density: units.PositiveCurrentDensity
    monolayer: units.PositiveSurfaceAmount = Field(
        2.1e-5, description="amount below which stripping slows down; default: one layer of lithium atoms, V_Li^(-2/3)"
    )
    stack_pressure: units.Pressure = Field(0.0, description="on the plated lithium")

    def reaction(self, p: Parameters, plated: Expr) -> Reaction:
        """The reaction with `plated` lithium [mol/m²] on the electrode."""
        U = -p.stack_pressure * LITHIUM_MOLAR_VOLUME / FARADAY
        alpha = p.anodic_transfer_coefficient, p.cathodic_transfer_coefficient
        return Reaction(U, p.exchange_current_density, *alpha, availability(plated, p.monolayer))


class Currents(NamedTuple):
    """Anodic current densities [A/m²]; their sum leaves the electrode for the electrolyte."""

    host: Expr
    """Of the lithium in the electrode."""
    plating: Expr
    """Of the lithium plated on it."""


class ChargeTransfer(ElectrodeKinetics):
    """Anodic current density j = j_host + j_plating, from the electrode (a side without ions) to the electrolyte.

        J·n = j + C d(φ − φ_ionic)/dt      electronic current out of the electrode = ionic current into the electrolyte
        N·n = j_host/F                     lithium out of the host
        dn/dt = −j_plating/F               plated lithium n [mol/m²]

    An electrode that stores no lithium is lithium itself where the reaction of the host is given (U from its card, 0
    without), and an inert collector where only `plating` is. Where host and plating have the same U they share the
    current as their exchange current densities do; a host with U > 0 fills first, and plating begins when its surface
    is full (`saturation_width`, or an open-circuit potential that falls to 0).
    """

    type: Literal["charge_transfer"]
    double_layer_capacitance: units.AreaCapacitance | None = None
    plating: Plating | None = None

    jumps: ClassVar[frozenset[str]] = frozenset()  # each of its fields ends at the interface

    @model_validator(mode="after")
    def _nonlinear_plating(self) -> Self:
        if self.linear and self.plating is not None:
            raise ValueError("a linear law does not stop when the plated lithium is gone: remove linear or plating")
        return self

    @property
    def _needs_reaction(self) -> bool:
        return self.plating is None

    @property
    def own_fields(self) -> frozenset[str]:
        """The fields that live on the interface itself."""
        return frozenset([PLATED] if self.plating else [])

    def parameters(self, domain: dmesh.Mesh) -> ChargeTransferParameters:
        """Its numbers, live."""
        return ChargeTransferParameters(self, domain)

    def current_densities(self, p: ChargeTransferParameters, a: Local, b: Local) -> Currents:
        """Both faradaic current densities.

        Raises:
            InputError: see `electrode_and_electrolyte`; or `plating` beside the reaction of a metal without lithium.
        """
        electrode, electrolyte = electrode_and_electrolyte(a, b)
        difference, T = electrode.u[POTENTIAL] - electrolyte.u[IONIC_POTENTIAL], electrode.u[TEMPERATURE]
        if self.plating is None or p.plating is None:
            return Currents(self.anodic_current_density(p, difference, T, electrode), ufl.as_ufl(0.0))
        plating = self.plating.reaction(p.plating, electrode.u[PLATED])
        if not self.reacts:
            return Currents(ufl.as_ufl(0.0), *current_densities([plating], difference, T, self.film(p)))
        if not electrode.medium.stores_species:
            raise InputError(
                "charge_transfer: the electrode stores no lithium: give plating (an inert collector) or "
                "exchange_current_density (lithium metal), not both"
            )
        return Currents(*current_densities([self.reaction(p, electrode), plating], difference, T, self.film(p)))

    def capacitive_current_density(self, p: ChargeTransferParameters, a: Local, b: Local) -> Expr:
        """C d(φ − φ_ionic)/dt [A/m²], from electrode to electrolyte."""
        if self.double_layer_capacitance is None:
            return ufl.as_ufl(0.0)
        electrode, electrolyte = electrode_and_electrolyte(a, b)
        return p.double_layer_capacitance * (electrode.rate[POTENTIAL] - electrolyte.rate[IONIC_POTENTIAL])

    def residual(self, p: ChargeTransferParameters, a: Local, b: Local, n: Expr, dS: ufl.Measure) -> ufl.Form:
        """The terms ∮ J·n ψ of both potentials, ∮ N·n w of the host, and the balance of the plated lithium."""
        del n
        electrode, electrolyte = electrode_and_electrolyte(a, b)
        j = self.current_densities(p, a, b)
        total = j.host + j.plating + self.capacitive_current_density(p, a, b)
        F = total * (electrode.v[POTENTIAL] - electrolyte.v[IONIC_POTENTIAL]) * dS
        if CONCENTRATION in electrode.v and self.reacts:
            F += j.host / FARADAY * electrode.v[CONCENTRATION] * dS
        if self.plating is not None:
            F += (electrode.rate[PLATED] + j.plating / FARADAY) * electrode.v[PLATED] * dS
        return F


class ChargeTransferParameters(Parameters):
    """The numbers of a charge transfer; those of its plating under `plating`."""

    def __init__(self, model: ChargeTransfer, domain: dmesh.Mesh):
        super().__init__(model, domain)
        self.plating = Parameters(model.plating, domain) if model.plating else None

    @property
    def constants(self) -> list[fem.Constant]:
        """Those of the host's reaction, then those of the plating."""
        return super().constants + (self.plating.constants if self.plating else [])

    def assign(self, model: Any) -> None:
        """Take over the numbers of a charge transfer of the same structure."""
        super().assign(model)
        if self.plating:
            self.plating.assign(model.plating)


def electrode_and_electrolyte(a: Local, b: Local) -> tuple[Local, Local]:
    """The two sides, in this order: the electrolyte conducts ions, the electrode electrons only.

    Raises:
        InputError: not one of each.
    """
    sides = [s for s in (a, b) if IONIC_POTENTIAL in s.u]
    if len(sides) != 1:
        what = "both sides conduct ions" if sides else "neither side conducts ions"
        raise InputError(f"charge_transfer: {what}; it joins an electrolyte (ionic_conductivity) and an electrode")
    electrolyte = sides[0]
    electrode = b if electrolyte is a else a
    if POTENTIAL not in electrode.u:
        raise InputError("charge_transfer: the electrode has no electric potential: its card needs a conductivity")
    return electrode, electrolyte
