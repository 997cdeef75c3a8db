"""Whatever is wrong with the input: one message with file, line, place and remedy, and the exit code."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys

import pytest

from refusals import edited, refuses

CASE = """\
title: A leg between two pads
geometry:
  shape: leg
  width: 2 mm
  height: 4 mm
  pads: {thickness: 0.5 mm}
mesh: {size: 2 mm}
regions:
  leg: MgAgSb-395
  "*_pad": Cu
boundaries:
  hot: {type: temperature, temperature: 400 K}
  cold: {type: temperature, temperature: 310 K}
terminals:
  hot: {type: ground}
  cold: {type: current, current: 1 A}
interfaces:
  leg/hot_pad: {contact_resistivity: 5 uohm*cm^2}
study:
  type: operating_point
output: {figures: false, fields: none}
"""
COUPLE = """\
title: A couple
geometry:
  shape: couple
  n: {width: 2 mm, height: 4 mm}
  gap: 1 mm
  straps: {thickness: 0.5 mm}
regions:
  n_legs: Mg3BiSb-estimate
  p_legs: MgAgSb-395
  "*_straps": Cu
boundaries:
  hot: {type: temperature, temperature: 400 K}
  cold: {type: temperature, temperature: 310 K}
terminals:
  minus: {type: ground}
  plus: {type: current, current: 1 A}
"""
CARD = """\
name: mine
kind: p-type
properties:
  seebeck_coefficient: {law: table, unit: uV/K, temperature: [300, 400, 500], value: [150, 160, 170]}
  electrical_conductivity: {law: constant, value: 1e5 S/m}
  thermal_conductivity: {law: constant, value: 1 W/(m*K)}
"""
CSV = """\
temperature [K], seebeck_coefficient [uV/K], electrical_conductivity [S/cm], thermal_conductivity [W/(m*K)]
300, 150, 1000, 1.0
400, 160, 900, 1.1
"""


# Line at which the message points, what is edited, and what must be said.
HOT = "hot: {type: temperature, temperature: 400 K}"
COLD_TERMINAL = "{type: current, current: 1 A}"
CONTACT = "leg/hot_pad"
TEMPERATURES = ((HOT, "hot: {type: heat_flux, heat_flux: 1 W/cm^2}"), ("{type: temperature, temperature: 310 K}", "[]"))
ROWS = {
    # keys
    "unknown key": (1, [("title:", "titel:")], ["titel: unknown key; did you mean `title`? known: title, geometry"]),
    "unknown nested key": (
        6,
        [("thickness:", "thicknes:")],
        ["geometry.pads.thicknes: unknown key; did you mean `thick"],
    ),
    "unknown key of a condition": (
        12,
        [("temperature: 400 K", "temprature: 400 K")],
        ["boundaries.hot.temprature: unknown key for type temperature; did you mean `temperature`?"],
    ),
    "key that is no text": (19, [("study:", "5: 3\nstudy:")], ["5: unknown key"]),
    "missing key": (2, [("  height: 4 mm\n", "")], ["geometry: give the leg either a height or"]),
    "empty section": (14, [("  hot: {type: ground}\n  cold: " + COLD_TERMINAL, "")], ["terminals: expected a mapping"]),
    # values
    "wrong dimension": (
        12,
        [("400 K", "5 mm")],
        ["boundaries.hot.temperature: '5 mm' has the wrong dimension", "25 degC"],
    ),
    "unknown unit": (
        12,
        [("400 K", "5 flurbs")],
        ["boundaries.hot.temperature: '5 flurbs' has an unknown unit `flurbs`"],
    ),
    "unit without number": (12, [("400 K", "K")], ["'K' does not start with a number"]),
    "decimal comma": (12, [("400 K", "'400,5 K'")], ["write a decimal point"]),
    "coulomb for celsius": (12, [("400 K", "25 C")], ["'25 C' has the wrong dimension", "'25 degC'"]),
    "NaN": (12, [("400 K", ".nan")], ["boundaries.hot.temperature: nan is not a finite number"]),
    "infinity": (16, [("1 A", ".inf")], ["terminals.cold.current: inf is not a finite number"]),
    "negative kelvin": (12, [("400 K", "-5")], ["-5.0 K is not above absolute zero: write a unit, such as '25 degC'"]),
    "list for a value": (12, [("400 K", "[400 K]")], ["['400 K'] is not a quantity"]),
    "zero resistivity": (18, [("5 uohm*cm^2", "0")], ["contact_resistivity: must be greater than 0, not `0`"]),
    "title without quotes": (
        1,
        [("A leg between two pads", "5")],
        ["title: expected text, found `5`: put it in quotes"],
    ),
    # names
    "unknown region": (
        10,
        [('  "*_pad"', '  lag: Cu\n  "*_pad"')],
        ["no region `lag`; did you mean `leg`? known: leg, hot_p"],
    ),
    "unknown boundary": (
        12,
        [("  hot: {type: temp", "  hott: {type: temp")],
        ["no boundary `hott`; did you mean `hot`? known"],
    ),
    "unknown terminal": (
        16,
        [("  cold: {type: cur", "  clod: {type: cur")],
        ["no boundary `clod`; did you mean `cold`? known"],
    ),
    "terminal on unknown": (
        16,
        [("1 A}", "1 A, on: [cold, top]}")],
        ["terminals.cold.on: the geometry has no boundary `top`"],
    ),
    "unknown interface": (18, [(CONTACT, "leg/hotpad")], ["no interface `leg/hotpad`; did you mean `leg/hot_pad`?"]),
    "unknown device side": (
        21,
        [("output:", "device: {hot: [hott]}\noutput:")],
        ["device.hot: the geometry has no boundary `hott`"],
    ),
    "unknown device terminal": (
        21,
        [("output:", "device: {terminal: no}\noutput:")],
        ["no terminal `no`; known: hot, cold"],
    ),
    "no such pair": (
        18,
        [(CONTACT, "cold_pad/hot_pad")],
        ["`cold_pad` and `hot_pad` do not touch; known: leg/hot_pad"],
    ),
    "contact on a boundary": (
        18,
        [(CONTACT, "hot")],
        ["`hot` is a boundary, which touches one side only", "written a/b"],
    ),
    "contact on a region": (
        18,
        [(CONTACT, "leg")],
        ["a contact lies between two regions, written a/b; known: leg/hot_pad"],
    ),
    "region without material": (
        8,
        [('  "*_pad": Cu\n', "")],
        ["regions: region `hot_pad` has no material: add `hot_pad: NAME`"],
    ),
    "pattern without match": (
        11,
        [('"*_pad": Cu', '"*_pad": Cu\n  "*_x": Cu')],
        ["no region `*_x`; known: leg, hot_pad, cold"],
    ),
    "interface matched twice": (
        19,
        [(f"  {CONTACT}: ", "  leg/*_pad: {contact_resistivity: 1e-9}\n  '*/hot_pad': ")],
        ["interfaces.*/hot_pad: `leg/hot_pad` is matched by `leg/*_pad` too"],
    ),
    "interface from both sides": (
        19,
        [(f"  {CONTACT}: ", "  hot_pad/leg: {contact_resistivity: 1e-9}\n  leg/hot_pad: ")],
        ["interfaces.leg/hot_pad: `leg/hot_pad` is matched by `hot_pad/leg` too"],
    ),
    # geometry
    "zero height": (5, [("4 mm", "0 mm")], ["geometry.height: must be greater than 0, not `0 mm`"]),
    "negative width": (4, [("2 mm\n  h", "-2 mm\n  h")], ["geometry.width: must be greater than 0, not `-2 mm`"]),
    "unknown shape": (
        2,
        [("shape: leg", "shape: log")],
        ["geometry: shape `log` is not known; did you mean `leg`? known:"],
    ),
    "mesh too fine": (
        7,
        [("{size: 2 mm}", "{size: 1 um}")],
        ["mesh.size: about", "million cells are needed", "larger mesh size"],
    ),
    "mesh too coarse": (
        7,
        [("{size: 2 mm}", "{size: 2}")],
        ["mesh.size: the mesh size 2 m is larger than the narrowest"],
    ),
    # physics
    "electrical contact on a ceramic": (
        19,
        [('"*_pad": Cu', "hot_pad: Al2O3\n  cold_pad: Cu"), ("hot: {type: ground}", "sides: {type: ground}")],
        ["interfaces.leg/hot_pad", "Al2O3 in `hot_pad` does not conduct: give only thermal_contact_resistance"],
    ),
    "terminal on a ceramic": (
        16,
        [
            ('"*_pad": Cu', "hot_pad: Al2O3\n  cold_pad: Cu"),
            (f"  {CONTACT}: {{contact_resistivity: 5 uohm*cm^2}}", "  {}"),
        ],
        ["terminals.hot: what is behind boundary `hot`, `hot_pad` of Al2O3, does not conduct"],
    ),
    "empty contact": (
        18,
        [("{contact_resistivity: 5 uohm*cm^2}", "{}")],
        ["give contact_resistivity, thermal_contact_res"],
    ),
    "contact as a number": (
        18,
        [("{contact_resistivity: 5 uohm*cm^2}", "1e-9")],
        ["expected a mapping with keys such as type, cont"],
    ),
    "two terminals on one face": (
        17,
        [("{type: ground}", "{type: ground}\n  second: {type: voltage, voltage: 1 mV, on: cold}")],
        ["terminals.cold: boundary `cold` belongs to terminal `second` already: a face has one terminal"],
    ),
    "voltage and current on one terminal": (
        16,
        [("current: 1 A}", "current: 1 A, voltage: 5 mV}")],
        ["terminals.cold.voltage: unknown key for type current; known: type, current, on, contact_resistivity"],
    ),
    "two voltages and a current on one terminal": (
        16,
        [(COLD_TERMINAL, "[{type: voltage, voltage: 1}, {type: voltage, voltage: 2}, {type: current, current: 1}]")],
        ["terminals.cold: expected one mapping {type: current or ground or load or open or voltage, ...}, found"],
    ),
    "no kind of terminal": (
        16,
        [(COLD_TERMINAL, "{current: 1 A}")],
        ["terminals.cold: type is missing; known: current, ground"],
    ),
    "unknown kind of boundary": (
        12,
        [("type: temperature, temperature: 400", "type: temp, temperature: 400")],
        ["type `temp` is not known"],
    ),
    "no electrical ground": (
        14,
        [("{type: ground}", "{type: current, current: -1 A}")],
        ["terminals: no electrical ground: terminals hot, cold prescribe currents only", "type ground or voltage"],
    ),
    "no temperature": (
        11,
        list(TEMPERATURES),
        ["boundaries: no temperature anywhere", "Add a boundary with type temperature"],
    ),
    "no temperature but h = 0": (
        11,
        [(HOT, "hot: {type: convection, coefficient: 0, ambient: 300 K}"), TEMPERATURES[1]],
        ["boundaries: no temperature anywhere"],
    ),
    "two temperatures": (
        12,
        [(HOT, "hot: [{type: temperature, temperature: 400 K}, {type: temperature, temperature: 5 K}]")],
        ["boundaries.hot: a fixed temperature stands alone: remove the other conditions on `hot`"],
    ),
    # materials
    "unknown card": (
        9,
        [("MgAgSb-395", "MgAgSb-359")],
        ["regions.leg: no material card `MgAgSb-359`; did you mean `MgAgSb-395`?"],
    ),
    "no card file": (9, [("MgAgSb-395", "nothing.yaml")], ["regions.leg: no such material card: ", "nothing.yaml"]),
    # YAML
    "syntax": (4, [("shape: leg", "shape: [leg")], ["not valid YAML: expected ',' or ']'"]),
    "indentation": (4, [("  width", "   width")], ["keys of one section start in the same column"]),
    "no colon": (4, [("width: 2", "width 2")], ["a key needs a colon after it"]),
    "duplicate key": (5, [("  width: 2 mm", "  width: 2 mm\n  width: 3 mm")], ['duplicate key "width"']),
    "tab": (4, [("  width", "\twidth")], ["indent with spaces, not with tabs"]),
    "star without quotes": (10, [('"*_pad"', "*_pad")], ["a name that starts with * needs quotes"]),
    "two documents": (19, [("study:", "---\nstudy:")], ["a case is one document: remove the line ---"]),
    "control character": (1, [("title: A", "title: \x07A")], ["save the file as plain text"]),
    "empty file": (1, [(CASE, "")], ["empty: expected lines `key: value`"]),
    "list of things": (1, [(CASE, "- a\n- b\n")], ["not a mapping: expected lines `key: value`"]),
}


@pytest.mark.parametrize(("line", "edits", "pieces"), [pytest.param(*row, id=name) for name, row in ROWS.items()])
def test_mistake_in_the_case(said, folder, line, edits, pieces):
    err = refuses(said, folder("case.yaml", edited(CASE, *edits)), line, pieces)
    assert len(err.splitlines()) == 1


def test_valid(said, folder):
    for text in (CASE, COUPLE):
        assert said("check", folder("case.yaml", text), code=0) == ""


def test_several_mistakes_are_told_at_once(said, folder):
    text = edited(CASE, ("temperature: 400 K", "temprature: 400 K"), ("1 A", "1 V"), ("size: 2 mm", "sise: 2 mm"))
    err = said("check", folder("case.yaml", text))
    assert [line.split(": ")[1] for line in err.splitlines()] == [
        "mesh.sise",
        "boundaries.hot.temprature",
        "terminals.cold.current",
    ]


@pytest.mark.parametrize("gap", ["0 mm", "-1 mm"])
def test_overlapping_legs(said, folder, gap):
    path = folder("case.yaml", edited(COUPLE, ("gap: 1 mm", f"gap: {gap}")))
    refuses(said, path, 5, ["geometry.gap: legs would touch or overlap: the gap must be greater than 0"])


def test_contact_with_a_way_around(said, folder):
    path = folder("case.yaml", COUPLE + "interfaces:\n  n_legs/hot_straps: {contact_resistivity: 1e-9}\n")
    pieces = [
        "interfaces.n_legs/hot_straps: the electric potential jumps",
        "continuous on another way",
        "a contact too",
    ]
    refuses(said, path, 18, pieces)


def test_files_that_cannot_be_read(said, folder, shared_tmp):
    refuses(said, shared_tmp / "nothing.yaml", None, ["nothing.yaml: no such file; give a case.yaml or the folder"])
    folder("other.yaml", CASE)
    refuses(said, shared_tmp, None, ["no case.yaml in this folder; its .yaml files: other.yaml"])
    path = folder("case.yaml", edited(CASE, ("width", "# Stück\n  width")).encode("latin-1"))
    refuses(said, path, 4, ["not text in UTF-8: save the file with that encoding"])
    path = folder("case.yaml", b"\0" * 100)
    refuses(said, path, 1, ["not valid YAML", "save the file as plain text"])


# ---- materials -------------------------------------------------------------------------------------------------------
CARDS = {
    "broken": (4, [("{law: table", "{law: table: [")], ["not valid YAML"]),
    "unknown property": (
        5,
        [("electrical_", "electric_")],
        ["electric_conductivity: unknown key; did you mean `electr"],
    ),
    "unknown law": (4, [("law: table", "law: tabel")], ["law `tabel` is not known; did you mean `table`?"]),
    "unknown key of a law": (
        4,
        [("unit: uV", "units: uV")],
        ["units: unknown key for type table; did you mean `unit`?"],
    ),
    "NaN": (4, [("160", ".nan")], ["seebeck_coefficient.value.1: expected a finite number, found `nan`"]),
    "not monotone": (4, [("300, 400, 500", "300, 500, 400")], ["temperature must increase: temperature[2] = 400 K"]),
    "unequal lengths": (4, [("300, 400, 500", "300, 400")], ["the table has 2 temperatures and 3 values"]),
    "wrong dimension": (5, [("1e5 S/m", "1e5 W/m")], ["unit 'W/m' has the wrong dimension: expected S/m"]),
    "no unit": (4, [("unit: uV/K, ", "")], ["170 V/K at 500 K is more than 2 mV/K in magnitude: is the unit right"]),
    "Celsius as kelvin": (4, [("[300,", "[-20,")], ["not above absolute zero", "write temperature: {unit: degC"]),
    "negative": (5, [("1e5 S/m", "-1e5 S/m")], ["-1e+05 S/m at 200 K: it must be positive"]),
    "wrong sign": (1, [("p-type", "n-type")], ["kind is n-type, whose Seebeck coefficient is negative"]),
    "empty": (1, [(CARD, "")], ["empty: expected lines `key: value`"]),
}


@pytest.mark.serial
@pytest.mark.parametrize(("line", "edits", "pieces"), [pytest.param(*row, id=name) for name, row in CARDS.items()])
def test_mistake_in_a_card(said, folder, line, edits, pieces):
    card = folder("mine.yaml", edited(CARD, *edits))
    path = folder("case.yaml", edited(CASE, ("MgAgSb-395", "mine.yaml")))
    refuses(said, path, 9, [f"regions.leg: {card}:{line}: ", *pieces])


def test_card_without_what_is_needed(said, folder):
    folder("mine.yaml", CARD.rpartition("  thermal")[0])
    path = folder("case.yaml", edited(CASE, ("MgAgSb-395", "mine.yaml")))
    refuses(said, path, 9, ["regions.leg: card mine has no thermal_conductivity"])


def test_temperatures_that_a_card_forbids(said, folder):
    folder("mine.yaml", edited(CARD, ("uV/K", "uV/K, outside: error"), ("500", "450"), ("400", "390"), ("450", "395")))
    path = folder("case.yaml", edited(CASE, ("MgAgSb-395", "mine.yaml")))
    pieces = ["regions.leg: mine: seebeck_coefficient known from 300 K to 395 K", "from 310 K to 400 K", "or the card"]
    refuses(said, path, 9, pieces)


CSVS = {
    "NaN": (
        3,
        [("160", "nan")],
        ["'nan' in column seebeck_coefficient is not a number; leave blank what was not measu"],
    ),
    "text": (3, [("160", "about 160")], ["'about 160' in column seebeck_coefficient is not a number"]),
    "short line": (3, [("900, 1.1", "900")], ["3 values for 4 columns"]),
    "not monotone": (3, [("400", "200")], ["the temperature must increase, but 200 follows 300"]),
    "no unit": (1, [(" [uV/K]", "")], ["'seebeck_coefficient' must be a name and a unit"]),
    "semicolons": (1, [(",", ";")], ["columns are separated by commas"]),
    "Latin-1": (4, [("1.1\n", "1.1\n# µ\n")], ["not text in UTF-8"]),
    "unknown column": (None, [("seebeck", "sebeck")], ["sebeck_coefficient: unknown key; did you mean `seebeck_"]),
    "wrong dimension": (None, [("uV/K", "uV/m")], ["unit 'uV/m' has the wrong dimension: expected V/K"]),
    "empty": (None, [(CSV, "")], ["needs a header and at least two lines of values"]),
}


@pytest.mark.serial
@pytest.mark.parametrize(("line", "edits", "pieces"), [pytest.param(*row, id=name) for name, row in CSVS.items()])
def test_mistake_in_a_csv_file(said, folder, line, edits, pieces):
    file = folder("mine.csv", edited(CSV, *edits).encode("latin-1"))
    path = folder("case.yaml", edited(CASE, ("MgAgSb-395", "mine.csv")))
    refuses(said, path, 9, [f"regions.leg: {file}:{line}: " if line else f"regions.leg: {file}: ", *pieces])


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (edited(CARD, ("1e5 S/m", "1e-4 S/m"), ("p-type", "metal")), "electrical_conductivity: 0.0001 S/m for a metal"),
        (edited(CARD, ("1e5 S/m", "1e-4 S/m")), "electrical_conductivity: 0.0001 S/m for a thermoelectric"),
        (
            edited(CSV, ("1000, 1.0", "1.0, 1000"), ("900, 1.1", "1.1, 900")),
            "thermal_conductivity: 900 to 1e+03 W/(m*K)",
        ),
    ],
    ids=["metal", "thermoelectric", "columns of a CSV file"],
)
def test_columns_swapped_in_magnitude_are_a_warning(said, folder, content, text):
    name = "mine.csv" if content.startswith("temperature") else "mine.yaml"
    folder(name, content)
    path = folder("case.yaml", edited(CASE, ("MgAgSb-395", name)))
    out = said("check", path, code=0, output=True)
    assert f"warning: mine: suspicious {text}" in out
    assert "check the unit, and whether two columns are swapped" in out


def test_range_of_a_card_is_one_warning_over_all_points(said, folder):
    study = "type: sweep\n  parameters: {boundaries.hot.temperature: [400 K, 600 K, 700 K]}"
    path = folder("case.yaml", edited(CASE, ("type: operating_point", study)))
    warnings = [x for x in said("check", path, code=0, output=True).splitlines() if x.startswith("warning")]
    assert len(warnings) == 1
    assert "MgAgSb-395: seebeck_coefficient, electrical_resistivity, thermal_conductivity known from 300" in warnings[0]
    assert "asked for from 310 K to 700 K; held constant outside" in warnings[0]


# ---- the command line ------------------------------------------------------------------------------------------------
SETS = {
    "boundaries.hot.temperature": "write --set PATH=VALUE, such as boundaries.hot.temperature=573K",
    "=5": "write --set PATH=VALUE",
    "boundaries.hot.temperature=[": "--set boundaries.hot.temperature: not valid YAML",
    "boundaries.hot.temperature=5 mm": "--set boundaries.hot.temperature: '5 mm' has the wrong dimension",
    "boundaries.hot={type: temperature, temperature: 5 mm}": "--set boundaries.hot: boundaries.hot.temperature: '5 mm'",
    "boundaries.hot.temprature=5": "--set boundaries.hot.temprature: unknown key for type temperature; did you mean",
    "boundaries.hott.temperature=5": "--set boundaries.hott.temperature: there is no `hott` in boundaries; did you",
    "boundaries.hot.temperature.x=5": "`boundaries.hot.temperature` is the value 400 K, which has nothing below it",
    "regions.leg.scale.seebeck_coefficient=2": "`regions.leg` is the value MgAgSb-395, which has nothing below it",
    "boundaries..temperature=5": "`boundaries` is followed by an empty key",
    "study={type: sweep}": "--set study: study.parameters: is missing",
    "terminals.hot=": "--set terminals.hot: expected one mapping",
    "regions.leg=Nii": "--set regions.leg: no material card `Nii`; did you mean `Ni`?",
    "solver.preset=fast": "--set solver.preset: `fast` is not known; known: auto, direct, iterative",
    "solver.tolerance=1": "--set solver.tolerance: must be at most 0.0001, not `1`",
    "mesh.size=1 nm": "--set mesh.size: about",
    "device.hot=hot": "--set device.hot: expected a list, found `hot`: write [hot]",
    "device.terminal=plus": "--set device.terminal: there is no terminal `plus`; known: hot, cold",
}


@pytest.mark.serial
@pytest.mark.parametrize("text", SETS)
def test_set(said, folder, text):
    err = refuses(said, folder("case.yaml", CASE), "--set ", [SETS[text]], "--set", text)
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["rum", "x"], "invalid choice: 'rum' (choose from "),
        ([], "the following arguments are required: VERB"),
        (["run"], "the following arguments are required: CASE"),
        (["run", "a", "b"], "unrecognized arguments: b"),
        (["check", "x", "--", "foo"], "`foo` after -- is not a PETSc option: they start with a dash"),
        (["check", "x", "--", "-"], "a dash alone after -- is not a PETSc option"),
        (["materials", "show"], "materials show: name a card; known: 304SS"),
        (["materials", "show", "Cuu"], "no material card `Cuu`; did you mean `Cu`?"),
    ],
    ids=str,
)
def test_command_line(said, arguments, text):
    assert text in said(*arguments)


# ---- studies ---------------------------------------------------------------------------------------------------------
SWEEP = "type: sweep\n  parameters:\n    "
CURRENT = SWEEP + "terminals.cold.current: "
STUDIES = {
    "no such key": (22, SWEEP + "terminals.cold.curent: [1]", ["terminals.cold.curent: unknown key for type current"]),
    "no such terminal": (
        22,
        SWEEP + "terminals.clod.current: [1]",
        ["there is no `clod` in terminals; did you mean `cold`"],
    ),
    "no such section": (22, SWEEP + "nothing.at.all: [1]", ["nothing: unknown key; known: title, geometry"]),
    "through a value": (22, SWEEP + "regions.leg.scale: [1]", ["`regions.leg` is the value MgAgSb-395"]),
    "wrong value": (22, SWEEP + "boundaries.hot.temperature: [400 K, 5 mm]", ["'5 mm' has the wrong dimension"]),
    "unknown card": (
        23,
        SWEEP + "regions.leg: [MgAgSb-352, Mg]\n    regions.*_pad: [Cu, Cv]",
        ["no material card `Cv`"],
    ),
    "unequal lengths": (
        19,
        "type: sweep\n  mode: list\n  parameters: {boundaries.hot.temperature: [1, 2], terminals.cold.current: [1]}",
        ["study: a list needs the same number of values everywhere", "temperature has 2, terminals.cold.current has 1"],
    ),
    "mixed dimensions": (
        22,
        CURRENT + "{start: 0 A, stop: 1 V, points: 3}",
        ["start and stop: 0 A and 1 V have different"],
    ),
    "half a unit": (22, CURRENT + "{start: 0, stop: 1 A, points: 3}", ["0.0 and 1 A: give both a unit, or neither"]),
    "one step": (22, CURRENT + "{start: 0, stop: 1, points: 1}", ["points: must be at least 2, not `1`"]),
    "misspelt steps": (22, CURRENT + "{start: 0, stop: 1, pints: 2}", ["pints: unknown key; did you mean `points`?"]),
    "no values": (22, CURRENT + "[]", ["terminals.cold.current: needs at least 1 entry"]),
    "one value": (22, CURRENT + "5 A", ["expected a list, found `5 A`: write [5 A]"]),
    "unknown study": (
        19,
        "type: transiant",
        ["type `transiant` is not known; did you mean `transient`? known: ageing, impedance, map, maximum_eff"],
    ),
    "nothing that takes time": (
        19,
        "type: transient\n  duration: 10 s",
        ["study: nothing depends on time here: thermoelectricity is steady. Use type operating_point, or a sweep"],
    ),
    "impedance of a leg": (
        19,
        "type: impedance\n  frequencies: [1 Hz]",
        ["study: an impedance is that of an electrochemical cell: name `electrochemistry` under `physics`"],
    ),
    "unknown mode": (23, CURRENT + "[1]\n  mode: zip", ["study.mode: `zip` is not known; known: grid, list"]),
    "unknown objective": (23, CURRENT + "[1]\n  find: [maximum_pwer]", ["did you mean `maximum_power`?"]),
}


@pytest.mark.serial
@pytest.mark.parametrize(("line", "study", "pieces"), [pytest.param(*row, id=name) for name, row in STUDIES.items()])
def test_mistake_in_a_study(said, folder, shared_tmp, line, study, pieces):
    path = folder("case.yaml", edited(CASE, ("type: operating_point", study)))
    refuses(said, path, line, pieces)
    refuses(said, path, line, pieces, "-o", shared_tmp / "results", verb="run")
    assert not (shared_tmp / "results").exists()


@pytest.mark.parametrize("study", ["maximum_power", "sweep, parameters: {mesh.order: [1]}, find: [maximum_power]"])
def test_objective_without_a_terminal(said, folder, study):
    text = edited(
        CASE, ("study:\n  type: operating_point", f"study: {{type: {study}}}"), (COLD_TERMINAL, "{type: ground}")
    )
    refuses(
        said, folder("case.yaml", text), 14, ["terminals: maximum_power needs a terminal whose current can be varied"]
    )


def test_efficiency_without_a_hot_side(said, folder):
    text = edited(
        CASE, ("  type: operating_point", "  type: maximum_efficiency"), ("  hot: {type: temp", "  sides: {type: temp")
    )
    refuses(
        said, folder("case.yaml", text), 1, ["device.hot: maximum_efficiency needs the side that the heat comes from"]
    )


# ---- running ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def run(said, shared_tmp):
    """`thermolyte run` of a case into a folder of its own."""

    def call(path, *argv, code):
        return said("run", path, "-o", shared_tmp / "results", *argv, code=code)

    return call


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_file_in_place_of_the_result_folder(said, folder, shared_tmp, place):
    path = folder("case.yaml", CASE)
    folder("file", "x")
    err = said("run", path, "-o", shared_tmp / place)
    assert err.startswith(f"{shared_tmp / place}: ")
    assert "give another with -o" in err


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["-ksp_type", "foo"], "Unable to find requested KSP type foo"),
        (["-snes_max_it", "many"], "Input string many has no integer value"),
    ],
    ids=str,
)
def test_petsc_options_that_petsc_refuses(run, folder, options, text):
    err = run(folder("case.yaml", CASE), "--", *options, code=2)
    assert f"PETSc options (after --, or solver.petsc in the case): {text}" in err


def test_petsc_option_without_effect_is_a_warning(run, folder):
    err = run(folder("case.yaml", CASE), "--", "-snes_rtoll", "1", code=0)
    assert "warning: PETSc option -snes_rtoll has no effect here: is it spelt right?" in err


def test_too_few_iterations(run, folder):
    err = run(folder("case.yaml", CASE), "--set", "solver.petsc.snes_max_it=1", code=1)
    assert "Newton's method did not converge in 1 steps" in err
    assert "check size and sign of each heat_flux, current and voltage" in err


def test_temperature_below_absolute_zero(run, folder):
    text = edited(CASE, (HOT, "hot: {type: heat_flux, heat_flux: -10 W/cm^2}"))
    err = run(folder("case.yaml", text), code=1)
    assert "the equations lead to a temperature of -1" in err
    assert "where nothing is solid; check size and sign of each heat_flux" in err


def test_solution_leaves_a_card_that_forbids_it(run, folder):
    folder("mine.yaml", edited(CARD, ("uV/K", "uV/K, outside: error"), ("500", "410")))
    path = folder("case.yaml", edited(CASE, ("MgAgSb-395", "mine.yaml"), ("1 A", "20 A")))
    err = run(path, code=1)
    assert (
        f"a solution was found, but it leaves the data: {path}:9: regions.leg: mine: seebeck_coefficient known" in err
    )
    assert "no value outside: change the temperature or the card" in err


SLAB = """\
title: A conductor whose resistivity grows with temperature
geometry: {shape: leg, width: 2 mm, height: 4 mm}
mesh: {size: 0.5 mm, cells: hexahedron, order: 2}
regions:
  leg:
    material:
      name: metal
      properties:
        electrical_resistivity: {law: polynomial, coefficients: [1e-5, 2e-7], reference: 300, range: [260, 1e6]}
        thermal_conductivity: 1 W/(m*K)
boundaries:
  hot: {type: temperature, temperature: 300 K}
  cold: {type: temperature, temperature: 300 K}
terminals:
  cold: {type: current, current: 0 A}
  hot: {type: ground}
output: {figures: false, fields: none}
"""


def test_thermal_runaway(run, folder, shared_tmp):
    """A slab with fixed ends and ρ = ρ₀(1 + α(T − T₀)) has a steady state up to J²ρ₀αL²/κ = π², and none beyond."""
    largest = math.pi / 4e-3 * math.sqrt(1 / 2e-7) * (2e-3) ** 2
    path = folder("case.yaml", SLAB)
    run(path, "--set", f"terminals.cold.current={0.95 * largest}", code=0)
    exact = 300 + 50 * (1 / math.cos(0.95 * math.pi / 2) - 1)
    assert result(shared_tmp)["quantities"]["maximum_temperature"]["value"] == pytest.approx(exact, rel=1e-3)

    err = run(path, "--set", f"terminals.cold.current={1.05 * largest}", code=1)
    found = re.search(
        r"no steady state was found at (.*) A of terminal cold; (.*) A is the most .*, (.*) A failed", err
    )
    asked, solved, failed = (float(x) for x in found.groups())
    assert asked == pytest.approx(1.05 * largest, rel=1e-3)
    assert 0.95 * largest < solved < largest
    assert solved < failed < 1.03 * solved
    assert "(thermal runaway): ask for less current, cool better, or lower the resistances" in err


# ---- expected.json ---------------------------------------------------------------------------------------------------
GOOD = '{"values": [\n {"quantity": "voltage", "value": 0, "atol": 1, "source": "made up"}\n]}\n'
EXPECTED = {
    "malformed": (1, [("}\n]}", "}\n")], ["not valid YAML", "is not closed"]),
    "unknown key": (2, [('"atol"', '"tol"')], ["values.0.tol: unknown key; did you mean"]),
    "no source": (2, [(', "source": "made up"', "")], ["values.0.source: is missing"]),
    "unknown quantity": (2, [('"voltage"', '"voltge"')], ["there is no quantity `voltge`; did you mean `voltage`?"]),
    "cannot fail": (2, [('"value": 0, "atol": 1, ', "")], ["give a value with rtol or atol, or low and high"]),
}


@pytest.mark.serial
@pytest.mark.parametrize(("line", "edits", "pieces"), [pytest.param(*row, id=name) for name, row in EXPECTED.items()])
def test_mistake_in_expected_json(said, folder, line, edits, pieces):
    path, file = folder("case.yaml", CASE), folder("expected.json", edited(GOOD, *edits))
    err = said("verify", path)
    assert err.startswith(f"{file}:{line}: "), err
    assert pieces[0] in err


def test_no_expected_json(said, folder, shared_tmp):
    err = said("verify", folder("case.yaml", CASE))
    assert err.startswith(f"{shared_tmp / 'expected.json'}: no such file; `verify` compares a run with it")


def test_expected_quantity_or_point_that_the_run_does_not_have(said, folder, shared_tmp):
    path, output = folder("case.yaml", CASE), shared_tmp / "results"
    for old, new, text in (
        ('"voltage"', '"voltage.plus"', "voltage.plus: the result has no such quantity; did you mean"),
        (
            '"voltage"',
            '"voltage", "objective": "maximum_power"',
            "voltage: the result has no finished point `maximum_power`",
        ),
    ):
        file = folder("expected.json", edited(GOOD, (old, new)))
        err = said("verify", path, "-o", output)
        assert f"{file}: {text}" in err


# ---- one rank fails --------------------------------------------------------------------------------------------------
FAULT = """\
import errno, os, sys
from thermolyte import cli
from thermolyte.geometry.leg import Leg

def fail(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

def no_mesh(*_):
    raise RuntimeError("Gmsh gave up")

kind = sys.argv.pop(1)
if kind == "disk":
    os.fsync = fail
else:
    Leg.build = no_mesh
sys.exit(cli.main())
"""


@pytest.mark.serial
@pytest.mark.parametrize("ranks", [1, 3])
@pytest.mark.parametrize(
    ("kind", "code", "text"),
    [
        ("disk", 1, "no space left on device: cannot be written; finished points are kept, the same command continues"),
        ("mesh", 2, "geometry: no mesh could be made: Gmsh gave up"),
    ],
    ids=["full disk", "mesh"],
)
def test_failure_of_rank_0_ends_all_ranks(tmp_path, ranks, kind, code, text):
    (tmp_path / "case.yaml").write_text(CASE)
    mpirun = ["mpirun", "--oversubscribe", "-n", str(ranks)] if ranks > 1 else []
    command = [*mpirun, sys.executable, "-c", FAULT, kind, "run", "case.yaml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, env=environment())
    assert done.returncode == code, done.stderr
    assert done.stderr.count(text) == 1
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def environment():
    """That of an ordinary process, also where the tests run under MPI."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("OMPI_COMM", "OMPI_MCA", "PMIX", "PRTE"))}


def result(folder):
    return json.loads((folder / "results" / "result.json").read_text())
