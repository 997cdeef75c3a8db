"""A particle that depends on the distance from its centre only."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from pydantic import Field

from thermolyte.coordinates import Coordinates
from thermolyte.geometry.arrays import Floats
from thermolyte.geometry.grid_shape import Faces, GridShape, Mask
from thermolyte.geometry.layers import Cells, number
from thermolyte.geometry.parts import Name
from thermolyte.geometry.shape import Device
from thermolyte.units import PositiveLength


class Sphere(GridShape):
    """A ball along its radius: one region, boundary `surface`; the centre is none."""

    shape: Literal["sphere"]
    name: Name = Field("particle", description="its region")
    radius: PositiveLength
    cells: Cells = Field(40, description="number of cells along the radius")

    def coordinates(self) -> Coordinates:
        """The radius r; integrals are over the ball."""
        return Coordinates("spherical", 1)

    def device(self) -> Device:
        """The surface is the area that current densities refer to; there are no legs."""
        surface = 4 * math.pi * self.radius**2
        return Device(surface, surface, (), pairs=0)

    def extent(self, region: str) -> float:
        """The radius, m."""
        del region
        return float(self.radius)

    def volume(self, region: str) -> float:
        """That of the ball, m³."""
        del region
        return 4 / 3 * math.pi * float(self.radius) ** 3

    def face_area(self, boundary: str) -> float | None:
        """The surface, m²."""
        return self.device().footprint if boundary == "surface" else None

    @property
    def regions(self) -> tuple[str, ...]:
        """The particle."""
        return (self.name,)

    @property
    def interfaces(self) -> dict[str, float]:
        """None."""
        return {}

    def lines(self, division: float) -> list[Floats]:
        """Equal cells from the centre to the surface, m."""
        return [np.linspace(0.0, self.radius, number(self.cells, division) + 1)]

    def boundaries(self, faces: Faces) -> dict[str, Mask]:
        """The outer end."""
        return {"surface": faces.outward[:, 0] > 0}
