"""A whole map of a device: solved at some points of a grid, interpolated at the others, and tested."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np

from thermolyte import units
from thermolyte.case import Case
from thermolyte.quantities import Values, unit_of
from thermolyte.studies.nested import Array, Index, NestedInterpolant
from thermolyte.studies.primitives import BALANCES, Primitives
from thermolyte.studies.study import Map, Point

log = logging.getLogger(__name__)

WARRANTED = {
    "voltage", "current", "heat_flow", "power", "hot_heat_flow", "cold_heat_flow", "efficiency", "cop",
    "open_circuit_voltage", "internal_resistance", "resistance", "power_density_leg", "power_density_footprint",
}  # fmt: skip
"""Quantities for the sake of which is solved on; of the others those are given that happen to be as accurate."""
MARGIN = 2.0
"""Accuracy that is asked over largest error that may be seen: it is larger where it is not looked at."""
SMALL = 1e-4
"""Of the largest quantity of its unit: a smaller one is measured against this, for it is close to round-off."""


class OperatingMap:
    """The grid of a case's study of type map; `solve` gives the solution at a point of it."""

    def __init__(self, case: Case, study: Map, solve: Callable[[Point], Values]):
        self._study, self._solve = study, solve
        self._device = case.device_of_numbers()
        self._drive = f"terminals.{self._device.terminal}.current"
        self._axes = study.axes()
        # Last, for lines along it are smoothest, and points that differ in the current only are the cheapest to solve.
        self._paths = sorted(self._axes, key=lambda path: path == self._drive)
        self._solutions: dict[Index, Values] = {}
        self._primitives: Primitives | None = None
        numbers = [np.array([units.quantity(v).magnitude for v in self._axes[path]]) for path in self._paths]
        self._zero = [int(k) for k in np.flatnonzero(numbers[-1] == 0)] if self._is_over_current else []
        self._interpolant = NestedInterpolant(numbers, self._vector, self._difference, study.accuracy / MARGIN)

    @property
    def _is_over_current(self) -> bool:
        return self._paths[-1] == self._drive

    def build(self) -> None:
        """Solve as many points as the accuracy needs, on the same ones in every run."""
        self._interpolant.build()

    # ---- results ---------------------------------------------------------------------------------------------------
    def points(self) -> Iterator[tuple[Point, Values, bool]]:
        """Parameters and values of every point of the grid in the user's order, and whether it was solved."""
        everywhere, given = self._interpolant.values(), self.warranted()
        for place in product(*(range(len(values)) for values in self._axes.values())):
            at = dict(zip(self._axes, place, strict=True))
            index = tuple(at[path] for path in self._paths)
            if index in self._solutions:
                yield self._point(index), self._solutions[index], True
            else:
                found = self._values(everywhere[index])
                yield self._point(index), {n: v for n, v in found.items() if n in given}, False

    def warranted(self) -> set[str]:
        """The quantities that are within the accuracy, with its margin, wherever they were tested."""
        return {name for name, error in self.errors().items() if error <= self._study.accuracy / MARGIN}

    def errors(self) -> dict[str, float]:
        """Largest difference of every quantity where it was tested, relative to the largest on the map."""
        scales, worst = self._scales(), dict[str, float]()
        for before, after in self._interpolant.evidence().values():
            for name, error in self._errors(before, after, scales).items():
                worst[name] = max(error, worst.get(name, 0.0))
        return worst or dict.fromkeys(scales, 0.0)

    def summary(self) -> dict[str, Any]:
        """What `result.json` says about the map."""
        errors, given = self.errors(), self.warranted()
        return {
            "accuracy": self._study.accuracy,
            "points": int(np.prod([len(values) for values in self._axes.values()])),
            "solved": len(self._solutions),
            "checks": [self._point(index) for index in self._interpolant.tested],
            "error": {n: errors[n] for n in errors if n in given},
            "left_out": {n: errors[n] for n in errors if n not in given},
        }

    # ---- at a point ------------------------------------------------------------------------------------------------
    def _point(self, index: Index) -> Point:
        at = {path: self._axes[path][k] for path, k in zip(self._paths, index, strict=True)}
        return {path: at[path] for path in self._axes}

    def _solution(self, index: Index) -> Values:
        if index not in self._solutions:
            self._solutions[index] = self._solve(self._point(index))
        return self._solutions[index]

    def _vector(self, index: Index) -> Array:
        idle = self._solution((*index[:-1], self._zero[0])) if self._zero else {}
        found = self._solution(index)
        self._primitives = self._primitives or Primitives(found, self._device, over_current=self._is_over_current)
        return self._primitives.vector(found, idle)

    def _values(self, vector: Array) -> Values:
        assert self._primitives is not None  # it was made with the first vector
        return self._primitives.values(vector)

    # ---- differences -----------------------------------------------------------------------------------------------
    def _difference(self, before: Array, after: Array) -> float:
        errors = self._errors(before, after, self._scales())
        return max((x for name, x in errors.items() if _is_warranted(name)), default=0.0)

    def _errors(self, before: Array, after: Array, scales: Mapping[str, float]) -> dict[str, float]:
        """Largest relative difference of every quantity at a point or on a line."""
        worst: dict[str, float] = {}
        count = before.shape[-1]
        for a, b in zip(before.reshape(-1, count), after.reshape(-1, count), strict=True):
            old, new = self._values(a), self._values(b)
            for name, scale in scales.items():
                if name in old and name in new:
                    worst[name] = max(abs(old[name] - new[name]) / scale, worst.get(name, 0.0))
        return worst

    def _scales(self) -> dict[str, float]:
        """The largest magnitude of every quantity among the solutions."""
        own: dict[str, float] = {}
        for values in self._solutions.values():
            for name, value in values.items():
                if name not in BALANCES:
                    own[name] = max(abs(value), own.get(name, 0.0))
        largest: dict[str, float] = {}
        for name, value in own.items():
            largest[unit_of(name)] = max(value, largest.get(unit_of(name), 0.0))
        return {name: max(value, SMALL * largest[unit_of(name)]) or 1.0 for name, value in own.items()}


def _is_warranted(name: str) -> bool:
    """Whether it is one of the `WARRANTED`; parts of the resistance are not."""
    return name in WARRANTED or (name.split(".")[0] in WARRANTED and not name.startswith("resistance."))
