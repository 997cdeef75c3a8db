"""Every folder of cases/ that holds a case.yaml: sound, solvable on any number of ranks, and right."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import pytest

from thermolyte.case import Case
from thermolyte.check import check
from thermolyte.cli import main
from thermolyte.geometry.box_shape import BoxShape
from thermolyte.geometry.grid_shape import GridShape
from thermolyte.results.expected import Expected
from thermolyte.schema import json_schema
from thermolyte.studies.steps import at_every_point
from thermolyte.studies.study import Ageing, Map, Sweep, Uncertainty

CASES = Path(__file__).parents[2] / "cases"
FOLDERS = sorted(path.parent for path in CASES.glob("*/case.yaml"))

WARNINGS = {  # case -> cards that are asked beyond their data, as its README says
    "aged_junctions": {"MgAgSb-395", "Mg3BiSb-estimate"},
    "half_heusler_couple": {"Cu"},
    "li_mg_plate": {"Li_xMg"},
    "interlayer_life": {"Mg3BiSb-estimate"},
    "line_scan": {"Mg3BiSb-estimate"},
    "module_furnace": {"MgAgSb-395", "Mg3BiSb-estimate"},
    "module_lifetime": {"MgAgSb-395", "Mg3BiSb-estimate"},
    "module_thermal_stress": {"MgAgSb-395", "Mg3BiSb-estimate"},
    "module_uncertainty": {"MgAgSb-395", "Mg3BiSb-estimate"},
    "operating_map": {"MgAgSb-395", "Mg3BiSb-estimate"},
    "two_pair_module": {"MgAgSb-395", "Mg3BiSb-estimate"},
}
TOO_LONG = {
    "aged_junctions": "takes minutes",
    "interlayer_life": "takes minutes",
    "junction_ageing": "takes minutes",
    "line_scan_aged": "takes minutes",
    "module_furnace": "takes minutes",
    "module_lifetime": "takes minutes",
    "module_uncertainty": "takes minutes",
}  # to verify at the shipped resolution in every test run

every_case = pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)


# ---- what can be seen without solving --------------------------------------------------------------------------------
@pytest.mark.serial
@every_case
def test_is_sound(folder):
    case = Case.load(folder)
    cards = {warning.partition(":")[0] for warning in check(case, case.geometry.names())}
    assert cards <= WARNINGS.get(folder.name, set())
    first = (folder / "case.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../case.schema.json"
    assert Expected.model_validate_json((folder / "expected.json").read_text(encoding="utf-8")).values


@pytest.mark.serial
@every_case
def test_readme_says_how_to_run_it_and_has_its_pictures(folder):
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert f"cases/{folder.name}" in text
    for name in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (folder / name).is_file(), name
    for picture in folder.glob("*.png"):
        assert picture.name in text
        assert picture.stat().st_size <= 200_000


@pytest.mark.serial
def test_schema_is_that_of_the_program():
    assert (CASES / "case.schema.json").read_text(encoding="utf-8") == json_schema()


@pytest.mark.serial
@pytest.mark.parametrize("script", sorted(CASES.glob("*/exact.py")), ids=lambda path: path.parent.name)
def test_expected_numbers_are_those_of_the_exact_solution(script):
    functions = runpy.run_path(str(script))
    expected = Expected.model_validate_json((script.parent / "expected.json").read_text(encoding="utf-8"))
    independent = [e for e in expected.values if "exact.py" in e.source]
    found = {(e.quantity, str(place(e)), e.objective): (e.value, e.low, e.high) for e in independent}
    numbers = [(*key, value) for *key, value in functions["numbers"]()] if "numbers" in functions else []
    limits = list(functions["bounds"]()) if "bounds" in functions else []
    assert len(found) == len(numbers) + len(limits) > 0
    for quantity, at, objective, value in numbers:
        assert found[quantity, str(at), objective][0] == pytest.approx(value, rel=1e-10)
    for quantity, at, objective, *limit in limits:
        assert found[quantity, str(at), objective][1:] == pytest.approx(limit, rel=1e-4)


def place(e):
    """Parameters of the point, and the row of its table [s, Hz]: as `numbers` of an exact.py gives them."""
    return e.at | {k: v for k in ("time", "frequency") if (v := getattr(e, k)) is not None}


# ---- what it takes to solve them -------------------------------------------------------------------------------------
def coarse(case):
    """Options for a mesh of a few cells, the first and last value of all that is swept, and two days of ageing."""
    values = {"output.figures": False}
    values |= {"mesh.division": 0.5} if isinstance(case.geometry, GridShape) else {"mesh.refinement": 1}
    if isinstance(case.geometry, BoxShape):
        values["mesh.size"] = case.geometry.narrowest / 2
    study, where = at_every_point(case)
    if isinstance(case.study, Sweep):
        ends = {path: [v[0], v[-1]] for path, v in case.study.parameters.items()}
        if isinstance(study, Ageing):  # many points in itself
            ends = {path: last for path, (_, *last) in ends.items()}
        values |= {"study.mode": "list", "study.parameters": ends, "study.find": []}
    if isinstance(study, Ageing):
        values |= {".".join((*where, key)): value for key, value in (("report", []), ("duration", "2 days"))}
    if isinstance(case.study, Uncertainty):
        two = dict(list(case.study.inputs.items())[:2])  # numbers of one mesh, so that it is made once
        values |= {"study.samples": 20, "study.find": [], "study.quantities": ["internal_resistance"]}
        values["study.inputs"] = {n: x.model_dump(exclude_none=True) for n, x in two.items()}
    if isinstance(case.study, Map):
        ends = {path: {"start": v[0], "stop": v[-1], "points": 3} for path, v in case.study.axes().items()}
        values |= {"study.parameters": ends, "study.accuracy": 0.1}
    return [word for path, value in values.items() for word in ("--set", f"{path}={json.dumps(value)}")]


@every_case
def test_runs_coarse_on_any_number_of_ranks(comm, shared_tmp, folder):
    assert main(["run", str(folder), "-o", str(shared_tmp), *coarse(Case.load(folder))]) == 0
    result = json.loads((shared_tmp / "result.json").read_text(encoding="utf-8"))
    assert result["solver"]["unknowns"] > 0
    assert result["memory"]["ranks"] == len(result["mesh"]["cells_per_rank"]) == comm.size
    assert {"title", "warnings", "timings", "versions", "balances", "case"} <= result.keys()
    assert result["points"]
    limits = Expected.model_validate_json((folder / "expected.json").read_text(encoding="utf-8"))
    assert result["balances"] or set(result["case"]["physics"]) <= {"mechanics", "coupling", "temperature"}
    for kind, worst in result["balances"].items():
        assert worst < getattr(limits, f"{kind}_balance")
    for v in (point["values"] for point in result["points"] if "energy_balance" in point["values"]):
        heat = max(abs(x) for name, x in v.items() if name.startswith("heat_flow."))
        current = max(abs(x) for name, x in v.items() if name.startswith("current."))
        assert abs(v["energy_balance"]) < 1e-8 * heat
        assert abs(v["charge_balance"]) < 1e-10 * max(current, 0.01)


@pytest.mark.serial
@every_case
def test_verifies_as_shipped(tmp_path, folder, capsys):
    if folder.name in TOO_LONG:
        pytest.skip(f"{TOO_LONG[folder.name]}: thermolyte verify cases/{folder.name}")
    code = main(["verify", str(folder), "-o", str(tmp_path), "--set", "output.figures=false"])
    assert code == 0, capsys.readouterr().out
