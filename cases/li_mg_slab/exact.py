"""Series of a slab under constant flux from one side, and when its surface is full: `python exact.py`.

H. S. Carslaw, J. C. Jaeger, Conduction of Heat in Solids, 2nd ed. 1959, section 3.8; S = J L/D, τ = D t/L²:

    c/S = c₀/S + τ + (3 ζ² − 1)/6 − (2/π²) Σ (−1)ⁿ/n² exp(−n² π² τ) cos(n π ζ),   ζ = z/L from the closed end
"""

from itertools import product

import numpy as np
from scipy.optimize import brentq

FARADAY = 96485.33212  # C/mol
LENGTH, FULL = 5e-6, 69.6e3  # m, mol/m³
DIFFUSIVITIES = ["1e-12", "5e-12", "1e-11", "2e-11", "6e-11", "1e-10", "5e-10", "1e-9"]  # cm²/s
CURRENT_DENSITIES = ["0.1", "0.5", "1", "2"]  # mA/cm²
SHOWN, TIMES = ("6e-11", "1"), (250.0, 500.0, 1000.0, 1500.0)  # figure 4a; s

N = np.arange(1, 2001)


def profile(zeta, tau):
    """(c − c₀)/S at the distance ζ L from the closed end."""
    sum_ = np.sum((-1.0) ** N / N**2 * np.exp(-((N * np.pi) ** 2) * tau) * np.cos(N * np.pi * zeta))
    return tau + (3 * zeta**2 - 1) / 6 - 2 / np.pi**2 * sum_


def scales(D, i):
    """S [mol/m³] and L²/D [s] from D in cm²/s and i in mA/cm²."""
    D, J = 1e-4 * float(D), 10 * float(i) / FARADAY
    return J * LENGTH / D, LENGTH**2 / D


def saturation(D, i, initial=0.0):
    """Time at which the surface is full [s], utilisation, and c at the closed end [mol/m³], from c₀ [mol/m³]."""
    S, t = scales(D, i)
    room = (FULL - initial) / S
    tau = brentq(lambda tau: profile(1.0, tau) - room, 1e-9, room, xtol=1e-16, rtol=1e-14)
    return tau * t, (initial + S * tau) / FULL, initial + S * profile(0.0, tau)


def numbers():
    """(quantity, parameters and report time of the point, objective, value in SI) of what `expected.json` expects."""
    for D, i in product(DIFFUSIVITIES, CURRENT_DENSITIES):
        at = {"regions.film.properties.diffusivity": f"{D} cm^2/s", "boundaries.top.current_density": f"{i} mA/cm^2"}
        time, utilisation, bottom = saturation(D, i)
        yield "time", at, None, time
        yield "utilisation.film", at, None, utilisation
        if SHOWN[0] == D:
            yield "surface_concentration.bottom", at, None, bottom
        if (D, i) == SHOWN:
            S, t = scales(D, i)
            for time, (name, zeta) in product(TIMES, (("top", 1.0), ("bottom", 0.0))):
                yield f"surface_concentration.{name}", at | {"time": time}, None, S * profile(zeta, time / t)


if __name__ == "__main__":
    print("utilisation (time until the surface is full, s) at cm²/s, mA/cm²")
    print("".rjust(9) + "".join(f"{i:>24}" for i in CURRENT_DENSITIES))
    for D in DIFFUSIVITIES:
        found = (saturation(D, i) for i in CURRENT_DENSITIES)
        print(f"{D:<9}" + "".join(f"{theta:12.6f} ({t:9.2f})" for t, theta, _ in found))
    S, t = scales(*SHOWN)
    print("\n6e-11 cm²/s, 1 mA/cm²: c [mol/m³] at z/L = 0, 1/4, 1/2, 3/4, 1")
    for time in (*TIMES, saturation(*SHOWN)[0]):
        print(f"{time:10.4f} s " + " ".join(f"{S * profile(zeta, time / t):11.3f}" for zeta in np.linspace(0, 1, 5)))
    print("\nthe same with lithium in it from the start")
    for share in (0.0, 0.1, 0.2, 0.5):
        time, utilisation, _ = saturation(*SHOWN, share * FULL)
        print(f"{share:.1f} c_max {time:10.3f} s {utilisation:.5f}")
