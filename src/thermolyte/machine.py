"""The memory at hand on this node."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

MEBI = 2**20


class Memory(NamedTuple):
    """Bytes on this node, and who says so."""

    bytes: float
    source: str


def at_hand() -> Memory:
    """Memory of this node that the run may fill: the least of what scheduler, control group and kernel say."""
    return min([*_scheduled(), *_control_groups(), *_available()], key=lambda m: m.bytes)


def _scheduled() -> list[Memory]:
    """What Slurm has given to this job on this node; 0 is all of the node."""
    node = _number(os.environ.get("SLURM_MEM_PER_NODE"))
    core = _number(os.environ.get("SLURM_MEM_PER_CPU")) * _number(os.environ.get("SLURM_CPUS_ON_NODE"))
    named = {"SLURM_MEM_PER_NODE": node, "SLURM_MEM_PER_CPU": core}
    return [Memory(size * MEBI, f"{name}: the memory of this job") for name, size in named.items() if size]


def _control_groups(system: Path = Path("/sys/fs/cgroup"), me: Path = Path("/proc/self/cgroup")) -> list[Memory]:
    """Limits of the control groups that this process is in, of either version."""
    found = []
    for line in _text(me).splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers not in ("", "memory"):
            continue
        top, name = (system / controllers, "memory.limit_in_bytes") if controllers else (system, "memory.max")
        here = Path(path.strip("/"))
        for group in (here, *here.parents):
            if size := _number(_text(top / group / name)):
                found.append(Memory(size, "limit of the control group"))
    return found


def _available(file: Path = Path("/proc/meminfo")) -> list[Memory]:
    """What the kernel could give without swapping."""
    for line in _text(file).splitlines():
        if line.startswith("MemAvailable:"):
            return [Memory(_number(line.split()[1]) * 1024, "MemAvailable of this machine")]
    return [Memory(float("inf"), "nobody knows how much")]


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:  # another kernel
        return ""


def _number(text: str | None) -> float:
    """A number; 0 for "max", for nothing."""
    return float(text) if text and text.strip().isdigit() else 0.0
