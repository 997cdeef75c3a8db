"""Studies in time: a transient, an impedance, and ageing."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator
from scipy.constants import day

from thermolyte import units
from thermolyte.integration import TimeSettings
from thermolyte.quantities.names import unit_of
from thermolyte.studies.pieces import OBJECTIVES, Objective, StudyBase, Times, check_quantity


class Until(StudyBase):
    """A limit that ends a step in time: a quantity of the result passes a value, written with or without its unit."""

    quantity: str = Field(description="a column of the history, such as voltage.anode or saturation.film")
    above: str | float | None = None
    below: str | float | None = None

    @model_validator(mode="after")
    def _one_limit(self) -> Until:
        check_quantity(self.quantity)
        if (self.above is None) == (self.below is None):
            raise ValueError("give above or below")
        _ = self.limit
        return self

    @property
    def limit(self) -> float:
        """The value in SI."""
        return units.si(self.above if self.below is None else self.below, unit_of(self.quantity))

    def distance(self, value: float) -> float:
        """Positive beyond the limit."""
        return value - self.limit if self.below is None else self.limit - value

    @property
    def label(self) -> str:
        """It in words."""
        unit = f" {unit_of(self.quantity)}".removesuffix(" 1")
        return f"{self.quantity} {'above' if self.below is None else 'below'} {self.limit:.6g}{unit}"


def _several(value: object) -> object:
    return [value] if isinstance(value, dict) else value


Limits = Annotated[tuple[Until, ...], BeforeValidator(_several, json_schema_input_type=Until | tuple[Until, ...])]


class Step(StudyBase):
    """A stretch of time with its own conditions."""

    duration: units.Time = Field(description="longest")
    until: Limits = Field((), description="what ends it earlier")
    change: dict[str, object] = Field({}, description="path in the case -> value, from this step on")


class Transient(StudyBase):
    """The case in time, from its initial state."""

    type: Literal["transient"]
    duration: units.Time | None = Field(None, description="longest; for one step with the conditions of the case")
    until: Limits = Field((), description="what ends it earlier")
    steps: tuple[Step, ...] = Field((), description="several stretches with their own conditions, instead of duration")
    report: Times = Field((), description="times that are hit exactly, with profiles; the end always is one")
    integration: TimeSettings = TimeSettings()

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> Transient:
        if (self.duration is None) == (not self.steps):
            raise ValueError("give duration, or steps with a duration each")
        if self.steps and self.until:
            raise ValueError("until belongs to each of the steps")
        if late := [t for t in self.report if t > self.longest * (1 + 1e-9)]:
            raise ValueError(f"report: {late[0]:g} s is after the end, {self.longest:g} s: leave it out")
        return self

    @property
    def stretches(self) -> tuple[Step, ...]:
        """The steps, one for a plain duration."""
        return self.steps or (Step(duration=self.duration, until=self.until),)

    @property
    def longest(self) -> float:
        """Time that it takes when nothing ends it earlier [s]."""
        return float(sum(step.duration for step in self.stretches))


class Frequencies(StudyBase):
    """Frequencies from highest to lowest, equally spaced on a logarithmic axis."""

    start: units.Frequency
    stop: units.Frequency
    per_decade: int = Field(5, ge=1, le=1000)

    def values(self) -> list[float]:
        """All of them [Hz]."""
        count = max(1, round(abs(math.log10(self.start / self.stop)) * self.per_decade))
        return [self.start * (self.stop / self.start) ** (i / count) for i in range(count + 1)]


def _frequencies(value: object) -> object:
    return Frequencies.model_validate(value).values() if isinstance(value, dict) else value


class Impedance(StudyBase):
    """The small-signal response Z(f) of a terminal around the operating point, or around the end of a transient."""

    type: Literal["impedance"]
    frequencies: Annotated[
        tuple[units.Frequency, ...],
        BeforeValidator(_frequencies, json_schema_input_type=tuple[str | float, ...] | Frequencies),
        Field(min_length=1),
    ]
    after: Transient | None = Field(None, description="what happens before; default: nothing, at the initial state")


class Measurement(StudyBase):
    """What is measured at every kept time of an ageing study, with the composition that there is then."""

    change: dict[str, object] = Field({}, description="path in the case -> value, for the measurement only")
    find: tuple[Objective, ...] = Field((), description="optima over the terminal current")


class Losses(StudyBase):
    """Parts that a measured quantity has lost of its value at the start."""

    quantity: str = "maximum_power"
    of: tuple[units.PositiveFraction, ...] = Field((0.05, 0.1), description="losses of which the times are told")
    stop: units.PositiveFraction | None = Field(None, description="loss at which the study ends")

    @model_validator(mode="after")
    def _of_a_quantity(self) -> Losses:
        check_quantity(self.quantity)
        return self


class Ageing(StudyBase):
    """The device over days: composition and layers in time, its thermoelectric state at every instant as it follows."""

    type: Literal["ageing"]
    duration: units.Time
    report: Times = Field((), description="times at which states are kept and measured; start and end always are")
    furnace: units.Temperature | None = Field(
        None, description="ages at this uniform temperature without current; default: as the case says, in operation"
    )
    measure: Measurement = Measurement()
    losses: Losses | None = Field(None, description="default: of maximum_power, where that is measured")
    integration: TimeSettings = TimeSettings()

    @field_validator("report")
    @classmethod
    def _in_order(cls, report: tuple[float, ...], info: ValidationInfo) -> tuple[float, ...]:
        for before, time in pairwise(report):
            if time <= before:
                raise ValueError(f"the times must increase, but {_days(time)} follow {_days(before)}")
        end = info.data.get("duration", math.inf)
        if report and report[-1] > end * (1 + 1e-9):
            raise ValueError(f"{_days(report[-1])} are after the end, {_days(end)}: leave them out")
        return report

    @field_validator("losses")
    @classmethod
    def _measured(cls, losses: Losses | None, info: ValidationInfo) -> Losses | None:
        lost, measure = losses and losses.quantity, info.data.get("measure")
        if measure and lost in OBJECTIVES and lost not in measure.find:
            raise ValueError(f"{lost} is not measured: name it under measure.find")
        return losses

    @property
    def kept(self) -> tuple[float, ...]:
        """The times at which states are kept after the start [s]."""
        return (*(t for t in self.report if t < self.duration * (1 - 1e-9)), self.duration)

    @property
    def loss(self) -> Losses | None:
        """What is told of losses."""
        default = Losses() if "maximum_power" in self.measure.find else None
        return self.losses or default


def _days(time: float) -> str:
    """A time [s] in words."""
    return f"{time / day:g} days"
