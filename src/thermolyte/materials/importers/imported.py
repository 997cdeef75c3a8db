"""What a file of another program tells: tensors over temperature in SI."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thermolyte.errors import InputError

Array = NDArray[np.float64]


class Wishes(NamedTuple):
    """What a user asks of an import."""

    doping: float | None = None
    """As the file counts it; in 1/cm³ with a `cell_volume`."""
    tau: str | None = None
    direction: str = "mean"
    name: str | None = None
    kind: str | None = None
    """None: from the sign of the Seebeck coefficient."""
    fermi_level: str | None = None
    cell_volume: str | None = None


@dataclass
class Imported:
    """Properties of one file: `temperature` [K], shape (n,), and SI tensors of shape (n, 3, 3); what was chosen."""

    path: Path
    program: str
    temperature: Array
    properties: dict[str, Array]
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if len(self.temperature) < 2:
            raise InputError(f"{self.path}: one temperature is no table: at least two are needed")
        for name, values in {"temperature": self.temperature, **self.properties}.items():
            if not np.isfinite(values).all():
                raise InputError(f"{self.path}: {name} has {np.sum(~np.isfinite(values))} values that are no numbers")
        # To the µK: degrees Celsius leave 400.09999999999997 K, a twin of another file's 400.1 K.
        self.temperature = np.round(self.temperature, 6)
        order = np.argsort(self.temperature)
        self.temperature = self.temperature[order]
        self.properties = {name: values[order] for name, values in self.properties.items()}
        if np.any(np.diff(self.temperature) <= 0) or self.temperature[0] <= 0:
            raise InputError(f"{self.path}: temperatures must be above 0 K, and each stand once")


def isotropic(values: Array) -> Array:
    """Tensors of shape (n, 3, 3) from n scalars."""
    return np.asarray(values)[:, None, None] * np.eye(3)


def nearest(path: Path, wanted: float | None, known: Iterable[float], what: str) -> int:
    """The index of a value that a file has; --doping in words when it has none.

    Raises:
        InputError: no value is asked for, or one that is not there, with those that are.
    """
    values = np.array(list(known))
    listed = ", ".join(f"{v:g}" for v in values)
    if wanted is None:
        raise InputError(f"{path}: give --doping, in {what}; the file has {listed}")
    i = int(np.argmin(np.abs(values - wanted)))
    if not np.isclose(values[i], wanted, rtol=1e-3):
        raise InputError(f"{path}: no doping of {wanted:g} {what}; the file has {listed}")
    return i
