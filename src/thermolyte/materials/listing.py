"""Material cards as text: the list of all, and the values of one."""

from __future__ import annotations

import numpy as np
from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from thermolyte.materials.card import Card
from thermolyte.materials.card_file import library
from thermolyte.materials.carriers import carrier_concentration
from thermolyte.materials.composition import CompositionLaw
from thermolyte.materials.laws import Source
from thermolyte.materials.property import Property

COLUMNS = (
    ("seebeck_coefficient", "S [µV/K]", 1e6),
    ("electrical_conductivity", "σ [S/m]", 1.0),
    ("thermal_conductivity", "κ [W/(m K)]", 1.0),
)
MORE_COLUMNS = (
    ("ionic_conductivity", "κ ionic [mS/cm]", 10.0),
    ("diffusivity", "D [m²/s]", 1.0),
    ("young_modulus", "E [GPa]", 1e-9),
    ("poisson_ratio", "ν", 1.0),
    ("thermal_expansion", "α [1e-6/K]", 1e6),
    ("yield_strength", "σ_y [MPa]", 1e-6),
    ("hardening_modulus", "H [MPa]", 1e-6),
    ("open_circuit_potential", "U [mV]", 1e3),
)
NUMBERS = (
    ("partial_molar_volume", "m³/mol"),
    ("host_molar_volume", "m³/mol"),
    ("maximum_concentration", "mol/m³"),
    ("saturation", "1"),
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
    parts = (("creep", card.creep), ("carriers", card.carriers))
    notes += [_source(f"source of {name}", part.source) for name, part in parts if part and part.source]
    return Group(head, *_curves(card), _facts(card), *notes)


def _curves(card: Card) -> list[Table]:
    """The tables over temperature and over composition that the card fills."""
    tables = (_over_temperature(card), _over_composition(card), _over_carriers(card))
    return [table for table in tables if len(table.columns) > 1]


def _over_temperature(card: Card) -> Table:
    """The laws of temperature at round temperatures; outside their range in brackets."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("T [K]", justify="right")
    columns = ((name, label, scale, card.law(name)) for name, label, scale in (*COLUMNS, *MORE_COLUMNS))
    given = [c for c in columns if c[3] is not None]
    found = [(Property(n, law), label, k) for n, label, k, law in given if not isinstance(law, CompositionLaw | None)]
    for _, label, _ in found:
        table.add_column(Text(label), justify="right")
    complete = {name for name, _, _ in COLUMNS} <= {name for name, *_ in given}
    if complete:
        table.add_column("zT", justify="right")
    for T in _round_temperatures(card):
        cells = [_bracketed(_numbers(scale * p(T)), p, T) for p, _, scale in found]
        if complete:
            cells.append(_numbers(card.figure_of_merit(T)))
        table.add_row(f"{T:g}", *cells)
    return table


def _over_composition(card: Card) -> Table:
    """The laws of composition at 298.15 K; outside their range in brackets."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("x", justify="right")
    columns = ((label, scale, card.law(name)) for name, label, scale in MORE_COLUMNS)
    found = [(label, scale, law) for label, scale, law in columns if isinstance(law, CompositionLaw)]
    for label, _, _ in found:
        table.add_column(Text(label), justify="right")
    ends = [law.span for _, _, law in found if law.span]
    points = np.linspace(min(e[0] for e in ends), max(e[1] for e in ends), 7) if ends else np.array([0.5])
    for x in points:
        cells = []
        for _, scale, law in found:
            low, high = law.span or (-np.inf, np.inf)
            text = _numbers(scale * law(x))
            cells.append(text if low - 1e-9 <= x <= high + 1e-9 else f"({text})")
        table.add_row(f"{x:.4g}", *cells)
    return table


def _over_carriers(card: Card) -> Table:
    """What the carriers of the card do at 300 K over composition."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column(f"x [{card.composition_unit}]", justify="right")
    if card.carriers is None:
        return table
    for label in ("n [1/cm³]", "S [µV/K]", "σ [S/m]"):
        table.add_column(Text(f"{label} at 300 K" if label[0] != "n" else label), justify="right")
    for x in card.carriers.compositions(card):
        n = carrier_concentration(card.carriers, x, card.properties.host_molar_volume)
        at = card.carriers.electrons(card, x, 300.0)
        table.add_row(
            f"{x:.4g}", _numbers(1e-6 * n), _numbers(1e6 * at.seebeck_coefficient), _numbers(at.electrical_conductivity)
        )
    return table


def _facts(card: Card) -> Table:
    """Law, unit as stored, uncertainty, range and what happens outside it."""
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("property", "law", "SI unit", "uncertainty", "range [K]", "outside"):
        table.add_column(heading)
    for name, law in card.laws():
        table.add_row(name, *_of_composition(law) if isinstance(law, CompositionLaw) else _fact(Property(name, law)))
    for name, unit in NUMBERS:
        value = card.maximum_concentration if name == "maximum_concentration" else getattr(card.properties, name)
        if value is not None:
            table.add_row(name, f"{value:.5g}", card.composition_unit if name == "saturation" else unit)
    if card.phase_limit is not None:
        table.add_row("phase limit", f"{card.phase_limit:.5g}", "K")
    if card.creep:
        table.add_row("creep", str(card.creep), "1/s", _percent(card.creep.uncertainty))
    return table


def _fact(p: Property) -> tuple[str, ...]:
    kinds = " ".join(dict.fromkeys(axis.law for axis in p.axes))
    return kinds, p.unit, _percent(p.uncertainty), _span(p.range), p.outside


def _of_composition(law: CompositionLaw) -> tuple[str, ...]:
    span = f"x: {law.span[0]:g}-{law.span[1]:g}" if law.span else "any"
    return law.kind, law.unit or "", _percent(law.uncertainty), span, law.outside


def _percent(uncertainty: float | None) -> str:
    return "not stated" if uncertainty is None else f"±{100 * uncertainty:g} %"


def _round_temperatures(card: Card) -> list[float]:
    """The ends of the range and multiples of 25, 50 or 100 K between them."""
    low, high = card.range or ((300.0, 600.0) if _varies(card) else (298.0, 298.0))
    step = next((s for s in (25.0, 50.0, 100.0) if (high - low) / s <= 10), 200.0)
    between = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    return sorted({float(T) for T in (np.round(low), *between, np.round(high))})


def _varies(card: Card) -> bool:
    """Whether one of its laws of temperature is not constant."""
    laws = [law for _, law in card.laws() if not isinstance(law, CompositionLaw)]
    return any(axis.law != "constant" for law in laws for axis in Property("", law).axes)


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
