"""Power-law creep, as lithium shows it at room temperature."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import ufl
from numpy.typing import ArrayLike
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from scipy.constants import Avogadro, Boltzmann

from thermolyte import units
from thermolyte.materials.base import Array, Energy, Expr, Source


def _not_negative(energy: float) -> float:
    if energy < 0:
        raise ValueError("activation energy is negative: creep would slow down when heated")
    return energy


class Creep(BaseModel):
    """ε̇ = A exp(−E/(k_B T)) (σ/σ_0)^n [1/s]: equivalent creep strain rate under the von Mises stress σ ≥ 0.

    W. S. LePage et al., J. Electrochem. Soc. 166 (2019) A89, doi:10.1149/2.0221902jes, for lithium.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    prefactor: units.Rate = Field(description="A")
    exponent: float = Field(ge=1, le=50, description="n")
    reference_stress: units.PositiveStress = Field(description="σ_0")
    activation_energy: Annotated[Energy, AfterValidator(_not_negative)] = Field(description="E, per mole or per atom")
    uncertainty: units.Fraction | None = Field(None, description="relative, of the rate")
    source: Source | None = None

    def __call__(self, stress: ArrayLike, T: ArrayLike) -> Array:
        """Rate in 1/s at the von Mises stress in Pa and the temperature in K."""
        thermal = np.exp(-self.activation_energy / Boltzmann / np.asarray(T, dtype=float))
        return np.asarray(self.prefactor * thermal * (np.asarray(stress) / self.reference_stress) ** self.exponent)

    def ufl(self, stress: Expr, T: Expr) -> Expr:
        """The same in UFL."""
        thermal = ufl.exp(-self.activation_energy / Boltzmann / T)
        return self.prefactor * thermal * (stress / self.reference_stress) ** self.exponent

    def __str__(self) -> str:
        """The law with its numbers."""
        energy = self.activation_energy * Avogadro / 1e3
        stress = self.reference_stress / 1e6
        return f"{self.prefactor:g} exp(-{energy:g} kJ/mol/RT) (σ/{stress:g} MPa)^{self.exponent:g}"
