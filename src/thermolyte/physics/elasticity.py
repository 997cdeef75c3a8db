"""What small and finite strain share: moduli, stress-free growth, and the answer of a solid to its deformation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import ufl
from ufl.core.expr import Expr

from thermolyte.physics.local import CONCENTRATION, TEMPERATURE, Local

ROUND_OFF = 1e-6
"""(1 mPa)² [Pa²] under the root of the von Mises stress: makes it smooth at zero, below the round-off of the moduli."""


class Moduli(NamedTuple):
    """G and K of isotropic elasticity [Pa]."""

    shear: Expr
    bulk: Expr


class Response(NamedTuple):
    """What a solid answers to its deformation."""

    piola: Expr
    """First Piola-Kirchhoff stress P [Pa], 3 x 3: force per area of the reference configuration."""
    cauchy: Expr
    """Cauchy stress σ [Pa], 3 x 3: force per area of the deformed configuration."""
    energy: Expr
    """Elastic strain energy per volume of the reference configuration [J/m³]."""
    chemical: Expr
    """m [J/mol], the mechanical part of the chemical potential: ∂energy/∂c at fixed total and plastic deformation."""
    memory: Mapping[str, Expr]
    """Internal variables at the end of the step."""


def moduli(here: Local) -> Moduli:
    """G = E/(2(1 + ν)) and K = E/(3(1 − 2ν)) [Pa]."""
    E, nu = _young_modulus(here), here.medium.poisson_ratio(here.u[TEMPERATURE])
    return Moduli(E / (2 * (1 + nu)), E / (3 * (1 - 2 * nu)))


def stiffening(here: Local) -> Expr:
    """∂ ln E/∂c [m³/mol] at constant ν: by how much lithium changes the energy that is stored at a given strain."""
    if not _holds_lithium(here):
        return ufl.as_ufl(0.0)
    c = ufl.variable(here.u[CONCENTRATION])
    E = _young_modulus(here._replace(u={**here.u, CONCENTRATION: c}))
    return ufl.diff(E, c) / E


def swelling(here: Local) -> Expr:
    """Ω (c − c₀): change of volume by lithium, per reference volume."""
    if not _holds_lithium(here):
        return ufl.as_ufl(0.0)
    return here.medium.partial_molar_volume() * (here.u[CONCENTRATION] - here.medium.initial_concentration)


def thermal_strain(here: Local) -> Expr:
    """∫ α dT from the stress-free temperature, by two Gauss points: exact for laws α(T) up to cubic."""
    T, options = here.u[TEMPERATURE], here.options.mechanics
    reference = options.stress_free_temperature if options else None
    if reference is None:
        if TEMPERATURE not in here.v:  # one temperature everywhere, at which there is no stress
            return ufl.as_ufl(0.0)
        reference = here.options.temperature
    half = (T - reference) / 2
    points = (reference + half * (1 - 1 / np.sqrt(3)), reference + half * (1 + 1 / np.sqrt(3)))
    return half * sum(here.medium.thermal_expansion(point) for point in points)


def equivalent_stress(stress: Expr) -> Expr:
    """Von Mises stress √(3/2 s:s) [Pa] of a stress with deviator s."""
    s = ufl.dev(stress)
    return ufl.sqrt(1.5 * ufl.inner(s, s) + ROUND_OFF)


def _holds_lithium(here: Local) -> bool:
    return bool(here.medium.stores_species and CONCENTRATION in here.u)


def _young_modulus(here: Local) -> Expr:
    x = here.medium.composition(here.u[CONCENTRATION]) if _holds_lithium(here) else ufl.as_ufl(0.0)
    return here.medium.young_modulus(x, here.u[TEMPERATURE])
