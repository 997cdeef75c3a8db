"""Lattice thermal conductivity κ_L(x, T) of a card: Debye-Callaway, or Klemens' disorder on a power law.

    law: debye_callaway                       law: klemens
    sound_velocity: 4.0 km/s                  sound_velocity: 4.0 km/s
    debye_temperature: 458 K                  debye_temperature: 458 K
    lattice_parameter: 5.95 angstrom          volume_per_atom: 17.55 angstrom^3
    atoms_per_cell: 12                        conductivity: 17.1 W/(m*K)
    boundary_length: 1 um                     exponent: 1
    umklapp: 2.961e-18 s/K                    mass_contrast: {host_mass: 92.906 Da, dopant_mass: 178.49 Da,
    mass_contrast: {...}                                      other_masses: [55.845 Da, 121.76 Da]}
    doping_scattering: 5.3e-15 s

Neither predicts κ_0: its numbers are calibrated (`lattice_fit.calibrate`). Nor does mass contrast predict all of the
drop on doping: what is left is the rate `doping_scattering`, calibrated on one sample and not a prediction of others.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator
from ufl.core.expr import Expr as UflExpr

from thermolyte import units
from thermolyte.materials.base import Source
from thermolyte.materials.composition import clipped
from thermolyte.materials.lattice import Rates, debye_callaway, klemens_ratio
from thermolyte.materials.point_defects import PointDefects, disorder, rate_coefficient

ROOM = 300.0
"""K; where the conductivity of a power law is given."""


class LatticeModel(BaseModel):
    """What every lattice model has: a Debye solid, and what its foreign atoms weigh."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    ADJUSTABLE: ClassVar[dict[str, str]]
    """Fields that a calibration may fit, and their units."""

    sound_velocity: units.Velocity = Field(description="v, mean over the acoustic branches")
    debye_temperature: units.Temperature = Field(description="θ_D")
    volume_per_atom: units.AtomicVolume | None = Field(None, description="Ω; or lattice_parameter and atoms_per_cell")
    lattice_parameter: units.PositiveLength | None = Field(None, description="edge of the cubic cell")
    atoms_per_cell: int | None = Field(None, ge=1, description="atoms in the cubic cell")
    mass_contrast: PointDefects | None = Field(None, description="point defects; a pure compound has none")
    uncertainty: units.Fraction | None = Field(None, description="relative, of κ_L")
    source: Source | None = None

    @model_validator(mode="after")
    def _one_volume(self) -> Self:
        cell = (self.lattice_parameter is not None, self.atoms_per_cell is not None)
        if cell[0] != cell[1]:
            raise ValueError("lattice_parameter and atoms_per_cell go together: give both, or volume_per_atom")
        if (self.volume_per_atom is None) != all(cell):
            raise ValueError("give volume_per_atom, or lattice_parameter and atoms_per_cell, and not both")
        return self

    @property
    def atomic_volume(self) -> float:
        """Ω [m³]: as given, or a³/atoms_per_cell."""
        if self.lattice_parameter is None or self.atoms_per_cell is None:
            assert self.volume_per_atom is not None  # by _one_volume
            return float(self.volume_per_atom)
        return float(self.lattice_parameter**3 / self.atoms_per_cell)

    def scattering_parameter(self, x: Any) -> Any:
        """Γ [1] at the doping x; 0 without mass contrast."""
        return 0.0 * x if self.mass_contrast is None else self.mass_contrast.scattering_parameter(x)

    def lattice_thermal_conductivity(self, x: Any, T: Any) -> Any:
        """κ_L [W/(m K)] at the doping x [1] and the temperature T > 0 [K]: numbers, arrays or UFL expressions.

        Arrays broadcast; x is held within 0...1, so that a solver on its way meets no negative rate.
        """
        return self._conductivity(_value(clipped(x, 0.0, 1.0)), _value(T))

    @abstractmethod
    def _conductivity(self, x: Any, T: Any) -> Any: ...


class DebyeCallaway(LatticeModel):
    """κ_L of 1/τ = v/L + A ω⁴ + B ω² T exp(−θ/3T) + c x ω² [1/s], A = ΩΓ(x)/(4πv³); see `lattice.debye_callaway`."""

    law: Literal["debye_callaway"] = "debye_callaway"
    boundary_length: units.PositiveLength | None = Field(None, description="L, grain size; none without boundaries")
    umklapp: units.UmklappCoefficient = Field(description="B, calibrated to the pure compound")
    doping_scattering: units.ScatteringCoefficient = Field(
        0.0, description="c, calibrated to a doped sample: what carriers and softening add to mass contrast"
    )
    ADJUSTABLE = {"umklapp": "s/K", "boundary_length": "m", "doping_scattering": "s"}

    def _conductivity(self, x: Any, T: Any) -> Any:
        v = self.sound_velocity
        rates = Rates(
            boundary=0.0 if self.boundary_length is None else v / self.boundary_length,
            point_defect=rate_coefficient(self.scattering_parameter(x), self.atomic_volume, v),
            umklapp=self.umklapp,
            carriers=self.doping_scattering * x,
        )
        return debye_callaway(T, v, self.debye_temperature, rates)


class Klemens(LatticeModel):
    """κ_L = κ_0 arctan(u)/u, u² = π² θ_D Ω κ_0 Γ(x)/(h v²), with κ_0 = κ_300 (300 K/T)^p.

    The limit of Debye-Callaway at T ≫ θ_D with Umklapp and point-defect scattering alone.
    """

    law: Literal["klemens"] = "klemens"
    conductivity: units.ThermalConductivity = Field(description="κ_300, of the pure compound at 300 K")
    exponent: units.PowerLawExponent = Field(1.0, description="p; 1 where Umklapp scattering dominates")
    ADJUSTABLE = {"conductivity": "W/(m*K)", "exponent": "1"}

    def _conductivity(self, x: Any, T: Any) -> Any:
        κ_0 = self.conductivity * (ROOM / T) ** self.exponent
        Γ = self.scattering_parameter(x)
        return κ_0 * klemens_ratio(disorder(Γ, κ_0, self.debye_temperature, self.atomic_volume, self.sound_velocity))


LatticeLaw = Annotated[DebyeCallaway | Klemens, Field(discriminator="law")]
"""The lattice models of a card, told apart by their key `law`."""


def _value(x: Any) -> Any:
    return x if isinstance(x, UflExpr) else np.asarray(x, dtype=float)
