"""The program against a bare DOLFINx script of the same solve, in one run.

    ./thermolyte shell python benchmarks/overhead.py              # or: 0.3mm

Bare: `dolfinx.fem.petsc.NonlinearProblem` on the same forms, mesh and PETSc options, a monolithic matrix with a split
of its rows by field, Newton's method from a uniform temperature until the flows are exact to 1e-8. The program: the
same, as a run does it, and the quantities of the point. They alternate; README.md shows the ratios.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
from cost import CASE, EXACT, cold
from dolfinx.fem.petsc import NonlinearProblem

from thermolyte import compilation
from thermolyte.case import Case
from thermolyte.geometry import mesh_model
from thermolyte.mesh import Mesh
from thermolyte.newton import ORDER
from thermolyte.presets import options
from thermolyte.problem import Problem
from thermolyte.quantities import Quantities
from thermolyte.solver import Solver, SolverSettings

REPEATS = 3
FLOW = 10.0  # W: the scale of the module's heat


def bare(problem: Problem) -> Callable[[], object]:
    """The solve of a script without the program: forms and options in, a solution out."""
    nonlinear = NonlinearProblem(
        problem.F,
        problem.u,
        bcs=problem.bcs,
        kind="mpi",
        petsc_options_prefix="bare_",
        petsc_options=options("iterative", problem.setup.order)
        | {"snes_atol": EXACT * FLOW, "snes_rtol": 0.0, "snes_stol": 0.0, "ksp_rtol": 1e-5},
        entity_maps=problem.entity_maps,
    )
    sizes = [V.dofmap.index_map.size_local for V in problem.spaces]
    first = nonlinear.A.getOwnershipRange()[0] + np.concatenate([[0], np.cumsum(sizes)])
    fields = problem.blocks.fields
    rows = {
        f: np.concatenate([np.arange(a, b) for a, b, of in zip(first, first[1:], fields, strict=False) if of == f])
        for f in ORDER
    }
    pc = nonlinear.solver.getKSP().getPC()
    pc.setFieldSplitIS(*((f, PETSc.IS().createGeneral(r.astype(np.int32), nonlinear.A.comm)) for f, r in rows.items()))

    def solve() -> None:
        problem.set_initial(440.0)
        nonlinear.solve()
        assert nonlinear.solver.getConvergedReason() > 0

    return solve


def whole(case: Case, problem: Problem, solver: Solver) -> Callable[[], object]:
    """What a run does for a point."""
    solve, quantities = cold(problem, solver), Quantities(problem, case.device_of_numbers())

    def run() -> None:
        solve()
        quantities.evaluate()

    return run


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", nargs="*", default=["0.3 mm", "0.13 mm"], metavar="SIZE")
    comm = MPI.COMM_WORLD
    compilation.prepare(comm)
    print("| unknowns | bare [s] | program [s] | program / bare |\n|---|---|---|---|", flush=True)
    for size in parser.parse_args().sizes:
        case = Case.load(CASE, {"mesh.size": size, "terminals.plus.current": "4 A"})
        mesh = Mesh.of(mesh_model(case.geometry, case.mesh, comm))
        problem = Problem(mesh, case.setup(case.geometry.names()))
        solver = Solver(problem, SolverSettings(preset="iterative", tolerance=EXACT))
        actions = bare(problem), whole(case, problem, solver)
        spent = [[clock(action) for action in actions] for _ in range(REPEATS + 1)][1:]
        medians = [statistics.median(column) for column in zip(*spent, strict=True)]
        ratios = sorted(program / script for script, program in spent)
        spread = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        cells = solver.unknowns, *(f"{m:.2f}" for m in medians), spread
        print(f"| {' | '.join(map(str, cells))} |", flush=True)


def clock(action: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
