"""Pieces that several shapes have in common: the body of a leg, its layers, pads, straps and plates."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from thermolyte.geometry.shape import Strict
from thermolyte.units import Length, PositiveLength, si

Side = Literal["hot", "cold"]
Kind = Literal["n", "p"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
"""A name made of letters, digits, `_` and `-`; the slash is kept for interfaces."""


def _gap(value: object) -> float:
    result = si(value, "m")
    if result <= 0:
        raise ValueError(f"legs would touch or overlap: the gap must be greater than 0, it is {result:g} m")
    return result


Gap = Annotated[
    float,
    BeforeValidator(_gap),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}], "description": "length, as '1 mm'"}),
]


class Segment(Strict):
    """A piece of a leg along its height."""

    name: Name | None = Field(None, description="its region; default: numbered from the cold end")
    height: PositiveLength


class Body(Strict):
    """The thermoelectric part of a leg: one piece, or segments listed from the cold end to the hot end."""

    width: PositiveLength = Field(description="extent along x")
    depth: PositiveLength | None = Field(None, description="extent along y; default: as wide")
    height: PositiveLength | None = Field(None, description="extent along z, for a leg of one piece")
    segments: tuple[Segment, ...] = Field((), description="from the cold to the hot end, instead of height")

    @model_validator(mode="after")
    def _one_height(self) -> Self:
        if (self.height is None) != bool(self.segments):
            raise ValueError("give the leg either a height or a list of segments with their heights")
        names = [segment.name for segment in self.segments if segment.name]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two segments are called {name!r}: every segment needs its own name")
        return self

    @property
    def section(self) -> tuple[float, float]:
        """Width and depth, m."""
        return self.width, self.depth or self.width

    @property
    def area(self) -> float:
        """Cross-section, m²."""
        return self.section[0] * self.section[1]

    def pieces(self, region: str, prefix: str = "") -> list[tuple[str, float]]:
        """Region and height of each piece from the cold end; a name of the user follows `prefix`."""
        if self.height is not None:
            return [(region, self.height)]
        return [
            (f"{prefix}{piece.name}" if piece.name else f"{region}_{number}", piece.height)
            for number, piece in enumerate(self.segments, 1)
        ]

    @property
    def total_height(self) -> float:
        """Sum of the pieces, m."""
        return sum(height for _, height in self.pieces(""))


class Layer(Strict):
    """A meshed layer between a leg and its strap, as wide as the leg."""

    name: Name = Field(description="such as solder: the regions become n_solder and p_solder")
    thickness: PositiveLength
    legs: tuple[Kind, ...] = Field(("n", "p"), min_length=1, description="which legs have it")
    sides: tuple[Side, ...] = Field(("hot", "cold"), min_length=1, description="at which ends of the leg")


class Pads(Strict):
    """Metal pads on both ends of a single leg."""

    thickness: PositiveLength
    overhang: Length = Field(0.0, description="by which a pad is wider than the leg, on every side")


class Straps(Strict):
    """Metal bridges from leg to leg."""

    thickness: PositiveLength


class Plates(Strict):
    """Ceramic plates outside the straps, hot and cold."""

    thickness: PositiveLength
    overhang: Length = Field(0.0, description="by which a plate is wider than legs and straps, on every side")
