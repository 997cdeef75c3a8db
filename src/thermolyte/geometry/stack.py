"""A stack of layers in two or three dimensions: a section, a section of discs, or a block."""

from __future__ import annotations

import itertools
import math
from typing import Literal

import numpy as np
from pydantic import Field

from thermolyte.coordinates import Coordinates
from thermolyte.geometry.arrays import Floats, Integers
from thermolyte.geometry.grid_shape import Faces, Mask
from thermolyte.geometry.layered import LayeredShape
from thermolyte.geometry.layers import Cells, Disc, join, number, towards_edges
from thermolyte.geometry.parts import Name
from thermolyte.geometry.patches import Patch, check_patches
from thermolyte.units import PositiveLength

LEAST = 4
"""Cells between two edges, however close they are."""

CLOSE = 1e-9
"""Positions that differ by less of the whole are one: 4 mm and 0.4 cm differ in the last digit."""

_NEEDS = {"planar": ("width", "depth"), "axisymmetric": ("radius",), "extruded": ("width", "depth")}


class Stack(LayeredShape):
    """Layers across x z (planar), r z (axisymmetric, layers may be discs of different radius) or x y z (extruded).

    Regions are the layers; boundaries `bottom`, `top` and
    planar        `left` (x = 0), `right`
    extruded      `left`, `right`, `front` (y = 0), `back`
    axisymmetric  `NAME_side`: the rim of each layer; `NAME_top`, `NAME_bottom`: the ring of a layer that is
                  bare beside a narrower neighbour; the axis is none

    Where a disc or a patch ends on a wider layer, the grid is finer, along the plane and across it.
    """

    shape: Literal["stack"]
    form: Literal["planar", "axisymmetric", "extruded"]
    radius: PositiveLength | None = Field(None, description="axisymmetric: of the widest layer")
    width: PositiveLength | None = Field(None, description="planar, extruded: extent along x")
    depth: PositiveLength | None = Field(None, description="extent along y; planar: of what is not drawn")
    cells: Cells = Field(20, description="number of cells along the radius or the width; as large along the depth")
    layers: tuple[Disc, ...] = Field(description="from bottom to top")
    patches: dict[Name, Patch] = Field({}, description="pieces of the bottom or top face with their own name")

    def check(self) -> None:
        """Dimensions of its form, radii and patches that fit.

        Raises:
            ValueError: which one does not.
        """
        for key in ("radius", "width", "depth"):
            given, needed = getattr(self, key) is not None, key in _NEEDS[self.form]
            if given != needed:
                raise ValueError(f"a stack of form {self.form} {'needs its' if needed else 'has no'} {key}")
        for layer in self.layers:
            if layer.radius is None:
                continue
            if self.radius is None:
                raise ValueError(f"layer {layer.name!r}: only an axisymmetric stack has layers with a radius")
            if layer.radius > self.radius * (1 + CLOSE):
                largest = f"that of the stack, {self.radius:g} m"
                raise ValueError(f"layer {layer.name!r}: its radius {layer.radius:g} m is larger than {largest}")
        if self.radius is not None and max(self._radii()) < self.radius * (1 - CLOSE):
            raise ValueError(f"no layer reaches the radius {self.radius:g} m of the stack: give that of the widest")
        check_patches(self.patches, {"bottom": self._face_sizes(0), "top": self._face_sizes(-1)}, self.form)
        super().check()

    def coordinates(self) -> Coordinates:
        """The section x z with its depth, half a section r z, or the block x y z."""
        if self.form == "axisymmetric":
            return Coordinates("axisymmetric", 2)
        return Coordinates("cartesian", 2, self.depth or 1.0) if self.form == "planar" else Coordinates()

    @property
    def section(self) -> float:
        """Area of the widest layer, m²."""
        return math.pi * self.radius**2 if self.radius is not None else (self.width or 0.0) * (self.depth or 0.0)

    def section_of(self, layer: int) -> float:
        """Cross-section of one layer, m²."""
        return math.pi * self._radii()[layer] ** 2 if self.form == "axisymmetric" else self.section

    def contact(self, lower: int) -> float:
        """Area of the narrower one of two neighbours, m²."""
        return min(self.section_of(lower), self.section_of(lower + 1))

    def face_area(self, boundary: str) -> float | None:
        """The whole lowest or highest face, m², where it has no patches."""
        return None if any(patch.on == boundary for patch in self.patches.values()) else super().face_area(boundary)

    def side(self, layer: str, axis: int, end: int) -> str | None:
        """The rim of each layer, or the flat sides of the whole."""
        if self.form == "axisymmetric":
            return f"{layer}_side" if end > 0 else None
        return (("left", "right"), ("front", "back"))[axis][end > 0]

    def across(self, division: float) -> list[Floats]:
        """Grid lines along the radius, or along width and depth, m."""
        sizes = self._sizes()
        return [self._line(axis, self.cells * size / sizes[0], division) for axis, size in enumerate(sizes)]

    def edge_planes(self) -> set[int]:
        """Planes with a patch or the edge of a disc on a wider one."""
        ends = {0 if patch.on == "bottom" else len(self.layers) for patch in self.patches.values()}
        return ends | {plane for plane, _ in self._steps()}

    def filled(self, lines: list[Floats]) -> Integers:
        """Every cell is in its layer, or in none beyond the radius of that."""
        region = super().filled(lines)
        if self.form == "axisymmetric":
            radius = np.array(self._radii())[region]
            region[0.5 * (lines[0][1:] + lines[0][:-1])[:, None] > radius] = -1
        return region

    def boundaries(self, faces: Faces) -> dict[str, Mask]:
        """As of all layered shapes; patches take their faces from the face they are on."""
        found = super().boundaries(faces)
        for name, patch in self.patches.items():
            if name in found:
                raise ValueError(f"patch {name!r}: there is a boundary of that name already")
            low, high = np.array(patch.spans(self._sizes())).T
            inside = ((faces.centre[:, :-1] > low) & (faces.centre[:, :-1] < high)).all(axis=1)
            found[name] = found[patch.on] & inside
            found[patch.on] = found[patch.on] & ~inside
        return found

    def _sizes(self) -> list[float]:
        """Radius, width, or width and depth, m."""
        sizes = {"axisymmetric": (self.radius,), "planar": (self.width,), "extruded": (self.width, self.depth)}
        return [size for size in sizes[self.form] if size is not None]

    def _face_sizes(self, layer: int) -> list[float]:
        """As `_sizes`, of one layer."""
        return [self._radii()[layer]] if self.form == "axisymmetric" else self._sizes()

    def _radii(self) -> list[float]:
        """Radius of each layer of an axisymmetric stack, m."""
        return [layer.radius or self.radius or 0.0 for layer in self.layers]

    def _steps(self) -> list[tuple[int, float]]:
        """Planes between two discs of different radius, and the smaller radius, m."""
        if self.form != "axisymmetric":
            return []
        pairs = enumerate(itertools.pairwise(self._radii()), 1)
        return [(plane, min(pair)) for plane, pair in pairs if not math.isclose(*pair, rel_tol=CLOSE)]

    def _line(self, axis: int, cells: float, division: float) -> Floats:
        """Points along one axis, finer towards the edges of discs and patches on it, m."""
        size = self._sizes()[axis]
        spans = [patch.spans(self._sizes())[axis] for patch in self.patches.values()]
        edges = [*itertools.chain(*spans), *(radius for _, radius in self._steps())]
        # The rim of a disc is a grid line too where it is no edge, as that of the widest of three.
        rims = self._radii() if self.form == "axisymmetric" else []
        breaks = [0.0]
        for position in [*sorted([*edges, *rims]), size]:
            if position > breaks[-1] + CLOSE * size:
                breaks.append(position)
        inner = [bool(np.isclose(x, edges, rtol=CLOSE, atol=0).any()) for x in breaks[1:-1]]
        is_edge = [False, *inner, False]
        pieces = list(itertools.pairwise(zip(breaks, is_edge, strict=True)))
        least = LEAST if len(pieces) > 1 else 1
        parts = [
            towards_edges(number(max(least, cells * (b - a) / size), division), start, end)
            for (a, start), (b, end) in pieces
        ]
        return join([b - a for (a, _), (b, _) in pieces], parts)
