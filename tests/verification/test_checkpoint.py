"""A checkpoint comes back bit for bit, on the ranks that wrote it and on others; a killed save leaves the last one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from mpi4py import MPI

import basix.ufl
import numpy as np
import pytest
from dolfinx import fem, mesh

from thermolyte.errors import InputError
from thermolyte.results.checkpoint import load, save

# Bit for bit on one rank; between two ways to distribute a mesh the places of dofs differ by round-off.
EXACT = 1e-15 if MPI.COMM_WORLD.size == 1 else 1e-12


def problem() -> SimpleNamespace:
    """Fields on the mesh (P2 vector), a part (P2), its facets (P1), a global one; quadrature memory."""
    domain = mesh.create_unit_square(MPI.COMM_WORLD, 5, 6)
    left = mesh.locate_entities(domain, 2, lambda x: x[0] <= 0.6 + 1e-9)
    middle = mesh.locate_entities(domain, 1, lambda x: np.isclose(x[0], 0.6))
    part, to_cells = mesh.create_submesh(domain, 2, left)[:2]
    interface, to_facets = mesh.create_submesh(domain, 1, middle)[:2]
    points = basix.ufl.quadrature_element(part.basix_cell(), value_shape=(3,), scheme="default", degree=2)
    everywhere = basix.ufl.quadrature_element(domain.basix_cell(), scheme="default", degree=2)
    real = basix.ufl.real_element(domain.basix_cell(), ())
    spaces = [
        fem.functionspace(domain, ("Lagrange", 2, (2,))),
        fem.functionspace(part, ("Lagrange", 2)),
        fem.functionspace(interface, ("Lagrange", 1)),
        fem.functionspace(domain, real),
        fem.functionspace(domain, ("Lagrange", 3)),
    ]
    memory = [fem.functionspace(part, points), fem.functionspace(domain, everywhere)]
    return SimpleNamespace(
        mesh=SimpleNamespace(domain=domain),
        u=[fem.Function(V) for V in spaces],
        memory=[fem.Function(V) for V in memory],
        entity_maps=[to_cells, to_facets],
    )


def fill(p: SimpleNamespace, zero: bool = False) -> None:
    """Values that depend on the place only, with all digits."""
    for k, u in enumerate([*p.u, *p.memory]):
        V = u.function_space
        bs = V.dofmap.bs
        if k == 3:
            u.x.array[:] = 0.0 if zero else np.pi
            continue
        x = np.round(V.tabulate_dof_coordinates(), 9)
        values = np.sin(7 * x[:, :1] + 11 * x[:, 1:2] + k + np.arange(bs)) * 10.0**-k
        u.x.array[:] = 0.0 if zero else values.ravel()


def difference(q: SimpleNamespace) -> float:
    """Of a problem to what `fill` gives in the same places: two meshes may be distributed in different ways."""
    wanted = SimpleNamespace(**{k: [fem.Function(f.function_space) for f in getattr(q, k)] for k in ("u", "memory")})
    fill(wanted)
    pairs = zip([*wanted.u, *wanted.memory], [*q.u, *q.memory], strict=True)
    local = max((float(np.abs(a.x.array - b.x.array).max(initial=0.0)) for a, b in pairs), default=0.0)
    return float(MPI.COMM_WORLD.allreduce(local, MPI.MAX))


def test_round_trip(shared_tmp: Path) -> None:
    p, q = problem(), problem()
    fill(p)
    save(p, shared_tmp / "state.bp", 12.5, {"charge": 1 / 3, "step size": 0.25})
    assert difference(q) > 0.1
    assert load(q, shared_tmp / "state.bp") == (12.5, {"charge": 1 / 3, "step size": 0.25})
    assert difference(q) <= EXACT


def test_later_save_wins(shared_tmp: Path) -> None:
    p, q = problem(), problem()
    save(p, shared_tmp / "state.bp", 1.0)
    fill(p)
    save(p, shared_tmp / "state.bp", 2.0)
    assert load(q, shared_tmp / "state.bp")[0] == 2.0
    assert difference(q) <= EXACT


def test_killed_save_leaves_the_last_one(shared_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    p, q = problem(), problem()
    fill(p)
    save(p, shared_tmp / "state.bp", 1.0)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("thermolyte.results.checkpoint._real_value", killed)
    with pytest.raises(KeyboardInterrupt):
        save(p, shared_tmp / "state.bp", 2.0)
    assert load(q, shared_tmp / "state.bp")[0] == 1.0
    assert difference(q) <= EXACT


def test_no_checkpoint(shared_tmp: Path) -> None:
    with pytest.raises(InputError, match="no checkpoint"):
        load(problem(), shared_tmp / "nothing.bp")


@pytest.mark.serial
def test_other_number_of_ranks(tmp_path: Path) -> None:
    """1 rank -> 3 ranks -> 1 rank."""
    p, q = problem(), problem()
    fill(p)
    save(p, tmp_path / "one.bp", 3.0)
    command = ["mpirun", "--oversubscribe", "-n", "3", sys.executable, __file__, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert load(q, tmp_path / "three.bp")[0] == 3.0
    assert difference(q) <= EXACT


def on_three_ranks(folder: Path) -> None:
    q = problem()
    time, _ = load(q, folder / "one.bp")
    assert MPI.COMM_WORLD.size == 3
    assert difference(q) <= EXACT
    save(q, folder / "three.bp", time)


if __name__ == "__main__":
    on_three_ranks(Path(sys.argv[1]))
