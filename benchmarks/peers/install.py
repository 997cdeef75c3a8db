"""Peers from PyPI in virtual environments of their own, FreeFEM from Debian unpacked beside them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "thermolyte" / "peers"
PACKAGES = {
    "ngsolve": ["ngsolve", "mkl"],
    "scikit_fem": ["scikit-fem", "pypardiso", "pyamg"],
}
FREEFEM = ["freefem++", "libfreefem++"]


class MissingError(Exception):
    """Why a program cannot be had here."""


def environment(program: str) -> dict[str, str]:
    """The variables with which `python run_PROGRAM.py` finds its program; installed now where it is not yet.

    Raises:
        MissingError: it cannot be installed.
    """
    if program == "thermolyte":
        return dict(os.environ)
    # A current OpenBLAS knows this processor better than variables that were set for older ones.
    plain = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    return plain | (_freefem() if program == "freefem" else _from_pypi(program))


def _finished(folder: Path) -> bool:
    """Whether the folder was completed; what was interrupted is thrown away."""
    if (folder / ".complete").exists():
        return True
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return False


def _call(*command: str, **options: object) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, **options)  # type: ignore[call-overload]
    except FileNotFoundError:
        raise MissingError(f"no {command[0]} here") from None
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip() or error.stdout.strip() or "no message").splitlines()[-1]
        raise MissingError(f"{Path(command[0]).name} failed: {last}") from None
    return str(done.stdout)


def _from_pypi(program: str) -> dict[str, str]:
    folder = CACHE / f"{program}-python{sys.version_info.major}.{sys.version_info.minor}"
    if not _finished(folder):
        print(f"installing {', '.join(PACKAGES[program])} into {folder}", file=sys.stderr)
        clean = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        _call(sys.executable, "-m", "venv", str(folder), env=clean)
        _call(str(folder / "bin" / "pip"), "install", "--quiet", "--only-binary=:all:", *PACKAGES[program], env=clean)
        (folder / ".complete").touch()
    return {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}


def _freefem() -> dict[str, str]:
    """Debian's packages, with the libraries that are not here yet, unpacked: the system stays as it is."""
    if shutil.which("FreeFem++"):
        return {}
    folder = CACHE / "freefem"
    if not _finished(folder):
        print(f"unpacking {', '.join(FREEFEM)} into {folder}", file=sys.stderr)
        (folder / "lists" / "partial").mkdir(parents=True)
        apt = ["-o", f"Dir::State::lists={folder / 'lists'}", "-o", f"Dir::Cache={folder}"]
        apt += ["-o", "Acquire::Check-Valid-Until=false", "-o", "APT::Sandbox::User="]
        _call("apt-get", *apt, "update")
        # apt takes a + at the end of a name for "install".
        plan = _call("apt-get", *apt, "--simulate", "--no-install-recommends", "install", *(f"{f}+" for f in FREEFEM))
        wanted = [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]
        _call("apt-get", *apt, "download", *wanted, cwd=folder)
        for package in folder.glob("*.deb"):
            _call("dpkg", "--extract", str(package), str(folder))
            package.unlink()
        shutil.rmtree(folder / "lists")
        (folder / ".complete").touch()
    libraries = ":".join(str(p) for p in (folder / "usr" / "lib").glob("*-linux-gnu*"))
    return {
        "PATH": f"{folder / 'usr' / 'bin'}:{os.environ['PATH']}",
        "LD_LIBRARY_PATH": libraries,
        "FF_LOADPATH": str(folder / "usr" / "lib" / "freefem++"),
    }
