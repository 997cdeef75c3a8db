"""Base of slab, plate and stack: layers from bottom to top along the last axis of the grid."""

from __future__ import annotations

import itertools
from abc import abstractmethod

import numpy as np
from pydantic import Field, field_validator

from thermolyte.geometry.arrays import Floats, Integers
from thermolyte.geometry.grid_shape import Faces, GridShape, Mask
from thermolyte.geometry.layers import RESOLUTION, StackLayer, join, number, towards_edges
from thermolyte.geometry.shape import Device


class LayeredShape(GridShape):
    """Layers on each other; z = 0 is the bottom of the first. A subclass says what lies across them.

    Boundaries of all: `bottom` of the first and `top` of the last layer.
    """

    layers: tuple[StackLayer, ...] = Field(description="from bottom to top")

    @field_validator("layers")
    @classmethod
    def _not_empty(cls, layers: tuple[StackLayer, ...]) -> tuple[StackLayer, ...]:
        # Not min_length: an invalid layer would be counted as missing too.
        if not layers:
            raise ValueError("at least one layer is needed")
        return layers

    @property
    @abstractmethod
    def section(self) -> float:
        """Cross-section of the stack where it is widest, m²."""

    @abstractmethod
    def across(self, division: float) -> list[Floats]:
        """Grid lines along the axes that lie in the layers, m."""

    @abstractmethod
    def side(self, layer: str, axis: int, end: int) -> str | None:
        """Boundary at the lower (-1) or upper (1) end of an axis that lies in the layers."""

    def edge_planes(self) -> set[int]:
        """Planes z, counted from the bottom, in which a disc or patch ends."""
        return set()

    def contact(self, lower: int) -> float:
        """Area between a layer and the next one, m²."""
        del lower
        return self.section

    def check(self) -> None:
        """Layers with names of their own, thick enough for their cells.

        Raises:
            ValueError: which are not.
        """
        names = self.regions
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two layers are called {name!r}: every layer needs its own name")
        self.lines(1.0)

    @property
    def regions(self) -> tuple[str, ...]:
        """The layers from bottom to top."""
        return tuple(layer.name for layer in self.layers)

    @property
    def interfaces(self) -> dict[str, float]:
        """Areas between neighbours, m²."""
        return {f"{a}/{b}": self.contact(k) for k, (a, b) in enumerate(itertools.pairwise(self.regions))}

    def extent(self, region: str) -> float:
        """Thickness of a layer, m."""
        return float(self.layers[self.regions.index(region)].thickness)

    def section_of(self, layer: int) -> float:
        """Cross-section of one layer, m²."""
        del layer
        return self.section

    def volume(self, region: str) -> float:
        """Volume of a layer, m³."""
        return self.extent(region) * self.section_of(self.regions.index(region))

    def face_area(self, boundary: str) -> float | None:
        """The whole lowest or highest face, m²."""
        ends = {"bottom": 0, "top": len(self.layers) - 1}
        return self.section_of(ends[boundary]) if boundary in ends else None

    def device(self) -> Device:
        """The area of the stack; there are no legs."""
        return Device(self.section, self.section, (), pairs=0)

    def lines(self, division: float) -> list[Floats]:
        """Grid lines across the layers and through them, m.

        Raises:
            ValueError: cells so thin against the whole that their corners round to one point.
        """
        across = self.across(division)
        z = self._through(division, min((np.diff(line).min() for line in across), default=np.inf))
        for line in across:
            if np.diff(line).min() < RESOLUTION * line[-1]:
                raise ValueError(f"cells across the layers are thinner than {RESOLUTION:g} of the whole: ask for fewer")
        owner = self._layer_of(z)
        for k, layer in enumerate(self.layers):
            if (thin := np.diff(z)[owner == k].min()) < RESOLUTION * z[-1]:
                raise ValueError(
                    f"layer {layer.name!r}: its cells of {thin:.3g} m are lost in the rounding of coordinates up to "
                    f"{z[-1]:.3g} m: give it fewer cells, or describe it as an interface"
                )
        return [*across, z]

    def _through(self, division: float, finest: float) -> Floats:
        """Points along z: as the layer says, else finer towards edges of which it has something to resolve."""
        parts, planes = [], self.edge_planes()
        for k, layer in enumerate(self.layers):
            cells = number(layer.cells, division)
            if layer.grading:
                parts.append(layer.grading.divide(cells))
            else:
                coarse = layer.thickness / cells > finest
                parts.append(towards_edges(cells, coarse and k in planes, coarse and k + 1 in planes))
        return join([layer.thickness for layer in self.layers], parts)

    def _layer_of(self, z: Floats) -> Integers:
        """Number of the layer of each interval of z."""
        tops = np.cumsum([layer.thickness for layer in self.layers])
        return np.searchsorted(tops[:-1], 0.5 * (z[1:] + z[:-1]))

    def filled(self, lines: list[Floats]) -> Integers:
        """Every cell is in its layer."""
        shape = [len(line) - 1 for line in lines]
        return np.broadcast_to(self._layer_of(lines[-1]), shape).astype(np.int64)

    def boundaries(self, faces: Faces) -> dict[str, Mask]:
        """`bottom`, `top`, rings `NAME_bottom` and `NAME_top` of layers beside a narrower one, and the sides."""
        nowhere = np.zeros(len(faces.region), dtype=bool)
        found: dict[str, Mask] = {"bottom": nowhere, "top": nowhere}
        for (k, layer), axis, end in itertools.product(enumerate(self.regions), range(faces.outward.shape[1]), (-1, 1)):
            through = axis == faces.outward.shape[1] - 1
            name = self._face(k, end) if through else self.side(layer, axis, end)
            if name is not None:
                mine = (faces.region == k) & (faces.outward[:, axis] == end)
                found[name] = found.get(name, nowhere) | mine
        return found

    def _face(self, layer: int, end: int) -> str:
        """Name of the upper or lower face of a layer."""
        word = "top" if end > 0 else "bottom"
        outermost = len(self.regions) - 1 if end > 0 else 0
        return word if layer == outermost else f"{self.regions[layer]}_{word}"
