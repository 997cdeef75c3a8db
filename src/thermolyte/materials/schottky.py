"""Resistivity of a Schottky contact whose semiconductor loses or gains carriers.

Electrons tunnel at the Fermi level through the barrier φ_B of a depletion layer, which is the thinner the more donors
there are (field emission):

    ρ_c(n) = ρ_ref exp[φ_B/E_00(n) − φ_B/E_00(n_ref)],    E_00 = (e ħ/2) √(n/(m* ε_r ε_0))

or ρ_c ~ exp(const · φ_B/√n). What stands before the exponential hardly depends on n and is in ρ_ref, the resistivity
that was measured at n_ref. A contact without a barrier has none of this: its ρ_c is a constant.

It holds for E_00 ≫ k_B T. With n = 3e19 1/cm³, m* = m_e and ε_r = 25, values that are assumed here for Mg₃(Bi,Sb)₂,
E_00 = 20 meV, while k_B T is 26 meV at 300 K and 49 meV at 573 K: electrons are then excited thermally before they
tunnel, E_00 coth(E_00/k_B T) stands in place of E_00 and ρ_c depends less on n than here. φ_B fitted with this law is
therefore a parameter, smaller than the barrier of the same contact; the mass of tunnelling, that of one pocket across
the contact, is also smaller than the one of the density of states.

F. A. Padovani, R. Stratton, Solid-State Electron. 9 (1966) 695; C. Y. Chang, Y. K. Fang, S. M. Sze, Solid-State
Electron. 14 (1971) 541; S. M. Sze, K. K. Ng, Physics of Semiconductor Devices, 3rd ed. (Wiley, 2007), ch. 3.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from scipy.constants import e, epsilon_0, hbar, m_e

from thermolyte import units
from thermolyte.materials.band_table import exponential, square_root
from thermolyte.materials.base import Energy


class SchottkyContact(BaseModel):
    """ρ_c at one carrier concentration of the semiconductor, and the barrier that makes it depend on it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    contact_resistivity: units.ContactResistivity = Field(description="ρ_ref at `carrier_concentration`")
    barrier_height: Annotated[Energy, Field(gt=0, description="φ_B, such as '0.2 eV'")]
    carrier_concentration: units.PositiveNumberDensity = Field(description="n_ref of the semiconductor")
    effective_mass: units.PositiveFactor = Field(description="m* of tunnelling, in electron masses")
    relative_permittivity: units.PositiveFactor = Field(description="ε_r of the semiconductor, static")


def tunnelling_energy(p: Any, n: Any) -> Any:
    """E_00 = (e ħ/2) √(n/(m* ε_r ε_0)) [J] at the carrier concentration n [1/m³]; in numpy or in UFL.

    `p` holds effective_mass and relative_permittivity: a `SchottkyContact` or its `Parameters`.
    """
    return 0.5 * e * hbar / (m_e * epsilon_0) ** 0.5 * square_root(n / (p.effective_mass * p.relative_permittivity))


def contact_resistivity(p: Any, n: Any) -> Any:
    """ρ_c(n) = ρ_ref exp[φ_B/E_00(n) − φ_B/E_00(n_ref)] [Ω m²] at n [1/m³] > 0; in numpy or in UFL.

    `p` is a `SchottkyContact`, or its `Parameters`, which are live in a form.
    """
    barrier = p.barrier_height / tunnelling_energy(p, p.carrier_concentration)
    return p.contact_resistivity * exponential(barrier * (square_root(p.carrier_concentration / n) - 1))
