"""Thermal stress from a case file: bilayers, clamped layers, free growth, and a thermoelectric that it leaves alone."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest

from jacobian import jacobian_error
from slab import region, slab
from thermolyte.boundary.mechanical import Pressure, Symmetry
from thermolyte.boundary.thermal import Temperature
from thermolyte.interface.contact import Contact
from thermolyte.physics.local import DISPLACEMENT, TEMPERATURE
from thermolyte.physics.options import PhysicsOptions
from thermolyte.problem import Problem
from thermolyte.setup import Setup
from thermolyte.studies.simulator import Simulator
from thermolyte.terminal import Current, Ground
from timed import load

SYMMETRY = {"type": "symmetry"}


def solve(comm, folder, content):
    """All quantities, and the problem."""
    simulator = Simulator(comm)
    return simulator.solve(load(folder, {"title": "test", **content})), simulator.problem


def elastic(E, nu, alpha):
    """A region; all properties are the test's own, whatever the card."""
    properties = {"young_modulus": f"{E} GPa", "poisson_ratio": nu, "thermal_expansion": alpha}
    return {"material": "Cu", "properties": properties}


# ---- layers ----------------------------------------------------------------------------------------------------------
SUBSTRATE, FILM, MISMATCH = (120.0, 0.34, "1e-5 1/K"), (45.0, 0.29, "1.1e-4 1/K"), 0.01
HEATED = {"mechanics": {"stress_free_temperature": 300.0}, "temperature": 400.0}


def bilayer(film, form, **geometry):
    """Mg on 9 µm of Cu, 100 K above its stress-free temperature; held where there is no force."""
    layers = [{"name": "substrate", "thickness": 9e-6, "cells": 1}, {"name": "film", "thickness": film, "cells": 1}]
    end = {"type": "displacement", "z": 0.0}
    return {
        "physics": HEATED,
        "geometry": {"shape": "stack", "form": form, "layers": layers, **geometry},
        "regions": {"substrate": elastic(*SUBSTRATE), "film": elastic(*FILM)},
        "boundaries": {"film_side": end} if form == "axisymmetric" else {"left": SYMMETRY, "right": end},
    }


def freund(film, moduli, mismatch=MISMATCH):
    """κ of L. B. Freund and S. Suresh, Thin Film Materials, 2003, for moduli (film, substrate) of its section."""
    m, h = moduli[0] / moduli[1], film / 9e-6
    return 6 * mismatch / 9e-6 * h * m * (1 + h) / (1 + 4 * h * m + 6 * h**2 * m + 4 * h**3 * m + h**4 * m**2)


@pytest.mark.parametrize("film", [140e-9, 9e-6])
def test_curvature_of_a_disc_converges_to_the_exact_one(comm, shared_tmp, film):
    """The rim is the only error; its hoop stress takes part in the moment, so that the error is its width."""
    exact = -freund(film, [E / (1 - nu) for E, nu, _ in (FILM, SUBSTRATE)])
    if film == 140e-9:
        assert exact == pytest.approx(-35.9152, abs=1e-4)  # Stoney's formula gives 36.1502
    errors = []
    for cells in (50, 200):
        geometry = {"radius": 9e-3, "cells": cells}
        found, _ = solve(comm, shared_tmp, bilayer(film, "axisymmetric", **geometry))
        assert found["curvature.bottom"] == pytest.approx(found["curvature.top"], rel=1e-6)
        errors.append(abs(found["curvature.top"] / exact - 1))
    assert errors[1] < 4e-4
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.05)


def test_curvature_of_a_long_strip(comm, shared_tmp):
    """Plane strain: M = E/(1 − ν²), and the free strain along it is (1 + ν) α ΔT. No hoop: no error but the fit's."""
    moduli = [E / (1 - nu**2) for E, nu, _ in (FILM, SUBSTRATE)]
    mismatch = 1.29 * 0.011 - 1.34 * 0.001
    found, _ = solve(comm, shared_tmp, bilayer(1e-6, "planar", width=2e-3, depth=1.0, cells=80))
    assert found["curvature.top"] == pytest.approx(-freund(1e-6, moduli, mismatch), rel=5e-6)


def test_layers_that_are_clamped_along_them(comm, shared_tmp):
    """σ = −E/(1 − ν) ∫α dT in each layer, whatever the others do; and the forces that it takes."""
    thickness, alpha = {"a": 2e-3, "b": 1e-3}, {"a": 1e-5 * 200 + 2e-8 * 200**2 / 2, "b": 3e-3}
    growing = {"law": "polynomial", "unit": "1/K", "range": [200, 900], "coefficients": [4e-6, 2e-8]}
    regions = {"a": elastic(100.0, 0.3, growing), "b": elastic(200.0, 0.2, "1.5e-5 1/K")}
    biaxial = {"a": 100e9 / 0.7 * alpha["a"], "b": 200e9 / 0.8 * alpha["b"]}
    content = {
        "physics": HEATED | {"temperature": 500.0},
        "geometry": {
            "shape": "stack",
            "form": "extruded",
            "width": 3e-3,
            "depth": 4e-3,
            "cells": 2,
            "layers": [{"name": n, "thickness": t, "cells": 1} for n, t in thickness.items()],
        },
        "regions": regions,
        "boundaries": dict.fromkeys(("left", "right", "front", "back", "bottom"), SYMMETRY),
    }
    found, _ = solve(comm, shared_tmp, content)
    for r, stress in biaxial.items():
        assert found[f"von_mises_mean.{r}"] == pytest.approx(stress, rel=1e-9)
        assert found[f"hydrostatic_stress_mean.{r}"] == pytest.approx(-2 / 3 * stress, rel=1e-9)
    force = sum(stress * thickness[r] for r, stress in biaxial.items())
    assert found["reaction_force.left.x"] == pytest.approx(force * 4e-3, rel=1e-9)
    assert found["reaction_force.right.x"] == pytest.approx(-force * 4e-3, rel=1e-9)
    assert found["reaction_force.back.y"] == pytest.approx(-force * 3e-3, rel=1e-9)
    assert abs(found["reaction_force.bottom.z"]) < 1e-9 * force * 3e-3


@pytest.mark.parametrize("strain", ["small", "finite"])
def test_a_free_body_grows_without_stress(comm, shared_tmp, strain):
    content = {
        "physics": {"mechanics": {"stress_free_temperature": 300.0, "strain": strain}, "temperature": 500.0},
        "geometry": {
            "shape": "stack",
            "form": "extruded",
            "width": 2e-3,
            "depth": 2e-3,
            "cells": 2,
            "layers": [{"name": "body", "thickness": 1e-3, "cells": 2}],
        },
        "regions": {"body": elastic(100.0, 0.3, "2e-5 1/K")},
        "boundaries": dict.fromkeys(("left", "front", "bottom"), SYMMETRY),
    }
    found, _ = solve(comm, shared_tmp, content)
    assert found["von_mises_maximum.body"] < 1e-9 * 100e9 * 4e-3
    assert found["displacement_maximum.body"] == pytest.approx(3e-3 * 4e-3, rel=1e-9)
    assert abs(found["curvature.top"]) < 1e-9


# ---- a thermoelectric -----------------------------------------------------------------------------------------------
def leg(stiffness=None):
    """Two pads and a leg with contacts, heated, under current, between plates that do not give way."""
    thermal = {"seebeck_coefficient": "2e-4 V/K", "electrical_conductivity": "1e5 S/m", "thermal_conductivity": 1.5}
    solid = elastic(60.0, 0.25, "2e-5 1/K")["properties"]
    contact = {"contact_resistivity": "5 uohm*cm^2", "thermal_contact_resistance": "1e-5 m^2*K/W"}
    options = {"stress_free_temperature": 400.0}
    fixed = {b: [{"type": "temperature", "temperature": T}] for b, T in (("bottom", 300.0), ("top", 550.0))}
    walls = {b: [SYMMETRY] for b in ("bottom", "top", "left", "front")} | {
        "right": [{"type": "pressure", "pressure": 1e6}]
    }
    if stiffness is None:
        solid, options, walls = {}, None, {}
    pads = elastic(120.0, 0.34, "1.7e-5 1/K")["properties"] if options else {}
    pads = pads | {"electrical_conductivity": "5e7 S/m", "thermal_conductivity": 400.0}
    names = ("cold_pad", "leg", "hot_pad")
    return {
        "physics": {"thermoelectricity": {}} | ({"mechanics": options} if options else {}),
        "geometry": {
            "shape": "stack",
            "form": "extruded",
            "width": 3e-3,
            "depth": 2e-3,
            "cells": 3,
            "layers": [{"name": n, "thickness": t, "cells": 2} for n, t in zip(names, (5e-4, 3e-3, 5e-4), strict=True)],
        },
        "regions": {
            "leg": {"material": "MgAgSb-395", "properties": thermal | solid},
            "cold_pad": {"material": "Cu", "properties": pads},
            "hot_pad": {"material": "Cu", "properties": pads},
        },
        "boundaries": {b: fixed.get(b, []) + walls.get(b, []) for b in fixed | walls},
        "terminals": {"bottom": {"type": "ground"}, "top": {"type": "current", "current": 2.0}},
        "interfaces": {"cold_pad/leg": contact, "leg/hot_pad": contact},
        "device": {"hot": ["top"], "cold": ["bottom"]},
    }


def test_deformation_leaves_heat_and_charge_alone(comm, shared_tmp):
    alone, _ = solve(comm, shared_tmp, leg())
    found, problem = solve(comm, shared_tmp, leg("stiff"))
    assert len({problem.place[TEMPERATURE, r] for r in problem.media}) > 1
    assert len({problem.place[DISPLACEMENT, r] for r in problem.media}) == 1  # contacts are bonded
    for name, value in alone.items():
        if "balance" not in name:
            assert found[name] == pytest.approx(value, rel=1e-11, abs=1e-12), name
    assert abs(found["energy_balance"]) < 1e-10 * found["hot_heat_flow"]
    assert abs(found["charge_balance"]) < 1e-10 * 2
    area = 2e-3 * 4e-3
    assert found["reaction_force.left.x"] == pytest.approx(1e6 * area, rel=1e-10)
    squeeze = found["reaction_force.bottom.z"]
    assert found["reaction_force.top.z"] == pytest.approx(-squeeze, rel=1e-10)
    assert abs(found["reaction_force.front.y"]) < 1e-9 * abs(squeeze)
    assert abs(squeeze) > 1.0


def test_all_ranks_together_give_what_one_gives(comm, shared_tmp):
    content = leg("stiff")
    together, _ = solve(comm, shared_tmp, content)
    alone, _ = solve(MPI.COMM_SELF, shared_tmp, content)
    for name, value in alone.items():
        if not (value == 0 or "balance" in name or name.startswith("reaction_force.front")):
            assert together[name] == pytest.approx(value, rel=1e-9), name


def test_a_region_without_elastic_constants_stays_out(comm, shared_tmp):
    """A pad without moduli on top: it conducts, and the leg does not feel it."""
    content = leg("stiff")
    conductor = {"electrical_conductivity": "5e7 S/m", "thermal_conductivity": 400.0}
    content["regions"]["hot_pad"] = {"material": "AlN", "properties": conductor}
    content["boundaries"]["top"] = content["boundaries"]["top"][:1]
    found, problem = solve(comm, shared_tmp, content)
    assert (TEMPERATURE, "hot_pad") in problem.place
    assert (DISPLACEMENT, "hot_pad") not in problem.place
    assert "von_mises_mean.hot_pad" not in found
    assert abs(found["reaction_force.bottom.z"]) < 1e-8  # nothing presses on the open end


@pytest.mark.parametrize("strain", ["small", "finite"])
def test_jacobian_with_laws_of_temperature(comm, strain):
    """Expansion and Poisson's ratio as tables, contacts across which the temperature jumps, pressure."""
    laws = {
        "seebeck_coefficient": {"law": "polynomial", "unit": "V/K", "range": [200, 700], "coefficients": [1e-4, 2e-7]},
        "electrical_conductivity": {
            "law": "polynomial",
            "unit": "S/m",
            "range": [200, 700],
            "coefficients": [2e5, -250],
        },
        "thermal_conductivity": 1.5,
        "young_modulus": 60e9,
        "poisson_ratio": {"law": "table", "temperature": [250, 400, 600], "value": [0.2, 0.26, 0.3]},
        "thermal_expansion": {
            "law": "table",
            "unit": "1/K",
            "temperature": [250, 400, 600],
            "value": [1e-5, 3e-5, 2e-5],
        },
    }
    pad = region(
        electrical_conductivity=5e7,
        thermal_conductivity=400.0,
        young_modulus=120e9,
        poisson_ratio=0.34,
        thermal_expansion=1.7e-5,
    )
    contact = Contact.model_validate({"contact_resistivity": 1e-9, "thermal_contact_resistance": 1e-5})
    options = {"mechanics": {"stress_free_temperature": 400.0, "strain": strain}, "thermoelectricity": {}}
    setup = Setup(
        {"pad": pad, "leg": region(**laws)},
        {
            "cold": [Temperature(type="temperature", temperature=300.0), Symmetry(type="symmetry")],
            "hot": [Temperature(type="temperature", temperature=500.0), Pressure(type="pressure", pressure=1e7)],
        },
        {"cold": Ground(type="ground"), "hot": Current(type="current", current=1.0)},
        {("pad", "leg"): contact},
        physics=PhysicsOptions.model_validate(options),
    )
    problem = Problem(slab(comm, [("pad", 3e-4, 1), ("leg", 2e-3, 2)], [(2e-3, 1), (2e-3, 1)]), setup)
    rng = np.random.default_rng(comm.rank)
    for i, u in enumerate(problem.u):
        scale, middle = {TEMPERATURE: (60.0, 420.0), DISPLACEMENT: (5e3, 0.0)}.get(problem.field_of(i), (1.0, 0.0))
        u.x.array[:] = middle + rng.uniform(-scale, scale, len(u.x.array))
        u.x.scatter_forward()
    for block, error in jacobian_error(problem, rng).items():
        assert error < 1e-6, block
