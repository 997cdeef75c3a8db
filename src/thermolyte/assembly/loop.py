"""The loop over elements in C, compiled once like the forms and kept in the same folder."""

from __future__ import annotations

import hashlib
import importlib.util
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from mpi4py import MPI

import cffi
import numpy as np
from dolfinx import jit
from numpy.typing import NDArray

SOURCE = Path(__file__).with_suffix(".c")
DECLARATIONS = """
int add_elements(uintptr_t kernel, int64_t elements, int nodes, const int32_t *geometry, const double *x,
                 int64_t stride, const double *w, int gathered, const int32_t *gather, const double *c, int sides,
                 const int32_t *entity, const uint8_t *permutation, int size, const int32_t *places, double *values);
int64_t find_places(int64_t elements, int m, const int32_t *rows, int n, const int64_t *columns, const int64_t *start,
                    const int64_t *sorted, const int32_t *place, int32_t *out);
"""
FLAGS = ["-O2", "-std=c17"]

Floats = NDArray[np.float64]
Places = NDArray[np.int32]
Indices = NDArray[np.int64]
Gathered = tuple[Floats, Places]


@cache
def _compiled() -> Any:
    """The module; rank 0 compiles it."""
    text = SOURCE.read_text(encoding="utf-8")
    name = "assembly_loop_" + hashlib.sha256((text + DECLARATIONS + str(FLAGS)).encode()).hexdigest()[:16]
    folder = Path(jit.get_options()["cache_dir"]).expanduser()
    if MPI.COMM_WORLD.rank == 0 and not _file(folder, name).exists():
        builder = cffi.FFI()
        builder.cdef(DECLARATIONS)
        builder.set_source(name, text, extra_compile_args=FLAGS)
        builder.compile(tmpdir=str(folder), target=name + ".part.*")
        next(folder.glob(name + ".part.*")).rename(_file(folder, name))
    MPI.COMM_WORLD.barrier()
    spec = importlib.util.spec_from_file_location(name, _file(folder, name))
    if spec is None or spec.loader is None:
        raise RuntimeError(f"{_file(folder, name)} is not a module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.so"


def _pointer(kind: str, values: NDArray[Any]) -> Any:
    return _compiled().ffi.from_buffer(f"{kind}[]", values)


class Elements(NamedTuple):
    """The elements of one integral: nodes of their geometry, and for facets their number and permutation in each cell.

    Shapes (elements, nodes) and (elements, sides): none, one or two.
    """

    geometry: Places
    entity: Places
    permutation: NDArray[np.uint8]


def add_elements(
    kernel: int, on: Elements, x: Floats, w: Floats | Gathered, c: Floats, places: Places, values: Floats
) -> None:
    """Add the element matrices or vectors of a kernel at their `places`, shape (elements, entries), in `values`.

    `x`: the coordinates of all nodes; `w`: packed coefficients of each element (of a facet: of both cells), or one
    array and which of its entries belong to each element; `c`: constants.

    Raises:
        RuntimeError: an element of more than 250 nodes.
    """
    if not len(places):
        return
    geometry = len(on.geometry), on.geometry.shape[1], _pointer("int32_t", on.geometry), _pointer("double", x)
    values_of, gather = w if isinstance(w, tuple) else (w, np.zeros((len(places), 0), np.int32))
    stride = 0 if gather.size else values_of.size // len(places)
    packed = stride, _pointer("double", values_of), gather.shape[1], _pointer("int32_t", gather), _pointer("double", c)
    facets = on.entity.shape[1], _pointer("int32_t", on.entity), _pointer("uint8_t", on.permutation)
    target = places.shape[1], _pointer("int32_t", places), _pointer("double", values)
    if _compiled().lib.add_elements(kernel, *geometry, *packed, *facets, *target):
        raise RuntimeError("elements of more than 250 nodes are not assembled here")


def find_places(
    rows: Places, columns: Indices, start: Indices, sorted_: Indices, place: Places, *, complete: bool = True
) -> Places:
    """Places of the entries of all elements, shape (elements, rows × columns).

    The matrix has the columns `sorted_[start[r]:start[r + 1]]` in row r, in increasing order, kept at `place`. Entries
    in a negative row or column have place -1; so have those that are not in a matrix that need not be `complete`.

    Raises:
        RuntimeError: an entry is not in a matrix that should have it.
    """
    out = np.empty((len(rows), rows.shape[1] * columns.shape[1]), np.int32)
    missing = _compiled().lib.find_places(
        len(rows),
        rows.shape[1],
        _pointer("int32_t", rows),
        columns.shape[1],
        _pointer("int64_t", columns),
        _pointer("int64_t", start),
        _pointer("int64_t", sorted_),
        _pointer("int32_t", place),
        _pointer("int32_t", out),
    )
    if missing and complete:
        raise RuntimeError(f"{missing} entries of the element matrices have no place in the Jacobian")
    return out
