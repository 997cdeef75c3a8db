"""Smallest unit of maximal entropy (SUME) by limited-area calculation, with what the construction gives by itself.

A. Khort et al., Phys. Chem. Chem. Phys. 26 (2024) 11271, doi:10.1039/d4cp00776j: few cubes of each size are chosen, and
the line through the entropies of the smallest sizes is drawn up to the entropy of the whole. In a random alloy the
entropy of a cube is low by (N − 1)/2n, n ∝ L³ being its atoms, so that the lines meet at a length that depends on the
sizes alone: 2 + 1/7 nm from cubes of 1 and 2 nm, whatever the alloy and the detector.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from thermolyte.atomprobe.counts import Counts
from thermolyte.atomprobe.ladder import Array, Rung
from thermolyte.materials.entropy import entropy

Axis = Literal["linear", "log"]
CHOSEN, CHOSEN_LARGEST, LARGE = 9, 5, 40.0
"""Cubes of each size in the paper, and of 40 nm."""
CHOICES = 1000


class Sume(NamedTuple):
    """The tangent's length [nm] from the smallest sizes, and what the same construction gives for random alloys."""

    sizes: tuple[float, ...]
    axis: Axis
    length: float
    null: float
    """With the exact entropy of a random alloy with the same atoms in each cube."""
    floor: float
    """With an entropy that is low by an amount ∝ 1/L³."""


class LimitedArea(NamedTuple):
    """The paper's procedure: mean and deviation [R] of few cubes of each size [nm], and its tangents."""

    sizes: tuple[float, ...]
    cubes: tuple[int, ...]
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    points: tuple[float, ...]
    length: float
    interval: tuple[float, float]
    """95 % interval [nm] of the tangent over other choices of cubes."""


def tangent(sizes: ArrayLike, entropies: ArrayLike, plateau: float, axis: Axis = "linear") -> float:
    """Length [nm] where the straight line through S(L) meets the plateau; of more than two points by least squares."""
    x = np.log(sizes) if axis == "log" else np.asarray(sizes, dtype=float)
    slope, start = np.polyfit(x, np.asarray(entropies, dtype=float), 1)
    meets = (plateau - start) / slope if slope else np.inf
    return float(np.exp(np.minimum(meets, 700)) if axis == "log" else meets)


def floor(sizes: ArrayLike, axis: Axis = "linear") -> float:
    """Tangent's length [nm] for any random alloy: its entropy is low by an amount ∝ 1/L³."""
    return tangent(sizes, -1 / np.asarray(sizes, dtype=float) ** 3, 0.0, axis)


def cells(length: float, lattice_parameter: float) -> float:
    """Unit cells in a cube: (L/a)³, both in nm."""
    return float((length / lattice_parameter) ** 3)


def tangents(rungs: Sequence[Rung], plateau: float) -> list[Sume]:
    """From the two and from the three smallest sizes, on a linear and on a logarithmic axis."""
    found = []
    for points in (2, 3):
        used = rungs[:points]
        if len(used) < points or len(rungs) <= points:
            continue
        sizes = tuple(r.size for r in used)
        axes: tuple[Axis, ...] = ("linear", "log")
        for axis in axes:
            length = tangent(sizes, [r.entropy for r in used], plateau, axis)
            null = tangent(sizes, [r.null for r in used], plateau, axis)
            found.append(Sume(sizes, axis, length, null, floor(sizes, axis)))
    return found


def limited_area(cubes: Mapping[float, Counts], plateau: float, rng: np.random.Generator) -> LimitedArea:
    """Nine cubes of each size, five of 40 nm, at random; the tangent goes through the three smallest sizes.

    The paper shows which cubes were chosen for one size, and says neither how nor through which points its line goes.
    """
    S: dict[float, Array] = {L: entropy(c / c.sum(axis=1, keepdims=True)) for L, c in cubes.items()}
    number = {L: min(len(s), CHOSEN_LARGEST if L >= LARGE else CHOSEN) for L, s in S.items()}
    chosen = {L: rng.choice(s, number[L], replace=False) for L, s in S.items()}
    points = tuple(S)[:3]
    lengths = [
        tangent(points, [S[L][rng.integers(len(S[L]), size=number[L])].mean() for L in points], plateau)
        for _ in range(CHOICES)
    ]
    low, high = np.quantile(lengths, (0.025, 0.975))
    return LimitedArea(
        tuple(S),
        tuple(number.values()),
        tuple(float(s.mean()) for s in chosen.values()),
        tuple(float(s.std(ddof=1)) if len(s) > 1 else 0.0 for s in chosen.values()),
        points,
        tangent(points, [chosen[L].mean() for L in points], plateau),
        (float(low), float(high)),
    )
