"""Metals whose electric potential is one number, because their ohmic drop is below round-off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from thermolyte.errors import InputError
from thermolyte.terminal import Current
from thermolyte.topology import bodies

if TYPE_CHECKING:
    from thermolyte.case import Case
    from thermolyte.geometry import Names
    from thermolyte.region import Region

NEGLIGIBLE_DROP = 1e-9  # V
TYPICAL_CURRENT_DENSITY = 10.0  # A/m², 1 mA/cm²: for a study that prescribes voltages only


def lumped_metals(case: Case, regions: Mapping[str, Region], names: Names) -> dict[str, str]:
    """Metals whose potential is one number -> the terminal that they are joined to; none without an electrolyte.

    Raises:
        InputError: such a metal reaches no terminal, or two, or touches one whose potential is a field.
    """
    if not any(region.card.conducts_ions for region in regions.values()):
        return {}
    metals = _without_drop(case, regions, names)
    body = bodies(metals, [tuple(ab.split("/")) for ab in names.interfaces])
    faces = [(r, n) for n, t in case.terminals.items() for f in t.faces(n) for r in names.boundaries[f] if r in body]
    reached = {body[r]: n for r, n in faces}
    for r, n in faces:
        if reached[body[r]] != n:
            raise InputError(
                f"{case.place('terminals', reached[body[r]])}: the metal `{r}` has terminal `{n}` already, and no "
                f"ohmic drop: join their faces in one terminal, or give `{r}` electric_potential: field"
            )
        if case.terminals[n].variation is not None:
            raise InputError(
                f"{case.place('terminals', n, 'variation')}: the metal `{r}` has one potential, which cannot vary "
                "along its face: put the terminal on the electrolyte, or give the metal electric_potential: field"
            )
    for r in metals:
        if body[r] not in reached:
            raise InputError(
                f"{case.place('regions', r)}: the metal `{r}` reaches no terminal, so that its potential is not "
                "determined: put a terminal on a face of it, or of a metal that it touches"
            )
    return {r: reached[body[r]] for r in metals}


def _without_drop(case: Case, regions: Mapping[str, Region], names: Names) -> list[str]:
    """Metals whose potential is one number; a body of metals that touch each other is of one kind."""
    metals = [r for r, region in regions.items() if region.card.conducts and not region.card.conducts_ions]
    body = bodies(metals, [tuple(ab.split("/")) for ab in names.interfaces])
    fields = {body[r]: r for r in metals if not _is_lumped(case, r, regions[r])}
    for r in metals:
        if regions[r].electric_potential == "lumped" and body[r] in fields:
            raise InputError(
                f"{case.place('regions', r)}: `{r}` cannot be lumped beside `{fields[body[r]]}`, whose potential is a "
                "field: give both the same electric_potential"
            )
    return [r for r in metals if body[r] not in fields]


def _is_lumped(case: Case, name: str, region: Region) -> bool:
    """Whether the potential of a metal is one number: as the user says, or by its ohmic drop i L/σ."""
    if region.electric_potential != "auto":
        return region.electric_potential == "lumped"
    area = case.geometry.device().footprint or 1.0
    currents = [abs(t.current) / area for t in case.terminals.values() if isinstance(t, Current)]
    sigma = region.card.electrical_conductivity
    conductivity = float(np.min(sigma(case.physics.temperature))) if sigma else 0.0
    drop = max([TYPICAL_CURRENT_DENSITY, *currents]) * case.geometry.extent(name) / conductivity
    return bool(drop < NEGLIGIBLE_DROP)
