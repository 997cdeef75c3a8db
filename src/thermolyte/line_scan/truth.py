"""What a scan should find: σ of the regions along the line and ρ_c of the junctions, from the model itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import ufl
from dolfinx import fem
from numpy.typing import NDArray
from ufl.core.expr import Expr

from thermolyte.blocks import UNIT
from thermolyte.line_scan.location import Location
from thermolyte.line_scan.track import Track
from thermolyte.physics.balance import apply
from thermolyte.physics.local import CONCENTRATION, POTENTIAL, TEMPERATURE
from thermolyte.problem import Problem
from thermolyte.quantities.base import Integrals

Array = NDArray[np.float64]


class Points(NamedTuple):
    """Samples in space [m], of shape (points, 3), and the region that they are in."""

    region: str
    points: Array


class Truth(Integrals):
    """σ along a line and ρ_c of the interfaces that it crosses, of the state of a problem; compiled once."""

    def __init__(self, problem: Problem, track: Track, direction: Array, samples: Mapping[str, Points]):
        """`samples`: what each fit takes, by the name of the fit."""
        super().__init__(problem)
        mesh = problem.mesh
        d = ufl.as_vector([float(x) for x in direction[: mesh.domain.geometry.dim]])
        W = fem.functionspace(mesh.domain, ("DG", problem.setup.order))
        self._sigma = fem.Function(W)
        self._fields = {f: fem.Function(W) for f in (TEMPERATURE, CONCENTRATION)}
        self._laws, self._cells = {}, {}
        owned = mesh.region_of_cell[: mesh.domain.topology.index_map(mesh.domain.topology.dim).size_local]
        for region in dict.fromkeys(s.region for s in track.stretches):
            along = ufl.dot(d, apply(self._law(region), d))
            self._laws[region] = fem.Expression(along, W.element.interpolation_points)
            self._cells[region] = np.flatnonzero(owned == mesh.regions[region]).astype(np.int32)
        self._places = {
            name: Location(mesh, taken.points, [taken.region] * len(taken.points)) for name, taken in samples.items()
        }
        self._contacts = {j.name: form for j in track.junctions if (form := self._of_contact(*j.pair)) is not None}

    def _law(self, region: str) -> Expr:
        """σ of the fields on the whole mesh; an expression cannot be interpolated from one on a part of it."""
        p = self.problem
        own = {f: UNIT[f] * u for f, u in self._fields.items() if (f, region) in p.place}
        u = {TEMPERATURE: p.temperature, **p.at(region, p.u), **own}
        return p.media[region].at(u).electrical_conductivity(u[TEMPERATURE])

    def _of_contact(self, a: str, b: str) -> tuple[fem.Form, fem.Form] | None:
        """∮ ρ dS and ∮ dS of an interface; None where the potential does not jump."""
        p = self.problem
        contact = p.contact(a, b)
        if contact is None or POTENTIAL not in contact[0].jumps:
            return None
        law, parameters = contact
        left, right = p.sides(a, b)
        one = fem.Constant(p.mesh.domain, 1.0)("+")
        rho = law.resistivity(parameters, left.u, right.u)
        return self.form(rho * one * p.dS(a, b)), self.form(one * p.dS(a, b))

    def conductivity(self) -> dict[str, float]:
        """Mean of σ [S/m] along the direction of the line, over the samples of each fit, by its name."""
        for region, law in self._laws.items():
            for field, copy in self._fields.items():
                if (field, region) in self.problem.place:
                    self.problem.copy(field, region, copy)
            self._sigma.interpolate(law, self._cells[region])
        return {name: float(place.read(self._sigma).mean()) for name, place in self._places.items()}

    def contact_resistivity(self) -> dict[str, float]:
        """Mean of ρ_c [Ω·m²] over the interface of each junction that has a contact."""
        return {name: self.integrate(rho) / self.integrate(area) for name, (rho, area) in self._contacts.items()}
