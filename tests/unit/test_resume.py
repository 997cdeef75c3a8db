"""A run that was stopped, by whatever, continues where it was: nothing that was solved is lost or solved again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from small_sweep import CASE, close, kept, read_result, table
from thermolyte import cli

FINDS = ("output:", "  find: [maximum_power]\noutput:")


@pytest.fixture
def run(comm, shared_tmp, capsys):
    """Runs a case text in one folder; returns the lines of progress, and result.json."""

    def call(text, *argv, code=0):
        path, output = shared_tmp / "case.yaml", shared_tmp / "results"
        if comm.rank == 0:
            path.write_text(text)
        comm.barrier()
        assert cli.main(["run", str(path), "-o", str(output), *argv]) == code, capsys.readouterr().err
        err = comm.bcast(capsys.readouterr().err)
        return [x for x in err.splitlines() if x.startswith("info") and "/" in x], read_result(output)

    return call


def test_rerun_solves_nothing_again(run):
    lines, first = run(CASE)
    assert kept(lines) == []
    assert first["solver"]["solves"] > 0
    lines, again = run(CASE)
    assert kept(lines) == [1, 2, 3, 4, 5, 6]
    assert (again["solver"]["solves"], again["resumed_points"]) == (0, 6)
    assert again["points"] == first["points"]
    assert again["balances"] == first["balances"]
    assert again["warnings"] == first["warnings"]


def test_changed_value_solves_what_it_changes(run):
    run(CASE)
    lines, result = run(CASE.replace("[400 K, 450 K]", "[400 K, 460 K]"))
    assert kept(lines) == [1, 2, 3]
    assert [p["parameters"]["boundaries.hot.temperature"] for p in result["points"]] == ["400 K"] * 3 + ["460 K"] * 3
    assert kept(run(CASE.replace("310 K", "311 K"))[0]) == []
    assert kept(run(CASE.replace("A sweep", "Another title"))[0]) == [1, 2, 3, 4, 5, 6]
    assert kept(run(CASE.replace("[0 A, 1 A, 2 A]", "{start: 0 A, stop: 2 A, points: 5}"))[0]) == [1, 3, 5, 6, 8, 10]


def test_same_value_in_another_unit_is_the_same_point(run):
    run(CASE)
    assert kept(run(CASE.replace("1 A, 2 A", "1000 mA, 2.0"))[0]) == [1, 2, 3, 4, 5, 6]


def test_fresh(run):
    run(CASE)
    lines, result = run(CASE, "--fresh")
    assert kept(lines) == []
    assert result["resumed_points"] == 0


def test_failing_point_is_reported_and_tried_again(run):
    """No power can be drawn without a temperature difference; the other points do not care."""
    text = CASE.replace(*FINDS).replace("[400 K, 450 K]", "[400 K, 310 K, 450 K]")
    lines, result = run(text, code=1)
    assert len(lines) == 12
    assert [x.endswith("FAILED") for x in lines] == [n == 7 for n in range(12)]
    assert ["error" in p for p in result["points"]] == [n == 7 for n in range(12)]
    assert "open-circuit voltage is zero" in result["points"][7]["error"]
    lines, _ = run(text, code=1)
    assert kept(lines) == [n for n in range(1, 13) if n != 8]
    lines, result = run(text.replace("[400 K, 310 K, 450 K]", "[400 K, 450 K]"))
    assert len(kept(lines)) == 8
    assert not any("error" in p for p in result["points"])


def test_line_that_was_cut_off(run, shared_tmp, comm):
    run(CASE)
    whole = table(shared_tmp / "results")
    file = shared_tmp / "results" / "points.jsonl"
    if comm.rank == 0:
        content = file.read_bytes()
        file.write_bytes(content[: content.rindex(b'"values"')] + b'"values": {"vol')
    comm.barrier()
    lines, _ = run(CASE)
    assert kept(lines) == [1, 2, 3, 4, 5]
    close(table(shared_tmp / "results"), whole)
    assert len([json.loads(line) for line in file.read_text().splitlines()]) == 6


def test_fields_belong_to_the_point(run, shared_tmp):
    """Fields that are missing, or of another case, are written again; the other points stay."""
    text = CASE.replace("fields: none", "fields: last")
    run(CASE)
    lines, _ = run(text)
    assert kept(lines) == [1, 2, 3, 4, 5]
    assert list((shared_tmp / "results" / "fields").glob("*.pvd"))
    assert len(kept(run(text)[0])) == 6
    run(text.replace("310 K", "320 K"))
    assert kept(run(text)[0]) == [1, 2, 3, 4, 5]


def test_result_is_complete(run, shared_tmp, comm):
    _, result = run(CASE.replace(*FINDS))
    assert len(result["points"]) == 8
    assert {p["objective"] for p in result["points"]} == {None, "maximum_power"}
    assert result["quantities"]["voltage"]["unit"] == "V"
    assert result["balances"]["energy"] < 1e-8
    assert result["balances"]["charge"] < 1e-10
    assert result["mesh"]["cells"] == {"leg": sum(result["mesh"]["cells_per_rank"])}
    assert len(result["mesh"]["cells_per_rank"]) == result["memory"]["ranks"] == comm.size
    assert result["solver"]["unknowns"] > 0
    assert result["timings"]["total"] > 0
    assert {"thermolyte", "python", "fenics-dolfinx", "petsc4py"} <= set(result["versions"])
    assert result["case"]["boundaries"]["hot"][0]["temperature"] == 400.0
    assert not list((shared_tmp / "results").glob("*.part"))
    rows = table(shared_tmp / "results")
    assert len(rows) == 9
    assert "voltage [V]" in rows[0]


# ---- killed ----------------------------------------------------------------------------------------------------------
LONG = CASE.replace("[0 A, 1 A, 2 A]", "{start: 0 A, stop: 2 A, points: 150}")


def start(folder, name="results"):
    (folder / "case.yaml").write_text(LONG)
    command = [sys.executable, "-m", "thermolyte", "run", "case.yaml", "-o", name]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def stop(process, file, after, how):
    """Send a signal when so many points are on disk."""
    end = time.monotonic() + 200
    while not (file.exists() and file.read_bytes().count(b"\n") >= after):
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < end
        time.sleep(0.005)
    process.send_signal(how)
    return process.communicate(timeout=100)


@pytest.mark.serial
def test_killed_sweep_continues(tmp_path):
    whole = start(tmp_path, "whole")
    _, err = whole.communicate(timeout=400)
    assert whole.returncode == 0, err

    file = tmp_path / "results" / "points.jsonl"
    stop(killed := start(tmp_path), file, 20, signal.SIGKILL)
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "results" / "result.json").exists()
    finished = file.read_bytes().count(b"\n")

    again = start(tmp_path)
    _, err = again.communicate(timeout=400)
    assert again.returncode == 0, err
    lines = [x for x in err.splitlines() if x.startswith("info") and "/300" in x]
    assert kept(lines) == list(range(1, finished + 1))
    assert len(lines) == 300
    close(table(tmp_path / "results"), table(tmp_path / "whole"))
    assert read_result(tmp_path / "results")["resumed_points"] == finished


@pytest.mark.serial
@pytest.mark.parametrize("after", [3, 4, 5, 6])
def test_interrupted(tmp_path, after):
    """Ctrl-C may come at any moment, also within a callback of PETSc, which is what the several tries are for."""
    file = tmp_path / "results" / "points.jsonl"
    out, err = stop(process := start(tmp_path), file, after, signal.SIGINT)
    assert process.returncode == 130, err
    assert err.splitlines()[-1] == "interrupted; finished points are kept, the same command continues"
    assert "Traceback" not in err
    assert "FAILED" not in err
    assert out == ""
    points = [json.loads(line) for line in file.read_text().splitlines()]
    assert len(points) >= after
    assert all("values" in p for p in points)


@pytest.mark.serial
def test_killed_while_compiling(tmp_path, monkeypatch):
    """FFCx leaves a marker for which the next run would wait in vain."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    forms = tmp_path / "thermolyte" / "forms"
    killed = start(tmp_path)
    end = time.monotonic() + 200
    while not list(forms.rglob("*.c")) and time.monotonic() < end:
        time.sleep(0.005)
    killed.kill()
    killed.communicate()
    left = [file for file in forms.rglob("*.c") if not file.with_suffix(".c.cached").exists()]
    assert left
    code = "from mpi4py import MPI; from thermolyte import compilation; compilation.prepare(MPI.COMM_WORLD)"
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ)
    assert not any(file.exists() for file in left)
