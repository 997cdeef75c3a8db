"""A mesh from another program, whose named sets become regions and boundaries."""

from __future__ import annotations

import hashlib
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, Field, ValidationInfo, computed_field, field_validator

from thermolyte.coordinates import Coordinates
from thermolyte.errors import InputError
from thermolyte.geometry.arrays import ArrayMesh
from thermolyte.geometry.naming import named_mesh
from thermolyte.geometry.parts import Name
from thermolyte.geometry.readers import READERS, read
from thermolyte.geometry.shape import Device, MeshOptions, Names, Strict
from thermolyte.units import si


def _is_length(unit: str) -> str:
    si(f"1 {unit}", "m")
    return unit


class Imported(Strict):
    """Tetrahedra or hexahedra from a `.msh`, `.vtu` or `.inp` file.

    Sets of volume cells are regions, sets of surface cells (in `.inp` also surfaces and node sets) are
    boundaries, all other exterior faces are the boundary `sides`. Surface sets inside the mesh are left out:
    what lies between two regions is known by their names.
    """

    shape: Literal["file"]
    path: Path = Field(description="mesh file, relative to the case")
    unit: Annotated[str, AfterValidator(_is_length)] = Field("m", description="unit of the coordinates, as mm")
    sets: dict[str, Name] = Field(
        {},
        description="set of the file (name or number) -> name here, others are ignored; default: all",
    )
    array: str = Field("region", description="cell data with the number of the region or boundary, in a .vtu")

    @field_validator("sets", mode="before")
    @classmethod
    def _numbers_are_names(cls, sets: object) -> object:
        return {str(key): value for key, value in sets.items()} if isinstance(sets, dict) else sets

    @field_validator("path")
    @classmethod
    def _can_be_read(cls, path: Path, info: ValidationInfo) -> Path:
        full = Path((info.context or {}).get("folder", ".")) / path
        if full.suffix.lower() not in READERS:
            known = ", ".join(READERS)
            raise ValueError(f"{path.name}: files of type {full.suffix or '(none)'!r} are not read, only {known}")
        if not full.is_file():
            raise ValueError(f"{full}: no such file")
        return full

    @computed_field(description="of the file: a changed mesh is another case")  # type: ignore[prop-decorator]
    @cached_property
    def sha256(self) -> str:
        """Digest of the file's content."""
        return _digest(self.path, self.path.stat().st_mtime_ns)

    @property
    def mesh(self) -> ArrayMesh:
        """The file's mesh in metres, with names; read once for all points of a sweep.

        Raises:
            InputError: the file cannot be used, and what to do about it.
        """
        return _read(self.path, self.sha256, self.array, tuple(self.sets.items()), self.unit)

    def names(self) -> Names:
        """Regions, boundaries and interfaces, read from the file."""
        return Names(self.mesh.regions, self.mesh.behind(), self.mesh.interfaces())

    def device(self) -> Device:
        """Nothing is known of legs and footprint: the case's own section `device` says it."""
        return Device(None, None, (), pairs=0)

    def coordinates(self) -> Coordinates:
        """Cartesian x y z, as in the file."""
        return Coordinates()

    def extent(self, region: str) -> float:
        """Distance along z from the lowest to the highest point of a region, m."""
        mesh = self.mesh
        z = mesh.points[mesh.cells[mesh.region_of_cell == mesh.regions.index(region)], 2]
        return float(np.ptp(z))

    def expected_cells(self, options: MeshOptions) -> int:
        """Number of cells of the mesh.

        Raises:
            ValueError: a size or a division was asked for.
        """
        if options.size is not None:
            raise ValueError("a mesh from a file keeps its elements: remove the size")
        options.refuse("division", because="a mesh from a file keeps its elements")
        return len(self.mesh.cells)

    def refined(self, options: MeshOptions, factor: float) -> MeshOptions | None:
        """The elements are those of the file: all that can be raised is the order."""
        del factor
        return options.model_copy(update={"order": 2}) if options.order == 1 else None

    def build(self, options: MeshOptions) -> None:
        """Fill the current Gmsh model with the mesh, in metres."""
        self.expected_cells(options)
        self.mesh.fill_gmsh()


@lru_cache(maxsize=4)
def _digest(path: Path, changed: int) -> str:
    del changed  # only makes a changed file another entry of the cache
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(maxsize=4)
def _read(path: Path, digest: str, array: str, sets: tuple[tuple[str, str], ...], unit: str) -> ArrayMesh:
    del digest
    try:
        return named_mesh(read(path, array), dict(sets), si(f"1 {unit}", "m"))
    except Exception as error:  # a broken file fails anywhere inside the readers
        raise InputError(f"{path}: {error}") from error
