"""Compares a result folder with the `expected.json` of its case: value, tolerance and source of each number."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from thermolyte.case_file import CaseFile
from thermolyte.errors import InputError
from thermolyte.explain import choices
from thermolyte.quantities import UNITS
from thermolyte.results.folder import RESULT


class Expectation(BaseModel):
    """One number: |found − value| ≤ atol + rtol |value|, or found within [low, high]; and where it comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    quantity: str
    at: dict[str, str | float | int] = Field({}, description="parameters of the point, as in the study")
    objective: str | None = None
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

    Raises:
        InputError: it names a quantity or point that the result does not have.
    """
    result = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    lines, passed = [""], True
    for name in ("energy", "charge"):
        limit, found = getattr(wanted, f"{name}_balance"), result["balances"][name]
        passed &= found <= limit
        lines.append(_line(found <= limit, f"{name} balance", found, f"< {limit:g}", "conservation"))
    for e in wanted.values:
        found = _find(e, result, file)
        passed &= e.holds(found)
        lines.append(
            _line(
                e.holds(found),
                " ".join(filter(None, (e.quantity, e.objective, _where(e.at)))),
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


def _find(e: Expectation, result: Mapping[str, Any], file: Path) -> float:
    """The number that an expectation speaks of."""
    what = f"{file}: {e.quantity}"
    for p in result["points"]:
        fits = all(_same(p["parameters"].get(k), v) for k, v in e.at.items())
        if fits and p["objective"] == e.objective and "values" in p:
            if e.quantity not in p["values"]:
                raise InputError(f"{what}: the result has no such quantity; {choices(e.quantity, sorted(p['values']))}")
            return float(p["values"][e.quantity])
    sought = ", ".join(filter(None, (e.objective, _where(e.at)))) or "operating point"
    there = dict.fromkeys(", ".join(filter(None, (p["objective"], _where(p["parameters"])))) for p in result["points"])
    raise InputError(f"{what}: the result has no finished point `{sought}`; its points: {'; '.join(there)}")


def _same(given: object, wanted: object) -> bool:
    """Whether two parameter values are one: 1 is 1.0, texts agree to the letter."""
    if isinstance(given, int | float) and isinstance(wanted, int | float):
        return given == wanted
    return str(given) == str(wanted)
