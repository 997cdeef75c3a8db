"""Electrons and holes in equilibrium: what doping and a band gap make of the filling of two bands."""

from __future__ import annotations

from typing import Any

from thermolyte.materials.band_table import (
    LOG_CLASSICAL,
    BandTable,
    Filling,
    exponential,
    logarithm,
    square_root,
)

STEPS = 3
"""Newton steps: they leave 1e-6 of η at a gap of k_B T, 1e-8 at 2 k_B T and 1e-10 from 3 k_B T on."""


def neutral_fillings(net: Any, density: Any, minority_density: Any, gap: Any, table: BandTable) -> tuple[Any, Any]:
    """Fillings p/N and p'/N' [1] that solve p − p' = net and η + η' = −E_g/(k_B T), in numpy or in UFL.

    The unknown is z = ln √(p p'): in it the second equation is nearly a straight line with few carriers as with many,
    and p, p' follow from it without cancellation. As many steps in numpy as in UFL, where none can be decided upon.

    Args:
        net: carriers of the majority without those that come in pairs, > 0 [1/m³].
        density: N [1/m³] of the band of the majority.
        minority_density: N' [1/m³] of the other band.
        gap: E_g/(k_B T) [1].
        table: of any λ, read for δ only.
    """
    classical = logarithm(density) + logarithm(minority_density) + 2 * LOG_CLASSICAL - gap
    z = (classical - table.level_shift(Filling.of(net / density))) / 2
    for _ in range(STEPS):
        p, minority, half_sum = _pair(net, z)
        majority_at, minority_at = Filling.of(p / density), Filling.of(minority / minority_density)
        residual = 2 * z - classical + table.level_shift(majority_at) + table.level_shift(minority_at)
        slope = (
            2 + (table.level_shift_slope(majority_at) * minority + table.level_shift_slope(minority_at) * p) / half_sum
        )
        z = z - residual / slope
    p, minority, _ = _pair(net, z)
    return p / density, minority / minority_density


def _pair(net: Any, z: Any) -> tuple[Any, Any, Any]:
    """p, p' and (p + p')/2 from their difference and z = ln √(p p')."""
    product = exponential(2 * z)
    half_sum = square_root(net * net / 4 + product)
    p = net / 2 + half_sum
    return p, product / p, half_sum
