"""What a change of composition does to the electrons of a measured n-type card.

    carriers:
      concentration: 3e19 1/cm^3          # n_ref, at the composition at which the card was measured
      reference_composition: 0.2          # x_ref, mol of the diffusing species per mol host
      electrons_per_atom: 2               # z: Mg in excess is a donor of two electrons
      buffer: 50                          # B, atoms that come or go per atom that is seen by the electrons
      mobility_exponent: 0.5              # m in µ ~ n^m beyond what the filling of the band does; 0 where left out
      scattering_exponent: 0              # λ in τ ~ E^(λ - 1/2), of the band; 0 where left out

**Carriers.** Not the stock of Mg sets n but its chemical potential. Mg ⇌ Mg_i^{z+} + z e⁻ with [Mg_i] = n/z gives by
mass action n^{z+1} ~ exp(µ/RT), so that ln(n/n_ref) = Δµ/((z + 1) RT). Of the excess nearly all sits in second phases
and grain boundaries, which take up x_b mol per mol host and RT of potential: Δµ = RT (x − x_ref)/x_b. With the buffer B
in (z + 1) x_b = B n_ref V/(z N_A),

    n/n_ref = exp[z (x − x_ref) N_A/(B n_ref V)]

which is positive for any x and has the slope dn/dx = z N_A/(B V) at x_ref: a literal balance of mass, with the molar
volume V of the host, divided by B. Constant x_b and the mass action of few carriers are assumptions.
B = 1 counts every atom and is wrong by more than ten times: 20 µm of Mg₂Ni at both contacts of a leg of 6 mm take 1.1 %
of its Mg, or 5e20 electrons/cm³, where only 3e19 are.

**Transport.** One rigid parabolic band, relative to the card: the measured S(T) gives the filling F = n_ref/N of the
band, at n it is F n/n_ref, and with the functions of `band` at both fillings

    S = S_card S(F n/n_ref)/S(F)
    σ = σ_card (n/n_ref)^{1+m} µ(F n/n_ref)/µ(F)
    κ = κ_card + (L σ − L_card σ_card) T

exactly the card at n = n_ref. No effective mass and no mobility is needed. What is not in it: a second band, and a
change of the mobility with x other than that of m.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import ArrayLike
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, WithJsonSchema
from scipy.constants import Avogadro

from thermolyte import units
from thermolyte.materials.band_table import Filling, band_table, exponential
from thermolyte.materials.base import Array, Source

if TYPE_CHECKING:
    from thermolyte.materials.card import Card

NEEDED = ("seebeck_coefficient", "electrical_conductivity")
SCALAR = (*NEEDED, "thermal_conductivity")
ScatteringExponent = Annotated[
    Fraction,  # no float: it is compiled into the forms, and not one of the numbers that are live in them
    Field(gt=-0.25, le=2, description="λ in τ ~ E^(λ - 1/2): 0 acoustic phonons and alloy disorder, 2 ions"),
    AfterValidator(lambda λ: λ.limit_denominator(1000)),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]}),
]


@dataclass(frozen=True)
class Electrons:
    """S [V/K], σ [S/m] and what is added to κ [W/(m K)] of the card at another carrier concentration."""

    seebeck_coefficient: Any
    electrical_conductivity: Any
    thermal_conductivity_change: Any


class Carriers(BaseModel):
    """The carriers at the composition of the measurement, and how they and their mobility change with x.

    The functions take the numbers from `p`: the model itself, or its `Parameters`, which are live in a form.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    concentration: units.PositiveNumberDensity = Field(description="n_ref where the card was measured")
    reference_composition: units.Composition = Field(description="x_ref at which the card was measured")
    electrons_per_atom: units.PositiveFactor = Field(description="z that an atom of the diffusing species gives")
    buffer: Annotated[FiniteFloat, Field(ge=1, description="B: atoms per atom that is seen by the electrons")]
    mobility_exponent: FiniteFloat = Field(0.0, description="m in µ ~ n^m beyond the filling of the band")
    scattering_exponent: ScatteringExponent = Fraction(0)
    source: Source | None = None

    def check(self, card: Card) -> None:
        """Whether they describe the card.

        Raises:
            ValueError: a card with a model, without S, σ or host_molar_volume, or with principal axes of S, σ or κ;
                S not negative everywhere, or that of a metal; x_ref beyond saturation.
        """
        if card.model is not None:
            raise ValueError(f"carriers change a measured card, and {card.name} has a model: remove one of them")
        missing = [name for name in NEEDED if getattr(card, name) is None]
        missing += ["host_molar_volume"] if card.properties.host_molar_volume is None else []
        if missing:
            raise ValueError(f"carriers need {', '.join(missing)} of {card.name}: give it, or remove carriers")
        for name in SCALAR:
            if (found := getattr(card, name)) is not None and len(found.axes) > 1:
                raise ValueError(f"carriers change scalar properties, and {name} has principal axes: give one law")
        if card.saturation is not None and self.reference_composition > card.saturation:
            raise ValueError(
                f"carriers: reference_composition {self.reference_composition:g} is beyond the saturation of "
                f"{card.name}, {card.saturation:g}"
            )
        self._check_thermopower(card)

    def _check_thermopower(self, card: Card) -> None:
        assert card.seebeck_coefficient is not None  # by check
        law = card.seebeck_coefficient.axes[0]
        T, S = law.temperatures(), law(law.temperatures())
        i = int(np.argmax(S))
        if S[i] >= 0:
            raise ValueError(
                f"carriers are electrons, whose Seebeck coefficient is negative, but {card.name} has "
                f"{1e6 * S[i]:.4g} uV/K at {T[i]:g} K: two kinds of carriers, or a lost sign"
            )
        least = band_table(float(self.scattering_exponent)).thermopowers[0]
        if -S[i] < least:
            raise ValueError(
                f"carriers fill a band of a semiconductor, but {card.name} has {1e6 * S[i]:.4g} uV/K at {T[i]:g} K, "
                f"as a metal: the least is {1e6 * least:.2g} uV/K in magnitude"
            )

    def at(self, p: Any, ratio: Any, S: Any, σ: Any, T: Any) -> Electrons:
        """The electrons at `ratio` = n/n_ref, from S [V/K] and σ [S/m] of the card at T [K]; in numpy or in UFL."""
        table = band_table(float(self.scattering_exponent))
        card = table.filling(-S)
        now = Filling.of(card.value * ratio)
        mobility = table.mobility_ratio(now) / table.mobility_ratio(card)
        conductivity = σ * ratio * mobility * ratio**p.mobility_exponent
        heat = table.lorenz_number(now) * conductivity - table.lorenz_number(card) * σ
        thermopower = S * (table.seebeck_coefficient(now) / table.seebeck_coefficient(card))
        return Electrons(thermopower, conductivity, heat * T)

    def compositions(self, card: Card, points: int = 6) -> Array:
        """Compositions from 0 to saturation, or to x_ref where the card has none, with x_ref among them."""
        highest = card.saturation or self.reference_composition
        return np.unique([*np.linspace(0, highest, points), self.reference_composition])

    def electrons(self, card: Card, x: ArrayLike, T: ArrayLike) -> Electrons:
        """The electrons of the card at the composition x and at T in K; arrays broadcast."""
        S, σ = card.seebeck_coefficient, card.electrical_conductivity
        assert S is not None  # by check
        assert σ is not None
        ratio = carrier_ratio(self, np.asarray(x, dtype=float), card.properties.host_molar_volume)
        return self.at(self, ratio, S(T), σ(T), np.asarray(T, dtype=float))


def carrier_ratio(p: Any, x: Any, molar_volume: Any) -> Any:
    """n/n_ref = exp[z (x − x_ref) N_A/(B n_ref V)] [1]; V of the host in m³/mol; in numpy or in UFL."""
    per_composition = Avogadro * p.electrons_per_atom / (p.buffer * p.concentration * molar_volume)
    return exponential(per_composition * (x - p.reference_composition))


def carrier_concentration(p: Any, x: Any, molar_volume: Any) -> Any:
    """Carrier concentration n = n_ref (n/n_ref) [1/m³] at the composition x; V of the host in m³/mol."""
    return p.concentration * carrier_ratio(p, x, molar_volume)
