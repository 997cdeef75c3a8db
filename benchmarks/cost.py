"""What a solve of the two-pair module costs in Poisson units (PU), measured in one run.

    ./thermolyte shell python benchmarks/cost.py            # or: mpirun -n 2 python benchmarks/cost.py

One PU is one scalar Poisson solve on the same mesh, order and ranks: assembly, BoomerAMG set-up, CG to 1e-8. Every
time is the median of three; the compilation of forms is not in them. README.md shows a table.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from mpi4py import MPI

import ufl
from dolfinx import fem
from dolfinx.fem.petsc import LinearProblem

from thermolyte.case import Case
from thermolyte.geometry import mesh_model
from thermolyte.mesh import Mesh
from thermolyte.problem import Problem
from thermolyte.solver import MULTIGRID, Solver, SolverSettings

CASE = Path(__file__).parent.parent / "cases" / "two_pair_module"
GRIDS = [("0.65 mm", 1), ("0.3 mm", 1), ("0.15 mm", 1), ("0.5 mm", 2)]
REPEATS = 3


def median_time(action: Callable[[], object]) -> float:
    """Median seconds of the slowest rank over the repeats."""
    comm, times = MPI.COMM_WORLD, []
    for _ in range(REPEATS):
        comm.barrier()
        start = time.perf_counter()
        action()
        times.append(comm.allreduce(time.perf_counter() - start, op=MPI.MAX))
    return statistics.median(times)


def poisson_unit(mesh: Mesh, order: int, boundary: str) -> float:
    """Seconds of one PU on a mesh, held at a boundary."""
    V = fem.functionspace(mesh.domain, ("Lagrange", order))
    u, v, one = ufl.TrialFunction(V), ufl.TestFunction(V), fem.Constant(mesh.domain, 1.0)
    facets = mesh.facets.find(mesh.boundaries[boundary])
    dofs = fem.locate_dofs_topological(V, mesh.domain.topology.dim - 1, facets)
    a, L = ufl.inner(ufl.grad(u), ufl.grad(v)) * ufl.dx, one * v * ufl.dx
    bcs = [fem.dirichletbc(0.0, dofs, V)]
    options = MULTIGRID | {"ksp_type": "cg", "ksp_rtol": 1e-8}

    def solve() -> None:
        LinearProblem(a, L, bcs=bcs, petsc_options_prefix="poisson_", petsc_options=options).solve()

    solve()  # compiles
    return median_time(solve)


def coupled(mesh: Mesh, case: Case, preset: str) -> tuple[float, int]:
    """Seconds of one cold solve at 4 A from a uniform temperature, and the number of unknowns."""
    problem = Problem(mesh, case.setup(case.geometry.names()))
    solver = Solver(problem, SolverSettings(preset=preset))

    def solve() -> None:
        problem.set_initial(440.0)
        solver.solve()

    return median_time(solve), solver.unknowns


def main() -> None:
    """Print the table."""
    comm = MPI.COMM_WORLD
    if comm.rank == 0:
        print(f"{comm.size} rank(s)\n\n| size | order | unknowns | PU [s] | direct [PU] | iterative [PU] |")
        print("|---|---|---|---|---|---|", flush=True)
    for size, order in GRIDS:
        values = {"mesh.size": size, "mesh.order": order, "terminals.plus.current": "4 A"}
        case = Case.load(CASE, values)
        mesh = Mesh.of(mesh_model(case.geometry, case.mesh, comm))
        unit = poisson_unit(mesh, order, "cold")
        iterative, unknowns = coupled(mesh, case, "iterative")
        direct = f"{coupled(mesh, case, 'direct')[0] / unit:.1f}" if unknowns < 60_000 else "not run"
        if comm.rank == 0:
            print(f"| {size} | {order} | {unknowns} | {unit:.3f} | {direct} | {iterative / unit:.1f} |", flush=True)


if __name__ == "__main__":
    main()
