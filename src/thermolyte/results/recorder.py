"""What a study in time leaves on disk, row by row: history, profiles, current distribution and checkpoints."""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from thermolyte.problem import Problem
from thermolyte.quantities import Values, unit_of
from thermolyte.results import checkpoint
from thermolyte.results.sampling import Row, currents, profile

OVER_TIME = ("history", "profiles", "current_distribution", "ageing")
TABLES = (*OVER_TIME, "impedance")


class Position(NamedTuple):
    """Where a study in time is: number of its step, when that started, and the present time [s]."""

    step: int
    started: float
    time: float
    next_step: float | None = None
    """Length that the integrator would take next [s]."""
    ended: bool = False
    """Whether the step is over."""


class Recorder:
    """The tables of one point; `files` are their names by kind. Writes on rank 0, every row at once."""

    def __init__(
        self,
        folder: Path,
        number: int | None,
        key: str,
        on_rank_0: Callable[[Callable[[], Any]], Any],
        claim: Callable[[], None],
        every: float,
    ):
        """Nothing is written yet.

        Args:
            folder: of the results.
            number: of the point in a sweep; None: the only one.
            key: what identifies its solution.
            on_rank_0: does something on rank 0, for all.
            claim: notes that the tables of this number are from now on those of this point.
            every: time of the clock between two checkpoints [s].
        """
        self._folder, self._key, self._on_rank_0, self._claim, self._every = folder, key, on_rank_0, claim, every
        self._suffix = "" if number is None else f"_{number:04d}"
        self._saved = time.monotonic()
        self.files: dict[str, str] = {}

    @property
    def _checkpoint(self) -> Path:
        """By the key, so that no other case continues from it; and by the number, as the tables that go with it."""
        return self._folder / f"checkpoint{self._suffix}_{self._key}.bp"

    def resume(self, problem: Problem) -> Position | None:
        """Take back the last checkpoint of this very case, and cut the tables off behind it; None without one."""
        self._claim()
        known = self._on_rank_0(lambda: checkpoint.is_at(self._checkpoint))
        if not known:
            self._on_rank_0(self._forget)
            return None
        now, extra = checkpoint.load(problem, self._checkpoint)
        self._on_rank_0(lambda: self._cut(now))
        return Position(int(extra["step"]), extra["started"], now, extra["next_step"] or None, bool(extra["ended"]))

    def add(self, at: Position, values: Values, problem: Problem, *, report: bool = False) -> None:
        """A row of the history as `row` writes it, and now and then a checkpoint."""
        self.row(at, values, problem, report=report)
        if self._on_rank_0(lambda: time.monotonic() - self._saved > self._every):
            self.save(at, problem)

    def row(self, at: Position, values: Values, problem: Problem, *, report: bool = False) -> None:
        """A row of the history; at reports profiles and current distribution, too."""
        row: Row = {"time [s]": at.time, "report [1]": int(report)}
        self._append("history", [row | {f"{n} [{unit_of(n)}]": v for n, v in values.items()}])
        if report:
            now: Row = {"time [s]": at.time}
            self._append("profiles", [now | r for r in profile(problem)])
            self._append("current_distribution", [now | r for r in currents(problem)])

    def measurement(self, kind: str, values: Values) -> None:
        """A row of a table of quantities over time."""
        self._append(kind, [{f"{n} [{unit_of(n)}]": v for n, v in values.items()}])

    def scans(self, time: float, tables: Mapping[str, Sequence[Row]]) -> None:
        """The line scans at a kept time, below those of earlier times."""
        for kind, rows in tables.items():
            self._append(kind, [{"time [s]": time} | row for row in rows])

    def rows(self, kind: str) -> list[Values]:
        """The rows of a table of quantities over time, by name, on all ranks."""
        file = self._folder / f"{kind}{self._suffix}.csv"
        found: list[Values] = self._on_rank_0(lambda: _numbers(file) if file.exists() else [])
        return found

    def table(self, kind: str, rows: Sequence[Row]) -> None:
        """A whole table at once, in place of that of an earlier run."""
        file = self._folder / f"{kind}{self._suffix}.csv"
        if self._on_rank_0(lambda: bool(rows) or file.exists()):
            self._claim()
            self._on_rank_0(lambda: file.unlink(missing_ok=True))
            self._append(kind, rows)

    def finish(self) -> None:
        """The point is done: its checkpoint is of no use any more."""
        self._on_rank_0(lambda: checkpoint.remove(self._checkpoint))

    def save(self, at: Position, problem: Problem) -> None:
        """The state that a later run continues from."""
        numbers = {"step": at.step, "started": at.started, "next_step": at.next_step or 0.0, "ended": float(at.ended)}
        checkpoint.save(problem, self._checkpoint, at.time, numbers)
        self._saved = time.monotonic()

    def _append(self, kind: str, rows: Sequence[Row]) -> None:
        if self._on_rank_0(lambda: bool(rows)):
            self.files[kind] = f"{kind}{self._suffix}.csv"
            self._on_rank_0(lambda: _write(self._folder / self.files[kind], rows))

    def _forget(self) -> None:
        """Tables of this number that another case wrote, with the checkpoint that they belong to."""
        for kind in (*TABLES, *self._scan_kinds()):
            (self._folder / f"{kind}{self._suffix}.csv").unlink(missing_ok=True)
        for path in self._folder.glob(f"*checkpoint{self._suffix}_{'?' * len(self._key)}.*bp"):
            checkpoint.remove(path)

    def _scan_kinds(self) -> list[str]:
        """Tables of line scans of this number."""
        stems = [file.stem for file in self._folder.glob(f"line_scan_*{self._suffix}.csv")]
        own = [stem for stem in stems if self._suffix or not re.search(r"_\d{4}$", stem)]
        return [stem.removesuffix(self._suffix) for stem in own]

    def _cut(self, now: float) -> None:
        """Drop what an interrupted run wrote after its last checkpoint."""
        for kind in (*OVER_TIME, *self._scan_kinds()):
            file = self._folder / f"{kind}{self._suffix}.csv"
            if not file.exists():
                continue
            with file.open(newline="", encoding="utf-8") as lines:
                rows = [r for r in csv.DictReader(lines) if None not in r.values() and float(r["time [s]"]) <= now]
            if rows:
                self.files[kind] = file.name
                part = file.with_suffix(".part")
                part.unlink(missing_ok=True)
                _write(part, rows)
                part.replace(file)
            else:
                file.unlink()


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


def _numbers(file: Path) -> list[Values]:
    with file.open(newline="", encoding="utf-8") as lines:
        return [{n.split(" [")[0]: float(v) for n, v in row.items() if v} for row in csv.DictReader(lines)]
