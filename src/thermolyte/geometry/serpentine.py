"""The boxes of legs that alternate n, p along a serpentine of straps: couples and modules."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from thermolyte.geometry.boxes import Blueprint, Box, blueprint
from thermolyte.geometry.parts import Body, Kind, Layer, Plates, Side, Straps

Rectangle = tuple[float, float, float, float]
"""x and y of the lower corner, x and y of the upper corner, m."""


@dataclass(frozen=True, slots=True)
class Serpentine:
    """n and p legs in series, n first; leg number k is an n leg when k is even.

    The path runs minus - cold end of the first n leg - hot strap - p leg - cold strap - ... - plus: at open
    circuit grad φ = -S grad T, so a hot top makes `plus` positive against `minus` for S < 0 in n, S > 0 in p.
    """

    bodies: dict[Kind, Body]
    pairs: int
    columns: int
    gap: float
    layers: tuple[Layer, ...] = ()
    straps: Straps | None = None
    lead: float = 0.0
    plates: Plates | None = None

    def kind(self, leg: int) -> Kind:
        """Type of a leg."""
        return "p" if leg % 2 else "n"

    def cell(self, leg: int) -> tuple[int, int]:
        """Row and column of a leg: every second row runs backwards."""
        row, step = divmod(leg, self.columns)
        return row, self.columns - 1 - step if row % 2 else step

    def stack(self, kind: Kind) -> list[tuple[str, float]]:
        """Region and height of each piece between the straps, from the cold end."""

        def layers(side: Side) -> list[tuple[str, float]]:
            mine = [x for x in self.layers if kind in x.legs and side in x.sides]
            return [(f"{kind}_{layer.name}", layer.thickness) for layer in mine]

        pieces = self.bodies[kind].pieces(f"{kind}_legs", f"{kind}_")
        return [*reversed(layers("cold")), *pieces, *layers("hot")]

    def height(self) -> float:
        """Distance between cold and hot straps, m.

        Raises:
            ValueError: n and p stacks of different height.
        """
        n, p = (math.fsum(height for _, height in self.stack(kind)) for kind in ("n", "p"))
        if abs(n - p) > 1e-9 * n:
            raise ValueError(
                f"n legs with their layers are {n:g} m high and p legs {p:g} m, but both end at the same "
                f"straps: change a height, a segment or a layer"
            )
        return n

    def outlines(self) -> list[Rectangle]:
        """Cross-section of each leg, in the middle of a grid cell; a column is as wide as its widest leg."""
        cells = [self.cell(leg) for leg in range(2 * self.pairs)]
        sections = [self.bodies[self.kind(leg)].section for leg in range(2 * self.pairs)]
        depths: dict[int, float] = {}
        widths: dict[int, float] = {}
        for (r, c), (width, depth) in zip(cells, sections, strict=True):
            depths[r], widths[c] = max(depth, depths.get(r, 0.0)), max(width, widths.get(c, 0.0))
        xs, ys = _centres(widths, self.gap), _centres(depths, self.gap)
        return [
            (xs[c] - w / 2, ys[r] - d / 2, xs[c] + w / 2, ys[r] + d / 2)
            for (r, c), (w, d) in zip(cells, sections, strict=True)
        ]

    def extent(self) -> Rectangle:
        """Rectangle around legs and straps, and around the plates if there are any; leads stick out of it."""
        x0, y0, x1, y1 = _around(self.outlines())
        o = self.plates.overhang if self.plates else 0.0
        return x0 - o, y0 - o, x1 + o, y1 + o

    def draw(self) -> Blueprint:
        """All boxes, in the order in which the regions are declared, and the named faces."""
        height, outlines = self.height(), self.outlines()
        legs = [self._leg(leg, outline) for leg, outline in enumerate(outlines)]
        if self.straps is None:
            faces = [stack[-1].face("hot", "z+") for stack in legs]
            faces += [stack[0].face(f"{self.kind(k)}_cold", "z-") for k, stack in enumerate(legs)]
            return blueprint(self._declared(legs, []), faces)
        hot, cold, ends = self._straps(self.straps.thickness, height, outlines)
        if self.plates:
            low, high = -self.straps.thickness, height + self.straps.thickness
            outer = self.extent()
            top = [_box("hot_plate", outer, high, high + self.plates.thickness)]
            bottom = [_box("cold_plate", outer, low - self.plates.thickness, low)]
        else:
            top, bottom = hot, cold
        faces = [box.face("hot", "z+") for box in top] + [box.face("cold", "z-") for box in bottom]
        leads = self._leads(ends)
        faces += [lead.face(name, side) for lead, (_, name, side) in zip(leads, ends, strict=True)]
        if not self.lead:
            leads = []
        plates = [*top, *bottom] if self.plates else []
        return blueprint(self._declared(legs, [*hot, *cold, *leads, *plates]), faces)

    def _declared(self, legs: list[list[Box]], others: list[Box]) -> list[Box]:
        """Bodies of the n legs, of the p legs, their layers, then everything else."""
        order = [r for k in self.bodies for r, _ in self.bodies[k].pieces(f"{k}_legs", f"{k}_")]
        order += [f"{k}_{layer.name}" for layer in self.layers for k in self.bodies if k in layer.legs]
        for name in order:
            if order.count(name) > 1:
                raise ValueError(f"two layers or segments become the region {name!r}: give each its own name")
        pieces = sorted((box for leg in legs for box in leg), key=lambda box: order.index(box.region))
        return [*pieces, *others]

    def _leg(self, leg: int, outline: Rectangle) -> list[Box]:
        boxes, z = [], 0.0
        for region, height in self.stack(self.kind(leg)):
            boxes.append(_box(region, outline, z, z + height))
            z += height
        return boxes

    def _straps(
        self, thickness: float, height: float, outlines: Sequence[Rectangle]
    ) -> tuple[list[Box], list[Box], list[tuple[Box, str, str]]]:
        """Hot straps, cold straps, and the two end straps with the name and direction of their lead."""
        last = 2 * self.pairs - 1
        hot = [_box("hot_straps", _around(outlines[k : k + 2]), height, height + thickness) for k in range(0, last, 2)]
        groups = [outlines[:1], *(outlines[k : k + 2] for k in range(1, last, 2)), outlines[last:]]
        cold = [_box("cold_straps", _around(group), -thickness, 0.0) for group in groups]
        onwards = "x-" if self.cell(last)[0] % 2 else "x+"
        return hot, cold, [(cold[-1], "plus", onwards), (cold[0], "minus", "x-")]

    def _leads(self, ends: list[tuple[Box, str, str]]) -> list[Box]:
        """Leads continue the row of the first and of the last leg outwards, where nothing else is."""
        leads = []
        for strap, _, side in ends:
            (x0, y0, z0), (x1, y1, z1) = strap.lower, strap.upper
            x0, x1 = (x1, x1 + self.lead) if side == "x+" else (x0 - self.lead, x0)
            leads.append(Box(strap.region, (x0, y0, z0), (x1, y1, z1)))
        return leads


def most_square(legs: int) -> int:
    """Columns of the most square grid that holds the legs."""
    return math.isqrt(legs - 1) + 1


def _centres(widths: dict[int, float], gap: float) -> list[float]:
    ordered = [widths[k] for k in sorted(widths)]
    return [math.fsum(ordered[:k]) + k * gap + width / 2 for k, width in enumerate(ordered)]


def _around(outlines: Sequence[Rectangle]) -> Rectangle:
    x0, y0, x1, y1 = zip(*outlines, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def _box(region: str, outline: Rectangle, bottom: float, top: float) -> Box:
    x0, y0, x1, y1 = outline
    return Box(region, (x0, y0, bottom), (x1, y1, top))
