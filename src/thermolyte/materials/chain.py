"""Linear chain of cage walls M and guests m: the avoided crossing of an acoustic branch and a rattling mode.

Walls are coupled to each other by K_1, a guest to its two walls by K_2. In units of ω_2 = √(K_2/m), with β = m/M and
γ = ω_1²/ω_2² = (K_1/M)/(K_2/m), both branches are exact for all masses and springs:

    ω²/ω_2² = 2 − g ± √(g² + 4β cos²(qd/2)),    g = 1 − β − γ(1 − cos qd)

M. Christensen et al., Nat. Mater. 7 (2008) 811; S. Han et al., "Giant phonon softening and avoided crossing in
aliovalence-doped heavy-band thermoelectrics", supplementary equations S3-S9. There S7 is misprinted: its bracket
[1 − cos(qd/2)/α − 2] must read [1 − cos(qd/2)/α]; S8 and S9 are right and give the above, but 0/0 at qd = π.

The chain explains the shape of a crossing. It is no model of κ_L: going from β = 0.189 to 0.291 lowers the mean of v²
over the lower branch by 6 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from thermolyte.errors import InputError
from thermolyte.materials.base import Array


@dataclass(frozen=True)
class Chain:
    """Guests of mass ratio β = m/M in a chain of walls, γ = ω_1²/ω_2²; frequencies in ω_2, velocities in ω_2 d."""

    mass_ratio: float
    stiffness_ratio: float

    def __post_init__(self) -> None:
        if not (self.mass_ratio > 0 and self.stiffness_ratio > 0):
            raise InputError(
                f"a chain needs positive mass_ratio and stiffness_ratio, not {self.mass_ratio:g} and "
                f"{self.stiffness_ratio:g}"
            )

    def frequencies(self, qd: ArrayLike) -> tuple[Array, Array]:
        """ω of the lower and the upper branch [ω_2] at the phase qd [rad]; their product is 2 sin(qd/2) √(2γ + β)."""
        qd = np.asarray(qd, dtype=float)
        g, root = self._terms(qd)
        upper = np.sqrt(2.0 - g + root)
        lower = 2.0 * np.abs(np.sin(0.5 * qd)) * np.sqrt(2.0 * self.stiffness_ratio + self.mass_ratio) / upper
        return lower, upper

    def group_velocities(self, qd: ArrayLike) -> tuple[Array, Array]:
        """dω/dq of the lower and the upper branch [ω_2 d] at 0 < qd ≤ π; `sound_velocity` is the limit at qd = 0."""
        qd = np.asarray(qd, dtype=float)
        g, root = self._terms(qd)
        dg = -self.stiffness_ratio * np.sin(qd)
        droot = (g * dg - self.mass_ratio * np.sin(qd)) / root
        lower, upper = self.frequencies(qd)
        return 0.5 * (-dg - droot) / lower, 0.5 * (-dg + droot) / upper

    def _terms(self, qd: Array) -> tuple[Array, Array]:
        """The g of the dispersion, and its square root."""
        g = 1.0 - self.mass_ratio - self.stiffness_ratio * (1.0 - np.cos(qd))
        return g, np.sqrt(g**2 + 4.0 * self.mass_ratio * np.cos(0.5 * qd) ** 2)

    def bare_frequencies(self, qd: ArrayLike) -> tuple[Array, Array]:
        """ω of the walls with the guests held, and of the guests with the walls held [ω_2]: what would cross."""
        walls = np.sqrt(2.0 * self.stiffness_ratio * (1.0 - np.cos(qd)) + 2.0 * self.mass_ratio)
        return np.asarray(walls), np.full_like(walls, np.sqrt(2.0))

    @property
    def sound_velocity(self) -> float:
        """dω/dq at qd → 0: √((γ + β/2)/(1 + β)) [ω_2 d]."""
        return float(np.sqrt((self.stiffness_ratio + 0.5 * self.mass_ratio) / (1.0 + self.mass_ratio)))

    @property
    def optical_limit(self) -> float:
        """Upper ω at q = 0: √(2(1 + β)) [ω_2]."""
        return float(np.sqrt(2.0 * (1.0 + self.mass_ratio)))

    @property
    def zone_edge(self) -> tuple[float, float]:
        """ω at qd = π: the guests alone, √2, and the walls alone, √(4γ + 2β), in order [ω_2]."""
        low, high = sorted((np.sqrt(2.0), np.sqrt(4.0 * self.stiffness_ratio + 2.0 * self.mass_ratio)))
        return float(low), float(high)

    @property
    def bare_crossing(self) -> float | None:
        """Phase qd [rad] where g = 0 and the bare branches cross: cos qd = 1 − (1 − β)/γ; None if they do not.

        There ω_+² − ω_−² = 4 √β cos(qd/2).
        """
        cosine = 1.0 - (1.0 - self.mass_ratio) / self.stiffness_ratio
        return float(np.arccos(cosine)) if -1.0 <= cosine <= 1.0 else None

    @property
    def gap(self) -> float:
        """Least ω_+ − ω_− at one q [ω_2]: √(β(2 − 1/γ)), or at the zone edge if there is no minimum before it."""
        if self.gap_position < np.pi:
            return float(np.sqrt(self.mass_ratio * (2.0 - 1.0 / self.stiffness_ratio)))
        low, high = self.zone_edge
        return high - low

    @property
    def gap_position(self) -> float:
        """Phase qd [rad] of the least distance: sin(qd/2) = √(2γ + β)/(2γ), or π."""
        sine = np.sqrt(2.0 * self.stiffness_ratio + self.mass_ratio) / (2.0 * self.stiffness_ratio)
        return float(2.0 * np.arcsin(min(sine, 1.0)))

    def mean_square_velocity(self, points: int = 4000) -> float:
        """Mean of v² of the lower branch over the Brillouin zone [(ω_2 d)²], by the midpoint rule."""
        lower, _ = self.group_velocities(np.pi * (np.arange(points) + 0.5) / points)
        return float(np.mean(lower**2))


def guest_mass_ratio(mass: float = 178.49) -> float:
    """β = m/(4 m_Fe + 6 m_Sb) [1] of a guest of `mass` [Da] in the cage of NbFeSb; hafnium if not said.

    0.1871 for hafnium; Han et al. print 0.189, which is near tantalum's 0.1897. For their 278 Da it is 0.2914.
    """
    return mass / (4 * 55.845 + 6 * 121.76)
