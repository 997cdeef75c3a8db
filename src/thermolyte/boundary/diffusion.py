"""Conditions of diffusion on exterior boundaries: each class is the YAML of one condition and its term of the residual.

A boundary without a condition lets no lithium through: N·n = 0.
"""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator
from ufl.core.expr import Expr

from thermolyte import units
from thermolyte.boundary.base import Essential, Natural
from thermolyte.electrode_kinetics import ElectrodeKinetics
from thermolyte.mass_exchange import ExchangeParameters, MassExchange
from thermolyte.parameters import Parameters
from thermolyte.physics.constants import FARADAY
from thermolyte.physics.local import CONCENTRATION, TEMPERATURE, Local


class Concentration(Essential):
    """c = value [mol/m³]: the surface is in contact with a reservoir."""

    field: ClassVar[str] = CONCENTRATION
    type: Literal["concentration"]
    concentration: units.Concentration

    def values(self, axes: tuple[str, ...], normal: int | None = None) -> dict[int | None, str | float]:
        """The concentration."""
        del axes, normal
        return {None: "concentration"}


class LithiumFlux(Natural):
    """−N·n = i/F, or −N·n = molar_flux [mol/(m² s)]: lithium that enters the body per reference area."""

    field: ClassVar[str] = CONCENTRATION
    type: Literal["lithium_flux"]
    current_density: units.CurrentDensity | None = None
    molar_flux: units.MolarFlux | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.current_density is None) == (self.molar_flux is None):
            raise ValueError("give exactly one of current_density and molar_flux")
        return self

    def inward_flux(self, p: Parameters) -> Expr:
        """−N·n [mol/(m² s)]."""
        return p.molar_flux if self.current_density is None else p.current_density / FARADAY

    def integrand(self, p: Parameters, here: Local, n: Expr) -> Expr:
        """N·n w."""
        del n
        return -self.inward_flux(p) * here.v[CONCENTRATION]


class SurfaceReaction(ElectrodeKinetics, Natural):
    """N·n = j/F with the kinetics of an electrode at a given potential against lithium in the electrolyte [V]."""

    field: ClassVar[str] = CONCENTRATION
    type: Literal["charge_transfer"]
    potential: units.Voltage

    def inward_flux(self, p: Parameters, here: Local) -> Expr:
        """−N·n = −j/F [mol/(m² s)]."""
        return -self.anodic_current_density(p, p.potential, here.u[TEMPERATURE], here) / FARADAY

    def integrand(self, p: Parameters, here: Local, n: Expr) -> Expr:
        """N·n w."""
        del n
        return -self.inward_flux(p, here) * here.v[CONCENTRATION]


class SurfaceExchange(MassExchange, Natural):
    """N·n of a free face, or of one with a metallisation that is not meshed: see `thermolyte.mass_exchange`."""

    field: ClassVar[str] = CONCENTRATION
    type: Literal["mass_exchange"]

    def integrand(self, p: Parameters, here: Local, n: Expr) -> Expr:
        """N·n w, and the balance of each reservoir."""
        del n
        assert isinstance(p, ExchangeParameters)
        return self.balance(p, here)
