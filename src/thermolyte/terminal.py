"""Electrical terminals: a face (or several, joined by an ideal strap) behind a lead, at one voltage V.

J·n = (φ − V)/ρ_t on the face, and V is one global unknown closed by a I + b V = c with I [A] flowing out of the body.
The current is therefore positive, and V I a power that the device delivers, when a generator feeds its load.
To add a kind of terminal, add a class with its `closure` and name it in `Terminal`.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import ufl
from dolfinx import fem
from dolfinx import mesh as dmesh
from pydantic import BaseModel, ConfigDict, Field
from ufl.core.expr import Expr

from thermolyte import units
from thermolyte.electrode_kinetics import ElectrodeKinetics
from thermolyte.parameters import Parameters
from thermolyte.physics.local import IONIC_POTENTIAL, POTENTIAL, Local

Closure = tuple[float, float, float]
IDEAL_LEAD = 1e-14  # Ω·m²: 3e-7 of a 6 mm leg at 1e5 S/m, still well conditioned


class Variation(BaseModel):
    """A lead that is not at one potential: V + amplitude · cos(2π x/wavelength) along x (r in a section r z)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    amplitude: units.Voltage
    wavelength: units.PositiveLength

    def potential(self, p: Parameters, here: Local) -> Expr:
        """What is added to V [V]."""
        return p.amplitude * ufl.cos(2 * np.pi * here.x[0] / p.wavelength)


class Lead(BaseModel):
    """What all terminals have: the faces and the contact resistivity between lead and body."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    on: str | tuple[str, ...] | None = Field(
        None, description="boundary, or boundaries joined by an ideal strap; default: the terminal's name"
    )
    contact_resistivity: units.ContactResistivity = IDEAL_LEAD
    charge_transfer: ElectrodeKinetics | None = Field(
        None, description="kinetics of an electrode of lithium right on a face of the electrolyte, not meshed"
    )
    variation: Variation | None = Field(
        None, description="of the potential along the face, such as that of a row of electrodes; default: none"
    )
    fixes_level: ClassVar[bool] = False  # whether it ties the potential to an absolute value

    def parameters(self, domain: dmesh.Mesh) -> LeadParameters:
        """Its numbers, live; those of the closure are set by themselves."""
        return LeadParameters(self, domain)

    def current_density(self, p: LeadParameters, here: Local, V: Expr) -> Expr:
        """J·n out of the body [A/m²].

        (φ − V)/ρ_t, φ of electrons where they move, of ions in an electrolyte; or the kinetics of an ideal electrode.
        """
        if self.variation is not None and p.variation is not None:
            V = V + self.variation.potential(p.variation, here)
        if self.charge_transfer is not None and p.kinetics is not None:
            return self.charge_transfer.current_density(p.kinetics, here, V)
        phi = here.u[POTENTIAL if POTENTIAL in here.u else IONIC_POTENTIAL]
        return (phi - V) / p.contact_resistivity

    def faces(self, name: str) -> tuple[str, ...]:
        """Boundaries of this terminal, whose name is `name`."""
        return (self.on or name,) if not isinstance(self.on, tuple) else self.on


class LeadParameters(Parameters):
    """The numbers of a lead, those of its electrode under `kinetics`, of its potential along the face `variation`."""

    def __init__(self, model: Lead, domain: dmesh.Mesh):
        super().__init__(model, domain, only=("contact_resistivity",))
        self.kinetics = Parameters(model.charge_transfer, domain) if model.charge_transfer else None
        self.variation = Parameters(model.variation, domain) if model.variation else None

    @property
    def constants(self) -> list[fem.Constant]:
        """Those of the lead, then those of its electrode and of its variation."""
        return super().constants + [c for part in (self.kinetics, self.variation) if part for c in part.constants]

    def assign(self, model: Any) -> None:
        """Take over the numbers of a lead of the same structure."""
        super().assign(model)
        if self.kinetics:
            self.kinetics.assign(model.charge_transfer)
        if self.variation:
            self.variation.assign(model.variation)


class Voltage(Lead):
    """V = voltage [V]."""

    type: Literal["voltage"]
    voltage: units.Voltage
    fixes_level: ClassVar[bool] = True

    @property
    def closure(self) -> Closure:
        """(a, b, c) of a I + b V = c."""
        return 0.0, 1.0, self.voltage


class Ground(Lead):
    """V = 0."""

    type: Literal["ground"]
    fixes_level: ClassVar[bool] = True

    @property
    def closure(self) -> Closure:
        """(a, b, c) of a I + b V = c."""
        return 0.0, 1.0, 0.0


class Current(Lead):
    """I = current [A], positive out of the body."""

    type: Literal["current"]
    current: units.Current

    @property
    def closure(self) -> Closure:
        """(a, b, c) of a I + b V = c."""
        return 1.0, 0.0, self.current


class Open(Lead):
    """I = 0: open circuit, or an ideal strap that floats."""

    type: Literal["open"]

    @property
    def closure(self) -> Closure:
        """(a, b, c) of a I + b V = c."""
        return 1.0, 0.0, 0.0


class Load(Lead):
    """V = R I: an external load resistance to ground."""

    type: Literal["load"]
    resistance: units.Resistance
    fixes_level: ClassVar[bool] = True

    @property
    def closure(self) -> Closure:
        """(a, b, c) of a I + b V = c."""
        return 1.0, -1.0 / self.resistance, 0.0


Terminal = Annotated[Voltage | Ground | Current | Open | Load, Field(discriminator="type")]


def opened(terminal: Lead) -> Open:
    """The same terminal without a current."""
    shared = {name: getattr(terminal, name) for name in Lead.model_fields}
    return Open(type="open", **shared)
