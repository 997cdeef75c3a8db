"""Finite strain: F = Fₑ Fₚ F_g with F_g = J_g^(1/3) 1, det Fₚ = 1, and a compressible neo-Hookean energy of Fₑ.

    J_g = (1 + Ω(c − c₀)) (1 + ∫α dT)³             growth by lithium and by heat
    b̄ₑ = J^(−2/3) F Cₚ⁻¹ Fᵀ                        isochoric elastic strain: growth drops out of it
    W  = G/2 (tr b̄ₑ − 3) + K/2 ((Jₑ² − 1)/2 − ln Jₑ)      energy per grown volume [J/m³], Jₑ = J/J_g
    τ  = K/2 (Jₑ² − 1) 1 + G dev b̄ₑ                Kirchhoff stress per grown volume [Pa]
    P  = J_g τ F⁻ᵀ                                 first Piola-Kirchhoff stress [Pa]

Energy and return mapping of J. C. Simo, Comput. Methods Appl. Mech. Eng. 66 (1988) 199 and 68 (1988) 1, with the
spherical part of b̄ₑ reset so that its determinant stays 1.
"""

from __future__ import annotations

import ufl
from ufl.core.expr import Expr

from thermolyte.physics import plasticity
from thermolyte.physics.elasticity import (
    Response,
    equivalent_stress,
    moduli,
    stiffening,
    swelling,
    thermal_strain,
)
from thermolyte.physics.local import DISPLACEMENT, Local
from thermolyte.physics.plasticity import ACCUMULATED, PLASTIC_METRIC


def response(here: Local) -> Response:
    """P, σ = τ/Jₑ, the energy J_g W and its derivative m = ∂(J_g W)/∂c at fixed F and Fₚ.

    m = ∂J_g/∂c (W − tr τ/3) + J_g W ∂ln E/∂c: the Eshelby form (J. Cui, F. Gao, J. Qu, J. Mech. Phys. Solids 60 (2012)
    1280, doi:10.1016/j.jmps.2012.03.008).
    """
    G, K = moduli(here)
    thermal = (1 + thermal_strain(here)) ** 3
    growth = (1 + swelling(here)) * thermal
    F = deformation_gradient(here)
    Je = ufl.det(F) / growth
    strain, memory = _isochoric_strain(here, F, G)
    tau = K / 2 * (Je**2 - 1) * ufl.Identity(3) + G * ufl.dev(strain)
    W = G / 2 * (ufl.tr(strain) - 3) + K / 2 * ((Je**2 - 1) / 2 - ufl.ln(Je))
    eshelby = here.medium.partial_molar_volume() * thermal * (W - ufl.tr(tau) / 3)
    P = growth * tau * ufl.inv(F).T
    return Response(P, tau / Je, growth * W, eshelby + growth * W * stiffening(here), memory)


def deformation_gradient(here: Local) -> Expr:
    """F = 1 + ∇u, 3 x 3."""
    return ufl.Identity(3) + here.coordinates.gradient(here.u[DISPLACEMENT], here.x)


def _isochoric_strain(here: Local, F: Expr, G: Expr) -> tuple[Expr, dict[str, Expr]]:
    """b̄ₑ with determinant 1, and the internal variables, at the end of the step."""
    isochoric = ufl.det(F) ** (-1 / 3) * F
    if not plasticity.flows(here.medium):
        return isochoric * isochoric.T, {}
    trial = isochoric * here.memory[PLASTIC_METRIC] * isochoric.T
    # Along the flow the deviator relaxes with G tr(b̄ₑ)/3 in the place of G (Simo 1988).
    flow = plasticity.flow(here, equivalent_stress(G * ufl.dev(trial)), G * ufl.tr(trial) / 3)
    returned = plasticity.unimodular(flow.ratio * ufl.dev(trial))
    strain = ufl.conditional(ufl.lt(flow.ratio, 1.0), returned, trial)
    back = ufl.inv(isochoric)
    accumulated = here.memory[ACCUMULATED] + flow.increment
    return strain, {PLASTIC_METRIC: back * strain * back.T, ACCUMULATED: accumulated}
