"""The problem in scikit-fem with PARDISO, SuperLU or pyamg.

Unknowns are x = (T, φ/4 mV). The properties are evaluated once per cell and step; the forms are linear in what is left.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.metadata import version

import numpy as np
import pyamg
import scipy.sparse as sp
import scipy.sparse.linalg as spla
import skfem
from protocol import ACCURATE, POTENTIAL_UNIT, Answers, Model, arguments, measure
from pypardiso import PyPardisoSolver
from skfem.helpers import dot, grad

Solve = Callable[[np.ndarray], np.ndarray]
SPD, GENERAL = 2, 11  # matrix types of PARDISO


@skfem.BilinearForm
def diffusion(u, v, w):
    """∫ c ∇u·∇v."""
    return w.c * dot(grad(u), grad(v))


@skfem.BilinearForm
def transport(u, v, w):
    """∫ (c ∇u + a u)·∇v − (e·∇u + r u) v."""
    return dot(w.c * grad(u) + w.a * u, grad(v)) - (dot(w.e, grad(u)) + w.r * u) * v


@skfem.BilinearForm
def flux(u, v, w):
    """∫ (c ∇u + a u)·∇v."""
    return dot(w.c * grad(u) + w.a * u, grad(v))


@skfem.BilinearForm
def heating(u, v, w):
    """∫ c ∇u·∇v − e·∇u v."""
    return w.c * dot(grad(u), grad(v)) - dot(w.e, grad(u)) * v


@skfem.LinearForm
def balance(v, w):
    """∫ −flux·∇v − source v."""
    return -dot(w.flux, grad(v)) - w.source * v


class State:
    """Fields, properties and fluxes of one iterate at the one point of each cell."""

    def __init__(self, problem: Module, x: np.ndarray):
        T, phi = problem.basis.interpolate(x[: problem.n]), problem.basis.interpolate(POTENTIAL_UNIT * x[problem.n :])
        self.T, self.grad_T, self.grad_phi = np.asarray(T.value), T.grad, phi.grad
        t = self.T - problem.model.reference
        c = problem.coefficients
        self.S, self.σ, self.κ = (c[k, 0] + t * (c[k, 1] + t * c[k, 2]) for k in range(3))
        self.dS, self.dσ, self.dκ = (c[k, 1] + 2 * t * c[k, 2] for k in range(3))
        self.E = self.grad_phi + self.S * self.grad_T
        self.J = -self.σ * self.E
        self.q = self.S * self.T * self.J - self.κ * self.grad_T


class Module:
    """Assembly."""

    def __init__(self, model: Model):
        self.model, self.n = model, len(model.points)
        mesh = skfem.MeshTet(*(np.ascontiguousarray(x.T) for x in (model.points, model.cells)))
        self.basis = skfem.Basis(mesh, skfem.ElementTetP1(), intorder=1)
        self.coefficients = model.laws[model.region].transpose(1, 2, 0)[..., None]
        self.hot, self.cold = (model.points_of(b) for b in ("hot", "cold"))
        self.held = np.concatenate([self.hot, self.cold])
        self.free = np.setdiff1d(np.arange(2 * self.n), self.held)
        self.free_T = np.setdiff1d(np.arange(self.n), self.held)
        self.plus, self.minus = (model.nodal_area(b) for b in ("plus", "minus"))
        self.conductance = (self.plus + self.minus) / model.contact_resistivity
        self.drop = self.plus / model.contact_resistivity * model.voltage
        self._csr: dict[str, tuple[np.ndarray, sp.csr_matrix]] = {}

    def matrix(self, form: skfem.BilinearForm, **w: np.ndarray) -> sp.csr_matrix:
        """The matrix of a form; where its entries go is found once."""
        coo = form.coo_data(self.basis, **w)
        if not self._csr:
            i, j = coo.indices
            pattern = sp.csr_matrix((np.ones(len(i)), (i, j)), shape=(self.n, self.n))
            pattern.sort_indices()
            keys = np.repeat(np.arange(self.n), np.diff(pattern.indptr)) * self.n + pattern.indices
            self._csr["P1"] = np.searchsorted(keys, i.astype(np.int64) * self.n + j), pattern
        place, pattern = self._csr["P1"]
        data = np.bincount(place, coo.data, minlength=pattern.nnz)
        return sp.csr_matrix((data, pattern.indices, pattern.indptr), shape=pattern.shape)

    def body(self, s: State) -> tuple[np.ndarray, np.ndarray]:
        """Residual without the leads: heat [W] and charge [A] of each point."""
        zero = np.zeros_like(s.T)
        heat = balance.assemble(self.basis, flux=s.q, source=-np.sum(s.J * s.grad_phi, axis=0))
        return heat, balance.assemble(self.basis, flux=s.J, source=zero)

    def lead_current(self, x: np.ndarray) -> np.ndarray:
        """Current out of each point into the leads [A]."""
        return self.conductance * POTENTIAL_UNIT * x[self.n :] - self.drop

    def residual(self, x: np.ndarray, s: State | None = None) -> np.ndarray:
        """Heat [W], and charge times 4 mV."""
        heat, charge = self.body(s or State(self, x))
        current = self.lead_current(x)
        joule = np.divide(current**2, self.conductance, out=np.zeros(self.n), where=self.conductance > 0)
        return np.concatenate([heat - joule, POTENTIAL_UNIT * (charge + current)])

    def jacobian(self, x: np.ndarray, s: State) -> sp.csr_matrix:
        """Derivative of the residual, held rows and columns left out."""
        U = POTENTIAL_UNIT
        a, b = s.dσ * s.E + s.σ * s.dS * s.grad_T, s.σ * s.S
        TT = self.matrix(
            transport,
            c=s.κ + s.S * s.T * b,
            a=s.dκ * s.grad_T - (s.dS * s.T + s.S) * s.J + s.S * s.T * a,
            e=b * s.grad_phi,
            r=np.sum(a * s.grad_phi, axis=0),
        )
        TP = self.matrix(heating, c=s.S * s.T * s.σ, e=s.σ * s.grad_phi - s.J) - sp.diags(2 * self.lead_current(x))
        PT = self.matrix(flux, c=b, a=a)
        PP = self.matrix(diffusion, c=s.σ) + sp.diags(self.conductance)
        return sp.bmat([[TT, U * TP], [U * PT, U * U * PP]], format="csr")[self.free][:, self.free]

    def answers(self, x: np.ndarray, steps: int) -> Answers:
        """Flows from the residual."""
        heat = self.residual(x)[: self.n]
        current = -self.body(State(self, x))[1][self.plus > 0].sum()
        return Answers(current, heat[self.hot].sum(), -heat[self.cold].sum(), steps)


# ---- linear solvers --------------------------------------------------------------------------------------------------
def pardiso(matrix: sp.csr_matrix, kind: int = GENERAL) -> Solve:
    """Factors of PARDISO; of a symmetric matrix it takes the upper triangle."""
    solver = PyPardisoSolver(mtype=kind)
    stored = sp.triu(matrix, format="csr") if kind == SPD else matrix
    stored.sort_indices()
    solver.set_phase(12)
    solver._call_pardiso(stored, np.zeros(matrix.shape[0]))
    solver.set_phase(33)
    return lambda b: solver._call_pardiso(stored, np.ascontiguousarray(b)).ravel()


def superlu(matrix: sp.csr_matrix) -> Solve:
    """Factors of SuperLU."""
    symmetric = {"SymmetricMode": True}
    factors = spla.splu(matrix.tocsc(), permc_spec="MMD_AT_PLUS_A", options=symmetric, diag_pivot_thresh=0.01)
    return factors.solve


def smoothed_aggregation(matrix: sp.csr_matrix) -> Solve:
    """One V-cycle of smoothed aggregation."""
    levels = pyamg.smoothed_aggregation_solver(matrix, max_coarse=300, strength=("symmetric", {"theta": 0.02}))
    return levels.aspreconditioner().matvec


def ruge_stuben(matrix: sp.csr_matrix) -> Solve:
    """One V-cycle of classical multigrid."""
    levels = pyamg.ruge_stuben_solver(matrix, max_coarse=300, strength=("classical", {"theta": 0.5}))
    return levels.aspreconditioner().matvec


FACTORS = {"pardiso": pardiso, "superlu": superlu}
BLOCK_SOLVERS = {
    "pardiso-blocks": lambda matrix: pardiso(matrix, SPD),
    "smoothed-aggregation": smoothed_aggregation,
    "ruge-stuben": ruge_stuben,
}


# ---- nonlinear solvers -----------------------------------------------------------------------------------------------
class Run:
    """One problem with one solver."""

    def __init__(self, model: Model, solver: str):
        self.problem, (name, _, limit) = Module(model), solver.partition(":")
        self.factorise = FACTORS.get(name)
        self.block_solver = BLOCK_SOLVERS.get(name, BLOCK_SOLVERS["pardiso-blocks"])
        self.jacobians = int(limit or 99)

    def solve(self) -> Answers:
        """From nothing to the answers: conduction, then the potential, then Newton's method on both.

        After `jacobians` of them the last Jacobian stays.
        """
        p, x = self.problem, self._start()
        blocks = self._conduction_and_potential(x)
        inverse: Solve | None = None
        for step in range(40):
            s = State(p, x)
            F = p.residual(x, s)
            if self._done(F):
                return p.answers(x, step)
            if inverse is None or step < self.jacobians:
                A = p.jacobian(x, s)
                inverse = self.factorise(A) if self.factorise else krylov(A, len(p.free_T), *blocks)
            x[p.free] -= inverse(F[p.free])
        raise RuntimeError("Newton's method did not converge")

    def _start(self) -> np.ndarray:
        p = self.problem
        x = np.zeros(2 * p.n)
        x[: p.n] = p.model.temperature.mean()
        x[p.hot], x[p.cold] = p.model.temperature
        return x

    def _done(self, F: np.ndarray) -> bool:
        """Whether what is left of the residual is small against the heat that flows in."""
        p = self.problem
        return bool(np.linalg.norm(F[p.free]) <= ACCURATE * abs(F[p.hot].sum()))

    def _conduction_and_potential(self, x: np.ndarray) -> tuple[Solve, Solve]:
        """Solve the one, then the other, and keep the solvers; copper asks for more digits than its neighbours."""
        p, n = self.problem, self.problem.n
        rows = p.matrix(diffusion, c=State(p, x).κ)[p.free_T]
        K = rows[:, p.free_T]
        conduct = self.block_solver(K)
        x[p.free_T] -= cg(K, rows @ x[:n], conduct)
        P = (POTENTIAL_UNIT**2 * (p.matrix(diffusion, c=State(p, x).σ) + sp.diags(p.conductance))).tocsr()
        charge = self.block_solver(P)
        x[n:] -= cg(P, p.residual(x)[n:], charge)
        return conduct, charge


def cg(matrix: sp.csr_matrix, b: np.ndarray, preconditioner: Solve) -> np.ndarray:
    """Conjugate gradients for the start."""
    return spla.cg(matrix, b, rtol=1e-7, maxiter=200, M=operator(preconditioner, len(b)))[0]


def krylov(A: sp.csr_matrix, split: int, conduct: Solve, charge: Solve) -> Solve:
    """GMRES on the coupled system, preconditioned by the potential first, then conduction with what is left."""
    coupling = A[:split, split:]

    def precondition(b: np.ndarray) -> np.ndarray:
        y = np.empty_like(b)
        y[split:] = charge(b[split:])
        y[:split] = conduct(b[:split] - coupling @ y[split:])
        return y

    M = operator(precondition, A.shape[0])
    return lambda b: spla.gmres(A, b, rtol=1e-3, restart=60, maxiter=2, M=M)[0]


def operator(action: Solve, size: int) -> spla.LinearOperator:
    """A function as a linear operator."""
    return spla.LinearOperator((size, size), matvec=action, dtype=float)


def main() -> None:
    """Protocol as in `protocol.measure`."""
    model, solver, threads = arguments()
    os.environ["MKL_NUM_THREADS"] = str(threads)
    measure(lambda: Run(model, solver).solve, model, version=version("scikit-fem"))


if __name__ == "__main__":
    main()
