"""The anode stack as the content of a case, coarse, for tests of cells."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np

from thermolyte.physics.constants import FARADAY, GAS_CONSTANT

THERMAL_VOLTAGE = GAS_CONSTANT * 296.15 / FARADAY
THICKNESS = {"copper": 9e-6, "tungsten": 30e-9, "film": 140e-9, "electrolyte": 0.7e-3, "lithium": 100e-6}
CELLS = {"copper": 1, "tungsten": 1, "film": 4, "electrolyte": 3, "lithium": 1}
CONDUCTIVITY = {"tungsten": 1 / 5.39e-8, "film": 2.28e7, "electrolyte": 0.08, "lithium": 1.07e7}
EXCHANGE = 165.0
SIZES: dict[str, dict[str, float]] = {
    "planar": {"width": 1e-3, "depth": 1e-3},
    "extruded": {"width": 1e-3, "depth": 1e-3},
    "axisymmetric": {"radius": 1e-3},
}
AREA = {"planar": 1e-6, "extruded": 1e-6, "axisymmetric": np.pi * 1e-6}
TRANSFER = {"type": "charge_transfer", "exchange_current_density": EXCHANGE}


def stack(form: str = "planar", current_density: float = 10.0, **changes: Any) -> dict[str, Any]:
    """Cu | W | LixMg | Li6PS5Cl | Li under a current density [A/m²], U = 0, no diffusion; `changes` are merged in."""
    content: dict[str, Any] = {
        "title": "stack",
        "physics": {"electrochemistry": {}, "temperature": 296.15},
        "geometry": {
            "shape": "stack",
            "form": form,
            "cells": 2,
            "layers": [{"name": n, "thickness": t, "cells": CELLS[n]} for n, t in THICKNESS.items()],
            **SIZES[form],
        },
        "regions": {
            "copper": {"material": "Cu"},
            "tungsten": {"material": "W"},
            "film": {"material": "Li_xMg", "properties": {"open_circuit_potential": 0.0}},
            "electrolyte": {"material": "Li6PS5Cl"},
            "lithium": {"material": "Li"},
        },
        "terminals": {
            "anode": {"type": "current", "current": current_density * AREA[form], "on": "bottom"},
            "counter": {"type": "ground", "on": "top"},
        },
        "interfaces": {"film/electrolyte": dict(TRANSFER), "electrolyte/lithium": dict(TRANSFER)},
        "output": {"fields": "none", "figures": False},
    }
    return merged(content, changes)


def merged(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A copy with other values; mappings are merged, None takes a key away."""
    out = dict(copy.deepcopy(dict(content)))
    for key, value in changes.items():
        if value is None:
            out.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(out.get(key), Mapping):
            out[key] = merged(out[key], value)
        else:
            out[key] = copy.deepcopy(value)
    return out


def overpotential(i: float, j0: float = EXCHANGE, *, linear: bool = False, V_T: float = THERMAL_VOLTAGE) -> float:
    """Eta [V] of one interface at the current density i [A/m²], α = 1/2."""
    return float(V_T * i / j0 if linear else 2 * V_T * np.arcsinh(i / (2 * j0)))
