"""The case: patterns of names, short forms, values set by path, the schema, and what stands in the result."""

import json

import pytest
from ruamel.yaml import YAML

from thermolyte.case import Case
from thermolyte.errors import InputError
from thermolyte.schema import json_schema

pytestmark = pytest.mark.serial

CASE = """\
title: A couple
geometry:
  shape: couple
  n: {width: 2 mm, height: 4 mm}
  gap: 1 mm
  straps: {thickness: 0.5 mm}
regions:
  n_legs: Mg3BiSb-estimate
  p_legs: {material: MgAgSb-395, scale: {seebeck_coefficient: 90 %}}
  "*_straps": Cu
boundaries:
  hot: {type: temperature, temperature: 126.85 degC}
  cold:
    - {type: convection, coefficient: 1e4, ambient: 300 K}
    - {type: radiation, emissivity: 0.8, ambient: 300 K}
terminals:
  minus: {type: ground}
  plus: {type: current, current: 500 mA}
interfaces:
  n_legs/*_straps: {contact_resistivity: 5 uohm*cm^2}
  "*_straps/p_legs": {contact_resistivity: 7 uohm*cm^2}
  hot_straps/p_legs: {contact_resistivity: 9 uohm*cm^2}
"""


@pytest.fixture
def load(tmp_path):
    def call(text=CASE, values=None):
        (tmp_path / "case.yaml").write_text(text)
        return Case.load(tmp_path, values)

    return call


def test_patterns_and_both_ways_to_name_an_interface(load):
    case = load()
    setup = case.setup(case.names())
    assert {r: x.card.name for r, x in setup.regions.items()} == {
        "n_legs": "Mg3BiSb-estimate",
        "p_legs": "MgAgSb-395",
        "hot_straps": "Cu",
        "cold_straps": "Cu",
    }
    resistivity = {"/".join(ab): law.contact_resistivity for ab, law in setup.interfaces.items()}
    assert resistivity == pytest.approx(
        {
            "n_legs/hot_straps": 5e-10,
            "n_legs/cold_straps": 5e-10,
            "p_legs/hot_straps": 9e-10,  # the exact name wins over the pattern
            "p_legs/cold_straps": 7e-10,
        }
    )


def test_exact_region_wins_over_a_pattern(load):
    case = load(CASE.replace('"*_straps": Cu', '"*_straps": Cu\n  hot_straps: Ni'))
    assert case.setup(case.names()).regions["hot_straps"].card.name == "Ni"
    assert case.setup(case.names()).regions["cold_straps"].card.name == "Cu"


def test_one_condition_or_several(load):
    case = load()
    assert [c.type for c in case.boundaries["hot"]] == ["temperature"]
    assert [c.type for c in case.boundaries["cold"]] == ["convection", "radiation"]


def test_values_by_path(load):
    values = {
        "boundaries.hot.temperature": "500 K",
        "boundaries.cold.1.emissivity": 0.5,
        "mesh.size": "1 mm",
        "regions.p_legs.scale.seebeck_coefficient": 2,
        "interfaces.n_legs/*_straps.contact_resistivity": 1e-9,
        "solver.petsc.snes_rtol": 1e-3,
        "geometry.p": {"width": "3 mm", "height": "4 mm"},
    }
    case = load(values=values)
    assert case.boundaries["hot"][0].temperature == 500
    assert case.boundaries["cold"][1].emissivity == 0.5
    assert case.mesh.size == 1e-3
    assert case.regions["p_legs"].scale.seebeck_coefficient == 2
    assert case.interfaces["n_legs/*_straps"].contact_resistivity == 1e-9
    assert case.solver.petsc == {"snes_rtol": 1e-3}
    assert case.geometry.p.width == 3e-3
    with pytest.raises(InputError, match="is a list with entries 0 to 1, not `2`"):
        load(values={"boundaries.cold.2.emissivity": 0.5})


def test_vary(load):
    case = load(values={"terminals.plus.current": "2 A"})
    other = case.vary({"boundaries.hot.temperature": "500 K"})
    assert (other.boundaries["hot"][0].temperature, other.terminals["plus"].current) == (500, 2)
    assert case.boundaries["hot"][0].temperature == pytest.approx(400)
    assert case.vary({}) is case
    with pytest.raises(InputError, match=r"^--set terminals\.plus\.current: '2 V' has the wrong dimension"):
        load(values={"terminals.plus.current": "2 V"})


def test_place_of_keys_that_stand_there_as_patterns(load, tmp_path):
    case = load()
    assert case.place("regions", "hot_straps") == f"{tmp_path / 'case.yaml'}:10: regions.*_straps"
    assert case.place("interfaces", "p_legs/cold_straps") == f"{tmp_path / 'case.yaml'}:21: interfaces.*_straps/p_legs"
    assert case.place("study") == f"{tmp_path / 'case.yaml'}:1: study"


def test_terminal_whose_current_is_varied(load):
    assert load().electrical_terminal() == "plus"
    assert load(CASE.replace("current, current: 500 mA", "load, resistance: 1 ohm")).electrical_terminal() == "plus"
    assert load(CASE.replace("current, current: 500 mA", "open")).electrical_terminal() == "plus"
    assert load(CASE.replace("current, current: 500 mA", "voltage, voltage: 1 mV")).electrical_terminal() == "plus"
    assert load(CASE.replace("current, current: 500 mA", "ground")).electrical_terminal() is None
    assert load(values={"device": {"terminal": "minus"}}).electrical_terminal() == "minus"


def test_resolved_case_is_in_si_and_says_everything(load):
    found = load().resolved()
    assert json.loads(json.dumps(found)) == found
    assert found["geometry"]["n"]["width"] == pytest.approx(2e-3)
    assert found["boundaries"]["hot"][0]["temperature"] == pytest.approx(400)
    assert found["terminals"]["plus"]["current"] == pytest.approx(0.5)
    assert found["interfaces"]["n_legs/*_straps"]["contact_resistivity"] == pytest.approx(5e-10)
    assert found["regions"]["p_legs"]["scale"]["seebeck_coefficient"] == pytest.approx(0.9)
    assert found["regions"]["*_straps"]["material"]["name"] == "Cu"
    assert "electrical_resistivity" in found["regions"]["*_straps"]["material"]["properties"]
    assert found["study"] == {"type": "operating_point"}
    assert found["mesh"]["order"] == 1


def test_name_of_a_case(load, tmp_path):
    assert load().name == tmp_path.name
    (tmp_path / "other.yaml").write_text(CASE)
    assert Case.load(tmp_path / "other.yaml").name == "other"


# ---- the schema ------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def validator():
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(json_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def read(path):
    return YAML(typ="safe", pure=True).load(path.read_text())


def test_schema_accepts_the_shipped_cases(validator, cases):
    paths = sorted(cases.glob("*/case.yaml"))
    assert paths
    for path in paths:
        errors = [f"{list(e.absolute_path)}: {e.message[:200]}" for e in validator.iter_errors(read(path))]
        assert not errors, path


def test_shipped_cases_name_the_schema_and_it_is_up_to_date(cases):
    for path in cases.glob("*/case.yaml"):
        assert path.read_text().startswith("# yaml-language-server: $schema=../case.schema.json\n"), path
    assert (cases / "case.schema.json").read_text() == json_schema(), "run: thermolyte schema > cases/case.schema.json"


def test_schema_accepts_what_the_program_accepts(validator, tmp_path):
    (tmp_path / "case.yaml").write_text(CASE)
    assert not list(validator.iter_errors(read(tmp_path / "case.yaml")))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title:", "titel:"),
        ("gap:", "gaap:"),
        ("type: ground", "type: gruond"),
        ("current: 500 mA", "curent: 500 mA"),
        ("temperature: 126.85 degC", "temprature: 400 K"),
        ("{contact_resistivity: 5 uohm*cm^2}", "5 uohm*cm^2"),
    ],
)
def test_schema_finds_slips_as_the_editor_would(validator, tmp_path, old, new):
    assert old in CASE
    (tmp_path / "case.yaml").write_text(CASE.replace(old, new))
    assert list(validator.iter_errors(read(tmp_path / "case.yaml")))
