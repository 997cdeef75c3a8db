"""Whatever is wrong with an ageing study, a junction or carriers: one message with file, line, place and remedy."""

from __future__ import annotations

import csv
import json
import re

import pytest

from refusals import edited, refuses
from thermolyte.case import Case
from thermolyte.materials.card_file import LIBRARY
from thermolyte.studies import advice

CASE = """\
title: A leg that ages between two pads
physics: {thermoelectricity: , diffusion: }
geometry: {shape: leg, width: 2 mm, height: 3 mm, pads: {thickness: 0.3 mm}}
mesh: {size: 1.5 mm, cells: hexahedron}
regions:
  leg: {material: Mg3BiSb-estimate}
  hot_pad: Ni
  cold_pad: Ni
boundaries:
  hot: {type: temperature, temperature: 573 K}
  cold: {type: temperature, temperature: 300 K}
  sides: {type: mass_exchange, evaporation: {transfer_coefficient: 1e-11 m/s}}
terminals:
  cold: {type: ground}
  hot: {type: current, current: 0 A}
interfaces:
  leg/hot_pad:
    - contact_resistivity:
        contact_resistivity: 5 uohm*cm^2
        barrier_height: 0.07 eV
        carrier_concentration: 3e19 1/cm^3
        effective_mass: 1
        relative_permittivity: 25
    - type: mass_exchange
      reaction_layer:
        initial_thickness: 10 um
        growth_constant: 36.9 um^2/day
        molar_volume: 31.5 cm^3/mol
        atoms_per_formula: 2
        equilibrium_composition: 0
        reference_composition: 0.2
  leg/cold_pad: [{contact_resistivity: 1.71 uohm*cm^2}, {type: mass_exchange, INTERLAYER}]
study:
  type: ageing
  duration: 30 days
  furnace: 573 K
  report: [10 days, 20 days]
  measure: {find: [maximum_power]}
  losses: {of: [5 %, 10 %], stop: 20 %}
output: {figures: false, fields: none}
""".replace("INTERLAYER", "interlayer: {thickness: 5 um, composition: 0.203}")
CARRIERS = "carriers: {concentration: 3e19 1/cm^3, reference_composition: 0.2, electrons_per_atom: 2, buffer: 40}"
LEG = "leg: {material: Mg3BiSb-estimate}"
LIMITED = (LEG, "leg: {material: limited.yaml}")
SIDES = "  sides: {type: mass_exchange, evaporation: {transfer_coefficient: 1e-11 m/s}}\n"
COLD = CASE[CASE.index("  leg/cold_pad") : CASE.index("study:")]
EXCHANGE = CASE[CASE.index("    - type: mass_exchange") : CASE.index("  leg/cold_pad")]
STUDY = CASE[CASE.index("  type: ageing") : CASE.index("output:")]
WHITHER = "it is another phase there, of which the card says nothing; lower the temperature or change the card"

ROWS = {
    # the study
    "times that go backwards": (
        37,
        [("[10 days, 20 days]", "[20 days, 10 days]")],
        ["study.report: the times must increase, but 10 days follow 20 days"],
    ),
    "a time twice": (
        37,
        [("[10 days, 20", "[20 days, 20")],
        ["study.report: the times must increase, but 20 days foll"],
    ),
    "a time after the end": (
        37,
        [("20 days]", "40 days]")],
        ["study.report: 40 days are after the end, 30 days: leave them out"],
    ),
    "a negative time": (37, [("[10 days", "[-1 day")], ["study.report.0: must be greater than 0, not `-1 day`"]),
    "no duration": (35, [("duration: 30 days", "duration: 0 days")], ["study.duration: must be greater than 0, not"]),
    "a duration in kelvin": (35, [("30 days", "30 K")], ["study.duration: '30 K' has the wrong dimension"]),
    "furnace above a phase limit": (
        36,
        [LIMITED, ("furnace: 573 K", "furnace: 700 K")],
        ["study.furnace: ", "case.yaml:6: regions.leg: limited: 700 K is above its phase limit 650 K: " + WHITHER],
    ),
    "operation above a phase limit": (
        6,
        [LIMITED, ("temperature: 573 K", "temperature: 700 K"), ("  furnace: 573 K\n", "")],
        ["regions.leg: limited: 700 K is above its phase limit 650 K: " + WHITHER],
    ),
    "furnace of a sweep": (
        39,
        [
            LIMITED,
            (
                "  type: ageing\n",
                "  type: sweep\n  parameters: {terminals.hot.current: [0]}\n  each:\n    type: ageing\n",
            ),
            (STUDY.removeprefix("  type: ageing\n"), "    duration: 1 day\n    furnace: 700 K\n"),
        ],
        ["study.each.furnace: ", "regions.leg: limited: 700 K is above its phase limit 650 K: " + WHITHER],
    ),
    "nothing that ages": (
        23,
        [(SIDES, ""), (EXCHANGE, ""), (COLD, "")],
        ["study: nothing ages here: name `diffusion` under `physics`, and give an interface or a boundary of a leg a"],
    ),
    "a device that takes no time": (
        23,
        [
            (SIDES, ""),
            (EXCHANGE, ""),
            (COLD, ""),
            (STUDY, "  type: transient\n  duration: 30 days\n"),
            ("physics: {thermoelectricity: , diffusion: }", "physics: {thermoelectricity: }"),
        ],
        ["study: nothing depends on time here: thermoelectricity is steady"],
    ),
    # what is measured
    "another material": (
        38,
        [("{find", "{change: {regions.leg: MgAgSb-395}, find")],
        ["study.measure.change: a measurement can change numbers and kinds of terminals, not materials, laws or kinds"],
    ),
    "another size": (
        38,
        [("{find", "{change: {geometry.height: 4 mm}, find")],
        ["study.measure.change: a measurement cannot change `geometry.height`, only numbers under regions, boundaries"],
    ),
    "another composition": (
        38,
        [("{find", "{change: {regions.leg.initial.composition: 0.1}, find")],
        ["study.measure.change: a measurement cannot change `regions.leg.initial.composition`"],
    ),
    "an unknown boundary": (
        38,
        [("{find", "{change: {boundaries.hott.temperature: 300 K}, find")],
        ["study.measure.change.boundaries.hott.temperature: there is no `hott` in boundaries; did you mean `hot`?"],
    ),
    "measured above a phase limit": (
        38,
        [LIMITED, ("{find", "{change: {boundaries.hot.temperature: 700 K}, find")],
        ["study.measure.change: ", "case.yaml:6: regions.leg: limited: 700 K is above its phase limit 650 K"],
    ),
    "measured without a ground": (
        38,
        [("{find", "{change: {terminals.cold: {type: current, current: 0 A}}, find")],
        ["study.measure.change: ", "case.yaml:13: terminals: no electrical ground: terminals cold, hot prescribe"],
    ),
    "an optimum without a terminal": (
        13,
        [("{type: current, current: 0 A}", "{type: ground}")],
        ["terminals: maximum_power needs a terminal whose current can be varied: add one with type current"],
    ),
    "an efficiency without a hot side": (
        33,
        [("[maximum_power]", "[maximum_power, maximum_efficiency]"), ("study:", "device: {hot: []}\nstudy:")],
        ["device.hot: maximum_efficiency needs the side that the heat comes from"],
    ),
    # losses
    "losses of an unknown quantity": (
        39,
        [("{of: [5", "{quantity: maximum_pwer, of: [5")],
        ["study.losses: there is no quantity `maximum_pwer`; did you mean `maximum_power`?"],
    ),
    "losses of what is not sought": (
        39,
        [("{of: [5", "{quantity: maximum_efficiency, of: [5")],
        ["study.losses: maximum_efficiency is not measured: name it under measure.find"],
    ),
    "losses of an unknown region": (
        39,
        [("{of: [5", "{quantity: room_temperature_conductivity.lag, of: [5")],
        [
            "study.losses.quantity: `room_temperature_conductivity.lag` is of nothing in this case; did you mean "
            "`leg`? known: leg, hot_pad, cold_pad, hot, cold, sides, leg/"
        ],
    ),
    "more than all lost": (
        39,
        [("stop: 20 %", "stop: 120 %")],
        ["study.losses.stop: must be less than 1, not `120 %`"],
    ),
    "nothing lost": (39, [("[5 %", "[0 %")], ["study.losses.of.0: must be greater than 0, not `0 %`"]),
    # surfaces
    "a stock of zero thickness": (
        32,
        [("thickness: 5 um", "thickness: 0 um")],
        ["interfaces.leg/cold_pad.1.interlayer.thickness: must be greater than 0, not `0 um`"],
    ),
    "a layer of zero thickness": (
        26,
        [("initial_thickness: 10 um", "initial_thickness: 0 um")],
        ["interfaces.leg/hot_pad.1.reaction_layer.initial_thickness: must be greater than 0, not `0 um`"],
    ),
    "a growth that is no square": (
        27,
        [("36.9 um^2/day", "36.9 um/day")],
        ["growth_constant: '36.9 um/day' has the wrong dimension: expected a text such as '1 um^2/day'"],
    ),
    "a layer that shrinks": (
        25,
        [("equilibrium_composition: 0\n", "equilibrium_composition: 0.2\n")],
        ["interfaces.leg/hot_pad.1.reaction_layer: equilibrium_composition must be below reference_composition: else"],
    ),
    "an exchange of nothing": (
        32,
        [("mass_exchange, interlayer: {thickness: 5 um, composition: 0.203}", "mass_exchange")],
        ["interfaces.leg/cold_pad.1: give at least one of interlayer, reaction_layer and evaporation"],
    ),
    "an interlayer beyond saturation": (
        32,
        [("composition: 0.203", "composition: 0.3")],
        ["interfaces.leg/cold_pad: interlayer.composition 0.3 is beyond the saturation of Mg3BiSb-estimate, 0.25"],
    ),
    "a layer beyond saturation": (
        17,
        [("reference_composition: 0.2\n", "reference_composition: 0.3\n")],
        ["interfaces.leg/hot_pad: reaction_layer.reference_composition 0.3 is beyond the saturation of Mg3BiSb-est"],
    ),
    "surroundings beyond saturation": (
        12,
        [("1e-11 m/s}", "1e-11 m/s, composition: 0.3}")],
        ["boundaries.sides: evaporation.composition 0.3 is beyond the saturation of Mg3BiSb-estimate, 0.25"],
    ),
    "an exchange between two legs": (
        32,
        [("cold_pad: Ni", "cold_pad: Mg3BiSb-estimate")],
        ["interfaces.leg/cold_pad: mass_exchange joins a body that a", "of `leg` and `cold_pad` both have diffusivity"],
    ),
    "an exchange between two metals": (
        32,
        [("  leg: {material: Mg3BiSb-estimate}\n  hot_pad: Ni", "  leg: Ni\n  hot_pad: Mg3BiSb-estimate")],
        [
            "interfaces.leg/cold_pad: mass_exchange joins a body that a",
            "of `leg` and `cold_pad` neither has diffusivity",
        ],
    ),
    "an exchange at an interface without diffusion": (
        16,
        [("thermoelectricity: , diffusion: }", "thermoelectricity: }"), (SIDES, "")],
        ["interfaces.leg/hot_pad: mass_exchange needs `diffusion` under `physics`: name it there"],
    ),
    "an exchange at a boundary without diffusion": (
        12,
        [("thermoelectricity: , diffusion: }", "thermoelectricity: }")],
        ["boundaries.sides: no concentration is solved for behind `sides`, so that mass_exchange has nothing to act"],
    ),
    "evaporation of a metal": (
        10,
        [("hot: {type: temperature, temperature: 573 K}", SIDES.strip().replace("sides", "hot"))],
        ["boundaries.hot: no concentration is solved for behind `hot`, so that mass_exchange has nothing to act on"],
    ),
    # junctions by name
    "an unknown junction": (
        32,
        [(COLD, "  leg/cold_pad: Mg3BiSb-Mg-Nii\n")],
        [
            "interfaces.leg/cold_pad: no junction `Mg3BiSb-Mg-Nii`; did you mean `Mg3BiSb-Mg-Ni`? known: Mg3BiSb-"
            "304SS, Mg3BiSb-Fe, Mg3BiSb-Mg-Ni, Mg3BiSb-Ni"
        ],
    ),
    "no junction file": (
        32,
        [(COLD, "  leg/cold_pad: nothing.yaml\n")],
        ["interfaces.leg/cold_pad: no such file: ", "nothing.yaml; a junction is one of the library (Mg3BiSb-304SS, "],
    ),
    # carriers
    "a buffer below one": (
        6,
        [(LEG, f"{LEG[:-1]}, {CARRIERS}}}"), ("buffer: 40", "buffer: 0.5")],
        ["regions.leg.carriers.buffer: must be at least 1, not `0.5`"],
    ),
    "carriers measured beyond saturation": (
        6,
        [(LEG, f"{LEG[:-1]}, {CARRIERS}}}"), ("reference_composition: 0.2,", "reference_composition: 0.3,")],
        ["regions.leg: carriers: reference_composition 0.3 is beyond the saturation of Mg3BiSb-estimate, 0.25"],
    ),
    "carriers of an insulator": (
        7,
        [("hot_pad: Ni", f"hot_pad: {{material: Al2O3, {CARRIERS}}}")],
        ["regions.hot_pad: carriers need seebeck_coefficient, electrical_conductivity, host_molar_volume of Al2O3"],
    ),
    "a start beyond saturation": (
        6,
        [(LEG, f"{LEG[:-1]}, initial: {{composition: 0.3}}}}")],
        ["regions.leg.initial: at the start, Mg3BiSb-estimate: composition 0.3 (mol Mg per mol host) is beyond satura"],
    ),
    "a barrier without carriers": (
        17,
        [(LEG, "leg: {material: plain.yaml}")],
        [
            "interfaces.leg/hot_pad: a barrier_height follows the carriers of the semiconductor on one side, but of "
            "`leg` and `hot_pad` neither has `carriers` in the card: give them to one, or give contact_resistivity as a"
        ],
    ),
    "a barrier between two semiconductors": (
        17,
        [("hot_pad: Ni", "hot_pad: Mg3BiSb-estimate"), (EXCHANGE, "")],
        ["interfaces.leg/hot_pad: a barrier_height follows", "`leg` and `hot_pad` both have `carriers` in the card"],
    ),
    "a barrier in volts": (
        20,
        [("0.07 eV", "0.07 V")],
        ["barrier_height: '0.07 V' has the wrong dimension: expected a text such as '0.35 eV' or '34 kJ/mol'"],
    ),
    "a barrier without a unit": (
        20,
        [("0.07 eV", "0.07")],
        ["barrier_height: energy 0.07 needs a unit, such as '0.35 eV'"],
    ),
}


@pytest.fixture
def case(folder):
    """Writes a case beside two cards: one with a phase limit, and one without carriers."""
    card = (LIBRARY / "Mg3BiSb-estimate.yaml").read_text()
    folder("limited.yaml", edited(card, ("kind: n-type", "kind: n-type\nphase_limit: 650 K")))
    folder("plain.yaml", re.sub(r"carriers:\n(  .*\n)+", "", card))
    return lambda *edits: folder("case.yaml", edited(CASE, *edits))


@pytest.mark.parametrize(("line", "edits", "pieces"), [pytest.param(*row, id=name) for name, row in ROWS.items()])
def test_mistake_in_the_case(said, case, line, edits, pieces):
    err = refuses(said, case(*edits), line, pieces)
    assert len(err.splitlines()) == 1


def test_valid(said, case):
    for edits in ([], [LIMITED], [("  furnace: 573 K\n", "")]):
        assert said("check", case(*edits), code=0) == ""


# ---- junctions from a file -------------------------------------------------------------------------------------------
JUNCTION = """\
title: mine
source: {note: assumed}
laws:
  - contact_resistivity: 1.71 uohm*cm^2
  - type: mass_exchange
    interlayer:
      thickness: 5 um
      composition: 0.203
"""
MINE = (COLD, "  leg/cold_pad: mine.yaml\n")
FILES = {
    "wrong dimension": (7, ("5 um", "5 K"), "laws.1.interlayer.thickness: '5 K' has the wrong dimension"),
    "unknown key": (7, ("thickness", "thicknes"), "laws.1.interlayer.thicknes: unknown key; did you mean `thickness`?"),
    "unknown law": (5, ("mass_exch", "mas_exch"), "laws.1: type `mas_exchange` is not known; did you mean `mass_exch"),
    "no laws": (3, (JUNCTION[JUNCTION.index("laws:") :], "laws: []\n"), "laws: needs at least 1 entry"),
    "no source": (1, ("source: {note: assumed}\n", ""), "source: is missing"),
    "no YAML": (3, ("laws:", "laws"), "not valid YAML: could not find expected ':': a key needs a colon after it"),
}


@pytest.mark.parametrize(("line", "edit", "text"), [pytest.param(*row, id=name) for name, row in FILES.items()])
def test_mistake_in_a_junction(said, case, folder, line, edit, text):
    file = folder("mine.yaml", edited(JUNCTION, edit))
    err = refuses(said, case(MINE), 32, [f"interfaces.leg/cold_pad: {file}:{line}: {text}"])
    assert len(err.splitlines()) == 1


def test_junction_of_a_file_is_what_it_says(case, folder):
    folder("mine.yaml", JUNCTION)
    named, written = (Case.load(case(*edits)).interfaces["leg/cold_pad"] for edits in ([MINE], []))
    assert named == written


# ---- while it ages ---------------------------------------------------------------------------------------------------
SHORT = [("30 days", "3 days"), ("[10 days, 20 days]", "[1 day, 2 days]\n    integration: {tolerance: 1e-3}")]
GAIN = (SIDES, "  sides: {type: lithium_flux, molar_flux: 1e-6 mol/(m^2*s)}\n")
LOSE = (SIDES, "  sides: {type: lithium_flux, molar_flux: -5e-6 mol/(m^2*s)}\n")


@pytest.mark.parametrize(
    ("edits", "text"),
    [
        ((GAIN,), r"composition 0\.25\d+ \(mol Mg per mol host\) is beyond saturation, 0\.25\. End the study before"),
        (
            (LOSE,),
            r"composition -0\.\d+ \(mol Mg per mol host\) is below 0\. End the study before, by its duration or by lo",
        ),
    ],
    ids=["full", "empty"],
)
def test_composition_that_leaves_the_card(said, case, shared_tmp, comm, edits, text):
    """Days, place and remedy are told; what was measured before, and the other points of a sweep, stay."""
    sweep = "  type: sweep\n  parameters: {boundaries.sides.molar_flux: [0, FLUX]}\n  each:\n"
    flux = re.search(r"molar_flux: ([^}]+)\}", edits[0][1])[1]
    each = "".join(f"  {row}\n" for row in STUDY.splitlines() if "losses" not in row and "measure" not in row)
    path = case(*edits, (STUDY, sweep.replace("FLUX", flux) + each), *SHORT)
    err = said("run", path, "-o", shared_tmp / "results", code=1)
    [line] = [x for x in err.splitlines() if x.startswith("error")]
    assert re.search(
        rf"after \d+\.\d+ days a solution was found, but it leaves the data: .*:6: regions.leg: .*{text}", line
    )
    first, second = json.loads((shared_tmp / "results" / "result.json").read_text())["points"]
    assert first["values"]["time"] == 3 * 86400
    assert "days a solution was found" in second["error"]
    with (shared_tmp / "results" / "ageing_0002.csv").open() as rows:
        assert [float(row["time [s]"]) for row in csv.DictReader(rows)] == [0, 86400, 2 * 86400]
    comm.barrier()
    said("run", path, "-o", shared_tmp / "results", code=1)
    assert json.loads((shared_tmp / "results" / "result.json").read_text())["resumed_points"] == 1


def test_losses_of_what_is_not_measured_are_told_at_the_start(said, case, shared_tmp):
    """Not after the days that it would take to find out."""
    for quantity, text in (
        ("lithium.leg", "is not measured; did you mean"),
        ("released.sides", "is 0 at the start, of"),
    ):
        path = case(("{of: [5 %, 10 %], stop: 20 %}", f"{{quantity: {quantity}}}"))
        err = said("run", path, "-o", shared_tmp / "results").splitlines()[-1]
        assert err.startswith(f"{path}:39: study.losses.quantity: `{quantity}` {text}")
        assert (shared_tmp / "results" / "history.csv").read_text().count("\n") == 2


def test_advice_names_what_diffuses(case, cases):
    """A leg loses magnesium, a battery lithium, whose current then has nothing to carry it."""
    told = [advice.in_time(x.setup(x.names())) for x in (Case.load(case()), Case.load(cases / "anode_stack"))]
    assert told[0].startswith(". Where magnesium runs out, or finds no more room, the laws of the card end: end the")
    assert told[1].startswith(
        ". Where lithium runs out, or finds no more room, nothing carries the current: end the st"
    )
