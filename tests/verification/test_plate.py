"""A plate of Li_xMg under lithiation: mass, Fick, inversion by stress, yield, Jacobian, and any number of ranks."""

from __future__ import annotations

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import pytest
from dolfinx.fem.petsc import assemble_matrix, assemble_vector

from thermolyte.case import Case
from thermolyte.integration import TimeSettings
from thermolyte.physics.constants import FARADAY
from thermolyte.physics.local import CONCENTRATION, DISPLACEMENT, MECHANICAL_POTENTIAL
from thermolyte.studies.simulator import Simulator
from thermolyte.studies.transient import follow

THICKNESS, DIFFUSIVITY = 140e-9, 1e-15
RATE = 10 / FARADAY * 13.98e-6 / THICKNESS
"""dx/dt of the mean composition at 1 mA/cm² [1/s]: 0.010349."""
FILM = {"name": "film", "thickness": "140 nm", "cells": 8, "grading": {"towards": "top", "ratio": 5}}
COARSE = {"geometry.cells": 5, "geometry.layers": [FILM]}
YIELDING = {"regions.film.properties": {"yield_strength": "1 GPa", "open_circuit_potential": "0 V"}}


class Rows:
    """What a study in time would write, kept."""

    def __init__(self):
        self.values = []

    def resume(self, _problem):
        """There is nothing to resume."""

    def add(self, at, values, _problem, *, report=False):
        """A row of the history."""
        self.values.append({**values, "time": at.time, "report": report})

    def finish(self):
        """Nothing to tidy up."""

    def at(self, time):
        """The row of a report time."""
        return next(v for v in self.values if v["report"] and v["time"] == time)


def run(comm, folder, **values):
    """Rows of a plate in time, and what solved it."""
    study = {"type": "transient", "duration": "10 s", "integration": {"tolerance": 1e-4}}
    case = Case.load(folder, {**COARSE, "study": study, **values})
    rows, simulator = Rows(), Simulator(comm)
    follow(case, case.study, simulator, rows)
    return rows, simulator


def fick(z, time):
    """x at a height [m] above the collector: the series of a slab under constant flux (battery.md R2)."""
    zeta, tau, n = z / THICKNESS, DIFFUSIVITY * time / THICKNESS**2, np.arange(1, 200)
    series = np.sum((-1.0) ** n / n**2 * np.exp(-((n * np.pi) ** 2) * tau) * np.cos(n * np.pi * zeta))
    return RATE * THICKNESS**2 / DIFFUSIVITY * (tau + (3 * zeta**2 - 1) / 6 - 2 / np.pi**2 * series)


def mechanical(values):
    """Difference of m/F between the electrolyte and the collector [V]."""
    return values["mechanical_potential.top"] - values["mechanical_potential.bottom"]


def test_lithium_is_what_the_current_brought(comm, cases):
    """At every step, although lithium, stress and large strains move each other: mean x = 0.10349 at 10 s."""
    rows, _ = run(comm, cases / "li_mg_plate_friction")
    assert len(rows.values) > 20
    for v in rows.values[1:]:
        assert v["mean_composition.film"] == pytest.approx(RATE * v["time"], rel=1e-12)
        assert abs(v["lithium_balance"]) < 1e-12 * v["lithium_flow.top"]
    assert rows.values[-1]["mean_composition.film"] == pytest.approx(0.10349, abs=5e-6)


@pytest.mark.serial
def test_one_way_at_small_strain_is_fick(comm, cases):
    """0.1708/0.0700 at 10 s and 0.3781/0.2767 at 30 s, whatever holds the plate, and the same on its side."""
    options = {
        "physics.coupling": "one_way",
        "physics.mechanics.strain": "small",
        "geometry.cells": 3,
        "geometry.layers": [{"name": "film", "thickness": "140 nm", "cells": 16}],
        "study": {"type": "transient", "duration": "30 s", "report": ["10 s"]},
    }
    rows, _ = run(comm, cases / "li_mg_plate_bonded", **options)
    for time in (10.0, 30.0):
        v = rows.at(time)
        assert v["surface_composition.top"] == pytest.approx(fick(THICKNESS, time), abs=2e-4)
        assert v["surface_composition.bottom"] == pytest.approx(fick(0.0, time), abs=2e-4)
        assert v["surface_composition.side"] == pytest.approx(v["mean_composition.film"], rel=1e-5)
        assert mechanical(v) > 0.2  # the stress is there
    assert fick(THICKNESS, 10.0) == pytest.approx(0.1708, abs=5e-5)
    assert fick(0.0, 30.0) == pytest.approx(0.2767, abs=5e-5)


@pytest.mark.serial
def test_stress_inverts_the_profile(comm, cases):
    """Bonded, from x = 0, at 10 s: 0.0374/0.1044 and 63.3 mV two way; one way nothing inverts."""
    (v, w) = (
        run(comm, cases / "li_mg_plate_bonded", **{"physics.coupling": c})[0].values[-1] for c in ("two_way", "one_way")
    )
    assert v["surface_composition.top"] == pytest.approx(0.0374, abs=5e-4)
    assert v["surface_composition.bottom"] == pytest.approx(0.1044, abs=1e-3)
    assert mechanical(v) == pytest.approx(0.0633, abs=5e-4)
    assert w["surface_composition.top"] > 2 * w["surface_composition.bottom"]
    assert mechanical(w) > 4 * mechanical(v)


@pytest.mark.serial
def test_yield_caps_stress_and_mechanical_potential(comm, cases):
    """Perfect plasticity at 1 GPa, bonded, one way: some 30 mV, falling with the mesh; the elastic plate has 309.

    1 GPa limits a Kirchhoff stress: Cauchy's differs from it by the elastic change of volume.
    """
    options = {**YIELDING, "physics.coupling": "one_way", "study.integration.tolerance": 1e-3}
    rows, _ = run(comm, cases / "li_mg_plate_bonded", **options)
    assert 0.02 < mechanical(rows.values[-1]) < 0.045
    assert 0.95e9 < rows.values[-1]["von_mises_maximum.film"] < 1.05e9


def test_same_on_any_number_of_ranks(comm, cases):
    alone, together = (
        run(c, cases / "li_mg_plate_friction", **{"study.duration": "2 s"})[0] for c in (MPI.COMM_SELF, comm)
    )
    assert len(alone.values) == len(together.values)
    for name, value in alone.values[-1].items():
        if name not in ("lithium_balance", "report"):
            assert together.values[-1][name] == pytest.approx(value, rel=1e-9), name


# ---- Jacobian --------------------------------------------------------------------------------------------------------
class Linearisation:
    """The Jacobian ∂F/∂u + s ∂F/∂u̇ of the time stepper beside central differences of its residual."""

    def __init__(self, simulator):
        self.problem = p = simulator.problem
        self.stepper = simulator.stepper(TimeSettings(tolerance=1e-4))
        self.shift = self.stepper.shift.value = 0.3
        self.matrix = assemble_matrix(self.stepper.J, kind="mpi")
        self.matrix.assemble()
        self.start = [(u.x.array.copy(), r.x.array.copy()) for u, r in zip(p.u, p.rates, strict=True)]
        sizes = [u.function_space.dofmap.index_map.size_local * u.function_space.dofmap.index_map_bs for u in p.u]
        self.ends = np.cumsum([0, *sizes])

    def rows(self, vector):
        """The entries of each block."""
        return [vector[a:b] for a, b in zip(self.ends[:-1], self.ends[1:], strict=True)]

    def residual(self, direction, h):
        """F at a distance h along a direction; the rates follow as s times it."""
        p = self.problem
        for u, r, (u0, r0), d in zip(p.u, p.rates, self.start, self.rows(direction), strict=True):
            u.x.array[: len(d)] = u0[: len(d)] + h * d
            r.x.array[: len(d)] = r0[: len(d)] + h * self.shift * d
            u.x.scatter_forward()
            r.x.scatter_forward()
        b = assemble_vector(self.stepper.F, kind="mpi")
        b.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        return b.array.copy()

    def compare(self, column, direction, h=1e-4):
        """(size, relative error) of each block row when only the block `column` moves."""
        comm = self.problem.mesh.domain.comm
        x, y = self.matrix.createVecs()
        alone = np.zeros(self.ends[-1])
        self.rows(alone)[column][:] = self.rows(direction)[column]
        x.setArray(alone)
        self.matrix.mult(x, y)
        difference = (self.residual(alone, h) - self.residual(alone, -h)) / (2 * h)
        pairs = zip(self.rows(y.array), self.rows(difference), strict=True)
        sums = [(comm.allreduce(np.sum(a**2)), comm.allreduce(np.sum((a - b) ** 2))) for a, b in pairs]
        return [(np.sqrt(size), np.sqrt(error / size) if size else np.sqrt(error)) for size, error in sums]


@pytest.mark.parametrize("yielding", [False, True], ids=["friction", "plasticity"])
def test_jacobian_of_every_coupling(comm, cases, yielding):
    """Large strains two way with friction, elastic and yielding, in the middle of a run and disturbed at random."""
    options = {"study.duration": "3 s"} | ({**YIELDING, "boundaries.top.2.limit": "2 GPa"} if yielding else {})
    _, simulator = run(comm, cases / "li_mg_plate_friction", **options)
    p, rng = simulator.problem, np.random.default_rng(comm.rank)
    for u in (*p.u, *p.rates):
        u.x.array[:] += rng.uniform(-0.1, 0.1, len(u.x.array))  # of 1 nm, 10 mmol/cm³, 1 kJ/mol
        u.x.scatter_forward()
    linear = Linearisation(simulator)
    direction, coupled = rng.uniform(-1, 1, linear.ends[-1]), set()
    for column, by in enumerate(p.blocks.fields):
        for row, (size, error) in zip(p.blocks.fields, linear.compare(column, direction), strict=True):
            assert error < 1e-6, (row, by)
            coupled |= {(row, by)} if size else set()
    everything = {(a, b) for a in p.blocks.fields for b in p.blocks.fields}
    assert coupled == everything - {(DISPLACEMENT, MECHANICAL_POTENTIAL)}
    assert (CONCENTRATION, MECHANICAL_POTENTIAL) in coupled  # stress moves lithium
