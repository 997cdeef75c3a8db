"""Picture of a mesh in one or two dimensions: to scale, and with all cells of one size so that thin layers show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import meshio
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Names = dict[str, dict[str, dict[str, int]]]
"""`regions` and `boundaries` -> name -> its number and how many elements it has."""

Corners = NDArray[np.float64]

# Okabe and Ito's colours, then some of Tol's: told apart by colour-blind readers.
COLOURS = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999",
    "#BBCC33", "#FFAABB", "#44AA99", "#DDCC77", "#AA4499", "#99DDFF", "#882255", "#332288",
)  # fmt: skip
FIXED = {"hot": "#D55E00", "cold": "#0072B2", "plus": "#CC79A7", "minus": "#009E73", "sides": "#DDDDDD"}
MOST = 20.0
"""Ratio of height to width beyond which nothing is seen of a picture to scale."""


def colours_of(entries: dict[str, Any]) -> dict[str, str]:
    """Colour of each name."""
    return {name: FIXED.get(name, COLOURS[k % len(COLOURS)]) for k, name in enumerate(entries)}


def draw_section(mesh: meshio.Mesh, names: Names) -> Figure:
    """Cells in the colours of their regions, boundaries as thick lines; a line is drawn as a bar along z."""
    import matplotlib.pyplot as plt

    figure, (scaled, equal, legend) = plt.subplots(
        1, 3, figsize=(11, 6), width_ratios=[1, 1, 0.45], layout="constrained"
    )
    ranks = np.stack([np.unique(x, return_inverse=True)[1] for x in mesh.points.T], axis=1).astype(float)
    width, height, _ = np.ptp(mesh.points, axis=0)
    to_scale = height > 0 and 1 / MOST < height / width < MOST
    for panel, points, thick in ((scaled, 1e3 * mesh.points, 2.0), (equal, ranks, 4.0)):
        _fill(panel, mesh, names, points, thick)
    scaled.set(title="to scale" if to_scale else "each axis to its own scale", ylabel="mm")
    scaled.set_aspect("equal" if to_scale else "auto")
    equal.set(title="all cells of one size", xticks=[], yticks=[])
    if height:
        scaled.set_xlabel("mm")
    else:
        scaled.set_xticks([])
    _legend(legend, names)
    return figure


def _fill(panel: Axes, mesh: meshio.Mesh, names: Names, points: Corners, thick: float) -> None:
    """All elements of all names in these coordinates, boundaries with lines of this width."""
    from matplotlib.collections import LineCollection, PolyCollection

    (cells, facets), (of_cell, of_facet) = mesh.cells, mesh.cell_data["region"]
    for name, colour in colours_of(names["regions"]).items():
        polygons = _outlines(points, cells.data[of_cell == names["regions"][name]["number"]])
        panel.add_collection(
            PolyCollection(list(polygons), facecolor=colour, edgecolor="#333333", linewidth=0.3, alpha=0.7)
        )
    for name, colour in _line_colours(names).items():
        lines = _segments(points, facets.data[of_facet == names["boundaries"][name]["number"]])
        panel.add_collection(LineCollection(list(lines), color=colour, linewidth=thick, clip_on=False))
    panel.autoscale()


def _outlines(points: Corners, cells: NDArray[np.int64]) -> Corners:
    """Corners of the polygons, of shape (cells, corners, 2); an interval becomes a bar of width 1."""
    if cells.shape[1] > 2:
        return points[cells, :2]
    low, high = points[cells, 0].T
    one, none = np.ones_like(low), np.zeros_like(low)
    return np.stack([np.stack([none, one, one, none], 1), np.stack([low, low, high, high], 1)], axis=2)


def _segments(points: Corners, facets: NDArray[np.int64]) -> Corners:
    """Ends of the lines, of shape (facets, 2, 2); a point becomes a line across the bar."""
    if facets.shape[1] > 1:
        return points[facets, :2]
    z = points[facets[:, 0], 0]
    return np.stack([np.stack([np.zeros_like(z), np.ones_like(z)], 1), np.stack([z, z], 1)], axis=2)


def _line_colours(names: Names) -> dict[str, str]:
    """Colours of boundaries: those that follow the ones of the regions."""
    count = len(names["regions"])
    return {name: COLOURS[(count + k) % len(COLOURS)] for k, name in enumerate(names["boundaries"])}


def _legend(panel: Axes, names: Names) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [
        Patch(facecolor=colour, edgecolor="black", alpha=0.7, label=f"{n}  ({names['regions'][n]['elements']} cells)")
        for n, colour in colours_of(names["regions"]).items()
    ]
    handles += [Line2D([], [], color=colour, linewidth=4, label=n) for n, colour in _line_colours(names).items()]
    panel.axis("off")
    panel.legend(handles=handles, loc="center left", frameon=False, fontsize=9)
