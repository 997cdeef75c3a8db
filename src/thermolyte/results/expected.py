"""Compares a result folder with the `expected.json` of its case: value, tolerance and source of each number."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from thermolyte.case_file import CaseFile
from thermolyte.errors import InputError
from thermolyte.explain import choices
from thermolyte.physics.constants import SPECIES
from thermolyte.quantities import UNITS
from thermolyte.results.folder import RESULT
from thermolyte.results.record import Record
from thermolyte.results.tables import Table, spread
from thermolyte.units import si

IMPEDANCE = ("impedance_real", "impedance_imaginary")
BALANCES = ("energy", "charge", *SPECIES.values())
Seconds = Annotated[float, BeforeValidator(lambda t: si(t, "s", "a text such as '10 s'"))]
Hertz = Annotated[float, BeforeValidator(lambda f: si(f, "Hz", "a text such as '1 kHz'"))]


class Expectation(BaseModel):
    """One number: |found − value| ≤ atol + rtol |value|, or found within [low, high]; and where it comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    quantity: str
    at: dict[str, str | float | int] = Field({}, description="parameters of the point, as in the study")
    objective: str | None = None
    statistic: str | None = Field(
        None, description="of an uncertainty: mean, percentile_2.5, ...; share:CAUSE is a cause's share of variance"
    )
    time: Seconds | None = Field(
        None, description="report time at which the history of the point is read, or what was measured where it ages"
    )
    frequency: Hertz | None = Field(None, description="frequency at which the impedance of the point is read")
    value: float | None = None
    rtol: float = 0.0
    atol: float = 0.0
    low: float = -math.inf
    high: float = math.inf
    source: str

    @field_validator("quantity")
    @classmethod
    def _known(cls, name: str) -> str:
        if name.split(".")[0] not in UNITS:
            raise ValueError(f"there is no quantity `{name}`; {choices(name, UNITS)}")
        return name

    @model_validator(mode="after")
    def _one_place(self) -> Expectation:
        if self.time is not None and self.frequency is not None:
            raise ValueError("give a time or a frequency, not both")
        if (self.quantity in IMPEDANCE) != (self.frequency is not None):
            raise ValueError(f"a frequency belongs to {' and '.join(IMPEDANCE)}, and only to these")
        return self

    @model_validator(mode="after")
    def _of_all_points(self) -> Expectation:
        if self.statistic and (self.at or self.objective or self.row):
            raise ValueError("a statistic is that of all samples: leave out at, objective, time and frequency")
        return self

    @model_validator(mode="after")
    def _can_fail(self) -> Expectation:
        if self.value is None and not (math.isfinite(self.low) or math.isfinite(self.high)):
            raise ValueError("give a value with rtol or atol, or low and high")
        return self

    def holds(self, found: float) -> bool:
        """Whether a number meets it."""
        if not self.low <= found <= self.high:
            return False
        return self.value is None or abs(found - self.value) <= self.atol + self.rtol * abs(self.value)

    @property
    def row(self) -> str:
        """The row of a table that it speaks of, in words."""
        if self.time is not None:
            return f"at {self.time:g} s"
        return f"at {self.frequency:g} Hz" if self.frequency is not None else ""

    @property
    def wanted(self) -> str:
        """It in words."""
        if self.value is None:
            return f"{self.low:g} … {self.high:g}"
        return f"{self.value:.9g} ± {self.atol + self.rtol * abs(self.value):.1e}"


class Expected(BaseModel):
    """The content of `expected.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    energy_balance: float = Field(1e-8, description="largest allowed, of the largest heat flow of each point")
    charge_balance: float = Field(1e-10, description="largest allowed, of the largest current of each point")
    lithium_balance: float = Field(1e-10, description="largest allowed, of the largest flow of lithium of each point")
    magnesium_balance: float = Field(
        1e-10, description="largest allowed, of the largest flow of magnesium; where a device ages, of all magnesium"
    )
    values: tuple[Expectation, ...] = Field(min_length=1)

    @classmethod
    def read(cls, path: Path) -> Expected:
        """Read `expected.json`.

        Raises:
            InputError: no such file, or a mistake in it; with the line.
        """
        if not path.is_file():
            raise InputError(f"{path}: no such file; `verify` compares a run with it, `run` needs none")
        found: Expected = CaseFile.read(path).parse(cls)  # JSON is YAML, and this way mistakes have lines
        return found


@dataclass(frozen=True)
class Verdict:
    """Whether all numbers hold, and the table that says so."""

    passed: bool
    text: str


def compare(folder: Path, file: Path, wanted: Expected) -> Verdict:
    """Compare `result.json` of a folder with the expectations of a file.

    A balance is checked when the run has it.

    Raises:
        InputError: it names a quantity, point, time, frequency or balance that the result does not have.
    """
    result = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    lines, passed = [""], True
    for name in _balances(result["balances"], file, wanted):
        limit, found = getattr(wanted, f"{name}_balance"), result["balances"][name]
        passed &= found <= limit
        lines.append(_line(found <= limit, f"{name} balance", found, f"< {limit:g}", "conservation"))
    for e in wanted.values:
        found = _find(e, result, folder, file)
        passed &= e.holds(found)
        lines.append(
            _line(
                e.holds(found),
                " ".join(filter(None, (e.quantity, e.statistic, e.objective, _where(e.at), e.row))),
                found,
                e.wanted,
                e.source,
            )
        )
    lines.append("verified" if passed else "NOT verified")
    return Verdict(passed, "\n".join(lines))


def _line(good: bool, what: str, found: float, wanted: str, source: str) -> str:
    return f"{'ok  ' if good else 'FAIL'}  {what:<60} {found:<16.9g} {wanted:<26} {source}"


def _where(at: Mapping[str, object]) -> str:
    return ", ".join(f"{k}={v}" for k, v in at.items())


def _balances(there: Mapping[str, float], file: Path, wanted: Expected) -> list[str]:
    """The balances to check: those of the run.

    Raises:
        InputError: the file limits one that the run does not have.
    """
    for name in BALANCES:
        if f"{name}_balance" in wanted.model_fields_set and name not in there:
            raise InputError(f"{file}: {name}_balance: the run has no such balance, only {', '.join(there) or 'none'}")
    return [name for name in BALANCES if name in there]


def _find(e: Expectation, result: Mapping[str, Any], folder: Path, file: Path) -> float:
    """The number that an expectation speaks of."""
    what = f"{file}: {e.quantity}"
    if e.statistic:
        return _statistic(e.quantity, e.statistic, what, result)
    for p in result["points"]:
        fits = all(_same(p["parameters"].get(k), v) for k, v in e.at.items())
        if fits and p["objective"] == e.objective and "values" in p:
            if e.time is not None:
                kind = "ageing" if "ageing" in p.get("files", {}) else "history"
                return _in_table(e.quantity, what, folder, p, kind, "time", e.time)
            if e.frequency is not None:
                return _in_table(e.quantity, what, folder, p, "impedance", "frequency", e.frequency)
            if e.quantity not in p["values"]:
                raise InputError(f"{what}: the result has no such quantity; {choices(e.quantity, sorted(p['values']))}")
            return float(p["values"][e.quantity])
    sought = ", ".join(filter(None, (e.objective, _where(e.at)))) or Record(folder, result).study.replace("_", " ")
    there = dict.fromkeys(", ".join(filter(None, (p["objective"], _where(p["parameters"])))) for p in result["points"])
    raise InputError(f"{what}: the result has no finished point `{sought}`; its points: {'; '.join(there)}")


def _statistic(quantity: str, statistic: str, what: str, result: Mapping[str, Any]) -> float:
    """The number of an uncertainty.

    Raises:
        InputError: the result has no such quantity or statistic.
    """
    quantities = result.get("uncertainty", {}).get("quantities", {})
    if quantity not in quantities:
        raise InputError(f"{what}: the result has no uncertainty of it; {choices(quantity, quantities)}")
    content = quantities[quantity]
    found = {n: e["value"] for n, e in content["statistics"].items()}
    found |= {f"share:{n}": c["share"] for n, c in content["causes"].items()} | content.get("explained", {})
    if statistic not in found:
        raise InputError(f"{what}: there is no statistic `{statistic}`; {choices(statistic, found)}")
    return float(found[statistic])


def _in_table(
    quantity: str, what: str, folder: Path, point: Mapping[str, Any], kind: str, column: str, place: float
) -> float:
    """The number in the row of a report time or frequency.

    Raises:
        InputError: the point has no such table, row or column.
    """
    if kind not in point.get("files", {}):
        raise InputError(f"{what}: the point has no {kind}, so nothing at a {column}")
    table = Table.read(folder / point["files"][kind]).reports
    found = table.at(column, place)
    if not len(found):
        unit = table.units.get(column, "")
        there = ", ".join(f"{x:.10g}" for x in spread(np.unique(table[column]).tolist(), 12))
        raise InputError(f"{what}: the {kind} has no {column} {place:.10g} {unit}; it has {there} {unit}")
    if not found.has(quantity):
        raise InputError(f"{what}: the {kind} has no such quantity; {choices(quantity, sorted(table.columns))}")
    return float(found[quantity][-1])


def _same(given: object, wanted: object) -> bool:
    """Whether two parameter values are one: 1 is 1.0, texts agree to the letter."""
    if isinstance(given, int | float) and isinstance(wanted, int | float):
        return given == wanted
    return str(given) == str(wanted)
