"""The state of a problem on disk, for a restart on any number of ranks.

The mesh is not stored: the case builds it again, cell for cell. io4dolfinx stores functions by the cells of the mesh as
it was input, which submeshes have not, so a function on a part or an interface travels in a carrier: the same element
without continuity on the whole mesh, dof for dof, hence without round-off.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from mpi4py import MPI

import basix.ufl
import io4dolfinx
import numpy as np
from dolfinx import fem, la
from dolfinx import mesh as dmesh
from numpy.typing import NDArray

from thermolyte.errors import InputError

BACKEND = "adios2"  # comes with every dolfinx
GLOBALS, EXTRA = "globals", "extra"
ROUND_OFF = 1e-6  # of the size of a cell: how well points of a facet and of its cell agree


class Stored(Protocol):
    """What has a state: fields `u` and internal variables `memory`, on the mesh or on submeshes of it."""

    mesh: Any
    u: Sequence[fem.Function]
    memory: Sequence[fem.Function]
    entity_maps: Sequence[dmesh.EntityMap]


def save(problem: Stored, path: Path, time: float, extra: Mapping[str, float] | None = None) -> None:
    """Write fields, internal variables, time [s] and further numbers; an interrupted save leaves the last one.

    Collective.
    """
    comm, part = problem.mesh.domain.comm, _beside(path, ".part")
    _on_first(comm, lambda: _remove(part))
    numbers = {EXTRA: {"time": time, **(extra or {})}, GLOBALS: {}}
    mode = io4dolfinx.FileMode.write
    for name, u in _functions(problem):
        if u.function_space.element.basix_element is None if False else _is_real(u):
            numbers[GLOBALS][name] = _global_value(u)
            continue
        carrier = _to_carrier(u, problem)
        io4dolfinx.write_function_on_input_mesh(part, carrier, name=name, mode=mode, backend=BACKEND)
        mode = io4dolfinx.FileMode.append
    for name, values in numbers.items():
        data = {k: np.array([v], dtype=np.float64) for k, v in values.items()}
        if data:
            io4dolfinx.write_attributes(part, comm, name, data, backend=BACKEND)
    _on_first(comm, lambda: _replace(part, path))
