"""Compiled forms and their folder. A run that was killed while it compiled must not stop the next one.

FFCx marks a compilation by its C file, and the marker of one that was killed stays: whoever needs that form next waits
for it in vain. Every run therefore holds a shared lock on the folder, and the first one removes what was not finished.
A run that finds others at work removes only what nobody waits for any more.
"""

from __future__ import annotations

import fcntl
import math
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mpi4py import MPI

import ufl
from dolfinx import fem, jit

PATIENCE = 300  # s to wait for a form that another run is compiling now
FOLDER = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "thermolyte" / "forms"

_locks: list[int] = []  # held until this process ends, however it ends


def form(forms: Any, entity_maps: Sequence[Any] = ()) -> Any:
    """`fem.form` of a form, or of nested sequences of them."""
    if isinstance(forms, ufl.Form):
        return fem.form(forms, entity_maps=entity_maps, jit_options=jit_options(forms))
    if isinstance(forms, Sequence):
        return [form(f, entity_maps) for f in forms]
    return fem.form(forms, entity_maps=entity_maps)  # nothing, or zero


def jit_options(of: ufl.Form) -> dict[str, Any]:
    """The folder of a form. There are many, because FFCx lists the folder of each form that it loads."""
    return {"cache_dir": Path(jit.get_options()["cache_dir"]) / of.signature()[:2]}


def prepare(comm: MPI.Comm) -> None:
    """Use a folder of our own, without the leftovers of killed runs."""
    defaults = jit.DOLFINX_DEFAULT_JIT_OPTIONS
    for name, value in (("cache_dir", FOLDER), ("timeout", PATIENCE)):
        defaults[name] = value, defaults[name][1]
    if comm.rank == 0 and not _locks:
        _clean(Path(jit.get_options()["cache_dir"]))
    comm.barrier()


def _clean(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        _locks.append(lock)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # another run may be compiling
            _remove_unfinished(folder, time.time() - PATIENCE)
        else:
            _remove_unfinished(folder, math.inf)
        fcntl.flock(lock, fcntl.LOCK_SH)
    except OSError:  # no lock here, as on some network drives: then as FFCx does it
        return


def _remove_unfinished(folder: Path, before: float) -> None:
    """Remove sources without a compiled form, and the reverse, that were last changed before that time."""
    sources, finished = ({str(f) for f in folder.rglob(p)} for p in ("*.c", "*.c.cached"))
    for name in sources.symmetric_difference(n.removesuffix(".cached") for n in finished):
        halves = [half for half in (Path(name), Path(f"{name}.cached")) if half.exists()]
        if all(half.stat().st_mtime < before for half in halves):
            for half in halves:
                half.unlink(missing_ok=True)


def why_not(error: Exception) -> str | None:
    """What to do when a form was waited for in vain, or could not be compiled; None for another error."""
    if "JIT compilation" not in str(error):
        return None
    if "timed out" in str(error):
        return (
            f"a form was not compiled within {PATIENCE} s by the run that began it, which has probably been killed: "
            f"start again when no other run is at work, or delete {FOLDER}; finished points are kept"
        )
    return f"a form could not be compiled: {error}"
