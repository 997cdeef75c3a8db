"""Figures and report: what is drawn when, whether it is what was computed, what happens when something is missing."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from thermolyte.results import budget, curves, figures, maps, report, scenes, sweeps, waterfall
from thermolyte.results.record import Record
from thermolyte.results.wording import amounts, parameter_name, pretty_unit

pytestmark = pytest.mark.serial

S, R, K, COLD = 400e-6, 5e-3, 2e-3, 300.0
HOT, CURRENT = "boundaries.hot.temperature", "terminals.plus.current"


def values(I: float, hot: float = 500.0, R: float = R) -> dict[str, float]:
    """A device with constant properties: V = S ΔT − R I, Q_h = K ΔT + S T_h I − R I²/2."""
    dT = hot - COLD
    V, Q = S * dT - R * I, K * dT + S * hot * I - R * I**2 / 2
    P = V * I
    out = {
        "voltage.minus": 0.0, "current.minus": -I, "voltage.plus": V, "current.plus": I, "voltage": V, "current": I,
        "power": P, "hot_heat_flow": Q, "cold_heat_flow": Q - P, "mean_temperature.hot": hot,
        "mean_temperature.cold": COLD, "power_density_leg": P / 2e-5, "power_density_footprint": P / 4e-5,
        "internal_resistance": R,
    }  # fmt: skip
    out |= {"efficiency": P / Q} if P >= 0 else {"cop": -(Q - P) / -P}
    parts = {"n_legs": 0.6 * R, "p_legs": 0.3 * R, "n_legs/straps": 0.09 * R, "straps": 0.01 * R, "plus": 1e-9 * R}
    return {n: float(v) for n, v in out.items()} | (
        {f"resistance.{n}": r for n, r in parts.items()} | {"resistance": R} if I else {}
    )


def point(parameters: dict[str, object], objective: str | None = None, **device: float) -> dict[str, object]:
    """A point as in `result.json`; an objective takes the closed form of its current."""
    if objective == "maximum_power":
        device["I"] = S * (device["hot"] - COLD) / (2 * R)
    found = values(**device)
    if objective:
        found[objective] = found[objective.removeprefix("maximum_")]
    return {"parameters": parameters, "objective": objective, "values": found}


def generator(hots: tuple[float, ...] = (400.0, 500.0, 600.0), find: bool = True) -> list[dict[str, object]]:
    """Currents from 0 A, beyond short circuit for the coldest, at several hot temperatures."""
    points = []
    for hot in hots:
        here: dict[str, object] = {HOT: f"{hot:g} K"}
        points += [point(here | {CURRENT: f"{I:g} A"}, I=I, hot=hot) for I in np.linspace(0, 12, 7)]
        points += (
            [point(here, "maximum_power", hot=hot), point(here, "maximum_efficiency", I=3.0, hot=hot)] if find else []
        )
    return points


def record(points: list[dict[str, object]], folder: Path = Path()) -> Record:
    """A record of these points."""
    cards = {"n_legs": ("n", "n-type"), "p_legs": ("p", "p-type"), "str*": ("Cu", "conductor")}
    case = {
        "regions": {r: {"material": {"name": n, "kind": k}} for r, (n, k) in cards.items()},
        "terminals": {"minus": {"type": "ground"}, "plus": {"type": "current"}},
        "device": {"hot": ["hot"], "cold": ["cold"]},
    }
    return Record(folder, {"title": "a <test> device", "points": points, "case": case, "balances": {"energy": 1e-13}})


def lines(figure, name: str) -> list[np.ndarray]:
    """The markers of one quantity, curve by curve, as (x, y)."""
    found = [line for ax in figure.axes for line in ax.lines if str(line.get_gid()).rsplit(" ", 1)[0] == name]
    return [np.array(line.get_data(), dtype=float) for line in found]


# ---- over the current ------------------------------------------------------------------------------------------------
def test_a_series_for_each_hot_temperature_with_its_optima():
    r = record(generator())
    assert r.terminal == "plus"
    assert [s.parameters for s in r.curves] == [{HOT: "400 K"}, {HOT: "500 K"}, {HOT: "600 K"}]
    assert all(len(s.points) == 7 and set(s.optima) == {"maximum_power", "maximum_efficiency"} for s in r.curves)
    labels, ordered = curves.series_labels(r)
    assert labels[0] == "400 K (Δ$T$ = 100 K)"
    assert ordered


def test_only_the_terminal_of_the_device_moves_along_its_curve():
    r = record(generator())
    assert r.is_drive("terminals.plus.current")
    assert r.is_drive("terminals.plus.resistance")
    assert not r.is_drive("terminals.minus.voltage")
    assert not r.is_drive("terminals.plus.contact_resistivity")


def test_voltage_and_power_are_those_that_were_computed():
    picture = curves.current_voltage_power(record(generator()))
    for number, hot in enumerate((400.0, 500.0, 600.0)):
        I, V = lines(picture.figure, "voltage")[number]
        scale = 1e3 if V.max() > 1 else 1.0  # V or mV
        np.testing.assert_allclose(V / scale, S * (hot - COLD) - R * I, atol=1e-12)
        assert (V >= -1e-9).all(), "beyond short circuit nothing is generated"
    x, y = lines(picture.figure, "best power")[2].ravel()
    assert x == pytest.approx(S * 300 / (2 * R))
    assert y == pytest.approx((S * 300) ** 2 / (4 * R) / (1e-3 if y > 10 else 1.0))
    assert picture.figure.axes[1].get_ylim()[0] == 0


def test_the_smooth_line_passes_through_the_points_and_the_optimum():
    picture = curves.current_voltage_power(record(generator((600.0,))))
    smooth = next(line for line in picture.figure.axes[1].lines if line.get_linestyle() != "None")
    x, y = smooth.get_data()
    scale = 1e-3 if max(y) > 1 else 1.0
    np.testing.assert_allclose(np.asarray(y) * scale, S * 300 * x - R * x**2, atol=1e-12)


def test_without_optimisation_the_largest_point_inside_the_sweep_is_marked():
    picture = curves.current_voltage_power(record(generator((500.0,), find=False)))
    (x, _), *_ = lines(picture.figure, "best power")
    assert x[0] == 8.0
    assert "largest computed" in picture.caption
    short = [p for p in generator((500.0,), find=False) if p["values"]["current"] <= 4]
    assert lines(curves.current_voltage_power(record(short)).figure, "best power") == [], "its end is no maximum"


def test_a_generator_of_the_other_polarity_is_seen_from_its_own_side():
    points = generator((600.0,), find=False)
    for p in points:
        for name in ("voltage", "current", "voltage.plus", "current.plus"):
            p["values"][name] *= -1
    upper, lower = curves.current_voltage_power(record(points)).figure.axes
    assert upper.get_ylim()[1] == 0
    assert lower.get_xlim()[1] == 0


def test_efficiency_ends_where_power_does():
    picture = curves.efficiency_current(record(generator()))
    for number, hot in enumerate((400.0, 500.0, 600.0)):
        I, eta = lines(picture.figure, "efficiency")[number]
        np.testing.assert_allclose(eta, [100 * values(i, hot)["efficiency"] for i in I], rtol=1e-12)
    assert len(lines(picture.figure, "efficiency")[0][0]) == 5  # 100 K: short circuit at 8 A


def cooler(hots: tuple[float, ...]) -> list[dict[str, object]]:
    """Currents against the voltage of the generator, so that heat is pumped from the cold side."""
    currents = np.linspace(0, -16, 9)
    return [point({HOT: f"{hot:g} K", CURRENT: f"{I:g} A"}, I=I, hot=hot) for hot in hots for I in currents]


def test_a_cooler_shows_its_cop_and_all_of_its_curve():
    points = cooler((301.0, 310.0))
    r = record(points)
    assert r.cools
    assert not r.generates
    assert len(lines(curves.current_voltage_power(r).figure, "power")[0][0]) == 9
    shown = lines(curves.efficiency_current(r).figure, "cop")
    for (I, cop), hot in zip(shown, (301.0, 310.0), strict=True):
        np.testing.assert_allclose(cop, [values(i, hot)["cop"] for i in I])
        assert (cop > 0).all()
    flows = lines(curves.heat_flows(r).figure, "cold_heat_flow")[1][1]
    assert flows[0] > 0, "cooling power is shown as positive"


@pytest.mark.parametrize(("hots", "panels"), [((500.0,), 1), ((500.0, 600.0), 3)])
def test_heat_flows_in_one_diagram_or_three(hots, panels):
    figure = curves.heat_flows(record(generator(hots))).figure
    assert len(figure.axes) == panels
    I, Q = lines(figure, "hot_heat_flow")[0]
    np.testing.assert_allclose(Q, [values(i, hots[0])["hot_heat_flow"] for i in I])


def test_temperature_difference_only_where_the_current_makes_it():
    points = generator((500.0,), find=False)
    assert curves.temperature_difference_current(record(points)) is None
    for p in points:
        p["values"]["mean_temperature.cold"] -= 5 * p["values"]["current"]
    picture = curves.temperature_difference_current(record(points))
    I, dT = lines(picture.figure, "temperature_difference")[0]
    np.testing.assert_allclose(dT, 200 + 5 * I)


# ---- over other parameters -------------------------------------------------------------------------------------------
def test_optima_against_the_temperature_difference():
    figure = sweeps.optima(record(generator())).figure
    dT, P = lines(figure, "maximum_power")[0]
    np.testing.assert_allclose(dT, [100, 200, 300])
    np.testing.assert_allclose(P * (1e-3 if P[0] > 10 else 1), (S * dT) ** 2 / (4 * R))
    right = {child.get_ylabel() for child in figure.axes[0].child_axes}
    assert right == {"power per leg area [W/cm²]", "power per footprint [W/cm²]"}


def test_optima_need_several():
    assert sweeps.optima(record(generator((500.0,)))) is None


def test_any_other_sweep_is_drawn_against_its_parameter():
    given = {"1 uohm*cm^2": 1.0, "2e-10 ohm*m^2": 2.0, "5 uohm*cm^2": 5.0}
    path = "interfaces.n_legs/straps.contact_resistivity"
    points = [point({path: text}, I=2.0, R=R * x) for text, x in given.items()]
    picture = sweeps.parameter_sweep(record(points))
    rho, resistance = lines(picture.figure, "internal_resistance")[0]
    np.testing.assert_allclose(rho, [1, 2, 5])
    np.testing.assert_allclose(resistance, [5, 10, 25])  # mΩ
    assert picture.figure.axes[0].get_xlabel() == "n legs/straps contact resistivity [µΩ cm²]"
    assert curves.current_voltage_power(record(points)) is None


def test_a_sweep_over_materials_has_their_names_on_the_axis():
    points = [point({"regions.n_legs": name}, I=2.0, R=R * x) for name, x in (("this", 1.0), ("that", 2.0))]
    ax = sweeps.parameter_sweep(record(points)).figure.axes[0]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["this", "that"]


def test_a_second_parameter_becomes_curves():
    points = [
        point({HOT: f"{hot} K", "geometry.gap": gap}, I=2.0, hot=hot)
        for hot in (400.0, 500.0, 600.0)
        for gap in (1e-3, 2e-3)
    ]
    found = lines(sweeps.parameter_sweep(record(points)).figure, "power")
    assert [list(x) for x, _ in found] == [[100, 200, 300]] * 2


# ---- budget and report -----------------------------------------------------------------------------------------------
def test_the_budget_is_that_of_the_last_maximum_of_power():
    r = record(generator())
    assert r.representative.objective == "maximum_power"
    assert r.representative.parameters == {HOT: "600 K"}
    parts = budget.parts(r, r.representative)
    assert [p.name for p in parts] == [
        "n legs (n)", "p legs (p)", "contact n legs | straps", "straps (Cu)", "lead plus",
    ]  # fmt: skip
    assert [p.kind for p in parts] == ["n-type", "p-type", "contact", "conductor", "lead"]
    assert sum(p.share for p in parts) == pytest.approx(1)
    widths = [bar.get_width() for bar in budget.resistance_budget(r).figure.axes[0].patches]
    np.testing.assert_allclose(widths, [3, 1.5, 0.45, 0.05])  # mΩ; the lead is negligible


def test_the_heat_budget_climbs_from_conduction_to_the_total():
    heats = {"conduction": 2.8, "peltier": 1.7, "joule": -0.2, "contact_joule": -0.01}
    p = point({}, I=2.0)
    p["values"] |= {f"heat_budget.{n}": v for n, v in heats.items()}
    bars = waterfall.heat_budget(record([p])).figure.axes[0].patches
    np.testing.assert_allclose([b.get_x() + b.get_width() for b in bars], [2.8, 4.5, 4.3, 4.29, 4.29])
    assert waterfall.heat_budget(record([point({}, I=2.0)])) is None


def test_the_page_says_what_was_solved_and_what_failed():
    points = [*generator(), {"parameters": {HOT: "900 K"}, "objective": None, "error": "no <solution>"}]
    html = report.page(record(points), {"optima": ("figures/optima.png", "Q_h and more")})
    for text in ("a &lt;test&gt; device", "1 failed", "no &lt;solution&gt;", "hot temperature = 900 K",
                 'src="figures/optima.png"', "<i>Q</i><sub>h</sub>", "Resistance budget", "1.0e-13"):  # fmt: skip
        assert text in html
    assert "http" not in html
    assert "<script" not in html


def test_units_and_parameters_are_written_for_readers():
    assert pretty_unit("uohm*cm^2") == pretty_unit("µΩ * cm ** 2") == "µΩ cm²"
    assert pretty_unit("W/(m^2*K)") == "W/(m² K)"
    assert pretty_unit("degC") == "°C"
    assert parameter_name("boundaries.hot.temperature") == "hot temperature"
    mixed = amounts(HOT, ["300 K", "100 degC", 400])
    assert [a.number for a in mixed] == pytest.approx([300, 373.15, 400])


# ---- maps ------------------------------------------------------------------------------------------------------------
def mapped() -> Record:
    """A map of three temperatures and seven currents, of which every second one was solved."""
    points = generator(find=False)
    for number, p in enumerate(points):
        p["origin"] = ("solved", "interpolated")[number % 2]
    found = record(points)
    about = {"accuracy": 1e-4, "points": 21, "solved": 11, "checks": [{}] * 4, "error": {"power": 3e-5}}
    return Record(found.folder, {**found.content, "map": about | {"left_out": {"thomson_heat.n_legs": 2e-3}}})


def marks(figure, name: str) -> list[np.ndarray]:
    """The points with one name."""
    return [np.array(line.get_data()) for ax in figure.axes for line in ax.lines if line.get_gid() == name]


def test_a_map_shows_where_it_was_solved_and_its_largest_value():
    picture = maps.operating_map(mapped())
    for name in ("power", "efficiency", "hot_heat_flow"):
        (dots,) = marks(picture.figure, f"solved {name}")
        assert dots.shape == (2, 11), name
    grid = [values(I, hot) for hot in (400.0, 500.0, 600.0) for I in np.linspace(0, 12, 7)]
    best = max(grid, key=lambda v: v.get("efficiency", 0.0))
    (star,) = marks(picture.figure, "best efficiency")
    assert star.ravel().tolist() == [best["current"], best["mean_temperature.hot"]]
    assert not marks(picture.figure, "best power"), "at 12 A, the end of the map, it is no maximum"
    assert "the 11 of 21 points that were solved" in picture.caption
    assert "interpolated to 0.0001" in picture.caption


def test_a_sweep_is_no_map():
    assert maps.operating_map(record(generator())) is None


def test_the_report_says_how_good_a_map_is():
    html = report.page(mapped(), {})
    for text in (
        "11 points solved, 10 interpolated",
        "largest difference seen 3.0e-05",
        "thomson_heat.n_legs: 2.0e-03",
    ):
        assert text in html


# ---- folders ---------------------------------------------------------------------------------------------------------
def write(folder: Path, points: list[dict[str, object]]) -> Path:
    (folder / "result.json").write_text(json.dumps(record(points, folder).content))
    return folder


def write_fields(folder: Path, name: str) -> None:
    """Two boxes; only the first one conducts."""
    import pyvista as pv

    (folder / "fields").mkdir()
    parts = []
    for number, region in enumerate(("leg", "plate")):
        box = pv.ImageData(dimensions=(3, 3, 5), spacing=(1e-3, 1e-3, 1e-3), origin=(0, 0, 4e-3 * number))
        mesh = box.cast_to_unstructured_grid()
        mesh.point_data["temperature"] = 300 + 1e4 * mesh.points[:, 2]
        if region == "leg":
            mesh.point_data["electric_potential"] = mesh.points[:, 2]
            mesh.cell_data["current_density"] = np.full((mesh.n_cells, 3), 1e4)
        mesh.save(folder / "fields" / f"{name}_{region}.vtu")
        parts.append(f'<DataSet timestep="0" part="{number}" name="{region}" file="{name}_{region}.vtu"/>')
    collection = f'<VTKFile type="Collection"><Collection>{"".join(parts)}</Collection></VTKFile>'
    (folder / "fields" / f"{name}.pvd").write_text(collection)


def drawn(folder: Path) -> set[str]:
    return {file.stem for file in (folder / "figures").glob("*.png")}


def test_a_sweep_gives_its_figures_in_two_formats(tmp_path: Path):
    assert figures.draw(write(tmp_path, generator())) == []
    assert drawn(tmp_path) == {
        "current_voltage_power", "efficiency_current", "heat_flows", "optima", "resistance_budget",
    }  # fmt: skip
    assert {file.stem for file in (tmp_path / "figures").glob("*.pdf")} == drawn(tmp_path)
    assert "figures/optima.png" in (tmp_path / "report.html").read_text()


def test_one_point_gives_its_budget_and_takes_old_figures_away(tmp_path: Path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "optima.png").touch()
    assert figures.draw(write(tmp_path, [point({}, I=2.0)])) == []
    assert drawn(tmp_path) == {"resistance_budget"}


@pytest.mark.parametrize("points", [[], [{"parameters": {HOT: "9 K"}, "objective": None, "error": "no"}]])
def test_nothing_solved_is_a_page_without_figures(tmp_path: Path, points):
    assert figures.draw(write(tmp_path, points)) == []
    assert drawn(tmp_path) == set()
    assert (tmp_path / "report.html").is_file()


def test_a_figure_that_fails_does_not_stop_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def broken(_: Record) -> None:
        raise ValueError("no ink")

    monkeypatch.setitem(figures.DRAWINGS, "optima", broken)
    assert figures.draw(write(tmp_path, [point({}, I=2.0)])) == ["optima: ValueError: no ink"]
    assert "resistance_budget" in drawn(tmp_path)
    assert (tmp_path / "report.html").is_file()


def start(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "thermolyte.results.figures", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_pictures_of_the_fields(tmp_path: Path):
    write(tmp_path, [point({}, I=2.0)])
    write_fields(tmp_path, "fields")
    done = start(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert {"temperature", "potential"} <= drawn(tmp_path)
    assert "current_density" not in drawn(tmp_path), "a uniform field is no picture"


def test_fields_that_cannot_be_drawn_are_one_line(tmp_path: Path):
    write(tmp_path, [point({}, I=2.0)])
    (tmp_path / "fields").mkdir()
    (tmp_path / "fields" / "fields.pvd").write_text("<VTKFile")
    done = start(tmp_path)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("3-D pictures: ")
    assert (tmp_path / "report.html").is_file()


def test_a_folder_without_a_result_is_one_line(tmp_path: Path):
    done = start(tmp_path)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


def test_the_fields_of_an_older_longer_study_are_not_taken(tmp_path: Path):
    (tmp_path / "fields").mkdir()
    for name in ("fields_0003", "fields_0012", "fields_0003_leg", "fields_leg"):
        (tmp_path / "fields" / f"{name}.pvd").touch()
    assert scenes.newest_collection(tmp_path, 5).stem == "fields_0003"
    assert scenes.newest_collection(tmp_path, 12).stem == "fields_0012"
    assert scenes.newest_collection(tmp_path / "none", 12) is None


def test_drawing_needs_neither_the_solver_nor_mpi():
    unwanted = ("dolfinx", "mpi4py", "petsc4py", "ufl", "pyvista")
    code = f"import sys, thermolyte.results.figures; print([m for m in {unwanted} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
