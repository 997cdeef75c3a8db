"""Material cards: the library against published numbers, user files, ranges, and what bad data is told."""

import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from rich.console import Console

from thermolyte.errors import InputError
from thermolyte.materials import (
    Card,
    CardReference,
    ContactResistivity,
    ContactResistivityLaw,
    library,
    listing,
    missing,
)

# S [µV/K], σ [S/m], κ [W/(m K)] of reference/thermoelectric.md 3.1-3.5, read off linearly in T.
PUBLISHED = {
    ("MgAgSb-395", 300): (200.3, 5.729e4, 0.901),
    ("MgAgSb-395", 400): (225.5, 4.611e4, 0.856),
    ("MgAgSb-395", 500): (195.6, 5.978e4, 0.938),
    ("MgAgSb-395", 548): (186.3, 6.603e4, 1.023),
    ("MgAgSb-395", 575): (186.3, 6.603e4, 1.023),
    ("MgAgSb-352", 350): (198.1, 5.143e4, 0.818),
    ("MgAgSb-352", 500): (179.8, 6.702e4, 1.110),
    ("Mg3BiSb-411", 400): (-222.1, 5.26e4, 1.088),
    ("Mg3BiSb-411", 600): (-255.5, 3.743e4, 0.956),
    ("Mg3BiSb-351", 350): (-222.4, 4.735e4, 1.039),
    ("Mg3BiSb-351", 500): (-220.6, 4.84e4, 1.062),
    ("Mg3BiSb-361", 300): (-225.3, 4.21e4, 0.922),
    ("Mg3BiSb-373", 500): (-240, 3.78e4, 0.917),
    ("Mg3BiSb-254", 400): (-219.5, 2.85e4, 0.683),
    ("Mg3BiSb-254", 600): (-248.7, 2.02e4, 0.614),
    ("NbFeSb-Hf", 300): (93.5, 5.89e5, 8.33),
    ("NbFeSb-Hf", 1000): (222.5, 1.09e5, 4.39),
    ("NbFeSb-Ti", 300): (71.0, 4.81e5, 7.49),
    ("NbFeSb-Ti", 800): (167, 1.57e5, 4.92),
    ("ZrHfNiSn-416", 400): (-141, 1.154e5, 2.89),
    ("ZrHfNiSn-416", 800): (-181, 8.48e4, 2.59),
    ("ZrHfNiSn-281", 500): (-132, 1.99e5, 4.43),
    ("ZrHfNiSn-281", 900): (-169.5, 1.54e5, 4.15),
    ("Bi2Te3-p-377", 300): (178.3, 1.244e5, 1.259),
    ("Bi2Te3-p-377", 450): (199.0, 6.25e4, 1.107),
    ("Bi2Te3-n-14", 350): (-184.5, 9.48e4, 1.116),
    ("Bi2Te3-n-14", 500): (-176.2, 7.26e4, 1.329),
    ("Bi2Te3-n-406", 450): (-179, 9.20e4, 1.052),
    ("Mg3BiSb-estimate", 300): (-200, 9.00e4, 1.08),
    ("Mg3BiSb-estimate", 550): (-225, 5.35e4, 1.08),
}
BATTERY = ("Li", "Li6PS5Cl", "Li-Mg-film", "Li_xMg")
TEXTBOOK = {  # σ, κ at 300 K; ±5 %
    "Cu": (5.9e7, 400),
    "Ni": (1.43e7, 90),
    "Mg": (2.27e7, 156),
    "304SS": (1.39e6, 14.9),
    "Sb": (2.5e6, 24),
    "SAC305": (8e6, 58),
    "W": (1.86e7, 174),
}
GOOD = {
    "kind": "p-type",
    "properties": {
        "seebeck_coefficient": {
            "law": "table",
            "unit": "uV/K",
            "temperature": [300, 400, 500],
            "value": [190, 210, 200],
        },
        "electrical_resistivity": {
            "law": "table",
            "unit": "uohm*m",
            "temperature": [300, 400, 500],
            "value": [10, 11, 20],
        },
        "thermal_conductivity": "1.2 W/(m*K)",
    },
}


def card(**properties):
    """GOOD with some properties changed, or taken away by None."""
    merged = GOOD["properties"] | properties
    return Card.model_validate(GOOD | {"properties": {k: v for k, v in merged.items() if v is not None}})


def refusal(**properties):
    with pytest.raises(ValidationError) as caught:
        card(**properties)
    return "\n".join(e["msg"] for e in caught.value.errors())


@pytest.mark.parametrize("name", library())
class TestEveryLibraryCard:
    def test_is_complete(self, name):
        c = Card.load(name)
        assert c.name == name
        assert c.title
        assert c.source.doi or c.source.note
        assert (missing(c, "thermoelectricity") == []) != (name in BATTERY)
        assert all(law.uncertainty is not None for _, law in c.laws())
        assert not c.warnings

    def test_sign_of_the_seebeck_coefficient(self, name):
        c = Card.load(name)
        if c.kind in ("n-type", "p-type"):
            S = c.seebeck_coefficient(np.linspace(*c.range, 50))
            assert np.all(S < 0 if c.kind == "n-type" else S > 0)

    def test_database_is_named(self, name):
        source = Card.load(name).source
        if name.rsplit("-", 1)[-1].isdigit() or name in ("NbFeSb-Hf", "NbFeSb-Ti"):
            assert source.licence == "CC BY 4.0"
            assert "teMatDb v1.1.6 sample" in source.note

    def test_survives_a_dump(self, name):
        c = Card.load(name)
        assert Card.model_validate(json.loads(c.model_dump_json())) == c


@pytest.mark.parametrize(("name", "T"), PUBLISHED)
def test_published_values(name, T):
    c = Card.load(name)
    S, σ, κ = PUBLISHED[name, T]
    assert c.seebeck_coefficient(T) == pytest.approx(1e-6 * S, rel=0.02)
    assert c.electrical_conductivity(T) == pytest.approx(σ, rel=0.02)
    assert c.thermal_conductivity(T) == pytest.approx(κ, rel=0.02)


@pytest.mark.parametrize("name", TEXTBOOK)
def test_textbook_values(name):
    c = Card.load(name)
    assert c.electrical_conductivity(300) == pytest.approx(TEXTBOOK[name][0], rel=0.055)
    assert c.thermal_conductivity(300) == pytest.approx(TEXTBOOK[name][1], rel=0.02)


@pytest.mark.parametrize(
    ("n", "p", "voltage"),
    [
        ("Mg3BiSb-estimate", "MgAgSb-395", 0.248688),
        ("Mg3BiSb-estimate", "MgAgSb-352", 0.2386),
        ("Mg3BiSb-411", "MgAgSb-395", 0.2553),
        ("Mg3BiSb-351", "MgAgSb-352", 0.2403),
    ],
)
def test_open_circuit_voltage_of_two_pairs(n, p, voltage):
    """2 ∫ (S_p − S_n) dT from 295 K to 589 K: table 4.3 of the reference, which is linear in T."""
    T = np.linspace(295, 589, 20001)
    S_n, S_p = (Card.load(name).with_interpolation("linear").seebeck_coefficient(T) for name in (n, p))
    assert 2 * np.trapezoid(S_p - S_n, T) == pytest.approx(voltage, rel=1e-5 if voltage == 0.248688 else 3e-4)


def test_figure_of_merit():
    c = Card.load("MgAgSb-395")
    np.testing.assert_allclose(c.figure_of_merit([300, 400, 525]), [0.77, 1.10, 1.27], rtol=0.02)
    assert Card.load("Mg3BiSb-estimate").figure_of_merit(300) == pytest.approx(1.0, rel=1e-6)
    with pytest.raises(ValueError, match="AlN has no figure of merit"):
        Card.load("AlN").figure_of_merit(300)


def test_ceramics_do_not_conduct():
    assert not Card.load("Al2O3").conducts
    assert Card.load("Al2O3").electrical_conductivity is None
    assert Card.load("Cu").conducts


def test_resistivity_is_interpolated_as_given():
    linear = card().with_interpolation("linear")
    assert linear.electrical_conductivity(450) == pytest.approx(1 / 15.5e-6, rel=1e-14)
    assert linear.electrical_conductivity.unit == "S/m"
    anisotropic = card(electrical_resistivity={"law": "principal_axes", "x": 1e-5, "y": 1e-5, "z": 2e-5})
    np.testing.assert_allclose(anisotropic.electrical_conductivity(400), [1e5, 1e5, 5e4])


def test_interpolation_can_be_chosen():
    c = Card.load("MgAgSb-395")
    assert c.with_interpolation("linear").seebeck_coefficient(310.0) != pytest.approx(c.seebeck_coefficient(310.0))
    assert c.with_interpolation("monotone_cubic") == c


def test_dump_is_in_si():
    S = card().model_dump()["properties"]["seebeck_coefficient"]
    assert S["unit"] == "V/K"
    assert S["value"] == pytest.approx((190e-6, 210e-6, 200e-6))


def test_range_findings():
    c = card()
    assert c.range == (300, 500)
    assert c.check_range(300, 500) == []
    (cold,) = c.check_range(280, 500)
    assert cold.severity == "warning"
    assert "unnamed: seebeck_coefficient" in cold.text
    assert "known from 300 K to 500 K and asked for from 280 K to 500 K; held constant outside" in cold.text
    (melted,) = Card.load("SAC305").check_range(300, 589)
    assert melted.severity == "error"
    assert "SAC305: " in melted.text
    assert "thermal_conductivity known from 220 K to 490 K" in melted.text
    assert Card.load("SAC305").check_range(300, 480) == []


def test_mixture_of_cards():
    parts = [{"fraction": 0.4, "card": "Cu"}, {"fraction": 0.6, "card": "Ni"}]
    mixed = Card.model_validate(
        {
            "properties": {
                "electrical_conductivity": {"law": "mixture", "bound": "parallel", "parts": parts},
                "thermal_conductivity": {"law": "mixture", "bound": "series", "parts": parts},
            }
        }
    )
    Cu, Ni = Card.load("Cu"), Card.load("Ni")
    expected = 0.4 * Cu.electrical_conductivity(400) + 0.6 * Ni.electrical_conductivity(400)
    assert mixed.electrical_conductivity(400) == pytest.approx(expected, rel=1e-12)
    expected = 1 / (0.4 / Cu.thermal_conductivity(400) + 0.6 / Ni.thermal_conductivity(400))
    assert mixed.thermal_conductivity(400) == pytest.approx(expected, rel=1e-12)
    assert Card.model_validate(json.loads(mixed.model_dump_json())) == mixed


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"seebeck_coefficient": "200 V/K"}, "more than 2 mV/K in magnitude"),
        ({"seebeck_coefficient": "200 uV/m"}, "wrong dimension: expected V/K"),
        ({"seebeck_coefficient": "-200 uV/K"}, "kind is p-type"),
        ({"thermal_conductivity": -1.2}, "-1.2 W/(m*K) at 200 K: it must be positive"),
        (
            {"electrical_resistivity": {"law": "table", "temperature": [300, 400], "value": [1e-5, 0]}},
            "must be positive",
        ),
        ({"electrical_conductivity": "5 S/cm"}, "are both given: keep one"),
        (
            {
                "thermal_conductivity": {
                    "law": "mixture",
                    "bound": "series",
                    "parts": [{"fraction": 1, "card": "Cuu"}],
                }
            },
            "`Cu`",
        ),
        ({"hall_coefficient": 1}, "Extra inputs"),
    ],
)
def test_what_no_material_has(change, text):
    assert text in refusal(**change)


def test_a_mixed_seebeck_coefficient_is_refused():
    parts = [{"fraction": 0.5, "of": "1e-4"}, {"fraction": 0.5, "of": "2e-4"}]
    assert "does not mix" in refusal(seebeck_coefficient={"law": "mixture", "bound": "parallel", "parts": parts})


@pytest.mark.parametrize(
    ("kind", "change", "text"),
    [
        (
            "metal",
            {"electrical_resistivity": None, "electrical_conductivity": 1e-4},
            "0.0001 S/m for a metal",
        ),
        ("p-type", {"electrical_resistivity": "1e-8 ohm*m"}, "1e+08 S/m for a thermoelectric"),
        ("p-type", {"seebeck_coefficient": "1.5 mV/K"}, "suspicious seebeck_coefficient: 0.0015 V/K"),
        ("p-type", {"thermal_conductivity": 0.01}, "suspicious thermal_conductivity: 0.01"),
        ("p-type", {"thermal_conductivity": 1e5}, "two columns are swapped"),
    ],
)
def test_suspicious_numbers(kind, change, text):
    suspicious = card(**change).model_copy(update={"kind": kind})
    assert len(suspicious.warnings) == 1
    assert text in suspicious.warnings[0]
    assert card().warnings == []


class Holder(BaseModel):
    material: CardReference


def test_a_case_names_a_card_or_holds_one(tmp_path):
    (tmp_path / "mine.yaml").write_text("kind: metal\nproperties:\n  thermal_conductivity: 7 W/(m*K)\n")
    for value, name in [("Cu", "Cu"), ("mine.yaml", "mine"), (GOOD | {"name": "here"}, "here")]:
        holder = Holder.model_validate({"material": value}, context={"folder": tmp_path})
        assert holder.material.name == name
        assert Holder.model_validate(holder.model_dump()) == holder
    schema = Holder.model_json_schema()["properties"]["material"]
    assert {"type": "string"} in schema["anyOf"]
    with pytest.raises(ValidationError, match="did you mean `Cu`"):
        Holder.model_validate({"material": "Cuu"})
    lacking = Holder.model_validate({"material": {"properties": {"electrical_conductivity": 1}}}).material
    assert missing(lacking, "thermoelectricity") == ["thermal_conductivity"]


def test_law_of_a_contact():
    law = TypeAdapter(ContactResistivityLaw).validate_python(
        {"law": "table", "unit": "uohm*cm^2", "temperature": [300, 500], "value": [5, 20]}
    )
    assert law(300) == pytest.approx(5e-10)
    assert law.unit == "ohm*m^2"
    with pytest.raises(ValidationError, match="must be positive"):
        TypeAdapter(ContactResistivityLaw).validate_python({"law": "constant", "value": -1})


def test_number_or_law_says_what_is_wrong_with_the_one_that_was_meant():
    adapter = TypeAdapter(ContactResistivity)
    assert adapter.validate_python("5 uohm*cm^2") == pytest.approx(5e-10)
    assert adapter.validate_python({"law": "constant", "value": "5 uohm*cm^2"})(300) == pytest.approx(5e-10)
    for wrong, text in [
        ("5 mm", "wrong dimension"),
        ({"law": "constant", "value": "5 mm"}, "wrong dimension"),
    ]:
        with pytest.raises(ValidationError, match=text) as caught:
            adapter.validate_python(wrong)
        assert caught.value.error_count() == 1


def test_yaml_mistakes_name_file_and_line(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("kind: metal\nproperties:\n  thermal_conductivity:\n    law: constant\n    value: 3 V\n")
    with pytest.raises(InputError, match=r"mine\.yaml:3: properties\.thermal_conductivity: unit 'V' has the wrong"):
        Card.load("mine.yaml", tmp_path)
    path.write_text("kind: plastic\nproperties: {}\n")
    with pytest.raises(InputError, match=r"mine\.yaml:1: kind: `plastic` is not known; known: .*metal"):
        Card.load(path)


def test_yaml_1_2_numbers(tmp_path):
    (tmp_path / "mine.yaml").write_text("properties: {electrical_resistivity: 1e-8, thermal_conductivity: 4.0}\n")
    assert Card.load("mine.yaml", tmp_path).electrical_conductivity(300) == pytest.approx(1e8)


def test_unknown_cards(tmp_path):
    with pytest.raises(InputError, match="did you mean `MgAgSb-395`"):
        Card.load("MgAgSb395")
    with pytest.raises(InputError, match=r"no such material card: .*nothing\.csv"):
        Card.load("nothing.csv", tmp_path)


def test_a_mixture_of_itself_is_refused(tmp_path):
    (tmp_path / "mine.yaml").write_text(
        "properties:\n  thermal_conductivity:\n    law: mixture\n    bound: series\n"
        "    parts: [{fraction: 1.0, card: mine.yaml}]\n"
    )
    with pytest.raises(InputError, match="comes back to the card itself"):
        Card.load("mine.yaml", tmp_path)


CSV = """# measured on Monday
temperature [degC], seebeck_coefficient [uV/K], electrical_conductivity [S/cm], thermal_conductivity [W/(m*K)]
25, -200, 900, 1.0
75, -210, , 1.1
125, -220, 700, 1.2
"""


def write_csv(folder: Path, old: str = "", new: str = "") -> Path:
    path = folder / "mine.csv"
    path.write_text(CSV.replace(old, new) if old else CSV)
    return path


def test_csv_card(tmp_path):
    c = Card.load("mine.csv", write_csv(tmp_path).parent)
    assert (c.name, c.kind) == ("mine", "thermoelectric")
    assert c.seebeck_coefficient(348.15) == pytest.approx(-210e-6)
    assert c.electrical_conductivity(398.15) == pytest.approx(7e4)
    assert c.with_interpolation("linear").electrical_conductivity(348.15) == pytest.approx(8e4)
    assert c.range == pytest.approx((298.15, 398.15))


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("75,", "20,", r"mine\.csv:4: the temperature must increase, but 20 follows 25"),
        ("-210", "nan", r"mine\.csv:4: 'nan' in column seebeck_coefficient is not a number; leave blank"),
        ("25, -200", ", -200", r"mine\.csv:3: '' in column temperature"),
        ("1.2\n", "1.2, 5\n", r"mine\.csv:5: 5 values for 4 columns"),
        (" [S/cm]", "", r"mine\.csv:2: 'electrical_conductivity' must be a name and a unit"),
        ("thermal_conductivity", "electrical_conductivity", r"mine\.csv:2: a column stands twice"),
        ("temperature [degC], ", "", r"mine\.csv:2: the first column must be temperature"),
        ("S/cm", "S", r"mine\.csv: properties\.electrical_conductivity: unit 'S' has the wrong dimension"),
        ("electrical_conductivity", "conductivity", r"mine\.csv: properties\.conductivity: unknown key; did you mean"),
    ],
)
def test_csv_mistakes(tmp_path, old, new, text):
    path = write_csv(tmp_path, old, new)
    with pytest.raises(InputError, match=text):
        Card.load(path)


def test_csv_in_celsius_by_mistake_is_found_by_its_range(tmp_path):
    c = Card.load(write_csv(tmp_path, "degC", "K"))
    assert "from 25 K to 125 K" in c.check_range(300, 400)[0].text


def test_json_schema_names_the_laws():
    text = json.dumps(Card.model_json_schema())
    for law in ("constant", "table", "polynomial", "arrhenius", "mixture", "principal_axes"):
        assert f'"const": "{law}"' in text


@pytest.mark.serial
def test_plot_and_lists(tmp_path):
    from thermolyte.materials.listing import list_cards, show_card
    from thermolyte.materials.plot import plot_cards

    cards = [Card.load(name) for name in ("MgAgSb-395", "Mg3BiSb-411", "SAC305", "AlN")]
    path = plot_cards(cards, tmp_path / "figures" / "cards.png")
    assert path.stat().st_size > 20_000
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(list_cards())
    console.print(show_card(cards[0]))
    console.print(show_card(card(thermal_conductivity={"law": "principal_axes", "x": 1, "y": 1, "z": 2})))
    text = console.export_text()
    assert all(name in text for name in library())
    assert "10.1002/aenm.201502269" in text
    assert "1 / 1 / 2" in text


def test_phase_limit():
    """Above it there is no value, whatever the laws say; at it and below, nothing is said."""
    c = Card.model_validate(GOOD | {"name": "mine", "phase_limit": "450 K"})
    assert c.check_range(300, 450) == []
    (above,) = c.check_range(300, 450.5)
    assert above.severity == "error"
    assert above.text.startswith("mine: 450.5 K is above its phase limit 450 K: it is another phase there")
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(listing.show_card(c))
    assert re.search(r"phase limit +450 +K", console.export_text())


def test_species_that_diffuses():
    """Texts name it; lithium where a card does not say."""
    c = Card.load("Mg3BiSb-estimate")
    (beyond,) = c.check_composition(0.2, 0.3)
    assert "composition 0.3 (mol Mg per mol host) is beyond saturation, 0.25" in beyond.text
    assert Card.load("Li_xMg").composition_unit == "mol Li per mol host"
    with pytest.raises(ValidationError, match="'Li' or 'Mg'"):
        Card(diffusing_species="Na")


@pytest.mark.serial
def test_ageing_estimate(tmp_path):
    """The assumed values are of the size that their notes say, and are shown and drawn."""
    from thermolyte.materials.plot import plot_cards

    c = Card.load("Mg3BiSb-estimate")
    D = c.diffusivity.law
    assert float(D(573.0)) == pytest.approx(1e-12, rel=0.01, abs=0)
    assert float(D.model_copy(update={"bulk": None})(573.0) / D(573.0)) == pytest.approx(0.9, abs=0.01)
    assert c.properties.host_molar_volume == pytest.approx(445.73e-6 / 5.3, rel=1e-3)
    assert c.warnings == []
    assert c.range == (300.0, 600.0)
    taken = c.carriers.electrons(c, 0.1644, 300.0)
    assert taken.electrical_conductivity / 9e4 == pytest.approx(0.58, abs=0.005)
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(listing.show_card(c))
    text = console.export_text()
    for piece in ("effective_medium", "source of carriers: ASSUMED", "mol Mg per mol host", "3.527e+18", "-376.1"):
        assert piece in text
    with_row = plot_cards([c, Card.load("MgAgSb-395")], tmp_path / "ageing.png")
    without = plot_cards([Card.load("Mg3BiSb-411"), Card.load("MgAgSb-395")], tmp_path / "measured.png")
    heights = [int.from_bytes(path.read_bytes()[20:24]) for path in (with_row, without)]  # of the PNG header
    assert heights[0] == pytest.approx(1.5 * heights[1], rel=0.01)
