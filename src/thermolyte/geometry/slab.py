"""Layers in one dimension."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from thermolyte.coordinates import Coordinates
from thermolyte.geometry.arrays import Floats
from thermolyte.geometry.layered import LayeredShape
from thermolyte.units import Area


class Slab(LayeredShape):
    """Layers along z, the same everywhere across it: one dimension.

    Regions are the layers; boundaries `bottom`, `top`.
    """

    shape: Literal["slab"]
    area: Area = Field(description="cross-section")

    def coordinates(self) -> Coordinates:
        """The axis z; integrals are over the cross-section too."""
        return Coordinates("cartesian", 1, self.area)

    @property
    def section(self) -> float:
        """Cross-section, m²."""
        return float(self.area)

    def across(self, division: float) -> list[Floats]:
        """Nothing: all grid lines lie along z."""
        del division
        return []

    def side(self, layer: str, axis: int, end: int) -> str | None:
        """None: a line has no sides."""
        del layer, axis, end
        return None
