"""Open-circuit potentials U(x, T) of a host against lithium: U = −(µ_Li − µ°_Li)/F.

ln x and ln(1 − x) go on as tangents within `composition.SMALLEST` of the ends.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import BeforeValidator, Field, FiniteFloat, model_validator

from thermolyte.materials.base import horner
from thermolyte.materials.composition import (
    SMALLEST,
    CompositionConstant,
    CompositionLaw,
    CompositionRange,
    CompositionTable,
    at_least,
    logarithm,
    thermal_voltage,
)
from thermolyte.materials.laws import shorthand


class _Formula(CompositionLaw):
    """A fitted formula: numbers in `unit` (V if left out), good within `range`."""

    standard_potential: FiniteFloat = Field(description="U_0 in `unit`")
    range: CompositionRange

    @property
    def span(self) -> tuple[float, float]:
        """The range of x that was fitted."""
        return self.range

    def _value(self, x: Any, T: Any) -> Any:
        """U in `unit`: the logarithms are in V whatever the unit of the coefficients is."""
        return self.standard_potential - self._mixing(x) * thermal_voltage(T) / self._factor - self._excess(x)

    @abstractmethod
    def _mixing(self, x: Any) -> Any:
        """The logarithms, times RT/F."""

    @abstractmethod
    def _excess(self, x: Any) -> Any:
        """µ^ex/F in `unit`."""


class Nernst(_Formula):
    """U = U_0 − s (RT/F) ln x: a dilute solution (s = 1), or a straight line through a few points of U over ln x.

    The thermodynamic factor is s at every x.
    """

    law: Literal["nernst"] = "nernst"
    slope: Annotated[FiniteFloat, Field(gt=0, description="s, slope in units of RT/F")] = 1.0

    def _scaled(self, scale: float) -> dict[str, object]:
        return {"standard_potential": scale * self.standard_potential}

    def _mixing(self, x: Any) -> Any:
        return self.slope * logarithm(x)

    def _excess(self, x: Any) -> Any:
        return 0.0 * x

    def _thermodynamic_factor(self, x: Any, T: Any) -> Any:
        del T
        return self.slope + 0.0 * x


class RedlichKister(_Formula):
    """U of a solution whose excess Gibbs energy is G^ex = F x (1 − x) Σ_k L_k (2x − 1)^k, with L_k in `unit`.

    interstitial: Li on a lattice of its own, x of whose sites are filled (the usual form for intercalation hosts)
        U = U_0 − (RT/F) ln(x/(1 − x)) − dG^ex/dx/F,      Σ: −(2x − 1) P + 2x(1 − x) P'
    substitutional: Li takes the place of host atoms, x is its atomic fraction
        U = U_0 − (RT/F) ln x − [G^ex + (1 − x) dG^ex/dx]/F,      Σ: (1 − x)² (P + 2x P')

    with P(y) = Σ L_k y^k and y = 2x − 1. One coefficient is the regular solution: L_0 (1 − 2x) and L_0 (1 − x)².
    O. Redlich, A. T. Kister, Ind. Eng. Chem. 40 (1948) 345; for electrodes D. K. Karthikeyan, G. Sikha, R. E. White,
    J. Power Sources 185 (2008) 1398, whose A_k = F L_k.
    """

    law: Literal["redlich_kister"] = "redlich_kister"
    solution: Literal["interstitial", "substitutional"]
    coefficients: tuple[FiniteFloat, ...] = Field(min_length=1, description="L_0, L_1, ... in `unit`")

    @model_validator(mode="after")
    def _fraction(self) -> Self:
        if self.range[1] > 1:
            raise ValueError(f"range of x up to {self.range[1]:g}: in a Redlich-Kister law x is a fraction, at most 1")
        return self

    def _scaled(self, scale: float) -> dict[str, object]:
        scaled = tuple(scale * c for c in self.coefficients)
        return {"standard_potential": scale * self.standard_potential, "coefficients": scaled}

    def _mixing(self, x: Any) -> Any:
        return logarithm(x) - logarithm(1.0 - x) if self.solution == "interstitial" else logarithm(x)

    def _excess(self, x: Any) -> Any:
        y = 2.0 * x - 1.0
        P, dP, _ = self._polynomials(y)
        if self.solution == "interstitial":
            return -y * P + 2.0 * x * (1.0 - x) * dP
        return (1.0 - x) * (1.0 - x) * (P + 2.0 * x * dP)

    def _thermodynamic_factor(self, x: Any, T: Any) -> Any:
        ideal = 1.0 / at_least(1.0 - x, SMALLEST) if self.solution == "interstitial" else 1.0
        return ideal + x * self._factor * self._excess_slope(x) / thermal_voltage(T)

    def _excess_slope(self, x: Any) -> Any:
        """d(µ^ex/F)/dx in `unit`."""
        y = 2.0 * x - 1.0
        P, dP, ddP = self._polynomials(y)
        if self.solution == "interstitial":
            return -2.0 * P - 4.0 * y * dP + 4.0 * x * (1.0 - x) * ddP
        return (1.0 - x) * (-2.0 * P - 4.0 * x * dP + 4.0 * (1.0 - x) * (dP + x * ddP))

    def _polynomials(self, y: Any) -> list[Any]:
        """P, P' and P'' at y."""
        rows = [np.polynomial.polynomial.polyder(self.coefficients, m) for m in range(3)]
        return [horner(y, [float(c) for c in row]) for row in rows]


_Potential = CompositionConstant | CompositionTable | Nernst | RedlichKister
OpenCircuitLaw = Annotated[
    Annotated[_Potential, Field(discriminator="law")],
    BeforeValidator(shorthand, json_schema_input_type=float | str | Annotated[_Potential, Field(discriminator="law")]),
]
