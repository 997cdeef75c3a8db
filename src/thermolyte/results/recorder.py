"""What a study in time leaves on disk, row by row: history, profiles, current distribution and checkpoints."""

from __future__ import annotations

import csv
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from thermolyte.problem import Problem
from thermolyte.quantities import Values, unit_of
from thermolyte.results import checkpoint
from thermolyte.results.sampling import Row, currents, profile

CHECKPOINT_EVERY = 60.0  # s of the clock: at most so much is lost when a job is killed


class Position(NamedTuple):
    """Where a study in time is: number of its step, when that started, and the present time [s]."""

    step: int
    started: float
    time: float


class Recorder:
    """The tables of one point; `files` are their names by kind. Writes on rank 0, every row at once."""

    def __init__(self, folder: Path, number: int | None, key: str, on_rank_0: Callable[[Callable[[], Any]], Any]):
        """`number`: of the point in a sweep (None: the only one); `key`: what identifies its solution."""
        self._folder, self._key, self._on_rank_0 = folder, key, on_rank_0
        self._suffix = "" if number is None else f"_{number:04d}"
        self._saved = time.monotonic()
        self.files: dict[str, str] = {}

    @property
    def _checkpoint(self) -> Path:
        return self._folder / f"checkpoint_{self._key}.bp"

    def resume(self, problem: Problem) -> Position | None:
        """Take back the last checkpoint of this very case, and cut the tables off behind it; None without one."""
        known = self._on_rank_0(self._checkpoint.exists)
        if not known:
            self._on_rank_0(self._forget)
            return None
        now, extra = checkpoint.load(problem, self._checkpoint)
        self._on_rank_0(lambda: self._cut(now))
        return Position(int(extra["step"]), extra["started"], now)

    def add(self, at: Position, values: Values, problem: Problem, *, report: bool = False) -> None:
        """A row of the history; at reports profiles and current distribution, too."""
        row: Row = {"time [s]": at.time, "report [1]": int(report)}
        self._append("history", [row | {f"{n} [{unit_of(n)}]": v for n, v in values.items()}])
        if report:
            now: Row = {"time [s]": at.time}
            self._append("profiles", [now | r for r in profile(problem)])
            self._append("current_distribution", [now | r for r in currents(problem)])
        if self._on_rank_0(lambda: time.monotonic() - self._saved > CHECKPOINT_EVERY):
            checkpoint.save(problem, self._checkpoint, at.time, {"step": at.step, "started": at.started})
            self._saved = time.monotonic()

    def table(self, kind: str, rows: Sequence[Row]) -> None:
        """A whole table at once, in place of that of an interrupted run."""
        self._on_rank_0(lambda: (self._folder / f"{kind}{self._suffix}.csv").unlink(missing_ok=True))
        self._append(kind, rows)

    def finish(self) -> None:
        """The point is done: its checkpoint is of no use any more."""
        self._on_rank_0(lambda: shutil.rmtree(self._checkpoint, ignore_errors=True))

    def _append(self, kind: str, rows: Sequence[Row]) -> None:
        if self._on_rank_0(lambda: bool(rows)):
            self.files[kind] = f"{kind}{self._suffix}.csv"
            self._on_rank_0(lambda: _write(self._folder / self.files[kind], rows))

    def _forget(self) -> None:
        for kind in ("history", "profiles", "current_distribution", "impedance"):
            (self._folder / f"{kind}{self._suffix}.csv").unlink(missing_ok=True)

    def _cut(self, now: float) -> None:
        """Drop what an interrupted run wrote after its last checkpoint."""
        for kind in ("history", "profiles", "current_distribution"):
            file = self._folder / f"{kind}{self._suffix}.csv"
            if not file.exists():
                continue
            self.files[kind] = file.name
            with file.open(newline="", encoding="utf-8") as lines:
                rows = [r for r in csv.DictReader(lines) if None not in r.values() and float(r["time [s]"]) <= now]
            file.unlink()
            if rows:
                _write(file, rows)


def _write(file: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    fresh = not file.exists()
    if not fresh:
        with file.open(newline="", encoding="utf-8") as lines:
            columns = next(csv.reader(lines))
    else:
        columns = list(dict.fromkeys(k for row in rows for k in row))
    with file.open("a", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, columns, restval="", extrasaction="ignore")
        if fresh:
            writer.writeheader()
        writer.writerows(rows)
        lines.flush()
