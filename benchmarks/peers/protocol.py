"""What a program is asked for in a process of its own: set up twice, then solve once, with the clock running.

    python run_NAME.py MODEL.npz SOLVER THREADS

The first set-up compiles. One line of JSON is the result. This file is imported by every program in its own
environment, so it needs nothing but numpy.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

ACCURATE = 1e-10
"""|F| in W over the heat flow at which the peers stop: flows are then right to 8 digits."""
POTENTIAL_UNIT = 4e-3
"""V: rows of charge are multiplied by it, as in thermolyte, before norms are taken."""


class Model(NamedTuple):
    """The problem, as `model.write` left it."""

    points: np.ndarray
    cells: np.ndarray
    region: np.ndarray
    regions: list[str]
    facets: np.ndarray
    boundary: np.ndarray
    boundaries: list[str]
    laws: np.ndarray
    reference: float
    temperature: np.ndarray
    voltage: float
    contact_resistivity: float

    @classmethod
    def load(cls, path: str) -> Model:
        """Read the file."""
        with np.load(path) as file:
            return cls(
                *(x.tolist() if (x := file[name]).dtype.kind == "U" or x.ndim == 0 else x for name in cls._fields)
            )

    def facets_of(self, boundary: str) -> np.ndarray:
        """Corners of the facets of a boundary."""
        return self.facets[self.boundary == self.boundaries.index(boundary)]

    def points_of(self, boundary: str) -> np.ndarray:
        """Points of a boundary."""
        return np.unique(self.facets_of(boundary))

    def nodal_area(self, boundary: str) -> np.ndarray:
        """∮ of the hat function of each point over a boundary [m²]: the vertex rule."""
        facets = self.facets_of(boundary)
        a, b, c = self.points[facets].swapaxes(0, 1)
        area = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
        return np.bincount(facets.ravel(), np.repeat(area / 3, 3), minlength=len(self.points))


class Answers(NamedTuple):
    """What a solve gives: I [A] out of `plus`, Q_h into the hot and Q_c out of the cold side [W], and its steps."""

    current: float
    hot_heat_flow: float
    cold_heat_flow: float
    steps: int


Prepare = Callable[[], Callable[[], Answers]]


def peak_memory(now: bool = False) -> float:
    """MB of memory that this process held at most, or holds now."""
    with Path("/proc/self/status").open() as status:
        lines = dict(line.split(":", 1) for line in status)
    return int(lines["VmRSS" if now else "VmHWM"].split()[0]) / 1024


def measure(prepare: Prepare, model: Model, **facts: object) -> None:
    """Run the protocol and print its result; `prepare` gives the function that solves."""
    idle = peak_memory(now=True)
    prepare()
    clocks = [clock()]
    solve = prepare()
    clocks.append(clock())
    answers = solve()
    clocks.append(clock())
    (setup, _), (seconds, cpu) = np.diff(clocks, axis=0)
    times = {"seconds": seconds, "cpu": cpu, "setup": setup}
    report(answers, model.voltage, idle=idle, peak=peak_memory(), **times, **facts)


def clock() -> tuple[float, float]:
    """Time of the clock on the wall, and of the processor for all threads of this process [s]."""
    return time.perf_counter(), time.process_time()


def report(answers: Answers, voltage: float, **facts: object) -> None:
    """Print the one line that the driver reads."""
    power = {"voltage": voltage, "power": voltage * answers.current}
    print(json.dumps(answers._asdict() | power | facts), flush=True)


def arguments() -> tuple[Model, str, int]:
    """Model, solver and threads from the command line."""
    path, solver, threads = sys.argv[1:]
    return Model.load(path), solver, int(threads)
