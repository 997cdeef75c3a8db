"""Fields for ParaView: one `.pvd` that holds every region as a part, so that jumps at contacts stay visible."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import partial
from pathlib import Path

from mpi4py import MPI

import numpy as np
from dolfinx import fem, io
from numpy.typing import NDArray
from ufl.core.expr import Expr

from thermolyte.blocks import UNIT
from thermolyte.errors import SolveError
from thermolyte.medium import Medium
from thermolyte.mesh import Part
from thermolyte.physics import thermoelectricity as physics
from thermolyte.physics.local import POTENTIAL, TEMPERATURE
from thermolyte.problem import Problem


def write_fields(problem: Problem, folder: Path, name: str) -> Callable[[], None]:
    """Write T [K], φ [V], J [A/m²] and q [W/m²] of the present state; what is returned, rank 0 must call at the end.

    Raises:
        SolveError: on all ranks, when one of them could not write.
    """
    comm, failed = problem.mesh.domain.comm, False
    for region in problem.mesh.regions:
        functions = region_fields(problem, region)
        try:
            with io.VTKFile(comm, folder / f"{name}_{region}.pvd", "w") as file:
                file.write_function(functions, 0.0)
        except RuntimeError:
            failed = True
    if comm.allreduce(failed, op=MPI.LOR):
        raise SolveError(f"{folder}: the fields cannot be written (is the disk full?); finished points are kept")
    return partial(_write_collection, folder, name, list(problem.mesh.regions))


def region_fields(problem: Problem, region: str) -> list[fem.Function]:
    """T, φ (as the problem's elements), J and q (constant per cell) of one region on a mesh of its own."""
    part = problem.mesh.part((region,))
    V = fem.functionspace(part.domain, ("Lagrange", problem.setup.order))
    u: dict[str, fem.Function] = {}
    for field in (TEMPERATURE, POTENTIAL):
        if (field, region) in problem.place:
            u[field] = fem.Function(V, name=field)
            _copy(problem, field, region, part, u[field])
    medium = Medium(problem.setup.regions[region], part.domain)
    flux = physics.fluxes(medium, u)
    out = [*u.values(), _per_cell("heat_flux", flux.heat_flux, part)]
    return out + ([_per_cell("current_density", flux.current_density, part)] if medium.conducts else [])


def _copy(problem: Problem, field: str, region: str, part: Part, target: fem.Function) -> None:
    """Interpolate a field from the domain it is solved on to the mesh of one region."""
    source = problem.u[problem.place[field, region]]
    cells = part.domain.topology.index_map(part.domain.topology.dim)
    own = np.arange(cells.size_local + cells.num_ghosts, dtype=np.int32)
    origin = problem.parts[problem.place[field, region]]
    parents = own if part.entity_map is None else part.entity_map.sub_topology_to_topology(own, False)
    there = _invert(origin, parents)
    target.interpolate(source, cells0=there, cells1=own)
    target.x.array[:] *= UNIT[field]


def _invert(origin: Part, parents: NDArray[np.int32]) -> NDArray[np.int32]:
    """Cells of a part that lie on the given cells of the whole mesh."""
    return parents if origin.entity_map is None else origin.entity_map.sub_topology_to_topology(parents, True)


def _per_cell(name: str, flux: Expr, part: Part) -> fem.Function:
    """Flux at the midpoint of every cell."""
    W = fem.functionspace(part.domain, ("DG", 0, (part.domain.geometry.dim,)))
    function = fem.Function(W, name=name)
    function.interpolate(fem.Expression(flux, W.element.interpolation_points))
    return function


def _write_collection(folder: Path, name: str, regions: list[str]) -> None:
    """A `.pvd` that lists the file of every region as a part of one data set.

    Raises:
        OSError: the files of the regions are not whole.
    """
    root = ET.Element("VTKFile", type="Collection", version="0.1")
    collection = ET.SubElement(root, "Collection")
    for i, region in enumerate(regions):
        try:
            entries = list(ET.parse(folder / f"{name}_{region}.pvd").iter("DataSet"))
        except ET.ParseError:
            raise OSError(f"{name}_{region}.pvd was not written completely (is the disk full?)") from None
        for entry in entries:
            attributes = {"timestep": "0", "part": str(i), "name": region, "file": entry.attrib["file"]}
            ET.SubElement(collection, "DataSet", attributes)
    ET.ElementTree(root).write(folder / f"{name}.pvd", xml_declaration=True, encoding="utf-8")
