"""The property laws of one region in UFL, in SI, as the physics ask for them.

A property that is one number is a `fem.Constant`, so that a study that changes it recompiles nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ufl
from dolfinx import fem
from dolfinx import mesh as dmesh
from ufl.core.expr import Expr

from thermolyte.errors import InputError
from thermolyte.materials import Card, Creep, Property, StateProperty
from thermolyte.materials.composition import CompositionConstant
from thermolyte.materials.laws import Constant
from thermolyte.parameters import Parameters
from thermolyte.region import Region


class Medium:
    """What a region tells the physics; `lumped`: its electric potential is one number, the voltage of its terminal."""

    def __init__(self, region: Region, domain: dmesh.Mesh, lumped: bool = False):
        self.card, self._dim, self.lumped = region.card, domain.geometry.dim, lumped
        self.scale = Parameters(region.scale, domain)
        self._numbers = {name: fem.Constant(domain, value) for name, value in _numbers(region)}

    @property
    def constants(self) -> list[fem.Constant]:
        """All numbers that can change without a new problem."""
        return [*self.scale.constants, *self._numbers.values()]

    def assign(self, region: Region) -> None:
        """Take over the numbers of a region of the same structure."""
        self.card = region.card
        self.scale.assign(region.scale)
        for name, value in _numbers(region):
            self._numbers[name].value = value

    # ---- heat and charge -------------------------------------------------------------------------------------------
    @property
    def conducts(self) -> bool:
        """Whether it carries electrons."""
        return self.card.conducts

    @property
    def conducts_ions(self) -> bool:
        """Whether it is an electrolyte."""
        return self.card.conducts_ions

    def seebeck_coefficient(self, T: Expr) -> Expr:
        """S(T) [V/K]; 0 where the card has none."""
        has = self.card.seebeck_coefficient is not None
        return self.scale.seebeck_coefficient * (self._of("seebeck_coefficient", T) if has else 0.0)

    def electrical_conductivity(self, T: Expr) -> Expr:
        """σ(T) [S/m]."""
        return self.scale.electrical_conductivity * self._of("electrical_conductivity", T)

    def thermal_conductivity(self, T: Expr) -> Expr:
        """κ(T) [W/(m K)]."""
        return self.scale.thermal_conductivity * self._of("thermal_conductivity", T)

    def ionic_conductivity(self, T: Expr) -> Expr:
        """κ(T) of ions [S/m]."""
        return self._of("ionic_conductivity", T)

    # ---- lithium ---------------------------------------------------------------------------------------------------
    @property
    def stores_lithium(self) -> bool:
        """Whether it is a host that lithium diffuses in."""
        return self.card.stores_lithium

    @property
    def initial_concentration(self) -> Expr:
        """c₀ [mol/m³]."""
        return self._numbers["initial_concentration"]

    @property
    def maximum_concentration(self) -> Expr:
        """c_max [mol/m³]."""
        return self._numbers["maximum_concentration"]

    def composition(self, c: Expr) -> Expr:
        """x(c): mol Li per mol host, or c/c_max where the card has no molar volume of the host."""
        return self._numbers["composition_per_concentration"] * c

    def diffusivity(self, x: Expr, T: Expr) -> Expr:
        """D(x, T) [m²/s]."""
        return self._of_state("diffusivity", x, T)

    def open_circuit_potential(self, x: Expr, T: Expr) -> Expr:
        """U(x, T) [V] against lithium; 0 where the card has none, as for lithium itself."""
        law = self.card.open_circuit_potential
        if law is None:
            return ufl.as_ufl(0.0)
        return self._numbers.get("open_circuit_potential", law.ufl(x, T))

    def thermodynamic_factor(self, x: Expr, T: Expr) -> Expr:
        """−(F/RT) x dU/dx [1]; 1 where the card has no open-circuit potential."""
        law = self.card.open_circuit_potential
        return ufl.as_ufl(1.0) if law is None else law.thermodynamic_factor(x, T)

    def partial_molar_volume(self) -> Expr:
        """Ω [m³/mol]; 0 where the card has none."""
        return self._numbers.get("partial_molar_volume", ufl.as_ufl(0.0))

    # ---- deformation -----------------------------------------------------------------------------------------------
    @property
    def deforms(self) -> bool:
        """Whether its elastic constants are known."""
        return self.card.deforms

    @property
    def yields(self) -> bool:
        """Whether it flows plastically beyond a yield strength."""
        return self.card.yields

    @property
    def creeps(self) -> bool:
        """Whether it creeps."""
        return self.card.creeps

    def young_modulus(self, x: Expr, T: Expr) -> Expr:
        """E(x, T) [Pa]."""
        return self._of_state("young_modulus", x, T)

    def poisson_ratio(self, T: Expr = 298.15) -> Expr:
        """ν(T) [1]."""
        return self._of("poisson_ratio", T)

    def thermal_expansion(self, T: Expr) -> Expr:
        """α(T), linear [1/K]; 0 where the card has none."""
        return self._of("thermal_expansion", T) if self.card.thermal_expansion is not None else ufl.as_ufl(0.0)

    def yield_strength(self, T: Expr) -> Expr:
        """σ_y(T) [Pa]."""
        return self._of("yield_strength", T)

    def hardening_modulus(self, T: Expr = 298.15) -> Expr:
        """dσ_y/dε_p [Pa]; 0 where the card has none."""
        return self._of("hardening_modulus", T) if self.card.hardening_modulus is not None else ufl.as_ufl(0.0)

    @property
    def creep(self) -> Creep:
        """The law of creep.

        Raises:
            InputError: the card has none.
        """
        found: Creep = self._known(self.card.creep, "creep")
        return found

    def creep_rate(self, T: Expr) -> Expr:
        """A exp(−E/(k_B T)) [1/s]: the rate at the reference stress."""
        return self.creep.ufl(self.creep.reference_stress, T)

    # ---- laws ------------------------------------------------------------------------------------------------------
    def _of(self, name: str, T: Expr) -> Expr:
        if name in self._numbers:
            return self._numbers[name]
        found: Property = self._known(getattr(self.card, name), name)
        return found.ufl(ufl.as_ufl(T), self._dim)

    def _of_state(self, name: str, x: Expr, T: Expr) -> Expr:
        if name in self._numbers:
            return self._numbers[name]
        found: StateProperty = self._known(getattr(self.card, name), name)
        return found.ufl(x, T)

    def _known(self, found: Any, name: str) -> Any:
        if found is None:
            raise InputError(f"card {self.card.name} has no {name}")
        return found


def _numbers(region: Region) -> Iterator[tuple[str, float]]:
    """The properties of a region that are one number each, in SI."""
    card = region.card
    for name, value in card.properties:
        if name == "electrical_resistivity" and isinstance(value, Constant):
            yield "electrical_conductivity", 1 / value.value
        elif isinstance(value, Constant | CompositionConstant):
            yield name, value.value
        elif isinstance(value, float):
            yield name, value
    for name in ("maximum_concentration", "composition_per_concentration"):
        if getattr(card, name) is not None:
            yield name, getattr(card, name)
    yield "initial_concentration", region.initial_concentration


def structure(card: Card) -> object:
    """What of a card is compiled: everything but the properties that are one number."""
    numbers = (Constant, CompositionConstant, float)
    return tuple((n, type(v).__name__ if isinstance(v, numbers) else v) for n, v in card.properties)
