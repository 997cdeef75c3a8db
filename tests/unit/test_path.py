"""The first guess along a sweep."""

import numpy as np
import pytest

from thermolyte.studies.path import Path


def numbers(*values: float) -> list[np.ndarray]:
    return [np.array([x]) for x in values]


def state(t: float) -> list[np.ndarray]:
    return [np.array([1 + t - t**2 + 0.3 * t**3, t]), np.array([2 * t**3])]


@pytest.mark.parametrize("steps", [(0.0, 1.0), (0.0, 1.0, 3.0), (2.0, 0.5, 1.0, -1.0)])
def test_polynomial_through_all_states_on_the_line(steps):
    path = Path()
    for t in steps:
        path.add(numbers(300.0, t, 5 - 2 * t), state(t))
    guess = path.guess(numbers(300.0, 4.0, -3.0))
    fitted = [np.polynomial.Polynomial.fit(steps, [state(t)[0][0] for t in steps], len(steps) - 1)(4.0)]
    assert guess[0][0] == pytest.approx(fitted[0], rel=1e-9)
    assert guess[0][1] == pytest.approx(4.0)


def test_a_cubic_is_exact():
    path = Path()
    for t in (0.0, 1.0, 2.0, 3.0):
        path.add(numbers(t), state(t))
    assert np.concatenate(path.guess(numbers(3.5))) == pytest.approx(np.concatenate(state(3.5)), rel=1e-12)


def test_only_states_on_the_line_count():
    path = Path()
    path.add(numbers(300.0, 0.0), [np.array([-7.0])])  # of another temperature
    path.add(numbers(310.0, 1.0), [np.array([1.0])])
    path.add(numbers(310.0, 2.0), [np.array([2.0])])
    assert path.guess(numbers(310.0, 3.0))[0] == pytest.approx([3.0])


def test_nothing_is_guessed_without_a_line():
    path = Path()
    assert path.guess(numbers(1.0)) is None
    path.add(numbers(1.0, 1.0), [np.zeros(1)])
    path.add(numbers(2.0, 1.0), [np.zeros(1)])
    assert path.guess(numbers(2.0, 2.0)) is None  # a turn
    assert path.guess(numbers(2.0, 1.0)) is None  # nothing has changed
