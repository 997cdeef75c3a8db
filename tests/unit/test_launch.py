"""Ranks as the launcher says, or a refusal: N processes that do not know each other would write to one folder."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from thermolyte.errors import InputError
from thermolyte.launch import check_ranks

pytestmark = pytest.mark.serial


def allowed(size: int, **variables: object) -> bool:
    try:
        check_ranks(SimpleNamespace(size=size), {k: str(v) for k, v in variables.items()})
    except InputError:
        return False
    return True


ALLOCATION = {"SLURM_JOB_ID": 7, "SLURM_NTASKS": 4, "SLURM_PROCID": 0}


@pytest.mark.parametrize(
    ("size", "variables"),
    [
        (1, {}),
        (1, ALLOCATION),  # salloc -n 4, then thermolyte run; or a batch script that does so
        (2, ALLOCATION | {"OMPI_COMM_WORLD_SIZE": 2}),  # mpirun -n 2 there
        (4, ALLOCATION | {"SLURM_STEP_NUM_TASKS": 4}),  # srun --mpi=pmix
        (4, ALLOCATION | {"SLURM_STEP_NUM_TASKS": 4, "PMI_SIZE": 4}),  # srun --mpi=pmi2 with an MPI that speaks it
        (1, ALLOCATION | {"SLURM_STEP_NUM_TASKS": 1}),  # a shell on a node by srun --pty
        (2, ALLOCATION | {"SLURM_STEP_NUM_TASKS": 1, "OMPI_COMM_WORLD_SIZE": 2}),  # mpirun in that shell
        (8, ALLOCATION | {"SLURM_STEP_NUM_TASKS": 2}),  # mpirun whose daemons were started by srun
        (8, ALLOCATION | {"SLURM_STEP_NUM_TASKS": 2, "OMPI_COMM_WORLD_SIZE": 8}),
        (8, {"PMI_SIZE": 8}),  # mpiexec of MPICH
    ],
)
def test_as_it_should_be(size, variables):
    assert allowed(size, **variables)


@pytest.mark.parametrize(
    ("size", "variables"),
    [
        (1, ALLOCATION | {"SLURM_STEP_NUM_TASKS": 4}),  # srun --mpi=none
        (1, ALLOCATION | {"SLURM_STEP_NUM_TASKS": 4, "PMI_SIZE": 4}),  # srun --mpi=pmi2, not spoken by Open MPI
        (1, {"PMI_SIZE": 4}),  # the mpiexec of another MPI
        (1, {"OMPI_COMM_WORLD_SIZE": 4}),
    ],
)
def test_many_runs_of_one_rank(size, variables):
    assert not allowed(size, **variables)


def test_message(said, cases, tmp_path, monkeypatch):
    monkeypatch.setenv("SLURM_STEP_NUM_TASKS", "4")
    text = said("run", cases / "single_leg", "-o", tmp_path / "r")
    assert text.startswith("srun has started 4 processes (SLURM_STEP_NUM_TASKS), but MPI sees 1 rank: this would be")
    assert "`mpirun -n N thermolyte run CASE`" in text
    assert not (tmp_path / "r").exists()
