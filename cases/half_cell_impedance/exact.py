"""Randles circuit with the finite Warburg element of a film on a blocking collector: `python exact.py`.

    Z = R_b + 1/(1/(R_int + Z_W) + iωC),   Z_W = Z_0 coth(q)/q,   q = √(iω L²/D),   Z_0 = |dU/dx| V_m L/(F D A)

with x = V_m c. For the film of thickness L, current enters at its surface and none at the collector.
"""

import cmath
from math import pi

FARADAY, GAS_CONSTANT, TEMPERATURE = 96485.33212, 8.314462618, 296.15
AREA, BULK, INTERFACE, CAPACITANCE = 0.5026548e-4, 54.0, 6.2, 0.1  # m², Ω, Ω, F/m²
THICKNESS, DIFFUSIVITY, SLOPE, MOLAR_VOLUME = 140e-9, 1e-15, -0.035 / 0.11, 13.98e-6
PELLET = 0.713e-3  # m
START, STOP, PER_DECADE = 6, -2, 10  # powers of ten, Hz
WARBURG = -SLOPE * MOLAR_VOLUME * THICKNESS / (FARADAY * DIFFUSIVITY * AREA)
ALLOWED = 1e-6  # of |Z|


def impedance(frequency, bulk=BULK, interface=INTERFACE, capacitance=CAPACITANCE * AREA, warburg=WARBURG):
    """Z [Ω] at a frequency [Hz]."""
    omega = 2 * pi * frequency
    q = cmath.sqrt(1j * omega * THICKNESS**2 / DIFFUSIVITY)
    diffusion = warburg / (q * cmath.tanh(q)) if q.real < 300 else warburg / q
    return bulk + 1 / (1 / (interface + diffusion) + 1j * omega * capacitance)


def frequencies():
    """All of them [Hz], from high to low."""
    count = (START - STOP) * PER_DECADE
    return [float(f"{10 ** (START - i / PER_DECADE):.12g}") for i in range(count + 1)]


def numbers():
    """(quantity, frequency, objective, value in SI) of everything that `expected.json` expects."""
    for f in frequencies():
        Z = impedance(f)
        yield "impedance_real", {"frequency": f}, None, Z.real
        yield "impedance_imaginary", {"frequency": f}, None, Z.imag


if __name__ == "__main__":
    print(f"Z_0 = {WARBURG:.8g} ohm; L^2/D = {THICKNESS**2 / DIFFUSIVITY:g} s")
    print(f"conductivity of the pellet for R_b: {10 * PELLET / (BULK * AREA):.10g} mS/cm")
    print(f"exchange current density for R_int: {GAS_CONSTANT * TEMPERATURE / (FARADAY * INTERFACE * AREA):.10g} A/m^2")
    U = 0.5 * (0.307 + 0.342)
    print("line through (0.17, 0.307 V) and (0.06, 0.342 V) at x = 0.05 and 0.2:", end=" ")
    print(f"{U + SLOPE * (0.05 - 0.115):.12g}, {U + SLOPE * (0.2 - 0.115):.12g} V")
    for f in frequencies():
        print(f"{f:12.6g} Hz  {impedance(f):.8f} ohm, without diffusion {impedance(f, warburg=0):.8f}")
