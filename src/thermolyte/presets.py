"""PETSc options of each preset, and which one suits a problem."""

from __future__ import annotations

from typing import Any

from thermolyte.physics.local import POTENTIAL, TEMPERATURE
from thermolyte.problem import Problem

DIRECT_UP_TO = 10_000  # unknowns: exact balances for little more than multigrid takes; above, factors cost too much
DIRECT_AT_MOST = 200_000  # unknowns; above, they take gigabytes

NEWTON = {"snes_type": "newtonls", "snes_linesearch_type": "none", "snes_max_it": 40}
DIRECT = {
    "ksp_type": "preonly",
    "pc_type": "lu",
    "pc_factor_mat_solver_type": "mumps",
    "mat_mumps_icntl_14": 100,
}
MULTIGRID = {
    "ksp_type": "preonly",
    "pc_type": "hypre",
    "pc_hypre_type": "boomeramg",
    "pc_hypre_boomeramg_coarsen_type": "HMIS",
    "pc_hypre_boomeramg_interp_type": "ext+i",
    "pc_hypre_boomeramg_P_max": 4,
    "pc_hypre_boomeramg_strong_threshold": 0.25,
    "pc_hypre_boomeramg_agg_nl": 1,
    # One sweep down and one up: as good as the symmetric sweeps that are the default, for two thirds of the time.
    "pc_hypre_boomeramg_relax_type_down": "SOR/Jacobi",
    "pc_hypre_boomeramg_relax_type_up": "backward-SOR/Jacobi",
}
# fgmres watches the true residual.
ITERATIVE = {
    "ksp_type": "fgmres",
    "ksp_gmres_restart": 30,
    "ksp_max_it": 400,
    "pc_type": "fieldsplit",
    "pc_fieldsplit_type": "multiplicative",
} | {f"fieldsplit_{f}_{k}": v for f in (POTENTIAL, TEMPERATURE) for k, v in MULTIGRID.items()}
# Aggressive coarsening loses modes of higher order: the temperature of some devices would not converge.
OF_HIGHER_ORDER = {f"fieldsplit_{TEMPERATURE}_pc_hypre_boomeramg_agg_nl": 0}


def options(preset: str, order: int) -> dict[str, Any]:
    """The PETSc options of a preset for elements of an order."""
    if preset == "direct":
        return NEWTON | DIRECT
    return NEWTON | ITERATIVE | (OF_HIGHER_ORDER if order > 1 else {})


def choose(problem: Problem, unknowns: int) -> str:
    """Multigrid for large thermoelectric devices; factors where they are cheap, or where multigrid is not at home."""
    return suited(unknowns, thermoelectric=set(problem.blocks.fields) <= {POTENTIAL, TEMPERATURE})


def suited(unknowns: float, *, thermoelectric: bool) -> str:
    """The same for a problem that is not made yet; `thermoelectric`: heat and charge alone are solved for."""
    return "iterative" if thermoelectric and unknowns > DIRECT_UP_TO else "direct"
