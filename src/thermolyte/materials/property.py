"""A property of a material: its law, or its laws along the principal axes, in SI."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import ufl
from numpy.typing import ArrayLike

from thermolyte.materials.base import Array, Expr, Outside, intersection
from thermolyte.materials.composition import CompositionLaw
from thermolyte.materials.laws import Law, PrincipalAxes, Reciprocal
from thermolyte.materials.model import TemperatureLaw


@dataclass(frozen=True)
class Property:
    """One property of a material: a scalar law, or one law for each principal axis; values in SI."""

    name: str
    law: TemperatureLaw | PrincipalAxes

    @property
    def axes(self) -> tuple[TemperatureLaw, ...]:
        """The one law of a scalar, or the laws along x, y and z."""
        return self.law.axes if isinstance(self.law, PrincipalAxes) else (self.law,)

    @property
    def range(self) -> tuple[float, float] | None:
        """Lowest and highest temperature in K at which it is known; None is unbounded."""
        return intersection([law.range for law in self.axes])

    @property
    def outside(self) -> Outside:
        """What is said when a temperature leaves the range."""
        return "error" if any(law.outside == "error" for law in self.axes) else "constant"

    @property
    def unit(self) -> str:
        """The SI unit of its values."""
        return self.law.unit or ""

    @property
    def uncertainty(self) -> float | None:
        """Relative uncertainty, if the source gives one."""
        return self.law.uncertainty

    def __call__(self, T: ArrayLike) -> Array:
        """Value in SI at T in K; for principal axes, an array with x, y, z first."""
        values = [law(T) for law in self.axes]
        return values[0] if len(values) == 1 else np.stack(values)

    def ufl(self, T: Expr, dim: int) -> Expr:
        """UFL scalar of the UFL scalar T, or the diagonal tensor of the first `dim` principal axes."""
        if len(self.axes) == 1:
            return self.axes[0].ufl(T)
        diagonal = [law.ufl(T) for law in self.axes[:dim]]
        return ufl.as_matrix([[diagonal[i] if i == j else 0.0 for j in range(dim)] for i in range(dim)])


@dataclass(frozen=True)
class StateProperty:
    """One scalar property as a function of composition x and temperature T, whichever its law is of; SI."""

    name: str
    law: Law | CompositionLaw

    @property
    def of_composition(self) -> bool:
        """Whether it depends on the composition instead of the temperature."""
        return isinstance(self.law, CompositionLaw)

    def __call__(self, x: ArrayLike, T: ArrayLike) -> Array:
        """Value in SI at the composition x and the temperature T in K."""
        return self.law(x, T) if isinstance(self.law, CompositionLaw) else self.law(T)

    def ufl(self, x: Expr, T: Expr) -> Expr:
        """UFL scalar of the UFL scalars x and T."""
        return self.law.ufl(x, T) if isinstance(self.law, CompositionLaw) else self.law.ufl(T)


def reciprocal(law: Law | PrincipalAxes, unit: str) -> Law | PrincipalAxes:
    """1/law in `unit`: the conductivity of a resistivity, or the other way round."""
    if isinstance(law, PrincipalAxes):
        x, y, z = (_reciprocal(axis, unit) for axis in law.axes)
        return PrincipalAxes(x=x, y=y, z=z, unit=unit, uncertainty=law.uncertainty, source=law.source)
    return _reciprocal(law, unit)


def _reciprocal(law: Law, unit: str) -> Law:
    if isinstance(law, Reciprocal):
        return law.of
    return Reciprocal(of=law, unit=unit, uncertainty=law.uncertainty, source=law.source)
