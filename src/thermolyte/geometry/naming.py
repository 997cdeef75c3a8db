"""From the sets of a file to regions and boundaries: a cell in one region, a facet on one boundary."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from thermolyte.geometry.arrays import ArrayMesh, Integers, exterior_facets, faces_of, group_equal
from thermolyte.geometry.boxes import REMAINDER
from thermolyte.geometry.readers import RawMesh

CHOOSE = "choose the sets that count with `sets: {SET: NAME}`"


def named_mesh(raw: RawMesh, sets: Mapping[str, str], unit: float) -> ArrayMesh:
    """Mesh in metres; `sets` chooses and renames sets of the file, empty: all under their own names.

    Raises:
        ValueError: sets that are missing, overlap or leave cells out, and a mesh with cracks or overlaps.
    """
    if not len(raw.cells):
        raise ValueError("no volume cells: export the mesh with its tetrahedra or hexahedra")
    _check_sound(raw)
    known = [*raw.cell_sets, *raw.facet_sets, *raw.point_sets]
    for name in sets:
        if name not in known:
            raise ValueError(f"there is no set {name!r}; the sets are: {', '.join(dict.fromkeys(known)) or 'none'}")
    regions = {sets.get(s, s): c for s, c in raw.cell_sets.items() if not sets or s in sets}
    region_of_cell = _regions(regions, len(raw.cells), raw)
    facets, _ = exterior_facets(raw.cells)
    boundaries = _boundaries(raw, sets, facets)
    if twice := regions.keys() & boundaries.keys():
        raise ValueError(f"{twice.pop()!r} names both a region and a boundary: give them different names")
    owner = _owners(boundaries, len(facets), "boundaries", "faces")
    names = tuple(boundaries)
    if (owner < 0).any() and REMAINDER not in names:
        names = (*names, REMAINDER)
    owner[owner < 0] = names.index(REMAINDER) if REMAINDER in names else -1
    return ArrayMesh(raw.points * unit, raw.cells, region_of_cell, tuple(regions), facets, owner, names)


def _regions(regions: dict[str, Integers], count: int, raw: RawMesh) -> Integers:
    if not regions:
        hint = CHOOSE if raw.cell_sets else "name the volumes in the program that made the mesh"
        raise ValueError(f"no named set of volume cells, so there are no regions: {hint}")
    owner = _owners(regions, count, "regions", "cells")
    if left := int((owner < 0).sum()):
        raise ValueError(f"{left} of {count} cells are in no region: name their set as well")
    return owner


def _boundaries(raw: RawMesh, sets: Mapping[str, str], facets: Integers) -> dict[str, Integers]:
    """Numbers of the exterior facets on each boundary; sets without exterior facets are left out."""
    found: dict[str, Integers] = {}
    for name, rows in raw.facet_sets.items():
        if rows.shape[1] == facets.shape[1]:
            group, _ = group_equal(np.concatenate([facets, rows]))
            found[name] = np.flatnonzero(np.isin(group[: len(facets)], group[len(facets) :]))
    for name, points in raw.point_sets.items():
        mine = np.flatnonzero(np.isin(facets, points).all(axis=1))
        found[name] = np.union1d(found[name], mine) if name in found else mine
    for name in sets:
        if name in found and not len(found[name]) and name not in raw.cell_sets:
            raise ValueError(f"set {name!r} has no face on the surface of the mesh, so it cannot be a boundary")
    return {sets.get(s, s): f for s, f in found.items() if len(f) and (not sets or s in sets)}


def _owners(groups: dict[str, Integers], count: int, kind: str, what: str) -> Integers:
    """Number of the group that each item is in; -1: in none.

    Raises:
        ValueError: two groups share items.
    """
    owner = np.full(count, -1, dtype=np.int64)
    for index, (name, members) in enumerate(groups.items()):
        taken = owner[members]
        if (taken >= 0).any():
            other = list(groups)[taken[taken >= 0][0]]
            raise ValueError(f"{kind} {other!r} and {name!r} share {int((taken >= 0).sum())} {what}: {CHOOSE}")
        owner[members] = index
    return owner


def _check_sound(raw: RawMesh) -> None:
    """Neighbouring cells share their corners, and no face belongs to three cells."""
    used = raw.points[np.unique(raw.cells)]
    if not np.isfinite(used).all():
        raise ValueError("a coordinate is not a number")
    steps = np.round((used - used.min(axis=0)) / (1e-8 * np.ptp(used, axis=0).max()))
    double = len(used) - len(np.unique(steps, axis=0))
    if double:
        raise ValueError(
            f"{double} points lie on another one, so that the regions are not joined there: merge coincident "
            f"nodes in the program that made the mesh (in Gmsh: Coherence Mesh)"
        )
    _, count = group_equal(faces_of(raw.cells)[0])
    if (count > 2).any():
        raise ValueError(f"{int((count > 2).sum())} faces belong to more than two cells: some cells overlap")
