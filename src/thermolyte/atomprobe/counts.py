"""Atoms of each species in the cubes of a ladder of sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thermolyte.atomprobe.events import Events
from thermolyte.atomprobe.ranges import Ranges
from thermolyte.errors import InputError

Counts = NDArray[np.int64]
MOST = 400_000_000
"""Numbers in all grids together: 3 GB. More comes from a size that is too small, or from a stray ion far away."""
WHOLE = 1e-9


class Sample(NamedTuple):
    """What was counted: species, atoms (cubes, species) in all cubes of each size [nm], and shares of the ions."""

    species: list[str]
    cubes: dict[float, Counts]
    ions: int
    ranged: int
    paired: float
    """Fraction of the counted atoms that share their ion with another counted one."""


class _Grid:
    """Cubes of one size in the middle of a box."""

    def __init__(self, size: float, corner: NDArray[np.float64], extent: NDArray[np.float64], kinds: int) -> None:
        self.size, self.kinds = size, kinds
        self.shape = tuple(int(n) for n in np.floor(extent / size + WHOLE))
        self.corner = corner + (extent - size * np.array(self.shape)) / 2
        self.flat = np.zeros(int(np.prod(self.shape)) * kinds, dtype=np.int64)

    def add(self, xyz: NDArray[np.float32], kind: NDArray[np.intp]) -> None:
        """Count ions of some kinds at xyz [nm]."""
        cell = np.zeros(len(xyz), dtype=np.int64)
        inside = np.ones(len(xyz), dtype=bool)
        for axis, n in enumerate(self.shape):
            place = np.floor((xyz[:, axis] - np.float32(self.corner[axis])) / np.float32(self.size)).astype(np.int64)
            inside &= (place >= 0) & (place < n)
            cell = cell * n + place
        key = (cell * self.kinds + kind)[inside]
        self.flat += np.bincount(key, minlength=self.flat.size)

    @property
    def counts(self) -> Counts:
        """Of shape (nx, ny, nz, kinds)."""
        return self.flat.reshape(*self.shape, self.kinds)


def count(
    events: Events,
    ranges: Ranges,
    sizes: Sequence[float],
    exclude: Sequence[str] = (),
    done: Callable[[str], None] = lambda _: None,
) -> Sample:
    """Atoms in cubes of these sizes [nm]; molecular ions count with all their atoms.

    The smallest cubes are counted ion by ion, and so are those that are no multiple of them; others are sums of blocks.
    `done(what)` is called after each chunk of ions, of which there are `2 * events.number_of_chunks()`.

    Raises:
        InputError: an unknown species to exclude, no atoms in any range, or more cubes than fit into memory.
    """
    species = _species(ranges, exclude)
    atoms, kind_of_range = np.unique(ranges.atoms(species), axis=0, return_inverse=True)
    ordered = sorted(set(sizes))
    grids = _grids(ordered, len(atoms), events, done)
    found = np.zeros(len(atoms), dtype=np.int64)
    for xyz, mass in events.chunks(done, "counting atoms"):
        place = ranges.index(mass)
        ranged = place >= 0
        xyz, kind = xyz[ranged], kind_of_range[place[ranged]]
        found += np.bincount(kind, minlength=len(atoms))
        for grid in grids.values():
            grid.add(xyz, kind)
    if not (found @ atoms).any():
        raise InputError(_nothing(events, ranges, species))
    per_ion = atoms.sum(axis=1)
    cubes = _ladder({s: g.counts @ atoms for s, g in grids.items()}, ordered)
    paired = float((found * per_ion)[per_ion > 1].sum() / (found @ per_ion))
    return Sample(species, cubes, len(events), int(found.sum()), paired)


def _grids(sizes: Sequence[float], kinds: int, events: Events, done: Callable[[str], None]) -> dict[float, _Grid]:
    """A grid of the smallest cubes, and of those that are no multiple of them."""
    corner, extent = _box(events, done)
    direct = [s for s in sizes if s == sizes[0] or abs(s / sizes[0] - round(s / sizes[0])) > WHOLE]
    needed = sum(float(np.prod(np.floor(extent / s))) for s in direct) * kinds
    if needed > MOST:
        raise InputError(
            f"{events.path}: {needed:.1e} counts for cubes of {sizes[0]:g} nm in a box of "
            f"{' × '.join(f'{e:g}' for e in extent)} nm are too many: take larger cubes (--sizes), or cut stray ions"
        )
    return {s: _Grid(s, corner, extent, kinds) for s in direct}


def _ladder(direct: dict[float, Counts], sizes: Sequence[float]) -> dict[float, Counts]:
    """Counts (cubes, species) of each size of which a cube with atoms fits into the box."""
    base = sizes[0]
    found = {}
    for size in sizes:
        counts = direct[size] if size in direct else _blocks(direct[base], round(size / base))
        if counts.any():
            found[size] = counts.reshape(-1, counts.shape[-1])
    return found


def _blocks(counts: Counts, times: int) -> Counts:
    """Sums over cubes of `times`³ cells; what is left over is shared by both sides."""
    for axis in range(3):
        n = counts.shape[axis] // times
        start = (counts.shape[axis] - n * times) // 2
        counts = counts.take(range(start, start + n * times), axis=axis)
        shape = (*counts.shape[:axis], n, times, *counts.shape[axis + 1 :])
        counts = counts.reshape(shape).sum(axis=axis + 1)
    return counts


def _box(events: Events, done: Callable[[str], None]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower corner and extent [nm] of all ions, in whole nanometres: a cut box of 40 nm holds one cube of 40 nm."""
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for xyz, _ in events.chunks(done, "reading positions"):
        low, high = np.minimum(low, xyz.min(axis=0)), np.maximum(high, xyz.max(axis=0))
    low = np.floor(low)
    return low, np.ceil(high) - low


def _species(ranges: Ranges, exclude: Sequence[str]) -> list[str]:
    """The species to count."""
    if unknown := [e for e in exclude if e not in ranges.species]:
        raise InputError(
            f"--exclude {','.join(unknown)}: no range has it; known: {', '.join(ranges.species) or 'none'}"
        )
    kept = [e for e in ranges.species if e not in exclude]
    if len(kept) < 2:
        raise InputError(f"entropy of mixing needs two species, but the ranges leave {', '.join(kept) or 'none'}")
    return kept


def _nothing(events: Events, ranges: Ranges, species: Sequence[str]) -> str:
    masses = next(events.chunks())[1]
    low, high = ranges.ranges[0].low, ranges.ranges[-1].high
    return (
        f"{events.path}: none of {len(events)} ions is in a range of {', '.join(species)}: they have "
        f"{masses.min():g} to {masses.max():g} Da, the ranges go from {low:g} to {high:g} Da; are they its own?"
    )
