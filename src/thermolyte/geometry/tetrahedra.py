"""Tetrahedra for devices made of boxes: Gmsh joins and fills them, finer along the rims of junctions.

Boxes too thin for free tetrahedra are cut by the planes of all other boxes and filled with a structured grid
whose cells are divided into tetrahedra, so that a layer of any thinness stays cheap and sound.
"""

from __future__ import annotations

import itertools
import math

import gmsh
import numpy as np

from thermolyte.geometry.arrays import exterior_facets
from thermolyte.geometry.boxes import Blueprint, Box, Contact, extents
from thermolyte.geometry.sizing import Sizing, junctions, planes

# Corners of a block in the order of Gmsh, as steps along x, y, z.
_CORNERS = ((0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1))


def build(plan: Blueprint, sizing: Sizing) -> None:
    """Fill the current Gmsh model with the meshed boxes, in metres."""
    # OpenCASCADE has an absolute tolerance of 1e-7: scaled by a power of two, thus without any rounding, the
    # device is about 1000 units long.
    scale = 2.0 ** round(math.log2(1000 / (plan.upper - plan.lower).max()))
    thin = [box for box in plan.boxes if sizing.is_thin(box)]
    pieces = [box for box in plan.boxes if box not in thin]
    blocks = [piece for box in thin for piece in _cut(box, plan)]
    volumes = _volumes([*pieces, *blocks], scale)
    _name_groups(plan, [*pieces, *blocks], volumes, scale)
    _size_field(junctions(plan), scale, sizing)
    for volume in volumes[len(pieces) :]:
        _structure(volume, scale * sizing.fine)
    gmsh.model.mesh.generate(3)
    if blocks:
        _check_joined()
    gmsh.model.mesh.affineTransform(np.diag([1 / scale, 1 / scale, 1 / scale, 1.0])[:3].ravel().tolist())


def _cut(box: Box, plan: Blueprint) -> list[Box]:
    """Blocks of one box between all planes of the device: faces between blocks then match one to one."""
    intervals = []
    for axis, values in enumerate(planes(plan)):
        inside = values[(values >= box.lower[axis]) & (values <= box.upper[axis])].tolist()
        intervals.append(list(itertools.pairwise(inside)))
    return [Box(box.region, (x[0], y[0], z[0]), (x[1], y[1], z[1])) for x, y, z in itertools.product(*intervals)]


def _volumes(boxes: list[Box], scale: float) -> list[int]:
    """Gmsh volume of each box, after the boxes were made to share their faces."""
    occ = gmsh.model.occ
    solids = []
    for box in boxes:
        solids.append((3, occ.addBox(*(scale * v for v in box.lower), *(scale * v for v in extents(box)))))
    if len(solids) > 1:
        _, mapped = occ.fragment(solids, [])
        solids = [entities[0] for entities in mapped[: len(boxes)]]
    occ.synchronize()
    return [tag for _, tag in solids]


def _name_groups(plan: Blueprint, boxes: list[Box], volumes: list[int], scale: float) -> None:
    for region in plan.regions:
        mine = [tag for box, tag in zip(boxes, volumes, strict=True) if box.region == region]
        gmsh.model.addPhysicalGroup(3, mine, name=region)
    outside = [tag for _, tag in gmsh.model.getEntities(2) if len(gmsh.model.getAdjacencies(2, tag)[0]) == 1]
    centres = np.array([gmsh.model.occ.getCenterOfMass(2, tag) for tag in outside]) / scale
    found = plan.boundary_at(centres)
    for index, boundary in enumerate(plan.boundaries):
        mine = [tag for tag, i in zip(outside, found, strict=True) if i == index]
        gmsh.model.addPhysicalGroup(2, mine, name=boundary)


def _size_field(rims: list[Contact], scale: float, sizing: Sizing) -> None:
    """Element size as a function of the distance from the curves around the junctions."""
    for option, value in {"MeshSizeExtendFromBoundary": 0, "MeshSizeFromPoints": 0}.items():
        gmsh.option.setNumber(f"Mesh.{option}", value)
    gmsh.option.setNumber("Mesh.MeshSizeMax", scale * sizing.size)
    if not rims or sizing.fine == sizing.size:
        return
    curves = _curves_around(rims, scale)
    longest = scale * max(length for rim in rims for length in extents(rim))
    field = gmsh.model.mesh.field
    distance, threshold = field.add("Distance"), field.add("Threshold")
    field.setNumbers(distance, "CurvesList", curves)
    field.setNumber(distance, "Sampling", min(1000, math.ceil(2 * longest / (scale * sizing.fine))))
    field.setNumber(threshold, "InField", distance)
    ends = {"SizeMin": sizing.fine, "SizeMax": sizing.size, "DistMin": 0.0, "DistMax": sizing.reach}
    for name, length in ends.items():
        field.setNumber(threshold, name, scale * length)
    field.setAsBackgroundMesh(threshold)


def _curves_around(rims: list[Contact], scale: float) -> list[int]:
    """Gmsh curves on the outline of each rectangle (those inside it do not count)."""
    tags = np.array([tag for _, tag in gmsh.model.getEntities(1)])
    spans = np.array([gmsh.model.getBoundingBox(1, tag) for tag in tags])
    slack = 1e-4  # units of the scaled model, which is about 1000 long
    curves: set[int] = set()
    for rim in rims:
        for axis, end in itertools.product(range(3), (rim.lower, rim.upper)):
            if rim.lower[axis] == rim.upper[axis]:
                continue
            lower, upper = list(rim.lower), list(rim.upper)
            lower[axis] = upper[axis] = end[axis]
            inside = (spans[:, :3] > scale * np.array(lower) - slack) & (spans[:, 3:] < scale * np.array(upper) + slack)
            curves.update(tags[inside.all(axis=1)].tolist())
    return sorted(curves)


def _structure(volume: int, fine: float) -> None:
    """Structured grid in a block; all corners are listed in one order, so that neighbours cut quads alike."""
    mesh = gmsh.model.mesh
    points = [tag for _, tag in gmsh.model.getBoundary([(3, volume)], recursive=True)]
    where = {tag: gmsh.model.getValue(0, tag, []) for tag in points}
    middle = np.mean(list(where.values()), axis=0)
    at = {tuple(int(v > m) for v, m in zip(x, middle, strict=True)): tag for tag, x in where.items()}
    for _, face in gmsh.model.getBoundary([(3, volume)], oriented=False):
        for _, curve in gmsh.model.getBoundary([(2, face)], oriented=False):
            ends = [where[tag] for _, tag in gmsh.model.getBoundary([(1, curve)], oriented=False)]
            length = math.dist(*ends)
            mesh.setTransfiniteCurve(curve, 1 + max(2, math.ceil(length / fine * (1 - 1e-9))))
        mine = {tag for _, tag in gmsh.model.getBoundary([(2, face)], recursive=True)}
        corners = {step: tag for step, tag in at.items() if tag in mine}
        mesh.setTransfiniteSurface(face, "Left", _around(corners))
    mesh.setTransfiniteVolume(volume, [at[corner] for corner in _CORNERS])


def _check_joined() -> None:
    """No crack between structured and free cells: a face that belongs to one cell only has a boundary's name.

    Raises:
        RuntimeError: neighbouring cells do not share their faces.
    """
    cells = gmsh.model.mesh.getElementsByType(4)[1].astype(np.int64).reshape(-1, 4)
    surfaces = (e for d, g in gmsh.model.getPhysicalGroups(2) for e in gmsh.model.getEntitiesForPhysicalGroup(d, g))
    named = sum(len(gmsh.model.mesh.getElementsByType(2, surface)[0]) for surface in surfaces)
    if len(exterior_facets(cells)[0]) != named:
        raise RuntimeError("thin boxes are not joined to their neighbours: use `mesh: {cells: hexahedron}`")


def _around(corners: dict[tuple[int, ...], int]) -> list[int]:
    """Corners of a face in the order 00, 10, 11, 01 of its two axes."""
    a, b = (axis for axis in range(3) if len({step[axis] for step in corners}) == 2)
    ordered = {(step[a], step[b]): tag for step, tag in corners.items()}
    return [ordered[0, 0], ordered[1, 0], ordered[1, 1], ordered[0, 1]]
