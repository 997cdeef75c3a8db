"""The dopant fraction x(r) of a graded or segmented leg, or of one that was mapped."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Literal, Self

import numpy as np
import ufl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from scipy.interpolate import RegularGridInterpolator
from ufl.core.expr import Expr

from thermolyte import units
from thermolyte.errors import InputError
from thermolyte.materials.composition import clipped
from thermolyte.materials.csv_file import read_columns
from thermolyte.materials.properties import folder

AXES = "xyz"


class Gradient(BaseModel):
    """x along one axis of the geometry, in straight pieces or in steps; beyond its ends it is constant."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    along: Literal["x", "y", "z"]
    position: tuple[units.Length, ...] = Field(min_length=2, description="increasing coordinates along the axis")
    fraction: tuple[units.Composition, ...] = Field(
        min_length=1, description="x at each position; in steps, x between each two of them"
    )
    shape: Literal["linear", "steps"] = "linear"

    @model_validator(mode="after")
    def _well_formed(self) -> Self:
        n, wanted = len(self.fraction), len(self.position) - (self.shape == "steps")
        if n != wanted:
            raise ValueError(
                f"{len(self.position)} positions and {n} fraction{'s' * (n != 1)}: shape {self.shape} takes {wanted}"
            )
        for i in range(1, len(self.position)):
            if self.position[i] <= self.position[i - 1]:
                raise ValueError(f"position must increase, but position[{i}] = {self.position[i]:g} m does not")
        return self

    @property
    def structure(self) -> object:
        """What of it is compiled: all but the fractions."""
        return self.along, self.position, self.shape, len(self.fraction)

    def at(self, r: Expr, fraction: Expr) -> Expr:
        """x in UFL at the position vector r [m], with the values in the UFL vector `fraction`."""  # noqa: D403
        s, knots = r[AXES.index(self.along)], self.position
        if self.shape == "steps":
            return _choose(s, knots, [fraction[i] for i in range(len(knots) - 1)])
        s = clipped(s, knots[0], knots[-1])
        pieces = [
            fraction[i] + (fraction[i + 1] - fraction[i]) * ((s - a) / (b - a))
            for i, (a, b) in enumerate(pairwise(knots))
        ]
        return _choose(s, knots, pieces)


class Voxels(BaseModel):
    """x from a map, such as one of EDS: a CSV file with the header `x [mm], z [mm], fraction [1]`.

    Its points are the centres of the voxels of a grid along one, two or three of the axes; between them x is
    (multi-)linear, beyond them constant.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    map: Path

    @field_validator("map")
    @classmethod
    def _from_the_folder_of_the_case(cls, path: Path, info: ValidationInfo) -> Path:
        path = folder(info) / path
        try:
            _grid(path)
        except InputError as error:
            raise ValueError(str(error)) from None
        return path

    @property
    def span(self) -> tuple[float, float]:
        """Lowest and highest x."""
        _, _, values = _grid(self.map)
        return float(values.min()), float(values.max())

    def at(self, r: NDArray[np.float64]) -> NDArray[np.float64]:
        """x at points of shape (3, n) [m]."""  # noqa: D403
        axes, knots, values = _grid(self.map)
        places = np.stack([np.clip(r[a], k[0], k[-1]) for a, k in zip(axes, knots, strict=True)], axis=1)
        found: NDArray[np.float64] = RegularGridInterpolator(knots, values)(places)
        return found


@lru_cache
def _grid(path: Path) -> tuple[list[int], list[NDArray[np.float64]], NDArray[np.float64]]:
    """Axes of a map, the places of its voxels along each [m], and the fractions of the grid.

    Raises:
        InputError: columns, units or numbers that make no map, with file and line.
    """
    header, given, lines = read_columns(path)
    axes = [i for i, name in enumerate(AXES) if name in given]
    if "fraction" not in given or not axes or len(axes) + 1 != len(given):
        raise InputError(f"{header}: a map has columns x, y, z (one or more of them) and fraction, with units")
    for place, values_of_line in lines:
        if len(values_of_line) < len(given):
            raise InputError(f"{place}: a number is missing")
    try:
        scale = {name: units.factor(unit, "1" if name == "fraction" else "m") for name, unit in given.items()}
    except ValueError as error:
        raise InputError(f"{header}: {error}") from None
    columns = {name: factor * np.array([line[name] for _, line in lines]) for name, factor in scale.items()}
    at, fraction = [columns[AXES[i]] for i in axes], columns["fraction"]
    knots = [np.unique(np.round(a, 12)) for a in at]
    shape = tuple(len(k) for k in knots)
    if len(fraction) != np.prod(shape) or min(shape) < 2:
        raise InputError(f"{path}: {len(fraction)} points are no full grid of {' × '.join(map(str, shape))} voxels")
    if fraction.min() < 0 or fraction.max() > 1:
        raise InputError(f"{path}: fraction from {fraction.min():g} to {fraction.max():g}; it lies between 0 and 1")
    values = np.full(shape, np.nan)
    values[tuple(np.searchsorted(k, np.round(a, 12)) for k, a in zip(knots, at, strict=True))] = fraction
    if np.isnan(values).any():
        raise InputError(f"{path}: a voxel stands twice, and another one is missing")
    return axes, knots, values


def _choose(s: Expr, knots: Sequence[float], values: Sequence[Expr]) -> Expr:
    """The value of the interval between two knots that s lies in: a binary tree of conditionals."""
    if len(values) == 1:
        return values[0]
    middle = len(values) // 2
    below, above = _choose(s, knots[: middle + 1], values[:middle]), _choose(s, knots[middle:], values[middle:])
    return ufl.conditional(ufl.lt(s, knots[middle]), below, above)
