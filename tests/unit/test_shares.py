"""A sweep that is solved in shares is the sweep: same points, tables and fields, and nothing is solved twice."""

from __future__ import annotations

import json

import pytest

from small_sweep import CASE, close, kept, read_result, table
from thermolyte.errors import InputError
from thermolyte.results.lock import claim
from thermolyte.results.shares import discard, take_over
from thermolyte.studies.share import Share

FINDING = CASE.replace("output:", "  find: [maximum_power]\noutput:").replace("fields: none", "fields: all")
ONE_POINT = CASE[: CASE.index("study:")]


@pytest.fixture
def run(folder, said, shared_tmp):
    """Runs a text into a folder; returns the lines of progress."""

    def call(text, name, *argv, code=0):
        path = folder("case.yaml", text)
        err = said("run", path, "-o", shared_tmp / name, *argv, code=code)
        return [x for x in err.splitlines() if x.startswith("info") and "/" in x]

    return call


def test_shares_make_the_sweep(run, shared_tmp):
    run(FINDING, "whole")
    assert kept(run(FINDING, "shared", "--share", "3/3")) == []
    assert kept(run(FINDING, "shared", "--share", "1/3")) == []
    assert not (shared_tmp / "shared" / "result.json").exists()
    lines = run(FINDING, "shared")
    assert kept(lines) == [1, 2, 6, 7, 8]
    assert len(lines) == 8
    whole, shared = shared_tmp / "whole", shared_tmp / "shared"
    close(table(shared), table(whole))
    assert sorted(f.name for f in shared.rglob("*.pvd")) == sorted(f.name for f in whole.rglob("*.pvd"))
    assert not (shared / "shares").exists()
    assert kept(run(FINDING, "shared")) == list(range(1, 9))


def test_share_knows_what_is_finished_in_the_whole(run):
    run(CASE, "r")
    assert kept(run(CASE, "r", "--share", "2/3")) == [1, 2]
    assert kept(run(CASE, "r", "--share", "2/3", "--fresh")) == []
    assert kept(run(CASE, "r")) == [1, 2, 3, 4, 5, 6]


def test_fresh_whole_discards_shares(run, shared_tmp):
    run(CASE, "r", "--share", "2/3")
    assert kept(run(CASE, "r", "--fresh")) == []
    assert not (shared_tmp / "r" / "shares").exists()


def test_failing_point_of_a_share(run, shared_tmp, said):
    """No power can be drawn without a temperature difference; the gathering run tries it again."""
    text = FINDING.replace("[400 K, 450 K]", "[400 K, 310 K]")
    lines = run(text, "r", "--share", "2/2", code=1)
    assert [x.endswith("FAILED") for x in lines] == [False, False, False, True]
    out = said("run", shared_tmp / "case.yaml", "-o", shared_tmp / "r", "--share", "2/2", code=1, output=True)
    assert out.startswith("share 2/2: 3 points finished, 1 failed, in ")
    assert kept(run(text, "r", code=1)) == [5, 6, 7]
    assert "open-circuit voltage is zero" in read_result(shared_tmp / "r")["points"][7]["error"]


@pytest.mark.parametrize("points", [2, 7, 20, 154])
def test_shares_cover_the_points_once_and_evenly(points):
    for of in range(2, min(points, 25) + 1):
        shares = [list(range(points))[Share(k, of, points).positions] for k in range(1, of + 1)]
        assert [n for share in shares for n in share] == list(range(points))
        assert max(map(len, shares)) - min(map(len, shares)) <= 1
    assert Share.parse("3/20", 154).name == "03of20"


@pytest.mark.parametrize("text", ["0/4", "5/4", "x", "3", "3/", "/3", "-1/4", "1.5/4", "", "0/0"])
def test_not_a_share(shared_tmp, said, folder, text):
    said_text = said("run", folder("case.yaml", CASE), "-o", shared_tmp / "r", f"--share={text}")
    assert said_text.startswith(f"--share {text}: write --share 3/20 for the third of 20 shares")
    assert not (shared_tmp / "r").exists()


def test_more_shares_than_points(said, folder, shared_tmp):
    text = said("run", folder("case.yaml", CASE), "-o", shared_tmp / "r", "--share", "3/7")
    assert text == "--share 3/7: the study has 6 points: make 6 shares of it, or fewer\n"
    text = said("run", folder("case.yaml", ONE_POINT), "-o", shared_tmp / "r", "--share", "1/2")
    assert text == "--share 1/2: the study has one point, which cannot be shared: use more ranks instead\n"


def test_map_is_not_shared(said, shared_tmp, cases):
    text = said("run", cases / "operating_map", "-o", shared_tmp / "r", "--share", "1/2")
    assert text.startswith("--share 1/2: a map cannot be shared, for its solutions decide which point is solved next")
    assert not (shared_tmp / "r").exists()


def test_share_that_is_being_solved(run, shared_tmp, said, comm):
    run(CASE, "r", "--share", "1/3")
    share = shared_tmp / "r" / "shares" / "1of3"
    lock = claim(share) if comm.rank == 0 else None
    for more in ((), ("--fresh",)):
        text = said("run", shared_tmp / "case.yaml", "-o", shared_tmp / "r", *more)
        assert text.splitlines()[-1].startswith(f"{share}: another run is writing here: wait until it has ended")
    if lock:
        lock.close()
    assert kept(run(CASE, "r")) == [1, 2]


# ---- files -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def left(tmp_path):
    """What a killed share has left: a point with its tables and fields, half of another one in time."""
    share = tmp_path / "shares" / "1of2"
    for path in ("fields/fields_0001.pvd", "history_0001.csv", "history_0002.csv", "checkpoint_0002_ab.bp/data.0"):
        (share / path).parent.mkdir(parents=True, exist_ok=True)
        (share / path).write_text("share")
    (share / "points.jsonl").write_text(json.dumps({"key": "k1", "values": {}}) + "\n")
    for path in ("fields/fields_0009.pvd", "checkpoint_0002_ab.bp/data.1"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("whole")
    (tmp_path / "points.jsonl").write_text(json.dumps({"key": "k9", "values": {}}) + "\n")
    return tmp_path


def content(folder):
    return {str(f.relative_to(folder)): f.read_text() for f in folder.rglob("*") if f.is_file()}


MOVED = {
    "fields/fields_0001.pvd": "share",
    "fields/fields_0009.pvd": "whole",
    "history_0001.csv": "share",
    "history_0002.csv": "share",
    "checkpoint_0002_ab.bp/data.0": "share",
    "points.jsonl": '{"key": "k9", "values": {}}\n{"key": "k1", "values": {}}\n',
}


@pytest.mark.serial
def test_everything_is_moved_and_a_checkpoint_is_not_mixed(left):
    take_over(left, "points.jsonl")
    assert content(left) == MOVED
    take_over(left, "points.jsonl")
    assert content(left) == MOVED


@pytest.mark.serial
def test_interrupted_move_is_repeated(left, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr("shutil.rmtree", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(OSError, match="No space"):
            take_over(left, "points.jsonl")
    assert (left / "shares" / "1of2" / "points.jsonl").exists()
    take_over(left, "points.jsonl")
    found = content(left)
    assert set(found.pop("points.jsonl").splitlines()) == set(MOVED["points.jsonl"].splitlines())
    assert found == {k: v for k, v in MOVED.items() if k != "points.jsonl"}


@pytest.mark.serial
def test_discard(left):
    with pytest.raises(InputError, match="another run is writing here"), claim(left / "shares" / "1of2"):
        discard(left)
    discard(left)
    assert not (left / "shares").exists()
    assert (left / "fields/fields_0009.pvd").exists()
