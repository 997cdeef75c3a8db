"""The Jacobian of a problem against finite differences of its residual."""

from __future__ import annotations

import itertools

from petsc4py import PETSc

import numpy as np
from dolfinx import fem
from dolfinx.fem.forms import derivative_block
from dolfinx.fem.petsc import assemble_matrix, assemble_vector

from thermolyte.physics.local import DISPLACEMENT, INTERLAYER, REACTION_LAYER

STEP = 1e-5
# Size of a change, in units of the field; 1 for all others.
DIRECTION = {DISPLACEMENT: 1e3, INTERLAYER: 1e-4, REACTION_LAYER: 1e-3}


def jacobian_error(problem, rng):
    """Relative error of J·x for a random x, for the rows of each block by number and field."""
    comm = problem.mesh.domain.comm
    F = fem.form(problem.F, entity_maps=problem.entity_maps)
    J = fem.form(derivative_block(problem.F, problem.u), entity_maps=problem.entity_maps)
    A = assemble_matrix(J, kind="mpi")
    A.assemble()
    start = problem.state()
    sizes = [V.dofmap.index_map.size_local * V.dofmap.index_map_bs for V in problem.spaces]
    blocks = list(itertools.pairwise(np.cumsum([0, *sizes])))
    x, y = A.createVecs()
    scales = [DIRECTION.get(problem.field_of(i), 1.0) for i in range(len(sizes))]
    x.setArray(np.concatenate([s * rng.uniform(-1, 1, n) for s, n in zip(scales, sizes, strict=True)]))
    A.mult(x, y)

    def residual(h):
        for u, u0, (a, b) in zip(problem.u, start, blocks, strict=True):
            u.x.array[: b - a] = u0[: b - a] + h * x.array[a:b]
            u.x.scatter_forward()
        b = assemble_vector(F, kind="mpi")
        b.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        return b.array.copy()

    difference = (residual(STEP) - residual(-STEP)) / (2 * STEP)
    found = {}
    for i, (a, b) in enumerate(blocks):
        error, size = (comm.allreduce(np.sum(v[a:b] ** 2)) for v in (y.array - difference, y.array))
        assert size > 0
        found[f"{i} {problem.field_of(i)}"] = float(np.sqrt(error / size))
    return found
