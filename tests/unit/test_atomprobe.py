"""Atom probe: null by relabelling, lengths of made-up alloys, the paper's construction, and the command."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import dblquad

from thermolyte import cli
from thermolyte.atomprobe import analysis as analysis_module
from thermolyte.atomprobe import ladder as ladder_module
from thermolyte.atomprobe import synthetic
from thermolyte.atomprobe.counts import count
from thermolyte.atomprobe.events import read_events
from thermolyte.atomprobe.ladder import ladder, relabelled, rung
from thermolyte.atomprobe.lengths import Correlation, Refusal, correlation, kept_share, representative_size
from thermolyte.atomprobe.ranges import read_ranges
from thermolyte.atomprobe.sume import cells, floor, limited_area, tangent, tangents
from thermolyte.atomprobe.synthetic import COCUFENI, Alloy
from thermolyte.materials.entropy import entropy, expected_entropy
from thermolyte.results.tables import Table

pytestmark = pytest.mark.serial
X = np.array(list(COCUFENI.values()))
RNG = np.random.default_rng


@pytest.fixture(autouse=True)
def _little_effort(monkeypatch):
    """Few relabellings: bands are a little less sharp."""
    monkeypatch.setattr(ladder_module, "EFFORT", 4e6)


def random_cubes(cubes: int, atoms: float, seed: int = 1):
    """Counts of a random alloy."""
    rng = RNG(seed)
    return rng.multinomial(np.maximum(rng.poisson(atoms, cubes), 1), X)


def rungs_of(folder, sizes, **alloy):
    pos, rrng = synthetic.write(Alloy(**alloy), folder)
    return ladder(count(read_events(pos), read_ranges(rrng), sizes).cubes, RNG(1))


# ---- null ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("atoms", [8, 32, 250])
def test_relabelling_has_the_exact_mean(atoms):
    counts = random_cubes(2000, atoms)
    means, spread = relabelled(counts, RNG(2))
    exact = expected_entropy(counts.sum(axis=1), counts.sum(axis=0) / counts.sum()).mean()
    assert means.mean() == pytest.approx(exact, abs=4 * means.std() / math.sqrt(len(means)) + 1e-5)
    one = random_cubes(200_000, atoms, seed=3)
    assert spread == pytest.approx(entropy(one / one.sum(axis=1, keepdims=True)).std(), rel=0.03)


def test_the_band_holds_95_percent_of_random_alloys():
    inside = [
        (r := rung(1.0, c, c.sum(axis=0) / c.sum(), RNG(k))).low <= r.entropy <= r.high
        for k in range(40)
        if (c := random_cubes(100, 32, seed=100 + k)) is not None
    ]
    assert 34 <= sum(inside) <= 40  # 38 ± 1.4


def test_a_mixture_of_two_alloys_has_the_deficit_that_theory_gives():
    rng = RNG(1)
    n = np.full(20_000, 400)
    counts = np.where(rng.random((len(n), 1)) < 0.5, rng.multinomial(n, [0.6, 0.4]), rng.multinomial(n, [0.4, 0.6]))
    r = rung(2.0, counts, counts.sum(axis=0) / counts.sum(), rng)
    exact = expected_entropy(400, [0.5, 0.5]) - expected_entropy(400, [0.6, 0.4])
    assert r.significant
    assert r.deficit == pytest.approx(float(exact), abs=4 * r.error)
    assert r.g_test.p < 1e-12


def test_the_g_test_is_made_only_where_it_is_valid():
    assert rung(1.0, random_cubes(2000, 32), X, RNG(1)).g_test is None
    valid = rung(2.0, random_cubes(2000, 260), X, RNG(1)).g_test
    assert (valid.degrees, valid.statistic) == (1999 * 3, pytest.approx(1999 * 3, abs=4 * math.sqrt(2 * 1999 * 3)))
    rare = RNG(1).multinomial(np.full(500, 300), [0.01, 0.99])
    assert rung(2.0, rare, rare.sum(axis=0) / rare.sum(), RNG(1)).g_test is None


# ---- the paper's construction ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("sizes", "axis", "expected"),
    [
        ((1, 2), "linear", 2 + 1 / 7),
        ((1, 2.5), "linear", 2.603),
        ((1, 2, 3), "linear", 2.804),
        ((1, 2, 3), "log", 2.77),
    ],
)
def test_the_tangent_has_a_floor(sizes, axis, expected):
    assert floor(sizes, axis) == pytest.approx(expected, abs=1e-3)
    null = expected_entropy(2000 * np.array(sizes) ** 3, X)  # many atoms: the floor, for any composition
    assert tangent(sizes, null, float(entropy(X)), axis) == pytest.approx(expected, abs=2e-3)


def test_the_null_of_the_papers_sample():
    null = expected_entropy([32, 258, 870], X)
    S = float(entropy(X))
    assert tangent((1, 2), null[:2], S) == pytest.approx(2.13, abs=0.02)
    assert tangent((1, 2, 3), null, S) == pytest.approx(2.79, abs=0.01)


def test_cells_of_the_papers_unit():
    assert cells(3.01, 0.35834) == pytest.approx(592.7, abs=0.05)


def test_tangent_through_given_points():
    assert tangent([1, 2], [1.0, 1.2], 1.3) == pytest.approx(2.5)
    assert tangent([1, math.e], [1.0, 1.2], 1.3, "log") == pytest.approx(math.exp(1.5))


def test_few_cubes_scatter_around_the_floor():
    cubes = {L: random_cubes(min(64_000 // int(L) ** 3, 5000), 32 * L**3) for L in (1.0, 2.0, 3.0, 5.0, 40.0)}
    found = limited_area(cubes, float(entropy(X)), RNG(1))
    assert found.cubes == (9, 9, 9, 9, 1)
    low, high = found.interval
    assert low < 2.79 < high
    assert (low, high) == (pytest.approx(2.66, abs=0.06), pytest.approx(3.12, abs=0.08))


# ---- lengths ---------------------------------------------------------------------------------------------------------
def test_share_that_is_left_in_averages():
    sigma, L = 0.7, 2.0
    integral = dblquad(lambda x, y: math.exp(-((x - y) ** 2) / (4 * sigma**2)), 0, L, 0, L)[0] / L**2
    assert kept_share(L, sigma) == pytest.approx(integral, rel=1e-9)
    assert kept_share(1e-4, 1.0) == pytest.approx(1, abs=1e-8)
    assert kept_share(1e4, 1.0) == pytest.approx(2 * math.sqrt(math.pi) / 1e4, rel=1e-3)


def test_integral_range():
    assert Correlation(0.5, 0, 0.1, 0, 40.0).integral_range == pytest.approx(5.57, abs=0.005)


@pytest.mark.parametrize(("sigma", "edge"), [(0.5, 24), (1.0, 30), (3.0, 40)])
def test_the_length_of_the_clusters_is_found(tmp_path, sigma, edge):
    rungs, x = rungs_of(tmp_path, [1, 2, 3, 5, 10, 20], cluster=sigma, edge=edge, seed=1)
    found = correlation(rungs)
    assert isinstance(found, Correlation)
    assert found.sigma == pytest.approx(sigma, rel=0.1)
    t = tangents(rungs, float(entropy(x)))[0]
    assert t.null == pytest.approx(2.13, abs=0.03)
    assert t.length > t.null + 0.2


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_alloys_have_no_length(tmp_path, seed):
    rungs, _ = rungs_of(tmp_path, [1, 2, 3, 5, 10], edge=20, seed=seed)
    found = correlation(rungs)
    assert isinstance(found, Refusal)
    assert "inside of the 95 % band of a random alloy" in found.reason
    assert representative_size(rungs) == 1


def test_the_representative_size_is_read_from_the_deficits(tmp_path):
    rungs, _ = rungs_of(tmp_path, [1, 2, 3, 5, 10], cluster=1.0, edge=30)
    deficits = {r.size: r.deficit for r in rungs}
    assert deficits[5] > 0.01 > deficits[10] > 0.003
    assert representative_size(rungs) == 10
    assert representative_size(rungs, tolerance=0.03) == 5
    assert representative_size(rungs, tolerance=1e-3) is None


# ---- the command -----------------------------------------------------------------------------------------------------
@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Runs `thermolyte atomprobe` in an empty folder; returns what was said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "1000")

    def call(*argv: str, code: int = 0) -> str:
        assert cli.main(["atomprobe", *argv]) == code
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return err if code else out

    return call


def test_from_made_up_data_to_a_report(command, tmp_path):
    said = command("--synthetic", "made", "--cluster", "1", "--edge", "20", "--seed", "3")
    assert said.splitlines()[-1] == "thermolyte atomprobe made/made.pos --ranges made/made.rrng"
    said = command("made/made.pos", "--ranges", "made/made.rrng", "--sizes", "1,2,3,5,10", "--lattice", "0.35834")
    assert "The species cluster: in cubes of 1, 2, 3" in said
    assert "unit cells" in said
    folder = tmp_path / "results" / "made"
    result = json.loads((folder / "result.json").read_text())
    assert result["correlation"]["sigma"] == pytest.approx(1.0, rel=0.15)
    assert result["smallest_unit_of_maximal_entropy"][0]["floor"] == pytest.approx(2.143, abs=1e-3)
    assert result["verdict"][0] in (folder / "report.html").read_text().replace("&#x27;", "'")
    table = Table.read(folder / "sizes.csv")
    assert table.units["size"] == "nm"
    assert table["deficit"] == pytest.approx([s["deficit"] for s in result["sizes"]])
    assert len(Table.read(folder / "limited_area.csv")) == 5
    assert (folder / "entropy.png").stat().st_size > 20_000


def test_made_up_data_are_what_was_asked_for(command):
    command("--synthetic", "a", "--composition", "Co:0.3,Ni:0.7", "--edge", "10", "--efficiency", "0.5")
    data, ranges = read_events(Path("a/a.pos")), read_ranges(Path("a/a.rrng"))
    found = count(data, ranges, [1, 2, 5])
    atoms = found.cubes[1].sum()
    assert found.species == ["Co", "Ni"]
    assert found.cubes[1].sum(axis=0)[0] / atoms == pytest.approx(0.3, abs=0.01)
    assert atoms == pytest.approx(0.5 * 1000 * 4 / 0.35834**3, rel=0.03)
    assert found.ranged == found.ions == atoms
    command("--synthetic", "b/a", "--composition", "Co:0.3,Ni:0.7", "--edge", "10", "--efficiency", "0.5")
    assert Path("a/a.pos").read_bytes() == Path("b/a/a.pos").read_bytes()


def test_few_atoms_are_told(command):
    command("--synthetic", "few", "--edge", "20", "--efficiency", "0.06")
    said = command("few/few.pos", "--ranges", "few/few.rrng", "--sizes", "1,2,3,5,10")
    assert "Cubes of 1 nm have fewer than 10 atoms (5 at 1 nm): by chance alone the entropy of one scatters by" in said
    assert "Only the mean of all" in said
    assert "The alloy is random as far as this measurement shows" in said
    assert "No length:" in said


def test_molecular_ions_are_warned_of(command, tmp_path):
    command("--synthetic", "m", "--edge", "12")
    file = tmp_path / "m" / "m.rrng"
    file.write_text(file.read_text().replace("Ni:1", "Ni:1 Cu:1"))
    assert "of the atoms come from an ion with another counted atom" in command(
        "m/m.pos", "--ranges", "m/m.rrng", "--sizes", "1,2,4"
    )


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ("", "name a sample and its ranges"),
        ("x.pos", "name a sample and its ranges"),
        ("x.pos --ranges x.rrng", "x.pos: no such file"),
        ("s/s.pos --ranges x.rrng", "x.rrng: No such file"),
        ("s/s.pos --ranges s/s.rrng --sizes 1,2", "three sizes or more are needed"),
        ("s/s.pos --ranges s/s.rrng --sizes 1,2,-3", "all above 0 nm"),
        ("s/s.pos --ranges s/s.rrng --sizes 1;2", "with commas between"),
        ("s/s.pos --ranges s/s.rrng --sizes 1,5,50", "only 1, 5 nm fit into the sample"),
        ("s/s.pos --ranges s/s.rrng --exclude C", "--exclude C: no range has it"),
        ("s/s.pos --ranges s/s.rrng --lattice -1", "--lattice -1"),
        ("s/s.pos --ranges s/s.rrng --cluster 1", "--cluster is for --synthetic only"),
        ("s/s.pos --ranges s/s.rrng --synthetic d", "leave out SAMPLE and --ranges"),
        (
            "--synthetic d --composition Co:-0.1,Ni:1.1",
            "--composition: the fraction of Co is -0.1: it must be 0 or more",
        ),
        ("--synthetic d --composition Co:0.5", "add up to 0.5, not to 1"),
        ("--synthetic d --sizes 1,2,3", "--sizes is for the analysis of a sample"),
        ("--synthetic d --composition Co=0.5", "write ELEMENT:FRACTION"),
        ("--synthetic d --efficiency 2", "--efficiency 2"),
        ("--synthetic d --edge 0.1", "smaller than a unit cell"),
        ("--synthetic d --cluster 0.01", "--cluster 0.01: too short for a box of 40 nm"),
    ],
)
def test_wrong_input_is_one_message(command, argv, message):
    command("--synthetic", "s", "--edge", "6")
    said = command(*argv.split(), code=2)
    assert message in said


def test_one_species_alone_is_not_mixed(command):
    command("--synthetic", "s", "--edge", "6", "--composition", "Co:1,Ni:0")
    assert "only Co was found" in command("s/s.pos", "--ranges", "s/s.rrng", "--sizes", "1,2,3", code=2)


def test_data_that_are_cut_off(command, tmp_path):
    command("--synthetic", "s", "--edge", "6")
    file = tmp_path / "s" / "s.pos"
    file.write_bytes(file.read_bytes()[:-5])
    assert "it was cut off" in command("s/s.pos", "--ranges", "s/s.rrng", code=2)


def test_steps_of_progress(tmp_path):
    pos, rrng = synthetic.write(Alloy(edge=6), tmp_path)
    data, said = read_events(pos), []
    analysis_module.analyse(data, read_ranges(rrng), [1, 2, 3], done=said.append)
    assert len(said) == analysis_module.steps(data, [1, 2, 3])


def test_one_size_far_below_the_band_is_enough_for_a_verdict(tmp_path):
    """Cubes of 0.5 nm have too few atoms, and at 1 nm the deficit is hundreds of bands wide: not one of twenty."""
    rungs, _ = rungs_of(tmp_path, (0.5, 1.0), edge=16.0, cluster=1.0)
    assert rungs[-1].certain
    assert "The species cluster" in analysis_module._mixed(rungs[-1:])
    assert isinstance(correlation(rungs), Refusal)
    assert "three sizes" in correlation(rungs).reason
