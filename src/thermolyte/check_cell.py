"""What can be known about an electrochemical or mechanical case without solving it."""

from __future__ import annotations

from thermolyte.boundary.base import Essential
from thermolyte.boundary.diffusion import LithiumFlux
from thermolyte.case import Case
from thermolyte.errors import InputError
from thermolyte.geometry import Names
from thermolyte.interface.charge_transfer import ChargeTransfer
from thermolyte.interface.several import Several
from thermolyte.physics.constants import FARADAY
from thermolyte.physics.local import DISPLACEMENT
from thermolyte.problem import Setup
from thermolyte.studies.study import Step, Sweep, Transient
from thermolyte.terminal import Current
from thermolyte.topology import bodies


def check_cell(case: Case, setup: Setup, names: Names) -> None:
    """Names, roles, levels and amounts.

    Raises:
        InputError: the first mistake, with its place in the YAML and the remedy.
    """
    _check_roles(case, setup)
    _check_transfer(case, setup)
    if setup.physics.electrochemistry:
        _check_ground(case, setup, names)
    if setup.physics.mechanics:
        _check_supports(case, setup, names)
    _check_initial(case, setup)
    _check_capacity(case, setup)


def _check_roles(case: Case, setup: Setup) -> None:
    """Somewhere there is something for each physics to act on."""
    cards = [region.card for region in setup.regions.values()]
    wanted = {
        "diffusion": (any(c.stores_lithium for c in cards), "diffusivity and maximum_concentration (or saturation)"),
        "mechanics": (any(c.deforms for c in cards), "young_modulus and poisson_ratio"),
        "electrochemistry": (any(c.conducts_ions for c in cards), "ionic_conductivity"),
    }
    for name in setup.physics.names:
        found, properties = wanted.get(name, (True, ""))
        if not found:
            raise InputError(
                f"{case.place('physics', name)}: no region has a card with {properties}: give one, or leave {name} out"
            )


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
            raise InputError(f"{place}: charge_transfer needs `electrochemistry` under `physics`")
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
                f"{case.place('regions', r)}: no current can flow between `{r}` and the ground: give its interface a law "
                "with type charge_transfer, or put a ground or voltage terminal on it"
            )


def _check_supports(case: Case, setup: Setup, names: Names) -> None:
    """No body of solids can move away."""
    solids = [r for r, region in setup.regions.items() if region.card.deforms]
    body = bodies(solids, [tuple(ab.split("/")) for ab in names.interfaces])
    held = {
        body[r]
        for b, conditions in setup.boundaries.items()
        if any(c.field == DISPLACEMENT and isinstance(c, Essential) for c in conditions)
        for r in names.boundaries[b]
        if r in body
    }
    if setup.coordinates.kind == "spherical":
        return
    for r in solids:
        if body[r] not in held:
            raise InputError(
                f"{case.place('regions', r)}: nothing holds `{r}`: give a boundary of it a condition with type symmetry, "
                "clamped or displacement"
            )


def _check_initial(case: Case, setup: Setup) -> None:
    """The lithium at the start is within 0 and saturation; a host without diffusion would not be asked."""
    for r, region in setup.regions.items():
        card, full = region.card, region.card.maximum_concentration
        given = region.initial.concentration is not None or region.initial.composition is not None
        if given and not card.stores_lithium:
            raise InputError(
                f"{case.place('regions', r, 'initial')}: card {card.name} stores no lithium: it has no diffusivity or no "
                "maximum_concentration"
            )
        if full is not None and region.initial_concentration > full * (1 + 1e-12):
            raise InputError(
                f"{case.place('regions', r, 'initial')}: {region.initial_concentration:.6g} mol/m^3 is more than `{r}` "
                f"can hold, {full:.6g} mol/m^3 (saturation of card {card.name})"
            )


def _check_capacity(case: Case, setup: Setup) -> None:
    """A study that would put more lithium into the hosts than they hold needs a limit that ends it."""
    study = case.study.each if isinstance(case.study, Sweep) else case.study
    if not isinstance(study, Transient) or any(getattr(law, "plating", None) for *_, law in _laws(setup)):
        return
    area = case.geometry.device().footprint
    hosts = {r: region for r, region in setup.regions.items() if region.card.stores_lithium}
    if area is None or not hosts or not setup.physics.diffusion:
        return
    room = sum(
        ((x.card.maximum_concentration or 0.0) - x.initial_concentration) * area * case.geometry.extent(r)
        for r, x in hosts.items()
    )
    supply = _supply(setup, area)
    for number, step in enumerate(study.stretches):
        if _runs_to_its_end(step) and supply * step.duration > room * (1 + 1e-9) and number == 0:
            raise InputError(
                f"{case.place('study')}: {supply * step.duration * FARADAY:.4g} C in {step.duration:g} s are more than "
                f"the host can take up, {room * FARADAY:.4g} C: shorten it, lower the current, or end it with "
                f"`until: {{quantity: saturation.{next(iter(hosts))}, above: 1}}`"
            )


def _runs_to_its_end(step: Step) -> bool:
    return not step.until


def _supply(setup: Setup, area: float) -> float:
    """Lithium that constant fluxes and currents bring into hosts [mol/s], at most."""
    fluxes = [c for cs in setup.boundaries.values() for c in cs if isinstance(c, LithiumFlux)]
    by_flux = sum((c.molar_flux if c.current_density is None else c.current_density / FARADAY) or 0.0 for c in fluxes)
    currents = [t.current for t in setup.terminals.values() if isinstance(t, Current)]
    return float(max(area * by_flux, *(abs(I) / FARADAY for I in currents), 0.0))
