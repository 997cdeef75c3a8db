"""The report page of a run: `report.html`, one page without scripts or requests, for the screen and for print."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from thermolyte.physics.constants import SPECIES
from thermolyte.results import ageing_table, budget, intervals
from thermolyte.results.battery_wording import grouped
from thermolyte.results.record import Point, Record, varying
from thermolyte.results.style import PRINT
from thermolyte.results.wording import OBJECTIVES, QUANTITIES, amount, in_words, parameter_name

FILE = "report.html"
SCREEN = 105  # pixels per inch of a figure on the screen
GROUPS = ("Stress and deformation", "Losses", *map(str.capitalize, SPECIES.values()), "Layers", "Electrons at 300 K")
"""What is listed of a thermoelectric device beside its main numbers."""
COLUMNS = (
    "current", "voltage", "power", "efficiency", "cop", "hot_heat_flow", "cold_heat_flow",
    "power_density_footprint", "power_density_leg",
)  # fmt: skip
Pictures = Mapping[str, tuple[str, str]]


def write_report(record: Record, pictures: Pictures) -> Path:
    """Write the page into the run's folder; `pictures`: name -> (link, caption)."""
    file = record.folder / FILE
    file.write_text(page(record, pictures), encoding="utf-8")
    return file


def page(record: Record, pictures: Pictures) -> str:
    """The page as HTML."""
    parts = [
        _lead(record),
        _uncertainty(record),
        _optima(record),
        _lives(record),
        _figures(record, pictures),
        _budget(record),
        _accuracy(record),
        _trust(record),
        _details(record),
    ]
    return document(str(record.content["title"]), parts)


def document(title: str, parts: Iterable[str]) -> str:
    """A page as HTML from its title and those of its sections that are not empty."""
    style = Path(__file__).with_name("report.css").read_text(encoding="utf-8")
    title, body = escape(title), "\n".join(p for p in parts if p)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f"<style>\n{style}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


# ---- sections ------------------------------------------------------------------------------------------------------
def _lead(record: Record) -> str:
    """How much was solved, and the main numbers of the point that speaks for the run."""
    between, failed = record.interpolated, len(record.failed)
    done = len(record.content["points"]) - between - failed
    total = f"{done} point{'s' * (done != 1)} solved" + (f", {between} interpolated" if between else "")
    total += f", <strong>{failed} failed</strong>" if failed else ""
    point = record.representative
    if point is None:
        return f'<p class="lead">{total}.</p>'
    where = escape(budget.where(point))
    lead = f'<p class="lead">{total}. The numbers below: {where}.</p>\n'
    if record.is_battery:
        return lead + _groups(record, point)
    lead += _ageing(record, point)
    values = ageing_table.without_round_off(record, point)
    rows = [(_name(n), QUANTITIES[n].number(values[n], 6, point.errors.get(n))) for n in QUANTITIES if n in values]
    difference = record.temperature_difference(point)
    if difference is not None and not point.has("temperature_difference"):
        rows.append((_name("temperature_difference"), f"{difference:.6g} K"))
    return lead + table(None, rows) + _groups(record, point, *GROUPS)


def _ageing(record: Record, point: Point) -> str:
    """What a device has lost and when, and a table over the kept times."""
    columns = ageing_table.kept(record, point)
    if not columns:
        return ""
    headline = ageing_table.headline(record, point)
    html = f"<p><strong>{escape(headline[:1].upper() + headline[1:])}.</strong></p>\n" if headline else ""
    html += "".join(f"<p>{escape(text[:1].upper() + text[1:])}.</p>\n" for text in ageing_table.losses(record, point))
    rows = zip(*(c.texts for c in columns), strict=True)
    return f"{html}{table([c.head for c in columns], rows)}\n<h3>Main numbers</h3>\n"


def _lives(record: Record) -> str:
    """How long each device of a sweep lasts."""
    titles, found = ageing_table.lives(record)
    if len(found) < 2:
        return ""
    paths = varying([p.parameters for p, _ in found])
    rows = [[*(amount(k, p.parameters.get(k)).text for k in paths), *row] for p, row in found]
    return f"<h2>Lives</h2>\n{table([*map(parameter_name, paths), *titles], rows)}"


def _groups(record: Record, point: Point, *only: str) -> str:
    """The quantities of a point by what they are about: a battery's, or those of some groups."""
    html = []
    for title, rows in grouped(point.values, record.species).items():
        if not only or title in only:
            html.append(f"<h3>{title}</h3>\n{table(None, rows)}")
    return "\n".join(html)


def _uncertainty(record: Record) -> str:
    """Statistics of each quantity with their standard errors, its causes, and how uncertain the inputs are."""
    about = record.uncertainty
    if not about:
        return ""
    html = f"<h2>Uncertainty</h2>\n<p>{escape(intervals.title(about))}; ± standard error.</p>\n"
    for name, content in about["quantities"].items():
        w = intervals.wording(name, content)
        rows = [
            (n.replace("_", " "), w.number(e["value"], 5, e["error"] or None)) for n, e in content["statistics"].items()
        ]
        html += f"<h3>{escape(w.text)}</h3>\n{table(None, rows)}\n"
        if content["causes"]:
            html += f"<p>Causes by share of variance, {escape(intervals.explained(content))}</p>\n"
            html += table(None, [(intervals.cause_name(n), intervals.share(c)) for n, c in content["causes"].items()])
    inputs = [(intervals.cause_name(n), i["distribution"], f"{i['nominal']:.6g}") for n, i in about["inputs"].items()]
    return html + f"\n<h3>Inputs</h3>\n{table(['input', 'distribution', 'nominal, SI'], inputs)}"


def _optima(record: Record) -> str:
    """All optima that were sought, one row each."""
    points = record.optima()
    if len(points) < 2:
        return ""
    paths = varying([p.parameters for p in points])
    names = [n for n in COLUMNS if all(p.has(n) for p in points)]
    words = {n: QUANTITIES[n].fitted(p.values[n] for p in points) for n in names}
    head = [
        "",
        *map(parameter_name, paths),
        *(f"{w.text} [{w.unit}]" if w.unit else w.text for w in words.values()),
    ]
    rows = [
        [OBJECTIVES.get(p.objective or "", ""), *(amount(k, p.parameters.get(k)).text for k in paths)]
        + [f"{p.values[n] / w.scale:.4g}" for n, w in words.items()]
        for p in sorted(points, key=lambda p: list(OBJECTIVES).index(p.objective or "maximum_power"))
    ]
    return f"<h2>Optima</h2>\n{table(head, rows)}"


def _figures(record: Record, pictures: Pictures) -> str:
    """Every figure with its caption and a link to the file for print."""
    shown = [
        f'<figure class="{name}"><img src="{escape(link)}" alt="{escape(caption)}"{_width(record, link)}>'
        f'<figcaption>{_subscripts(caption)} <a href="{escape(Path(link).with_suffix(".pdf").as_posix())}">PDF</a>'
        "</figcaption></figure>"
        for name, (link, caption) in pictures.items()
    ]
    return '<h2>Figures</h2>\n<div class="figures">\n' + "\n".join(shown) + "\n</div>" if shown else ""


def _budget(record: Record) -> str:
    """The parts of the resistance, all of them."""
    point = record.representative
    listed = budget.parts(record, point) if point else []
    if not listed or point is None:
        return ""
    w = QUANTITIES["resistance"]
    rows = [(p.name, w.number(p.resistance), f"{100 * p.share:.3g} %") for p in listed]
    rows.append(("sum", w.number(sum(p.resistance for p in listed)), "100 %"))
    head = ["part", "resistance", "share"]
    return f"<h2>Resistance budget</h2>\n<p>{escape(budget.where(point))}</p>\n{table(head, rows, last='sum')}"


def _accuracy(record: Record) -> str:
    """What accuracy was wanted and reached, and the meshes that were tried."""
    accuracy = record.content.get("accuracy")
    if not accuracy:
        return ""
    names = list(dict.fromkeys(n for m in accuracy.get("meshes", ()) for n in m["errors"]))
    head = ["mesh", "cells", "order", "unknowns", "time", *(f"error of {_name(n)}" for n in names)]
    rows = [
        [str(k), *(str(m[x]) for x in ("cells", "order", "unknowns")), f"{m['seconds']:.1f} s"]
        + [f"{m['errors'][n]:.1e}" if n in m["errors"] else "" for n in names]
        for k, m in enumerate(accuracy.get("meshes", ()), 1)
    ]
    reached = ", ".join(f"{_name(n)} {e:.1e}" for n, e in accuracy["reached"].items())
    words = f"Wanted: {accuracy['wanted']:g}. Largest relative errors of all points: {reached}. Estimated as "
    return f"<h2>Accuracy</h2>\n<p>{escape(words + accuracy['estimate'])}.</p>\n{table(head, rows)}"


def _trust(record: Record) -> str:
    """Balances, accuracy of a map, warnings, failed points, and what the run cost."""
    c = record.content
    b, s, mesh, memory = (c.get(k, {}) for k in ("balances", "solver", "mesh", "memory"))
    rows = [
        *((f"{n} balance", f"{b[n]:.1e} {words}") for n, words in balances(record).items() if n in b),
        *([("interpolation", record.how_accurate)] if record.how_accurate else []),
        ("cells", f"{sum(mesh.get('cells', {}).values())} ({_pairs(mesh.get('cells', {}))})"),
        ("unknowns", f"{s.get('unknowns', '?')}, solver preset {s.get('preset', '?')}"),
        (
            "solves",
            f"{s.get('solves')}, {s.get('newton_iterations')} Newton and {s.get('linear_iterations')} linear steps",
        ),
        ("time", ", ".join(f"{k} {v:.1f} s" for k, v in c.get("timings", {}).items())),
        ("memory", f"{memory.get('peak', 0) / 2**30:.2f} GiB on {memory.get('ranks', 1)} rank(s)"),
        ("versions", _pairs(c.get("versions", {}))),
    ]
    html = f"<h2>Balances and cost</h2>\n{table(None, rows)}"
    failed = [f"{in_words(p['parameters'])}: {p.get('error', '')}" for p in record.failed]
    left_out = [f"{n}: {error:.1e} of its largest value" for n, error in record.map.get("left_out", {}).items()]
    html += _list("Left out where interpolated, for they are less accurate", left_out)
    return html + _list("Failed points", failed) + _list("Warnings", c.get("warnings", []))


def _details(record: Record) -> str:
    """All quantities of the representative point, and the case as it was understood."""
    html, point = "", record.representative
    if point:
        units = {n: q["unit"] for n, q in record.content.get("quantities", {}).items()}
        bars = {n: f"{e:.2g}" for n, e in point.errors.items()}
        rows = [
            (n, f"{v:.9g}", *([bars.get(n, "")] if bars else []), units.get(n, "")) for n, v in point.values.items()
        ]
        listed = table(["quantity", "value", *(["error"] if bars else []), "unit"], rows)
        html = f"<details><summary>All quantities ({escape(budget.where(point))})</summary>\n{listed}</details>\n"
    case = escape(json.dumps(record.case, indent=1, ensure_ascii=False))
    return f"<h2>Details</h2>\n{html}<details><summary>The case, in SI</summary>\n<pre>{case}</pre></details>"


def balances(record: Record) -> dict[str, str]:
    """What each balance is relative to, in words."""
    whole = "of all {} in hosts and layers" if record.ages else "of the largest flow of {}"
    of_species = {name: whole.format(name) for name in SPECIES.values()}
    return {"energy": "of the largest heat flow", "charge": "of the largest current"} | of_species


# ---- HTML ----------------------------------------------------------------------------------------------------------
def table(head: Sequence[str] | None, rows: Iterable[Sequence[str]], last: str | None = None) -> str:
    """A table; the row that begins with `last` is set off as a sum."""
    lines = ["<table>"]
    if head:
        lines.append("<thead><tr>" + "".join(f"<th>{escape(h)}</th>" for h in head) + "</tr></thead>")
    for row in rows:
        cells = f"<th>{escape(row[0])}</th>" + "".join(f"<td>{escape(x)}</td>" for x in row[1:])
        lines.append(f"<tr{' class=sum' if row[0] == last else ''}>{cells}</tr>")
    return "\n".join([*lines, "</table>"])


def _list(title: str, items: Sequence[str]) -> str:
    """A list with a heading; of many items the rest is folded away."""
    if not items:
        return ""
    shown = "".join(f"<li>{escape(x)}</li>" for x in items)
    if len(items) <= 6:
        return f"\n<h2>{title}</h2>\n<ul>{shown}</ul>"
    return f"\n<h2>{title}</h2>\n<details><summary>{len(items)} {title.lower()}</summary><ul>{shown}</ul></details>"


def _width(record: Record, link: str) -> str:
    """The width attribute that shows all figures at the same scale, from the PNG's header."""
    try:
        header = (record.folder / link).open("rb").read(24)
    except OSError:
        return ""
    return f' width="{int.from_bytes(header[16:20]) * SCREEN // PRINT}"'


def _subscripts(text: str) -> str:
    """'Q_h' as a reader knows it."""
    return re.sub(r"\b([A-Z])_([a-z])\b", r"<i>\1</i><sub>\2</sub>", escape(text))


def _name(quantity: str) -> str:
    return QUANTITIES[quantity].text


def _pairs(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{k} {v}" for k, v in values.items())
