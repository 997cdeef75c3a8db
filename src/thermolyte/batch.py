"""Slurm scripts: one job, or a job array over the points of a study with a job that gathers its results."""

from __future__ import annotations

import math
import os
import shlex
import sys
from pathlib import Path
from typing import NamedTuple

from thermolyte import units
from thermolyte.case import Case
from thermolyte.check import check_all
from thermolyte.errors import InputError
from thermolyte.estimate import SAFETY, Cost, cost, rough
from thermolyte.machine import MEBI
from thermolyte.ranges import Compositions, Ranges
from thermolyte.studies.run import points
from thermolyte.studies.share import check_divisible, check_shares
from thermolyte.studies.study import Map

QUANTUM = 300
"""Estimated times are whole multiples of it, s."""

HEAD = """\
#!/bin/bash
# {title}
# Written by thermolyte. Submit with: {submit}
# Estimate: {estimate}
# Points that are finished are kept when a job is ended: submit it again to continue.
#SBATCH --job-name={name}
#SBATCH --chdir={folder}
#SBATCH --output={log}
#SBATCH --nodes=1
#SBATCH --ntasks={ranks}
#SBATCH --cpus-per-task=1
#SBATCH --mem={memory}M
#SBATCH --time={time}
"""

RUN = """
set -eu
export OMP_NUM_THREADS=1
{environment}trap 'echo "ended by Slurm; finished points are kept: submit this script again to continue" >&2' TERM

run() {{
  {program} run {words}
}}
"""

SINGLE = """
run
"""

# Started by hand the script submits itself twice; as a job it is told what to do.
ARRAY = """
case ${{1:-submit}} in
  share) run --share "$SLURM_ARRAY_TASK_ID/{shares}" ;;
  gather) run ;;
  submit)
    array=$(sbatch --parsable --array=1-{shares} --output={log} "$0" share)
    gather=$(sbatch --parsable --dependency="afterany:${{array%%;*}}" --job-name={gather} "$0" gather)
    echo "job array $array solves {points} points in {shares} shares; then job $gather writes the results"
    ;;
esac
"""

APPTAINER = """\
unset PYTHONPATH LD_LIBRARY_PATH
command -v apptainer >/dev/null || { echo "there is no apptainer on $HOSTNAME: load its module first" >&2; exit 2; }
"""


class Wishes(NamedTuple):
    """What the user says about the job; None: estimated, or as the cluster does."""

    ranks: int | None = None
    memory: str | None = None
    time: str | None = None
    array: int | None = None
    partition: str | None = None
    account: str | None = None
    container: str | None = None


class Command(NamedTuple):
    """What the job runs: `thermolyte run CASE OPTIONS -- PETSC`."""

    case: Path
    options: tuple[str, ...] = ()
    output: Path | None = None
    petsc: tuple[str, ...] = ()

    def words(self) -> str:
        """For the shell; "$@" stands for the share."""
        options = [str(self.case), *self.options, *(("-o", str(self.output)) if self.output else ())]
        return " ".join([shlex.join(options), '"$@"', shlex.join(("--", *self.petsc) if self.petsc else ())]).rstrip()


class Size(NamedTuple):
    """What one job is given."""

    ranks: int
    memory: float
    """Bytes, of all ranks."""
    time: float
    """s"""


def write_script(case: Case, command: Command, wishes: Wishes) -> str:
    """Write NAME.sbatch into the current folder; returns its path, what it asks for and how to submit it.

    Raises:
        InputError: the case is wrong, or a wish cannot be fulfilled.
    """
    todo = points(case)
    check_all([point for _, point in todo], Ranges(), Compositions())
    if wishes.array is not None:
        if wishes.array < 2:
            raise InputError(f"--array {wishes.array}: a job array has 2 shares or more; leave it out for one job")
        check_divisible(case, f"--array {wishes.array}")
        check_shares(wishes.array, len(todo), f"--array {wishes.array}")
    expected, number = cost(todo), case.study.total if isinstance(case.study, Map) else len(todo)
    size = _size(expected, wishes)
    file = Path(f"{case.name}.sbatch")
    lines = {
        "estimate": f"about {rough(expected.unknowns)} unknowns ({expected.preset} solver), {expected.solves} solves "
        + ("on the first mesh " if case.mesh.accuracy else "")
        + f"for {_count(number, 'point')}, {_bytes(expected.memory(size.ranks))}",
        "job": f"{_count(size.ranks, 'rank')}, {_bytes(size.memory)}, {_clock(size.time)} h"
        + (f", in each of {wishes.array} shares and to gather them" if wishes.array else ""),
        "submit": f"{'bash' if wishes.array else 'sbatch'} {shlex.quote(file.name)}",
    }
    body = _body(case, command, wishes, number)
    try:
        file.write_text(_head(case, wishes, size, lines) + body, encoding="utf-8")
        file.chmod(0o755)
    except OSError as error:
        raise InputError(f"{file}: cannot be written: {(error.strerror or str(error)).lower()}") from None
    return "\n".join([str(file), *(f"  {key:<10}{text}" for key, text in lines.items())])


def _head(case: Case, wishes: Wishes, size: Size, lines: dict[str, str]) -> str:
    head = HEAD.format(
        title=" ".join(case.title.split()),
        **lines,
        name=shlex.quote(case.name),
        folder=shlex.quote(str(Path.cwd())),
        log=shlex.quote(f"{case.name}-%j.out"),
        ranks=size.ranks,
        memory=math.ceil(size.memory / MEBI),
        time=_clock(size.time),
    )
    given = {"partition": wishes.partition, "account": wishes.account}
    return head + "".join(f"#SBATCH --{option}={shlex.quote(value)}\n" for option, value in given.items() if value)


def _body(case: Case, command: Command, wishes: Wishes, number: int) -> str:
    environment, program = _program(case, command, wishes.container)
    body = RUN.format(environment=environment, program=program, words=command.words())
    if not wishes.array:
        return body + SINGLE
    log, gather = shlex.quote(f"{case.name}-%A_%a.out"), shlex.quote(f"{case.name}-gather")
    return body + ARRAY.format(shares=wishes.array, points=number, log=log, gather=gather)


# ---- how large -------------------------------------------------------------------------------------------------------
def _size(expected: Cost, wishes: Wishes) -> Size:
    """As wished, or as estimated with a margin."""
    ranks = expected.ranks if wishes.ranks is None else wishes.ranks
    if ranks < 1:
        raise InputError(f"--ranks {ranks}: a run has 1 rank or more")
    needed, shares = expected.memory(ranks), wishes.array or 1
    memory = SAFETY * needed if wishes.memory is None else _si("--memory", wishes.memory, "byte", "8GB")
    if memory < needed:
        raise InputError(
            f"--memory {wishes.memory}: {_count(ranks, 'rank')} with about {rough(expected.unknowns)} unknowns and the "
            f"{expected.preset} solver need some {_bytes(needed)}: give more, or leave it out"
        )
    time = QUANTUM * math.ceil(SAFETY * expected.time(ranks, shares) / QUANTUM)
    return Size(ranks, memory, time if wishes.time is None else _si("--time", wishes.time, "s", "2h"))


def _si(option: str, text: str, unit: str, example: str) -> float:
    try:
        value = units.si(text, unit, f"a text such as {example}")
    except ValueError as error:
        raise InputError(f"{option} {text}: {error}") from None
    if value <= 0:
        raise InputError(f"{option} {text}: is not positive")
    return value


def _clock(seconds: float) -> str:
    """Hours, minutes and seconds, as Slurm takes them."""
    whole = math.ceil(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _bytes(size: float) -> str:
    return f"{size / 1e9:.2g} GB"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + "s" * (number != 1)


# ---- which program ---------------------------------------------------------------------------------------------------
def _program(case: Case, command: Command, container: str | None) -> tuple[str, str]:
    """Preparations, and the words before `run`: the program as it was called, on the ranks of its own mpirun.

    Not srun: unless it speaks the interface of this very MPI, it starts many runs of one rank.
    """
    mpirun = 'mpirun -n "$SLURM_NTASKS"'
    if container is not None:
        output = f"mkdir -p {shlex.quote(str(command.output))}\n" if command.output else ""
        return APPTAINER + output, f"{_apptainer(case, command, container)} {mpirun} thermolyte"
    if launcher := os.environ.get("THERMOLYTE_LAUNCHER"):
        return "", f"{shlex.quote(launcher)} shell {mpirun} thermolyte"
    folder = Path(sys.executable).parent
    path = f"export PATH={shlex.quote(str(folder))}:$PATH\n"
    if (folder / "thermolyte").exists():
        return path, f"{mpirun} thermolyte"
    return path, f"{mpirun} {shlex.quote(sys.executable)} -m thermolyte"


def _apptainer(case: Case, command: Command, image: str) -> str:
    """`apptainer exec` with the folders that the run reads and writes; the cache of compiled forms is the user's."""
    if "://" not in image:
        if not Path(image).exists():
            raise InputError(
                f"--container {image}: there is no such image; build one with `apptainer build thermolyte.sif "
                "docker-daemon://thermolyte:latest` from the image of the Dockerfile, or name one as docker://..."
            )
        image = str(Path(image).resolve())
    here = Path.cwd()
    folders = [here, case.folder.resolve(), *([command.output.resolve()] if command.output else [])]
    outside = [f for f in dict.fromkeys(folders) if f == here or here not in f.parents]
    binds = " ".join(f"--bind {shlex.quote(str(folder))}" for folder in outside)
    variables = '--env PYTHONNOUSERSITE=1 --env XDG_CACHE_HOME="${XDG_CACHE_HOME:-$HOME/.cache}"'
    return f"apptainer exec {binds} --pwd {shlex.quote(str(here))} {variables} {shlex.quote(image)}"
