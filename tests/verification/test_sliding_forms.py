"""Friction on boundaries and sliding of interfaces; the Jacobian of everything mechanical."""

from __future__ import annotations

from types import SimpleNamespace

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh
from dolfinx.fem.petsc import assemble_matrix, assemble_vector
from pydantic import ValidationError

from solid import Body, Metal, Plane, with_potential
from thermolyte.boundary.mechanical import Clamped, Displacement, FrictionCondition, Pressure, Symmetry, Traction
from thermolyte.errors import InputError
from thermolyte.interface.sliding import Sliding
from thermolyte.physics import mechanics
from thermolyte.physics.local import CONCENTRATION, DISPLACEMENT

pytestmark = pytest.mark.serial
DELTA = 1e-3
CREEP = SimpleNamespace(rate=1e-3, exponent=5.0, reference_stress=0.1)


def block(**given):
    """x z of one cell, two meshes of height 1."""
    domain = mesh.create_unit_square(MPI.COMM_SELF, 1, 1, mesh.CellType.quadrilateral)
    return Body(domain, Metal(1.0, 0.3), **given)


@pytest.mark.parametrize("given", [{"limit": 2e-3}, {"friction_coefficient": 0.4, "pressure": 5e-3}])
def test_friction_holds_a_block(given):
    """Its mean slip is δ artanh(τ/τ_max) for a stiff block, up to the limit, which is adhesion or µ p."""
    body = block()
    body.medium.E = 1e3
    body.hold(Plane(1, 0.0), 1)
    body.load(FrictionCondition(type="friction", regularisation=DELTA, **given), Plane(1, 0.0))
    body.load(Traction(type="traction", x=1e-3), Plane(0, 1.0))
    body.solve()
    slip = body.mean(body.u[0])
    assert slip == pytest.approx(DELTA * np.arctanh(0.5), rel=1e-2)


def pair(law, push, shear):
    """Two cells on each other, discontinuous between them: mean slip and overlap of the upper on the lower."""
    domain = mesh.create_rectangle(
        MPI.COMM_SELF, [np.zeros(2), np.array([1.0, 2.0])], [1, 2], mesh.CellType.quadrilateral
    )
    body = Body(domain, Metal(1e3, 0.3), element="DG")
    p, n = law.parameters(domain), ufl.FacetNormal(domain)
    here = body.here()

    def side(sign):
        return here._replace(u={DISPLACEMENT: body.u(sign)}, v={DISPLACEMENT: body.v(sign)}, x=body.x(sign))

    dS = ufl.Measure("dS", domain, metadata={"quadrature_degree": 4})
    held = 1e6 * ufl.dot(body.u, body.v) * body.ds(Plane(1, 0.0))
    body.load(Traction(type="traction", x=shear), Plane(1, 2.0))
    body.load(Pressure(type="pressure", pressure=push), Plane(1, 2.0))
    a, b = side("+"), side("-")
    body.solve([law.residual(p, a, b, n("+"), dS), held])
    one = fem.Constant(domain, 1.0)
    area = fem.assemble_scalar(fem.form(one * dS))
    pressure = fem.assemble_scalar(fem.form(law.normal_pressure(p, a, b, n("+")) * dS)) / area
    up = n("+")[1]  # the normal from a to b, whichever is the upper cell
    jump = a.u[DISPLACEMENT] - b.u[DISPLACEMENT]
    slip = fem.assemble_scalar(fem.form(-up * jump[0] * dS)) / area
    return slip, pressure


@pytest.mark.parametrize(
    ("given", "limit"),
    [
        ({"limit": 4e-3}, 4e-3),
        ({"friction_coefficient": 0.4, "pressure": 1e-2}, 4e-3),
        ({"friction_coefficient": 0.4, "limit": 2e-3}, 4e-3),
    ],
)
def test_sliding_carries_the_load(given, limit):
    """The normal pressure is that of the load; the slip obeys the law, whichever side is '+'."""
    law = Sliding(type="sliding", normal_stiffness=1e6, regularisation=DELTA, **given)
    slip, pressure = pair(law, 5e-3, 1e-3)
    assert pressure == pytest.approx(5e-3, rel=1e-6)
    assert slip == pytest.approx(DELTA * np.arctanh(1e-3 / limit), rel=3e-2)


def test_frictionless_sliding_transmits_no_shear():
    law = Sliding(type="sliding", normal_stiffness=1e6)
    domain = mesh.create_unit_square(MPI.COMM_SELF, 1, 1)
    p, n = law.parameters(domain), ufl.FacetNormal(domain)
    u = fem.Function(fem.functionspace(domain, ("DG", 2, (2,))))
    u.interpolate(lambda x: np.where(x[0] > x[1], 1.0, 0.0) * np.array([[0.01], [0.01]]))  # along the diagonal
    side = {s: SimpleNamespace(u={DISPLACEMENT: u(s)}) for s in "+-"}
    t = law.traction(p, side["+"], side["-"], n("+"))
    assert fem.assemble_scalar(fem.form(ufl.dot(t, t) * ufl.dS)) < 1e-18


def test_jacobian():
    """Plastic flow, creep, growth, projection and friction at finite strain, against central differences."""
    metal = Metal(1.0, 0.3, omega=0.5, softening=0.4, capacity=1.0, stores_species=True)
    metal.strength, metal.hardening, metal.creep = 0.05, 0.1, CREEP
    body = Body(mesh.create_unit_square(MPI.COMM_SELF, 2, 2), metal, "axisymmetric", "finite")
    Q = fem.functionspace(body.domain, ("Lagrange", 1))
    c, m = fem.Function(Q), fem.Function(Q)
    rng = np.random.default_rng(3)
    body.u.interpolate(lambda x: 0.1 * np.array([x[0] * (1 - x[1]), np.sin(2 * x[0]) + x[1] ** 2]))
    c.x.array[:] = rng.uniform(0.1, 0.5, len(c.x.array))
    v, y = ufl.TestFunctions(ufl.MixedFunctionSpace(body.V, Q))
    body.v = v
    law = FrictionCondition(type="friction", limit=0.1, friction_coefficient=0.3, pressure=0.1, regularisation=0.2)
    body.load(law, Plane(1, 1.0))
    here = with_potential(body.here(**{CONCENTRATION: c}), m, y)
    F = ufl.extract_blocks(mechanics.residual(here, body.dx) + body.terms[0])
    for block_of_F in F:
        for f in (body.u, c):
            direction = fem.Function(f.function_space)
            direction.x.array[:] = rng.uniform(-1, 1, len(direction.x.array))
            form, start, h = fem.form(block_of_F), f.x.array.copy(), 1e-6
            got = assemble_vector(fem.form(ufl.derivative(block_of_F, f, direction))).array
            ends = []
            for s in (h, -h):
                f.x.array[:] = start + s * direction.x.array
                ends.append(assemble_vector(form).array)
            f.x.array[:] = start
            difference = (ends[0] - ends[1]) / (2 * h)
            assert np.linalg.norm(got - difference) < 1e-6 * np.linalg.norm(difference)
            assert np.linalg.norm(difference) > 0
    flowing = body.mean(mechanics.updated(here)["accumulated_plastic_strain"])
    assert flowing > 1e-3


def test_jacobian_at_rest_is_that_of_elasticity():
    """No stress, no slip, no flow: the roots and conditionals of the laws leave no nan and no softening."""
    matrices = []
    for inelastic in (False, True):
        metal = Metal(1e9, 0.3)
        if inelastic:
            metal.strength, metal.creep = 1e7, SimpleNamespace(rate=1e-3, exponent=5.0, reference_stress=1e6)
        body = Body(mesh.create_unit_square(MPI.COMM_SELF, 1, 1), metal, strain="finite")
        F = mechanics.residual(body.here(), body.dx)
        A = assemble_matrix(fem.form(ufl.derivative(F, body.u)))
        A.assemble()
        matrices.append(A.convert("dense").getDenseArray().copy())
    assert np.abs(matrices[0] - matrices[1]).max() < 1e-9 * np.abs(matrices[0]).max()


def test_essential_conditions_name_their_components():
    assert Displacement(type="displacement", z="-10 nm").values(("r", "z")) == {1: "z"}
    assert Clamped(type="clamped").values(("x", "y", "z")) == {0: 0.0, 1: 0.0, 2: 0.0}
    assert Symmetry(type="symmetry").values(("r", "z"), normal=1) == {1: 0.0}


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: Displacement(type="displacement", y=0.0).values(("r", "z")), "no component `y`; known: r, z"),
        (lambda: Symmetry(type="symmetry").values(("r", "z")), "a plane across one of the axes r, z"),
        (lambda: Displacement(type="displacement"), "at least one of x, y, z, r"),
        (lambda: FrictionCondition(type="friction"), "give limit"),
        (lambda: FrictionCondition(type="friction", friction_coefficient=0.3), "needs the pressure"),
        (lambda: Pressure(type="pressure", pressure="9 mm"), "wrong dimension"),
    ],
)
def test_bad_input(act, message):
    with pytest.raises((InputError, ValidationError), match=message):
        act()
