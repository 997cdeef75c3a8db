"""How tests edit an input and ask the program to refuse it."""

from __future__ import annotations


def edited(text, *edits):
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return text


def refuses(said, path, line, pieces, *argv, verb="check"):
    err = said(verb, path, *argv)
    start = f"{path}:{line}: " if isinstance(line, int) else line or ""
    assert err.startswith(start), err
    for piece in pieces:
        assert piece in err, err
    return err
