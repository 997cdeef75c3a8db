"""Interpolation on a grid: how few points it takes, whether it is as good as it says, and what a kink does to it."""

import numpy as np
import pytest

from thermolyte.studies.nested import CHECKS, ON_A_LINE, NestedInterpolant

pytestmark = pytest.mark.serial

T, I = np.linspace(300.0, 500.0, 9), np.linspace(0.0, 10.0, 21)


def built(function, accuracy, axes=(T, I), seed=0):
    """An interpolant of a function of the axes, how often it was asked, and its true largest error."""
    asked = []

    def solve(index):
        asked.append(index)
        return np.array([function(*(axis[k] for axis, k in zip(axes, index, strict=True)))])

    def difference(before, after):
        return float(np.max(np.abs(before - after)))

    found = NestedInterpolant(axes, solve, difference, accuracy)
    found.build(seed)
    truth = function(*np.meshgrid(*axes, indexing="ij"))
    assert len(asked) == len(set(asked)), "a point is solved once"
    assert set(asked) == set(found.solved)
    return found, len(asked), float(np.max(np.abs(found.values()[..., 0] - truth)))


def test_a_polynomial_takes_its_degree_and_one_point_more():
    found, count, error = built(lambda i: 3 - 2 * i + 0.5 * i**2, 1e-9, (I,))
    assert count == ON_A_LINE + 1 + CHECKS
    assert error < 1e-12
    assert len(found.tested) == CHECKS


def test_lines_on_which_nothing_changes_are_interpolated_as_a_whole():
    _, count, error = built(lambda t, i: t * 1e-2 - 0.3 * i + 1e-3 * t * i + 0.01 * i**2, 1e-9)
    assert count <= 2 * (ON_A_LINE + 1) + ON_A_LINE + CHECKS
    assert error < 1e-12


@pytest.mark.parametrize("accuracy", [1e-2, 1e-4, 1e-6, 1e-8])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_accuracy_holds_everywhere_and_costs_more_the_better_it_is(accuracy, seed):
    def smooth(t, i):
        return np.exp(-i / 4) * np.cos(t / 80) + i / 10

    _, count, error = built(smooth, accuracy, seed=seed)
    _, fewer, _ = built(smooth, 100 * accuracy, seed=seed)
    assert error < accuracy
    assert fewer < count < len(T) * len(I)


def test_evidence_is_no_smaller_than_the_error():
    found, _, error = built(lambda t, i: 1 / (1 + (i - 4) ** 2 / 9) + t * 1e-3 * np.sin(i / 5), 1e-4)
    seen = max(float(np.max(np.abs(before - after))) for before, after in found.evidence().values())
    assert error <= 1.001 * seen <= 1e-4


def test_a_kink_costs_points_of_its_axis_only():
    """|t − 393| is no polynomial: every t is solved for; along i three nodes go on to suffice."""
    found, count, error = built(lambda t, i: np.abs(t - 393) * 1e-2 + 0.1 * i**2, 1e-6)
    assert error < 1e-12
    assert count <= len(T) * (ON_A_LINE + 1) + CHECKS
    assert all((k, 0) in found.solved for k in range(len(T)))


def test_a_kink_along_the_last_axis_ends_with_the_points_themselves():
    _, count, error = built(lambda t, i: np.maximum(i - 3.1, 0) + 0 * t, 1e-6, (T[:2], I))
    assert error < 1e-12
    assert count == 2 * len(I)


def test_a_feature_that_the_first_nodes_miss_is_found_by_the_random_points():
    """Zero on the first lines that are looked at: only a point in between can tell."""

    def hidden(t, i):
        return (t - 300) * (t - 400) * (t - 500) * 1e-6 * (1 + i)

    found = [built(hidden, 1e-3, seed=seed) for seed in range(8)]
    assert all(error < 1e-3 for _, _, error in found)


def test_three_axes():
    cold = np.linspace(280.0, 300.0, 5)
    _, count, error = built(
        lambda c, t, i: (t - c) * (1 + 1e-3 * t) - i + 0.1 * i**2 + 1e-3 * c * i, 1e-6, (cold, T, I)
    )
    assert error < 1e-6
    assert count < 0.1 * len(cold) * len(T) * len(I)


@pytest.mark.parametrize("points", [2, 3])
def test_so_few_points_are_all_solved(points):
    _, count, error = built(lambda i: np.exp(i), 1e-3, (np.linspace(-1.0, 1.0, points),))
    assert (count, error) == (points, 0.0)


def test_the_first_point_is_that_of_smallest_magnitude():
    """At zero current no Joule heat hides the open-circuit voltage."""
    found, _, _ = built(lambda i: np.cos(i), 1e-6, (np.linspace(-2.0, 4.0, 13),))
    assert next(iter(found.solved)) == (0,)  # the order of the axis
    assert (4,) in list(found.solved)[:3]
