"""From the solved samples of a study of type uncertainty to what `result.json` says about each quantity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from thermolyte.case import Case
from thermolyte.quantities import Values, unit_of
from thermolyte.studies.study import OBJECTIVES, Uncertainty
from thermolyte.uncertainty.chaos import Chaos, fit
from thermolyte.uncertainty.design import Design, design
from thermolyte.uncertainty.estimates import Estimate, sample_statistics
from thermolyte.uncertainty.inputs import Array
from thermolyte.uncertainty.regression import regress

USUAL = ("power", "efficiency", "cop", "internal_resistance")
"""Quantities of a device at an operating point."""
CONSTANT = 1e-9
"""Relative scatter that is left by the tolerance of the solver."""
TRUSTED = 0.9
"""R² or Q² below which the user is warned."""


def analyse(case: Case, study: Uncertainty, points: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The section `uncertainty` of `result.json`, from the points of the study in its order.

    Of each quantity: nominal value, statistics with standard errors, causes by their share of variance, and what the
    ranking explains. Samples that failed are named and not part of it.
    """
    drawn = design(case, study)
    per_sample = max(1, len(study.find))
    groups = [points[k : k + per_sample] for k in range(0, len(points), per_sample)]
    failed = [k for k, group in enumerate(groups[:-1], 1) if any("values" not in p for p in group)]
    samples = [_together(group) for group in groups[:-1]]
    nominal = _together(groups[-1])
    names = _names(study, [nominal, *samples])
    out: dict[str, Any] = {
        "method": study.method,
        "samples": study.samples,
        "failed": failed,
        "inputs": {
            n: {"paths": list(c.paths or (n,)), "distribution": c.words, "nominal": x}
            for (n, c), x in zip(drawn.causes.items(), drawn.nominal, strict=True)
        },
        "quantities": {},
        "remarks": [],
    }
    if failed:
        out["remarks"].append(
            f"{len(failed)} of {study.samples} samples failed and are left out, number {', '.join(map(str, failed))}: "
            "if one of the inputs is extreme there, the intervals are too narrow"
        )
    for name in names:
        of_samples = np.array([s.get(name, np.nan) for s in samples])
        content, remarks = _quantity(name, study, drawn, of_samples, nominal.get(name))
        out["remarks"] += remarks
        out["quantities"] |= {name: content} if content else {}
    return out


def _together(group: Sequence[Mapping[str, Any]]) -> Values:
    """All quantities of a sample: each optimum its own, others those of the first one; nothing when one failed."""
    if any("values" not in p for p in group):
        return {}
    return {n: v for p in reversed(group) for n, v in p["values"].items()}


def _names(study: Uncertainty, solved: Sequence[Values]) -> tuple[str, ...]:
    """The quantities whose uncertainty is told."""
    if study.quantities:
        return study.quantities
    found: tuple[str, ...] = (*study.find, "internal_resistance") if study.find else USUAL
    return tuple(n for n in found if any(n in values for values in solved))


def _quantity(
    name: str, study: Uncertainty, drawn: Design, of_samples: Array, nominal: float | None
) -> tuple[dict[str, Any], list[str]]:
    """What is known about one quantity, and remarks on it; nothing when too few samples have it."""
    words, there = name.replace("_", " "), np.isfinite(of_samples)
    y, count, remarks = of_samples[there], int(there.sum()), []
    least = study.least_samples
    if count < least:
        return {}, [f"{words}: only {count} samples have it, {least} are needed: nothing is told about it"]
    missing = f"{words}: {study.samples - count} of {study.samples} samples do not have it"
    remarks += [missing] if count < study.samples and name not in OBJECTIVES else []
    content: dict[str, Any] = {"unit": unit_of(name), "samples": count}
    known = {} if nominal is None else {"nominal": Estimate(nominal, 0.0)}
    if np.ptp(y) <= CONSTANT * np.abs(y).max():
        remarks.append(f"{words} does not vary: none of the inputs moves it, so that nothing causes a scatter")
        return content | {"statistics": _plain(known | {"mean": Estimate(float(y.mean()), 0.0)}), "causes": {}}, remarks
    probabilities, z = drawn.probabilities[there], drawn.standardised[there]
    if study.method == "surrogate":
        chaos = fit([c.kind in ("normal", "lognormal") for c in drawn.causes.values()], probabilities, y)
        statistics, causes, trust = chaos.statistics(), _by_chaos(chaos, drawn), {"q_squared": chaos.q_squared}
        value, density = chaos.density()
        content["density"] = {"value": value.tolist(), "density": density.tolist()}
    else:
        statistics, (causes, trust) = sample_statistics(y), _by_regression(z, y, drawn)
    if (worst := trust.get("q_squared", trust.get("r_squared", 1.0))) < TRUSTED:
        remarks.append(_distrust(words, study, worst))
    return content | {"statistics": _plain(known | statistics), "causes": causes, "explained": trust}, remarks


def _by_regression(z: Array, y: Array, drawn: Design) -> tuple[dict[str, Any], dict[str, float]]:
    """Share of variance and signed coefficients of every cause, the largest first, with R² of values and ranks."""
    values, ranks = regress(z, y), regress(z, y, ranks=True)
    rows = zip(drawn.causes, values.shares, values.coefficients, ranks.coefficients, strict=True)
    causes = {
        cause: {
            "share": share.value,
            "error": share.error,
            "coefficient": coefficient,
            "rank_coefficient": rank,
        }
        for cause, share, coefficient, rank in rows
    }
    return _sorted(causes), {"r_squared": values.r_squared, "rank_r_squared": ranks.r_squared}


def _by_chaos(chaos: Chaos, drawn: Design) -> dict[str, Any]:
    """First-order and total Sobol index of every cause, the largest first."""
    first, total = chaos.indices()
    causes = {
        cause: {"share": s.value, "error": s.error, "total": t.value, "total_error": t.error}
        for cause, s, t in zip(drawn.causes, first, total, strict=True)
    }
    return _sorted(causes)


def _sorted(causes: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    return dict(sorted(causes.items(), key=lambda item: -item[1].get("total", item[1]["share"])))


def _distrust(words: str, study: Uncertainty, explained: float) -> str:
    if study.method == "surrogate":
        return (
            f"{words}: the surrogate explains only {explained:.2f} of the variance (Q²): take more samples, or method "
            "latin_hypercube, whose intervals need no surrogate"
        )
    return (
        f"{words}: the linear ranking explains only {explained:.2f} of the variance (R²): the intervals hold, but "
        "causes act together or are curved; method surrogate tells more"
    )


def _plain(estimates: Mapping[str, Estimate]) -> dict[str, dict[str, float]]:
    """For JSON."""
    return {name: e._asdict() for name, e in estimates.items()}
