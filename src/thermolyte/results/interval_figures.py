"""Figures of an uncertainty: how results are distributed, and what causes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from thermolyte.results.intervals import INTERVAL, cause_name, explained, title, wording
from thermolyte.results.record import Record
from thermolyte.results.style import COLOURS, Picture, new_figure
from thermolyte.results.wording import Wording

MOST_ROWS, MOST_COLUMNS = 12, 3


def distributions(record: Record) -> Picture | None:
    """A histogram of the samples of each quantity, with the 95 % interval, the median and the nominal value."""
    found = {n: c for n, c in record.uncertainty.get("quantities", {}).items() if c["causes"]}
    if not found:
        return None
    columns = min(MOST_COLUMNS, len(found))
    rows = -(-len(found) // columns)
    figure = new_figure(max(2.9 * columns, 4.2), 2.8 * rows + 0.3)
    axes = np.atleast_1d(figure.subplots(rows, columns)).ravel()
    for ax, (name, content) in zip(axes, found.items(), strict=False):
        _histogram(ax, record.samples(name), content, wording(name, content))
    for ax in axes[len(found) :]:
        ax.remove()
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=5)
    caption = f"Results of {title(record.uncertainty)}; shaded: 95 % of them; bar at its ends: standard error."
    return Picture("uncertainty", figure, caption)


def _histogram(ax: Axes, samples: list[float], content: Mapping[str, Any], w: Wording) -> None:
    x, found = np.array(samples) / w.scale, content["statistics"]
    ax.hist(x, bins="auto", density=True, color="0.75", edgecolor="white", label="samples")
    if "density" in content:
        value, density = (np.array(content["density"][k]) for k in ("value", "density"))
        ax.plot(value / w.scale, density * w.scale, color=COLOURS[6], label="surrogate")
    low, high = (found[p]["value"] / w.scale for p in INTERVAL)
    ax.axvspan(low, high, color=COLOURS[0], alpha=0.13, lw=0, label="95 %")
    errors = [found[p]["error"] / w.scale for p in INTERVAL]
    level = 0.04 * ax.get_ylim()[1]
    ax.errorbar([low, high], [level, level], xerr=errors, fmt="none", ecolor=COLOURS[0], capsize=3, lw=1.3)
    ax.axvline(found["median"]["value"] / w.scale, color=COLOURS[0], lw=1, label="median")
    if "nominal" in found:
        ax.axvline(found["nominal"]["value"] / w.scale, color=COLOURS[1], ls=(0, (4, 2)), label="nominal")
    ax.set(xlabel=w.label, yticks=[])
    ax.spines["left"].set_visible(False)
    ax.grid(visible=False)


def causes(record: Record) -> Picture | None:
    """Bars of the share of variance of each cause, quantities side by side; the sign says which way it acts."""
    found = {n: c for n, c in record.uncertainty.get("quantities", {}).items() if c["causes"]}
    if not found:
        return None
    largest = {n: max(c["causes"][n]["share"] for c in found.values()) for n in record.uncertainty["inputs"]}
    names = sorted(largest, key=lambda n: -largest[n])[:MOST_ROWS]
    figure = new_figure(2.0 + 2.2 * len(found), 0.9 + 0.3 * len(names))
    axes = np.atleast_1d(figure.subplots(1, len(found), sharex=True, sharey=True))
    for ax, (name, content) in zip(axes, found.items(), strict=True):
        _bars(ax, names, content)
        ax.set_title(wording(name, content).text, fontsize=9)
        ax.set_xlabel("share of variance [%]")
    axes[0].set_yticks(range(len(names)), [cause_name(n) for n in names])
    axes[0].invert_yaxis()
    axes[0].set_xlim(left=0)
    surrogate = record.uncertainty["method"] == "surrogate"
    if surrogate:
        handles = [Patch(color=COLOURS[0], label="alone"), Patch(color=COLOURS[5], label="with others (total)")]
    else:
        handles = [
            Patch(color=COLOURS[0], label="raises it"),
            Patch(facecolor=COLOURS[1], edgecolor="white", hatch="//", label="lowers it"),
        ]
    figure.legend(handles=handles, loc="outside upper center", ncols=2)
    how = "first-order and total Sobol indices" if surrogate else "squared standardised regression coefficients"
    trust = "; ".join(f"{wording(n, c).text}: {explained(c)}" for n, c in found.items())
    return Picture("uncertainty_causes", figure, f"Causes of the scatter, {how}, with standard errors. {trust}.")


def _bars(ax: Axes, names: list[str], content: Mapping[str, Any]) -> None:
    rows = [content["causes"][n] for n in names]
    shares, errors = ([100 * r[k] for r in rows] for k in ("share", "error"))
    places = range(len(rows))
    if "total" in rows[0]:
        ax.barh(places, [100 * r["total"] for r in rows], 0.62, color=COLOURS[5])
        ax.barh(places, shares, 0.62, xerr=errors, color=COLOURS[0], ecolor="black", capsize=2)
    else:
        lowers = [r["coefficient"] < 0 for r in rows]
        bars = ax.barh(places, shares, 0.62, xerr=errors, color=COLOURS[0], ecolor="black", capsize=2)
        for bar, down in zip(bars, lowers, strict=True):
            bar.set(facecolor=COLOURS[1] if down else COLOURS[0], hatch="//" if down else "", edgecolor="white")
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", length=0)
