"""What tests on one and on several ranks share."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mpi4py import MPI

import pytest
from xdist.scheduler import LoadScopeScheduling

from thermolyte import cli, compilation

ROOT = Path(__file__).parent.parent


class ByPlace(LoadScopeScheduling):
    """Of several processes, one takes a file, or all of packaging/ (its mounts are seen by all); a case goes to any."""

    def _split_scope(self, nodeid: str) -> str:
        path, _, name = nodeid.partition("::")
        if path.startswith("tests/packaging/"):
            return "tests/packaging"
        return path + name[name.find("[") :] if path.startswith("tests/cases/") else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByPlace:
    """The scheduler of `pytest -n`."""
    return ByPlace(config, log)


@pytest.fixture(autouse=True)
def own_process() -> Iterator[None]:
    """The program sets these up as if the process were its own."""
    log, hook = logging.getLogger("thermolyte"), sys.excepthook
    before = log.handlers[:], log.level, log.propagate
    yield
    log.handlers[:], log.level, log.propagate = before
    sys.excepthook = hook


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


@pytest.fixture
def said(comm: MPI.Comm, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs the program on all ranks; returns what rank 0 wrote to standard error (and to output)."""

    def run(*argv: object, code: int = 2, output: bool = False) -> str:
        assert cli.main([str(a) for a in argv]) == code, capsys.readouterr().err
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        assert code != 0 or "error" not in err
        if comm.rank > 0:
            assert (out, err) == ("", "")
        told: tuple[str, str] = comm.bcast((out, err))
        return told[0] if output else told[1]

    return run


@pytest.fixture
def folder(comm: MPI.Comm, shared_tmp: Path) -> Callable[[str, str | bytes], Path]:
    """A folder that all ranks see, and a function that writes a file into it."""

    def write(name: str, content: str | bytes) -> Path:
        comm.barrier()  # another rank may still read what is written over
        if comm.rank == 0:
            path = shared_tmp / name
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        comm.barrier()
        return shared_tmp / name

    return write


@pytest.fixture(scope="session")
def cases() -> Path:
    """The shipped cases."""
    return ROOT / "cases"
