"""What may stand under `study:` in a case."""

from __future__ import annotations

from itertools import product
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from thermolyte import units

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


class Sweep(StudyBase):
    """The case at all combinations (`grid`) or at pairs (`list`) of parameter values."""

    type: Literal["sweep"]
    parameters: dict[str, Values] = Field(
        min_length=1, description="path in the case -> values; the last one varies fastest"
    )
    mode: Literal["grid", "list"] = "grid"
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


Study = Annotated[OperatingPoint | Sweep | Optimum, Field(discriminator="type")]
