"""Kinetics of one electrode as it is written in a case; shared by interfaces, boundaries and terminals."""

from __future__ import annotations

from typing import Self

import ufl
from pydantic import BaseModel, ConfigDict, Field, model_validator
from ufl.core.expr import Expr

from thermolyte import units
from thermolyte.errors import InputError
from thermolyte.parameters import Parameters
from thermolyte.physics.constants import FARADAY
from thermolyte.physics.kinetics import (
    Reaction,
    availability,
    current_densities,
    equilibrium_potential,
    filling,
    linear_current_density,
)
from thermolyte.physics.local import IONIC_POTENTIAL, TEMPERATURE, Local

EMPTY = 1e-8  # of the sites: the exchange current of `rate_constant` does not fall further, so that its slope is finite


class TransferCoefficients(BaseModel):
    """α_a and α_c of Butler-Volmer."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    anodic_transfer_coefficient: units.PositiveFactor = 0.5
    cathodic_transfer_coefficient: units.PositiveFactor = 0.5


class ElectrodeKinetics(TransferCoefficients):
    """Li ⇌ Li⁺ + e⁻ at an electrode, by a Butler-Volmer or a linear law, behind an optional film.

    exchange_current_density    j₀ as it is. With a `saturation_width` w, lithium enters a host as long as there are
                                free sites and leaves it as long as there is some: the two directions are weighted by
                                (1 + w) y/(y + w) with y = 1 − c/c_max and y = c/c_max, that is by 1 within about w
                                but near full and empty.
    rate_constant               j₀ = F k c^α_c (c_max − c)^α_a, for a host whose open-circuit potential knows by itself
                                what is full and what is empty.
    """

    exchange_current_density: units.PositiveCurrentDensity | None = None
    rate_constant: units.RateConstant | None = None
    linear: bool = Field(False, description="j in proportion to the overpotential, as near equilibrium")
    film_resistance: units.FilmResistance | None = None
    saturation_width: units.PositiveFactor | None = Field(
        None, description="part of c/c_max over which the reaction stops at a full or an empty host, such as 0.01"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.exchange_current_density is not None and self.rate_constant is not None:
            raise ValueError("give exchange_current_density or rate_constant, not both")
        if self.saturation_width is not None and (self.linear or self.rate_constant is not None):
            raise ValueError("saturation_width goes with exchange_current_density and without linear")
        if self._needs_reaction and not self.reacts:
            raise ValueError("give exchange_current_density or rate_constant")
        return self

    @property
    def reacts(self) -> bool:
        """Whether the electrode itself takes up and gives lithium."""
        return self.exchange_current_density is not None or self.rate_constant is not None

    @property
    def _needs_reaction(self) -> bool:
        return True

    def reaction(self, p: Parameters, host: Local | None) -> Reaction:
        """The reaction at the surface of a host; None is an ideal electrode of lithium, U = 0.

        Raises:
            InputError: `rate_constant` at an electrode that stores no lithium.
        """
        alpha = p.anodic_transfer_coefficient, p.cathodic_transfer_coefficient
        U = equilibrium_potential(host) if host else 0.0
        if host is None or not host.medium.stores_species:
            if self.rate_constant is not None:
                raise InputError("rate_constant: the electrode stores no lithium; give exchange_current_density")
            return Reaction(U, p.exchange_current_density, *alpha)
        if self.rate_constant is not None:
            return Reaction(U, _exchange_current_density(p, host), *alpha)
        if self.saturation_width is None:
            return Reaction(U, p.exchange_current_density, *alpha)
        full, w = filling(host), p.saturation_width
        lithium, sites = ((1 + w) * availability(y, w) for y in (full, 1 - full))
        return Reaction(U, p.exchange_current_density, *alpha, lithium, sites)

    def anodic_current_density(self, p: Parameters, difference: Expr, T: Expr, host: Local | None) -> Expr:
        """Anodic j [A/m²] at Δφ = φ_electrode − φ_ionic [V]: lithium leaves the electrode."""
        reaction, film = self.reaction(p, host), self.film(p)
        if self.linear:
            return linear_current_density(reaction, difference, T, film)
        return current_densities([reaction], difference, T, film)[0]

    def film(self, p: Parameters) -> Expr | None:
        """R_f [Ω m²]; None without a film."""
        return None if self.film_resistance is None else p.film_resistance

    def current_density(self, p: Parameters, here: Local, V: Expr) -> Expr:
        """Ionic current density J·n [A/m²] out of an electrolyte into an ideal electrode at V: positive when it plates.

        This is for a terminal right on a face of the electrolyte, where no electrode is meshed.
        """
        return -self.anodic_current_density(p, V - here.u[IONIC_POTENTIAL], here.u[TEMPERATURE], None)


def _exchange_current_density(p: Parameters, host: Local) -> Expr:
    """Exchange current density j₀ = F k c^α_c (c_max − c)^α_a [A/m²]."""
    y = ufl.max_value(ufl.min_value(filling(host), 1 - EMPTY), EMPTY)
    c_max = host.medium.maximum_concentration
    lithium = (c_max * y) ** p.cathodic_transfer_coefficient
    return FARADAY * p.rate_constant * lithium * (c_max * (1 - y)) ** p.anodic_transfer_coefficient
