"""The uncertainty of results in words, and as `uncertainty.csv`."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from thermolyte.results.battery_wording import described
from thermolyte.results.wording import QUANTITIES, Wording, parameter_name

FILE = "uncertainty.csv"
INTERVAL = ("percentile_2.5", "percentile_97.5")
SHOWN, LEAST = 5, 0.01
"""Causes that are named in a line, and the smallest share of variance that is."""
HEAD = ("quantity", "unit", "kind", "name", "value", "standard error")


# ---- words -----------------------------------------------------------------------------------------------------------
def cause_name(name: str) -> str:
    """'n legs seebeck coefficient' for 'regions.n_legs.scale.seebeck_coefficient'; a free name as it is."""
    if "." not in name:
        return name
    return parameter_name(name).replace(" scale ", " ").replace("/*", " |").replace("/", " | ")


def wording(name: str, content: Mapping[str, Any]) -> Wording:
    """How a quantity is shown, with a prefix that suits its statistics."""
    w = QUANTITIES.get(name)
    if w is None:
        found, of = described(name, content["unit"])
        w = found._replace(text=", ".join(filter(None, (found.text, of))))
    return w.fitted(e["value"] for e in content["statistics"].values())


def interval_line(name: str, content: Mapping[str, Any]) -> str:
    """'maximum power 0.534 W, 95 % 0.47 … 0.60 W'."""
    w, found = wording(name, content), content["statistics"]
    middle = found.get("nominal", found["mean"])["value"] / w.scale
    text = f"{w.text} {middle:.4g} {w.unit}".rstrip()
    if not all(p in found for p in INTERVAL):
        return text
    low, high = (found[p]["value"] / w.scale for p in INTERVAL)
    return f"{text}, 95 % {low:.3g} … {high:.3g} {w.unit}".rstrip()


def causes_line(content: Mapping[str, Any]) -> str:
    """'n height 41 %, p width 22 % (R² 0.99)'; empty where nothing varies."""
    large = [(n, c["share"]) for n, c in content["causes"].items() if c["share"] >= LEAST][:SHOWN]
    if not content["causes"]:
        return ""
    return ", ".join(f"{cause_name(n)} {100 * share:.0f} %" for n, share in large) + f" ({explained(content)})"


def explained(content: Mapping[str, Any]) -> str:
    """How much the ranking of causes explains: R² of values and ranks, or Q²."""
    found = content["explained"]
    if "q_squared" in found:
        return f"Q² {found['q_squared']:.4f}"
    ranks = f", of ranks {found['rank_r_squared']:.3f}" if found["rank_r_squared"] > found["r_squared"] else ""
    return f"R² {found['r_squared']:.3f}{ranks}"


def share(cause: Mapping[str, float]) -> str:
    """'41 ± 3 %', and with others where that is known."""
    alone = f"{100 * cause['share']:.2g} ± {100 * cause['error']:.1g} %"
    return f"{alone}; with others {100 * cause['total']:.2g} %" if "total" in cause else alone


def title(uncertainty: Mapping[str, Any]) -> str:
    """How many samples there are, and how they were used."""
    failed = f", {len(uncertainty['failed'])} of them failed" if uncertainty["failed"] else ""
    how = " and a polynomial chaos of degree 2" if uncertainty["method"] == "surrogate" else ""
    return f"{uncertainty['samples']} samples{failed}, Latin hypercube{how}"


# ---- table -----------------------------------------------------------------------------------------------------------
def write_table(path: Path, uncertainty: Mapping[str, Any]) -> None:
    """One row per statistic of each quantity, and per cause."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(HEAD)
        for name, content in uncertainty["quantities"].items():
            for row in _rows(content):
                rows.writerow([name, content["unit"] if row[0] == "statistic" else "1", *row])


def _rows(content: Mapping[str, Any]) -> Iterable[tuple[str, str, str, str]]:
    for statistic, estimate in content["statistics"].items():
        yield "statistic", statistic, repr(estimate["value"]), repr(estimate["error"])
    for cause, found in content["causes"].items():
        yield "share of variance", cause, repr(found["share"]), repr(found["error"])
        if "total" in found:
            yield "total share of variance", cause, repr(found["total"]), repr(found["total_error"])
        for kind in ("coefficient", "rank_coefficient"):
            if kind in found:
                yield f"standardised {kind}".replace("_", " "), cause, repr(found[kind]), ""
    for kind, value in content.get("explained", {}).items():
        yield "explained", kind, repr(value), ""
