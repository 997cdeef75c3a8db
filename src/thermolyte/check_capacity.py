"""Whether a study in time brings more lithium to the hosts than they can take up, or takes more than they hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from thermolyte.boundary.base import Essential
from thermolyte.boundary.diffusion import LithiumFlux, SurfaceReaction
from thermolyte.case import Case
from thermolyte.errors import InputError
from thermolyte.geometry import Names
from thermolyte.geometry.grid_shape import GridShape
from thermolyte.interface.charge_transfer import ChargeTransfer
from thermolyte.interface.several import Several
from thermolyte.physics.constants import FARADAY
from thermolyte.physics.local import CONCENTRATION
from thermolyte.setup import Setup
from thermolyte.studies.steps import in_time
from thermolyte.terminal import Current, Open
from thermolyte.topology import bodies


class Body(NamedTuple):
    """Regions that touch each other and are no electrolyte: one electrode, or one host."""

    regions: Collection[str]
    hosts: Mapping[str, float]
    """Volume of each host [m³]."""


def check_capacity(case: Case, names: Names, setups: Sequence[Setup]) -> None:
    """A study with prescribed currents and fluxes stays between empty and full, up to the first step with a limit.

    Args:
        case: before any change by its steps.
        names: of its geometry.
        setups: what is posed in each step.

    Raises:
        InputError: it does not; with how to end it in time.
    """
    study, keys = in_time(case)
    if study is None or case.physics.diffusion is None or not isinstance(case.geometry, GridShape):
        return
    for body in _bodies(case.geometry, setups[0], names):
        amount = 0.0
        for number, (step, setup) in enumerate(zip(study.stretches, setups, strict=True)):
            supply = _supply(case.geometry, setup, names, body)
            if step.until or supply is None:
                break
            amount += supply * step.duration
            place = (*keys, "steps", number) if study.steps else keys
            _check_amount(case.place(*place), setup, body, amount)


def _check_amount(place: str, setup: Setup, body: Body, amount: float) -> None:
    """Refuse lithium [mol] beyond what a body can take up or give."""
    initial = {r: setup.regions[r].initial_concentration for r in body.hosts}
    most = {r: setup.regions[r].card.maximum_concentration or 0.0 for r in body.hosts}
    room = sum((most[r] - initial[r]) * V for r, V in body.hosts.items())
    stored = sum(initial[r] * V for r, V in body.hosts.items())
    host = next(iter(body.hosts))
    if amount > room * (1 + 1e-9):
        what, limit, end = "can take up", room, f"quantity: saturation.{host}, above: 1"
    elif -amount > stored * (1 + 1e-9):
        what, limit, end = "holds", stored, f"quantity: minimum_concentration.{host}, below: 0"
    else:
        return
    raise InputError(
        f"{place}: a charge of {abs(amount) * FARADAY:.4g} C is more than `{'`, `'.join(body.hosts)}` {what}, "
        f"{limit * FARADAY:.4g} C: shorten it, lower the current or the flux, or end it with `until: {{{end}}}`"
    )


def _bodies(geometry: GridShape, setup: Setup, names: Names) -> list[Body]:
    """The bodies that have hosts and exchange lithium with nothing of unknown capacity."""
    solids = [r for r, region in setup.regions.items() if not region.card.conducts_ions]
    body = bodies(solids, [tuple(ab.split("/")) for ab in names.interfaces])
    found = []
    for one in dict.fromkeys(body.values()):
        regions = [r for r in solids if body[r] == one]
        hosts = {r: geometry.volume(r) for r in regions if setup.regions[r].card.stores_species}
        if hosts:
            found.append(Body(regions, hosts))
    return found


def _supply(geometry: GridShape, setup: Setup, names: Names, body: Body) -> float | None:
    """Lithium that enters a body [mol/s]; None where it is not prescribed."""
    through = [_through_boundary(geometry, setup, b) for b, rs in names.boundaries.items() if {*rs} & {*body.regions}]
    current = _current(setup, names, body) if setup.physics.electrochemistry else 0.0
    if current is None or None in through:
        return None
    if _other_lithium(setup, body, plates=current > 0):
        return None
    return current / FARADAY + sum(flux for flux in through if flux is not None)


def _through_boundary(geometry: GridShape, setup: Setup, boundary: str) -> float | None:
    """Lithium that enters by the conditions on a boundary [mol/s]; None where it is not prescribed."""
    conditions = [c for c in setup.boundaries.get(boundary, ()) if c.field == CONCENTRATION]
    if any(isinstance(c, Essential | SurfaceReaction) for c in conditions):
        return None
    fluxes = [c for c in conditions if isinstance(c, LithiumFlux)]
    area = geometry.face_area(boundary)
    if not fluxes or area is None:
        return None if fluxes else 0.0
    return float(area * sum(c.molar_flux or (c.current_density or 0.0) / FARADAY for c in fluxes))


def _current(setup: Setup, names: Names, body: Body) -> float | None:
    """Current out of a body at its terminals [A]; the one unknown terminal of a cell carries what the others do not."""
    known = {n: t.current if isinstance(t, Current) else 0.0 for n, t in setup.terminals.items() if _is_known(t)}
    unknown = [n for n in setup.terminals if n not in known]
    if len(unknown) == 1:
        known[unknown[0]] = -sum(known.values())
    regions = {n: {r for f in t.faces(n) for r in names.boundaries[f]} for n, t in setup.terminals.items()}
    own = [n for n in setup.terminals if regions[n] & {*body.regions}]
    return None if any(n not in known for n in own) else sum(known[n] for n in own)


def _is_known(terminal: object) -> bool:
    return isinstance(terminal, Current | Open)


def _other_lithium(setup: Setup, body: Body, *, plates: bool) -> bool:
    """Whether a body has lithium metal, or lets lithium be plated on it."""
    for ab, law in setup.interfaces.items():
        electrode = next((r for r in ab if r in body.regions), None)
        for one in law.laws if isinstance(law, Several) else (law,):
            if electrode is None or not isinstance(one, ChargeTransfer):
                continue
            if (one.plating and plates) or (one.reacts and electrode not in body.hosts):
                return True
    return False
