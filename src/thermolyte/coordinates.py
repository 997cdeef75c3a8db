"""Coordinates in which a geometry is drawn: what an integral weighs, and what the gradient of a vector is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import ufl
from numpy.typing import NDArray
from ufl.core.expr import Expr


@dataclass(frozen=True, slots=True)
class Coordinates:
    """The coordinates of a mesh of dimension `dim`, and what it leaves out.

    cartesian      1-D: z, with the cross-section in m²;  2-D: x z, with the depth in m;  3-D: x y z
    axisymmetric   2-D: r z, a half section that is turned around r = 0
    spherical      1-D: r, from the centre outwards
    """

    kind: Literal["cartesian", "axisymmetric", "spherical"] = "cartesian"
    dim: int = 3
    section: float = 1.0
    """Cross-section (1-D, m²) or depth (2-D, m) of what is drawn."""

    @property
    def axes(self) -> tuple[str, ...]:
        """Names of the components of a vector, in the order of the mesh."""
        if self.kind == "spherical":
            return ("r",)
        if self.kind == "axisymmetric":
            return ("r", "z")
        return {1: ("z",), 2: ("x", "z"), 3: ("x", "y", "z")}[self.dim]

    @property
    def is_plain(self) -> bool:
        """Whether integrals over the mesh are those over the body."""
        return self.kind == "cartesian" and self.section == 1.0

    def weight(self, x: Expr) -> Expr:
        """What an integral over the mesh is multiplied by to be one over the body: 2πr, 4πr², section or depth."""
        if self.kind == "axisymmetric":
            return 2 * np.pi * x[0]
        if self.kind == "spherical":
            return 4 * np.pi * x[0] ** 2
        return ufl.as_ufl(self.section)

    def gradient(self, u: Expr, x: Expr) -> Expr:
        """∇u of a displacement as a 3 x 3 tensor in the order r θ z, x y z, or r θ φ; nothing moves out of plane."""
        H = ufl.grad(u)
        if self.dim == 3:
            return H
        if self.kind == "spherical":
            hoop = u[0] / x[0]
            return ufl.as_matrix([[H[0, 0], 0, 0], [0, hoop, 0], [0, 0, hoop]])
        if self.dim == 1:
            return ufl.as_matrix([[0, 0, 0], [0, 0, 0], [0, 0, H[0, 0]]])
        hoop = u[0] / x[0] if self.kind == "axisymmetric" else 0
        return ufl.as_matrix([[H[0, 0], 0, H[0, 1]], [0, hoop, 0], [H[1, 0], 0, H[1, 1]]])


def is_zero(x: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which coordinates are zero to round-off, of those that one rank has."""
    return np.asarray(np.abs(x) <= 1e-9 * np.abs(x).max(initial=0.0))


class Weighted:
    """A measure of the mesh that integrates over the body: `f * dx` is f times weight times measure."""

    def __init__(self, measure: ufl.Measure, weight: Expr):
        self.measure, self._weight = measure, weight

    def __rmul__(self, integrand: Any) -> ufl.Form:
        return integrand * self._weight * self.measure
