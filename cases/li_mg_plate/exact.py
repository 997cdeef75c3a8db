"""What is known exactly of the plate, whatever its stress: mass, force, and pure diffusion: `python exact.py`.

Mean x = i t V_Mg/(F H₀). Series of a film under constant flux (H. S. Carslaw, J. C. Jaeger, Conduction of Heat in
Solids, 2nd ed. 1959, section 3.8), which one-way coupling at small strain gives, with τ = D t/H₀², ζ = z/H₀:

    x = q H₀²/D [τ + (3 ζ² − 1)/6 − (2/π²) Σ (−1)ⁿ/n² exp(−n² π² τ) cos(n π ζ)],   q = i V_Mg/(F H₀)
"""

import numpy as np

FARADAY = 96485.33212  # C/mol
CURRENT_DENSITY, PRESSURE = 10.0, 9e6  # A/m², Pa
THICKNESS, RADIUS = 140e-9, 100e-9  # m
DIFFUSIVITY = 1e-15  # m²/s
HOST_MOLAR_VOLUME = 13.98e-6  # m³/mol
TIMES = (10.0, 30.0)  # s

N = np.arange(1, 2001)
SECTION = np.pi * RADIUS**2
RATE = CURRENT_DENSITY * HOST_MOLAR_VOLUME / (FARADAY * THICKNESS)


def fick(zeta, time):
    """Composition at the height ζ H₀ above the tungsten."""
    tau = DIFFUSIVITY * time / THICKNESS**2
    series = np.sum((-1.0) ** N / N**2 * np.exp(-((N * np.pi) ** 2) * tau) * np.cos(N * np.pi * zeta))
    return RATE * THICKNESS**2 / DIFFUSIVITY * (tau + (3 * zeta**2 - 1) / 6 - 2 / np.pi**2 * series)


def numbers():
    """(quantity, report time of the point, objective, value in SI) of what `expected.json` expects."""
    for time in TIMES:
        at = {"time": time}
        yield "mean_composition.film", at, None, RATE * time
        yield "lithium.film", at, None, CURRENT_DENSITY * time / FARADAY * SECTION
        yield "reaction_force.bottom.z", at, None, PRESSURE * SECTION


if __name__ == "__main__":
    for time in TIMES:
        print(f"{time:g} s: mean x {RATE * time:.6f}; pure diffusion: electrolyte {fick(1, time):.4f}, ", end="")
        print(f"tungsten {fick(0, time):.4f}")
