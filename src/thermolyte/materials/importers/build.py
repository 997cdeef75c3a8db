"""A card from one or several files: joined over their common temperatures, with provenance, written as YAML."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML
from scipy.interpolate import PchipInterpolator

from thermolyte.case_file import CaseFile
from thermolyte.errors import InputError
from thermolyte.materials.card import Card
from thermolyte.materials.importers import amset, boltztrap2, phono3py
from thermolyte.materials.importers.imported import Array, Imported, Wishes, isotropic

DIRECTIONS = {
    "mean": "mean of xx, yy and zz",
    **{axis: f"along {axis}" for axis in "xyz"},
    "axes": "xx, yy and zz as principal axes",
}
"""What is taken of tensors, in the words of the card; measured columns are isotropic."""
MEASURED = "measured"
BOLTZTRAP2 = {".trace", ".condtens"}
SKEW = 0.01
"""Of the largest diagonal element: larger off-diagonal elements are no principal axes."""
UNITS = {
    "seebeck_coefficient": ("uV/K", 1e6),
    "electrical_conductivity": ("S/m", 1.0),
    "thermal_conductivity": ("W/(m*K)", 1.0),
}
PARTS = ("lattice_thermal_conductivity", "electronic_thermal_conductivity")


def import_card(paths: Sequence[Path], wishes: Wishes, output: Path) -> list[str]:
    """Write a card from files of other programs; returns what was done, in lines.

    Raises:
        InputError: a file that is not what it should be, or files that do not fit together.
    """
    if output.suffix not in (".yaml", ".yml") or not output.parent.is_dir():
        raise InputError(f"-o {output}: a card is a file NAME.yaml, in a folder that is there")
    _refuse_unused(paths, wishes)
    files = [_read(path, wishes) for path in paths]
    T, tensors, notes = _joined(files)
    notes += [DIRECTIONS[wishes.direction]] if any(f.program != MEASURED for f in files) else []
    properties = {name: _law(name, T, tensors[name], wishes.direction) for name in UNITS if name in tensors}
    kind, remarks = _kind(wishes, tensors)
    card = {
        "title": wishes.name or output.stem,
        "kind": kind,
        "source": {"note": "; ".join([*(_provenance(f) for f in files), *notes])},
        "properties": properties,
    }
    done: Card = CaseFile(output, card).parse(Card)  # a card that would be refused is not written
    _write(output, card)
    return [*notes, *remarks, *(f"warning: {w}" for w in done.warnings), str(output)]


def _write(output: Path, card: dict[str, Any]) -> None:
    text = io.StringIO()
    yaml = YAML()
    yaml.width = 110
    yaml.dump(card, text)
    try:
        output.write_text(text.getvalue(), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{output}: cannot be written: {error.strerror}") from None


def _refuse_unused(paths: Sequence[Path], wishes: Wishes) -> None:
    """Options that no file would heed."""
    suffixes = {path.suffix for path in paths}
    given = {
        "--doping": (wishes.doping, {*BOLTZTRAP2, ".json"}),
        "--tau": (wishes.tau, BOLTZTRAP2),
        "--fermi-level": (wishes.fermi_level, BOLTZTRAP2),
        "--cell-volume": (wishes.cell_volume, BOLTZTRAP2),
    }
    for option, (value, of) in given.items():
        if value is not None and not suffixes & of:
            raise InputError(f"{option} is of {', '.join(sorted(of))} files, and there is none: leave it out")
    if wishes.fermi_level is not None and wishes.doping is not None:
        raise InputError("--doping and --fermi-level both say where in the bands: give one of them")


def _kind(wishes: Wishes, tensors: dict[str, Array]) -> tuple[str, list[str]]:
    """The kind that is asked for, or that the sign of S tells, and remarks on it."""
    S = np.trace(tensors["seebeck_coefficient"], axis1=1, axis2=2) if "seebeck_coefficient" in tensors else np.zeros(1)
    told = "n-type" if np.all(S < 0) else "p-type" if np.all(S > 0) else "thermoelectric"
    remarks = [] if wishes.kind or told == "thermoelectric" else [f"{told}, from the sign of the Seebeck coefficient"]
    if wishes.doping and told == ("p-type" if wishes.doping < 0 else "n-type"):
        remarks.append(
            f"warning: --doping {wishes.doping:g} counts {'electrons' if wishes.doping < 0 else 'holes'} in AMSET and "
            f"BoltzTraP2 of today, and the Seebeck coefficient is that of {told}: check the sign"
        )
    return wishes.kind or told, remarks


def _read(path: Path, wishes: Wishes) -> Imported:
    if not path.is_file():
        raise InputError(f"no such file: {path}")
    if path.suffix in (".hdf5", ".h5"):
        return phono3py.read(path)
    if path.suffix == ".json":
        return amset.read(path, wishes.doping)
    if path.suffix in BOLTZTRAP2:
        return boltztrap2.read(path, wishes)
    if path.suffix == ".csv":
        return _measured(path)
    raise InputError(f"{path}: known are kappa-*.hdf5, transport_*.json, .trace, .condtens and .csv")


def _measured(path: Path) -> Imported:
    """The columns of a measured table, on its own temperatures."""
    card = Card.load(path.name, path.parent)
    low, high = card.range or (0.0, 0.0)
    points = np.unique(np.concatenate([law.temperatures() for _, law in card.laws()]))  # type: ignore[union-attr]
    T = points[(points >= low) & (points <= high)]
    laws = {name: card.law(name) for name in UNITS}
    return Imported(path, MEASURED, T, {n: isotropic(law(T)) for n, law in laws.items() if law is not None})  # type: ignore[operator]


def _joined(files: Sequence[Imported]) -> tuple[Array, dict[str, Array], list[str]]:
    """Common temperatures, S, σ and κ there, and what was done."""
    owners: dict[str, Imported] = {}
    for file in files:
        for name in file.properties:
            if name in owners:
                raise InputError(f"{name} is in {owners[name].path} and in {file.path}: keep one of them")
            owners[name] = file
    low, high = (end(f.temperature[i] for f in files) for end, i in ((max, 0), (min, -1)))
    if low >= high:
        ranges = ", ".join(f"{f.path.name} {f.temperature[0]:g} to {f.temperature[-1]:g} K" for f in files)
        raise InputError(f"the temperatures of the files do not overlap: {ranges}")
    T = np.unique(np.concatenate([f.temperature[(f.temperature >= low) & (f.temperature <= high)] for f in files]))
    tensors = {name: PchipInterpolator(f.temperature, f.properties[name])(T) for name, f in owners.items()}
    notes = [f"{low:g} K to {high:g} K, {len(T)} temperatures"]
    parts = [name for name in PARTS if name in tensors]
    if "thermal_conductivity" in tensors and parts:
        raise InputError(f"thermal_conductivity and {parts[0]} are both given: keep one of them")
    if parts:
        tensors["thermal_conductivity"] = np.sum([tensors.pop(name) for name in parts], axis=0)
        absent = next((name for name in PARTS if name not in parts), None)
        notes.append(f"thermal_conductivity is {parts[0]} alone: add the other part" if absent else "κ = κ_L + κ_e")
    return T, tensors, notes


def _law(name: str, T: Array, tensors: Array, direction: str) -> dict[str, Any]:
    unit, factor = UNITS[name]
    diagonal = np.diagonal(tensors, axis1=1, axis2=2)
    if direction == "axes":
        skew = np.abs(tensors - diagonal[:, :, None] * np.eye(3)).max()
        if skew > SKEW * np.abs(diagonal).max():
            raise InputError(f"{name} has off-diagonal elements: x, y, z are no principal axes; try --direction mean")
        laws = {axis: _table(T, factor * diagonal[:, i], unit) for i, axis in enumerate("xyz")}
        return {"law": "principal_axes", **laws}
    values = diagonal.mean(axis=1) if direction == "mean" else diagonal[:, "xyz".index(direction)]
    return _table(T, factor * values, unit)


def _table(T: Array, values: Array, unit: str) -> dict[str, Any]:
    rounded = [[float(f"{x:.8g}") for x in column] for column in (T, values)]
    return {"law": "table", "unit": unit, "temperature": rounded[0], "value": rounded[1]}


def _provenance(file: Imported) -> str:
    day = dt.date.fromtimestamp(file.path.stat().st_mtime).isoformat()
    return ", ".join([f"{file.program}, {file.path.name} of {day}", *file.notes])
