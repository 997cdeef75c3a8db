"""Electrical and thermal contact resistance between two regions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import ufl
from dolfinx import fem
from dolfinx import mesh as dmesh
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator
from ufl.core.expr import Expr

from thermolyte import units
from thermolyte.materials import CardReference, ContactResistivity, Property, ThermalContactResistance
from thermolyte.materials.schottky import SchottkyContact, contact_resistivity
from thermolyte.parameters import Parameters
from thermolyte.physics.local import CARRIERS, POTENTIAL, TEMPERATURE, Local

Fields = Mapping[str, Expr]


class Layer(BaseModel):
    """A layer too thin to mesh, as resistances in series with the contact: d/σ(T) and d/κ(T)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    material: CardReference
    thickness: units.PositiveLength

    @model_validator(mode="after")
    def _scalar(self) -> Layer:
        for p in (self.material.electrical_conductivity, self.material.thermal_conductivity):
            if p is not None and len(p.axes) > 1:
                raise ValueError(f"{self.material.name} has principal axes: give a card with its through-plane values")
        return self

    def over(self, name: str, thickness: Expr, T: Expr) -> Expr:
        """Thickness over a conductivity of the layer at T: its resistance times area."""
        conductivity: Property | None = getattr(self.material, name)
        return thickness / conductivity.ufl(T, 1) if conductivity else 0.0


def _kind(value: Any) -> str:
    """Tag of the resistivity that was meant: one with a barrier depends on the carriers."""
    barrier = "barrier_height" in value if isinstance(value, dict) else isinstance(value, SchottkyContact)
    return "of carriers" if barrier else "of temperature"


JunctionResistivity = Annotated[
    Annotated[ContactResistivity, Tag("of temperature")] | Annotated[SchottkyContact, Tag("of carriers")],
    Discriminator(_kind),
]


class Contact(BaseModel):
    """Electrical and thermal contact resistance between two regions a and b.

        J·n = (φ_a − φ_b)/ρ,  ρ = ρ_c + Σ d/σ       q·n = (T_a − T_b)/R,  R = R_th + Σ d/κ

    n points from a to b. The Joule heat ρ J² of the contact goes to both sides in halves. Laws of T are taken at the
    mean of the two sides; a resistivity with a barrier is one of the carrier concentration of the side whose card has
    `carriers`. What is not given does not jump.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: Literal["contact"] = "contact"
    contact_resistivity: JunctionResistivity | None = None
    thermal_contact_resistance: ThermalContactResistance | None = None
    layers: tuple[Layer, ...] = Field((), description="thin layers between the regions, not meshed")

    own_fields: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="after")
    def _not_empty(self) -> Contact:
        if not self.jumps:
            raise ValueError("give contact_resistivity, thermal_contact_resistance or layers, or remove the contact")
        return self

    @property
    def jumps(self) -> frozenset[str]:
        """The fields that jump across this contact."""
        electrical = self.contact_resistivity is not None or any(x.material.conducts for x in self.layers)
        thermal = self.thermal_contact_resistance is not None or bool(self.layers)
        return frozenset([POTENTIAL] * electrical + [TEMPERATURE] * thermal)

    def resistivity(self, p: ContactParameters, a: Fields, b: Fields) -> Expr:
        """ρ = ρ_c + Σ d/σ [Ω m²] at the mean temperature of the two sides."""
        T = _mean_temperature(a, b)
        contact = p.at("contact_resistivity", T) if p.schottky is None else _of_carriers(p.schottky, a, b)
        return (contact or 0.0) + sum(x.over("electrical_conductivity", d, T) for d, x in p.layers)

    def thermal_resistance(self, p: ContactParameters, T: Expr) -> Expr:
        """R(T) = R_th + Σ d/κ [K m²/W]."""
        contact = p.at("thermal_contact_resistance", T) or 0.0
        return contact + sum(x.over("thermal_conductivity", d, T) for d, x in p.layers)

    def thermal_resistance_between(self, p: ContactParameters, a: Fields, b: Fields) -> Expr:
        """R [K m²/W] at the mean temperature of the two sides."""
        return self.thermal_resistance(p, _mean_temperature(a, b))

    def current_density(self, p: ContactParameters, a: Fields, b: Fields) -> Expr:
        """J·n from a to b [A/m²]."""
        return (a[POTENTIAL] - b[POTENTIAL]) / self.resistivity(p, a, b)

    def joule_heat(self, p: ContactParameters, a: Fields, b: Fields) -> Expr:
        """(φ_a − φ_b) J·n = ρ J² [W/m²]."""
        return (a[POTENTIAL] - b[POTENTIAL]) * self.current_density(p, a, b)

    def residual(self, p: ContactParameters, a: Local, b: Local, n: Expr, dS: ufl.Measure) -> ufl.Form:
        """The terms ∮ J·n [ψ] and ∮ q·n [v] of both sides, with the Joule heat of the contact."""
        del n
        F = 0
        if POTENTIAL in self.jumps:
            F += self.current_density(p, a.u, b.u) * (a.v[POTENTIAL] - b.v[POTENTIAL]) * dS
            if TEMPERATURE in a.v:
                F -= self.joule_heat(p, a.u, b.u) / 2 * (a.v[TEMPERATURE] + b.v[TEMPERATURE]) * dS
        if TEMPERATURE in self.jumps and TEMPERATURE in a.v:
            q = (a.u[TEMPERATURE] - b.u[TEMPERATURE]) / self.thermal_resistance_between(p, a.u, b.u)
            F += q * (a.v[TEMPERATURE] - b.v[TEMPERATURE]) * dS
        return F

    def parameters(self, domain: dmesh.Mesh) -> ContactParameters:
        """Its numbers, live."""
        return ContactParameters(self, domain)


class ContactParameters(Parameters):
    """The numbers of a contact, of its barrier and its layers: `layers` pairs the thickness constant with the layer."""

    def __init__(self, model: Contact, domain: dmesh.Mesh):
        super().__init__(model, domain)
        barrier = model.contact_resistivity
        self.schottky = Parameters(barrier, domain) if isinstance(barrier, SchottkyContact) else None
        self._thickness = [Parameters(x, domain) for x in model.layers]
        self.layers = [(p.thickness, x) for p, x in zip(self._thickness, model.layers, strict=True)]

    @property
    def constants(self) -> list[fem.Constant]:
        """Those of the contact, then the thickness of each layer."""
        parts = [*([self.schottky] if self.schottky else []), *self._thickness]
        return super().constants + [c for p in parts for c in p.constants]

    def assign(self, model: Any) -> None:
        """Take over the numbers of a contact of the same structure."""
        super().assign(model)
        if self.schottky:
            self.schottky.assign(model.contact_resistivity)
        for p, x in zip(self._thickness, model.layers, strict=True):
            p.assign(x)


def _mean_temperature(a: Fields, b: Fields) -> Expr:
    return (a[TEMPERATURE] + b[TEMPERATURE]) / 2


def _of_carriers(p: Parameters, a: Fields, b: Fields) -> Expr:
    """ρ_c(n) of the side that has carriers."""
    return contact_resistivity(p, a[CARRIERS] if CARRIERS in a else b[CARRIERS])
