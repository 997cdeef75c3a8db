"""Series for a leg between an evaporating and a held end, and what it says of k and D: `python exact.py`."""

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq

K_B = 8.617333262e-5  # eV/K
AVOGADRO = 6.02214076e23
DAY, LENGTH, T = 86400.0, 6e-3, 573.0
X0 = 0.2  # of the fresh leg, and held by the magnesium
BARE, HELD = 6.32e-11, 1e-6  # transfer coefficients of both ends [m/s]
SIGMA, S, N, Z, BUFFER, V, MOBILITY = 1 / 11.111111e-6, 200e-6, 3e25, 2, 44.6, 84.1e-6, 0.51  # card at 300 K
TIMES = (5, 15, 30, 50)  # days
TERMS = 60


def diffusivity():
    """Card: Hart's rule for boundaries of 5 nm around grains of 5 µm."""
    g = 3 * 5e-9 / 5e-6
    return (1 - g) * 1.56 * np.exp(-1.5 / (K_B * T)) + g * 0.187 * np.exp(-1.0 / (K_B * T))


def composition(z, t, k=BARE, D=None):
    """Of the leg at a distance z [m] from the held end: D x' = k_h (x − x_0) there, −D x' = k x at z = L."""
    D = diffusivity() if D is None else D
    h, H, L = k / D, HELD / D, LENGTH
    # steady part a + b z of u = x − x_0, and φ = cos µz + (H/µ) sin µz of the rest
    b = -h * X0 / (1 + h * L + h / H)
    a = b / H

    def characteristic(mu):
        return (mu**2 - h * H) * np.sin(mu * L) - mu * (h + H) * np.cos(mu * L)

    u = a + b * np.asarray(z, float)
    for n in range(TERMS):
        mu = brentq(characteristic, (n + 1e-9) * np.pi / L, (n + 1 - 1e-9) * np.pi / L, xtol=1e-12)

        def phi(z, mu=mu):
            return np.cos(mu * z) + H / mu * np.sin(mu * z)

        norm = quad(lambda z: phi(z) ** 2, 0, L, limit=500)[0]
        weight = -quad(lambda z: (a + b * z) * phi(z), 0, L, limit=500)[0] / norm
        u = u + weight * phi(np.asarray(z, float)) * np.exp(-(mu**2) * D * t)
    return X0 + u


def conductivity(x):
    """σ(300 K) = σ_card (n/n_ref)^m F_0(η)/F_0(η_ref): a parabolic band and acoustic phonons, F_1/2(η) ~ n."""

    def fermi(j, eta):
        return quad(lambda e: e**j / (1 + np.exp(e - eta)), 0, max(eta, 0) + 60, points=[max(eta, 0)], limit=200)[0]

    def thermopower(eta):  # of k_B/e
        return 2 * fermi(1, eta) / fermi(0, eta) - eta

    reference = brentq(lambda eta: thermopower(eta) * K_B - S, -8, 8)
    ratio = np.exp(Z * (x - X0) * AVOGADRO / (BUFFER * N * V))
    eta = brentq(lambda eta: fermi(0.5, eta) - ratio * fermi(0.5, reference), -20, 20)
    return SIGMA * ratio**MOBILITY * fermi(0, eta) / fermi(0, reference)


def numbers():
    """(quantity, place, objective, value in SI) of everything that `expected.json` expects of this script."""
    for days in TIMES:
        at, x = {"time": days * DAY}, float(composition(LENGTH, days * DAY))
        yield "surface_composition.hot", at, None, x
        yield "room_temperature_surface_conductivity.hot", at, None, conductivity(x)
    x = float(composition(0.0, 50 * DAY))
    yield "room_temperature_surface_conductivity.cold", {"time": 50 * DAY}, None, conductivity(x)


def fitted(sigma, D=None):
    """The k [m/s] that leaves σ at the bare end after 50 days."""
    return brentq(lambda k: conductivity(float(composition(LENGTH, 50 * DAY, k, D))) - sigma, 1e-12, 1e-9, xtol=1e-16)


def probed(D, k, depth):
    """σ of the last `depth` [m], as a scan reads it: depth/∫dz/σ."""
    z = np.linspace(LENGTH - depth, LENGTH, 9)
    resistivity = [1 / conductivity(x) for x in composition(z, 50 * DAY, k, D)]
    return depth / np.trapezoid(resistivity, z)


if __name__ == "__main__":
    for quantity, at, _, value in numbers():
        print(f"{at['time'] / DAY:4.0f} days  {quantity:<46} {value:.8g}")
    print(f"D = {diffusivity():.4g} m2/s")
    for sigma in (6e4, 0.71 * 9e4):
        print(f"k for {sigma:.3g} S/m at the bare end: {fitted(sigma):.4g} m/s")
    for D in (3e-13, 1e-12, 3e-12):
        k = fitted(6e4, D)
        z = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 5.5, 6.0])
        profile = ", ".join(f"{conductivity(x):.3g}" for x in composition(1e-3 * z, 50 * DAY, k, D))
        half, one = (probed(D, k, 1e-3 * d) for d in (0.5, 1.0))
        same = conductivity(float(composition(LENGTH, 50 * DAY, BARE, D)))
        print(f"D = {D:.1e}: k = {k:.3g} m/s; last 0.5 mm {half:.4g}, 1 mm {one:.4g} S/m; k of the case {same:.4g}")
        print(f"  sigma at z = {', '.join(f'{x:g}' for x in z)} mm: {profile} S/m")
