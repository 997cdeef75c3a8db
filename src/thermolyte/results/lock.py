"""The lock of a result folder: two runs that write there would mix their points."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import TextIO

from thermolyte.errors import InputError

LOCK = ".lock"


def claim(folder: Path) -> TextIO:
    """Hold the folder until the file is closed or this process has ended, however it ends.

    Raises:
        InputError: another run holds it.
    """
    file = (folder / LOCK).open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise InputError(
            f"{folder}: another run is writing here: wait until it has ended, or give another folder with -o"
        ) from None
    except OSError:  # a file system without locks: nobody can be kept out
        pass
    return file
