"""Base of the shapes that are made of boxes: a subclass says which boxes, everything else follows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Self

import numpy as np
from pydantic import model_validator

from thermolyte.coordinates import Coordinates
from thermolyte.geometry import hexahedra
from thermolyte.geometry.boxes import Blueprint, Point, extents
from thermolyte.geometry.hexahedra import expected_hexahedra
from thermolyte.geometry.shape import Device, MeshOptions, Names, Strict
from thermolyte.geometry.sizing import Sizing, check_number, expected_tetrahedra


class BoxShape(Strict, ABC):
    """A device made of axis-aligned boxes; z points from the cold side to the hot side."""

    @abstractmethod
    def draw(self) -> Blueprint:
        """The boxes and named faces."""

    @abstractmethod
    def device(self) -> Device:
        """Areas for power densities."""

    @property
    @abstractmethod
    def narrowest(self) -> float:
        """Smallest dimension of a leg, m: the default element size is a fraction of it."""

    def coordinates(self) -> Coordinates:
        """Cartesian x y z."""
        return Coordinates()

    def extent(self, region: str) -> float:
        """Distance along z from the lowest to the highest face of a region, m."""
        mine = [box for box in self.blueprint.boxes if box.region == region]
        return max(box.upper[2] for box in mine) - min(box.lower[2] for box in mine)

    def section_along(self, start: Point, stop: Point) -> float | None:
        """Cross-section of the leg that a line along z runs through, m²; None: no leg, or legs of several sections."""
        ends = np.sort([start, stop], axis=0)
        slack = 1e-9 * float(np.ptp(ends, axis=0).max())
        legs = [box for box in self.blueprint.boxes if box.region in self.device().legs]
        met = [b for b in legs if (ends[1] + slack >= b.lower).all() and (ends[0] - slack <= b.upper).all()]
        areas = {x * y for x, y, _ in map(extents, met)}
        return areas.pop() if len(areas) == 1 else None

    @cached_property
    def blueprint(self) -> Blueprint:
        """The boxes and named faces, drawn once."""
        return self.draw()

    @model_validator(mode="after")
    def _can_be_drawn(self) -> Self:
        # Overlaps and clashes of names belong to the validation of the case, not to the meshing.
        _ = self.blueprint
        return self

    def names(self) -> Names:
        """Regions, boundaries and interfaces, without meshing."""
        return self.blueprint.names()

    def sizing(self, options: MeshOptions) -> Sizing:
        """Element sizes.

        Raises:
            ValueError: larger than a leg, or an option of layered shapes.
        """
        options.refuse("division", because="it is for layered shapes: give the element `size` instead")
        size = self.narrowest / 6 if options.size is None else options.size
        if size > self.narrowest:
            raise ValueError(
                f"the mesh size {size:g} m is larger than the narrowest dimension of a leg, "
                f"{self.narrowest:g} m: use a third of that or less"
            )
        return Sizing(size, size / options.refinement)

    def expected_cells(self, options: MeshOptions) -> int:
        """Number of cells of the mesh: exact for hexahedra, within a factor of two for tetrahedra.

        Raises:
            ValueError: more than anyone can mean.
        """
        sizing = self.sizing(options)
        check_number(float((self.blueprint.upper - self.blueprint.lower).prod(axis=1).sum()) / sizing.size**3)
        expected = expected_hexahedra if options.cells == "hexahedron" else expected_tetrahedra
        cells = int(expected(self.blueprint, sizing))
        check_number(cells)
        return cells

    def refined(self, options: MeshOptions, factor: float) -> MeshOptions:
        """The same with elements of `factor` times the size."""
        return options.model_copy(update={"size": self.sizing(options).size * factor})

    def build(self, options: MeshOptions) -> None:
        """Fill the current Gmsh model with a mesh in metres and its named physical groups."""
        self.expected_cells(options)
        if options.cells == "hexahedron":
            hexahedra.build(self.blueprint, self.sizing(options))
        else:
            from thermolyte.geometry import tetrahedra  # here, because it loads Gmsh

            tetrahedra.build(self.blueprint, self.sizing(options))
