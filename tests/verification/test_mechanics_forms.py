"""Elastic forms against exact solutions: small and finite strain, growth, loads, rates, and the energy behind them."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh
from dolfinx.fem.petsc import assemble_vector
from scipy.optimize import fsolve

from solid import Body, Metal, Plane, below, physics, same, with_potential
from thermolyte.boundary.mechanical import Pressure, Traction
from thermolyte.physics import mechanics
from thermolyte.physics.elasticity import thermal_strain
from thermolyte.physics.local import CONCENTRATION, TEMPERATURE

pytestmark = pytest.mark.serial
OMEGA = 13e-6


def box(n=1):
    return mesh.create_unit_cube(MPI.COMM_SELF, n, n, n, mesh.CellType.hexahedron)


def section(n=2, r=(0.0, 1.0)):
    """r z of a cylinder of height 1."""
    corners = [np.array([r[0], 0.0]), np.array([r[1], 1.0])]
    return mesh.create_rectangle(MPI.COMM_SELF, corners, [n, n], mesh.CellType.quadrilateral)


def stretches(medium, along, across):
    """λ_z and λ_r of the neo-Hookean solid under nominal stresses along z and across."""
    G, K = medium.E / (2 * (1 + medium.nu)), medium.E / (3 * (1 - 2 * medium.nu))

    def nominal(y):
        z, r = y
        J = z * r * r
        mean, spherical = (z * z + 2 * r * r) / 3, K / 2 * (J * J - 1)
        scale = G * J ** (-2 / 3)
        return (spherical + scale * (z * z - mean)) / z - along, (spherical + scale * (r * r - mean)) / r - across

    return fsolve(nominal, (1.0, 1.0), xtol=1e-13)


@pytest.mark.parametrize("strain", ["small", "finite"])
@pytest.mark.parametrize(("along", "across"), [(4e9, 0.0), (0.0, -3e9), (2e9, 1e9)])
def test_patch_axisymmetric(strain, along, across):
    """Nominal stresses along z and on the mantle: homogeneous, so exact on any mesh."""
    metal = Metal()
    body = Body(section(), metal, "axisymmetric", strain)
    body.hold(Plane(0, 0.0), 0)
    body.hold(Plane(1, 0.0), 1)
    body.load(Traction(type="traction", z=along), Plane(1, 1.0))
    body.load(Pressure(type="pressure", pressure=-across), Plane(0, 1.0))
    body.solve()
    if strain == "finite":
        z, r = stretches(metal, along, across) - 1
    else:
        z, r = (along - 2 * metal.nu * across) / metal.E, ((1 - metal.nu) * across - metal.nu * along) / metal.E
    below(body.error(body.u, ufl.as_vector([r * body.x[0], z * body.x[1]])), 1e-10 * np.hypot(z, r))
    factor = (along / (1 + r) ** 2, across / ((1 + r) * (1 + z))) if strain == "finite" else (along, across)
    exact = ufl.as_matrix([[factor[1], 0, 0], [0, factor[1], 0], [0, 0, factor[0]]])
    below(body.error(mechanics.stress(body.here()), exact), 1e-9 * max(abs(along), abs(across)))
    same(body.mean(mechanics.von_mises(body.here())), abs(factor[0] - factor[1]), rel=1e-8)


@pytest.mark.parametrize("strain", ["small", "finite"])
def test_patch_3d_with_traction(strain):
    metal = Metal()
    body = Body(box(), metal, strain=strain)
    for i in range(3):
        body.hold(Plane(i, 0.0), i)
    body.load(Traction(type="traction", z=4e9), Plane(2, 1.0))
    body.solve()
    z, r = stretches(metal, 4e9, 0.0) - 1 if strain == "finite" else (4e9 / metal.E, -metal.nu * 4e9 / metal.E)
    x = body.x
    below(body.error(body.u, ufl.as_vector([r * x[0], r * x[1], z * x[2]])), 1e-10 * z)


@pytest.mark.parametrize("strain", ["small", "finite"])
@pytest.mark.parametrize("kind", ["cartesian", "axisymmetric", "spherical"])
def test_free_growth_is_without_stress(strain, kind):
    """Uniform heat and lithium in a free body: it grows by its eigenstrain, and nothing else happens."""
    metal = Metal(alpha=lambda T: 2e-5 + 1e-8 * (T - 300.0), omega=OMEGA, stores_species=True)
    domain = {
        "cartesian": box,
        "axisymmetric": section,
        "spherical": lambda: mesh.create_interval(MPI.COMM_SELF, 3, [0.0, 1.0]),
    }[kind]()
    body = Body(domain, metal, kind, strain, concentration=5e3, temperature=500.0)
    for i in range(domain.geometry.dim):
        body.hold(Plane(i, 0.0), i)
    body.solve()
    swelling, thermal = OMEGA * 5e3, 2e-5 * 200 + 1e-8 * 200**2 / 2
    stretch = (1 + swelling) ** (1 / 3) * (1 + thermal) - 1 if strain == "finite" else swelling / 3 + thermal
    below(body.error(body.u, stretch * body.x), 1e-9 * stretch)
    below(body.mean(mechanics.von_mises(body.here())), 1e-9 * metal.E)
    below(abs(body.mean(mechanics.hydrostatic_stress(body.here()))), 1e-9 * metal.E)


def test_no_thermal_strain_without_a_stress_free_temperature():
    """At one given temperature the default is a body without stress, also when a sweep changes that temperature."""
    body = Body(box(), Metal(alpha=lambda _: 2e-5))
    here = body.here()._replace(options=physics(stress_free=None))
    assert thermal_strain(here) == 0
    solved = here._replace(v={**here.v, TEMPERATURE: None})
    hot = {**here.u, TEMPERATURE: fem.Constant(body.domain, 400.0)}
    same(body.mean(thermal_strain(solved._replace(u=hot))), 2e-3, rel=1e-12)


def test_sphere_with_a_profile():
    """S. Timoshenko's sphere with a radial eigenstrain, as Cheng and Verbrugge write it; m = −Ω σ_h."""
    E, nu, R, C = 45e9, 0.29, 1e-6, 1e4
    domain = mesh.create_interval(MPI.COMM_SELF, 12, [0.0, R])
    body = Body(domain, Metal(E, nu, omega=OMEGA, stores_species=True), "spherical", degree=6)
    body.concentration = C * (body.x[0] / R) ** 2
    body.hold(Plane(0, 0.0), 0)
    body.solve()
    s = (body.x[0] / R) ** 2
    factor = E * OMEGA * C / (3 * (1 - nu))
    radial, hoop = 2 * factor * (1 - s) / 5, factor * (2 / 5 + s / 5 - s)
    exact = ufl.diag(ufl.as_vector([radial, hoop, hoop]))
    below(body.error(mechanics.stress(body.here()), exact), 4e-3 * factor)
    surface = fem.assemble_scalar(fem.form(body.u[0] * ufl.ds(domain)))
    assert surface == pytest.approx(OMEGA * C * R / 5, rel=1e-4)  # mean concentration 3C/5
    m = mechanics.response(body.here()).chemical
    below(body.error(m, -OMEGA * (radial + 2 * hoop) / 3), 4e-3 * OMEGA * factor)


def test_thick_walled_cylinder():
    """Lamé's solution of a long tube with internal pressure."""
    a, b, p, E, nu = 1.0, 2.0, 1e6, 45e9, 0.29
    body = Body(section(8, (a, b)), Metal(E, nu), "axisymmetric")
    body.hold(Plane(1, 0.0), 1)
    body.hold(Plane(1, 1.0), 1)
    body.load(Pressure(type="pressure", pressure=p), Plane(0, a))
    body.solve()
    r, k = body.x[0], p * a**2 / (b**2 - a**2)
    exact = ufl.diag(ufl.as_vector([k * (1 - b**2 / r**2), k * (1 + b**2 / r**2), 2 * nu * k]))
    below(body.error(mechanics.stress(body.here()), exact), 4e-3 * p)
    u = (1 + nu) / E * k * ((1 - 2 * nu) * r + b**2 / r)
    below(body.error(body.u, ufl.as_vector([u, 0])), 3e-5 * (1 + nu) / E * p * 4.42 / 3)


def divergence(P, x, kind):
    """Div P of a 3 x 3 stress in r θ z or x y z, in the plane of the drawing."""
    force = [P[i, 0].dx(0) + P[i, 2].dx(1) for i in (0, 2)]
    if kind == "axisymmetric":
        force = [force[0] + (P[0, 0] - P[1, 1]) / x[0], force[1] + P[2, 0] / x[0]]
    return ufl.as_vector(force)


@pytest.mark.parametrize("kind", ["cartesian", "axisymmetric"])
@pytest.mark.parametrize("strain", ["small", "finite"])
def test_rate_of_a_manufactured_solution(kind, strain):
    """Order 2 gives rate 3 in L2, with growth and body force; the strong form is written out by hand."""
    errors = []
    for n in (4, 8):
        metal = Metal(1.0, 0.3, omega=1.0, stores_species=True)
        body = Body(section(n), metal, kind, strain, degree=6)
        r, z = body.x
        exact = 0.1 * ufl.as_vector([r * ufl.cos(2 * z) * (1 - r / 3), ufl.sin(1.5 * z + r**2)])
        body.concentration = 0.1 * ufl.cos(r) * z
        everywhere = body.facets(lambda x: np.full(x.shape[1], True))
        boundary = fem.Function(body.V)
        boundary.interpolate(fem.Expression(exact, body.V.element.interpolation_points))
        body.bcs.append(fem.dirichletbc(boundary, fem.locate_dofs_topological(body.V, 1, everywhere)))
        body.u.x.array[:] = boundary.x.array
        P = mechanics.response(body.here(u=exact)).piola
        body.solve([ufl.dot(divergence(P, body.x, kind), body.v) * body.dx])
        errors.append(body.error(body.u, exact))
    assert np.log2(errors[0] / errors[1]) > 2.85
    assert errors[1] < 1e-4


@pytest.mark.parametrize("strain", ["small", "finite"])
def test_stress_and_potential_are_derivatives_of_the_energy(strain):
    """P = ∂ψ/∂F and m = ∂ψ/∂c of the very energy that is reported, at a wild state, with E(x)."""
    metal = Metal(1.0, 0.3, omega=0.5, softening=0.4, capacity=1.0, stores_species=True, alpha=lambda _: 1e-4)
    body = Body(section(), metal, "axisymmetric", strain, temperature=500.0)
    rng = np.random.default_rng(1)
    body.u.interpolate(lambda x: 0.2 * np.array([x[0] * (1 - x[1]), np.sin(2 * x[0]) + x[1] ** 2]))
    Q = fem.functionspace(body.domain, ("Lagrange", 1))
    c, m, y = fem.Function(Q), fem.Function(Q), ufl.TestFunction(Q)
    c.x.array[:] = rng.uniform(0.1, 0.6, len(c.x.array))
    energy = mechanics.strain_energy_density(body.here(**{CONCENTRATION: c})) * body.dx
    v, y = ufl.TestFunctions(ufl.MixedFunctionSpace(body.V, Q))
    here = with_potential(body.here(v=v, **{CONCENTRATION: c}), m, y)
    forces, potential = ufl.extract_blocks(mechanics.residual(here, body.dx))
    for block, f, sign in ((forces, body.u, 1), (potential, c, -1)):
        given = assemble_vector(fem.form(block)).array
        wanted = sign * assemble_vector(fem.form(ufl.derivative(energy, f))).array
        assert np.linalg.norm(given - wanted) < 1e-12 * np.linalg.norm(wanted)
        assert np.linalg.norm(wanted) > 1e-3
