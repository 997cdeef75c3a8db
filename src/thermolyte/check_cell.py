"""What can be known about a cell without solving it: charge transfer, ground, and the lithium at the start."""

from __future__ import annotations

from thermolyte.case import Case
from thermolyte.errors import InputError
from thermolyte.geometry import Names
from thermolyte.interface.charge_transfer import ChargeTransfer
from thermolyte.interface.several import Several
from thermolyte.setup import Setup
from thermolyte.topology import bodies


def check_cell(case: Case, setup: Setup, names: Names) -> None:
    """Charge transfer, levels and amounts.

    Raises:
        InputError: the first mistake, with its place in the YAML and the remedy.
    """
    _check_transfer(case, setup)
    if setup.physics.electrochemistry:
        _check_ground(case, setup, names)
    _check_initial(case, setup)


def _laws(setup: Setup) -> list[tuple[str, str, object]]:
    pairs = setup.interfaces.items()
    return [(a, b, law) for (a, b), x in pairs for law in (x.laws if isinstance(x, Several) else (x,))]


def _check_transfer(case: Case, setup: Setup) -> None:
    """Charge transfer joins an electrolyte and an electrode, and both are solved for."""
    for a, b, law in _laws(setup):
        if not isinstance(law, ChargeTransfer):
            continue
        place = case.place("interfaces", f"{a}/{b}")
        if setup.physics.electrochemistry is None:
            raise InputError(f"{place}: charge_transfer needs `electrochemistry` under `physics`: name it there")
        cards = {r: setup.regions[r].card for r in (a, b)}
        electrolytes = [r for r, card in cards.items() if card.conducts_ions]
        if len(electrolytes) != 1:
            what = "both conduct" if electrolytes else "neither conducts"
            raise InputError(
                f"{place}: charge_transfer joins an electrolyte and an electrode, but of `{a}` and `{b}` {what} ions: "
                "see ionic_conductivity in their cards"
            )
        electrode = a if electrolytes[0] == b else b
        if not cards[electrode].conducts:
            raise InputError(f"{place}: the electrode `{electrode}` has no electrical_conductivity in its card")
        if not cards[electrode].stores_species:
            _check_metal(place, electrode, law)


def _check_metal(place: str, electrode: str, law: ChargeTransfer) -> None:
    """An electrode that stores no lithium is lithium metal, or an inert collector."""
    if law.rate_constant is not None:
        raise InputError(
            f"{place}: `{electrode}` stores no lithium, so that rate_constant means nothing: give "
            "exchange_current_density, or a card with diffusivity and maximum_concentration"
        )
    if law.plating and law.reacts:
        raise InputError(
            f"{place}: `{electrode}` stores no lithium: give exchange_current_density (lithium metal) or plating (an "
            "inert collector), not both"
        )


def _check_ground(case: Case, setup: Setup, names: Names) -> None:
    """The potentials of every connected body are tied to an absolute value."""
    ground = [f for n, t in setup.terminals.items() if t.fixes_level for f in t.faces(n)]
    if not ground:
        raise InputError(
            f"{case.place('terminals')}: no electrical ground: the potential is not determined. Add a terminal with "
            "type ground or voltage"
        )
    ties = {
        law for law in setup.interfaces if any(x[:2] == law and isinstance(x[2], ChargeTransfer) for x in _laws(setup))
    }
    touching = [tuple(ab.split("/")) for ab in names.interfaces]
    same = [
        (a, b)
        for a, b in touching
        if (a, b) in ties or setup.regions[a].card.conducts_ions == setup.regions[b].card.conducts_ions
    ]
    body = bodies(list(setup.regions), same)
    held = {body[r] for f in ground for r in names.boundaries[f]}
    for r in setup.regions:
        if body[r] not in held:
            raise InputError(
                f"{case.place('regions', r)}: no current can flow between `{r}` and the ground: give its interface a "
                "law with type charge_transfer, or put a ground or voltage terminal on it"
            )


def _check_initial(case: Case, setup: Setup) -> None:
    """The lithium at the start is within 0 and saturation, and where the card has data."""
    for r, region in setup.regions.items():
        given = region.initial.concentration is not None or region.initial.composition is not None
        place = case.place("regions", r, "initial") if given else case.place("regions", r)
        if given and not region.card.stores_species:
            raise InputError(
                f"{place}: card {region.card.name} stores no lithium: it has no diffusivity or no maximum_concentration"
            )
        if setup.physics.diffusion is None or not region.card.stores_species:
            continue
        x = (region.card.composition_per_concentration or 0.0) * region.initial_concentration
        for finding in region.card.check_composition(x, x):
            if finding.severity == "error":
                raise InputError(f"{place}: at the start, {finding.text}")
