"""What can be known about a mechanical case without solving it: what holds each body, and components by name."""

from __future__ import annotations

from thermolyte.boundary.base import Essential
from thermolyte.boundary.mechanical import Clamped, Displacement, FrictionCondition, Symmetry, Traction
from thermolyte.case import Case
from thermolyte.errors import InputError
from thermolyte.geometry import Names
from thermolyte.geometry.grid_shape import GridShape
from thermolyte.physics.local import DISPLACEMENT
from thermolyte.setup import Setup
from thermolyte.topology import bodies

NORMAL = {"bottom": -1, "top": -1, "left": 0, "right": 0, "front": 1, "back": 1}
"""Axis across the boundaries of layered shapes."""


def check_mechanics(case: Case, setup: Setup, names: Names) -> None:
    """No body can move away, and displacements and tractions have the components of the geometry.

    Raises:
        InputError: the first mistake, with its place in the YAML and the remedy.
    """
    _check_components(case, setup)
    if setup.coordinates.kind == "spherical":  # the centre holds it
        return
    axes = setup.coordinates.axes
    solids = [r for r, region in setup.regions.items() if region.card.deforms]
    body = bodies(solids, [tuple(ab.split("/")) for ab in names.interfaces])
    for one in dict.fromkeys(body.values()):
        faces = [b for b, regions in names.boundaries.items() if any(body.get(r) == one for r in regions)]
        held = {axis for b in faces for c in setup.boundaries.get(b, ()) for axis in _held(case, b, c, axes)}
        free = [axis for axis in axes if axis not in held and (axis, setup.coordinates.kind) != ("r", "axisymmetric")]
        if free:
            along = "" if len(free) == len(axes) else f" along {', '.join(free)}"
            raise InputError(
                f"{case.place('regions', one)}: nothing holds `{one}`{along}: give a boundary of it, or of a region "
                "that it touches, a condition with type symmetry, clamped or displacement"
            )


def _held(case: Case, boundary: str, condition: object, axes: tuple[str, ...]) -> set[str]:
    """The axes along which a condition keeps a body from moving as a whole."""
    normal = NORMAL.get(boundary) if isinstance(case.geometry, GridShape) else None
    if isinstance(condition, Clamped):
        return set(axes)
    if isinstance(condition, Displacement):
        return {axis for axis in axes if getattr(condition, axis) is not None}
    if isinstance(condition, Symmetry):
        return set(axes) if normal is None else {axes[normal]}
    if isinstance(condition, FrictionCondition):
        return set(axes) if normal is None else set(axes) - {axes[normal]}
    return set(axes) if isinstance(condition, Essential) and condition.field == DISPLACEMENT else set()


def _check_components(case: Case, setup: Setup) -> None:
    axes = setup.coordinates.axes
    for b, conditions in setup.boundaries.items():
        for c in conditions:
            given = ("x", "y", "z", "r") if isinstance(c, Displacement | Traction) else ()
            unknown = [k for k in given if getattr(c, k) is not None and k not in axes]
            if unknown:
                raise InputError(
                    f"{case.place('boundaries', b)}: {c.type}: this geometry has no component `{unknown[0]}`; "
                    f"known: {', '.join(axes)}"
                )
