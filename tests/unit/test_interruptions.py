"""A run that is started twice, stopped, loses a rank or fills the disk says so, and loses nothing."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from mpi4py import MPI

import pytest
import ufl
from dolfinx import fem, jit, mesh

import lognormal_leg
from small_sweep import CASE, kept, read_result
from thermolyte import compilation
from thermolyte.errors import InputError
from thermolyte.results.lock import claim

pytestmark = pytest.mark.serial
LONG = CASE.replace("[0 A, 1 A, 2 A]", "{start: 0 A, stop: 2 A, points: 20}")
RUN = (sys.executable, "-m", "thermolyte", "run", "case.yaml", "-o", "results")


def environment() -> dict[str, str]:
    """Without the traces of the MPI that this process has initialised."""
    traces = ("OMPI_COMM", "PMIX_", "PRTE_", "PYTEST_")
    return {k: v for k, v in os.environ.items() if not k.startswith(traces)}


def start(folder: Path, ranks: int = 1, text: str = LONG) -> subprocess.Popen[str]:
    """A run on so many ranks, of which there may be more than cores."""
    (folder / "case.yaml").write_text(text)
    before: list[str] = []
    if ranks > 1:
        told = subprocess.run(["mpirun", "--version"], env=environment(), capture_output=True, text=True, check=True)
        before = ["mpirun", *["--oversubscribe"] * ("Open MPI" in told.stdout), "-n", str(ranks)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([*before, *RUN], cwd=folder, env=environment(), **pipes)


def wait_for_points(process: subprocess.Popen[str], file: Path, number: int) -> None:
    end = time.monotonic() + 200
    while not (file.exists() and file.read_bytes().count(b"\n") >= number):
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < end
        time.sleep(0.005)


def finished(folder: Path) -> int:
    """Number of points on disk, all of them whole."""
    points = [json.loads(line) for line in (folder / "results" / "points.jsonl").read_text().splitlines()]
    assert all("values" in p for p in points)
    return len(points)


def continues(folder: Path, number: int) -> None:
    """The same command keeps these points and solves the others."""
    again = start(folder)
    _, err = again.communicate(timeout=300)
    assert again.returncode == 0, err
    assert kept([x for x in err.splitlines() if "/40" in x]) == list(range(1, number + 1))
    assert read_result(folder / "results")["resumed_points"] == number


# ---- two runs --------------------------------------------------------------------------------------------------------
def test_second_run_in_a_folder(tmp_path):
    first = start(tmp_path)
    wait_for_points(first, tmp_path / "results" / "points.jsonl", 2)
    first.send_signal(signal.SIGSTOP)  # so that it is still there
    out, err = (second := start(tmp_path)).communicate(timeout=100)
    first.send_signal(signal.SIGCONT)
    assert second.returncode == 2
    assert err == "results: another run is writing here: wait until it has ended, or give another folder with -o\n"
    assert out == ""
    _, err = first.communicate(timeout=300)
    assert first.returncode == 0, err
    assert finished(tmp_path) == 40
    assert read_result(tmp_path / "results")["resumed_points"] == 0


def test_lock_ends_with_its_process(tmp_path):
    code = "from thermolyte.results.lock import claim; import time, pathlib; "
    code += "lock = claim(pathlib.Path()); print(flush=True); time.sleep(100)"
    holder = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE)
    holder.stdout.readline()
    with pytest.raises(InputError, match="another run is writing here"):
        claim(tmp_path)
    holder.kill()
    holder.communicate()
    claim(tmp_path).close()


def test_file_system_without_locks(tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    claim(tmp_path).close()


# ---- stopped ---------------------------------------------------------------------------------------------------------
def test_killed_uncertainty_continues(tmp_path):
    """The samples are the same in the next run, so that none is solved twice, and so are their statistics."""
    text = lognormal_leg.CASE.replace("  find:", "  samples: 40\n  find:")
    (tmp_path / "whole").mkdir()
    whole = start(tmp_path / "whole", text=text)
    assert whole.wait(timeout=300) == 0, whole.communicate()[1]
    first = start(tmp_path, text=text)
    wait_for_points(first, tmp_path / "results" / "points.jsonl", 5)
    first.kill()
    first.communicate()
    number = finished(tmp_path)
    _, err = (again := start(tmp_path, text=text)).communicate(timeout=300)
    assert again.returncode == 0, err
    assert 5 <= len(kept([x for x in err.splitlines() if "/41" in x])) == number < 41
    found = [read_result(folder / "results")["uncertainty"] for folder in (tmp_path, tmp_path / "whole")]
    values = [x["quantities"]["maximum_power"]["statistics"] for x in found]
    assert [e["value"] for e in values[0].values()] == pytest.approx([e["value"] for e in values[1].values()], rel=1e-9)


@pytest.mark.parametrize("number", [1, 2])
def test_sigterm(tmp_path, number):
    process = start(tmp_path, number)
    wait_for_points(process, tmp_path / "results" / "points.jsonl", 3)
    for pid in ranks(process) if number > 1 else [process.pid]:  # Slurm sends it to all
        os.kill(pid, signal.SIGTERM)
    out, err = process.communicate(timeout=100)
    assert process.returncode == 143
    assert (
        err.count("stopped by SIGTERM, as at a time limit; finished points are kept, the same command continues") == 1
    )
    assert "Traceback" not in err
    assert "FAILED" not in err
    assert "A sweep" not in out
    assert 3 <= finished(tmp_path) < 40


def test_rank_that_dies(tmp_path):
    """The job ends, although the other rank waits for it; the points that were finished are kept."""
    process = start(tmp_path, 2)
    wait_for_points(process, tmp_path / "results" / "points.jsonl", 3)
    os.kill(ranks(process)[1], signal.SIGKILL)
    _, err = process.communicate(timeout=100)
    assert process.returncode != 0
    assert "signal 9" in err or "Killed" in err
    number = finished(tmp_path)
    assert 3 <= number < 40
    assert not (tmp_path / "results" / "result.json").exists()
    continues(tmp_path, number)


def ranks(mpirun: subprocess.Popen[str]) -> list[int]:
    """Process of each rank."""
    threads = Path(f"/proc/{mpirun.pid}/task").glob("*/children")
    children = [pid for thread in threads for pid in thread.read_text().split()]
    found = {}
    for pid in children:
        pairs = dict(x.partition("=")[::2] for x in Path(f"/proc/{pid}/environ").read_text().split("\0"))
        found[int(pairs.get("OMPI_COMM_WORLD_RANK", pairs.get("PMI_RANK", "-1")))] = int(pid)
    assert sorted(found) == [0, 1], children
    return [found[0], found[1]]


# ---- full disk -------------------------------------------------------------------------------------------------------
NAMESPACE = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
FULL = """
set -u
mkdir results && mount -t tmpfs -o size=$1 tmpfs results
shift
"$@" 2>full.err; echo $? >full.code
cp results/points.jsonl full.jsonl
mount -o remount,size=50m results
"$@" 2>again.err; echo $? >again.code
"""


def has_namespaces() -> bool:
    if shutil.which("unshare") is None:
        return False
    probe = [*NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not has_namespaces(), reason="no small disk can be made: this system allows no private mounts")
@pytest.mark.parametrize(
    ("fields", "size", "message"),
    [
        ("none", "20k", "results: no space left on device: cannot be written; finished points are kept"),
        ("all", "100k", "results/fields: the fields cannot be written (is the disk full?); finished points are kept"),
    ],
    ids=["points", "fields"],
)
def test_full_disk(tmp_path, fields, size, message):
    (tmp_path / "case.yaml").write_text(LONG.replace("fields: none", f"fields: {fields}"))
    command = [*NAMESPACE, "sh", "-c", FULL, "sh", size, *RUN]
    subprocess.run(command, cwd=tmp_path, env=environment(), check=True, stdout=subprocess.DEVNULL, timeout=400)
    err, code = (tmp_path / "full.err").read_text(), (tmp_path / "full.code").read_text()
    assert code == "1\n"
    assert message in err.splitlines()[-1]
    assert "Traceback" not in err
    lines = [x for x in (tmp_path / "full.jsonl").read_text().split("\n")[:-1] if '"values"' in x]
    assert len(lines) > 2
    again = (tmp_path / "again.err").read_text()
    assert (tmp_path / "again.code").read_text() == "0\n", again
    number = len(kept([x for x in again.splitlines() if "/40" in x]))
    assert len(lines) - 1 <= number <= len(lines)  # the last one may lack its fields


# ---- compiled forms --------------------------------------------------------------------------------------------------
def test_forms_are_spread_over_folders_and_found_again(tmp_path, monkeypatch):
    monkeypatch.setitem(jit.DOLFINX_DEFAULT_JIT_OPTIONS, "cache_dir", (tmp_path, ""))
    domain = mesh.create_unit_interval(MPI.COMM_SELF, 3)
    x = ufl.SpatialCoordinate(domain)[0]
    forms = [x**n * ufl.dx(domain) for n in range(4)]
    values = [fem.assemble_scalar(form) for form in compilation.form(forms)]
    assert values == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4])
    files = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.so")}
    assert len(files) == 4
    assert {file.parent for file in files} == {compilation.jit_options(form)["cache_dir"] for form in forms}
    assert len({file.parent for file in files}) > 1
    assert tmp_path not in {file.parent for file in files}
    compilation.form(forms)
    assert files == {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.so")}


def test_leftover_of_a_killed_compilation_beside_a_running_one(tmp_path):
    """Only a marker that is older than anyone waits for is removed while another run may be compiling."""
    (tmp_path / "a0").mkdir()
    old, new, whole = (tmp_path / "a0" / f"{name}.c" for name in ("old", "new", "whole"))
    for file in (old, new, whole):
        file.write_text("")
    whole.with_suffix(".c.cached").write_text("")
    for file in (old, whole):
        os.utime(file, (0, time.time() - 2 * compilation.PATIENCE))
    with (tmp_path / "lock").open("a") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        code = (
            f"from thermolyte import compilation; import pathlib; compilation._clean(pathlib.Path({str(tmp_path)!r}))"
        )
        subprocess.run([sys.executable, "-c", code], check=True)
    assert not old.exists()
    assert new.exists()
    assert whole.exists()


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            TimeoutError("JIT compilation timed out, probably due to a failed previous compile."),
            "within 300 s by the run",
        ),
        (
            RuntimeError("Failed JIT compilation of form: no cc"),
            "could not be compiled: Failed JIT compilation of form",
        ),
    ],
)
def test_form_that_is_waited_for_in_vain(said, folder, tmp_path, monkeypatch, error, message):
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("thermolyte.studies.simulator.Problem", fail)
    text = said("run", folder("case.yaml", CASE), "-o", tmp_path / "r", code=1)
    assert message in text.splitlines()[-1]
