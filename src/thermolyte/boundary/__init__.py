"""Conditions on exterior boundaries: each class is the YAML of one condition and its term of the residual.

To add a condition, add a class to the file of its physics and name it in `BoundaryCondition`.
"""

from typing import Annotated

from pydantic import Field

from thermolyte.boundary.diffusion import Concentration, LithiumFlux, SurfaceExchange, SurfaceReaction
from thermolyte.boundary.mechanical import (
    Clamped,
    Displacement,
    FrictionCondition,
    Pressure,
    Symmetry,
    Traction,
)
from thermolyte.boundary.thermal import ConductiveInsulation, Convection, HeatFlux, Radiation, Temperature

Thermal = Temperature | HeatFlux | Convection | Radiation | ConductiveInsulation
Chemical = Concentration | LithiumFlux | SurfaceReaction | SurfaceExchange
Mechanical = Displacement | Clamped | Symmetry | Pressure | Traction | FrictionCondition
BoundaryCondition = Annotated[Thermal | Chemical | Mechanical, Field(discriminator="type")]
