"""Resistance line scans against closed forms: a column, a constriction, and the Peltier voltage of a dc scan."""

from __future__ import annotations

import numpy as np
import pytest
from dolfinx import mesh as dmesh

from slab import region, slab
from thermolyte.boundary import Convection, Temperature
from thermolyte.doping import Voxels
from thermolyte.interface.contact import Contact
from thermolyte.line_scan.options import LineScan
from thermolyte.line_scan.scans import Line, LineScans
from thermolyte.mesh import Mesh
from thermolyte.problem import Problem
from thermolyte.region import Region
from thermolyte.setup import Setup
from thermolyte.solver import Solver, SolverSettings
from thermolyte.terminal import Current, Ground

STRAP, LEG, WIDTH = 1e-3, 6e-3, 2e-3
COPPER, N_TYPE = (0.0, 5.9e7, 400.0), (-200e-6, 9e4, 1.08)  # S, σ, κ
RHO = {"cold_pad/leg": 1.71e-10, "leg/hot_pad": 20e-10}
T0 = 300.0
NAMES = ("seebeck_coefficient", "electrical_conductivity", "thermal_conductivity")
ACROSS = {1: [], 2: [(WIDTH, 1)], 3: [(WIDTH, 2), (WIDTH, 2)]}


def column(comm, dim, current=-0.1, boundaries=None, materials=(COPPER, N_TYPE), cells=4):
    mesh = slab(comm, [("cold_pad", STRAP, 2), ("leg", LEG, cells), ("hot_pad", STRAP, 2)], ACROSS[dim])
    pad, leg = (region(**dict(zip(NAMES, p, strict=True))) for p in materials)
    held = [Temperature(type="temperature", temperature=T0)]
    contact = {
        tuple(ab.split("/")): Contact(contact_resistivity=rho, thermal_contact_resistance=1e-9)
        for ab, rho in RHO.items()
    }
    return mesh, Setup(
        {"cold_pad": pad, "leg": leg, "hot_pad": pad},
        boundaries or {"cold": held, "hot": held},
        {"cold": Ground(type="ground"), "hot": Current(type="current", current=current)},
        contact,
    )


def scans(mesh, setup, solved=False, area=None, **lines):
    problem = Problem(mesh, setup)
    if solved:
        problem.set_initial(T0)
        Solver(problem, SolverSettings(preset="direct")).solve()
    area = area or WIDTH ** (mesh.domain.geometry.dim - 1)
    return LineScans(problem, {n: Line(x, area, n) for n, x in lines.items()}, "hot")


def line(dim, **options):
    """Along the middle of the side of a slab, from pad to pad."""
    side = [WIDTH, WIDTH / 2][: dim - 1]
    defaults = {"start": [2e-4, *side], "stop": [7.8e-3, *side], "spacing": 5e-5}
    return LineScan.model_validate(defaults | options)


# ---- a column: V is piecewise linear ---------------------------------------------------------------------------------
@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("current", [-0.1, 0.2])
def test_column_is_recovered(comm, dim, current):
    mesh, setup = column(comm, dim, current)
    tips = {
        "point": line(dim),
        "disc": line(dim, probe_diameter=20e-6, exclude=100e-6),
        "wide": line(dim, probe_diameter=150e-6, exclude=80e-6, reference="cold"),
        "back": line(dim, start=line(dim).stop, stop=line(dim).start, probe_diameter=20e-6, exclude=60e-6),
    }
    found = scans(mesh, setup, **tips).evaluate()
    for name in tips:
        for r in ("cold_pad", "leg", "hot_pad"):
            sigma = N_TYPE[1] if r == "leg" else COPPER[1]
            rtol = 1e-9 if r == "leg" else 1e-8  # 700 times less voltage in a pad
            assert found.values[f"scan_conductivity.{name}.{r}"] == pytest.approx(sigma, rel=rtol)
            assert abs(found.values[f"scan_bias.{name}.{r}"]) < rtol
        for ab, rho in RHO.items():
            assert found.values[f"scan_contact_resistivity.{name}.{ab}"] == pytest.approx(rho, rel=1e-9)
            assert abs(found.values[f"scan_bias.{name}.{ab}"]) < 1e-9


def test_a_line_may_end_within_a_region(comm):
    mesh, setup = column(comm, 3)
    found = scans(mesh, setup, half=line(3, stop=[3e-3, WIDTH, WIDTH / 2], exclude=1e-4)).evaluate().values
    assert set(found) == {
        *(f"scan_{q}.half.{r}" for q in ("conductivity", "bias") for r in ("cold_pad", "leg")),
        *(f"scan_{q}.half.cold_pad/leg" for q in ("contact_resistivity", "bias")),
    }
    assert found["scan_contact_resistivity.half.cold_pad/leg"] == pytest.approx(RHO["cold_pad/leg"], rel=1e-9)


def test_readings_and_fits_of_the_table(comm):
    """R A rises by the resistances of all that lies between the first sample and the others."""
    mesh, setup = column(comm, 3, current=-0.1)
    rows = scans(mesh, setup, junction=line(3, exclude=1e-4, spacing=1e-4)).evaluate().tables["line_scan_junction"]
    x, fit = (np.array([row[n] for row in rows]) for n in ("distance [m]", "fit [ohm*m^2]"))
    assert len(rows) == 77 + 4
    assert (np.diff(x) >= 0).all()
    read = np.array(["voltage [V]" in row for row in rows])
    V, R, RA = (
        np.array([row[n] for row in rows if n in row])
        for n in ("voltage [V]", "resistance [ohm]", "resistance_area [ohm*m^2]")
    )
    # -0.1 A out of the hot end: V rises along x.
    assert pytest.approx((V - V[0]) / 0.1, rel=1e-12, abs=1e-18) == R
    assert pytest.approx(R * WIDTH**2, rel=1e-12) == RA
    ends = np.array([0.0, STRAP, STRAP + LEG, 2 * STRAP + LEG]) - 2e-4
    d = x[read]
    expected = (
        np.clip(d, 0, ends[1]) / COPPER[1]
        + np.clip(d - ends[1], 0, LEG) / N_TYPE[1]
        + np.clip(d - ends[2], 0, STRAP) / COPPER[1]
    )
    for at, rho in zip(ends[1:3], RHO.values(), strict=True):
        on = np.isclose(d, at, rtol=0, atol=1e-12)
        expected += rho * np.where(on, 0.5, d > at)  # a point on a junction reads the mean of both sides
        assert on.sum() == 1
    assert pytest.approx(expected, rel=1e-9, abs=1e-18) == RA
    taken = np.array([row.get("fitted [1]") == 1 for row in rows])
    assert pytest.approx(fit[taken], rel=1e-9, abs=1e-18) == RA[taken[read]]
    jumps = fit[~read]
    assert pytest.approx(list(RHO.values()), rel=1e-9) == jumps[1::2] - jumps[::2]


def test_a_tip_on_a_junction_reads_the_mean_of_what_it_covers(comm):
    """A chord at the distance c from the centre of a disc leaves (θ − sin θ cos θ)/π of it beyond, cos θ = c/a."""
    mesh, setup = column(
        comm, 3, materials=((0.0, 1e12, 400.0), (0.0, 1e12, 1.0))
    )  # all the voltage is in the contacts
    spacing, a = 2e-5, 1e-4
    scan = line(3, probe_diameter=2 * a, exclude=2e-4, spacing=spacing)
    rows = scans(mesh, setup, tip=scan).evaluate().tables["line_scan_tip"]
    x, R = np.array([(r["distance [m]"], r["resistance_area [ohm*m^2]"]) for r in rows if "voltage [V]" in r]).T
    near = np.abs(x - 8e-4) < a * (1 - 1e-9)
    theta = np.arccos((8e-4 - x[near]) / a)
    covered = (theta - np.sin(theta) * np.cos(theta)) / np.pi
    assert near.sum() == 9
    assert pytest.approx(RHO["cold_pad/leg"] * covered, rel=1e-5, abs=1.5e-15) == R[near]


def test_noise_repeats_with_its_seed(comm):
    mesh, setup = column(comm, 1)
    noisy = {f"s{s}": line(1, noise=1e-9, seed=s, exclude=1e-4) for s in (1, 2)}
    device = scans(mesh, setup, area=WIDTH**2, again=line(1, noise=1e-9, seed=1, exclude=1e-4), **noisy)
    first, second = device.evaluate().values, device.evaluate().values
    assert first == second
    name = "scan_contact_resistivity.{}.cold_pad/leg".format
    assert first[name("again")] == first[name("s1")] != first[name("s2")]
    rows = device.evaluate().tables["line_scan_s1"]
    off = [r["resistance_area [ohm*m^2]"] - r["fit [ohm*m^2]"] for r in rows if r.get("fitted [1]")]
    assert np.std(off) == pytest.approx(1e-9 / 0.1 * WIDTH**2, rel=0.25)


# ---- a curved R(x) ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("window", [None, 2e-3, 1e-3, 0.5e-3])
def test_window_beside_the_junctions_of_a_parabola(comm, window):
    """R A = ρ_j u + q u² from a junction, at n samples d = |u| of mean m and spacing h: the line through them has

        at the junction   q (s² − m²), s² = h² (n² − 1)/12     too much, and ρ there is off by 2 q m.

    ρ is linear in T, and T along the leg of a device without Seebeck coefficient.
    """
    hot, low, high = 500.0, 1e-5, 4e-5
    rho = {"law": "table", "unit": "ohm*m", "temperature": [T0, hot], "value": [low, high]}
    ends = {b: [Temperature(type="temperature", temperature=T)] for b, T in (("cold", T0), ("hot", hot))}
    mesh, setup = column(comm, 1, 10.0, boundaries=ends, cells=60)  # too little to heat it
    leg = region(electrical_resistivity=rho, seebeck_coefficient=0.0, thermal_conductivity=1.08)
    setup = setup._replace(regions={**setup.regions, "leg": leg}, order=2)
    options = {"exclude": 1e-4, **({} if window is None else {"window": window})}
    device = scans(mesh, setup, solved=True, s=line(1, method="dc", **options))
    found, (rows,) = device.evaluate().values, device.evaluate().tables.values()
    resistance = {"pad": STRAP / COPPER[2] + 1e-9, "leg": LEG / 1.08}
    slope = (hot - T0) / (2 * resistance["pad"] + resistance["leg"]) / 1.08 * (high - low) / (hot - T0)
    reach = min(window or LEG, LEG - 1e-4 - 5e-5)
    d = np.arange(1.5e-4, reach + 1e-9, 5e-5)
    m, s2, q = d.mean(), 25e-10 * (len(d) ** 2 - 1) / 12, slope / 2
    middle = (low + high) / 2
    for ab, sign in (("cold_pad/leg", 1), ("leg/hot_pad", -1)):
        true = middle - sign * slope * LEG / 2
        off = sign * q * (s2 - m**2)
        assert found[f"scan_contact_resistivity.s.{ab}"] == pytest.approx(RHO[ab] + off, rel=1e-4)
        assert found[f"scan_bias.s.{ab}"] == pytest.approx(off / RHO[ab], rel=1e-4)
        jump = [r.get("local_fit [ohm*m^2]", r["fit [ohm*m^2]"]) for r in rows if "voltage [V]" not in r]
        before, after = jump[:2] if sign > 0 else jump[2:]
        assert after - before == pytest.approx(RHO[ab] + off, rel=1e-4)
        if window is not None:
            name = f"s.{ab}:leg"
            assert found[f"scan_local_conductivity.{name}"] == pytest.approx(1 / (true + sign * 2 * q * m), rel=1e-5)
            truth = np.mean(1 / (true + sign * slope * d))
            assert found[f"scan_bias.{name}"] == pytest.approx(1 / (true + sign * 2 * q * m) / truth - 1, rel=1e-3)
    assert found["scan_conductivity.s.leg"] == pytest.approx(1 / middle, rel=1e-5)  # the window is not for it
    if window is None:
        assert not [n for n in found if n.startswith("scan_local_conductivity") or ":" in n]
    else:
        inside = [r for r in rows if r["region"] == "leg" and "local_fit [ohm*m^2]" in r and r.get("fitted [1]")]
        assert len(inside) == 2 * len(d)


# ---- current that enters through a part of the end -------------------------------------------------------------------
def with_lead(mesh):
    """The hot end with its corner, a quarter of the width, as a face of its own."""
    domain = mesh.domain
    facets, tags = mesh.facets.indices, mesh.facets.values.copy()
    middle = dmesh.compute_midpoints(domain, 2, facets)
    tags[(tags == mesh.boundaries["hot"]) & (middle[:, 1] < WIDTH / 4) & (middle[:, 2] < WIDTH / 4)] = 4
    return Mesh(domain, mesh.cells, dmesh.meshtags(domain, 2, facets, tags), mesh.regions, mesh.boundaries | {"hot": 4})


def test_bias_of_a_constriction_fades_away_from_the_lead(comm):
    """Where current spreads from a corner the bias of a fit decays like exp(−π z/w) with its distance from the lead."""
    mesh = with_lead(slab(comm, [("leg", 4 * WIDTH, 24), ("hot_pad", WIDTH, 8)], [(WIDTH, 8), (WIDTH, 8)]))
    same = region(**dict(zip(NAMES, N_TYPE, strict=True)))
    held = [Temperature(type="temperature", temperature=T0)]
    contact = Contact(contact_resistivity=RHO["cold_pad/leg"])
    setup = Setup(
        {"leg": same, "hot_pad": same},
        {"cold": held},
        {"cold": Ground(type="ground"), "hot": Current(type="current", current=0.1)},
        {("leg", "hot_pad"): contact},
    )
    excludes = np.array([0.05, 0.3, 0.55, 0.8]) * WIDTH
    side = [WIDTH, WIDTH / 2]
    lines = {
        f"e{k}": LineScan(start=(WIDTH, *side), stop=(4.99 * WIDTH, *side), spacing=WIDTH / 40, exclude=e)
        for k, e in enumerate(excludes)
    }
    found = scans(mesh, setup, **lines).evaluate().values
    bias = np.abs([found[f"scan_bias.{name}.leg"] for name in lines])
    assert bias[0] > 1e-3
    assert (bias[1:] < 0.7 * bias[:-1]).all()
    assert bias[-1] < 0.2 * bias[0]
    pad = np.abs([found[f"scan_bias.{name}.hot_pad"] for name in lines])
    assert (pad > 10 * bias).all()  # right in front of the lead


# ---- direct current: the Peltier effect ------------------------------------------------------------------------------
@pytest.mark.parametrize("h", [1e-1, 1e3, 1e8])
def test_dc_scan_sees_the_peltier_temperature_difference(comm, h):
    """E = J/σ + S T' with T' = g from the heat that the ends can give to their surroundings at T₀.

    q = S T₀ J − κ g = g L/(2R) to first order in J, R = 1/h + d/κ_pad behind each end of the leg:

        σ/σ_dc = 1 + zT/(1 + L/(2 κ R)),   1 + zT for insulated ends (h → 0), 1 between perfect sinks (R → 0).
    """
    ends = [Convection(type="convection", coefficient=h, ambient=T0)]
    mesh, setup = column(comm, 3, 1e-4, {"cold": ends, "hot": ends})
    lines = {"slow": line(3, method="dc", exclude=1e-4), "fast": line(3, exclude=1e-4, temperature=T0)}
    found = scans(mesh, setup, solved=True, **lines).evaluate().values
    S, sigma, kappa = N_TYPE
    zT = S**2 * sigma * T0 / kappa
    R = 1 / h + STRAP / COPPER[2] + 1e-9
    factor = 1 + zT / (1 + LEG / (2 * kappa * R))
    assert found["scan_conductivity.fast.leg"] == pytest.approx(sigma, rel=1e-9)
    assert found["scan_conductivity.slow.leg"] == pytest.approx(sigma / factor, rel=1e-5)
    assert found["scan_bias.slow.leg"] == pytest.approx(1 / factor - 1, rel=1e-4)
    if h == 1e-1:
        assert factor == pytest.approx(1 + zT, rel=1e-3)
    assert found["scan_contact_resistivity.slow.cold_pad/leg"] == pytest.approx(RHO["cold_pad/leg"], rel=1e-3)


def test_isothermal_scan_is_at_its_own_temperature(comm):
    """Whatever the temperatures of the device are: σ falls from 9e4 S/m at 300 K to 5e4 S/m at 600 K."""
    falling = {"law": "table", "unit": "S/m", "temperature": [300, 600], "value": [9e4, 5e4]}
    ends = {b: [Temperature(type="temperature", temperature=T)] for b, T in (("cold", T0), ("hot", 500.0))}
    mesh, setup = column(comm, 1, boundaries=ends, materials=(COPPER, (N_TYPE[0], falling, N_TYPE[2])))
    lines = {f"t{T}": line(1, temperature=T) for T in (300, 450)}
    found = scans(mesh, setup, solved=True, dc=line(1, method="dc"), **lines).evaluate().values
    assert found["scan_conductivity.t300.leg"] == pytest.approx(9e4, rel=1e-9)
    assert found["scan_conductivity.t450.leg"] == pytest.approx(7e4, rel=1e-9)
    assert abs(found["scan_bias.t450.leg"]) < 1e-9
    # Along the line T is linear, 400 K in its middle, and so is σ: the truth of a dc scan is that of the state.
    truth = found["scan_conductivity.dc.leg"] / (1 + found["scan_bias.dc.leg"])
    assert truth == pytest.approx(9e4 - 4e4 / 3, rel=1e-6)


# ---- a profile of the composition ------------------------------------------------------------------------------------
def test_scan_follows_the_composition_as_it_is(comm, folder):
    """The truth is the mean of σ along the fit; a profile that changes afterwards is the next scan's."""
    folder("map.csv", "x [mm], fraction [1]\n1,0.05\n7,0.15\n")
    voxels = Voxels.model_validate({"map": "map.csv"}, context={"folder": folder("note", "").parent})
    mesh = slab(comm, [("cold_pad", STRAP, 2), ("leg", LEG, 60), ("hot_pad", STRAP, 2)])
    setup = column(comm, 1)[1]
    model = Region.model_validate({"material": "NbFeSb-Hf-model"})
    setup = setup._replace(regions={**setup.regions, "leg": model.model_copy(update={"doping": voxels})})
    problem = Problem(mesh, setup)
    device = LineScans(problem, {"s": Line(line(1, exclude=1e-4), 1.0, "s")}, "hot")

    def sigma(x):
        card = model.model_copy(update={"doping": x}).card
        return float(card.electrical_conductivity(T0))

    z = np.array([r["distance [m]"] for r in device.evaluate().tables["line_scan_s"] if r.get("fitted [1]")]) + 2e-4
    inside = z[(z > STRAP) & (z < STRAP + LEG)]
    truth = np.mean([sigma(0.05 + 0.1 * (x - STRAP) / LEG) for x in inside])
    found = device.evaluate().values
    assert found["scan_conductivity.s.leg"] / (1 + found["scan_bias.s.leg"]) == pytest.approx(truth, rel=1e-3)
    assert abs(found["scan_bias.s.leg"]) > 1e-3  # a straight line through a bent curve
    (profile,) = problem.given
    profile.x.array[:] = 0.07
    assert device.evaluate().values["scan_conductivity.s.leg"] == pytest.approx(sigma(0.07), rel=1e-8)
