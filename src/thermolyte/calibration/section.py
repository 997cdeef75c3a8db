"""What may stand under `calibration:` in a case."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple

import pint
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from thermolyte import units
from thermolyte.explain import choices
from thermolyte.quantities.names import UNITS, unit_of
from thermolyte.studies.study import Objective

LEAST_WIDTH = 0.01
"""A linear parameter that starts near zero is measured in this part of its range."""


class Section(BaseModel):
    """A piece of the section."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Range(NamedTuple):
    """Start and bounds of a parameter as numbers in `unit`, as the user wrote it."""

    start: float
    lower: float
    upper: float
    unit: str

    @property
    def numbers(self) -> tuple[float, float, float]:
        """Start, lower and upper bound."""
        return self.start, self.lower, self.upper


@lru_cache  # every evaluation is a case, and reads its own calibration again
def _range(start: str | float, lower: str | float, upper: str | float) -> Range:
    """Start and bounds in the unit of the start.

    Raises:
        ValueError: one is not understood, or has another dimension.
    """
    given = [units.quantity(x) for x in (start, lower, upper)]
    match = units.NUMBER.fullmatch(start) if isinstance(start, str) else None
    try:
        numbers = [float(q.to(given[0].units).magnitude) for q in given]
    except pint.DimensionalityError:
        raise ValueError(f"start {start}, lower {lower} and upper {upper} have different dimensions") from None
    return Range(numbers[0], numbers[1], numbers[2], match[2] if match else "")


class Parameter(Section):
    """A number of the case that is fitted: where it starts, and between which bounds it is sought.

    The fit works with a scaled value u: u = 1 + ln(x/start) on a logarithmic scale, u = x/w on a linear one, with
    w = |start|, or 1 % of the range where that is more.
    """

    start: str | float = Field(description="first guess, with its unit; results are given in the same unit")
    lower: str | float = Field(description="least value that is allowed")
    upper: str | float = Field(description="largest value that is allowed")
    scale: Literal["linear", "log"] = Field(
        "linear", description="log: for what is positive and known to an order of magnitude only"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Parameter:
        start, lower, upper = self.range.numbers
        if not all(map(math.isfinite, (start, lower, upper))):
            raise ValueError("start, lower and upper must be finite")
        if not lower < upper:
            raise ValueError(f"lower {self.lower} must be below upper {self.upper}")
        if not lower <= start <= upper:
            raise ValueError(f"start {self.start} is not between lower {self.lower} and upper {self.upper}")
        if self.scale == "log" and lower <= 0:
            raise ValueError(f"a logarithmic scale needs values above 0, not lower {self.lower}: use scale: linear")
        return self

    @property
    def range(self) -> Range:
        """Start and bounds in the unit of the start."""
        return _range(self.start, self.lower, self.upper)

    @property
    def unit(self) -> str:
        """As the user wrote it; empty for a number in SI."""
        return self.range.unit

    @property
    def width(self) -> float:
        """What a linear value is divided by, in `unit`."""
        start, lower, upper = self.range.numbers
        return max(abs(start), LEAST_WIDTH * (upper - lower))

    def scaled(self, value: float) -> float:
        """The scaled value u of a value in `unit`."""
        return 1 + math.log(value / self.range.start) if self.scale == "log" else value / self.width

    def value(self, scaled: float) -> float:
        """The value in `unit` of a scaled one; infinite where that overflows."""
        if self.scale == "linear":
            return scaled * self.width
        try:
            return self.range.start * math.exp(scaled - 1)
        except OverflowError:
            return math.inf

    def slope(self, scaled: float) -> float:
        """Derivative dx/du in `unit`."""
        return self.value(scaled) if self.scale == "log" else self.width

    def written(self, value: float) -> str | float:
        """A value as it may stand in the case."""
        return f"{value!r} {self.unit}" if self.unit else value


class Abscissa(Section):
    """What a column of the data is in the case: the value of a parameter, or the time."""

    column: str = Field(description="name of a column, without its unit")
    parameter: str | None = Field(None, description="path in the case that is set to the value of each row")
    time: bool = Field(False, description="the column holds the times of a study in time")

    @model_validator(mode="after")
    def _one(self) -> Abscissa:
        if (self.parameter is None) != self.time:
            raise ValueError("give parameter: PATH, or time: true")
        return self


class Ordinate(Section):
    """The column that was measured, and the quantity of the result that it is compared with."""

    column: str = Field(description="name of a column, without its unit")
    quantity: str = Field(description="a quantity of result.json, such as voltage.plus or hot_heat_flow")

    @model_validator(mode="after")
    def _known(self) -> Ordinate:
        name = self.quantity.split(".")[0]
        if name not in UNITS:
            raise ValueError(f"there is no quantity `{self.quantity}`; {choices(name, UNITS)}")
        return self


class SigmaColumn(Section):
    """A column that holds the standard deviation of each value."""

    column: str = Field(description="name of a column, without its unit; in %: of the measured value")


class DataSet(Section):
    """A table of data in the case folder, and how the case is to be compared with it."""

    file: str = Field(description="CSV file in the folder of the case, with a header `name [unit], ...`")
    x: Abscissa | None = Field(None, description="what differs from row to row; default: nothing, all rows repeat")
    y: Ordinate
    uncertainty: str | float | SigmaColumn | None = Field(
        None,
        description="standard deviation of a value: '2 %' of it, an amount with unit, or a column; left out in all "
        "data sets: estimated from the residuals",
    )
    change: dict[str, object] = Field({}, description="path in the case -> value, for this data set")
    find: Objective | None = Field(None, description="optimum over the terminal current at which quantities are taken")

    @model_validator(mode="after")
    def _consistent(self) -> DataSet:
        if self.find and self.x and self.x.time:
            raise ValueError(f"find: {self.find} is one of a steady case, but x is the time: remove one of them")
        if self.x and self.x.parameter in self.change:
            raise ValueError(f"`{self.x.parameter}` is given by change and by x: keep one of them")
        if isinstance(self.uncertainty, str | float) and self.sigma[0] <= 0:
            raise ValueError(f"uncertainty {self.uncertainty} must be above 0")
        return self

    @property
    def sigma(self) -> tuple[float, bool]:
        """Standard deviation where it is one number, and whether that is relative to each value; else in SI."""
        relative = isinstance(self.uncertainty, str) and self.uncertainty.rstrip().endswith("%")
        return units.si(self.uncertainty, "1" if relative else unit_of(self.y.quantity)), relative


def _one_or_more(value: object) -> object:
    """One data set is short for a list of one."""
    return [value] if isinstance(value, dict) else value


class Calibration(Section):
    """Parameters of the case that are fitted to data by least squares."""

    parameters: dict[str, Parameter] = Field(min_length=1, description="path in the case -> start and bounds")
    data: Annotated[
        tuple[DataSet, ...],
        BeforeValidator(_one_or_more, json_schema_input_type=DataSet | tuple[DataSet, ...]),
        Field(min_length=1),
    ]

    @model_validator(mode="after")
    def _consistent(self) -> Calibration:
        known = [d.uncertainty is not None for d in self.data]
        if any(known) and not all(known):
            raise ValueError(
                f"data {known.index(False)} has no uncertainty, but others have one: give it for all, or for none"
            )
        for number, data in enumerate(self.data):
            driven = {data.x.parameter} if data.x else set()
            if twice := [path for path in self.parameters if path in driven | data.change.keys()]:
                raise ValueError(f"`{twice[0]}` is fitted, but data {number} sets it: remove one of them")
        return self

    @property
    def has_uncertainties(self) -> bool:
        """Whether the standard deviations of the data are known."""
        return self.data[0].uncertainty is not None
