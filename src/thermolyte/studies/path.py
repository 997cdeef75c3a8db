"""A first guess for the next point of a sweep: the solved states along the same line of numbers, extrapolated."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

KEPT = 4  # states, thus a cubic: more would amplify what is left of their residuals
ALIKE = 1e-9  # relative difference of numbers that are the same

Floats = NDArray[np.float64]


class _Solved(NamedTuple):
    """The numbers of a problem, and the state that solves it."""

    numbers: Floats
    state: Sequence[Floats]


class Path:
    """The last states that were solved, by the numbers that they belong to."""

    def __init__(self) -> None:
        self._solved: deque[_Solved] = deque(maxlen=KEPT)

    def add(self, numbers: Sequence[Floats], state: Sequence[Floats]) -> None:
        """Remember a solved state."""
        self._solved.append(_Solved(_flat(numbers), state))

    def guess(self, numbers: Sequence[Floats]) -> list[Floats] | None:
        """Lagrange's polynomial through the states on the line from the last one to these numbers; None: no line.

        A line is one current or temperature that varies, or several that vary in proportion.
        """
        wanted = _flat(numbers)
        if len(self._solved) < 2:
            return None
        last = self._solved[-1].numbers
        way = wanted - last
        changed = np.abs(way) > ALIKE * np.maximum(np.abs(wanted), np.abs(last))
        if not changed.any():
            return None
        on_line: dict[
            float, Sequence[Floats]
        ] = {}  # share of the way -> state, 0 for the last one, 1 for the one that is wanted
        for numbers_, state in reversed(self._solved):
            shares = (numbers_ - last)[changed] / way[changed]
            others = np.abs(numbers_ - last)[~changed] <= ALIKE * np.abs(last[~changed])
            if others.all() and np.ptp(shares) <= ALIKE and all(abs(shares[0] - s) > ALIKE for s in on_line):
                on_line[float(shares[0])] = state
        if len(on_line) < 2:
            return None
        weights = [np.prod([(1 - t) / (s - t) for t in on_line if t != s]) for s in on_line]
        return [
            np.asarray(sum(w * x for w, x in zip(weights, parts, strict=True)))
            for parts in zip(*on_line.values(), strict=True)
        ]


def _flat(numbers: Sequence[Floats]) -> Floats:
    return np.concatenate([np.ravel(x) for x in numbers])
