"""A case in words, for `thermolyte check`: what would be solved, and how large it is."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from thermolyte.case import Case
from thermolyte.estimate import rough, solved_fields, unknowns
from thermolyte.results.battery_wording import TIME
from thermolyte.results.wording import SI_UNITS
from thermolyte.setup import Setup
from thermolyte.studies.run import tasks
from thermolyte.studies.steps import in_time
from thermolyte.studies.study import Map, Step, Uncertainty
from thermolyte.uncertainty.design import design


def describe(case: Case) -> str:
    """What would be solved: mesh, regions, fields, boundaries, terminals, interfaces, scans, steps and points."""
    names = case.names()
    setup = case.setup(names)
    cells = case.geometry.expected_cells(case.mesh)
    size = f"about {rough(cells)} cells of order {case.mesh.order}, {rough(unknowns(case, setup, cells))} unknowns"
    lines = [case.title, "", "geometry", f"  {case.geometry.shape}, {size}"]
    if case.mesh.accuracy:
        lines.append(f"  refined until P, Q_h, efficiency and internal resistance are within {case.mesh.accuracy:g}")
    lines += _table(
        "regions", {r: (x.card.name + x.doping_in_words, _fields(setup, r)) for r, x in setup.regions.items()}
    )
    nothing = "insulated" if setup.physics.thermoelectricity else "no condition"
    conditions = {b: setup.boundaries.get(b, ()) for b in names.boundaries}
    lines += _table("boundaries", {b: ("; ".join(map(_words, cs)) or nothing,) for b, cs in conditions.items()})
    lines += _table("terminals", {n: (_words(t), f"on {', '.join(t.faces(n))}") for n, t in setup.terminals.items()})
    laws = {ab: setup.interfaces.get((ab.split("/")[0], ab.split("/")[1])) for ab in names.interfaces}
    areas = {ab: f"{area * 1e6:.4g} mm²" for ab, area in names.interfaces.items()}
    perfect = "perfect contact" if setup.physics.thermoelectricity else "continuous"
    lines += _table("interfaces", {ab: (areas[ab], _words(law) if law else perfect) for ab, law in laws.items()})
    lines += _table("line scans", {n: (x.in_words, f"{len(x.distances)} samples") for n, x in case.line_scans.items()})
    return "\n".join([*lines, *_steps(case), *_points(case), *_calibration(case)])


def _points(case: Case) -> list[str]:
    if isinstance(case.study, Map):
        return _map(case.study)
    if isinstance(case.study, Uncertainty):
        return _samples(case, case.study)
    todo = [task.label for task in tasks(case)]
    shown = todo if len(todo) <= 7 else [*todo[:3], "...", *todo[-3:]]
    return [f"{len(todo)} points" if len(todo) > 1 else "1 point", *(f"  {x}" for x in shown)]


def _map(study: Map) -> list[str]:
    """The axes of a map; which of its points are solved is found out on the way."""
    size = " x ".join(str(steps.points) for steps in study.parameters.values())
    rows = {path: (f"{v[0]} ... {v[-1]}", f"{len(v)} values") for path, v in study.axes().items()}
    return _table(f"map of {size} = {study.total} points, solved where {study.accuracy:g} needs it", rows)


def _samples(case: Case, study: Uncertainty) -> list[str]:
    """The uncertain inputs, of which every sample has other values."""
    drawn = design(case, study)
    rows = {
        name: (", ".join(str(drawn.case[path]) for path in cause.paths or (name,)), cause.words)
        for name, cause in drawn.causes.items()
    }
    at = ", ".join(study.find).replace("_", " ") or "each solved once"
    return _table(f"{study.samples} samples and the case itself, {at}; uncertain inputs", rows)


def _steps(case: Case) -> list[str]:
    """The steps of a study in time, the same at every point."""
    study, _ = in_time(case)
    if study is None:
        return []
    rows = {str(n): (TIME.number(step.duration, 6), _ends(step)) for n, step in enumerate(study.stretches, 1)}
    reports = f", {len(study.report)} report times" if study.report else ""
    return _table(f"steps in time{reports}", rows)


def _calibration(case: Case) -> list[str]:
    """The parameters that `calibrate` fits."""
    found = case.calibration
    if found is None:
        return []
    rows = {x: (f"{p.start}", f"{p.lower} ... {p.upper}", p.scale) for x, p in found.parameters.items()}
    return _table(f"calibration to {', '.join(f'{x.y.quantity} in {x.file}' for x in found.data)}", rows)


def _ends(step: Step) -> str:
    """What ends a step early, and what it changes."""
    limits = [f"until {limit.label}" for limit in step.until]
    return ", ".join([*limits, *(f"{path} = {value}" for path, value in step.change.items())])


# ---- words -----------------------------------------------------------------------------------------------------------
def _table(title: str, rows: Mapping[str, tuple[str, ...]]) -> list[str]:
    """A title and aligned columns; nothing without rows."""
    cells = [(name, *row) for name, row in rows.items()]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  " + "  ".join(x.ljust(w) for x, w in zip(row, widths, strict=True)).rstrip() for row in cells]
    return [title, *lines] if lines else []


def _fields(setup: Setup, region: str) -> str:
    """The fields that are solved for in a region, and the terminal whose voltage is its potential."""
    found = sorted(solved_fields(setup, region), key=_ORDER.index)
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
