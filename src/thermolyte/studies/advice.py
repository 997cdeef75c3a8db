"""What to look at when there is no solution, in words of the physics that are solved."""

from __future__ import annotations

from thermolyte.physics.constants import SPECIES
from thermolyte.setup import Setup

CONDITIONS = {
    "thermoelectricity": "size and sign of each heat_flux, current and voltage, and whether all heat can leave",
    "electrochemistry": "size and sign of each current and voltage, ionic_conductivity and exchange_current_density",
    "diffusion": "the composition at the start, and the laws of the card there",
    "mechanics": "size and sign of each pressure, traction and displacement, and what holds each body",
}
RUNAWAY = (
    ". Where Joule heat grows faster with temperature than the heat that leaves, there is no steady state (thermal "
    "runaway): ask for less current, cool better, or lower the resistances"
)
LIMIT_LOAD = (
    ". A metal that yields without hardening carries no more than its limit load: lower the load, or give it a "
    "hardening_modulus or a higher yield_strength"
)
RUN_OUT = (
    ". Where {species} runs out, or finds no more room, nothing carries the current: end the step before by `until` on "
    "a saturation, a minimum_concentration or a cut-off voltage, or give the interface `plating`"
)
DEPLETED = (
    ". Where {species} runs out, or finds no more room, the laws of the card end: end the study before, or check what "
    "the surfaces take and give, and the diffusivity"
)
STOP_BEFORE = (
    ". End the step before by `until` on a saturation, a minimum_concentration or a voltage; where only a steep "
    "front undershoots, refine the mesh"
)

AGE_LESS = (
    ". End the study before, by its duration or by losses: {stop: ...}, or check what the surfaces take and give "
    "(interlayer, reaction_layer, evaporation); where only a steep front overshoots, refine the mesh"
)


def at_rest(setup: Setup) -> str:
    """What to check when a state is not found."""
    return "check " + "; ".join(CONDITIONS[name] for name in setup.physics.names) + limit_load(setup)


def under_load(setup: Setup) -> str:
    """Why there may be no state at a larger load although there is one at a smaller load."""
    return (RUNAWAY if setup.physics.thermoelectricity else "") + limit_load(setup)


def in_time(setup: Setup) -> str:
    """Why a step in time may fail."""
    hint = RUN_OUT if setup.physics.electrochemistry else DEPLETED
    return (hint.format(species=_species(setup)) if setup.physics.diffusion else "") + limit_load(setup)


def _species(setup: Setup) -> str:
    """What diffuses, in words."""
    cards = [region.card for region in setup.regions.values()]
    return " and ".join(dict.fromkeys(SPECIES[c.diffusing_species] for c in cards if c.stores_species))


def limit_load(setup: Setup) -> str:
    """That of metals without hardening, where there are some."""
    cards = [region.card for region in setup.regions.values()] if setup.physics.mechanics else []
    return LIMIT_LOAD if any(c.yields and c.hardening_modulus is None for c in cards) else ""
