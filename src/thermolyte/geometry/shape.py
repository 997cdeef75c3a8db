"""What every geometry offers to the rest of the program, whether it is built here or read from a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from thermolyte.coordinates import Coordinates
from thermolyte.units import Accuracy, PositiveFactor, PositiveLength


class Strict(BaseModel):
    """A piece of the case file: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Names:
    """Every name that a case may use, in the order in which the geometry declares them."""

    regions: tuple[str, ...]
    boundaries: dict[str, tuple[str, ...]]
    """Boundary -> regions behind it."""
    interfaces: dict[str, float]
    """`first/second` region -> area in m²."""


@dataclass(frozen=True, slots=True)
class Device:
    """What power densities and resistance budgets are referred to."""

    leg_area: float | None
    """Sum of the cross-sections of all legs, m²; None: not known."""
    footprint: float | None
    """Area that the device occupies on the heat source, m²; None: not known."""
    legs: tuple[str, ...]
    """Regions of thermoelectric material."""
    pairs: int
    """Number of n-p pairs; 0 for a single leg."""


class MeshOptions(Strict):
    """How finely the geometry is divided."""

    size: PositiveLength | None = Field(
        None, description="element size away from junctions; default: a sixth of the narrowest leg dimension"
    )
    order: Literal[1, 2] = Field(1, description="polynomial order of the fields; the mesh itself is the same")
    cells: Literal["tetrahedron", "hexahedron"] = Field(
        "tetrahedron", description="hexahedra form a structured grid, for devices made of boxes"
    )
    refinement: float = Field(
        2.0, ge=1.0, le=100.0, description="at the edges of junctions elements are smaller by this factor"
    )
    division: PositiveFactor = Field(
        1.0, description="factor on the number of cells of layered shapes (slab, plate, stack, sphere), along each axis"
    )

    accuracy: Accuracy | None = Field(
        None,
        description="the mesh is refined until P, Q_h, efficiency and internal resistance are within this (relative), "
        "and quantities carry their discretisation error; default: as it is, without errors",
    )

    def refuse(self, *keys: str, because: str) -> None:
        """Refuse options that mean nothing for a shape.

        Raises:
            ValueError: one of them was given.
        """
        for key in keys:
            if key in self.model_fields_set:
                raise ValueError(f"`{key}` does not apply here, {because}")


class Shape(Protocol):
    """A geometry: known by name at once, meshed on request."""

    def names(self) -> Names:
        """Regions, boundaries and interfaces, without meshing."""
        ...

    def device(self) -> Device:
        """Areas for power densities."""
        ...

    def coordinates(self) -> Coordinates:
        """Coordinates in which the geometry is drawn."""
        ...

    def extent(self, region: str) -> float:
        """Thickness of a region along z, m; in a sphere its radius."""
        ...

    def expected_cells(self, options: MeshOptions) -> int:
        """Rough number of cells, without meshing.

        Raises:
            ValueError: the options ask for what nobody can mean.
        """
        ...

    def refined(self, options: MeshOptions, factor: float) -> MeshOptions | None:
        """Options of a mesh whose elements are smaller by a factor below 1; None: it is as fine as it can be."""
        ...

    def build(self, options: MeshOptions) -> None:
        """Fill the current Gmsh model with a mesh in metres and its named physical groups."""
        ...
