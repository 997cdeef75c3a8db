"""Layers of a stack, and how a length is divided into cells that get finer towards its ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, field_validator

from thermolyte.geometry.arrays import Floats
from thermolyte.geometry.parts import Name
from thermolyte.geometry.shape import Strict
from thermolyte.geometry.sizing import check_number
from thermolyte.units import PositiveLength

THINNEST = 1e-12
"""Thickness below which a layer is taken for a slip in a unit, m: atoms are a hundred times larger."""

RESOLUTION = 1e-10
"""Smallest cell relative to the whole: below, rounding of the coordinates changes its size by more than 1e-6."""

EDGE_POWER = 3
"""Points near an edge lie at distances (k/n)^3 of the length.

The current at the edge of an electrode grows as distance^-1/2. Elements of order k then converge as on a smooth
solution if the power exceeds 2k (Babuška, Kellogg & Pitkäranta 1979): 3 gives that at order 1, and an error of
n^-3 in a resistance at order 2, at half the aspect ratio that power 4 would cost.
"""

Cells = Annotated[int, Field(ge=1, le=100_000)]


class Grading(Strict):
    """Cells of a layer that grow geometrically away from one end or both."""

    towards: Literal["bottom", "top", "both"] = Field(description="where the cells are finest")
    ratio: float = Field(ge=1.0, le=1e6, description="thickness of the largest cell over that of the smallest")

    def divide(self, cells: int) -> Floats:
        """Points from 0 to 1."""
        step = np.arange(cells)
        from_end = {"bottom": step, "top": step[::-1], "both": np.minimum(step, step[::-1])}[self.towards]
        sizes = self.ratio ** (from_end / max(1, from_end.max()))
        return np.concatenate([[0.0], np.cumsum(sizes) / sizes.sum()])


class StackLayer(Strict):
    """A layer of a stack; its region has its name."""

    name: Name
    thickness: PositiveLength = Field(description="extent along z")
    cells: Cells = Field(8, description="number of cells through the thickness")
    grading: Grading | None = Field(
        None, description="default: equal cells; in a stack finer towards a plane with the edge of a disc or patch"
    )

    @field_validator("thickness")
    @classmethod
    def _not_a_slip(cls, thickness: float) -> float:
        if thickness < THINNEST:
            raise ValueError(
                f"a layer of {thickness:g} m is thinner than an atom and cannot be meshed: check the unit, or "
                "describe it as an interface"
            )
        return thickness


class Disc(StackLayer):
    """A layer of a stack; in an axisymmetric one it may be narrower than the others."""

    radius: PositiveLength | None = Field(None, description="axisymmetric: default the radius of the stack")


def number(cells: float, division: float) -> int:
    """Number of cells after the division of the whole mesh; at least one.

    Raises:
        ValueError: more than anyone can mean.
    """
    check_number(cells * division)
    return max(1, round(cells * division))


def towards_edges(cells: int, start: bool, end: bool) -> Floats:
    """Points from 0 to 1, finer by `EDGE_POWER` towards the ends that are edges."""
    t = np.linspace(0.0, 1.0, cells + 1)
    if start and end:
        return np.where(t < 0.5, 0.5 * (2 * t) ** EDGE_POWER, 1 - 0.5 * (2 - 2 * t) ** EDGE_POWER)
    if end:
        return 1 - (1 - t) ** EDGE_POWER
    return t**EDGE_POWER if start else t


def join(lengths: Sequence[float], parts: Sequence[Floats]) -> Floats:
    """Points of consecutive pieces, from their lengths and their points between 0 and 1."""
    ends = np.concatenate([[0.0], np.cumsum(lengths)])
    pieces = [a + (b - a) * part[:-1] for a, b, part in zip(ends[:-1], ends[1:], parts, strict=True)]
    return np.concatenate([*pieces, ends[-1:]])
