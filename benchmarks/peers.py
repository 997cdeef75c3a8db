"""thermolyte against NGSolve, scikit-fem and FreeFEM: the same module, mesh, order, quadrature and answers.

    ./thermolyte shell python benchmarks/peers.py               # all; installs what is missing
    ./thermolyte shell python benchmarks/peers.py --only ngsolve --size "0.4 mm" --repeats 1

Every solver runs once, each program in a process of its own; then the fastest of each program runs again, in turn with
thermolyte, so that each ratio is from one round. README.md shows the tables and says what is compared.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from peers.install import MissingError, environment

FOLDER = Path(__file__).parent / "peers"
SOLVERS = {
    "thermolyte": ["auto", "direct"],
    "ngsolve": ["pardiso", "sparsecholesky-blocks:2", "pardiso-blocks:2", "h1amg:2", "bddc:2"],
    "scikit_fem": ["superlu", "pardiso", "pardiso:1", "pardiso-blocks:2", "smoothed-aggregation:2", "ruge-stuben:2"],
    "freefem": ["UMFPACK", "MUMPS", "CHOLMOD-blocks", "CHOLMOD-blocks:2"],
}
"""What is tried; `:2` keeps the second Jacobian for all later steps, `-blocks` factorises conduction and potential
apart and lets them precondition GMRES on both, as multigrid does."""
PARALLEL = {"thermolyte", "ngsolve", "scikit_fem"}
"""What uses two ranks or threads; Debian's FreeFEM has no distributed solver."""
QUANTITIES = ("voltage", "current", "hot_heat_flow", "cold_heat_flow", "power")
PATIENCE = 900  # s


class Contender(NamedTuple):
    """A program with one of its solvers, on ranks (thermolyte) or threads."""

    program: str
    solver: str
    threads: int = 1

    def command(self, model: Path) -> list[str]:
        """How it is started."""
        script = [str(FOLDER / f"run_{self.program}.py"), str(model), self.solver, str(self.threads)]
        launch = ["mpirun", "-n", str(self.threads)] if self.program == "thermolyte" and self.threads > 1 else []
        own = self.program in ("thermolyte", "freefem")  # the others bring their own interpreter
        return [*launch, sys.executable if own else "python", *script]


class FailedError(Exception):
    """A program that ran and gave no answer, and its last line."""


def run(contender: Contender, model: Path, variables: dict[str, str]) -> dict[str, Any]:
    """One process: seconds, memory [MB] and answers.

    Raises:
        FailedError: no answers.
    """
    threads = {f"{name}_NUM_THREADS": str(contender.threads) for name in ("OMP", "MKL", "OPENBLAS")}
    if contender.program == "thermolyte":
        threads = {}
    try:
        done = subprocess.run(
            contender.command(model), env=variables | threads, capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise FailedError(f"no answer within {PATIENCE} s") from None
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        text = (done.stderr or done.stdout).strip().splitlines()
        raise FailedError(text[-1][:160] if text else f"ended with code {done.returncode}")
    return dict(json.loads(lines[-1]))


def digits(answers: dict[str, Any], reference: dict[str, Any]) -> int:
    """Digits to which all quantities agree with the reference."""
    errors = (abs(answers[q] / reference[q] - 1) for q in QUANTITIES)
    return min(12, math.floor(-math.log10(max(*errors, 1e-13))))


class Benchmark:
    """All runs of one model."""

    def __init__(self, model: Path, unknowns: int):
        self.model, self.unknowns = model, unknowns
        self.variables: dict[str, dict[str, str]] = {}
        self.results: dict[Contender, list[dict[str, Any]]] = {}
        self.skipped: list[str] = []
        self.own: dict[int, dict[str, Any]] = {}  # the last run of thermolyte, by threads
        self.reference: dict[str, Any] = {}  # its first run

    def install(self, programs: Sequence[str]) -> None:
        """See which programs can be had."""
        for program in programs:
            try:
                self.variables[program] = environment(program)
            except MissingError as reason:
                self.skipped.append(f"{program}: {reason}")

    def try_all(self, threads: Sequence[int]) -> None:
        """Every solver once, on one thread; the best of each program on the other numbers of threads."""
        for program in self.variables:
            for solver in SOLVERS[program]:
                self.once(Contender(program, solver))
        for best in self.best():
            for number in threads:
                if number > 1 and best.program in PARALLEL:
                    self.once(best._replace(threads=number))

    def once(self, contender: Contender) -> None:
        """One run more of a contender, with its ratio to the last run of thermolyte on as many threads."""
        name = f"{contender.program} {contender.solver} on {contender.threads}"
        try:
            result = run(contender, self.model, self.variables[contender.program])
        except FailedError as reason:
            self.skipped.append(f"{name}: {reason}")
            print(f"{name}: {reason}", file=sys.stderr, flush=True)
            return
        if contender.program == "thermolyte" and contender.solver == "auto":
            self.own[contender.threads] = result
            self.reference = self.reference or result
        for clock in ("seconds", "cpu"):
            result[f"{clock} ratio"] = result[clock] / self.own[contender.threads][clock]
        self.results.setdefault(contender, []).append(result)
        print(
            f"{name}: {result['seconds']:.2f} s, CPU {result['cpu']:.2f} s, {result['peak']:.0f} MB",
            file=sys.stderr,
            flush=True,
        )

    def best(self) -> list[Contender]:
        """The solver of each program that needs least processor time on one thread; of thermolyte its own choice."""
        found = [Contender("thermolyte", "auto")]
        for program in self.variables:
            mine = [c for c in self.results if c.program == program != "thermolyte" and c.threads == 1]
            found += [min(mine, key=lambda c: self.results[c][0]["cpu"])] if mine else []
        return found

    def repeat(self, repeats: int) -> list[Contender]:
        """The best of each program in turn, until each has run so often; gives them."""
        programs = [b.program for b in self.best()]
        best = [c for c in self.results if c in self.best() or c.threads > 1]
        best.sort(key=lambda c: (c.threads, programs.index(c.program)))
        for _ in range(repeats - 1):
            for contender in best:
                self.once(contender)
        return best

    def table(self, contenders: Sequence[Contender]) -> str:
        """Markdown."""
        head = ["program", "version", "solver", "threads", "unknowns", "solve [s]", "spread", "ratio"]
        head += ["CPU [s]", "CPU ratio", "set-up [s]", "steps", "memory [MB]", "idle [MB]", "digits"]
        lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
        lines += ["| " + " | ".join(self._row(c)) + " |" for c in contenders]
        return "\n".join(lines)

    def _row(self, contender: Contender) -> list[str]:
        runs = self.results[contender]
        seconds, last = [r["seconds"] for r in runs], runs[-1]

        def median(name: str) -> float:
            return statistics.median(r[name] for r in runs)

        spread = f"{min(seconds):.2f}…{max(seconds):.2f}" if len(runs) > 1 else "one run"
        row = [contender.program.replace("_", "-"), last["version"], contender.solver, str(contender.threads)]
        row += [str(self.unknowns), f"{median('seconds'):.2f}", spread]
        row += [f"{median('seconds ratio'):.2f}", f"{median('cpu'):.2f}", f"{median('cpu ratio'):.2f}"]
        row += [f"{median('setup'):.2f}", str(last["steps"]), f"{median('peak'):.0f}", f"{median('idle'):.0f}"]
        return [*row, str(digits(last, self.reference))]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="0.2 mm", help="element size; default: 90 000 unknowns")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="*", default=[2], help="besides one")
    parser.add_argument("--only", nargs="*", default=list(SOLVERS), choices=list(SOLVERS), help="peers")
    options = parser.parse_args(arguments)
    from peers.model import write

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.npz")
        benchmark = Benchmark(path, write(path, options.size))
        benchmark.install(list(dict.fromkeys(["thermolyte", *options.only])))
        benchmark.try_all(options.threads)
        best = benchmark.repeat(options.repeats)
    print(benchmark.table(best), end="\n\n")
    others = [c for c in benchmark.results if c not in best]
    print("What else was tried, one run each:\n\n" + benchmark.table(others), end="\n\n")
    answers = ", ".join(f"{name} {benchmark.reference[name]:.10g}" for name in QUANTITIES)
    print(f"Answers (SI): {answers}")
    for line in benchmark.skipped:
        print(f"skipped: {line}")


if __name__ == "__main__":
    main()
