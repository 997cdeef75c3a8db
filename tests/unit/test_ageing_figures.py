"""Figures, report and summary of devices that age, drawn from folders that closed forms fill."""

import json
from pathlib import Path

import numpy as np
import pytest

from drawn import lines, write_csv
from thermolyte.results import (
    ageing_figures,
    ageing_sweeps,
    ageing_table,
    curves,
    figures,
    history,
    profiles,
    report,
    sweeps,
)
from thermolyte.results.battery_wording import described, full_text
from thermolyte.results.budget import where
from thermolyte.results.record import Record
from thermolyte.results.summary import report as summary
from thermolyte.results.tables import Table

pytestmark = pytest.mark.serial

DAY, END = 86400.0, 25.0
KEPT = np.array([0.0, 1.0, 4.0, 9.0, 16.0, 25.0])
HOT, BARRIER = "boundaries.hot.temperature", "interfaces.leg/pad.0.barrier"
P0, ETA0, R0, SIGMA0, S0 = 0.15, 0.12, 6e-3, 9e4, -200e-6
SOLVER = {
    "solver": {"unknowns": 9, "preset": "direct", "solves": 3}, "timings": {"total": 1.0}, "resumed_points": 0,
    "memory": {"peak": 0, "ranks": 1}, "mesh": {"cells_per_rank": [8]},
}  # fmt: skip


# ---- closed forms: what is lost grows as √t ------------------------------------------------------------------------
def at(days, fast=1.0) -> dict[str, np.ndarray]:
    """The columns that history and measurements share."""
    root = fast * np.sqrt(days)
    same = {f"room_temperature_conductivity.{r} [S/m]": SIGMA0 * (1 - 0.06 * root) for r in ("n_1", "n_2")}
    layer = np.sqrt(10e-6**2 + (4e-6 * root) ** 2)
    return {
        "time [s]": days * DAY,
        **same,
        "room_temperature_conductivity.top_n [S/m]": SIGMA0 * (1 - 0.03 * root),
        "room_temperature_seebeck_coefficient.n_1 [V/K]": S0 * (1 + 0.02 * root),
        "room_temperature_seebeck_coefficient.n_2 [V/K]": S0 * (1 + 0.02 * root) * (1 + 1e-9),
        "room_temperature_contact_resistivity.n_1/hot [ohm*m^2]": 5e-10 * np.exp(0.6 * root),
        "room_temperature_contact_resistivity.n_2/hot [ohm*m^2]": 5e-10 * np.exp(0.6 * root) * (1 + 1e-8),
        "room_temperature_contact_resistivity.n_1/cold [ohm*m^2]": 5e-10 + 0 * root,
        "reaction_layer_thickness.n_1/hot [m]": layer,
        "reaction_layer_thickness.n_1/cold [m]": 0.5 * layer,
        "interlayer_thickness.n_2/hot [m]": np.clip(5e-6 * (1 - days / 20), 0, None),
    }


def write_point(folder: Path, number: int = 0, fast: float = 1.0) -> dict[str, str]:
    """The tables of one device."""
    root, end = fast * np.sqrt(KEPT), f"_{number:04d}.csv"
    device = {
        "maximum_power [W]": P0 * (1 - 0.05 * root), "maximum_efficiency [1]": ETA0 * (1 - 0.01 * root),
        "internal_resistance [ohm]": R0 * (1 + 0.1 * root), "open_circuit_voltage [V]": 0.06 * (1 + 0.02 * root),
    }  # fmt: skip
    days = np.linspace(0, END, 101)
    dense = at(days, fast) | {"report [1]": np.isin(days, KEPT).astype(float), "voltage.hot [V]": 1e-17 * days}
    z = np.linspace(0, 6e-3, 7)
    rows = [(t, r, x) for t in KEPT for r in ("n_1", "n_2") for x in z]
    x = np.array([0.2 - 1e-3 * fast * np.sqrt(t) * (abs(h - 3e-3) / 3e-3) for t, _, h in rows])
    along = {
        "time [s]": [t * DAY for t, *_ in rows], "region": [r for _, r, _ in rows], "z [m]": [h for *_, h in rows],
        "composition [1]": x, "room_temperature_conductivity [S/m]": 4.5e5 * x,
        "room_temperature_seebeck_coefficient [V/K]": -1e-3 * x,
    }  # fmt: skip
    return {
        "ageing": write_csv(folder / f"ageing{end}", at(KEPT, fast) | device),
        "history": write_csv(folder / f"history{end}", dense),
        "profiles": write_csv(folder / f"profiles{end}", along),
    }


def values(fast: float = 1.0) -> dict[str, float]:
    """The quantities at the end; losses of 5 and 10 % after 1 and 4 days, of 30 % not at all."""
    lost = 0.05 * fast * np.sqrt(END)
    times = {f"time_to_loss.{n}": (0.2 * n / fast) ** 2 * DAY for n in (5, 10, 30) if n < 100 * lost}
    return {
        "time": END * DAY, "voltage": 0.066, "current": 1e-13, "power": 6.6e-15, "heat_flow.hot": 0.63,
        "hot_heat_flow": 0.63, "resistance": 9e-3, "maximum_power": P0 * (1 - lost), "mean_concentration.n_1": 2000.0,
        "magnesium.n_1": 1.75e-4, "magnesium_total": 2.2e-4, "magnesium_drift": 2.2e-17, "loss.maximum_power": lost,
        "carrier_concentration.n_1": 2.27e25, "time_to_exhaustion.n_2/hot": 19.8 * DAY,
    } | times  # fmt: skip


def write_record(folder: Path, points, **study) -> Record:
    losses = {"quantity": "maximum_power", "of": [0.05, 0.1, 0.3]}
    inner = {"type": "ageing", "losses": losses}
    case = {
        "physics": {"thermoelectricity": {}, "diffusion": {}, "mechanics": None},
        "regions": {"n_*": {"material": {"name": "Mg3BiSb", "diffusing_species": "Mg"}},
                    "pad": {"material": {"name": "Ni", "diffusing_species": "Li"}}},
        "terminals": {"cold": {"type": "ground"}, "hot": {"type": "current"}},
        "study": {"type": "sweep", "each": inner} if study.get("sweep") else inner,
    }  # fmt: skip
    content = {"title": "legs age", "points": points, "case": case, "balances": {"magnesium": 1e-13}, **SOLVER}
    (folder / "result.json").write_text(json.dumps(content))
    return Record.read(folder)


def one(folder: Path, **more: float) -> Record:
    files = write_point(folder)
    return write_record(
        folder, [{"parameters": {}, "objective": None, "values": values() | more, "files": files}], sweep=False
    )


def sweep(folder: Path, grid) -> Record:
    """Devices by their parameters, and how fast they age."""
    points = [
        {"parameters": p, "objective": None, "values": values(fast), "files": write_point(folder, k, fast)}
        for k, (p, fast) in enumerate(grid, 1)
    ]
    return write_record(folder, points, sweep=True)


def legends(figure) -> list[list[str]]:
    return [[t.get_text() for t in ax.get_legend().get_texts()] for ax in figure.axes if ax.get_legend()]


# ---- one device ------------------------------------------------------------------------------------------------------
def test_the_device_and_its_materials_relative_to_the_start(tmp_path):
    figure = ageing_figures.ageing(one(tmp_path)).figure
    ((days, power),) = lines(figure, "maximum_power")
    np.testing.assert_allclose([days, power], [KEPT, 1 - 0.05 * np.sqrt(KEPT)])
    ((_, resistance),) = lines(figure, "internal_resistance")
    np.testing.assert_allclose(resistance, 1 + 0.1 * np.sqrt(KEPT))
    (days, sigma), _ = lines(figure, "room_temperature_conductivity")
    np.testing.assert_allclose(sigma, 1 - 0.06 * np.sqrt(days), rtol=1e-12)
    ((_, S),) = lines(figure, "room_temperature_seebeck")
    np.testing.assert_allclose(S[-1], 1.1)
    assert legends(figure)[1] == ["conductivity, n 1, n 2", "conductivity, top n", "Seebeck coefficient, n 1, n 2"]


def test_losses_are_marked_where_they_are_reached(tmp_path):
    figure = ageing_figures.ageing(one(tmp_path)).figure
    ((days, left),) = lines(figure, "losses")
    np.testing.assert_allclose([days, left], [[1, 4], [0.95, 0.9]])
    assert legends(figure)[0][-1] == "loss of 5, 10 % after 1, 4 days"


def test_without_optima_a_device_on_its_load_is_judged_by_its_power(tmp_path):
    record = one(tmp_path)
    text = (tmp_path / "ageing_0000.csv").read_text().replace("maximum_", "").replace("internal_", "")
    (tmp_path / "ageing_0000.csv").write_text(text)
    (point,) = record.points
    table = record.table(point, "ageing")
    assert ageing_table.device_quantities(point, table) == [], "round-off is no power"
    loaded = one(tmp_path, current=1.0).points[0]
    assert ageing_table.device_quantities(loaded, table) == ["power", "efficiency", "resistance"]


def test_equal_contacts_are_one_curve_over_decades(tmp_path):
    figure = ageing_figures.contact_ageing(one(tmp_path)).figure
    found = lines(figure, "room_temperature_contact_resistivity")
    assert len(found) == 2
    np.testing.assert_allclose(found[0][1][[0, -1]], [5, 5 * np.exp(3)])  # µΩ cm²
    assert legends(figure) == [["n 1 | hot, n 2 | hot", "n 1 | cold"]]
    assert figure.axes[0].get_yscale() == "log"


def test_contacts_within_a_decade_are_drawn_to_scale(tmp_path):
    record = one(tmp_path)
    table = {"time [s]": [0.0, DAY], "room_temperature_contact_resistivity.a/b [ohm*m^2]": [1e-10, 9e-10]}
    write_csv(tmp_path / "history_0000.csv", table)
    assert ageing_figures.contact_ageing(record).figure.axes[0].get_yscale() == "linear"


def test_a_parabola_is_a_straight_line_and_the_end_of_an_interlayer_is_marked(tmp_path):
    figure = ageing_figures.layers(one(tmp_path)).figure
    grown, left = figure.axes
    (days, thickness), _ = lines(figure, "reaction_layer_thickness")
    np.testing.assert_allclose(thickness**2 - 100, 16 * days, atol=1e-9)
    shown = grown.transData.transform(np.column_stack([[1.0, 4.0, 9.0], [0, 0, 0]]))[:, 0]
    np.testing.assert_allclose(np.diff(shown)[0], np.diff(shown)[1], rtol=1e-9)
    ((end, _),) = lines(figure, "exhaustion")
    np.testing.assert_allclose(end, 19.8)
    assert [t.get_text() for t in left.get_legend().get_texts()] == ["n 2 | hot", "used up after 19.8 days"]


def test_profiles_of_equal_legs_are_drawn_once_at_the_kept_times(tmp_path):
    figure = ageing_figures.composition_profiles(one(tmp_path)).figure
    found = lines(figure, "composition")
    assert len(found) == len(KEPT)
    for (z, x), t in zip(found, KEPT, strict=True):
        np.testing.assert_allclose(x, 0.2 - 1e-3 * np.sqrt(t) * abs(z - 3) / 3)  # mm
    np.testing.assert_allclose(lines(figure, "room_temperature_conductivity")[0][1], 900)  # S/cm
    np.testing.assert_allclose(lines(figure, "room_temperature_seebeck")[0][1], -200)  # µV/K
    assert [ax.get_title() for ax in figure.axes[:3]] == ["n 1, n 2", "", ""]
    assert figure.axes[3].get_ylabel() == "time [days]"
    colours = {line.get_color() for line in figure.axes[0].lines}
    assert len(colours) == len(KEPT)


def test_a_host_without_carriers_shows_its_composition_alone(tmp_path):
    record = one(tmp_path)
    columns = {"time [s]": [0.0, 0.0, DAY, DAY], "region": ["a"] * 4, "z [m]": [0, 1e-3] * 2,
               "composition [1]": [0.2, 0.2, 0.1, 0.2]}  # fmt: skip
    write_csv(tmp_path / "profiles_0000.csv", columns)
    picture = ageing_figures.composition_profiles(record)
    assert len(picture.figure.axes) == 2, "one diagram and its bar of colours"
    assert "conductivity" not in picture.caption


def test_courses_that_differ_by_more_than_a_millionth_are_two():
    days = np.linspace(0, 1, 5)
    for difference, count in ((0.5e-6, 1), (2e-6, 2)):
        columns = {"interlayer_thickness.a": days, "interlayer_thickness.b": days * (1 + difference)}
        assert len(ageing_table.courses(Table(columns, {}, {}), "interlayer_thickness")) == count


def test_figures_of_batteries_and_of_curves_are_not_those_of_a_device_that_ages(tmp_path):
    record = one(tmp_path)
    assert not record.is_battery
    assert history.voltage_history(record) is None
    assert history.lithium_history(record) is None
    assert profiles.lithium_profiles(record) is None
    both = sweep(tmp_path, [({"terminals.hot.current": f"{i} A"}, 1.0 + i) for i in (0.0, 0.5)])
    assert not both.is_drive("terminals.hot.current")
    assert curves.current_voltage_power(both) is None
    assert sweeps.parameter_sweep(both) is None


# ---- sweeps ----------------------------------------------------------------------------------------------------------
def test_a_sweep_has_a_curve_for_each_point_labelled_by_what_varies(tmp_path):
    record = sweep(tmp_path, [({HOT: "500 K"}, 0.5), ({HOT: "550 K"}, 1.0), ({HOT: "600 K"}, 2.0)])
    figure = ageing_sweeps.ageing_sweep(record).figure
    found = lines(figure, "maximum_power")
    assert len(found) == 3
    for (days, left), fast in zip(found, (0.5, 1, 2), strict=True):
        np.testing.assert_allclose(left, 1 - 0.05 * fast * np.sqrt(days))
    assert len(lines(figure, "room_temperature_conductivity.n_1")) == 3, "and none of the leg that changes less"
    assert not lines(figure, "room_temperature_conductivity.top_n")
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["500 K", "550 K", "600 K"]
    assert ageing_sweeps.ageing_sweep(one(tmp_path)) is None


def test_times_to_losses_against_one_number(tmp_path):
    record = sweep(tmp_path, [({HOT: "500 K"}, 0.3), ({HOT: "550 K"}, 1.0), ({HOT: "600 K"}, 2.0)])
    figure = ageing_sweeps.lifetime(record).figure
    assert [ax.get_title() for ax in figure.axes] == [f"{n} % loss of maximum power" for n in (5, 10, 30)]
    ((T, days),) = lines(figure, "5 0")
    np.testing.assert_allclose([T, days], [[500, 550, 600], [1 / 0.09, 1, 0.25]])
    ((T, days),) = lines(figure, "30 0")
    np.testing.assert_allclose([T, days], [[600], [9]])
    ((T, days),) = lines(figure, "beyond 30 0")
    np.testing.assert_allclose([T, days], [[500, 550], [25, 25]])


def test_times_to_losses_of_several_junctions_are_curves(tmp_path):
    grid = [({HOT: f"{T} K", "regions.pad": pad}, f * T / 500) for T in (500, 600) for f, pad in ((1, "Ni"), (2, "Mg"))]
    figure = ageing_sweeps.lifetime(sweep(tmp_path, grid)).figure
    np.testing.assert_allclose(lines(figure, "5 1")[0], [[500, 600], [0.25, 0.25 / 1.44]])
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["Ni", "Mg"]


def test_two_numbers_on_a_grid_are_a_map_with_what_is_not_reached_hatched(tmp_path):
    grid = [({HOT: f"{T} K", BARRIER: b}, T / 500 * b) for T in (500, 550, 600) for b in (0.5, 2.0)]
    figure = ageing_sweeps.lifetime(sweep(tmp_path, grid)).figure
    cells = {str(patch.get_gid()): patch for ax in figure.axes for patch in ax.patches}
    assert len([n for n in cells if n]) >= 18
    assert cells["30 0 0"].get_hatch()
    assert not cells["30 2 1"].get_hatch()
    texts = {t.get_position(): t.get_text() for t in figure.axes[1].texts}
    assert texts[0, 0] == f"{4 / 0.25:.3g}"
    assert texts[2, 1] == f"{4 / 5.76:.3g}"
    assert {t.get_text() for t in figure.axes[2].texts} >= {"> 25"}


def test_a_point_that_fails_does_not_hide_the_others(tmp_path):
    record = sweep(tmp_path, [({HOT: "500 K"}, 0.5), ({HOT: "550 K"}, 1.0)])
    content = json.loads((tmp_path / "result.json").read_text())
    content["points"].append({"parameters": {HOT: "900 K"}, "objective": None, "error": "x", "files": {}})
    (tmp_path / "result.json").write_text(json.dumps(content))
    assert figures.draw(tmp_path) == []
    html = (tmp_path / "report.html").read_text()
    for text in ("1 failed", "<h2>Lives</h2>", "500 K", "days to 30 %", "&gt; 25", record.species.capitalize()):
        assert text in html
    assert {"lifetime", "ageing_sweep"} <= {f.stem for f in (tmp_path / "figures").glob("*.png")}


# ---- words -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "value", "text", "number"),
    [
        ("magnesium.leg", 1.75e-4, "Mg inventory, leg", "0.175 mmol"),
        ("magnesium_total", 2.2e-4, "Mg in host and layers", "0.22 mmol"),
        ("magnesium_drift", 2.2e-17, "largest change of Mg in host and layers", "22 amol"),
        ("interlayer_thickness.leg/pad", 5e-6, "interlayer, leg | pad", "5 µm"),
        ("reaction_layer_thickness.leg/pad", 26.8e-6, "reaction layer, leg | pad", "26.8 µm"),
        ("released.sides", 1e-7, "amount evaporated, sides", "0.1 µmol"),
        ("carrier_concentration.leg", 3e25, "carriers, leg", "3e+19 1/cm³"),
        ("room_temperature_conductivity.leg", 9e4, "conductivity, leg", "900 S/cm"),
        ("room_temperature_seebeck_coefficient.leg", -2e-4, "Seebeck coefficient, leg", "-200 µV/K"),
        ("room_temperature_contact_resistivity.leg/pad", 5e-10, "contact resistivity, leg | pad", "5 µΩ cm²"),
        ("loss.maximum_power", 0.211, "loss, maximum power", "21.1 %"),
        ("time_to_loss.2.5", 12 * DAY, "time to a loss, 2.5 %", "12 days"),
        ("time_to_exhaustion.leg/pad", 12 * DAY, "time until the interlayer is used up, leg | pad", "12 days"),
    ],
)
def test_quantities_in_words(name, value, text, number):
    assert full_text(name) == text
    assert described(name)[0].number(value) == number


def test_a_point_is_called_by_its_days(tmp_path):
    assert where(one(tmp_path).points[0]) == "after 25 days"


def test_the_summary_says_what_was_lost_and_when(tmp_path):
    text = summary(one(tmp_path).content, tmp_path)
    for part in (
        "  ageing\n    after 25 days: maximum power 0.1125 W (-25 %)", "internal resistance 9 mΩ (+50 %)",
        "5 % of maximum power lost after 1 day\n", "10 % of maximum power lost after 4 days",
        "30 % of maximum power lost not within 25 days", "interlayer n 2 | hot used up after 19.8 days",
        "contact resistivity, n 1 | hot, n 2 | hot [µΩ cm²]", "hot heat flow", "magnesium 1.0e-13 of all magnesium",
    ):  # fmt: skip
        assert part in text
    for part in ("n 1 | cold [µΩ", "    power", "    current", "ithium"):
        assert part not in text
    (row,) = [line for line in text.splitlines() if line.strip().startswith("time [days]")]
    assert row.split()[2:] == ["0", "1", "4", "9", "16", "25"]


def test_the_summary_of_a_sweep_says_how_long_each_device_lasts(tmp_path):
    text = summary(sweep(tmp_path, [({HOT: "500 K"}, 0.3), ({HOT: "600 K"}, 2.0)]).content, tmp_path)
    rows = [line.split() for line in text.splitlines() if line.startswith("    hot temperature =")]
    assert rows == [
        ["hot", "temperature", "=", "500", "K", "25", "7.5", "11.11", ">", "25", ">", "25"],
        ["hot", "temperature", "=", "600", "K", "25", "50", "0.25", "1", "9"],
    ]


@pytest.mark.parametrize("study", ["ageing", "transient", "operating_point"])
def test_a_point_that_failed_is_called_by_its_study(tmp_path, study):
    record = write_record(tmp_path, [{"parameters": {}, "objective": None, "error": "no", "files": {}}])
    record.case["study"]["type"] = study
    assert f"failed: {study.replace('_', ' ')}" in summary(record.content, tmp_path)
    assert figures.draw(tmp_path) == []


def test_the_page_of_a_device_that_ages(tmp_path):
    html = report.page(one(tmp_path), {})
    body = html.partition("<h2>Details</h2>")[0]
    for text in (
        "<strong>After 25 days: maximum power 0.1125 W (-25 %)", "5 % of maximum power lost after 1 day.",
        "<th>25</th><td>0.1125</td><td>11.4</td><td>9</td>", "Main numbers", "<h3>Magnesium</h3>",
        "of all magnesium in hosts and layers", "2.27e+19 1/cm³",
    ):  # fmt: skip
        assert text in body
    for text in ("ithium", "fA", "fW", "Lives"):
        assert text not in body


def test_every_table_gives_its_figure_small_enough_for_a_repository(tmp_path):
    one(tmp_path)
    assert figures.draw(tmp_path) == []
    sizes = {f.stem: f.stat().st_size for f in (tmp_path / "figures").glob("*.png")}
    assert set(sizes) == {"ageing", "contact_ageing", "layers", "composition_profiles"}
    assert max(sizes.values()) <= 250_000


def test_a_study_that_stopped_at_its_start_draws_nothing_and_breaks_nothing(tmp_path):
    one(tmp_path)
    for kind in ("ageing", "history"):
        file = tmp_path / f"{kind}_0000.csv"
        file.write_text("\n".join(file.read_text().splitlines()[:2]) + "\n")
    assert figures.draw(tmp_path) == []
    assert not [f for f in (tmp_path / "figures").glob("*.png") if f.stem != "composition_profiles"]
