"""Contours of a map over its two parameters, with the points that were solved."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy.interpolate import RectBivariateSpline

from thermolyte.results.curves import flow, flow_wording
from thermolyte.results.record import Point, Record
from thermolyte.results.style import Picture, colours, new_figure, star
from thermolyte.results.tables import Array
from thermolyte.results.wording import QUANTITIES, amounts, parameter_name

GENERATOR, COOLER, OTHER = ("power", "efficiency", "hot_heat_flow"), ("cold_heat_flow", "cop", "power"), ("power",)
RATIOS = {"efficiency": ("power", "hot_heat_flow"), "cop": ("cold_heat_flow", "power")}
PEAKED = ("power", "efficiency", "cold_heat_flow")
LEVELS, DENSE = 10, 201


class Plane(NamedTuple):
    """A map over two parameters: their names with units, their values, and the place of each point."""

    labels: tuple[str, str]
    x: Array
    y: Array
    places: list[tuple[int, int]]


def operating_map(record: Record) -> Picture | None:
    """Power, efficiency and heat of a generator, or cooling power, COP and input of a cooler, over two parameters."""
    plane = _plane(record)
    if plane is None:
        return None
    shown = GENERATOR if record.generates else COOLER if record.cools else OTHER
    names = [n for n in shown if all(p.has(*RATIOS.get(n, (n,))) for p in record.grid)]
    figure = new_figure(3.1 * len(names) + 0.5, 3.7)
    for ax, name in zip(np.atleast_1d(figure.subplots(1, len(names), sharey=True)), names, strict=True):
        _draw(figure, ax, record, plane, name)
        ax.set_xlabel(plane.labels[0])
    figure.axes[0].set_ylabel(plane.labels[1])
    return Picture("operating_map", figure, _caption(record))


def _caption(record: Record) -> str:
    about, (first, second) = record.map, map(parameter_name, _paths(record))
    caption = (
        f"Map over {first} and {second}. Dots: the {about['solved']} of {about['points']} points that were solved; the "
        f"others are interpolated to {about['accuracy']:g} of the largest value. Stars: the largest value on the grid."
    )
    return caption + (" Where power is consumed, power and efficiency are left out." if record.generates else "")


def _paths(record: Record) -> list[str]:
    """The parameters of a map; that which moves along V(I) first, for it is the abscissa."""
    return sorted(record.grid[0].parameters, key=lambda path: not record.is_drive(path))


def _plane(record: Record) -> Plane | None:
    paths = _paths(record) if record.map else []
    if len(paths) != 2:
        return None
    given = [amounts(path, [p.parameters[path] for p in record.grid]) for path in paths]
    numbers = [np.array([a.number for a in column], dtype=float) for column in given]
    x, y = (np.unique(column) for column in numbers)
    places = zip(np.searchsorted(x, numbers[0]), np.searchsorted(y, numbers[1]), strict=True)
    labels = [f"{parameter_name(path)} [{column[0].unit}]" for path, column in zip(paths, given, strict=True)]
    return Plane((labels[0], labels[1]), x, y, [(int(i), int(j)) for i, j in places])


def _draw(figure: Figure, ax: Axes, record: Record, plane: Plane, name: str) -> None:
    """Contours of one quantity, the solved points, and the largest value."""
    known = {n: _on_grid(record, plane, flow(record, n)) for n in RATIOS.get(name, (name,))}
    x, y = (np.linspace(axis[0], axis[-1], DENSE) for axis in (plane.x, plane.y))
    smooth = [_spline(plane, z)(x, y) for z in known.values()]
    z = _quotient(list(known.values()))
    w = flow_wording(record, name) if name in ("power", "cold_heat_flow") else QUANTITIES[name]
    w = w.fitted(z[np.isfinite(z)])
    top = np.nanpercentile(z, 90) if name == "cop" else np.nanmax(z)  # without ΔT it grows beyond all bounds
    dense = _quotient(smooth) / w.scale
    useful = name in RATIOS or (name == "power" and record.generates) or (name == "cold_heat_flow" and record.cools)
    low = 0.0 if useful else float(np.nanmin(dense))
    levels = MaxNLocator(LEVELS).tick_values(low, float(top / w.scale))
    extend = "max" if name == "cop" else "neither"
    drawn = ax.contourf(x, y, np.ma.masked_invalid(dense.T), levels, cmap=colours("viridis"), extend=extend)
    figure.colorbar(drawn, ax=ax, label=w.label, location="top", ticks=levels[::2])
    ax.grid(visible=False)
    solved = [place for place, p in zip(plane.places, record.grid, strict=True) if p.origin == "solved"]
    i, j = np.array(solved).T
    ax.plot(plane.x[i], plane.y[j], ".", color="black", markersize=3, gid=f"solved {name}", clip_on=False)
    best = np.unravel_index(int(np.nanargmax(z)), z.shape)
    if name in PEAKED and 0 < best[0] < len(plane.x) - 1:
        ax.plot(plane.x[best[0]], plane.y[best[1]], **star(), gid=f"best {name}", clip_on=False)


def _on_grid(record: Record, plane: Plane, value: Callable[[Point], float | None]) -> Array:
    z = np.empty((len(plane.x), len(plane.y)))
    for place, p in zip(plane.places, record.grid, strict=True):
        z[place] = value(p)
    return z


def _spline(plane: Plane, z: Array) -> RectBivariateSpline:
    """A smooth surface through the points, for the eye."""
    return RectBivariateSpline(plane.x, plane.y, z, kx=min(3, len(plane.x) - 1), ky=min(3, len(plane.y) - 1))


def _quotient(parts: list[Array]) -> Array:
    """The first part, over the second where there is one and where it is positive."""
    return parts[0] if len(parts) == 1 else parts[0] / np.where(parts[1] > 0, parts[1], np.nan)
