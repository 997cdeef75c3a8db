"""Fields for ParaView: one `.pvd` that holds every region as a part, so that jumps at contacts stay visible."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import partial
from pathlib import Path

from mpi4py import MPI

import numpy as np
import ufl
from dolfinx import fem, io
from numpy.typing import NDArray
from ufl.core.expr import Expr

from thermolyte.blocks import UNIT
from thermolyte.errors import SolveError
from thermolyte.medium import Medium
from thermolyte.mesh import Part
from thermolyte.physics import mechanics
from thermolyte.physics import thermoelectricity as physics
from thermolyte.physics.balance import apply
from thermolyte.physics.local import CONCENTRATION, DISPLACEMENT, IONIC_POTENTIAL, POTENTIAL, TEMPERATURE
from thermolyte.problem import Problem
from thermolyte.quantities.cell_means import cell_means


def write_fields(problem: Problem, folder: Path, name: str) -> Callable[[], None]:
    """Write all fields, fluxes and stresses of the present state; what is returned, rank 0 must call at the end.

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
    """All fields of one region (of the problem's order), fluxes and stresses (one value per cell), on its own mesh."""
    part = problem.mesh.part((region,))
    dim = part.domain.geometry.dim
    u: dict[str, fem.Function] = {}
    for field in UNIT:
        if (field, region) in problem.place:
            shape = (dim,) if field == DISPLACEMENT else ()
            V = fem.functionspace(part.domain, ("Lagrange", problem.setup.order, shape))
            u[field] = fem.Function(V, name=field)
            _copy(problem, field, region, part, u[field])
    return [*u.values(), *_fluxes(problem, region, part, u), *_stresses(problem, region, part)]


def _fluxes(problem: Problem, region: str, part: Part, u: dict[str, fem.Function]) -> list[fem.Function]:
    """Heat flux and current density at the midpoint of every cell."""
    medium, found = Medium(problem.setup.regions[region], part.domain), []
    if TEMPERATURE in u:
        flux = physics.fluxes(medium, u)
        found.append(_per_cell("heat_flux", flux.heat_flux, part))
        if medium.conducts:
            found.append(_per_cell("current_density", flux.current_density, part))
    T = problem.setup.physics.temperature
    if IONIC_POTENTIAL in u:
        current = -apply(medium.ionic_conductivity(T), ufl.grad(u[IONIC_POTENTIAL]))
        found.append(_per_cell("ionic_current_density", current, part))
    if POTENTIAL in u and TEMPERATURE not in u:
        current = -apply(medium.electrical_conductivity(T), ufl.grad(u[POTENTIAL]))
        found.append(_per_cell("current_density", current, part))
    if CONCENTRATION in u:
        slope = medium.card.composition_per_concentration
        if slope is not None:
            x = fem.Function(u[CONCENTRATION].function_space, name="composition")
            x.x.array[:] = slope * u[CONCENTRATION].x.array
            found.append(x)
    return found


def _stresses(problem: Problem, region: str, part: Part) -> list[fem.Function]:
    """Mean von Mises and hydrostatic stress of every cell."""
    if (DISPLACEMENT, region) not in problem.place:
        return []
    here, found = problem.local(region), []
    W = fem.functionspace(part.domain, ("DG", 0))
    for name in ("von_mises", "hydrostatic_stress"):
        means = cell_means(problem, region, getattr(mechanics, name)(here))
        function = fem.Function(W, name=name)
        cells = part.domain.topology.index_map(part.domain.topology.dim)
        own = np.arange(cells.size_local, dtype=np.int32)
        parents = own if part.entity_map is None else part.entity_map.sub_topology_to_topology(own, False)
        function.x.array[W.dofmap.list[own].ravel()] = means[parents]
        function.x.scatter_forward()
        found.append(function)
    return found


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
