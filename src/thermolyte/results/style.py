"""How figures look: readable in print, in grey and for colour-blind readers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

# Okabe-Ito without yellow (too light in print); line styles and markers tell curves apart without colour.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LINES: tuple[Any, ...] = (
    "-",
    (0, (5, 1.5)),
    (0, (1, 1)),
    (0, (5, 1.5, 1, 1.5)),
    (0, (8, 2, 1, 2, 1, 2)),
    (0, (2, 2)),
)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">")
STYLE: Any = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "0.9",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.handlelength": 3.2,
    "lines.linewidth": 1.5,
    "lines.markersize": 4,
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "mathtext.fontset": "dejavusans",
}
PRINT = 200  # dots per inch


class Picture(NamedTuple):
    """A figure, the name of its files, and what it shows."""

    name: str
    figure: Figure
    caption: str


def new_figure(width: float = 6.3, height: float = 4.0) -> Figure:
    """An empty figure [inches] whose layout keeps labels and legends off each other."""
    return Figure(figsize=(width, height), layout=ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.06))


def save(picture: Picture, folder: Path) -> list[Path]:
    """Write a picture as PNG for the screen and as PDF for print."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{picture.name}.{kind}" for kind in ("png", "pdf")]
    with mpl.rc_context(STYLE):
        for file in files:
            picture.figure.savefig(file, dpi=PRINT)
    return files


def colours(name: str, end: float = 0.94) -> ListedColormap:
    """A map that is uniform to the eye, without the ends that vanish into black outlines or white paper.

    `end`: of lines, which are thin, 0.86.
    """
    return ListedColormap(mpl.colormaps[name](np.linspace(0.06, end, 256)))


def curve_style(number: int, total: int, ordered: bool) -> dict[str, Any]:
    """Colour, line and marker of a curve; `ordered` curves run through viridis, short of its light end."""
    if ordered and total > 2:
        colour: Any = mpl.colormaps["viridis"](0.8 * number / (total - 1))
    else:
        colour = COLOURS[number % len(COLOURS)]
    return {
        "color": colour,
        "linestyle": LINES[number % len(LINES)],
        "marker": MARKERS[number % len(MARKERS)],
        "markerfacecolor": "white",
    }


def star(**more: Any) -> dict[str, Any]:
    """The mark of an optimum."""
    mark = {
        "marker": "*",
        "markersize": 10,
        "markeredgecolor": "black",
        "markeredgewidth": 0.7,
        "linestyle": "none",
    }
    return mark | {"markerfacecolor": "#F0E442", "zorder": 5} | more


def legend(figure: Figure, handles: Sequence[Line2D], title: str | None = None, above: bool = False) -> None:
    """A legend beside or above the axes, where it covers nothing; of many curves it names every second, third, ..."""
    curves = [h for h in handles if h.get_marker() != "*"]
    step = -(-len(curves) // 14)
    shown = [h for h in handles if h not in curves or curves.index(h) % step == 0 or h is curves[-1]]
    place: Any = "outside upper center" if above else "outside right upper"
    named: Any = {"title": title} if title else {}
    figure.legend(handles=shown, loc=place, alignment="left", ncols=min(4, len(shown)) if above else 1, **named)
