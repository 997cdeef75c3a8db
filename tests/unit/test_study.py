"""Studies: which points are solved, and in which order."""

import pytest

from thermolyte.case import Case
from thermolyte.studies.run import points, tasks

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
  p_legs: {material: MgAgSb-395}
  "*_straps": Cu
boundaries:
  hot: {type: temperature, temperature: 400 K}
  cold: {type: temperature, temperature: 300 K}
terminals:
  minus: {type: ground}
  plus: {type: current, current: 0 A}
"""


@pytest.fixture
def study(tmp_path):
    def call(text):
        (tmp_path / "case.yaml").write_text(f"{CASE}study: {{{text}}}\n")
        return Case.load(tmp_path)

    return call


HOT, CURRENT, GAP = "boundaries.hot.temperature", "terminals.plus.current", "geometry.gap"


def short(found):
    """Tasks as (values, objective)."""
    return [(*task.parameters.values(), task.objective) for task in found]


def test_operating_point_is_the_default(tmp_path):
    (tmp_path / "case.yaml").write_text(CASE)
    (task,) = tasks(Case.load(tmp_path))
    assert (task.parameters, task.objective, task.label) == ({}, None, "operating point")


def test_optimum(study):
    (task,) = tasks(study("type: maximum_efficiency"))
    assert (task.parameters, task.objective, task.label) == ({}, "maximum_efficiency", "maximum_efficiency")


def test_grid_varies_the_last_parameter_fastest(study):
    case = study(f"type: sweep, parameters: {{{HOT}: [400 K, 500 K], {CURRENT}: [0 A, 1 A]}}")
    assert short(tasks(case)) == [
        ("400 K", "0 A", None),
        ("400 K", "1 A", None),
        ("500 K", "0 A", None),
        ("500 K", "1 A", None),
    ]
    found = [(c.boundaries["hot"][0].temperature, c.terminals["plus"].current) for _, c in points(case)]
    assert found == [(400, 0), (400, 1), (500, 0), (500, 1)]


def test_list_goes_in_step(study):
    case = study(f"type: sweep, mode: list, parameters: {{{HOT}: [400 K, 500 K], {CURRENT}: [0 A, 1 A]}}")
    assert short(tasks(case)) == [("400 K", "0 A", None), ("500 K", "1 A", None)]
    assert tasks(case)[1].label == f"{HOT} = 500 K, {CURRENT} = 1 A"


def test_steps_with_units(study):
    case = study(f"type: sweep, parameters: {{{CURRENT}: {{start: 0 mA, stop: 1 A, points: 3}}}}")
    assert short(tasks(case)) == [("0 mA", None), ("500 mA", None), ("1000 mA", None)]
    assert [c.terminals["plus"].current for _, c in points(case)] == pytest.approx([0, 0.5, 1])


def test_optima_follow_the_points_of_their_device(study):
    find = "find: [maximum_power, maximum_efficiency]"
    case = study(f"type: sweep, {find}, parameters: {{{HOT}: [400 K, 500 K], {CURRENT}: [0 A, 1 A]}}")
    assert short(tasks(case)) == [
        ("400 K", "0 A", None),
        ("400 K", "1 A", None),
        ("400 K", "maximum_power"),
        ("400 K", "maximum_efficiency"),
        ("500 K", "0 A", None),
        ("500 K", "1 A", None),
        ("500 K", "maximum_power"),
        ("500 K", "maximum_efficiency"),
    ]
    assert tasks(case)[2].label == f"maximum_power: {HOT} = 400 K"


def test_optima_are_sought_once_for_each_device(study):
    case = study(f"type: sweep, find: [maximum_power], parameters: {{{CURRENT}: [0 A, 1 A], {GAP}: [1 mm, 2 mm]}}")
    assert [t.parameters for t in tasks(case) if t.objective] == [{GAP: "1 mm"}, {GAP: "2 mm"}]


def test_any_value_can_be_swept(study):
    case = study("type: sweep, parameters: {regions.p_legs.material: [MgAgSb-395, MgAgSb-352], mesh.order: [1, 2]}")
    found = [(c.regions["p_legs"].card.name, c.mesh.order) for _, c in points(case)]
    assert found == [("MgAgSb-395", 1), ("MgAgSb-395", 2), ("MgAgSb-352", 1), ("MgAgSb-352", 2)]
