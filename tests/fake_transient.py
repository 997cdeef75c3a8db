"""A small electrochemical slab for the time stepper and the checkpoint: diffusion, an algebraic potential, a charge."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mpi4py import MPI

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem, mesh


@dataclass
class Domain:
    domain: mesh.Mesh


@dataclass
class Slab:
    """ċ = (D c')' with D c' = −J at 0 and 0 at L; (κ φ')' = 0 with κ φ' = −i at 0 and φ = 0 at L; q̇ = i.

    The current density i is `current`, or with a potentiostat V − φ(0) − e^c(0); the supply ∫x `source` feeds q alone.
    """

    cells: int = 40
    degree: int = 2
    length: float = 1.0
    diffusivity: float = 1.0
    potentiostatic: bool = False
    accepted: list[float] = field(default_factory=list)
    entity_maps: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        domain = mesh.create_interval(MPI.COMM_WORLD, self.cells, (0.0, self.length))
        self.mesh = Domain(domain)
        V = fem.functionspace(domain, ("Lagrange", self.degree))
        W = V.clone()  # Dirichlet conditions find their block by its space
        R = fem.functionspace(domain, basix.ufl.real_element(domain.basix_cell(), ()))
        self.u = [fem.Function(V, name="c"), fem.Function(W, name="phi"), fem.Function(R, name="q")]
        self.rates = [fem.Function(w.function_space) for w in self.u]
        self.differential = [True, False, True]
        self.current, self.voltage, self.source = (fem.Constant(domain, x) for x in (1.0, 1.0, 0.0))
        self.time_step = fem.Constant(domain, 1.0)
        ends = [lambda x: np.isclose(x[0], 0.0), lambda x: np.isclose(x[0], self.length)]
        facets = [mesh.locate_entities_boundary(domain, 0, e) for e in ends]
        tags = mesh.meshtags(domain, 0, facets[0], np.ones(len(facets[0]), np.int32))
        self.dx = ufl.dx(domain, metadata={"quadrature_degree": 4})
        self.ds = ufl.Measure("ds", domain, subdomain_data=tags)(1)
        self.surface = fem.locate_dofs_topological(V, 0, facets[0])
        self.bcs = [fem.dirichletbc(0.0, fem.locate_dofs_topological(W, 0, facets[1]), W)]
        self._compose()

    def _compose(self) -> None:
        c, phi, _ = self.u
        v, w, p = ufl.TestFunctions(ufl.MixedFunctionSpace(*(x.function_space for x in self.u)))
        i = 1.0 * (self.voltage - phi - ufl.exp(c)) if self.potentiostatic else self.current
        D, x = self.diffusivity, ufl.SpatialCoordinate(self.mesh.domain)[0]
        F = self.rates[0] * v * self.dx + D * c.dx(0) * v.dx(0) * self.dx - i * v * self.ds
        F += phi.dx(0) * w.dx(0) * self.dx - i * w * self.ds
        F += self.rates[2] * p / self.length * self.dx - i * p * self.ds - self.source * x * p * self.dx
        self.F = ufl.extract_blocks(F)
        self._inventory = fem.form(c * self.dx)

    def accept_step(self) -> None:
        self.accepted.append(float(self.time_step.value))

    def at_surface(self, block: int) -> float:
        values = self.u[block].x.array[self.surface]
        return float(MPI.COMM_WORLD.allreduce(values.max() if len(values) else -np.inf, MPI.MAX))

    def inventory(self) -> float:
        return float(MPI.COMM_WORLD.allreduce(fem.assemble_scalar(self._inventory)))

    def charge(self) -> float:
        values = self.u[2].x.array
        return float(MPI.COMM_WORLD.allreduce(values[0] if len(values) else -np.inf, MPI.MAX))
