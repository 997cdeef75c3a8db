"""What a step in time of the battery cases costs in Poisson units (PU), measured in one run.

    ./thermolyte shell python benchmarks/steps.py

One PU is one scalar Poisson solve on the same mesh and order, as in cost.py. A step is what the error control makes of
it: a prediction, two or three Newton iterations with one factorisation each, and its quantities.
"""

from __future__ import annotations

import time
from pathlib import Path

from mpi4py import MPI

from cost import poisson_unit

from thermolyte.case import Case
from thermolyte.studies.simulator import Simulator
from thermolyte.studies.study import Transient

CASES = Path(__file__).parent.parent / "cases"
GRIDS = [  # case, division, seconds of the case that are integrated
    ("li_mg_slab", 1.0, 1000.0),
    ("li_mg_slab", 4.0, 1000.0),
    ("li_mg_plate", 0.5, 2.0),
    ("li_mg_plate", 1.0, 2.0),
    ("anode_stack", 1.0, 60.0),
]


def cost(name: str, division: float, span: float) -> str:
    """One row of the table."""
    case = Case.load(CASES / name, {"mesh.division": division})
    study = case.study if isinstance(case.study, Transient) else getattr(case.study, "each", None)
    if not isinstance(study, Transient):
        raise SystemExit(f"{name} has no study in time")
    simulator = Simulator(MPI.COMM_WORLD)
    simulator.switch_on(case)
    unit = poisson_unit(simulator.mesh, case.mesh.order, "top")
    stepper = simulator.stepper(study.integration)
    stepper.run(0.0, 1e-4 * span)  # warm
    simulator.switch_on(case)
    start = time.perf_counter()
    end = stepper.run(0.0, span)
    seconds = time.perf_counter() - start
    simulator.measure(case)
    start = time.perf_counter()
    simulator.measure(case)
    measuring = time.perf_counter() - start
    newton, steps = end.cost.newton, end.cost.steps
    return (
        f"| {name} | {division:g} | {simulator.facts.unknowns} | {unit:.4f} | {newton / steps:.1f} | "
        f"{seconds / newton / unit:.1f} | {seconds / steps / unit:.1f} | {measuring / unit:.1f} |"
    )


def main() -> None:
    """Print the table."""
    print("| case | division | unknowns | PU [s] | Newton per step | one [PU] | a step [PU] | quantities [PU] |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for row in GRIDS:
        print(cost(*row), flush=True)


if __name__ == "__main__":
    main()
