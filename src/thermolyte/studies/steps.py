"""The study in time that a case asks for: where it stands, and the case in each of its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thermolyte.studies.study import Ageing, AtEveryPoint, Impedance, StudyBase, Transient

if TYPE_CHECKING:
    from thermolyte.case import Case

Keys = tuple[str | int, ...]


def at_every_point(case: Case) -> tuple[StudyBase, Keys]:
    """What is done at every point of the study, and where that stands in the case."""
    study = case.study
    return (study.each, ("study", "each")) if isinstance(study, AtEveryPoint) else (study, ("study",))


def in_time(case: Case) -> tuple[Transient | None, Keys]:
    """What happens in time at every point, and where that stands; None without."""
    study, keys = at_every_point(case)
    if isinstance(study, Impedance):
        return study.after, (*keys, "after")
    return (study if isinstance(study, Transient) else None), keys


def cases_of_steps(case: Case) -> list[Case]:
    """The case as it is in each step of its study in time.

    Raises:
        InputError: a change that the case does not take.
    """
    study, keys = in_time(case)
    found = []
    for number, step in enumerate(study.stretches if study else ()):
        case = case.vary(step.change, (*keys, "steps", number, "change"))
        found.append(case)
    return found


def measured(case: Case) -> Case:
    """The case under the conditions of the measurements of its ageing study; itself without one.

    Raises:
        InputError: a change that the case does not take.
    """
    study, keys = at_every_point(case)
    return case.vary(study.measure.change, (*keys, "measure", "change")) if isinstance(study, Ageing) else case
