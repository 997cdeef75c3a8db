"""What a physics sees of the problem: fields by name, and one region or one side of an interface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from ufl.core.expr import Expr

from thermolyte.coordinates import Coordinates

if TYPE_CHECKING:
    from thermolyte.medium import Medium
    from thermolyte.physics.options import PhysicsOptions

TEMPERATURE = "temperature"
POTENTIAL = "electric_potential"
IONIC_POTENTIAL = "ionic_potential"
CONCENTRATION = "concentration"
DISPLACEMENT = "displacement"
MECHANICAL_POTENTIAL = "mechanical_potential"
PLATED = "plated_lithium"
INTERLAYER = "interlayer"
REACTION_LAYER = "reaction_layer"
RELEASED = "released"
CARRIERS = "carrier_concentration"
CHARGE = "charge"


class Local(NamedTuple):
    """One region, or one side of an interface or boundary; everything in SI."""

    medium: Medium
    u: Mapping[str, Expr]
    """Fields; the temperature is always there, solved for or given."""
    v: Mapping[str, Expr]
    """Test functions of the fields that are solved for."""
    rate: Mapping[str, Expr]
    """∂/∂t of the fields that are solved for; zero in a steady study."""
    options: PhysicsOptions
    coordinates: Coordinates
    x: Expr
    """Position on the mesh [m]."""
    memory: Mapping[str, Expr] = {}
    """Internal variables at the end of the last step, such as plastic strains."""
    step: Expr | float = 1.0
    """Length of the present time step [s]."""
