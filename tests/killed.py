"""Runs that die where they are told to, and what they leave on disk."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys

# The program, that dies when it is about to do something the n-th time.
FAULT = """\
import errno, os, resource, signal, sys
from pathlib import Path
from thermolyte import cli
from thermolyte.results import checkpoint, recorder

where, number = sys.argv.pop(1), int(sys.argv.pop(1))
owner, name = {"row": (recorder, "_write"), "checkpoint": (checkpoint, "save"), "rename": (checkpoint, "_replace"),
               "disk": (recorder, "_write"), "between": (Path, "rename"), "space": (checkpoint, "_write")}[where]
original, calls = getattr(owner, name), 0

def dying(*arguments, **more):
    global calls
    calls += 1
    if calls == number and where == "space":
        resource.setrlimit(resource.RLIMIT_FSIZE, (512, resource.RLIM_INFINITY))
        try:
            return original(*arguments, **more)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    if calls == number and where == "disk":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(arguments[0]))
    if calls == number:
        if where == "between":
            original(*arguments, **more)
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*arguments, **more)

setattr(owner, name, dying)
sys.exit(cli.main())
"""


def start(folder, text, *fault, ranks=1, code=0, argv=()):
    """`thermolyte run` of a case text, that dies where it is told; returns what it said."""
    (folder / "case.yaml").write_text(text)
    program = ["-c", FAULT, *map(str, fault)] if fault else ["-m", "thermolyte"]
    mpirun = ["mpirun", "--oversubscribe", "-n", str(ranks)] if ranks > 1 else []
    command = [*mpirun, sys.executable, *program, "run", "case.yaml", "-o", "results", *argv]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=500, env=environment())
    killed = done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)
    assert killed if code is signal.SIGKILL else done.returncode == code, done.stderr
    return done.stderr


def environment():
    """That of an ordinary process, also where the tests run under MPI."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("OMPI_COMM", "OMPI_MCA", "PMIX", "PRTE"))}


def rows(folder, kind="history"):
    with (folder / "results" / f"{kind}.csv").open() as lines:
        return [{k: float(v) for k, v in r.items() if _is_number(v)} for r in csv.DictReader(lines)]


def _is_number(text):
    return text.replace(".", "").replace("-", "").replace("+", "").replace("e", "").isdigit()


def result(folder):
    return json.loads((folder / "results" / "result.json").read_text())


def checkpoints(folder):
    return list((folder / "results").glob("*checkpoint*"))
