"""The problem in thermolyte, through its public calls, on as many ranks as mpirun starts."""

from __future__ import annotations

import sys

from mpi4py import MPI

import basix.ufl
import numpy as np
import ufl
from dolfinx import graph, io
from dolfinx import mesh as dmesh
from model import CASE
from protocol import Answers, Model, arguments, clock, peak_memory, report

import thermolyte
from thermolyte import compilation
from thermolyte.case import Case
from thermolyte.mesh import Mesh
from thermolyte.problem import Problem
from thermolyte.quantities import Quantities
from thermolyte.solver import Solver, SolverSettings

COMM = MPI.COMM_WORLD
START = 442.0  # K: the middle


def distribute(model: Model) -> Mesh:
    """The mesh over all ranks, with its names; rank 0 gives the arrays."""

    def given(array: np.ndarray) -> np.ndarray:
        return array if COMM.rank == 0 else array[:0]

    element = basix.ufl.element("Lagrange", "tetrahedron", 1, shape=(3,))
    partitioner = dmesh.create_cell_partitioner(dmesh.GhostMode.shared_facet, 2)
    cells = given(model.cells).astype(np.int64)
    domain = dmesh.create_mesh(COMM, cells, ufl.Mesh(element), given(model.points), partitioner)

    def tags(dim: int, corners: np.ndarray, values: np.ndarray) -> dmesh.MeshTags:
        entities = given(corners).astype(np.int64), given(values).astype(np.int32)
        local, numbers = io.distribute_entity_data(domain, dim, *entities)
        domain.topology.create_connectivity(dim, 0)
        return dmesh.meshtags_from_entities(domain, dim, graph.adjacencylist(local), numbers)

    names = [{name: i for i, name in enumerate(of)} for of in (model.regions, model.boundaries)]
    return Mesh(domain, tags(3, model.cells, model.region), tags(2, model.facets, model.boundary), *names)


class Run:
    """One problem with its solver: `solve` is what is timed."""

    def __init__(self, mesh: Mesh, preset: str):
        case = Case.load(CASE)
        self.problem = Problem(mesh, case.setup(case.geometry.names()))
        self.solver = Solver(self.problem, SolverSettings(preset=preset))
        self.device = case.device_of_numbers()

    def solve(self) -> int:
        """Solve from a uniform temperature; gives the steps of Newton's method."""
        self.problem.set_initial(START)
        return self.solver.solve(cold=True).newton_iterations

    def answers(self, steps: int) -> Answers:
        """The numbers of the device."""
        values = Quantities(self.problem, self.device).evaluate()
        return Answers(*(values[n] for n in ("current", "hot_heat_flow", "cold_heat_flow")), steps)


def main() -> None:
    """Protocol as in `protocol.measure`, over all ranks; the slowest counts, memory is summed."""
    model, preset, _ = arguments()
    compilation.prepare(COMM)
    mesh = distribute(model)
    idle = peak_memory(now=True)
    Run(mesh, preset)  # compiles
    COMM.barrier()
    clocks = [clock()]
    run = Run(mesh, preset)
    clocks.append(clock())
    steps = run.solve()
    COMM.barrier()
    clocks.append(clock())
    (setup, _), (seconds, cpu) = np.diff(clocks, axis=0)
    cpu, idle, peak = COMM.allreduce(np.array([cpu, idle, peak_memory()]))
    answers = run.answers(steps)
    if COMM.rank == 0:
        times = {"seconds": seconds, "cpu": cpu, "setup": setup}
        report(answers, model.voltage, idle=idle, peak=peak, version=thermolyte.__version__, **times)


if __name__ == "__main__":
    sys.exit(main())
