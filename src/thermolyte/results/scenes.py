"""Pictures of a body from its fields: temperature, potential, current density, stress; of a plane mesh its section.

    python -m thermolyte.results.scenes COLLECTION PICTURES

runs by itself, because a machine without the libraries for drawing off screen ends the process that tries.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.colors import Colormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator
from numpy.typing import NDArray

from thermolyte.results import section
from thermolyte.results.battery_wording import WORDINGS
from thermolyte.results.deformation import deformed, magnification, words
from thermolyte.results.record import Point, Record
from thermolyte.results.style import STYLE, Picture, colours, save
from thermolyte.results.wording import FIXED, Wording

PIXELS = 2000  # twice as many as are shown, so that edges come out smooth
UNIFORM = {False: 1e-6, True: 0.2}  # spread relative to the largest value below which a picture shows nothing
NOTHING = "#DADADA"  # colour of a region that does not have the field


class Scene(NamedTuple):
    """A picture: its field, how it is shown, its colours, and its caption."""

    field: str
    wording: Wording
    colours: str
    caption: str
    logarithmic: bool = False
    deformed: bool = False
    of_a_current: bool = False

    def norm(self, values: NDArray[np.float64]) -> Normalize:
        """The range of colours."""
        low, high = float(values.min()), float(values.max())
        if self.logarithmic and high > 10 * max(np.percentile(values, 2), 0):
            return LogNorm(max(float(np.percentile(values, 2)), 1e-4 * high), high)
        return Normalize(low, high)


TEMPERATURE = Wording("temperature", "T", "K", 1.0, FIXED)
POTENTIAL = Wording("electric potential", r"\phi", "V")
CURRENT_DENSITY = Wording("current density", "|J|", "A/cm²", 1e4, FIXED)
SCENES = {
    "temperature": Scene("temperature", TEMPERATURE, "plasma", "Temperature"),
    "potential": Scene("electric_potential", POTENTIAL, "viridis", "Electric potential"),
    "current_density": Scene(
        "current_density", CURRENT_DENSITY, "cividis", "Magnitude of the current density", True, of_a_current=True
    ),
    "composition": Scene("composition", WORDINGS["composition"], "viridis", "{species} in the {body}", deformed=True),
    "von_mises": Scene("von_mises", WORDINGS["von_mises"], "magma", "Von Mises stress in the {body}", deformed=True),
}
"""The pictures by the name of their file; captions name what diffuses, and the body that may be deformed."""


def newest_collection(folder: Path, points: int) -> Path | None:
    """The fields of the last point; numbers above the number of points are of an older, longer study."""
    found = [f for f in (folder / "fields").glob("fields*.pvd") if re.fullmatch(r"fields(_\d+)?", f.stem)]
    current = [f for f in found if number_of(f) <= points]
    return max(current or found, key=number_of, default=None)


def number_of(collection: Path) -> int:
    """Which point of the study the fields belong to, counted from 1; 0 for a study of one point."""
    return int(collection.stem.removeprefix("fields").removeprefix("_") or 0)


# ---- everything below needs VTK ------------------------------------------------------------------------------------
def draw(collection: Path, folder: Path) -> list[Path]:
    """Draw every picture that the fields have data for; returns the files."""
    import pyvista as pv

    blocks = _read(pv, collection)
    if not blocks:
        return []
    if section.is_plane(blocks):
        return section.draw(blocks, folder, Record.read(collection.parent.parent).is_axisymmetric)
    is_open = _is_open(Record.read(collection.parent.parent), collection)
    factor = magnification(blocks)
    moved = deformed(blocks, factor)
    files: list[Path] = []
    for name, scene in SCENES.items():
        if scene.of_a_current and is_open:
            continue
        values = {r: v for r, mesh in blocks.items() if (v := _values(mesh, scene)) is not None}
        shown = np.concatenate([*values.values(), np.zeros(0)])
        if not len(shown) or np.ptp(shown) <= UNIFORM[scene.logarithmic] * np.abs(shown).max():
            continue
        scene = scene._replace(wording=scene.wording.fitted(shown))
        norm = scene.norm(shown / scene.wording.scale)
        shades = colours(scene.colours)
        image = _render(pv, moved if scene.deformed else blocks, values, scene, norm, shades)
        size = _size(blocks) + (words(factor) if scene.deformed else "")
        files += save(Picture(name, _compose(image, scene, norm, shades, size), scene.caption), folder)
    return files


def _is_open(record: Record, collection: Path) -> bool:
    """Whether the point of the fields carries no current, so that its density is nothing but error."""
    points = record.content["points"]
    content = points[(number_of(collection) or 1) - 1] if number_of(collection) <= len(points) and points else {}
    return "values" in content and Point.of(content).is_open


def _read(pv: Any, collection: Path) -> dict[str, Any]:
    """The mesh of every region by name, at the last time; nothing of surfaces, nor of lines, which have profiles."""
    import xml.etree.ElementTree as ET

    entries = sorted(ET.parse(collection).iter("DataSet"), key=lambda e: float(e.attrib.get("timestep", 0)))
    entries = [e for e in entries if e.attrib.get("group") != "surface"]
    last = {e.attrib.get("name", e.attrib["file"]): e.attrib["file"] for e in entries}
    blocks = {name: pv.read(collection.parent / file) for name, file in last.items()}
    return {name: mesh for name, mesh in blocks.items() if np.ptp(np.asarray(mesh.points)[:, 1:]) > 0}


def _values(mesh: Any, scene: Scene) -> NDArray[np.float64] | None:
    """The field at the points or cells of a region; of a vector its magnitude."""
    for data in (mesh.point_data, mesh.cell_data):
        if scene.field in data:
            array = np.asarray(data[scene.field], dtype=float)
            return np.linalg.norm(array, axis=1) if array.ndim == 2 else array
    return None


def _render(
    pv: Any, blocks: dict[str, Any], values: dict[str, Any], scene: Scene, norm: Normalize, shades: Colormap
) -> NDArray[np.uint8]:
    """The device off screen, without text, cut to its outline."""
    plotter = pv.Plotter(off_screen=True, window_size=(PIXELS, PIXELS))
    plotter.set_background("white")
    plotter.enable_parallel_projection()
    logarithmic, limits = isinstance(norm, LogNorm), (float(norm.vmin or 0.0), float(norm.vmax or 0.0))
    for region, mesh in blocks.items():
        mesh = mesh.copy()
        outside: dict[str, Any] = {"color": NOTHING, "opacity": 0.1}
        if region in values:
            where = mesh.point_data if len(values[region]) == mesh.n_points else mesh.cell_data
            where["shown"] = np.clip(values[region] / scene.wording.scale, *limits)
            outside = {"scalars": "shown", "cmap": shades, "clim": limits, "log_scale": logarithmic}
        surface = mesh.extract_surface(algorithm="dataset_surface", nonlinear_subdivision=2)
        plotter.add_mesh(surface, show_scalar_bar=False, ambient=0.75, diffuse=0.3, specular=0.0, **outside)
        plotter.add_mesh(surface.extract_feature_edges(35), color="black", line_width=4, show_scalar_bar=False)
    _look(plotter)
    image: NDArray[np.uint8] = plotter.screenshot(return_img=True)
    plotter.close()
    return _cut(image)


def _look(plotter: Any) -> None:
    """From above, a little to the side: a face and an edge of every leg, and what lies under the top."""
    azimuth, elevation = np.radians(-58.0), np.radians(22.0)
    direction = np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)
    plotter.view_vector(direction, viewup=(0, 0, 1))
    plotter.reset_camera()


def _cut(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Without the white around it, each 2 × 2 pixels averaged to one."""
    rows, columns = np.nonzero((image < 250).any(axis=2))
    if not len(rows):
        raise RuntimeError("the renderer returned an empty picture")
    cut = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    even = cut[: len(cut) // 2 * 2, : cut.shape[1] // 2 * 2].astype(float)
    smooth: NDArray[np.uint8] = even.reshape(len(even) // 2, 2, -1, 2, 3).mean(axis=(1, 3)).astype(np.uint8)
    return smooth


def _size(blocks: dict[str, Any]) -> str:
    """Width × depth × height in words."""
    bounds = np.array([mesh.bounds for mesh in blocks.values()])
    extent = bounds[:, 1::2].max(axis=0) - bounds[:, ::2].min(axis=0)
    unit, scale = next((u for u in (("mm", 1e3), ("µm", 1e6)) if extent.max() * u[1] >= 1), ("nm", 1e9))
    return " × ".join(f"{x * scale:.3g}" for x in extent) + f" {unit}"


def _compose(image: NDArray[np.uint8], scene: Scene, norm: Normalize, shades: Colormap, size: str) -> Figure:
    """The picture with a bar of colours and the size of the device."""
    height, width = image.shape[:2]
    tall = min(4.2, 5.0 * height / width)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(tall * width / height + 1.3, tall + 0.35), layout="constrained")
        ax = figure.subplots()
        ax.imshow(image)
        ax.set_axis_off()
        ax.set_title(size, loc="left", y=-0.08, fontsize=8, color="0.35")
        bar = figure.colorbar(mpl.cm.ScalarMappable(norm, shades), ax=ax, shrink=0.8, aspect=22, pad=0.04)
        if isinstance(norm, LogNorm):
            bar.ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
            bar.ax.yaxis.set_major_formatter("{x:g}")
            bar.ax.yaxis.set_minor_locator(NullLocator())
        bar.set_label(scene.wording.label)
        bar.outline.set_linewidth(0.5)
    return figure


def main(arguments: list[str]) -> int:
    """Draw the collection named first into the folder named second."""
    mpl.use("Agg")
    if not os.environ.get("DISPLAY"):
        os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
    draw(Path(arguments[0]), Path(arguments[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
