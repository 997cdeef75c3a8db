"""Uncertain inputs, their samples, statistics of these, and what the program says about mistakes."""

from __future__ import annotations

import json
import math
from functools import partial

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss
from numpy.polynomial.legendre import leggauss
from pydantic import ValidationError
from scipy import stats

from lognormal_leg import CASE, NOMINAL
from small_sweep import close, kept, table
from thermolyte.case import Case
from thermolyte.errors import InputError
from thermolyte.results import interval_figures, report
from thermolyte.results.record import Record
from thermolyte.studies.study import Uncertainty
from thermolyte.uncertainty.analysis import analyse
from thermolyte.uncertainty.chaos import Basis, fit
from thermolyte.uncertainty.design import design, latin_hypercube
from thermolyte.uncertainty.estimates import sample_statistics
from thermolyte.uncertainty.inputs import UncertainInput
from thermolyte.uncertainty.regression import regress

INPUTS = CASE[CASE.index("    regions.leg.scale") : CASE.index("  find:")]
SMALL = CASE.replace("output:", "  samples: 40\noutput:")


def with_inputs(*lines: str, text: str = SMALL) -> str:
    return text.replace(INPUTS, "".join(f"    {line}\n" for line in lines))


@pytest.fixture
def drawn(folder):
    """The samples of a case with these inputs."""

    def draw(*lines, text=SMALL):
        case = Case.load(folder("case.yaml", with_inputs(*lines, text=text)))
        return design(case, case.study)

    return draw


# ---- distributions ---------------------------------------------------------------------------------------------------
SPREAD = math.sqrt(math.log1p(0.05**2))
DISTRIBUTIONS = {
    "normal": ({"relative": "5 %"}, stats.norm(3, 0.15)),
    "normal of absolute": ({"absolute": 0.2}, stats.norm(3, 0.2)),
    "uniform": ({"relative": 0.05, "distribution": "uniform"}, stats.uniform(3 - 0.15 * 3**0.5, 0.3 * 3**0.5)),
    "triangular": (
        {"absolute": 0.1, "distribution": "triangular"},
        stats.triang(0.5, 3 - 0.1 * 6**0.5, 0.2 * 6**0.5),
    ),
    "lognormal": ({"relative": 0.05, "distribution": "lognormal"}, stats.lognorm(SPREAD, scale=3)),
    "factor": ({"factor": 2}, stats.lognorm(math.log(2), scale=3)),
    "bounds": ({"lower": 1, "upper": 5}, stats.uniform(1, 4)),
    "triangle in bounds": ({"lower": 1, "upper": 11, "distribution": "triangular"}, stats.triang(0.2, 1, 10)),
}


@pytest.mark.serial
@pytest.mark.parametrize(("given", "wanted"), DISTRIBUTIONS.values(), ids=DISTRIBUTIONS)
def test_marginal_distribution(given, wanted):
    """Latin hypercube samples have the wanted distribution, and z mean 0 and standard deviation 1."""
    u = latin_hypercube(500, 1, 4)[:, 0]
    cause = UncertainInput.model_validate(given)
    assert stats.kstest(cause.values(u, 3.0), wanted.cdf).statistic <= 1 / 500
    z = cause.standardised(u, 3.0)
    assert (z.mean(), z.std()) == pytest.approx((0, 1), abs=5e-3)


@pytest.mark.serial
def test_latin_hypercube():
    u = latin_hypercube(64, 10, 1)
    assert (np.sort(np.floor(64 * u), axis=0) == np.arange(64)[:, None]).all()
    assert np.abs(np.corrcoef(u.T) - np.eye(10)).max() < 0.15
    latin_hypercube.cache_clear()
    assert (latin_hypercube(64, 10, 1) == u).all()
    assert (latin_hypercube(64, 10, 2) != u).all()


def test_samples_are_written_as_the_user_would(drawn):
    found = drawn(
        "regions.leg.scale.seebeck_coefficient: {relative: 5 %}",
        "geometry.width: {absolute: 50 um, distribution: uniform}",
        "boundaries.hot.temperature: {lower: 300 degC, upper: 330 degC}",
        "terminals.cold.current: {relative: 1e-3}",
    )
    assert found.case == {
        "regions.leg.scale.seebeck_coefficient": 1.0,
        "geometry.width": "3.8 mm",
        "boundaries.hot.temperature": "589 K",
        "terminals.cold.current": "5 A",
    }
    point = found.points[7]
    width, temperature = (point[k].split() for k in ("geometry.width", "boundaries.hot.temperature"))
    u = found.probabilities[7]
    assert float(width[0]) == pytest.approx(3.8 + 0.05 * 3**0.5 * (2 * u[1] - 1), rel=1e-11)
    assert float(temperature[0]) == pytest.approx(573.15 + 30 * u[2], rel=1e-11)
    assert (width[1], temperature[1]) == ("mm", "K")
    assert point["regions.leg.scale.seebeck_coefficient"] == pytest.approx(1 + 0.05 * stats.norm.ppf(u[0]), rel=1e-11)


def test_paths_that_share_an_error(drawn):
    found = drawn("sides: {paths: [boundaries.hot.temperature, boundaries.cold.temperature], relative: 1 %}")
    ratios = {
        round(float(p["boundaries.hot.temperature"][:-2]) / float(p["boundaries.cold.temperature"][:-2]), 9)
        for p in found.points
    }
    assert ratios == {round(589 / 295, 9)}
    assert found.probabilities.shape == (40, 1)


# ---- statistics ------------------------------------------------------------------------------------------------------
@pytest.mark.serial
def test_basis_is_orthonormal():
    """Σ w Ψ_α Ψ_β = δ_αβ with the nodes and weights of Gauss' quadrature in each cause, exact for these degrees."""
    x, w = hermegauss(6)
    y, v = leggauss(6)
    u = np.array([(a, b) for a in stats.norm.cdf(x) for b in (y + 1) / 2])
    weights = np.outer(w / w.sum(), v / v.sum()).ravel()
    basis = Basis.full([True, False], 4)
    columns = basis.evaluate(u)
    assert len(basis.terms) == 15
    assert columns.T @ (weights[:, None] * columns) == pytest.approx(np.eye(15), abs=1e-9)


@pytest.mark.serial
def test_sobol_indices_of_the_ishigami_function():
    """T. Ishigami, T. Homma, 1990: y = sin x₁ + 7 sin² x₂ + 0.1 x₃⁴ sin x₁ on (−π, π)³."""
    u = latin_hypercube(400, 3, 1)
    x = np.pi * (2 * u - 1)
    y = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    chaos = fit([False] * 3, u, y, degree=10)
    first, total = chaos.indices()
    V1, V2, V13 = (1 + 0.1 * np.pi**4 / 5) ** 2 / 2, 49 / 8, 0.01 * np.pi**8 * (1 / 18 - 1 / 50)
    V = V1 + V2 + V13
    assert [e.value for e in first] == pytest.approx([V1 / V, V2 / V, 0], abs=1e-4)
    assert [e.value for e in total] == pytest.approx([(V1 + V13) / V, V2 / V, V13 / V], abs=1e-4)
    found = chaos.statistics()
    assert (found["mean"].value, found["standard_deviation"].value) == pytest.approx((3.5, V**0.5), rel=1e-3)
    assert chaos.q_squared > 0.9999
    assert len(chaos.basis.terms) < 60  # of 286


@pytest.mark.serial
def test_q_squared_is_that_of_other_samples():
    """What the surrogate says about itself holds where it was not fitted, on the safe side; noise cannot be fitted."""
    generator = np.random.default_rng(2)
    noise = fit([True] * 4, latin_hypercube(60, 4, 2), generator.normal(size=60))
    assert noise.q_squared < 0.1

    def curved(u):
        z = stats.norm.ppf(u)
        return np.exp(0.6 * z[:, 0]) * (1 + 0.3 * z[:, 1]) + np.sin(2 * z[:, 2])

    told, true, v = [], [], generator.random((10_000, 4))
    for seed in range(12):
        u = latin_hypercube(60, 4, seed)
        chaos = fit([True] * 4, u, curved(u))
        told.append(1 - chaos.q_squared)
        true.append(np.var(curved(v) - chaos.basis.evaluate(v) @ chaos.coefficients) / np.var(curved(v)))
    assert 0.1 < np.mean(true) < np.mean(told) < 1.5 * np.mean(true)


@pytest.mark.serial
def test_regression_of_a_linear_device():
    """Shares are exact without noise, and within their errors with noise, which is what R² lacks."""
    B, noise = np.array([3.0, -2.0, 1.0, 0.0]), 1.0
    z = stats.norm.ppf(latin_hypercube(64, 4, 3))
    exact = regress(z, z @ B + 5)
    assert [e.value for e in exact.shares] == pytest.approx(B**2 / 14, abs=1e-12)
    assert exact.coefficients == pytest.approx(B / 14**0.5, abs=1e-12)
    assert exact.r_squared == pytest.approx(1)
    inside = total = 0.0
    for seed in range(100):
        generator = np.random.default_rng(seed)
        found = regress(z, z @ B + noise * generator.normal(size=64))
        inside += np.mean([abs(e.value - b**2 / 15) < 2 * e.error for e, b in zip(found.shares, B, strict=True)])
        total += found.r_squared
    assert inside >= 90
    assert total / 100 == pytest.approx(14 / 15, abs=0.01)


@pytest.mark.serial
def test_ranks_see_what_is_monotone():
    z = stats.norm.ppf(latin_hypercube(100, 2, 3))
    y = np.exp(3 * z[:, 0] + 0.5 * z[:, 1])
    assert regress(z, y).r_squared < 0.6
    assert regress(z, y, ranks=True).r_squared > 0.97


@pytest.mark.serial
@pytest.mark.parametrize("call", [regress, partial(fit, [True] * 2)])
def test_nothing_to_explain(call):
    u = latin_hypercube(40, 2, 1)
    with pytest.raises(ValueError, match="does not vary"):
        call(u, np.ones(40))
    with pytest.raises(ValueError, match="cannot tell 2 causes apart"):
        regress(u[:3], u[:3, 0])


@pytest.mark.serial
def test_errors_of_statistics_of_a_normal_sample():
    """Against theory: s/√N, s/√(2N), and √(p(1 − p)/N)/density of a percentile."""
    y = stats.norm.ppf((np.arange(1000) + 0.5) / 1000)
    found = sample_statistics(y)
    for name, wanted in {"mean": 1000**-0.5, "standard_deviation": 2000**-0.5}.items():
        assert found[name].error == pytest.approx(wanted, rel=0.01)
    for name, p in {"percentile_2.5": 0.025, "median": 0.5, "percentile_84": 0.84}.items():
        wanted = (p * (1 - p) / 1000) ** 0.5 / stats.norm.pdf(stats.norm.ppf(p))
        assert found[name].error == pytest.approx(wanted, rel=0.06)


# ---- from solved points to the result --------------------------------------------------------------------------------
@pytest.fixture
def outcome(folder):
    """The analysis of a case whose samples were 'solved' by a function of their number."""

    def call(solve, *replaced, count=40):
        text = SMALL
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new)
        case = Case.load(folder("case.yaml", text))
        points = [{"values": v} if (v := solve(k)) else {"error": "no solution"} for k in range(1, count + 2)]
        return analyse(case, case.study, points)

    return call


@pytest.mark.serial
def test_failed_samples_are_counted_and_named(outcome):
    found = outcome(
        lambda k: {} if k in (3, 11) else {"maximum_power": float(k)}, ("samples: 40", "samples: 50"), count=50
    )
    assert found["failed"] == [3, 11]
    assert found["remarks"][0].startswith("2 of 50 samples failed and are left out, number 3, 11: ")
    content = found["quantities"]["maximum_power"]
    assert content["samples"] == 48
    assert content["statistics"]["mean"]["value"] == pytest.approx((50 * 51 / 2 - 14) / 48)


@pytest.mark.serial
def test_too_few_samples_are_left(outcome):
    found = outcome(lambda k: {} if k == 1 else {"maximum_power": float(k)})
    assert found["quantities"] == {}
    assert found["remarks"][1] == "maximum power: only 39 samples have it, 40 are needed: nothing is told about it"


@pytest.mark.serial
def test_quantity_that_does_not_vary(outcome):
    found = outcome(lambda k: {"maximum_power": 2.0 + 1e-12 * k})
    content = found["quantities"]["maximum_power"]
    assert content["causes"] == {}
    assert content["statistics"]["mean"]["value"] == pytest.approx(2.0)
    assert found["remarks"] == [
        "maximum power does not vary: none of the inputs moves it, so that nothing causes a scatter"
    ]


@pytest.mark.serial
@pytest.mark.parametrize(
    ("method", "text"),
    [
        ("latin_hypercube", "maximum power: the linear ranking explains only"),
        ("surrogate", "maximum power: the surrogate explains only"),
    ],
)
def test_ranking_that_explains_nothing_says_so(outcome, method, text):
    noise = np.random.default_rng(1).normal(size=42)
    found = outcome(lambda k: {"maximum_power": noise[k]}, ("  find:", f"  method: {method}\n  find:"))
    assert any(remark.startswith(text) for remark in found["remarks"])


def test_shares_make_the_study(folder, said, shared_tmp):
    """A job array solves the samples; the gathering run solves none of them again, and has the statistics."""
    path = folder("case.yaml", SMALL)
    for words in (("whole",), ("shared", "--share", "2/2"), ("shared", "--share", "1/2")):
        said("run", path, "-o", shared_tmp / words[0], *words[1:], code=0)
    lines = said("run", path, "-o", shared_tmp / "shared", code=0).splitlines()
    assert kept(lines) == list(range(1, 42))
    assert lines[2].endswith("maximum_power: sample 3  (kept from an earlier run)")
    whole, shared = shared_tmp / "whole", shared_tmp / "shared"
    close(table(shared), table(whole))
    found = [json.loads((f / "result.json").read_text())["uncertainty"]["quantities"] for f in (whole, shared)]
    for name in ("maximum_power", "internal_resistance"):
        left, right = (q[name]["statistics"] for q in found)
        assert [e["value"] for e in left.values()] == pytest.approx([e["value"] for e in right.values()], rel=1e-9)
    rows = (shared / "uncertainty.csv").read_text().splitlines()
    assert rows[0] == "quantity,unit,kind,name,value,standard error"
    assert rows[1].startswith("maximum_power,W,statistic,nominal,0.208")


def test_terminal_names_intervals_and_causes(folder, said, shared_tmp):
    path = folder("case.yaml", SMALL.replace("[maximum_power]", "[maximum_power]\n  method: surrogate"))
    lines = said("run", path, "-o", shared_tmp / "r", code=0, output=True).splitlines()
    at = lines.index("  uncertainty: 40 samples, Latin hypercube and a polynomial chaos of degree 2")
    assert lines[at + 1].startswith("    maximum power 0.208 W, 95 % 0.1")
    assert "      causes: leg electrical conductivity 5" in lines[at + 2]
    assert ", leg seebeck coefficient 4" in lines[at + 2]
    assert "thermal" not in lines[at + 2]
    assert [line for line in lines if line.startswith("  maximum power")] == ["  maximum power"]  # of the case itself
    text = said("check", path, code=0, output=True)
    assert "40 samples and the case itself, maximum power; uncertain inputs" in text
    assert "regions.leg.scale.seebeck_coefficient      1.0  lognormal, ×/÷ 1.1" in text


@pytest.mark.serial
@pytest.mark.parametrize("method", ["latin_hypercube", "surrogate"])
def test_figures_report_and_expectations(folder, said, shared_tmp, method):
    """Bars are the shares, histograms hold all samples, the page has the numbers, and `verify` finds them."""
    folder("case.yaml", SMALL.replace("  samples", f"  method: {method}\n  samples"))
    wanted = {"quantity": "maximum_power", "statistic": "nominal", "value": NOMINAL, "rtol": 1e-6, "source": "exact"}
    folder("expected.json", json.dumps({"values": [wanted]}))
    assert "verified" in said("verify", shared_tmp, "-o", shared_tmp / "r", code=0, output=True).splitlines()
    record = Record.read(shared_tmp / "r")
    assert len(record.points) == 1
    assert len(record.samples("maximum_power")) == len(record.samples("internal_resistance")) == 40
    content = record.uncertainty["quantities"]["maximum_power"]
    bars = interval_figures.causes(record).figure.axes[0].patches
    shares = sorted(100 * c["share"] for c in content["causes"].values())
    assert sorted(b.get_width() for b in bars[-3:]) == pytest.approx(shares)
    histogram = interval_figures.distributions(record).figure.axes[0]
    assert sum(b.get_height() * b.get_width() for b in histogram.patches[:-1]) == pytest.approx(1)
    page = report.page(record, {})
    assert f"40 samples, Latin hypercube{' and a polynomial chaos of degree 2' * (method == 'surrogate')}" in page
    assert "<th>leg seebeck coefficient</th><td>lognormal, ×/÷ 1.1</td><td>1</td>" in page
    assert "41 points solved" in page
    folder("expected.json", json.dumps({"values": [wanted | {"statistic": "modus"}]}))
    told = said("verify", shared_tmp, "-o", shared_tmp / "r")
    assert "maximum_power: there is no statistic `modus`; known: nominal, mean, " in told


# ---- mistakes --------------------------------------------------------------------------------------------------------
MODELS = {
    "both": ({"relative": 0.1, "absolute": 1}, "not relative and absolute"),
    "nothing": ({}, "give one of relative, absolute, factor, or lower and upper"),
    "one bound": ({"lower": 1}, "lower and upper belong together"),
    "no spread": ({"absolute": "0 mm"}, "0 mm is no spread"),
    "no range": ({"lower": "5 mm", "upper": "0.5 cm"}, "there is no spread"),
    "two dimensions": ({"lower": "1 mm", "upper": "5 W"}, "have different dimensions"),
    "offset": ({"absolute": "5 degC"}, "a difference of temperatures is in K"),
    "factor of one": ({"factor": 1}, "greater than 1"),
    "wrong distribution": ({"factor": 2, "distribution": "uniform"}, "distribution is lognormal"),
    "lognormal of absolute": ({"absolute": 1, "distribution": "lognormal"}, "distribution is normal or uniform"),
    "not finite": ({"absolute": "inf mm"}, "is not a finite number"),
    "no paths": ({"paths": [], "relative": 0.1}, "at least 1 item"),
}


@pytest.mark.serial
@pytest.mark.parametrize(("given", "text"), MODELS.values(), ids=MODELS)
def test_input_that_says_nothing(given, text):
    with pytest.raises(ValidationError, match=text):
        UncertainInput.model_validate(given)


STUDIES = {
    "few samples": ({"samples": 39}, "39 are too few for 1 inputs and method latin_hypercube: give 40 or more"),
    "few samples of a surrogate": ({"samples": 19, "method": "surrogate"}, "give 20 or more"),
    "find and each": ({"find": ["maximum_power"], "each": {"type": "operating_point"}}, "each and find are both given"),
    "unknown quantity": ({"quantities": ["powr"]}, "there is no quantity `powr`; did you mean `power`"),
    "optimum not sought": ({"quantities": ["maximum_power"]}, r"give find: \[maximum_power\]"),
}


@pytest.mark.serial
@pytest.mark.parametrize(("given", "text"), STUDIES.values(), ids=STUDIES)
def test_study_that_cannot_be(given, text):
    with pytest.raises(ValidationError, match=text):
        Uncertainty.model_validate({"type": "uncertainty", "inputs": {"geometry.width": {"relative": 0.1}}, **given})


@pytest.mark.serial
def test_samples_for_many_inputs():
    inputs = {f"geometry.width{k}": {"relative": 0.1} for k in range(30)}
    with pytest.raises(ValidationError, match="40 are too few for 30 inputs"):
        Uncertainty.model_validate({"type": "uncertainty", "inputs": inputs, "samples": 40})


CASES = {
    "unknown path": (
        "regions.legs.scale.seebeck_coefficient: {relative: 0.1}",
        "`regions` has no `legs`; did you mean `leg`",
    ),
    "unknown section": ("mesh.size: {relative: 0.1}", "`mesh.size` is no input that is measured: known: geometry"),
    "no number": ("regions.leg.material: {relative: 0.1}", "`regions.leg.material` is no number"),
    "zero": ("boundaries.cold.temperature: {absolute: 1 mm}", "1 mm and 295 K have different dimensions"),
    "outside": (
        "geometry.width: {lower: 1 mm, upper: 2 mm, distribution: triangular}",
        "the value of the case is not between 1 mm and 2 mm",
    ),
    "impossible draw": (
        "regions.leg.scale.electrical_conductivity: {relative: 60 %}",
        "must be greater than 0, not `-0.",
    ),
    "the drive": (
        "terminals.cold.current: {relative: 0.1}",
        "`terminals.cold.current` is what maximum_power is sought",
    ),
}


@pytest.mark.parametrize(("line", "text"), CASES.values(), ids=CASES)
def test_input_that_the_case_does_not_have(folder, said, shared_tmp, line, text):
    path = folder("case.yaml", with_inputs(line))
    told = said("run", path, "-o", shared_tmp / "r")
    assert told.startswith(f"{path}:22: study.inputs.{line.split(':')[0]}: ")
    assert text in told
    assert not (shared_tmp / "r").exists()


def test_impossible_draw_says_which(folder, said):
    told = said("check", folder("case.yaml", with_inputs(CASES["impossible draw"][0])))
    assert ": sample " in told
    assert "give it a distribution that ends before, such as lognormal or uniform" in told


def test_path_twice(folder):
    text = with_inputs("geometry.width: {relative: 0.01}", "size: {paths: geometry.width, relative: 0.01}")
    case = Case.load(folder("case.yaml", text))
    with pytest.raises(InputError, match=r"`geometry\.width` belongs to another input already"):
        design(case, case.study)


def test_quantity_that_no_solution_has(folder, said, shared_tmp):
    path = folder("case.yaml", SMALL.replace("  samples", "  quantities: [curvature]\n  samples"))
    told = said("run", path, "-o", shared_tmp / "r").splitlines()[-1]
    assert "study.quantities: a solution has no `curvature`; did you mean `current`? known: charge_balance, " in told
