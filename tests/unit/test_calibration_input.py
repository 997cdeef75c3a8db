"""Every mistake in a calibration is told with its place and what to do; what runs is on disk."""

from __future__ import annotations

import json

import pytest
from ruamel import yaml

from refusals import edited, refuses

CASE = """\
title: A leg
geometry: {shape: leg, width: 2 mm, height: 4 mm}
mesh: {size: 2 mm, cells: hexahedron}
regions: {leg: {material: MgAgSb-395}}
boundaries:
  hot: {type: temperature, temperature: 400 K}
  cold: {type: temperature, temperature: 310 K}
terminals:
  hot: {type: ground, contact_resistivity: 5 uohm*cm^2}
  cold: {type: current, current: 0 A}
calibration:
  parameters:
    terminals.hot.contact_resistivity: {start: 5 uohm*cm^2, lower: 1 uohm*cm^2, upper: 100 uohm*cm^2, scale: log}
  data:
    - file: iv.csv
      x: {column: current, parameter: terminals.cold.current}
      y: {column: voltage, quantity: voltage.cold}
      uncertainty: 0.1 mV
"""
TABLE = "current [A],voltage [mV],sigma [mV]\n0,19,0.1\n1,5,0.1\n\n2,-9,0.2\n"
CARD = (
    "{name: x, properties: {seebeck_coefficient: {law: constant, value: 2e-4}, electrical_conductivity: "
    "{law: constant, value: 1e5}, thermal_conductivity: {law: constant, value: 1}}}"
)
PARAMETER = "case.yaml:13: calibration.parameters.terminals.hot.contact_resistivity: "
PATH = "    terminals.hot.contact_resistivity:"
MORE = "{start: 1, lower: 0.5, upper: 2}\n"
SCALE = f"    regions.leg.scale.electrical_conductivity: {MORE}"
SEEBECK = f"    regions.leg.scale.seebeck_coefficient: {MORE}"
HEAT = f"    regions.leg.scale.thermal_conductivity: {MORE}"
IN_TIME = [("current, parameter: terminals.cold.current", "current, time: true")]

MISTAKES = {
    "start above upper": ([("start: 5 u", "start: 500 u")], PARAMETER + "start 500 uohm*cm^2 is not between lower"),
    "bounds in the wrong order": ([("upper: 100 u", "upper: 0.5 u")], PARAMETER + "lower 1 uohm*cm^2 must be below"),
    "log of zero": (
        [("lower: 1 u", "lower: 0 u")],
        PARAMETER + "a logarithmic scale needs values above 0, not lower 0 uohm*cm^2: use scale: linear",
    ),
    "bounds of another dimension": ([("upper: 100 uohm*cm^2", "upper: 100 V")], PARAMETER + "start 5 uohm*cm^2, lower"),
    "no number": ([("start: 5 uohm*cm^2", "start: much")], PARAMETER + "'much' does not start with a number"),
    "an unknown unit": (
        [("start: 5 uohm*cm^2", "start: 5 furlongs/ohn")],
        PARAMETER + "'5 furlongs/ohn' has an unknown",
    ),
    "a dimension that the case does not take": (
        [("start: 5 uohm*cm^2, lower: 1 uohm*cm^2, upper: 100 uohm*cm^2", "start: 5 V, lower: 1 V, upper: 9 V")],
        PARAMETER + "'5 V' has the wrong dimension: expected a text such as '5 uohm*cm^2'",
    ),
    "a bound that the case does not take": (
        [("lower: 1 uohm*cm^2", "lower: 0 uohm*cm^2"), ("scale: log", "scale: linear")],
        PARAMETER + "must be greater than 0, not `0 uohm*cm^2`",
    ),
    "a key that is not there": (
        [("hot.contact_resistivity:", "hot.contact_resistance:")],
        "case.yaml:13: calibration.parameters.terminals.hot.contact_resistance: unknown key for type ground; did "
        "you mean `contact_resistivity`?",
    ),
    "a terminal that is not there": (
        [("terminals.hot.contact_resistivity:", "terminals.top.contact_resistivity:")],
        "calibration.parameters.terminals.top.contact_resistivity: there is no `top` in terminals",
    ),
    "what is no number of the device": (
        [(PATH, "    title:")],
        "case.yaml:13: calibration.parameters.title: `title` is no number of the device: parameters are numbers under",
    ),
    "a text": (
        [(PATH, "    regions.leg.material.name:"), ("{material: MgAgSb-395}", f"{{material: {CARD}}}")],
        "`regions.leg.material.name` is a text, which cannot be fitted",
    ),
    "fitted and given": (
        [("parameter: terminals.cold.current", "parameter: terminals.hot.contact_resistivity")],
        "case.yaml:11: calibration: `terminals.hot.contact_resistivity` is fitted, but data 0 sets it",
    ),
    "changed and given": (
        [("uncertainty: 0.1 mV", "change: {terminals.cold.current: 1 A}")],
        "calibration.data.0: `terminals.cold.current` is given by change and by x: keep one of them",
    ),
    "more parameters than data": (
        [(PATH, f"{SCALE}{SEEBECK}{HEAT}{PATH}")],
        "case.yaml:11: calibration: 4 parameters cannot be determined by 3 data: fix some of them in the case, or add",
    ),
    "nothing left to estimate errors from": (
        [(PATH, f"{SCALE}{SEEBECK}{PATH}"), ("      uncertainty: 0.1 mV\n", "")],
        "case.yaml:11: calibration: 3 parameters fit 3 data exactly, so that the uncertainty",
    ),
    "no file": (
        [("iv.csv", "vi.csv")],
        "case.yaml:15: calibration.data.0.file: there is no file vi.csv in ",
        "did you mean `iv.csv`? known: iv.csv",
    ),
    "no such x": (
        [("column: current", "column: curent")],
        "case.yaml:16: calibration.data.0.x.column: the file has no column `curent`; did you mean `current`? known: "
        "current, voltage, sigma",
    ),
    "no such y": (
        [("column: voltage", "column: U")],
        "case.yaml:17: calibration.data.0.y.column: the file has no column",
    ),
    "no such sigma": (
        [("0.1 mV", "{column: s}")],
        "case.yaml:18: calibration.data.0.uncertainty.column: the file has no",
    ),
    "x of the wrong dimension": (
        [("terminals.cold.current", "boundaries.hot.temperature")],
        "calibration.data.0.x.boundaries.hot.temperature: '0.0 A' has the wrong dimension: expected a text such as",
    ),
    "x that the case does not have": (
        [("parameter: terminals.cold.current", "parameter: terminals.cold.curent")],
        "calibration.data.0.x.terminals.cold.curent: unknown key",
    ),
    "y of the wrong dimension": (
        [("quantity: voltage.cold", "quantity: power"), ("0.1 mV", "0.1 mW")],
        "iv.csv:1: column voltage: unit 'mV' has the wrong dimension: expected W",
    ),
    "an unknown quantity": (
        [("quantity: voltage.cold", "quantity: volts.cold")],
        "case.yaml:17: calibration.data.0.y: there is no quantity `volts.cold`; did you mean `voltage`? known:",
    ),
    "uncertainty of the wrong dimension": (
        [("uncertainty: 0.1 mV", "uncertainty: 0.1 mA")],
        "calibration.data.0: '0.1 mA' has the wrong dimension: expected a text with a unit of that dimension, or a",
    ),
    "no uncertainty at all": ([("0.1 mV", "0 mV")], "calibration.data.0: uncertainty 0 mV must be above 0"),
    "x that is two things": (
        [("parameter: terminals.cold.current", "parameter: a.b, time: true")],
        "case.yaml:16: calibration.data.0.x: give parameter: PATH, or time: true",
    ),
    "time in a steady case": (
        [("x: {column: current, parameter: terminals.cold.current}", "x: {column: t, time: true}")],
        "the study of the case is operating_point, which has no times: make it transient",
        TABLE.replace("current [A]", "t [s]"),
    ),
    "an optimum in time": (
        [*IN_TIME, ("uncertainty: 0.1 mV", "find: maximum_power")],
        "calibration.data.0: find: maximum_power is one of a steady case, but x is the time",
    ),
    "a slip in a key": ([("uncertainty:", "uncertanty:")], "calibration.data.0.uncertanty: unknown key; did you mean"),
    "a mesh by accuracy": (
        [("mesh: {size: 2 mm, cells: hexahedron}", "mesh: {accuracy: 1e-3}")],
        "case.yaml:3: mesh.accuracy: a calibration compares solutions on one mesh: remove it, and give a size",
    ),
    "no data": (
        [(CASE[CASE.index("  data:") :], "  data: []\n")],
        "case.yaml:14: calibration.data: needs at least 1 entry",
    ),
    "uncertainty for some of the data": (
        [("0.1 mV\n", "0.1 mV\n    - {file: iv.csv, y: {column: voltage, quantity: voltage.cold}}\n")],
        "case.yaml:11: calibration: data 1 has no uncertainty, but others have one: give it for all, or for none",
    ),
}
TABLES = {
    "a text": ("2,-9,0.2", "2,low,0.2", "iv.csv:5: 'low' in column voltage is not a number"),
    "not a number": ("1,5,0.1", "1,nan,0.1", "iv.csv:3: 'nan' in column voltage is not a number"),
    "a row that is cut off": ("1,5,0.1", "1,5", "iv.csv:3: 2 values for 3 columns"),
    "no unit": ("voltage [mV]", "voltage", "iv.csv:1: 'voltage' must be a name and a unit"),
    "an unknown unit": ("voltage [mV]", "voltage [mVolt]", "iv.csv:1: column voltage: unit 'mVolt' is not understood"),
    "no rows": (TABLE[TABLE.index("\n") :], "\n", "iv.csv: needs a header and at least one line of values"),
    "nothing measured": (TABLE, "current [A],voltage [mV]\n1,\n2,\n", "iv.csv:1: column voltage holds no value"),
}


def test_the_case_is_right_as_it_is(said, folder):
    folder("iv.csv", TABLE)
    text = said("check", folder("case.yaml", CASE), code=0, output=True)
    assert (
        "calibration to voltage.cold in iv.csv\n  terminals.hot.contact_resistivity  5 uohm*cm^2  1 uohm*cm^2 ..."
        in text
    )


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_in_the_case(said, folder, name):
    edits, *pieces = MISTAKES[name]
    tables = [p for p in pieces if p.startswith(("current [", "t ["))]
    folder("iv.csv", tables[0] if tables else TABLE)
    err = refuses(said, folder("case.yaml", edited(CASE, *edits)), None, [p for p in pieces if p not in tables])
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize("name", TABLES)
def test_mistake_in_a_table(said, folder, name):
    old, new, piece = TABLES[name]
    folder("iv.csv", edited(TABLE, (old, new)))
    err = refuses(said, folder("case.yaml", CASE), None, [piece], verb="calibrate")
    assert len(err.strip().splitlines()) == 1


def test_a_blank_abscissa_or_sigma_is_told_and_a_blank_value_is_left_out(said, folder):
    folder("iv.csv", "note [1],current [A],voltage [mV]\n1,0,19\n2,,5\n3,2,\n")
    case = folder("case.yaml", CASE)
    refuses(
        said, case, None, ["iv.csv:3: column current is blank in a row that is compared: fill it, or remove the row"]
    )
    folder("iv.csv", "note [1],current [A],voltage [mV]\n1,0,19\n2,1,5\n3,,\n")
    said("check", case, code=0)


def test_two_percent_of_nothing_is_no_uncertainty(said, folder):
    folder("iv.csv", "current [A],voltage [mV]\n0,19\n1,0\n2,-9\n")
    case = folder("case.yaml", edited(CASE, ("0.1 mV", "2 %")))
    refuses(said, case, None, ["iv.csv:3: 2 % of 0 is no uncertainty: give an amount with its unit, or a column"])


TIMED = """\
title: A film
physics: {diffusion: , temperature: 23 degC}
geometry: {shape: slab, layers: [{name: film, thickness: 5 um, cells: 4}], area: 1 cm^2}
regions: {film: {material: Li-Mg-film, initial: {concentration: 0 mol/m^3}}}
boundaries: {top: {type: lithium_flux, current_density: 0.1 mA/cm^2}}
study: {type: transient, duration: 100 s}
calibration:
  parameters:
    boundaries.top.current_density: {start: 0.1 mA/cm^2, lower: 0.01 mA/cm^2, upper: 1 mA/cm^2}
  data:
    file: film.csv
    x: {column: time, time: true}
    y: {column: amount, quantity: lithium.film}
"""


@pytest.mark.parametrize(
    ("rows", "piece"),
    [
        ("0,0\n2,1\n1,2\n", "film.csv:4: the time must increase, but 60 s follows 120 s: sort the rows"),
        ("0,0\n1,1\n1,2\n", "film.csv:4: the time must increase, but 60 s follows 60 s"),
        ("-1,0\n1,1\n", "film.csv:2: time -60 s is before the start at 0 s"),
        ("0,0\n2,1\n", "data.0.x.time: the data end at 120 s, but the study after 100 s: give it that duration"),
        ("0,0\n1,0\n", "film.csv:2: all values are 0: give uncertainty as an amount with its unit"),
    ],
)
def test_mistake_in_times(said, folder, rows, piece):
    folder("film.csv", "time [min],amount [nmol]\n" + rows)
    refuses(said, folder("case.yaml", TIMED), None, [piece])


def test_a_history_that_ends_before_its_data(said, folder, shared_tmp):
    limit = ("duration: 100 s", "duration: 100 s, until: {quantity: lithium.film, above: 50 nmol}")
    folder("film.csv", "time [s],amount [nmol]\n20,20\n90,90\n")
    case = folder("case.yaml", edited(TIMED, limit))
    err = said("calibrate", case, "-o", shared_tmp / "out", code=1)
    assert "case.yaml:10: calibration.data.0: no solution for boundaries.top.current_density = 0.1 mA/cm^2: " in err
    assert "the study ends at 48." in err
    assert "s, before the data at 90 s" in err


def test_a_case_without_a_calibration(said, folder):
    case = folder("case.yaml", CASE[: CASE.index("calibration:")])
    refuses(
        said, case, None, ["case.yaml:1: there is nothing to calibrate: add a section calibration"], verb="calibrate"
    )


def test_a_quantity_that_this_case_does_not_have(said, folder, shared_tmp):
    folder("iv.csv", TABLE)
    case = folder("case.yaml", edited(CASE, ("voltage.cold", "voltage.warm")))
    err = said("calibrate", case, "-o", shared_tmp / "out")
    assert "case.yaml:17: calibration.data.0.y.quantity: this case has no quantity `voltage.warm`; did you mean" in err


def test_no_influence_and_no_solution_at_the_start(said, folder, shared_tmp):
    folder("iv.csv", "current [A],voltage [mV]\n0,19\n0,19.1\n")
    err = said("calibrate", folder("case.yaml", CASE), "-o", shared_tmp / "out")
    assert PARAMETER + "`terminals.hot.contact_resistivity` has no influence on any of the data: remove it" in err
    folder("iv.csv", "current [A],voltage [mV]\n1,5\n1e5,19.1\n")
    err = said("calibrate", folder("case.yaml", CASE), "-o", shared_tmp / "out", code=1)
    assert "case.yaml:15: calibration.data.0: no solution for terminals.cold.current = 100000.0 A, terminals.hot" in err


def test_everything_is_on_disk_and_the_figures_are_drawn(said, folder, shared_tmp, comm):
    folder("iv.csv", TABLE)
    second = (
        "uncertainty: 0.1 mV\n",
        "uncertainty: {column: sigma}\n"
        "    - {file: iv.csv, x: {column: current, parameter: terminals.cold.current},\n"
        "       y: {column: voltage, quantity: voltage}, uncertainty: 10 %,\n"
        "       change: {boundaries.hot.temperature: 420 K}}\n",
    )
    case = folder("case.yaml", edited(CASE, second, (PATH, SCALE + PATH)))
    output = shared_tmp / "out"
    text = said("calibrate", case, "-o", output, code=0, output=True)
    assert "warning" not in text
    comm.barrier()
    found = json.loads((output / "calibration.json").read_text())
    names = {p.name for p in (output / "figures").iterdir()}
    assert {"fit_0_voltage_cold.png", "fit_1_voltage.pdf", "correlation.png"} <= names
    assert found["data"][0]["standard_deviation"] == pytest.approx([1e-4, 1e-4, 2e-4])
    assert found["data"][1]["standard_deviation"] == pytest.approx([1.9e-3, 5e-4, 9e-4])
    assert [one["caption"] for one in found["data"]] == ["iv.csv", "hot temperature = 420 K"]
    sum_of_squares = sum(r**2 for one in found["data"] for r in one["residuals"])
    assert found["fit"]["chi_squared"] == pytest.approx(sum_of_squares)
    assert found["fit"]["degrees_of_freedom"] == 4
    values = (output / "fitted.yaml").read_text()
    assert yaml.YAML(typ="safe").load(values).keys() == found["parameters"].keys()
