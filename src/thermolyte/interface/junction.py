"""Junctions by name: the laws of an interface from a file, with their source, as a card is for a material."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo

from thermolyte.case_file import CaseFile
from thermolyte.errors import InputError
from thermolyte.explain import choices
from thermolyte.interface.several import OneLaw
from thermolyte.materials.base import Source
from thermolyte.materials.properties import folder

LIBRARY = Path(__file__).parent / "library"


class Junction(BaseModel):
    """The content of a junction's file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    title: str
    source: Source
    laws: tuple[OneLaw, ...] = Field(min_length=1, description="as they would stand in the case")


def library() -> list[str]:
    """Names of the junctions that come with the package."""
    return sorted(path.stem for path in LIBRARY.glob("*.yaml"))


def named(value: Any, info: ValidationInfo) -> Any:
    """The laws behind a name of the library, or behind a .yaml file relative to the case; others as they are.

    Raises:
        ValueError: no such junction, or a mistake in its file.
    """
    if not isinstance(value, str):
        return value
    try:
        return list(load(value, folder(info)).laws)
    except InputError as error:
        raise ValueError(str(error)) from None


def load(name: str, base: Path = Path()) -> Junction:
    """The junction of a library name, or of a .yaml file relative to `base`.

    Raises:
        InputError: no such junction (with the known names), or a mistake in its file (with the line).
    """
    path = LIBRARY / f"{name}.yaml" if name in library() else base / name
    if path.suffix not in (".yaml", ".yml"):
        raise InputError(f"no junction `{name}`; {choices(name, library())}")
    if not path.is_file():
        raise InputError(
            f"no such file: {path}; a junction is one of the library ({', '.join(library())}) or a .yaml file"
        )
    found: Junction = CaseFile.read(path).parse(Junction)
    return found
