"""The results of an analysis in a folder: result.json, tables, the figure and report.html."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

from thermolyte.atomprobe import tables
from thermolyte.atomprobe.analysis import Analysis, as_json
from thermolyte.atomprobe.figure import draw
from thermolyte.results.report import document, table
from thermolyte.results.style import save

LIMITS = (
    "A local entropy below that of the whole is no evidence of clustering: entropy is concave, and few atoms lower it.",
    "Elements whose isotopes share a mass-to-charge ratio (as ⁵⁴Fe and ⁵⁴Cr, ⁵⁸Fe and ⁵⁸Ni) are told apart by ranging "
    "only as well as the ranges are; background within a range counts as atoms. Neither is corrected.",
    "Positions are those of the reconstruction: trajectories blur the shortest lengths, and its scale is that of L.",
    "The length σ supposes the correlation exp(−r²/4σ²); other correlations give a length of the same order.",
)


def write(found: Analysis, folder: Path, **about: Any) -> Path:
    """Write all files; returns the report. `about`: what was analysed, and how."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(as_json(found, **about), indent=1, ensure_ascii=False)
    (folder / "result.json").write_text(text + "\n", encoding="utf-8")
    tables.write(found, folder)
    picture = draw(found)
    save(picture, folder)
    file = folder / "report.html"
    file.write_text(document(f"Atom probe: {about['sample']}", _sections(found, picture.caption)), encoding="utf-8")
    return file


def _sections(found: Analysis, caption: str) -> list[str]:
    sample, few = found.sample, found.limited_area
    composition = [(name, f"{100 * x:.2f} at%") for name, x in found.composition.items()]
    head, rows = tables.sume(found)
    low, high = few.interval
    area = (
        f"Few cubes of each size at random, as in the paper, give {few.length:.2f} nm through "
        f"{', '.join(f'{s:g}' for s in few.points)} nm; other choices of cubes give {low:.2f} to {high:.2f} nm (95 %). "
        "A length that is negative means that the line does not meet the entropy of the whole."
    )
    return [
        f'<p class="lead">{sample.ions:,} ions, {sample.ranged:,} of them in a range; S = {found.entropy:.5f} R.</p>',
        _list("Verdict", found.verdict()),
        _list("Warnings", found.warnings()),
        f'<h2>Figure</h2>\n<figure><img src="entropy.png" alt="entropy against size"><figcaption>{escape(caption)} '
        '<a href="entropy.pdf">PDF</a></figcaption></figure>',
        "<h2>Composition of the filled cubes</h2>\n" + table(["species", "fraction"], composition),
        "<h2>Entropy of cubes</h2>\n" + table(tables.SIZES_HEAD, tables.sizes(found)),
        f"<h2>Smallest unit of maximal entropy</h2>\n{table(head, rows)}\n<p>{escape(area)}</p>",
        _list("What this cannot mean", list(LIMITS)),
    ]


def _list(title: str, items: list[str]) -> str:
    return f"<h2>{title}</h2>\n<ul>{''.join(f'<li>{escape(x)}</li>' for x in items)}</ul>" if items else ""
