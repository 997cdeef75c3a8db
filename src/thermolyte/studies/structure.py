"""What of a setup is compiled into forms, and what may change between two solves."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from thermolyte.materials import Card
from thermolyte.medium import structure as region_structure
from thermolyte.parameters import is_live
from thermolyte.physics.options import PhysicsOptions
from thermolyte.region import Region
from thermolyte.terminal import Lead


def structure(model: object) -> object:
    """What of a setup is compiled: everything but the live numbers, and but the kind of terminals."""
    if isinstance(model, Region):
        return region_structure(model)
    if isinstance(model, Card):
        return model
    if isinstance(model, PhysicsOptions):
        return model if model.thermoelectricity else model.model_copy(update={"temperature": 0.0})
    if isinstance(model, Lead):
        return "terminal", model.on, structure(model.charge_transfer), structure(model.variation)
    if isinstance(model, BaseModel):
        return type(model).__name__, tuple((k, structure(v)) for k, v in model)
    if isinstance(model, Mapping):
        return tuple((k, structure(v)) for k, v in model.items())
    if isinstance(model, list | tuple):
        return tuple(structure(v) for v in model)
    return "number" if is_live(model) else model
