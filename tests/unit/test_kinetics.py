"""Charge-transfer kinetics in UFL: closed forms, the film, saturation, availability, overflow, and bad input."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import ufl
from dolfinx import fem
from dolfinx import mesh as dmesh
from pydantic import ValidationError
from scipy.optimize import brentq

from thermolyte.electrode_kinetics import ElectrodeKinetics
from thermolyte.interface.charge_transfer import LITHIUM_MOLAR_VOLUME, ChargeTransfer, Plating
from thermolyte.parameters import Parameters
from thermolyte.physics import kinetics
from thermolyte.physics.constants import FARADAY, GAS_CONSTANT
from thermolyte.physics.kinetics import Reaction, current_densities
from thermolyte.physics.local import CONCENTRATION, IONIC_POTENTIAL, MECHANICAL_POTENTIAL, TEMPERATURE, Local

pytestmark = pytest.mark.serial
ROOM = 298.15
F_RT = FARADAY / (GAS_CONSTANT * ROOM)


class Points:
    """A value per cell of a mesh: UFL expressions of them, and what they evaluate to."""

    def __init__(self, comm, n):
        self.domain = dmesh.create_interval(comm, n, [0.0, 1.0])
        self.space = fem.functionspace(self.domain, ("DG", 0))
        self.cells = np.arange(n, dtype=np.int32)

    def __call__(self, values):
        function = fem.Function(self.space)
        function.x.array[:] = values
        return function

    def evaluate(self, *expressions):
        vector = ufl.as_vector([ufl.as_ufl(e) for e in expressions])
        return fem.Expression(vector, np.array([[0.5]])).eval(self.domain, self.cells).reshape(len(self.cells), -1).T

    def derivative(self, expression, variable):
        slope = ufl.derivative(expression, variable, fem.Constant(self.domain, 1.0))
        return self.evaluate(ufl.algorithms.apply_derivatives.apply_derivatives(slope))[0]


def overpotential(j, j0):
    """Of α = 1/2: the closed form."""
    return 2 / F_RT * np.arcsinh(j / (2 * j0))


def root(outside, r, terms):
    """F E/RT behind the film by bracketing; terms of (j0, u, α_a, α_c, a, s)."""

    def currents(w):
        return [j0 * (a * np.exp(p * (w - u)) - s * np.exp(-q * (w - u))) for j0, u, p, q, a, s in terms]

    ends = [outside, *(u + np.log(s / a) / (p + q) for _, u, p, q, a, s in terms)]
    w = brentq(lambda w: w - outside + r * sum(currents(w)), min(ends) - 1, max(ends) + 1, xtol=1e-15, rtol=1e-15)
    return currents(w)


def test_reference_overpotentials(comm):
    """R6 of the reference: η at 298.15 K, α = 1/2."""
    j0, j, mV = np.array(
        [
            *[(1, 1, 24.72715), (1, 10, 118.82501), (1, 50, 201.04046)],
            *[(10, 1, 2.568189), (10, 10, 24.727146), (10, 50, 84.643233)],
            *[(100, 1, 0.256925), (100, 10, 2.568189), (100, 50, 12.716103)],
        ]
    ).T
    points = Points(comm, len(j))
    found = points.evaluate(*current_densities([Reaction(0.1, points(j0), 0.5, 0.5)], points(0.1 + mV / 1e3), ROOM))
    assert found[0] == pytest.approx(j, rel=2e-6)


def test_film_is_exact_over_the_whole_range(comm):
    """Δφ = U + R_f j + η(j) with the closed η(j): error of j to round-off, and the slope dj/dΔφ."""
    difference = np.concatenate([-np.logspace(-6, 0, 9), np.logspace(-6, 0, 9)])
    film = np.array([0.0, 1e-8, 1e-6, 1e-4, 1e-2, 1e-1])
    d, r, j0 = (x.ravel() for x in np.meshgrid(difference, film, np.logspace(-3, 3, 7)))
    points, U = Points(comm, d.size), 0.05
    delta, R = points(d + U), points(r)
    j = current_densities([Reaction(U, points(j0), 0.5, 0.5)], delta, ROOM, R)[0]
    found = points.evaluate(j)[0]
    slope = 1 / (r + 1 / (F_RT * j0 * np.cosh(F_RT * overpotential(found, j0) / 2)))
    rest = r * found + overpotential(found, j0) - d
    assert (np.abs(rest * slope) < 1e-12 * np.abs(found) + 1e-15 * j0).all()  # the latter: exp(z) − exp(−z) near 0
    assert points.derivative(j, delta) == pytest.approx(slope, rel=1e-11)


def test_film_with_unequal_coefficients_and_two_reactions(comm):
    """Parallel reactions share the film: against bracketing, with activities down to 1e-6."""
    rng = np.random.default_rng(1)
    n = 300
    d, r = rng.uniform(-1, 1, n), 10 ** rng.uniform(-8, -1, n)
    j0, U = 10 ** rng.uniform(-3, 3, (2, n)), rng.choice([-0.1, 0.0, 0.2, 0.34], (2, n))
    alpha = rng.choice([0.1, 0.3, 0.5, 0.7, 0.9], (4, n))
    activity = rng.choice([1.0, 1.0, 1e-3, 1e-6], (4, n))
    points = Points(comm, n)
    reactions = [
        Reaction(
            *(points(x) for x in (U[k], j0[k], alpha[2 * k], alpha[2 * k + 1], activity[2 * k], activity[2 * k + 1]))
        )
        for k in (0, 1)
    ]
    found = points.evaluate(*current_densities(reactions, points(d), ROOM, points(r)))
    for i in range(n):
        terms = [
            (j0[k, i], F_RT * U[k, i], *alpha[2 * k : 2 * k + 2, i], *activity[2 * k : 2 * k + 2, i]) for k in (0, 1)
        ]
        expected = root(F_RT * d[i], F_RT * r[i], terms)
        drop = d[i] - r[i] * found[:, i].sum()
        closed = [
            j * (a * np.exp(p * (F_RT * drop - u)) - s * np.exp(-q * (F_RT * drop - u))) for j, u, p, q, a, s in terms
        ]
        scale = max(np.abs(expected))
        assert found[:, i] == pytest.approx(expected, rel=1e-10, abs=1e-11 * scale)
        # A steep branch magnifies the round-off of the drop in the check, not in the solution.
        assert found[:, i] == pytest.approx(closed, rel=1e-9, abs=1e-9 * scale)


@pytest.mark.parametrize("film", [None, 0.0, 1e-6, 0.1])
def test_no_overflow(comm, film):
    """Currents and their derivatives stay finite and keep their sign for iterates of a kilovolt."""
    d = np.array([-1e3, -50.0, -5.0, 5.0, 50.0, 1e3])
    points = Points(comm, d.size)
    delta, empty = points(d), points(0.0)
    R = None if film is None else points(film)
    reactions = [Reaction(0.0, points(10.0), 0.5, 0.5, empty), Reaction(0.2, points(10.0), 0.5, 0.5, 1.0, empty)]
    j = sum(current_densities(reactions, delta, ROOM, R))
    for found in (points.evaluate(j)[0], points.derivative(j, delta), points.derivative(j, empty)):
        assert np.isfinite(found).all()
    assert (np.sign(points.evaluate(j)[0]) == np.sign(d)).all()
    assert (points.derivative(j, delta) > 0).all()


def test_exponential_goes_on_as_its_tangent(comm):
    z = np.array([-1e3, 0.0, 59.0, 61.0, 1e5])
    points = Points(comm, z.size)
    x = points(z)
    top = np.exp(60.0)
    assert points.evaluate(kinetics.exponential(x))[0] == pytest.approx([0, 1, np.exp(59.0), 2 * top, top * (1e5 - 59)])
    assert points.derivative(kinetics.exponential(x), x) == pytest.approx([0, 1, np.exp(59.0), top, top])


# ---- of a case ----------------------------------------------------------------------------------------------------
def host(points, c, **over):
    """An electrode of a host with U = 0.2 V − 0.1 V x and c_max = 100 mol/m³."""
    medium = SimpleNamespace(
        stores_species=True,
        initial_concentration=fem.Constant(points.domain, 50.0),
        maximum_concentration=100.0,
        composition=lambda c: c / 25.0,
        open_circuit_potential=lambda x, _: 0.2 - 0.1 * x,
    )
    u = {TEMPERATURE: fem.Constant(points.domain, ROOM)} | ({} if c is None else {CONCENTRATION: points(c)})
    options = SimpleNamespace(coupling=over.pop("coupling", "two_way"))
    return Local(medium, u | over, {}, {}, options, None, None)


@pytest.mark.parametrize(("coupling", "shift"), [("two_way", -0.13474e-3), ("one_way", 0.0)])
def test_pressure_shifts_the_equilibrium_potential(comm, coupling, shift):
    """R10: m = Ω p with 13 cm³/mol lowers U by 0.13474 mV/MPa; not under one_way."""
    points = Points(comm, 1)
    electrode = host(points, 25.0, **{MECHANICAL_POTENTIAL: points(13.0e-6 * 1e6)}, coupling=coupling)
    assert points.evaluate(kinetics.equilibrium_potential(electrode))[0][0] == pytest.approx(0.1 + shift, abs=1e-8)


def test_stack_pressure_on_plated_lithium(comm):
    """9 MPa: 1.21 mV below stress-free lithium."""
    points = Points(comm, 1)
    model = Plating(exchange_current_density=1.0, stack_pressure=9e6)
    U = model.reaction(Parameters(model, points.domain), points(1.0)).equilibrium_potential
    assert points.evaluate(U)[0][0] == pytest.approx(-1.21e-3, abs=0.005e-3)
    thickness = 3.6e4 / FARADAY * LITHIUM_MOLAR_VOLUME  # of 1 mAh/cm²
    assert thickness == pytest.approx(4.849e-6, rel=1e-4)


def test_initial_composition_where_it_is_not_solved_for(comm):
    points = Points(comm, 1)
    assert points.evaluate(kinetics.equilibrium_potential(host(points, None)))[0][0] == pytest.approx(0.0)


def test_rate_constant(comm):
    """j₀ = F k c^α_c (c_max − c)^α_a; finite slopes at the empty and the full host."""
    c = np.array([-1.0, 0.0, 20.0, 100.0])
    points = Points(comm, c.size)
    model = ElectrodeKinetics(rate_constant=1e-6, cathodic_transfer_coefficient=0.3, anodic_transfer_coefficient=0.7)
    electrode = host(points, c)
    j0 = model.reaction(Parameters(model, points.domain), electrode).exchange_current_density
    found = points.evaluate(j0)[0]
    assert found[2] == pytest.approx(FARADAY * 1e-6 * 20.0**0.3 * 80.0**0.7)
    assert (found > 0).all()
    assert np.isfinite(points.derivative(j0, electrode.u[CONCENTRATION])).all()


def test_saturation_stops_each_direction(comm):
    """Full: nothing enters; empty: nothing leaves; between them as without it."""
    c = np.array([0.0, 50.0, 100.0, 101.0])
    points = Points(comm, c.size)
    plain = ElectrodeKinetics(exchange_current_density=10.0)
    limited = ElectrodeKinetics(exchange_current_density=10.0, saturation_width=0.01)
    electrode, T = host(points, c), fem.Constant(points.domain, ROOM)

    def current(model, difference):
        p = Parameters(model, points.domain)
        return points.evaluate(model.anodic_current_density(p, points(difference), T, electrode))[0]

    entering, leaving = current(limited, -0.5), current(limited, 0.5)
    assert entering[2] == pytest.approx(0.0, abs=0.05)
    assert leaving[0] == pytest.approx(0.0, abs=0.05)
    assert entering[3] > 0  # an iterate beyond the full host is driven back
    assert entering[:2] == pytest.approx(current(plain, -0.5)[:2], rel=0.011)
    assert leaving[1:3] == pytest.approx(current(plain, 0.5)[1:3], rel=0.011)


def test_linear_law(comm):
    """R_ct = RT/(F j₀) in series with the film."""
    points = Points(comm, 1)
    model = ElectrodeKinetics(exchange_current_density=10.0, film_resistance=1e-3, linear=True)
    j = model.anodic_current_density(Parameters(model, points.domain), points(0.05), points(ROOM), None)
    assert points.evaluate(j)[0][0] == pytest.approx(0.05 / (1 / (F_RT * 10.0) + 1e-3), rel=1e-14)


def test_terminal_on_an_electrolyte(comm):
    """Positive out of the electrolyte where the electrode is the negative one: it plates there."""
    points = Points(comm, 2)
    model = ElectrodeKinetics(exchange_current_density=10.0)
    here = Local(None, {IONIC_POTENTIAL: points(0.0), TEMPERATURE: points(ROOM)}, {}, {}, None, None, None)
    found = points.evaluate(model.current_density(Parameters(model, points.domain), here, points([-0.05, 0.05])))[0]
    assert found == pytest.approx([20 * np.sinh(F_RT * 0.025), -20 * np.sinh(F_RT * 0.025)])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "give exchange_current_density or rate_constant"),
        ({"exchange_current_density": 1.0, "rate_constant": 1e-9}, "not both"),
        ({"rate_constant": 1e-9, "saturation_width": 0.01}, "saturation_width goes with exchange_current_density"),
        ({"exchange_current_density": 1.0, "linear": True, "saturation_width": 0.01}, "without linear"),
        (
            {"exchange_current_density": 1.0, "linear": True, "plating": {"exchange_current_density": 1.0}},
            "linear or plating",
        ),
        ({"exchange_current_density": 0.0}, "greater than 0"),
        ({"exchange_current_density": "1 mV"}, "wrong dimension"),
    ],
)
def test_bad_input(given, message):
    with pytest.raises(ValidationError, match=message):
        ChargeTransfer.model_validate({"type": "charge_transfer", **given})
