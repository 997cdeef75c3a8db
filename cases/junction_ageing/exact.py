"""The leg in one dimension by finite volumes, and one parabolic band by quadrature: owes nothing to the program.

python cases/junction_ageing/exact.py
"""

import numpy as np
from scipy.constants import Avogadro, e, k
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq

DAY, LENGTH, CELLS = 86400.0, 6e-3, 200
D = (1 - 3e-3) * 1.56 * np.exp(-1.5 * e / k / 573) + 3e-3 * 0.187 * np.exp(-1.0 * e / k / 573)  # m²/s, of the card
V, X0 = 84.1e-6, 0.2  # m³/mol and excess Mg per formula unit
IN_LAYER = 2 / 31.5e-6  # mol/m³ of Mg in Mg2Ni
N_REF, BUFFER, EXPONENT = 3e25, 44.6, 0.51
JUNCTIONS = {  # growth constant m²/s, first thickness m, stock mol/m², composition at the surface while it lasts
    "Mg3BiSb-Mg-Ni": (0.043e-12 / DAY, 1e-6, 5e-6 / 13.98e-6, 0.203),
    "Mg3BiSb-Ni": (36.8e-12 / DAY, 10e-6, 0.0, None),
    "Mg3BiSb-304SS": (8.6e-12 / DAY, 10e-6, 0.0, None),
    "Mg3BiSb-Fe": (4.3e-12 / DAY, 10e-6, 0.0, None),
}


def aged(name, days):
    """Composition along half of the leg [1] and thickness of the layer [m]."""
    growth, first, stock, held = JUNCTIONS[name]
    h = LENGTH / 2 / CELLS

    def rates(_, y):
        c, layer = y[:-2], y[-2]
        G = growth * IN_LAYER / (2 * layer)
        # At the surface, half a cell from the first value: 2 D (c − c_s)/h = k (c_s − c_held), or = G x/x_0.
        conductance = 2 * D / h
        if stock:
            transfer = 1e-6
            surface = (conductance * c[0] + transfer * held / V) / (conductance + transfer)
            out = conductance * (c[0] - surface)
            grown, spent = G * held / X0, out - G * held / X0
        else:
            surface = conductance * c[0] / (conductance + G * V / X0)
            out = conductance * (c[0] - surface)
            grown, spent = out, 0.0
        flux = np.concatenate([[-out], -D * np.diff(c) / h, [0.0]])
        return np.concatenate([-np.diff(flux) / h, [grown / IN_LAYER, spent]])

    start = np.concatenate([np.full(CELLS, X0 / V), [first, stock]])
    y = solve_ivp(rates, (0, days * DAY), start, "BDF", rtol=1e-8, atol=1e-10 * np.maximum(start, 1e-6)).y[:, -1]
    assert y[-1] >= 0
    return y[:-2] * V, y[-2]


def fermi(j, eta):
    """F_j without its Γ: ∫ ε^j/(1 + exp(ε − η)) dε."""
    return quad(lambda x: 2 * x ** (2 * j + 1) / (1 + np.exp(x * x - eta)), 0, 12, epsabs=0, epsrel=1e-11)[0]


def seebeck(eta):
    """|S| of acoustic scattering [V/K]."""
    return k / e * (2 * fermi(1, eta) / fermi(0, eta) - eta)


def band(x):
    """σ [S/m] and |S| [V/K] at 300 K: of 9e4 S/m and 200 µV/K at x = 0.2."""
    eta = brentq(lambda y: seebeck(y) - 200e-6, -3, 3)
    ratio = np.exp(2 * (x - X0) * Avogadro / (BUFFER * N_REF * V))
    filled = brentq(lambda y: fermi(0.5, y) / fermi(0.5, eta) - ratio, -8, 5)
    # σ ~ n µ, and of acoustic phonons n µ ~ F_0.
    return 90000.0009 * fermi(0, filled) / fermi(0, eta) * ratio**EXPONENT, seebeck(filled)


def measured(name, days):
    """Mean σ [S/m] (of resistances in series), mean S [V/K] and thickness of the layer [m]."""
    x, layer = aged(name, days)
    sample = np.linspace(x.min(), x.max() + 1e-12, 25)
    table = np.array([band(v) for v in sample])
    sigma, S = (np.interp(x, sample, column) for column in table.T)
    return 1 / np.mean(1 / sigma), -np.mean(S), layer


QUANTITIES = (
    "room_temperature_conductivity.leg",
    "room_temperature_seebeck_coefficient.leg",
    "reaction_layer_thickness.leg/hot_pad",
)
TOLERANCE = 5e-3


def bounds():
    """(quantity, place, objective, low, high): half a per cent around the finite volumes."""
    for name in JUNCTIONS:
        for days in (30, 100):
            at = {"interfaces.leg/*_pad": name, "time": days * DAY}
            for quantity, value in zip(QUANTITIES, measured(name, days), strict=True):
                yield quantity, at, None, *sorted((value * (1 - TOLERANCE), value * (1 + TOLERANCE)))


if __name__ == "__main__":
    for name in JUNCTIONS:
        for days in (1, 5, 10, 20, 30, 50, 100):
            sigma, S, layer = measured(name, days)
            print(f"{name:14} {days:4} d   {sigma:8.0f} S/m   {1e6 * S:7.2f} uV/K   {1e6 * layer:6.2f} um")
