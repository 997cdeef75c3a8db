"""Where temperatures and compositions of a solution leave the data of the material cards."""

from __future__ import annotations

from collections.abc import Mapping

from thermolyte.boundary.thermal import Convection, Radiation, Temperature
from thermolyte.case import Case
from thermolyte.errors import InputError
from thermolyte.materials import Card
from thermolyte.setup import Setup

OVERSHOOT = 2e-3
"""Of the saturation: by so much the nodes of a full surface may lie beyond it."""
UNDERSHOOT = 0.3
"""Of the span of the composition: by so much the nodes ahead of a front that is thinner than a cell undershoot."""


def prescribed_temperatures(setup: Setup) -> tuple[float, float]:
    """Lowest and highest temperature that a condition names [K]; 300 K when there is none."""
    conditions = [c for cs in setup.boundaries.values() for c in cs]
    found = [c.temperature for c in conditions if isinstance(c, Temperature)]
    found += [c.ambient for c in conditions if isinstance(c, Convection | Radiation)]
    if setup.physics.thermoelectricity is None:
        found = [setup.physics.temperature]
    return (min(found), max(found)) if found else (300.0, 300.0)


class Ranges:
    """The temperatures at which each card was asked, over all points, and where that is beyond its data."""

    def __init__(self) -> None:
        self._asked: dict[str, tuple[Card, float, float]] = {}

    def add(self, case: Case, setup: Setup, low: float, high: float) -> list[str]:
        """Temperatures low...high [K] of one more point; returns the warnings for cards that had none before.

        Raises:
            InputError: a card says `outside: error`.
        """
        before = self._lines()
        for r, region in setup.regions.items():
            for finding in region.card.check_range(low, high):
                if finding.severity == "error":
                    raise InputError(f"{case.place('regions', r)}: {finding.text}")
            _, least, most = self._asked.get(region.card.name, (region.card, low, high))
            self._asked[region.card.name] = region.card, min(low, least), max(high, most)
        return [line for name, line in self._lines().items() if name not in before]

    def lines(self) -> list[str]:
        """One warning for each card that was asked beyond its data."""
        return list(self._lines().values())

    def _lines(self) -> dict[str, str]:
        found = {n: "; ".join(f.text for f in card.check_range(*asked)) for n, (card, *asked) in self._asked.items()}
        return {name: text for name, text in found.items() if text}


class Compositions:
    """The compositions at which each host was asked, over all states, and where that is beyond its data."""

    def __init__(self) -> None:
        self._asked: dict[str, tuple[Card, float, float]] = {}

    def add(self, case: Case, setup: Setup, values: Mapping[str, float]) -> list[str]:
        """The compositions of one more state; returns the warnings for cards that had none before.

        Raises:
            InputError: a composition below 0 or beyond saturation, or where a law says `outside: error`.
        """
        before = self._lines()
        for r, region in setup.regions.items():
            card = region.card
            slope = card.composition_per_concentration
            if f"minimum_concentration.{r}" not in values or slope is None:
                continue
            low, high = (slope * values[f"{end}_concentration.{r}"] for end in ("minimum", "maximum"))
            low = low if low < -UNDERSHOOT * (high - low) else max(low, 0.0)
            if card.saturation is not None and high <= card.saturation * (1 + OVERSHOOT):
                high = min(high, card.saturation)
            for finding in card.check_composition(low, high):
                if finding.severity == "error":
                    raise InputError(f"{case.place('regions', r)}: {finding.text}")
            _, least, most = self._asked.get(card.name, (card, low, high))
            self._asked[card.name] = card, min(low, least), max(high, most)
        return [line for name, line in self._lines().items() if name not in before]

    def lines(self) -> list[str]:
        """One warning for each card that was asked beyond its data."""
        return list(self._lines().values())

    def _lines(self) -> dict[str, str]:
        found = {n: card.check_composition(*asked) for n, (card, *asked) in self._asked.items()}
        return {name: "; ".join(f.text for f in findings) for name, findings in found.items() if findings}
