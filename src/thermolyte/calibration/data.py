"""The measured data of a calibration: columns of CSV files, in the SI units of the quantities that they measure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from thermolyte import units
from thermolyte.calibration.section import Calibration, DataSet, SigmaColumn
from thermolyte.case import Case
from thermolyte.errors import InputError
from thermolyte.explain import choices
from thermolyte.materials.csv_file import Columns, read_columns
from thermolyte.quantities import unit_of
from thermolyte.results.wording import in_words

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Measurements:
    """The rows of one data set in which something was measured.

    `x` is in the unit of its column, for times in s; `y` and its standard deviation `sigma` are in SI. Where no
    uncertainty is known, `sigma` is the largest |y|: the same relative error of the full scale in all data sets.
    """

    number: int
    """Of the data set in the case, from 0."""
    label: str
    caption: str
    """What tells it from others in a figure."""
    quantity: str
    x_name: str
    x_unit: str
    x: Array
    y: Array
    sigma: Array

    @property
    def y_unit(self) -> str:
        """The SI unit of `y` and `sigma`."""
        return unit_of(self.quantity)

    def __len__(self) -> int:
        return len(self.y)


def read_data(case: Case, calibration: Calibration) -> list[Measurements]:
    """All data sets.

    Raises:
        InputError: a file, a column or a value that cannot be used, or fewer data than parameters.
    """
    found = [_read(case, data, number) for number, data in enumerate(calibration.data)]
    labels = [m.label for m in found]
    if len(set(labels)) < len(labels):
        found = [replace(m, label=f"{m.label} ({m.number})") for m in found]
    _check_count(case, calibration, sum(map(len, found)))
    return found


def _check_count(case: Case, calibration: Calibration, data: int) -> None:
    """More parameters than data have no least-squares estimate; as many have no residuals to estimate an error from."""
    parameters = len(calibration.parameters)
    place = case.place("calibration")
    counts = (
        f"{parameters} {'parameter' if parameters == 1 else 'parameters'}",
        f"{data} {'datum' if data == 1 else 'data'}",
    )
    if parameters > data:
        raise InputError(
            f"{place}: {counts[0]} cannot be determined by {counts[1]}: fix some of them in the case, or add data"
        )
    if parameters == data and not calibration.has_uncertainties:
        raise InputError(
            f"{place}: {counts[0]} fit {counts[1]} exactly, so that the uncertainty of the data cannot be estimated: "
            "give uncertainty, or add data"
        )


def _read(case: Case, data: DataSet, number: int) -> Measurements:
    place, file = case.place("calibration", "data", number, "file"), case.folder / data.file
    if not file.is_file():
        there = sorted(p.relative_to(case.folder).as_posix() for p in case.folder.rglob("*.csv"))
        raise InputError(f"{place}: there is no file {data.file} in {case.folder}; {choices(data.file, there)}")
    columns = read_columns(file, least=1)
    y_name = _known(case, columns, data.y.column, number, "y")
    rows = [(where, row) for where, row in columns.lines if y_name in row]  # blank: not measured
    if not rows:
        raise InputError(f"{columns.header}: column {y_name} holds no value")
    y = _converted(columns, y_name, rows, unit_of(data.y.quantity))
    x_name, x_unit, x = _abscissa(case, columns, data, number, rows)
    label = f"{data.file}: {data.y.quantity}"
    sigma = _sigma(case, columns, data, number, rows, y)
    caption = in_words(data.change) or data.file
    return Measurements(number, label, caption, data.y.quantity, x_name, x_unit, x, y, sigma)


Rows = list[tuple[str, dict[str, float]]]


def _known(case: Case, columns: Columns, name: str, number: int, *keys: str) -> str:
    """A column that is there."""
    if name not in columns.units:
        place = case.place("calibration", "data", number, *keys, "column")
        raise InputError(f"{place}: the file has no column `{name}`; {choices(name, columns.units)}")
    return name


def _values(name: str, rows: Rows) -> Array:
    """A column in its own unit, which no row leaves blank."""
    for where, row in rows:
        if name not in row:
            raise InputError(f"{where}: column {name} is blank in a row that is compared: fill it, or remove the row")
    return np.array([row[name] for _, row in rows])


def _converted(columns: Columns, name: str, rows: Rows, unit: str) -> Array:
    """A column in SI; temperatures with an offset, too."""
    given, values = columns.units[name], _values(name, rows)
    try:
        units.factor(given, unit)
    except ValueError as error:
        raise InputError(f"{columns.header}: column {name}: {error}") from None
    return np.asarray(units.registry().Quantity(values, _spelt(given)).to(unit).magnitude)


def _spelt(unit: str) -> str:
    return unit.replace("·", "*").replace("−", "-").strip()


def _abscissa(case: Case, columns: Columns, data: DataSet, number: int, rows: Rows) -> tuple[str, str, Array]:
    """Name, unit and values of x; the number of the row where there is none."""
    if data.x is None:
        return "row", "1", np.arange(1.0, len(rows) + 1)
    name = _known(case, columns, data.x.column, number, "x")
    if not data.x.time:
        return name, columns.units[name], _values(name, rows)
    times = _converted(columns, name, rows, "s")
    for before, now, (where, _) in zip(times, times[1:], rows[1:], strict=False):
        if now <= before:
            raise InputError(f"{where}: the time must increase, but {now:g} s follows {before:g} s: sort the rows")
    if times[0] < 0:
        raise InputError(f"{rows[0][0]}: time {times[0]:g} s is before the start at 0 s")
    return name, "s", times


def _sigma(case: Case, columns: Columns, data: DataSet, number: int, rows: Rows, y: Array) -> Array:
    """Standard deviation of each value [SI]; where it is not known, the largest |y|."""
    if data.uncertainty is None:
        sigma, what = np.full_like(y, np.abs(y).max()), "all values are 0: give uncertainty as an amount with its unit"
    elif isinstance(data.uncertainty, SigmaColumn):
        name = _known(case, columns, data.uncertainty.column, number, "uncertainty")
        relative = columns.units[name].strip() == "%"
        given = _values(name, rows)
        sigma = np.abs(y) * given / 100 if relative else given * _interval(columns, name, data)
        what = "a standard deviation must be above 0"
    else:
        amount, relative = data.sigma
        sigma = np.abs(y) * amount if relative else np.full_like(y, amount)
        what = f"{data.uncertainty} of 0 is no uncertainty: give an amount with its unit, or a column"
    for value, (where, _) in zip(sigma, rows, strict=True):
        if value <= 0:
            raise InputError(f"{where}: {what}")
    return sigma


def _interval(columns: Columns, name: str, data: DataSet) -> float:
    """Factor from the unit of a column of standard deviations to SI; degrees are those of a difference."""
    unit, target = columns.units[name], unit_of(data.y.quantity)
    try:
        units.factor(unit, target)
    except ValueError as error:
        raise InputError(f"{columns.header}: column {name}: {error}") from None
    one, two = (units.registry().Quantity(x, _spelt(unit)).to(target).magnitude for x in (1.0, 2.0))
    return float(two - one)
