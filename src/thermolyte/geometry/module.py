"""A module: any number of n-p pairs on a serpentine of straps."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from thermolyte.geometry.couple import Paired
from thermolyte.geometry.parts import Straps
from thermolyte.geometry.serpentine import Serpentine, most_square


class Module(Paired):
    """Legs in rows along x, each row running backwards to the one before it; `minus` is at the first leg."""

    shape: Literal["module"]
    pairs: int = Field(ge=1, le=1000, description="number of n-p pairs in series")
    layout: Literal["square", "row"] = Field("square", description="the most square grid, or one row")
    straps: Straps = Field(description="metal bridges from leg to leg")

    def serpentine(self) -> Serpentine:
        """All legs on the chosen grid."""
        legs = 2 * self.pairs
        return self._path(self.pairs, legs if self.layout == "row" else most_square(legs), self.straps)
