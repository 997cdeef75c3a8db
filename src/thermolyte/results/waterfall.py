"""The heat budget: how conduction, Peltier heat and returning Joule heat make up the heat that enters the hot side."""

from __future__ import annotations

from thermolyte.results.budget import where
from thermolyte.results.record import Record
from thermolyte.results.style import COLOURS, Picture, new_figure
from thermolyte.results.wording import QUANTITIES

PARTS = {
    "conduction": "conduction",
    "peltier": "Peltier and Thomson heat",
    "joule": "Joule heat of materials, returned",
    "contact_joule": "Joule heat of contacts, returned",
    "losses": "losses through other faces",
}


def heat_budget(record: Record) -> Picture | None:
    """Bars from conduction to Q_h, each starting where the one before ended, at the representative point."""
    point = record.representative
    found = {n: point.values[f"heat_budget.{n}"] for n in PARTS if f"heat_budget.{n}" in point.values} if point else {}
    if point is None or not found:
        return None
    total = sum(found.values())
    w = QUANTITIES["hot_heat_flow"].fitted([total, *found.values()])
    figure = new_figure(6.3, 1.0 + 0.4 * len(found))
    ax = figure.subplots()
    end = 0.0
    for row, (name, heat) in enumerate([*found.items(), ("total", total)]):
        start = 0.0 if name == "total" else end
        colour, hatch = (COLOURS[6], "") if name == "total" else (COLOURS[0], "") if heat >= 0 else (COLOURS[1], "//")
        ax.barh(row, heat / w.scale, 0.62, left=start / w.scale, color=colour, hatch=hatch, edgecolor="white")
        end = max(start, start + heat)
        text = f"{heat / w.scale:.3g} {w.unit}   {100 * heat / total:.3g} %"
        ax.annotate(text, (end / w.scale, row), (4, 0), textcoords="offset points", va="center")
        end = start + heat
    ax.set_yticks(range(len(found) + 1), [*(PARTS[n] for n in found), "heat into the hot side"])
    ax.set(xlabel=f"heat [{w.unit}]")
    ax.margins(x=0.28)
    ax.set_xlim(left=min(0.0, ax.get_xlim()[0] if total < 0 else 0.0))
    ax.invert_yaxis()
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", length=0)
    caption = f"What makes up the heat into the hot side ({where(point)}); hatched: heat that comes back to it."
    return Picture("heat_budget", figure, caption)
