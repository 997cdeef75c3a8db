"""Which regions hang together."""

from __future__ import annotations

from collections.abc import Collection, Iterable


def bodies(regions: Collection[str], joined: Iterable[tuple[str, ...]]) -> dict[str, str]:
    """Region -> a region that stands for all that are joined to it."""
    body = {r: r for r in regions}
    for a, b in joined:
        if a in body and b in body:
            old, new = body[b], body[a]
            body = {r: new if x == old else x for r, x in body.items()}
    return body
