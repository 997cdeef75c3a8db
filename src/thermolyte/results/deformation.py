"""How much larger than it is a displacement is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

DISPLACEMENT = "displacement"
VISIBLE, SHOWN = 0.02, 0.06
"""Displacement relative to the size of the body that is seen without help, and that others are magnified to."""


def magnification(blocks: dict[str, Any]) -> float:
    """1 where the displacement can be seen, else 1, 2 or 5 times a power of ten; 0 where nothing moves."""
    moved = [np.linalg.norm(displacement(m), axis=1).max() for m in blocks.values() if DISPLACEMENT in m.point_data]
    largest = float(max(moved, default=0.0))
    bounds = np.array([m.bounds for m in blocks.values()])
    size = float((bounds[:, 1::2].max(axis=0) - bounds[:, ::2].min(axis=0)).max())
    if largest <= 1e-9 * size:
        return 0.0
    if largest >= VISIBLE * size:
        return 1.0
    wanted = SHOWN * size / largest
    decade = 10.0 ** np.floor(np.log10(wanted))
    return float(max(step for step in (1, 2, 5) if step * decade <= wanted * (1 + 1e-9)) * decade)


def displacement(mesh: Any) -> NDArray[np.float64]:
    """Three components at every point; zero where the file has none."""
    if DISPLACEMENT not in mesh.point_data:
        return np.zeros((mesh.n_points, 3))
    u = np.asarray(mesh.point_data[DISPLACEMENT], dtype=float).reshape(mesh.n_points, -1)
    return np.pad(u, ((0, 0), (0, 3 - u.shape[1])))


def deformed(blocks: dict[str, Any], factor: float) -> dict[str, Any]:
    """The meshes with their points moved."""
    out = {}
    for name, mesh in blocks.items():
        out[name] = mesh.copy()
        out[name].points = np.asarray(mesh.points, dtype=float) + factor * displacement(mesh)
    return out


def words(factor: float) -> str:
    """The magnification as it stands below a picture."""
    if not factor:
        return ""
    return ", displacement to scale" if factor == 1 else f", displacement × {factor:g}"
