"""S, σ/τ and κ_e/τ of BoltzTraP2: `.trace`, `.dope.trace` and `.condtens`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from thermolyte import units
from thermolyte.case_file import read_text
from thermolyte.errors import InputError
from thermolyte.materials.importers.imported import Array, Imported, Wishes, isotropic

COLUMNS = {  # in the header -> property, whether it is per relaxation time
    "S[V/K]": ("seebeck_coefficient", False),
    "sigma/tau0[1/(ohm*m*s)]": ("electrical_conductivity", True),
    "kappae/tau0[W/(m*K*s)]": ("electronic_thermal_conductivity", True),
    "sigma[1/(ohm*m)]": ("electrical_conductivity", False),
    "kappae[W/(m*K)]": ("electronic_thermal_conductivity", False),
}
"""A run with relaxation times of its own (custom_tau) has the last two; one with a mean free path has others."""
LEVELS = ["Ef[Ry]", "T[K]", "N[e/uc]"]


class Level(NamedTuple):
    """Where in the bands: a value of the column of N or of E_F, and how near is the same."""

    column: str
    value: float
    slack: float
    text: str


def read(path: Path, wishes: Wishes) -> Imported:
    """Properties at one doping or Fermi level, linear between the two levels of the file that enclose it.

    Raises:
        InputError: τ or the level is not given, a level beyond the file, another header or unit.
    """
    header, rows = _rows(path)
    if header[:3] != LEVELS:
        raise InputError(f"{path}: the header begins with {' '.join(header[:3])}, expected {' '.join(LEVELS)}")
    blocks = _tensors(path, header, rows) if path.suffix == ".condtens" else _scalars(path, header, rows, wishes)
    found = {COLUMNS[column][0]: (COLUMNS[column][1], block) for column, block in blocks.items() if column in COLUMNS}
    if len(found) < 3:
        raise InputError(
            f"{path}: the header has {' '.join(header[3:])}, expected S[V/K] with sigma and kappae, each per tau0 or "
            "with relaxation times of its own (custom_tau): per mean free path (uniform_lambda) they are not read"
        )
    τ = _relaxation_time(path, wishes.tau, any(scaled for scaled, _ in found.values()))
    level = _level(path, wishes, rows)
    T, at = rows[:, 1], rows[:, header.index(level.column)]
    temperatures = np.unique(T)
    values = {
        name: np.stack([_at(path, level, t, at[t == T], block[t == T]) for t in temperatures]) * (τ if scaled else 1.0)
        for name, (scaled, block) in found.items()
    }
    listed = all(np.min(np.abs(at[t == T] - level.value)) <= level.slack for t in temperatures)
    notes = [level.text, *([] if listed else ["linear between two levels of the file"])]
    notes += [f"tau {τ:g} s at all energies and temperatures" if wishes.tau else "relaxation times of the file"]
    return Imported(path, "BoltzTraP2", temperatures, values, notes)


def _relaxation_time(path: Path, text: str | None, needed: bool) -> float:
    if not needed:
        if text:
            raise InputError(f"{path}: sigma and kappae hold relaxation times of their own: leave out --tau")
        return 1.0
    if text is None:
        raise InputError(f"{path}: BoltzTraP2 gives σ/τ and κ_e/τ: give the relaxation time, such as --tau '1e-14 s'")
    try:
        τ = units.si(text, "s")
    except ValueError as error:
        raise InputError(f"--tau {text}: {error}") from None
    if not 1e-16 < τ < 1e-11:
        raise InputError(f"--tau {text}: a relaxation time of electrons is some 1e-14 s; write a unit, as '12 fs'")
    return τ


def _level(path: Path, wishes: Wishes, rows: Array) -> Level:
    """The level that is asked for: a Fermi level, or a doping per cell or per volume."""
    if wishes.fermi_level is not None:
        try:
            energy = units.si(wishes.fermi_level, "Ry")
        except ValueError as error:
            raise InputError(f"--fermi-level {wishes.fermi_level}: {error}") from None
        return Level("Ef[Ry]", energy, 1e-6 * abs(energy), f"Fermi level {energy:g} Ry")
    if wishes.doping is None:
        low, high = rows[:, 2].min(), rows[:, 2].max()
        raise InputError(
            f"{path}: give --doping in e/uc, as N of the file, which has {low:g} to {high:g}; or --cell-volume and "
            "--doping in 1/cm³; or --fermi-level"
        )
    if wishes.cell_volume is None:
        return Level("N[e/uc]", wishes.doping, 1e-3 * abs(wishes.doping), f"doping {wishes.doping:g} e/uc")
    try:
        volume = units.si(wishes.cell_volume, "cm^3")
    except ValueError as error:
        raise InputError(f"--cell-volume {wishes.cell_volume}: {error}") from None
    if not 1e-24 < volume < 1e-19:
        raise InputError(f"--cell-volume {wishes.cell_volume}: write it with its unit, as '162 angstrom^3'")
    N = wishes.doping * volume
    return Level("N[e/uc]", N, 1e-3 * abs(N), f"doping {wishes.doping:g} 1/cm3, {N:g} e/uc")


def _rows(path: Path) -> tuple[list[str], Array]:
    lines = [(n, line) for n, line in enumerate(read_text(path).splitlines(), start=1) if line.strip()]
    if not lines or not lines[0][1].startswith("#"):
        raise InputError(f"{path}:1: no header: the first line of BoltzTraP2's tables begins with #")
    header = re.sub(r"\s+\[", "[", lines[0][1].lstrip("# ")).split()
    rows: list[list[float]] = []
    for number, line in lines[1:]:
        try:
            rows.append([float(x) for x in line.split()])
        except ValueError:
            raise InputError(f"{path}:{number}: something else than numbers: {line.strip()[:60]}") from None
        if len(rows[-1]) != len(rows[0]):
            raise InputError(f"{path}:{number}: {len(rows[-1])} columns, {len(rows[0])} before: is the file cut off?")
    if not rows:
        raise InputError(f"{path}: a header without numbers")
    return header, np.array(rows)


def _scalars(path: Path, header: list[str], rows: Array, wishes: Wishes) -> dict[str, Array]:
    """The columns of a .trace: thirds of traces."""
    if len(header) != rows.shape[1]:
        raise InputError(f"{path}: {len(header)} names in the header, {rows.shape[1]} columns")
    if wishes.direction != "mean":
        raise InputError(
            f"{path}: holds means over the directions: for --direction {wishes.direction} import the .condtens"
        )
    return {column: isotropic(rows[:, i]) for i, column in enumerate(header[3:], start=3)}


def _tensors(path: Path, header: list[str], rows: Array) -> dict[str, Array]:
    """The three blocks of nine columns of a .condtens, after E_F, T and N."""
    if rows.shape[1] != 30 or len(header) != 6:
        raise InputError(f"{path}: {rows.shape[1]} columns and {len(header)} names, where a .condtens has 30 and 6")
    blocks = np.split(rows[:, 3:], 3, axis=1)
    return {name: b.reshape(-1, 3, 3) for name, b in zip(header[3:], blocks, strict=True)}


def _at(path: Path, level: Level, T: float, known: Array, values: Array) -> Array:
    """The tensor at a level, between the levels that are known at one temperature."""
    order = np.argsort(known)
    known, values = known[order], values[order]
    if not known[0] - level.slack <= level.value <= known[-1] + level.slack:
        raise InputError(
            f"{path}: no {level.text} at {T:g} K; the file has {level.column} {known[0]:g} to {known[-1]:g}"
        )
    found = [np.interp(level.value, known, values[:, i, j]) for i in range(3) for j in range(3)]
    return np.reshape(found, (3, 3))
