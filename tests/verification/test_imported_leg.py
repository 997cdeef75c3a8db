"""A case on a mesh from a file gives what the same case gives on the built geometry."""

from __future__ import annotations

import pytest

from thermolyte.case import Case
from thermolyte.geometry import mesh_model
from thermolyte.geometry.gmsh_session import session
from thermolyte.studies.simulator import Simulator

POINT = {"study": {"type": "operating_point"}, "terminals.cold.current": 5.0}


def test_msh_in_millimetres(comm, cases, shared_tmp):
    built = Case.load(cases / "single_leg", POINT)
    file = shared_tmp / "leg.msh"
    if comm.rank == 0:
        with session():
            import gmsh

            built.geometry.build(built.mesh)
            gmsh.option.setNumber("Mesh.ScalingFactor", 1e3)
            gmsh.write(str(file))
    comm.barrier()
    geometry = {"shape": "file", "path": str(file), "unit": "mm"}
    imported = Case.load(cases / "single_leg", {**POINT, "geometry": geometry})
    found, wanted = Simulator(comm).solve(imported), Simulator(comm).solve(built)
    for name in ("voltage", "hot_heat_flow", "cold_heat_flow", "resistance"):
        assert found[name] == pytest.approx(wanted[name], rel=1e-10)
    assert imported.resolved()["geometry"]["sha256"] != ""
    assert mesh_model(imported.geometry, imported.mesh, comm).mesh.topology.dim == 3
