"""A small leg that ages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DAY = 86400.0
RESISTIVITY = {
    "contact_resistivity": "5 uohm*cm^2",
    "barrier_height": "0.07 eV",
    "carrier_concentration": "3e19 1/cm^3",
    "effective_mass": 1,
    "relative_permittivity": 25,
}
SINK = {
    "type": "mass_exchange",
    "reaction_layer": {
        "initial_thickness": "10 um",
        "growth_constant": 4e-16,
        "activation_energy": "1 eV",
        "molar_volume": "31.5 cm^3/mol",
        "atoms_per_formula": 2,
        "reference_composition": 0.2,
    },
}
SOURCE = {"type": "mass_exchange", "interlayer": {"thickness": "5 um", "composition": 0.203}}
EVAPORATION = {"type": "mass_exchange", "evaporation": {"transfer_coefficient": "1e-11 m/s"}}


def leg(study: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A short leg of the estimated card between two pads of nickel: a sink at the hot end, a source at the cold one."""
    return {
        "title": "a leg that ages",
        "physics": {"thermoelectricity": {}, "diffusion": {}},
        "geometry": {"shape": "leg", "width": "2 mm", "height": "3 mm", "pads": {"thickness": "0.3 mm"}},
        "mesh": {"size": "1 mm", "cells": "hexahedron", "refinement": 2},
        "regions": {"leg": {"material": "Mg3BiSb-estimate"}, "*_pad": "Ni"},
        "boundaries": {
            "hot": {"type": "temperature", "temperature": 589.0},
            "cold": {"type": "temperature", "temperature": 300.0},
            "sides": EVAPORATION,
        },
        "terminals": {"cold": {"type": "ground"}, "hot": {"type": "current", "current": 0.0}},
        "interfaces": {
            "leg/hot_pad": [{"contact_resistivity": RESISTIVITY}, SINK],
            "leg/cold_pad": [{"contact_resistivity": "1.71 uohm*cm^2"}, SOURCE],
        },
        "study": {"type": "ageing", **study},
        "output": {"figures": False, "fields": "none"},
    } | more


def film(study: Mapping[str, Any]) -> dict[str, Any]:
    """As little as can age: a line of the leg's material at one temperature, with all that a surface exchanges."""
    return {
        "title": "a film that ages",
        "physics": {"diffusion": {}, "temperature": 573.0},
        "geometry": {
            "shape": "slab",
            "area": "4 mm^2",
            "layers": [{"name": "leg", "thickness": "3 mm", "cells": 4}],
        },
        "regions": {"leg": "Mg3BiSb-estimate"},
        "boundaries": {"top": {**SINK, **SOURCE}, "bottom": EVAPORATION},
        "study": {"type": "ageing", **study},
        "output": {"figures": False, "fields": "none"},
    }
