"""What a case will cost, before it is meshed: unknowns, memory and time, rough, from constants that stand here.

And whether that fits into the memory at hand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from mpi4py import MPI

import numpy as np

from thermolyte.case import Case
from thermolyte.check import fields_of
from thermolyte.errors import InputError
from thermolyte.geometry.grid_shape import GridShape
from thermolyte.geometry.imported import Imported
from thermolyte.machine import Memory, at_hand
from thermolyte.physics.local import DISPLACEMENT, POTENTIAL
from thermolyte.presets import suited
from thermolyte.setup import Setup
from thermolyte.studies.accuracy import MEMORY as ERROR_BARS
from thermolyte.studies.run import Task
from thermolyte.studies.steps import at_every_point, in_time
from thermolyte.studies.study import Ageing, Impedance, Map

# Measured on legs and modules; at order 3, which displacements have beside fields of order 2, by (3/2)³.
NODES_PER_CELL = {
    ("tetrahedron", 1): 0.31, ("tetrahedron", 2): 1.7, ("tetrahedron", 3): 5.7,
    ("hexahedron", 1): 1.3, ("hexahedron", 2): 9.0, ("hexahedron", 3): 30.0,
}  # fmt: skip

PROGRAM = 0.35e9
"""Memory of each rank before anything is meshed, bytes."""

ITERATIVE = 4e3
"""Memory per unknown with multigrid, bytes."""

DIRECT, DENSE_FROM = 8e3, 1e5
"""Memory per unknown with factors at so many unknowns, bytes; in three dimensions it grows with their cube root."""

SECONDS = 25e-6
"""Time of one nonlinear solve per unknown on one core, s."""

START = 120.0
"""Time before the first solve: loading, compiling, meshing, s."""

SOLVES_PER_OPTIMUM, SOLVES_PER_STRETCH, SOLVED_OF_MAP = 8, 200, 0.5
"""Solves that the search of an optimum takes, and a stretch of a study in time; share of a map that is solved."""

SOLVES_PER_AGE, SOLVES_PER_MEASUREMENT = 60, 2
"""Solves from one kept time of an ageing study to the next, and of what is measured there, without optima."""

UNKNOWNS_PER_RANK, MOST_RANKS = 50_000, 16
"""A rank with fewer unknowns talks more than it computes; a node has seldom more cores for one user."""

SAFETY = 2.0
"""What is asked of a scheduler, over the estimate: who asks for too little loses the run."""


class Cost(NamedTuple):
    """Cost of points of a study: memory of the largest one, time of all."""

    largest: Case
    unknowns: float
    preset: str
    fields: float
    """Memory of mesh, matrices and solver, summed over ranks, bytes."""
    solves: int
    seconds: float
    """On one core."""

    def memory(self, ranks: int) -> float:
        """Memory of all ranks together, bytes."""
        return self.fields + ranks * PROGRAM

    @property
    def ranks(self) -> int:
        """Number of ranks that share the work well."""
        return min(MOST_RANKS, max(1, round(self.unknowns / UNKNOWNS_PER_RANK)))

    def time(self, ranks: int, shares: int = 1) -> float:
        """Time of a run, or of each of its shares, s."""
        return START + self.seconds / (ranks * shares)


def cost(points: Sequence[tuple[Task, Case]]) -> Cost:
    """Cost of these points, one or more."""
    each = [_point(task, case) for task, case in points]
    largest = max(each, key=lambda point: point.fields)
    return largest._replace(solves=sum(p.solves for p in each), seconds=sum(p.seconds for p in each))


def _point(task: Task, case: Case) -> Cost:
    setup = case.setup(case.names())
    size, number = unknowns(case, setup, case.geometry.expected_cells(case.mesh)), solves(task, case)
    preset = _preset(case, setup, size)
    barred = _unknowns_above(case, setup)
    memory = _memory(setup, size, preset) + barred * ERROR_BARS
    return Cost(case, size, preset, memory, number, number * (size + barred) * SECONDS)


def _unknowns_above(case: Case, setup: Setup) -> float:
    """Those that error bars take, one order above, on the first mesh; how far it will be refined, nobody knows."""
    if case.mesh.accuracy is None:
        return 0.0
    above = case.with_mesh(case.mesh.model_copy(update={"order": case.mesh.order + 1}))
    return unknowns(above, setup, case.geometry.expected_cells(case.mesh))


def check_memory(comm: MPI.Comm, cost: Cost) -> None:
    """Refuse a run that would not fit into the memory of one of its nodes.

    Raises:
        InputError: with the estimate, what is at hand, and what to choose; on all ranks.
    """
    node = comm.Split_type(MPI.COMM_TYPE_SHARED)
    needed = cost.memory(comm.size) * node.size / comm.size
    node.Free()
    least, have = max(comm.allgather((needed, at_hand())), key=lambda pair: pair[0] / pair[1].bytes)
    if least <= have.bytes:
        return
    where = "" if least == cost.memory(comm.size) else " on one of the nodes"
    raise InputError(
        f"{cost.largest.place('mesh')}: this would run out of memory: about {rough(cost.unknowns)} unknowns with the "
        f"{cost.preset} solver need some {least / 1e9:.2g} GB{where}, and {have.bytes / 1e9:.2g} GB are at hand "
        f"({have.source}). Choose {_choices(cost, have)}"
    )


def _choices(cost: Cost, have: Memory) -> str:
    """What would make the run smaller, or the memory larger."""
    case, out = cost.largest, []
    if cost.preset == "direct" and case.physics.names == ("thermoelectricity",):
        out.append("solver.preset: iterative")
    if isinstance(case.geometry, GridShape):
        out.append("fewer cells (mesh.division below 1)")
    elif not isinstance(case.geometry, Imported):
        out.append("a larger mesh.size")
    if case.mesh.order > 1:
        out.append("mesh.order: 1")
    more = "more memory for the job (--mem)" if have.source.startswith("SLURM") else "a machine with more memory"
    return ", ".join([*out, f"or {more}" if out else more])


def unknowns(case: Case, setup: Setup, cells: int) -> float:
    """Rough number of unknowns."""
    order, total = case.mesh.order, float(len(setup.terminals))
    if isinstance(case.geometry, GridShape):
        for number, r in enumerate(setup.regions):
            for field in solved_fields(setup, r):
                displaced = field == DISPLACEMENT
                components = setup.coordinates.dim if displaced else 1
                total += components * _nodes(case.geometry, case.mesh.division, number, order + displaced)
        return total
    fields = set().union(*(solved_fields(setup, r) for r in setup.regions))
    for field in fields:
        displaced = field == DISPLACEMENT
        total += (3 if displaced else 1) * cells * NODES_PER_CELL[case.mesh.cells, order + displaced]
    return total


def rough(number: float) -> int:
    """Two digits of an estimate."""
    return int(float(f"{number:.2g}"))


def solved_fields(setup: Setup, region: str) -> set[str]:
    """The fields of a region, without the potential of a metal that is one number."""
    return fields_of(setup, region) - ({POTENTIAL} if region in setup.lumped else set())


def solves(task: Task, case: Case) -> int:
    """Nonlinear solves of one point; a frequency counts as one."""
    if task.objective:
        return SOLVES_PER_OPTIMUM
    if isinstance(case.study, Map):  # its tasks are its corners
        return math.ceil(SOLVED_OF_MAP * case.study.total / len(case.study.corners()))
    study, (stretches, _) = at_every_point(case)[0], in_time(case)
    if isinstance(study, Ageing):
        measurement = SOLVES_PER_MEASUREMENT + SOLVES_PER_OPTIMUM * len(study.measure.find)
        return 1 + SOLVES_PER_AGE * len(study.kept) + measurement * (1 + len(study.kept))
    number = SOLVES_PER_STRETCH * len(stretches.stretches) if stretches else 1
    return number + (len(study.frequencies) if isinstance(study, Impedance) else 0)


def _nodes(geometry: GridShape, division: float, region: int, order: int) -> float:
    """Nodes of a region of a structured grid; those on interfaces count for both sides."""
    lines = geometry.lines(division)
    cells = int(np.sum(geometry.filled(lines) == region))
    across = [len(line) - 1 for line in lines[:-1]]
    return math.prod(n * order + 1 for n in across) * (cells / math.prod(across) * order + 1)


def _preset(case: Case, setup: Setup, size: float) -> str:
    """The preset that the solver will choose."""
    if case.solver.preset != "auto":
        return case.solver.preset
    return suited(size, thermoelectric=setup.physics.names == ("thermoelectricity",))


def _memory(setup: Setup, size: float, preset: str) -> float:
    """Bytes for so many unknowns."""
    if preset == "iterative":
        return ITERATIVE * size
    return DIRECT * size * (max(1.0, size / DENSE_FROM) ** (1 / 3) if setup.coordinates.dim == 3 else 1.0)
