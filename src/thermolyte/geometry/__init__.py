"""Shapes: what may stand under `geometry:` in a case."""

from typing import Annotated

from pydantic import Field

from thermolyte.geometry.couple import Couple
from thermolyte.geometry.gmsh_session import mesh_model
from thermolyte.geometry.imported import Imported
from thermolyte.geometry.leg import Leg
from thermolyte.geometry.module import Module
from thermolyte.geometry.plate import Plate
from thermolyte.geometry.shape import Device, MeshOptions, Names, Shape
from thermolyte.geometry.slab import Slab
from thermolyte.geometry.sphere import Sphere
from thermolyte.geometry.stack import Stack

Geometry = Annotated[Leg | Couple | Module | Slab | Plate | Stack | Sphere | Imported, Field(discriminator="shape")]

__all__ = [
    "Couple",
    "Device",
    "Geometry",
    "Imported",
    "Leg",
    "MeshOptions",
    "Module",
    "Names",
    "Plate",
    "Shape",
    "Slab",
    "Sphere",
    "Stack",
    "mesh_model",
]
