"""The state of a problem on disk, for a restart on any number of ranks.

The mesh is not stored: the case builds it again, cell for cell. io4dolfinx stores functions by the cells of the mesh as
it was input. Submeshes have no such cells, so every function travels in a carrier: its element without continuity on
the whole mesh, filled dof for dof, so that nothing is interpolated.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from mpi4py import MPI

import basix.ufl
import io4dolfinx
import numpy as np
from dolfinx import fem, la
from dolfinx import mesh as dmesh
from numpy.typing import NDArray

from thermolyte.errors import InputError, SolveError

BACKEND = "adios2"  # what every dolfinx is built with
NUMBERS = "numbers"

Dofs = NDArray[np.int32]


class Stored(Protocol):
    """What has a state: fields `u` and internal variables `memory`, on the mesh or on submeshes of it."""

    @property
    def mesh(self) -> Any:
        """The named mesh."""
        ...

    @property
    def u(self) -> Sequence[fem.Function]:
        """The fields."""
        ...

    @property
    def memory(self) -> Iterable[fem.Function]:
        """The internal variables."""
        ...

    @property
    def entity_maps(self) -> Sequence[dmesh.EntityMap]:
        """Of the submeshes."""
        ...


def save(problem: Stored, path: Path, time: float, extra: Mapping[str, float] | None = None) -> None:
    """Write all fields, internal variables, the time [s] and further numbers. Collective.

    The folder `path` is replaced only when the new one is complete: a killed job leaves the last good one.

    Raises:
        SolveError: it cannot be written; on several ranks, of which the others wait for it, this ends the job.
    """
    comm, part = problem.mesh.domain.comm, _beside(path, ".part")
    try:
        _on_first_rank(comm, lambda: shutil.rmtree(part, ignore_errors=True))
        _write(problem, part, time, extra)
        _on_first_rank(comm, lambda: _replace(path, part))
    except (OSError, RuntimeError) as error:
        cause = (re.findall(r"errno = \d+: ([^\x1b\n]+)", str(error)) or str(error).splitlines() or [""])[-1]
        message = f"{path}: {cause.lower()}: no checkpoint can be written; the same command continues from the last one"
        if comm.size > 1:
            print(message, file=sys.stderr, flush=True)
            comm.Abort(SolveError.exit_code)
        raise SolveError(message) from None


def _write(problem: Stored, part: Path, time: float, extra: Mapping[str, float] | None) -> None:
    comm = problem.mesh.domain.comm
    numbers = {"time": time} | {f"extra {k}": v for k, v in (extra or {}).items()}
    mode = io4dolfinx.FileMode.write
    for name, u in _functions(problem):
        if _is_real(u):
            numbers[name] = _real_value(u)
        else:
            carrier, here, there = _carrier(u, problem)
            _fill(carrier, here, u, there)
            io4dolfinx.write_function_on_input_mesh(part, carrier, name=name, mode=mode, backend=BACKEND)
            mode = io4dolfinx.FileMode.append
    data = {k: np.array([v], dtype=np.float64) for k, v in numbers.items()}
    io4dolfinx.write_attributes(part, comm, NUMBERS, data, backend=BACKEND)


def load(problem: Stored, path: Path) -> tuple[float, dict[str, float]]:
    """Read a state of the same case into the problem; its time [s] and the further numbers. Collective.

    Raises:
        InputError: there is no complete checkpoint, or it is one of another problem or mesh.
    """
    comm = problem.mesh.domain.comm
    if not is_at(path):
        raise InputError(f"{path}: no checkpoint here")
    source = path if path.exists() else _beside(path, ".old")
    numbers = {k: float(v[0]) for k, v in io4dolfinx.read_attributes(source, comm, NUMBERS, backend=BACKEND).items()}
    try:
        for name, u in _functions(problem):
            if _is_real(u):
                u.x.array[:] = numbers[name]
            else:
                carrier, here, there = _carrier(u, problem)
                io4dolfinx.read_function(source, carrier, name=name, backend=BACKEND)
                carrier.x.scatter_forward()
                _fill(u, there, carrier, here)
    except (KeyError, ValueError, RuntimeError, AssertionError) as error:
        raise InputError(
            f"{path}: this checkpoint does not belong to this case ({error}): remove it, or run with --fresh"
        ) from None
    prefix = "extra "
    return numbers["time"], {k.removeprefix(prefix): v for k, v in numbers.items() if k.startswith(prefix)}


def is_at(path: Path) -> bool:
    """Whether there is a complete checkpoint, be it that a job was killed while it replaced the one before."""
    return path.exists() or _beside(path, ".old").exists()


def remove(path: Path) -> None:
    """Remove a checkpoint, with what a killed job left of it."""
    for folder in (path, _beside(path, ".old"), _beside(path, ".part")):
        shutil.rmtree(folder, ignore_errors=True)


def _functions(problem: Stored) -> Iterator[tuple[str, fem.Function]]:
    """Every function with a name that does not depend on the order of creation."""
    for kind, functions in (("field", problem.u), ("memory", problem.memory)):
        for i, u in enumerate(functions):
            yield f"{kind}{i}", u


# ---- global numbers -----------------------------------------------------------------------------------------------
def _is_real(u: fem.Function) -> bool:
    return bool(u.function_space.dofmap.index_map.size_global == 1 and u.function_space.ufl_element().degree == 0)


def _real_value(u: fem.Function) -> float:
    """The value of a global unknown, from the rank that owns it."""
    owned = u.function_space.dofmap.index_map.size_local
    return float(u.function_space.mesh.comm.allreduce(u.x.array[0] if owned else -np.inf, MPI.MAX))


# ---- functions in carriers ------------------------------------------------------------------------------------------
def _carrier(u: fem.Function, problem: Stored) -> tuple[fem.Function, Dofs, Dofs]:
    """A function on the whole mesh without continuity, and which of its dofs are which dofs of u on this rank."""
    domain, V = problem.mesh.domain, u.function_space
    own = V.mesh.topology.dim
    element = _discontinuous(V.ufl_element(), domain)
    carrier = fem.Function(fem.functionspace(domain, element))
    entities = _entities(V.mesh, problem)
    cells = np.arange(len(entities), dtype=np.int32)
    if own == domain.topology.dim:
        here, there = carrier.function_space.dofmap.list[entities], V.dofmap.list[cells]
    else:
        here, there = _facet_dofs(carrier.function_space, V, entities)
    return carrier, _unroll(here, V.dofmap.bs), _unroll(there, V.dofmap.bs)


def _discontinuous(element: Any, domain: dmesh.Mesh) -> Any:
    """The element of the carrier."""
    if element.family_name == "quadrature" or element.discontinuous:
        return element
    shape = element.reference_value_shape or None
    return basix.ufl.element("Lagrange", domain.basix_cell(), element.degree, shape=shape, discontinuous=True)


def _entities(mesh: dmesh.Mesh, problem: Stored) -> NDArray[np.int32]:
    """Cells or facets of the whole mesh that this rank's cells of this mesh are.

    Ghosts are left out: of a ghost facet, a rank may lack one of the two cells.
    """
    numbers = np.arange(mesh.topology.index_map(mesh.topology.dim).size_local, dtype=np.int32)
    same = mesh.topology._cpp_object  # the wrappers differ
    if same == problem.mesh.domain.topology._cpp_object:
        return numbers
    for entity_map in problem.entity_maps:
        if same == entity_map.sub_topology._cpp_object:
            return np.asarray(entity_map.sub_topology_to_topology(numbers, False))
    raise LookupError("a function on a mesh that no entity map of the problem leads to")


def _facet_dofs(W: fem.FunctionSpace, V: fem.FunctionSpace, facets: NDArray[np.int32]) -> tuple[Dofs, Dofs]:
    """Dofs of facets in the cell beside them that was input first (a choice that no partition changes)."""
    topology, dim = W.mesh.topology, W.mesh.topology.dim
    topology.create_connectivity(dim - 1, dim)
    beside = topology.connectivity(dim - 1, dim)
    x, y = W.tabulate_dof_coordinates(), V.tabulate_dof_coordinates()
    here, there = [], []
    for k, facet in enumerate(facets):
        cells = beside.links(facet)
        in_cell = W.dofmap.cell_dofs(cells[np.argmin(topology.original_cell_index[cells])])
        in_facet = V.dofmap.cell_dofs(k)
        distance = np.linalg.norm(x[in_cell][None] - y[in_facet][:, None], axis=2)
        here.append(in_cell[distance.argmin(axis=1)])
        there.append(in_facet)
    return np.array(here, dtype=np.int32).ravel(), np.array(there, dtype=np.int32).ravel()


def _unroll(dofs: Dofs, bs: int) -> Dofs:
    return np.asarray(dofs.reshape(-1, 1) * bs + np.arange(bs), dtype=np.int32).ravel()


def _fill(u: fem.Function, dofs: Dofs, source: fem.Function, at: Dofs) -> None:
    """Set u from the dofs that each rank knows, and share them: ranks that know the same one know the same value."""
    known = la.vector(u.x.index_map, u.x.block_size)
    known.array[:] = u.x.array[:] = 0.0
    u.x.array[dofs], known.array[dofs] = source.x.array[at], 1.0
    for vector in (u.x, known):
        vector.scatter_reverse(la.InsertMode.add)
    u.x.array[:] /= np.maximum(known.array, 1.0)
    u.x.scatter_forward()


# ---- folders ---------------------------------------------------------------------------------------------------------
def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(f".{path.stem}{suffix}.bp")


def _replace(path: Path, part: Path) -> None:
    """The new folder in place of the old one; at every instant one of `path` and the old one is complete."""
    old = _beside(path, ".old")
    if path.exists():
        shutil.rmtree(old, ignore_errors=True)
        path.rename(old)
    part.rename(path)
    shutil.rmtree(old, ignore_errors=True)


def _on_first_rank(comm: MPI.Comm, action: Callable[[], None]) -> None:
    comm.Barrier()
    if comm.rank == 0:
        action()
    comm.Barrier()
