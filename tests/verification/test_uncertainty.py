"""Uncertainty of a leg whose maximum power is lognormal: all that is reported against closed forms, on any ranks."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import norm

from lognormal_leg import CASE, FACTORS, parts, power, sobol, statistics
from thermolyte.uncertainty.chaos import DRAWS, fit
from thermolyte.uncertainty.design import latin_hypercube
from thermolyte.uncertainty.estimates import sample_statistics

GAUSSIAN = [True] * len(FACTORS)


def lognormal(u):
    """P/P₀ at cumulative probabilities."""
    return np.exp(norm.ppf(u) @ parts())


@pytest.fixture
def result(said, folder, shared_tmp):
    """Runs the leg with more lines in its study; the same points are solved once."""

    def run(*lines):
        path = folder("case.yaml", CASE.replace("  find:", "".join(f"  {line}\n" for line in lines) + "  find:"))
        said("run", path, "-o", shared_tmp / "r", code=0)
        return json.loads((shared_tmp / "r" / "result.json").read_text())

    return run


def test_interval_and_causes_of_lognormal_power(result):
    """Statistics of 64 samples and of a surrogate are exact within three of the standard errors that they report."""
    sampled = result("samples: 64")
    direct = sampled["uncertainty"]["quantities"]["maximum_power"]
    solved = [p["values"]["maximum_power"] for p in sampled["points"]]
    assert solved == pytest.approx(
        [power(p["parameters"]) for p in sampled["points"]], rel=2e-6
    )  # leads: 1e-14 Ω m² each
    assert direct["statistics"]["nominal"]["value"] == solved[-1]
    again = sample_statistics(np.array([power(p["parameters"]) for p in sampled["points"][:-1]]))
    for name, exact in statistics().items():
        found = direct["statistics"][name]
        assert found["value"] == pytest.approx(again[name].value, rel=2e-6), name  # whatever the number of ranks
        assert abs(found["value"] - exact) < 3 * found["error"], name
        assert found["error"] < 0.25 * exact, name
    first, total = sobol()
    causes = [direct["causes"][f"regions.leg.scale.{name}"] for name in FACTORS]
    assert [c["share"] for c in causes] == pytest.approx(first, abs=0.05)
    assert [c["rank_coefficient"] ** 2 for c in causes] == pytest.approx(parts() ** 2 / sum(parts() ** 2), abs=0.05)
    assert 0.9 < direct["explained"]["r_squared"] < 0.99

    surrogate = result("samples: 64", "method: surrogate")
    assert surrogate["resumed_points"] == 65
    found = surrogate["uncertainty"]["quantities"]["maximum_power"]
    assert found["explained"]["q_squared"] > 0.998
    for name, exact in statistics().items():
        estimate = found["statistics"][name]
        assert abs(estimate["value"] - exact) < 3 * estimate["error"], name
        assert estimate["error"] < 0.5 * direct["statistics"][name]["error"], name
    causes = [found["causes"][f"regions.leg.scale.{name}"] for name in FACTORS]
    assert [c["share"] for c in causes] == pytest.approx(first, abs=0.004)
    assert [c["total"] for c in causes] == pytest.approx(total, abs=0.004)
    assert all(c["error"] < 0.01 for c in causes)


@pytest.mark.serial
def test_reported_errors_and_intervals_cover_the_truth():
    """Of 100 sets of 64 samples, two standard errors hold the true value of each statistic.

    They do so in 95 of 100 sets for mean and quartiles, and in 85 for the 2.5 and 97.5 percentiles, whose own errors
    are uncertain; and the 95 % interval holds 95 % of all samples on the average.
    """
    exact = {name: value / statistics()["median"] for name, value in statistics().items()}
    every = np.sort(lognormal(np.random.default_rng(7).random((100_000, len(FACTORS)))))
    inside, held = dict.fromkeys(exact, 0), []
    for seed in range(100):
        found = sample_statistics(lognormal(latin_hypercube(64, len(FACTORS), seed)))
        for name, estimate in found.items():
            inside[name] += abs(estimate.value - exact[name]) < 2 * estimate.error
        low, high = (found[name].value for name in ("percentile_2.5", "percentile_97.5"))
        held.append(np.diff(np.searchsorted(every, [low, high]))[0] / len(every))
    assert min(inside[n] for n in ("mean", "percentile_16", "median", "percentile_84")) >= 95
    assert min(inside.values()) >= 85
    assert np.mean(held) == pytest.approx(0.95, abs=0.01)


@pytest.mark.serial
def test_surrogate_against_direct_samples():
    """A polynomial chaos of 60 samples has the percentiles of a hundred thousand direct samples."""

    def device(u):
        """Causes of all kinds, with a product and a curvature."""
        a, b, c = lognormal(u[:, :3]), 1 + 0.2 * (2 * u[:, 3] - 1), 1 + 0.1 * (2 * u[:, 4] - 1)
        return a**0.5 * b / (1 + 0.5 * c)

    kinds = [*GAUSSIAN, False, False]
    u = latin_hypercube(60, 5, 3)
    found = fit(kinds, u, device(u))
    direct = sample_statistics(device(np.random.default_rng(5).random((DRAWS, 5))))
    assert found.q_squared > 0.995
    for name, estimate in found.statistics().items():
        assert estimate.value == pytest.approx(direct[name].value, rel=5e-3, abs=3 * estimate.error), name
