"""Everything that a calibration has solved, on disk at once: a run that was killed goes on where it was."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mpi4py import MPI

from thermolyte.quantities import Values
from thermolyte.ranks import on_rank_0
from thermolyte.results import json_lines

FILE = "evaluations.jsonl"


class Evaluations:
    """Solutions by their key: in memory on every rank, and in a file of `folder`, which is read first."""

    def __init__(self, folder: Path | None, comm: MPI.Comm):
        """Without a folder, nothing is read or written.

        Raises:
            SolveError: the file cannot be read.
        """
        self._file, self._comm = folder / FILE if folder else None, comm
        lines = on_rank_0(comm, self._read)
        self._rows: dict[str, list[Values]] = {line["key"]: line["rows"] for line in lines}
        self._earlier = set(self._rows)
        self._used: set[str] = set()

    @property
    def kept(self) -> int:
        """Solutions of an earlier run that were of use."""
        return len(self._used & self._earlier)

    @property
    def count(self) -> int:
        """Different solutions that were asked for."""
        return len(self._used)

    def get(self, key: str, wanted: set[str]) -> list[Values] | None:
        """The quantities of a solution at each of its times, if all that are wanted are known."""
        rows = self._rows.get(key)
        if rows is None or any(wanted - row.keys() for row in rows):
            return None
        self._used.add(key)
        return rows

    def add(self, key: str, rows: list[Values], about: Mapping[str, object]) -> None:
        """Keep a solution, with the values of the case that it belongs to.

        Raises:
            SolveError: the file cannot be written.
        """
        self._rows[key] = rows
        self._used.add(key)
        file = self._file
        if file is not None:
            on_rank_0(self._comm, lambda: json_lines.append(file, {"key": key, "values": dict(about), "rows": rows}))

    def _read(self) -> list[dict[str, Any]]:
        return json_lines.repaired(self._file) if self._file is not None and self._file.exists() else []
