"""A single leg, bare, segmented or between two metal pads."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from thermolyte.geometry.box_shape import BoxShape
from thermolyte.geometry.boxes import Blueprint, Box, blueprint
from thermolyte.geometry.parts import Body, Pads
from thermolyte.geometry.shape import Device


class Leg(BoxShape, Body):
    """One leg on the z axis, cold end at z = 0.

    Regions `leg` (segments: their names, or `leg_1`, `leg_2`, ... from the cold end), `hot_pad`, `cold_pad`;
    boundaries `hot` (top), `cold` (bottom), `sides`.
    """

    shape: Literal["leg"]
    pads: Pads | None = Field(None, description="metal pads on both ends; overhang 0 gives a plain column")

    def draw(self) -> Blueprint:
        """Pieces from the cold end upwards, then the pads."""
        (width, depth), z, boxes = self.section, 0.0, []
        for region, height in self.pieces("leg"):
            boxes.append(_column(region, width, depth, z, z + height))
            z += height
        bottom, top = boxes[0], boxes[-1]
        if self.pads:
            t, o = self.pads.thickness, self.pads.overhang
            wide, deep = width + 2 * o, depth + 2 * o
            top, bottom = _column("hot_pad", wide, deep, z, z + t), _column("cold_pad", wide, deep, -t, 0.0)
            if clash := {top.region, bottom.region} & {box.region for box in boxes}:
                raise ValueError(f"a segment is called {clash.pop()!r}, which is the name of a pad")
            boxes += [top, bottom]
        return blueprint(boxes, [top.face("hot", "z+"), bottom.face("cold", "z-")])

    def device(self) -> Device:
        """The leg's cross-section; the footprint is that of the pads."""
        width, depth = self.section
        overhang = self.pads.overhang if self.pads else 0.0
        legs = tuple(region for region, _ in self.pieces("leg"))
        return Device(self.area, (width + 2 * overhang) * (depth + 2 * overhang), legs, pairs=0)

    @property
    def narrowest(self) -> float:
        """Smallest dimension of the leg, m."""
        return min(*self.section, self.total_height)


def _column(region: str, width: float, depth: float, bottom: float, top: float) -> Box:
    return Box(region, (-width / 2, -depth / 2, bottom), (width / 2, depth / 2, top))
