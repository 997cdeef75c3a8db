import sys, io, contextlib, traceback
from pathlib import Path
sys.path.insert(0, "/tmp/F")
from base import STACK, PLATE
from thermolyte import cli
P = Path("/tmp/F/case.yaml")
A="{type: current, current: 10 uA, on: bottom}"
rows = {
 "ok": (STACK, []),
 "ok plate": (PLATE, []),
 "x<0": (STACK, [("composition: 0.1","composition: -0.1")]),
 "x>sat": (STACK, [("composition: 0.1","composition: 5")]),
 "c<0": (STACK, [("composition: 0.1","concentration: -1 mol/m^3")]),
 "ocp range": (STACK, [("material: Li_xMg,","material: Li_xMg, properties: {open_circuit_potential: {law: nernst, standard_potential: 0.2, range: [0.2, 0.5]}},")]),
 "thin": (STACK, [("140 nm","1e-13 m")]),
 "thin2": (STACK, [("140 nm, cells: 4","1e-11 m, cells: 1000")]),
 "thin3": (STACK, [("140 nm, cells: 4","1e-14 m, cells: 4"),("0.7 mm","70 m")]),
 "touch": (STACK, [("film/electrolyte","copper/electrolyte")]),
 "no sigma": (STACK, [("lithium: Li\n","lithium: Al2O3\n")]),
 "no sigma electrode": (STACK, [("film: {material: Li_xMg","film: {material: Li-Mg-film"),("composition: 0.1","concentration: 1 mol/m^3")]),
 "charge": (STACK, [("10 uA","1 mA"),("10 s","1 h")]),
 "charge out": (STACK, [("10 uA","-1 mA"),("10 s","1 h")]),
 "plate flux": (PLATE, [("1 s}","1 h}")]),
 "plate flux neg": (PLATE, [("1 s}","1 h}"),("1 mA/cm^2","-1 mA/cm^2")]),
 "current density": (STACK, [("current: 10 uA","current: 1 mA/cm^2")]),
 "density key": (STACK, [("current: 10 uA","current_density: 1 mA/cm^2")]),
 "no region diff": (STACK, [("Li_xMg, initial: {composition: 0.1}","Cu")]),
 "no region mech": (STACK, [("diffusion: ,","mechanics: ,"),("lithium: Li\n","lithium: Li-Mg-film\n")]),
 "no region elchem": (PLATE, [("diffusion: ,","electrochemistry: , diffusion: ,")]),
 "bc field": (STACK, [("terminals:","boundaries:\n  top: {type: lithium_flux, current_density: 1 mA/cm^2}\nterminals:")]),
 "bc temp": (STACK, [("terminals:","boundaries:\n  top: {type: temperature, temperature: 300 K}\nterminals:")]),
 "bc mech": (STACK, [("terminals:","boundaries:\n  top: {type: pressure, pressure: 9 MPa}\nterminals:")]),
 "until unknown": (STACK, [("10 s","10 s\n  until: {quantity: voltge.anode, above: 1}")]),
 "until unknown2": (STACK, [("10 s","10 s\n  until: {quantity: voltage.andoe, above: 1}")]),
 "until unit": (STACK, [("10 s","10 s\n  until: {quantity: voltage.anode, above: 1 A}")]),
 "until both": (STACK, [("10 s","10 s\n  until: {quantity: voltage.anode, above: 1, below: 2}")]),
 "report": (STACK, [("10 s","10 s\n  report: [5 s, 20 s]")]),
 "step structural": (STACK, [("duration: 10 s","steps: [{duration: 1 s}, {duration: 1 s, change: {regions.film.material: Mg}}]")]),
 "step structural2": (STACK, [("duration: 10 s","steps: [{duration: 1 s}, {duration: 1 s, change: {geometry.area: 2 cm^2}}]")]),
 "step bad path": (STACK, [("duration: 10 s","steps: [{duration: 1 s}, {duration: 1 s, change: {terminals.andoe.current: 1 A}}]")]),
 "step bad value": (STACK, [("duration: 10 s","steps: [{duration: 1 s}, {duration: 1 s, change: {terminals.anode.current: 1 V}}]")]),
 "metal no terminal": (STACK, [("on: top","on: bottom"),("type: current, current: 10 uA","type: ground"),("  counter: {type: ground, on: bottom}\n","")]),
 "no ground": (STACK, [("{type: ground, on: top}","{type: current, current: -10 uA, on: top}")]),
 "no terminals": (STACK, [("  anode: "+A+"\n",""),("  counter: {type: ground, on: top}\n","  {}\n")]),
 "two electrolytes": (STACK, [("lithium: Li\n","lithium: Li6PS5Cl\n")]),
 "two electrodes": (STACK, [("interfaces:","interfaces:\n  copper/film: {type: charge_transfer, exchange_current_density: 1 A/m^2}")]),
 "initial no store": (STACK, [("copper: Cu","copper: {material: Cu, initial: {composition: 0.1}}")]),
 "impedance noe": (PLATE, [("{type: transient, duration: 1 s}","{type: impedance, frequencies: [1 Hz]}")]),
 "optimum": (STACK, [("  type: transient\n  duration: 10 s","  type: maximum_power")]),
 "find": (STACK, [("  type: transient\n  duration: 10 s","  type: sweep\n  parameters: {terminals.anode.current: [1 uA]}\n  find: [maximum_power]")]),
 "mesh size": (STACK, [("regions:","mesh: {size: 1 mm}\nregions:")]),
 "nan": (STACK, [("10 uA",".nan")]),
 "inf": (STACK, [("duration: 10 s","duration: .inf")]),
 "nan c": (STACK, [("composition: 0.1","composition: .nan")]),
 "two laws": (STACK, [("  film/electrolyte: {type: charge_transfer, exchange_current_density: 10 mA/cm^2}","  film/electrolyte: [{type: charge_transfer, exchange_current_density: 10 mA/cm^2}, {type: charge_transfer, exchange_current_density: 1 mA/cm^2}]")]),
 "no supports": (PLATE, [("  bottom: {type: symmetry}\n","")]),
 "supports r": (PLATE, [("{type: symmetry}","{type: displacement, r: 0 m}")]),
 "no charge transfer": (STACK, [("  film/electrolyte: {type: charge_transfer, exchange_current_density: 10 mA/cm^2}\n","")]),
 "zero duration": (STACK, [("duration: 10 s","duration: 0 s")]),
 "neg duration": (STACK, [("duration: 10 s","duration: -1 s")]),
 "duration mA": (STACK, [("duration: 10 s","duration: 10 mA")]),
 "initial step": (STACK, [("duration: 10 s","duration: 10 s\n  integration: {initial_step: 1 ms}")]),
 "tolerance": (STACK, [("duration: 10 s","duration: 10 s\n  integration: {tolerance: 2}")]),
 "layer radius": (PLATE, [("thickness: 140 nm","thickness: 140 nm, radius: 1 mm")]),
 "coupling": (PLATE, [("temperature: 25","coupling: both, temperature: 25")]),
 "contact in battery": (STACK, [("interfaces:","interfaces:\n  copper/film: {contact_resistivity: 1e-9}")]),
 "thermal contact in battery": (STACK, [("interfaces:","interfaces:\n  copper/film: {thermal_contact_resistance: 1e-9}")]),
 "contact lumped": (STACK, [("interfaces:","interfaces:\n  copper/film: {contact_resistivity: 1e-9}"),("  copper: Cu","  copper: {material: Cu, electric_potential: field}")]),
 "sliding no mech": (STACK, [("interfaces:","interfaces:\n  copper/film: {type: sliding}")]),
 "sat width number": (STACK, [("10 mA/cm^2}\n  elec","10 mA/cm^2, saturation_width: -1}\n  elec")]),
 "rate constant": (STACK, [("electrolyte/lithium: {type: charge_transfer, exchange_current_density: 10 mA/cm^2}","electrolyte/lithium: {type: charge_transfer, rate_constant: 1e-9}")]),
 "plating and metal": (STACK, [("electrolyte/lithium: {type: charge_transfer,","electrolyte/lithium: {type: charge_transfer, plating: {exchange_current_density: 1 A/m^2},")]),
 "thermo + transient": (STACK, [("{diffusion: , electrochemistry: , temperature: 25 degC}","{thermoelectricity: }")]),
 "all": (STACK, [("electrochemistry: ,","electrochemistry: , thermoelectricity: ,")]),
 "terminal on interior metal": (STACK, [("on: bottom","on: film")]),
 "symmetry side": (PLATE, [("bottom: {type: symmetry}","bottom: {type: symmetry}\n  side: {type: displacement, x: 0 m}")]),
 "electrolyte terminal": (STACK, [("    - {name: lithium, thickness: 100 um, cells: 2}\n",""),("  lithium: Li\n",""),("  electrolyte/lithium: {type: charge_transfer, exchange_current_density: 10 mA/cm^2}\n","")]),
 "field metal unknown": (STACK, [("copper: Cu","copper: {material: Cu, electric_potential: none}")]),
 "until sat wrong region": (STACK, [("10 s","10 s\n  until: {quantity: saturation.copper, above: 1}")]),
}
pick = sys.argv[1:]
verb = "check"
if pick and pick[0] in ("run",):
    verb = pick.pop(0)
for name, (text, edits) in rows.items():
    if pick and not any(p in name for p in pick): continue
    for o, n in edits:
        assert o in text, (name, o)
        text = text.replace(o, n)
    P.write_text(text)
    out, err = io.StringIO(), io.StringIO()
    argv = [verb, str(P)] + (["-o", "/tmp/F/out", "--fresh"] if verb == "run" else [])
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try: code = cli.main(argv)
        except BaseException as e:
            code = "EXC"; traceback.print_exc(limit=-3)
    print(f"== {name}: {code}\n{err.getvalue().strip()}")
    if name.startswith("ok") or (verb == "run" and code == 0): print(out.getvalue())
