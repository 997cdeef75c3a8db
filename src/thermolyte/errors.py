"""The two ways a run can fail; both reach the user as one message without a traceback."""

from __future__ import annotations


class InputError(Exception):
    """What the user wrote cannot be solved as it stands: says where, and what to do. Exit code 2."""

    exit_code = 2


class SolveError(Exception):
    """The equations were posed but no solution was found: says how far it came. Exit code 1."""

    exit_code = 1
