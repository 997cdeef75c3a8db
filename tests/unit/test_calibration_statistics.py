"""Errors, intervals and correlations against closed forms of linear models; what is said about them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from thermolyte.calibration.data import Measurements
from thermolyte.calibration.fit import fit
from thermolyte.calibration.section import Parameter
from thermolyte.calibration.statement import statement, undetermined
from thermolyte.calibration.statistics import Statistics
from thermolyte.errors import InputError, SolveError

pytestmark = pytest.mark.serial

X = np.linspace(0.0, 3.0, 7)
LINE = {
    "a.offset": Parameter(start="2 mV", lower="0 V", upper="10 mV"),
    "a.slope": Parameter(start=0.5, lower=-5, upper=5),
}


def data(y, sigma, x=X):
    y = np.asarray(y, float)
    return [Measurements(0, "line.csv: voltage", "line.csv", "voltage", "x", "1", x, y, np.full_like(y, sigma))]


def line(parameters=LINE):
    """Offset in mV and slope in mV of x."""

    def predict(u):
        a, b = (p.value(float(v)) for p, v in zip(parameters.values(), u, strict=True))
        return [1e-3 * (a + b * X)]

    return predict


def closed_form(sigma):
    """Covariance of offset and slope [mV] of a straight line."""
    A = np.column_stack([np.ones_like(X), X]) * 1e-3 / sigma
    return np.linalg.inv(A.T @ A)


def noisy(seed, sigma, a=3.0, b=1.5):
    return 1e-3 * (a + b * X) + np.random.default_rng(seed).normal(0, sigma, len(X))


def test_a_straight_line_is_the_one_of_scipy():
    y = noisy(1, 1e-4)
    found = fit(LINE, data(y, 1e-4), line(), known=True)
    best, C = optimize.curve_fit(lambda x, a, b: 1e-3 * (a + b * x), X, y, sigma=np.full(7, 1e-4), absolute_sigma=True)
    assert list(found.values.values()) == pytest.approx(best, rel=1e-6)
    assert list(found.standard_errors.values()) == pytest.approx(np.sqrt(np.diag(C)), rel=1e-4)
    assert np.sqrt(np.diag(closed_form(1e-4))) == pytest.approx(np.sqrt(np.diag(C)), rel=1e-5)
    rho = closed_form(1e-4)[0, 1] / np.sqrt(np.prod(np.diag(closed_form(1e-4))))
    assert found.statistics.correlation == pytest.approx(np.array([[1, rho], [rho, 1]]), abs=1e-6)
    for (low, high), x, error in zip(found.intervals.values(), best, np.sqrt(np.diag(C)), strict=True):
        assert (low, high) == pytest.approx((x - 1.959964 * error, x + 1.959964 * error), rel=1e-5)
    chi = np.sum((y - 1e-3 * (best[0] + best[1] * X)) ** 2) / 1e-8
    assert found.statistics.chi_squared == pytest.approx(chi, rel=1e-5)
    assert found.statistics.p_value == pytest.approx(stats.chi2.sf(chi, 5), rel=1e-4)


def test_without_uncertainties_they_are_estimated_and_student_counts():
    y = noisy(2, 1e-4)
    found = fit(LINE, data(y, np.abs(y).max()), line(), known=False)
    best = stats.linregress(X, y)
    half = stats.t.ppf(0.975, 5) * np.array([best.intercept_stderr, best.stderr]) * 1e3
    widths = [(high - low) / 2 for low, high in found.intervals.values()]
    assert widths == pytest.approx(half, rel=1e-4)
    assert found.statistics.p_value is None
    residuals = y - best.intercept - best.slope * X
    assert found.statistics.scale * np.abs(y).max() == pytest.approx(np.sqrt(residuals @ residuals / 5), rel=1e-4)


@pytest.mark.parametrize("known", [True, False])
def test_intervals_of_a_line_hold_the_truth_in_95_of_100(known):
    hits, tries = np.zeros(2), 400
    for seed in range(tries):
        found = fit(LINE, data(noisy(seed, 1e-4), 1e-4), line(), known=known)
        hits += [low <= x <= high for x, (low, high) in zip((3.0, 1.5), found.intervals.values(), strict=True)]
    deviation = np.sqrt(0.95 * 0.05 / tries)
    assert np.abs(hits / tries - 0.95).max() < 3 * deviation, hits


def test_a_logarithmic_parameter_has_an_interval_of_factors():
    parameters = {"a.offset": LINE["a.offset"], "a.slope": Parameter(start=0.5, lower=0.01, upper=100, scale="log")}
    found = fit(parameters, data(noisy(3, 1e-4), 1e-4), line(parameters), known=True)
    plain = fit(LINE, data(noisy(3, 1e-4), 1e-4), line(), known=True)
    x, (low, high) = found.values["a.slope"], found.intervals["a.slope"]
    assert x == pytest.approx(plain.values["a.slope"], rel=1e-5)
    assert found.standard_errors["a.slope"] == pytest.approx(plain.standard_errors["a.slope"], rel=2e-3)
    assert low * high == pytest.approx(x**2)
    assert np.log(high / x) == pytest.approx(1.959964 * found.standard_errors["a.slope"] / x, rel=1e-4)


def test_a_product_is_all_that_is_determined():
    parameters = {
        "a.x": Parameter(start="1 V", lower="0.01 V", upper="100 V", scale="log"),
        "a.y": Parameter(start="1 s", lower="0.01 s", upper="100 s", scale="log"),
        "a.offset": Parameter(start=0, lower=-1, upper=1),
    }

    def predict(u):
        x, y, offset = (p.value(float(v)) for p, v in zip(parameters.values(), u, strict=True))
        return [x * y**2 * X + offset]

    found = fit(parameters, data(4 * X + 0.1, 0.01), predict, known=True)
    assert found.values["a.x"] * found.values["a.y"] ** 2 == pytest.approx(4, rel=1e-3)
    assert undetermined(found) == ["a.x", "a.y"]
    said = statement(found)[-1]
    assert said.startswith("a.x and a.y cannot be told apart (correlation -1): +10 % with −5 % fits the data")
    assert "; only a.y · a.x^0.5 (" in said
    error = np.linalg.inv([[X @ X, X.sum()], [X.sum(), len(X)]])[0, 0] ** 0.5 * 0.01
    percent = float(said.split("a.x^0.5 (")[1].split(" %")[0])
    assert percent == pytest.approx(100 * 1.96 * error / 4 / 2, rel=0.06)  # y √x = √4


def test_three_that_add_up_are_named_together():
    parameters = {f"a.{n}": Parameter(start=1, lower=0.1, upper=10) for n in "xyz"}

    def predict(u):
        return [sum(p.value(float(v)) for p, v in zip(parameters.values(), u, strict=True)) * (1 + X)]

    said = statement(fit(parameters, data(3.3 * (1 + X), 0.1), predict, known=True))
    assert any(line.startswith("a.x, a.y, a.z cannot be told apart: +10 % with") for line in said)


@pytest.mark.parametrize(
    ("sigma", "words"),
    [
        (1e-4, "the model describes the data within their uncertainty"),
        (1e-5, "the model does not describe the data within their uncertainty"),
        (1e-2, "times smaller than the uncertainties of the data, which are too large"),
    ],
)
def test_the_fit_is_judged(sigma, words):
    said = statement(fit(LINE, data(noisy(4, 1e-4), sigma), line(), known=True))
    assert words in said[0]


def test_a_parameter_at_its_bound_is_named():
    found = fit(LINE, data(noisy(5, 1e-4, a=-1.0), 1e-4), line(), known=True)
    assert found.at_bounds == {"a.offset": "lower"}
    assert any(s.startswith("a.offset is at its lower bound") for s in statement(found))
    inside = fit(LINE, data(noisy(5, 1e-4), 1e-4), line(), known=True)
    assert inside.at_bounds == {}


def test_a_parameter_without_influence_is_refused():
    parameters = LINE | {"a.nothing": Parameter(start=1, lower=0, upper=2)}

    def predict(u):
        return line()(u[:2])

    with pytest.raises(InputError, match=r"case\.yaml:7: `a\.nothing` has no influence on any of the data"):
        fit(parameters, data(noisy(1, 1e-4), 1e-4), predict, known=True, place="case.yaml:7".format)


def test_where_there_is_no_solution_a_shorter_step_is_tried():
    """The exact answer is near the edge of what can be solved: full steps from the start go beyond it."""
    parameters = {"a.x": Parameter(start=0.5, lower=0.01, upper=10)}
    failed = []

    def predict(u):
        x = parameters["a.x"].value(float(u[0]))
        if x > 2.1:
            failed.append(x)
            raise SolveError("too much")
        return [x**3 * X]

    found = fit(parameters, data(8 * X, 0.01), predict, known=True)
    assert failed
    assert found.values["a.x"] == pytest.approx(2.0, rel=1e-4)


def test_without_a_solution_at_the_start_there_is_no_fit():
    def predict(u):
        raise SolveError(f"nothing at {u[0]:g}")

    with pytest.raises(SolveError, match="nothing at"):
        fit(LINE, data(X, 1.0), predict, known=True)


def test_what_the_data_do_not_see_has_a_huge_error_and_an_open_direction():
    J = np.column_stack([X, X, np.ones_like(X)])
    found = Statistics(np.zeros_like(X), J, known=True)
    (direction,) = found.open_directions
    assert direction == pytest.approx([1, -1, 0], abs=1e-9) or direction == pytest.approx([-1, 1, 0], abs=1e-9)
    assert found.standard_errors[0] > 1e6
    assert found.standard_error_of(np.array([1.0, 1.0, 0.0])) == pytest.approx(
        np.linalg.inv([[X @ X, X.sum()], [X.sum(), len(X)]])[0, 0] ** 0.5
    )
