"""The samples of a study of type uncertainty: a Latin hypercube over the causes, as parameter values of the case."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from pydantic import BaseModel
from scipy.stats import qmc

from thermolyte import units
from thermolyte.case import Case
from thermolyte.errors import InputError
from thermolyte.explain import choices
from thermolyte.studies.study import Point, Uncertainty
from thermolyte.uncertainty.inputs import Array, UncertainInput

SECTIONS = ("geometry", "regions", "boundaries", "terminals", "interfaces", "physics", "device")
"""Sections of a case with numbers that can be measured."""


class Design(NamedTuple):
    """The samples, by number, and the case itself.

    `probabilities` has one row per sample and one column per cause; `nominal` is the value of the case at the first
    path of each cause [SI].
    """

    causes: Mapping[str, UncertainInput]
    probabilities: Array
    nominal: tuple[float, ...]
    points: list[Point]
    case: Point

    @property
    def standardised(self) -> Array:
        """Values z of each sample and cause: mean 0, standard deviation 1, the normal score of a lognormal one."""
        columns = zip(self.causes.values(), self.probabilities.T, self.nominal, strict=True)
        return np.column_stack([cause.standardised(u, nominal) for cause, u, nominal in columns])


class _Value(NamedTuple):
    """The number of the case at a path: in SI, and the unit in which it is written there."""

    si: float
    unit: str


@lru_cache(maxsize=4)
def latin_hypercube(samples: int, causes: int, seed: int) -> Array:
    """Cumulative probabilities (samples, causes) with one sample in each of as many equal slices of every column.

    M. D. McKay, R. J. Beckman, W. J. Conover, Technometrics 21 (1979) 239. Columns are permuted for a small centred
    discrepancy, so that causes are nearly uncorrelated among the samples.
    """
    generator = np.random.default_rng(seed)
    found = qmc.LatinHypercube(causes, optimization="random-cd" if causes > 1 else None, rng=generator).random(samples)
    found.flags.writeable = False
    return found


def design(case: Case, study: Uncertainty) -> Design:
    """The samples of a case, the same in every run and on all ranks.

    Raises:
        InputError: a path that leads to no number of the case, or a spread that does not go with that number.
    """
    probabilities = latin_hypercube(study.samples, len(study.inputs), study.seed)
    points: list[Point] = [{} for _ in range(study.samples)]
    middle: Point = {}
    nominal = []
    for (name, cause), column in zip(study.inputs.items(), probabilities.T, strict=True):
        place = case.place("study", "inputs", name)
        for path in cause.paths or (name,):
            if path in middle:
                raise InputError(f"{place}: `{path}` belongs to another input already: a number has one uncertainty")
            here = _number(case, path, cause, place)
            nominal += [here.si] * (path == (cause.paths or (name,))[0])
            middle[path] = _written(here.si, here.unit)
            for point, value in zip(points, _values(cause, column, here.si, place), strict=True):
                point[path] = _written(float(value), here.unit)
    return Design(study.inputs, probabilities, tuple(nominal), points, middle)


def _values(cause: UncertainInput, column: Array, nominal: float, place: str) -> Array:
    try:
        return cause.values(column, nominal)
    except ValueError as error:
        raise InputError(f"{place}: {error}") from None


def _number(case: Case, path: str, cause: UncertainInput, place: str) -> _Value:
    """The number of the case at a path, as written or by default.

    Raises:
        InputError: there is none, or it has another dimension than its spread.
    """
    section = path.split(".")[0]
    if section not in SECTIONS:
        raise InputError(f"{place}: `{path}` is no input that is measured: {choices(section, SECTIONS)}")
    given = case.written(path)
    found = _default(case, path, place) if given is None else given
    try:
        if isinstance(found, bool) or not isinstance(found, int | float | str):
            raise ValueError(f"`{path}` is no number: give the path of one")
        unit = units.split(found)[1] or cause.unit
        for spread in (cause.absolute, cause.lower):
            if spread is not None:
                units.coherent(spread, like=found)
        return _Value(units.coherent(found), "K" if unit and units.has_offset(unit) else unit)
    except ValueError as error:
        raise InputError(f"{place}: {error}") from None


def _default(case: Case, path: str, place: str) -> object:
    """The value that the program takes where the case says nothing.

    Raises:
        InputError: there is nothing at this path.
    """
    keys = path.split(".")
    node: object = case
    for i, key in enumerate(keys):
        node = node[0] if isinstance(node, tuple) and len(node) == 1 and not key.isdigit() else node
        below = dict(node) if isinstance(node, BaseModel | Mapping) else {}
        if key not in below or below[key] is None:
            known = [k for k, v in below.items() if v is not None]
            where = f"`{'.'.join(keys[:i])}`" if i else "the case"
            raise InputError(f"{place}: {where} has no `{key}`; {choices(key, known)}")
        node = below[key]
    return node


def _written(value: float, unit: str) -> str | float:
    """A value in SI as the user would write it."""
    return f"{value / units.factor(unit):.12g} {unit}" if unit else float(f"{value:.12g}")
