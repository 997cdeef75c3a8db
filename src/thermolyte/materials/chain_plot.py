"""The linear chain drawn: how a heavy guest opens the avoided crossing and slows the acoustic branch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes

from thermolyte.materials.chain import Chain, guest_mass_ratio
from thermolyte.results.style import COLOURS, LINES, PRINT, STYLE, new_figure

STIFFNESS_RATIO = 2.0
"""γ of the figures of Han et al."""
GUESTS = (("Zr", 91.224), ("Hf", 178.49), ("278 Da", 278.0))
"""Guests in NbFeSb and their masses in Da; the last one is the hypothetical atom of Han et al."""


def plot_chain(path: Path) -> Path:
    """Draw ω(q) and the group velocity of the lower branch for guests of three masses into `path` and return it."""
    with mpl.rc_context(STYLE):
        figure = new_figure(7.6, 3.9)
        dispersion, velocity = figure.subplots(1, 2)
        for number, (guest, mass) in enumerate(GUESTS):
            chain = Chain(guest_mass_ratio(mass), STIFFNESS_RATIO)
            _draw(dispersion, velocity, chain, number, guest)
        _label(dispersion, velocity)
        handles = dispersion.get_legend_handles_labels()[0]
        figure.legend(handles=handles, loc="outside lower center", ncols=2)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=PRINT)
    return path


def _draw(dispersion: Axes, velocity: Axes, chain: Chain, number: int, guest: str) -> None:
    qd = np.linspace(1e-4, np.pi, 600)
    lower, upper = chain.frequencies(qd)
    colour, line = COLOURS[number], LINES[number]
    label = rf"{guest}: $\beta$ = {chain.mass_ratio:.3f}, gap {chain.gap:.2f} $\omega_2$"
    dispersion.plot(qd / np.pi, lower, color=colour, linestyle=line, label=label)
    dispersion.plot(qd / np.pi, upper, color=colour, linestyle=line)
    velocity.plot(qd / np.pi, chain.group_velocities(qd)[0], color=colour, linestyle=line)


def _label(dispersion: Axes, velocity: Axes) -> None:
    """Axes, and the branches that would cross without guests, β → 0."""
    qd = np.linspace(0.0, np.pi, 600)
    walls = 2.0 * np.sqrt(STIFFNESS_RATIO) * np.sin(0.5 * qd)
    bare: Any = {"color": "0.5", "linewidth": 0.9, "linestyle": (0, (1, 2))}
    dispersion.plot(qd / np.pi, walls, label=r"$\beta$ → 0: the branches cross", **bare)
    dispersion.axhline(np.sqrt(2.0), **bare)
    dispersion.set(xlabel=r"$qd/\pi$ [1]", ylabel=r"frequency [$\omega_2$]", xlim=(0, 1), ylim=(0, 3.1))
    below = qd < 2.0 * np.arcsin(np.sqrt(0.5 / STIFFNESS_RATIO))
    slope = np.where(below, np.sqrt(STIFFNESS_RATIO) * np.cos(0.5 * qd), 0.0)
    velocity.plot(qd / np.pi, slope, **bare)
    velocity.set(xlabel=r"$qd/\pi$ [1]", ylabel=r"group velocity of the lower branch [$\omega_2 d$]")
    velocity.set(xlim=(0, 1), ylim=(0, 1.5))
