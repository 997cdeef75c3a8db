"""Base of the shapes that are a structured grid: lines along each axis, a region in each cell, or nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
from pydantic import model_validator

from thermolyte.coordinates import Coordinates
from thermolyte.geometry.arrays import ArrayMesh, Floats, Integers, exterior_facets, grid_cells
from thermolyte.geometry.shape import Device, MeshOptions, Names, Strict
from thermolyte.geometry.sizing import check_number

Mask = npt.NDArray[np.bool_]


class Faces(NamedTuple):
    """Exterior faces of a grid; one entry per face."""

    corners: Integers
    region: Integers
    """Number of the region behind it."""
    outward: Integers
    """Axis steps (-1, 0, 1) of the outward normal; shape (faces, axes)."""
    centre: Floats
    """Midpoint, m; shape (faces, axes)."""


@dataclass(frozen=True)
class Grid:
    """Coordinates of the grid lines along each axis, m, and the number of the region of each cell; -1: void."""

    lines: tuple[Floats, ...]
    region: Integers

    def points(self) -> Floats:
        """All points, those in the void too, the last axis fastest; shape (points, axes)."""
        return np.stack(np.meshgrid(*self.lines, indexing="ij"), axis=-1).reshape(-1, len(self.lines))

    def faces(self) -> Faces:
        """Everything that bounds the regions, towards the void too."""
        cells, dim = grid_cells(self.region), len(self.lines)
        corners, owner = exterior_facets(cells, dim)
        index = np.stack(np.unravel_index(np.arange(self.size), [len(line) for line in self.lines]), axis=1)
        # Between the middle of a cell and that of its face lies half a step along one axis: exact in halves.
        outward = np.rint(2 * (index[corners].mean(axis=1) - index[cells[owner]].mean(axis=1))).astype(np.int64)
        behind = self.region[self.region >= 0][owner]
        return Faces(corners, behind, outward, self.points()[corners].mean(axis=1))

    @property
    def size(self) -> int:
        """Number of points, those in the void too."""
        return int(np.prod([len(line) for line in self.lines]))


class GridShape(Strict, ABC):
    """A shape on a structured grid of `division` times the cells that the case asks for."""

    @abstractmethod
    def coordinates(self) -> Coordinates:
        """Coordinates in which the shape is drawn."""

    @abstractmethod
    def device(self) -> Device:
        """Areas that current densities refer to."""

    @abstractmethod
    def extent(self, region: str) -> float:
        """Thickness of a region, m."""

    @abstractmethod
    def volume(self, region: str) -> float:
        """Volume of a region, m³."""

    @abstractmethod
    def face_area(self, boundary: str) -> float | None:
        """Area of a boundary, m²; None where it is not known without a mesh."""

    @property
    @abstractmethod
    def regions(self) -> tuple[str, ...]:
        """Names of the regions."""

    @property
    @abstractmethod
    def interfaces(self) -> dict[str, float]:
        """`first/second` region -> area in m²."""

    @abstractmethod
    def lines(self, division: float) -> list[Floats]:
        """Grid lines along each axis, m; division 0: as few as the shape can be drawn with."""

    def filled(self, lines: list[Floats]) -> Integers:
        """Number of the region of each cell; -1: void."""
        return np.zeros([len(line) - 1 for line in lines], dtype=np.int64)

    @abstractmethod
    def boundaries(self, faces: Faces) -> dict[str, Mask]:
        """Name -> which exterior faces are on that boundary; a face is on one at most."""

    def mesh(self, division: float) -> ArrayMesh:
        """Cells in their regions and exterior faces on their boundaries."""
        lines = self.lines(division)
        grid = Grid(tuple(lines), self.filled(lines))
        faces = grid.faces()
        found = {name: mask for name, mask in self.boundaries(faces).items() if mask.any()}
        owner = np.full(len(faces.corners), -1, dtype=np.int64)
        for number, mask in enumerate(found.values()):
            owner[mask] = number
        cells, region = grid_cells(grid.region), grid.region[grid.region >= 0]
        return ArrayMesh(grid.points(), cells, region, self.regions, faces.corners, owner, tuple(found))

    @cached_property
    def _names(self) -> Names:
        return Names(self.regions, self.mesh(0).behind(), self.interfaces)

    def names(self) -> Names:
        """Regions, boundaries and interfaces, from the coarsest grid of the shape."""
        return self._names

    def check(self) -> None:
        """Refuse what cannot be drawn.

        Raises:
            ValueError: what is wrong, in words of the user.
        """

    @model_validator(mode="after")
    def _can_be_drawn(self) -> Self:
        self.check()
        names = self.names()
        if twice := set(names.regions) & set(names.boundaries):
            raise ValueError(f"{twice.pop()!r} names both a region and a boundary: give the region another name")
        return self

    def expected_cells(self, options: MeshOptions) -> int:
        """Exact number of cells.

        Raises:
            ValueError: an option of free meshes, more cells than anyone can mean, or too thin ones.
        """
        instead = "give `cells` to the shape and its layers, or `division` for all at once"
        options.refuse("size", "refinement", "cells", because=f"the grid follows the layers: {instead}")
        lines = self.lines(options.division)
        check_number(float(np.prod([len(line) - 1.0 for line in lines])))
        return int((self.filled(lines) >= 0).sum())

    def refined(self, options: MeshOptions, factor: float) -> MeshOptions:
        """The same with elements of `factor` times the size."""
        return options.model_copy(update={"division": options.division / factor})

    def build(self, options: MeshOptions) -> None:
        """Fill the current Gmsh model with the grid in metres and its named physical groups."""
        self.expected_cells(options)
        self.mesh(options.division).fill_gmsh()
