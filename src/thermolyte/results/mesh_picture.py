"""The mesh as a file for ParaView and as a picture: regions and boundaries in colour, with their names.

Drawing runs in its own process (`python -m thermolyte.results.mesh_picture FOLDER`): a crash of the graphics
library would take an MPI job with it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from thermolyte.results.mesh_section import Names, colours_of, draw_section

if TYPE_CHECKING:
    import pyvista as pv
    from dolfinx.io.gmsh import MeshData
    from matplotlib.figure import Figure

MANY = 500_000
"""Cells beyond which element edges would only blacken the picture."""

_TO_VTK = {
    (3, 4): [0, 1, 2, 3],
    (3, 8): [0, 1, 3, 2, 4, 5, 7, 6],
    (2, 3): [0, 1, 2],
    (2, 4): [0, 1, 3, 2],
    (1, 2): [0, 1],
    (0, 1): [0],
}
_KIND = {
    (3, 4): "tetra", (3, 8): "hexahedron", (2, 3): "triangle", (2, 4): "quad", (1, 2): "line", (0, 1): "vertex",
}  # fmt: skip


def write_mesh(data: MeshData, folder: Path) -> None:
    """Write `mesh.vtu` and `mesh.json` into `folder`; called on all ranks.

    The file holds the cells of all regions and the facets of all boundaries; the cell data `region` is their
    number, `mesh.json` says which name it stands for.
    """
    from thermolyte.ranks import on_rank_0  # here, because drawing knows no MPI

    comm = data.mesh.comm
    gathered = comm.gather(_local_part(data), root=0)
    on_rank_0(comm, lambda: _write(gathered, data.physical_groups, folder))


def _local_part(data: MeshData) -> dict[str, Any]:
    """Points, and cells and facets owned by this rank, by global point numbers."""
    from dolfinx.mesh import entities_to_geometry

    mesh, dim = data.mesh, data.mesh.topology.dim
    points = mesh.geometry.index_map()
    part: dict[str, Any] = {"x": mesh.geometry.x[: points.size_local], "first": points.local_range[0]}
    for d, tags in ((dim, data.cell_tags), (dim - 1, data.facet_tags)):
        if tags is None:
            continue
        mesh.topology.create_connectivity(d, dim)
        mesh.topology.create_entity_permutations()
        owned = tags.indices < mesh.topology.index_map(d).size_local
        corners = entities_to_geometry(mesh, d, tags.indices[owned])
        part[str(d)] = points.local_to_global(corners.ravel()).reshape(corners.shape), tags.values[owned]
    return part


def _write(parts: list[dict[str, Any]], groups: dict[str, Any], folder: Path) -> None:
    import meshio

    points = np.concatenate([part["x"] for part in sorted(parts, key=lambda p: int(p["first"]))])
    blocks, numbers, counts = [], [], {}
    dim = max(int(key) for key in parts[0] if key.isdigit())
    for d in (dim, dim - 1):
        corners = np.concatenate([part[str(d)][0] for part in parts if str(d) in part])
        values = np.concatenate([part[str(d)][1] for part in parts if str(d) in part])
        order = _TO_VTK[d, corners.shape[1]]
        blocks.append((_KIND[d, corners.shape[1]], corners[:, order]))
        numbers.append(values)
        counts[d] = {
            name: {"number": int(g.tag), "elements": int((values == g.tag).sum())}
            for name, g in groups.items()
            if g.dim == d
        }
    meshio.Mesh(points, blocks, cell_data={"region": numbers}).write(folder / "mesh.vtu")
    names = {"regions": counts[dim], "boundaries": counts[dim - 1]}
    (folder / "mesh.json").write_text(json.dumps(names, indent=2) + "\n", encoding="utf-8")


def draw_mesh(folder: Path) -> Path:
    """Draw `mesh.png` from what `write_mesh` left in `folder`: a body from above and from below, else a section."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt
    import meshio

    mesh = meshio.read(folder / "mesh.vtu")
    names: Names = json.loads((folder / "mesh.json").read_text(encoding="utf-8"))
    body = any(block.type in ("tetra", "hexahedron") for block in mesh.cells)
    figure = _draw_body(folder, names) if body else draw_section(mesh, names)
    lengths = [x for x in np.ptp(mesh.points, axis=0) if x > 0]
    size = " × ".join(f"{1e3 * length:.3g}" for length in lengths)
    total = sum(entry["elements"] for entry in names["regions"].values())
    figure.suptitle(f"{total} cells, {size} mm", fontsize=12)
    path = folder / "mesh.png"
    figure.savefig(path, dpi=160)
    plt.close(figure)
    return path


def _draw_body(folder: Path, names: Names) -> Figure:
    """Regions in the upper row, boundaries in the lower one."""
    import matplotlib.pyplot as plt
    import pyvista as pv

    grid = pv.read(folder / "mesh.vtu")
    figure, axes = plt.subplots(2, 3, figsize=(11, 8), width_ratios=[1, 1, 0.45], layout="constrained")
    for row, (kind, entries) in zip(axes, names.items(), strict=True):
        colours = colours_of(entries)
        for panel, view in zip(row, ("above", "below"), strict=False):
            panel.imshow(_render(grid, entries, colours, from_below=view == "below"))
            panel.set_title(f"{kind} from {view}", fontsize=10)
            panel.axis("off")
        _legend(row[2], entries, colours, "cells" if kind == "regions" else "faces")
    return figure


def _legend(panel: Any, entries: dict[str, dict[str, int]], colours: dict[str, str], unit: str) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=colours[name], edgecolor="black", label=f"{name}  ({entry['elements']} {unit})")
        for name, entry in entries.items()
    ]
    panel.axis("off")
    panel.legend(handles=handles, loc="center left", frameon=False, fontsize=9)


def _render(grid: pv.DataSet, entries: dict[str, dict[str, int]], colours: dict[str, str], *, from_below: bool) -> Any:
    """Picture of the named pieces with their element edges."""
    import pyvista as pv

    plotter = pv.Plotter(off_screen=True, window_size=(1200, 1000))
    plotter.set_background("white")
    plotter.enable_parallel_projection()
    number = np.asarray(grid.cell_data["region"])
    edges = grid.n_cells < MANY
    for name, entry in entries.items():
        chosen = np.flatnonzero(number == entry["number"])
        if len(chosen):
            surface = grid.extract_cells(chosen).extract_surface(algorithm="dataset_surface")
            # Mostly ambient light: a colour must look like the one in the legend, from below too.
            look = {"ambient": 0.6, "diffuse": 0.45, "show_edges": edges, "edge_color": "#333333"}
            plotter.add_mesh(surface, color=colours[name], line_width=0.6, **look)
    direction = np.array([-1.0, -2.0, -1.4 if from_below else 1.4])
    plotter.view_vector(direction, viewup=(0, 0, 1))
    plotter.reset_camera()
    plotter.camera.zoom(1.1)
    image = plotter.screenshot(return_img=True)
    plotter.close()
    return image


if __name__ == "__main__":
    draw_mesh(Path(sys.argv[1]))
