"""Diffusion and ionic conduction through their real forms: exact and manufactured solutions with asserted rates."""

from __future__ import annotations

from types import SimpleNamespace

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem
from dolfinx import mesh as dmesh
from pydantic import ValidationError

from half_stack import DEGREE, OPTIONS, jacobian_error, medium, solver
from thermolyte.boundary.diffusion import Concentration, LithiumFlux, SurfaceReaction
from thermolyte.coordinates import Coordinates, Weighted
from thermolyte.parameters import Parameters
from thermolyte.physics import diffusion, electrochemistry
from thermolyte.physics.constants import FARADAY, GAS_CONSTANT
from thermolyte.physics.local import (
    CONCENTRATION,
    DISPLACEMENT,
    IONIC_POTENTIAL,
    MECHANICAL_POTENTIAL,
    TEMPERATURE,
    Local,
)
from thermolyte.physics.options import PhysicsOptions

pytestmark = pytest.mark.serial
T = 296.15


def one(domain, material, field, kind="cartesian", order=1, options=OPTIONS, **more):
    """One field on a mesh: the unknown, its Local, and the measures over the body."""
    V = fem.functionspace(domain, ("Lagrange", order))
    u, old, v = fem.Function(V), fem.Function(V), ufl.TestFunction(V)
    x, coordinates = ufl.SpatialCoordinate(domain), Coordinates(kind, domain.geometry.dim)
    rate = more.pop("rate", 0 * u)
    here = Local(material, {field: u, TEMPERATURE: fem.Constant(domain, T), **more}, {field: v}, {field: rate}, options,
                 coordinates, x)  # fmt: skip
    dx, ds = (Weighted(ufl.Measure(m, domain, metadata=DEGREE), coordinates.weight(x)) for m in ("dx", "ds"))
    return SimpleNamespace(V=V, u=u, old=old, v=v, here=here, x=x, dx=dx, ds=ds)


def whole(here, dx):
    """Fluxes and accumulation."""
    return diffusion.residual(here, dx) + diffusion.accumulation(here, dx)


def error(f, exact):
    return np.sqrt(fem.assemble_scalar(fem.form((f.u - exact) ** 2 * f.dx)))


def solve_with(f, F, exact):
    """Solve with the exact values on the whole boundary."""
    dim = f.V.mesh.topology.dim
    f.V.mesh.topology.create_connectivity(dim - 1, dim)
    dofs = fem.locate_dofs_topological(f.V, dim - 1, dmesh.exterior_facet_indices(f.V.mesh.topology))
    given = fem.Function(f.V)
    given.interpolate(fem.Expression(exact, f.V.element.interpolation_points))
    solver([F], [f.u], [fem.dirichletbc(given, dofs)], None, f"one{id(f)}_").solve()


@pytest.mark.parametrize("kind", ["cartesian", "spherical"])
def test_manufactured_diffusion(kind):
    """c = 2 + cos 2r with D = 1 + x/4 and ∂c/∂t = sin r given: second order in L²."""
    material = medium(composition=lambda c: c / 2, diffusivity=lambda x, _: 1 + x / 4, stores_species=True)
    errors = []
    for n in (8, 16, 32):
        domain = dmesh.create_interval(MPI.COMM_SELF, n, [0.5, 2.0])
        r = ufl.SpatialCoordinate(domain)[0]
        f = one(domain, material, CONCENTRATION, kind, rate=ufl.sin(r))
        exact = 2 + ufl.cos(2 * r)
        flux = -(1 + exact / 8) * exact.dx(0)
        divergence = flux.dx(0) + (2 * flux / r if kind == "spherical" else 0)
        F = whole(f.here, f.dx) - (ufl.sin(r) + divergence) * f.v * f.dx
        f.u.x.array[:] = 2.0
        solve_with(f, F, exact)
        errors.append(error(f, exact))
    rates = np.log2(np.array(errors[:-1]) / errors[1:])
    assert rates == pytest.approx(2.0, abs=0.05)


def test_manufactured_ionic_potential():
    """φ = 3.565 eˣ − 4.71 x² + 7.1 x − 3.4 with κ = 1 + x (mms.i of hugary1995/eel): second order in L²."""
    errors = []
    for n in (8, 16, 32):
        domain = dmesh.create_interval(MPI.COMM_SELF, n, [0.0, 1.0])
        x = ufl.SpatialCoordinate(domain)[0]
        f = one(domain, medium(conducts_ions=True, ionic_conductivity=lambda _, x=x: 1 + x), IONIC_POTENTIAL)
        exact = 3.565 * ufl.exp(x) - 4.71 * x**2 + 7.1 * x - 3.4
        q = 2.32 + ufl.exp(x) * (-7.13 - 3.565 * x) + 18.84 * x
        solve_with(f, electrochemistry.residual(f.here, f.dx) - q * f.v * f.dx, exact)
        errors.append(error(f, exact))
    assert np.log2(np.array(errors[:-1]) / errors[1:]) == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize(("kind", "d"), [("cartesian", 1), ("spherical", 3)])
def test_constant_flux_in_the_quasi_steady_state(kind, d):
    """c = c₀ + d J t/R + J r²/(2 R D): exact in time and space for quadratic elements, and mass is conserved."""
    R, D, J, step = 5e-6, 7e-15, 2.0 / FARADAY, 50.0
    domain = dmesh.create_interval(MPI.COMM_SELF, 4, [0.0, R])
    f = one(domain, medium(composition=lambda c: c, diffusivity=D, stores_species=True), CONCENTRATION, kind, order=2)
    here = f.here._replace(rate={CONCENTRATION: (f.u - f.old) / step})
    flux = LithiumFlux.model_validate({"type": "lithium_flux", "current_density": "0.2 mA/cm^2"})
    outside = ufl.conditional(f.x[0] > R / 2, 1.0, 0.0)
    F = whole(here, f.dx) + flux.integrand(Parameters(flux, domain), here, None) * outside * f.ds

    def profile(r):
        return 1000.0 + J * r[0] ** 2 / (2 * R * D)

    f.old.interpolate(profile)
    before = fem.assemble_scalar(fem.form(f.old * f.dx))
    problem = solver([1e9 * F], [f.u], [], None, f"flux{kind}_")
    for _ in range(3):
        problem.solve()
        f.old.x.array[:] = f.u.x.array
    expected = fem.Function(f.V)
    expected.interpolate(profile)
    assert f.u.x.array == pytest.approx(expected.x.array + d * J * 3 * step / R, rel=1e-10)
    area = 1.0 if kind == "cartesian" else 4 * np.pi * R**2
    gained = fem.assemble_scalar(fem.form(f.u * f.dx)) - before
    assert gained == pytest.approx(area * J * 3 * step, rel=1e-10)


def flux_at(here, domain):
    """N at the middle of each cell."""
    cells = np.arange(domain.topology.index_map(domain.topology.dim).size_local, dtype=np.int32)
    middle = np.full((1, domain.topology.dim), 0.5)
    return fem.Expression(diffusion.flux(here), middle).eval(domain, cells).reshape(len(cells), -1)


@pytest.mark.parametrize(("coupling", "theta"), [("two_way", 9.67e-4), ("one_way", 0.0)])
def test_stress_enhanced_diffusion(coupling, theta):
    """R4: m = RT θ_M c gives N = −D (1 + θ_M c) ∇c, and Fick's flux under one_way."""
    domain = dmesh.create_interval(MPI.COMM_SELF, 2, [0.0, 1.0])
    x = ufl.SpatialCoordinate(domain)[0]
    c = 1000 + 500 * x
    options = PhysicsOptions.model_validate({"diffusion": {}, "mechanics": {}, "coupling": coupling})
    material = medium(composition=lambda c: c, diffusivity=2e-14, stores_species=True)
    f = one(domain, material, CONCENTRATION, options=options, **{MECHANICAL_POTENTIAL: GAS_CONSTANT * T * 9.67e-4 * c})
    f.u.interpolate(lambda x: 1000 + 500 * x[0])
    expected = -2e-14 * (1 + theta * (1000 + 500 * np.array([0.25, 0.75]))) * 500
    assert flux_at(f.here, domain)[:, 0] == pytest.approx(expected, rel=1e-12)


def test_thermodynamic_factor_divides_the_mechanical_force():
    """RT Θ ln c + m constant is equilibrium: no flux, with the chemical diffusivity as D."""
    domain = dmesh.create_interval(MPI.COMM_SELF, 2, [0.0, 1.0])
    x = ufl.SpatialCoordinate(domain)[0]
    factor = 1.317
    material = medium(composition=lambda c: c, diffusivity=1.0, thermodynamic_factor=factor, stores_species=True)
    f = one(domain, material, CONCENTRATION, **{MECHANICAL_POTENTIAL: 300 * x})
    c = ufl.exp(-300 * x / (factor * GAS_CONSTANT * T))
    here = f.here._replace(u={**f.here.u, CONCENTRATION: c})
    assert flux_at(here, domain) == pytest.approx(0.0, abs=1e-14)
    empty = f.here._replace(
        medium=medium(composition=lambda c: c, diffusivity=1.0, thermodynamic_factor=lambda x, _: x)
    )
    assert np.isfinite(flux_at(empty, domain)).all()  # a table at x = 0: Θ = 0


@pytest.mark.parametrize("coupling", ["one_way", "two_way"])
def test_finite_strain_changes_lengths(coupling):
    """A stretch λ_z divides the flux of a gradient per reference length by λ_z², a stretch across it nothing."""
    domain = dmesh.create_unit_square(MPI.COMM_SELF, 1, 1)
    W = fem.functionspace(domain, ("Lagrange", 1, (2,)))
    w = fem.Function(W)
    w.interpolate(lambda x: np.array([0.3 * x[0], 0.1 * x[1]]))
    material = medium(composition=lambda c: c, diffusivity=2.0, stores_species=True)
    for strain, divisor in (("small", 1.0), ("finite", 1.1**2)):
        given = {"diffusion": {}, "mechanics": {"strain": strain}, "coupling": coupling}
        f = one(domain, material, CONCENTRATION, options=PhysicsOptions.model_validate(given), **{DISPLACEMENT: w})
        f.u.interpolate(lambda x: 5 * x[1])
        assert flux_at(f.here, domain)[0] == pytest.approx([0.0, -10 / divisor])


def test_surface_reaction_and_jacobian():
    """−N·n = −j/F of Butler-Volmer against lithium; Jacobian of a nonlinear problem with all terms."""
    domain = dmesh.create_interval(MPI.COMM_SELF, 3, [0.0, 1.0])
    material = medium(
        stores_species=True,
        composition=lambda c: c / 2,
        maximum_concentration=fem.Constant(domain, 2.0),
        diffusivity=lambda x, _: 1 + x**2,
        thermodynamic_factor=lambda x, _: 1 + x,
        open_circuit_potential=lambda x, _: 0.2 - 0.3 * x,
    )
    x = ufl.SpatialCoordinate(domain)[0]
    f = one(domain, material, CONCENTRATION, **{MECHANICAL_POTENTIAL: 1000 * x})
    f.here.rate[CONCENTRATION] = f.u - f.old
    reaction = SurfaceReaction.model_validate({"type": "charge_transfer", "rate_constant": 1.0, "potential": "150 mV"})
    p = Parameters(reaction, domain)
    F = whole(f.here, f.dx) + reaction.integrand(p, f.here, None) * f.ds
    f.u.x.array[:] = [0.2, 0.5, 0.9, 1.1]
    error_, size = jacobian_error([F], [f.u], None, 1e-6)
    assert error_.max() < 1e-8
    assert size.min() > 0
    f.u.x.array[:] = 0.4  # x = 0.2, U = 0.14 V: 10 mV above it, so lithium leaves
    inward = fem.assemble_scalar(fem.form(reaction.inward_flux(p, f.here) * f.ds)) / 2
    j0 = FARADAY * np.sqrt(0.4 * 1.6)
    eta = np.array([0.01, 0.01 + 1000 / FARADAY])  # at x = 1 m lowers U
    assert inward == pytest.approx(-2 * j0 / FARADAY * np.sinh(eta * FARADAY / (2 * GAS_CONSTANT * T)).mean())


def test_nothing_where_nothing_moves():
    """A metal without lithium or ions has no terms of these physics, a lumped metal no electronic ones."""
    domain = dmesh.create_interval(MPI.COMM_SELF, 1, [0.0, 1.0])
    metal = medium(conducts=True, lumped=True)
    f = one(domain, metal, "electric_potential")
    assert diffusion.fields(metal, OPTIONS) == ()
    assert electrochemistry.fields(metal, OPTIONS) == ("electric_potential",)
    assert electrochemistry.fields(medium(conducts_ions=True), OPTIONS) == (IONIC_POTENTIAL,)
    assert whole(f.here, f.dx).empty()
    assert electrochemistry.residual(f.here, f.dx).empty()


def test_conditions_as_written():
    assert Concentration(type="concentration", concentration=5.0).values(("z",)) == {None: "concentration"}
    for given in ({}, {"current_density": 1.0, "molar_flux": 1.0}):
        with pytest.raises(ValidationError, match="exactly one of current_density and molar_flux"):
            LithiumFlux(type="lithium_flux", **given)
