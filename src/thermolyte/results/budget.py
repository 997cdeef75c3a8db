"""The resistance budget: which leg, strap, contact and lead the Joule heat comes from."""

from __future__ import annotations

from typing import NamedTuple

from matplotlib.patches import Patch

from thermolyte.results.ageing_wording import in_days
from thermolyte.results.battery_wording import TIME
from thermolyte.results.record import Point, Record
from thermolyte.results.style import COLOURS, Picture, new_figure
from thermolyte.results.wording import OBJECTIVES, QUANTITIES, in_words

KINDS = {
    "n-type": ("n-type material", COLOURS[0], ""),
    "p-type": ("p-type material", COLOURS[1], "//"),
    "conductor": ("straps and layers", COLOURS[2], "\\\\"),
    "contact": ("contacts", COLOURS[4], "xx"),
    "lead": ("leads", COLOURS[3], ".."),
}
"""Kind of part -> legend, colour, hatch."""

NEGLIGIBLE = 1e-4  # share below which a part gets no bar; the report lists all


class Part(NamedTuple):
    """One part of the resistance: its name, what it is, its resistance [Ω] and share of the whole."""

    name: str
    kind: str
    resistance: float
    share: float


def parts(record: Record, point: Point) -> list[Part]:
    """All parts of the resistance of a point, the largest first."""
    prefix = "resistance."
    found = {n.removeprefix(prefix): v for n, v in point.values.items() if n.startswith(prefix)}
    total = sum(found.values()) or 1.0
    listed = [Part(_words(record, n), _kind(record, n), v, v / total) for n, v in found.items()]
    return sorted(listed, key=lambda part: -part.resistance)


def resistance_budget(record: Record) -> Picture | None:
    """Sorted bars of the parts of the resistance at the representative point."""
    point = record.representative
    listed = parts(record, point) if point else []
    if point is None or len(listed) < 2:
        return None
    shown = [p for p in listed if p.share >= NEGLIGIBLE]
    w = QUANTITIES["resistance"].fitted(p.resistance for p in shown)
    figure = new_figure(6.8, 1.15 + 0.34 * len(shown))
    ax = figure.subplots()
    for row, part in enumerate(shown):
        _, colour, hatch = KINDS[part.kind]
        ax.barh(row, part.resistance / w.scale, 0.66, color=colour, hatch=hatch, edgecolor="white", linewidth=0)
        text = f"{part.resistance / w.scale:.3g} {w.unit}   {100 * part.share:.3g} %"
        ax.annotate(text, (part.resistance / w.scale, row), (4, 0), textcoords="offset points", va="center")
    ax.set_yticks(range(len(shown)), [p.name for p in shown])
    ax.set(xlabel=f"resistance [{w.unit}]", xlim=(0, 1.38 * shown[0].resistance / w.scale))
    ax.invert_yaxis()
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", length=0)
    kinds = [k for k in KINDS if any(p.kind == k for p in shown)]
    patches = [Patch(facecolor=KINDS[k][1], hatch=KINDS[k][2], edgecolor="white", label=KINDS[k][0]) for k in kinds]
    figure.legend(handles=patches, loc="outside lower center", ncols=len(patches))
    return Picture(
        "resistance_budget",
        figure,
        _caption(point, sum(p.resistance for p in listed), len(listed) - len(shown)),
    )


def where(point: Point) -> str:
    """A point in words: what was sought there, its parameters, its time and its current."""
    words = [OBJECTIVES.get(point.objective or "", ""), in_words(point.parameters)]
    ages = "ageing" in point.files
    if point.values.get("time"):
        words.append(f"after {in_days(point.values['time']) if ages else TIME.number(point.values['time'])}")
    if point.has("current") and not ages and not any(k.endswith(".current") for k in point.parameters):
        words.append(f"current {QUANTITIES['current'].number(point.values['current'])}")
    return ", ".join(filter(None, words)) or "operating point"


def _caption(point: Point, total: float, left_out: int) -> str:
    text = (
        f"Joule heat of each part over current squared ({where(point)}); sum {QUANTITIES['resistance'].number(total)}."
    )
    return text + (f" {left_out} parts below {100 * NEGLIGIBLE:g} % are not drawn." if left_out else "")


def _kind(record: Record, name: str) -> str:
    """Whether a part is a contact, a lead, or a material and of which type."""
    if "/" in name:
        return "contact"
    card = record.material(name)
    if not card and name in record.case.get("terminals", {}):
        return "lead"
    kind = card.get("kind", "")
    return kind if kind in KINDS else "conductor"


def _words(record: Record, name: str) -> str:
    """A part as a reader would call it."""
    kind = _kind(record, name)
    if kind == "contact":
        return "contact " + name.replace("_", " ").replace("/", " | ")
    if kind == "lead":
        return f"lead {name.replace('_', ' ')}"
    card = record.material(name).get("name")
    return name.replace("_", " ") + (f" ({card})" if card else "")
