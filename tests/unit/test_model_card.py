"""Cards whose S, σ and κ come from a band and a lattice."""

from __future__ import annotations

import numpy as np
import pytest

from thermolyte.doping import Voxels
from thermolyte.errors import InputError
from thermolyte.materials import Card
from thermolyte.materials.card_file import LIBRARY
from thermolyte.medium import structure
from thermolyte.region import Region

pytestmark = pytest.mark.serial

NAME = "NbFeSb-Hf-model"
T = np.array([300.0, 650.0, 1000.0, 1200.0])


def card(tmp_path, old="", new=""):
    """The library card with one change."""
    text = (LIBRARY / f"{NAME}.yaml").read_text()
    assert old in text
    (tmp_path / "card.yaml").write_text(text.replace(old, new))
    return Card.load("card.yaml", tmp_path)


def test_properties_are_those_of_band_and_lattice():
    found = Card.load(NAME)
    x, band, lattice = 0.12, found.model.band, found.model.lattice
    assert found.seebeck_coefficient(T) == pytest.approx(band.seebeck_coefficient(x, T), rel=1e-14)
    assert found.electrical_conductivity(T) == pytest.approx(band.electrical_conductivity(x, T), rel=1e-14)
    electrons = band.lorenz_number(x, T) * band.electrical_conductivity(x, T) * T
    lattice_part = lattice.lattice_thermal_conductivity(x, T)
    assert found.thermal_conductivity(T) == pytest.approx(electrons + lattice_part, rel=1e-14)
    zT = found.seebeck_coefficient(T) ** 2 * found.electrical_conductivity(T) * T / found.thermal_conductivity(T)
    assert found.figure_of_merit(T) == pytest.approx(zT, rel=1e-14)


def test_against_the_measured_card_of_the_same_composition():
    """Nb0.88Hf0.12FeSb, C. Fu et al., Nat. Commun. 6 (2015) 8144: S and σ are fitted, κ is not."""
    measured, found = Card.load("NbFeSb-Hf"), Card.load(NAME)
    assert found.seebeck_coefficient(T) == pytest.approx(measured.seebeck_coefficient(T), rel=0.045)
    assert found.electrical_conductivity(T) == pytest.approx(measured.electrical_conductivity(T), rel=0.095)
    assert found.thermal_conductivity(T) == pytest.approx(measured.thermal_conductivity(T), rel=0.09)


def test_beyond_its_temperatures_it_is_held_and_said():
    found = Card.load(NAME)
    assert found.seebeck_coefficient(1500.0) == found.seebeck_coefficient(1200.0)
    (finding,) = found.check_range(280.0, 1000.0)
    assert "known from 300 K to 1200 K and asked for from 280 K to 1000 K" in finding.text


def test_a_region_has_its_own_doping():
    region = Region(material=NAME, doping=0.05)
    assert region.card.seebeck_coefficient(T) == pytest.approx(Card.load(NAME).model.band.seebeck_coefficient(0.05, T))
    assert structure(region) == structure(Region(material=NAME, doping="0.07"))
    assert structure(region) != structure(Region(material="NbFeSb-Hf"))


def test_a_property_of_the_card_replaces_the_model(tmp_path):
    found = card(tmp_path, "model:", "properties:\n  thermal_conductivity: 5 W/(m*K)\nmodel:")
    assert found.thermal_conductivity(T) == pytest.approx(5.0)
    assert found.seebeck_coefficient(T) == pytest.approx(Card.load(NAME).seebeck_coefficient(T))
    assert sorted(name for name, _ in found.laws()) == [
        "electrical_conductivity",
        "seebeck_coefficient",
        "thermal_conductivity",
    ]


def test_a_resistivity_replaces_the_conductivity_of_the_model(tmp_path):
    found = card(tmp_path, "model:", "properties:\n  electrical_resistivity: 2 uohm*m\nmodel:")
    assert found.electrical_conductivity(T) == pytest.approx(5e5)
    assert "electrical_conductivity" not in dict(found.laws())


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("doping: 0.12", "doping: 0.4", ["doping 0.4 is outside of its model, 0.005 to 0.25"]),
        ("doping: 0.12\n", "", ["a model needs a doping"]),
        ("[0.005, 0.25]", "[0.3, 0.25]", ["doping", "is empty"]),
        ("range: [300, 1200]", "range: [300 degC, 200]", ["range", "is empty"]),
        ("effective_mass: 6.9", "effective_mass: 1e-4", ["reduced Fermi level", "x = 0.25", "300 K"]),
        ("law: debye_callaway", "law: debye", ["debye_callaway", "klemens"]),
        ("effective_mass: 6.9", "effective_mas: 6.9", ["effective_mas", "effective_mass"]),
        ("665 cm^2/(V*s)", "665 cm^2", ["weighted_mobility", "wrong dimension", "cm^2/(V*s)"]),
        ("carriers: holes", "carriers: electrons", ["p-type", "sign"]),
    ],
)
def test_what_is_wrong_is_said(tmp_path, old, new, words):
    with pytest.raises(InputError) as refusal:
        card(tmp_path, old, new)
    assert all(word in str(refusal.value) for word in words), refusal.value


def test_doping_of_a_measured_card_is_refused():
    with pytest.raises(ValueError, match="NbFeSb-Hf has no model of doping"):
        Region(material="NbFeSb-Hf", doping=0.1)


@pytest.mark.parametrize(
    ("doping", "words"),
    [
        ({"along": "z", "position": [0, 1e-3], "fraction": [0.1]}, "2 positions and 1 fraction: shape linear takes 2"),
        ({"along": "z", "position": [0, 0], "fraction": [0.1, 0.1]}, r"position\[1\] = 0 m does not"),
        ({"along": "z", "position": [0, 1], "fraction": [0.1, 0.5]}, "doping 0.5 is outside"),
        ({"along": "z", "position": [0, 1], "fraction": [0.1, 0.2], "shape": "steps"}, "shape steps takes 1"),
    ],
)
def test_gradients_that_make_no_sense(doping, words):
    with pytest.raises(ValueError, match=words):
        Region(material=NAME, doping=doping)


# ---- maps --------------------------------------------------------------------------------------------------------
def voxels(tmp_path, text):
    (tmp_path / "map.csv").write_text(text)
    return Voxels.model_validate({"map": "map.csv"}, context={"folder": tmp_path})


def test_a_map_is_linear_between_its_voxels_and_constant_beyond(tmp_path):
    found = voxels(tmp_path, "z [mm], x [um], fraction [%]\n0,0,4\n0,1000,6\n2,0,8\n2,1000,10\n")
    assert found.span == pytest.approx((0.04, 0.10))
    r = np.array([[0.0, 0.5e-3, 1e-3, 5e-3], [0, 1, 2, 3], [0.0, 1e-3, 2e-3, -1.0]])
    assert found.at(r) == pytest.approx([0.04, 0.07, 0.10, 0.06])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("z [mm], fraction [1]\n0,0.1\n", "at least two lines"),
        ("z [mm], x [mm]\n0,0.1\n1,0.1\n", "a map has columns x, y, z .* and fraction"),
        ("z, fraction [1]\n0,0.1\n1,0.1\n", "must be a name and a unit"),
        ("z [s], fraction [1]\n0,0.1\n1,0.1\n", "s"),
        ("z [mm], fraction [1]\n0,nan\n1,0.1\n", "map.csv:2: 'nan' in column fraction"),
        ("z [mm], fraction [1]\n0,\n1,0.1\n", "map.csv:2: a number is missing"),
        ("z [mm], fraction [1]\n0,4\n1,0.1\n", "fraction from 0.1 to 4"),
        ("z [mm], x [mm], fraction [1]\n0,0,0.1\n0,1,0.1\n1,0,0.1\n", "3 points are no full grid of 2 × 2"),
        ("z [mm], x [mm], fraction [1]\n0,0,0.1\n0,1,0.1\n1,0,0.1\n1,0,0.1\n", "stands twice"),
    ],
)
def test_maps_that_make_no_sense(tmp_path, text, words):
    with pytest.raises(ValueError, match=words):
        voxels(tmp_path, text)


@pytest.mark.parametrize(
    ("region", "words"),
    [
        ({"material": NAME}, ", x = 0.12"),
        ({"material": NAME, "doping": 0.05}, ", x = 0.05"),
        (
            {"material": NAME, "doping": {"along": "z", "position": [0, 1], "fraction": [0.1, 0.05]}},
            ", x from 0.05 to 0.1",
        ),
        ({"material": "Cu"}, ""),
    ],
)
def test_doping_in_words(region, words):
    assert Region.model_validate(region).doping_in_words == words
