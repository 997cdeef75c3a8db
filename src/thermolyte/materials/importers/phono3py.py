"""κ_L of phono3py: `kappa-*.hdf5`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from thermolyte.errors import InputError
from thermolyte.materials.importers.imported import Imported

VOIGT = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))
"""xx yy zz yz xz xy, the order of the data set `kappa`."""


def read(path: Path) -> Imported:
    """Lattice thermal conductivity [W/(m K)] of the data sets `temperature` (n,) and `kappa` (n, 6).

    Raises:
        InputError: no HDF5 file, or one without these; no h5py.
    """
    try:
        import h5py
    except ImportError:
        raise InputError(f"{path}: reading HDF5 needs h5py: pip install 'thermolyte[hdf5]'") from None
    try:
        with h5py.File(path, "r") as file:
            T, κ = (_data_set(path, file, name) for name in ("temperature", "kappa"))
            version = f" {_data_set(path, file, 'version', str)}" if "version" in file else ""
            mesh = " x ".join(f"{n:g}" for n in _data_set(path, file, "mesh").ravel()) if "mesh" in file else ""
    except OSError:
        raise InputError(f"{path}: this is no HDF5 file, or it is damaged") from None
    if κ.shape != (len(T), len(VOIGT)):
        raise InputError(f"{path}: kappa has the shape {κ.shape}, expected {(len(T), len(VOIGT))}: xx yy zz yz xz xy")
    tensors = np.zeros((len(T), 3, 3))
    for column, (i, j) in enumerate(VOIGT):
        tensors[:, i, j] = tensors[:, j, i] = κ[:, column]
    warm = T > 0  # phono3py writes 0 K too, where κ is 0
    notes = [f"mesh {mesh}"] if mesh else []
    return Imported(path, f"phono3py{version}", T[warm], {"lattice_thermal_conductivity": tensors[warm]}, notes)


def _data_set(path: Path, file: Mapping[str, Any], name: str, of: type = float) -> Any:
    """The array of a data set."""
    if name not in file:
        raise InputError(f"{path}: no data set `{name}`; it has {', '.join(sorted(file)) or 'none'}")
    try:
        return np.asarray(file[name][()]).astype(of)
    except (AttributeError, TypeError, ValueError):
        raise InputError(f"{path}: `{name}` holds something else than numbers") from None
