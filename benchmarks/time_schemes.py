"""What a time scheme costs and how exact it is: the time at which the lithium-magnesium slab saturates.

    ./thermolyte shell python benchmarks/time_schemes.py

Also what PETSc's own event handler makes of the same event.
"""

from __future__ import annotations

import itertools
import sys
import time
from pathlib import Path
from typing import Any

from thermolyte.integration import Event, TimeSettings
from thermolyte.time_stepping import TimeStepper

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from fake_transient import Slab

SATURATION = 1976.6195  # s, series
C_MAX = 69600.0


def slab() -> Slab:
    """5 µm, 6e-11 cm²/s, 1 mA/cm²; 60 quadratic cells."""
    s = Slab(cells=60, length=5e-6, diffusivity=6e-15)
    s.current.value = 10 / 96485.33212
    return s


def with_own_events(order: int, tolerance: float) -> None:
    """One row of the table."""
    s, start = slab(), time.perf_counter()
    stepper = TimeStepper(s, TimeSettings(order=order, tolerance=tolerance))
    stop = stepper.run(0, 1e4, events=[Event("full", lambda: s.at_surface(0) / C_MAX - 1, 1)])
    cost, seconds = stop.cost, time.perf_counter() - start
    print(
        f"BDF{order}  {tolerance:.0e}  {stop.time / SATURATION - 1:+.1e}  {s.at_surface(0) / C_MAX - 1:+.1e}  "
        f"{cost.steps:5d} {cost.rejected:3d} {cost.newton:5d}  {seconds:.2f} s"
    )


def with_petsc_events(tolerance: float) -> None:
    """The same through TSSetEventHandler; counts the solves behind which PETSc rolled back."""
    s, visits = slab(), []
    stepper = TimeStepper(s, TimeSettings(tolerance=tolerance))
    stepper._accepted, stepper._state = 0.0, []
    ts = stepper._make(0.0, 1e4)

    def indicator(_ts: Any, _t: float, x: Any, values: list[float]) -> None:
        stepper._to_functions(x, s.u)
        values[0] = s.at_surface(0) / C_MAX - 1

    ts.setEventHandler([1], [True], indicator)
    ts.setMonitor(lambda _ts, _step, t, _x: visits.append(t))
    start = time.perf_counter()
    ts.solve(stepper.x)
    stepper._to_functions(stepper.x, s.u)
    backwards = sum(b <= a for a, b in itertools.pairwise(visits))
    print(
        f"TSEvent {tolerance:.0e}  {ts.getTime() / SATURATION - 1:+.1e}  {s.at_surface(0) / C_MAX - 1:+.1e}  "
        f"{ts.getStepNumber():5d} steps, monitor called {len(visits)} times, {backwards} back in time, "
        f"{time.perf_counter() - start:.2f} s"
    )


if __name__ == "__main__":
    print("scheme, tolerance, error of the time, excess at the event, steps, rejected, Newton iterations")
    for order in (1, 2, 3, 4):
        for tolerance in (1e-4, 1e-5, 1e-6):
            if order > 1 or tolerance > 1e-5:
                with_own_events(order, tolerance)
    with_petsc_events(1e-5)
