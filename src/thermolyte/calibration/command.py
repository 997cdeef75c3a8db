"""`thermolyte calibrate`: from a case with data to its fitted parameters in a folder."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from mpi4py import MPI

from thermolyte import compilation
from thermolyte.calibration import report
from thermolyte.calibration.evaluations import FILE, Evaluations
from thermolyte.calibration.fit import fit
from thermolyte.calibration.model import Model
from thermolyte.calibration.plan import Plan, make_plan
from thermolyte.case import Case
from thermolyte.estimate import Cost, check_memory, cost
from thermolyte.launch import check_ranks, ending_on_signals
from thermolyte.ranks import on_rank_0
from thermolyte.results import terminal_output
from thermolyte.results.lock import claim
from thermolyte.run import keep_together, separately, versions
from thermolyte.studies.run import Task

log = logging.getLogger(__name__)


def calibrate_case(
    path: Path,
    values: Mapping[str, object],
    output: Path | None,
    *,
    fresh: bool = False,
    verbose: bool = False,
    petsc: Mapping[str, Any] | None = None,
) -> int:
    """Fit the parameters of a case to its data, into a folder; returns 1 when the fit has not converged.

    Raises:
        InputError: the case or its data are wrong, or another run is writing there.
        SolveError: no solution at the start of the fit or beside it, or nothing can be written.
    """
    comm = MPI.COMM_WORLD
    check_ranks(comm)
    keep_together(comm)
    terminal_output.configure(comm, verbose)
    start = time.perf_counter()
    case = Case.load(path, values)
    plan = make_plan(case)
    compilation.prepare(comm)
    folder = output or Path("results") / f"{case.name}-calibration"
    with ExitStack() as held, ending_on_signals(comm):
        on_rank_0(comm, lambda: _open(folder, fresh, held))
        model = Model(plan, comm, Evaluations(folder, comm), petsc)
        check_memory(comm, _cost(model.built))
        found = _fit(plan, model, start)
        on_rank_0(comm, lambda: report.write(found, folder))
        if comm.rank == 0:
            message = separately("thermolyte.calibration.figures", folder) if case.output.figures else None
            if message:
                log.warning("no figures were drawn: %s", message)
            print(report.summary(found, str(path), folder))
    return 0 if found["fit"]["converged"] else 1


def _cost(cases: Sequence[Case]) -> Cost:
    """Of all simulators, which are kept side by side."""
    each = [cost([(Task({}), case)]) for case in cases]
    largest = max(each, key=lambda one: one.fields)
    return largest._replace(fields=sum(one.fields for one in each))


def _open(folder: Path, fresh: bool, held: ExitStack) -> None:
    """The folder, held against other runs, without what no longer belongs to it."""
    folder.mkdir(parents=True, exist_ok=True)
    held.enter_context(claim(folder))
    (folder / report.RESULT).unlink(missing_ok=True)
    if fresh:
        (folder / FILE).unlink(missing_ok=True)


def _fit(plan: Plan, model: Model, start: float) -> dict[str, Any]:
    """The content of `calibration.json`."""
    case, calibration = plan.case, plan.calibration
    optimum = fit(
        calibration.parameters,
        plan.data,
        model.predict,
        known=calibration.has_uncertainties,
        in_time=any(solve.times is not None for solve in plan.solves),
        place=lambda path: case.place("calibration", "parameters", path),
    )
    spent = {
        "solutions": model.evaluations.count,
        "kept": model.evaluations.kept,
        "simulators": len(model.simulators),
        "seconds": time.perf_counter() - start,
        "timings": model.seconds,
    }
    about = {"warnings": model.warnings, "cost": spent, "versions": versions(), "case": case.resolved()}
    return {"title": case.title, **report.content(optimum, plan.data, about)}
