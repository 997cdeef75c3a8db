"""Files of one JSON object a line, each on disk at once: what is finished stays when a run is killed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def append(file: Path, line: Mapping[str, Any]) -> None:
    """Add a line, and see it on the disk.

    Raises:
        OSError: it cannot be written.
    """
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(line) + "\n")
        lines.flush()
        os.fsync(lines.fileno())


def repaired(file: Path) -> list[dict[str, Any]]:
    """The lines of a file; one that was cut off when the job was killed is dropped, here and on disk.

    Raises:
        OSError: it cannot be read or written.
    """
    content = file.read_bytes()
    found = lines(content)
    kept = "".join(json.dumps(line) + "\n" for line in found)
    if kept.encode() != content:
        replace(file, kept)
    return found


def lines(content: bytes) -> list[dict[str, Any]]:
    """The undamaged lines with a key."""
    return [line for line in map(_parsed, content.splitlines()) if line is not None]


def _parsed(line: bytes) -> dict[str, Any] | None:
    """One line; None when it is damaged."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "key" in found else None


def replace(path: Path, text: str) -> None:
    """Write a file such that at any moment the old or the new one is there.

    Raises:
        OSError: it cannot be written.
    """
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
