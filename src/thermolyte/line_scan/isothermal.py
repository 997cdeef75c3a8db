"""Electric conduction alone, at one temperature: what a current sees that alternates faster than heat can follow."""

from __future__ import annotations

from dolfinx import fem

from thermolyte.interface.several import without
from thermolyte.mass_exchange import MassExchange
from thermolyte.physics.local import CONCENTRATION
from thermolyte.physics.options import Electrochemistry, PhysicsOptions
from thermolyte.problem import Problem
from thermolyte.setup import Setup
from thermolyte.solver import Solver, SolverSettings

# The problem is linear: the factors of the first step of Newton's method serve the second, which only polishes.
ONCE: dict[str, str | float | int | None] = {"snes_lag_jacobian": 100, "snes_lag_preconditioner": 100}


class Isothermal:
    """∇·(σ(T₀)∇φ) = 0 with the mesh, materials, composition, contacts and terminals of a thermoelectric problem.

    This is the conduction of electrons of the electrochemical model, in a body without an electrolyte: there is no
    Seebeck voltage in it, and no heat.
    """

    def __init__(self, origin: Problem, temperature: float):
        self._origin = origin
        self._hosts = [r for f, r in origin.place if f == CONCENTRATION]
        self._concentration = fem.Function(fem.functionspace(origin.mesh.domain, ("Lagrange", origin.setup.order)))
        composition = dict.fromkeys(self._hosts, self._concentration)
        self.problem = Problem(origin.mesh, _electric(origin.setup, temperature), composition)
        held = self.problem.essential.hold_accumulated()  # the charge that a terminal has passed
        self._solver = Solver(self.problem, SolverSettings(preset="direct", petsc=ONCE), held=held)

    def solve(self, temperature: float) -> None:
        """Solve at a temperature [K], with the numbers and the composition that the origin has at present.

        Raises:
            SolveError: no solution, as where a part of the body has no way to a terminal.
        """
        self.problem.update(_electric(self._origin.setup, temperature))
        for mine, its in zip(self.problem.given, self._origin.given, strict=True):
            mine.x.array[:] = its.x.array
        for region in self._hosts:
            self._origin.copy(CONCENTRATION, region, self._concentration)
        self.problem.set_initial()
        self._solver.solve()


def _electric(setup: Setup, temperature: float) -> Setup:
    physics = PhysicsOptions(electrochemistry=Electrochemistry(), temperature=temperature)
    contacts = {ab: law for ab, x in setup.interfaces.items() if (law := without(x, MassExchange)) is not None}
    return setup._replace(boundaries={}, interfaces=contacts, physics=physics)
