"""The folder of one run: finished points at once on disk, fields, and at the end `result.json` and `sweep.csv`."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from mpi4py import MPI

from thermolyte import __version__
from thermolyte.case import Case
from thermolyte.errors import SolveError
from thermolyte.problem import Problem
from thermolyte.quantities import Values, unit_of
from thermolyte.results.fields import write_fields

POINTS, RESULT, TABLE, FIELDS = "points.jsonl", "result.json", "sweep.csv", "fields"


class Task(Protocol):
    """A point of a study."""

    @property
    def parameters(self) -> Mapping[str, object]:
        """Parameter values by path."""
        ...

    @property
    def objective(self) -> str | None:
        """What is sought at the point."""
        ...


class ResultFolder:
    """Writes on rank 0; every rank knows what is finished. A full disk is one message on all ranks."""

    def __init__(self, path: Path, comm: MPI.Comm, fresh: bool = False):
        self.path, self._comm = path, comm
        self._on_rank_0(lambda: self._prepare(fresh))
        self.points: list[dict[str, Any]] = comm.bcast(self._read() if comm.rank == 0 else None)
        self._finished = {p["key"]: p for p in self.points if "values" in p}
        self._asked: list[str] = []
        self.resumed = 0

    # ---- points ----------------------------------------------------------------------------------------------------
    def holds(self, case: Case, task: Task) -> bool:
        """Whether this point is finished, with the same case and the same version of the program."""
        key = _key(case, task)
        self._asked.append(key)
        found = key in self._finished
        self.resumed += found
        return found

    def add(self, case: Case, task: Task, values: Values) -> None:
        """Put a finished point on disk."""
        self._append(case, task, {"values": values})

    def fail(self, case: Case, task: Task, message: str) -> None:
        """Put the reason why a point failed on disk; a rerun tries it again."""
        self._append(case, task, {"error": message})

    def _append(self, case: Case, task: Task, outcome: dict[str, Any]) -> None:
        key = _key(case, task)
        point = {"key": key, "parameters": dict(task.parameters), "objective": task.objective, **outcome}
        self._finished[key] = point

        def write() -> None:
            with (self.path / POINTS).open("a", encoding="utf-8") as file:
                file.write(json.dumps(point) + "\n")
                file.flush()
                os.fsync(file.fileno())

        self._on_rank_0(write)

    def outcome(self) -> list[dict[str, Any]]:
        """The points of this study in its order, finished or failed."""
        return [self._finished[key] for key in self._asked if key in self._finished]

    # ---- files -----------------------------------------------------------------------------------------------------
    def write_fields(self, problem: Problem, task: Task) -> None:
        """Temperature, potential, J and q of the present state for ParaView."""
        name = FIELDS if not task.parameters else f"{FIELDS}_{len(self._asked):04d}"
        self._on_rank_0(lambda: (self.path / FIELDS).mkdir(exist_ok=True))
        write_fields(problem, self.path / FIELDS, name)

    def write_result(self, content: Mapping[str, Any]) -> None:
        """Write `result.json` and, for more than one point, `sweep.csv`."""
        points = self.outcome()

        def write() -> None:
            if len(points) > 1:
                _write_table(self.path / TABLE, points)
            part = self.path / (RESULT + ".part")
            part.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
            part.rename(self.path / RESULT)

        self._on_rank_0(write)

    def _prepare(self, fresh: bool) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / RESULT).unlink(missing_ok=True)  # from here on it would not belong to what is in the folder
        if fresh:
            (self.path / POINTS).unlink(missing_ok=True)

    def _read(self) -> list[dict[str, Any]]:
        """Points of earlier runs; a line that was cut off when the job was killed is dropped, here and on disk."""
        file = self.path / POINTS
        points = []
        for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
            try:
                points.append(json.loads(line))
            except json.JSONDecodeError:
                continue
        file.write_text("".join(json.dumps(p) + "\n" for p in points), encoding="utf-8")
        return points

    def _on_rank_0(self, action: Callable[[], object]) -> None:
        """Do it on rank 0; when it fails there, fail with the same message everywhere."""
        message = None
        if self._comm.rank == 0:
            try:
                action()
            except OSError as error:
                message = f"{self.path}: cannot be written: {error.strerror or error}; finished points are kept"
        message = self._comm.bcast(message)
        if message:
            raise SolveError(message)


def _key(case: Case, task: Task) -> str:
    """Identifies the solution of a point: the case as solved, without what only concerns other points or the output."""
    content = case.resolved()
    for section in ("study", "output", "title"):
        content.pop(section, None)
    text = json.dumps([__version__, task.objective, content], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _write_table(path: Path, points: list[dict[str, Any]]) -> None:
    """One row per point: parameters as given, then every quantity with its unit in the header."""
    parameters = list(dict.fromkeys(k for p in points for k in p["parameters"]))
    names = list(dict.fromkeys(k for p in points for k in p.get("values", {})))
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow([*parameters, "objective", "error", *(f"{n} [{unit_of(n)}]" for n in names)])
        for p in points:
            values = p.get("values", {})
            row = [p["parameters"].get(k, "") for k in parameters] + [
                p["objective"] or "",
                p.get("error", ""),
            ]
            rows.writerow(row + [repr(values[n]) if n in values else "" for n in names])
