"""Cards of hosts, electrolytes and elastic bodies: what they say, what they lack, and what bad data is told."""

import io

import numpy as np
import pytest
from pydantic import ValidationError
from rich.console import Console

from thermolyte.errors import InputError
from thermolyte.materials import Card, library, missing

HOST = {
    "kind": "electrode",
    "properties": {
        "diffusivity": "1e-11 cm^2/s",
        "host_molar_volume": "14 cm^3/mol",
        "partial_molar_volume": "13 cm^3/mol",
        "saturation": 3.5,
        "open_circuit_potential": {"law": "nernst", "standard_potential": 0.24, "range": [0.05, 0.2]},
    },
}


def card(kind="electrode", **properties):
    """HOST with some properties changed, or taken away by None."""
    merged = HOST["properties"] | properties
    return Card.model_validate({"kind": kind, "properties": {k: v for k, v in merged.items() if v is not None}})


def bare(kind="other", **properties):
    return Card.model_validate({"kind": kind, "properties": properties})


def test_roles_of_the_library():
    roles = ("conducts", "conducts_ions", "stores_species", "deforms", "yields", "creeps")
    expected = {
        "Li": {"conducts", "deforms", "creeps"},
        "Li6PS5Cl": {"conducts_ions", "deforms"},
        "Li_xMg": {"conducts", "stores_species", "deforms"},
        "Li-Mg-film": {"stores_species"},
        "Mg": {"conducts", "deforms"},
        "W": {"conducts", "deforms"},
        "Al2O3": {"deforms"},
        "AlN": set(),
    }
    assert {n: {r for r in roles if getattr(Card.load(n), r)} for n in expected} == expected


def test_published_numbers():
    host, film, cell = Card.load("Li_xMg"), Card.load("Li-Mg-film"), Card.load("Li6PS5Cl")
    assert host.maximum_concentration == pytest.approx(3.9 / 13.98e-6)
    assert host.saturation == pytest.approx(3.9)
    assert host.composition_per_concentration == pytest.approx(13.98e-6)
    assert host.diffusivity(0.1, 296.15) == pytest.approx(1e-15, rel=1e-9, abs=0)
    assert host.open_circuit_potential([0.17, 0.06], 296.15) == pytest.approx([0.307, 0.342], abs=1e-4)
    assert host.open_circuit_potential.thermodynamic_factor(0.0, 296.15) == pytest.approx(1.317)
    assert film.maximum_concentration == pytest.approx(69600)
    assert film.saturation == pytest.approx(1)
    assert film.diffusivity(0.5, 300) == pytest.approx(6e-15, rel=1e-9, abs=0)
    assert cell.ionic_conductivity(296.15) == pytest.approx(0.08)
    assert Card.load("Li").creep(0.75e6, 298.15) == pytest.approx(1e-3, rel=2e-3)
    assert Card.load("Cu").young_modulus(0.0, 300.0) == pytest.approx(125e9)


@pytest.mark.parametrize("name", ["Mg3BiSb-estimate", "MgAgSb-395", "Cu", "Al2O3"])
def test_the_module_can_be_stressed(name):
    c = Card.load(name)
    assert missing(c, "mechanics") == []
    assert 1e-6 < c.thermal_expansion(400.0) < 3e-5
    assert c.check_range(300, 320) == []


def test_what_is_missing():
    empty = bare()
    assert missing(empty, "thermoelectricity") == ["thermal_conductivity"]
    assert missing(empty, "mechanics") == ["young_modulus", "poisson_ratio"]
    assert missing(empty, "electrochemistry") == ["electrical_conductivity or ionic_conductivity"]
    assert missing(empty, "diffusion")[0] == "diffusivity"
    assert "host_molar_volume" in missing(empty, "diffusion")[1]
    assert missing(card(), "diffusion") == []
    assert missing(bare(electrical_resistivity="1 uohm*m"), "electrochemistry") == []


def test_capacity_is_given_in_one_way():
    assert card().maximum_concentration == pytest.approx(250e3)
    other = card(saturation=None, maximum_concentration="250 mmol/cm^3")
    assert other.maximum_concentration == pytest.approx(250e3)
    assert other.saturation == pytest.approx(3.5)
    alone = card(saturation=None, host_molar_volume=None, maximum_concentration="50 mmol/cm^3")
    assert alone.composition_per_concentration == pytest.approx(2e-5)
    assert alone.saturation == pytest.approx(1)
    assert card(saturation=None).saturation is None
    with pytest.raises(ValidationError, match="both given: keep one"):
        card(maximum_concentration="250 mmol/cm^3")
    with pytest.raises(ValidationError, match="give host_molar_volume too"):
        card(host_molar_volume=None)


def test_composition_beyond_what_the_host_holds():
    c = card(open_circuit_potential=None)
    assert c.check_composition(0, 3.5) == []
    (below,) = c.check_composition(-0.01, 1)
    assert below.severity == "error"
    assert "composition -0.01 (mol Li per mol host) is below 0" in below.text
    (above,) = c.check_composition(0, 3.6)
    assert above.severity == "error"
    assert "composition 3.6 (mol Li per mol host) is beyond saturation, 3.5" in above.text
    film = Card.load("Li-Mg-film")
    assert "c/c_max" in film.check_composition(0, 1.01)[0].text


@pytest.mark.parametrize(
    ("outside", "severity", "text"),
    [
        (None, "error", "no value outside: name `outside: constant`"),
        ("error", "error", "no value outside"),
        ("constant", "warning", "held constant outside"),
        ("extrapolate", "warning", "extrapolated outside"),
    ],
)
def test_composition_beyond_the_potential(outside, severity, text):
    law = HOST["properties"]["open_circuit_potential"] | ({"outside": outside} if outside else {})
    c = card(open_circuit_potential=law)
    assert c.check_composition(0.05, 0.2) == []
    (finding,) = c.check_composition(0.0, 0.15)
    assert finding.severity == severity
    assert "open_circuit_potential known for x from 0.05 to 0.2 and asked for from 0 to 0.15" in finding.text
    assert text in finding.text


def test_laws_of_composition_have_no_range_of_temperature():
    c = card(diffusivity={"law": "table", "composition": [0.1, 1], "value": [1e-15, 2e-15], "outside": "constant"})
    assert c.range is None
    assert c.check_range(1, 5000) == []
    assert c.diffusivity.of_composition
    assert c.diffusivity(0.55, 300) == pytest.approx(1.5e-15, rel=1e-9, abs=0)
    assert c.check_composition(0.1, 0.2) == []
    (finding,) = c.check_composition(0.06, 0.2)
    assert "diffusivity known for x from 0.1 to 1" in finding.text
    hot = card(diffusivity={"law": "arrhenius", "prefactor": 1e-9, "activation_energy": "0.3 eV", "range": [280, 350]})
    assert not hot.diffusivity.of_composition
    assert hot.diffusivity(0.5, 300) == pytest.approx(1e-9 * np.exp(-0.3 / 8.617333262e-5 / 300), rel=1e-8)
    assert "diffusivity known from 280 K to 350 K" in hot.check_range(300, 400)[0].text


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"young_modulus": "45 GPa/m"}, "wrong dimension: expected Pa"),
        ({"young_modulus": "-45 GPa"}, "it must be positive"),
        ({"diffusivity": "1e-11 cm/s"}, "wrong dimension: expected m^2/s"),
        (
            {"diffusivity": {"law": "table", "composition": [0, 1], "value": [0, 1e-15]}},
            "at x = 0: it must be positive",
        ),
        ({"open_circuit_potential": "3 mA"}, "wrong dimension: expected V"),
        ({"ionic_conductivity": "0.8 mS"}, "wrong dimension: expected S/m"),
        ({"poisson_ratio": 0.5}, "a Poisson ratio lies between -1 and 0.5"),
        ({"poisson_ratio": -1.2}, "a Poisson ratio lies between -1 and 0.5"),
        ({"partial_molar_volume": "13 cm^3"}, "wrong dimension"),
        ({"maximum_concentration": 0}, "greater than 0"),
        ({"hardening_modulus": "1 GPa"}, "hardening_modulus needs yield_strength"),
        ({"yield_strength": 0}, "it must be positive"),
        ({"young_modulus": {"law": "principal_axes", "x": 1e9, "y": 1e9, "z": 1e9}}, "principal_axes"),
    ],
)
def test_what_no_material_has(properties, text):
    with pytest.raises(ValidationError) as caught:
        bare(**properties)
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "properties", "text"),
    [
        ("metal", {"young_modulus": "63.5 MPa"}, "suspicious young_modulus: 6.35e+07 Pa for kind metal"),
        ("other", {"young_modulus": "45 Pa"}, "suspicious young_modulus"),
        ("metal", {"young_modulus": {"law": "table", "composition": [0, 1], "value": [45, 20]}}, "20 to 45 Pa"),
        ("electrolyte", {"ionic_conductivity": "8e5 S/m"}, "suspicious ionic_conductivity"),
        ("electrode", {"diffusivity": "1e-2 m^2/s"}, "suspicious diffusivity"),
        ("electrode", {"open_circuit_potential": "342 V"}, "suspicious open_circuit_potential: 342 V"),
        ("electrode", {"partial_molar_volume": "13 m^3/mol"}, "suspicious partial_molar_volume: 13 m^3/mol"),
        ("electrode", {"maximum_concentration": "69.6 mol/m^3"}, "suspicious maximum_concentration: 69.6"),
        ("metal", {"thermal_expansion": "17 1/K"}, "suspicious thermal_expansion"),
        (
            "electrode",
            {"open_circuit_potential": {"law": "table", "composition": [0, 0.5, 1], "value": [0.1, 0.2, 0.1]}},
            "it rises with x",
        ),
    ],
)
def test_suspicious_numbers(kind, properties, text):
    warnings = bare(kind, **properties).warnings
    assert len(warnings) == 1
    assert text in warnings[0]


def test_signs_that_are_allowed():
    c = bare(thermal_expansion=-1e-6, open_circuit_potential="-5 mV", yield_strength="1 MPa", hardening_modulus=0)
    assert c.yields
    assert c.hardening_modulus(300) == 0
    assert bare(partial_molar_volume="-0.7 cm^3/mol").warnings == []


def test_mistakes_name_file_and_line(tmp_path):
    path = tmp_path / "mine.yaml"
    head = "properties:\n  open_circuit_potential:\n    law: "
    path.write_text(f"{head}nernst\n    standard_potential: 0.2\n    range: [0.2, 0.1]\n")
    with pytest.raises(
        InputError, match=r"mine\.yaml:5: properties\.open_circuit_potential\.range: range of x .* is empty"
    ):
        Card.load(path)
    path.write_text(f"{head}nernts\n")
    with pytest.raises(InputError, match=r"law `nernts` is not known; did you mean `nernst`"):
        Card.load(path)
    path.write_text("properties:\n  diffusivity:\n    law: table\n    composition: [0, 1]\n    value: [1e-15]\n")
    with pytest.raises(InputError, match=r"mine\.yaml:2: properties\.diffusivity: the table has 2 compositions"):
        Card.load(path)
    path.write_text("properties:\n  diffusivity:\n    law: table\n    composition: [0, b]\n    value: [1e-15, 2e-15]\n")
    with pytest.raises(InputError, match=r"mine\.yaml:4: properties\.diffusivity\.composition"):
        Card.load(path)
    path.write_text("properties:\n  diffusivity:\n    law: table\n    temperature: [300, 300]\n    value: [1, 2]\n")
    with pytest.raises(InputError, match=r"mine\.yaml:2: properties\.diffusivity: temperature must increase"):
        Card.load(path)


@pytest.mark.serial
def test_plot_and_lists(tmp_path):
    from thermolyte.materials.listing import list_cards, show_card
    from thermolyte.materials.plot import plot_cards

    cards = [Card.load(name) for name in ("Li_xMg", "Li6PS5Cl", "Li")]
    path = plot_cards(cards, tmp_path / "figures" / "cards.png")
    assert path.stat().st_size > 20_000
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(list_cards())
    for c in (*cards, Card.load("Li-Mg-film")):
        console.print(show_card(c))
    text = console.export_text()
    assert all(name in text for name in library())
    for piece in (
        "U [mV]",
        "κ ionic [mS/cm]",
        "x: 0.05-0.2",
        "extrapolate",
        "69600",
        "37 kJ/mol",
        "D [m²/s]",
    ):
        assert piece in text
