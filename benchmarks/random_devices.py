"""Random valid thermoelectric cases: twelve designs, each with any number of random sets of numbers.

A design is what is meshed and compiled: shape, cells, order, materials, kinds of conditions. Every combination of
shape, cells and order is one of them, and each further choice is dealt evenly to the twelve. A set of numbers is what
a user would sweep. Design and numbers follow from the seed and the number of the case alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from pydantic import TypeAdapter

from thermolyte.case import Case
from thermolyte.terminal import Terminal

Values = dict[str, Any]

DESIGNS = list(itertools.product(("leg", "couple", "module"), ("tetrahedron", "hexahedron"), (1, 2)))
EACH = 17  # cases of a design, one after the other: what is compiled serves them all
PAIRS = {
    "constant": None,
    "Bi2Te3": ("Bi2Te3-n-14", "Bi2Te3-p-377"),
    "half-Heusler": ("ZrHfNiSn-281", "NbFeSb-Hf"),
    "Mg3(Bi,Sb)2": ("Mg3BiSb-estimate", "MgAgSb-395"),
}
CELLS = {("tetrahedron", 1): 10_000, ("tetrahedron", 2): 1_500, ("hexahedron", 1): 2_000, ("hexahedron", 2): 300}
"""Cells that give some thousand unknowns."""


class Design(NamedTuple):
    """What is meshed and compiled."""

    shape: str
    cells: str
    order: int
    materials: str
    junctions: str  # contact, thermal contact, layer (a resistance), meshed layer; of a bare leg: of the leads
    outside: str  # plates, none; of a leg: pads, none
    hot: str
    cold: str
    sides: str
    pairs: int
    size: tuple[float, float, float]  # width and height of a leg, gap between legs [m]

    @property
    def regions(self) -> list[str]:
        """The thermoelectric ones."""
        return ["leg"] if self.shape == "leg" else ["n_legs", "p_legs"]


def designs(seed: int) -> list[Design]:
    """The designs of a seed."""
    rng = np.random.default_rng((seed, 0))

    def dealt(values: Sequence[Any]) -> list[Any]:
        hand = [values[i % len(values)] for i in range(len(DESIGNS))]
        return [hand[i] for i in rng.permutation(len(hand))]

    # A Latin square: each shape meets all materials, those that compile fastest first.
    materials = [[*PAIRS][(i + i // 4) % 4] for i in range(len(DESIGNS))]
    choices = zip(
        materials,
        dealt(("contact", "thermal contact", "layer", "meshed layer")),
        dealt(("plates", "none", "plates")),
        dealt(("temperature", "temperature", "convection", "heat_flux")),
        dealt(("temperature", "temperature", "convection")),
        dealt(("insulated", "radiation", "convection and radiation")),
        dealt((1, 2)),
        strict=True,
    )
    sizes = [tuple(rng.uniform((1e-3, 1.5e-3, 0.5e-3), (4e-3, 6e-3, 2e-3))) for _ in DESIGNS]
    return [_possible(Design(*d, *c, size)) for d, c, size in zip(DESIGNS, choices, sizes, strict=True)]


def _possible(design: Design) -> Design:
    """A single leg has pads where a module has plates, and nothing meshed between; a bare one has its leads only."""
    if design.shape != "leg":
        return design if design.shape == "module" else design._replace(pairs=1)
    if design.outside == "none":
        return design._replace(junctions="of the leads")
    return design._replace(outside="pads", junctions=design.junctions.removeprefix("meshed "))


def random_case(seed: int, number: int) -> tuple[Design, Case]:
    """A case, still at short circuit."""
    design, rng = designs(seed)[number // EACH % len(DESIGNS)], np.random.default_rng((seed, 1, number))
    terminals = ("hot", "cold") if design.shape == "leg" else ("minus", "plus")
    values: Values = {
        "title": f"case {number} of seed {seed}",
        "geometry": _geometry(design),
        "mesh": {"cells": design.cells, "order": design.order, "refinement": 1},
        "regions": _regions(design, rng),
        "boundaries": _boundaries(design, rng),
        "terminals": {terminals[0]: {"type": "ground"}, terminals[1]: {"type": "voltage", "voltage": 0.0}},
        "device": {"terminal": terminals[1]},
        "interfaces": {name: _junction(design, rng) for name in _junctions(design)},
    }
    if not values["interfaces"]:  # a bare leg: the contacts are those of its leads
        for lead in values["terminals"].values():
            lead["contact_resistivity"] = _log(rng, 1e-14, 1e-6)
    case = Case.model_validate(values)
    return design, case.model_copy(update={"mesh": case.mesh.model_copy(update={"size": _mesh_size(case)})})


def with_random_terminal(case: Case, seed: int, number: int, voltage: float, current: float) -> Case:
    """The case at work, of a device with this open-circuit voltage [V] and short-circuit current [A].

    Up to one and a half times either, in both directions; open where no current is known.
    """
    rng = np.random.default_rng((seed, 2, number))
    share, name = float(rng.uniform(-1.5, 1.5)), str(case.device.terminal)
    laws: list[Values] = [
        {"type": "current", "current": share * current},
        {"type": "voltage", "voltage": share * voltage},
        {"type": "load", "resistance": _log(rng, 0.03, 30) * abs(voltage / current) if voltage and current else 1.0},
        {"type": "open"},
    ]
    law = laws[rng.choice(4, p=(0.5, 0.2, 0.2, 0.1))] if current else laws[3]
    lead = {"contact_resistivity": case.terminals[name].contact_resistivity}
    return case.with_terminal(name, TypeAdapter(Terminal).validate_python(law | lead))


# ---- parts of a case -------------------------------------------------------------------------------------------------
def _log(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _geometry(design: Design) -> Values:
    width, height, gap = design.size
    leg = {"width": width, "height": height}
    if design.shape == "leg":
        pads = {} if design.outside == "none" else {"pads": {"thickness": 0.1 * width, "overhang": 0.2 * width}}
        return {"shape": "leg", **leg, **pads}
    values: Values = {"shape": design.shape, "n": leg, "gap": gap, "straps": {"thickness": 0.15 * width}}
    if design.shape == "module":
        values["pairs"] = design.pairs
    if design.outside == "plates":
        values["plates"] = {"thickness": 0.2 * width}
    if design.junctions == "meshed layer":
        values["layers"] = [{"name": "solder", "thickness": 5e-5}]
    return values


def _regions(design: Design, rng: np.random.Generator) -> Values:
    legs = [
        {"material": _material(design, i, rng), "scale": {"electrical_conductivity": _jump(rng)}}
        for i in range(len(design.regions))
    ]
    values: Values = dict(zip(design.regions, legs, strict=True))
    if design.shape == "leg":
        return values | ({} if design.outside == "none" else {"*_pad": "Cu"})
    if design.outside == "plates":
        values["*_plate"] = "AlN"
    if design.junctions == "meshed layer":
        values["*_solder"] = "SAC305"
    return values | {"*_straps": "Cu"}


def _jump(rng: np.random.Generator) -> float:
    """A factor on the conductivity of a leg; as cards have it in every other case."""
    return _log(rng, 1e-3, 1e3) if rng.integers(2) else 1.0


def _material(design: Design, kind: int, rng: np.random.Generator) -> Values | str:
    pair = PAIRS[design.materials]
    if pair:
        return pair[kind]
    numbers = {
        "seebeck_coefficient": (-1, 1)[kind] * float(rng.uniform(5e-5, 3e-4)),
        "electrical_conductivity": _log(rng, 1e4, 3e5),
        "thermal_conductivity": _log(rng, 0.5, 10),
    }
    return {"name": "constant", "properties": {n: {"law": "constant", "value": x} for n, x in numbers.items()}}


def _boundaries(design: Design, rng: np.random.Generator) -> Values:
    hot, cold = float(rng.uniform(320, 1000)), float(rng.uniform(280, 310))
    flux = 2.0 * (hot - cold) / design.size[1] * float(rng.uniform(0.1, 1))  # W/m²: 2 W/(m K) over the leg

    def side(kind: str, T: float) -> Values:
        coefficient = {"coefficient": _log(rng, 1e3, 1e5), "ambient": T}
        return {"type": kind, **{"convection": coefficient, "heat_flux": {"heat_flux": flux}}.get(kind, {kind: T})}

    air: list[Values] = [
        {"type": "convection", "coefficient": float(rng.uniform(1, 50)), "ambient": cold},
        {"type": "radiation", "emissivity": float(rng.uniform(0.05, 1)), "ambient": cold},
    ]
    sides = {"insulated": [], "radiation": air[1:], "convection and radiation": air}[design.sides]
    values: Values = {"hot": side(design.hot, hot), "cold": side(design.cold, cold)}
    return values | ({"sides": sides} if sides else {})


def _junctions(design: Design) -> list[str]:
    """Interfaces at the ends of the legs."""
    if design.shape == "leg":
        return [] if design.outside == "none" else ["leg/hot_pad", "leg/cold_pad"]
    kinds = "np"
    if design.junctions == "meshed layer":
        return [f"{k}_legs/{k}_solder" for k in kinds]
    return [f"{k}_legs/{side}_straps" for k in kinds for side in ("hot", "cold")]


def _junction(design: Design, rng: np.random.Generator) -> Values:
    values: Values = {"contact_resistivity": _log(rng, 1e-14, 1e-6)}
    if design.junctions == "thermal contact":
        values["thermal_contact_resistance"] = _log(rng, 1e-7, 1e-4)
    if design.junctions == "layer":
        values["layers"] = [{"material": "Ni", "thickness": _log(rng, 1e-7, 1e-4)}]
    return values


def _mesh_size(case: Case) -> float:
    """Element size with about as many cells as `CELLS` says, but no larger than the narrowest leg."""
    geometry, mesh = case.geometry, case.mesh
    sizes = geometry.narrowest * np.geomspace(1.0, 0.1, 60)  # type: ignore[union-attr]
    expected = [geometry.expected_cells(mesh.model_copy(update={"size": float(s)})) for s in sizes]
    wanted = CELLS[mesh.cells, mesh.order]
    return float(sizes[int(np.argmin(np.abs(np.log(np.array(expected) / wanted))))])
