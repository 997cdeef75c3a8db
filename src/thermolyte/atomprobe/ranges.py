"""Ranges: which ion a mass-to-charge ratio stands for, and the atoms in it. Readers for .rrng and .rng files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thermolyte.errors import InputError
from thermolyte.materials.entropy import atoms

_RRNG = re.compile(r"Range\d+\s*=\s*(\S+)\s+(\S+)(.*)", re.I)
_ATOMS = re.compile(r"([A-Z][a-z]?):(\d+)")


class Range(NamedTuple):
    """An interval of mass-to-charge ratio [Da] and the atoms of its ion; none for an ion without a formula."""

    name: str
    low: float
    high: float
    atoms: Mapping[str, int]

    @property
    def ion(self) -> str:
        """As it is spelt: "FeO"."""
        return "".join(f"{e}{n if n > 1 else ''}" for e, n in self.atoms.items()) or "unnamed"

    def __str__(self) -> str:
        return f"{self.name} ({self.ion}, {self.low:g} to {self.high:g} Da)"


class Ranges:
    """Ranges that do not overlap, by increasing mass-to-charge ratio."""

    def __init__(self, ranges: Sequence[Range], place: str) -> None:
        """Check and sort them; `place` is where they are written.

        Raises:
            InputError: none, an empty one, or two that overlap, with both names.
        """
        if not ranges:
            raise InputError(f"{place}: no ranges found in this file")
        self.ranges = sorted(ranges, key=lambda r: r.low)
        for r in self.ranges:
            if not 0 <= r.low < r.high < np.inf:
                raise InputError(f"{place}: {r} is empty: write the lower bound first")
        for one, next_ in zip(self.ranges, self.ranges[1:], strict=False):
            if next_.low < one.high:
                raise InputError(f"{place}: {one} and {next_} overlap: an ion would count twice; move a bound")
        self._low = np.array([r.low for r in self.ranges], dtype=np.float32)
        self._high = np.array([r.high for r in self.ranges], dtype=np.float32)

    @property
    def species(self) -> list[str]:
        """The elements, each once."""
        return list(dict.fromkeys(e for r in self.ranges for e in r.atoms))

    def index(self, mass: NDArray[np.float32]) -> NDArray[np.intp]:
        """Place in `ranges` of each mass-to-charge ratio [Da]; −1 outside of all."""
        place = np.searchsorted(self._low, mass, side="right") - 1
        place[(place >= 0) & (mass > self._high[place])] = -1
        return place

    def atoms(self, species: Sequence[str]) -> NDArray[np.int64]:
        """Atoms of these species in the ion of each range; shape (ranges, species)."""
        return np.array([[r.atoms.get(e, 0) for e in species] for r in self.ranges], dtype=np.int64)


def read_ranges(path: Path) -> Ranges:
    """The ranges in a .rrng or .rng file.

    Raises:
        InputError: no such file, another ending, or what is wrong with which line.
    """
    readers: dict[str, Callable[[str, str], list[Range]]] = {".rrng": _rrng, ".rng": _rng}
    if path.suffix.lower() not in readers:
        raise InputError(f"{path}: ranges are read from .rrng and .rng files")
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    return Ranges(readers[path.suffix.lower()](text, str(path)), str(path))


def _rrng(text: str, place: str) -> list[Range]:
    """`Range1=27.9 28.1 Vol:0.01 Fe:1 O:1 Color:00FF00` of each line that is one."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if match := _RRNG.match(line.strip()):
            name, where = line.partition("=")[0].strip(), f"{place}:{number}"
            contents: dict[str, int] = {}
            for element, times in _ATOMS.findall(re.sub(r"(?i)(vol|color|name):\s*\S+", "", match[3])):
                contents[element] = contents.get(element, 0) + int(times)
            found.append(Range(name, _number(match[1], where), _number(match[2], where), contents))
        elif re.match(r"Range\d+", line.strip(), re.I):
            raise InputError(
                f"{place}:{number}: expected Range1=LOW HIGH Vol:... ELEMENT:COUNT ..., found {line.strip()!r}"
            )
    return found


def _rng(text: str, place: str) -> list[Range]:
    """The text matrix: names of ions after dashes, then `. LOW HIGH n1 n2 ...` of each range."""
    found: list[Range] = []
    names: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        words, where = line.split(), f"{place}:{number}"
        if words and words[0].startswith("--"):
            if names:  # a polyatomic extension repeats ranges by the name of their ions
                break
            names = words[1:]
        elif words and words[0] == ".":
            if len(words) != 3 + len(names):
                raise InputError(f"{where}: {len(words) - 3} counts for the {len(names)} ions that are named above")
            contents = _contents(dict(zip(names, words[3:], strict=True)), where)
            low, high = (_number(word, where) for word in words[1:3])
            found.append(Range(f"range {len(found) + 1}", low, high, contents))
    return found


def _contents(counts: Mapping[str, str], where: str) -> dict[str, int]:
    """Atoms from how often each ion of the header is in a range; an ion can be a molecule."""
    total: dict[str, int] = {}
    for ion, count in counts.items():
        if not count.isdigit():
            raise InputError(f"{where}: {count!r} is not a number of {ion}")
        if int(count):
            try:
                parts = atoms(ion)
            except ValueError:
                return {}  # an ion that is known by a word, such as `unknown`
            for element, times in parts.items():
                total[element] = total.get(element, 0) + int(count) * round(times)
    return total


def _number(text: str, where: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise InputError(f"{where}: {text!r} is not a number") from None
