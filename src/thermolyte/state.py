"""The present state of a problem: its unknowns at the start, as they are kept, and after a step in time."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import ufl
from dolfinx import fem
from numpy.typing import NDArray

from thermolyte.blocks import UNIT, Blocks
from thermolyte.essential import EssentialConditions
from thermolyte.mass_exchange import ExchangeParameters, MassExchange
from thermolyte.medium import Medium
from thermolyte.memory import Memory
from thermolyte.mesh import Mesh
from thermolyte.physics.local import CONCENTRATION, TEMPERATURE

INSTANT = 1e-30  # s: the time step of a steady study, and of a state that is looked at, in which nothing creeps


class State:
    """What of a problem changes when it is solved or goes on in time."""

    mesh: Mesh
    blocks: Blocks
    media: Mapping[str, Medium]
    memory: Memory
    essential: EssentialConditions
    place: Mapping[tuple[str, str], int]
    spaces: Sequence[fem.FunctionSpace]
    u: Sequence[fem.Function]
    rates: Sequence[fem.Function]
    F: Sequence[ufl.Form]
    time_step: fem.Constant

    @property
    @abstractmethod
    def exchanges(self) -> list[tuple[str, MassExchange, ExchangeParameters]]:
        """Surfaces with amounts of their own: name, as in `place`, law and parameters."""

    @cached_property
    def _kept(self) -> dict[int, NDArray[np.float64]]:
        """What accumulates, by block, where steady states are to have another than that at the start."""
        return {}

    def set_initial(self, temperature: float | None = None) -> None:
        """Start from a uniform temperature [K], the initial amounts of what diffuses, and zero elsewhere."""
        for i, u in enumerate(self.u):
            u.x.array[:] = (temperature or 0.0) if self.blocks.fields[i] == TEMPERATURE else 0.0
        self.reset_accumulated()

    def reset_accumulated(self) -> None:
        """What accumulates and what materials remember, as at the start, or as it was kept."""
        for i in self.blocks.accumulating:
            self.u[i].x.array[:] = self._kept.get(i, 0.0)
        if not self._kept:
            self._set_initial_amounts()
            self.memory.reset()
        for rate in self.rates:
            rate.x.array[:] = 0.0
        self.essential.take_hold()

    def _set_initial_amounts(self) -> None:
        for (field, r), block in self.place.items():
            if field == CONCENTRATION:
                dofs = np.unique(self.spaces[block].dofmap.list[self.blocks.cells_of(r, block)])
                self.u[block].x.array[dofs] = self.media[r].initial_concentration.value / UNIT[CONCENTRATION]
        for surface, law, parameters in self.exchanges:
            for field, amount in law.initial(parameters).items():
                self.u[self.place[field, surface]].x.array[:] = amount / UNIT[field]

    def keep_accumulated(self) -> None:
        """From now on steady states have what has accumulated until now, such as an aged composition."""
        self._kept = {i: self.u[i].x.array.copy() for i in self.blocks.accumulating}

    def forget_accumulated(self) -> None:
        """From now on they have what there is at the start again."""
        self._kept = {}

    @cached_property
    def differential(self) -> list[bool]:
        """Per block, whether its rate appears in the residual."""
        found = {c for form in self.F for c in form.coefficients()}
        return [rate in found for rate in self.rates]

    def accept_step(self) -> None:
        """Take over the internal variables at the end of a step in time."""
        if self.memory:
            self.memory.accept()
        self.time_step.value = INSTANT

    def copy(self, field: str, region: str, target: fem.Function) -> None:
        """A scalar field of a region, in its `UNIT`, on the whole mesh: what expressions can be interpolated from."""
        block, cells = self.place[field, region], self.mesh.cells_of(region)
        target.interpolate(self.u[block], cells0=self.blocks.cells_on(block, cells), cells1=cells)

    def state(self) -> list[NDArray[np.float64]]:
        """A copy of all unknowns of this rank."""
        return self.blocks.state()

    def restore(self, state: Sequence[NDArray[np.float64]]) -> None:
        """Take back a state of `state()`."""
        self.blocks.restore(state)
