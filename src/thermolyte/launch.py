"""How a run was started, and how it is ended from outside: ranks as the launcher says, Ctrl-C, a time limit."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from mpi4py import MPI

from thermolyte.errors import InputError

LAUNCHERS = {
    "OMPI_COMM_WORLD_SIZE": "mpirun",
    "PMI_SIZE": "the launcher (mpirun, mpiexec or srun)",
    "SLURM_STEP_NUM_TASKS": "srun",
}
"""Variable with the number of processes that each of them has started; the nearest to the process first.

SLURM_NTASKS is none of them: it stays in an allocation of 4 tasks in which `mpirun -n 2`, or one rank, is meant.
"""

ENDINGS = {
    signal.SIGINT: "interrupted; finished points are kept, the same command continues",
    signal.SIGTERM: "stopped by SIGTERM, as at a time limit; finished points are kept, the same command continues",
}
SHOW_CURSOR = "\x1b[?25h\n"
"""For a terminal: the progress bar hides the cursor."""


def check_ranks(comm: MPI.Comm, environment: Mapping[str, str] = os.environ) -> None:
    """Refuse to run as N runs of one rank each, which all write the same files.

    Raises:
        InputError: the launcher has started another number of processes than MPI has brought together.
    """
    variable = next((v for v in LAUNCHERS if environment.get(v, "").isdigit()), None)
    if variable is None or int(environment[variable]) == comm.size:
        return
    if variable == "SLURM_STEP_NUM_TASKS" and comm.size > 1:  # srun has started the daemons of an mpirun
        return
    raise InputError(
        f"{LAUNCHERS[variable]} has started {environment[variable]} processes ({variable}), but MPI sees "
        f"{comm.size} rank{'s' * (comm.size > 1)}: this would be several runs in one folder. "
        "Start it with the mpirun of the same environment, `mpirun -n N thermolyte run CASE`, as scripts of "
        "`thermolyte batch` do; or give srun the interface that this MPI speaks (`srun --mpi=list` names them, often "
        "`srun --mpi=pmix`)"
    )


@contextmanager
def ending_on_signals(comm: MPI.Comm) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the run with a message and exit code 130 or 143, wherever it is.

    At once, without unwinding: ranks that part would wait for each other, an exception in a callback of PETSc can get
    lost, and what is finished is on disk. Rank 0 ends the others; one that went first would take the message with it.
    """

    def end(number: int, _: object) -> None:
        text = SHOW_CURSOR * os.isatty(2) + ENDINGS[signal.Signals(number)] + "\n"
        os.write(2, text.encode())
        if comm.size > 1:
            comm.Abort(128 + number)
        os._exit(128 + number)

    before = {number: signal.signal(number, end if comm.rank == 0 else signal.SIG_IGN) for number in ENDINGS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
