"""Layered slabs on structured meshes, 1-D to 3-D: for tests with exact solutions. Layers follow each other along x."""

from __future__ import annotations

from collections.abc import Sequence

from mpi4py import MPI

import numpy as np
from dolfinx import mesh as dmesh

from thermolyte.materials import Card
from thermolyte.mesh import Mesh
from thermolyte.region import Region


def slab(comm: MPI.Comm, layers: Sequence[tuple[str, float, int]], across: Sequence[tuple[float, int]] = ()) -> Mesh:
    """Layers (region, thickness, cells) along x; across = (width, cells) of the other directions.

    Boundaries `cold` at x = 0, `hot` at the end, `sides` elsewhere.
    """
    ends = np.concatenate([[0.0], np.cumsum([t for _, t, _ in layers])])
    knots = [np.linspace(a, b, n + 1) for a, b, (_, _, n) in zip(ends[:-1], ends[1:], layers, strict=True)]
    x = np.concatenate([knots[0], *(k[1:] for k in knots[1:])])
    ghosts = dmesh.GhostMode.shared_facet
    n = len(x) - 1
    if not across:
        domain = dmesh.create_interval(comm, n, [0.0, float(n)], ghost_mode=ghosts)
    elif len(across) == 1:
        domain = dmesh.create_rectangle(
            comm, [[0.0, 0.0], [float(n), across[0][0]]], [n, across[0][1]], ghost_mode=ghosts
        )
    else:
        (w, i), (d, j) = across
        domain = dmesh.create_box(comm, [[0.0, 0.0, 0.0], [float(n), w, d]], [n, i, j], ghost_mode=ghosts)
    domain.geometry.x[:, 0] = np.interp(domain.geometry.x[:, 0], np.arange(n + 1), x)
    return _named(domain, [name for name, _, _ in layers], ends)


def _named(domain: dmesh.Mesh, names: list[str], ends: np.ndarray) -> Mesh:
    dim = domain.topology.dim
    domain.topology.create_connectivity(dim - 1, dim)
    index = domain.topology.index_map(dim)
    cells = np.arange(index.size_local + index.num_ghosts, dtype=np.int32)
    middle = dmesh.compute_midpoints(domain, dim, cells)[:, 0]
    regions = {name: i for i, name in enumerate(dict.fromkeys(names), 1)}
    layer = np.searchsorted(ends, middle) - 1
    values = np.array([regions[names[i]] for i in layer], np.int32)
    facets = dmesh.exterior_facet_indices(domain.topology)
    where = dmesh.compute_midpoints(domain, dim - 1, facets)[:, 0]
    tags = np.where(np.isclose(where, 0.0), 1, np.where(np.isclose(where, ends[-1]), 2, 3)).astype(np.int32)
    boundaries = {"cold": 1, "hot": 2} | ({"sides": 3} if dim > 1 else {})
    return Mesh(
        domain,
        dmesh.meshtags(domain, dim, cells, values),
        dmesh.meshtags(domain, dim - 1, facets, tags),
        regions,
        boundaries,
    )


def region(**properties: object) -> Region:
    """A region of an ad-hoc material: numbers are constants in SI, dicts are laws."""
    laws = {k: v if isinstance(v, dict) else {"law": "constant", "value": v} for k, v in properties.items()}
    return Region(material=Card.model_validate({"name": "test", "properties": laws}))
