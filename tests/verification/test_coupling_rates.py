"""Manufactured solutions of every pair of physics: both fields converge at the order of their elements."""

from __future__ import annotations

import numpy as np
import pytest
import ufl
from dolfinx import fem

from slab import slab
from thermolyte.blocks import UNIT
from thermolyte.coordinates import Coordinates
from thermolyte.interface.charge_transfer import ChargeTransfer
from thermolyte.materials import Card
from thermolyte.physics import diffusion, electrochemistry, mechanics, thermoelectricity
from thermolyte.physics.constants import FARADAY
from thermolyte.physics.local import (
    CONCENTRATION,
    DISPLACEMENT,
    IONIC_POTENTIAL,
    MECHANICAL_POTENTIAL,
    POTENTIAL,
    TEMPERATURE,
)
from thermolyte.physics.options import PhysicsOptions
from thermolyte.problem import Problem
from thermolyte.region import Region
from thermolyte.setup import Setup
from thermolyte.solver import Solver, SolverSettings

pi, sin, cos = ufl.pi, ufl.sin, ufl.cos
FINE = 8  # degree of the quadrature of sources and errors


def material(**properties):
    return Region(material=Card.model_validate({"name": "test", "properties": properties}))


HOST = {
    "diffusivity": 1.0,
    "maximum_concentration": 3e4,
    "partial_molar_volume": 1e-6,
    "young_modulus": 1e12,
    "poisson_ratio": 0.3,
}


class Manufactured(Problem):
    """A problem whose residual vanishes at `exact(region)`, by sources in the body and on interfaces."""

    def exact(self, region):
        """Field -> expression of the position."""
        raise NotImplementedError

    def sources(self, here, dx):
        """What the residual of a region is at the exact fields, without boundary terms."""
        raise NotImplementedError

    def body_residual(self):
        F = super().body_residual()
        for r in self.media:
            here = self.local(r)
            here = here._replace(u={**here.u, **self.exact(r)})
            F -= self.sources(here, self.mesh.dx(r, quadrature_degree=FINE))
        return F

    def solve(self):
        """Start from zero, with the exact values on the whole outer boundary; L2 errors by field."""
        self.set_initial(300.0)
        held = []
        for (field, r), block in self.place.items():
            V = self.spaces[block]
            value = fem.Function(V)
            exact = self.exact(r)[field] / UNIT[field]
            points = V.element.interpolation_points
            cells = self.blocks.cells_of(r, block)
            local = ufl.replace(exact, {self.x: ufl.SpatialCoordinate(self.parts[block].domain)})
            value.interpolate(fem.Expression(local, points), cells0=cells)
            for boundary, behind in self.faces_outside():
                if behind == r and field != MECHANICAL_POTENTIAL:
                    held.append(fem.dirichletbc(value, self.blocks.dofs(field, boundary, r)))
        Solver(self, SolverSettings(preset="direct"), held=held).solve()
        return {(f, r): self.error(f, r) for f, r in self.place}

    def faces_outside(self):
        return [(b, r) for b in self.mesh.boundaries for r in self.mesh.regions_at(b)]

    def error(self, field, region):
        e = self.at(region, self.u)[field] - self.exact(region)[field]
        form = fem.form(ufl.inner(e, e) * self.mesh.dx(region, quadrature_degree=FINE), entity_maps=self.entity_maps)
        return np.sqrt(self.mesh.domain.comm.allreduce(fem.assemble_scalar(form)))


def momentum(here, dx):
    """∫ −(Div P)·v of the exact fields; the plane is x z of the three axes."""
    P = mechanics.response(here).piola
    inplane = ufl.as_matrix([[P[0, 0], P[0, 2]], [P[2, 0], P[2, 2]]])
    return -ufl.inner(ufl.div(inplane), here.v[DISPLACEMENT]) * dx


# ---- diffusion and mechanics -----------------------------------------------------------------------------------------
class Swelling(Manufactured):
    def exact(self, region):
        x, z = self.x
        c = 1e4 * (1 + 0.2 * sin(pi * x) * cos(pi * z / 2) + 0.1 * x)
        u = 1e-3 * ufl.as_vector([sin(pi * x) * z, x * x * cos(z)])
        exact = {CONCENTRATION: c, DISPLACEMENT: u}
        here = self.local(region)
        m = mechanics.response(here._replace(u={**here.u, **exact})).chemical
        return exact | {MECHANICAL_POTENTIAL: m}

    def sources(self, here, dx):
        return ufl.div(diffusion.flux(here)) * here.v[CONCENTRATION] * dx + momentum(here, dx)


def swelling(comm, cells, strain):
    options = PhysicsOptions(diffusion={}, mechanics={"strain": strain}, coupling="two_way")
    mesh = slab(comm, [("film", 1.0, cells)], [(1.0, cells)])
    setup = Setup({"film": material(**HOST)}, physics=options, coordinates=Coordinates(dim=2))
    return Swelling(mesh, setup).solve()


@pytest.mark.parametrize("strain", ["small", "finite"])
def test_diffusion_with_mechanics(comm, strain):
    coarse, fine = (swelling(comm, n, strain) for n in (8, 16))
    rate = {field: np.log2(coarse[field, "film"] / fine[field, "film"]) for field, _ in coarse}
    assert rate[CONCENTRATION] > 1.9
    assert rate[MECHANICAL_POTENTIAL] > 1.4
    assert rate[DISPLACEMENT] > 1.9


def test_stress_moves_lithium_in_that_test(comm):
    options = PhysicsOptions(diffusion={}, mechanics={}, coupling="one_way")
    mesh = slab(comm, [("film", 1.0, 4)], [(1.0, 4)])
    setup = Setup({"film": material(**HOST)}, physics=options, coordinates=Coordinates(dim=2))
    problem = Swelling(mesh, setup)
    here = problem.local("film")
    here = here._replace(u={**here.u, **problem.exact("film")})
    one, two = (
        diffusion.flux(here._replace(options=here.options.model_copy(update={"coupling": c})))
        for c in ("one_way", "two_way")
    )
    dx = mesh.dx("film", quadrature_degree=FINE)
    norms = [comm.allreduce(fem.assemble_scalar(fem.form(ufl.inner(q, q) * dx))) for q in (two - one, one)]
    assert norms[0] > 0.1 * norms[1]


# ---- heat, charge and mechanics --------------------------------------------------------------------------------------
class ThermalStress(Manufactured):
    def exact(self, region):
        del region
        x, z = self.x
        T = 400 + 50 * sin(pi * x) * cos(pi * z / 2)
        return {
            TEMPERATURE: T,
            POTENTIAL: 0.05 * x * x + 0.01 * sin(pi * z),
            DISPLACEMENT: 1e-3 * ufl.as_vector([sin(pi * x) * z, x * x * cos(z)]),
        }

    def sources(self, here, dx):
        J, q = thermoelectricity.fluxes(here.medium, here.u)
        heat = ufl.div(q) + ufl.inner(J, ufl.grad(here.u[POTENTIAL]))
        return ufl.div(J) * here.v[POTENTIAL] * dx + heat * here.v[TEMPERATURE] * dx + momentum(here, dx)


def thermal_stress(comm, cells):
    options = PhysicsOptions(thermoelectricity={}, mechanics={"stress_free_temperature": 300.0})
    leg = material(
        seebeck_coefficient={"law": "polynomial", "range": [200, 600], "unit": "uV/K", "coefficients": [100.0, 0.2]},
        electrical_conductivity=1e5,
        thermal_conductivity=1.0,
        young_modulus={"law": "polynomial", "range": [200, 600], "coefficients": [8e10, -3e7]},
        poisson_ratio=0.25,
        thermal_expansion={"law": "polynomial", "range": [200, 600], "coefficients": [1e-5, 2e-8]},
    )
    mesh = slab(comm, [("leg", 1.0, cells)], [(1.0, cells)])
    return ThermalStress(mesh, Setup({"leg": leg}, physics=options, coordinates=Coordinates(dim=2))).solve()


def test_thermoelectricity_with_mechanics(comm):
    coarse, fine = (thermal_stress(comm, n) for n in (8, 16))
    rate = {field: np.log2(coarse[field, "leg"] / fine[field, "leg"]) for field, _ in coarse}
    assert rate[TEMPERATURE] > 1.9
    assert rate[POTENTIAL] > 1.9
    assert rate[DISPLACEMENT] > 1.9


# ---- diffusion and electrochemistry ----------------------------------------------------------------------------------
class HalfCell(Manufactured):
    """An electrolyte from x = 0 to 1, a host with a resolved electric potential from 1 to 2."""

    def exact(self, region):
        x, z = self.x
        if region == "electrolyte":
            return {IONIC_POTENTIAL: 0.02 * (x * cos(pi * z) + x * x)}
        return {
            CONCENTRATION: 1e4 * (1 + 0.3 * sin(x) * cos(pi * z)),
            POTENTIAL: 0.25 + 0.02 * cos(pi * z) * x,
        }

    def sources(self, here, dx):
        if IONIC_POTENTIAL in here.v:
            return ufl.div(electrochemistry.ionic_current_density(here)) * here.v[IONIC_POTENTIAL] * dx
        charge = ufl.div(electrochemistry.electronic_current_density(here)) * here.v[POTENTIAL] * dx
        return ufl.div(diffusion.flux(here)) * here.v[CONCENTRATION] * dx + charge

    def body_residual(self):
        """Also the jump of the exact fluxes against the exact reaction at the interface."""
        F, law, p = super().body_residual(), self.setup.interfaces["electrolyte", "host"], None
        p = self.contacts["electrolyte", "host"]
        sides = [
            s._replace(u={**s.u, **self.exact(r)})
            for s, r in zip(self.sides("electrolyte", "host"), ("electrolyte", "host"), strict=True)
        ]
        electrolyte, host = sides
        normal, dS = ufl.FacetNormal(self.mesh.domain)("+"), self.mesh.dS("electrolyte", "host", quadrature_degree=FINE)
        j = law.current_densities(p, electrolyte, host).host
        i = ufl.inner(-electrolyte.medium.ionic_conductivity(300.0) * gradient(electrolyte, IONIC_POTENTIAL), normal)
        J = ufl.inner(-host.medium.electrical_conductivity(300.0) * gradient(host, POTENTIAL), -normal)
        N = ufl.inner(-host.medium.diffusivity(0.0, 300.0) * gradient(host, CONCENTRATION), -normal)
        F -= (-j - i) * electrolyte.v[IONIC_POTENTIAL] * dS
        F -= (j - J) * host.v[POTENTIAL] * dS
        return F - (j / FARADAY - N) * host.v[CONCENTRATION] * dS


def gradient(here, field):
    """The gradient of an expression of the position, which is the same on both sides."""
    return ufl.grad(here.u[field])("+")


def half_cell(comm, cells):
    options = PhysicsOptions(diffusion={}, electrochemistry={}, temperature=300.0)
    host = material(
        diffusivity=1e-5,
        maximum_concentration=3e4,
        electrical_conductivity=50.0,
        open_circuit_potential={"law": "nernst", "standard_potential": 0.2, "range": [0.01, 1.0]},
    )
    mesh = slab(comm, [("electrolyte", 1.0, cells), ("host", 1.0, cells)], [(1.0, cells)])
    law = ChargeTransfer(type="charge_transfer", exchange_current_density=20.0, film_resistance=1e-3)
    setup = Setup(
        {"electrolyte": material(ionic_conductivity=30.0), "host": host},
        interfaces={("electrolyte", "host"): law},
        physics=options,
        coordinates=Coordinates(dim=2),
    )
    return HalfCell(mesh, setup).solve()


def test_diffusion_with_electrochemistry(comm):
    coarse, fine = (half_cell(comm, n) for n in (8, 16))
    rate = {key: np.log2(coarse[key] / fine[key]) for key in coarse}
    assert min(rate.values()) > 1.9, rate
