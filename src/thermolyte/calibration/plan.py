"""What has to be solved for a comparison with the data, each solution once, and whether the case can be varied so."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from thermolyte.calibration.data import Measurements, read_data
from thermolyte.calibration.history import HISTORIES
from thermolyte.calibration.section import Calibration, DataSet
from thermolyte.case import Case
from thermolyte.check import check_all
from thermolyte.check_study import CHANGEABLE, check_study
from thermolyte.errors import InputError
from thermolyte.ranges import Compositions, Ranges
from thermolyte.studies.study import Transient

FITTED = (*CHANGEABLE, "geometry")
"""Sections of a case that hold numbers of the device."""
NO_NUMBER = "no number"


class Solve(NamedTuple):
    """One solution: what differs in the case, and what is done with it."""

    values: Mapping[str, object]
    objective: str | None = None
    times: tuple[float, ...] | None = None
    """Of a study in time [s]; None: the case is steady."""


class Place(NamedTuple):
    """Where the value of a datum is found: number of the solution, and of the time in it."""

    solve: int
    time: int = 0


class Plan(NamedTuple):
    """A calibration that is ready to be solved."""

    case: Case
    calibration: Calibration
    data: list[Measurements]
    solves: list[Solve]
    places: list[list[Place]]
    """Of the data of each set."""

    def starting(self, number: int) -> Case:
        """The case of a solution with the parameters at their start."""
        starts = {path: p.start for path, p in self.calibration.parameters.items()}
        return self.case.vary({**self.solves[number].values, **starts}, ("calibration", "parameters"))

    def owners(self, solve: int) -> list[int]:
        """The data sets that are compared with a solution."""
        return [i for i, places in enumerate(self.places) if any(p.solve == solve for p in places)]


def make_plan(case: Case) -> Plan:
    """The plan of a case's calibration.

    Raises:
        InputError: no calibration, a parameter or change that the case does not take, data that cannot be used.
    """
    calibration = case.calibration
    if calibration is None:
        raise InputError(
            f"{case.place()}: there is nothing to calibrate: add a section calibration with parameters and data"
        )
    if case.mesh.accuracy is not None:
        raise InputError(
            f"{case.place('mesh', 'accuracy')}: a calibration compares solutions on one mesh: remove it, and give "
            "a size"
        )
    check_study(case)
    data = read_data(case, calibration)
    for number, one in enumerate(calibration.data):
        _check_values(case, one, number, data[number])
        _check_parameters(case.vary(one.change), calibration)
    solves, places = _solves(calibration, data)
    plan = Plan(case, calibration, data, solves, places)
    check_all([plan.starting(i) for i in range(len(solves))], Ranges(), Compositions())
    return plan


def _solves(calibration: Calibration, data: Sequence[Measurements]) -> tuple[list[Solve], list[list[Place]]]:
    """All solutions, those that data sets share once; in time, with the times of all data sets that share one."""
    found: dict[str, Solve] = {}
    keys = [
        [_identity(one, x) for x in _rows(one, m)] if not _in_time(one) else [_identity(one, {})] * len(m)
        for one, m in zip(calibration.data, data, strict=True)
    ]
    for one, m, names in zip(calibration.data, data, keys, strict=True):
        if _in_time(one):
            before = found[names[0]].times or () if names[0] in found else ()
            found[names[0]] = Solve(one.change, None, tuple(sorted({*before, *map(float, m.x)})))
        else:
            for name, x in zip(names, _rows(one, m), strict=True):
                found.setdefault(name, Solve({**one.change, **x}, one.find))
    order, solves = list(found), list(found.values())
    places = [
        [Place(order.index(n), _time_index(found[n], float(t))) for n, t in zip(names, m.x, strict=True)]
        for names, m in zip(keys, data, strict=True)
    ]
    return solves, places


def _time_index(solve: Solve, time: float) -> int:
    return solve.times.index(time) if solve.times is not None else 0


def _identity(data: DataSet, x: Mapping[str, object]) -> str:
    """What tells one solution from another."""
    return json.dumps([_in_time(data), data.find, {**data.change, **x}], sort_keys=True, default=str)


def _in_time(data: DataSet) -> bool:
    return bool(data.x and data.x.time)


def _rows(data: DataSet, m: Measurements) -> list[dict[str, object]]:
    """What each row of a data set sets in the case."""
    path = data.x.parameter if data.x else None
    if path is None:
        return [{}] * len(m)
    bare = m.x_unit.strip() == "1"
    return [{path: float(x) if bare else f"{float(x)!r} {m.x_unit}"} for x in m.x]


# ---- checks ----------------------------------------------------------------------------------------------------------
def _check_values(case: Case, data: DataSet, number: int, m: Measurements) -> None:
    """What a data set changes is there, and takes the values of its rows; a study in time is as long as its data."""
    keys = ("calibration", "data", number)
    changed = case.vary(data.change, (*keys, "change"))
    for row in _rows(data, m):
        changed.vary(row, (*keys, "x"))
    if not _in_time(data):
        return
    place, study = case.place(*keys, "x", "time"), changed.study
    if type(study) not in HISTORIES:
        kinds = " or ".join(k.__name__.lower() for k in HISTORIES)
        raise InputError(f"{place}: the study of the case is {study.type}, which has no times: make it {kinds}")
    if isinstance(study, Transient) and m.x[-1] > study.longest * (1 + 1e-9):
        raise InputError(
            f"{place}: the data end at {m.x[-1]:g} s, but the study after {study.longest:g} s: give it that duration"
        )


def _check_parameters(case: Case, calibration: Calibration) -> None:
    """Every parameter is a number of the case, which it may be from bound to bound."""
    section = ("calibration", "parameters")
    for path, parameter in calibration.parameters.items():
        place = case.place(*section, path)
        if path.split(".")[0] not in FITTED:
            raise InputError(
                f"{place}: `{path}` is no number of the device: parameters are numbers under {', '.join(FITTED)}"
            )
        for value in (parameter.start, parameter.lower, parameter.upper):
            case.vary({path: value}, section)
        if _takes_text(case, path):
            raise InputError(f"{place}: `{path}` is a text, which cannot be fitted: name a number of the case")


def _takes_text(case: Case, path: str) -> bool:
    """Whether anything may stand there, and not only a number."""
    try:
        case.vary({path: NO_NUMBER})
    except InputError:
        return False
    return True
