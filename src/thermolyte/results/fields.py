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
from thermolyte.mass_exchange import thickness
from thermolyte.medium import Medium
from thermolyte.mesh import Part
from thermolyte.physics import mechanics
from thermolyte.physics import thermoelectricity as physics
from thermolyte.physics.balance import apply
from thermolyte.physics.local import CONCENTRATION, DISPLACEMENT, IONIC_POTENTIAL, POTENTIAL, RELEASED, TEMPERATURE
from thermolyte.problem import Problem
from thermolyte.quantities.cell_means import cell_means


def write_fields(problem: Problem, folder: Path, name: str) -> Callable[[], None]:
    """Write all fields, fluxes, stresses and layers of the present state; rank 0 must call what is returned at the end.

    Raises:
        SolveError: on all ranks, when one of them could not write.
    """
    comm, failed = problem.mesh.domain.comm, False
    found = {region: region_fields(problem, region) for region in problem.mesh.regions} | layers(problem)
    for place, functions in found.items():
        try:
            with io.VTKFile(comm, folder / f"{_stem(name, place)}.pvd", "w") as file:
                file.write_function(functions, 0.0)
        except RuntimeError:
            failed = True
    if comm.allreduce(failed, op=MPI.LOR):
        raise SolveError(f"{folder}: the fields cannot be written (is the disk full?); finished points are kept")
    return partial(
        _write_collection,
        folder,
        name,
        {place: "region" if place in problem.mesh.regions else "surface" for place in found},
    )


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


def layers(problem: Problem) -> dict[str, list[fem.Function]]:
    """Thickness [m] of interlayers and reaction layers on their surfaces, by the name of the surface."""
    found: dict[str, list[fem.Function]] = {}
    for name, law, parameters in problem.exchanges:
        for field in sorted(law.own_fields - {RELEASED}):
            block = problem.place[field, name]
            if problem.parts[block].domain.topology.dim == 0:  # of a line: a point is no picture
                continue
            function = fem.Function(problem.spaces[block], name=f"{field}_thickness")
            function.x.array[:] = UNIT[field] * thickness(parameters, field) * problem.u[block].x.array
            found.setdefault(name, []).append(function)
    return found


def _stem(name: str, place: str) -> str:
    """The name of the file of a region, or of a surface, which is called region/neighbour or boundary@region."""
    return f"{name}_{place.replace('/', '_on_').replace('@', '_on_')}"


def _fluxes(problem: Problem, region: str, part: Part, u: dict[str, fem.Function]) -> list[fem.Function]:
    """Heat flux, current density, carriers [1/m³] and σ(T) of what ages at the midpoint of every cell; composition."""
    medium, found = Medium(problem.setup.regions[region], part.domain), []
    if TEMPERATURE in u:
        flux = physics.fluxes(medium, u)
        found.append(_per_cell("heat_flux", flux.heat_flux, part))
        if medium.conducts:
            found.append(_per_cell("current_density", flux.current_density, part))
    if medium.is_graded:
        found.append(_per_cell("dopant_fraction", medium.doping, part, ()))
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
    if CONCENTRATION in u and medium.carriers is not None:
        here = medium.at(u)
        found.append(_per_cell("carrier_concentration", here.carrier_concentration, part, ()))
        if TEMPERATURE in u:
            found.append(_per_cell("electrical_conductivity", here.electrical_conductivity(u[TEMPERATURE]), part, ()))
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


def _per_cell(name: str, value: Expr, part: Part, shape: tuple[int, ...] | None = None) -> fem.Function:
    """A flux, or what has another shape, at the midpoint of every cell."""
    W = fem.functionspace(part.domain, ("DG", 0, (part.domain.geometry.dim,) if shape is None else shape))
    function = fem.Function(W, name=name)
    function.interpolate(fem.Expression(value, W.element.interpolation_points))
    return function


def _write_collection(folder: Path, name: str, places: dict[str, str]) -> None:
    """A `.pvd` that lists the file of every region and surface as a part of one data set, and which of both it is.

    Raises:
        OSError: these files are not whole.
    """
    root = ET.Element("VTKFile", type="Collection", version="0.1")
    collection = ET.SubElement(root, "Collection")
    for i, (place, kind) in enumerate(places.items()):
        try:
            entries = list(ET.parse(folder / f"{_stem(name, place)}.pvd").iter("DataSet"))
        except ET.ParseError:
            raise OSError(f"{_stem(name, place)}.pvd was not written completely (is the disk full?)") from None
        for entry in entries:
            attributes = {"timestep": "0", "part": str(i), "name": place, "group": kind, "file": entry.attrib["file"]}
            ET.SubElement(collection, "DataSet", attributes)
    ET.ElementTree(root).write(folder / f"{name}.pvd", xml_declaration=True, encoding="utf-8")
