"""Work and precision: what a digit of η and Q_h costs in seconds with either order, tetrahedra, hexahedra, fine rims.

    ./thermolyte shell python benchmarks/precision.py

The two-pair module at 3.5 A and 589 K on each mesh: seconds of mesh and of a cold solve as a run does it, and errors
relative to order 2 on the finest mesh of tetrahedra. README.md shows the table.
"""

from __future__ import annotations

import statistics
from typing import NamedTuple

from mpi4py import MPI

from cost import CASE, cold, seconds

from thermolyte import compilation
from thermolyte.case import Case
from thermolyte.geometry import mesh_model
from thermolyte.mesh import Mesh
from thermolyte.problem import Problem
from thermolyte.quantities import Quantities
from thermolyte.quantities.derived import derived
from thermolyte.solver import Solver, SolverSettings

REFERENCE = ("tetrahedron", 2, "0.35 mm", 2.0)
MESHES = [
    *(("tetrahedron", 1, size, 2.0) for size in ("1.3 mm", "0.65 mm", "0.4 mm", "0.3 mm", "0.2 mm")),
    *(("tetrahedron", 1, size, 4.0) for size in ("0.65 mm", "0.4 mm")),
    *(("tetrahedron", 2, size, 2.0) for size in ("1.3 mm", "0.65 mm", "0.5 mm")),
    *(("hexahedron", 1, size, 1.0) for size in ("0.65 mm", "0.4 mm", "0.3 mm", "0.2 mm")),
    *(("hexahedron", 2, size, 1.0) for size in ("1.3 mm", "0.65 mm")),
]
QUANTITIES = ("efficiency", "hot_heat_flow", "power")
REPEATS = 3


class Point(NamedTuple):
    """What one mesh gave."""

    unknowns: int
    meshing: float
    solving: float
    values: dict[str, float]


def solve(cell: str, order: int, size: str, refinement: float) -> Point:
    """The module on one mesh."""
    mesh_options = {"mesh.cells": cell, "mesh.order": order, "mesh.size": size}
    if cell == "tetrahedron":
        mesh_options["mesh.refinement"] = refinement
    given = mesh_options | {"terminals.plus.current": "3.5 A", "boundaries.hot.temperature": "589 K"}
    case = Case.load(CASE, given)
    made: list[Mesh] = []
    meshing = seconds(lambda: made.append(Mesh.of(mesh_model(case.geometry, case.mesh, MPI.COMM_WORLD))))
    problem = Problem(made[0], case.setup(case.geometry.names()))
    solver = Solver(problem, SolverSettings(preset="iterative", tolerance=1e-9))
    run = cold(problem, solver)
    run()
    solving = statistics.median(seconds(run) for _ in range(REPEATS))
    device = case.device_of_numbers()
    values = Quantities(problem, device).evaluate()
    return Point(solver.unknowns, meshing, solving, {**values, **derived(values, device)})


def main() -> None:
    """Print the table."""
    compilation.prepare(MPI.COMM_WORLD)
    exact = solve(*REFERENCE).values
    print(
        "| cells | order | size | rims | unknowns | mesh [s] | solve [s] | η | Q_h | P |\n" + "|---" * 10 + "|",
        flush=True,
    )
    for cell, order, size, refinement in MESHES:
        point = solve(cell, order, size, refinement)
        errors = [f"{abs(point.values[q] / exact[q] - 1):.1e}" for q in QUANTITIES]
        cells = cell, order, size, f"{refinement:g}", point.unknowns, f"{point.meshing:.1f}", f"{point.solving:.2f}"
        print(f"| {' | '.join(map(str, [*cells, *errors]))} |", flush=True)


if __name__ == "__main__":
    main()
