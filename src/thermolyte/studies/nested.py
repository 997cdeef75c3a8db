"""Values on a grid from as few of its points as an accuracy needs: polynomials along each axis, nested.

Along the last axis every line has nodes of its own, taken one by one as a Leja sequence among the points of the grid
until a further one changes nothing on the line any more. Along an axis before, the nodes are whole subgrids of that
kind, until a further one is predicted. What has no nodes is interpolated from its neighbours. Where all points are
nodes nothing is interpolated, so that a kink costs points and no accuracy.

Leja sequences: S. De Marchi, Appl. Math. Comput. 155 (2004) 743. Knows neither physics nor solver.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BarycentricInterpolator

Array = NDArray[np.float64]
Index = tuple[int, ...]
ON_A_LINE, SUBGRIDS = 3, 2
"""Nodes before the first test."""
CHECKS = 4
"""Points chosen at random that must agree, one after the other, before the interpolant is believed."""


class NestedInterpolant:
    """A function on a grid, solved at some points and interpolated at the others."""

    def __init__(
        self,
        axes: Sequence[Array],
        solve: Callable[[Index], Array],
        difference: Callable[[Array, Array], float],
        accuracy: float,
    ):
        """Nothing is solved yet.

        Args:
            axes: different values along each axis.
            solve: some numbers at a point of the grid; asked once for each.
            difference: the largest between two versions of a point or a line.
            accuracy: how large it may be.
        """
        self.axes, self.accuracy = axes, accuracy
        self._solve, self._difference = solve, difference
        self._nodes: defaultdict[Index, list[int]] = defaultdict(list)
        self._usual = ON_A_LINE
        self.solved: dict[Index, Array] = {}
        self._last: dict[Index, tuple[Array, Array]] = {}

    def values(self, prefix: Index = ()) -> Array:
        """The function on the whole grid, or on the subgrid whose first indices are `prefix`."""
        if len(prefix) == len(self.axes):
            return self.solved[prefix]
        nodes, x = sorted(self._nodes[prefix]), self.axes[len(prefix)]
        known = np.stack([self.values((*prefix, k)) for k in nodes])
        x = (x - x[0]) / (x[-1] - x[0])
        between = np.setdiff1d(np.arange(len(x)), nodes)
        found = np.empty((len(x), *known.shape[1:]))
        found[nodes], found[between] = known, BarycentricInterpolator(x[nodes], known)(x[between])
        return found

    def build(self, seed: int = 0) -> None:
        """Solve until the interpolant also holds at random points; a point where it does not becomes a node."""
        for index in self._probes(()):  # nodes all of them; together they show how large the numbers are
            self._at(index)
        self._refine(())
        random, agreed = np.random.default_rng(seed), 0
        while agreed < CHECKS and (left := self._unsolved(between_lines=agreed % 2 == 0)):
            self._at(left[int(random.integers(len(left)))])
            agreed = 0 if self._repair() else agreed + 1

    @property
    def tested(self) -> list[Index]:
        """The solved points that are no nodes."""
        return [index for index in self.solved if not self._is_node(index)]

    def evidence(self) -> dict[Index, tuple[Array, Array]]:
        """Why the interpolant is believed: point or line -> what it is there without, and with a further solution.

        Lines of which every point is a node need none.
        """
        values = self.values()
        points = {index: (values[index], self.solved[index]) for index in self.tested}
        return points | {line: x for line, x in self._last.items() if len(self._nodes[line]) < len(self.axes[-1])}

    # ---- nodes -----------------------------------------------------------------------------------------------------
    def _refine(self, prefix: Index) -> None:
        """Add nodes to a grid or subgrid until it is known."""
        is_line = len(prefix) == len(self.axes) - 1
        for first in self._first(prefix, self._usual if is_line else SUBGRIDS):
            self._add(prefix, first)
        while (k := self._next(prefix, self._nodes[prefix])) is not None:
            if self._settles(prefix, k) if is_line else self._predicts(prefix, k):
                break
        if is_line:
            self._usual = max(ON_A_LINE, len(self._nodes[prefix]) - 2)

    def _settles(self, line: Index, k: int) -> bool:
        """Whether a further node changes nothing on a line any more."""
        before = self.values(line)
        self._add(line, k)
        after = self.values(line)
        self._last[line] = before, after
        return self._difference(before, after) <= self.accuracy

    def _predicts(self, prefix: Index, k: int) -> bool:
        """Whether the first points of a further subgrid are known before; if not, it becomes a node."""
        if all(self._holds(index, prefix) for index in self._probes((*prefix, k))):
            return True
        self._add(prefix, k)
        return False

    def _holds(self, index: Index, prefix: Index) -> bool:
        """Whether the grid at `prefix` predicts a point, which is solved to know."""
        predicted = self.values(prefix)[index[len(prefix) :]]
        return self._difference(predicted, self._at(index)) <= self.accuracy

    def _repair(self) -> bool:
        """Make nodes of solved points that are not predicted; returns whether there were any."""
        repaired = False
        while wrong := [index for index in self.tested if not self._holds(index, ())]:
            self._absorb(wrong[0])
            repaired = True
        return repaired

    def _add(self, prefix: Index, k: int) -> None:
        if len(prefix) == len(self.axes) - 1:
            self._at((*prefix, k))
        else:
            self._refine((*prefix, k))
        self._nodes[prefix].append(k)

    def _absorb(self, index: Index) -> None:
        """Make a solved point a node of its line, and the line one with nodes if it was interpolated as a whole."""
        prefix: Index = ()
        while len(prefix) < len(self.axes) - 1 and index[len(prefix)] in self._nodes[prefix]:
            prefix = index[: len(prefix) + 1]
        self._add(prefix, index[len(prefix)])
        self._refine(prefix)

    def _unsolved(self, *, between_lines: bool) -> list[Index]:
        """The points that are not solved; those on lines without nodes only, if there are any and they are wanted."""
        left = [index for index in np.ndindex(*map(len, self.axes)) if index not in self.solved]
        return [index for index in left if between_lines and not self._is_node(index[:-1])] or left

    def _is_node(self, index: Index) -> bool:
        return all(k in self._nodes[index[:axis]] for axis, k in enumerate(index))

    def _at(self, index: Index) -> Array:
        if index not in self.solved:
            self.solved[index] = self._solve(index)
        return self.solved[index]

    # ---- sequences -------------------------------------------------------------------------------------------------
    def _first(self, prefix: Index, count: int) -> list[int]:
        """The nodes that a subgrid begins with, in the order of the axis: neighbours are solved one after the other."""
        chosen = list(self._nodes[prefix])
        while len(chosen) < count and (k := self._next(prefix, chosen)) is not None:
            chosen.append(k)
        return sorted(set(chosen) - set(self._nodes[prefix]))

    def _probes(self, prefix: Index) -> list[Index]:
        """The points at which a grid or subgrid begins to be solved."""
        found = [prefix]
        for axis in range(len(prefix), len(self.axes)):
            count = ON_A_LINE if axis == len(self.axes) - 1 else SUBGRIDS
            found = [(*index, k) for index in found for k in self._first(index, count)]
        return found

    def _next(self, prefix: Index, nodes: Sequence[int]) -> int | None:
        """The point farthest from all nodes, in the mean of logarithms; the first one is that of smallest magnitude."""
        x = self.axes[len(prefix)]
        if len(nodes) == len(x):
            return None
        if not nodes:
            return int(np.argmin(np.abs(x)))
        distance = np.abs(x[:, None] - x[list(nodes)]) / np.ptp(x)
        return int(np.argmax(distance.prod(axis=1)))
