"""A body of one medium with hand-made spaces: the forms of mechanics without the rest of the program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace

import basix.ufl
import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh
from dolfinx.fem.petsc import NonlinearProblem

from thermolyte.coordinates import Coordinates, Weighted
from thermolyte.parameters import Parameters
from thermolyte.physics import mechanics
from thermolyte.physics.local import CONCENTRATION, DISPLACEMENT, MECHANICAL_POTENTIAL, TEMPERATURE, Local
from thermolyte.physics.options import PhysicsOptions

MUMPS = {
    "ksp_type": "preonly",
    "pc_type": "lu",
    "pc_factor_mat_solver_type": "mumps",
    "snes_rtol": 1e-11,
    "snes_atol": 1e-20,
    "snes_stol": 1e-15,
    "snes_max_it": 25,
    "snes_linesearch_type": "bt",
}


@dataclass
class Metal:
    """What mechanics asks of a medium."""

    E: float = 45e9
    nu: float = 0.29
    alpha: Callable = lambda _: 0.0
    omega: float = 0.0
    softening: float = 0.0
    """E(x) = E (1 − softening x)."""
    strength: float | None = None
    hardening: float = 0.0
    creep: SimpleNamespace | None = None
    stores_species: bool = False
    deforms: bool = True
    initial_concentration: float = 0.0
    capacity: float = 7e4

    @property
    def yields(self):
        return self.strength is not None

    @property
    def creeps(self):
        return self.creep is not None

    def composition(self, c):
        return c / self.capacity

    def young_modulus(self, x, T):  # noqa: ARG002
        return self.E * (1 - self.softening * x) if self.softening else ufl.as_ufl(self.E)

    def poisson_ratio(self, T):  # noqa: ARG002
        return self.nu

    def thermal_expansion(self, T):
        return self.alpha(T)

    def partial_molar_volume(self):
        return self.omega

    def yield_strength(self, T):  # noqa: ARG002
        return self.strength

    def hardening_modulus(self, T):  # noqa: ARG002
        return self.hardening

    def creep_rate(self, T):  # noqa: ARG002
        return self.creep.rate


def physics(strain="small", stress_free=300.0):
    """Options with mechanics and diffusion."""
    given = {"strain": strain, "stress_free_temperature": stress_free}
    return PhysicsOptions.model_validate({"mechanics": given, "diffusion": {}, "temperature": 300.0})


@dataclass(frozen=True)
class Plane:
    """Points with x[axis] = value."""

    axis: int
    value: float

    def __call__(self, x):
        return np.isclose(x[self.axis], self.value)

    def indicator(self, x):
        return ufl.conditional(ufl.lt(abs(x[self.axis] - self.value), 1e-9), 1.0, 0.0)


@dataclass
class Body:
    """Displacement of order 2 on a mesh, with given concentration and temperature."""

    domain: mesh.Mesh
    medium: Metal
    kind: str = "cartesian"
    strain: str = "small"
    degree: int = 4
    element: str = "Lagrange"
    concentration: object = 0.0
    temperature: float = 300.0
    bcs: list = field(default_factory=list)
    terms: list = field(default_factory=list)

    def __post_init__(self):
        domain, dim = self.domain, self.domain.geometry.dim
        self.coordinates = Coordinates(self.kind, dim)
        self.x = ufl.SpatialCoordinate(domain)
        self.V = fem.functionspace(domain, (self.element, 2, (dim,)))
        self.u, self.v = fem.Function(self.V), ufl.TestFunction(self.V)
        self.step = fem.Constant(domain, 1.0)
        self.T = fem.Constant(domain, self.temperature)
        self.options = physics(self.strain)
        self.memory = {n: self._quadrature(x) for n, x in mechanics.memory(self.medium, self.options).items()}
        self.dx = self.over(ufl.Measure("dx", domain, metadata={"quadrature_degree": self.degree}))

    def _quadrature(self, initial):
        cell = self.domain.basix_cell()
        element = basix.ufl.quadrature_element(cell, value_shape=initial.shape, degree=self.degree)
        f = fem.Function(fem.functionspace(self.domain, element))
        f.x.array[:] = np.tile(initial.ravel(), f.x.array.size // max(initial.size, 1))
        return f

    def over(self, measure):
        return measure if self.coordinates.is_plain else Weighted(measure, self.coordinates.weight(self.x))

    def here(self, u=None, v=None, **fields) -> Local:
        fields = {TEMPERATURE: self.T, CONCENTRATION: ufl.as_ufl(self.concentration), **fields}
        tests = {DISPLACEMENT: self.v if v is None else v}
        u = {DISPLACEMENT: self.u if u is None else u, **fields}
        return Local(self.medium, u, tests, {}, self.options, self.coordinates, self.x, self.memory, self.step)

    def facets(self, where):
        return mesh.locate_entities_boundary(self.domain, self.domain.topology.dim - 1, where)

    def ds(self, where: Plane):
        """Surface measure of a plane piece of the boundary."""
        measure = ufl.Measure("ds", self.domain, metadata={"quadrature_degree": 5})
        return Weighted(measure, self.coordinates.weight(self.x) * where.indicator(self.x))

    def hold(self, where, component, value=0.0):
        """Prescribe a component; returns the constant that holds it."""
        alone = self.domain.geometry.dim == 1  # a vector of one component has no subspaces
        part = self.V if alone else self.V.sub(component)
        dofs = fem.locate_dofs_topological(part, self.domain.topology.dim - 1, self.facets(where))
        constant = fem.Constant(self.domain, float(value))
        self.bcs.append(fem.dirichletbc(constant, dofs, part))
        return constant

    def load(self, condition, where) -> Parameters:
        """Add a natural condition."""
        p, n = Parameters(condition, self.domain), ufl.FacetNormal(self.domain)
        self.terms.append(condition.integrand(p, self.here(), n) * self.ds(where))
        return p

    def problem(self, extra: Sequence = ()):
        F = mechanics.residual(self.here(), self.dx) + sum((*self.terms, *extra), ufl.Form([]))
        Body.count = getattr(Body, "count", 0) + 1
        prefix = f"solid{Body.count}_"
        return NonlinearProblem(F, self.u, bcs=self.bcs, petsc_options_prefix=prefix, petsc_options=MUMPS)

    def solve(self, extra: Sequence = ()):
        problem = self.problem(extra)
        problem.solve()
        assert problem.solver.getConvergedReason() > 0
        return problem

    def accept(self):
        """End of a step: take over the internal variables."""
        if not hasattr(self, "_updates"):
            new = mechanics.updated(self.here())
            self._updates = {
                n: fem.Expression(e, self.memory[n].function_space.element.interpolation_points) for n, e in new.items()
            }
            self._values = {n: fem.Function(self.memory[n].function_space) for n in new}
        for n, e in self._updates.items():
            self._values[n].interpolate(e)
        for n, f in self._values.items():
            self.memory[n].x.array[:] = f.x.array

    def mean(self, expression):
        """Mean over the body."""
        one = fem.Constant(self.domain, 1.0)
        parts = [fem.assemble_scalar(fem.form(f * self.dx)) for f in (expression, one)]
        total, volume = (self.domain.comm.allreduce(x) for x in parts)
        return total / volume

    def error(self, expression, exact):
        """Root mean square of a difference."""
        difference = expression - exact
        return np.sqrt(self.mean(ufl.inner(difference, difference)))


def with_potential(here: Local, m, y) -> Local:
    """The same region with a field for the mechanical potential."""
    u, v = {**here.u, MECHANICAL_POTENTIAL: m}, {**here.v, MECHANICAL_POTENTIAL: y}
    return here._replace(u=u, v=v)


# Assertions on numbers only: pytest writes out the arguments of a call that fails, and a law of plasticity has no end.
def same(value: float, wanted: float, rel: float = 0.0, abs: float = 0.0):
    """Assert that a value is as wanted."""
    assert value == pytest.approx(wanted, rel=rel, abs=abs)


def below(value: float, tolerance: float):
    """Assert that an error is below its tolerance."""
    assert value < tolerance
