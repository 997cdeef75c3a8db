"""What a physics needs of a card."""

from __future__ import annotations

from typing import Literal

from thermolyte.materials.card import Card

Role = Literal["thermoelectricity", "diffusion", "mechanics", "electrochemistry"]


def missing(card: Card, physics: Role) -> list[str]:
    """Properties that a card lacks to take part in a physics, in the words of its YAML; empty if nothing.

    In diffusion the card is that of a host, in electrochemistry that of a conductor of electrons or of ions.
    """
    capacity = "maximum_concentration, or saturation with host_molar_volume"
    needed = {
        "thermoelectricity": {"thermal_conductivity": card.thermal_conductivity is not None},
        "diffusion": {"diffusivity": card.diffusivity is not None, capacity: card.maximum_concentration is not None},
        "mechanics": {
            "young_modulus": card.properties.young_modulus is not None,
            "poisson_ratio": card.properties.poisson_ratio is not None,
        },
        "electrochemistry": {
            "electrical_conductivity or ionic_conductivity": card.conducts or card.conducts_ions,
        },
    }
    return [name for name, given in needed[physics].items() if not given]
