"""The Slurm script: what it asks for, what it runs, and what it refuses. (A real Slurm: tests/packaging.)"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from small_sweep import CASE
from thermolyte import cli

pytestmark = pytest.mark.serial
FAKE = """#!/bin/bash
echo "{name} $(printf '%q ' "$@")" >> "$CALLS"
{then}
"""


@pytest.fixture
def batch(tmp_path, monkeypatch, capsys):
    """Runs `thermolyte batch` in a folder with a case `small`; returns the script and what was said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("THERMOLYTE_LAUNCHER", "/somewhere/thermo lyte")
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "case.yaml").write_text(CASE)

    def call(*argv: str, code: int = 0, case: str = "small") -> tuple[str, str]:
        assert cli.main(["batch", case, *argv]) == code
        out, err = capsys.readouterr()
        if code:
            assert not list(tmp_path.glob("*.sbatch"))
            return "", err
        script = Path(out.splitlines()[0])
        checked = subprocess.run(["bash", "-n", script], capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, "")
        return script.read_text(), out

    return call


def asked(script: str) -> dict[str, str]:
    return dict(re.findall(r"^#SBATCH --([\w-]+)=(.*)$", script, re.M))


@pytest.fixture
def fakes(tmp_path, monkeypatch):
    """Puts commands on PATH that record how they were called; returns the calls so far."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))

    def put(**commands: str) -> None:
        for name, then in commands.items():
            (folder / name).write_text(FAKE.format(name=name, then=then))
            (folder / name).chmod(0o755)

    def calls() -> list[list[str]]:
        return [shlex.split(line) for line in (tmp_path / "calls").read_text().splitlines()]

    return put, calls


def run_script(tmp_path, *argv, **variables):
    return subprocess.run(
        ["bash", "small.sbatch", *argv], cwd=tmp_path, env=os.environ | variables, capture_output=True, text=True
    )


# ---- what it asks for ------------------------------------------------------------------------------------------------
def test_one_job_as_estimated(batch, tmp_path):
    script, said = batch()
    assert asked(script) == {
        "job-name": "small",
        "chdir": str(tmp_path),
        "output": "small-%j.out",
        "nodes": "1",
        "ntasks": "1",
        "cpus-per-task": "1",
        "mem": "668M",  # 2 · (0.35 GB + 7 unknowns · 8 kB)
        "time": "0:05:00",  # 2 · 120 s and as good as nothing
    }
    assert said.splitlines()[1:] == [
        "  estimate  about 7 unknowns (direct solver), 6 solves for 6 points, 0.35 GB",
        "  job       1 rank, 0.7 GB, 0:05:00 h",
        "  submit    sbatch small.sbatch",
    ]


def test_as_wished(batch):
    wishes = ("--ranks", "8", "--memory", "16GB", "--time", "1.5 day", "--partition", "long", "--account", "my group")
    found = asked(batch(*wishes)[0])
    assert (found["ntasks"], found["mem"], found["time"]) == ("8", "15259M", "36:00:00")
    assert (found["partition"], found["account"]) == ("long", "'my group'")


def test_larger_case_gets_more(batch):
    small, large = (asked(batch("--set", f"mesh.size={size} mm")[0]) for size in (0.1, 0.02))
    assert int(large["ntasks"]) > int(small["ntasks"]) >= 1
    assert int(large["mem"][:-1]) > int(small["mem"][:-1])


def test_shares_take_less_time_than_one_job(batch):
    size = ("--set", "mesh.size=0.05 mm", "--ranks", "1")
    one, many = (asked(batch(*size, *more)[0])["time"] for more in ((), ("--array", "6")))
    assert [int(x) for x in one.split(":")] > [int(x) for x in many.split(":")]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("--array", "1"), "--array 1: a job array has 2 shares or more; leave it out for one job"),
        (("--array", "-2"), "--array -2: a job array has 2 shares or more; leave it out for one job"),
        (("--array", "7"), "--array 7: the study has 6 points: make 6 shares of it, or fewer"),
        (("--ranks", "0"), "--ranks 0: a run has 1 rank or more"),
        (("--ranks", "two"), "argument --ranks: invalid int value: 'two'"),
        (("--memory", "8G"), "--memory 8G: '8G' has the wrong dimension: expected a text such as 8GB"),
        (("--memory", "much"), "--memory much: 'much' does not start with a number: expected a text such as 8GB"),
        (
            ("--memory", "100MB"),
            "--memory 100MB: 1 rank with about 7 unknowns and the direct solver need some 0.35 GB",
        ),
        (("--time", "2:00:00"), "--time 2:00:00: '2:00:00' "),
        (("--time", "0 h"), "--time 0 h: is not positive"),
        (("--time", "2 m"), "--time 2 m: '2 m' has the wrong dimension: expected a text such as 2h"),
        (("--container", "none.sif"), "--container none.sif: there is no such image; build one with `apptainer build"),
        (("--set", "mesh.size=9 mm"), "--set mesh.size: the mesh size 0.009 m is larger than"),
    ],
)
def test_refused(batch, argv, message):
    assert message in batch(*argv, code=2)[1]


def test_array_of_one_point(batch, tmp_path):
    (tmp_path / "small" / "case.yaml").write_text(CASE[: CASE.index("study:")])
    _, err = batch("--array", "2", code=2)
    assert err == "--array 2: the study has one point, which cannot be shared: use more ranks instead\n"


def test_folder_that_cannot_be_written(batch, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_text", refuse)
    assert batch(code=2)[1] == "small.sbatch: cannot be written: permission denied\n"


# ---- what it runs ----------------------------------------------------------------------------------------------------
OPTIONS = ("--set", "title=It's 1 $HOME", "-o", "a b", "--", "-snes_monitor", "-ksp_rtol", "1e-9")
RUN = ["run", "small", "--set", "title=It's 1 $HOME", "-o", "a b"]
PETSC = ["--", "-snes_monitor", "-ksp_rtol", "1e-9"]


def test_launcher_of_a_checkout(batch):
    script, _ = batch(*OPTIONS)
    line = next(x.strip() for x in script.splitlines() if " run " in x)
    assert shlex.split(line) == [
        *["/somewhere/thermo lyte", "shell", "mpirun", "-n", "$SLURM_NTASKS", "thermolyte"],
        *[*RUN, "$@", *PETSC],
    ]


def test_installed_program(batch, tmp_path, monkeypatch, fakes):
    """mpirun and the program of the environment that wrote the script come first on PATH."""
    put, calls = fakes
    put(mpirun="", thermolyte="")
    monkeypatch.delenv("THERMOLYTE_LAUNCHER")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    batch(*OPTIONS)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    done = run_script(tmp_path, SLURM_NTASKS="3")
    assert done.returncode == 0, done.stderr
    assert calls() == [["mpirun", "-n", "3", "thermolyte", *RUN, *PETSC]]


def test_python_without_the_entry_point(batch, tmp_path, monkeypatch):
    monkeypatch.delenv("THERMOLYTE_LAUNCHER")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python3"))
    assert f'mpirun -n "$SLURM_NTASKS" {tmp_path}/python3 -m thermolyte run small' in batch()[0]


def test_array_is_submitted_by_one_command(batch, tmp_path, fakes):
    put, calls = fakes
    put(sbatch='[[ $* == *gather* ]] && echo 18 || echo "17;cluster"')
    _, said = batch("--array", "3")
    assert said.splitlines()[2:] == [
        "  job       1 rank, 0.7 GB, 0:05:00 h, in each of 3 shares and to gather them",
        "  submit    bash small.sbatch",
    ]
    done = run_script(tmp_path)
    assert done.returncode == 0, done.stderr
    assert calls() == [
        ["sbatch", "--parsable", "--array=1-3", "--output=small-%A_%a.out", "small.sbatch", "share"],
        ["sbatch", "--parsable", "--dependency=afterany:17", "--job-name=small-gather", "small.sbatch", "gather"],
    ]
    assert done.stdout == "job array 17;cluster solves 6 points in 3 shares; then job 18 writes the results\n"


def test_array_that_is_refused_submits_no_gathering(batch, tmp_path, fakes):
    put, calls = fakes
    put(sbatch="echo 'invalid partition' >&2; exit 1")
    batch("--array", "3")
    done = run_script(tmp_path)
    assert done.returncode == 1
    assert done.stderr == "invalid partition\n"
    assert len(calls()) == 1


def test_share_and_gathering(batch, tmp_path, monkeypatch, fakes):
    put, calls = fakes
    put(mpirun="", thermolyte="")
    monkeypatch.delenv("THERMOLYTE_LAUNCHER")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    batch("--array", "3", "--", "-info")
    assert run_script(tmp_path, "share", SLURM_NTASKS="2", SLURM_ARRAY_TASK_ID="2").returncode == 0
    assert run_script(tmp_path, "gather", SLURM_NTASKS="2").returncode == 0
    command = ["mpirun", "-n", "2", "thermolyte", "run", "small"]
    assert calls() == [[*command, "--share", "2/3", "--", "-info"], [*command, "--", "-info"]]


# ---- container -------------------------------------------------------------------------------------------------------
APPTAINER = """
while [[ $1 != *.sif ]]; do
  case $1 in --env) export "$2"; shift ;; --pwd) cd "$2"; shift ;; esac
  shift
done
shift
exec "$@"
"""


def test_container_runs_the_case(batch, tmp_path, fakes):
    """With an apptainer that takes the machine itself for the image: what the script hands over is enough to run."""
    put, calls = fakes
    (tmp_path / "image.sif").touch()
    put(apptainer=APPTAINER, mpirun='shift 2; exec "$@"', thermolyte=f'exec {sys.executable} -m thermolyte "$@"')
    batch("--container", "image.sif", "-o", str(tmp_path / "out"), "--set", "mesh.size=1.9 mm")
    keep = {"PYTHONPATH": "", "PATH": os.environ["PATH"], "SLURM_NTASKS": "1"}
    # The script drops PYTHONPATH, which is the machine's: what stands for the image has it from here.
    put(apptainer=f"export PYTHONPATH={os.environ.get('PYTHONPATH', '')}\n" + APPTAINER)
    done = run_script(tmp_path, **keep)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out" / "result.json").read_text())["points"][5]["values"][
        "current"
    ] == pytest.approx(2)
    first = calls()[0]
    assert first[:2] == ["apptainer", "exec"]
    binds = [first[i + 1] for i, word in enumerate(first) if word == "--bind"]
    assert binds == [str(tmp_path)]  # it holds case and results
    assert first[first.index(str(tmp_path / "image.sif")) + 1 :][:4] == ["mpirun", "-n", "1", "thermolyte"]


def test_container_sees_folders_elsewhere(batch, tmp_path):
    elsewhere = tmp_path.parent / f"{tmp_path.name}-elsewhere"
    elsewhere.mkdir()
    (elsewhere / "case.yaml").write_text(CASE)
    script, _ = batch("--container", "docker://my/image:1", "-o", "/scratch/r", case=str(elsewhere))
    assert f"--bind {tmp_path} --bind {elsewhere} --bind /scratch/r --pwd {tmp_path} " in script
    assert "mkdir -p /scratch/r\n" in script
    assert ' docker://my/image:1 mpirun -n "$SLURM_NTASKS" thermolyte run ' in script


def test_node_without_apptainer(batch, tmp_path):
    batch("--container", "docker://my/image:1")
    done = run_script(tmp_path, PATH="/usr/bin:/bin", SLURM_NTASKS="1")
    assert done.returncode == 2
    assert "there is no apptainer on " in done.stderr
