"""Charge transfer through its real forms: planar cells, the double layer, alloying, plating and stripping."""

from __future__ import annotations

from types import SimpleNamespace

from petsc4py import PETSc

import numpy as np
import pytest
import ufl
from dolfinx import fem

from half_stack import Layers, jacobian_error, medium, restrict, solver
from thermolyte.errors import InputError
from thermolyte.interface.charge_transfer import ChargeTransfer, electrode_and_electrolyte
from thermolyte.physics import diffusion, electrochemistry
from thermolyte.physics.constants import FARADAY, GAS_CONSTANT
from thermolyte.physics.local import CONCENTRATION, IONIC_POTENTIAL, PLATED, POTENTIAL, TEMPERATURE

pytestmark = pytest.mark.serial
KAPPA, SIGMA, T = 0.08, 5.0, 296.15
RT_F = GAS_CONSTANT * T / FARADAY


def law(**given):
    return ChargeTransfer.model_validate({"type": "charge_transfer", **given})


# ---- metal | electrolyte | metal, all potentials meshed, in 1-D -----------------------------------
def planar_cell(left, right, current, swap=False, rates=None):
    """V at z = 0 against z = L with the current density drawn there; the potentials, and F."""
    mesh = Layers([("anode", 1e-4, 2), ("electrolyte", 7e-4, 3), ("lithium", 2e-4, 2)])
    made = [mesh.space(n) for n in mesh.names]
    spaces, maps = [s for s, _ in made], [m for _, m in made]
    u = [fem.Function(V) for V in spaces]
    v = ufl.TestFunctions(ufl.MixedFunctionSpace(*spaces))
    warm = fem.Constant(mesh.domain, T)
    metal = medium(conducts=True, electrical_conductivity=SIGMA)
    ions = medium(conducts_ions=True, ionic_conductivity=KAPPA)
    fields = (POTENTIAL, IONIC_POTENTIAL, POTENTIAL)
    rate = rates(u) if rates else [0 * w for w in u]
    parts = [
        mesh.local(m, {f: u[i], TEMPERATURE: warm}, {f: v[i]}, {f: rate[i]})
        for i, (m, f) in enumerate(zip((metal, ions, metal), fields, strict=True))
    ]
    F = sum(electrochemistry.residual(part, mesh.dx(i)) for i, part in enumerate(parts))
    for k, model in enumerate((left, right)):
        a, b = restrict(parts[k], "+"), restrict(parts[k + 1], "-")
        F += model.residual(model.parameters(mesh.domain), *((b, a) if swap else (a, b)), None, mesh.dS(k))
    I = fem.Constant(mesh.domain, float(current))
    F += I * v[0] * mesh.ds(1)
    top = spaces[2].mesh.geometry.x[:, 0]
    ground = fem.locate_dofs_geometrical(spaces[2], lambda x: np.isclose(x[0], top.max()))
    bcs = [fem.dirichletbc(0.0, ground, spaces[2])]
    problem = solver(ufl.extract_blocks(F), u, bcs, maps, f"cell{id(u)}_")
    lowest = np.argmin(spaces[0].tabulate_dof_coordinates()[:, 0])
    return SimpleNamespace(problem=problem, u=u, voltage=lambda: u[0].x.array[lowest], current=I)


OHMIC = 7e-4 / KAPPA + 3e-4 / SIGMA


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("current", [10.0, -500.0])
def test_planar_cell(current, swap):
    """R6: V = −(i ΣL/κ + η₁ + η₂), whichever side of the name is which."""
    left, right = law(exchange_current_density=16.5), law(exchange_current_density=40.0)
    cell = planar_cell(left, right, current, swap)
    cell.problem.solve()
    eta = sum(2 * RT_F * np.arcsinh(current / (2 * j0)) for j0 in (16.5, 40.0))
    assert cell.voltage() == pytest.approx(-(current * OHMIC + eta), rel=1e-12)


def test_planar_cell_with_films():
    """R_f adds i R_f exactly, in Butler-Volmer and in the linear law."""
    nonlinear = law(exchange_current_density=16.5, film_resistance=3.1e-4)
    linear = law(exchange_current_density=40.0, film_resistance=1e-3, linear=True)
    cell = planar_cell(nonlinear, linear, 200.0)
    cell.problem.solve()
    eta = 2 * RT_F * np.arcsinh(200 / 33.0) + 200 * 3.1e-4 + 200 * (RT_F / 40 + 1e-3)
    assert cell.voltage() == pytest.approx(-(200 * OHMIC + eta), rel=1e-12)


def test_double_layer_charges_before_the_reaction():
    """A step of current: Δφ = −i R (1 − (1 + Δt/RC)^−n) by backward Euler, from nothing to the full overpotential."""
    left = law(exchange_current_density=16.5, double_layer_capacitance=0.1, linear=True)
    right = law(exchange_current_density=1e3, linear=True)
    step = 4e-5
    before = []

    def rates(u):
        before.extend(fem.Function(w.function_space) for w in u)
        return [(w - w0) / step for w, w0 in zip(u, before, strict=True)]

    cell = planar_cell(left, right, 10.0, rates=rates)
    R = RT_F / 16.5
    for n in range(1, 5):
        cell.problem.solve()
        expected = -10 * R * (1 - (1 + step / (R * 0.1)) ** -n) - 10 * (OHMIC + RT_F / 1e3)
        assert cell.voltage() == pytest.approx(expected, rel=1e-11)
        for w, w0 in zip(cell.u, before, strict=True):
            w0.x.array[:] = w.x.array


# ---- host with lumped voltage | electrolyte, on a strip -------------------------------------------
C_MAX, HOST, UNITS = 69600.0, 140e-9, (1.0, 1e5, 1.0, 1e-2)
ROWS = (1e5, 1e5 * FARADAY, 1e5, 1e5 * FARADAY)  # residuals in A/m²


def half_cell(model, step, capacity=True, D=1e-14):
    """Host | electrolyte in front of a reference at φ_ionic = 0; unknowns φ_ionic, c, V, n in UNITS."""
    mesh = Layers([("host", HOST, 4), ("electrolyte", 2e-5, 2)], width=1e-5)
    made = [mesh.space("electrolyte"), mesh.space("host"), (mesh.real_space(), None), mesh.interface_space(0)]
    spaces, maps = [s for s, _ in made], [m for _, m in made if m is not None]
    u, old = [[fem.Function(V) for V in spaces] for _ in range(2)]
    tests = [k * v for k, v in zip(ROWS, ufl.TestFunctions(ufl.MixedFunctionSpace(*spaces)), strict=True)]
    dt = fem.Constant(mesh.domain, step)
    ionic, c, V, n = (k * w for k, w in zip(UNITS, u, strict=True))
    rate = [k * (w - w0) / dt for k, w, w0 in zip(UNITS, u, old, strict=True)]
    warm = fem.Constant(mesh.domain, T)
    limits = {"initial_concentration": 0.0, "maximum_concentration": C_MAX, "composition": lambda c: c / C_MAX}
    host = medium(
        conducts=True, lumped=True, stores_species=capacity, diffusivity=D, open_circuit_potential=0.2, **limits
    )
    ions = medium(conducts_ions=True, ionic_conductivity=KAPPA)
    stored = {CONCENTRATION: c} if capacity else {}
    a = mesh.local(
        host,
        {POTENTIAL: V, TEMPERATURE: warm} | stored,
        {POTENTIAL: tests[2]} | ({CONCENTRATION: tests[1]} if capacity else {}),
        {POTENTIAL: rate[2], CONCENTRATION: rate[1]},
    )
    b = mesh.local(
        ions, {IONIC_POTENTIAL: ionic, TEMPERATURE: warm}, {IONIC_POTENTIAL: tests[0]}, {IONIC_POTENTIAL: rate[0]}
    )
    F = (
        diffusion.residual(a, mesh.dx(0))
        + diffusion.accumulation(a, mesh.dx(0))
        + electrochemistry.residual(b, mesh.dx(1))
    )
    F += electrochemistry.residual(a, mesh.dx(0))
    if not capacity:
        F += u[1] * tests[1] * mesh.dx(0)
    a, b = restrict(a, "+"), restrict(b, "-")
    for side in (a, b):
        side.u[PLATED], side.v[PLATED], side.rate[PLATED] = n("+"), tests[3]("+"), rate[3]("+")
    p = model.parameters(mesh.domain)
    if model.plating is None:
        F += u[3]("+") * tests[3]("+") * mesh.dS(0)
    F += model.residual(p, b, a, None, mesh.dS(0))
    I = fem.Constant(mesh.domain, 0.0)
    F += I * tests[2] * mesh.ds(1)
    grounded = fem.locate_dofs_geometrical(spaces[0], lambda x: np.isclose(x[1], HOST + 2e-5))
    F = ufl.extract_blocks(F)
    problem = solver(F, u, [fem.dirichletbc(0.0, grounded, spaces[0])], maps, f"half{id(u)}_")
    area = 1e-5
    stored_form = fem.form(c * mesh.dx(0), entity_maps=maps)
    j = model.current_densities(p, a, b)
    flows = [fem.form(x * mesh.dS(0), entity_maps=maps) for x in j]

    def advance(depth=0):
        try:
            problem.solve()
        except PETSc.Error:  # where the host fills, the potential falls by 0.2 V within a small part of the step
            if depth == 10:
                raise
            for w, w0 in zip(u, old, strict=True):
                w.x.array[:] = w0.x.array
            dt.value /= 2
            advance(depth + 1)
            advance(depth + 1)
            dt.value *= 2
        for w, w0 in zip(u, old, strict=True):
            w0.x.array[:] = w.x.array

    return SimpleNamespace(
        F=F, u=u, old=old, maps=maps, current=I, dt=dt, advance=advance,
        voltage=lambda: u[2].x.array[0], plated=lambda: UNITS[3] * u[3].x.array,
        alloyed=lambda: fem.assemble_scalar(stored_form) / area,
        currents=lambda: [fem.assemble_scalar(f) / area for f in flows],
    )  # fmt: skip


PLATING = {"exchange_current_density": 20.0, "monolayer": 2.1e-5}


def test_alloying_then_plating_then_back():
    """The host (0.2 V) fills first, lithium plates when its surface is full and is stripped first; all is conserved."""
    model = law(exchange_current_density=30.0, saturation_width=0.01, film_resistance=3.1e-4, plating=PLATING)
    cell = half_cell(model, step=4.0)
    charge, history = 0.0, []
    for current in [10.0] * 35 + [-10.0] * 30:
        cell.current.value = current
        cell.advance()
        charge += current * 4.0
        n, stored = cell.plated(), cell.alloyed()
        assert np.ptp(n) < 1e-9 * max(n.max(), 1e-6)
        assert stored + n.mean() == pytest.approx(charge / FARADAY, rel=1e-10)
        assert sum(cell.currents()) == pytest.approx(-current, rel=1e-10)
        history.append((cell.voltage(), n.mean(), stored / (C_MAX * HOST)))
    V, n, full = np.array(history).T
    assert n[:20].max() < 1e-6  # nothing but a trace of a monolayer before the surface is full, 20 of 23.4 steps
    assert V[5] == pytest.approx(0.2 - 2 * RT_F * np.arcsinh(10 / 60) - 10 * (3.1e-4 + 2e-5 / KAPPA), abs=2e-3)
    assert full[34] > 0.999
    assert n[34] == pytest.approx(1400 / FARADAY - full[34] * C_MAX * HOST, rel=1e-9)
    assert V[34] == pytest.approx(-2 * RT_F * np.arcsinh(10 / 40) - 10 * (3.1e-4 + 2e-5 / KAPPA), abs=1e-3)
    assert V[40] == pytest.approx(-V[34], abs=1e-3)  # stripping
    assert full[40] > 0.999
    assert 0 < n[-1] < 1e-6
    assert V[-1] > 0.2
    assert full[-1] < 0.9


def test_stripping_at_a_collector_follows_its_rate_equation():
    """ṅ = −(j₀/F)[n/(n + n_ref) exp(Fη/2RT) − exp(−Fη/2RT)] at the η that the current leaves, down to the last."""
    model = law(plating=PLATING)
    cell = half_cell(model, step=1.0, capacity=False)
    amount = 20.0 / FARADAY  # two seconds at 10 A/m²
    for w in (cell.u[3], cell.old[3]):
        w.x.array[:] = amount / UNITS[3]
    for step, current in ((1.0, -10.0), (0.5, -10.0), (0.4, -10.0), (0.1, -9.0), (1.0, 0.0)):
        cell.dt.value, cell.current.value = step, current
        cell.advance()
        amount += current * step / FARADAY
        share = amount / (amount + 2.1e-5)
        # a e^y − e^−y = −i/j₀ with y = Fη/2RT
        y = np.log((-current / 20.0 + np.sqrt((current / 20.0) ** 2 + 4 * share)) / (2 * share))
        eta = 2 * RT_F * y
        assert cell.plated() == pytest.approx(amount, rel=1e-9)
        assert cell.voltage() == pytest.approx(eta - current * 2e-5 / KAPPA, rel=1e-9)
    assert amount < 2.1e-5 / 10


@pytest.mark.parametrize("film", [None, 1e-2])
def test_jacobian(film):
    """All terms at once against finite differences."""
    given = {"exchange_current_density": 30.0, "saturation_width": 0.05, "double_layer_capacitance": 0.1}
    model = law(**given, plating=PLATING, **({"film_resistance": film} if film else {}))
    cell = half_cell(model, step=1e-3)
    rng = np.random.default_rng(2)
    for w, low, high in zip(cell.u, (-0.01, 0.3, 0.05, 1e-4), (0.01, 0.6, 0.06, 5e-3), strict=True):
        w.x.array[:] = rng.uniform(low, high, len(w.x.array))
    error, size = jacobian_error(cell.F, cell.u, cell.maps, 1e-6)
    assert error.max() < 1e-7
    assert size.min() > 0


def test_rate_constant_in_the_forms():
    """The empty host starts at the exchange current of almost no lithium, and fills without an incident."""
    cell = half_cell(law(rate_constant=1e-8), step=1.0)
    cell.current.value = 1.0
    for _ in range(3):
        cell.advance()
    assert cell.alloyed() == pytest.approx(3.0 / FARADAY, rel=1e-10)


# ---- bad input ------------------------------------------------------------------------------------
def test_which_side_is_the_electrolyte():
    def side(*fields):
        return SimpleNamespace(u=dict.fromkeys(fields, 0))

    metal, ions = side(POTENTIAL), side(IONIC_POTENTIAL)
    assert electrode_and_electrolyte(ions, metal) == electrode_and_electrolyte(metal, ions) == (metal, ions)
    with pytest.raises(InputError, match="neither side conducts ions"):
        electrode_and_electrolyte(metal, metal)
    with pytest.raises(InputError, match="both sides conduct ions"):
        electrode_and_electrolyte(ions, side(IONIC_POTENTIAL, POTENTIAL))
    with pytest.raises(InputError, match="no electric potential"):
        electrode_and_electrolyte(side(CONCENTRATION), ions)


def test_plating_on_lithium_metal_is_ambiguous():
    with pytest.raises(InputError, match="not both"):
        half_cell(law(exchange_current_density=1.0, plating=PLATING), 1.0, capacity=False)
