"""Small strain: ε = sym ∇u = εₑ + εₚ + ε* 1, Hooke's law for εₑ, with ε* = Ω(c − c₀)/3 + ∫α dT."""

from __future__ import annotations

import ufl

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
from thermolyte.physics.plasticity import ACCUMULATED, PLASTIC_STRAIN


def response(here: Local) -> Response:
    """σ = K tr εₑ 1 + 2G dev εₑ; stress and energy per volume do not tell the configurations apart.

    m = −Ω σ_h + w ∂ln E/∂c with the energy density w; the first term is −Ω/3 tr σ (R. F. Larché, J. W. Cahn, Acta
    Metall. 21 (1973) 1051, doi:10.1016/0001-6160(73)90021-7).
    """
    G, K = moduli(here)
    strain = ufl.sym(here.coordinates.gradient(here.u[DISPLACEMENT], here.x))
    dilatation = ufl.tr(strain) - swelling(here) - 3 * thermal_strain(here)  # plastic flow keeps the volume
    s, memory = 2 * G * ufl.dev(strain), {}
    if plasticity.flows(here.medium):
        s_trial = s - 2 * G * here.memory[PLASTIC_STRAIN]
        q = equivalent_stress(s_trial)
        flow = plasticity.flow(here, q, G)
        s = flow.ratio * s_trial
        memory = {
            PLASTIC_STRAIN: here.memory[PLASTIC_STRAIN] + 1.5 * flow.increment / q * s_trial,
            ACCUMULATED: here.memory[ACCUMULATED] + flow.increment,
        }
    pressure = -K * dilatation
    stress = s - pressure * ufl.Identity(3)
    energy = ufl.inner(s, s) / (4 * G) + K / 2 * dilatation**2
    chemical = here.medium.partial_molar_volume() * pressure + energy * stiffening(here)
    return Response(stress, stress, energy, chemical, memory)
