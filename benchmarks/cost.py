"""What a solve of the two-pair module costs in Poisson units (PU), measured in one run.

    ./thermolyte shell python benchmarks/cost.py            # or: mpirun -n 2 python benchmarks/cost.py

One PU is one scalar Poisson solve on the same mesh, order and ranks: assembly, BoomerAMG set-up, CG to 1e-8; making the
matrix and the solver is not in it, and neither is it in the others. Poisson and coupled solves alternate; each ratio is
that of a solve to the two Poisson solves around it, and the table shows the median and the spread of the ratios. The
compilation of forms is not in them. README.md shows tables.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc

from thermolyte import compilation
from thermolyte.case import Case
from thermolyte.geometry import mesh_model
from thermolyte.mesh import Mesh
from thermolyte.presets import MULTIGRID
from thermolyte.problem import Problem
from thermolyte.solver import Solver, SolverSettings
from thermolyte.studies.continuation import Continuation
from thermolyte.studies.facts import Facts

CASE = Path(__file__).parent.parent / "cases" / "two_pair_module"
GRIDS = [("0.65 mm", 1), ("0.3 mm", 1), ("0.22 mm", 1), ("0.13 mm", 1), ("0.5 mm", 2), ("0.3 mm", 2)]
REPEATS = 5
CURRENTS = np.linspace(0.0, 9.5, 20)
EXACT, LOOSE = 1e-9, 1e-8  # tolerances with which flows are exact to 1e-8 and 1e-7


def seconds(action: Callable[[], object]) -> float:
    """Seconds of the slowest rank."""
    comm = MPI.COMM_WORLD
    comm.barrier()
    start = time.perf_counter()
    action()
    return float(comm.allreduce(time.perf_counter() - start, op=MPI.MAX))


def median_time(action: Callable[[], object]) -> float:
    """Median seconds of the slowest rank over the repeats."""
    return statistics.median(seconds(action) for _ in range(REPEATS))


class Poisson:
    """The scalar Poisson problem that is the unit, on a mesh held at a boundary."""

    def __init__(self, mesh: Mesh, order: int, boundary: str):
        V = fem.functionspace(mesh.domain, ("Lagrange", order))
        u, v, one = ufl.TrialFunction(V), ufl.TestFunction(V), fem.Constant(mesh.domain, 1.0)
        facets = mesh.facets.find(mesh.boundaries[boundary])
        dofs = fem.locate_dofs_topological(V, mesh.domain.topology.dim - 1, facets)
        self._a, self._L = (fem.form(f) for f in (ufl.inner(ufl.grad(u), ufl.grad(v)) * ufl.dx, one * v * ufl.dx))
        self._bcs = [fem.dirichletbc(0.0, dofs, V)]
        self._A, self._b = petsc.create_matrix(self._a), petsc.create_vector(V)
        self._x = self._A.createVecRight()
        self._ksp = PETSc.KSP().create(mesh.domain.comm)
        self._ksp.setOptionsPrefix("poisson_")
        for name, value in (MULTIGRID | {"ksp_type": "cg", "ksp_rtol": 1e-8}).items():
            PETSc.Options()["poisson_" + name] = value
        self._ksp.setOperators(self._A)
        self._ksp.setFromOptions()

    def solve(self) -> None:
        """One Poisson unit of work."""
        self._A.zeroEntries()
        petsc.assemble_matrix(self._A, self._a, bcs=self._bcs)
        self._A.assemble()
        self._b.set(0.0)
        petsc.assemble_vector(self._b, self._L)
        self._b.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        petsc.set_bc(self._b, self._bcs)
        self._ksp.setUp()
        self._ksp.solve(self._b, self._x)


def poisson_unit(mesh: Mesh, order: int, boundary: str) -> float:
    """Seconds of one PU on a mesh, held at a boundary."""
    poisson = Poisson(mesh, order, boundary)
    poisson.solve()
    return median_time(poisson.solve)


class Ratio(NamedTuple):
    """Cost of an action in PU: median, smallest and largest; and the seconds of one PU."""

    median: float
    low: float
    high: float
    unit: float

    def __str__(self) -> str:
        return f"{self.median:.1f} ({self.low:.1f} to {self.high:.1f})"


def ratio(poisson: Poisson, action: Callable[[], object], repeats: int = REPEATS) -> Ratio:
    """An action against the Poisson solves before and after it."""
    poisson.solve()
    action()
    units, found = [seconds(poisson.solve)], []
    for _ in range(repeats):
        spent = seconds(action)
        units.append(seconds(poisson.solve))
        found.append(2 * spent / (units[-2] + units[-1]))
    return Ratio(statistics.median(found), min(found), max(found), statistics.median(units))


def cold(problem: Problem, solver: Solver) -> Callable[[], object]:
    """One solve from a uniform temperature."""

    def solve() -> None:
        problem.set_initial(440.0)
        solver.solve(cold=True)

    return solve


def sweep(mesh: Mesh, case: Case, poisson: Poisson) -> Ratio:
    """One further point of a sweep over the current, without its quantities: the points after the first four."""
    setups = [case.vary({"terminals.plus.current": float(amperes)}).setup(case.names()) for amperes in CURRENTS]
    problem = Problem(mesh, setups[0])
    walk = Continuation(problem, Solver(problem, SolverSettings(preset="iterative", tolerance=LOOSE)), Facts())
    for setup in setups[:4]:
        walk.reach(setup)
    found, unit = [], [seconds(poisson.solve)]
    for setup in setups[4:]:
        spent = seconds(lambda setup=setup: walk.reach(setup))
        unit.append(seconds(poisson.solve))
        found.append(2 * spent / (unit[-2] + unit[-1]))
    return Ratio(statistics.median(found), min(found), max(found), statistics.median(unit))


def resident() -> float:
    """Largest resident memory so far, summed over ranks [bytes]."""
    return float(MPI.COMM_WORLD.allreduce(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))


def row(size: str, order: int, repeats: int, *, with_sweep: bool) -> str:
    """One row of the table."""
    comm, idle = MPI.COMM_WORLD, resident()
    case = Case.load(CASE, {"mesh.size": size, "mesh.order": order, "terminals.plus.current": "4 A"})
    start = time.perf_counter()
    mesh = Mesh.of(mesh_model(case.geometry, case.mesh, comm))
    meshing = time.perf_counter() - start
    problem = Problem(mesh, case.setup(case.geometry.names()))
    solver = Solver(problem, SolverSettings(preset="iterative", tolerance=EXACT))
    solve = cold(problem, solver)
    solve()
    memory = (resident() - idle) / solver.unknowns
    poisson = Poisson(mesh, order, "cold")
    iterative = ratio(poisson, solve, repeats)
    its, newton = solver._report.linear_iterations, solver._report.newton_iterations
    point = sweep(mesh, case, poisson) if with_sweep else "not run"
    direct = "not run"
    if solver.unknowns < 20_000:
        direct = str(ratio(poisson, cold(problem, Solver(problem, SolverSettings(preset="direct"))), repeats))
    cells = [
        size,
        order,
        solver.unknowns,
        f"{meshing:.1f}",
        f"{iterative.unit:.3f}",
        iterative,
        f"{newton}, {its}",
        f"{1e6 * iterative.median * iterative.unit / solver.unknowns:.1f}",
        f"{memory / 1000:.1f}",
        direct,
        point,
    ]
    return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("grids", nargs="*", metavar="SIZE:ORDER", help="such as 0.3mm:1; default: those of the README")
    parser.add_argument("--repeats", type=int, default=REPEATS, help="default: %(default)s")
    parser.add_argument("--no-sweep", action="store_true", help="leave the sweep out, which takes longest")
    arguments = parser.parse_args()
    given = [(g.rpartition(":")[0], int(g.rpartition(":")[2])) for g in arguments.grids]
    comm = MPI.COMM_WORLD
    compilation.prepare(comm)
    if comm.rank == 0:
        print(f"{comm.size} rank(s)\n")
        print(
            "| size | order | unknowns | mesh [s] | PU [s] | cold [PU] | Newton, Krylov | µs/unknown | kB/unknown "
            "| direct [PU] | sweep point [PU] |\n|---|---|---|---|---|---|---|---|---|---|---|",
            flush=True,
        )
    for grid in given or GRIDS:
        line = row(*grid, arguments.repeats, with_sweep=not arguments.no_sweep)
        if comm.rank == 0:
            print(line, flush=True)


if __name__ == "__main__":
    main()
