"""Values of the present state along lines: through the thickness at the axis, and along interfaces."""

from __future__ import annotations

from typing import Any

import numpy as np
import ufl
from dolfinx import fem, la
from dolfinx import mesh as dmesh
from numpy.typing import NDArray

from thermolyte import compilation
from thermolyte.blocks import UNIT
from thermolyte.coordinates import is_zero
from thermolyte.physics import mechanics
from thermolyte.physics.local import (
    CARRIERS,
    CONCENTRATION,
    DISPLACEMENT,
    IONIC_POTENTIAL,
    MECHANICAL_POTENTIAL,
    POTENTIAL,
    TEMPERATURE,
)
from thermolyte.problem import Face, Problem
from thermolyte.quantities.base import Values
from thermolyte.quantities.cell import anodic_current_density, transfers
from thermolyte.quantities.cell_means import CellMeans, cell_means
from thermolyte.quantities.electrons import conductivity, seebeck_coefficient

Row = dict[str, Any]
Points = NDArray[np.float64]
LAYERS = 100
"""Most layers of a region that means are taken over."""
SCALARS = {
    CONCENTRATION: "mol/m^3",
    IONIC_POTENTIAL: "V",
    POTENTIAL: "V",
    MECHANICAL_POTENTIAL: "J/mol",
    TEMPERATURE: "K",
}


# ---- through the thickness -------------------------------------------------------------------------------------------
def profile(problem: Problem) -> list[Row]:
    """Fields at the nodes on the axis (x = 0 or r = 0) and mean stresses of the cells there; complete on rank 0.

    Of thermoelectric devices, whose legs stand anywhere, means over layers.
    """
    if problem.setup.physics.thermoelectricity:
        return layer_means(problem)
    rows: list[Row] = []
    for region in problem.mesh.regions:
        rows += _of_nodes(problem, region)
        if (DISPLACEMENT, region) in problem.place:
            rows += _of_cells(problem, region)
    return rows


def layer_means(problem: Problem) -> list[Row]:
    """Means over layers of the hosts across z [m]: composition, and carriers, σ and S at 300 K; on rank 0."""
    rows: list[Row] = []
    for region in problem.mesh.regions:
        if (CONCENTRATION, region) in problem.place:
            rows += _of_layers(problem, region)
    return rows


def _of_layers(problem: Problem, region: str) -> list[Row]:
    """Cells whose midpoints lie at the same height, or within a hundredth of the region's height of each other."""
    domain, dim = problem.mesh.domain, problem.mesh.domain.geometry.dim
    owned = domain.topology.index_map(domain.topology.dim).size_local
    cells = np.flatnonzero(problem.mesh.region_of_cell[:owned] == problem.mesh.regions[region]).astype(np.int32)
    names, columns = [], [dmesh.compute_midpoints(domain, dim, cells)[:, dim - 1]]
    for name, value in _along_a_leg(problem, region).items():
        means = CellMeans(problem, region, value)
        names.append(name)
        columns.append(means.values()[cells])
    columns.append(means.volume[cells])
    table = _gathered(problem, np.column_stack(columns))
    if not len(table):
        return []
    z, weight = table[:, 0], table[:, -1]
    height = z[-1] - z[0]
    layer = np.concatenate([[0], np.cumsum(np.diff(z) > 1e-9 * height)])
    if layer[-1] > LAYERS:
        layer = np.minimum((z - z[0]) / height * LAYERS, LAYERS - 1).astype(int)
    whole = np.bincount(layer, weight)
    full = whole > 0
    averages = [np.bincount(layer, weight * column)[full] / whole[full] for column in table[:, :-1].T]
    titles = ["z [m]", *names]
    return [{"region": region} | dict(zip(titles, map(float, row), strict=True)) for row in np.column_stack(averages)]


def _along_a_leg(problem: Problem, region: str) -> dict[str, Any]:
    """What a scan along an aged leg shows, by its title."""
    u, slope = problem.at(region, problem.u), problem.media[region].card.composition_per_concentration
    found = {"composition [1]": (slope or 1.0) * u[CONCENTRATION]}
    if CARRIERS in u:
        found["carrier_concentration [1/m^3]"] = u[CARRIERS]
        found["room_temperature_conductivity [S/m]"] = conductivity(problem, region)
        found["room_temperature_seebeck_coefficient [V/K]"] = seebeck_coefficient(problem, region)
    return found


def _of_nodes(problem: Problem, region: str) -> list[Row]:
    axis = problem.setup.coordinates.axes[-1]
    rows: dict[float, Row] = {}
    for field, unit in SCALARS.items():
        if (field, region) in problem.place:
            for z, value in _on_axis(problem, field, region):
                row = rows.setdefault(z, {"region": region, f"{axis} [m]": z})
                row[f"{field} [{unit}]"] = value
                slope = problem.media[region].card.composition_per_concentration
                if field == CONCENTRATION and slope is not None:
                    row["composition [1]"] = slope * value
    return [rows[z] for z in sorted(rows)]


def _on_axis(problem: Problem, field: str, region: str) -> list[tuple[float, float]]:
    """(z, value) at the nodes of a scalar field that lie on the axis; on rank 0."""
    block = problem.place[field, region]
    V, u = problem.spaces[block], problem.u[block]
    dofs = np.unique(V.dofmap.list[problem.blocks.cells_of(region, block)])
    dofs = dofs[dofs < V.dofmap.index_map.size_local]
    x, dim = V.tabulate_dof_coordinates()[dofs], problem.mesh.domain.geometry.dim
    there = is_zero(x[:, : dim - 1]).all(axis=1)
    found = np.column_stack([x[there, dim - 1], UNIT[field] * u.x.array[dofs[there]]])
    return [(float(z), float(value)) for z, value in _gathered(problem, found)]


def _of_cells(problem: Problem, region: str) -> list[Row]:
    """Mean hydrostatic and von Mises stress of the cells along the axis, at their midpoints; on rank 0."""
    here, axis = problem.local(region), problem.setup.coordinates.axes[-1]
    stresses = {"hydrostatic_stress": mechanics.hydrostatic_stress(here), "von_mises": mechanics.von_mises(here)}
    cells = _cells_on_axis(problem, region)
    middle = dmesh.compute_midpoints(problem.mesh.domain, problem.mesh.domain.topology.dim, cells)
    columns = [middle[:, problem.mesh.domain.geometry.dim - 1]]
    columns += [cell_means(problem, region, stress)[cells] for stress in stresses.values()]
    names = [f"{axis} [m]", *(f"{name} [Pa]" for name in stresses)]
    return [
        {"region": region} | dict(zip(names, row, strict=True)) for row in _gathered(problem, np.column_stack(columns))
    ]


def _cells_on_axis(problem: Problem, region: str) -> NDArray[np.int32]:
    """Owned cells of a region that have a vertex on the axis."""
    domain, dim = problem.mesh.domain, problem.mesh.domain.geometry.dim
    owned = domain.topology.index_map(domain.topology.dim).size_local
    cells = np.flatnonzero(problem.mesh.region_of_cell[:owned] == problem.mesh.regions[region]).astype(np.int32)
    corners = domain.geometry.x[domain.geometry.dofmaps[0][cells]]
    on_axis: NDArray[np.bool_] = np.all(is_zero(corners[:, :, : dim - 1]), axis=2)
    there: NDArray[np.int32] = cells[np.any(on_axis, axis=1)]
    return there


# ---- along interfaces ------------------------------------------------------------------------------------------------
def currents(problem: Problem) -> list[Row]:
    """Current density into electrodes at the nodes of their faces, positive where it plates; complete on rank 0."""
    if problem.setup.physics.electrochemistry is None or problem.mesh.domain.geometry.dim == 1:
        return []
    axis, rows = problem.setup.coordinates.axes[0], []
    found = [(t.name, _at_interface(problem, t)) for t in transfers(problem)]
    found += [(face.name, _at_lead(problem, face)) for face in problem.leads if problem.lead_field(face.region)]
    for name, values in found:
        for x, current in values:
            rows.append({"interface": name, f"{axis} [m]": x, "current_density [A/m^2]": current})
    return rows


def extremes(problem: Problem, rows: list[Row]) -> Values:
    """Smallest and largest current density of every face among the rows of `currents` [A/m²], on all ranks."""
    found: dict[str, list[float]] = {}
    for row in rows:
        found.setdefault(row["interface"], []).append(row["current_density [A/m^2]"])
    ends = (("minimum", min), ("maximum", max))
    values = {f"{end}_current_density.{face}": of(x) for face, x in found.items() for end, of in ends}
    everywhere: Values = problem.mesh.domain.comm.bcast(values)
    return everywhere


def _at_interface(problem: Problem, transfer: Any) -> Points:
    a, b = transfer.name.split("/")
    part = problem.mesh.interface_part(a, b)
    V = fem.functionspace(part.domain, ("Lagrange", 1))
    test, dS = ufl.TestFunction(V)("+"), problem.nodal_dS(a, b)
    maps = [*problem.entity_maps, part.entity_map]
    flow = _assembled(compilation.form(-anodic_current_density(transfer) * test * dS, maps))
    one = fem.Constant(problem.mesh.domain, 1.0)("+")
    area = _assembled(compilation.form(one * test * dS, maps))
    own = np.arange(V.dofmap.index_map.size_local)
    return _gathered(problem, np.column_stack([V.tabulate_dof_coordinates()[own, 0], flow[own] / area[own]]))


def _at_lead(problem: Problem, face: Face) -> Points:
    """From the residual of the body at the vertices of a lead: what flows into it, over the area of the vertex."""
    field = problem.lead_field(face.region) or POTENTIAL
    block = problem.place[field, face.region]
    body = problem.body[block]
    V = fem.functionspace(problem.parts[block].domain, ("Lagrange", 1))  # quadratic tests have no mean on the axis
    test = ufl.TestFunction(V)
    ds = problem.boundary_ds(face.boundary, face.region)
    area = _assembled(compilation.form(test * ds, problem.entity_maps))
    own = np.flatnonzero(area[: V.dofmap.index_map.size_local] > 0)
    linear = ufl.replace(body, {body.arguments()[0]: test})
    flow = -_assembled(compilation.form(linear, problem.entity_maps)) / UNIT[field]
    return _gathered(problem, np.column_stack([V.tabulate_dof_coordinates()[own, 0], flow[own] / area[own]]))


def _assembled(form: Any) -> NDArray[np.float64]:
    b = fem.assemble_vector(form)
    b.scatter_reverse(la.InsertMode.add)
    values: NDArray[np.float64] = b.array
    return values


def _gathered(problem: Problem, rows: Points) -> Points:
    """The rows of all ranks, ordered by the first column, on rank 0; none elsewhere."""
    parts = problem.mesh.domain.comm.gather(rows, root=0)
    if parts is None:
        return rows[:0]
    every = np.concatenate(parts)
    return every[np.argsort(every[:, 0], kind="stable")]
