"""One measurement, analysed: counts, ladder, lengths, the paper's construction, and the verdict in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from thermolyte.atomprobe import counts
from thermolyte.atomprobe.events import Events
from thermolyte.atomprobe.ladder import FEW, Rung, kept, ladder, meaningful
from thermolyte.atomprobe.lengths import TOLERANCE, Correlation, Refusal, correlation, representative_size
from thermolyte.atomprobe.ranges import Ranges
from thermolyte.atomprobe.sume import LimitedArea, Sume, cells, limited_area, tangents
from thermolyte.errors import InputError
from thermolyte.materials.entropy import entropy

SIZES = (1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 40.0)
"""Edges of the cubes [nm]."""
PAIRED = 0.01
"""Share of atoms from one ion that is worth a warning."""


class Analysis(NamedTuple):
    """What one measurement says; lengths in nm, entropies in R."""

    sample: counts.Sample
    composition: dict[str, float]
    entropy: float
    """Of the composition of the whole sample."""
    rungs: list[Rung]
    correlation: Correlation | Refusal
    tangents: list[Sume]
    limited_area: LimitedArea
    representative_size: float | None
    lattice_parameter: float | None

    def verdict(self) -> list[str]:
        """What can be concluded, a sentence or two for each question."""
        used = meaningful(self.rungs)
        said = [_few(self.rungs), _mixed(used), _drop(self.rungs[0], self.entropy), _length(self.correlation)]
        said += [_sume(self.tangents, self.lattice_parameter), _representative(self.representative_size, used)]
        return [sentence for sentence in said if sentence]

    def warnings(self) -> list[str]:
        """What the numbers leave out, where it matters here."""
        found = []
        if self.sample.paired > PAIRED:
            found.append(
                f"{100 * self.sample.paired:.2g} % of the atoms come from an ion with another counted atom: they lie "
                "together by construction, which looks like clustering; exclude a species, or distrust small sizes"
            )
        unranged = 1 - self.sample.ranged / self.sample.ions
        if unranged > 0.2:
            found.append(f"{100 * unranged:.0f} % of the ions are in no range")
        return found


def analyse(
    events: Events,
    ranges: Ranges,
    sizes: Sequence[float] = SIZES,
    exclude: Sequence[str] = (),
    lattice_parameter: float | None = None,
    seed: int = 1,
    done: Callable[[str], None] = lambda _: None,
) -> Analysis:
    """Analyse one measurement; `done(what)` is called `steps(events, sizes)` times.

    Raises:
        InputError: what `count` refuses, or fewer than three sizes that fit into the sample.
    """
    rng = np.random.default_rng(seed)
    sample = counts.count(events, ranges, sizes, exclude, done)
    if len(sample.cubes) < 3:
        fit = ", ".join(f"{s:g}" for s in sample.cubes) or "none"
        raise InputError(
            f"{events.path}: three sizes of cubes are needed, but of --sizes only {fit} nm fit into the sample"
        )
    rungs, x = ladder(sample.cubes, rng, done)
    if max(x) == 1:
        raise InputError(
            f"{events.path}: only {sample.species[int(x.argmax())]} was found: there is nothing to be mixed"
        )
    S = float(entropy(x))
    whole = {size: kept(found) for size, found in sample.cubes.items()}
    return Analysis(
        sample, dict(zip(sample.species, x.tolist(), strict=True)), S, rungs, correlation(rungs), tangents(rungs, S),
        limited_area(whole, S, rng), representative_size(rungs), lattice_parameter,
    )  # fmt: skip


def steps(events: Events, sizes: Sequence[float]) -> int:
    """How often `analyse` reports progress, if all sizes fit."""
    return 2 * events.number_of_chunks() + len(set(sizes))


def as_json(found: Analysis, **about: Any) -> dict[str, Any]:
    """The content of result.json: lengths in nm, entropies in R; `about` comes first."""
    length = found.correlation
    fitted = {"reason": length.reason} if isinstance(length, Refusal) else length._asdict()
    if isinstance(length, Correlation):
        fitted |= {"integral_range": length.integral_range}
    sample = found.sample
    return {
        **about,
        "units": {"length": "nm", "volume": "nm^3", "entropy": "R"},
        "ions": {"all": sample.ions, "ranged": sample.ranged, "paired_atoms": sample.paired},
        "composition": found.composition,
        "entropy": found.entropy,
        "sizes": [_rung(r) for r in found.rungs],
        "correlation": fitted,
        "smallest_unit_of_maximal_entropy": [_tangent(t, found.lattice_parameter) for t in found.tangents],
        "limited_area": found.limited_area._asdict(),
        "representative_size": {"size": found.representative_size, "tolerance": TOLERANCE},
        "verdict": found.verdict(),
        "warnings": found.warnings(),
    }


def _rung(r: Rung) -> dict[str, Any]:
    return {**r._asdict(), "deficit": r.deficit, "g_test": r.g_test._asdict() if r.g_test else None}


def _tangent(t: Sume, lattice_parameter: float | None) -> dict[str, Any]:
    return {**t._asdict(), **({"cells": cells(t.length, lattice_parameter)} if lattice_parameter else {})}


# ---- the verdict -----------------------------------------------------------------------------------------------------
def _few(rungs: Sequence[Rung]) -> str:
    """What can still be concluded from cubes with few atoms."""
    few = [r for r in rungs if r.atoms_median < FEW]
    if not few:
        return ""
    r = few[0]
    seen = "is below that of a random alloy" if r.significant else "is not below that of a random alloy"
    return (
        f"Cubes of {_sizes(few)} have fewer than {FEW} atoms ({r.atoms_median:g} at {r.size:g} nm): by chance alone "
        f"the entropy of one scatters by {r.null_deviation:.2f} R around {r.null:.2f} R, so that single cubes, few "
        f"cubes and the tangent say nothing. Only the mean of all {r.cubes} cubes does: it {seen} (deficit "
        f"{r.deficit:.5f} ± {r.error:.5f} R). Lengths are taken from the larger cubes."
    )


def _mixed(used: Sequence[Rung]) -> str:
    below, above = [r for r in used if r.significant], [r for r in used if r.ordered]
    if len(below) > 1 or any(r.certain for r in below):
        return f"The species cluster: in cubes of {_sizes(below)} the mean entropy is below the band of chance (95 %)."
    if len(above) > 1:
        return (
            f"The species avoid their like: in cubes of {_sizes(above)} the mean entropy is above the band of chance."
        )
    if not used:
        return "Nothing can be said about mixing: no size has ten atoms or more in a cube, and more than one cube."
    once = f" ({_sizes([*below, *above])} is outside of it, as one of twenty is by chance)" if below or above else ""
    r = used[0]
    return (
        f"The alloy is random as far as this measurement shows: the mean entropies are within the 95 % band{once}. "
        f"At {r.size:g} nm a deficit above {r.null - r.low:.5f} R would have shown."
    )


def _drop(r: Rung, S: float) -> str:
    drop = S - r.entropy
    if drop <= 0:
        return ""
    return (
        f"From the whole to cubes of {r.size:g} nm the entropy falls from {S:.4f} to {r.entropy:.4f} R; chance with "
        f"{r.atoms_median:g} atoms explains {min(100.0, 100 * (S - r.null) / drop):.0f} % of that."
    )


def _length(length: Correlation | Refusal) -> str:
    if isinstance(length, Refusal):
        return length.reason[0].upper() + length.reason[1:] + "."
    V = length.integral_range
    return (
        f"The composition is correlated over σ = {length.sigma:.3g} nm (correlation exp(−r²/4σ²); error of the "
        f"fit {length.sigma_error:.1g} nm); one independent value per {V:.3g} nm³ = ({V ** (1 / 3):.2f} nm)³; deficit "
        f"of a point D₀ = {length.strength:.3f} R."
    )


def _sume(found: Sequence[Sume], lattice_parameter: float | None) -> str:
    if not found:
        return ""
    t = [t for t in found if t.axis == "linear"][-1]
    number = f" ({cells(t.length, lattice_parameter):.0f} unit cells)" if lattice_parameter and t.length > 0 else ""
    return (
        f"The tangent through {_numbers(t.sizes)} nm gives a smallest unit of maximal entropy of {t.length:.2f} nm"
        f"{number}; the same construction gives {t.null:.2f} nm for a random alloy with as many atoms. "
        "It is not a length of the clusters."
    )


def _representative(size: float | None, used: Sequence[Rung]) -> str:
    if not used:
        return ""
    if size is None:
        return f"No size stands for the whole: at {used[-1].size:g} nm the deficit is still {used[-1].deficit:.3f} R."
    return f"Cubes of {size:g} nm and more stand for the whole, but for chance: their deficit is below {TOLERANCE:g} R."


def _sizes(rungs: Sequence[Rung]) -> str:
    return _numbers([r.size for r in rungs]) + " nm"


def _numbers(values: Sequence[float]) -> str:
    *first, last = (f"{v:g}" for v in values)
    return f"{', '.join(first)} and {last}" if first else last
