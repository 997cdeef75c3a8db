"""What the anode stack must show, without a mesh: `python exact.py` (needs scipy).

An hour after the film is full nothing diffuses and its reaction rests: its potential equals that of the plating,
which gives its composition and by it the charge that it keeps. All other charge is metal.
"""

from math import asinh, exp, log, sqrt

from scipy.interpolate import PchipInterpolator
from scipy.optimize import brentq

F, R = 96485.33212331, 8.31446261815324
f = F / (R * 296.15)
i, EXCHANGE = 10.0, 165.0  # A/m2
DROP = i * 0.7e-3 / 0.08 + 2 / f * asinh(i / (2 * EXCHANGE))  # electrolyte and counter electrode, V
METAL = 6.94e-3 / 534.0  # m3/mol of lithium
HOST, FULL, START, THICKNESS = 13.98e-6, 3.9, 0.02, 140e-9
WIDTH, MONOLAYER = 0.01, 2.1e-5
U = PchipInterpolator([0.01, 0.06, 0.17, 0.3, 0.5, 1, 2, 3.9], [0.402, 0.342, 0.307, 0.2514, 0.2013, 0.1334, 0.0654, 0])
HOST_REACTION = {"16.5 mA/cm^2": True, "1e-15 mA/cm^2": False}


def plating_potential(plated):
    """E [V] at which a plating reaction with `plated` mol/m2 on the electrode takes the current i."""
    available = plated / (plated + MONOLAYER)
    root = (-i / EXCHANGE + sqrt((i / EXCHANGE) ** 2 + 4 * available)) / (2 * available)  # exp(f E/2)
    return 2 / f * log(root)


def composition(E):
    """Composition of a host at rest at E [V]: activity of lithium times exp(f(E - U)) is that of free sites."""

    def excess(x):
        y = x / FULL
        lithium, sites = y / (y + WIDTH), (1 - y) / (1 - y + WIDTH)
        return lithium * exp(f * (E - U(x))) - sites

    return brentq(excess, 1.0, FULL, xtol=1e-14)


def state(hours, alloys):
    """Plated lithium [mol/m2] and composition of the film after `hours` of i."""
    charge = i * 3600 * hours / F
    x = START
    for _ in range(20):  # the two depend on each other weakly
        plated = charge - (x - START) * THICKNESS / HOST
        x = composition(plating_potential(plated)) if alloys else START
    return plated, x


def numbers():
    """(quantity, parameters and report time, objective, value in SI) of everything that `expected.json` expects."""
    for text, alloys in HOST_REACTION.items():
        for hours in (1, 3, 5):
            at = {"interfaces.film/electrolyte.exchange_current_density": text, "time": 3600.0 * hours}
            plated, x = state(hours, alloys)
            yield "plated_thickness.film/electrolyte", at, None, plated * METAL
            yield "voltage", at, None, plating_potential(plated) - DROP
            yield "mean_composition.film", at, None, x


if __name__ == "__main__":
    for quantity, at, _, value in numbers():
        reaction, time = at.values()
        print(f"{reaction:<14} {time / 3600:.0f} h  {quantity:<34} {value:.9g}")
