"""Quantities at the border: what is accepted, what is refused and what is said."""

import math

import pytest
from pydantic import BaseModel, ValidationError

from thermolyte import units

pytestmark = pytest.mark.serial


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("3.8 mm", "m", 3.8e-3),
        ("3.8mm", "m", 3.8e-3),
        ("2 inch", "m", 0.0508),
        ("0.006", "m", 0.006),
        (6, "m", 6.0),
        (".5 m", "m", 0.5),
        ("1e-3 km", "m", 1.0),
        ("25 degC", "K", 298.15),
        ("25 °C", "K", 298.15),
        ("-40 degF", "K", 233.15),
        ("−5 A", "A", -5.0),
        ("5 uohm*cm^2", "ohm*m^2", 5e-10),
        ("5 µΩ·cm²", "ohm*m^2", 5e-10),
        ("10 W/m²/K", "W/(m^2*K)", 10.0),
        ("80 %", "1", 0.8),
        ("80%", "1", 0.8),
        ("0.35 eV", "J", 5.607618219e-20),
    ],
)
def test_value_in_si(text, unit, value):
    assert units.si(text, unit) == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("5 mm", "'5 mm' has the wrong dimension"),
        ("5 %", "'5 %' has the wrong dimension"),
        ("25 C", "'25 C' has the wrong dimension"),
        ("5 flurbs", "'5 flurbs' has an unknown unit `flurbs`"),
        ("2*3 K", "'2*3 K' has an unknown unit `*3 K`"),
        ("1_000 K", "unknown unit"),
        ("K", "'K' does not start with a number"),
        ("", "'' does not start with a number"),
        ("1.2.3 K", "does not start with a number"),
        ("400,5 K", "does not start with a number (write a decimal point)"),
        ("nan K", "'nan K' is not a finite number"),
        (math.inf, "inf is not a finite number"),
        (True, "True is not a quantity"),
        ([300], "[300] is not a quantity"),
        (None, "None is not a quantity"),
    ],
)
def test_refused(value, text):
    with pytest.raises(ValueError, match="expected a text with a unit of that dimension, or a number in K") as error:
        units.si(value, "K")
    assert text in str(error.value)


def test_expression_is_not_evaluated():
    for text in ("9**9**9**9 K", "__import__('os').getcwd()"):
        with pytest.raises(ValueError, match="K"):
            units.si(text, "K")


def test_fields_of_a_model():
    class Model(BaseModel):
        temperature: units.Temperature = 300.0
        length: units.PositiveLength = 1.0
        fraction: units.Fraction = 0.5

    assert Model(temperature="26.85 degC").temperature == pytest.approx(300)
    for wrong, text in (
        ({"temperature": "0 K"}, "0.0 K is not above absolute zero: write a unit, such as '25 degC'"),
        ({"temperature": "5 mm"}, "expected a text such as '25 degC', or a number in K"),
        ({"length": "0 mm"}, "greater than 0"),
        ({"fraction": "120 %"}, "less than or equal to 1"),
    ):
        with pytest.raises(ValidationError) as error:
            Model(**wrong)
        assert text in str(error.value)
    schema = Model.model_json_schema()["properties"]["temperature"]
    assert schema["anyOf"] == [{"type": "number"}, {"type": "string"}]
    assert "such as '25 degC'" in schema["description"]


@pytest.mark.parametrize(
    ("unit", "target", "factor"),
    [("uV/K", "V/K", 1e-6), ("S/cm", "S/m", 100), ("µΩ·m", "ohm*m", 1e-6), ("mW/(cm*K)", None, 0.1)],
)
def test_factor(unit, target, factor):
    assert units.factor(unit, target) == pytest.approx(factor)


def test_factor_refused():
    with pytest.raises(ValueError, match="unit 'S' has the wrong dimension: expected S/m or another unit"):
        units.factor("S", "S/m")
    with pytest.raises(ValueError, match="unit 'flurb' is not understood"):
        units.factor("flurb")


def test_steps_keep_the_unit_of_their_start():
    assert units.spaced(0, 1, 3) == (0.0, 0.5, 1.0)
    assert units.spaced("0 mA", "1 A", 3) == ("0 mA", "500 mA", "1000 mA")
    warm = units.spaced("100 degC", "200 degC", 3)
    assert [units.si(x, "K") for x in warm] == pytest.approx([373.15, 423.15, 473.15])
    assert [units.si(x, "K") for x in units.spaced("300 K", "126.85 degC", 2)] == pytest.approx([300, 400])
    for start, stop, text in (("0 A", "1 V", "different dimensions"), (0, "1 A", "give both a unit, or neither")):
        with pytest.raises(ValueError, match=text):
            units.spaced(start, stop, 3)
