"""Figures, report and summary of batteries, drawn from folders that closed forms fill."""

import csv
import json
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

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
def write_csv(file: Path, columns: dict[str, object]) -> str:
    """Columns of numbers, NaN as an empty cell, or of texts."""
    with file.open("w", newline="", encoding="utf-8") as lines:
        rows = csv.writer(lines)
        rows.writerow(columns)
        for row in zip(*columns.values(), strict=True):
            rows.writerow(["" if isinstance(x, float) and np.isnan(x) else x for x in row])
    return file.name


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
            grid = pv.StructuredGrid(*np.meshgrid(np.linspace(0, 1e-7, 11), np.linspace(low, high, 15), [0.0], indexing="ij"))
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
