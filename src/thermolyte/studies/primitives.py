"""The numbers of a solution that are smooth in its parameters, as a vector; all others follow from them.

The resistance of the device, Joule heat over I², needs care where I is small: of the whole Joule heat W of a device the
vector holds W₀, that without current, and (W − W₀)/I, which vanishes with I. W₀ is there because a body of different
materials has eddy currents at open circuit; as they carry no current through the terminals, W has no term ∝ I.
"""

from __future__ import annotations

import math

import numpy as np

from thermolyte.quantities import Device, Values
from thermolyte.quantities.derived import NO_CURRENT, derived
from thermolyte.studies.nested import Array

BALANCES = ("energy_balance", "charge_balance")


class Primitives:
    """Solutions of one device to vectors, and back."""

    def __init__(self, example: Values, device: Device, *, over_current: bool):
        """`example`: any solution; `over_current`: whether they differ in the current of the device's terminal."""
        self._device, self._over_current = device, over_current
        follow = derived(example, device).keys() | {"efficiency", "cop"}
        self._names = [n for n in example if n not in follow]

    def vector(self, values: Values, idle: Values) -> Array:
        """The vector of a solution; `idle` is that without current, empty where there is none."""
        own = [values.get(n, math.nan) for n in self._names]
        if self._over_current:
            start, I = _joule_heat(idle), values["current"]
            own += [start, (_joule_heat(values) - start) / I if abs(I) > NO_CURRENT else 0.0]
        return np.array(own)

    def values(self, vector: Array) -> Values:
        """All quantities that follow from a vector; what is not solved has no balances."""
        numbers = [float(x) for x in vector]
        own = dict(zip(self._names, numbers, strict=False))
        found = own | derived(own, self._device)
        if self._over_current and "resistance" in found:
            start, slope = numbers[len(self._names) :]
            found["resistance"] = (start / found["current"] + slope) / found["current"]
        return {n: v for n, v in found.items() if n not in BALANCES and not math.isnan(v)}


def _joule_heat(values: Values) -> float:
    return sum(v for n, v in values.items() if n.startswith("joule_heat."))
