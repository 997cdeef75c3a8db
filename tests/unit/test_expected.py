"""Results against expected.json: what passes, what fails, and balances that are always checked."""

import json

import pytest

from thermolyte.results.expected import Expectation, Expected, compare

pytestmark = pytest.mark.serial

RESULT = {
    "balances": {"energy": 1e-12, "charge": 1e-14},
    "points": [
        {"parameters": {"a.current": "1 A"}, "objective": None, "values": {"voltage": 2.0, "power": 2.0}},
        {"parameters": {"a.current": "2 A"}, "objective": None, "values": {"voltage": 1.0, "power": 2.0}},
        {"parameters": {}, "objective": "maximum_power", "values": {"voltage": 1.5, "power": 2.25}},
        {"parameters": {"a.current": "9 A"}, "objective": None, "error": "no solution"},
    ],
}


@pytest.mark.parametrize(
    ("wanted", "found", "holds"),
    [
        ({"value": 2.0, "rtol": 0.01}, 2.019, True),
        ({"value": 2.0, "rtol": 0.01}, 2.021, False),
        ({"value": -2.0, "rtol": 0.01}, -1.981, True),
        ({"value": 0.0, "atol": 1e-3}, -9e-4, True),
        ({"value": 0.0, "atol": 1e-3}, -2e-3, False),
        ({"value": 2.0, "rtol": 0.01, "atol": 0.01}, 2.029, True),
        ({"low": 1.0, "high": 2.0}, 1.5, True),
        ({"low": 1.0, "high": 2.0}, 2.1, False),
        ({"low": 1.0}, 1e9, True),
        ({"value": 2.0, "rtol": 0.01}, float("nan"), False),
        ({"low": 1.0}, float("nan"), False),
    ],
)
def test_tolerance(wanted, found, holds):
    assert Expectation(quantity="voltage", source="made up", **wanted).holds(found) is holds


@pytest.fixture
def verdict(tmp_path):
    def call(*values, balances=None, **limits):
        (tmp_path / "result.json").write_text(json.dumps(RESULT | ({"balances": balances} if balances else {})))
        file = tmp_path / "expected.json"
        file.write_text(json.dumps({"values": [{"source": "made up", **v} for v in values], **limits}, indent=1))
        return compare(tmp_path, file, Expected.read(file))

    return call


def test_points_and_objectives(verdict):
    found = verdict(
        {"quantity": "voltage", "at": {"a.current": "1 A"}, "value": 2, "rtol": 1e-9},
        {"quantity": "voltage", "at": {"a.current": "2 A"}, "value": 1, "rtol": 1e-9},
        {"quantity": "power", "objective": "maximum_power", "low": 2.2, "high": 2.3},
    )
    assert found.passed
    lines = found.text.splitlines()
    assert lines[-1] == "verified"
    assert [line.split()[0] for line in lines if line and line != "verified"] == ["ok"] * 5
    assert "made up" in lines[-2]


def test_one_number_that_differs_fails(verdict):
    found = verdict(
        {"quantity": "voltage", "at": {"a.current": "1 A"}, "value": 2, "rtol": 1e-9},
        {"quantity": "voltage", "at": {"a.current": "2 A"}, "value": 2, "rtol": 1e-9},
    )
    assert not found.passed
    assert [line[:4] for line in found.text.splitlines()[3:5]] == ["ok  ", "FAIL"]
    assert found.text.splitlines()[-1] == "NOT verified"


def test_balances_are_always_checked(verdict):
    good = {"quantity": "voltage", "at": {"a.current": "1 A"}, "value": 2, "rtol": 1e-9}
    assert not verdict(good, balances={"energy": 1e-6, "charge": 0.0}).passed
    assert not verdict(good, balances={"energy": 0.0, "charge": 1e-6}).passed
    assert verdict(good, balances={"energy": 1e-6, "charge": 0.0}, energy_balance=1e-5).passed
