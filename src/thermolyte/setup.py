"""What is posed on a mesh, by name: the case without its file, its geometry and its study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from thermolyte.boundary import BoundaryCondition
from thermolyte.coordinates import Coordinates
from thermolyte.interface import Interface
from thermolyte.physics.options import PhysicsOptions, Thermoelectricity
from thermolyte.region import Region
from thermolyte.terminal import Terminal, opened

THERMOELECTRICITY = PhysicsOptions(thermoelectricity=Thermoelectricity())


class Setup(NamedTuple):
    """What is posed on the mesh, by name; `boundaries` may hold several conditions on one boundary."""

    regions: Mapping[str, Region]
    boundaries: Mapping[str, Sequence[BoundaryCondition]] = {}
    terminals: Mapping[str, Terminal] = {}
    interfaces: Mapping[tuple[str, str], Interface] = {}
    order: int = 1
    physics: PhysicsOptions = THERMOELECTRICITY
    coordinates: Coordinates = Coordinates()
    lumped: Mapping[str, str] = {}
    """Region -> terminal whose voltage is the potential of all of this region: a metal without ohmic drop."""

    def at_rest(self) -> Setup:
        """The same with all terminals open but those that fix a level."""
        idle = {n: t if t.type == "ground" else opened(t) for n, t in self.terminals.items()}
        return self._replace(terminals=idle)

    def in_furnace(self, temperature: float) -> Setup:
        """The same at rest and at a uniform temperature [K]."""
        boundaries = {b: [_at(temperature, c) for c in conditions] for b, conditions in self.boundaries.items()}
        physics = self.physics.model_copy(update={"temperature": temperature})
        return self.at_rest()._replace(boundaries=boundaries, physics=physics)


def _at(temperature: float, condition: BoundaryCondition) -> BoundaryCondition:
    """A condition in surroundings of this temperature, which bring no heat."""
    update = {"temperature": temperature, "ambient": temperature, "heat_flux": 0.0}
    return condition.model_copy(update={k: v for k, v in update.items() if hasattr(condition, k)})
