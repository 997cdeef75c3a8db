"""A case in time without a result folder: its history, its profiles at report times, and its problem at the end."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mpi4py import MPI

import numpy as np
from numpy.typing import NDArray

from thermolyte.case import Case
from thermolyte.problem import Problem
from thermolyte.quantities import Values
from thermolyte.ranks import on_rank_0
from thermolyte.results.recorder import Position
from thermolyte.results.sampling import profile
from thermolyte.studies import transient
from thermolyte.studies.simulator import Simulator

Columns = dict[str, NDArray[np.float64]]


@dataclass
class Watched:
    """What a recorder is told."""

    probe: Callable[[Problem], Any] | None = None
    history: list[dict[str, float]] = field(default_factory=list)
    profiles: dict[float, list[dict[str, Any]]] = field(default_factory=dict)
    """Rows of each report time; on rank 0."""
    probed: dict[float, Any] = field(default_factory=dict)

    def resume(self, problem: Problem) -> Position | None:
        """Nothing was done before."""

    def add(self, at: Position, values: Values, problem: Problem, *, report: bool = False) -> None:
        """Keep a row, and at reports the profile."""
        self.history.append({"time": at.time, **values})
        if report:
            self.profiles[at.time] = profile(problem)
            self.probed[at.time] = self.probe(problem) if self.probe else None

    def finish(self) -> None:
        """Nothing to tidy up."""


@dataclass
class Run:
    """A finished run."""

    watched: Watched
    values: Values
    problem: Problem

    def column(self, name: str) -> NDArray[np.float64]:
        """A quantity at every step, beginning with the initial state."""
        return np.array([row[name] for row in self.watched.history])

    def at(self, time: float) -> Values:
        """All quantities at a report time."""
        return next(row for row in self.watched.history if row["time"] == time)

    def profile(self, time: float, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Places [m] and values of a field at a report time; the same on all ranks."""
        comm = self.problem.mesh.domain.comm
        rows = comm.bcast(self.watched.profiles[time])
        key = next(k for row in rows for k in row if k.startswith(f"{name} ["))
        place = next(k for k in rows[0] if k in ("z [m]", "r [m]"))
        x, y = np.array([(row[place], row[key]) for row in rows if key in row]).T
        return x, y


def load(folder: Path, content: Mapping[str, Any]) -> Case:
    """A case from its content; `folder` is the same on all ranks."""
    file = folder / "case.yaml"
    on_rank_0(MPI.COMM_WORLD, lambda: file.write_text(json.dumps(content), encoding="utf-8"))
    MPI.COMM_WORLD.barrier()
    return Case.load(file)


def follow(case: Case, comm: MPI.Comm = MPI.COMM_WORLD, probe: Callable[[Problem], Any] | None = None) -> Run:
    """Run the transient study of a case; `probe` is asked at every report."""
    simulator, watched = Simulator(comm), Watched(probe)
    values = transient.follow(case, case.study, simulator, watched)  # type: ignore[arg-type]
    return Run(watched, values, simulator.problem)
