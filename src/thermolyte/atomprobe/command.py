"""`thermolyte atomprobe`: analyse a sample, or write the data of a made-up one."""

from __future__ import annotations

import math
import shlex
from argparse import Namespace
from pathlib import Path

from mpi4py import MPI

from pydantic import ValidationError
from rich.console import Console

from thermolyte.atomprobe import report, synthetic, tables
from thermolyte.atomprobe.analysis import SIZES, analyse, steps
from thermolyte.atomprobe.events import read_events
from thermolyte.atomprobe.ranges import read_ranges
from thermolyte.errors import InputError
from thermolyte.results.terminal_output import configure, progress


def atomprobe(options: Namespace) -> int:
    """The verb, on one rank."""
    if options.synthetic is None:
        return _analyse(options)
    if options.sample or options.ranges:
        raise InputError("--synthetic writes a sample: leave out SAMPLE and --ranges, and analyse what it has written")
    if given := [name for name in ("sizes", "exclude", "output") if getattr(options, name) is not None]:
        raise InputError(f"--{given[0]} is for the analysis of a sample, not for --synthetic, which only writes one")
    return _synthetic(options)


def _analyse(options: Namespace) -> int:
    if options.sample is None or options.ranges is None:
        raise InputError("name a sample and its ranges: thermolyte atomprobe SAMPLE.pos --ranges SAMPLE.rrng")
    given = [name for name in ("composition", "cluster", "efficiency", "edge") if getattr(options, name) is not None]
    if given:
        raise InputError(f"--{given[0]} is for --synthetic only: a sample has its own")
    events, ranges = read_events(options.sample), read_ranges(options.ranges)
    sizes = _sizes(options.sizes) if options.sizes else SIZES
    exclude = [e.strip() for e in options.exclude.split(",") if e.strip()] if options.exclude else []
    if options.lattice is not None and not 0 < options.lattice < math.inf:
        raise InputError(f"--lattice {options.lattice:g}: the lattice parameter in nm must be above 0")
    configure(MPI.COMM_SELF, verbose=False)
    with progress(MPI.COMM_SELF, options.sample.name, steps(events, sizes)) as done:
        found = analyse(events, ranges, sizes, exclude, options.lattice, options.seed, done)
    folder = options.output or Path("results") / options.sample.stem
    about = {"sample": options.sample.name, "ranges": options.ranges.name, "exclude": exclude, "seed": options.seed}
    file = report.write(found, folder, **about)
    console = Console()
    console.print(tables.on_terminal(tables.SHORT_HEAD, tables.short(found)))
    console.print(tables.on_terminal(*tables.sume(found)))
    for line in [*found.verdict(), *(f"warning: {w}" for w in found.warnings())]:
        console.print(f"• {line}", highlight=False, markup=False)
    console.print(str(file), highlight=False, markup=False, soft_wrap=True)
    return 0


def _synthetic(options: Namespace) -> int:
    given = {name: getattr(options, name) for name in ("cluster", "efficiency", "edge", "seed")}
    if options.composition:
        given["composition"] = _composition(options.composition)
    if options.lattice is not None:
        given["lattice_parameter"] = options.lattice
    try:
        alloy = synthetic.Alloy.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = "lattice" if first["loc"][0] == "lattice_parameter" else first["loc"][0]
        raise InputError(f"--{name} {first['input']}: {first['msg']}") from None
    pos, rrng = synthetic.write(alloy, options.synthetic)
    print(f"{pos}\n{rrng}\nthermolyte atomprobe {shlex.quote(str(pos))} --ranges {shlex.quote(str(rrng))}")
    return 0


def _sizes(text: str) -> list[float]:
    """Increasing sizes [nm] from "1,2,5"."""
    try:
        sizes = [float(word) for word in text.split(",")]
    except ValueError:
        raise InputError(
            f"--sizes {text}: write edges of cubes in nm with commas between, such as 1,2,3,5,10"
        ) from None
    if not all(0 < s < math.inf for s in sizes) or len(set(sizes)) < 3:
        raise InputError(f"--sizes {text}: three sizes or more are needed, all above 0 nm, such as 1,2,3,5,10")
    return sorted(set(sizes))


def _composition(text: str) -> dict[str, float]:
    """{"Co": 0.3} from "Co:0.3"."""
    found: dict[str, float] = {}
    for word in text.split(","):
        name, _, value = word.strip().partition(":")
        try:
            found[name] = float(value)
        except ValueError:
            raise InputError(
                f"--composition {text}: write ELEMENT:FRACTION with commas, such as Co:0.5,Ni:0.5"
            ) from None
    return found
