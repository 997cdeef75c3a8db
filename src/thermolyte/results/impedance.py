"""Nyquist and Bode plots."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from thermolyte.results.battery_wording import OHMS
from thermolyte.results.record import Record
from thermolyte.results.runs import Run, Runs, handles, line, runs
from thermolyte.results.style import Picture, legend, new_figure
from thermolyte.results.tables import Array
from thermolyte.results.wording import Wording

Complex = NDArray[np.complex128]
RESISTANCE = Wording("impedance", "Z", "Ω", 1.0, OHMS, 1.0)
COLUMNS = ("frequency", "impedance_real", "impedance_imaginary")
FAR = 3.0
"""How many times larger than its first arc a diagram is before the arc gets one of its own."""


class Window(NamedTuple):
    """A part of the plane: left and right end and height over the real axis [Ω]."""

    left: float
    right: float
    height: float

    @property
    def width(self) -> float:
        """Right minus left, never zero."""
        return max(self.right - self.left, 1e-3 * abs(self.right), 1e-12)


def nyquist(record: Record) -> Picture | None:
    """−Im Z against Re Z with equal scales; the arc at high frequency once more where a tail dwarfs it."""
    found = runs(record, "impedance", *COLUMNS)
    if found is None:
        return None
    w = RESISTANCE.fitted(float(np.abs(impedance(r)[1]).max()) for r in found.all)
    arc = _arc(found.last)
    whole = _frame([impedance(r)[1] / w.scale for r in found.all])
    windows = [whole] if arc is None else [whole, Window(*(x / w.scale for x in arc))]
    shape = min(max(x.height / x.width for x in windows), 1.0)
    width = 3.6 if arc else 5.0
    figure = new_figure(width * len(windows) + 1.2 * (len(found.all) > 1), width * max(shape, 0.3) + 0.8)
    axes = list(np.atleast_1d(figure.subplots(1, len(windows))))
    for ax, window in zip(axes, windows, strict=True):
        for number, r in enumerate(found.all):
            Z = impedance(r)[1] / w.scale
            line(ax, Z.real, -Z.imag, number, len(found.all), found.ordered, gid=f"nyquist {number}", **_mark(Z))
        _set(ax, window, max(shape, 0.3))
        ax.set(xlabel=f"Re $Z$ [{w.unit}]", ylabel=f"−Im $Z$ [{w.unit}]")
        _frequencies(ax, found.last, w.scale)
    if arc:
        axes[1].set_title("high frequencies", fontsize=9)
    _key(axes[0], found)
    return Picture("nyquist", figure, "Impedance; numbers: frequency [Hz]." + found.words)


def bode(record: Record) -> Picture | None:
    """Magnitude and phase against frequency."""
    found = runs(record, "impedance", *COLUMNS)
    if found is None:
        return None
    w = RESISTANCE.fitted(float(np.abs(impedance(r)[1]).max()) for r in found.all)
    figure = new_figure(6.3, 4.4)
    upper, lower = figure.subplots(2, 1, sharex=True)
    for number, r in enumerate(found.all):
        f, Z = impedance(r)
        style = number, len(found.all), found.ordered
        line(upper, f, np.abs(Z) / w.scale, *style, gid=f"magnitude {number}")
        line(lower, f, -np.degrees(np.angle(Z)), *style, gid=f"phase {number}")
    upper.set(xscale="log", ylabel=f"|$Z$| [{w.unit}]")
    sizes = [np.abs(impedance(r)[1]) for r in found.all]
    if max(s.max() for s in sizes) > 10 * min(s.min() for s in sizes):
        upper.set_yscale("log")
    lower.set(xlabel="frequency $f$ [Hz]", ylabel="−phase [°]")
    _key(upper, found)
    return Picture("bode", figure, "Magnitude and phase of the impedance." + found.words)


def impedance(run: Run) -> tuple[Array, Complex]:
    """Frequency [Hz] and impedance [Ω], from high to low frequency."""
    f, real, imaginary = (run.table[n] for n in COLUMNS)
    order = np.argsort(-f)
    return f[order], (real + 1j * imaginary)[order]


def _mark(Z: Complex) -> dict[str, Any]:
    return {"marker": "o", "markersize": 2.5, "markerfacecolor": "white"} if len(Z) <= 100 else {}


def _arc(run: Run) -> tuple[float, float, float] | None:
    """Left and right end and height [Ω] of the arc at high frequency, where the whole is much larger."""
    _, Z = impedance(run)
    y = -Z.imag
    tops = [i for i in range(1, len(y) - 1) if y[i - 1] < y[i] >= y[i + 1]]
    feet = [i for i in range(1, len(y) - 1) if tops and i > tops[0] and y[i - 1] > y[i] <= y[i + 1]]
    if not feet:
        return None
    left, right, height = float(Z.real.min()), float(Z.real[feet[0]]), float(y[: feet[0] + 1].max())
    whole = max(float(np.ptp(Z.real)), float(y.max()))
    return (left, right, height) if whole > FAR * (right - left) else None


def _frame(curves: list[Complex]) -> Window:
    """Where all curves lie."""
    Z = np.concatenate(curves)
    return Window(float(Z.real.min()), float(Z.real.max()), max(float((-Z.imag).max()), 1e-12))


def _set(ax: Axes, window: Window, shape: float) -> None:
    """Equal scales in a frame of height/width = shape that holds the window and some room around it."""
    width = max(1.3 * window.width, 1.2 * window.height / shape)
    middle = (window.left + window.right) / 2
    ax.set(xlim=(middle - width / 2, middle + width / 2), ylim=(-0.04 * width * shape, 0.96 * width * shape))
    ax.set_aspect("equal")


def _frequencies(ax: Axes, run: Run, scale: float) -> None:
    """The computed points at powers of ten, with the number beside the curve, where they do not hide each other."""
    f, Z = impedance(run)
    z = np.column_stack([Z.real, -Z.imag]) / scale
    (left, right), (_, top) = ax.get_xlim(), ax.get_ylim()
    last = np.array([np.inf, np.inf])
    for decade in np.arange(np.floor(np.log10(f.max())), np.ceil(np.log10(f.min())) - 1, -1):
        i = int(np.argmin(np.abs(np.log10(f) - decade)))
        hidden = np.hypot(*(z[i] - last)) < 0.08 * (right - left)
        if abs(np.log10(f[i]) - decade) > 0.05 or hidden or not (left < z[i, 0] < right and z[i, 1] < top):
            continue
        along = z[min(i + 1, len(z) - 1)] - z[max(i - 1, 0)]
        outward = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-300)
        ax.plot(*z[i], "o", color="black", markersize=4, gid="frequency", zorder=4)
        ax.annotate(_power(decade), tuple(z[i]), tuple(11 * outward), textcoords="offset points", ha="center",
                    va="center", fontsize=7)  # fmt: skip
        last = z[i]


def _power(decade: float) -> str:
    return f"{10.0**decade:g}" if -3 <= decade <= 3 else f"$10^{{{decade:.0f}}}$"


def _key(ax: Axes, found: Runs) -> None:
    figure = ax.get_figure(root=True)
    if len(found.all) > 1 and figure is not None:
        legend(figure, handles(found), found.title)
