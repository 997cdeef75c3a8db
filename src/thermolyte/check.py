"""What can be known about a case without solving it: names, ground, temperatures, ranges of the material data."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import chain

from thermolyte.boundary.diffusion import Concentration
from thermolyte.boundary.thermal import Temperature
from thermolyte.case import Case
from thermolyte.check_ageing import check_ageing, check_barriers, check_exchanges
from thermolyte.check_capacity import check_capacity
from thermolyte.check_cell import check_cell
from thermolyte.check_line_scans import check_line_scans
from thermolyte.check_mechanics import check_mechanics
from thermolyte.check_study import check_changes, check_limits
from thermolyte.errors import InputError
from thermolyte.explain import choices
from thermolyte.geometry import Names
from thermolyte.materials import Role, missing
from thermolyte.physics.equations import EQUATIONS
from thermolyte.physics.local import POTENTIAL, TEMPERATURE
from thermolyte.ranges import Compositions, Ranges, prescribed_temperatures
from thermolyte.setup import Setup
from thermolyte.studies.steps import at_every_point, cases_of_steps, measured
from thermolyte.terminal import Current
from thermolyte.topology import bodies

Pair = tuple[str, ...]


def check(case: Case, names: Names) -> list[str]:
    """Everything that can be known beforehand; returns warnings.

    Raises:
        InputError: the first mistake, with its place in the YAML and the remedy.
    """
    ranges, compositions = Ranges(), Compositions()
    found = _check_point(case, names, ranges, compositions)
    return [*found, *ranges.lines(), *compositions.lines()]


def check_all(cases: Collection[Case], ranges: Ranges, compositions: Compositions) -> list[str]:
    """All points of a study; returns the warnings of cards, each once; those of `ranges` and `compositions` are there.

    Raises:
        InputError: the first mistake of any point.
    """
    return list(dict.fromkeys(chain(*(_check_point(c, c.names(), ranges, compositions) for c in cases))))


def _check_point(case: Case, names: Names, ranges: Ranges, compositions: Compositions) -> list[str]:
    """One point with all its steps in time; returns the warnings of its cards."""
    setups = [validate(x, names) for x in cases_of_steps(case) or [case]]
    check_changes(case, setups)
    check_limits(case, names)
    check_capacity(case, names, setups)
    check_ageing(case, setups[0], names, ranges)
    for setup in setups:
        ranges.add(case, setup, *prescribed_temperatures(setup))
    _check_measurement(case, names, ranges)
    compositions.add(case, setups[0], initial_concentrations(setups[0]))
    return card_warnings(setups[0])


def _check_measurement(case: Case, names: Names, ranges: Ranges) -> None:
    """What is measured of a device that ages is a case of its own."""
    state = measured(case)
    if state is case:
        return
    try:
        setup = validate(state, names)
        ranges.add(state, setup, *prescribed_temperatures(setup))
    except InputError as error:
        raise InputError(f"{case.place(*at_every_point(case)[1], 'measure', 'change')}: {error}") from None


def validate(case: Case, names: Names) -> Setup:
    """What is posed.

    Raises:
        InputError: the first mistake, with its place in the YAML and the remedy.
    """
    setup = case.setup(names)
    _check_mesh(case)
    _check_physics(case, setup)
    _check_materials(case, setup)
    _check_boundaries(case, setup, names)
    _check_interfaces(case, setup)
    _check_terminals(case, setup, names)
    if setup.physics.thermoelectricity:
        _check_ways_around(case, setup, names)
        _check_levels(case, setup, names)
        _check_device(case, names)
    if setup.physics.mechanics:
        check_mechanics(case, setup, names)
    check_cell(case, setup, names)
    check_exchanges(case, setup, names)
    check_barriers(case, setup)
    check_line_scans(case, setup)
    return setup


def initial_concentrations(setup: Setup) -> dict[str, float]:
    """Lowest and highest concentration of each host at the start [mol/m³], by the names of the quantities."""
    hosts = {r: x.initial_concentration for r, x in setup.regions.items() if x.card.stores_species}
    ends = ("minimum", "maximum") if setup.physics.diffusion else ()
    return {f"{end}_concentration.{r}": c for r, c in hosts.items() for end in ends}


def card_warnings(setup: Setup) -> list[str]:
    """What looks like a slip of unit or of column."""
    cards = {region.card.name: region.card for region in setup.regions.values()}
    return [f"{name}: {text}" for name, card in cards.items() for text in card.warnings]


def _check_mesh(case: Case) -> None:
    try:
        case.geometry.expected_cells(case.mesh)
    except ValueError as error:
        keys = ("mesh", "size") if case.mesh.size is not None else ("mesh",)
        raise InputError(f"{case.place(*keys)}: {error}") from None


def _check_physics(case: Case, setup: Setup) -> None:
    """Physics that go together, and somewhere something for each of them to act on."""
    if setup.physics.thermoelectricity and setup.physics.electrochemistry:
        raise InputError(
            f"{case.place('physics', 'electrochemistry')}: thermoelectricity and electrochemistry are not solved "
            "together: leave one out; the temperature of a cell is physics.temperature"
        )
    cards = [region.card for region in setup.regions.values()]
    wanted = {
        "diffusion": (any(c.stores_species for c in cards), "diffusivity and maximum_concentration (or saturation)"),
        "mechanics": (any(c.deforms for c in cards), "young_modulus and poisson_ratio"),
        "electrochemistry": (any(c.conducts_ions for c in cards), "ionic_conductivity"),
    }
    for name in setup.physics.names:
        found, properties = wanted.get(name, (True, ""))
        if not found:
            raise InputError(
                f"{case.place('physics', name)}: no region has a card with {properties}: give one, or leave {name} out"
            )


def _check_materials(case: Case, setup: Setup) -> None:
    """Every region has what the physics that go on everywhere need."""
    everywhere: list[Role] = ["thermoelectricity"] if setup.physics.thermoelectricity else []
    everywhere += ["electrochemistry"] if setup.physics.electrochemistry else []
    for r, region in setup.regions.items():
        for role in everywhere:
            if lacking := missing(region.card, role):
                raise InputError(
                    f"{case.place('regions', r)}: card {region.card.name} has no {lacking[0]}, which {role} needs: "
                    "give it in the card, or under `properties` of the region"
                )


def _check_boundaries(case: Case, setup: Setup, names: Names) -> None:
    for b, conditions in setup.boundaries.items():
        for field in {c.field for c in conditions}:
            there = [c for c in conditions if c.field == field]
            if len(there) > 1 and any(isinstance(c, Temperature | Concentration) for c in there):
                raise InputError(
                    f"{case.place('boundaries', b)}: a fixed {_words(field)} stands alone: remove the other conditions "
                    f"on `{b}`"
                )
            if not any(field in fields_of(setup, r) for r in names.boundaries[b]):
                raise InputError(
                    f"{case.place('boundaries', b)}: no {_words(field)} is solved for behind `{b}`, so that "
                    f"{there[0].type} has nothing to act on: see `physics` and the cards of "
                    f"{', '.join(names.boundaries[b])}"
                )


def fields_of(setup: Setup, region: str) -> set[str]:
    """The fields that are solved for in a region."""
    medium, options = setup.regions[region].card, setup.physics
    return {f for name in options.names for f in EQUATIONS[name].fields(medium, options)}


def _check_interfaces(case: Case, setup: Setup) -> None:
    """What jumps at an interface is solved for on both sides."""
    for (a, b), law in setup.interfaces.items():
        place = case.place("interfaces", f"{a}/{b}")
        for r in (a, b):
            if POTENTIAL in law.jumps and not setup.regions[r].card.conducts:
                raise InputError(
                    f"{place}: an electrical contact needs conductors on both sides, and {setup.regions[r].card.name} "
                    f"in `{r}` does not conduct: give only thermal_contact_resistance"
                )
            if POTENTIAL in law.jumps and r in setup.lumped:
                raise InputError(
                    f"{place}: the potential of `{r}` is one number for the whole metal, so that nothing jumps here: "
                    f"give regions.{r} electric_potential: field"
                )
            for field in law.jumps - fields_of(setup, r):
                raise InputError(
                    f"{place}: no {_words(field)} is solved for in `{r}`, so that the law has nothing to act on: see "
                    "`physics`, or remove it"
                )


def _check_ways_around(case: Case, setup: Setup, names: Names) -> None:
    """A field that jumps across a contact must not be continuous on another way around it."""
    pairs = [tuple(ab.split("/")) for ab in names.interfaces]
    for field in (TEMPERATURE, POTENTIAL):
        regions = [r for r, x in setup.regions.items() if field == TEMPERATURE or x.card.conducts]
        jumps = [ab for ab, law in setup.interfaces.items() if field in law.jumps]
        body = bodies(regions, [ab for ab in pairs if ab not in jumps])
        for a, b in jumps:
            if body[a] == body[b]:
                raise InputError(
                    f"{case.place('interfaces', f'{a}/{b}')}: the {_words(field)} jumps between `{a}` and `{b}`, but "
                    "is continuous on another way from one to the other: give the other interfaces there a contact too"
                )


def _check_terminals(case: Case, setup: Setup, names: Names) -> None:
    used: dict[str, str] = {}
    for name, terminal in setup.terminals.items():
        for face in terminal.faces(name):
            if face in used:
                raise InputError(
                    f"{case.place('terminals', name)}: boundary `{face}` belongs to terminal `{used[face]}` already: "
                    "a face has one terminal, and a terminal one of voltage, current, load, open or ground"
                )
            used[face] = name
            cards = [setup.regions[r].card for r in names.boundaries[face]]
            if not any(c.conducts or c.conducts_ions for c in cards):
                behind = ", ".join(f"`{r}` of {setup.regions[r].card.name}" for r in names.boundaries[face])
                raise InputError(
                    f"{case.place('terminals', name)}: what is behind boundary `{face}`, {behind}, does not conduct: "
                    "put the terminal on a face of a conductor, or give that region a card that conducts"
                )
    chosen = case.device.terminal
    if chosen and chosen not in setup.terminals:
        raise InputError(
            f"{case.place('device', 'terminal')}: there is no terminal `{chosen}`; {choices(chosen, setup.terminals)}"
        )


def _check_levels(case: Case, setup: Setup, names: Names) -> None:
    """Every connected body needs something that fixes its temperature, and every conducting one its potential."""
    heat = [b for b, cs in setup.boundaries.items() if any(c.fixes_level for c in cs)]
    if not heat:
        raise InputError(
            f"{case.place('boundaries')}: no temperature anywhere: the temperature of the device is not determined. "
            "Add a boundary with type temperature, convection or radiation"
        )
    touching = [tuple(ab.split("/")) for ab in names.interfaces]
    _check_bodies(case, names, TEMPERATURE, list(setup.regions), touching, heat)
    conductors = [r for r, region in setup.regions.items() if region.card.conducts]
    ground = [f for n, t in setup.terminals.items() if t.fixes_level for f in t.faces(n)]
    if conductors and not ground:
        free = [n for n, t in setup.terminals.items() if isinstance(t, Current)]
        what = f"terminals {', '.join(free)} prescribe currents only: " if free else ""
        raise InputError(
            f"{case.place('terminals')}: no electrical ground: {what}the potential is not determined. "
            "Add a terminal with type ground or voltage"
        )
    straps = [[r for f in t.faces(n) for r in names.boundaries[f]] for n, t in setup.terminals.items()]
    joined = touching + [(regions[0], r) for regions in straps for r in regions[1:]]
    _check_bodies(case, names, POTENTIAL, conductors, joined, ground)


def _check_bodies(
    case: Case, names: Names, field: str, regions: list[str], joined: Iterable[Pair], fixed: list[str]
) -> None:
    """Each body must reach a boundary that fixes the field."""
    remedy = {TEMPERATURE: "a temperature, convection or radiation", POTENTIAL: "a ground or voltage terminal"}
    body = bodies(regions, joined)
    held = {body[r] for f in fixed for r in names.boundaries[f] if r in body}
    for r in regions:
        if body[r] not in held:
            raise InputError(
                f"{case.place('regions', r)}: nothing fixes the {_words(field)} of `{r}`: "
                f"give a boundary of it, or of a region joined to it, {remedy[field]}"
            )


def _check_device(case: Case, names: Names) -> None:
    """The sides that the user named must be there, with a condition through which heat can flow."""
    for side in ("hot", "cold"):
        for b in getattr(case.device, side) if side in case.device.model_fields_set else ():
            if b not in names.boundaries:
                raise InputError(
                    f"{case.place('device', side)}: the geometry has no boundary `{b}`; {choices(b, names.boundaries)}"
                )
            if not case.boundaries.get(b):
                raise InputError(
                    f"{case.place('device', side)}: no heat flows through `{b}`: give it a condition under `boundaries`"
                )


def _words(field: str) -> str:
    return field.replace("_", " ")
