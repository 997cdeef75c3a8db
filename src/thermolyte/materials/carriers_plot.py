"""The diagram of what a change of composition does to the electrons of material cards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from thermolyte.materials.card import Card
from thermolyte.materials.carriers import carrier_ratio

TEMPERATURE = 300.0
"""K, at which S and σ are drawn."""


def draw_carriers(ax: Any, cards: Sequence[Card], colours: Sequence[str]) -> None:
    """n, σ and |S| over composition, each by its value where the card was measured."""
    several = sum(card.carriers is not None for card in cards) > 1
    for card, colour in zip(cards, colours, strict=True):
        if card.carriers is None:
            continue
        x = card.carriers.compositions(card, points=101)
        now, reference = (
            card.carriers.electrons(card, at, TEMPERATURE) for at in (x, card.carriers.reference_composition)
        )
        curves = {
            "n": carrier_ratio(card.carriers, x, card.properties.host_molar_volume),
            "σ": now.electrical_conductivity / reference.electrical_conductivity,
            "|S|": now.seebeck_coefficient / reference.seebeck_coefficient,
        }
        for (name, values), line in zip(curves.items(), ("-", "--", "-."), strict=True):
            label = f"{name}, {card.name}" if several else name
            ax.plot(x, values, color=colour, linestyle=line, linewidth=1.5, label=label)
        ax.plot(card.carriers.reference_composition, 1.0, "o", color=colour, markersize=5, markerfacecolor="white")
        ax.set(xlabel=f"composition x [{card.composition_unit}]")
    ax.set(ylabel=f"relative to the card, {TEMPERATURE:g} K [1]", ylim=(0, None))
    if ax.lines:
        ax.legend(fontsize=8)
