"""Meshes written by other programs, as points, cells and sets; what the names mean is decided elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from thermolyte.geometry import abaqus
from thermolyte.geometry.arrays import Floats, Integers

VOLUME_CELLS = {"tetra": 4, "hexahedron": 8}
FACET_CELLS = {"triangle": 3, "quad": 4}
_LOWER = ("vertex", "line", "triangle", "quad")
# Gmsh's numbers of the linear elements of dimension 3 and 2.
_GMSH_NAMES, _GMSH_FACET = {4: "tetra", 5: "hexahedron"}, {2: 3, 3: 4}


@dataclass
class RawMesh:
    """What a file holds, in the units of the file."""

    points: Floats
    cells: Integers
    cell_sets: dict[str, Integers] = field(default_factory=dict)
    """Numbers of the cells in each set."""
    facet_sets: dict[str, Integers] = field(default_factory=dict)
    """Corners of each facet in a set, one row per facet."""
    point_sets: dict[str, Integers] = field(default_factory=dict)
    """Numbers of the points in each set."""


def read(path: Path, array: str) -> RawMesh:
    """Read a mesh; `array` is the name of the cell data that tells regions apart in a `.vtu`.

    Raises:
        ValueError: the content is not a mesh that can be used.
    """
    return READERS[path.suffix.lower()](path, array)


def _read_msh(path: Path, _: str) -> RawMesh:
    """By Gmsh itself: all versions of the format, and elements in several physical groups."""
    import gmsh

    from thermolyte.geometry.gmsh_session import session

    with session():
        gmsh.merge(str(path))
        tags, points, _ = gmsh.model.mesh.getNodes()
        number = np.full(int(tags.max(initial=0)) + 1, -1)
        number[tags.astype(np.int64)] = np.arange(len(tags))
        kinds, cell_tags, nodes = gmsh.model.mesh.getElements(3)
        width = _one_kind({_GMSH_NAMES.get(k, gmsh.model.mesh.getElementProperties(k)[0]) for k in kinds})
        order = np.argsort(cell_tags[0])
        raw = RawMesh(points.reshape(-1, 3), number[nodes[0].astype(np.int64)].reshape(-1, width))
        for dim, group in gmsh.model.getPhysicalGroups():
            name = gmsh.model.getPhysicalName(dim, group) or str(group)
            for entity in gmsh.model.getEntitiesForPhysicalGroup(dim, group):
                for kind, mine, corners in zip(*gmsh.model.mesh.getElements(dim, entity), strict=True):
                    if dim == 3:
                        found = order[np.searchsorted(cell_tags[0], mine, sorter=order)]
                        _append(raw.cell_sets, name, found)
                    elif kind in _GMSH_FACET:
                        rows = number[corners.astype(np.int64)].reshape(-1, _GMSH_FACET[kind])
                        _append(raw.facet_sets, name, rows)
    return raw


def _read_vtu(path: Path, array: str) -> RawMesh:
    from meshio import vtu

    # Not meshio.read: on a broken file that prints and ends the whole process.
    mesh = vtu.read(str(path))
    width = _one_kind({block.type for block in mesh.cells if not block.type.startswith(_LOWER)})
    if array not in mesh.cell_data:
        known = ", ".join(sorted(mesh.cell_data)) or "none"
        raise ValueError(f"no cell data called {array!r} (there is: {known}): give the name as `array`")
    raw = RawMesh(mesh.points, np.zeros((0, width), dtype=np.int64))
    for block, values in zip(mesh.cells, mesh.cell_data[array], strict=True):
        numbers = np.asarray(values)
        if numbers.ndim != 1 or (numbers != np.round(numbers)).any():
            raise ValueError(f"cell data {array!r} is not one whole number per cell")
        for number in np.unique(numbers):
            mine, name = np.flatnonzero(numbers == number), str(int(number))
            if block.type in VOLUME_CELLS:
                _append(raw.cell_sets, name, mine + len(raw.cells))
            elif block.type in FACET_CELLS:
                _append(raw.facet_sets, name, block.data[mine])
        if block.type in VOLUME_CELLS:
            raw.cells = np.concatenate([raw.cells, block.data])
    return raw


def _read_inp(path: Path, _: str) -> RawMesh:
    deck = abaqus.read(path)
    width = _one_kind({kind for kind, _ in deck.elements.values() if kind not in _LOWER})
    order = {node: k for k, node in enumerate(deck.nodes)}
    cells = {e: nodes for e, (kind, nodes) in deck.elements.items() if kind in VOLUME_CELLS}
    number = {element: k for k, element in enumerate(cells)}
    corners = np.array([[order[n] for n in nodes] for nodes in cells.values()], dtype=np.int64)
    raw = RawMesh(np.array(list(deck.nodes.values())), corners.reshape(-1, width))
    for name, elements in deck.element_sets.items():
        if inside := [number[e] for e in elements if e in number]:
            _append(raw.cell_sets, name, np.array(inside))
        facets = [deck.elements[e][1] for e in elements if e not in number and deck.elements[e][0] in FACET_CELLS]
        if facets:
            _append(raw.facet_sets, name, np.array([[order[n] for n in nodes] for nodes in facets]))
    for name, faces in deck.surfaces.items():
        _append(raw.facet_sets, name, np.array([[order[n] for n in nodes] for nodes in faces]))
    for name, nodes in deck.node_sets.items():
        _append(raw.point_sets, name, np.array([order[n] for n in nodes], dtype=np.int64))
    return raw


def _one_kind(kinds: Collection[str]) -> int:
    """Corners per cell, when all volume cells are of one known kind."""
    if not kinds:
        raise ValueError("no volume cells: export the mesh with its tetrahedra or hexahedra, not its surface only")
    if len(kinds) > 1 or not VOLUME_CELLS.keys() >= set(kinds):
        raise ValueError(
            f"volume cells are {', '.join(sorted(kinds))}: only linear tetrahedra, or only linear hexahedra, "
            f"can be used"
        )
    return VOLUME_CELLS[next(iter(kinds))]


def _append(sets: dict[str, Integers], name: str, rows: Integers) -> None:
    if name in sets and sets[name].shape[1:] != rows.shape[1:]:
        raise ValueError(f"the surface set {name!r} mixes triangles and quadrilaterals")
    sets[name] = np.concatenate([sets[name], rows]) if name in sets else np.asarray(rows, dtype=np.int64)


READERS: dict[str, Callable[[Path, str], RawMesh]] = {".msh": _read_msh, ".vtu": _read_vtu, ".inp": _read_inp}
