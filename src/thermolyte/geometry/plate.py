"""A round piece of film: layers of one radius, drawn as half a section."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from pydantic import Field

from thermolyte.coordinates import Coordinates
from thermolyte.geometry.arrays import Floats
from thermolyte.geometry.layered import LayeredShape
from thermolyte.geometry.layers import Cells, number
from thermolyte.units import PositiveLength


class Plate(LayeredShape):
    """Layers of one radius around the axis r = 0: axisymmetric, with equal cells across.

    Regions are the layers; boundaries `bottom`, `top`, `side` (the rim of all layers); the axis is none.
    """

    shape: Literal["plate"]
    radius: PositiveLength
    cells: Cells = Field(10, description="number of cells along the radius")

    def coordinates(self) -> Coordinates:
        """Half a section r z."""
        return Coordinates("axisymmetric", 2)

    @property
    def section(self) -> float:
        """Area of the disc, m²."""
        return math.pi * float(self.radius) ** 2

    def across(self, division: float) -> list[Floats]:
        """Equal cells from the axis to the rim, m."""
        return [np.linspace(0.0, self.radius, number(self.cells, division) + 1)]

    def side(self, layer: str, axis: int, end: int) -> str | None:
        """The rim; the axis is no boundary."""
        del layer, axis
        return "side" if end > 0 else None
