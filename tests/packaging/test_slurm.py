"""What `thermolyte batch` writes, submitted to a real Slurm: one job, an array, a time limit, and srun gone wrong."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from slurm_node import NoSlurmError, Slurm
from small_sweep import CASE

PROJECT = Path(__file__).parents[2]
LAUNCHER = PROJECT / "thermolyte"
# An image for Apptainer, as a folder: the private root with this checkout in it; the Python packages are bound to it.
IMAGE = """
mkdir "$1/up" "$1/work" "$1/image"
mount -t tmpfs tmpfs "$1/up"
mkdir "$1/up/up" "$1/up/work"
mount -t overlay -o "lowerdir=$THERMOLYTE_ROOT,upperdir=$1/up/up,workdir=$1/up/work" overlay "$1/image"
mkdir -p "$1/image/opt" "$1/image/usr/local/bin"
cp -r "$2/src" "$1/image/opt/thermolyte"
cat >"$1/image/usr/local/bin/thermolyte" <<END
#!/bin/sh
export PYTHONPATH=/opt/thermolyte:$3
exec $VIRTUAL_ENV/bin/python -m thermolyte "\\$@"
END
chmod +x "$1/image/usr/local/bin/thermolyte"
"""
# Some 0.1 s a point: 2000 of them are not done in a minute on any machine.
LONG = CASE.replace("size: 2 mm", "size: 0.25 mm").replace("[0 A, 1 A, 2 A]", "{start: 0 A, stop: 2 A, points: 1000}")

pytestmark = [
    pytest.mark.serial,
    pytest.mark.timeout(600),
    pytest.mark.skipif("THERMOLYTE_LAUNCHER" not in os.environ, reason="not started by ./thermolyte"),
]


def clean_environment() -> dict[str, str]:
    """The environment without the traces of the MPI that this process has initialised."""
    traces = ("OMPI_COMM", "PMIX_", "PRTE_", "PYTEST_", "SLURM_")
    # Apptainer as an ordinary user has it; the Python packages are not in the image.
    apptainer = {"APPTAINER_USERNS": "1", "APPTAINER_BIND": str(Path(os.environ["VIRTUAL_ENV"]).parent)}
    return {k: v for k, v in os.environ.items() if not k.startswith(traces)} | apptainer


@pytest.fixture(scope="module")
def slurm() -> Iterator[Slurm]:
    folder = Path(os.environ["VIRTUAL_ENV"]).parent / f"engine-slurm-{os.getpid()}"
    folder.mkdir()
    cluster = None
    try:
        cluster = Slurm(folder, clean_environment())
        cluster.start()
        yield cluster
    except NoSlurmError as reason:
        pytest.skip(f"no Slurm here: {reason}")
    finally:
        if cluster:
            cluster.stop()
        subprocess.run(["rm", "-rf", "--one-file-system", folder], check=False)


@pytest.fixture(scope="module")
def image(slurm: Slurm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if "THERMOLYTE_ROOT" not in os.environ:
        pytest.skip("the image is made from the private root, and there is none")
    folder = tmp_path_factory.mktemp("image")
    (clone,) = [path for path in os.environ["PYTHONPATH"].split(":") if "clone-" in path]
    made = slurm.run("bash", "-euc", IMAGE, "bash", folder, PROJECT, clone)
    assert made.returncode == 0, made.stderr
    probe = slurm.run("apptainer", "exec", folder / "image", "thermolyte", "--version")
    if probe.returncode:
        pytest.skip(f"no Apptainer can run here: {probe.stderr.strip().splitlines()[-1:]}")
    return folder / "image"


@pytest.fixture(scope="module")
def long_job(slurm: Slurm, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A job that will meet its limit of a minute, the shortest that Slurm has; the other tests run beside it."""
    folder = tmp_path_factory.mktemp("long")
    write(folder, LONG, "--time", "1 min", "--ranks", "1")
    return folder, submit(slurm, folder)


def write(folder: Path, text: str, *argv: str) -> None:
    """`thermolyte batch` as a person calls it in a folder."""
    (folder / "small").mkdir()
    (folder / "small" / "case.yaml").write_text(text)
    command = [LAUNCHER, "batch", "small", *argv]
    done = subprocess.run(command, cwd=folder, env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def submit(slurm: Slurm, folder: Path, how: str = "sbatch") -> str:
    """Submit the script; returns the number of the last job."""
    done = slurm.run(how, "small.sbatch", folder=folder)
    assert done.returncode == 0, done.stderr
    return re.findall(r"job (\d+)", done.stdout)[-1]


def result(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "results" / "small" / "result.json").read_text())


def logs(folder: Path) -> str:
    return "\n".join(f"{file.name}:\n{file.read_text()}" for file in sorted(folder.glob("*.out")))


@pytest.mark.usefixtures("long_job")
def test_job_on_two_ranks(slurm: Slurm, tmp_path: Path):
    write(tmp_path, CASE, "--ranks", "2", "--memory", "1.5 GB", "--set", "title=From a batch job")
    assert slurm.wait(submit(slurm, tmp_path)) == ["COMPLETED"], logs(tmp_path)
    found = result(tmp_path)
    assert found["memory"]["ranks"] == 2
    assert found["title"] == "From a batch job"
    assert ["values" in p for p in found["points"]] == [True] * 6
    assert "points    6 solved, 0 failed" in logs(tmp_path)


@pytest.mark.usefixtures("long_job")
def test_array_and_gathering(slurm: Slurm, tmp_path: Path):
    write(tmp_path, CASE, "--array", "3", "--ranks", "1")
    gather = submit(slurm, tmp_path, "bash")
    assert slurm.wait(gather) == ["COMPLETED"], logs(tmp_path)
    assert slurm.wait(str(int(gather) - 1)) == ["COMPLETED"] * 3
    found = result(tmp_path)
    assert found["resumed_points"] == len(found["points"]) == 6
    assert found["solver"]["solves"] == 0
    assert not (tmp_path / "results" / "small" / "shares").exists()
    for number in (1, 2, 3):
        text = (tmp_path / f"small-{int(gather) - 1}_{number}.out").read_text()
        assert f"share {number}/3: 2 points finished, in results/small/shares/{number}of3" in text


def test_srun_that_starts_runs_of_one_rank(slurm: Slurm, tmp_path: Path):
    (tmp_path / "case.yaml").write_text(CASE)
    # In the namespace of the cluster only srun is needed: the launcher brings the rest.
    done = slurm.run("srun", "--mpi=pmi2", "-n", "2", LAUNCHER, "run", "case.yaml", folder=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "has started 2 processes (PMI_SIZE), but MPI sees 1 rank: this would be several runs" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "results").exists()


def test_container(slurm: Slurm, image: Path, tmp_path: Path):
    """The job runs in the image: the script names no program outside of it but apptainer."""
    write(tmp_path, CASE, "--ranks", "2", "--memory", "1.5 GB", "--container", str(image), "-o", "here/results")
    assert slurm.wait(submit(slurm, tmp_path)) == ["COMPLETED"], logs(tmp_path)
    found = json.loads((tmp_path / "here" / "results" / "result.json").read_text())
    assert found["memory"]["ranks"] == 2
    assert len(found["points"]) == 6


def test_time_limit_and_cancellation(slurm: Slurm, long_job: tuple[Path, str]):
    """What was finished when the limit came is kept; the same script, submitted again, goes on from there."""
    folder, first = long_job
    assert slurm.wait(first) == ["TIMEOUT"], logs(folder)
    text = (folder / f"small-{first}.out").read_text()
    assert "finished points are kept" in text
    assert "Traceback" not in text
    number = len(points(folder))
    assert 3 < number < 2000
    second = submit(slurm, folder)
    wait_for(lambda: len(points(folder)) > number + 3)
    slurm.run("scancel", second)
    assert slurm.wait(second) == ["CANCELLED"], logs(folder)
    text = (folder / f"small-{second}.out").read_text()
    assert text.count("(kept from an earlier run)") == number
    assert "finished points are kept" in text
    assert len(points(folder)) > number + 3


def points(folder: Path) -> list[str]:
    file = folder / "results" / "small" / "points.jsonl"
    return file.read_text().split("\n")[:-1] if file.exists() else []


def wait_for(condition, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)
