"""What only one rank does, with the same outcome on all: its result, or its error."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from mpi4py import MPI

from thermolyte.errors import InputError, SolveError

T = TypeVar("T")


def on_rank_0(comm: MPI.Comm, action: Callable[[], T]) -> T:
    """The result of `action`, called on rank 0, on all ranks.

    Raises:
        InputError: as the action; on all ranks.
        SolveError: as the action, or a file could not be read or written; on all ranks.
    """
    outcome: tuple[T | None, Exception | None] = None, None
    if comm.rank == 0:
        try:
            outcome = action(), None
        except (InputError, SolveError) as error:
            outcome = None, error
        except OSError as error:
            outcome = None, SolveError(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    result, failure = comm.bcast(outcome)
    if failure is not None:
        raise failure
    return cast(T, result)
