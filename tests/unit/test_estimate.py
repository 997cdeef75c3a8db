"""What a case will cost, and whether it fits: before anything is meshed."""

from __future__ import annotations

import pytest

from small_sweep import CASE
from thermolyte import estimate, machine
from thermolyte.case import Case
from thermolyte.estimate import cost
from thermolyte.machine import Memory
from thermolyte.studies.run import points


def of(path, **values):
    return cost(points(Case.load(path, {k.replace("__", "."): v for k, v in values.items()})))


@pytest.fixture
def case(folder):
    return folder("case.yaml", CASE)


def test_solves_are_those_of_all_points(case, cases):
    assert of(case).solves == 6
    assert of(cases / "two_pair_module").solves == 140 + 14 * estimate.SOLVES_PER_OPTIMUM
    assert of(cases / "operating_map").solves == pytest.approx(estimate.SOLVED_OF_MAP * 100, abs=2)
    assert of(cases / "half_cell_impedance").solves == 1 + 81
    assert of(cases / "junction_ageing").solves == 4 * (
        1 + 7 * estimate.SOLVES_PER_AGE + 8 * estimate.SOLVES_PER_MEASUREMENT
    )
    assert of(cases / "anode_stack").solves == 2 * 2 * estimate.SOLVES_PER_STRETCH


def test_memory_is_that_of_the_largest_point(cases):
    sizes = {d: of(cases / "secondary_current", study={"type": "operating_point"}, mesh__division=d) for d in (0.25, 1)}
    swept = of(cases / "secondary_current")
    assert swept.unknowns == sizes[1].unknowns > 8 * sizes[0.25].unknowns
    assert swept.largest.mesh.division == 1
    assert swept.seconds == pytest.approx(3 * sum(of_one(cases, d) for d in (0.25, 0.5, 1)))


def of_one(cases, division):
    return of(cases / "secondary_current", study={"type": "operating_point"}, mesh__division=division).seconds


def test_preset_is_the_one_that_the_solver_chooses(case, cases):
    module = cases / "two_pair_module"
    assert of(case).preset == "direct"
    assert of(module).preset == "iterative"
    assert of(module, mesh__size="0.3 mm").preset == "iterative"
    assert of(module, mesh__size="0.3 mm", solver__preset="direct").preset == "direct"
    assert of(cases / "bilayer_curvature").preset == "direct"  # however large: multigrid is not at home there


def test_error_bars_cost_what_the_order_above_does(case):
    plain, barred = of(case), of(case, mesh__accuracy=1e-3)
    assert barred.unknowns == plain.unknowns
    assert barred.fields > 3 * plain.fields
    assert barred.seconds > 3 * plain.seconds


def test_factors_grow_faster_than_unknowns(cases):
    module = cases / "two_pair_module"
    sizes = [of(module, mesh__size=f"{size} mm", solver__preset="direct") for size in (0.2, 0.1)]
    ratio = sizes[1].unknowns / sizes[0].unknowns
    assert ratio > 4
    assert sizes[1].fields / sizes[0].fields == pytest.approx(ratio ** (4 / 3))
    assert sizes[1].ranks == estimate.MOST_RANKS
    assert of(module).ranks == 1


# ---- at hand ---------------------------------------------------------------------------------------------------------
def test_too_large_is_said_before_anything_is_meshed(said, case, shared_tmp, monkeypatch):
    monkeypatch.setenv("SLURM_MEM_PER_NODE", "100")
    text = said("run", case, "-o", shared_tmp / "r", "--set", "mesh.order=2").splitlines()[-1]
    assert text.startswith(f"{case}:3: mesh: this would run out of memory: about ")
    assert "unknowns with the direct solver need some " in text
    assert "and 0.1 GB are at hand (SLURM_MEM_PER_NODE: the memory of this job)" in text
    choices = "solver.preset: iterative, a larger mesh.size, mesh.order: 1, or more memory for the job (--mem)"
    assert text.endswith(f"Choose {choices}")
    assert not (shared_tmp / "r").exists()


def test_what_to_choose_for_layers(said, cases, shared_tmp, monkeypatch):
    monkeypatch.setattr(estimate, "at_hand", lambda: Memory(1e8, "MemAvailable of this machine"))
    text = said("run", cases / "li_mg_slab", "-o", shared_tmp / "r").splitlines()[-1]
    assert text.endswith("Choose fewer cells (mesh.division below 1), mesh.order: 1, or a machine with more memory")


@pytest.fixture
def nobody(monkeypatch, tmp_path):
    """A machine on which nothing limits the memory."""
    for name in ("SLURM_MEM_PER_NODE", "SLURM_MEM_PER_CPU", "SLURM_CPUS_ON_NODE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.serial
@pytest.mark.usefixtures("nobody")
def test_scheduler(monkeypatch):
    assert machine._scheduled() == []
    monkeypatch.setenv("SLURM_MEM_PER_NODE", "0")  # all of the node
    assert machine._scheduled() == []
    monkeypatch.setenv("SLURM_MEM_PER_CPU", "1024")
    monkeypatch.setenv("SLURM_CPUS_ON_NODE", "4")
    assert [m.bytes for m in machine._scheduled()] == [4 * 2**30]
    monkeypatch.setenv("SLURM_MEM_PER_NODE", "1")
    assert machine.at_hand() == Memory(2**20, "SLURM_MEM_PER_NODE: the memory of this job")


@pytest.mark.serial
def test_control_groups(nobody):
    """The least of the groups above counts, in both versions; "max" and no file are no limit."""
    me = nobody / "me"
    for group, limit in (("job", "8000"), ("job/step", "max")):
        (nobody / group).mkdir()
        (nobody / group / "memory.max").write_text(limit)
    me.write_text("0::/job/step\n")
    assert [m.bytes for m in machine._control_groups(nobody, me)] == [8000]
    (nobody / "memory" / "job").mkdir(parents=True)
    (nobody / "memory" / "job" / "memory.limit_in_bytes").write_text("9000\n")
    me.write_text("4:cpu:/job\n3:memory:/job\n")
    assert [m.bytes for m in machine._control_groups(nobody, me)] == [9000]
    assert machine._control_groups(nobody, nobody / "none") == []


@pytest.mark.serial
def test_kernel(nobody):
    file = nobody / "meminfo"
    file.write_text("MemTotal: 2000 kB\nMemAvailable:    1000 kB\n")
    assert machine._available(file)[0].bytes == 1000 * 1024
    assert machine._available(nobody / "none")[0].bytes == float("inf")
