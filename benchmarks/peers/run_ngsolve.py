"""The problem in NGSolve: compiled forms, PARDISO, sparse Cholesky, h1amg, BDDC.

The potential is stored in units of 4 mV. A term of the form is written once per region, with its own polynomials.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import netgen.meshing as ngm
import ngsolve as ng
import numpy as np
from ngsolve.krylovspace import CGSolver, GMResSolver
from protocol import ACCURATE, POTENTIAL_UNIT, Answers, Model, arguments, measure

ONE_POINT = {ng.TET: ng.IntegrationRule(points=[(0.25, 0.25, 0.25)], weights=[1 / 6])}
VERTICES = {ng.TRIG: ng.IntegrationRule(points=[(0, 0), (1, 0), (0, 1)], weights=[1 / 6] * 3)}

PRECONDITIONERS = ("h1amg", "bddc")
BLOCK_SOLVERS = {
    "sparsecholesky-blocks": "sparsecholesky",
    "pardiso-blocks": "pardiso",
    "h1amg": "h1amg",
    "bddc": "bddc",
}


def mesh_of(model: Model) -> ng.Mesh:
    """The mesh with its names; points keep their numbers."""
    mesh = ngm.Mesh(dim=3)
    mesh.AddPoints(model.points)
    for i, name in enumerate(model.regions):
        mesh.AddRegion(name, dim=3)
        mesh.AddElements(dim=3, index=i + 1, data=model.cells[model.region == i].astype(np.int32), base=0)
    for i, name in enumerate(model.boundaries):
        mesh.Add(ngm.FaceDescriptor(surfnr=i + 1, domin=1, bc=i + 1))
        mesh.SetBCName(i, name)
        mesh.AddElements(dim=2, index=i + 1, data=model.facets_of(name).astype(np.int32), base=0)
    return ng.Mesh(mesh)


class Module:
    """Spaces and forms."""

    def __init__(self, model: Model, mesh: ng.Mesh):
        self.model, self.mesh = model, mesh
        self.heat = ng.H1(mesh, order=1, dirichlet="hot|cold")
        self.charge = ng.H1(mesh, order=1)
        self.space = self.heat * self.charge
        self.n = self.heat.ndof
        self.body, self.form = (ng.BilinearForm(self.space) for _ in range(2))
        term = self._body()
        self.body += term
        self.form += term
        self._add_leads(self.form)
        self.u = ng.GridFunction(self.space)
        self.hot, self.cold, self.plus = (model.points_of(b) for b in ("hot", "cold", "plus"))

    def laws(self, T: Any) -> list[Any]:
        """S, σ and κ at T, with the coefficients of each region."""
        t, laws = T - self.model.reference, self.model.laws

        def by_region(values: np.ndarray) -> Any:
            return self.mesh.MaterialCF(dict(zip(self.model.regions, values.tolist(), strict=True)))

        c = [[by_region(laws[:, i, k]) for k in range(3)] for i in range(3)]
        return [c0 + t * (c1 + t * c2) for c0, c1, c2 in c]

    def _body(self) -> Any:
        """The integral over the body, as machine code."""
        (T, p), (v, w) = self.space.TnT()
        S, σ, κ = self.laws(T)
        U = POTENTIAL_UNIT
        J = -σ * (U * ng.grad(p) + S * ng.grad(T))
        q = S * T * J - κ * ng.grad(T)
        term = -q * ng.grad(v) + J * (U * ng.grad(p)) * v - U * J * ng.grad(w)
        return term.Compile(True, wait=True) * ng.dx(intrules=ONE_POINT)

    def _add_leads(self, form: ng.BilinearForm) -> None:
        (_, p), (v, w) = self.space.TnT()
        ρ = self.model.contact_resistivity
        for name, V in (("plus", self.model.voltage), ("minus", 0.0)):
            Jn = (POTENTIAL_UNIT * p - V) / ρ
            form += (POTENTIAL_UNIT * Jn * w - ρ * Jn**2 * v) * ng.ds(name, intrules=VERTICES)

    def start(self) -> None:
        """The middle temperature, no potential but that of `plus`."""
        T, p = self.u.components
        T.vec[:] = float(self.model.temperature.mean())
        for held, value in zip((self.hot, self.cold), self.model.temperature, strict=True):
            T.vec.FV().NumPy()[held] = value
        p.vec[:] = 0.0

    def answers(self, steps: int) -> Answers:
        """Flows from the residual."""
        F = self.u.vec.CreateVector()
        self.form.Apply(self.u.vec, F)
        heat = F.FV().NumPy()[: self.n].copy()
        self.body.Apply(self.u.vec, F)
        current = -F.FV().NumPy()[self.n :][self.plus].sum() / POTENTIAL_UNIT
        return Answers(current, heat[self.hot].sum(), -heat[self.cold].sum(), steps)


class Run:
    """One problem with one solver."""

    def __init__(self, problem: Module, solver: str):
        self.problem, (self.solver, _, limit) = problem, solver.partition(":")
        self.jacobians = int(limit or 99)

    def solve(self) -> Answers:
        """From nothing to the answers: conduction, then the potential, then Newton's method on both.

        After `jacobians` of them the last Jacobian stays.
        """
        p, inverse = self.problem, None
        p.start()
        blocks = self._conduction_and_potential()
        F, dx = p.u.vec.CreateVector(), p.u.vec.CreateVector()
        for step in range(40):
            p.form.Apply(p.u.vec, F)
            if self._done(F):
                return p.answers(step)
            if inverse is None or step < self.jacobians:
                p.form.AssembleLinearization(p.u.vec)
                inverse = self._krylov(*blocks) if self.solver in BLOCK_SOLVERS else self._factors()
            dx.data = inverse * F
            p.u.vec.data -= dx
        raise RuntimeError("Newton's method did not converge")

    def _done(self, F: Any) -> bool:
        """Whether what is left of the residual is small against the heat that flows in; held rows become zero."""
        p = self.problem
        heat = abs(F.FV().NumPy()[p.hot].sum())
        F.data = ng.Projector(p.space.FreeDofs(), True) * F
        return bool(ng.Norm(F) <= ACCURATE * heat)

    def _factors(self) -> Any:
        return self.problem.form.mat.Inverse(self.problem.space.FreeDofs(), self.solver)

    def _krylov(self, conduct: Any, charge: Any) -> Any:
        """GMRES on the coupled system, preconditioned by the potential first, then conduction with what is left."""
        p = self.problem
        A, (heat, current) = p.form.mat, (p.space.embeddings[i] for i in range(2))
        C, D = (e @ inverse @ e.T for e, inverse in ((heat, conduct), (current, charge)))
        pre = D + C @ (ng.IdentityMatrix(p.space.ndof) - A @ D)
        return GMResSolver(A, pre, tol=1e-3, maxiter=100)

    def _conduction_and_potential(self) -> list[Any]:
        """Solve the one, then the other, and keep the solvers; copper asks for more digits than its neighbours."""
        p = self.problem
        residual, inverses = ng.GridFunction(p.space), []
        self._alive: list[Any] = []  # what dies with its Python object while solvers still need it
        for i, (space, which) in enumerate(((p.heat, 2), (p.charge, 1))):
            a, inverse = self._laplace(space, which)
            field, rows = p.u.components[i].vec, residual.components[i].vec
            if i == 0:
                rows.data = a.mat * field
            else:
                p.form.Apply(p.u.vec, residual.vec)
            rows.data = ng.Projector(space.FreeDofs(), True) * rows
            correction = (CGSolver(a.mat, inverse, tol=1e-7, maxiter=200) * rows).Evaluate()
            field.data -= correction
            inverses.append(inverse)
        return inverses

    def _laplace(self, space: ng.H1, which: int) -> tuple[Any, Any]:
        """The operator of conduction (2) or of the potential (1) at the present temperature, and its solver."""
        p, model = self.problem, self.problem.model
        u, v = space.TnT()
        weight = 1.0 if which == 2 else POTENTIAL_UNIT**2
        c = weight * p.laws(p.u.components[0])[which]
        a = ng.BilinearForm(c * ng.grad(u) * ng.grad(v) * ng.dx(intrules=ONE_POINT), symmetric=True)
        if which == 1:
            a += weight / model.contact_resistivity * u * v * ng.ds("plus|minus", intrules=VERTICES)
        make = BLOCK_SOLVERS.get(self.solver, "sparsecholesky")
        self._alive.append(a)
        if make in PRECONDITIONERS:
            pre = ng.Preconditioner(a, make)
            a.Assemble()
            self._alive.append(pre)
            return a, pre.mat
        a.Assemble()
        return a, a.mat.Inverse(space.FreeDofs(), make)


def main() -> None:
    """Protocol as in `protocol.measure`."""
    model, solver, threads = arguments()
    ng.SetNumThreads(threads)
    mesh = mesh_of(model)
    problem = cache(lambda: Module(model, mesh))  # written once: NGSolve compiles whenever a form is written down
    with ng.TaskManager():
        measure(lambda: Run(problem(), solver).solve, model, version=ng.__version__)


if __name__ == "__main__":
    main()
