"""What may stand under `study:` in a case."""

from __future__ import annotations

import math
from itertools import product
from typing import Annotated, Literal

from pydantic import Field, model_validator

from thermolyte.explain import choices
from thermolyte.quantities.names import UNITS
from thermolyte.studies.in_time import Ageing, Impedance, Losses, Step, Transient, Until
from thermolyte.studies.pieces import OBJECTIVES, Objective, Steps, StudyBase, Values
from thermolyte.uncertainty.inputs import UncertainInput

__all__ = [
    "OBJECTIVES",
    "Ageing",
    "AtEveryPoint",
    "Impedance",
    "Losses",
    "Map",
    "Objective",
    "OperatingPoint",
    "Optimum",
    "Point",
    "Step",
    "Study",
    "StudyBase",
    "Sweep",
    "Transient",
    "Uncertainty",
    "Until",
]

Point = dict[str, object]
MOST_AXES, MOST_POINTS = 3, 20_000


class OperatingPoint(StudyBase):
    """The case as it stands, solved once."""

    type: Literal["operating_point"]


Each = Annotated[OperatingPoint | Transient | Impedance | Ageing, Field(discriminator="type")]


class AtEveryPoint(StudyBase):
    """What is done at every point of a study of many."""

    each: Each = Field(OperatingPoint(type="operating_point"), description="what is done at every point")
    find: tuple[Objective, ...] = Field(
        (), description="optima over the terminal current, at each combination of the other parameters"
    )


class Sweep(AtEveryPoint):
    """The case at all combinations (`grid`) or at pairs (`list`) of parameter values."""

    type: Literal["sweep"]
    parameters: dict[str, Values] = Field(
        min_length=1, description="path in the case -> values; the last one varies fastest"
    )
    mode: Literal["grid", "list"] = "grid"

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


class Map(StudyBase):
    """All quantities over a range of each parameter, solved at as few points as an accuracy needs."""

    type: Literal["map"]
    parameters: dict[str, Steps] = Field(min_length=1, description="path in the case -> range; one to three of them")
    accuracy: float = Field(
        1e-4, ge=1e-8, le=0.1, description="largest error of an interpolated quantity, of its largest value on the map"
    )

    @model_validator(mode="after")
    def _can_be_interpolated(self) -> Map:
        if len(self.parameters) > MOST_AXES:
            raise ValueError(
                f"a map has at most {MOST_AXES} parameters, not {len(self.parameters)}: fix some of them in the case"
            )
        for path, values in self.axes().items():
            if values[0] == values[-1]:
                raise ValueError(f"{path}: start and stop are the same: give a range, or fix it in the case")
        if self.total > MOST_POINTS:
            raise ValueError(f"a map has at most {MOST_POINTS} points, not {self.total}: give fewer")
        return self

    @property
    def total(self) -> int:
        """Points of the grid."""
        return math.prod(steps.points for steps in self.parameters.values())

    def axes(self) -> dict[str, tuple[str | float, ...]]:
        """The values of every parameter."""
        return {path: steps.values() for path, steps in self.parameters.items()}

    def corners(self) -> list[Point]:
        """The points at which all parameters are at an end of their range."""
        ends = [(values[0], values[-1]) for values in self.axes().values()]
        return [dict(zip(self.parameters, values, strict=True)) for values in product(*ends)]


class Uncertainty(AtEveryPoint):
    """The case at samples of its uncertain inputs, and itself: intervals of its results, and what causes them.

    With `find`, the optima take the place of `each`, and quantities other than them are those at the first optimum.
    """

    type: Literal["uncertainty"]
    inputs: dict[str, UncertainInput] = Field(
        min_length=1, description="path in the case, or a free name for several paths -> how uncertain it is"
    )
    samples: int = Field(64, le=MOST_POINTS, description="of a Latin hypercube")
    seed: int = Field(1, ge=0, description="another one gives other samples")
    method: Literal["latin_hypercube", "surrogate"] = Field(
        "latin_hypercube", description="statistics of the samples, or of a polynomial chaos of degree 2 fitted to them"
    )
    quantities: tuple[str, ...] = Field((), description="names of results; default: the main ones of a device")

    @model_validator(mode="after")
    def _enough_samples(self) -> Uncertainty:
        if self.samples < self.least_samples:
            raise ValueError(
                f"samples: {self.samples} are too few for {len(self.inputs)} inputs and method {self.method}: give "
                f"{self.least_samples} or more"
            )
        return self

    @property
    def least_samples(self) -> int:
        """Fewer do not tell the causes apart, or 2.5 % of them are less than one."""
        return max(2 * len(self.inputs), 40 if self.method == "latin_hypercube" else 20)

    @model_validator(mode="after")
    def _quantities_are_there(self) -> Uncertainty:
        if self.find and "each" in self.model_fields_set:
            raise ValueError("each and find are both given: with find, the optima are solved instead: keep one")
        for name in self.quantities:
            if (base := name.split(".")[0]) not in UNITS:
                raise ValueError(f"quantities: there is no quantity `{name}`; {choices(base, UNITS)}")
            if name in OBJECTIVES and name not in self.find:
                raise ValueError(f"quantities: {name} is an optimum that must be sought: give find: [{name}]")
        return self


class Optimum(StudyBase):
    """The terminal current at which the device gives most, to 1e-6."""

    type: Objective


Study = Annotated[
    OperatingPoint | Transient | Impedance | Ageing | Sweep | Map | Uncertainty | Optimum, Field(discriminator="type")
]
