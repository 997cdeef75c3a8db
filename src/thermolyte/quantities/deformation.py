"""Deformation and stress: of regions, at surfaces, and the forces that hold a body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mpi4py import MPI

import numpy as np
import ufl
from dolfinx import fem
from numpy.typing import NDArray

from thermolyte.blocks import UNIT
from thermolyte.boundary.base import Essential
from thermolyte.physics import mechanics
from thermolyte.physics.constants import FARADAY
from thermolyte.physics.local import DISPLACEMENT, MECHANICAL_POTENTIAL
from thermolyte.problem import Problem
from thermolyte.quantities.base import Device, Integrals, Values
from thermolyte.quantities.cell_means import CellMeans
from thermolyte.quantities.curvature import curvatures


class DeformationQuantities(Integrals):
    """What a mechanical problem says; stresses are Cauchy's."""

    def __init__(self, problem: Problem, device: Device):
        super().__init__(problem)
        del device
        p = self.problem
        self.solids = [r for r in p.media if (DISPLACEMENT, r) in p.place]
        one = fem.Constant(p.mesh.domain, 1.0)
        local = {r: p.local(r) for r in self.solids}
        self._volume = {r: self.integrate(self.form(one * p.dx(r))) for r in self.solids}
        self._means = {
            name: self.form(f * p.dx(r))
            for r, here in local.items()
            for name, f in (
                (f"von_mises_mean.{r}", mechanics.von_mises(here)),
                (f"hydrostatic_stress_mean.{r}", mechanics.hydrostatic_stress(here)),
            )
        }
        self._energy = {r: self.form(mechanics.strain_energy_density(here) * p.dx(r)) for r, here in local.items()}
        self._cells = {r: CellMeans(p, r, mechanics.von_mises(here)) for r, here in local.items()}
        self._surface = {n: (self.form(f), self.integrate(self.form(a))) for n, f, a in self._surfaces(one)}
        self._reactions = list(self._held_boundaries())
        self._curvatures = curvatures(p, self.solids)

    def evaluate(self) -> Values:
        """All of them."""
        out = {n: self.integrate(f) / self._volume[n.split(".", 1)[1]] for n, f in self._means.items()}
        for r in self.solids:
            out[f"strain_energy.{r}"] = self.integrate(self._energy[r])
            out[f"von_mises_maximum.{r}"] = self._largest_mean(r)
            out[f"displacement_maximum.{r}"] = self._largest_displacement(r)
        out |= {n: self.integrate(form) / area for n, (form, area) in self._surface.items()}
        out |= {n: face.evaluate() for n, face in self._curvatures.items()}
        for name, block, dofs in self._reactions:
            out[name] = out.get(name, 0.0) + self.residual_sum(block, dofs) / UNIT[DISPLACEMENT]
        return out

    def _largest_mean(self, region: str) -> float:
        largest = float(self._cells[region].values().max(initial=0.0))
        return float(self._comm.allreduce(largest, op=MPI.MAX))

    def _largest_displacement(self, region: str) -> float:
        p = self.problem
        block = p.place[DISPLACEMENT, region]
        nodes = np.unique(p.spaces[block].dofmap.list[p.blocks.cells_of(region, block)])
        u = p.u[block].x.array.reshape(-1, p.spaces[block].dofmap.index_map_bs)[nodes]
        longest = float(np.linalg.norm(u, axis=1).max(initial=0.0))
        return UNIT[DISPLACEMENT] * float(self._comm.allreduce(longest, op=MPI.MAX))

    def _surfaces(self, one: Any) -> Iterator[tuple[str, ufl.Form, ufl.Form]]:
        """Name, integral and area of surface means: von Mises stress [Pa], and m/F [V] where lithium is."""
        p = self.problem
        for b in p.mesh.boundaries:
            for r in p.mesh.regions_at(b):
                if r in self.solids:
                    here, ds = p.local(r), p.boundary_ds(b, r)
                    name = b if len(p.mesh.regions_at(b)) == 1 else f"{r}/{b}"
                    if not here.memory:  # internal variables live at points inside the cells only
                        yield f"surface_von_mises.{name}", mechanics.von_mises(here) * ds, one * ds
                    if MECHANICAL_POTENTIAL in here.v:
                        yield f"mechanical_potential.{name}", here.u[MECHANICAL_POTENTIAL] / FARADAY * ds, one * ds
        for a, b in p.mesh.interfaces:
            for r, other, side in ((a, b, "+"), (b, a, "-")):
                if r in self.solids and (MECHANICAL_POTENTIAL, r) in p.place:
                    here, dS = p.local(r, side), p.inner_dS(a, b)
                    m = here.u[MECHANICAL_POTENTIAL] / FARADAY
                    yield f"mechanical_potential.{r}/{other}", m * dS, one(side) * dS

    def _held_boundaries(self) -> Iterator[tuple[str, int, NDArray[np.int32]]]:
        """(name, block, owned dofs) of the components that conditions hold; a block behind several regions once."""
        p, seen = self.problem, set()
        axes = p.setup.coordinates.axes
        for face in p.faces:
            if face.model.field == DISPLACEMENT and isinstance(face.model, Essential):
                block = p.place[DISPLACEMENT, face.region]
                for k in face.model.values(axes, p.essential.normal_axis(face)):
                    name = f"reaction_force.{face.boundary}.{axes[k or 0]}"
                    if (name, block) not in seen:
                        seen.add((name, block))
                        dofs = p.blocks.dofs(DISPLACEMENT, face.boundary, face.region, k)
                        yield name, block, self.owned(block, dofs)
