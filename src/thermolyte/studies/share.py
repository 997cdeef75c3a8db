"""A share of the points of a study: what one job of a job array solves."""

from __future__ import annotations

import re
from typing import NamedTuple

from thermolyte.case import Case
from thermolyte.errors import InputError
from thermolyte.studies.study import Map


class Share(NamedTuple):
    """Share `number` (from 1) of `of` shares of so many points.

    Neighbours stay together: the last parameter of a sweep varies fastest, so that a share keeps its mesh and its slow
    parameters, and each point starts from one that is close.
    """

    number: int
    of: int
    points: int

    @classmethod
    def parse(cls, text: str, points: int) -> Share:
        """From "3/20".

        Raises:
            InputError: not a share, or fewer points than shares.
        """
        match = re.fullmatch(r"(\d+)/(\d+)", text)
        if not match or not 1 <= int(match[1]) <= int(match[2]):
            raise InputError(f"--share {text}: write --share 3/20 for the third of 20 shares, from 1/20 to 20/20")
        check_shares(int(match[2]), points, f"--share {text}")
        return cls(int(match[1]), int(match[2]), points)

    @property
    def first(self) -> int:
        """Position of its first point in the study, from 0."""
        return (self.number - 1) * self.points // self.of

    @property
    def positions(self) -> slice:
        """Positions of its points in the study."""
        return slice(self.first, self.number * self.points // self.of)

    @property
    def name(self) -> str:
        """Name of its folder: 03of20."""
        return f"{self.number:0{len(str(self.of))}d}of{self.of}"

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


def check_divisible(case: Case, where: str) -> None:
    """Refuse to share a study of which a point depends on others.

    Raises:
        InputError: a map.
    """
    if isinstance(case.study, Map):
        raise InputError(
            f"{where}: a map cannot be shared, for its solutions decide which point is solved next: use more ranks "
            "instead, or a sweep, which solves every point"
        )


def check_shares(number: int, points: int, where: str) -> None:
    """Refuse more shares than points.

    Raises:
        InputError: that.
    """
    if points == 1:
        raise InputError(f"{where}: the study has one point, which cannot be shared: use more ranks instead")
    if number > points:
        raise InputError(f"{where}: the study has {points} points: make {points} shares of it, or fewer")
