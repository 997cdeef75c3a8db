"""Charge transfer Li ⇌ Li⁺ + e⁻ between an electrode and an electrolyte, anodic current positive.

    j_k = j₀ₖ [aₖ exp(α_a F(E − Uₖ)/RT) − sₖ exp(−α_c F(E − Uₖ)/RT)]       reaction k, Butler-Volmer [A/m²]
    E   = Δφ − R_f Σ j_k,   Δφ = φ_electrode − φ_ionic                     behind a film of area resistance R_f

a is the activity of the lithium that can leave and s that of the sites that can take it, 1 where neither is short.
They shift the rest potential to U + RT/(F(α_a + α_c)) ln(s/a), so that a reaction stops by itself when it runs out.
Source: J. Newman, K. E. Thomas-Alyea, Electrochemical Systems, 3rd ed., Wiley 2004, ch. 8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import NamedTuple

import ufl
from ufl.core.expr import Expr

from thermolyte.physics.constants import FARADAY, GAS_CONSTANT
from thermolyte.physics.local import CONCENTRATION, MECHANICAL_POTENTIAL, TEMPERATURE, Local

LARGEST_EXPONENT = 60.0  # 1.5 V at α = 1/2; beyond, exponentials go on as straight lines
SMALLEST_ACTIVITY = 1e-20  # in the first guess only
SMALLEST_RESISTANCE = 1e-30  # times F j₀/RT; keeps the first guess finite where the film has none
ITERATIONS = 5  # four reach round-off from the first guess, the fifth also in the derivatives


class Reaction(NamedTuple):
    """One reaction at one place: UFL scalars in SI."""

    equilibrium_potential: Expr | float
    """U [V vs Li]."""
    exchange_current_density: Expr | float
    """j₀ [A/m²]."""
    anodic: Expr | float
    """Transfer coefficient α_a."""
    cathodic: Expr | float
    """Transfer coefficient α_c."""
    lithium: Expr | float = 1.0
    """Activity a of what the anodic direction consumes."""
    sites: Expr | float = 1.0
    """Activity s of what the cathodic direction consumes."""


def current_densities(
    reactions: Sequence[Reaction], difference: Expr, T: Expr, film_resistance: Expr | None = None
) -> list[Expr]:
    """Current densities j [A/m²] of parallel reactions behind one film, at Δφ = `difference` [V] and T [K].

    Without a film E is Δφ itself; with one, E is the root of a scalar equation, found at every quadrature point to
    round-off: |error| < 1e-12 |j| + 1e-15 j₀ for j₀ 1e-3..1e3 A/m², R_f 0..0.1 Ω m², |Δφ| up to 1 V.
    """
    terms = [_Term.of(reaction, T) for reaction in reactions]
    f = FARADAY / (GAS_CONSTANT * T)
    behind = f * difference if film_resistance is None else _behind_film(terms, f * difference, f * film_resistance)
    return [term.current(behind) for term in terms]


def linear_current_density(reaction: Reaction, difference: Expr, T: Expr, film_resistance: Expr | None = None) -> Expr:
    """Butler-Volmer near equilibrium: j = (Δφ − U)/(R_ct + R_f) with R_ct = RT/(F j₀ (α_a + α_c))."""
    slope = reaction.exchange_current_density * (reaction.anodic + reaction.cathodic)
    resistance = GAS_CONSTANT * T / (FARADAY * slope)
    return (difference - reaction.equilibrium_potential) / (resistance + (film_resistance or 0.0))


def equilibrium_potential(electrode: Local) -> Expr:
    """U = U(x, T) − m/F [V vs stress-free Li]; the card's open-circuit potential, 0 for a card without one.

    The mechanical potential m [J/mol] counts under `coupling: two_way` only. Compression (m > 0) lowers U, for a
    partial molar volume of 13 cm³/mol by 0.13474 mV/MPa.
    """
    medium = electrode.medium
    x = medium.composition(surface_concentration(electrode)) if medium.stores_species else ufl.as_ufl(0.0)
    U = ufl.as_ufl(medium.open_circuit_potential(x, electrode.u[TEMPERATURE]))
    if MECHANICAL_POTENTIAL in electrode.u and electrode.options.coupling == "two_way":
        U -= electrode.u[MECHANICAL_POTENTIAL] / FARADAY
    return U


def surface_concentration(host: Local) -> Expr:
    """Lithium at the surface of a host [mol/m³]; the initial one where it is not solved for."""
    solved = CONCENTRATION in host.u
    return host.u[CONCENTRATION] if solved else host.medium.initial_concentration


def filling(host: Local) -> Expr:
    """c/c_max at the surface of a host."""
    return surface_concentration(host) / host.medium.maximum_concentration


def availability(amount: Expr, reference: Expr | float) -> Expr:
    """Activity n/(n + n_ref) of an amount that runs out: 1 for plenty of it, 0 at none.

    Below zero, where only iterates of a solver come, it goes on as the line n/n_ref, which drives them back.
    """
    return amount / (reference + ufl.max_value(amount, 0.0))


def exponential(z: Expr) -> Expr:
    """exp(z), and its tangent beyond LARGEST_EXPONENT: smooth, increasing and finite for every iterate."""
    held = ufl.min_value(z, LARGEST_EXPONENT)
    return ufl.exp(held) * (1 + z - held)


class _Term(NamedTuple):
    """A reaction in units of RT/F: u = F U/RT."""

    u: Expr
    j0: Expr
    anodic: Expr | float
    cathodic: Expr | float
    lithium: Expr | float
    sites: Expr | float

    @classmethod
    def of(cls, r: Reaction, T: Expr) -> _Term:
        u = FARADAY / (GAS_CONSTANT * T) * r.equilibrium_potential
        return cls(u, r.exchange_current_density, r.anodic, r.cathodic, r.lithium, r.sites)

    def rates(self, w: Expr) -> tuple[Expr, Expr]:
        """j₀ exp(α_a(w − u)) and j₀ exp(−α_c(w − u)): both directions at unit activity [A/m²]."""
        z = w - self.u
        return self.j0 * exponential(self.anodic * z), self.j0 * exponential(-self.cathodic * z)

    def current(self, w: Expr) -> Expr:
        forward, back = self.rates(w)
        return self.lithium * forward - self.sites * back


def _behind_film(terms: Sequence[_Term], outside: Expr, r: Expr) -> Expr:
    """Find w = F E/RT from h(w) = w − w_outside + r Σ j_k(w) = 0 by Halley's iteration; r = F R_f/RT [m²/A].

    h increases with a slope of at least 1. Negative activities count as 0 here: they occur in iterates only, and h
    would lose that property.
    """
    terms = [t._replace(lithium=ufl.max_value(t.lithium, 0.0), sites=ufl.max_value(t.sites, 0.0)) for t in terms]
    w = _first_guess(terms, outside, r)
    for _ in range(ITERATIONS):
        parts = [(t, t.lithium * forward, t.sites * back) for t in terms for forward, back in [t.rates(w)]]
        h = w - outside + r * sum(p - q for _, p, q in parts)
        slope = 1 + r * sum(t.anodic * p + t.cathodic * q for t, p, q in parts)
        bend = r * sum(t.anodic**2 * p - t.cathodic**2 * q for t, p, q in parts)
        newton = h / slope
        w = w - newton / ufl.max_value(0.5, 1 - newton * bend / (2 * slope))
    return w


def _first_guess(terms: Sequence[_Term], outside: Expr, r: Expr) -> Expr:
    """Where the largest of the exponentials balances the next largest term of h: off by a few units at most.

    The root lies between w_outside and the rest potential w₀, where anodic and cathodic currents cancel; the film
    takes no more than their difference.
    """
    anodic = [(t, r * t.j0 * ufl.max_value(t.lithium, SMALLEST_ACTIVITY) + SMALLEST_RESISTANCE) for t in terms]
    cathodic = [(t, r * t.j0 * ufl.max_value(t.sites, SMALLEST_ACTIVITY) + SMALLEST_RESISTANCE) for t in terms]

    def crossing(a: _Term, P: Expr, c: _Term, Q: Expr) -> Expr:
        return (ufl.ln(Q / P) + a.anodic * a.u + c.cathodic * c.u) / (a.anodic + c.cathodic)

    rest = _least(_greatest(crossing(a, P, c, Q) for c, Q in cathodic) for a, P in anodic)
    drop = abs(outside - rest) + SMALLEST_RESISTANCE
    above = _least(a.u + ufl.ln(drop / P) / a.anodic for a, P in anodic)
    below = _greatest(c.u - ufl.ln(drop / Q) / c.cathodic for c, Q in cathodic)
    return ufl.conditional(
        outside > rest,
        ufl.min_value(outside, ufl.max_value(rest, above)),
        ufl.max_value(outside, ufl.min_value(rest, below)),
    )


def _least(values: Iterable[Expr]) -> Expr:
    return _fold(ufl.min_value, values)


def _greatest(values: Iterable[Expr]) -> Expr:
    return _fold(ufl.max_value, values)


def _fold(choose: Callable[[Expr, Expr], Expr], values: Iterable[Expr]) -> Expr:
    return reduce(choose, values)
