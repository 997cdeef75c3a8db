"""Pictures of a plane mesh: the deformed section with what diffuses, the stress or the potential in colour.

The half section of a body of revolution is mirrored at its axis.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.tri import Triangulation
from numpy.typing import NDArray

from thermolyte.results.battery_wording import WORDINGS
from thermolyte.results.deformation import deformed, magnification, words
from thermolyte.results.style import STYLE, Picture, colours, new_figure, save
from thermolyte.results.wording import PREFIXES, Wording

Array = NDArray[np.float64]
FLAT = 12.0
"""Width to height beyond which the two directions are drawn to different scales."""
UNIFORM = 1e-6  # spread relative to the largest value below which a picture shows nothing


class Section(NamedTuple):
    """A picture: the fields that it can show, the first that there is; colours; caption."""

    fields: tuple[str, ...]
    colours: str
    caption: str


SECTIONS = {
    "section_lithium": Section(("composition", "concentration"), "viridis", "{species} in the deformed section"),
    "section_von_mises": Section(("von_mises",), "magma", "Von Mises stress in the deformed section"),
    "section_hydrostatic_stress": Section(("hydrostatic_stress",), "cividis", "Hydrostatic stress in the section"),
    "section_ionic_potential": Section(("ionic_potential",), "viridis", "Ionic potential in the section"),
}
"""The pictures by the name of their file."""


class Piece(NamedTuple):
    """A region as triangles: points [m], corners, and values at the points or of the triangles; outline."""

    x: Array
    y: Array
    corners: NDArray[np.int_]
    values: Array
    outline: Array


def is_plane(blocks: dict[str, Any]) -> bool:
    """Whether the mesh lies in the plane of its first two coordinates."""
    extents = np.array([m.bounds for m in blocks.values()])
    spans = extents[:, 1::2].max(axis=0) - extents[:, ::2].min(axis=0)
    return bool(spans[2] <= 1e-9 * spans.max() < spans[1])


def draw(blocks: dict[str, Any], folder: Path, axisymmetric: bool) -> list[Path]:
    """Draw every section that the fields have data for; returns the files."""
    files: list[Path] = []
    factor = magnification(blocks)
    for name, section in SECTIONS.items():
        field = next((f for f in section.fields if any(_has(m, f) for m in blocks.values())), None)
        if field is None:
            continue
        before = {r: m for r, m in blocks.items() if _has(m, field)}
        pieces = [_piece(m, field) for m in deformed(before, factor).values()]
        values = np.concatenate([p.values for p in pieces])
        if np.ptp(values) <= UNIFORM * np.abs(values).max():
            continue
        old = [_outline(m) for m in before.values()] if factor else []
        with mpl.rc_context(STYLE):
            w, shades = WORDINGS[field].fitted(values), colours(section.colours)
            figure = _figure(pieces, old, w, shades, axisymmetric, words(factor))
        files += save(Picture(name, figure, section.caption), folder)
    return files


def _has(mesh: Any, field: str) -> bool:
    return field in mesh.point_data or field in mesh.cell_data


def _piece(mesh: Any, field: str) -> Piece:
    """Triangles of a region; curved cells are divided."""
    surface = mesh.extract_surface(algorithm="dataset_surface", nonlinear_subdivision=2).triangulate()
    corners = surface.faces.reshape(-1, 4)[:, 1:]
    data = surface.point_data if field in surface.point_data else surface.cell_data
    values = np.asarray(data[field], dtype=float)
    return Piece(*_plane(surface.points), corners, values, _outline(mesh))


def _outline(mesh: Any) -> Array:
    """The lines around a region, as pairs of points."""
    surface = mesh.extract_surface(algorithm="dataset_surface", nonlinear_subdivision=2)
    edges = surface.extract_feature_edges(
        boundary_edges=True, feature_edges=False, manifold_edges=False, non_manifold_edges=False
    )
    lines = edges.lines.reshape(-1, 3)[:, 1:]
    pairs: Array = np.asarray(edges.points, dtype=float)[lines][:, :, :2]
    return pairs


def _plane(points: Any) -> tuple[Array, Array]:
    array = np.asarray(points, dtype=float)
    return array[:, 0], array[:, 1]


def _figure(
    pieces: list[Piece], old: list[Array], w: Wording, shades: Colormap, axisymmetric: bool, magnified: str
) -> Figure:
    """The section in colour, with the outline of what it was before it deformed."""
    edges = np.concatenate([p.outline for p in pieces])
    sides = (1.0, -1.0) if axisymmetric else (1.0,)
    high = float(np.ptp(edges[..., 1]))
    wide = float(np.ptp(edges[..., 0])) * len(sides)
    scales = [Wording("", "", "m", 1.0, PREFIXES, 1.0).fitted([x]) for x in (wide, high)]
    equal = max(wide, high) <= FLAT * min(wide, high)
    if equal:
        scales = [max(scales, key=lambda s: s.scale)] * 2
    values = np.concatenate([p.values for p in pieces]) / w.scale
    norm = Normalize(float(values.min()), float(values.max()))
    figure = _paper(wide, high, equal)
    ax = figure.subplots()
    for side in sides:
        for p in pieces:
            _paint(ax, p, side, scales, w.scale, norm, shades)
        _lines(ax, old, side, scales, {"color": "0.45", "linestyles": "dashed", "linewidth": 0.8}, axisymmetric)
        _lines(ax, [p.outline for p in pieces], side, scales, {"color": "black", "linewidth": 0.8}, axisymmetric)
    _dress(ax, scales, axisymmetric, equal)
    ax.set_title(_words(equal, bool(old), magnified), fontsize=8, color="0.35")
    bar = figure.colorbar(mpl.cm.ScalarMappable(norm, shades), ax=ax, shrink=0.85, aspect=22, pad=0.03)
    bar.set_label(w.label)
    bar.outline.set_linewidth(0.5)
    return figure


def _paper(wide: float, high: float, equal: bool) -> Figure:
    """A figure in which the section is as large as it can be."""
    if not equal:
        return new_figure(6.3, 3.2)
    ratio = high / wide
    width = min(5.0, 3.8 / ratio)
    return new_figure(max(width, 2.4) + 1.7, width * ratio + 0.9)


def _paint(
    ax: Axes, p: Piece, side: float, scales: list[Wording], scale: float, norm: Normalize, shades: Colormap
) -> None:
    """Colour one region; `side` −1 mirrors it."""
    plane = Triangulation(side * p.x / scales[0].scale, p.y / scales[1].scale, p.corners)
    at_points = len(p.values) == len(p.x)
    look: Any = {"cmap": shades, "norm": norm, "rasterized": True, "shading": "gouraud" if at_points else "flat"}
    ax.tripcolor(plane, p.values / scale, **look)


def _lines(
    ax: Axes, outlines: list[Array], side: float, scales: list[Wording], look: dict[str, Any], mirrored: bool
) -> None:
    """The outlines of regions; `side` −1 mirrors them."""
    stretch = np.array([side / scales[0].scale, 1 / scales[1].scale])
    for outline in outlines:
        if mirrored:  # the axis is no outline
            outline = outline[np.abs(outline[..., 0]).max(axis=1) > 1e-6 * np.abs(outline[..., 0]).max()]
        ax.add_collection(LineCollection(list(outline * stretch), **look))


def _dress(ax: Axes, scales: list[Wording], axisymmetric: bool, equal: bool) -> None:
    """Labels, and equal scales where the section is not too flat for them."""
    ax.autoscale_view()
    ax.margins(0.03)
    ax.grid(visible=False)
    if equal:
        ax.set_aspect("equal")
    if axisymmetric:
        ax.axvline(0, color="0.3", linewidth=0.7, linestyle=(0, (8, 2, 1, 2)))
        ax.xaxis.set_major_formatter(lambda x, _: f"{abs(x):g}")
    ax.set(xlabel=f"${'r' if axisymmetric else 'x'}$ [{scales[0].unit}]", ylabel=f"$z$ [{scales[1].unit}]")


def _words(equal: bool, old: bool, magnified: str) -> str:
    text = [] if equal else ["the two directions have different scales"]
    text += [magnified.removeprefix(", ")] if magnified else []
    return "; ".join(text) + ("; dashed: before" if old else "")
