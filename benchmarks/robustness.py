"""Random valid thermoelectric cases: all converge, or say why, and multigrid finds what factors find.

    ./thermolyte shell python benchmarks/robustness.py                # 200 cases
    ./thermolyte shell python benchmarks/robustness.py --only 117     # one of them again, alone

Ctrl-C ends it with the table of the cases that are done.

Each case is solved from a uniform temperature with `solver.preset: iterative`, and again with `direct`. Before, the
short circuit of the device is solved with `direct`, to know which currents and voltages it can have. README.md shows
the table.
"""

from __future__ import annotations

import argparse
import logging
import math
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from mpi4py import MPI

from random_devices import Design, random_case, with_random_terminal

from thermolyte import compilation
from thermolyte.case import Case
from thermolyte.errors import InputError, SolveError
from thermolyte.solver import SolverSettings
from thermolyte.studies.continuation import Continuation
from thermolyte.studies.simulator import Simulator

COMPARED_UP_TO = 20_000  # unknowns; above, factors take too long
LARGEST_DIFFERENCE = 1e-7
COLUMNS = (
    "what varies",
    "cases",
    "converged",
    "said why not",
    "difference of Q",
    "of V",
    "linear iterations",
    "Newton steps",
    "factors",
    "defects",
)


@dataclass
class Answer:
    """What a preset made of a case; the counts are over all solves that it took."""

    values: dict[str, float] = field(default_factory=dict)
    message: str = ""
    newton: int = 0
    linear: int = 0
    unknowns: int = 0


@dataclass
class Outcome:
    """A case, the open-circuit voltage [V] of its device, and its answers."""

    number: int
    design: Design
    case: Case
    voltage: float
    iterative: Answer
    direct: Answer | None
    auto: Answer | None  # where iterative alone failed

    @property
    def differences(self) -> tuple[float, float]:
        """Of Q_h or Q_c over the largest heat flow or power, of the voltage over the largest voltage."""
        if self.direct is None or self.direct.message or self.iterative.message:
            return 0.0, 0.0
        a, b = self.iterative.values, self.direct.values
        heat = max(abs(b[n]) for n in ("hot_heat_flow", "cold_heat_flow", "power"))
        voltage = max(abs(b["voltage"]), abs(b["open_circuit_voltage"]), self.voltage)
        flows = max(abs(a[n] - b[n]) for n in ("hot_heat_flow", "cold_heat_flow"))
        return flows / heat, abs(a["voltage"] - b["voltage"]) / voltage

    @property
    def defect(self) -> str:
        """What should not be; nothing when all is well."""
        if self.iterative.message and self.direct and not self.direct.message:
            saved = self.auto and not self.auto.message
            return f"direct converges{', so does auto' if saved else ''}, iterative: {self.iterative.message}"
        if max(self.differences) > LARGEST_DIFFERENCE:
            return "iterative and direct differ by {:.1e} in heat, {:.1e} in voltage".format(*self.differences)
        return ""


class Presets:
    """A simulator for each preset, kept as long as the design stays the same, so that it is compiled once."""

    def __init__(self) -> None:
        self._kept: dict[str, Simulator] = {}
        self._design: Design | None = None

    def of(self, design: Design) -> None:
        """Turn to a design."""
        if design != self._design:
            self._kept, self._design = {}, design

    def solve(self, case: Case, preset: str) -> Answer:
        """From a uniform temperature, whatever was solved before."""
        simulator = self._kept.setdefault(preset, Simulator(MPI.COMM_WORLD))
        facts = simulator.facts
        if facts.unknowns:
            simulator.continuation = Continuation(simulator.problem, simulator.solver, facts)
        newton, linear, answer = facts.newton_iterations, facts.linear_iterations, Answer()
        settings = SolverSettings.model_validate({"preset": preset})
        try:
            answer.values = simulator.solve(case.model_copy(update={"solver": settings}))
        except (InputError, SolveError) as error:
            answer.message = str(error)
        answer.newton, answer.linear = facts.newton_iterations - newton, facts.linear_iterations - linear
        answer.unknowns = facts.unknowns
        return answer


def examine(seed: int, number: int, presets: Presets) -> Outcome:
    """Solve one case with all that it takes to judge it."""
    design, case = random_case(seed, number)
    presets.of(design)
    short = presets.solve(case, "direct").values
    voltage, current = short.get("open_circuit_voltage", 0.0), short.get("current", 0.0)
    case = with_random_terminal(case, seed, number, voltage, current)
    iterative = presets.solve(case, "iterative")
    direct = presets.solve(case, "direct") if iterative.unknowns <= COMPARED_UP_TO else None
    auto = presets.solve(case, "auto") if iterative.message and direct and not direct.message else None
    return Outcome(number, design, case, abs(voltage), iterative, direct, auto)


# ---- the table -------------------------------------------------------------------------------------------------------
def kinds(outcome: Outcome) -> list[str]:
    """The rows in which a case is counted."""
    d, case = outcome.design, outcome.case
    contacts = [*case.interfaces.values()] or [*case.terminals.values()]
    resistivities = [float(x.contact_resistivity) for x in contacts]  # type: ignore[union-attr, arg-type]
    factors = [r.scale.electrical_conductivity for r in case.regions.values()]
    reference = [getattr(c, "temperature", getattr(c, "ambient", 0.0)) for c in case.boundaries["hot"]]
    rows = ["all", f"device: {d.shape}", f"{d.cells}, order {d.order}", f"materials: {d.materials}"]
    rows += [f"junctions: {d.junctions}", f"outside: {d.outside}"]
    rows += [f"smallest contact 1e{low} … 1e{low + 2} Ω·m²" for low in _decades([min(resistivities)], -14, 2)]
    rows += [f"σ of a leg × 1e{low} … 1e{low + 2}" for low in _decades([f for f in factors if f != 1.0], -3, 2)]
    rows += [f"hot at {low}00 … {low + 3}00 K" for low in (1, 4, 7) if low <= reference[0] / 100 < low + 3]
    rows += [f"hot side: {d.hot}", f"cold side: {d.cold}", f"lateral sides: {d.sides}"]
    return [*rows, f"terminal: {case.terminals[str(case.device.terminal)].type}"]


def _decades(values: Sequence[float], lowest: int, step: int) -> list[int]:
    """First exponents of the ranges, each `step` decades wide, in which there are values."""
    return sorted({lowest + step * int((math.log10(v) - lowest) // step) for v in values})


def row(name: str, outcomes: Sequence[Outcome]) -> str:
    """One line of the table."""
    good = [o for o in outcomes if not o.iterative.message]
    linear, newton = ([getattr(o.iterative, n) for o in good] or [0] for n in ("linear", "newton"))
    cells = [
        name,
        len(outcomes),
        len(good),
        len(outcomes) - len(good),
        *(f"{max(differences):.0e}" for differences in zip(*(o.differences for o in outcomes), strict=True)),
        f"{statistics.median(linear):.0f}, {max(linear)}",
        f"{statistics.median(newton):.0f}, {max(newton)}",
        sum(o.auto is not None and not o.auto.message for o in outcomes),
        sum(bool(o.defect) for o in outcomes),
    ]
    return "| " + " | ".join(map(str, cells)) + " |"


def table(outcomes: Sequence[Outcome]) -> str:
    """All rows; a case is in several."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        for name in kinds(outcome):
            groups[name].append(outcome)
    names = sorted(groups, key=lambda name: (name != "all", name))
    head = ["| " + " | ".join(COLUMNS) + " |", "|---" * len(COLUMNS) + "|"]
    return "\n".join([*head, *(row(name, groups[name]) for name in names)])


def remarks(outcomes: Sequence[Outcome]) -> list[str]:
    """A line for each case that did not converge, or is a defect."""
    return [
        f"case {o.number}: {'DEFECT: ' if o.defect else ''}{o.defect or o.iterative.message}"
        + (f" (direct: {o.direct.message})" if o.direct and o.direct.message and not o.iterative.message else "")
        for o in outcomes
        if o.defect or o.iterative.message or (o.direct and o.direct.message)
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; 1 when there is a defect."""
    parser = argparse.ArgumentParser(description="Random valid thermoelectric cases.")
    parser.add_argument("--cases", type=int, default=200, help="how many")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other cases")
    parser.add_argument("--only", type=int, nargs="+", help="numbers of cases to run alone")
    args = parser.parse_args(argv)
    compilation.prepare(MPI.COMM_WORLD)
    logging.getLogger("thermolyte").setLevel(logging.ERROR)  # ranges of cards: random temperatures leave them
    outcomes: list[Outcome] = []
    with suppress(KeyboardInterrupt):  # the table of what is done so far
        for outcome in examined(args.seed, args.only or range(args.cases)):
            outcomes.append(outcome)
            print(f"# {describe(outcome)}", flush=True)
    print("", *remarks(outcomes), "", table(outcomes), sep="\n")
    return int(any(o.defect for o in outcomes))


def examined(seed: int, numbers: Iterable[int]) -> Iterator[Outcome]:
    """The cases, one after the other."""
    presets = Presets()
    for number in numbers:
        yield examine(seed, number, presets)


def describe(outcome: Outcome) -> str:
    """What became of a case, in a line."""
    answer = outcome.iterative
    result = outcome.defect or answer.message or f"{answer.newton} steps, {answer.linear} linear iterations"
    return f"{outcome.number}: {outcome.design.shape}, {answer.unknowns} unknowns: {result[:160]}"


if __name__ == "__main__":
    sys.exit(main())
