"""Shares of a study that were solved by themselves, in `shares/` of the result folder, and taken over from there."""

from __future__ import annotations

import shutil
from contextlib import ExitStack, closing
from pathlib import Path

from thermolyte.results.lock import LOCK, claim

SHARES, FIELDS = "shares", "fields"


def take_over(whole: Path, points: str) -> None:
    """Move everything that shares have left into the folder of the study; their lines of `points` are appended.

    Tables, fields and checkpoints bear the number of their point in the whole study. The lines follow the files, so
    that a move that was interrupted is repeated.

    Raises:
        InputError: a share is still being solved.
    """
    with ExitStack() as locks:
        folders = _claimed(whole, locks)
        for folder in folders:
            _move(folder, whole, keep=(LOCK, points))
            with (whole / points).open("ab") as file:
                file.write((folder / points).read_bytes() if (folder / points).exists() else b"")
            shutil.rmtree(folder)
    _remove_if_empty(whole)


def discard(whole: Path) -> None:
    """Delete what shares have left.

    Raises:
        InputError: a share is still being solved.
    """
    with ExitStack() as locks:
        for folder in _claimed(whole, locks):
            shutil.rmtree(folder)
    _remove_if_empty(whole)


def _claimed(whole: Path, locks: ExitStack) -> list[Path]:
    """The folders of all shares, none of which is being solved."""
    folders = sorted(path for path in (whole / SHARES).glob("*of*") if path.is_dir())
    for folder in folders:
        locks.enter_context(closing(claim(folder)))
    return folders


def _move(source: Path, target: Path, keep: tuple[str, ...] = ()) -> None:
    """Move what is in a folder into another; fields go beside those there, a checkpoint takes the place of another."""
    target.mkdir(exist_ok=True)
    for path in [path for path in source.iterdir() if path.name not in keep]:
        if path.name == FIELDS:
            _move(path, target / FIELDS)
            continue
        if (target / path.name).is_dir():
            shutil.rmtree(target / path.name)
        path.replace(target / path.name)


def _remove_if_empty(whole: Path) -> None:
    if (whole / SHARES).is_dir() and not any((whole / SHARES).iterdir()):
        (whole / SHARES).rmdir()
