"""Run pytest on every rank of an MPI job: `mpirun -n 3 python tests/on_ranks.py LOGS [pytest arguments]`.

Rank 0 prints, the others write to LOGS/rank1, LOGS/rank2, ... The common exit code goes to LOGS/code. A rank
that dies, or hangs in a collective call until the timeout of its test, takes the job down, without a code.
"""

import os
import sys
from pathlib import Path

from mpi4py import MPI

import pytest


def redirect_output(file: Path) -> None:
    """Send everything that this process prints, also from C and from its children, to a file."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)


def main(logs: Path, arguments: list[str]) -> None:
    """Run, and let rank 0 report a rank that failed alone."""
    comm = MPI.COMM_WORLD
    if comm.rank > 0:
        redirect_output(logs / f"rank{comm.rank}")
    # A rank that waits in MPI never returns to Python, so only the timeout that ends the process works.
    options = ["-p", "no:cacheprovider", "-o", "timeout_method=thread"]
    result = pytest.main([*options, *arguments])
    sys.stdout.flush()
    # A narrow selection may hold serial tests only.
    code = 0 if result == pytest.ExitCode.NO_TESTS_COLLECTED else int(result)
    codes = comm.gather(code)
    if comm.rank == 0:
        assert codes is not None
        if codes[0] == 0 and any(codes):
            rank = next(rank for rank, code in enumerate(codes) if code)
            print(f"\nRank {rank} failed, rank 0 did not:\n{(logs / f'rank{rank}').read_text()}", end="")
        (logs / "code").write_text(str(max(codes)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
