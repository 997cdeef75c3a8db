"""What a run shows while it runs: a progress bar on a terminal, plain lines in a batch log. Rank 0 speaks."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mpi4py import MPI

log = logging.getLogger("thermolyte")
WIDEST = 60  # characters of a label beside the bar


def configure(comm: MPI.Comm, verbose: bool) -> None:
    """Log lines of rank 0 to standard error; warnings and worse always, every solve when verbose."""
    log.handlers.clear()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    handler.addFilter(lambda record: _lower_level_name(record))
    log.addHandler(handler if comm.rank == 0 else logging.NullHandler())
    log.setLevel(logging.DEBUG if verbose else logging.INFO)
    log.propagate = False


def _lower_level_name(record: logging.LogRecord) -> bool:
    record.levelname = record.levelname.lower()
    return True


@contextmanager
def progress(comm: MPI.Comm, title: str, total: int) -> Iterator[Callable[[str], None]]:
    """Yields `advance(label)`, to be called after every point."""
    if comm.rank != 0:
        yield lambda _: None
    elif sys.stderr.isatty():
        yield from _bar(title, total)
    else:
        yield _lines(total)


def _bar(title: str, total: int) -> Iterator[Callable[[str], None]]:
    from rich.console import Console
    from rich.logging import RichHandler
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    before = log.handlers[:]
    try:
        with Progress(*columns, console=console) as bar:
            # Lines go through rich, so that they stand above the bar.
            log.handlers[:] = [RichHandler(console=console, show_time=False, show_path=False)]
            task = bar.add_task(_short(title), total=total)
            yield lambda label: bar.update(task, advance=1, description=_short(label))
    finally:
        log.handlers[:] = before


def _short(label: str) -> str:
    return label if len(label) <= WIDEST else label[: WIDEST - 1] + "…"


def _lines(total: int) -> Callable[[str], None]:
    start, done = time.perf_counter(), 0

    def advance(label: str) -> None:
        nonlocal done
        done += 1
        log.info("%d/%d  %.1f s  %s", done, total, time.perf_counter() - start, label)

    return advance
