"""Doping series: κ_L of thermoelectric compounds against the share of foreign atoms, and how strongly these scatter.

The numbers lie in `series/*.csv`, as printed in the supplement of S. Han et al., "Giant phonon softening and avoided
crossing in aliovalence-doped heavy-band thermoelectrics"; `series/README.md` says what they show and what not.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import numpy as np

from thermolyte.materials.base import Array
from thermolyte.materials.point_defects import Strength, fit_strength

FOLDER = Path(__file__).parent / "series"
Kind = Literal["aliovalent", "isoelectronic"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, eq=False)
class DopingSeries:
    """κ_L [W/(m K)] at 300 K of one system at the doping x [1], and its printed ratio to the undoped compound."""

    system: str
    kind: Kind
    x: Array
    conductivity: Array
    printed_ratio: Array
    reference: str

    @property
    def undoped(self) -> float:
        """κ_0 [W/(m K)]: measured where x = 0 is in the series, else the median of κ_L/ratio as printed."""
        if self.x[0] == 0.0:
            return float(self.conductivity[0])
        return float(np.median(self.conductivity / self.printed_ratio))

    @property
    def ratio(self) -> Array:
        """κ_L/κ_0 [1], one κ_0 for all samples; less rounded than what is printed."""
        return self.conductivity / self.undoped

    @property
    def strength(self) -> Strength:
        """A of Klemens' u² = A x(1 − x), fitted to this series."""
        return fit_strength(self.x, self.ratio)


class Comparison(NamedTuple):
    """Strengths A of all systems of one kind: one by one, their median, and one A common to all.

    `rmse` [1] is pooled over the doped samples of all systems, with an A for each.
    """

    systems: dict[str, Strength]
    median: float
    common: Strength
    rmse: float


def doping_series(kind: Kind | None = None) -> list[DopingSeries]:
    """The series of one kind, or all."""
    return [series for k in KINDS if kind in (None, k) for series in _read(k)]


def compare() -> dict[Kind, Comparison]:
    """How strongly aliovalent and isoelectronic atoms scatter phonons at the same share x."""
    return {kind: _compare(doping_series(kind)) for kind in KINDS}


def strength_ratio(comparison: dict[Kind, Comparison]) -> float:
    """Median A of aliovalent over that of isoelectronic atoms [1]."""
    return comparison["aliovalent"].median / comparison["isoelectronic"].median


def _compare(series: list[DopingSeries]) -> Comparison:
    strengths = {s.system: s.strength for s in series}
    x, ratio = np.concatenate([s.x for s in series]), np.concatenate([s.ratio for s in series])
    counts = np.array([np.count_nonzero(s.x) for s in series])
    squares = np.array([strength.rmse**2 for strength in strengths.values()])
    rmse = float(np.sqrt(counts @ squares / counts.sum()))
    median = float(np.median([strength.value for strength in strengths.values()]))
    return Comparison(strengths, median, fit_strength(x, ratio), rmse)


class OptimalDoping(NamedTuple):
    """Effective mass [m_e] of a compound, its best carrier concentration [1/m³] and nominal doping [1]."""

    composition: str
    effective_mass: float
    concentration: float
    x: float
    carriers: str
    reference: str


def optimal_doping() -> list[OptimalDoping]:
    """Compounds at the carrier concentration of their best zT."""
    return [
        OptimalDoping(
            composition=row["composition"],
            effective_mass=float(row["effective_mass"]),
            concentration=1e26 * float(row["concentration"]),
            x=float(row["x"]),
            carriers=row["carriers"],
            reference=row["reference"],
        )
        for row in _rows("optimal_doping")
    ]


class Calculated(NamedTuple):
    """Calculated κ_L [W/(m K)] at 300 K: phonon-phonon scattering alone, and with electron-phonon scattering."""

    phonon: float
    phonon_electron: float | None


def calculated() -> dict[str, Calculated]:
    """First-principles κ_L of NbFeSb and of Nb0.875X0.125FeSb, an ordered cell without random mass disorder."""
    return {
        row["composition"]: Calculated(
            float(row["phonon"]), float(row["phonon_electron"]) if row["phonon_electron"] else None
        )
        for row in _rows("calculated")
    }


@lru_cache
def _read(kind: Kind) -> tuple[DopingSeries, ...]:
    rows = _rows(kind)
    return tuple(
        _one(kind, [r for r in rows if r["system"] == name]) for name in dict.fromkeys(r["system"] for r in rows)
    )


def _one(kind: Kind, rows: list[dict[str, str]]) -> DopingSeries:
    x, conductivity, ratio = (np.array([float(r[n]) for r in rows]) for n in ("x", "conductivity", "ratio"))
    return DopingSeries(rows[0]["system"], kind, x, conductivity, ratio, rows[0]["reference"])


def _rows(name: str) -> list[dict[str, str]]:
    lines = (FOLDER / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))
