"""The section `line_scans` of a case: where a scan runs, how it samples, and how it is reduced."""

from __future__ import annotations

import math
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from thermolyte import units
from thermolyte.region import Strict

Array = NDArray[np.float64]
Point = Annotated[tuple[units.SignedLength, ...], Field(min_length=1, max_length=3)]
MOST = 10_000
"""Samples of a scan."""
ENDS = ("start", "stop")
"""What may be the reference of the voltage besides a terminal."""


class LineScan(Strict):
    """R(x) = (V(x) − V_ref)/I along a line, with a straight fit in each region and a jump at each junction.

    σ = 1/(A dR/dx) of every fit, and ρ_c = A ΔR of two fits that are extrapolated to the junction between them, as in
    "linear resistance scanning" (L. Wang et al., Adv. Mater. 2025, doi 10.1002/adma.202508270).

    Where σ changes along the line R(x) is curved, and a straight line through the whole region misses it at the
    junction: of a parabola R = R₀ + x/(σA) + q x² that is sampled evenly from 0 to w the line gives R(0) too low by
    q w²/6, and 1/(σA) + q w for the slope. `window` is this w.

    Which method: with an alternating current (lock-in) or short pulses, temperatures do not follow, and the scan is
    `isothermal`. A voltmeter that reads a direct current after seconds is `dc`: the Peltier heat has made a temperature
    difference by then, whose Seebeck voltage counts as resistance, up to the factor 1 + zT of a leg that gives no heat
    away. The probe's own wire has no Seebeck voltage.
    """

    start: Point = Field(description="first point of the line, in the coordinates of the geometry")
    stop: Point = Field(description="last point of the line, on the surface of the body or inside")
    spacing: units.PositiveLength = Field(description="distance of neighbouring samples")
    probe_diameter: units.Length = Field(
        0.0,
        description="the tip averages over a disc of this diameter; inside the body along the line only; 0: a point",
    )
    reference: str = Field(
        "start",
        description="against what the voltage is measured: a terminal, or the end `start` or `stop` of the line",
    )
    noise: units.Voltage = Field(0.0, ge=0, description="repeatability: standard deviation of a reading")
    seed: int = Field(0, ge=0, description="of the noise")
    exclude: units.Length = Field(0.0, description="samples as close as this to a junction are left out of the fits")
    window: units.PositiveLength | None = Field(
        None,
        description="only samples within this distance of a junction count for its contact resistivity, and for the "
        "local conductivity beside it; default: the whole region",
    )
    area: units.Area | None = Field(
        None, description="cross-section that the reduction assumes; default: that of the leg along the line"
    )
    method: Literal["isothermal", "dc"] = Field(
        "isothermal",
        description="isothermal: electric conduction alone at one temperature, as alternating or pulsed currents see "
        "it; dc: the thermoelectric state itself, with the voltage of its Peltier temperature differences",
    )
    temperature: units.Temperature = Field(300.0, description="of an isothermal scan")

    @model_validator(mode="after")
    def _is_a_line(self) -> Self:
        if len(self.start) != len(self.stop):
            raise ValueError("start and stop have different numbers of coordinates: give both the same")
        if self.length == 0:
            raise ValueError("start and stop are the same point: give the line two different ends")
        if not 2 * self.spacing <= self.length <= MOST * self.spacing:
            raise ValueError(
                f"a line of {self.length:g} m with a spacing of {self.spacing:g} m has "
                f"{self.length / self.spacing:.3g} steps: choose a spacing that gives 2 to {MOST}"
            )
        if self.window is not None and self.window - self.exclude < 2 * self.spacing:
            raise ValueError(
                f"a window of {1e6 * self.window:g} um beside a junction, of which {1e6 * self.exclude:g} um are "
                f"excluded, holds less than three samples with a spacing of {1e6 * self.spacing:g} um: give a larger "
                "window, a smaller exclude or a smaller spacing"
            )
        if self.method == "dc" and "temperature" in self.model_fields_set:
            raise ValueError("a dc scan sees the temperatures of the state: remove `temperature`, or take isothermal")
        return self

    @property
    def in_words(self) -> str:
        """How it is measured."""
        return f"isothermal at {self.temperature:g} K" if self.method == "isothermal" else "dc"

    @property
    def length(self) -> float:
        """Distance of the two ends [m]."""
        return math.dist(self.start, self.stop)

    @property
    def origin(self) -> Array:
        """The first point, in 3-D [m]."""
        return _in_space(self.start)

    @property
    def direction(self) -> Array:
        """Unit vector along the line, in 3-D."""
        return (_in_space(self.stop) - self.origin) / self.length

    @property
    def distances(self) -> Array:
        """Distance of every sample from the first one [m]."""
        found: Array = self.spacing * np.arange(1 + math.floor(self.length / self.spacing * (1 + 1e-12)))
        return found


def _in_space(point: tuple[float, ...]) -> Array:
    return np.array([*point, 0.0, 0.0][:3])
