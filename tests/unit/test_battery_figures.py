"""Figures, report and summary of batteries, drawn from folders that closed forms fill."""

import json
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

from drawn import lines, write_csv
from thermolyte.results import battery_sweeps, figures, history, impedance, profiles, report, section, style
from thermolyte.results.battery_wording import described
from thermolyte.results.record import Record
from thermolyte.results.runs import runs
from thermolyte.results.tables import Table, spread

pytestmark = pytest.mark.serial

F, V_MG, C_MAX = 96485.33212, 13.98e-6, 69600.0
CURRENT, D = "boundaries.top.current_density", "regions.film.diffusivity"


# ---- closed forms ----------------------------------------------------------------------------------------------------
def slab(xi, tau):
    """c/(J L/D) of a slab with constant flux at ξ = 0, c = 0 at first."""
    n = np.arange(1, 60)[:, None]
    waves = (-1.0) ** n / n**2 * np.exp(-(n**2) * np.pi**2 * tau) * np.cos(n * np.pi * (1 - np.asarray(xi)))
    return tau + (3 * (1 - np.asarray(xi)) ** 2 - 1) / 6 - 2 / np.pi**2 * waves.sum(axis=0)


def concentration(z, t, i=10.0, L=140e-9, diffusivity=1e-15):
    """Concentration [mol/m³] in a film of thickness L whose top z = L takes a current density i [A/m²]."""
    return i / F * L / diffusivity * slab(1 - np.asarray(z) / L, diffusivity * t / L**2)


# ---- folders ---------------------------------------------------------------------------------------------------------
def write_result(folder: Path, points, physics=("diffusion", "electrochemistry"), **more) -> Record:
    case = {
        "physics": {p: {} for p in physics},
        "regions": {"film": {"material": {"name": "Li_xMg"}}, "electrolyte": {"material": {"name": "Li6PS5Cl"}}},
        "terminals": {"counter": {"type": "ground"}, "anode": {"type": "current"}},
    }
    content = {"title": "an <anode> stack", "points": points, "case": case, "balances": {"lithium": 2e-13}} | more
    (folder / "result.json").write_text(json.dumps(content))
    return Record.read(folder)


def point(parameters=None, files=None, **values) -> dict[str, object]:
    found = {k.replace("__", "."): v for k, v in values.items()}
    return {"parameters": parameters or {}, "objective": None, "values": found, "files": files or {}}


def write_history(folder: Path, name="history.csv", i=10.0, L=140e-9, area=5.03e-5, end=60.0) -> str:
    """A film that takes lithium and is plated once its top is full (here: from two thirds of the time on)."""
    t = np.linspace(0, end, 61)
    c = np.array([concentration([L, 0], x, i, L) if x else np.zeros(2) for x in t])
    plating = np.clip(t - 2 * end / 3, 0, None)
    kinetic = 0.018 * (1 - np.exp(-t / 0.5))
    columns = {
        "time [s]": t, "report [1]": np.isin(t, [end / 6, end / 2, end]).astype(float),
        "voltage.counter [V]": 0 * t, "voltage.anode [V]": 0.3 - 0.027 - kinetic - 0.05 * np.sqrt(t / end),
        "current.anode [A]": i * area + 0 * t, "charge.anode [C]": i * area * t, "charge.counter [C]": -i * area * t,
        "mean_concentration.film [mol/m^3]": i * t / F / L, "utilisation.film [1]": i * t / F / L / C_MAX,
        "surface_concentration.film/top [mol/m^3]": c[:, 0], "surface_concentration.film/bottom [mol/m^3]": c[:, 1],
        "plated_thickness.film/electrolyte [m]": 1.35e-10 * i * plating,
        "overpotential.ohmic [V]": 0.027 + 0 * t, "overpotential.kinetic.film/electrolyte [V]": kinetic,
        "overpotential.kinetic.electrolyte/counter [V]": 0.7 * kinetic,
        "overpotential.concentration.film/electrolyte [V]": 0.02 * np.sqrt(t / end),
        "overpotential.mechanical.film/electrolyte [V]": 0.006 * np.sqrt(t / end),
        "von_mises_mean.film [Pa]": 1.2e9 * np.sqrt(t / end), "von_mises_maximum.film [Pa]": 1.9e9 * np.sqrt(t / end),
    }  # fmt: skip
    return write_csv(folder / name, columns)


def write_profiles(folder: Path, name="profiles.csv", i=10.0, L=140e-9, times=(5.0, 10.0, 30.0), stack=True) -> str:
    """A film of thickness L under 0.7 mm of electrolyte."""
    rows: list[list[object]] = []
    nan = float("nan")
    for t in times:
        z = np.linspace(0, L, 41)
        c = concentration(z, t, i, L)
        stress = -2.0e9 * (c - c.mean()) * V_MG
        rows += [
            [t, "film", x, y, y * V_MG, nan, 0.2, -13e-6 * s / 3, 0.3 * x * y * V_MG, s / 3, abs(s)]
            for x, y, s in zip(z, c, stress, strict=True)
        ]
        for x in np.linspace(L, L + 7e-4, 21) if stack else ():
            rows.append([t, "electrolyte", x, nan, nan, -i * (x - L) / 0.08, nan, nan, nan, -9e6, 0.0])
    head = ["time [s]", "region", "z [m]", "concentration [mol/m^3]", "composition [1]", "ionic_potential [V]",
            "electric_potential [V]", "mechanical_potential [J/mol]", "displacement_z [m]", "hydrostatic_stress [Pa]",
            "von_mises [Pa]"]  # fmt: skip
    return write_csv(folder / name, dict(zip(head, zip(*rows, strict=True), strict=True)))


def write_distribution(folder: Path, name="current_distribution.csv", times=(0.0, 60.0, 600.0)) -> str:
    """Newman's disc of 4 mm, ever more even, and its counter electrode of 6 mm."""
    rows = []
    for t in times:
        r = np.linspace(0, 3.98e-3, 60)
        even = np.exp(-t / 300)
        disc = even * 5 / np.sqrt(1 - (r / 4e-3) ** 2) + (1 - even) * 10
        rows += [[t, "electrolyte/li", x, j] for x, j in zip(r, disc, strict=True)]
        r = np.linspace(0, 6e-3, 60)
        rows += [[t, "film/electrolyte", x, -10 / (1 + np.exp((x - 4e-3) / 3e-4))] for x in r]
    head = ["time [s]", "interface", "r [m]", "current_density [A/m^2]"]
    return write_csv(folder / name, dict(zip(head, zip(*rows, strict=True), strict=True)))


def randles(f, R_b=54.0, warburg=True):
    """R8: Z = R_b + 1/(1/(R + Z_W) + iωC), finite Warburg element."""
    w = 2j * np.pi * f
    q = np.sqrt(w * (140e-9) ** 2 / 1e-15)
    Z_W = 128.40425 / (q * np.tanh(q)) if warburg else 0
    return R_b + 1 / (1 / (6.2 + Z_W) + w * 5.026548e-6)


def write_impedance(folder: Path, name="impedance.csv", low=-2.0, **more) -> str:
    f = np.logspace(6, low, int(10 * (6 - low)) + 1)
    Z = randles(f, **more)
    columns = {"frequency [Hz]": f, "impedance_real [ohm]": Z.real, "impedance_imaginary [ohm]": Z.imag}
    return write_csv(folder / name, columns)


def write_section(folder: Path, times=(0.0, 10.0)) -> None:
    """The plate: r-z half section, 100 nm by 140 nm, swollen by its lithium, and tungsten below it."""
    import pyvista as pv

    (folder / "fields").mkdir(exist_ok=True)
    sets = []
    for number, (region, low, high) in enumerate((("film", 0.0, 140e-9), ("tungsten", -30e-9, 0.0))):
        for step, t in enumerate(times):
            grid = pv.StructuredGrid(
                *np.meshgrid(np.linspace(0, 1e-7, 11), np.linspace(low, high, 15), [0.0], indexing="ij")
            )
            mesh = grid.cast_to_unstructured_grid()
            r, z = mesh.points[:, 0].astype(float), mesh.points[:, 1].astype(float)
            if region == "film":
                c = concentration(z, t) if t else 0 * z
                mesh.point_data["concentration"], mesh.point_data["composition"] = c, c * V_MG
                u = np.stack([r * c * V_MG / 3, z * c * V_MG / 2, 0 * z], axis=1)
                mesh.cell_data["von_mises"] = 1.9e9 * np.linspace(0.01, 1, mesh.n_cells) ** 2 * (t > 0)
            else:
                u = np.zeros((mesh.n_points, 3))
                mesh.cell_data["von_mises"] = np.full(mesh.n_cells, 2e7)
            mesh.point_data["displacement"] = u
            mesh.save(folder / "fields" / f"fields_{region}_{step}.vtu")
            sets.append(f'<DataSet timestep="{t}" part="{number}" name="{region}" file="fields_{region}_{step}.vtu"/>')
    collection = f'<VTKFile type="Collection"><Collection>{"".join(sets)}</Collection></VTKFile>'
    (folder / "fields" / "fields.pvd").write_text(collection)


def full(folder: Path) -> Record:
    """A folder with all tables of one point."""
    files = {
        "history": write_history(folder), "profiles": write_profiles(folder),
        "current_distribution": write_distribution(folder), "impedance": write_impedance(folder),
    }  # fmt: skip
    values = {"time": 60.0, "voltage.anode": 0.2, "area.anode": 5.03e-5, "utilisation.film": 0.446}
    return write_result(folder, [{"parameters": {}, "objective": None, "values": values, "files": files}])


def currents(folder: Path, kind: str, write) -> Record:
    """Three currents, each with a table."""
    points = [
        point({CURRENT: f"{i:g} mA/cm^2"}, {kind: write(folder, f"{kind}_{k:04d}.csv", i=10 * i)})
        for k, i in enumerate((0.1, 0.5, 1.0), 1)
    ]
    return write_result(folder, points)


# ---- tables ----------------------------------------------------------------------------------------------------------
def test_a_table_has_columns_with_units_empty_cells_and_texts(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("time [s],region,z [m],plain\n1,film,2e-9,\n2,film,,\n3,cut o")
    table = Table.read(file)
    assert table.units == {"time": "s", "z": "m", "plain": ""}
    assert table.texts == {"region": ("film", "film")}
    assert list(table["time"]) == [1, 2]
    assert table.has("time", "z")
    assert not table.has("plain")
    assert not table.has("absent")
    assert len(table.at("time", 2 * (1 + 1e-10))) == 1
    assert len(table.at("time", 2 * (1 + 1e-8))) == 0


def test_an_empty_table_draws_nothing(tmp_path):
    (tmp_path / "history.csv").write_text("")
    record = write_result(tmp_path, [point(None, {"history": "history.csv"})])
    assert history.voltage_history(record) is None


def test_columns_of_a_quantity_are_told_from_those_that_begin_alike():
    table = Table({n: np.ones(1) for n in ("lithium.film", "lithium_balance", "lithium")}, {}, {})
    assert table.of("lithium") == ["lithium.film", "lithium"]


def test_of_many_the_first_and_the_last_are_kept():
    assert spread(range(3), 6) == [0, 1, 2]
    chosen = spread(range(100), 6)
    assert (len(chosen), chosen[0], chosen[-1]) == (6, 0, 99)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("von_mises_mean.film", 1.24e9, "1.24 GPa"),
        ("von_mises_mean.film", 460e6, "460 MPa"),
        ("plated_thickness.film/electrolyte", 140e-9, "140 nm"),
        ("plated_thickness.film/electrolyte", 24.245e-6, "24.25 µm"),
        ("overpotential.kinetic.film/electrolyte", 0.0303, "30.3 mV"),
        ("maximum_current_density.film/electrolyte", 10.0, "1 mA/cm²"),
        ("mean_concentration.film", 69600.0, "69.6 mmol/cm³"),
        ("charge.anode", 3.6, "1 mAh"),
        ("utilisation.film", 0.58868, "58.87 %"),
        ("time", 33410.23, "9.281 h"),
    ],
)
def test_engineering_units(name, value, text):
    assert described(name)[0].number(value) == text


# ---- over time -------------------------------------------------------------------------------------------------------
def test_voltage_with_its_parts_on_top_of_each_other(tmp_path):
    picture = history.voltage_history(full(tmp_path))
    (t, V), *_ = lines(picture.figure, "voltage 0")
    table = Table.read(tmp_path / "history.csv")
    np.testing.assert_allclose(t, table["time"])
    np.testing.assert_allclose(V, 1e3 * table["voltage.anode"])  # mV
    ((_, total),) = lines(picture.figure, "sum of parts")
    parts = [n for n in table.columns if n.startswith("overpotential")]
    np.testing.assert_allclose(total, 1e3 * sum(table[n] for n in parts))
    texts = [t.get_text() for t in picture.figure.axes[1].get_legend().get_texts()]
    assert {"ohmic", "kinetic, film | electrolyte", "kinetic, electrolyte | counter"} <= set(texts)


def test_parts_of_both_signs_are_lines(tmp_path):
    record = full(tmp_path)
    text = (tmp_path / "history.csv").read_text().splitlines()
    place = text[0].split(",").index("overpotential.ohmic [V]")
    rows = [row.split(",") for row in text]
    for row in rows[1:]:
        row[place] = "-0.027"
    (tmp_path / "history.csv").write_text("\n".join(",".join(row) for row in rows))
    assert not history.voltage_history(record).figure.axes[1].collections, "nothing is stacked"


def test_voltages_of_a_sweep_over_the_current_are_compared_at_equal_charge(tmp_path):
    picture = history.voltage_history(currents(tmp_path, "history", write_history))
    ends = [x[-1] for x, _ in lines(picture.figure, "voltage")]
    np.testing.assert_allclose(ends, 5.03e-5 * 60 * np.array([1, 5, 10]) / 3.6e-3)  # µAh
    texts = [t.get_text() for t in picture.figure.axes[0].get_legend().get_texts()]
    assert texts == ["0.1 mA/cm²", "0.5 mA/cm²", "1 mA/cm²"]


def test_lithium_against_the_charge_per_area_of_the_terminal(tmp_path):
    picture = history.lithium_history(full(tmp_path))
    ((q, c),) = lines(picture.figure, "mean_concentration.film")
    np.testing.assert_allclose(q[-1], 10 * 60 / 36)  # µAh/cm²
    np.testing.assert_allclose(c[-1], 600 / F / 140e-9 / 1e3)
    assert len(lines(picture.figure, "surface_concentration.film/")) == 2
    assert len(lines(picture.figure, "utilisation.film")) == 1


def test_plated_thickness(tmp_path):
    ((q, h),) = lines(history.plated_thickness(full(tmp_path)).figure, "plated_thickness")
    np.testing.assert_allclose(h[-1], 1.35 * 20)  # nm
    assert h[q < 0.66 * q[-1]].max() == 0


def test_nothing_is_plated_nothing_is_drawn(tmp_path):
    columns = {"time [s]": [0.0, 1.0], "plated_thickness.a/b [m]": [0.0, 0.0], "von_mises_mean.a [Pa]": [0.0, 1e6]}
    record = write_result(tmp_path, [point(None, {"history": write_csv(tmp_path / "h.csv", columns)})])
    assert history.plated_thickness(record) is None
    assert history.voltage_history(record) is None
    assert history.lithium_history(record) is None
    assert history.stress_history(record) is not None


# ---- over a length ---------------------------------------------------------------------------------------------------
def test_lithium_profiles_are_those_of_the_report_times_and_read_as_concentration(tmp_path):
    figure = profiles.lithium_profiles(full(tmp_path)).figure
    curves = lines(figure, "composition")
    assert len(curves) == 3, "one for each report time, and none in the electrolyte"
    for (z, x), t in zip(curves, (5, 10, 30), strict=True):
        np.testing.assert_allclose(x, V_MG * concentration(z * 1e-9, t), rtol=1e-9)
    (right,) = figure.axes[0].child_axes
    assert right.get_ylabel() == "Li concentration $c$ [mmol/cm³]"
    _, high = figure.axes[0].get_ylim()
    np.testing.assert_allclose(right._functions[0](high) * 1e3 * V_MG, high)
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["5 s", "10 s", "30 s"]


def test_profiles_of_a_sweep_are_compared_at_the_end(tmp_path):
    figure = profiles.lithium_profiles(currents(tmp_path, "profiles", write_profiles)).figure
    for (z, x), i in zip(lines(figure, "composition"), (1, 5, 10), strict=True):
        np.testing.assert_allclose(x, V_MG * concentration(z * 1e-9, 30, i), rtol=1e-9)


def test_a_film_and_a_thick_electrolyte_have_diagrams_of_their_own(tmp_path):
    figure = profiles.potential_profiles(full(tmp_path)).figure
    assert [ax.get_xlabel() for ax in figure.axes] == ["$z$ [µm]", "$z$ [nm]"]
    labels = [ax.get_ylabel() for ax in figure.axes]
    assert labels[0].startswith("ionic")
    assert labels[1].startswith("mechanical")
    (_, m), *_ = lines(figure, "mechanical_potential")
    table = Table.read(tmp_path / "profiles.csv").at("time", 5.0).split("region")["film"]
    np.testing.assert_allclose(m, 1e3 * table["mechanical_potential"] / F)  # mV


def test_a_sphere_is_drawn_over_its_radius(tmp_path):
    r = np.linspace(0, 5e-6, 5)
    columns = {"time [s]": 0 * r + 3, "r [m]": r, "concentration [mol/m^3]": 1e4 * r / 5e-6}
    record = write_result(tmp_path, [point(None, {"profiles": write_csv(tmp_path / "p.csv", columns)})])
    ((x, c),) = lines(profiles.lithium_profiles(record).figure, "concentration")
    np.testing.assert_allclose([x[-1], c[-1]], [5, 10])
    assert profiles.stress_profiles(record) is None
    assert profiles.potential_profiles(record) is None


def test_current_distribution_of_every_interface(tmp_path):
    figure = profiles.current_distribution(full(tmp_path)).figure
    assert [ax.get_title() for ax in figure.axes] == ["electrolyte | li", "film | electrolyte"]
    r, j = lines(figure, "current_density 0")[0]
    np.testing.assert_allclose(j, 0.5 / np.sqrt(1 - (r / 4) ** 2))  # mA/cm² over mm


# ---- impedance -------------------------------------------------------------------------------------------------------
def test_nyquist_has_equal_scales_and_a_second_look_at_the_arc(tmp_path):
    figure = impedance.nyquist(full(tmp_path)).figure
    assert len(figure.axes) == 2
    assert all(ax.get_aspect() == 1 for ax in figure.axes)
    (x, y), *_ = lines(figure, "nyquist 0")
    Z = randles(np.logspace(6, -2, 81))
    np.testing.assert_allclose(x, Z.real)
    np.testing.assert_allclose(y, -Z.imag)
    left, right = figure.axes[1].get_xlim()
    assert left < 54
    assert 60 < right < 70
    assert len(lines(figure, "frequency")) >= 6


def test_an_arc_alone_needs_no_second_look(tmp_path):
    record = write_result(tmp_path, [point(None, {"impedance": write_impedance(tmp_path, low=0, warburg=False)})])
    assert len(impedance.nyquist(record).figure.axes) == 1


def test_bode(tmp_path):
    figure = impedance.bode(full(tmp_path)).figure
    ((f, size),) = lines(figure, "magnitude")
    ((_, phase),) = lines(figure, "phase")
    np.testing.assert_allclose(size * np.exp(-1j * np.radians(phase)), randles(f))


# ---- sweeps ----------------------------------------------------------------------------------------------------------
def test_utilisation_over_two_parameters(tmp_path):
    grid = [(d, i) for d in (1e-12, 1e-11, 1e-10) for i in (0.1, 1.0)]
    points = [
        point({D: f"{d:g} cm^2/s", CURRENT: f"{i:g} mA/cm^2"}, utilisation__film=min(1, 7e9 * d / i)) for d, i in grid
    ]
    record = write_result(tmp_path, points)
    figure = battery_sweeps.utilisation(record).figure
    numbers = {t.get_position(): t.get_text() for t in figure.axes[0].texts}
    assert numbers == {(0, 0): "7", (1, 0): "70", (2, 0): "100", (0, 1): "0.7", (1, 1): "7", (2, 1): "70"}
    assert [len(x) for x, _ in lines(figure, "utilisation")] == [3, 3]
    assert figure.axes[1].get_xscale() == "log"
    assert battery_sweeps.battery_sweep(record) is None, "the map says it all"


def friction(folder: Path) -> Record:
    """Compositions that cross at 0.25 GPa, and a part of the voltage that does not change."""
    points = [
        point({"boundaries.top.limit": f"{tau:g} GPa"}, surface_composition__top=0.17 - 0.2 * tau,
              surface_composition__bottom=0.07 + 0.2 * tau, von_mises_mean__film=2.6e9 * tau, overpotential__ohmic=0.02)
        for tau in (0.0, 0.2, 0.4, 0.6)
    ]  # fmt: skip
    return write_result(folder, points)


def test_where_the_compositions_of_two_faces_cross_is_marked(tmp_path):
    figure = battery_sweeps.battery_sweep(friction(tmp_path)).figure
    assert [ax.get_ylabel().split(" $")[0] for ax in figure.axes] == ["surface composition", "mean von Mises stress"]
    ((x, y),) = lines(figure, "crossing")
    np.testing.assert_allclose([x[0], y[0]], [0.25, 0.12])
    assert figure.axes[0].get_xlabel() == "top limit [GPa]"


def test_a_swept_current_of_a_battery_is_another_run(tmp_path):
    points = [point({"terminals.anode.current": f"{i} mA"}, voltage__anode=0.3 - 0.06 * i, voltage=0.3 - 0.06 * i,
                    current=1e-3 * i, power=1e-3 * i * 0.3) for i in (1, 2, 3)]  # fmt: skip
    record = write_result(tmp_path, points)
    assert record.curves == []
    ((i, V),) = lines(battery_sweeps.battery_sweep(record).figure, "voltage")  # that of the terminal says the same
    np.testing.assert_allclose([i, V], [[1, 2, 3], [240, 180, 120]])


def test_of_many_points_a_bundle_that_can_be_read_is_drawn(tmp_path):
    file = write_history(tmp_path)
    points = [point({CURRENT: f"{i} mA/cm^2"}, {"history": file}) for i in range(1, 21)]
    found = runs(write_result(tmp_path, points), "history", "time")
    assert len(found.all) == 7
    assert found.words == " 7 of 20 points are drawn."


def test_runs_of_a_sweep_over_two_parameters_are_named_by_their_values(tmp_path):
    file = write_history(tmp_path)
    points = [
        point({D: f"{d} cm^2/s", CURRENT: f"{i} mA/cm^2"}, {"history": file})
        for d in ("1e-12", "1e-11")
        for i in (1, 2)
    ]
    found = runs(write_result(tmp_path, points), "history", "time")
    assert found.title == "film diffusivity,\ntop current density"
    assert [r.label for r in found.all][:2] == ["1e-12 cm²/s, 1 mA/cm²", "1e-12 cm²/s, 2 mA/cm²"]


# ---- fields ----------------------------------------------------------------------------------------------------------
def test_the_deformed_section_is_drawn_from_the_last_time(tmp_path):
    write_section(tmp_path)
    write_result(tmp_path, [point(None, time=10.0)], mesh={"coordinates": {"kind": "axisymmetric"}})
    assert figures.draw(tmp_path) == []
    drawn = {file.stem for file in (tmp_path / "figures").glob("*.png")}
    assert drawn == {"section_lithium", "section_von_mises"}
    assert "Lithium in the deformed section (after 10 s)" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize(("axisymmetric", "left"), [(True, -1.1), (False, -0.1)])
def test_a_half_section_is_mirrored_at_its_axis(tmp_path, axisymmetric, left):
    import pyvista as pv

    write_section(tmp_path)
    mesh = pv.read(tmp_path / "fields" / "fields_film_1.vtu")
    piece = section._piece(mesh, "composition")
    w = described("composition")[0]
    with mpl.rc_context(style.STYLE):
        figure = section._figure([piece], [], w, style.colours("viridis"), axisymmetric, "")
    low, high = figure.axes[0].get_xlim()
    assert high == pytest.approx(100, rel=0.1)  # nm
    assert low / high == pytest.approx(left, abs=0.12)


@pytest.mark.parametrize(("largest", "factor"), [(0.0, 0.0), (5e-9, 1.0), (1e-10, 50.0), (3e-12, 2000.0)])
def test_a_displacement_that_cannot_be_seen_is_magnified_by_a_round_number(largest, factor):
    pv = pytest.importorskip("pyvista")
    from thermolyte.results.deformation import deformed, magnification

    mesh = pv.ImageData(dimensions=(2, 2, 1), spacing=(1e-7, 1e-7, 1)).cast_to_unstructured_grid()
    mesh.point_data["displacement"] = np.full((4, 2), largest / np.sqrt(2))
    found = magnification({"a": mesh})
    assert found == pytest.approx(factor)
    moved = deformed({"a": mesh}, found)["a"]
    np.testing.assert_allclose(moved.points[0, 0], factor * largest / np.sqrt(2), atol=1e-15)


def test_fields_of_a_line_are_no_picture(tmp_path):
    import pyvista as pv

    (tmp_path / "fields").mkdir()
    mesh = pv.UnstructuredGrid({pv.CellType.LINE: np.array([[0, 1]])}, np.array([[0.0, 0, 0], [1e-6, 0, 0]]))
    mesh.point_data["concentration"] = [1.0, 2.0]
    mesh.save(tmp_path / "fields" / "fields_film.vtu")
    entry = '<DataSet timestep="0" part="0" name="film" file="fields_film.vtu"/>'
    (tmp_path / "fields" / "fields.pvd").write_text(
        f'<VTKFile type="Collection"><Collection>{entry}</Collection></VTKFile>'
    )
    write_result(tmp_path, [point()])
    assert figures.draw(tmp_path) == []
    assert not list((tmp_path / "figures").glob("*.png"))


# ---- folder, report, summary -----------------------------------------------------------------------------------------
def test_all_tables_give_all_figures_small_enough_for_a_repository(tmp_path):
    full(tmp_path)
    assert figures.draw(tmp_path) == []
    sizes = {file.stem: file.stat().st_size for file in (tmp_path / "figures").glob("*.png")}
    assert set(sizes) == {
        "bode", "current_distribution", "lithium_history", "lithium_profiles", "nyquist", "plated_thickness",
        "potential_profiles", "stress_history", "stress_profiles", "voltage_history",
    }  # fmt: skip
    assert max(sizes.values()) <= 200_000


@pytest.mark.parametrize("kind", ["history", "profiles", "current_distribution", "impedance"])
def test_tables_without_their_columns_draw_nothing_and_break_nothing(tmp_path, kind):
    file = write_csv(tmp_path / "t.csv", {"time [s]": [1.0, 2.0], "region": ["a", "a"], "z [m]": [0.0, 1.0]})
    write_result(tmp_path, [point(None, {kind: file})])
    assert figures.draw(tmp_path) == []
    assert not list((tmp_path / "figures").glob("*.png"))


def test_a_table_that_is_gone_is_named(tmp_path):
    write_result(tmp_path, [point(None, {"impedance": "impedance.csv"})])
    wrong = figures.draw(tmp_path)
    assert len(wrong) == 2
    assert all("impedance.csv" in w for w in wrong)
    assert (tmp_path / "report.html").is_file()


def battery_values() -> dict[str, float]:
    return {"time": 10.0, "voltage.counter": 0.0, "voltage.anode": 0.2052, "overpotential.ohmic": 0.027,
            "utilisation.film": 0.446, "von_mises_mean.film": 1.24e9, "lithium_balance": 1e-20}  # fmt: skip


def test_the_page_of_a_battery_speaks_of_batteries(tmp_path):
    record = write_result(tmp_path, [{"parameters": {}, "objective": None, "values": battery_values()}])
    html = report.page(record, {})
    for text in ("after 10 s", "205.2 mV", "Parts of the voltage", "27 mV", "44.6 %", "1.24 GPa", "lithium balance",
                 "2.0e-13", "an &lt;anode&gt; stack"):  # fmt: skip
        assert text in html
    for text in ("heat flow", "power", "efficiency", "energy balance", "voltage, counter"):
        assert text not in html.partition("<h2>Details</h2>")[0]


def test_the_summary_of_a_battery(tmp_path):
    from thermolyte.results.summary import report as summary

    content = dict(write_result(tmp_path, [{"parameters": {}, "objective": None, "values": battery_values()}]).content)
    content |= {
        "solver": {"unknowns": 9, "preset": "direct", "solves": 3}, "timings": {"total": 1.0}, "resumed_points": 0,
        "memory": {"peak": 0, "ranks": 1}, "warnings": ["one"], "mesh": {"cells_per_rank": [8]},
    }  # fmt: skip
    text = summary(content, tmp_path)
    for line in ("an <anode> stack", "1.24 GPa", "lithium 2.0e-13", "warnings  1", "parts of the voltage"):
        assert line in text
    assert "energy" not in text
    assert "power" not in text
