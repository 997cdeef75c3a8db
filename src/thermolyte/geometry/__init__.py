"""Shapes: what may stand under `geometry:` in a case."""

from typing import Annotated

from pydantic import Field

from thermolyte.geometry.couple import Couple
from thermolyte.geometry.gmsh_session import mesh_model
from thermolyte.geometry.imported import Imported
from thermolyte.geometry.leg import Leg
from thermolyte.geometry.module import Module
from thermolyte.geometry.shape import Device, MeshOptions, Names, Shape

Geometry = Annotated[Leg | Couple | Module | Imported, Field(discriminator="shape")]

__all__ = [
    "Couple",
    "Device",
    "Geometry",
    "Imported",
    "Leg",
    "MeshOptions",
    "Module",
    "Names",
    "Shape",
    "mesh_model",
]
