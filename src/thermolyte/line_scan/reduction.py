"""From R(x) to σ of each region and ρ_c of each junction, as an experimenter takes them from the curve."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

from thermolyte.line_scan.track import Samples, Side, Track

Array = NDArray[np.float64]


class Reduction(NamedTuple):
    """What a scan says, and the fits R(x) [Ω] that say it."""

    conductivity: dict[str, float]
    """σ [S/m] by stretch."""
    local_conductivity: dict[str, float]
    """σ [S/m] of each stretch in the window beside a junction, by the name of the side."""
    contact_resistivity: dict[str, float]
    """ρ_c [Ω·m²] by junction."""
    whole: dict[str, Polynomial]
    beside: dict[Side, Polynomial]


def reduce(track: Track, distances: Array, resistance: Array, samples: Samples, area: float) -> Reduction:
    """σ = 1/(A dR/dx) of a least-squares line, ρ_c = A (R₂ − R₁) of the lines on both sides of a junction there.

    Args:
        track: the stretches and junctions.
        distances: of the samples along the line [m].
        resistance: R at the samples [Ω], rising along the line.
        samples: which of them belong to which fit.
        area: cross-section A [m²].
    """

    def fitted(keep: NDArray[np.bool_]) -> Polynomial:
        return Polynomial.fit(distances[keep], resistance[keep], 1)

    whole = {name: fitted(keep) for name, keep in samples.whole.items()}
    beside = {side: fitted(keep) for side, keep in samples.beside.items()}
    jumps = {j.name: beside[Side(j, j.after)](j.at) - beside[Side(j, j.before)](j.at) for j in track.junctions}
    return Reduction(
        {name: _conductivity(fit, area) for name, fit in whole.items()},
        {side.name: _conductivity(fit, area) for side, fit in beside.items()},
        {name: area * float(jump) for name, jump in jumps.items()},
        whole,
        beside,
    )


def _conductivity(fit: Polynomial, area: float) -> float:
    slope = float(fit.deriv()(0.0))
    return 1 / (area * slope) if slope else np.inf
