"""Diffusivity of a polycrystal: grains and the boundaries between them as one effective medium.

    diffusivity:
      law: effective_medium
      rule: hart                    # or maxwell_garnett
      grain_size: 10 um
      boundary_width: 1 nm
      segregation: 1                # concentration in the boundary by that in the grain; 1 where left out
      bulk: {law: arrhenius, unit: cm^2/s, prefactor: 1e3, activation_energy: 1.5 eV}
      grain_boundary: {law: arrhenius, unit: cm^2/s, prefactor: 10, activation_energy: 1 eV}

Grains of size d and boundaries of width δ that fill g = 3δ/d of the volume are in local equilibrium, c_gb = s c_b. The
mean concentration is C = (1 − g + s g) c_b and the mean flux −K ∇c_b, with the conductivities D_b of the grain and
s D_gb of the boundary for the one field c_b; so that −D ∇C is the flux for D = K/(1 − g + s g), with

    hart             K = (1 − g) D_b + s g D_gb: all boundaries along the flux, the upper bound
    maxwell_garnett  K = s D_gb [D_b + 2 s D_gb + 2f (D_b − s D_gb)]/[D_b + 2 s D_gb − f (D_b − s D_gb)],  f = 1 − g

The second is Maxwell's: a sphere of the conductivity D_b in a matrix of s D_gb under the gradient G has the dipole
moment (D_b − s D_gb)/(D_b + 2 s D_gb) R³ G, and a large sphere of the medium has the moment of all grains in it, f
times this at its own size. Isolated grains in a connected network of boundaries are the better picture of a
polycrystal: only two thirds of the boundaries lie along the flux, and K → (2/3) s g D_gb where the grains conduct
nothing and g ≪ 1.

Both are effective media: they hold for diffusion lengths √(D_b t) in the grain that are much longer than its size
(Harrison's type A); before, boundaries run ahead of the grains and no single D describes the profile. Fast boundaries
that reach through a thin body while the grains are still untouched (type C) are not in it either.

E. W. Hart, Acta Metall. 5 (1957) 597; with segregation: A. J. Mortlock, Acta Metall. 8 (1960) 132;
J. R. Kalnin, E. A. Kotomin, J. Maier, J. Phys. Chem. Solids 63 (2002) 449;
L. G. Harrison, Trans. Faraday Soc. 57 (1961) 1191.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field, model_validator

from thermolyte import units
from thermolyte.materials.base import Array, Composite, Expr, Interpolation

if TYPE_CHECKING:
    from thermolyte.materials.laws import Law


class EffectiveMedium(Composite):
    """D(T) of grains and grain boundaries; a path that is left out carries nothing."""

    law: Literal["effective_medium"] = "effective_medium"
    rule: Literal["hart", "maxwell_garnett"]
    grain_size: units.PositiveLength
    boundary_width: units.PositiveLength
    bulk: Law | None = Field(None, description="diffusivity in the grain; left out: none")
    grain_boundary: Law | None = Field(None, description="diffusivity in the boundary; left out: none")
    segregation: units.PositiveFactor = Field(1.0, description="concentration in the boundary by that in the grain")

    @model_validator(mode="after")
    def _thin_boundaries(self) -> Self:
        if self.boundary_fraction >= 1:
            raise ValueError(
                f"boundaries of {self.boundary_width:g} m around grains of {self.grain_size:g} m fill "
                f"3δ/d = {self.boundary_fraction:.3g} of the volume: grain_size must be more than 3 boundary_width"
            )
        return self

    @model_validator(mode="after")
    def _a_path(self) -> Self:
        if not self.laws:
            raise ValueError("nothing diffuses: give bulk, grain_boundary or both")
        if self.rule == "maxwell_garnett" and self.grain_boundary is None:
            raise ValueError(
                "maxwell_garnett isolates the grains by their boundaries: give grain_boundary, or rule: hart"
            )
        return self

    @property
    def boundary_fraction(self) -> float:
        """Volume fraction g = 3δ/d of the boundaries [1], of cubes of the size d that share their faces."""
        return float(3 * self.boundary_width / self.grain_size)

    @property
    def laws(self) -> tuple[Law, ...]:
        """The laws of the paths that are given."""
        return tuple(law for _, law in self._paths())

    def __call__(self, T: ArrayLike) -> Array:
        """D [m²/s] at the temperature T in K."""
        bulk, boundary = (None if law is None else law(T) for law in (self.bulk, self.grain_boundary))
        return np.asarray(self._effective(bulk, boundary))

    def ufl(self, T: Expr) -> Expr:
        """UFL expression of the UFL scalar T."""
        bulk, boundary = (None if law is None else law.ufl(T) for law in (self.bulk, self.grain_boundary))
        return self._effective(bulk, boundary)

    def _effective(self, bulk: Any, boundary: Any) -> Any:
        """D of the diffusivities of both paths, in numpy or in UFL; None is none."""
        g, s = self.boundary_fraction, self.segregation
        b, m = (0.0 if bulk is None else bulk), (0.0 if boundary is None else s * boundary)
        if self.rule == "hart":
            conductivity = (1 - g) * b + g * m
        else:
            conductivity = m * (b + 2 * m + 2 * (1 - g) * (b - m)) / (b + 2 * m - (1 - g) * (b - m))
        return conductivity / (1 - g + s * g)

    def with_interpolation(self, interpolation: Interpolation) -> Self:
        """The same, with its tables interpolated another way."""
        return self.model_copy(update={name: law.with_interpolation(interpolation) for name, law in self._paths()})

    def in_si(self, target: str) -> Self:
        """The same law with its numbers in the SI unit `target`."""
        return self.model_copy(update={"unit": target, **{name: law.in_si(target) for name, law in self._paths()}})

    def _paths(self) -> list[tuple[str, Law]]:
        """The paths that are given, by name."""
        given = (("bulk", self.bulk), ("grain_boundary", self.grain_boundary))
        return [(name, law) for name, law in given if law is not None]
