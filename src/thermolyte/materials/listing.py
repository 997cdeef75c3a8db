"""Material cards as text: the list of all, and the values of one."""

from __future__ import annotations

import numpy as np
from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from thermolyte.materials.card import Card, library
from thermolyte.materials.laws import Source
from thermolyte.materials.property import Property

COLUMNS = (
    ("seebeck_coefficient", "S [µV/K]", 1e6),
    ("electrical_conductivity", "σ [S/m]", 1.0),
    ("thermal_conductivity", "κ [W/(m K)]", 1.0),
)


def list_cards() -> Table:
    """Name, kind, range and source of every library card."""
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("name", "kind", "range [K]", "material", "source"):
        table.add_column(heading, no_wrap=heading == "name")
    for name in library():
        card = Card.load(name)
        table.add_row(name, card.kind, _span(card.range), card.title, card.source.doi or _origin(card.source))
    return table


def _origin(source: Source) -> str:
    note = (source.note or "").lower()
    return next((word for word in ("estimate", "textbook") if note.startswith(word)), "see the card")


def show_card(card: Card) -> Group:
    """What the card holds: values at some temperatures, zT, uncertainty, range, sources and warnings."""
    head = Text.assemble((card.name, "bold"), f"  {card.title}", f"\n{card.kind}  {card.composition or ''}")
    notes = [_source("source", card.source)]
    notes += [_source(f"source of {name}", law.source) for name, law in card.laws() if law.source]
    notes += [Text(f"warning: {warning}", style="yellow") for warning in card.warnings]
    return Group(head, _values(card), _facts(card), *notes)


def _values(card: Card) -> Table:
    """The properties at round temperatures; outside their range in brackets."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("T [K]", justify="right")
    found = [(p, label, scale) for name, label, scale in COLUMNS if (p := getattr(card, name)) is not None]
    for _, label, _ in found:
        table.add_column(label, justify="right")
    complete = len(found) == len(COLUMNS)
    if complete:
        table.add_column("zT", justify="right")
    for T in _round_temperatures(card):
        cells = [_bracketed(_numbers(scale * p(T)), p, T) for p, _, scale in found]
        if complete:
            cells.append(_numbers(card.figure_of_merit(T)))
        table.add_row(f"{T:g}", *cells)
    return table


def _facts(card: Card) -> Table:
    """Law, unit as stored, uncertainty, range and what happens outside it."""
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("property", "law", "SI unit", "uncertainty", "range [K]", "outside"):
        table.add_column(heading)
    for name, law in card.laws():
        p = Property(name, law)
        kinds = " ".join(dict.fromkeys(axis.law for axis in p.axes))
        uncertainty = f"±{100 * p.uncertainty:g} %" if p.uncertainty else "not stated"
        table.add_row(name, kinds, p.unit, uncertainty, _span(p.range), p.outside)
    return table


def _round_temperatures(card: Card) -> list[float]:
    """The ends of the range and multiples of 25, 50 or 100 K between them."""
    low, high = card.range or (300.0, 600.0)
    step = next((s for s in (25.0, 50.0, 100.0) if (high - low) / s <= 10), 200.0)
    between = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    return sorted({float(T) for T in (np.round(low), *between, np.round(high))})


def _numbers(value: object) -> str:
    return " / ".join(f"{v:.4g}" for v in np.atleast_1d(np.asarray(value, dtype=float)))


def _bracketed(text: str, p: Property, T: float) -> str:
    low, high = p.range or (-np.inf, np.inf)
    return text if low - 1 <= T <= high + 1 else f"({text})"


def _span(r: tuple[float, float] | None) -> str:
    return "any" if r is None else f"{r[0]:.0f}-{r[1]:.0f}"


def _source(label: str, source: Source) -> Text:
    parts = (f"https://doi.org/{source.doi}" if source.doi else None, source.licence, source.note)
    return Text(f"{label}: " + ("; ".join(part.strip() for part in parts if part) or "not given"))
