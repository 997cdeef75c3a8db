"""S, σ and κ_e of AMSET: `transport_*.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from thermolyte.errors import InputError
from thermolyte.materials.importers.imported import Array, Imported, nearest

PROPERTIES = {
    "seebeck": ("seebeck_coefficient", 1e-6),
    "conductivity": ("electrical_conductivity", 1.0),
    "electronic_thermal_conductivity": ("electronic_thermal_conductivity", 1.0),
}
LORENZ = (0.5e-8, 1e-7)
"""V²/K²: κ_e/(σT) of a table in W/(m K) lies between these; a degenerate metal has 2.44e-8."""


def read(path: Path, doping: float | None) -> Imported:
    """S [µV/K], σ [S/m] and κ_e [W/(m K)], each of shape (dopings, temperatures, 3, 3), at one doping [1/cm³].

    Raises:
        InputError: no such file, a key that is missing, a doping that it does not have, κ_e in another unit.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: this is no JSON file: {error}") from None
    T, dopings = _array(path, data, "temperatures"), _array(path, data, "doping")
    i = nearest(path, doping, dopings, "1/cm³, negative for electrons")
    shape = (len(dopings), len(T), 3, 3)
    found = {}
    for key, (name, factor) in PROPERTIES.items():
        values = _array(path, data, key)
        if values.shape != shape:
            raise InputError(f"{path}: {key} has the shape {values.shape}, expected {shape}")
        found[name] = factor * values[i]
    imported = Imported(path, "AMSET", T, found, [f"doping {dopings[i]:g} 1/cm3"])
    _check_unit(path, T, found)
    return imported


def _check_unit(path: Path, T: Array, found: dict[str, Array]) -> None:
    κ, σ = (
        np.trace(found[name], axis1=1, axis2=2)
        for name in ("electronic_thermal_conductivity", "electrical_conductivity")
    )
    if σ.min() <= 0:
        raise InputError(f"{path}: conductivity must be positive, and its trace is {σ.min():g} S/m")
    L = κ / (σ * T)
    if L.min() < LORENZ[0] or L.max() > LORENZ[1]:
        raise InputError(
            f"{path}: κ_e/(σT) is {L.min():.2g} to {L.max():.2g} V²/K², where conductors have "
            f"{LORENZ[0]:g} to {LORENZ[1]:g}: electronic_thermal_conductivity is not in W/(m K), or conductivity "
            "not in S/m"
        )


def _array(path: Path, data: Any, key: str) -> Array:
    if not isinstance(data, dict) or key not in data:
        keys = ", ".join(sorted(data)) if isinstance(data, dict) else "no keys"
        raise InputError(f"{path}: no `{key}`; it has {keys}")
    values = data[key]
    if isinstance(values, dict):  # as monty writes numpy arrays
        values = values.get("data")
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{path}: `{key}` holds something else than numbers") from None
