"""Entropy of mixing of a composition, and what chance leaves of it in a cube with few atoms.

    S = −R Σ_i x_i ln x_i

per mole of sites that the species i share. A compound has one such sum per sublattice; they add up per formula unit.
The entropy is blind to mass and charge: Hf, Zr and Ta at 12.5 % have the same, and different thermal conductivities.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import R
from scipy.special import xlogy
from scipy.stats import binom

Array = NDArray[np.float64]
ROUNDING = 2e-3
"""By how much printed fractions may miss their sum; they are scaled to it."""
MANY_ATOMS, MANY_OF_A_SPECIES = 300, 50
"""From here on the expansion in 1/n is exact to 1e-7; with fewer the binomial sum is taken."""
_TOKEN = re.compile(r"([A-Z][a-z]?)|(\()|(\))|(\d+\.?\d*|\.\d+)|(\|)|\s+")


class Sublattice(NamedTuple):
    """Sites per formula unit, and the fraction of them that each species takes."""

    sites: float
    fractions: dict[str, float]

    @property
    def entropy(self) -> float:
        """Entropy of mixing [R] per mole of formula units."""
        return self.sites * float(entropy(list(self.fractions.values())))


class MixingEntropy(NamedTuple):
    """Entropy of mixing, per sublattice and in all."""

    sublattices: tuple[Sublattice, ...]

    @property
    def per_formula_unit(self) -> float:
        """[R] per mole of formula units."""
        return sum(s.entropy for s in self.sublattices)

    @property
    def per_atom(self) -> float:
        """[R] per mole of atoms."""
        return self.per_formula_unit / sum(s.sites for s in self.sublattices)

    @property
    def molar(self) -> float:
        """[J/(mol K)] per mole of formula units."""
        return R * self.per_formula_unit


def mixing_entropy(composition: str | Mapping[str, float]) -> MixingEntropy:
    """S of a formula, or of the fractions of species on one lattice.

    `mixing_entropy("Nb0.9Hf0.1FeSb")`, `mixing_entropy({"Co": 0.25, "Fe": 0.75})`.

    Raises:
        ValueError: not a formula, a negative amount, amounts that do not add up, with what to write.
    """
    if isinstance(composition, str):
        return MixingEntropy(sublattices(composition))
    return MixingEntropy((Sublattice(1.0, fractions(composition)),))


def fractions(composition: Mapping[str, float]) -> dict[str, float]:
    """The fractions of species, scaled to a sum of exactly 1.

    Raises:
        ValueError: a fraction that is negative or not finite, or a sum that is not 1.
    """
    for name, value in composition.items():
        if not (math.isfinite(value) and value >= 0):
            raise ValueError(f"the fraction of {name} is {value:g}: it must be 0 or more")
    total = sum(composition.values())
    if abs(total - 1) > ROUNDING:
        raise ValueError(f"the fractions of {', '.join(composition) or 'no species'} add up to {total:g}, not to 1")
    return {name: value / total for name, value in composition.items()}


def sublattices(formula: str) -> tuple[Sublattice, ...]:
    """The sublattices of a formula: neighbours with broken amounts share one, until these add up to a whole number.

    "(V0.6Nb0.4)0.8Ti0.2FeSb" has V, Nb, Ti on one site, Fe and Sb on others. Where amounts do not add up, or would do
    so in the wrong place, bars separate the sublattices: "Mg3.2|Sb1.5Bi0.5".

    Raises:
        ValueError: not a formula, or amounts that do not add up to a whole number.
    """
    parts = formula.split("|")
    found: list[Sublattice] = []
    for part in parts:
        group: dict[str, float] = {}
        for name, amount in atoms(part).items():
            group[name] = amount
            if len(parts) == 1 and _is_whole(sum(group.values())):
                found.append(_sublattice(group))
                group = {}
        if group and len(parts) == 1:
            raise ValueError(
                f"{formula!r}: {_spelt(group)} adds up to {sum(group.values()):g} sites, which is not a whole number: "
                "correct the amounts, or separate the sublattices by bars, such as 'Mg3.2|Sb1.5Bi0.5'"
            )
        if group:
            found.append(_sublattice(group))
    return tuple(found)


def atoms(formula: str) -> dict[str, float]:
    """Atoms of each element in a formula with brackets: "Fe2O3" gives {"Fe": 2, "O": 3}.

    Raises:
        ValueError: not a formula, or no atoms in it.
    """
    stack: list[list[tuple[dict[str, float], float]]] = [[]]
    place = 0
    while place < len(formula):
        match = _TOKEN.match(formula, place)
        if match is None or match[5]:
            raise ValueError(
                f"{formula!r} is not a formula at {formula[place:]!r}: write it as '(V0.6Nb0.4)0.8Ti0.2FeSb'"
            )
        place = match.end()
        if match[1]:
            stack[-1].append(({match[1]: 1.0}, 1.0))
        elif match[2]:
            stack.append([])
        elif match[3] and len(stack) > 1:
            inner = _total(stack.pop())
            stack[-1].append((inner, 1.0))
        elif match[4] and stack[-1] and stack[-1][-1][1] == 1.0:
            stack[-1][-1] = (stack[-1][-1][0], float(match[4]))
        elif match[3] or match[4]:
            raise ValueError(f"{formula!r}: {match[0]!r} stands where an element was expected")
    total = _total(stack[-1])
    if len(stack) > 1 or not total or not all(total.values()):
        raise ValueError(f"{formula!r}: {'a bracket is open' if len(stack) > 1 else 'an amount is zero or missing'}")
    return total


def entropy(x: ArrayLike) -> Array:
    """−Σ_i x_i ln x_i [R] along the last axis; x are fractions."""
    x = np.asarray(x, dtype=float)
    return np.asarray(-xlogy(x, x).sum(axis=-1))


def expected_entropy(n: ArrayLike, x: ArrayLike) -> Array:
    """E[S] [R] of n atoms that are drawn at random from the composition x; n of any shape, x of shape (species,).

    E[S] = Σ_i Σ_k Bin(k; n, x_i) (−(k/n) ln(k/n)), which is S − (N−1)/2n + (1 − Σ 1/x_i)/12n² + … for many atoms.
    (G. A. Miller, in: Information Theory in Psychology, 1955, for the first term; the sum is exact.)

    Raises:
        ValueError: a cube without atoms, or x that is not a composition.
    """
    x = np.asarray(x, dtype=float)
    if np.any(x < 0) or abs(x.sum() - 1) > 1e-9:
        raise ValueError(f"x = {x.tolist()} are not fractions that add up to 1")
    counts, place = np.unique(np.asarray(n, dtype=np.int64), return_inverse=True)
    if counts.size and counts[0] < 1:
        raise ValueError("a cube without atoms has no entropy: n must be 1 or more")
    total = np.zeros(counts.size)
    for p in x[x > 0]:
        few = (counts < MANY_ATOMS) | (counts * p < MANY_OF_A_SPECIES)
        total[few] += _binomial_sum(counts[few], p)
        m = counts[~few]
        total[~few] += -p * math.log(p) - (1 - p) / (2 * m) + (p - 1 / p) / (12 * m**2)
    return total[place].reshape(np.shape(n))


def _binomial_sum(n: NDArray[np.int64], p: float) -> Array:
    """Σ_k Bin(k; n, p) (−(k/n) ln(k/n)), up to 12 standard deviations above the mean."""
    if not n.size:
        return np.zeros(0)
    mean = n.max() * p
    k = np.arange(min(int(n.max()), int(mean + 12 * math.sqrt(mean) + 30)) + 1)
    share = np.minimum(k / n[:, None], 1.0)
    return np.asarray((binom.pmf(k, n[:, None], p) * -xlogy(share, share)).sum(axis=1))


def _sublattice(amounts: Mapping[str, float]) -> Sublattice:
    sites = sum(amounts.values())
    return Sublattice(sites, {name: amount / sites for name, amount in amounts.items()})


def _total(items: list[tuple[dict[str, float], float]]) -> dict[str, float]:
    """Sum of groups of atoms, each taken so many times."""
    total: dict[str, Any] = {}
    for group, times in items:
        for name, amount in group.items():
            total[name] = total.get(name, 0.0) + times * amount
    return total


def _is_whole(amount: float) -> bool:
    return round(amount) > 0 and abs(amount - round(amount)) < ROUNDING


def _spelt(amounts: Mapping[str, float]) -> str:
    return "".join(f"{name}{amount:g}" for name, amount in amounts.items())
