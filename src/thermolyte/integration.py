"""Integration in time: what it is asked, what it acts on, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

import ufl
from dolfinx import fem
from pydantic import BaseModel, ConfigDict, Field

from thermolyte import units

INITIAL_STEP = 1e-6  # of the duration: a current that is switched on makes fields grow like √t at first


class TimeSettings(BaseModel):
    """How time is stepped."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    tolerance: float = Field(
        1e-5, gt=0, lt=1, description="local error of a step, relative to the largest value of a field"
    )
    initial_step: units.Time | None = Field(None, description=f"first step; {INITIAL_STEP:g} of the duration")
    maximum_step: units.Time | None = Field(None, description="longest step; no limit if left out")
    order: Literal[1, 2, 3, 4, 5] = Field(3, description="order of the backward differentiation formula")


@dataclass(frozen=True)
class Event:
    """Ends a run where `value` crosses zero: upwards (direction 1), downwards (−1) or either way (0).

    A run that begins beyond the limit ends after its first step. `value` is the same on all ranks.
    """

    name: str
    value: Callable[[], float]
    direction: Literal[-1, 0, 1] = 0

    def passed(self, before: float, after: float) -> bool:
        """Whether the limit lies behind after a step."""
        return self.direction * after >= 0 if self.direction else before * after <= 0


class Stop(NamedTuple):
    """Where and why a run ended."""

    time: float
    """[s]"""
    event: str | None
    cost: Cost


class Transient(Protocol):
    """What is integrated: the residual as blocks, with the Functions that it contains."""

    @property
    def mesh(self) -> Any:
        """The named mesh."""
        ...

    @property
    def F(self) -> Sequence[ufl.Form]:
        """The residual, block by block."""
        ...

    @property
    def u(self) -> Sequence[fem.Function]:
        """The unknowns."""
        ...

    @property
    def rates(self) -> Sequence[fem.Function]:
        """Their time derivatives."""
        ...

    @property
    def bcs(self) -> Sequence[fem.DirichletBC]:
        """Essential conditions."""
        ...

    @property
    def entity_maps(self) -> Sequence[Any]:
        """Of the submeshes."""
        ...

    @property
    def differential(self) -> Sequence[bool]:
        """Per block, whether its rate appears in F."""
        ...

    @property
    def time_step(self) -> fem.Constant:
        """Length of the present step [s], from the last accepted state."""
        ...

    def accept_step(self) -> None:
        """Take over internal variables; called once after every accepted step."""
        ...


@dataclass
class Cost:
    """What a run cost."""

    steps: int = 0
    rejected: int = 0
    newton: int = 0
    """Newton iterations, each with one factorisation."""
