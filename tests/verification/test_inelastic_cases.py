"""Plastic flow and creep of a bar through a case file: steps of a study, internal variables, ranks."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest
from scipy.optimize import brentq

from timed import follow, load

E, NU, STRENGTH, HARDENING = 45e9, 0.29, 100e6, 2e9
LENGTH, AREA = 1e-3, np.pi * 1e-6
G, K = E / (2 * (1 + NU)), E / (3 * (1 - 2 * NU))
PATH = (1e-3, 4e-3, 8e-3, 7e-3, -2e-3)  # strains: elastic, flow, more flow, unloading, flow the other way


def bar(strain, steps, properties, step):
    """A round bar, drawn at its ends; `steps` of (duration, strain)."""
    elastic = {"young_modulus": E, "poisson_ratio": NU}
    stretches = [{"duration": t, "change": {"boundaries.top.z": f"{e * LENGTH * 1e6!r} um"}} for t, e in steps]
    return {
        "title": "bar",
        "physics": {"mechanics": {"strain": strain}, "temperature": 300.0},
        "geometry": {
            "shape": "plate",
            "radius": 1e-3,
            "cells": 2,
            "layers": [{"name": "bar", "thickness": LENGTH, "cells": 3}],
        },
        "regions": {"bar": {"material": "W", "properties": elastic | properties}},
        "boundaries": {"bottom": {"type": "symmetry"}, "top": {"type": "displacement", "z": f"{LENGTH * 1e3} um"}},
        "study": {"type": "transient", "steps": stretches, "integration": {"initial_step": step, "maximum_step": step}},
    }


def pull(comm, folder, *given):
    """Nominal axial stress [Pa] at the end of each step in time, without the initial state; and the run."""
    run = follow(load(folder, bar(*given)), comm)
    forces = run.column("reaction_force.top.z")
    assert run.column("reaction_force.bottom.z") == pytest.approx(-forces, rel=1e-9)
    return forces[1:] / AREA, run


def plastic(hardening):
    return {"yield_strength": STRENGTH} | ({"hardening_modulus": hardening} if hardening else {})


@pytest.mark.parametrize("hardening", [0.0, HARDENING])
def test_loading_and_unloading(comm, shared_tmp, hardening):
    """σ = E (ε − ε_p) with isotropic hardening, at every end of the path."""
    found, _ = pull(comm, shared_tmp, "small", [(1.0, e) for e in PATH], plastic(hardening), 1.0)
    strain = accumulated = 0.0
    for e, stress in zip(PATH, found, strict=True):
        trial = E * (e - strain)
        more = max(abs(trial) - STRENGTH - hardening * accumulated, 0) / (E + hardening)
        strain, accumulated = strain + np.sign(trial) * more, accumulated + more
        assert stress == pytest.approx(E * (e - strain), rel=1e-8)
    assert accumulated > 1e-2


def test_ranks_agree(comm, shared_tmp):
    """With internal variables on the integration points of all of them."""
    given = ("small", [(1.0, e) for e in PATH], plastic(HARDENING), 1.0)
    together, run = pull(comm, shared_tmp, *given)
    alone, reference = pull(MPI.COMM_SELF, shared_tmp, *given)
    assert together == pytest.approx(alone, rel=1e-9)
    for name in ("von_mises_mean.bar", "strain_energy.bar", "displacement_maximum.bar"):
        assert run.column(name) == pytest.approx(reference.column(name), rel=1e-9)


def finite_path(stretches):
    """P/A at each stretch: b̄ₑ = diag(a^(−1/2), a^(−1/2), a) follows F̄ = F J^(−1/3) and returns radially; τ_rr = 0.

    With q = τ_zz − τ_rr = G (a − a^(−1/2)): K (J² − 1)/2 = q/3 and P = q/λ. Along the return G tr b̄ₑ/3 is in the place
    of G, and det b̄ₑ stays 1 (J. C. Simo, Comput. Methods Appl. Mech. Eng. 66 (1988) 199).
    """
    found, a, isochoric, accumulated = [], 1.0, 1.0, 0.0

    def returned(J, stretch):
        """Axial q, b̄ₑ and Δε for a volume ratio."""
        trial = a * (stretch * J ** (-1 / 3) / isochoric) ** 2
        q, shear = G * (trial - trial**-0.5), G * (trial + 2 * trial**-0.5) / 3
        excess = max(abs(q) - STRENGTH - HARDENING * accumulated, 0.0)
        back = 3 * shear / (3 * shear + HARDENING) * excess
        return q - np.sign(q) * back, back / (3 * shear)

    for stretch in stretches:
        J = brentq(lambda J: K / 2 * (J**2 - 1) - returned(J, stretch)[0] / 3, 0.9, 1.1, xtol=1e-15)  # noqa: B023
        q, more = returned(J, stretch)
        a = brentq(lambda a: G * (a - a**-0.5) - q, 0.8, 1.2, xtol=1e-15)  # noqa: B023
        isochoric, accumulated = stretch * J ** (-1 / 3), accumulated + more
        found.append(q / stretch)
    return found, accumulated


def test_flow_at_finite_strain(comm, shared_tmp):
    """Flow, unloading and flow the other way. Without hardening a bar would neck, and have no single answer."""
    path = (0.005, 0.015, 0.025, 0.022, 0.012)
    found, _ = pull(comm, shared_tmp, "finite", [(1.0, e) for e in path], plastic(HARDENING), 1.0)
    wanted, accumulated = finite_path([1 + e for e in path])
    assert found == pytest.approx(wanted, rel=1e-6)
    assert accumulated > 2e-2
    assert found[-1] < 0 < found[2]


CREEP = {"prefactor": "1e-3 1/s", "exponent": 5, "reference_stress": "50 MPa", "activation_energy": "0 kJ/mol"}


@pytest.mark.parametrize("strain", ["small", "finite"])
def test_creep_relaxation_converges(comm, shared_tmp, strain):
    """dσ/dt = −E A (σ/σ₀)ⁿ at constant strain; of first order in the step, as backward Euler is."""
    held, duration, errors = 2e-3, 1.0, []
    start = E * held
    exact = start * (1 + 4 * E * 1e-3 / 50e6 * (start / 50e6) ** 4 * duration) ** -0.25
    for count in (20, 40):
        found, run = pull(comm, shared_tmp, strain, [(duration, held)], {"creep": CREEP}, duration / count)
        assert len(found) == count
        assert run.column("reaction_force.top.z")[0] / AREA == pytest.approx(start, rel=5e-3)  # nothing has crept yet
        stress = run.column("von_mises_mean.bar")[-1]  # of the state that was found, not one step further
        assert stress == pytest.approx(found[-1], rel=1e-8 if strain == "small" else 2.1e-3)
        errors.append(found[-1] / exact - 1)
    assert abs(errors[1]) < 2e-2
    if strain == "small":
        assert errors[0] / errors[1] == pytest.approx(2, rel=0.1)
    assert exact < 0.5 * start
