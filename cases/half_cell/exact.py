"""Resistance of a disc on a wider pellet as a Fourier-Bessel series: `python exact.py`.

A cylinder r < b, 0 < z < h of conductivity κ with insulating sides; an electrode of area specific resistance ρ on all
of its lower face, and one on the disc r < a of its upper face. With J₁(k_n b) = 0 a current q(r) into the disc gives

    κ φ(r, h) = Σ_n g_n q_n J₀(k_n r)/N_n,   q_n = ∫₀ᵃ q J₀(k_n r) r dr,   N_n = b² J₀(k_n b)²/2,
    g_n = (tanh k_n h + κρ k_n)/(k_n (1 + κρ k_n tanh k_n h)),   g_0 = h + κρ.

q is sought among functions whose transforms are known, and φ = 1 V (plus the drop ρ_d q at a resistive disc) is asked
of it in the mean with each of them (Galerkin):

    bare disc        P_2m(√(1 − r²/a²))/√(1 − r²/a²), with the singularity of the edge; q_n ~ j_2m(k_n a)
    resistive disc   P_m(2 r²/a² − 1); q_n ~ J_2m+1(k_n a)/(k_n a)

The terms of the bare disc fall as 1/n² only; their mean is summed to infinity behind the last one.
"""

from math import comb, pi

import numpy as np
from scipy.special import j0, jn_zeros, jv, spherical_jn

DISC, PELLET, THICKNESS, CURRENT = 4e-3, 6e-3, 0.713e-3, 0.5026548e-3
SPECIFIC = 3.1e-4  # Ω m²
IDEAL, RESISTIVE = "1e-10 ohm*m^2", "3.1 ohm*cm^2"
STATED, FITTED = ("0.8 mS/cm", 0.08), ("2.2583 mS/cm", 0.22583)
POINTS = [  # conductivity, area specific resistance of collector and of lithium
    (STATED, IDEAL, IDEAL),
    (STATED, RESISTIVE, IDEAL),
    (FITTED, IDEAL, IDEAL),
    (FITTED, RESISTIVE, IDEAL),
    (FITTED, IDEAL, RESISTIVE),
]
TERMS, FUNCTIONS = 20_000, {False: 10, True: 60}


def wave_numbers(b):
    """k_n b, the positive zeros of J₁: by McMahon's expansion where it is exact to round-off."""
    x = (np.arange(1, TERMS + 1) + 0.25) * pi
    x = x - 3 / (8 * x) + 3 / (128 * x**3) - 1179 / (5120 * x**5)
    x[:200] = jn_zeros(1, 200)
    return x / b


class Disc:
    """The solution at 1 V: `resistance` [Ω], and the current density on the collector."""

    def __init__(self, kappa, asr=0.0, disc_asr=0.0, h=THICKNESS, a=DISC, b=PELLET):
        k, s, m = wave_numbers(b), kappa * asr, np.arange(FUNCTIONS[disc_asr > 0])
        t = np.tanh(k * h)
        g, norm = (t + s * k) / (k * (1 + s * k * t)), b**2 / 2 * j0(k * b) ** 2
        if disc_asr:
            q = [a**2 * (-1) ** i * jv(2 * i + 1, k * a) / (k * a) for i in m]
            own = kappa * disc_asr * np.diag(a**2 / (2 * (2 * m + 1)))
        else:
            q = [a**2 * comb(2 * i, i) / 4**i * spherical_jn(2 * i, k * a) for i in m]
            # Σ_{n>N} of g_n q_n q_n/N_n with g_n = 1/k_n, N_n = b/(π k_n), j_2m = ±sin(k_n a)/(k_n a), sin² = 1/2
            sign = np.array([(-1) ** i * comb(2 * i, i) / 4**i for i in m])
            own = a**2 / 2 * np.outer(sign, sign) / (k[-1] + pi / (2 * b))
        q = np.array(q)
        mean = np.zeros(len(m))
        mean[0] = a**2 / 2 if disc_asr else a**2
        A = (q * g / norm) @ q.T + (h + s) * np.outer(mean, mean) / (b**2 / 2) + own
        weights = np.linalg.solve(A, mean)
        self.resistance = 1 / (2 * pi * kappa * weights @ mean)
        self._b, self._mean = b, weights @ mean / (b**2 / 2)
        k = self._k = k[:200]  # on the collector the others have died away
        self._collector = (weights @ q / norm)[:200] / (np.cosh(k * h) + s * k * np.sinh(k * h))

    def on_collector(self, r):
        """Current density over that of the whole current through the disc of radius `DISC`."""
        i = self._mean + j0(np.outer(np.atleast_1d(r), self._k)) @ self._collector
        return i / (self._mean * self._b**2 / DISC**2)


def numbers():
    """(quantity, parameters of the point, objective, value in SI) of everything that `expected.json` expects."""
    for (text, kappa), collector, lithium in POINTS:
        at = {
            "regions.electrolyte.properties.ionic_conductivity": text,
            "terminals.collector.contact_resistivity": collector,
            "terminals.lithium.contact_resistivity": lithium,
        }
        asr = [SPECIFIC * (x == RESISTIVE) for x in (collector, lithium)]
        disc = Disc(kappa, *asr)
        yield "resistance", at, None, disc.resistance
        yield "voltage", at, None, -disc.resistance * CURRENT
        yield "maximum_current_density.collector", at, None, disc.on_collector(0.0)[0] * CURRENT / (pi * DISC**2)


def fitted_conductivity(resistance=54.0, h=THICKNESS):
    """Conductivity [S/m] at which a bare disc on a pellet of this thickness has a resistance [Ω]."""
    return Disc(1.0, h=h).resistance / resistance


if __name__ == "__main__":
    for quantity, at, _, value in numbers():
        print(f"{', '.join(at.values()):<45} {quantity:<34} {value:.9g}")
    for h in (0.713e-3, 0.809e-3):
        print(f"54 ohm through {h * 1e3:g} mm: {10 * fitted_conductivity(h=h):.6g} mS/cm")
    radii, fine = np.array([0, 2, 3, 4, 5, 6]) * 1e-3, np.linspace(0, DISC, 4001)
    for kappa, asr in ((0.08, 0.0), (0.08, SPECIFIC), (0.22583, SPECIFIC)):
        found = Disc(kappa, asr)
        share = 2 * np.trapezoid(found.on_collector(fine) * fine, fine) / DISC**2
        print(f"{kappa} S/m, {asr} ohm*m^2: {share:.4f} below the disc;", np.round(found.on_collector(radii), 4))
