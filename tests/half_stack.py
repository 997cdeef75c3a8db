"""A hand-made electrode | electrolyte pair for tests of forms: meshes, submeshes and media without a Problem."""

from __future__ import annotations

from types import SimpleNamespace

from mpi4py import MPI
from petsc4py import PETSc

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem
from dolfinx import mesh as dmesh
from dolfinx.fem.forms import derivative_block
from dolfinx.fem.petsc import NonlinearProblem, assemble_matrix, assemble_vector

from thermolyte.coordinates import Coordinates
from thermolyte.physics.local import Local
from thermolyte.physics.options import PhysicsOptions

OPTIONS = PhysicsOptions.model_validate({"diffusion": {}, "electrochemistry": {}, "coupling": "two_way"})
DEGREE = {"quadrature_degree": 4}  # kinetics are no polynomials: the estimate of UFL is in the hundreds
SOLVER = {
    "snes_type": "newtonls",
    "snes_linesearch_type": "bt",
    "snes_rtol": 0.0,
    "snes_stol": 0.0,
    "snes_atol": 1e-10,
    "snes_max_it": 60,
    "ksp_type": "preonly",
    "pc_type": "lu",
    "pc_factor_mat_solver_type": "mumps",
}


def medium(**laws):
    """A medium with the given laws: numbers become laws of whatever is asked."""
    plain = {"conducts", "conducts_ions", "stores_species", "lumped", "initial_concentration", "maximum_concentration"}
    found = dict.fromkeys(("conducts", "conducts_ions", "stores_species", "lumped"), False)
    found |= {"open_circuit_potential": lambda *_: ufl.as_ufl(0.0), "thermodynamic_factor": lambda *_: ufl.as_ufl(1.0)}
    for name, law in laws.items():
        constant = name not in plain and not callable(law)
        found[name] = (lambda *_, value=law: ufl.as_ufl(value)) if constant else law
    made = SimpleNamespace(**found)
    made.at = lambda _: made  # its laws do not depend on the composition
    return made


class Layers:
    """Layers along z on an interval, or on a strip of one cell (x z) where an interface carries unknowns."""

    def __init__(self, layers, width=None):
        """`layers`: (name, thickness, cells)."""
        cells = [n for _, _, n in layers]
        ends = np.concatenate([[0.0], np.cumsum([t for _, t, _ in layers])])
        ghosts = dmesh.GhostMode.shared_facet
        n = sum(cells)
        if width is None:
            self.domain = dmesh.create_interval(MPI.COMM_SELF, n, [0.0, float(n)], ghost_mode=ghosts)
        else:
            box = [[0.0, 0.0], [width, float(n)]]
            self.domain = dmesh.create_rectangle(
                MPI.COMM_SELF, box, [1, n], dmesh.CellType.quadrilateral, ghost_mode=ghosts
            )
        self.axis = self.domain.geometry.dim - 1
        knots = np.concatenate(
            [np.linspace(a, b, k + 1)[:-1] for a, b, k in zip(ends[:-1], ends[1:], cells, strict=True)] + [ends[-1:]]
        )
        z = self.domain.geometry.x[:, self.axis]
        z[:] = np.interp(z, np.arange(n + 1), knots)
        self._tag([name for name, _, _ in layers], ends)

    def _tag(self, names, ends):
        domain, dim = self.domain, self.domain.topology.dim
        domain.topology.create_connectivity(dim - 1, dim)
        domain.topology.create_connectivity(dim, dim - 1)
        cells = np.arange(domain.topology.index_map(dim).size_local, dtype=np.int32)
        layer = np.searchsorted(ends, dmesh.compute_midpoints(domain, dim, cells)[:, self.axis]) - 1
        self.names, self.layer = names, layer
        self.cells = dmesh.meshtags(domain, dim, cells, layer.astype(np.int32))
        self.dx = ufl.Measure("dx", domain, subdomain_data=self.cells, metadata=DEGREE)
        outer = dmesh.exterior_facet_indices(domain.topology)
        where = dmesh.compute_midpoints(domain, dim - 1, outer)[:, self.axis]
        tags = np.where(np.isclose(where, 0.0), 1, np.where(np.isclose(where, ends[-1]), 2, 3)).astype(np.int32)
        self.facets = dmesh.meshtags(domain, dim - 1, outer, tags)
        self.ds = ufl.Measure("ds", domain, subdomain_data=self.facets, metadata=DEGREE)
        self.inner = [self._between(k) for k in range(len(names) - 1)]
        data = [(k, q.flatten()) for k, (q, _) in enumerate(self.inner)]
        self.dS = ufl.Measure("dS", domain, subdomain_data=data, metadata=DEGREE)

    def _between(self, k):
        """(cell, facet, cell, facet) of the interface above layer k, '+' in layer k; and its facets."""
        dim = self.domain.topology.dim
        link = self.domain.topology.connectivity(dim - 1, dim)
        pairs = [(f, link.links(f)) for f in range(link.num_nodes) if len(link.links(f)) == 2]
        facets = np.array([f for f, c in pairs if set(self.layer[c]) == {k, k + 1}], np.int32)
        kind = fem.IntegralType.interior_facet
        quads = fem.compute_integration_domains(kind, self.domain.topology, facets).reshape(-1, 4).copy()
        swap = self.layer[quads[:, 0]] != k
        quads[swap] = quads[swap][:, [2, 3, 0, 1]]
        return quads, facets

    def space(self, name, order=1):
        """A Lagrange space on a layer, and its entity map."""
        cells = self.cells.find(self.names.index(name))
        sub, entity_map, _, _ = dmesh.create_submesh(self.domain, self.domain.topology.dim, cells)
        return fem.functionspace(sub, ("Lagrange", order)), entity_map

    def interface_space(self, k):
        """A Lagrange space on the interface above layer k, and its entity map."""
        sub, entity_map, _, _ = dmesh.create_submesh(self.domain, self.domain.topology.dim - 1, self.inner[k][1])
        return fem.functionspace(sub, ("Lagrange", 1)), entity_map

    def real_space(self):
        """One global unknown."""
        return fem.functionspace(self.domain, basix.ufl.real_element(self.domain.basix_cell(), ()))

    def local(self, material, u, v, rate=None, options=OPTIONS):
        """What a physics sees of a layer."""
        kind = Coordinates("cartesian", self.domain.geometry.dim)
        return Local(material, u, v, rate or {}, options, kind, ufl.SpatialCoordinate(self.domain))


def restrict(here, side):
    """One side of an interface; constants have no side."""
    fields = [
        {f: x if isinstance(x, fem.Constant) else x(side) for f, x in part.items()}
        for part in (here.u, here.v, here.rate)
    ]
    return here._replace(u=fields[0], v=fields[1], rate=fields[2])


def solver(F, u, bcs, maps, prefix):
    """A nonlinear problem with a direct solver; `solve_checked` says when it fails."""
    options = SOLVER | {"snes_error_if_not_converged": True}
    return NonlinearProblem(
        F, u, bcs=bcs, kind="mpi", petsc_options=options, petsc_options_prefix=prefix, entity_maps=maps
    )


def jacobian_error(F, u, maps, h):
    """Relative difference between the Jacobian times a vector and the central difference of the residual."""
    rng = np.random.default_rng(0)
    residual_form = fem.form(F, entity_maps=maps)
    A = assemble_matrix(fem.form(derivative_block(F, u), entity_maps=maps), kind="mpi")
    A.assemble()
    start = [w.x.array.copy() for w in u]
    x, y = A.createVecs()
    x.setArray(rng.uniform(-1, 1, x.getLocalSize()))
    A.mult(x, y)

    def residual(step):
        offset = 0
        for w, w0 in zip(u, start, strict=True):
            w.x.array[:] = w0 + step * x.array[offset : offset + len(w0)]
            offset += len(w0)
        b = assemble_vector(residual_form, kind="mpi")
        b.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        return b.array.copy()

    difference = (residual(h) - residual(-h)) / (2 * h)
    for w, w0 in zip(u, start, strict=True):
        w.x.array[:] = w0
    return np.abs(y.array - difference) / np.abs(difference).max(), np.abs(difference)
