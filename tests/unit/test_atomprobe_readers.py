"""Files of atom probes: ions, ranges, molecular ions, and what is wrong with a file."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from thermolyte.atomprobe import events
from thermolyte.atomprobe.counts import count
from thermolyte.atomprobe.events import read_events
from thermolyte.atomprobe.ranges import read_ranges
from thermolyte.errors import InputError
from thermolyte.units import registry

pytestmark = pytest.mark.serial
IONS = np.array([[0.5, 0.5, 0.5, 28.0], [1.5, 0.5, 0.5, 44.0], [1.5, 1.5, 0.5, 16.0], [2.5, 2.5, 2.5, 99.0]])
RRNG = """[Ions]
Number=2
Ion1=Fe
Ion2=O
[Ranges]
Number=3
Range1=27.9 28.1 Vol:0.01177 Fe:1 Color:FF0000
Range2=43.9 44.1 Vol:0.05 Fe:2 O:1 Name:Fe2O Color:00FF00
Range3=15,9 16,1 vol:0.03 O:1 color:0000FF
"""
RNG = """2 3
Fe
Fe 1.00 0.00 0.00
O
O 0.00 1.00 0.00
----------------- Fe O
. 27.9 28.1 1 0
. 43.9 44.1 2 1
. 15.9 16.1 0 1
--- polyatomic extension
. 43.9 44.1 1 1
"""


@pytest.fixture
def pos(tmp_path):
    file = tmp_path / "a.pos"
    file.write_bytes(IONS.astype(">f4").tobytes())
    return file


@pytest.fixture
def ranges(tmp_path):
    """Writes a range file and reads it."""

    def call(text, kind="rrng"):
        file = tmp_path / f"a.{kind}"
        file.write_text(text)
        return read_ranges(file)

    return call


def test_pos_in_chunks(pos, monkeypatch):
    monkeypatch.setattr(events, "CHUNK", 3)
    found, said = read_events(pos), []
    parts = list(found.chunks(said.append, "x"))
    assert (len(found), found.number_of_chunks(), said) == (4, 2, ["x", "x"])
    assert np.concatenate([xyz for xyz, _ in parts]) == pytest.approx(IONS[:, :3])
    assert np.concatenate([mass for _, mass in parts]) == pytest.approx(IONS[:, 3])
    assert all(xyz.dtype.isnative for xyz, _ in parts)


def test_epos(tmp_path):
    rows = np.zeros(4, dtype=[("f", ">f4", 9), ("u", ">u4", 2)])
    rows["f"][:, :4] = IONS
    (tmp_path / "a.epos").write_bytes(rows.tobytes())
    ((xyz, mass),) = read_events(tmp_path / "a.epos").chunks()
    assert np.column_stack([xyz, mass]) == pytest.approx(IONS)


@pytest.mark.parametrize(("text", "kind"), [(RRNG, "rrng"), (RNG, "rng")])
def test_molecular_ions_are_taken_apart(ranges, text, kind):
    found = ranges(text, kind)
    assert [r.low for r in found.ranges] == [15.9, 27.9, 43.9]
    assert found.atoms(["Fe", "O"]).tolist() == [[0, 1], [1, 0], [2, 1]]
    assert found.index(np.array([28.0, 44.0, 16.0, 99.0, 1.0, 28.2], dtype=np.float32)).tolist() == [
        1,
        2,
        0,
        -1,
        -1,
        -1,
    ]


def test_ions_of_the_header_can_be_molecules(ranges):
    found = ranges("1 1\n---- Fe2O unknown\n. 63.9 64.1 2 0\n. 80 81 0 1\n", "rng")
    assert found.atoms(["Fe", "O"]).tolist() == [[4, 2], [0, 0]]


def test_atoms_are_counted_where_they_are(pos, ranges):
    found = count(read_events(pos), ranges(RRNG), [1, 1.5, 3])
    assert (found.ions, found.ranged, found.species) == (4, 3, ["O", "Fe"])
    assert found.cubes[3].tolist() == [[2, 3]]
    assert sorted(map(tuple, found.cubes[1][found.cubes[1].any(axis=1)])) == [(0, 1), (1, 0), (1, 2)]
    assert found.cubes[1.5].shape == (8, 2)
    assert found.cubes[1.5].sum(axis=0).tolist() == [2, 3]
    assert found.paired == pytest.approx(3 / 5)


def test_blocks_and_direct_counts_agree(tmp_path, ranges):
    rng = np.random.default_rng(1)
    ions = np.column_stack([rng.uniform(-6, 6, (20_000, 3)), rng.choice([16.0, 28.0], 20_000)])
    (tmp_path / "b.pos").write_bytes(ions.astype(">f4").tobytes())
    data, r = read_events(tmp_path / "b.pos"), ranges(RRNG)
    sums, direct = count(data, r, [1, 2, 3, 6]), count(data, r, [2])
    assert np.array_equal(sums.cubes[2], direct.cubes[2])
    assert np.array_equal(sums.cubes[6], count(data, r, [6]).cubes[6])
    corner = ((ions[:, :3] < -3).all(axis=1) & (ions[:, 3] == 28)).sum()
    assert sums.cubes[3][0].tolist()[1] == corner


def test_cubes_lie_in_the_middle_of_the_sample(tmp_path, ranges):
    x = np.arange(0.25, 8, 0.5)
    xyz = np.stack(np.meshgrid(x, x, x), axis=-1).reshape(-1, 3)
    ions = np.column_stack([xyz, np.where(xyz[:, 0] < 2, 16.0, 28.0)])  # oxygen on one side
    (tmp_path / "c.pos").write_bytes(ions.astype(">f4").tobytes())
    data, r = read_events(tmp_path / "c.pos"), ranges(RRNG)
    assert count(data, r, [1, 5]).cubes[5].tolist() == [[200, 800]]  # from 1 to 6 nm, in whole cells
    assert count(data, r, [5]).cubes[5].tolist() == [[100, 900]]  # from 1.5 to 6.5 nm


def test_apt_needs_its_reader(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ifes_apt_tc_data_modeling", None)
    (tmp_path / "a.apt").write_bytes(b"APT")
    with pytest.raises(InputError, match="pip install 'ifes_apt_tc_data_modeling"):
        read_events(tmp_path / "a.apt")


def test_apt_through_its_reader(tmp_path, monkeypatch):
    nm = registry().Quantity(IONS[:, :3] / 1000, "um")

    class Reader:  # as in ifes_apt_tc_data_modeling 0.5
        def __init__(self, file_path):
            self.empty = "empty" in file_path

        def get_reconstructed_positions(self):
            return None if self.empty else nm

        def get_mass_to_charge_state_ratio(self):
            return registry().Quantity(IONS[:, 3:], "Da")

    for name in ("", ".apt", ".apt.apt6_reader"):
        monkeypatch.setitem(sys.modules, f"ifes_apt_tc_data_modeling{name}", SimpleNamespace(ReadAptFileFormat=Reader))
    for name in ("a.apt", "empty.apt"):
        (tmp_path / name).write_bytes(b"APT")
    ((xyz, mass),) = read_events(tmp_path / "a.apt").chunks()
    assert np.column_stack([xyz, mass]) == pytest.approx(IONS)
    with pytest.raises(InputError, match="holds no reconstructed positions"):
        read_events(tmp_path / "empty.apt")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "a.pos",
            b"\0" * 30,
            "a.pos: the file has 30 bytes, which is no multiple of the 16 bytes of an ion: it was cut off",
        ),
        ("a.epos", b"\0" * 48, "no multiple of the 44 bytes"),
        ("a.pos", b"", "the file is empty"),
        ("a.csv", b"1", "ions are read from .pos, .epos and .apt files"),
    ],
)
def test_files_that_are_no_ions(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_events(tmp_path / name)


def test_missing_files(tmp_path):
    with pytest.raises(InputError, match=r"x.pos: no such file"):
        read_events(tmp_path / "x.pos")
    with pytest.raises(InputError, match=r"x.rrng: No such file"):
        read_ranges(tmp_path / "x.rrng")
    with pytest.raises(InputError, match=r"ranges are read from .rrng and .rng files"):
        read_ranges(tmp_path / "x.txt")


@pytest.mark.parametrize("bad", [np.nan, 1e20])
def test_numbers_that_nobody_measures(tmp_path, bad):
    ions = IONS.copy()
    ions[2, 1] = bad
    (tmp_path / "a.pos").write_bytes(ions.astype(">f4").tobytes())
    with pytest.raises(InputError, match=r"ion 3 is at .* not a file of big-endian 4-byte floats"):
        list(read_events(tmp_path / "a.pos").chunks())


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        (
            RRNG + "Range4=28.05 29 Ni:1\n",
            "rrng",
            r"Range1 \(Fe, 27.9 to 28.1 Da\) and Range4 \(Ni, 28.05 to 29 Da\) overlap",
        ),
        (RRNG.replace("27.9 28.1", "28.1 27.9"), "rrng", "Range1 .* write the lower bound first"),
        (RRNG.replace("27.9 28.1", "27.9 x"), "rrng", "a.rrng:7: 'x' is not a number"),
        (RRNG.replace("27.9 28.1 Vol:0.01177 Fe:1 Color:FF0000", "27.9"), "rrng", "a.rrng:7: expected Range1=LOW HIGH"),
        ("[Ions]\n", "rrng", "no ranges found"),
        (RNG.replace(". 27.9 28.1 1 0", ". 27.9 28.1 1"), "rng", "a.rng:7: 1 counts for the 2 ions"),
        (RNG.replace(". 27.9 28.1 1 0", ". 27.9 28.1 y 0"), "rng", "a.rng:7: 'y' is not a number of Fe"),
    ],
)
def test_ranges_that_are_none(ranges, text, kind, message):
    with pytest.raises(InputError, match=message):
        ranges(text, kind)


def test_nothing_to_count(pos, ranges):
    with pytest.raises(
        InputError, match=r"none of 4 ions is in a range of Fe, O: they have 16 to 99 Da, .* from 1 to 3 Da"
    ):
        count(read_events(pos), ranges("Range1=1 2 Fe:1\nRange2=2 3 O:1\n"), [1])
    with pytest.raises(InputError, match="--exclude C: no range has it; known: O, Fe"):
        count(read_events(pos), ranges(RRNG), [1], exclude=["C"])
    with pytest.raises(InputError, match="two species, but the ranges leave Fe"):
        count(read_events(pos), ranges(RRNG), [1], exclude=["O"])
    with pytest.raises(InputError, match="are too many: take larger cubes"):
        count(read_events(pos), ranges(RRNG), [0.001])
