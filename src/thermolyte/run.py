"""From a case to its result folder: what `thermolyte run`, `verify` and `mesh` do."""

from __future__ import annotations

import gc
import logging
import os
import platform
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any

from mpi4py import MPI

from thermolyte import __version__, compilation
from thermolyte.case import Case
from thermolyte.estimate import check_memory, cost
from thermolyte.launch import check_ranks, ending_on_signals
from thermolyte.physics.constants import FARADAY, SPECIES
from thermolyte.quantities import unit_of
from thermolyte.ranks import on_rank_0
from thermolyte.results import summary, terminal_output
from thermolyte.results.expected import Expected, compare
from thermolyte.results.folder import INTERPOLATED, ResultFolder
from thermolyte.studies.accuracy import Accuracy
from thermolyte.studies.run import points, run
from thermolyte.studies.share import Share, check_divisible
from thermolyte.studies.simulator import Simulator
from thermolyte.studies.study import Map, Uncertainty
from thermolyte.uncertainty.analysis import analyse

Overrides = Mapping[str, object]
log = logging.getLogger(__name__)


def run_case(
    path: Path,
    values: Overrides,
    output: Path | None,
    *,
    fresh: bool = False,
    verbose: bool = False,
    share: str | None = None,
    petsc: Mapping[str, Any] | None = None,
) -> int:
    """Solve a case, or a share "3/20" of its points, into its result folder and draw it; returns 1 when points failed.

    Raises:
        InputError: the case is wrong, too large for this machine, or being written by another run.
        SolveError: nothing could be solved, or nothing be written.
    """
    comm = MPI.COMM_WORLD
    check_ranks(comm)
    keep_together(comm)
    terminal_output.configure(comm, verbose)
    start = time.perf_counter()
    case = Case.load(path, values)
    todo, simulator = points(case), Simulator(comm, petsc)
    if share is not None:
        check_divisible(case, f"--share {share}")
    part = Share.parse(share, len(todo)) if share is not None else None
    mine = part.positions if part else slice(None)
    accuracy = Accuracy(case.mesh.accuracy, simulator, petsc) if case.mesh.accuracy else None
    simulator.expect([point for _, point in todo])  # all mistakes before anything is touched
    check_memory(comm, cost(todo[mine]))
    compilation.prepare(comm)
    most = case.study.total if isinstance(case.study, Map) else len(todo[mine])
    met = True
    with ending_on_signals(comm), ResultFolder(output or Path("results") / case.name, comm, fresh, part) as folder:
        with terminal_output.progress(comm, case.title, most) as advance:
            failed = run(case, todo, simulator, folder, advance, mine, accuracy)
        if part is None:
            met = _write(case, simulator, folder, time.perf_counter() - start, accuracy)
        elif comm.rank == 0:
            print(summary.share(part, folder.outcome(), folder.path))
    return 1 if failed or not met else 0


def _write(case: Case, simulator: Simulator, folder: ResultFolder, seconds: float, accuracy: Accuracy | None) -> bool:
    """The result of all points: file, figures, words; returns whether it is as accurate as the case wants it."""
    result = _result(case, simulator, folder, seconds)
    if isinstance(case.study, Uncertainty):
        result["uncertainty"] = analyse(case, case.study, folder.outcome())
        simulator.warn(*result["uncertainty"]["remarks"])
        result["warnings"] = simulator.warnings
    if accuracy:
        result["accuracy"] = accuracy.outcome([p for p in result["points"] if "values" in p])
    folder.write_result(result)
    if simulator.comm.rank == 0:
        if case.output.figures:
            start = time.perf_counter()
            _draw(folder.path)
            result["timings"]["figures"] = time.perf_counter() - start
            result["timings"]["total"] += result["timings"]["figures"]
        print(summary.report(result, folder.path))
    simulator.comm.barrier()
    missed = accuracy.missed(result["accuracy"]) if accuracy else ""
    if missed:
        log.error("%s: %s", case.place("mesh", "accuracy"), missed)
    return not missed


def verify_case(
    path: Path,
    values: Overrides,
    output: Path | None,
    *,
    fresh: bool = False,
    petsc: Mapping[str, Any] | None = None,
) -> int:
    """Run a case and compare it with the `expected.json` beside it; returns 1 when something differs.

    Raises:
        InputError: there is no `expected.json`.
    """
    case = Case.load(path, values)
    file = case.folder / "expected.json"
    expected = Expected.read(file)  # before the run: it may take long
    code = run_case(path, values, output, fresh=fresh, petsc=petsc)
    folder = output or Path("results") / case.name
    comm = MPI.COMM_WORLD
    verdict = on_rank_0(comm, lambda: compare(folder, file, expected))
    if comm.rank == 0:
        print(verdict.text)
    return max(code, 0 if verdict.passed else 1)


def mesh_case(path: Path, values: Overrides, output: Path | None) -> int:
    """Write and draw the mesh of a case."""
    from thermolyte.geometry import mesh_model
    from thermolyte.results.mesh_picture import write_mesh

    comm = MPI.COMM_WORLD
    keep_together(comm)
    case = Case.load(path, values)
    terminal_output.configure(comm, verbose=False)
    folder = output or Path("results") / case.name
    on_rank_0(comm, lambda: folder.mkdir(parents=True, exist_ok=True))
    write_mesh(mesh_model(case.geometry, case.mesh, comm), folder)
    if comm.rank == 0:
        message = separately("thermolyte.results.mesh_picture", folder)
        if message:
            log.warning("no picture was drawn: %s", message)
        for name in ("mesh.vtu",) if message else ("mesh.vtu", "mesh.png"):
            print(folder / name)
    comm.barrier()
    return 0


def _result(case: Case, simulator: Simulator, folder: ResultFolder, seconds: float) -> dict[str, Any]:
    """Everything that a run can be judged from."""
    points = folder.outcome()
    finished = [p for p in points if "values" in p and p.get("origin") != INTERPOLATED]
    last, errors = (finished[-1].get(k, {}) if finished else {} for k in ("values", "errors"))
    facts, comm = simulator.facts, simulator.comm
    partition = comm.allgather(simulator.local_cells())
    return {
        "title": case.title,
        "quantities": {
            n: {"value": v, "unit": unit_of(n)} | ({"error": errors[n]} if n in errors else {}) for n, v in last.items()
        },
        "points": [
            {k: p[k] for k in ("parameters", "objective", "origin", "values", "errors", "files", "error") if k in p}
            for p in points
        ],
        **({"map": folder.map} if folder.map else {}),
        "balances": _balances(finished),
        "warnings": simulator.warnings,
        "mesh": {
            "cells": facts.cells,
            "cells_per_rank": partition,
            "coordinates": asdict(case.geometry.coordinates()),
        },
        "solver": {
            "preset": facts.solver,
            "unknowns": facts.unknowns,
            "solves": facts.solves,
            "newton_iterations": facts.newton_iterations,
            "linear_iterations": facts.linear_iterations,
            "steps": facts.steps,
            "rejected_steps": facts.rejected_steps,
        },
        "timings": {"total": seconds, **facts.seconds},
        "memory": {"peak": simulator.peak_memory(), "unit": "B", "ranks": comm.size},
        "versions": versions(),
        "resumed_points": folder.resumed,
        "case": case.resolved(),
    }


def _balances(points: list[dict[str, Any]]) -> dict[str, float]:
    """The worst of all points of each balance that they have, relative to the largest flow of its kind."""
    species = {s: (f"{s}_flow.", 1e-18) for s in SPECIES.values()}
    kinds = {"energy": ("heat_flow.", 1e-12), "charge": ("current.", 1e-6), **species}
    out: dict[str, float] = {}
    for kind, (flow, negligible) in kinds.items():
        if drifts := [p["values"] for p in points if f"{kind}_drift" in p["values"]]:  # over all of the time
            out[kind] = max(v[f"{kind}_drift"] / v[f"{kind}_total"] for v in drifts)
            continue
        having = [p["values"] for p in points if f"{kind}_balance" in p["values"]]
        if kind in species:  # a state that does not go on in time takes up nothing
            having = [values for values in having if values.get("time")]
        flows = [max((abs(x) for n, x in values.items() if n.startswith(flow)), default=0.0) for values in having]
        if kind == "lithium":  # a full host takes none: what matters is what the current brings
            currents = [max((abs(x) for n, x in v.items() if n.startswith("current.")), default=0.0) for v in having]
            flows = [max(flow, current / FARADAY) for flow, current in zip(flows, currents, strict=True)]
        least = max([negligible, *(1e-2 * x for x in flows)])  # a point in equilibrium is measured by the others
        shares = [abs(v[f"{kind}_balance"]) / max(x, least) for v, x in zip(having, flows, strict=True)]
        if shares:
            out[kind] = max(shares)
    return out


def versions() -> dict[str, str]:
    """Versions of the program and of what its numbers depend on."""
    names = ("fenics-dolfinx", "petsc4py", "gmsh", "numpy", "pydantic")
    found = {"thermolyte": __version__, "python": platform.python_version()}
    for name in names:
        try:
            found[name] = version(name)
        except Exception:
            found[name] = "unknown"
    return found


def _draw(folder: Path) -> None:
    """Figures in a process of their own: drawing can crash, and the results are already written."""
    message = separately("thermolyte.results.figures", folder)
    if message:
        log.warning("no figures were drawn: %s", message)


def separately(module: str, folder: Path) -> str | None:
    """Run a drawing module on a folder without MPI around it; returns what went wrong."""
    quiet = ("OMPI_", "PMIX_", "PMI_", "SLURM_")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(quiet)}
    keep = {k: v for k, v in os.environ.items() if k.startswith("OMPI_ALLOW_RUN_AS_ROOT")}
    done = subprocess.run(
        [sys.executable, "-m", module, str(folder)],
        env=environment | keep,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return None
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]


def keep_together(comm: MPI.Comm) -> None:
    """Ranks that part would wait for each other for ever.

    That is after an unforeseen exception on one of them; and when each frees PETSc objects whenever Python happens to
    collect garbage, for these are freed by all ranks together: `Simulator` collects it, at the same place on all.
    """
    if comm.size > 1:
        gc.disable()

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        traceback.print_exception(kind, error, trace)
        sys.stderr.flush()
        if comm.size > 1:
            comm.Abort(70)

    sys.excepthook = hook
