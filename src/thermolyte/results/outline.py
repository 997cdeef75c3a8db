"""A case in words, for `thermolyte check`: what would be solved, and how large it is."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from pydantic import BaseModel

from thermolyte.case import Case
from thermolyte.check import fields_of
from thermolyte.geometry.grid_shape import GridShape
from thermolyte.physics.local import DISPLACEMENT, POTENTIAL
from thermolyte.results.battery_wording import TIME
from thermolyte.results.wording import SI_UNITS
from thermolyte.setup import Setup
from thermolyte.studies.run import tasks
from thermolyte.studies.steps import in_time
from thermolyte.studies.study import Step

# Measured on legs and modules; at order 3, which displacements have beside fields of order 2, by (3/2)³.
NODES_PER_CELL = {
    ("tetrahedron", 1): 0.31, ("tetrahedron", 2): 1.7, ("tetrahedron", 3): 5.7,
    ("hexahedron", 1): 1.3, ("hexahedron", 2): 9.0, ("hexahedron", 3): 30.0,
}  # fmt: skip


def describe(case: Case) -> str:
    """What would be solved: mesh, regions, fields, boundaries, terminals, interfaces, steps in time and points."""
    names = case.names()
    setup = case.setup(names)
    cells = case.geometry.expected_cells(case.mesh)
    size = f"about {_rough(cells)} cells of order {case.mesh.order}, {_rough(_unknowns(case, setup, cells))} unknowns"
    lines = [case.title, "", "geometry", f"  {case.geometry.shape}, {size}"]
    lines += _table("regions", {r: (x.card.name, _fields(setup, r)) for r, x in setup.regions.items()})
    nothing = "insulated" if setup.physics.thermoelectricity else "no condition"
    conditions = {b: setup.boundaries.get(b, ()) for b in names.boundaries}
    lines += _table("boundaries", {b: ("; ".join(map(_words, cs)) or nothing,) for b, cs in conditions.items()})
    lines += _table("terminals", {n: (_words(t), f"on {', '.join(t.faces(n))}") for n, t in setup.terminals.items()})
    laws = {ab: setup.interfaces.get((ab.split("/")[0], ab.split("/")[1])) for ab in names.interfaces}
    areas = {ab: f"{area * 1e6:.4g} mm²" for ab, area in names.interfaces.items()}
    perfect = "perfect contact" if setup.physics.thermoelectricity else "continuous"
    lines += _table("interfaces", {ab: (areas[ab], _words(law) if law else perfect) for ab, law in laws.items()})
    return "\n".join([*lines, *_steps(case), *_points(case)])


def _points(case: Case) -> list[str]:
    todo = [task.label for task in tasks(case)]
    shown = todo if len(todo) <= 7 else [*todo[:3], "...", *todo[-3:]]
    return [f"{len(todo)} points" if len(todo) > 1 else "1 point", *(f"  {x}" for x in shown)]


def _steps(case: Case) -> list[str]:
    """The steps of a study in time, the same at every point."""
    study, _ = in_time(case)
    if study is None:
        return []
    rows = {str(n): (TIME.number(step.duration, 6), _ends(step)) for n, step in enumerate(study.stretches, 1)}
    reports = f", {len(study.report)} report times" if study.report else ""
    return _table(f"steps in time{reports}", rows)


def _ends(step: Step) -> str:
    """What ends a step early, and what it changes."""
    limits = [f"until {limit.label}" for limit in step.until]
    return ", ".join([*limits, *(f"{path} = {value}" for path, value in step.change.items())])


# ---- size ------------------------------------------------------------------------------------------------------------
def _unknowns(case: Case, setup: Setup, cells: int) -> float:
    """Rough number of unknowns."""
    order, total = case.mesh.order, float(len(setup.terminals))
    if isinstance(case.geometry, GridShape):
        for number, r in enumerate(setup.regions):
            for field in _solved(setup, r):
                displaced = field == DISPLACEMENT
                components = setup.coordinates.dim if displaced else 1
                total += components * _nodes(case.geometry, case.mesh.division, number, order + displaced)
        return total
    fields = set().union(*(_solved(setup, r) for r in setup.regions))
    for field in fields:
        displaced = field == DISPLACEMENT
        total += (3 if displaced else 1) * cells * NODES_PER_CELL[case.mesh.cells, order + displaced]
    return total


def _nodes(geometry: GridShape, division: float, region: int, order: int) -> float:
    """Nodes of a region of a structured grid; those on interfaces count for both sides."""
    lines = geometry.lines(division)
    cells = int(np.sum(geometry.filled(lines) == region))
    across = [len(line) - 1 for line in lines[:-1]]
    return math.prod(n * order + 1 for n in across) * (cells / math.prod(across) * order + 1)


def _rough(number: float) -> int:
    """Two digits of an estimate."""
    return int(float(f"{number:.2g}"))


# ---- words -----------------------------------------------------------------------------------------------------------
def _table(title: str, rows: Mapping[str, tuple[str, ...]]) -> list[str]:
    """A title and aligned columns; nothing without rows."""
    cells = [(name, *row) for name, row in rows.items()]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  " + "  ".join(x.ljust(w) for x, w in zip(row, widths, strict=True)).rstrip() for row in cells]
    return [title, *lines] if lines else []


def _solved(setup: Setup, region: str) -> set[str]:
    """The fields of a region, without the potential of a metal that is one number."""
    return fields_of(setup, region) - ({POTENTIAL} if region in setup.lumped else set())


def _fields(setup: Setup, region: str) -> str:
    """The fields that are solved for in a region, and the terminal whose voltage is its potential."""
    found = sorted(_solved(setup, region), key=_ORDER.index)
    lumped = [f"voltage of {setup.lumped[region]}"] if region in setup.lumped else []
    return ", ".join([*(f.replace("_", " ") for f in found), *lumped]) or "nothing"


_ORDER = (
    "temperature", "electric_potential", "ionic_potential", "concentration", "displacement", "mechanical_potential",
)  # fmt: skip


def _words(model: BaseModel) -> str:
    """A condition in one line: 'temperature 589 K', 'contact, contact resistivity 5e-10 Ω m²'."""
    if laws := getattr(model, "laws", ()):
        return "; ".join(map(_words, laws))
    texts = _given(model)
    texts += [f"{x.thickness * 1e6:.4g} µm of {x.material.name}" for x in getattr(model, "layers", ())]
    kind = str(getattr(model, "type", "")).replace("_", " ")
    return ", ".join(texts if texts and texts[0].startswith(kind) else [kind, *texts])


def _given(model: BaseModel) -> list[str]:
    """What the user gave, in SI."""
    given = {k: v for k, v in model if k in model.model_fields_set and k not in ("on", "type", "layers")}
    return [_value(k, v) for k, v in given.items() if v is not None and v is not False]


def _value(name: str, value: object) -> str:
    """One entry of a condition."""
    words = name.replace("_", " ")
    if value is True:
        return words
    if isinstance(value, float):
        return f"{words} {value:.6g} {SI_UNITS.get(name, '')}".rstrip()
    if isinstance(value, BaseModel) and not hasattr(value, "law"):
        return f"{words} ({', '.join(_given(value))})"
    return f"{words}(T)"
