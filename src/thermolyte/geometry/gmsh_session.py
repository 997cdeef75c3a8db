"""From a shape to a distributed mesh: Gmsh runs on rank 0, every rank gets its part or the same error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from thermolyte.errors import InputError
from thermolyte.geometry.shape import MeshOptions, Shape

if TYPE_CHECKING:
    from mpi4py import MPI

    from dolfinx.io.gmsh import MeshData

OPTIONS = {
    "General.Terminal": 0,
    # With more threads the mesh differs from run to run.
    "General.NumThreads": 1,
    # HXT: about three times faster than Delaunay.
    "Mesh.Algorithm3D": 10,
}


@contextmanager
def session() -> Iterator[None]:
    """A fresh, quiet Gmsh model; afterwards Gmsh is as it was."""
    import gmsh

    outer = bool(gmsh.isInitialized())
    current = gmsh.model.getCurrent() if outer else ""
    if not outer:
        # Neither the user's .gmshrc nor Gmsh's own Ctrl-C handler may change what a case gives.
        gmsh.initialize([], readConfigFiles=False, interruptible=False)
    before = {option: gmsh.option.getNumber(option) for option in OPTIONS}
    try:
        for option, value in OPTIONS.items():
            gmsh.option.setNumber(option, value)
        gmsh.model.add("thermolyte")
        yield
    finally:
        if outer:
            gmsh.model.remove()
            gmsh.model.setCurrent(current)
            for option, value in before.items():
                gmsh.option.setNumber(option, value)
        else:
            gmsh.finalize()


def mesh_model(shape: Shape, options: MeshOptions, comm: MPI.Comm) -> MeshData:
    """Mesh of the shape, distributed over `comm`, with its regions and boundaries by name.

    Raises:
        InputError: the shape cannot be meshed; on all ranks.
    """
    dim = shape.coordinates().dim
    if comm.rank != 0:
        _agree(None, comm)
        return _distribute(None, dim, comm)
    with session():
        error: Exception | None = None
        try:
            shape.build(options)
        except Exception as exception:  # whatever it is: the other ranks wait for this rank
            error = exception
        _agree(error, comm)
        import gmsh

        return _distribute(gmsh.model, dim, comm)


def _agree(error: Exception | None, comm: MPI.Comm) -> None:
    """Raise the error of rank 0 on all ranks."""
    message: str | None = None
    if isinstance(error, InputError):
        message = str(error)
    elif error is not None:
        message = f"geometry: no mesh could be made: {str(error) or type(error).__name__}"
    message = comm.bcast(message, root=0)
    if message is not None:
        raise InputError(message) from error


def _distribute(model: object, dim: int, comm: MPI.Comm) -> MeshData:
    from dolfinx.io.gmsh import model_to_mesh
    from dolfinx.mesh import GhostMode, create_cell_partitioner

    # Ghost cells behind shared facets: integrals over interfaces see both sides on every rank.
    partitioner = create_cell_partitioner(GhostMode.shared_facet, 2)
    return model_to_mesh(model, comm, 0, gdim=dim, partitioner=partitioner)
