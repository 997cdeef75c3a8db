"""What tests on one and on several ranks share."""

from __future__ import annotations

import gc
from pathlib import Path

from mpi4py import MPI

import pytest

from thermolyte import compilation

ROOT = Path(__file__).parent.parent


@pytest.fixture
def comm() -> MPI.Comm:
    """All ranks."""
    return MPI.COMM_WORLD


@pytest.fixture
def shared_tmp(comm: MPI.Comm, tmp_path: Path) -> Path:
    """One temporary folder that all ranks agree on."""
    return comm.bcast(tmp_path, root=0)


@pytest.fixture(scope="session", autouse=True)
def compiled_forms():
    """Forms come from the folder of the program, with its lock: the tests on 1 and on 3 ranks may run together."""
    compilation.prepare(MPI.COMM_WORLD)


@pytest.fixture(autouse=MPI.COMM_WORLD.size > 1)
def collect_together():
    """PETSc objects are freed collectively: collect garbage at the same place on all ranks, and nowhere else."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(scope="session")
def cases() -> Path:
    """The shipped cases."""
    return ROOT / "cases"
