"""The folder of one run: finished points at once on disk, fields, and at the end `result.json` and tables."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TextIO, TypeVar

from mpi4py import MPI

from thermolyte import __version__
from thermolyte.case import Case
from thermolyte.errors import InputError, SolveError
from thermolyte.problem import Problem
from thermolyte.quantities import Values, unit_of
from thermolyte.ranks import on_rank_0
from thermolyte.results import intervals, json_lines
from thermolyte.results.fields import write_fields
from thermolyte.results.lock import claim
from thermolyte.results.recorder import Recorder
from thermolyte.results.shares import FIELDS, SHARES, discard, take_over
from thermolyte.studies.share import Share

T = TypeVar("T")
IN_TIME = ("transient", "impedance", "ageing")  # studies of which a point is more than the case
POINTS, RESULT, TABLE = "points.jsonl", "result.json", "sweep.csv"
SILENT = ("title", "output", "calibration")
"""Sections of a case that do not change what is solved."""
SOLVED, INTERPOLATED = "solved", "interpolated"
"""Where the values of a point of a map come from."""


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
    """Writes on rank 0; every rank knows what is finished. A full disk is one message on all ranks.

    It is held against other runs until it is closed. A share of a study has a folder of its own in that of the study,
    and knows what is finished there; the run of the whole study takes over what its shares have left.
    """

    def __init__(self, path: Path, comm: MPI.Comm, fresh: bool = False, share: Share | None = None):
        self._whole, self._share, self._comm = path, share, comm
        self.path = path / SHARES / share.name if share else path
        self._lock: TextIO | None = None
        try:
            place = "no result folder can be here, give another with -o"
            self._on_rank_0(lambda: self._prepare(fresh), InputError, place)
            lines = self._on_rank_0(lambda: self._read(fresh))
        except (InputError, SolveError):
            self.close()
            raise
        self._finished: dict[str, dict[str, Any]] = {p["key"]: p for p in lines if "values" in p}
        self._fields: dict[str, str] = {p["fields"]: p["key"] for p in lines if "fields" in p}
        self._tables: dict[str, str] = {p["tables"]: p["key"] for p in lines if "tables" in p}
        self._decisions: dict[str, dict[str, Any]] = {p["key"]: p["mesh"] for p in lines if "mesh" in p}
        self._asked: list[str] = []
        self._grid: list[dict[str, Any]] = []
        self.map: dict[str, Any] = {}
        """How good a map is, and what it took."""
        self.resumed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let other runs write here."""
        if self._lock:
            self._lock.close()

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
        """Its position in the whole study, from 1."""
        return (self._share.first if self._share else 0) + len(self._asked) if task.parameters else None

    def add(self, case: Case, task: Task, values: Values, files: Mapping[str, str], errors: Values) -> None:
        """Put a finished point on disk, with the names of its tables and the errors of its values."""
        bars = {"errors": errors} if errors else {}
        self._append_point(case, task, {"values": values, "files": dict(files), **bars})

    def fail(self, case: Case, task: Task, message: str, files: Mapping[str, str]) -> None:
        """Put the reason why a point failed on disk, with the tables as far as they go; a rerun tries it again."""
        self._append_point(case, task, {"error": message, "files": dict(files)})

    def decision(self, points: Sequence[tuple[Task, Case]]) -> dict[str, Any] | None:
        """The mesh that an earlier run has decided on by looking at these points; None: there was none."""
        return self._decisions.get(_joint_key(points))

    def keep_decision(self, points: Sequence[tuple[Task, Case]], decision: Mapping[str, Any] | None) -> None:
        """Put it on disk."""
        self._append({"mesh": decision, "key": _joint_key(points)})

    def _append_point(self, case: Case, task: Task, outcome: dict[str, Any]) -> None:
        key = _key(case, task)
        point = {"key": key, "parameters": dict(task.parameters), "objective": task.objective, **outcome}
        self._finished[key] = point
        self._append(point)

    def _append(self, line: Mapping[str, Any]) -> None:
        self._on_rank_0(lambda: json_lines.append(self.path / POINTS, line))

    def complete(self, grid: Iterable[tuple[Mapping[str, object], Values, bool]], summary: Mapping[str, Any]) -> None:
        """Take all points of a map: their parameters, values, and whether they were solved."""
        bars = {tuple(p["parameters"].items()): {"errors": p["errors"]} for p in self.outcome() if "errors" in p}
        self.map = dict(summary)
        self._grid = [
            {
                "parameters": dict(parameters),
                "objective": None,
                "origin": SOLVED if solved else INTERPOLATED,
                "values": values,
                **bars.get(tuple(parameters.items()), {}),
            }
            for parameters, values, solved in grid
        ]

    def outcome(self) -> list[dict[str, Any]]:
        """The points of this study in its order, finished or failed."""
        return self._grid or [self._finished[key] for key in self._asked if key in self._finished]

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
        """Write `result.json` and, for more than one point, `sweep.csv`; of an uncertainty, its table."""
        points = self.outcome()

        def write() -> None:
            if len(points) > 1:
                _write_table(self.path / TABLE, points)
            if "uncertainty" in content:
                intervals.write_table(self.path / intervals.FILE, content["uncertainty"])
            json_lines.replace(self.path / RESULT, json.dumps(content, indent=1) + "\n")

        self._on_rank_0(write)

    def _prepare(self, fresh: bool) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = claim(self.path)
        if fresh and not self._share:
            discard(self.path)
        (self.path / RESULT).unlink(missing_ok=True)  # from here on it would not belong to what is in the folder
        with (self.path / POINTS).open("w" if fresh else "a"):
            pass
        for path in self.path.glob("*checkpoint_*bp") if fresh else ():
            shutil.rmtree(path)

    def _read(self, fresh: bool) -> list[dict[str, Any]]:
        """Lines of earlier runs, and of the shares; or for a share, those of the whole study before its own."""
        lines = json_lines.repaired(self.path / POINTS)
        if not self._share:
            take_over(self.path, POINTS)
            return json_lines.repaired(self.path / POINTS)
        whole = self._whole / POINTS
        return (json_lines.lines(whole.read_bytes()) if whole.exists() and not fresh else []) + lines

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


def _key(case: Case, task: Task) -> str:
    """Identifies the solution of a point: the case as solved, without what only concerns other points or the output."""
    content = case.resolved()
    study = content.pop("study")
    content["each"] = study.get("each") if "each" in study else study if study["type"] in IN_TIME else None
    if study["type"] == "map":
        content["each"] = {"type": "operating_point"}  # its points are those of a sweep
    return solution_key(content, task.objective)


def solution_key(content: Mapping[str, Any], what: object) -> str:
    """Identifies a solution: the resolved case, without sections that change none, and what is done with it."""
    solved = {k: v for k, v in content.items() if k not in SILENT}
    text = json.dumps([__version__, what, solved], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _joint_key(points: Sequence[tuple[Task, Case]]) -> str:
    return "+".join(_key(case, task) for task, case in points)


def _write_table(path: Path, points: list[dict[str, Any]]) -> None:
    """One row per point: parameters as given, then every quantity with its unit in the header."""
    parameters = list(dict.fromkeys(k for p in points for k in p["parameters"]))
    names = list(dict.fromkeys(k for p in points for k in p.get("values", {})))
    uncertain = list(dict.fromkeys(k for p in points for k in p.get("errors", {})))
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        marks = ["objective", "error", *(["origin"] if any("origin" in p for p in points) else [])]
        titles = [f"{n} [{unit_of(n)}]" for n in names] + [f"error of {n} [{unit_of(n)}]" for n in uncertain]
        rows.writerow([*parameters, *marks, *titles])
        for p in points:
            values, errors = p.get("values", {}), p.get("errors", {})
            row = [p["parameters"].get(k, "") for k in parameters] + [p.get(mark) or "" for mark in marks]
            row += [repr(values[n]) if n in values else "" for n in names]
            rows.writerow(row + [repr(errors[n]) if n in errors else "" for n in uncertain])
