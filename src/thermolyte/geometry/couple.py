"""One n leg and one p leg, with straps or bare."""

from __future__ import annotations

from abc import abstractmethod
from typing import Literal

from pydantic import Field

from thermolyte.geometry.box_shape import BoxShape
from thermolyte.geometry.boxes import Blueprint
from thermolyte.geometry.parts import Body, Gap, Kind, Layer, Plates, Straps
from thermolyte.geometry.serpentine import Serpentine
from thermolyte.geometry.shape import Device
from thermolyte.units import Area, Length


class Paired(BoxShape):
    """What a couple and a module have in common: n and p legs in series, alternating, at one distance.

    Regions `n_legs`, `p_legs` (segments: `n_` + their name, or `n_legs_1`, ... from the cold end), `n_` and
    `p_` + the name of each layer, `hot_straps`, `cold_straps`, `hot_plate`, `cold_plate`; boundaries `hot`
    (top), `cold` (bottom), `plus` and `minus` (end faces of the leads), `sides` (everything else).
    """

    n: Body = Field(description="the n-type legs")
    p: Body | None = Field(None, description="the p-type legs; default: the same dimensions as n")
    gap: Gap = Field(description="distance between neighbouring legs")
    layers: tuple[Layer, ...] = Field((), description="meshed layers between leg and strap, from the leg outwards")
    lead: Length | None = Field(None, description="length of the terminal leads; default: as long as the gap")
    plates: Plates | None = Field(None, description="ceramic plates outside the straps")
    footprint: Area | None = Field(
        None, description="area for power density; default: around legs and straps, or that of the plates"
    )

    @property
    def bodies(self) -> dict[Kind, Body]:
        """Body of each type of leg."""
        return {"n": self.n, "p": self.p or self.n}

    @abstractmethod
    def serpentine(self) -> Serpentine:
        """How the legs are laid out and connected."""

    def draw(self) -> Blueprint:
        """The boxes and named faces."""
        return self.serpentine().draw()

    def device(self) -> Device:
        """Cross-section of all legs and footprint."""
        path = self.serpentine()
        x0, y0, x1, y1 = path.extent()
        area = path.pairs * sum(body.area for body in self.bodies.values())
        legs = [r for kind, body in self.bodies.items() for r, _ in body.pieces(f"{kind}_legs", f"{kind}_")]
        return Device(area, self.footprint or (x1 - x0) * (y1 - y0), tuple(legs), path.pairs)

    @property
    def narrowest(self) -> float:
        """Smallest dimension of a leg, m."""
        return min(min(*body.section, body.total_height) for body in self.bodies.values())

    def _path(self, pairs: int, columns: int, straps: Straps | None) -> Serpentine:
        lead = self.gap if self.lead is None else self.lead
        return Serpentine(self.bodies, pairs, columns, self.gap, self.layers, straps, lead, self.plates)


class Couple(Paired):
    """One n and one p leg side by side along x.

    Without straps the legs are bare: boundaries `hot` (both tops), `n_cold`, `p_cold`, `sides`.
    """

    shape: Literal["couple"]
    straps: Straps | None = Field(None, description="metal bridge and terminals; left out: bare legs")

    def serpentine(self) -> Serpentine:
        """A row of two legs."""
        if self.straps is None and (self.plates or self.lead is not None):
            raise ValueError("without straps there are no leads and no plates: add straps, or remove these")
        return self._path(1, 2, self.straps)
