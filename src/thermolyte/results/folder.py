"""The folder of one run: finished points at once on disk, fields, and at the end `result.json` and `sweep.csv`."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from mpi4py import MPI

from thermolyte import __version__
from thermolyte.case import Case
from thermolyte.errors import InputError, SolveError
from thermolyte.problem import Problem
from thermolyte.quantities import Values, unit_of
from thermolyte.ranks import on_rank_0
from thermolyte.results.fields import write_fields
from thermolyte.results.recorder import Recorder

T = TypeVar("T")
IN_TIME = ("transient", "impedance")  # studies of which a point is more than the case
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
        self._on_rank_0(lambda: self._prepare(fresh), InputError, "no result folder can be here, give another with -o")
        lines = self._on_rank_0(self._read)
        self._finished: dict[str, dict[str, Any]] = {p["key"]: p for p in lines if "values" in p}
        self._fields: dict[str, str] = {p["fields"]: p["key"] for p in lines if "fields" in p}
        self._tables: dict[str, str] = {p["tables"]: p["key"] for p in lines if "tables" in p}
        self._asked: list[str] = []
        self.resumed = 0

    # ---- points ----------------------------------------------------------------------------------------------------
    def holds(self, case: Case, task: Task, fields: bool = False) -> Values | None:
        """The values of this point, if it is finished with the same case and version of the program.

        A point whose fields are wanted is finished when they are written, too; one with tables while they are its own.
        """
        key = _key(case, task)
        self._asked.append(key)
        point = self._finished.get(key, {})
        found: Values | None = point.get("values")
        if fields and self._fields.get(self._fields_name(task)) != key:
            return None
        if point.get("files") and self._tables.get(self._tables_name(task)) != key:
            return None
        self.resumed += found is not None
        return found

    def recorder(self, case: Case, task: Task) -> Recorder:
        """Writer of the tables of the point that was asked for last."""
        name, key = self._tables_name(task), _key(case, task)

        def claim() -> None:
            if self._tables.get(name) != key:
                self._tables[name] = key
                self._append({"tables": name, "key": key})

        return Recorder(self.path, self._number(task), key, self._on_rank_0, claim, case.output.checkpoint)

    def _tables_name(self, task: Task) -> str:
        """What tells the tables of the point that was asked for last from those of others."""
        number = self._number(task)
        return "" if number is None else f"{number:04d}"

    def _number(self, task: Task) -> int | None:
        return len(self._asked) if task.parameters else None

    def add(self, case: Case, task: Task, values: Values, files: Mapping[str, str]) -> None:
        """Put a finished point on disk, with the names of its tables."""
        self._append_point(case, task, {"values": values, "files": dict(files)})

    def fail(self, case: Case, task: Task, message: str, files: Mapping[str, str]) -> None:
        """Put the reason why a point failed on disk, with the tables as far as they go; a rerun tries it again."""
        self._append_point(case, task, {"error": message, "files": dict(files)})

    def _append_point(self, case: Case, task: Task, outcome: dict[str, Any]) -> None:
        key = _key(case, task)
        point = {"key": key, "parameters": dict(task.parameters), "objective": task.objective, **outcome}
        self._finished[key] = point
        self._append(point)

    def _append(self, line: Mapping[str, Any]) -> None:
        def write() -> None:
            with (self.path / POINTS).open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
                file.flush()
                os.fsync(file.fileno())

        self._on_rank_0(write)

    def outcome(self) -> list[dict[str, Any]]:
        """The points of this study in its order, finished or failed."""
        return [self._finished[key] for key in self._asked if key in self._finished]

    # ---- files -----------------------------------------------------------------------------------------------------
    def write_fields(self, problem: Problem, case: Case, task: Task) -> None:
        """Temperature, potential, J and q of the present state for ParaView."""
        name = self._fields_name(task)
        self._on_rank_0(lambda: (self.path / FIELDS).mkdir(exist_ok=True))
        collect = write_fields(problem, self.path / FIELDS, name)
        self._on_rank_0(collect)
        self._append({"fields": name, "key": _key(case, task)})

    def _fields_name(self, task: Task) -> str:
        number = self._number(task)
        return FIELDS if number is None else f"{FIELDS}_{number:04d}"

    def write_result(self, content: Mapping[str, Any]) -> None:
        """Write `result.json` and, for more than one point, `sweep.csv`."""
        points = self.outcome()

        def write() -> None:
            if len(points) > 1:
                _write_table(self.path / TABLE, points)
            _replace(self.path / RESULT, json.dumps(content, indent=1) + "\n")

        self._on_rank_0(write)

    def _prepare(self, fresh: bool) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / RESULT).unlink(missing_ok=True)  # from here on it would not belong to what is in the folder
        with (self.path / POINTS).open("w" if fresh else "a"):
            pass
        for path in self.path.glob("*checkpoint_*bp") if fresh else ():
            shutil.rmtree(path)

    def _read(self) -> list[dict[str, Any]]:
        """Lines of earlier runs; one that was cut off when the job was killed is dropped, here and on disk."""
        file = self.path / POINTS
        content = file.read_bytes()
        lines = [line for line in map(_parsed, content.splitlines()) if line is not None]
        kept = "".join(json.dumps(line) + "\n" for line in lines)
        if kept.encode() != content:
            _replace(file, kept)
        return lines

    def _on_rank_0(
        self,
        action: Callable[[], T],
        kind: type[InputError | SolveError] = SolveError,
        what: str = "cannot be written; finished points are kept, the same command continues",
    ) -> T:
        """Do it on rank 0; when it fails there, fail with the same message everywhere."""

        def told() -> T:
            try:
                return action()
            except OSError as error:
                place = error.filename or self.path
                raise kind(f"{place}: {(error.strerror or str(error)).lower()}: {what}") from None

        return on_rank_0(self._comm, told)


def _parsed(line: bytes) -> dict[str, Any] | None:
    """A line of the file of points; None when it is damaged."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "key" in found else None


def _replace(path: Path, text: str) -> None:
    """Write a file such that at any moment the old or the new one is there."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _key(case: Case, task: Task) -> str:
    """Identifies the solution of a point: the case as solved, without what only concerns other points or the output."""
    content = case.resolved()
    study = content.pop("study")
    content["each"] = study.get("each") if study["type"] == "sweep" else study if study["type"] in IN_TIME else None
    for section in ("output", "title"):
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
