"""What can be known about ageing without solving it: exchange at surfaces, the furnace, and what is measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from thermolyte.case import Case
from thermolyte.check_study import CHANGEABLE, check_objectives, check_subject
from thermolyte.errors import InputError
from thermolyte.geometry import Names
from thermolyte.interface.contact import Contact
from thermolyte.interface.several import Several
from thermolyte.mass_exchange import MassExchange
from thermolyte.materials.schottky import SchottkyContact
from thermolyte.physics.local import CONCENTRATION
from thermolyte.ranges import Ranges
from thermolyte.setup import Setup
from thermolyte.studies.steps import at_every_point, measured
from thermolyte.studies.structure import structure
from thermolyte.studies.study import Ageing


def check_exchanges(case: Case, setup: Setup, names: Names) -> None:
    """Every exchange has a body on one side, with compositions that its card allows.

    Raises:
        InputError: the first mistake, with its place in the YAML and the remedy.
    """
    for (a, b), one in _laws(setup):
        if isinstance(one, MassExchange):
            place = case.place("interfaces", f"{a}/{b}")
            bodies = [r for r in (a, b) if setup.regions[r].card.stores_species]
            if setup.physics.diffusion is None:
                raise InputError(f"{place}: mass_exchange needs `diffusion` under `physics`: name it there")
            if len(bodies) != 1:
                what = "both have" if bodies else "neither has"
                raise InputError(
                    f"{place}: mass_exchange joins a body that a species diffuses in and a metal, but of `{a}` and "
                    f"`{b}` {what} diffusivity and saturation in the card"
                )
            _check_compositions(place, setup, bodies[0], one)
    for boundary, conditions in setup.boundaries.items():
        for condition in (c for c in conditions if isinstance(c, MassExchange)):
            for r in (r for r in names.boundaries[boundary] if setup.regions[r].card.stores_species):
                _check_compositions(case.place("boundaries", boundary), setup, r, condition)


def check_barriers(case: Case, setup: Setup) -> None:
    """Every contact with a barrier has a semiconductor with carriers on one side: else the barrier does nothing.

    Raises:
        InputError: the first one that has not, with its place in the YAML and the remedy.
    """
    for (a, b), one in _laws(setup):
        if isinstance(one, Contact) and isinstance(one.contact_resistivity, SchottkyContact):
            bodies = [r for r in (a, b) if setup.regions[r].card.carriers]
            if len(bodies) != 1:
                what = "both have" if bodies else "neither has"
                raise InputError(
                    f"{case.place('interfaces', f'{a}/{b}')}: a barrier_height follows the carriers of the "
                    f"semiconductor on one side, but of `{a}` and `{b}` {what} `carriers` in the card: give them to "
                    "one, or give contact_resistivity as a number"
                )


def _laws(setup: Setup) -> Iterator[tuple[tuple[str, str], Any]]:
    """Every law of every interface, one by one."""
    for pair, law in setup.interfaces.items():
        for one in law.laws if isinstance(law, Several) else (law,):
            yield pair, one


def _check_compositions(place: str, setup: Setup, region: str, law: MassExchange) -> None:
    card = setup.regions[region].card
    given = (
        ("interlayer", "composition"),
        ("reaction_layer", "reference_composition"),
        ("evaporation", "composition"),
    )
    for part, name in given:
        x: float | None = getattr(getattr(law, part), name, None)
        if x is not None and card.saturation is not None and x > card.saturation:
            raise InputError(
                f"{place}: {part}.{name} {x:g} is beyond the saturation of {card.name}, {card.saturation:g}"
            )


def check_ageing(case: Case, setup: Setup, names: Names, ranges: Ranges) -> None:
    """There is something that ages, at temperatures that the cards allow, and what is measured is a state of the case.

    Raises:
        InputError: the first mistake, with its place in the YAML and the remedy.
    """
    study, keys = at_every_point(case)
    if not isinstance(study, Ageing):
        return
    if setup.physics.diffusion is None or not _exchanges(setup):
        raise InputError(
            f"{case.place(*keys)}: nothing ages here: name `diffusion` under `physics`, and give an interface or a "
            "boundary of a leg a law with type mass_exchange"
        )
    if study.furnace is not None:
        try:
            ranges.add(case, setup, study.furnace, study.furnace)
        except InputError as error:
            raise InputError(f"{case.place(*keys, 'furnace')}: {error}") from None
    if study.loss is not None:
        check_subject(study.loss.quantity, case, names, (*keys, "losses", "quantity"))
    check_objectives(case, study.measure.find, (*keys, "measure", "find"))
    _check_changes(case, study, setup, names, (*keys, "measure", "change"))


def _exchanges(setup: Setup) -> bool:
    conditions = [c for cs in setup.boundaries.values() for c in cs if c.field == CONCENTRATION]
    return any(isinstance(law, MassExchange) for _, law in _laws(setup)) or bool(conditions)


def _check_changes(case: Case, study: Ageing, setup: Setup, names: Names, keys: tuple[str | int, ...]) -> None:
    place = case.place(*keys)
    for path in study.measure.change:
        if path.split(".")[0] not in CHANGEABLE or ".initial" in path:
            raise InputError(
                f"{place}: a measurement cannot change `{path}`, only numbers under {', '.join(CHANGEABLE)} and kinds "
                "of terminals"
            )
    if structure(measured(case).setup(names)) != structure(setup):
        raise InputError(
            f"{place}: a measurement can change numbers and kinds of terminals, not materials, laws or kinds of "
            "conditions"
        )
