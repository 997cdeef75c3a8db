"""What the studies of a case are made of: values over a range, times, and what may be sought."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from thermolyte import units
from thermolyte.explain import choices
from thermolyte.quantities.names import UNITS

Objective = Literal["maximum_power", "maximum_efficiency"]
OBJECTIVES: tuple[Objective, ...] = get_args(Objective)


class StudyBase(BaseModel):
    """A study."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Steps(BaseModel):
    """Equally spaced values from start to stop, both included; start and stop carry the unit."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    start: str | float
    stop: str | float
    points: int = Field(ge=2, le=100_000)

    def values(self) -> tuple[str | float, ...]:
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


def _times(value: object) -> object:
    return Steps.model_validate(value).values() if isinstance(value, dict) else value


Times = Annotated[
    tuple[units.Time, ...], BeforeValidator(_times, json_schema_input_type=tuple[str | float, ...] | Steps)
]


def check_quantity(name: str) -> None:
    """Refuse what is no quantity of any result.

    Raises:
        ValueError: with the names that are known.
    """
    kind = name.split(".")[0]
    if kind not in UNITS:
        raise ValueError(f"there is no quantity `{name}`; {choices(kind, UNITS)}")
