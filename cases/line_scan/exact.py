"""Closed forms of a line scan on a column, and the standard error of a noisy one: `python exact.py`."""

import numpy as np

AREA, CURRENT, NOISE = 3.8e-3**2, 0.1, 100e-9
T, H = 300.0, 10.0
LEG, PAD = 6e-3, 0.6e-3
S, SIGMA, KAPPA = -200e-6, 1 / 11.111111e-6, 1.08  # card Mg3BiSb-estimate at 300 K
SIGMA_NI = 1 / 0.072e-6
BEGIN, SPACING, EXCLUDE = -0.55e-3, 50e-6, 100e-6
CONTACTS = {"1.71 uohm*cm^2": 1.71e-10, "20 uohm*cm^2": 20e-10}


def dc_conductivity():
    """σ/(1 + zT/(1 + h L/(2κ))): each end of the leg gives its Peltier heat to the air, h (T_end − T)."""
    zT = S**2 * SIGMA * T / KAPPA
    return SIGMA / (1 + zT / (1 + H * LEG / (2 * KAPPA)))


def standard_error():
    """Of ρ_c [Ω m²]: the two lines at their junction, of readings with independent errors."""
    x = BEGIN + SPACING * np.arange(143)
    pad, leg = x[x < -EXCLUDE - 1e-9], x[(x > EXCLUDE + 1e-9) & (x < LEG - EXCLUDE - 1e-9)]
    variance = sum(1 / len(p) + p.mean() ** 2 / ((p - p.mean()) ** 2).sum() for p in (pad, leg))
    return AREA * NOISE / CURRENT * np.sqrt(variance)


def numbers():
    """(quantity, parameters of the point, objective, value in SI) of everything that `expected.json` expects."""
    for text, rho_c in CONTACTS.items():
        at = {"interfaces.leg/*_pad.contact_resistivity": text}
        yield "scan_conductivity.junction.leg", at, None, SIGMA
        for end in ("cold", "hot"):
            yield f"scan_conductivity.junction.{end}_pad", at, None, SIGMA_NI
            yield f"scan_contact_resistivity.junction.leg/{end}_pad", at, None, rho_c
            yield f"scan_bias.junction.leg/{end}_pad", at, None, 0.0
        yield "scan_conductivity.dc.leg", at, None, dc_conductivity()


def bounds():
    """(quantity, parameters, objective, low, high): three standard errors around the truth."""
    for text, rho_c in CONTACTS.items():
        at = {"interfaces.leg/*_pad.contact_resistivity": text}
        for end in ("cold", "hot"):
            off = 3 * standard_error()
            yield f"scan_contact_resistivity.noisy.leg/{end}_pad", at, None, rho_c - off, rho_c + off


if __name__ == "__main__":
    for quantity, at, _, value in numbers():
        print(f"{next(iter(at.values())):<15} {quantity:<48} {value:.12g}")
    print(f"standard error of a noisy contact resistivity {standard_error():.4g} ohm*m^2")
