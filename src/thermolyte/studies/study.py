"""What may stand under `study:` in a case."""

from __future__ import annotations

import math
from itertools import product
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from thermolyte import units
from thermolyte.explain import choices
from thermolyte.integration import TimeSettings
from thermolyte.quantities.names import UNITS, unit_of

Objective = Literal["maximum_power", "maximum_efficiency"]
Point = dict[str, object]


class Steps(BaseModel):
    """Equally spaced values from start to stop, both included; start and stop carry the unit."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    start: str | float
    stop: str | float
    points: int = Field(ge=2, le=100_000)

    def values(self) -> list[str | float]:
        """The values, in the unit of `start`."""
        try:
            return units.spaced(self.start, self.stop, self.points)
        except ValueError as error:
            raise ValueError(f"start and stop: {error}") from None


def _values(value: object) -> object:
    return Steps.model_validate(value).values() if isinstance(value, dict) else value


Values = Annotated[
    tuple[str | float, ...],
    BeforeValidator(_values, json_schema_input_type=tuple[str | float, ...] | Steps),
    Field(min_length=1),
]


class StudyBase(BaseModel):
    """A study."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OperatingPoint(StudyBase):
    """The case as it stands, solved once."""

    type: Literal["operating_point"]


class Until(StudyBase):
    """A limit that ends a step in time: a quantity of the result passes a value, written with or without its unit."""

    quantity: str = Field(description="a column of the history, such as voltage.anode or saturation.film")
    above: str | float | None = None
    below: str | float | None = None

    @model_validator(mode="after")
    def _one_limit(self) -> Until:
        name = self.quantity.split(".")[0]
        if name not in UNITS:
            raise ValueError(f"there is no quantity `{self.quantity}`; {choices(name, UNITS)}")
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


def _times(value: object) -> object:
    return Steps.model_validate(value).values() if isinstance(value, dict) else value


Times = Annotated[
    tuple[units.Time, ...], BeforeValidator(_times, json_schema_input_type=tuple[str | float, ...] | Steps)
]


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


Each = Annotated[OperatingPoint | Transient | Impedance, Field(discriminator="type")]


class Sweep(StudyBase):
    """The case at all combinations (`grid`) or at pairs (`list`) of parameter values."""

    type: Literal["sweep"]
    parameters: dict[str, Values] = Field(
        min_length=1, description="path in the case -> values; the last one varies fastest"
    )
    mode: Literal["grid", "list"] = "grid"
    each: Each = Field(OperatingPoint(type="operating_point"), description="what is done at every point")
    find: tuple[Objective, ...] = Field(
        (), description="optima over the terminal current, at each combination of the other parameters"
    )

    @model_validator(mode="after")
    def _same_lengths(self) -> Sweep:
        lengths = {path: len(v) for path, v in self.parameters.items()}
        if self.mode == "list" and len(set(lengths.values())) > 1:
            raise ValueError(
                "a list needs the same number of values everywhere, but "
                + ", ".join(f"{path} has {n}" for path, n in lengths.items())
            )
        return self

    def points(self) -> list[Point]:
        """The parameter values of every point, in order."""
        combine = (
            product(*self.parameters.values()) if self.mode == "grid" else zip(*self.parameters.values(), strict=True)
        )
        return [dict(zip(self.parameters, values, strict=True)) for values in combine]


class Optimum(StudyBase):
    """The terminal current at which the device gives most, to 1e-6."""

    type: Objective


Study = Annotated[OperatingPoint | Transient | Impedance | Sweep | Optimum, Field(discriminator="type")]
