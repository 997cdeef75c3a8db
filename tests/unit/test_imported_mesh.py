"""Meshes from other programs: the same volumes, areas and names as the one that was written, and refusals."""

from __future__ import annotations

import json

import meshio
import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from thermolyte.errors import InputError
from thermolyte.geometry import Geometry, MeshOptions, mesh_model
from thermolyte.geometry.gmsh_session import session
from thermolyte.mesh import Mesh
from thermolyte.results.mesh_picture import draw_mesh, write_mesh

SHAPES = TypeAdapter(Geometry)
MODULE = SHAPES.validate_python(
    {
        "shape": "module",
        "pairs": 1,
        "n": {"width": "2 mm", "height": "3 mm"},
        "p": {"width": "1.5 mm", "depth": "2 mm", "height": "3 mm"},
        "gap": "1 mm",
        "straps": {"thickness": "0.5 mm"},
    }
)
PLAN = MODULE.blueprint
CELLS = ["tetrahedron", "hexahedron"]


def options(cells="tetrahedron"):
    return MeshOptions(size="0.8 mm", cells=cells)


def load(folder, path, **more):
    return SHAPES.validate_python({"shape": "file", "path": path, **more}, context={"folder": folder})


def write_msh(folder, comm, cells="tetrahedron", version=4.1, inside=False):
    """The module as Gmsh writes it, in millimetres."""
    path = folder / "module.msh"
    if comm.rank == 0:
        import gmsh

        with session():
            MODULE.build(options(cells))
            gmsh.model.mesh.affineTransform([1e3, 0, 0, 0, 0, 1e3, 0, 0, 0, 0, 1e3, 0])
            if inside:
                faces = (tag for _, tag in gmsh.model.getEntities(2))
                inner = [tag for tag in faces if len(gmsh.model.getAdjacencies(2, tag)[0]) == 2]
                gmsh.model.addPhysicalGroup(2, inner, name="junctions")
            gmsh.option.setNumber("Mesh.MshFileVersion", version)
            gmsh.option.setNumber("Mesh.Binary", 1)
            gmsh.write(str(path))
    comm.barrier()
    return path


def check(shape, comm, regions=PLAN.regions, boundaries=PLAN.boundaries):
    """Names, volumes and areas of the mesh that comes out are those of the module."""
    import ufl
    from dolfinx import fem

    mesh = Mesh.of(mesh_model(shape, MeshOptions(), comm))
    dx = ufl.Measure("dx", mesh.domain, subdomain_data=mesh.cells)
    ds = ufl.Measure("ds", mesh.domain, subdomain_data=mesh.facets)
    one = fem.Constant(mesh.domain, 1.0)

    def total(measure):
        return comm.allreduce(fem.assemble_scalar(fem.form(one * measure)))

    names = shape.names()
    assert set(mesh.regions) == set(names.regions) == set(regions)
    assert set(mesh.boundaries) == set(names.boundaries) == set(boundaries)
    for region in regions:
        assert total(dx(mesh.regions[region])) == pytest.approx(PLAN.volumes[region], rel=1e-11)
    for boundary in boundaries:
        assert total(ds(mesh.boundaries[boundary])) == pytest.approx(PLAN.boundary_areas[boundary], rel=1e-11)
        assert set(names.boundaries[boundary]) == set(MODULE.names().boundaries[boundary])
    areas = {frozenset(pair.split("/")): area for pair, area in names.interfaces.items()}
    expected = {frozenset(pair.split("/")): area for pair, area in PLAN.interfaces.items()}
    assert areas == pytest.approx(expected, rel=1e-11)


# ---- round trips ---------------------------------------------------------------------------------
@pytest.mark.parametrize("cells", CELLS)
@pytest.mark.parametrize("version", [2.2, 4.1])
def test_msh(cells, version, shared_tmp, comm):
    write_msh(shared_tmp, comm, cells, version)
    check(load(shared_tmp, "module.msh", unit="mm"), comm)


@pytest.mark.parametrize("cells", CELLS)
def test_vtu_of_our_own(cells, shared_tmp, comm):
    write_mesh(mesh_model(MODULE, options(cells), comm), shared_tmp)
    numbers = json.loads((shared_tmp / "mesh.json").read_text())
    sets = {entry["number"]: name for kind in numbers.values() for name, entry in kind.items()}
    check(load(shared_tmp, "mesh.vtu", sets=sets), comm)


def write_inp(path, mesh):
    """A deck with every way to name a set: on the element line, listed, generated, surface, node set."""
    width = mesh.cells.shape[1]
    lines = ["** a comment", "*HEADING", "two legs", "*NODE, NSET=ALL_NODES"]
    lines += [f"{k + 1}, {x!r}, {y!r}, {z!r}" for k, (x, y, z) in enumerate(mesh.points.tolist())]
    kind, shell = {4: ("C3D4", "S3"), 8: ("C3D8", "S4")}[width]
    for half in (0, 1):  # two blocks of one set
        lines.append(f"*Element, type={kind}, elset=n_legs")
        for c in np.flatnonzero(mesh.region_of_cell == 0)[half::2]:
            lines.append(", ".join(str(v) for v in (c + 1, *(mesh.cells[c] + 1))))
    lines.append(f"*ELEMENT, TYPE={kind}")
    for c in np.flatnonzero(mesh.region_of_cell != 0):
        row = [str(v) for v in (c + 1, *(mesh.cells[c] + 1))]
        lines += [", ".join(row[:5]) + ",", ", ".join(row[5:])] if width == 8 else [", ".join(row)]
    for region, name in enumerate(mesh.regions[1:], 1):
        lines.append(f"*ELSET, ELSET={name}")
        lines += [f"{c + 1}," for c in np.flatnonzero(mesh.region_of_cell == region)]
    lines += ["*ELSET, ELSET=EVERYTHING, GENERATE", f"1, {len(mesh.cells)}, 1"]
    base = len(mesh.cells) + 1
    sides = {name: mesh.facets[mesh.boundary_of_facet == k] for k, name in enumerate(mesh.boundaries)}
    lines.append(f"*ELEMENT, TYPE={shell}, ELSET=hot")
    for k, facet in enumerate(sides["hot"].tolist()):
        lines.append(", ".join(str(v) for v in (base + k, *(n + 1 for n in facet))))
    lines.append("*NSET, NSET=cold")
    lines += [str(n + 1) for n in np.unique(sides["cold"])]
    lines.append("*SURFACE, NAME=plus, TYPE=ELEMENT")
    numbering = {
        4: [(0, 1, 2), (0, 1, 3), (1, 2, 3), (0, 2, 3)],
        8: [(0, 1, 2, 3), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (0, 3, 7, 4)],
    }[width]
    wanted = {frozenset(f) for f in sides["plus"].tolist()}
    for c, corners in enumerate(mesh.cells.tolist()):
        for s, local in enumerate(numbering, 1):
            if frozenset(corners[v] for v in local) in wanted:
                lines.append(f"{c + 1}, S{s}")
    path.write_text("\n".join([*lines, "*STEP", "*END STEP"]) + "\n")


@pytest.mark.parametrize("cells", CELLS)
def test_inp(cells, shared_tmp, comm):
    write_msh(shared_tmp, comm, cells)
    if comm.rank == 0:
        write_inp(shared_tmp / "module.inp", load(shared_tmp, "module.msh").mesh)
    comm.barrier()
    sets = {name: name for name in (*PLAN.regions, "hot", "cold", "plus")}
    shape = load(shared_tmp, "module.inp", unit="mm", sets=sets)
    # `minus` was given no name in the deck, so it belongs to the remainder.
    assert set(shape.names().boundaries) == {"hot", "cold", "plus", "sides"}
    mesh = shape.mesh
    for k, name in enumerate(mesh.boundaries):
        rest = PLAN.boundary_areas["minus"] if name == "sides" else 0.0
        corners = mesh.points[mesh.facets[mesh.boundary_of_facet == k]]
        area = np.linalg.norm(np.cross(corners[:, 2] - corners[:, 0], corners[:, -1] - corners[:, 1]), axis=1)
        assert area.sum() / 2 == pytest.approx(PLAN.boundary_areas[name] + rest, rel=1e-11)
    data = mesh_model(shape, MeshOptions(), comm)
    counts = Mesh.of(data).count()
    assert counts == {name: int((mesh.region_of_cell == k).sum()) for k, name in enumerate(mesh.regions)}


def test_rename_and_choose(shared_tmp, comm):
    write_msh(shared_tmp, comm)
    sets = {**{name: name for name in PLAN.regions}, "n_legs": "legs_n", "hot": "top"}
    names = load(shared_tmp, "module.msh", sets=sets).names()
    assert names.regions[0] == "legs_n"
    assert set(names.boundaries) == {"top", "sides"}


def test_surface_sets_inside_are_left_out(shared_tmp, comm):
    write_msh(shared_tmp, comm, inside=True)
    assert "junctions" not in load(shared_tmp, "module.msh").names().boundaries
    sets = {name: name for name in (*PLAN.regions, "junctions")}
    with pytest.raises(InputError, match="'junctions' has no face on the surface"):
        load(shared_tmp, "module.msh", sets=sets).names()


# ---- refusals ------------------------------------------------------------------------------------
CUBES = np.array([[x, y, z] for z in (0, 1, 2) for y in (0, 1) for x in (0, 1)], dtype=float)
HEX = np.array([[0, 1, 3, 2, 4, 5, 7, 6], [4, 5, 7, 6, 8, 9, 11, 10]])


def vtu(folder, comm, blocks, region=None, points=CUBES, array="region"):
    # Another rank may still be reading the file before.
    comm.barrier()
    if comm.rank == 0:
        data = {} if region is None else {array: region}
        meshio.Mesh(points, blocks, cell_data=data).write(folder / "x.vtu")
    comm.barrier()
    return "x.vtu"


def refusal(folder, comm, path, **more):
    """The text of the error; `mesh_model` gives the same one on every rank."""
    shape = load(folder, path, **more)
    with pytest.raises(InputError) as caught:
        mesh_model(shape, MeshOptions(), comm)
    assert len(set(comm.allgather(str(caught.value)))) == 1
    with pytest.raises(InputError):
        shape.names()
    return str(caught.value)


def test_two_cubes_with_numbers(shared_tmp, comm):
    blocks = [("hexahedron", HEX), ("quad", np.array([[8, 9, 11, 10], [4, 5, 7, 6]]))]
    path = vtu(shared_tmp, comm, blocks, [[1, 2], [7, 9]])
    names = load(shared_tmp, path, sets={1: "leg", 2: "strap", 7: "hot"}).names()
    assert names.regions == ("leg", "strap")
    assert names.boundaries == {"hot": ("strap",), "sides": ("leg", "strap")}
    assert names.interfaces == {"leg/strap": pytest.approx(1.0)}


def test_no_volume_cells(shared_tmp, comm):
    path = vtu(shared_tmp, comm, [("triangle", [[0, 1, 2]])], [[1]])
    assert "no volume cells" in refusal(shared_tmp, comm, path)


def test_mixed_and_quadratic_cells(shared_tmp, comm):
    path = vtu(shared_tmp, comm, [("hexahedron", HEX[:1]), ("tetra", [[4, 5, 6, 8]])], [[1], [2]])
    assert "hexahedron, tetra" in refusal(shared_tmp, comm, path)
    path = vtu(shared_tmp, comm, [("wedge", [[0, 1, 2, 4, 5, 6]])], [[1]])
    assert "volume cells are wedge" in refusal(shared_tmp, comm, path)


def test_no_region_data(shared_tmp, comm):
    path = vtu(shared_tmp, comm, [("hexahedron", HEX)], [[1, 2]], array="material")
    assert "no cell data called 'region' (there is: material)" in refusal(shared_tmp, comm, path)
    assert load(shared_tmp, path, array="material").names().regions == ("1", "2")
    path = vtu(shared_tmp, comm, [("hexahedron", HEX)], [[1.5, 2.0]])
    assert "not one whole number per cell" in refusal(shared_tmp, comm, path)


def test_sets_that_do_not_fit(shared_tmp, comm):
    blocks = [("hexahedron", HEX), ("quad", np.array([[8, 9, 11, 10]]))]
    path = vtu(shared_tmp, comm, blocks, [[1, 2], [2]])
    assert "no set '5'; the sets are: 1, 2" in refusal(shared_tmp, comm, path, sets={5: "leg"})
    assert "1 of 2 cells are in no region" in refusal(shared_tmp, comm, path, sets={1: "leg"})
    assert "both a region and a boundary" in refusal(shared_tmp, comm, path)
    path = vtu(shared_tmp, comm, blocks, [[1, 2], [3]])
    assert "there are no regions" in refusal(shared_tmp, comm, path, sets={3: "hot"})


def test_cracked_and_doubled_meshes(shared_tmp, comm):
    apart = np.concatenate([CUBES, CUBES[4:8]])
    cells = np.array([HEX[0], [12, 13, 15, 14, 8, 9, 11, 10]])
    path = vtu(shared_tmp, comm, [("hexahedron", cells)], [[1, 2]], points=apart)
    assert "4 points lie on another one" in refusal(shared_tmp, comm, path)
    cells = np.array([HEX[0], HEX[0], HEX[0]])
    path = vtu(shared_tmp, comm, [("hexahedron", cells)], [[1, 2, 3]])
    assert "some cells overlap" in refusal(shared_tmp, comm, path)


def test_overlapping_sets(shared_tmp, comm):
    write_msh(shared_tmp, comm)
    if comm.rank == 0:
        write_inp(shared_tmp / "module.inp", load(shared_tmp, "module.msh").mesh)
    comm.barrier()
    text = refusal(shared_tmp, comm, "module.inp")
    assert "'EVERYTHING' share" in text
    assert "sets: {SET: NAME}" in text


def test_empty_and_broken_files(shared_tmp, comm):
    texts = {
        "a.inp": "*NODE\n1, 0, 0, 0\n",
        "b.inp": "*ELEMENT, TYPE=C3D4\n1, one\n",
        "c.inp": "*NODE\n1,0,0,0\n*ELEMENT, TYPE=C3D10\n1,1,1,1,1,1,1,1,1,1,1\n",
        "d.msh": "nothing",
        "e.vtu": "nothing",
        "f.inp": "*NODE\n1,0,0,0\n2,1,0,0\n3,0,1,0\n4,0,0,1\n*ELEMENT, TYPE=C3D4\n1,1,2,3,4\n",
    }
    if comm.rank == 0:
        for name, text in texts.items():
            (shared_tmp / name).write_text(text)
    comm.barrier()
    assert "no volume cells" in refusal(shared_tmp, comm, "a.inp")
    assert "*ELEMENT" in refusal(shared_tmp, comm, "b.inp")
    assert "C3D10" in refusal(shared_tmp, comm, "c.inp")
    assert "d.msh" in refusal(shared_tmp, comm, "d.msh")
    assert "e.vtu" in refusal(shared_tmp, comm, "e.vtu")
    assert "no named set of volume cells" in refusal(shared_tmp, comm, "f.inp")


def test_path_and_unit(tmp_path):
    (tmp_path / "x.stl").touch()
    for path, text in (("x.stl", "'.stl' are not read, only .msh, .vtu, .inp"), ("y.msh", "no such file")):
        with pytest.raises(ValidationError, match=text):
            load(tmp_path, path)
    with pytest.raises(ValidationError, match="wrong dimension"):
        load(tmp_path, "x.msh", unit="kg")


def test_size_does_nothing(shared_tmp, comm):
    write_msh(shared_tmp, comm)
    with pytest.raises(InputError, match="a mesh from a file keeps its elements"):
        mesh_model(load(shared_tmp, "module.msh"), MeshOptions(size="1 mm"), comm)


@pytest.mark.serial
def test_picture(shared_tmp, comm):
    import matplotlib.image

    write_mesh(mesh_model(MODULE, options(), comm), shared_tmp)
    path = draw_mesh(shared_tmp)
    image = matplotlib.image.imread(path)
    assert image.shape[0] > 800
    # The colours of the legend are in the picture: orange p legs, red hot side, and not as a spot only.
    for colour in ((0.0, 0.62, 0.45), (0.84, 0.37, 0.0)):
        assert (np.abs(image[..., :3] - colour).max(axis=-1) < 0.1).mean() > 0.005
