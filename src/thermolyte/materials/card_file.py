"""Where material cards are: the library, and .yaml and .csv files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from thermolyte.case_file import CaseFile
from thermolyte.errors import InputError
from thermolyte.explain import choices
from thermolyte.materials.csv_file import read_csv

LIBRARY = Path(__file__).parent / "library"


def library() -> list[str]:
    """Names of the cards that come with the package."""
    return sorted((path.stem for path in LIBRARY.glob("*.yaml")), key=str.lower)


def path_of_card(name_or_path: str | Path, base: Path) -> Path:
    """The .yaml or .csv file of a card, relative to the folder `base`.

    Raises:
        InputError: no such file, or a name that the library does not have (with the known names).
    """
    path = base / name_or_path
    if path.suffix not in (".yaml", ".yml", ".csv"):
        raise InputError(f"no material card `{name_or_path}`; {choices(str(name_or_path), library())}")
    if not path.is_file():
        raise InputError(f"no such material card: {path}")
    return path


def card_file(path: Path) -> CaseFile:
    """What stands in the file of a card, named after the file where it has no name of its own."""
    file = CaseFile(path, read_csv(path)) if path.suffix == ".csv" else CaseFile.read(path)
    file.data.setdefault("name", path.stem)
    return file


_reading: list[Path] = []


@contextmanager
def no_circle(path: Path) -> Iterator[None]:
    """While the card of a file is read: no card that it is made of may come back to it.

    Raises:
        InputError: the file is being read already.
    """
    if path.resolve() in _reading:
        raise InputError(f"{path}: the mixture in this card comes back to the card itself")
    _reading.append(path.resolve())
    try:
        yield
    finally:
        _reading.pop()
