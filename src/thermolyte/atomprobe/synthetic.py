"""Atom-probe data of a known alloy: fcc crystal, lost atoms, and species that cluster over a known length.

The log-odds of the two most abundant species follow a smooth random field each, of unit variance and of the correlation
exp(−r²/4σ²): white noise, smoothed by a Gaussian of standard deviation σ, in a box that repeats itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from scipy.ndimage import gaussian_filter, map_coordinates

from thermolyte.errors import InputError
from thermolyte.materials.entropy import fractions

COCUFENI = {"Ni": 0.306, "Cu": 0.267, "Co": 0.219, "Fe": 0.208}
"""Of the atom-probe sample in doi:10.1039/d4cp00776j."""
FCC = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
RESOLUTION = 3
"""Grid points of a field in a length σ."""
MOST_POINTS = 400**3
FIRST, STEP, HALF_WIDTH = 20.0, 10.0, 0.5
"""Mass-to-charge ratios [Da] of the species, in the order of the composition: 20, 30, 40 … within ± 0.5."""


class Alloy(BaseModel):
    """What is made up; lengths in nm."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    composition: Mapping[str, float] = Field(default_factory=lambda: dict(COCUFENI))
    cluster: float = Field(0.0, ge=0, description="correlation length σ; 0 is a random alloy")
    amplitude: float = Field(1.0, ge=0, description="standard deviation of the log-odds")
    efficiency: float = Field(0.37, gt=0, le=1)
    edge: float = Field(40.0, gt=0, le=1000)
    lattice_parameter: float = Field(0.35834, gt=0)
    seed: int = Field(1, ge=0)


def write(alloy: Alloy, folder: Path) -> tuple[Path, Path]:
    """Write NAME.pos and NAME.rrng into the folder, of whose name they take theirs; returns both paths.

    Raises:
        InputError: a composition that is none, or a field that would not fit into memory.
    """
    try:
        composition = fractions(alloy.composition)
    except ValueError as error:
        raise InputError(f"--composition: {error}") from None
    if not alloy.edge / alloy.lattice_parameter >= 1:
        raise InputError(
            f"--edge {alloy.edge:g}: the box is smaller than a unit cell of {alloy.lattice_parameter:g} nm"
        )
    folder.mkdir(parents=True, exist_ok=True)
    pos, rrng = (folder / f"{folder.resolve().name}.{kind}" for kind in ("pos", "rrng"))
    rrng.write_text(_ranges(alloy, composition), encoding="utf-8")
    with pos.open("wb") as file:
        for ions in _ions(alloy, np.array(list(composition.values()))):
            file.write(ions.astype(">f4").tobytes())
    return pos, rrng


def _ions(alloy: Alloy, x: NDArray[np.float64]) -> Iterator[NDArray[np.float64]]:
    """The detected ions (ions, 4), a layer of unit cells at a time."""
    rng = np.random.default_rng(alloy.seed)
    clusters = alloy.cluster > 0 and alloy.amplitude > 0
    fields = {int(i): _field(alloy, rng) for i in np.argsort(-x)[:2]} if clusters else {}
    a, n = alloy.lattice_parameter, int(np.ceil(alloy.edge / alloy.lattice_parameter))
    i, j = np.divmod(np.arange(n * n), n)
    layer = np.column_stack([i, j, np.zeros(n * n)])[:, None, :] + FCC
    for k in range(n):
        xyz = (layer + np.array([0, 0, k])).reshape(-1, 3) * a + a / 4
        xyz = xyz[(xyz < alloy.edge).all(axis=1) & (rng.random(len(xyz)) < alloy.efficiency)]
        odds = np.tile(np.log(np.maximum(x, 1e-300)), (len(xyz), 1))
        for species, field in fields.items():
            points = xyz.T / alloy.edge * len(field)
            odds[:, species] += alloy.amplitude * map_coordinates(field, points, order=1, mode="grid-wrap")
        shares = np.exp(odds).cumsum(axis=1)
        species_of = (rng.random((len(xyz), 1)) * shares[:, -1:] >= shares[:, :-1]).sum(axis=1)
        mass = FIRST + STEP * species_of + rng.uniform(-0.9 * HALF_WIDTH, 0.9 * HALF_WIDTH, len(xyz))
        yield np.column_stack([xyz, mass])


def _field(alloy: Alloy, rng: np.random.Generator) -> NDArray[np.float32]:
    """A smooth random field on a cubic grid: mean 0, variance 1, periodic."""
    points = int(np.ceil(RESOLUTION * alloy.edge / alloy.cluster))
    if points**3 > MOST_POINTS:
        raise InputError(
            f"--cluster {alloy.cluster:g}: too short for a box of {alloy.edge:g} nm; take a smaller --edge"
        )
    noise = rng.standard_normal((points,) * 3, dtype=np.float32)
    field = gaussian_filter(noise, alloy.cluster * points / alloy.edge, mode="wrap")
    return np.asarray((field - field.mean()) / field.std())


def _ranges(alloy: Alloy, composition: Mapping[str, float]) -> str:
    """The .rrng file; the mass-to-charge ratios are not those of the elements, so that nothing overlaps."""
    lines = ["[Ions]", f"Number={len(composition)}", *(f"Ion{k}={e}" for k, e in enumerate(composition, 1))]
    lines += ["[Ranges]", f"Number={len(composition)}"]
    for k, element in enumerate(composition):
        low, high = FIRST + STEP * k - HALF_WIDTH, FIRST + STEP * k + HALF_WIDTH
        volume = alloy.lattice_parameter**3 / 4
        lines.append(f"Range{k + 1}={low:.4f} {high:.4f} Vol:{volume:.5f} {element}:1 Color:{40 * k % 256:02X}80FF")
    return "\n".join(lines) + "\n"
