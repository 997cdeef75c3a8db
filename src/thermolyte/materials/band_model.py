"""The electrons of a material card: one parabolic band filled by doping, and the band across the gap if it is named.

    band:
      carriers: holes
      effective_mass: 6.9                       # of the density of states, in electron masses
      scattering_exponent: 0                    # λ in τ ~ E^(λ - 1/2): acoustic phonons, alloy disorder
      weighted_mobility: 300 cm^2/(V*s)         # at `reference`; proportional to T^mobility_exponent
      reference: 300 K
      mobility_exponent: -0.5                   # alloy disorder; acoustic phonons: -1.5
      carriers_per_dopant: 1                    # Hf on Nb: one hole
      dopant_sites: 4                           # Nb sites in a cell
      lattice_parameter: 5.95 angstrom          # of the cubic cell; or cell_volume
      background_concentration: 1e19 1/cm^3     # at x = 0
      minority:                                 # the conduction band; left out, there is none
        band_gap: 0.5 eV
        effective_mass: 2
        weighted_mobility: 50 cm^2/(V*s)
        mobility_exponent: -0.5

The numbers show the form and are no fit. x is the fraction of the dopant sites that hold a dopant; the bands are rigid:
x fills them and does not change them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

import numpy as np
import ufl
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator
from scipy.constants import Boltzmann, e
from ufl.core.expr import Expr as UflExpr

from thermolyte import units
from thermolyte.materials import fermi
from thermolyte.materials.band import Transport, effective_density, parallel_bands
from thermolyte.materials.band_table import HIGHEST_LEVEL, BandTable, Filling, band_table
from thermolyte.materials.base import Energy
from thermolyte.materials.composition import at_least
from thermolyte.materials.neutrality import neutral_fillings

LEVELS = (-20.0, HIGHEST_LEVEL)
"""Reduced Fermi levels that are accepted: below, S is above 1.9 mV/K and other carriers take over in any material."""
LEAST_TEMPERATURE = 1.0
"""K; what a Newton iterate below it is evaluated at, so that T^{3/2} and E_g/(k_B T) stay finite."""
LEAST_CONCENTRATION = 1e-20
"""1/m³; in place of no carriers at all, so that ln n stays finite."""


class Band(BaseModel):
    """A parabolic band with its scattering."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    effective_mass: units.PositiveFactor = Field(description="m_d of the density of states, in electron masses")
    scattering_exponent: Annotated[float, Field(gt=-0.25, le=2, description="λ in τ ~ E^(λ - 1/2)")] = 0.0
    weighted_mobility: units.Mobility = Field(description="µ_w = µ_0 m_d^(3/2) at the temperature `reference`")
    reference: units.Temperature = 300.0
    mobility_exponent: FiniteFloat = Field(description="r in µ_w ~ T^r: -3/2 acoustic phonons, -1/2 alloy disorder")

    def density(self, T: Any) -> Any:
        """N = 4π (2 m_d k_B T/h²)^{3/2} [1/m³], in numpy or in UFL."""
        return float(effective_density(self.effective_mass, 1.0)) * T**1.5

    def transport(self, at: Filling, T: Any) -> Transport:
        """S (of holes), σ = e n µ and L of the band filled to n/N, in numpy or in UFL."""
        mobility = self.weighted_mobility * (T / self.reference) ** self.mobility_exponent
        σ = e * float(effective_density(1.0, 1.0)) * T**1.5 * at.value * mobility * self.table.mobility_ratio(at)
        return Transport(self.table.seebeck_coefficient(at), σ, self.table.lorenz_number(at))

    @property
    def table(self) -> BandTable:
        """The tabulated functions for the scattering exponent of the band."""
        return band_table(self.scattering_exponent)


class MinorityBand(Band):
    """The band across the gap, with carriers of the other sign."""

    band_gap: Annotated[Energy, Field(gt=0, description="E_g, such as '0.5 eV'")]


class ParabolicBand(Band):
    """S, σ, L and κ_e of the dopant fraction x [1] and the temperature T [K], each in numpy or in UFL.

    One parabolic band; with `minority`, two across a gap and in equilibrium, charge neutrality solved for. Arrays
    broadcast. Outside of the range that `check` accepts the functions go on as constants, as a solver may need.
    """

    carriers: Literal["holes", "electrons"]
    carriers_per_dopant: units.PositiveFactor = Field(1.0, description="what a dopant gives: its valence, less losses")
    dopant_sites: units.PositiveFactor = Field(description="sites for the dopant in the cell")
    lattice_parameter: units.PositiveLength | None = Field(None, description="of a cubic cell")
    cell_volume: units.PositiveVolume | None = Field(None, description="volume that holds `dopant_sites`")
    background_concentration: units.NumberDensity = Field(0.0, description="carriers at x = 0")
    minority: MinorityBand | None = Field(None, description="the band across the gap; without it there is none")

    @model_validator(mode="after")
    def _one_volume(self) -> Self:
        if (self.lattice_parameter is None) == (self.cell_volume is None):
            raise ValueError("give the cell once: lattice_parameter of a cubic cell, or cell_volume")
        return self

    def carrier_concentration(self, x: Any) -> Any:
        """Net concentration n = n_0 + z x (sites/volume) [1/m³]: of holes less electrons, or the other way round."""
        volume = self.cell_volume if self.lattice_parameter is None else self.lattice_parameter**3
        assert volume is not None  # by _one_volume
        return self.background_concentration + self.carriers_per_dopant * self.dopant_sites / volume * x

    def reduced_fermi_level(self, x: Any, T: Any) -> Any:
        """η = (E_F − E_band)/(k_B T) [1], counted into the band of the majority."""
        x, T = _together(x, T)
        return self.table.reduced_level(self._fillings(x, T)[0])

    def seebeck_coefficient(self, x: Any, T: Any) -> Any:
        """S [V/K], with the sign of the carriers."""
        return self._transport(x, T).seebeck_coefficient

    def electrical_conductivity(self, x: Any, T: Any) -> Any:
        """σ [S/m]."""
        return self._transport(x, T).electrical_conductivity

    def lorenz_number(self, x: Any, T: Any) -> Any:
        """L = κ_e/(σT) [V²/K²], with the bipolar part."""
        return self._transport(x, T).lorenz_number

    def electronic_thermal_conductivity(self, x: Any, T: Any) -> Any:
        """κ_e = L σ T [W/(m K)], with the bipolar part."""
        whole = self._transport(x, T)
        return whole.lorenz_number * whole.electrical_conductivity * T

    def check(self, x: tuple[float, float], T: tuple[float, float]) -> None:
        """Whether the model holds from the lowest to the highest x [1] and T [K].

        Raises:
            ValueError: x outside 0...1; T ≤ 0; a gap below k_B T; a reduced Fermi level outside −20...100 (its lower
                bound for one band only: two have carriers without any doping).
        """
        if not 0 <= x[0] <= x[1] <= 1:
            raise ValueError(f"dopant fraction from {x[0]:g} to {x[1]:g}: x is a fraction of sites, from 0 to 1")
        if not 0 < T[0] <= T[1]:
            raise ValueError(f"temperature from {T[0]:g} K to {T[1]:g} K: write [lowest, highest] above 0 K")
        if self.minority is not None and self.minority.band_gap < Boltzmann * T[1]:
            raise ValueError(
                f"band_gap {self.minority.band_gap / e:.3g} eV is below k_B T at {T[1]:g} K, where the two parabolic "
                "bands are no model of the material: end the range of T earlier"
            )
        for fraction, temperature in ((x[1], T[0]), (x[0], T[1])):  # the fullest and the emptiest band
            self._check_level(fraction, temperature)

    def _check_level(self, x: float, T: float) -> None:
        n = float(self.carrier_concentration(x))
        where = f"of the band model at x = {x:g} and T = {T:g} K"
        if n == 0:
            if self.minority is None:
                raise ValueError(f"no carriers {where}: give background_concentration, or the minority band")
            return
        η = float(fermi.reduced_fermi_level(n / self.density(T)))
        if η > LEVELS[1] or (η < LEVELS[0] and self.minority is None):
            raise ValueError(
                f"reduced Fermi level {η:.4g} {where} is outside of {LEVELS[0]:g} to {LEVELS[1]:g} "
                f"({n / 1e6:.3g} carriers per cm^3): check dopant_sites, lattice_parameter or cell_volume, "
                "background_concentration and effective_mass"
            )

    def _transport(self, x: Any, T: Any) -> Transport:
        x, T = _together(x, T)
        filling, other = self._fillings(x, T)
        sign = 1.0 if self.carriers == "holes" else -1.0
        own = _signed(self.transport(filling, T), sign)
        if self.minority is None or other is None:
            return own
        return parallel_bands(own, _signed(self.minority.transport(other, T), -sign))

    def _fillings(self, x: Any, T: Any) -> tuple[Filling, Filling | None]:
        """Of the band and, if there is one, of the other one."""
        net = at_least(self.carrier_concentration(x), LEAST_CONCENTRATION)
        if self.minority is None:
            return Filling.of(net / self.density(T)), None
        gap = self.minority.band_gap / Boltzmann / T
        F, other = neutral_fillings(net, self.density(T), self.minority.density(T), gap, self.table)
        return Filling.of(F), Filling.of(other)


def _signed(transport: Transport, sign: float) -> Transport:
    return transport._replace(seebeck_coefficient=sign * transport.seebeck_coefficient)


def _together(x: Any, T: Any) -> tuple[Any, Any]:
    """Both in UFL if one of them is, else both as arrays; T not below 1 K."""
    if isinstance(x, UflExpr) or isinstance(T, UflExpr):
        return ufl.as_ufl(x), at_least(ufl.as_ufl(T), LEAST_TEMPERATURE)
    return np.asarray(x, dtype=float), at_least(np.asarray(T, dtype=float), LEAST_TEMPERATURE)
