"""Results against expected.json: what passes, what fails, and balances that are always checked."""

import json

import pytest

from thermolyte.errors import InputError
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


# ---- numbers in tables -----------------------------------------------------------------------------------------------
@pytest.fixture
def battery(tmp_path):
    """The verdict on a run with a history and an impedance."""
    history = "time [s],report [1],voltage.anode [V]\n0,1,0.3\n4,0,0.25\n5,1,0.24\n10,1,0.2\n"
    (tmp_path / "history_0001.csv").write_text(history)
    spectrum = "frequency [Hz],impedance_real [ohm],impedance_imaginary [ohm]\n1000000,54,-0.03\n1000,60,-1.2\n"
    (tmp_path / "impedance_0001.csv").write_text(spectrum)
    files = {"history": "history_0001.csv", "impedance": "impedance_0001.csv"}
    points = [
        {"parameters": {"D": 1}, "objective": None, "values": {"voltage.anode": 0.1}, "files": files},
        {"parameters": {"D": 2}, "objective": None, "values": {"voltage.anode": 0.1}},
    ]

    def call(*values, balances=None, **limits):
        result = {"balances": balances if balances is not None else {"lithium": 1e-13}, "points": points}
        (tmp_path / "result.json").write_text(json.dumps(result))
        file = tmp_path / "expected.json"
        file.write_text(json.dumps({"values": [{"source": "made up", **v} for v in values], **limits}, indent=1))
        return compare(tmp_path, file, Expected.read(file))

    return call


def at_time(time, value=0.24, **more):
    return {"quantity": "voltage.anode", "at": {"D": 1}, "time": time, "value": value, "rtol": 1e-6} | more


def at_frequency(frequency, value=60.0, **more):
    return {"quantity": "impedance_real", "at": {"D": 1}, "frequency": frequency, "value": value, "rtol": 1e-6} | more


@pytest.mark.parametrize("time", [5, "5 s", "5000 ms", 5 * (1 + 1e-10)])
def test_a_number_at_a_report_time(battery, time):
    assert battery(at_time(time)).passed
    assert not battery(at_time(time, 0.25)).passed
    assert "voltage.anode D=1 at 5 s" in battery(at_time(time)).text


def test_the_beginning_is_a_report_time(battery):
    assert battery(at_time(0, 0.3)).passed


@pytest.mark.parametrize("time", [7, 4, 5 * (1 + 1e-8)])
def test_a_time_that_was_not_reported_is_named_with_those_that_were(battery, time):
    with pytest.raises(InputError, match=r"the history has no time .* it has 0, 5, 10 s"):
        battery(at_time(time))


def test_a_point_without_history_is_named(battery):
    with pytest.raises(InputError, match="the point has no history"):
        battery(at_time(5, at={"D": 2}))


def test_a_quantity_that_the_history_lacks_is_named(battery):
    with pytest.raises(InputError, match=r"the history has no such quantity.*voltage\.anode"):
        battery(at_time(5, quantity="voltage.cathode"))


@pytest.fixture
def aged(tmp_path):
    """The verdict on a device that ages: its history in the furnace, and what was measured."""
    (tmp_path / "history.csv").write_text("time [s],report [1],voltage [V]\n0,1,0\n864000,1,0\n")
    (tmp_path / "ageing.csv").write_text("time [s],voltage [V],maximum_power [W]\n0,0.06,0.15\n864000,0.07,0.13\n")
    files = {"history": "history.csv", "ageing": "ageing.csv"}
    points = [{"parameters": {}, "objective": None, "values": {"voltage": 0.07}, "files": files}]

    def call(*values, points=points, **limits):
        study = {"study": {"type": "ageing"}}
        result = {"balances": {"magnesium": 1e-13}, "points": points, "case": study}
        (tmp_path / "result.json").write_text(json.dumps(result))
        file = tmp_path / "expected.json"
        file.write_text(json.dumps({"values": [{"source": "made up", **v} for v in values], **limits}, indent=1))
        return compare(tmp_path, file, Expected.read(file))

    return call


def test_at_a_kept_time_of_a_device_that_ages_a_number_is_what_was_measured(aged):
    power = {"quantity": "maximum_power", "time": "10 days", "rtol": 1e-9}
    assert aged(power | {"value": 0.13}).passed
    assert not aged(power | {"value": 0.15}).passed
    assert aged({"quantity": "voltage", "time": 0, "value": 0.06, "rtol": 1e-9}).passed
    with pytest.raises(InputError, match="the ageing has no time 86400 s; it has 0, 864000 s"):
        aged(power | {"value": 0.13, "time": "1 day"})
    with pytest.raises(InputError, match="the ageing has no such quantity"):
        aged(power | {"value": 0.13, "quantity": "efficiency"})


def test_the_balance_of_magnesium_is_checked(aged):
    good = {"quantity": "voltage", "value": 0.07, "rtol": 1e-9}
    assert aged(good).passed
    assert not aged(good, magnesium_balance=1e-14).passed


def test_an_ageing_that_failed_is_named(aged):
    failed = [{"parameters": {}, "objective": None, "error": "no"}]
    with pytest.raises(InputError, match="no finished point `ageing`"):
        aged({"quantity": "voltage", "value": 0.07, "rtol": 1e-9}, points=failed)


@pytest.mark.parametrize("frequency", [1000, "1 kHz"])
def test_a_number_at_a_frequency(battery, frequency):
    assert battery(at_frequency(frequency)).passed
    assert not battery(at_frequency(frequency, 61)).passed
    assert battery(at_frequency("1 MHz", -0.03, quantity="impedance_imaginary")).passed


def test_a_frequency_that_was_not_computed_is_named_with_those_that_were(battery):
    with pytest.raises(InputError, match=r"the impedance has no frequency 10 Hz; it has 1000, 1000000 Hz"):
        battery(at_frequency(10))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (at_time("5 V"), "wrong dimension"),
        (at_time(5, frequency=5), "not both"),
        (at_time(5, quantity="impedance_real"), "a frequency belongs to impedance_real"),
        (at_frequency(5, quantity="voltage.anode"), "a frequency belongs to impedance_real"),
    ],
)
def test_mistakes_in_where_a_number_is_read(battery, wrong, message):
    with pytest.raises(InputError, match=message):
        battery(wrong)


def test_only_the_balances_of_the_run_are_checked(battery):
    assert battery(at_time(5)).passed
    assert not battery(at_time(5), balances={"lithium": 1e-6}).passed
    assert battery(at_time(5), balances={"lithium": 1e-6}, lithium_balance=1e-5).passed
    assert not battery(at_time(5), balances={"lithium": 0.0, "charge": 1e-3}).passed
    assert not battery(at_time(5), balances={"lithium": float("nan")}).passed


def test_a_limit_for_a_balance_that_the_run_lacks_is_a_mistake(battery):
    with pytest.raises(InputError, match="energy_balance: the run has no such balance, only lithium"):
        battery(at_time(5), energy_balance=1e-8)
