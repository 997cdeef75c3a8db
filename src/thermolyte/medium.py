"""The property laws of one region in UFL, in SI, as the physics ask for them.

A property that is one number is a `fem.Constant`, so that a study that changes it recompiles nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import ufl
from dolfinx import fem
from dolfinx import mesh as dmesh
from ufl.core.expr import Expr

from thermolyte.errors import InputError
from thermolyte.materials import Creep, Property, StateProperty
from thermolyte.materials.carriers import NEEDED, Electrons, carrier_ratio
from thermolyte.materials.composition import CompositionConstant
from thermolyte.materials.laws import Constant
from thermolyte.materials.model import ModelLaw
from thermolyte.parameters import Parameters
from thermolyte.physics.local import CONCENTRATION
from thermolyte.region import Region


class Medium:
    """What a region tells the physics; `lumped`: its electric potential is one number, the voltage of its terminal."""

    def __init__(self, region: Region, domain: dmesh.Mesh, lumped: bool = False):
        self.card, self._dim, self.lumped = region.card, domain.geometry.dim, lumped
        self.scale = Parameters(region.scale, domain)
        self._numbers = {name: fem.Constant(domain, value) for name, value in _numbers(region)}
        self.doping: Expr | None = self._numbers.get("doping")
        if region.gradient is not None:
            self._numbers["gradient"] = fem.Constant(domain, region.gradient.fraction)
            self.doping = region.gradient.at(ufl.SpatialCoordinate(domain), self._numbers["gradient"])
        self.carriers = None if self.card.carriers is None else Parameters(self.card.carriers, domain)
        self._ratio: Expr | None = None
        self.fields: list[fem.Function] = []
        if region.voxels is not None:
            self.doping = fem.Function(fem.functionspace(domain, ("Lagrange", 1)))
            self.doping.interpolate(region.voxels.at)
            self.fields.append(self.doping)

    @property
    def constants(self) -> list[fem.Constant]:
        """All numbers that can change without a new problem."""
        of_carriers = [] if self.carriers is None else self.carriers.constants
        return [*self.scale.constants, *self._numbers.values(), *of_carriers]

    def assign(self, region: Region) -> None:
        """Take over the numbers of a region of the same structure."""
        self.card = region.card
        self.scale.assign(region.scale)
        if self.carriers is not None and self.card.carriers is not None:
            self.carriers.assign(self.card.carriers)
        for name, value in _numbers(region):
            self._numbers[name].value = value
        if region.gradient is not None:
            self._numbers["gradient"].value = region.gradient.fraction

    @property
    def is_graded(self) -> bool:
        """Whether the dopant fraction is a field."""
        return self.doping is not None and not isinstance(self.doping, fem.Constant)

    # ---- composition -----------------------------------------------------------------------------------------------
    def at(self, u: Mapping[str, Expr]) -> Medium:
        """The same with its laws of heat and charge at the composition among these fields, if that changes them."""
        if self.carriers is None or CONCENTRATION not in u:
            return self
        here = copy.copy(self)
        here._ratio = carrier_ratio(self.carriers, self.composition(u[CONCENTRATION]), self._host_molar_volume)
        return here

    @property
    def carrier_concentration(self) -> Expr:
        """N [1/m³]; that of the card's own composition where no other is given by `at`."""
        if self.carriers is None:
            raise InputError(f"card {self.card.name} has no carriers")
        return self.carriers.concentration * (1.0 if self._ratio is None else self._ratio)

    @property
    def _host_molar_volume(self) -> Expr:
        return self._numbers["host_molar_volume"]

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
        if self.card.seebeck_coefficient is None:
            return ufl.as_ufl(0.0)
        return self.scale.seebeck_coefficient * self._electrons(T).seebeck_coefficient

    def electrical_conductivity(self, T: Expr) -> Expr:
        """σ(T) [S/m]."""
        return self.scale.electrical_conductivity * self._electrons(T).electrical_conductivity

    def thermal_conductivity(self, T: Expr) -> Expr:
        """κ(T) [W/(m K)]."""
        κ = self._of("thermal_conductivity", T)
        changes = self._ratio is not None
        return self.scale.thermal_conductivity * (κ + self._electrons(T).thermal_conductivity_change if changes else κ)

    def _electrons(self, T: Expr) -> Electrons:
        """What the electrons do at the composition that is there."""
        S, σ = (self._of(name, T) if getattr(self.card, name) else None for name in NEEDED)
        law = self.card.carriers
        return (
            Electrons(S, σ, 0.0) if law is None or self._ratio is None else law.at(self.carriers, self._ratio, S, σ, T)
        )

    def ionic_conductivity(self, T: Expr) -> Expr:
        """κ(T) of ions [S/m]."""
        return self._of("ionic_conductivity", T)

    # ---- diffusion ---------------------------------------------------------------------------------------------------
    @property
    def stores_species(self) -> bool:
        """Whether it is a host that lithium, or another species, diffuses in."""
        return self.card.stores_species

    @property
    def initial_concentration(self) -> Expr:
        """c₀ [mol/m³]."""
        return self._numbers["initial_concentration"]

    @property
    def maximum_concentration(self) -> Expr:
        """c_max [mol/m³]."""
        return self._numbers["maximum_concentration"]

    def composition(self, c: Expr) -> Expr:
        """x(c): mol per mol host, or c/c_max where the card has no molar volume of the host."""
        return self._numbers["composition_per_concentration"] * c

    def diffusivity(self, x: Expr, T: Expr) -> Expr:
        """D(x, T) [m²/s]."""
        return self.scale.diffusivity * self._of_state("diffusivity", x, T)

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
        if isinstance(found.law, ModelLaw):
            return found.law.ufl(ufl.as_ufl(T), self.doping)
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
    if card.doping is not None:
        yield "doping", card.doping
    yield "initial_concentration", region.initial_concentration


def structure(region: Region) -> object:
    """What of a region is compiled: everything but what is one number."""
    numbers, card = (Constant, CompositionConstant, float), region.card
    properties = tuple((n, type(v).__name__ if isinstance(v, numbers) else v) for n, v in card.properties)
    electrons = card.carriers and card.carriers.scattering_exponent
    return properties, card.model, electrons, region.gradient and region.gradient.structure, region.voxels
