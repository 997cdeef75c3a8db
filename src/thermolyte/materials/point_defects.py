"""Point defects: how strongly foreign atoms scatter phonons, from masses, radii, or a measured series.

P. G. Klemens, Proc. Phys. Soc. A 68 (1955) 1113; several sites in a formula unit
after G. A. Slack, Phys. Rev. 126 (1962) 427, and J. Yang, G. P. Meisner, L. Chen, Appl. Phys. Lett. 85 (2004) 1140.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict, Field
from scipy.constants import Planck
from scipy.optimize import least_squares

from thermolyte import units
from thermolyte.errors import InputError
from thermolyte.materials.composition import clipped
from thermolyte.materials.lattice import klemens_ratio


class PointDefects(BaseModel):
    """Γ = (c/n) x(1 − x) [(ΔM/M)² + ε (M_s/M)² (Δr/r)²] [1], a share x of foreign atoms on c of n sites.

    M_s = (1 − x) M_host + x M_dopant is the mean mass of the doped site and M = (c M_s + Σ M_other)/n that of all
    atoms. Without other atoms M = M_s, and Γ is that of a simple lattice. Masses are known beforehand;
    ε comes from a fit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    host_mass: units.AtomicMass = Field(description="of the atom that is replaced")
    dopant_mass: units.AtomicMass = Field(description="of the atom that replaces it")
    multiplicity: int = Field(1, ge=1, description="c, doped sites per formula unit")
    other_masses: tuple[units.AtomicMass, ...] = Field((), description="of all other atoms of the formula unit")
    strain_factor: units.StrainFactor = Field(0.0, description="ε")
    radius_contrast: units.RadiusContrast = Field(0.0, description="Δr/r, relative difference of the radii")

    def scattering_parameter(self, x: Any) -> Any:
        """Γ [1] at the doping x, held within 0...1; x is a number, an array or a UFL expression."""
        x = clipped(x, 0.0, 1.0)
        sites = self.multiplicity + len(self.other_masses)
        site = self.host_mass + x * (self.dopant_mass - self.host_mass)
        mean = (self.multiplicity * site + sum(self.other_masses)) / sites
        mass = (self.dopant_mass - self.host_mass) ** 2
        strain = self.strain_factor * (site * self.radius_contrast) ** 2
        return self.multiplicity / sites * x * (1.0 - x) * (mass + strain) / mean**2


def rate_coefficient(Γ: Any, volume_per_atom: float, sound_velocity: float) -> Any:
    """A = Ω Γ/(4π v³) [s³] of the Rayleigh rate A ω⁴; Ω [m³], v [m/s]."""
    return volume_per_atom / (4.0 * np.pi * sound_velocity**3) * Γ


def disorder(Γ: Any, κ_0: Any, debye_temperature: float, volume_per_atom: float, sound_velocity: float) -> Any:
    """u² = π² θ_D Ω κ_0 Γ/(h v²) [1] of Klemens' κ_L/κ_0 = arctan(u)/u; κ_0 [W/(m K)] without defects."""
    return np.pi**2 * debye_temperature * volume_per_atom / (Planck * sound_velocity**2) * κ_0 * Γ


class Strength(NamedTuple):
    """A of u² = A x(1 − x), fitted to a series; `rmse` is that of κ_L/κ_0 over its doped samples."""

    value: float
    standard_error: float | None
    rmse: float

    def ratio(self, x: Any) -> Any:
        """κ_L/κ_0 [1] at the doping x."""
        return klemens_ratio(self.value * x * (1.0 - x))


def fit_strength(x: ArrayLike, ratio: ArrayLike) -> Strength:
    """A of κ_L/κ_0 = arctan(u)/u with u² = A x(1 − x), least squares in the ratio; x = 0 says nothing and is left out.

    The standard error is None where one sample leaves no residual to judge by.

    Raises:
        InputError: no doped sample, or x beyond 1, or ratios that are not positive.
    """
    x, ratio = np.asarray(x, dtype=float), np.asarray(ratio, dtype=float)
    if np.any(x < 0) or np.any(x >= 1) or np.any(ratio <= 0):
        raise InputError("a doping series needs 0 ≤ x < 1 and positive κ_L/κ_0")
    x, ratio = x[x > 0], ratio[x > 0]
    if not len(x):
        raise InputError("a doping series needs a sample with x > 0")

    def residual(log_A: np.ndarray) -> np.ndarray:
        return np.asarray(klemens_ratio(np.exp(log_A[0]) * x * (1.0 - x)) - ratio)

    found = least_squares(residual, [3.0], xtol=1e-14, ftol=1e-14, gtol=1e-14)
    A, squares, freedom = float(np.exp(found.x[0])), 2.0 * found.cost, len(x) - 1
    error = A * float(np.sqrt(squares / freedom / np.sum(np.asarray(found.jac) ** 2))) if freedom else None
    return Strength(A, error, float(np.sqrt(squares / len(x))))
