"""What can be known about a study without solving it: whether the case has what it asks for, and its steps in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from thermolyte.case import Case
from thermolyte.errors import InputError
from thermolyte.explain import choices
from thermolyte.geometry import Names
from thermolyte.results.record import DRIVES
from thermolyte.setup import Setup
from thermolyte.studies.steps import Keys, at_every_point, in_time
from thermolyte.studies.structure import structure
from thermolyte.studies.study import OBJECTIVES, AtEveryPoint, Impedance, Map, Optimum, Step, Sweep, Uncertainty

CHANGEABLE = ("regions", "boundaries", "terminals", "interfaces", "physics")


def check_study(case: Case) -> None:
    """Refuse a study of what the case does not have.

    Raises:
        InputError: no terminal or side for an optimum, no electrochemistry for an impedance, nothing that takes time,
            a map over what is no number of a thermoelectric device, an uncertainty of nothing in particular, or an
            accuracy where errors are not known.
    """
    _check_optima(case)
    _check_impedance(case)
    _check_time(case)
    _check_map(case)
    _check_uncertainty(case)
    _check_accuracy(case)


def _check_optima(case: Case) -> None:
    """An optimum is one of a thermoelectric device, over the current of a terminal."""
    study = case.study
    objectives = (study.type,) if isinstance(study, Optimum) else study.find if isinstance(study, AtEveryPoint) else ()
    check_objectives(case, objectives, ("study", "find") if isinstance(study, AtEveryPoint) else ("study",))


def check_objectives(case: Case, objectives: Sequence[str], keys: Keys) -> None:
    """What is sought is an optimum of this device.

    Raises:
        InputError: no thermoelectric device, no terminal, or no hot side.
    """
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


def _check_map(case: Case) -> None:
    """A map is one of steady states that change smoothly: of a thermoelectric device, over numbers, on one mesh."""
    if not isinstance(case.study, Map):
        return
    if case.physics.thermoelectricity is None:
        raise InputError(
            f"{case.place('study')}: a map is that of a thermoelectric device, which this case does not solve: use a "
            "sweep, which solves every point"
        )
    for path in case.study.parameters:
        section, place = path.split(".")[0], case.place("study", "parameters", path)
        if section in ("geometry", "mesh"):
            raise InputError(
                f"{place}: every value of `{path}` has a mesh of its own, whose error jumps from one to the next, so "
                "that nothing between them can be interpolated: use a sweep"
            )
        if section not in CHANGEABLE:
            raise InputError(
                f"{place}: `{path}` is no number of the device: a map is over numbers under {', '.join(CHANGEABLE)}"
            )


def _check_uncertainty(case: Case) -> None:
    """Results are named where they are not the usual ones of a device, and no input is one that the search chooses."""
    study = case.study
    if not isinstance(study, Uncertainty):
        return
    if case.physics.thermoelectricity is None and not study.quantities:
        raise InputError(
            f"{case.place('study')}: whose uncertainty is asked for? Only a thermoelectric device has results that are "
            "taken by default: give quantities: [NAME, ...]"
        )
    drive = f"terminals.{case.electrical_terminal()}."
    for name, cause in study.inputs.items():
        for path in cause.paths or (name,):
            if study.find and path.startswith(drive) and path.removeprefix(drive) in DRIVES:
                raise InputError(
                    f"{case.place('study', 'inputs', name)}: `{path}` is what {study.find[0]} is sought over: leave it "
                    "out, or leave find out"
                )


def check_quantities(case: Case, objective: str | None, values: Mapping[str, float]) -> None:
    """The quantities whose uncertainty is asked for are among those of a solved point.

    Raises:
        InputError: one that is not.
    """
    study = case.study
    if not isinstance(study, Uncertainty) or objective not in (None, *study.find[:1]):
        return
    for name in study.quantities:
        if name not in OBJECTIVES and name not in values:
            raise InputError(
                f"{case.place('study', 'quantities')}: a solution has no `{name}`; {choices(name, sorted(values))}"
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


def _check_accuracy(case: Case) -> None:
    """Error bars are those of steady thermoelectric devices, all points on meshes of one accuracy."""
    study = case.study
    if isinstance(study, Sweep) and "mesh.accuracy" in study.parameters:
        raise InputError(f"{case.place('study', 'parameters', 'mesh.accuracy')}: one accuracy holds for all points")
    if case.mesh.accuracy is None:
        return
    place, remedy = case.place("mesh", "accuracy"), "remove it, and compare with a run on a finer mesh"
    if case.physics.names != ("thermoelectricity",):
        others = [n for n in case.physics.names if n != "thermoelectricity"]
        raise InputError(
            f"{place}: errors are known for thermoelectric devices alone, not with {', '.join(others)}: {remedy}"
        )
    if not case.device_of_numbers().hot:
        raise InputError(
            f"{place}: the mesh is judged by the heat flow into the hot side, which this case does not have: name its "
            "boundaries, as in device: {hot: [NAME]}"
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
    for number, step in enumerate(study.stretches):
        for limit in step.until:
            check_subject(limit.quantity, case, names, _until(study.steps, keys, number))


def check_subject(quantity: str, case: Case, names: Names, keys: Keys) -> None:
    """A quantity is of a region, boundary, interface or terminal that is there; `keys` say where it is asked for.

    Raises:
        InputError: of something else.
    """
    pairs = [pair.split("/") for pair in names.interfaces]
    given = (*names.regions, *names.boundaries, *case.terminals, *(f"{a}/{b}" for a, b in pairs))
    known = list(dict.fromkeys(given))
    spelt = {*known, *(f"{b}/{a}" for a, b in pairs), *(f"{r}/{b}" for b, rs in names.boundaries.items() for r in rs)}
    of = quantity.split(".")[1:]
    if of and of[-1] not in spelt and not _is_component(of, spelt):
        raise InputError(f"{case.place(*keys)}: `{quantity}` is of nothing in this case; {choices(of[-1], known)}")


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
