"""Shapes: names and areas by arithmetic, the serpentine, the meshes against the arithmetic, and refusals."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import ufl
from dolfinx import fem
from pydantic import TypeAdapter, ValidationError

from thermolyte.errors import InputError
from thermolyte.geometry import Geometry, MeshOptions, mesh_model
from thermolyte.geometry.arrays import exterior_facets
from thermolyte.geometry.gmsh_session import session
from thermolyte.mesh import Mesh

SHAPES = TypeAdapter(Geometry)
BODY = {"width": "3.8 mm", "height": "6 mm"}
LEG = {"shape": "leg", **BODY}
PADS = {"pads": {"thickness": "0.3 mm", "overhang": "0.5 mm"}}
COUPLE = {
    "shape": "couple",
    "n": {"width": "3 mm", "height": "4 mm"},
    "p": {"width": "3.6 mm", "depth": "2.5 mm", "height": "4 mm"},
    "gap": "1 mm",
}
STRAPS = {"straps": {"thickness": "0.3 mm"}}
MODULE = {"shape": "module", "pairs": 2, "n": BODY, "gap": "1 mm", **STRAPS}
PLATES = {"plates": {"thickness": "0.6 mm", "overhang": "0.7 mm"}}
SEGMENTED = {"shape": "leg", "width": "2 mm", "segments": [{"height": "1 mm"}, {"height": "2 mm"}]}
TINY = {"n": {"width": "20 um", "height": "30 um"}, "gap": "5 um", "straps": {"thickness": "2 um"}}
OTHER_P = {"width": "3 mm", "depth": "3.3 mm", "height": "6 mm"}
LAYERS = [
    {"name": "metallisation", "thickness": "10 um", "legs": ["n", "p"]},
    {"name": "solder", "thickness": "60 um", "sides": ["hot"]},
]


def shape(data, **more):
    return SHAPES.validate_python({**data, **more})


def refusal(data, **more):
    with pytest.raises(ValidationError) as caught:
        shape(data, **more)
    return "; ".join(e["msg"] for e in caught.value.errors())


# ---- names and areas -----------------------------------------------------------------------------
def test_bare_leg():
    names = shape(LEG).names()
    assert names.regions == ("leg",)
    assert names.boundaries == {b: ("leg",) for b in ("hot", "cold", "sides")}
    assert names.interfaces == {}


def test_leg_with_pads():
    leg = shape(LEG, **PADS)
    assert leg.names().regions == ("leg", "hot_pad", "cold_pad")
    assert leg.names().interfaces == pytest.approx({"leg/hot_pad": 3.8e-3**2, "leg/cold_pad": 3.8e-3**2})
    assert leg.names().boundaries["hot"] == ("hot_pad",)
    assert leg.device().leg_area == pytest.approx(3.8e-3**2)
    assert leg.device().footprint == pytest.approx(4.8e-3**2)


def test_column_has_no_singular_junction():
    from thermolyte.geometry.sizing import junctions

    assert junctions(shape(LEG, pads={"thickness": "1 mm"}).blueprint) == []
    assert len(junctions(shape(LEG, **PADS).blueprint)) == 2


def test_segments_from_the_cold_end():
    data = {
        "shape": "leg",
        "width": "2 mm",
        "segments": [{"height": "1 mm"}, {"name": "skutterudite", "height": "3 mm"}],
    }
    leg = shape(data)
    assert leg.names().regions == ("leg_1", "skutterudite")
    assert leg.names().boundaries["cold"] == ("leg_1",)
    assert leg.names().boundaries["hot"] == ("skutterudite",)
    assert leg.blueprint.volumes == pytest.approx({"leg_1": 4e-9, "skutterudite": 12e-9})
    couple = shape(COUPLE, n={**{k: v for k, v in data.items() if k != "shape"}})
    assert couple.names().regions == ("n_legs_1", "n_skutterudite", "p_legs")
    assert couple.device().legs == ("n_legs_1", "n_skutterudite", "p_legs")


def test_bare_couple():
    couple = shape(COUPLE)
    assert couple.names().boundaries == {
        "hot": ("n_legs", "p_legs"),
        "n_cold": ("n_legs",),
        "p_cold": ("p_legs",),
        "sides": ("n_legs", "p_legs"),
    }
    areas = couple.blueprint.boundary_areas
    assert areas["n_cold"] == pytest.approx(9e-6)
    assert areas["p_cold"] == pytest.approx(9e-6)
    assert areas["hot"] == pytest.approx(18e-6)
    assert areas["sides"] == pytest.approx(4e-3 * (12e-3 + 12.2e-3))


def test_two_pair_module():
    module = shape(MODULE)
    names = module.names()
    a = 3.8e-3**2
    assert names.regions == ("n_legs", "p_legs", "hot_straps", "cold_straps")
    assert list(names.boundaries) == ["hot", "cold", "plus", "minus", "sides"]
    assert names.boundaries["plus"] == names.boundaries["minus"] == ("cold_straps",)
    assert names.interfaces == pytest.approx({f"{k}_legs/{s}_straps": 2 * a for k in "np" for s in ("hot", "cold")})
    regions = [box.region for box in module.blueprint.boxes]
    assert regions.count("hot_straps") == 2
    # Three cold straps and the two leads.
    assert regions.count("cold_straps") == 5
    device = module.device()
    assert device.leg_area == pytest.approx(4 * a)
    assert device.footprint == pytest.approx(8.6e-3**2)
    assert device.pairs == 2
    assert shape(MODULE, footprint="1 cm^2").device().footprint == pytest.approx(1e-4)
    assert shape(MODULE, **PLATES).device().footprint == pytest.approx(1e-4)
    assert module.blueprint.boundary_areas["plus"] == pytest.approx(3.8e-3 * 0.3e-3)
    assert module.blueprint.boundary_areas["cold"] == pytest.approx(2 * a + 8.6e-3 * 3.8e-3)


def test_layers_from_the_leg_outwards():
    module = shape(MODULE, layers=LAYERS, **PLATES)
    a = 2 * 3.8e-3**2
    assert module.names().regions[2:6] == ("n_metallisation", "p_metallisation", "n_solder", "p_solder")
    assert module.names().interfaces == pytest.approx(
        {
            "n_legs/n_metallisation": 2 * a,
            "p_legs/p_metallisation": 2 * a,
            "n_metallisation/n_solder": a,
            "p_metallisation/p_solder": a,
            "n_metallisation/cold_straps": a,
            "p_metallisation/cold_straps": a,
            "n_solder/hot_straps": a,
            "p_solder/hot_straps": a,
            "hot_straps/hot_plate": 2 * 8.6e-3 * 3.8e-3,
            "cold_straps/cold_plate": a + 8.6e-3 * 3.8e-3 + 2 * 0.7e-3 * 3.8e-3,
        }
    )


def test_layer_on_one_type_of_leg():
    layer = {"name": "nickel", "thickness": "0.5 mm", "legs": ["n"], "sides": ["hot"]}
    taller = {"width": "3.8 mm", "height": "6.5 mm"}
    names = shape(MODULE, layers=[layer], p=taller).names()
    assert "n_nickel/hot_straps" in names.interfaces
    assert "p_legs/hot_straps" in names.interfaces
    assert not any(region.startswith("p_nickel") for region in names.regions)


# ---- the serpentine ------------------------------------------------------------------------------
def touching(boxes, candidates):
    """For each box, the candidates that share a face with it (by the corners, not by the code under test)."""
    found = []
    for box in boxes:
        low = np.maximum(np.array(box.lower), [c.lower for c in candidates])
        high = np.minimum(np.array(box.upper), [c.upper for c in candidates])
        found.append(np.flatnonzero((high >= low).all(1) & ((high > low).sum(1) == 2)).tolist())
    return found


@pytest.mark.parametrize("layout", ["square", "row"])
@pytest.mark.parametrize("pairs", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("p", [None, {"width": "2.9 mm", "depth": "5 mm", "height": "6 mm"}])
def test_current_path(pairs, layout, p):
    plan = shape(MODULE, pairs=pairs, layout=layout, p=p).blueprint
    legs = [b for b in plan.boxes if b.region.endswith("legs")]
    metal = [b for b in plan.boxes if b.region.endswith("straps")]
    assert len(legs) == 2 * pairs
    assert all(low == [] for low in touching(legs, legs))
    # Straps touch only their own lead.
    leads = [k for k, others in enumerate(touching(metal, metal)) if others]
    assert len(leads) == 4
    ends = {f.name: f for f in plan.faces if f.name in ("plus", "minus")}
    at = {name: next(k for k in leads if contains(metal[k], face)) for name, face in ends.items()}
    lead_of = dict(enumerate(touching(metal, metal)))
    strap, path = lead_of[at["minus"]][0], []
    beside = touching(metal, legs)
    while True:
        onwards = [leg for leg in beside[strap] if not path or leg != path[-1]]
        if not onwards:
            break
        assert len(onwards) == 1
        path.append(onwards[0])
        strap = next(k for k in range(len(metal)) if path[-1] in beside[k] and k != strap)
        assert metal[strap].region == ("hot_straps" if len(path) % 2 else "cold_straps")
    assert lead_of[at["plus"]] == [strap]
    assert sorted(path) == list(range(2 * pairs))
    assert [legs[k].region for k in path] == ["n_legs", "p_legs"] * pairs


def contains(box, face):
    return bool((np.array(box.lower) <= face.lower).all() and (np.array(box.upper) >= face.upper).all())


def test_square_is_as_square_as_possible():
    sides = {n: shape(MODULE, pairs=n).serpentine().columns for n in (1, 2, 3, 4, 8, 127)}
    assert sides == {1: 2, 2: 2, 3: 3, 4: 3, 8: 4, 127: 16}


def test_gap_is_kept_between_different_legs():
    legs = [b for b in shape(COUPLE).blueprint.boxes]
    assert legs[1].lower[0] - legs[0].upper[0] == pytest.approx(1e-3)


# ---- meshes against arithmetic -------------------------------------------------------------------
DEVICES = {
    "leg": (LEG, {}),
    "leg_with_pads": ({**LEG, **PADS}, {}),
    "thin_pads": ({**LEG, "pads": {"thickness": "5 um", "overhang": "0.2 mm"}}, {}),
    "segmented": (SEGMENTED, {}),
    "bare_couple": (COUPLE, {}),
    "couple": ({**COUPLE, **STRAPS, "lead": 0}, {}),
    "two_pairs": (MODULE, {}),
    "fine_junctions": (MODULE, {"refinement": 4, "size": "0.9 mm"}),
    "layers": ({**MODULE, "layers": LAYERS}, {"size": "0.9 mm"}),
    "thin_everything": (
        {
            **MODULE,
            "p": OTHER_P,
            "straps": {"thickness": "30 um"},
            "layers": LAYERS,
            "plates": {"thickness": "40 um", "overhang": "0.1 mm"},
        },
        {"size": "1.2 mm"},
    ),
    "three_pairs": ({**MODULE, "pairs": 3, **PLATES}, {"size": "1.2 mm"}),
    "micro": ({**MODULE, **TINY}, {}),
}


@pytest.mark.parametrize("cells", ["tetrahedron", "hexahedron"])
@pytest.mark.parametrize("name", DEVICES)
def test_mesh_has_the_measures_of_the_boxes(name, cells, comm):
    data, options = DEVICES[name]
    device, options = shape(data), MeshOptions(cells=cells, **options)
    mesh = Mesh.of(mesh_model(device, options, comm))
    one, plan = fem.Constant(mesh.domain, 1.0), device.blueprint

    def total(measure):
        return comm.allreduce(fem.assemble_scalar(fem.form(one * measure)))

    cell_measure = ufl.Measure("dx", mesh.domain, subdomain_data=mesh.cells)
    face_measure = ufl.Measure("ds", mesh.domain, subdomain_data=mesh.facets)
    assert list(mesh.regions) == list(plan.regions)
    assert list(mesh.boundaries) == list(plan.boundaries)
    for region, volume in plan.volumes.items():
        assert total(cell_measure(mesh.regions[region])) == pytest.approx(volume, rel=1e-12)
    for boundary, area in plan.boundary_areas.items():
        assert total(face_measure(mesh.boundaries[boundary])) == pytest.approx(area, rel=1e-12)
        assert set(mesh.regions_at(boundary)) == set(device.names().boundaries[boundary])
    # The whole surface, named or not: a crack between regions would add to it.
    assert total(face_measure) == pytest.approx(sum(plan.boundary_areas.values()), rel=1e-12)
    assert {"/".join(pair) for pair in mesh.interfaces} == set(plan.interfaces)
    for a, b in mesh.interfaces:
        quads = mesh._interior[a, b]
        inner = ufl.Measure("dS", mesh.domain, subdomain_data=[(1, quads)])
        assert total(inner(1)) == pytest.approx(plan.interfaces[f"{a}/{b}"], rel=1e-12)
    number = mesh.domain.topology.index_map(3).size_global
    expected = device.expected_cells(options)
    assert number == expected if cells == "hexahedron" else 0.5 < number / expected < 2


def test_elements_are_smaller_at_junctions(comm):
    device = shape(LEG, pads={"thickness": "1 mm", "overhang": "0.5 mm"})
    counts = []
    for refinement in (1, 2, 4, 8):
        mesh = mesh_model(device, MeshOptions(size="0.9 mm", refinement=refinement), comm).mesh
        counts.append(mesh.topology.index_map(3).size_global)
    assert all(b > 1.2 * a for a, b in pairwise(counts)), counts


def test_thin_layers_cost_few_cells(comm):
    counts = []
    for layers in ([], [{"name": "film", "thickness": "1 um"}]):
        mesh = mesh_model(shape(MODULE, layers=layers), MeshOptions(), comm).mesh
        counts.append(mesh.topology.index_map(3).size_global)
    assert counts[1] < 4 * counts[0]


@pytest.mark.serial
def test_same_mesh_twice(comm):
    a, b = (mesh_model(shape(MODULE), MeshOptions(), comm).mesh for _ in range(2))
    assert np.array_equal(a.geometry.x, b.geometry.x)


@pytest.mark.serial
def test_gmsh_of_the_caller_survives(comm):
    import gmsh

    gmsh.initialize()
    try:
        gmsh.model.add("mine")
        gmsh.option.setNumber("General.Terminal", 0)
        gmsh.option.setNumber("General.NumThreads", 2)
        mesh_model(shape(LEG), MeshOptions(), comm)
        assert gmsh.isInitialized()
        assert gmsh.model.getCurrent() == "mine"
        assert gmsh.option.getNumber("General.NumThreads") == 2
    finally:
        gmsh.finalize()
    with session():
        pass
    assert not gmsh.isInitialized()


def test_exterior_facets_of_two_tetrahedra():
    cells = np.array([[0, 1, 2, 3], [4, 2, 1, 3]])
    facets, owner = exterior_facets(cells)
    assert len(facets) == 6
    assert not any(set(f) == {1, 2, 3} for f in facets.tolist())
    assert sorted(owner) == [0, 0, 0, 1, 1, 1]


# ---- refusals ------------------------------------------------------------------------------------
def test_zero_height():
    assert "greater than 0" in refusal(LEG, height=0)
    assert "greater than 0" in refusal(LEG, width="-1 mm")


@pytest.mark.parametrize("gap", [0, "-1 mm"])
def test_overlapping_legs(gap):
    assert "would touch or overlap" in refusal(MODULE, gap=gap)


def test_height_or_segments():
    text = "either a height or a list of segments"
    assert text in refusal(LEG, segments=[{"height": "1 mm"}])
    assert text in refusal({"shape": "leg", "width": "1 mm"})


def test_names_of_segments():
    segments = [{"name": "a", "height": "1 mm"}, {"name": "a", "height": "1 mm"}]
    data = {"shape": "leg", "width": "1 mm"}
    assert "two segments are called 'a'" in refusal(data, segments=segments)
    assert "name of a pad" in refusal(data, segments=[{"name": "hot_pad", "height": 1e-3}], **PADS)
    assert "pattern" in refusal(data, segments=[{"name": "a/b", "height": "1 mm"}])


def test_names_of_layers():
    layer = {"name": "film", "thickness": "1 um"}
    assert "region 'n_film'" in refusal(MODULE, layers=[layer, layer])
    segments = {"width": "3.8 mm", "segments": [{"name": "film", "height": "6 mm"}]}
    assert "region 'n_film'" in refusal(MODULE, n=segments, layers=[layer])


def test_stacks_of_different_height():
    text = refusal(COUPLE, **STRAPS, p={"width": "3 mm", "height": "5 mm"})
    assert "0.004 m high and p legs 0.005 m" in text


def test_bare_couple_has_no_leads():
    assert "without straps" in refusal(COUPLE, lead="1 mm")
    assert "without straps" in refusal(COUPLE, **PLATES)


def test_unknown_shape_and_key():
    assert "does not match any of the expected tags" in refusal({"shape": "cone"})
    assert "Extra inputs" in refusal(LEG, heigth="1 mm")


def test_size_larger_than_a_leg(comm):
    with pytest.raises(InputError, match="larger than the narrowest dimension of a leg"):
        mesh_model(shape(LEG), MeshOptions(size="1 cm"), comm)


def test_too_many_cells(comm):
    with pytest.raises(InputError, match="million cells"):
        mesh_model(shape(MODULE), MeshOptions(size="10 um"), comm)
    with pytest.raises(InputError, match="million cells"):
        mesh_model(shape(MODULE), MeshOptions(size="10 um", cells="hexahedron"), comm)


def test_a_failure_of_gmsh_reaches_all_ranks(comm, monkeypatch):
    from thermolyte.geometry import tetrahedra

    def fail(*_):
        raise RuntimeError("no luck")

    monkeypatch.setattr(tetrahedra, "build", fail)
    with pytest.raises(InputError, match="no mesh could be made: no luck"):
        mesh_model(shape(LEG), MeshOptions(), comm)
