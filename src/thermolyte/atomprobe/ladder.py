"""Entropy against the size of a cube, beside what chance alone gives with the same numbers of atoms."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from thermolyte.atomprobe.counts import Counts
from thermolyte.materials.entropy import entropy, expected_entropy

Array = NDArray[np.float64]
FEW = 10
"""Atoms in a cube below which its own composition says nothing."""
FILLED = 0.5
"""A cube counts when it holds this share of the median of those that hold any: cubes at the rim of a tip do not."""
DRAWS, FEWEST_DRAWS, ENOUGH_DRAWS, EFFORT = 400, 16, 100, 4e7
"""Relabellings of a size: at most, at least, for quantiles, and species × cubes of all of them (about 4 s)."""
ROUND_OFF = 1e-9
CHI2_ATOMS, CHI2_EXPECTED = 250, 5
"""Atoms in a cube, and of its rarest species, from which the G statistic is χ² distributed."""


class GTest(NamedTuple):
    """G = 2 Σ_j n_j (S_bulk − S_j), χ² distributed with (cubes − 1)(species − 1) degrees for a random alloy."""

    statistic: float
    degrees: int
    p: float


CERTAIN = 3.0
"""Half widths of the 95 % band, six standard deviations, below which a mean is no matter of chance at any size."""


class Rung(NamedTuple):
    """All cubes of one size [nm]; entropies in R."""

    size: float
    cubes: int
    atoms_min: int
    atoms_median: float
    entropy: float
    deviation: float
    """Standard deviation over the cubes."""
    weighted: float
    """Σ_j η_j S_j, η_j being the share of the atoms: the conditional entropy of the species given the cube."""
    null: float
    """Expected mean of a random alloy: exact, for the atoms that each cube has."""
    null_deviation: float
    """Standard deviation over the cubes of a random alloy."""
    low: float
    high: float
    """95 % band of the mean of a random alloy, by relabelling."""
    error: float
    """Standard error of the deficit: the larger of that of a random alloy and that of the cubes, as if independent."""
    draws: int
    g_test: GTest | None

    @property
    def deficit(self) -> float:
        """By how much the mean is below that of a random alloy [R]."""
        return self.null - self.entropy

    @property
    def significant(self) -> bool:
        """Whether the mean is below the band: the species cluster."""
        return self.cubes > 1 and self.entropy < self.low - ROUND_OFF

    @property
    def certain(self) -> bool:
        """Whether the mean is so far below the band that a single size suffices."""
        return self.significant and self.deficit > CERTAIN * (self.null - self.low)

    @property
    def ordered(self) -> bool:
        """Whether the mean is above the band: the species are mixed more evenly than by chance."""
        return self.cubes > 1 and self.entropy > self.high + ROUND_OFF


def kept(counts: Counts) -> Counts:
    """Those cubes (cubes, species) that are filled."""
    n = counts.sum(axis=1)
    return counts[(n > 0) & (n >= FILLED * np.median(n[n > 0]))] if n.any() else counts[:0]


def rung(size: float, counts: Counts, composition: Array, rng: np.random.Generator) -> Rung:
    """The entropies of the filled cubes of one size, and their null."""
    n = counts.sum(axis=1)
    x = counts / n[:, None]
    S = entropy(x)
    expected = expected_entropy(n, composition)
    means, spread = relabelled(counts, rng)
    many = len(means) >= ENOUGH_DRAWS
    # With fewer draws there are so many cubes that their mean is normal.
    centre, sigma = float(means.mean()), float(means.std(ddof=1))
    low, high = np.quantile(means, (0.025, 0.975)) if many else (centre - 1.96 * sigma, centre + 1.96 * sigma)
    # What is of first order in x − x_bulk cancels in the mean over cubes; Σ x ln(x/x_bulk) is the rest.
    present = composition > 0
    rest = -S - x[:, present] @ np.log(composition[present])
    own = float(rest.std(ddof=1)) / math.sqrt(len(n)) if len(n) > 1 else 0.0
    weighted = float(S @ n / n.sum())
    return Rung(
        size, len(n), int(n.min()), float(np.median(n)), float(S.mean()), float(S.std(ddof=1)) if len(n) > 1 else 0.0,
        weighted, float(expected.mean()), spread, float(low), float(high), max(own, sigma), len(means),
        _g_test(counts),
    )  # fmt: skip


def relabelled(counts: Counts, rng: np.random.Generator) -> tuple[Array, float]:
    """Mean entropy [R] of each of many random relabellings, and the standard deviation over their cubes.

    The species are dealt anew to all atoms, and the cubes keep their numbers of atoms: for all cubes together that is
    one draw from the multivariate hypergeometric distribution per species.
    """
    n, totals = counts.sum(axis=1), counts.sum(axis=0)
    draws = int(np.clip(EFFORT / counts.size, FEWEST_DRAWS, DRAWS))
    means, variances = np.zeros(draws), np.zeros(draws)
    for k in range(draws):
        left, S = n.copy(), np.zeros(len(n))
        for total in totals[:-1]:
            dealt = rng.multivariate_hypergeometric(left, total, method="marginals")
            left -= dealt
            S += _term(dealt, n)
        S += _term(left, n)
        means[k], variances[k] = S.mean(), S.var()
    return means, math.sqrt(variances.mean())


def ladder(
    cubes: dict[float, Counts], rng: np.random.Generator, done: Callable[[str], None] = lambda _: None
) -> tuple[list[Rung], Array]:
    """The rungs of all sizes, and the composition of the filled smallest cubes, which is that of the sample."""
    smallest = kept(cubes[min(cubes)])
    composition = np.asarray(smallest.sum(axis=0) / smallest.sum())
    rungs = []
    for size, counts in cubes.items():
        whole = kept(counts)
        if len(whole):
            rungs.append(rung(size, whole, whole.sum(axis=0) / whole.sum(), rng))
        done(f"relabelling cubes of {size:g} nm")
    return rungs, composition


def meaningful(rungs: Sequence[Rung]) -> list[Rung]:
    """Those with ten atoms or more in a cube, and with more cubes than the one that is the sample itself."""
    return [r for r in rungs if r.atoms_median >= FEW and r.cubes > 1]


def _term(k: NDArray[np.int64], n: NDArray[np.int64]) -> Array:
    x = k / n
    return np.asarray(-x * np.log(x, out=np.zeros_like(x), where=k > 0))


def _g_test(counts: Counts) -> GTest | None:
    n, totals = counts.sum(axis=1), counts.sum(axis=0)
    present = totals > 0
    rarest = float(n.min() * totals[present].min() / totals.sum())
    if len(n) < 2 or np.median(n) < CHI2_ATOMS or rarest < CHI2_EXPECTED:
        return None
    S_bulk, degrees = float(entropy(totals / totals.sum())), (len(n) - 1) * (int(present.sum()) - 1)
    statistic = 2 * float(n @ (S_bulk - entropy(counts / n[:, None])))
    return GTest(statistic, degrees, float(chi2.sf(statistic, degrees)))
