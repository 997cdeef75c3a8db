"""Fields and balances of a device that ages: what is written for ParaView on any number of ranks."""

import xml.etree.ElementTree as ET

from mpi4py import MPI

import numpy as np
import pytest

from thermolyte.case import Case
from thermolyte.ranks import on_rank_0
from thermolyte.results.fields import layers, region_fields, write_fields
from thermolyte.run import _balances
from thermolyte.studies import ageing
from thermolyte.studies.simulator import Simulator

CASE = """
title: a leg ages
geometry: {shape: leg, width: 2 mm, height: 2 mm, pads: {thickness: 0.5 mm}}
physics: {thermoelectricity: , diffusion: }
mesh: {size: 1 mm, cells: hexahedron}
regions:
  leg: {material: Mg3BiSb-estimate, initial: {composition: 0.15}}
  "*_pad": Ni
boundaries:
  hot: {type: temperature, temperature: 500 K}
  cold: {type: temperature, temperature: 320 K}
terminals:
  cold: {type: ground}
  hot: {type: current, current: 0 A}
interfaces:
  leg/hot_pad:
    type: mass_exchange
    reaction_layer: {initial_thickness: 10 um, growth_constant: 26.7 um^2/day, molar_volume: 31.5 cm^3/mol,
                     atoms_per_formula: 2, reference_composition: 0.2}
    interlayer: {thickness: 3 um, composition: 0.2}
study: {type: ageing, duration: 1 day, furnace: 573 K}
"""


@pytest.fixture(scope="module")
def simulator(tmp_path_factory):
    """A leg at the start of its ageing in a furnace."""
    comm = MPI.COMM_WORLD
    folder = comm.bcast(tmp_path_factory.mktemp("aged"))
    file = folder / "case.yaml"
    on_rank_0(comm, lambda: file.write_text(CASE))
    case, found = Case.load(file, {}), Simulator(comm)
    found.switch_on(case, case.study.furnace)
    return case, found


def extremes(function) -> tuple[float, float]:
    comm = function.function_space.mesh.comm
    values = function.x.array
    low, high = values.min(initial=np.inf), values.max(initial=-np.inf)
    return comm.allreduce(low, op=MPI.MIN), comm.allreduce(high, op=MPI.MAX)


def test_layers_have_a_thickness_on_their_surface(simulator):
    found = layers(simulator[1].problem)
    assert set(found) == {"leg/hot_pad"}
    thicknesses = {f.name: extremes(f) for f in found["leg/hot_pad"]}
    assert set(thicknesses) == {"interlayer_thickness", "reaction_layer_thickness"}
    np.testing.assert_allclose(thicknesses["reaction_layer_thickness"], 10e-6)
    np.testing.assert_allclose(thicknesses["interlayer_thickness"], 3e-6)


def test_what_ages_has_its_carriers_and_its_conductivity(simulator):
    case, found = simulator
    fields = {f.name: f for f in region_fields(found.problem, "leg")}
    np.testing.assert_allclose(extremes(fields["composition"]), 0.15)
    carriers = extremes(fields["carrier_concentration"])
    card = case.regions["leg"].card
    per_atom = card.carriers.electrons_per_atom / card.carriers.buffer
    lost = (0.2 - 0.15) * per_atom * 6.02214076e23 / card.properties.host_molar_volume  # of a literal balance
    np.testing.assert_allclose(carriers, 3e25 * np.exp(-lost / 3e25), rtol=1e-6)
    known = 1 / np.interp(573.0, [550, 600], [1.8691589e-5, 1.980198e-5])  # S/m of the card as measured
    low, high = extremes(fields["electrical_conductivity"])
    assert low == pytest.approx(high)
    ratio = carriers[0] / 3e25
    assert ratio**1.5 < low / known < ratio, "carriers and their mobility, whose loss the filling of the band lessens"
    assert "electrical_conductivity" not in {f.name for f in region_fields(found.problem, "hot_pad")}


def test_fields_show_the_device_as_it_is_measured_and_what_has_aged(simulator):
    case, found = simulator
    before = found.problem.state()
    ageing.show(case, found)
    fields = {f.name: f for f in region_fields(found.problem, "leg")}
    low, high = extremes(fields["temperature"])
    assert 320 <= low < 330
    assert 490 < high <= 500
    np.testing.assert_allclose(extremes(fields["composition"]), 0.15)
    found.problem.restore(before)


def test_a_collection_lists_regions_and_surfaces(simulator, tmp_path):
    comm = MPI.COMM_WORLD
    folder = comm.bcast(tmp_path)
    collect = write_fields(simulator[1].problem, folder, "fields")
    on_rank_0(comm, collect)
    entries = list(ET.parse(folder / "fields.pvd").iter("DataSet"))
    assert {(e.attrib["name"], e.attrib["group"]) for e in entries} == {
        ("leg", "region"), ("hot_pad", "region"), ("cold_pad", "region"), ("leg/hot_pad", "surface"),
    }  # fmt: skip
    assert all((folder / e.attrib["file"]).is_file() for e in entries)


@pytest.mark.serial
def test_what_is_lost_of_a_species_over_all_of_the_time_is_its_balance():
    values = {"time": 86400.0, "magnesium_total": 2e-4, "magnesium_drift": 4e-17, "heat_flow.hot": 1.0,
              "energy_balance": 1e-13}  # fmt: skip
    assert _balances([{"values": values}]) == pytest.approx({"energy": 1e-13, "magnesium": 2e-13}, rel=1e-9, abs=0)
    flows = {"time": 1.0, "magnesium_flow.a": 1e-9, "magnesium_balance": 2e-21}
    assert _balances([{"values": flows}]) == pytest.approx({"magnesium": 2e-12}, rel=1e-9, abs=0)
