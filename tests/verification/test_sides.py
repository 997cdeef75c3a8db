"""The orientation trap: a function on a submesh is zero on the other side of an interface, without a word."""

from __future__ import annotations

import re

import numpy as np
import pytest
from dolfinx import fem

from slab import slab


def pair(comm):
    """Two regions, and the function 1 on the submesh of each."""
    mesh = slab(comm, [("left", 1.0, 3), ("right", 1.0, 3)], [(1.0, 3)])
    parts = {r: mesh.part((r,)) for r in ("left", "right")}
    ones = {r: fem.Function(fem.functionspace(p.domain, ("Lagrange", 1))) for r, p in parts.items()}
    for one in ones.values():
        one.x.array[:] = 1.0
    return mesh, ones, [p.entity_map for p in parts.values()]


def integral(comm, form, maps):
    return comm.allreduce(fem.assemble_scalar(fem.form(form, entity_maps=maps)))


def test_each_side_sees_its_own_fields_and_nothing_of_the_other(comm):
    """∮ 1 = 1 on the right side; 0 on the wrong one, which is the trap."""
    mesh, one, maps = pair(comm)
    dS = mesh.dS("left", "right")
    assert integral(comm, one["left"]("+") * dS, maps) == pytest.approx(1.0)
    assert integral(comm, one["right"]("-") * dS, maps) == pytest.approx(1.0)
    assert integral(comm, one["left"]("-") * dS, maps) == 0.0
    assert integral(comm, one["right"]("+") * dS, maps) == 0.0


def test_swapped_sides_are_noticed(comm):
    """Facets whose '+' lies in the wrong region do not reach a measure, on any rank."""
    mesh, *_ = pair(comm)
    ordered = mesh._interior["left", "right"].reshape(-1, 4)
    mesh._interior["left", "right"] = ordered[:, [2, 3, 0, 1]].flatten()
    message = "interface left/right: at 3 of 3 facets '+' is not the side of `left`"
    with pytest.raises(RuntimeError, match=re.escape(message)):
        mesh.dS("left", "right")


@pytest.mark.serial
def test_one_facet_that_is_turned_is_enough(comm):
    mesh, *_ = pair(comm)
    quads = mesh._interior["left", "right"].reshape(-1, 4)
    quads[1] = quads[1, [2, 3, 0, 1]]
    assert len(np.unique(mesh.region_of_cell[quads[:, 0]])) == 2
    with pytest.raises(RuntimeError, match="at 1 of 3 facets"):
        mesh.dS("left", "right")
