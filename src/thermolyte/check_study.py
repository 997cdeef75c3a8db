"""What can be known about a study without solving it: whether the case has what it asks for, and its steps in time."""

from __future__ import annotations

from collections.abc import Sequence

from thermolyte.case import Case
from thermolyte.errors import InputError
from thermolyte.explain import choices
from thermolyte.geometry import Names
from thermolyte.setup import Setup
from thermolyte.studies.steps import Keys, at_every_point, in_time
from thermolyte.studies.structure import structure
from thermolyte.studies.study import Impedance, Optimum, Step, Sweep

CHANGEABLE = ("regions", "boundaries", "terminals", "interfaces", "physics")


def check_study(case: Case) -> None:
    """Refuse a study of what the case does not have.

    Raises:
        InputError: no terminal or side for an optimum, no electrochemistry for an impedance, nothing that takes time.
    """
    _check_optima(case)
    _check_impedance(case)
    _check_time(case)


def _check_optima(case: Case) -> None:
    """An optimum is one of a thermoelectric device, over the current of a terminal."""
    study, keys = case.study, ("study", "find") if isinstance(case.study, Sweep) else ("study",)
    objectives = (study.type,) if isinstance(study, Optimum) else study.find if isinstance(study, Sweep) else ()
    if objectives and case.physics.thermoelectricity is None:
        raise InputError(
            f"{case.place(*keys)}: {objectives[0]} is that of a thermoelectric device, which this case does not solve: "
            "sweep the current or the voltage of a terminal instead, or use a study of type transient"
        )
    if objectives and case.electrical_terminal() is None:
        raise InputError(
            f"{case.place('terminals')}: {objectives[0]} needs a terminal whose current can be varied: "
            "add one with type current"
        )
    if "maximum_efficiency" in objectives and not case.device_of_numbers().hot:
        raise InputError(
            f"{case.place('device', 'hot')}: maximum_efficiency needs the side that the heat comes from: name its "
            "boundaries, as in device: {hot: [NAME]}, and give them a temperature"
        )


def _check_impedance(case: Case) -> None:
    study, keys = at_every_point(case)
    if not isinstance(study, Impedance):
        return
    if case.physics.electrochemistry is None:
        raise InputError(
            f"{case.place(*keys)}: an impedance is that of an electrochemical cell: name `electrochemistry` under "
            "`physics`, or use another study"
        )
    if case.electrical_terminal() is None:
        raise InputError(
            f"{case.place('terminals')}: an impedance needs a terminal whose current is varied: add one with type "
            "current, of 0 A"
        )


def _check_time(case: Case) -> None:
    """Somewhere there is a rate: of lithium, of charge, or of a metal that flows."""
    study, keys = in_time(case)
    physics, cards = case.physics, [region.card for region in case.regions.values()]
    flows = physics.mechanics is not None and any(card.yields or card.creeps for card in cards)
    if study is not None and not (physics.diffusion or physics.electrochemistry or flows):
        raise InputError(
            f"{case.place(*keys)}: nothing depends on time here: {', '.join(physics.names)} is steady. Use type "
            "operating_point, or a sweep; diffusion, electrochemistry and metals that yield or creep take time"
        )


# ---- steps in time ---------------------------------------------------------------------------------------------------
def check_limits(case: Case, names: Names) -> None:
    """What ends the steps are quantities of regions, boundaries, interfaces and terminals that are there.

    Raises:
        InputError: a quantity of something else.
    """
    study, keys = in_time(case)
    if study is None:
        return
    pairs = [pair.split("/") for pair in names.interfaces]
    known = [*names.regions, *names.boundaries, *case.terminals, *(f"{a}/{b}" for a, b in pairs)]
    spelt = {*known, *(f"{b}/{a}" for a, b in pairs), *(f"{r}/{b}" for b, rs in names.boundaries.items() for r in rs)}
    for number, step in enumerate(study.stretches):
        for limit in step.until:
            of = limit.quantity.split(".")[1:]
            if of and of[-1] not in spelt and not _is_component(of, spelt):
                raise InputError(
                    f"{case.place(*_until(study.steps, keys, number))}: `{limit.quantity}` is of nothing in this case; "
                    f"{choices(of[-1], known)}"
                )


def _is_component(of: list[str], names: set[str]) -> bool:
    """Whether it is a component of something, such as reaction_force.bottom.z."""
    return len(of) > 1 and of[-2] in names and len(of[-1]) == 1


def _until(steps: tuple[Step, ...], keys: Keys, number: int) -> Keys:
    return (*keys, "steps", number, "until") if steps else (*keys, "until")


def check_changes(case: Case, setups: Sequence[Setup]) -> None:
    """A step changes numbers and kinds of terminals only.

    Args:
        case: before any change.
        setups: what is posed in each step.

    Raises:
        InputError: it changes what is compiled or the mesh, or what a running study takes no notice of.
    """
    study, keys = in_time(case)
    for number, step in enumerate(study.stretches if study else ()):
        place = case.place(*keys, "steps", number, "change")
        for path in step.change:
            if path.split(".")[0] not in CHANGEABLE or ".initial" in path:
                raise InputError(
                    f"{place}: a step cannot change `{path}`, only numbers under {', '.join(CHANGEABLE)} and kinds of "
                    "terminals: make that a case of its own"
                )
        before, now = setups[0], setups[number]
        if before.lumped != now.lumped:
            region = next(iter(before.lumped.keys() ^ now.lumped.keys()), next(iter(before.lumped)))
            raise InputError(
                f"{place}: at this current the ohmic drop in `{region}` is negligible in one step and not in another: "
                f"give regions.{region} electric_potential: field"
            )
        if structure(before) != structure(now):
            raise InputError(
                f"{place}: a step can change numbers and kinds of terminals, not materials, laws or kinds of "
                "conditions: make that a case of its own"
            )
