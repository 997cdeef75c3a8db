"""A mesh from another program, whose named sets become regions and boundaries."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from thermolyte.errors import InputError
from thermolyte.geometry.arrays import ArrayMesh, Floats, Integers, exterior_facets, faces_of, group_equal
from thermolyte.geometry.boxes import REMAINDER
from thermolyte.geometry.parts import Name
from thermolyte.geometry.readers import READERS, RawMesh, read
from thermolyte.geometry.shape import Device, MeshOptions, Names, Strict
from thermolyte.units import si


def _is_length(unit: str) -> str:
    si(f"1 {unit}", "m")
    return unit


class Imported(Strict):
    """Tetrahedra or hexahedra from a `.msh`, `.vtu` or `.inp` file.

    Sets of volume cells are regions, sets of surface cells (in `.inp` also surfaces and node sets) boundaries, all
    other exterior faces the boundary `sides`. Surface sets inside the mesh are left out: what lies between two
    regions is known by their names.
    """

    shape: Literal["file"]
    path: Path = Field(description="mesh file, relative to the case")
    unit: Annotated[str, AfterValidator(_is_length)] = Field("m", description="unit of the coordinates, as mm")
    names: dict[str, Name] = Field(
        {}, description="set of the file (its name or number) -> name here; others are then ignored; default: all"
    )
    array: str = Field("region", description="cell data with the number of the region or boundary, in a .vtu")

    @field_validator("names", mode="before")
    @classmethod
    def _numbers_are_names(cls, names: object) -> object:
        return {str(key): value for key, value in names.items()} if isinstance(names, dict) else names

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

    def names_(self) -> Names:
        """Placeholder."""
        raise NotImplementedError
