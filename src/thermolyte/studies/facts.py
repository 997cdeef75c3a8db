"""What a run has cost."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from thermolyte.integration import Cost


@dataclass
class Facts:
    """What the run has cost so far, for `result.json`."""

    solver: str = ""
    unknowns: int = 0
    cells: dict[str, int] = field(default_factory=dict)
    solves: int = 0
    newton_iterations: int = 0
    linear_iterations: int = 0
    steps: int = 0
    rejected_steps: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    def spend(self, what: str, start: float) -> None:
        """Add the time since `start` to an account."""
        self.add({what: time.perf_counter() - start})

    def add(self, seconds: Mapping[str, float]) -> None:
        """Add to several accounts."""
        for what, more in seconds.items():
            self.seconds[what] = self.seconds.get(what, 0.0) + more

    def count(self, steps: Cost) -> None:
        """Add what an integration in time did."""
        self.steps += steps.steps
        self.rejected_steps += steps.rejected
        self.newton_iterations += steps.newton
