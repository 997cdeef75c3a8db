"""The problem as plain arrays, the same file for all programs, made once from `module.yaml`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mpi4py import MPI

import numpy as np

from thermolyte.case import Case
from thermolyte.geometry import mesh_model
from thermolyte.materials.laws import Constant, Polynomial

CASE = Path(__file__).parent / "module.yaml"
PROPERTIES = {"seebeck_coefficient": "V/K", "electrical_conductivity": "S/m", "thermal_conductivity": "W/(m*K)"}
REFERENCE = 450.0  # K: the polynomials are in T − REFERENCE


def write(path: Path, size: str) -> int:
    """Mesh the module, write its arrays; gives the number of unknowns, T and φ at each point."""
    case = Case.load(CASE, {"mesh.size": size})
    data = mesh_model(case.geometry, case.mesh, MPI.COMM_SELF)
    setup = case.setup(case.geometry.names())
    tags = {d: {n: g.tag for n, g in data.physical_groups.items() if g.dim == d and n != "sides"} for d in (2, 3)}
    points, cells = _by_vertex(data.mesh)
    data.mesh.topology.create_connectivity(2, 0)
    corners = data.mesh.topology.connectivity(2, 0).array.reshape(-1, 3)
    named = np.isin(data.facet_tags.values, list(tags[2].values()))
    np.savez(
        path,
        points=points,
        cells=cells,
        region=_position(data.cell_tags.values, tags[3]),
        regions=list(tags[3]),
        facets=corners[data.facet_tags.indices[named]],
        boundary=_position(data.facet_tags.values[named], tags[2]),
        boundaries=list(tags[2]),
        laws=[[_coefficients(setup.regions[r].card, p) for p in PROPERTIES] for r in tags[3]],
        reference=REFERENCE,
        temperature=[setup.boundaries[b][0].temperature for b in ("hot", "cold")],
        voltage=setup.terminals["plus"].voltage,
        contact_resistivity=setup.terminals["plus"].contact_resistivity,
    )
    return 2 * len(points)


def _by_vertex(mesh: Any) -> tuple[np.ndarray, np.ndarray]:
    """Points and cells in the numbering of the vertices of the topology, which the facets use too."""
    cells = mesh.topology.connectivity(3, 0).array.reshape(-1, 4)
    points = np.zeros((mesh.topology.index_map(0).size_local, 3))
    points[cells] = mesh.geometry.x[mesh.geometry.dofmaps[0]]
    return points, cells


def _position(values: np.ndarray, tags: dict[str, int]) -> np.ndarray:
    """Position of each value among the tags."""
    position = np.zeros(max(tags.values()) + 1, dtype=np.int32)
    position[list(tags.values())] = np.arange(len(tags))
    return position[values]


def _coefficients(card: Any, name: str) -> list[float]:
    """(c_0, c_1, c_2) in SI of a property."""
    law = card.law(name).in_si(PROPERTIES[name])
    if isinstance(law, Constant):
        return [law.value, 0.0, 0.0]
    if not isinstance(law, Polynomial) or law.reference != REFERENCE:
        raise TypeError(f"{name}: only polynomials in T - {REFERENCE:g} K are passed on")
    return list(law.coefficients)
