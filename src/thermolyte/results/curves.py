"""Figures over the current: V and P, efficiency or COP, heat flows, temperature difference."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline, PchipInterpolator

from thermolyte.results.record import Point, Record, Series, varying
from thermolyte.results.style import Picture, curve_style, legend, new_figure, star
from thermolyte.results.wording import QUANTITIES, Wording, amount, in_words, parameter_name

Array = NDArray[np.float64]
Value = Callable[[Point], float | None]
OPTIMUM_OF = {"power": "maximum_power", "efficiency": "maximum_efficiency"}


def current_voltage_power(record: Record) -> Picture | None:
    """V and P against I of every series; of a generator only where it delivers power."""
    if not record.curves:
        return None
    figure = new_figure(6.8, 5.2)
    upper, lower = figure.subplots(2, 1, sharex=True)
    keep = _delivers(record)
    handles = _draw(upper, record, "voltage", keep)
    handles += _draw(lower, record, "power", keep, mark=record.generates)
    lower.set_xlabel(QUANTITIES["current"].label)
    if record.generates:
        _generator_window(record, upper, lower)
    _legend(figure, record, handles)
    caption = "Voltage and power against current."
    if record.generates:
        caption += _mark_words(record, "power") + _cut_words(record)
    return Picture("current_voltage_power", figure, caption)


def efficiency_current(record: Record) -> Picture | None:
    """Efficiency, or the COP of a cooler, against I."""
    return _cop(record) if record.cools else _efficiency(record)


def _efficiency(record: Record) -> Picture | None:
    """P/Q_h where power is delivered."""
    delivers = _delivers(record)

    def value(p: Point) -> float | None:
        heat = p.values.get("hot_heat_flow", 0.0)
        return p.values["power"] / heat if heat > 0 else None

    def keep(p: Point) -> bool:
        return p.has("efficiency") and delivers(p)

    if not record.generates or sum(keep(p) for s in record.curves for p in s.points) < 2:
        return None
    figure = new_figure(6.8, 3.5)
    ax = figure.subplots()
    handles = _draw(ax, record, "efficiency", keep, mark=True, value=value)
    ax.set_xlabel(QUANTITIES["current"].label)
    _generator_window(record, ax, ax)
    _legend(figure, record, handles)
    return Picture(
        "efficiency_current", figure, "Efficiency P/Q_h against current." + _mark_words(record, "efficiency")
    )


def _cop(record: Record) -> Picture | None:
    """Q_c/P where heat is taken from the cold side; without ΔT it grows beyond all bounds at small currents."""
    power = max(abs(p.values["power"]) for p in record.points if p.has("power"))

    def cools(p: Point) -> bool:
        return p.values.get("cop", 0.0) > 0 and abs(p.values["power"]) > 1e-6 * power

    inside = [best.values["cop"] for s in record.curves if (best := best_point(s, "cop", cools))]
    largest = 3 * max(inside, default=np.inf)

    def keep(p: Point) -> bool:
        return cools(p) and p.values["cop"] <= largest

    if sum(keep(p) for s in record.curves for p in s.points) < 2:
        return None
    figure = new_figure(6.8, 3.5)
    ax = figure.subplots()
    handles = _draw(ax, record, "cop", keep, mark=True)
    ax.set_xlabel(QUANTITIES["current"].label)
    ax.set_ylim(bottom=0)
    _legend(figure, record, handles)
    caption = "Coefficient of performance Q_c/P against current."
    if largest < max(p.values["cop"] for p in record.points if cools(p)):
        caption += f" Values above {largest:.3g} are left out."
    return Picture("efficiency_current", figure, caption + _mark_words(record, "cop"))


def heat_flows(record: Record) -> Picture | None:
    """Q_h, Q_c and P against I: in one diagram for one series, in three for several."""
    names = ("hot_heat_flow", "cold_heat_flow", "power")
    series = [s for s in record.curves if all(p.has(*names) for p in s.points)]
    if not series:
        return None
    caption = "Heat flows and power against current; Q_h − Q_c = P."
    if record.cools:
        caption = "Heat rejected at the hot side, heat taken from the cold side and electrical input against current."
    if len(series) == 1:
        return Picture("heat_flows", _flows_of_one(record, series[0], names), caption)
    figure = new_figure(8.4, 3.7)
    handles: list[Line2D] = []
    for ax, name in zip(figure.subplots(1, 3, sharex=True), names, strict=True):
        handles = _draw(ax, record, name, wording=flow_wording(record, name), value=flow(record, name))
        ax.set_xlabel(QUANTITIES["current"].label)
    _legend(figure, record, handles, above=True)
    return Picture("heat_flows", figure, caption)


def temperature_difference_current(record: Record) -> Picture | None:
    """ΔT against I, where it follows from the current: a side that is not held at its temperature."""
    found = [[record.temperature_difference(p) for p in s.points] for s in record.curves]
    known = [[x for x in values if x is not None] for values in found]
    if not any(v and max(v) - min(v) > 0.05 for v in known):
        return None
    figure = new_figure(6.8, 3.5)
    ax = figure.subplots()
    handles = _draw(ax, record, "temperature_difference", value=record.temperature_difference)
    ax.set_xlabel(QUANTITIES["current"].label)
    _legend(figure, record, handles)
    return Picture(
        "temperature_difference_current",
        figure,
        "Temperature of the hot side minus that of the cold side against current.",
    )


# ---- drawing -------------------------------------------------------------------------------------------------------
def _draw(
    ax: Axes,
    record: Record,
    name: str,
    keep: Callable[[Point], bool] = lambda _: True,
    mark: bool = False,
    wording: Wording | None = None,
    value: Value | None = None,
) -> list[Line2D]:
    """One quantity of all series: markers at the computed points, a smooth line through them; returns the legend."""
    value = value or (lambda p: p.values.get(name))
    every = [v for s in record.curves for p in s.points if keep(p) and (v := value(p)) is not None]
    w = (wording or QUANTITIES[name]).fitted(every)
    labels, ordered = series_labels(record)
    handles = []
    for number, series in enumerate(record.curves):
        style = curve_style(number, len(record.curves), ordered)
        x, y = _data(series.points, value, keep, w.scale)
        all_x, all_y = _data(series.all_points, value, lambda p: p.has("current"), w.scale)
        ax.plot(*_smooth(all_x, all_y, name, x), color=style["color"], linestyle=style["linestyle"])
        ax.plot(x, y, **(style | {"linestyle": "none"}), gid=f"{name} {number}", clip_on=False)
        handles.append(Line2D([], [], **style, label=labels[number]))
        if mark and (best := best_point(series, name, keep)):
            at = best.values["current"], best.values[name] / w.scale
            ax.plot(*at, **star(), gid=f"best {name} {number}", clip_on=False)
    ax.set_ylabel(w.label)
    return [*handles, Line2D([], [], **star(), label="maximum")] if mark else handles


def _data(points: Sequence[Point], value: Value, keep: Callable[[Point], bool], scale: float) -> tuple[Array, Array]:
    """Current and shown value of the points that are kept and have the quantity."""
    pairs = [(p.values["current"], v / scale) for p in points if keep(p) and (v := value(p)) is not None]
    x, y = np.array(pairs).reshape(-1, 2).T
    return x, y


def _smooth(x: Array, y: Array, name: str, shown: Array) -> tuple[Array, Array]:
    """A curve through points, for the eye: exact for V, P and Q of constant properties, without overshoot for COP."""
    if not len(shown):
        return shown, shown
    x, once = np.unique(np.round(x, 9), return_index=True)
    y = y[once]
    if name == "cop":
        inside = (x >= shown.min() - 1e-9) & (x <= shown.max() + 1e-9)
        x, y = x[inside], y[inside]
    if len(x) < 4:
        return x, y
    dense = np.unique(np.concatenate([np.linspace(x[0], x[-1], 240), x]))
    return dense, (PchipInterpolator if name == "cop" else CubicSpline)(x, y)(dense)


def _flows_of_one(record: Record, series: Series, names: Sequence[str]) -> Figure:
    """All flows of one series in one diagram."""
    figure = new_figure(6.8, 3.5)
    ax = figure.subplots()
    w = QUANTITIES["power"].fitted(p.values[n] for p in series.points for n in names)
    handles = []
    for number, name in enumerate(names):
        style = curve_style(number, len(names), False)
        x, y = _data(series.points, flow(record, name), lambda _: True, w.scale)
        ax.plot(*_smooth(x, y, name, x), color=style["color"], linestyle=style["linestyle"])
        ax.plot(x, y, **(style | {"linestyle": "none"}), gid=f"{name} 0", clip_on=False)
        text = flow_wording(record, name)
        handles.append(Line2D([], [], **style, label=f"{text.text} ${text.symbol}$"))
    ax.set(xlabel=QUANTITIES["current"].label, ylabel=f"heat flow, power [{w.unit}]")
    legend(figure, handles)
    return figure


def flow(record: Record, name: str) -> Value:
    """A flow of a point; of a cooler with the sign that makes its use positive."""
    sign = -1.0 if record.cools else 1.0
    return lambda p: sign * p.values[name] if p.has(name) else None


def flow_wording(record: Record, name: str) -> Wording:
    """The flows of a cooler are shown as it is sold: heat rejected, heat taken, electrical input, all positive."""
    w = QUANTITIES[name]
    if not record.cools:
        return w
    text = {"hot_heat_flow": "heat rejected", "cold_heat_flow": "cooling power", "power": "electrical input"}[name]
    return w._replace(text=text)


# ---- what is shown -------------------------------------------------------------------------------------------------
def _delivers(record: Record) -> Callable[[Point], bool]:
    """Of a generator, the points with P ≥ 0; else all."""
    if not record.generates:
        return lambda _: True
    largest = max(p.values["power"] for p in record.points if p.has("power"))
    return lambda p: p.values["power"] >= -1e-9 * largest


def _generator_window(record: Record, upper: Axes, lower: Axes) -> None:
    """Axes that begin at I = 0 and at zero, and end where the last curve of the lower one comes back to zero."""
    best = max((p for s in record.curves for p in s.points), key=lambda p: p.values["power"])
    curves = [np.array(line.get_data(), dtype=float) for line in lower.lines if line.get_linestyle() != "None"]
    end = max((x for c in curves for x in c[0][c[1] >= 0]), key=abs)
    limits = (0, 1.02 * end) if best.values["current"] > 0 else (1.02 * end, 0)
    lower.set(xlim=limits, ylim=(0, 1.1 * max(c[1].max() for c in curves)))
    if upper is not lower and best.values["voltage"] > 0:
        upper.set_ylim(bottom=0)
    elif upper is not lower:
        upper.set_ylim(top=0)


def best_point(series: Series, name: str, keep: Callable[[Point], bool]) -> Point | None:
    """The optimum that was sought, or else the best computed point that is not at an end of the sweep."""
    if found := series.optima.get(OPTIMUM_OF.get(name, "")):
        return found
    points = [p for p in series.points if keep(p) and p.has(name)]
    best = max(points, key=lambda p: p.values[name], default=None)
    return None if best is None or best in (points[0], points[-1]) else best


def series_labels(record: Record) -> tuple[list[str], bool]:
    """A label for each series, with ΔT where the parameter is a temperature; and whether they are ordered."""
    paths = varying([s.parameters for s in record.curves])
    labels, numbers = [], []
    for s in record.curves:
        found = [amount(k, s.parameters.get(k)) for k in paths]
        numbers.append(found[0].number if len(found) == 1 else None)
        words = found[0].text if len(found) == 1 else in_words({k: s.parameters.get(k) for k in paths})
        difference = record.temperature_difference(s.points[0])
        if len(found) == 1 and paths[0].endswith(".temperature") and difference is not None:
            words += f" (Δ$T$ = {round(difference, 2):g} K)"
        labels.append(words)
    known = [n for n in numbers if n is not None]
    return labels, len(known) == len(labels) and known in (sorted(known), sorted(known, reverse=True))


def _legend(figure: Figure, record: Record, handles: Sequence[Line2D], above: bool = False) -> None:
    """A legend, when there is more than one thing to tell apart; each entry once."""
    once = list({str(h.get_label()): h for h in handles}.values())
    paths = varying([s.parameters for s in record.curves])
    if len(record.curves) > 1:
        legend(figure, once, parameter_name(paths[0]) if len(paths) == 1 else None, above)
    else:
        _name_the_star(figure, record)


def _name_the_star(figure: Figure, record: Record) -> None:
    """With one curve only, the numbers of its maximum stand beside it."""
    for ax in figure.axes:
        for line in (x for x in ax.lines if str(x.get_gid()).startswith("best")):
            name = str(line.get_gid()).split()[1]
            best = best_point(record.curves[0], name, lambda _: True)
            if best is None:
                continue
            numbers = [QUANTITIES[n].number(best.values[n], 3) for n in (name, "current")]
            x, y = (float(np.asarray(a)[0]) for a in line.get_data())
            ax.annotate(" at ".join(numbers), (x, y), (0, -13), textcoords="offset points", ha="center", va="top")


def _mark_words(record: Record, name: str) -> str:
    sought = all(OPTIMUM_OF.get(name) in s.optima for s in record.curves)
    if sought:
        return " Stars: maxima, found by optimisation over the current."
    return " Stars: the largest computed value, where it lies inside the sweep."


def _cut_words(record: Record) -> str:
    cut = any(p.values["power"] < 0 for s in record.curves for p in s.points)
    return " Points beyond short circuit, where power is consumed, are left out." if cut else ""
