"""Solutions of diffusion under constant flux that owe nothing to the program: series and collocation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

Array = NDArray[np.float64]
N = np.arange(1, 2001)
# tan λ = λ: one root below each (n + 1/2)π
ROOTS = np.array([brentq(lambda x: np.sin(x) - x * np.cos(x), n * np.pi, (n + 0.5) * np.pi) for n in range(1, 200)])


def slab(zeta: ArrayLike, tau: float) -> Array:
    """(c − c₀) D/(J L) at the distance ζ L from the closed end (H. S. Carslaw, J. C. Jaeger, 2nd ed. 1959, 3.8)."""
    z = np.atleast_1d(np.asarray(zeta, dtype=float))[:, None]
    waves = (-1.0) ** N / N**2 * np.exp(-((N * np.pi) ** 2) * tau) * np.cos(N * np.pi * z)
    return np.asarray(tau + (3 * z[:, 0] ** 2 - 1) / 6 - 2 / np.pi**2 * waves.sum(axis=1))


def evaporation(zeta: ArrayLike, tau: float, biot: float) -> tuple[Array, float]:
    """(c − c_e)/(c₀ − c_e) at the distance ζ L from the closed end, and its mean; N = k (c − c_e), Biot number k L/D.

    J. Crank, The Mathematics of Diffusion, 2nd ed. 1975, eqs. 4.50 and 4.53, with the roots of β tan β = k L/D.
    """
    roots = [brentq(lambda b: b * np.sin(b) - biot * np.cos(b), n * np.pi, (n + 0.5) * np.pi) for n in range(200)]
    beta = np.array(roots)
    weight = 2 * biot * np.exp(-(beta**2) * tau) / (beta**2 + biot**2 + biot)
    z = np.atleast_1d(np.asarray(zeta, dtype=float))[:, None]
    profile = (weight * np.cos(beta * z) / np.cos(beta)).sum(axis=1)
    return np.asarray(profile), float((weight * biot / beta**2).sum())


def sphere(r: ArrayLike, tau: float) -> tuple[Array, Array, Array]:
    """(c − c₀) D/(J R), and σ_r and σ_t in units of E Ω J R/(3 (1 − ν) D), at the radius r R > 0 of a free ball.

    Series of Carslaw and Jaeger, 9.7; stresses from it by S. Timoshenko, J. N. Goodier, Theory of Elasticity.
    """

    def content(r: Array) -> Array:
        """∫ c r² dr from the centre, over r³."""
        waves = (np.sin(ROOTS * r) / ROOTS**2 - r * np.cos(ROOTS * r) / ROOTS) * decay
        return np.asarray(tau + r[:, 0] ** 2 / 10 - 0.1 - 2 * waves.sum(axis=1) / r[:, 0] ** 3)

    x = np.atleast_1d(np.asarray(r, dtype=float))[:, None]
    decay = np.exp(-(ROOTS**2) * tau) / (ROOTS**2 * np.sin(ROOTS))
    c = 3 * tau + x[:, 0] ** 2 / 2 - 0.3 - 2 / x[:, 0] * (np.sin(ROOTS * x) * decay).sum(axis=1)
    whole, inside = content(np.ones((1, 1))), content(x)
    return c, 2 * (whole - inside), 2 * whole + inside - c


def collocation(
    diffusivity: Callable[[Array], Array], flux: float, power: int = 0, size: int = 48
) -> Callable[[Array], Array]:
    """c(z) at t = 1 in 0 < z < 1 with D(c), closed at 0, flux into 1, empty at first: by Chebyshev polynomials.

    c_t = z^−p (z^p q)_z, q = D(c) c_z, at Chebyshev's points, with q = 0 and flux at the ends; p = 0 slab, 2 ball.
    """
    points = chebyshev.chebpts2(size)
    z = (1 + points) / 2
    V = chebyshev.chebvander(points, size - 1)
    slopes = [chebyshev.chebval(points, chebyshev.chebder(row)) for row in np.eye(size)]
    d = 2 * np.column_stack(slopes) @ np.linalg.inv(V)

    def rate(_: float, c: Array) -> Array:
        q = diffusivity(c) * (d @ c)
        q[0], q[-1] = 0.0, flux
        spread = d @ q
        spread[1:] += power * q[1:] / z[1:]
        spread[0] *= 1 + power  # q/z = q_z at the centre
        return np.asarray(spread)

    c = solve_ivp(rate, (0, 1), np.zeros(size), "BDF", rtol=1e-8, atol=1e-9).y[:, -1]
    return lambda z: np.asarray(chebyshev.chebval(2 * z - 1, np.linalg.solve(V, c)))
