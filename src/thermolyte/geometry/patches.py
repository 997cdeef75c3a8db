"""Pieces of the lowest or highest face of a stack with a name of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Literal

from pydantic import Field

from thermolyte.geometry.shape import Strict
from thermolyte.units import Length, PositiveLength

Span = tuple[float, float]

_KEYS = {"axisymmetric": ("radius",), "planar": ("width",), "extruded": ("width", "depth")}


class Patch(Strict):
    """A piece of the lowest or highest face; the rest of that face keeps its name."""

    on: Literal["bottom", "top"]
    radius: PositiveLength | None = Field(None, description="axisymmetric: a disc around the axis")
    width: tuple[Length, Length] | None = Field(None, description="planar, extruded: from and to along x")
    depth: tuple[Length, Length] | None = Field(None, description="extruded: from and to along y; default: all of it")

    def spans(self, sizes: Sequence[float]) -> list[Span]:
        """From and to along each axis that lies in the layers of these sizes, m."""
        if self.radius is not None:
            return [(0.0, self.radius)]
        given = (self.width, self.depth)
        return [(0.0, size) if span is None else span for span, size in zip(given, sizes, strict=False)]


def check_patches(patches: Mapping[str, Patch], faces: Mapping[str, Sequence[float]], form: str) -> None:
    """Each patch is described in the coordinates of the form, is a part of its face and lies beside the others.

    Args:
        patches: by name.
        faces: `bottom` and `top` -> size along each axis, m.
        form: of the stack.

    Raises:
        ValueError: which one does not.
    """
    for name, patch in patches.items():
        given = {key for key in ("radius", "width", "depth") if getattr(patch, key) is not None}
        if not given or not given <= set(_KEYS[form]):
            raise ValueError(f"patch {name!r}: on a stack of form {form} give its {' or '.join(_KEYS[form])}")
        spans, sizes = patch.spans(faces[patch.on]), faces[patch.on]
        if any(not 0 <= low < high <= size for (low, high), size in zip(spans, sizes, strict=True)):
            raise ValueError(f"patch {name!r}: it is empty or reaches beyond the {patch.on} face, {_words(sizes)}")
        if all(span == (0.0, size) for span, size in zip(spans, sizes, strict=True)):
            raise ValueError(f"patch {name!r}: it covers the whole face: use the boundary `{patch.on}` instead")
    for (a, one), (b, other) in combinations(patches.items(), 2):
        pairs = zip(one.spans(faces[one.on]), other.spans(faces[other.on]), strict=True)
        if one.on == other.on and all(max(p[0], q[0]) < min(p[1], q[1]) for p, q in pairs):
            raise ValueError(f"patches {a!r} and {b!r} overlap on the {one.on} face")


def _words(sizes: Sequence[float]) -> str:
    return " by ".join(f"{size:g} m" for size in sizes)
