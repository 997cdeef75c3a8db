"""Numbers of a converged solution, by name and in SI.

To add quantities of a physics, add a file with a class whose `evaluate` gives them, and name it in `Quantities`.
"""

from __future__ import annotations

from typing import Any

from thermolyte.problem import Problem
from thermolyte.quantities.base import Device, Values
from thermolyte.quantities.cell import CellQuantities
from thermolyte.quantities.deformation import DeformationQuantities
from thermolyte.quantities.electrons import ElectronQuantities
from thermolyte.quantities.names import UNITS, unit_of
from thermolyte.quantities.species import SpeciesQuantities
from thermolyte.quantities.thermoelectricity import ThermoelectricQuantities

__all__ = ["UNITS", "Device", "Quantities", "Values", "unit_of"]


KINDS = {
    "thermoelectricity": ThermoelectricQuantities,
    "diffusion": SpeciesQuantities,
    "electrochemistry": CellQuantities,
    "mechanics": DeformationQuantities,
}


class Quantities:
    """All quantities of a problem; forms are compiled once, `evaluate` reads the present state."""

    def __init__(self, problem: Problem, device: Device):
        physics = problem.setup.physics
        kinds: list[Any] = [kind for name, kind in KINDS.items() if getattr(physics, name) is not None]
        if physics.thermoelectricity and physics.diffusion:
            kinds.append(ElectronQuantities)
        self._parts: list[Any] = [kind(problem, device) for kind in kinds]
        self._owner: dict[str, Any] = {}

    def evaluate(self) -> Values:
        """All quantities of the present state, in the units of `UNITS`."""
        found: Values = {}
        for part in self._parts:
            values = part.evaluate()
            self._owner |= dict.fromkeys(values, part)
            found |= values
        return found

    def value(self, name: str) -> float:
        """One quantity of the present state, of those that `evaluate` gave before."""
        return float(self._owner[name].evaluate()[name])
