"""Ions as they were detected: positions and mass-to-charge ratios from .pos, .epos and .apt files, by chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thermolyte.errors import InputError

CHUNK = 4_000_000
"""Ions at a time: 64 MB."""
WORDS = {".pos": 4, ".epos": 11}
"""Words of 4 bytes per ion; the first four are x, y, z, m/n as big-endian floats in both formats."""
FARTHEST = 1e5  # nm; no tip is that long, but bytes in the wrong order are
Floats = NDArray[np.float32]


class Events(NamedTuple):
    """Ions of one measurement: x, y, z [nm] and m/n [Da], in a file that is mapped, not read."""

    path: Path
    data: NDArray[Any]  # (ions, 4)

    def __len__(self) -> int:
        return len(self.data)

    def chunks(self, done: Callable[[str], None] = lambda _: None, label: str = "") -> Iterator[tuple[Floats, Floats]]:
        """Positions (ions, 3) [nm] and mass-to-charge ratios (ions,) [Da]; `done(label)` after each chunk.

        Raises:
            InputError: numbers that no measurement gives, as from a file with another order of bytes.
        """
        for start in range(0, len(self), CHUNK):
            part = np.array(self.data[start : start + CHUNK], dtype=np.float32)
            if not (np.abs(part[:, :3]) < FARTHEST).all() or not (np.abs(part[:, 3]) < FARTHEST).all():
                bad = int(np.argmin((np.abs(part) < FARTHEST).all(axis=1)))
                raise InputError(
                    f"{self.path}: ion {start + bad + 1} is at {part[bad, :3].tolist()} nm with {part[bad, 3]:g} Da: "
                    "this is not a file of big-endian 4-byte floats (x, y, z in nm, m/n in Da)"
                )
            yield part[:, :3], part[:, 3]
            done(label)

    def number_of_chunks(self) -> int:
        """How many chunks there are."""
        return -(-len(self) // CHUNK)


def read_events(path: Path) -> Events:
    """The ions in a .pos, .epos or .apt file.

    Raises:
        InputError: no such file, another ending, or a file that was cut off or is empty.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    if path.suffix.lower() == ".apt":
        return Events(path, _apt(path))
    if path.suffix.lower() not in WORDS:
        raise InputError(f"{path}: ions are read from .pos, .epos and .apt files")
    words, size = WORDS[path.suffix.lower()], path.stat().st_size
    if size == 0 or size % (4 * words):
        what = "is empty" if size == 0 else f"has {size} bytes, which is no multiple of the {4 * words} bytes of an ion"
        raise InputError(f"{path}: the file {what}: it was cut off, or it is not a {path.suffix} file; copy it again")
    return Events(path, np.memmap(path, dtype=">f4", mode="r").reshape(-1, words)[:, :4])


def _apt(path: Path) -> NDArray[Any]:
    """The ions in a .apt file, by the reader of the IFES technical committee, which is an optional package."""
    try:
        from ifes_apt_tc_data_modeling.apt.apt6_reader import ReadAptFileFormat
    except ImportError:
        raise InputError(
            f"{path}: .apt files need the optional package ifes_apt_tc_data_modeling: "
            "pip install 'ifes_apt_tc_data_modeling>=0.5'; or export the sample as .pos"
        ) from None
    try:
        file = ReadAptFileFormat(str(path))
        positions, masses = file.get_reconstructed_positions(), file.get_mass_to_charge_state_ratio()
    except Exception as error:  # whatever a file that is none makes that reader raise
        raise InputError(f"{path}: is not understood as a .apt file: {error}") from None
    if positions is None or masses is None:
        raise InputError(f"{path}: holds no reconstructed positions and masses: export it again with both")
    return np.column_stack([positions.to("nm").magnitude, np.ravel(masses.magnitude)])
