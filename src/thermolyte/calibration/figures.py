"""Figures of a calibration: `python -m thermolyte.calibration.figures FOLDER`, in a process of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.lines import Line2D

from thermolyte.calibration.report import RESULT
from thermolyte.results.style import STYLE, Picture, curve_style, legend, new_figure, save
from thermolyte.results.wording import QUANTITIES, Wording, pretty_unit

FIGURES = "figures"


def draw(folder: Path) -> None:
    """Data with the fitted curves, a figure for each quantity and abscissa, and the correlation of the parameters.

    Raises:
        OSError: the folder has no calibration, or cannot be written.
    """
    found = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for one in found["data"]:
        groups.setdefault((one["quantity"], one["x"]["name"], one["x"]["unit"]), []).append(one)
    with mpl.rc_context(STYLE):
        pictures = [_comparison(number, sets) for number, sets in enumerate(groups.values())]
        if len(found["parameters"]) > 1:
            pictures.append(_correlation(found["correlation"]))
    for picture in pictures:
        save(picture, folder / FIGURES)


def _wording(sets: Sequence[Mapping[str, Any]]) -> Wording:
    """How the quantity is shown, in a unit that suits its values."""
    quantity, unit = str(sets[0]["quantity"]), str(sets[0]["unit"])
    known = QUANTITIES.get(quantity) or Wording(
        quantity.replace("_", " ").replace(".", " "), "", "" if unit == "1" else pretty_unit(unit)
    )
    return known.fitted(abs(y) for one in sets for y in one["measured"])


def _comparison(number: int, sets: Sequence[Mapping[str, Any]]) -> Picture:
    """Measured values with error bars and the model's through them; below, the residuals in σ."""
    w = _wording(sets)
    figure = new_figure(6.3, 4.8)
    top, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    handles = []
    for i, one in enumerate(sets):
        style, x = curve_style(i, len(sets), ordered=False), one["x"]["values"]
        y, sigma, model = (np.array(one[k]) / w.scale for k in ("measured", "standard_deviation", "model"))
        points = {**style, "linestyle": "none"}
        top.errorbar(x, y, sigma, capsize=2, elinewidth=0.8, **points)
        top.plot(x, model, color=style["color"], linestyle=style["linestyle"], marker="")
        below.plot(x, one["residuals"], **points)
        handles.append(Line2D([], [], label=one["caption"], **style))
    below.axhline(0.0, color="0.4", linewidth=0.8)
    below.axhspan(-1, 1, color="0.9", zorder=0)
    limit = 1.15 * max(2.0, *(abs(r) for one in sets for r in one["residuals"]))
    below.set_ylim(-limit, limit)
    top.set_ylabel(w.label)
    below.set_ylabel("residual / σ")
    name, unit = sets[0]["x"]["name"], sets[0]["x"]["unit"]
    below.set_xlabel(name.replace("_", " ") + (f" [{pretty_unit(unit)}]" if unit != "1" else ""))
    legend(figure, handles, above=True)
    caption = f"{w.text}: symbols measured, with one standard deviation; lines fitted"
    return Picture(f"fit_{number}_{sets[0]['quantity'].replace('.', '_').replace('/', '_')}", figure, caption)


def _correlation(found: Mapping[str, Any]) -> Picture:
    """The correlation matrix of the parameters."""
    names, matrix = found["parameters"], np.array(found["matrix"])
    size = 0.8 + 0.7 * len(names)
    figure = new_figure(size + 2.4, size)
    axes = figure.subplots()
    image = axes.imshow(matrix, vmin=-1, vmax=1, cmap="RdBu_r")
    axes.set_xticks(range(len(names)), [str(n) for n in range(1, len(names) + 1)])
    axes.set_yticks(range(len(names)), [f"{_broken(name)}  {n}" for n, name in enumerate(names, 1)], fontsize=8)
    axes.grid(visible=False)
    for i, row in enumerate(matrix):
        for j, value in enumerate(row):
            colour = "white" if abs(value) > 0.6 else "black"
            axes.text(j, i, f"{value:.4f}".replace("-", "−"), ha="center", va="center", color=colour, fontsize=8)
    figure.colorbar(image, ax=axes, label="correlation", shrink=0.8)
    return Picture("correlation", figure, "correlation of the fitted parameters")


def _broken(path: str) -> str:
    """A path over several lines."""
    *before, last = path.split(".")
    return f"{'.'.join(before)}\n{last}"


def main(arguments: list[str]) -> int:
    """Draw one folder; returns 1, and says why in one line, when that fails."""
    mpl.use("Agg")
    try:
        draw(Path(arguments[0]))
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
