"""Line scans that cannot be taken: refused with the place in the case and what to do; and those of a study."""

from __future__ import annotations

import csv
import json

import pytest

from refusals import edited, refuses
from thermolyte.cli import main

CASE = """\
title: A scan
geometry: {shape: leg, width: 2 mm, height: 4 mm, pads: {thickness: 0.5 mm}}
mesh: {size: 2 mm}
regions: {leg: MgAgSb-395, "*_pad": Cu}
boundaries:
  hot: {type: temperature, temperature: 310 K}
  cold: {type: temperature, temperature: 310 K}
terminals:
  hot: {type: ground}
  cold: {type: current, current: 0.1 A}
interfaces: {leg/*_pad: {contact_resistivity: 5 uohm*cm^2}}
line_scans:
  side:
    start: [0 mm, 1 mm, -0.4 mm]
    stop: [0 mm, 1 mm, 3 mm]
    spacing: 100 um
    probe_diameter: 20 um
    exclude: 50 um
output: {figures: false, fields: none}
"""
CURRENT = "type: current, current: 0.1 A"


# ---- what `check` knows ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("edits", "line", "pieces"),
    [
        ([("spacing: 100 um", "spacing: 100 K")], 16, ["line_scans.side.spacing", "dimension"]),
        ([("spacing: 100 um", "spacing: 0 um")], 16, ["line_scans.side.spacing", "greater than 0"]),
        ([("    spacing: 100 um\n", "")], 13, ["line_scans.side", "spacing", "missing"]),
        ([("exclude", "exlude")], 18, ["line_scans.side.exlude", "did you mean `exclude`?"]),
        ([("stop: [0 mm, 1 mm, 3 mm]", "stop: [0 mm, 1 mm, -0.4 mm]")], 13, ["the same point"]),
        ([("stop: [0 mm, 1 mm, 3 mm]", "stop: [1 mm, 3 mm]")], 13, ["different numbers of coordinates"]),
        (
            [("[0 mm, 1 mm, -0.4 mm]", "[1 mm, 0 mm]"), ("[0 mm, 1 mm, 3 mm]", "[1 mm, 3 mm]")],
            14,
            ["2 coordinates", "3: x, y, z"],
        ),
        ([("spacing: 100 um", "spacing: 2 mm")], 13, ["1.7 steps", "spacing"]),
        ([("spacing: 100 um", "spacing: 1 nm")], 13, ["steps", "10000"]),
        ([("spacing: 100 um", "spacing: 100 um\n    method: dc\n    temperature: 9 K")], 13, ["remove `temperature`"]),
        ([("exclude: 50 um", "exclude: 50 um\n    window: 0 um")], 19, ["line_scans.side.window", "greater than 0"]),
        (
            [("exclude: 50 um", "exclude: 50 um\n    window: 240 um")],
            13,
            ["window of 240 um", "less than three samples", "a larger window, a smaller exclude or a smaller spacing"],
        ),
        (
            [("spacing: 100 um", "spacing: 100 um\n    reference: hott")],
            17,
            ["line_scans.side.reference", "did you mean `hot`?", "start, stop, hot, cold"],
        ),
        ([("  side:", "  my.side:")], 13, ["line_scans.my.side"]),
        ([(CURRENT, "type: current, current: 0 A")], 10, ["terminals.cold", "`side` needs a current", "not 0 A"]),
        ([(CURRENT, "type: open")], 10, ["terminals.cold", "`side` needs a current"]),
        ([(CURRENT, "type: load, resistance: 1 ohm")], 10, ["terminals.cold", "drives a current through a load"]),
        ([("  cold: {type: current, current: 0.1 A}\n", "")], 8, ["terminals", "`side` needs a current"]),
        ([("1 mm, -0.4 mm]", "2 mm, -0.4 mm]"), ("1 mm, 3 mm]", "2 mm, 3 mm]")], 13, ["give its `area`"]),
    ],
)  # fmt: skip
def test_check_refuses(said, folder, edits, line, pieces):
    refuses(said, folder("case.yaml", edited(CASE, *edits)), line, pieces)


@pytest.mark.serial
def test_check_tells_how_it_is_measured(said, folder):
    slow = "  slow: {start: [0, 0, 0.001], stop: [0, 0, -0.0004], spacing: 1e-4, method: dc}"
    text = edited(CASE, ("    exclude: 50 um", f"    exclude: 50 um\n{slow}"))
    out = said("check", folder("case.yaml", text), code=0, output=True)
    assert "line scans\n  side  isothermal at 300 K  35 samples\n  slow  dc                   15 samples\n" in out


def test_a_scan_belongs_to_a_thermoelectric_device(said, folder):
    stack = """\
title: A cell
physics: {diffusion: }
geometry: {shape: slab, layers: [{name: film, thickness: 1 um, cells: 4}], area: 1 cm^2}
regions: {film: {material: Li_xMg, initial: {composition: 0.05}}}
line_scans: {a: {start: [0 um], stop: [1 um], spacing: 0.1 um}}
study: {type: transient, duration: 1 s}
"""
    refuses(said, folder("case.yaml", stack), 5, ["thermoelectric device"])


# ---- what the mesh tells, before anything is solved ------------------------------------------------------------------
@pytest.mark.parametrize(
    ("edits", "pieces"),
    [
        (
            [("[0 mm, 1 mm, 3 mm]", "[0 mm, 1.1 mm, 3 mm]")],
            ["the point (0, 1.05, 1.3) mm is not in the body"],
        ),
        ([("[0 mm, 1 mm, 3 mm]", "[0 mm, 1 mm, 5 mm]")], ["the point (0, 1, 4.6) mm is not in the body"]),
        ([("-0.4 mm]", "-0.495 mm]")], ["the tip touches nothing", "-0.504", "half a probe_diameter"]),
        ([("-0.4 mm]", "1 mm]")], ["stays in `leg`", "crosses no junction"]),
        ([("spacing: 100 um", "spacing: 200 um")], ["2 samples in `cold_pad`", "400 um", "smaller spacing"]),
        ([("exclude: 50 um", "exclude: 250 um")], ["2 samples in `cold_pad`", "250 um beside junctions"]),
        (
            [("exclude: 50 um", "exclude: 50 um\n    window: 260 um")],
            ["2 samples in `cold_pad` within the window of 260 um beside leg/cold_pad", "a larger window"],
        ),
        ([("probe_diameter: 20 um", "probe_diameter: 500 um")], ["500 um is larger than the 400 um", "`cold_pad`"]),
    ],
)
def test_run_refuses(said, folder, shared_tmp, edits, pieces):
    path, out = folder("case.yaml", edited(CASE, *edits)), shared_tmp / "out"
    err = refuses(said, path, None, [f"{path}:13: line_scans.side: ", *pieces], "-o", out, verb="run")
    assert len(err.splitlines()) == 3, err  # after the mesh and the equations
    assert not (out / "result.json").exists()


def test_a_line_through_an_insulator_is_refused(said, folder, shared_tmp):
    text = edited(
        CASE,
        ("leg, width: 2 mm, height: 4 mm, pads:", "couple, n: {width: 2 mm, height: 4 mm}, gap: 1 mm, straps:"),
        ("{thickness: 0.5 mm}", "{thickness: 0.5 mm}, plates: {thickness: 1 mm}"),
        ('{leg: MgAgSb-395, "*_pad": Cu}', '{"*_legs": MgAgSb-395, "*_straps": Cu, "*_plate": Al2O3}'),
        ("  hot: {type: ground}\n  cold:", "  minus: {type: ground}\n  plus:"),
        ("leg/*_pad", "n_legs/*_straps"),
        ("[0 mm, 1 mm, -0.4 mm]", "[1 mm, 1 mm, -1.2 mm]"),
        ("[0 mm, 1 mm, 3 mm]", "[1 mm, 1 mm, 3 mm]"),
    )  # fmt: skip
    refuses(
        said, folder("case.yaml", text), None, ["line_scans.side: `cold_plate` does not conduct"],
        *("-o", shared_tmp / "out"), verb="run",
    )  # fmt: skip


# ---- studies ---------------------------------------------------------------------------------------------------------
def result(folder):
    return json.loads((folder / "result.json").read_text())


def test_every_point_of_a_sweep_has_its_table(folder, shared_tmp):
    """On tetrahedra, along a side face and, by another spacing, through the inside; a point without current fails."""
    text = (
        CASE
        + """\
study:
  type: sweep
  mode: list
  parameters:
    line_scans.side.spacing: [100 um, 50 um, 100 um]
    interfaces.leg/*_pad.contact_resistivity: [5 uohm*cm^2, 20 uohm*cm^2, 5 uohm*cm^2]
    terminals.cold.current: [0.1 A, 0.2 A, 0 A]
"""
    )
    out = shared_tmp / "out"
    assert main(["run", str(folder("case.yaml", text)), "-o", str(out)]) == 1
    points = result(out)["points"]
    for point, rho, rows in zip(points, (5e-10, 20e-10), (35, 69), strict=False):
        assert point["values"]["scan_contact_resistivity.side.leg/cold_pad"] == pytest.approx(rho, rel=1e-8)
        assert abs(point["values"]["scan_bias.side.leg"]) < 1e-8
        with (out / point["files"]["line_scan_side"]).open() as file:
            table = list(csv.DictReader(file))
        assert len(table) == rows + 2
        assert {row["region"] for row in table} == {"cold_pad", "leg"}
    assert "no current flows through terminal `cold`" in points[2]["error"]
    assert "line_scans.side" in points[2]["error"]


def test_the_leg_of_a_couple_is_scanned_at_the_maximum_of_power(folder, shared_tmp):
    """Its cross-section is that of the leg that the line runs along, not that of both."""
    text = """\
title: A couple
geometry: {shape: couple, n: {width: 2 mm, height: 4 mm}, p: {width: 1 mm, depth: 2 mm, height: 4 mm}, gap: 1 mm, straps: {thickness: 0.5 mm}}
mesh: {size: 1 mm}
regions: {n_legs: Mg3BiSb-estimate, p_legs: MgAgSb-395, "*_straps": Cu}
boundaries:
  hot: {type: temperature, temperature: 400 K}
  cold: {type: temperature, temperature: 310 K}
terminals:
  minus: {type: ground}
  plus: {type: current, current: 0 A}
interfaces: {"*_legs/*_straps": {contact_resistivity: 200 uohm*cm^2}}
line_scans:
  n: {start: [1 mm, 1 mm, 0.5 mm], stop: [1 mm, 1 mm, 4.4 mm], spacing: 50 um, exclude: 0.1 mm}
study: {type: maximum_power}
output: {figures: false, fields: none}
"""  # noqa: E501
    out = shared_tmp / "out"
    assert main(["run", str(folder("case.yaml", text)), "-o", str(out)]) == 0
    values = result(out)["points"][0]["values"]
    assert values["scan_conductivity.n.n_legs"] == pytest.approx(9e4, rel=0.05)  # the current turns into the strap
    assert values["scan_contact_resistivity.n.n_legs/hot_straps"] == pytest.approx(200e-10, rel=0.25)
