"""The part of an Abaqus or CalculiX input deck that describes a mesh.

meshio reads these too, but gives a set that stands on an *ELEMENT line to another block as soon as one block
has no set, keeps only the last of two blocks of one set, and knows no *SURFACE.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

KINDS = {
    **dict.fromkeys(["C3D4", "C3D4H", "DC3D4"], "tetra"),
    **dict.fromkeys(["C3D8", "C3D8R", "C3D8I", "C3D8H", "DC3D8"], "hexahedron"),
    **dict.fromkeys(["S3", "S3R", "CPS3", "CPE3", "STRI3", "R3D3", "M3D3", "DC2D3", "DS3"], "triangle"),
    **dict.fromkeys(["S4", "S4R", "CPS4", "CPE4", "CPS4R", "R3D4", "M3D4", "DC2D4", "DS4"], "quad"),
    **dict.fromkeys(["T3D2", "T2D2", "B31", "B21"], "line"),
}
# Corners of the faces S1, S2, ... as the format numbers them.
_FACES: dict[str, list[tuple[int, ...]]] = {
    "tetra": [(0, 1, 2), (0, 3, 1), (1, 3, 2), (2, 3, 0)],
    "hexahedron": [(0, 1, 2, 3), (4, 7, 6, 5), (0, 4, 5, 1), (1, 5, 6, 2), (2, 6, 7, 3), (3, 7, 4, 0)],
}


@dataclass
class Deck:
    """Nodes and elements by their numbers in the file; sets hold such numbers."""

    nodes: dict[int, list[float]] = field(default_factory=dict)
    elements: dict[int, tuple[str, list[int]]] = field(default_factory=dict)
    element_sets: dict[str, list[int]] = field(default_factory=dict)
    node_sets: dict[str, list[int]] = field(default_factory=dict)
    surfaces: dict[str, list[list[int]]] = field(default_factory=dict)


def read(path: Path) -> Deck:
    """Read nodes, elements, element and node sets, and surfaces made of element faces.

    Raises:
        ValueError: a line that cannot be understood, with its keyword.
    """
    deck = Deck()
    for keyword, options, rows in _blocks(path):
        try:
            _take(deck, keyword, options, rows)
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError(f"*{keyword} {options or ''}: not understood near {error}") from None
    return deck


def _take(deck: Deck, keyword: str, options: dict[str, str], rows: list[list[str]]) -> None:
    if keyword == "NODE":
        deck.nodes.update({int(row[0]): [float(x) for x in (*row[1:4], "0", "0")][:3] for row in rows})
        _extend(deck.node_sets, options.get("NSET"), [int(row[0]) for row in rows])
    elif keyword == "ELEMENT":
        kind = KINDS.get(options["TYPE"].upper(), options["TYPE"])
        numbers = [[int(x) for x in row] for row in _joined(rows, kind)]
        deck.elements.update({row[0]: (kind, row[1:]) for row in numbers})
        _extend(deck.element_sets, options.get("ELSET"), [row[0] for row in numbers])
    elif keyword == "ELSET":
        _extend(deck.element_sets, options["ELSET"], _members(deck.element_sets, options, rows))
    elif keyword == "NSET" and "ELSET" not in options:
        _extend(deck.node_sets, options["NSET"], _members(deck.node_sets, options, rows))
    elif keyword == "SURFACE" and options.get("TYPE", "ELEMENT").upper() == "ELEMENT":
        for target, face, *_ in rows:
            elements = [int(target)] if target.isdigit() else deck.element_sets[target]
            for kind, nodes in (deck.elements[e] for e in elements):
                corners = _FACES[kind][int(face.upper().removeprefix("S")) - 1]
                deck.surfaces.setdefault(options["NAME"], []).append([nodes[k] for k in corners])


def _joined(rows: list[list[str]], kind: str) -> list[list[str]]:
    """Elements with many nodes go over several lines."""
    width = {"hexahedron": 9}.get(kind)
    if width is None:
        return rows
    flat = [x for row in rows for x in row]
    return [flat[k : k + width] for k in range(0, len(flat), width)]


def _members(sets: dict[str, list[int]], options: dict[str, str], rows: list[list[str]]) -> list[int]:
    if "GENERATE" in options:
        steps = [[int(x) for x in row] for row in rows]
        return [k for start, stop, *step in steps for k in range(start, stop + 1, *step)]
    return [k for row in rows for x in row for k in ([int(x)] if x.isdigit() else sets[x])]


def _extend(sets: dict[str, list[int]], name: str | None, members: list[int]) -> None:
    if name is not None:
        sets[name] = list(dict.fromkeys([*sets.get(name, []), *members]))


def _blocks(path: Path) -> Iterator[tuple[str, dict[str, str], list[list[str]]]]:
    """Each keyword with its options and the data lines below it."""
    keyword = ""
    options: dict[str, str] = {}
    rows: list[list[str]] = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        text = line.strip()
        if text.startswith("**") or not text:
            continue
        fields = [x.strip() for x in text.rstrip(",").split(",")]
        if not text.startswith("*"):
            rows.append(fields)
            continue
        if keyword:
            yield keyword, options, rows
        keyword, rows = fields[0][1:].upper(), []
        options = {k.strip().upper(): v.strip().strip('"') for k, _, v in (x.partition("=") for x in fields[1:])}
    if keyword:
        yield keyword, options, rows
