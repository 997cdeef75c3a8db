"""Figures over a swept parameter: the optima against ΔT, and the main quantities of any other sweep."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from operator import mul
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from thermolyte.results.record import Point, Record, varying
from thermolyte.results.style import Picture, curve_style, legend, new_figure
from thermolyte.results.wording import OBJECTIVES, QUANTITIES, amount, amounts, in_words, parameter_name

SHOWN = (
    "power", "efficiency", "cop", "internal_resistance", "open_circuit_voltage", "voltage", "current",
    "hot_heat_flow", "temperature_difference", "maximum_temperature",
)  # fmt: skip

EVERYTHING = "*"  # path of an axis along which all parameters change
MOST_ROWS = 8  # of a list, with their values as labels


class Abscissa(NamedTuple):
    """What runs along the x axis: its path, its text and unit, the place of each point, and tick labels of words."""

    path: str
    text: str
    unit: str
    x: list[float]
    ticks: list[str]

    @property
    def label(self) -> str:
        """Text and unit."""
        return f"{self.text} [{self.unit}]" if self.unit else self.text

    @property
    def logarithmic(self) -> bool:
        """Whether decades show it better."""
        return not self.ticks and min(self.x) > 0 and max(self.x) > 50 * min(self.x)


def optima(record: Record) -> Picture | None:
    """P_max, with the power densities, and η_max against ΔT or the parameter that was swept."""
    found = {name: points for name in OBJECTIVES if len(points := record.optima(name)) > 1}
    axis = abscissa(record, next(iter(found.values()))) if found else None
    if axis is None:
        return None
    figure = new_figure(3.3 * len(found) + 1.4, 3.3)
    handles: list[Line2D] = []
    for ax, (name, points) in zip(_row(figure, list(found)), found.items(), strict=True):
        axis = abscissa(record, points) or axis
        handles = _draw(ax, record, points, name, axis)
        ax.set_ylim(0, 1.03 * ax.get_ylim()[1])
        if name == "maximum_power":
            _power_densities(ax, points)
    if len(handles) > 1:
        legend(figure, handles, above=True)
    return Picture("optima", figure, f"{_list([OBJECTIVES[n] for n in found])} against {axis.text}.")


def parameter_sweep(record: Record) -> Picture | None:
    """The main quantities against the parameter of a sweep that is not one over the current."""
    points = list(record.grid)
    axis = (
        abscissa(record, points)
        if len(points) > 1 and not (record.curves or record.is_battery or record.ages)
        else None
    )
    if axis is None:
        return None
    names = [n for n in SHOWN if sum(_value(record, p, n) is not None for p in points) > 1 and _matters(record, n)][:4]
    rows = -(-len(names) // 2)
    figure = new_figure(7.0 if len(names) > 1 else 4.5, 2.5 * rows + 0.4)
    axes = np.atleast_1d(figure.subplots(rows, min(2, len(names)))).ravel()
    handles: list[Line2D] = []
    for ax, name in zip(axes, names, strict=False):
        handles = _draw(ax, record, points, name, axis)
    for ax in axes[len(names) :]:
        ax.remove()
    if len(handles) > 1:
        legend(figure, handles, above=True)
    return Picture("parameter_sweep", figure, f"Main quantities against {axis.text}.")


def abscissa(record: Record, points: Sequence[Point]) -> Abscissa | None:
    """What the points are best drawn against: the parameter with most values; ΔT for a boundary's temperature."""
    paths = varying([record.others(p) for p in points])
    if not paths:
        return None
    if record.is_list and len(paths) > 1:
        return _rows_of_the_list(record, points, paths)
    thermal = [k for k in paths if k.startswith("boundaries.") and k.endswith((".temperature", ".ambient"))]
    path = max(paths, key=lambda k: (len({str(p.parameters.get(k)) for p in points}), k in thermal, paths.index(k)))
    differences = [d for p in points if (d := record.temperature_difference(p)) is not None]
    if path in thermal and len(differences) == len(points) and np.ptp(differences) > 0.1:
        return Abscissa(path, QUANTITIES["temperature_difference"].text, "K", differences, [])
    given = amounts(path, [p.parameters.get(path) for p in points])
    numbers = [a.number for a in given if a.number is not None]
    if len(numbers) == len(given):
        return Abscissa(path, parameter_name(path), given[0].unit, numbers, [])
    words = list(dict.fromkeys(a.text for a in given))
    return Abscissa(path, parameter_name(path), "", [float(words.index(a.text)) for a in given], words)


def _rows_of_the_list(record: Record, points: Sequence[Point], paths: Sequence[str]) -> Abscissa:
    """Parameters that change together: one place for each row, with its values where they are short."""
    keys = [json.dumps(record.others(p)) for p in points]
    rows = dict(zip(keys, points, strict=True))
    places = [float(list(rows).index(key)) for key in keys]
    if len(paths) > 2 or len(rows) > MOST_ROWS:
        return Abscissa(EVERYTHING, "row of the list", "", places, [str(i + 1) for i in range(len(rows))])
    words = [
        [amount.text for amount in amounts(path, [p.parameters.get(path) for p in rows.values()])] for path in paths
    ]
    text = "\n".join(parameter_name(path) for path in paths)
    return Abscissa(EVERYTHING, text, "", places, ["\n".join(row) for row in zip(*words, strict=True)])


def _draw(ax: Axes, record: Record, points: Sequence[Point], name: str, axis: Abscissa) -> list[Line2D]:
    """One quantity of points against the abscissa, one curve for each combination of the parameters beside it."""
    found = [(x, v, p) for x, p in zip(axis.x, points, strict=True) if (v := _value(record, p, name)) is not None]
    w = QUANTITIES[name].fitted(v for _, v, _ in found)
    beside = [{k: v for k, v in record.others(p).items() if axis.path not in (k, EVERYTHING)} for _, _, p in found]
    paths = varying(beside)
    groups: dict[str, list[tuple[float, float]]] = {}
    labels: dict[str, str] = {}
    for (x, v, _), others in zip(found, beside, strict=True):
        key = json.dumps({k: others.get(k) for k in paths})
        groups.setdefault(key, []).append((x, v / w.scale))
        words = in_words({k: others.get(k) for k in paths})
        labels[key] = (
            f"{parameter_name(paths[0])}: {amount(paths[0], others.get(paths[0])).text}" if len(paths) == 1 else words
        )
    handles = []
    for number, (key, pairs) in enumerate(groups.items()):
        style = curve_style(number, len(groups), len(paths) == 1)
        style |= {"linestyle": "none"} if axis.ticks else {}
        x, y = np.array(sorted(pairs)).T
        handles += ax.plot(x, y, **style, gid=f"{name} {number}", label=labels[key])
    label_axis(ax, w.label, axis)
    return handles


def label_axis(ax: Axes, label: str, axis: Abscissa) -> None:
    """Axis labels and scale."""
    ax.set(xlabel=axis.label, ylabel=label)
    if axis.ticks:
        words = axis.path != EVERYTHING
        ax.set_xticks(range(len(axis.ticks)), axis.ticks, rotation=20 if words and len(axis.ticks) > 3 else 0)
        ax.margins(x=0.15 if words else 0.04)
        if not words:
            ax.tick_params(axis="x", labelsize=7)
    elif axis.logarithmic:
        ax.set_xscale("log")


def _row(figure: Figure, names: Sequence[str]) -> list[Axes]:
    """Axes side by side, with room for the further scales of the power."""
    ratios = [1.25 if n == "maximum_power" else 1.0 for n in names]
    return list(np.atleast_1d(figure.subplots(1, len(names), width_ratios=ratios)))


def _power_densities(ax: Axes, points: Sequence[Point]) -> None:
    """Axes on the right that read the same curve as power per area, for each area that is the same at all points."""
    factors: dict[str, float] = {}
    for name in ("power_density_footprint", "power_density_leg"):
        ratios = [p.values[name] / p.values["power"] for p in points if p.has(name) and p.values["power"]]
        if len(ratios) == len(points) and np.ptp(ratios) < 1e-6 * max(ratios):
            factors[name] = ratios[0]
    if len({round(f, 6) for f in factors.values()}) == 1:
        factors.pop("power_density_footprint", None)
    scale = QUANTITIES["maximum_power"].fitted(p.values["maximum_power"] for p in points).scale
    for place, (name, factor) in enumerate(factors.items()):
        w = QUANTITIES[name]
        per = factor * scale / w.scale
        other: Any = ax.secondary_yaxis(1 + 0.27 * place, functions=(partial(mul, per), partial(mul, 1 / per)))
        other.set_ylabel(f"{w.text} [{w.unit}]")


def _value(record: Record, point: Point, name: str) -> float | None:
    """A quantity of a point; ΔT also where only its two temperatures are known."""
    return record.temperature_difference(point) if name == "temperature_difference" else point.values.get(name)


def _matters(record: Record, name: str) -> bool:
    """Whether a quantity differs between the points, and is one of this kind of device."""
    if name in ("efficiency", "cop"):
        return name == ("cop" if record.cools else "efficiency")
    values = [v for p in record.grid if (v := _value(record, p, name)) is not None]
    return max(values) - min(values) > 1e-6 * max(map(abs, values))


def _list(words: Sequence[str]) -> str:
    return " and ".join(words).capitalize()
