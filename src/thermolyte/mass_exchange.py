"""What a body exchanges its mobile species with at a surface, as it is written in a case; of interfaces and boundaries.

The species leaves the body as N·n [mol/(m² s)], per area and time:

    G = k_p c_l / (2 l)                     growth of a reaction layer of thickness l = m/c_l, at its full driving force
    A = s / (s + s_1)                       1 as long as an interlayer lasts, 0 when its stock s is used up
    w(x) = (x − x_eq) / (x_ref − x_eq)      driving force of the reaction

    S     = k (A min(c − c_s, 0) + max(c − c_s, 0))
    ds/dt = S − A w(x_s) G                  interlayer: holds the surface at its own composition x_s, feeds the layer
    dm/dt = (A w(x_s) + (1 − A) w(x)) G     reaction layer: l² grows by k_p per time (parabolic), fed by what it touches
    de/dt = k_e (c − c_e)                   evaporation
    N·n   = S + (1 − A) w(x) G + k_e (c − c_e)

so that N·n = ds/dt + dm/dt + de/dt: nothing is lost. c is the concentration in the body at the surface, x its
composition. What is used up can no longer feed the body, but takes up what exceeds its saturation. Without an
interlayer A and S are 0. Rates follow k(T) = k exp(−E/k_B (1/T − 1/T_ref)).

Parabolic growth: C. Wagner, Z. phys. Chem. B 21 (1933) 25; evaporation in proportion to the excess: Henry's law.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import ufl
from dolfinx import fem
from dolfinx import mesh as dmesh
from pydantic import BaseModel, ConfigDict, Field, model_validator
from scipy.constants import Boltzmann
from ufl.core.expr import Expr

from thermolyte import units
from thermolyte.materials.base import Energy
from thermolyte.parameters import Parameters
from thermolyte.physics.kinetics import availability
from thermolyte.physics.local import CONCENTRATION, INTERLAYER, REACTION_LAYER, RELEASED, TEMPERATURE, Local

MAGNESIUM_MOLAR_VOLUME = 13.98e-6  # m³/mol, from its atomic weight 24.305 and its density 1.738 g/cm³ at 20 °C


class Activated(BaseModel):
    """A process whose rate is given at one temperature: k(T) = k exp(−E/k_B (1/T − 1/T_ref))."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    activation_energy: Energy = Field(0.0, description="of the rate, such as '1 eV'; default: the same at every T")
    reference_temperature: units.Temperature = Field(573.0, description="at which the rate is given")


class Interlayer(Activated):
    """A layer of the species itself, such as 5 µm of Mg: a source until it is used up."""

    thickness: units.PositiveLength
    molar_volume: units.PositiveMolarVolume = Field(MAGNESIUM_MOLAR_VOLUME, description="default: of Mg")
    composition: units.Composition = Field(description="x at which the body is in equilibrium with it")
    transfer_coefficient: units.Velocity = Field(
        1e-6, description="k; default: so large that the surface is held at `composition`"
    )
    monolayer: units.PositiveSurfaceAmount = Field(
        2e-5, description="stock below which the source fades; default: one layer of Mg atoms, V^(-2/3) N_A^(-1/3)"
    )


class ReactionLayer(Activated):
    """A phase that grows between the body and a metal, such as Mg₂Ni: a sink that slows down."""

    initial_thickness: units.PositiveLength = Field(description="after joining; growth starts at k_p/(2 l)")
    growth_constant: units.GrowthConstant = Field(description="k_p of l² = l_0² + k_p t")
    molar_volume: units.PositiveMolarVolume = Field(description="of one mole of formula units of the phase")
    atoms_per_formula: units.PositiveFactor = Field(description="of the species in a formula unit: 2 Mg in Mg2Ni")
    equilibrium_composition: units.Composition = Field(0.0, description="x at which the metal draws no more")
    reference_composition: units.PositiveComposition = Field(description="x for which growth_constant is given")

    @model_validator(mode="after")
    def _has_a_driving_force(self) -> Self:
        if self.equilibrium_composition >= self.reference_composition:
            raise ValueError("equilibrium_composition must be below reference_composition: else the layer shrinks")
        return self


class Evaporation(Activated):
    """Loss into the surroundings, in proportion to the excess at the surface."""

    transfer_coefficient: units.Velocity
    composition: units.Composition = Field(0.0, description="x that is in equilibrium with the surroundings")


class Rates(NamedTuple):
    """Growth of each reservoir [mol/(m² s)]; their sum is N·n out of the body."""

    interlayer: Expr
    reaction_layer: Expr
    released: Expr


class MassExchange(BaseModel):
    """Source, sink and evaporation at one surface of a body that the species diffuses in; see the module."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    interlayer: Interlayer | None = None
    reaction_layer: ReactionLayer | None = None
    evaporation: Evaporation | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.own_fields:
            raise ValueError("give at least one of interlayer, reaction_layer and evaporation")
        return self

    @property
    def own_fields(self) -> frozenset[str]:
        """The amounts per area that live on the surface itself."""
        kinds = {INTERLAYER: self.interlayer, REACTION_LAYER: self.reaction_layer, RELEASED: self.evaporation}
        return frozenset(field for field, kind in kinds.items() if kind is not None)

    def parameters(self, domain: dmesh.Mesh) -> ExchangeParameters:
        """Its numbers, live."""
        return ExchangeParameters(self, domain)

    def initial(self, p: ExchangeParameters) -> dict[str, float]:
        """The amounts at the start [mol/m²]."""
        found = {RELEASED: 0.0} if self.evaporation else {}
        if self.interlayer:
            found[INTERLAYER] = float(p.interlayer.thickness.value / p.interlayer.molar_volume.value)
        if self.reaction_layer:
            layer = p.reaction_layer
            per_volume = layer.atoms_per_formula.value / layer.molar_volume.value
            found[REACTION_LAYER] = float(layer.initial_thickness.value * per_volume)
        return found

    def rates(self, p: ExchangeParameters, here: Local) -> Rates:
        """ds/dt, dm/dt and de/dt."""
        c, T, none = here.u[CONCENTRATION], here.u[TEMPERATURE], ufl.as_ufl(0.0)
        per_concentration = here.medium.composition(1.0)
        lasts = availability(here.u[INTERLAYER], p.interlayer.monolayer) if self.interlayer else none
        stock, grown, released = none, none, none
        if self.interlayer:
            excess = c - p.interlayer.composition / per_concentration
            into = lasts * ufl.min_value(excess, 0.0) + ufl.max_value(excess, 0.0)
            stock = _at(p.interlayer, p.interlayer.transfer_coefficient, T) * into
        if self.reaction_layer:
            growth, force = self._growth(p.reaction_layer, here.u[REACTION_LAYER], T), p.reaction_layer
            from_stock = lasts * _driving_force(force, p.interlayer.composition) * growth if self.interlayer else none
            grown = from_stock + (1 - lasts) * _driving_force(force, here.medium.composition(c)) * growth
            stock -= from_stock
        if self.evaporation:
            outside = p.evaporation.composition / per_concentration
            released = _at(p.evaporation, p.evaporation.transfer_coefficient, T) * (c - outside)
        return Rates(stock, grown, released)

    def _growth(self, p: Parameters, amount: Expr, T: Expr) -> Expr:
        """G = k_p c_l/(2 l) = k_p c_l²/(2 m) [mol/(m² s)]."""
        per_volume = p.atoms_per_formula / p.molar_volume
        return _at(p, p.growth_constant, T) * per_volume**2 / (2 * amount)

    def balance(self, p: ExchangeParameters, here: Local) -> Expr:
        """N·n w + Σ (dq/dt − rate) v over the reservoirs: what the surface adds to the residual per area."""
        rates, out = self.rates(p, here), ufl.as_ufl(0.0)
        for field, rate in zip((INTERLAYER, REACTION_LAYER, RELEASED), rates, strict=True):
            if field in here.v:
                out += (here.rate[field] - rate) * here.v[field] + rate * here.v[CONCENTRATION]
                out += p.nothing * here.u[field] * here.v[field]  # a place for the diagonal, for when it is held
        return out


def thickness(p: ExchangeParameters, field: str) -> float:
    """Thickness of an interlayer or a reaction layer per amount of the species in it [m³/mol]."""
    if field == INTERLAYER:
        return float(p.interlayer.molar_volume.value)
    return float(p.reaction_layer.molar_volume.value / p.reaction_layer.atoms_per_formula.value)


def _driving_force(p: Parameters, x: Expr) -> Expr:
    return (x - p.equilibrium_composition) / (p.reference_composition - p.equilibrium_composition)


def _at(p: Parameters, rate: Expr, T: Expr) -> Expr:
    return rate * ufl.exp(-p.activation_energy / Boltzmann * (1 / T - 1 / p.reference_temperature))


class ExchangeParameters(Parameters):
    """The numbers of an exchange under `interlayer`, `reaction_layer` and `evaporation`."""

    PARTS = ("interlayer", "reaction_layer", "evaporation")

    def __init__(self, model: MassExchange, domain: dmesh.Mesh):
        super().__init__(model, domain)
        self.nothing = fem.Constant(domain, 0.0)
        self.parts = {n: Parameters(x, domain) for n in self.PARTS if (x := getattr(model, n)) is not None}

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["parts"][name]
        except KeyError:
            return super().__getattr__(name)

    @property
    def constants(self) -> list[fem.Constant]:
        """Those of all parts."""
        return [c for part in self.parts.values() for c in part.constants]

    def assign(self, model: Any) -> None:
        """Take over the numbers of an exchange of the same structure."""
        for name, part in self.parts.items():
            part.assign(getattr(model, name))
