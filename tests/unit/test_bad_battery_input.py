"""Whatever is wrong with a battery or a solid: one message with file, line, place and remedy; what was done is kept."""

from __future__ import annotations

import csv
import json
import re

import pytest

from refusals import edited, refuses

STACK = """\
title: A film between copper and an electrolyte
physics: {diffusion: , electrochemistry: , temperature: 25 degC}
geometry:
  shape: slab
  area: 1 cm^2
  layers:
    - {name: copper, thickness: 9 um, cells: 2}
    - {name: film, thickness: 140 nm, cells: 4}
    - {name: electrolyte, thickness: 0.7 mm, cells: 4}
    - {name: lithium, thickness: 100 um, cells: 2}
regions:
  copper: Cu
  film: {material: Li_xMg, initial: {composition: 0.1}}
  electrolyte: Li6PS5Cl
  lithium: Li
terminals:
  anode: {type: current, current: 10 uA, on: bottom}
  counter: {type: ground, on: top}
interfaces:
  film/electrolyte: {type: charge_transfer, exchange_current_density: 10 mA/cm^2}
  electrolyte/lithium: {type: charge_transfer, exchange_current_density: 10 mA/cm^2}
study:
  type: transient
  duration: 10 s
output: {figures: false, fields: none}
"""
PLATE = """\
title: A plate that takes up lithium
physics: {diffusion: , mechanics: , temperature: 25 degC}
geometry: {shape: plate, radius: 100 nm, layers: [{name: film, thickness: 140 nm, cells: 4}], cells: 3}
regions:
  film: {material: Li_xMg, initial: {composition: 0.1}}
boundaries:
  top: [{type: lithium_flux, current_density: 1 mA/cm^2}, {type: pressure, pressure: 9 MPa}]
  bottom: {type: symmetry}
study: {type: transient, duration: 1 s}
output: {figures: false, fields: none}
"""
DISCS = """\
title: Lithium on a wider electrolyte
physics: {electrochemistry: }
geometry:
  shape: stack
  form: axisymmetric
  radius: 6 mm
  cells: 4
  layers:
    - {name: electrolyte, thickness: 0.7 mm, cells: 4}
    - {name: lithium, thickness: 100 um, cells: 2, radius: 4 mm}
regions: {electrolyte: Li6PS5Cl, lithium: Li}
terminals:
  anode: {type: current, current: 1 mA, on: bottom}
  counter: {type: ground, on: top}
interfaces:
  electrolyte/lithium: {type: charge_transfer, exchange_current_density: 10 mA/cm^2}
"""
ANODE = "  anode: {type: current, current: 10 uA, on: bottom}\n"
OTHER_SIDE = (
    ("type: current, current: 10 uA", "type: ground"),
    ("{type: ground, on: top}", "{type: current, current: -1 mA, on: top}"),
)
KINETICS = "{type: charge_transfer, exchange_current_density: 10 mA/cm^2}"
WITH_PLATING = KINETICS[:-1] + ", plating: {exchange_current_density: 1 A/m^2}}"
INITIAL = "{material: Li_xMg, initial: {composition: 0.1}}"
OCP = "open_circuit_potential: {law: nernst, standard_potential: 0.2, range: [0.2, 0.5]}"
STUDY = "  type: transient\n  duration: 10 s"


def inert(name):
    return f"{{material: {{name: {name}, properties: {{electrical_conductivity: 1e6 S/m}}}}}}"


def steps(*changes):
    """A study of steps of 1 s with these changes."""
    written = [f"{{duration: 1 s, change: {{{change}}}}}" for change in changes]
    return [("duration: 10 s", f"steps: [{', '.join(written)}]")]


# Line at which the message points, what is edited, and what must be said.
ROWS = {
    # lithium
    "x below 0": (13, [("0.1}", "-0.1}")], ["regions.film.initial.composition: must be at least 0, not `-0.1`"]),
    "concentration below 0": (
        13,
        [("composition: 0.1", "concentration: -1 mol/m^3")],
        ["initial.concentration: must be at least 0, not `-1 mol/m^3`"],
    ),
    "x beyond saturation": (
        13,
        [("0.1}", "5}")],
        ["regions.film.initial: at the start, Li_xMg: composition 5 (mol Li per mol host) is beyond saturation, 3.9"],
    ),
    "x where the potential is not known": (
        13,
        [("Li_xMg,", f"Li_xMg, properties: {{{OCP}}},")],
        [
            "regions.film.initial: at the start, Li_xMg: open_circuit_potential known for x from 0.2 to 0.5",
            "name `outside: constant` or `outside: extrapolate`, or change the card",
        ],
    ),
    "x is not a number": (13, [("0.1}", ".nan}")], ["initial.composition: nan is not a finite number"]),
    "x and c": (13, [("0.1}", "0.1, concentration: 1}")], ["concentration and composition are both given: keep one"]),
    "lithium in copper": (
        12,
        [("Cu\n", "{material: Cu, initial: {composition: 0.1}}\n")],
        ["regions.copper.initial: card Cu stores no lithium: it has no diffusivity or no maximum_concentration"],
    ),
    "more charge than room": (
        22,
        [("10 uA", "1 mA"), ("10 s", "1 h")],
        [
            "study: a charge of 3.6 C is more than `film` can take up, 0.3672 C",
            "until: {quantity: saturation.film, abo",
        ],
    ),
    "more charge than lithium": (
        22,
        [("10 uA", "-1 mA"), ("10 s", "1 h")],
        [
            "study: a charge of 3.6 C is more than `film` holds, 0.009662 C",
            "quantity: minimum_concentration.film, below",
        ],
    ),
    "more charge than room, at the grounded side": (
        22,
        [*OTHER_SIDE, ("10 s", "1 h")],
        ["study: a charge of 3.6 C is more than `film` can take up, 0.3672 C"],
    ),
    "more charge than room in the second step": (
        24,
        [("duration: 10 s", "steps: [{duration: 200 s}, {duration: 1 h, change: {terminals.anode.current: 1 mA}}]")],
        ["study.steps.1: a charge of 3.602 C is more than `film` can take up"],
    ),
    # layers
    "layer thinner than an atom": (
        8,
        [("140 nm", "1e-13 m")],
        ["geometry.layers.1.thickness: a layer of 1e-13 m is thinner than an atom", "or describe it as an interface"],
    ),
    "layer thinner than the mesh resolves": (
        3,
        [("140 nm, cells: 4", "1e-11 m, cells: 1000")],
        ["layer 'film': its cells of 1e-14 m are lost in the rounding of coordinates", "give it fewer cells, or descr"],
    ),
    "two layers of one name": (3, [("name: film", "name: copper")], ["two layers are called 'copper'"]),
    "mesh size": (11, [("regions:", "mesh: {size: 1 mm}\nregions:")], ["`size` does not apply here", "give `cells`"]),
    # potentials and charge transfer
    "interface of regions that do not touch": (
        20,
        [("film/electrolyte", "copper/electrolyte")],
        ["interfaces.copper/electrolyte: `copper` and `electrolyte` do not touch; known: copper/film, film/electroly"],
    ),
    "conducts nothing": (
        15,
        [("lithium: Li\n", "lithium: Al2O3\n")],
        ["regions.lithium: card Al2O3 has no electrical_conductivity or ionic_conductivity, which electrochemistry ne"],
    ),
    "electrode without electronic conductivity": (
        13,
        [(INITIAL, "Li-Mg-film")],
        ["regions.film: card Li-Mg-film has no electrical_conductivity", "or under `properties` of the region"],
    ),
    "between two electrolytes": (
        21,
        [("lithium: Li\n", "lithium: Li6PS5Cl\n")],
        ["charge_transfer joins an electrolyte and an electrode", "both conduct ions: see ionic_conductivity"],
    ),
    "between two metals": (
        20,
        [("interfaces:", f"interfaces:\n  copper/film: {KINETICS}")],
        ["interfaces.copper/film: charge_transfer joins", "neither conducts ions: see ionic_conductivity"],
    ),
    "two laws of one kind": (
        20,
        [(f"film/electrolyte: {KINETICS}", f"film/electrolyte: [{KINETICS}, {KINETICS}]")],
        ["interfaces.film/electrolyte: two laws of type charge_transfer at one interface: keep one"],
    ),
    "law that is a number": (20, [(f"film/electrolyte: {KINETICS}", "film/electrolyte: 1e-9")], ["expected a mapping"]),
    "no kinetics": (
        20,
        [(f"{KINETICS}\n  elec", "{type: charge_transfer}\n  elec")],
        ["give exchange_current_density"],
    ),
    "no law": (
        12,
        [(f"  film/electrolyte: {KINETICS}\n", "")],
        ["no current can flow between `copper` and the ground: give its interface a law with type charge_transfer"],
    ),
    "rate constant of lithium metal": (
        21,
        [(f"lithium: {KINETICS}", "lithium: {type: charge_transfer, rate_constant: 1e-9 m/s}")],
        ["`lithium` stores no lithium, so that rate_constant means nothing: give exchange_current_density"],
    ),
    "plating on lithium metal": (
        21,
        [(f"lithium: {KINETICS}", f"lithium: {WITH_PLATING}")],
        ["give exchange_current_density (lithium metal) or plating (an inert collector), not both"],
    ),
    "contact of lumped metals": (
        20,
        [("interfaces:", "interfaces:\n  copper/film: {contact_resistivity: 1 ohm*cm^2}")],
        ["interfaces.copper/film: the potential of `copper` is one number", "regions.copper electric_potential: field"],
    ),
    "thermal contact": (
        20,
        [("interfaces:", "interfaces:\n  copper/film: {thermal_contact_resistance: 1e-5}")],
        ["interfaces.copper/film: no temperature is solved for in `copper`", "see `physics`, or remove it"],
    ),
    "sliding without mechanics": (
        20,
        [("interfaces:", "interfaces:\n  copper/film: {type: sliding}")],
        ["interfaces.copper/film: no displacement is solved for in `copper`"],
    ),
    # terminals
    "current density for a current": (
        17,
        [("10 uA", "1 mA/cm^2")],
        ["terminals.anode.current: '1 mA/cm^2' has the wrong dimension: expected a text such as '2 A'"],
    ),
    "metal without a terminal": (
        12,
        [(ANODE, "")],
        [
            "regions.copper: the metal `copper` reaches no terminal",
            "put a terminal on a face of it, or of a metal that",
        ],
    ),
    "no ground": (
        16,
        [("{type: ground, on: top}", "{type: current, current: -10 uA, on: top}")],
        ["terminals: no electrical ground", "Add a terminal with type ground or voltage"],
    ),
    "infinite current": (17, [("10 uA", ".inf")], ["terminals.anode.current: inf is not a finite number"]),
    "lumped beside a field": (
        13,
        [("Cu\n", "{material: Cu, electric_potential: field}\n"), ("Li_xMg,", "Li_xMg, electric_potential: lumped,")],
        ["regions.film: `film` cannot be lumped beside `copper`, whose potential is a field: give both the same"],
    ),
    # physics
    "diffusion in nothing": (
        2,
        [(INITIAL, "Cu")],
        [
            "physics.diffusion: no region has a card with diffusivity and maximum_concentration",
            "or leave diffusion out",
        ],
    ),
    "mechanics of nothing": (
        2,
        [
            ("diffusion: ,", "mechanics: ,"),
            ("copper: Cu", f"copper: {inert('a')}"),
            (INITIAL, inert("b")),
            ("lithium: Li\n", f"lithium: {inert('c')}\n"),
            ("electrolyte: Li6PS5Cl", "electrolyte: {material: {properties: {ionic_conductivity: 1 S/m}}}"),
        ],
        ["physics.mechanics: no region has a card with young_modulus and poisson_ratio: give one, or leave mechanics"],
    ),
    "electrochemistry without an electrolyte": (
        2,
        [("Li6PS5Cl", "Cu")],
        ["physics.electrochemistry: no region has a card with ionic_conductivity"],
    ),
    "heat and electrochemistry": (
        2,
        [("diffusion: ,", "thermoelectricity: ,")],
        ["physics.electrochemistry: thermoelectricity and electrochemistry are not solved together: leave one out"],
    ),
    "flux into a metal": (
        17,
        [("terminals:", "boundaries:\n  top: {type: lithium_flux, current_density: 1 mA/cm^2}\nterminals:")],
        ["boundaries.top: no concentration is solved for behind `top`, so that lithium_flux has nothing to act on"],
    ),
    "temperature of a battery": (
        17,
        [("terminals:", "boundaries:\n  top: {type: temperature, temperature: 300 K}\nterminals:")],
        ["boundaries.top: no temperature is solved for behind `top`", "see `physics`"],
    ),
    "pressure without mechanics": (
        17,
        [("terminals:", "boundaries:\n  top: {type: pressure, pressure: 9 MPa}\nterminals:")],
        ["boundaries.top: no displacement is solved for behind `top`"],
    ),
    # study
    "unknown kind of quantity": (
        25,
        [("10 s", "10 s\n  until: {quantity: voltge.anode, above: 1 V}")],
        ["study.until: there is no quantity `voltge.anode`; did you mean `voltage`?"],
    ),
    "quantity of nothing": (
        25,
        [("10 s", "10 s\n  until: {quantity: voltage.andoe, above: 1 V}")],
        ["study.until: `voltage.andoe` is of nothing in this case; did you mean `anode`?"],
    ),
    "quantity of nothing in a step": (
        24,
        [("duration: 10 s", "steps: [{duration: 1 s, until: {quantity: saturation.flim, above: 1}}]")],
        ["study.steps.0.until: `saturation.flim` is of nothing in this case; did you mean `film`?"],
    ),
    "limit in another unit": (
        25,
        [("10 s", "10 s\n  until: {quantity: voltage.anode, above: 1 A}")],
        ["study.until: '1 A' has the wrong dimension: expected", "or a number in V"],
    ),
    "limit without a value": (
        25,
        [("10 s", "10 s\n  until: {quantity: voltage.anode}")],
        ["study.until: give above or below"],
    ),
    "report after the end": (
        22,
        [("10 s", "10 s\n  report: [5 s, 20 s]")],
        ["study: report: 20 s is after the end, 10 s: leave it out"],
    ),
    "no time": (24, [("10 s", "0 s")], ["study.duration: must be greater than 0, not `0 s`"]),
    "step in amperes": (
        25,
        [("10 s", "10 s\n  integration: {maximum_step: 1 A}")],
        ["study.integration.maximum_step: '1 A' has the wrong dimension: expected a text such as '10 s'"],
    ),
    "step that changes the geometry": (
        24,
        steps("", "geometry.area: 2 cm^2"),
        ["study.steps.1.change: a step cannot change `geometry.area`", "make that a case of its own"],
    ),
    "step that changes the start": (
        24,
        steps("", "regions.film.initial.composition: 1"),
        ["study.steps.1.change: a step cannot change `regions.film.initial.composition`"],
    ),
    "step that changes a law": (
        24,
        steps("interfaces.film/electrolyte.linear: true", "interfaces.film/electrolyte.linear: false"),
        ["study.steps.1.change: a step can change numbers and kinds of terminals, not materials, laws or kinds"],
    ),
    "step that changes nothing known": (
        24,
        steps("terminals.andoe.current: 1 A"),
        ["study.steps.0.change.terminals.andoe.current: there is no `andoe` in terminals; did you mean `anode`?"],
    ),
    "optimum of a battery": (
        22,
        [(STUDY, "  type: maximum_power")],
        ["study: maximum_power is that of a thermoelectric device, which this case does not solve: sweep the current"],
    ),
    "optimum in a sweep": (
        25,
        [(STUDY, "  type: sweep\n  parameters: {terminals.anode.current: [1 uA]}\n  find: [maximum_power]")],
        ["study.find: maximum_power is that of a thermoelectric device"],
    ),
    "checkpoint in metres": (
        25,
        [("fields: none", "fields: none, checkpoint: 1 m")],
        ["output.checkpoint: '1 m' has the wrong dimension: expected a text such as '10 s'"],
    ),
}
SOLIDS = {
    "nothing holds it": (
        5,
        [("  bottom: {type: symmetry}\n", "")],
        ["regions.film: nothing holds `film` along z", "a condition with type symmetry, clamped or displacement"],
    ),
    "held sideways only": (5, [("type: symmetry", "type: displacement, r: 0 m")], ["nothing holds `film` along z"]),
    "component of another geometry": (
        8,
        [("type: symmetry", "type: displacement, x: 0 m")],
        ["boundaries.bottom: displacement: this geometry has no component `x`; known: r, z"],
    ),
    "unknown coupling": (
        2,
        [("temperature: 25", "coupling: both, temperature: 25")],
        ["physics.coupling: `both` is not known; known: one_way, two_way"],
    ),
    "more lithium than room": (
        9,
        [("duration: 1 s", "duration: 1 h")],
        [
            "study: a charge of 1.131e-09 C is more than `film` can take up, 1.153e-10 C",
            "lower the current or the flux",
        ],
    ),
    "more lithium than there is": (
        9,
        [("duration: 1 s", "duration: 1 h"), ("1 mA/cm^2", "-1 mA/cm^2")],
        ["study: a charge of 1.131e-09 C is more than `film` holds, 3.036e-12 C"],
    ),
    "impedance of a plate": (
        9,
        [("type: transient, duration: 1 s", "type: impedance, frequencies: [1 Hz]")],
        ["study: an impedance is that of an electrochemical cell: name `electrochemistry` under `physics`"],
    ),
    "elastic in time": (
        9,
        [("diffusion: , ", ""), (INITIAL, "Mg"), ("{type: lithium_flux, current_density: 1 mA/cm^2}, ", "")],
        ["study: nothing depends on time here: mechanics is steady. Use type operating_point"],
    ),
    "radius of a layer of a plate": (3, [("140 nm,", "140 nm, radius: 1 um,")], ["geometry.layers.0.radius: unknown"]),
}
AREAS = {
    "disc wider than the stack": (
        3,
        [("4 mm}", "8 mm}")],
        ["layer 'lithium': its radius 0.008 m is larger than that of"],
    ),
    "no layer as wide as the stack": (
        3,
        [("cells: 4}", "cells: 4, radius: 5 mm}")],
        ["no layer reaches the radius 0.006 m of the stack: give that of the widest"],
    ),
    "patch wider than its face": (
        3,
        [("regions:", "  patches: {tab: {on: top, radius: 5 mm}}\nregions:")],
        ["patch 'tab': it is empty or reaches beyond the top face, 0.004 m"],
    ),
    "dimensions of another form": (3, [("radius: 6 mm", "radius: 6 mm\n  width: 1 mm")], ["axisymmetric has no width"]),
    "slab without an area": (
        3,
        [("stack\n  form: axisymmetric\n  radius: 6 mm\n  cells: 4", "slab"), (", radius: 4 mm", "")],
        ["geometry.area: is missing"],
    ),
    "two terminals on one metal": (
        14,
        [("anode: {type: current, current: 1 mA, on: bottom}", "tab: {type: open, on: lithium_side}")],
        [
            "terminals.counter: the metal `lithium` has terminal `tab` already",
            "give `lithium` electric_potential: field",
        ],
    ),
}


def parametrized(rows):
    return pytest.mark.parametrize(
        ("line", "edits", "pieces"), [pytest.param(*row, id=name) for name, row in rows.items()]
    )


@pytest.mark.serial
@parametrized(ROWS)
def test_mistake_in_a_stack(said, folder, line, edits, pieces):
    assert len(refuses(said, folder("case.yaml", edited(STACK, *edits)), line, pieces).splitlines()) == 1


@pytest.mark.serial
@parametrized(SOLIDS)
def test_mistake_in_a_plate(said, folder, line, edits, pieces):
    assert len(refuses(said, folder("case.yaml", edited(PLATE, *edits)), line, pieces).splitlines()) == 1


@pytest.mark.serial
@parametrized(AREAS)
def test_areas_that_do_not_match(said, folder, line, edits, pieces):
    assert len(refuses(said, folder("case.yaml", edited(DISCS, *edits)), line, pieces).splitlines()) == 1


@pytest.mark.serial
@pytest.mark.parametrize("text", [STACK, PLATE, DISCS], ids=["stack", "plate", "discs"])
def test_valid(said, folder, text):
    assert said("check", folder("case.yaml", text), code=0) == ""


@pytest.mark.serial
@pytest.mark.parametrize(
    "edits",
    [
        [("10 s", "1 h\n  until: {quantity: saturation.film, above: 1}"), ("10 uA", "1 mA")],
        [("10 s", "1 h"), ("10 uA", "1 mA"), (f"{KINETICS}\n  elec", f"{WITH_PLATING}\n  elec")],
        [("10 s", "1 h"), ("type: current, current: 10 uA", "type: voltage, voltage: -0.1 V")],
    ],
    ids=["limit", "plating", "voltage"],
)
def test_more_charge_than_room_is_fine_where_something_ends_it(said, folder, edits):
    said("check", folder("case.yaml", edited(STACK, *edits)), code=0)


@pytest.mark.serial
def test_composition_beyond_the_data_at_the_start_is_a_warning(said, folder):
    out = said("check", folder("case.yaml", edited(STACK, ("0.1}", "0.01}"))), code=0, output=True)
    (warning,) = [line for line in out.splitlines() if line.startswith("warning")]
    assert "Li_xMg: open_circuit_potential known for x from 0.05 to 0.2 and asked for from 0.01 to 0.01" in warning


# ---- while it runs ---------------------------------------------------------------------------------------------------
FILM = """\
title: A film that takes up lithium
physics: {diffusion: , temperature: 25 degC}
geometry: {shape: slab, area: 1 cm^2, layers: [{name: film, thickness: 140 nm, cells: 4}]}
regions:
  film: {material: Li_xMg, initial: {composition: 0.1}}
boundaries:
  top: {type: lithium_flux, current_density: 1 mA/cm^2}
study: {type: transient, duration: 300 s, integration: {tolerance: 1e-3}}
output: {figures: false, fields: none}
"""
SOLID = """\
title: A column of a metal without hardening
physics: {mechanics: , temperature: 25 degC}
geometry: {shape: plate, radius: 1 mm, layers: [{name: column, thickness: 2 mm, cells: 2}], cells: 2}
regions:
  column: {material: Mg, properties: {yield_strength: 100 MPa}}
boundaries:
  top: {type: pressure, pressure: 50 MPa}
  bottom: {type: symmetry}
study: {type: operating_point}
output: {figures: false, fields: none}
"""


@pytest.fixture
def run(said, shared_tmp):
    """`thermolyte run` of a case into a folder of its own; returns what was said, the result and the history."""

    def call(path, *argv, code=1):
        output = shared_tmp / "results"
        err = said("run", path, "-o", output, *argv, code=code)
        rows = (output / "history.csv").open() if (output / "history.csv").exists() else ()
        return err, json.loads((output / "result.json").read_text()), list(csv.DictReader(rows))

    return call


@pytest.mark.parametrize(
    ("edits", "text"),
    [
        ([("1 mA/cm^2", "100 mA/cm^2"), ("300 s", "3.3 s")], r"composition 3\.9\d* .* is beyond saturation, 3\.9\."),
        ([("1 mA/cm^2", "-10 mA/cm^2"), ("300 s", "0.9 s")], r"composition -0\.0\d+ .* is below 0\."),
        (
            [("Li_xMg,", f"Li_xMg, properties: {{{OCP.replace('0.2, 0.5', '0.05, 0.15')}}},")],
            r"known for x from 0\.05 to 0\.15 .* name `outside: constant`",
        ),
    ],
    ids=["beyond saturation", "below 0", "outside the data"],
)
def test_lithium_where_there_is_no_data(run, folder, edits, text):
    """The step that leaves the data is refused with its time; those before are kept."""
    path = folder("case.yaml", edited(FILM, *edits))
    err, result, rows = run(path)
    assert re.search(r"error: .* at [\d.e-]+ s a solution was found, but it leaves the data: ", err)
    assert f"{path}:5: regions.film: Li_xMg: " in err
    assert re.search(text, err), err
    assert "End the step before by `until` on a saturation, a minimum_concentration" in err
    assert err.count("a solution was found") == 1
    (point,) = result["points"]
    assert "leaves the data" in point["error"]
    assert point["files"]["history"] == "history.csv"
    assert len(rows) > 5
    times = [float(row["time [s]"]) for row in rows]
    assert times == sorted(set(times))
    assert float(re.search(r" at ([\d.e-]+) s a solution", err)[1]) > times[-1]


@pytest.mark.parametrize(
    ("quantity", "known"),
    [("voltage.top", "lithium.film"), ("charge.film", "lithium.film")],
)
def test_limit_on_a_quantity_that_is_not_computed(folder, said, shared_tmp, quantity, known):
    path = folder("case.yaml", edited(FILM, ("300 s", f"300 s, until: {{quantity: {quantity}, above: 1}}")))
    err = said("run", path, "-o", shared_tmp / "results")
    assert f"{path}:8: study: this case has no quantity `{quantity}`; " in err
    assert known in err


def test_load_beyond_the_limit_load(run, folder):
    """A column without hardening carries its yield strength, and not a percent more."""
    path = folder("case.yaml", SOLID)
    assert run(path, "--set", "boundaries.top.pressure=99 MPa", code=0)[1]["points"]
    err, result, _ = run(path, "--set", "boundaries.top.pressure=300 MPa")
    found = re.search(r"found at (.*) Pa of pressure on top; (.*) Pa is the most that was solved, (.*) Pa failed", err)
    asked, solved, failed = (float(x) for x in found.groups())
    assert asked == 300e6
    assert 97e6 < solved < 100.1e6
    assert solved < failed < 1.03 * solved
    assert "carries no more than its limit load: lower the load, or give it a hardening_modulus or a higher" in err
    assert "limit load" in result["points"][0]["error"]


def test_limit_load_in_time(run, folder):
    """The step that nothing can carry fails; the steps before stay in the history."""
    steps = "{type: transient, steps: [{duration: 1 s}, {duration: 1 s, change: {boundaries.top.pressure: 300 MPa}}]}"
    path = folder("case.yaml", edited(SOLID, ("{type: operating_point}", steps)))
    err, result, rows = run(path)
    assert "no step from t = 1 s succeeds" in err
    assert "carries no more than its limit load" in err
    assert float(rows[-1]["time [s]"]) == 1.0
    assert float(rows[-1]["von_mises_mean.column [Pa]"]) == pytest.approx(50e6, rel=1e-9)
    assert result["points"][0]["files"]["history"] == "history.csv"


def test_words_of_a_cell_without_a_solution(run, folder):
    text = edited(STACK, ("type: transient\n  duration: 10 s", "type: operating_point"))
    err, _, _ = run(folder("case.yaml", text), "--set", "solver.petsc.snes_max_it=1")
    assert "Newton's method did not converge in 1 steps" in err
    assert "size and sign of each current and voltage, ionic_conductivity and exchange_current_density" in err
    assert "heat" not in err
    assert " W," not in err
