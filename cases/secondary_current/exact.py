"""Exact field of a strip of electrolyte with finite kinetics below and a wavy potential above: `python exact.py`.

phi = phi_0 (y + s)/(h + s) + phi_1 cos kx (sinh ky + ks cosh ky)/(sinh kh + ks cosh kh),   s = kappa ASR
"""

from math import cos, cosh, pi, sinh

KAPPA, HEIGHT, WIDTH, DEPTH = 0.08, 0.7e-3, 1e-3, 1e-3  # S/m, m
MEAN, AMPLITUDE, K = 0.1, 0.02, 2 * pi / 2e-3  # V, V, 1/m
RESISTANCES = {"1e-10 ohm*cm^2": 1e-14, "3.1 ohm*cm^2": 3.1e-4, "30 ohm*cm^2": 3e-3}


def current_density(x, asr):
    """Into the lower electrode at x [A/m2]."""
    s = KAPPA * asr
    wave = K / (sinh(K * HEIGHT) + K * s * cosh(K * HEIGHT))
    return KAPPA * (MEAN / (HEIGHT + s) + AMPLITUDE * cos(K * x) * wave)


def numbers():
    """(quantity, parameters of the point, objective, value in SI) of everything that `expected.json` expects."""
    for division in (0.25, 0.5, 1.0):
        for text, asr in RESISTANCES.items():
            at = {"mesh.division": division, "terminals.bottom.contact_resistivity": text}
            yield "current.bottom", at, None, WIDTH * DEPTH * current_density(WIDTH / 2, asr)
            yield "maximum_current_density.bottom", at, None, current_density(0.0, asr)
            yield "minimum_current_density.bottom", at, None, current_density(WIDTH, asr)


if __name__ == "__main__":
    for text, asr in RESISTANCES.items():
        print(text, *(f"{current_density(x, asr):.9g}" for x in (0.0, WIDTH / 2, WIDTH)))
