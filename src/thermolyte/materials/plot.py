"""The curves of material cards: S, σ, κ and zT against temperature, with measured points and uncertainty.

Cards without S and κ, such as those of a battery, go to `plot_state`: what they have, over temperature or composition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from thermolyte.materials.base import Array
from thermolyte.materials.card import Card
from thermolyte.materials.carriers_plot import draw_carriers
from thermolyte.materials.composition import CompositionLaw, CompositionTable
from thermolyte.materials.laws import PrincipalAxes, Reciprocal, Table
from thermolyte.materials.model import TemperatureLaw
from thermolyte.materials.property import Property

# Okabe-Ito without yellow (too light in print); line styles and markers tell curves apart without colour.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#000000", "#E69F00")
LINES: tuple[Any, ...] = ("-", "--", "-.", (0, (1, 1)), (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)))
MARKERS = ("o", "s", "^", "D", "v", "X", "P")
STYLE: Any = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "0.88",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
}


class Panel(NamedTuple):
    """One diagram: a property, its name and unit, and the factor from SI."""

    name: str
    label: str
    unit: str
    scale: float = 1.0


PANELS = (
    Panel("seebeck_coefficient", "Seebeck coefficient", "µV/K", 1e6),
    Panel("electrical_conductivity", "electrical conductivity", "S/m"),
    Panel("thermal_conductivity", "thermal conductivity", "W/(m K)"),
)
STATE_PANELS = (
    Panel("ionic_conductivity", "ionic conductivity", "mS/cm", 10.0),
    Panel("electrical_conductivity", "electrical conductivity", "S/m"),
    Panel("diffusivity", "diffusivity", "cm²/s", 1e4),
    Panel("open_circuit_potential", "potential against Li", "mV", 1e3),
    Panel("young_modulus", "Young's modulus", "GPa", 1e-9),
    Panel("poisson_ratio", "Poisson ratio", "1"),
    Panel("thermal_expansion", "thermal expansion", "µm/(m K)", 1e6),
    Panel("yield_strength", "yield strength", "MPa", 1e-6),
    Panel("hardening_modulus", "hardening modulus", "MPa", 1e-6),
)


def plot_cards(cards: Sequence[Card], path: Path) -> Path:
    """Draw the cards over each other into `path` (.png, .pdf, .svg) and return it."""
    if not any(card.seebeck_coefficient or card.thermal_conductivity for card in cards):
        return plot_state(cards, path)
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    T = _temperatures(cards)
    rows = 3 if any(_diffusivity(card) or card.carriers for card in cards) else 2
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(rows, 2, figsize=(7.5, 3.1 * rows))
        figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.06)
        for panel, ax in zip(PANELS, axes.flat, strict=False):
            _draw_panel(ax, _rescaled(panel, cards), cards, T)
        axes[1, 1].set(ylabel="figure of merit zT [1]")
        for number, card in enumerate(cards):
            _draw_figure_of_merit(axes[1, 1], card, T, _style(number))
        if axes[1, 1].lines:
            axes[1, 1].set_ylim(bottom=0)
        else:
            _leave_empty(axes[1, 1])
        for ax in axes[:2].flat:
            ax.set(xlim=(T[0], T[-1]))
        for above, below in zip(axes[0], axes[1], strict=True):
            above.tick_params(labelbottom=False)
            below.set(xlabel="temperature [K]")
        if rows == 3:
            _draw_changes(axes[2], cards, T)
        figure.legend(handles=_legend(cards), loc="outside lower center", ncols=_fitting(cards))
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=200)
        plt.close(figure)
    return path


def plot_state(cards: Sequence[Card], path: Path) -> Path:
    """Draw what the cards give of conductivities, diffusivity, potential and mechanics into `path` and return it."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.lines import Line2D

    panels = [panel for panel in STATE_PANELS if any(card.law(panel.name) for card in cards)]
    rows = -(-max(len(panels), 1) // 2)
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(rows, 2, figsize=(7.5, 0.4 + 2.8 * rows), squeeze=False, layout="constrained")
        for panel, ax in zip(panels, axes.flat, strict=False):
            _draw_state(ax, panel, cards)
        for ax in list(axes.flat)[len(panels) :]:
            ax.set_visible(False)
        handles = [Line2D([], [], label=card.name, **_style(i)) for i, card in enumerate(cards)]
        figure.legend(handles=handles, loc="outside lower center", ncols=min(4, len(cards)))
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=200)
        plt.close(figure)
    return path


def _draw_state(ax: Any, panel: Panel, cards: Sequence[Card]) -> None:
    """The curves of one property; over composition if one of its laws is of it. Dots: extrapolated."""
    laws = [(number, law) for number, card in enumerate(cards) if (law := card.law(panel.name)) is not None]
    of_x = [law for _, law in laws if isinstance(law, CompositionLaw)]
    varying = [law.span for law in of_x if law.span]
    low, high = (min(s[0] for s in varying), max(s[1] for s in varying)) if varying else (0.0, 1.0)
    ranges = [r for _, law in laws if not isinstance(law, CompositionLaw | PrincipalAxes) and (r := law.range)]
    coldest, hottest = min([250.0, *(r[0] for r in ranges)]), max([400.0, *(r[1] for r in ranges)])
    at = np.linspace(max(low / 2, 1e-3), 1.25 * high, 400) if of_x else np.linspace(coldest, hottest, 400)
    ax.set(xlabel="composition x" if of_x else "temperature [K]", ylabel=f"{panel.label} [{panel.unit}]")
    for number, law in laws:
        if isinstance(law, PrincipalAxes):
            continue
        values = panel.scale * (law(at) if isinstance(law, CompositionLaw) == bool(of_x) else law(298.15) + 0 * at)
        span = (law.span if isinstance(law, CompositionLaw) else law.range) or (at[0], at[-1])
        inside = (at >= span[0]) & (at <= span[1]) | (isinstance(law, CompositionLaw) != bool(of_x))
        ax.plot(at, np.where(inside, values, np.nan), **_style(number))
        ax.plot(at, np.where(inside, np.nan, values), color=COLOURS[number % len(COLOURS)], linestyle=(0, (1, 3)))
        if not of_x and _wide(list(values)):
            ax.set_yscale("log")
        if isinstance(law, CompositionTable):
            ax.plot(law.composition, panel.scale * law(law.composition), "o", color=COLOURS[number % len(COLOURS)])


def _temperatures(cards: Sequence[Card]) -> Array:
    """From a little below to a little above where any card has data, in K."""
    ranges = [r for card in cards for _, p in _properties([card]) if (r := p.range)]
    low, high = min((r[0] for r in ranges), default=300.0), max((r[1] for r in ranges), default=600.0)
    margin = 0.04 * (high - low)
    return np.linspace(max(low - margin, 0.5), high + margin, 800)


def _properties(cards: Sequence[Card], name: str | None = None) -> list[tuple[int, Property]]:
    """The number of each card and its properties, of one name or all."""
    names = [name] if name else [panel.name for panel in PANELS]
    found = [(i, getattr(card, n)) for i, card in enumerate(cards) for n in names]
    return [(i, p) for i, p in found if p is not None]


def _rescaled(panel: Panel, cards: Sequence[Card]) -> Panel:
    """The panel with a power of ten in its unit where the values are large, and |S| where n meets p."""
    values = [v for _, p in _properties(cards, panel.name) for law in p.axes for v in law(law.temperatures())]
    if not values:
        return panel
    if panel.name == "seebeck_coefficient":
        mixed = min(values) < 0 < max(values) and min(map(abs, values)) > 0.1 * max(map(abs, values))
        return panel._replace(label="|Seebeck coefficient|") if mixed else panel
    power = int(np.floor(np.log10(max(values))))
    if power < 4 or _wide(values):
        return panel
    return panel._replace(unit=f"$10^{power}$ {panel.unit}", scale=10.0**-power)


def _wide(values: Sequence[float]) -> bool:
    """Whether a logarithmic axis shows these values better."""
    return min(values) > 0 and max(values) > 30 * min(values)


def _style(number: int) -> dict[str, Any]:
    return {
        "color": COLOURS[number % len(COLOURS)],
        "linestyle": LINES[number % len(LINES)],
        "linewidth": 1.5,
    }


def _draw_panel(ax: Any, panel: Panel, cards: Sequence[Card], T: Array) -> None:
    """The curves of one property of all cards."""
    ax.set(ylabel=f"{panel.label} [{panel.unit}]")
    sign = np.abs if panel.label.startswith("|") else np.positive
    found = _properties(cards, panel.name)
    for number, p in found:
        for names, law in _distinct(p):
            _draw_law(ax, law, p.uncertainty, lambda t, law=law: panel.scale * sign(law(t)), T, number)  # type: ignore[misc]
            if names:
                ax.annotate(names, (T[-1], panel.scale * sign(law(T[-1]))), (2, 3), textcoords="offset points")
    values = [v for _, p in found for law in p.axes for v in law(law.temperatures())]
    if not values:
        _leave_empty(ax)
    elif _wide(values):
        ax.set_yscale("log")
        if max(values) < 1e4:
            ax.set_yscale("log", subs=(2, 5))
            ax.yaxis.set_major_formatter("{x:g}")
            ax.yaxis.set_minor_formatter("{x:g}")


def _leave_empty(ax: Any) -> None:
    ax.text(0.5, 0.5, "not given", transform=ax.transAxes, ha="center", color="0.4")
    ax.set_yticks([])


def _distinct(p: Property) -> list[tuple[str, TemperatureLaw]]:
    """The different laws of a property, with the axes that share each: [("xy", ...), ("z", ...)]."""
    if len(p.axes) == 1:
        return [("", p.axes[0])]
    laws = list(dict.fromkeys(p.axes))
    return [("".join(x for x, other in zip("xyz", p.axes, strict=True) if other == law), law) for law in laws]


def _draw_law(
    ax: Any, law: TemperatureLaw, uncertainty: float | None, curve: Callable[[Array], Array], T: Array, number: int
) -> None:
    """The curve and its band within the range, its continuation in dots, and the measured points."""
    low, high = law.range or (T[0], T[-1])
    inside = np.unique(np.clip(T, low, high))
    values, colour = curve(inside), COLOURS[number % len(COLOURS)]
    ax.plot(inside, values, **_style(number))
    if uncertainty:
        band = uncertainty * np.abs(values)
        ax.fill_between(inside, values - band, values + band, color=colour, alpha=0.13, linewidth=0)
    if law.outside == "constant":
        outside = np.where((low > T) | (high < T), curve(T), np.nan)
        ax.plot(T, outside, color=colour, linestyle=(0, (1, 3)), linewidth=1.0)
    points = law.of if isinstance(law, Reciprocal) else law
    if isinstance(points, Table):
        measured = points.temperatures()
        marker = MARKERS[number % len(MARKERS)]
        ax.plot(measured, curve(measured), marker, color=colour, markersize=3.5, markerfacecolor="white")


def _diffusivity(card: Card) -> TemperatureLaw | None:
    """D of a card where it is a law of temperature."""
    law = card.law("diffusivity")
    return None if isinstance(law, CompositionLaw | PrincipalAxes) else law


def _draw_changes(axes: Any, cards: Sequence[Card], T: Array) -> None:
    """D over temperature, and the electrons over composition; nothing where no card has them."""
    for number, card in enumerate(cards):
        if law := _diffusivity(card):
            _draw_law(axes[0], law, law.uncertainty, law, T, number)
    axes[0].set(xlabel="temperature [K]", xlim=(T[0], T[-1]), ylabel="diffusivity [m²/s]")
    if axes[0].lines:
        axes[0].set_yscale("log")
    else:
        _leave_empty(axes[0])
    draw_carriers(axes[1], cards, [_style(number)["color"] for number, _ in enumerate(cards)])
    if not axes[1].lines:
        _leave_empty(axes[1])


def _draw_figure_of_merit(ax: Any, card: Card, T: Array, style: dict[str, Any]) -> None:
    try:
        low, high = card.range or (T[0], T[-1])
        inside = np.unique(np.clip(T, low, high))
        for values in np.atleast_2d(card.figure_of_merit(inside)):
            ax.plot(inside, values, **style)
    except ValueError:  # it has none
        return


def _fitting(cards: Sequence[Card]) -> int:
    """Columns of a legend that is no wider than the figure."""
    return max(1, min(4, len(cards) + 1, 90 // (8 + max(len(card.name) for card in cards))))


def _legend(cards: Sequence[Card]) -> list[Any]:
    from matplotlib.lines import Line2D

    extra: dict[str, Any] = {"markersize": 4, "markerfacecolor": "white"}
    handles = [
        Line2D([], [], marker=None if card.model else MARKERS[i % len(MARKERS)], label=card.name, **_style(i), **extra)
        for i, card in enumerate(cards)
    ]
    return [
        *handles,
        Line2D([], [], color="0.4", linestyle=(0, (1, 3)), label="held constant outside the range"),
    ]
