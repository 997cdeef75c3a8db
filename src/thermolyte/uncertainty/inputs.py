"""An uncertain input of a case: its distribution, as YAML, and its values at given probabilities."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from scipy import stats

from thermolyte import units

Array = NDArray[np.float64]
Kind = Literal["normal", "uniform", "triangular", "lognormal"]
SPREADS: dict[str, tuple[Kind, ...]] = {
    "relative": ("normal", "uniform", "triangular", "lognormal"),
    "absolute": ("normal", "uniform", "triangular"),
    "factor": ("lognormal",),
    "lower and upper": ("uniform", "triangular"),
}
"""How the spread may be given -> distributions that go with it, the default first."""


def _paths(value: object) -> object:
    return [value] if isinstance(value, str) else value


class UncertainInput(BaseModel):
    """One cause: a distribution around the value x₀ of the case, of one path, or of several that share one error.

        relative r:       x = x₀ (1 + r z); lognormal: x = x₀ exp(s z), s² = ln(1 + r²)
        absolute a:       x = x₀ + a z
        factor f:         x = x₀ f^z
        lower, upper:     x between them; triangular: most likely at x₀

    z has mean 0 and standard deviation 1, so that `relative` and `absolute` are standard uncertainties (JCGM 100:2008)
    whatever the distribution, and `factor` that of ln x.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    paths: (
        Annotated[
            tuple[str, ...], BeforeValidator(_paths, json_schema_input_type=str | tuple[str, ...]), Field(min_length=1)
        ]
        | None
    ) = Field(None, description="paths in the case that share this error; default: the name is the path")
    relative: units.PositiveFactor | None = Field(None, description="standard deviation over the case's value")
    absolute: str | float | None = Field(None, description="standard deviation, with its unit")
    factor: float | None = Field(None, gt=1, description="one standard deviation multiplies or divides by this")
    lower: str | float | None = Field(None, description="smallest value")
    upper: str | float | None = Field(None, description="largest value")
    distribution: Kind | None = Field(
        None, description="default: normal; of a factor: lognormal; between lower and upper: uniform"
    )

    @model_validator(mode="after")
    def _one_spread(self) -> Self:
        bounded = self.lower is not None or self.upper is not None
        given = [name for name in ("relative", "absolute", "factor") if getattr(self, name) is not None]
        given += ["lower and upper"] * bounded
        if len(given) != 1:
            found = f", not {' and '.join(given)}" if given else ""
            raise ValueError(f"give one of relative, absolute, factor, or lower and upper{found}")
        if bounded and (self.lower is None or self.upper is None):
            raise ValueError("lower and upper belong together: give both")
        if self.kind not in SPREADS[given[0]]:
            raise ValueError(
                f"{given[0]} does not say how wide a {self.kind} distribution is: with it, distribution is "
                f"{' or '.join(SPREADS[given[0]])}"
            )
        return self

    @model_validator(mode="after")
    def _some_spread(self) -> Self:
        if self.absolute is not None and _deviation(self.absolute) <= 0:
            raise ValueError(f"absolute: {self.absolute} is no spread: give more than zero, or leave the input out")
        if self.lower is not None and self.upper is not None:
            low, high = self.bounds
            if low >= high:
                raise ValueError(f"lower {self.lower} is not below upper {self.upper}: there is no spread")
        return self

    @property
    def kind(self) -> Kind:
        """The distribution."""
        if self.distribution is not None:
            return self.distribution
        return "lognormal" if self.factor is not None else "normal" if self.lower is None else "uniform"

    @property
    def bounds(self) -> tuple[float, float]:
        """Lower and upper in coherent SI units.

        Raises:
            ValueError: they have different dimensions, or there are none.
        """
        if self.lower is None or self.upper is None:
            raise ValueError("no bounds are given")
        return units.coherent(self.lower), units.coherent(self.upper, like=self.lower)

    @property
    def unit(self) -> str:
        """The unit in which the spread is written; empty where it is a number."""
        return units.split(next((x for x in (self.absolute, self.lower) if x is not None), 1.0))[1]

    def standardised(self, probability: Array, nominal: float) -> Array:
        """Values z of mean 0 and standard deviation 1 at cumulative probabilities, of any shape.

        Raises:
            ValueError: the case's value is not between the bounds of a triangular distribution.
        """
        shape = self._shape(nominal)
        return np.asarray((shape.ppf(probability) - shape.mean()) / shape.std())

    def values(self, probability: Array, nominal: float) -> Array:
        """Values in SI at cumulative probabilities, around the case's value in SI.

        Raises:
            ValueError: the case's value does not go with this distribution.
        """
        if self.lower is not None:
            low, high = self.bounds
            return np.asarray(low + (high - low) * self._shape(nominal).ppf(probability))
        z = self.standardised(probability, nominal)
        if self.factor is not None:
            return nominal * self.factor**z
        if self.absolute is not None:
            return nominal + _deviation(self.absolute) * z
        if nominal == 0:
            raise ValueError("the value of the case is zero, so that relative says nothing: give absolute")
        relative = self.relative or 0.0
        spread = math.sqrt(math.log1p(relative**2))
        return nominal * (np.exp(spread * z) if self.kind == "lognormal" else 1 + relative * z)

    def _shape(self, nominal: float) -> Any:
        """The distribution on its natural scale: normal of variance 1, the others on 0 to 1."""
        if self.kind in ("normal", "lognormal"):
            return stats.norm()
        if self.kind == "uniform":
            return stats.uniform()
        low, high = self.bounds if self.lower is not None else (nominal - 1, nominal + 1)
        if not low <= nominal <= high:
            raise ValueError(f"the value of the case is not between {self.lower} and {self.upper}")
        return stats.triang((nominal - low) / (high - low))

    @property
    def words(self) -> str:
        """Distribution and spread, such as 'normal, ± 5 %'."""
        if self.factor is not None:
            spread = f"×/÷ {self.factor:g}"
        elif self.relative is not None:
            spread = f"± {100 * self.relative:g} %"
        else:
            spread = f"± {self.absolute}" if self.absolute is not None else f"{self.lower} … {self.upper}"
        return f"{self.kind}, {spread}"


def _deviation(value: str | float) -> float:
    """A difference in coherent SI units.

    Raises:
        ValueError: its unit has an offset, or is not understood.
    """
    unit = units.split(value)[1]
    if units.has_offset(unit):
        raise ValueError(f"{value}: a difference of temperatures is in K")
    return units.coherent(value)
