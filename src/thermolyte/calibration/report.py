"""What a calibration leaves in its folder, and says on the terminal."""

from __future__ import annotations

import csv
import json
import math
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from thermolyte.calibration.data import Measurements
from thermolyte.calibration.fit import Fit
from thermolyte.calibration.statement import statement, undetermined
from thermolyte.calibration.statistics import LEVEL
from thermolyte.results import json_lines

RESULT, VALUES = "calibration.json", "fitted.yaml"


def content(fit: Fit, data: list[Measurements], about: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that the fit can be judged from, for `calibration.json`; `about` follows at the end."""
    s = fit.statistics
    return {
        "parameters": {path: _parameter(fit, path) for path in fit.parameters},
        "correlation": {"parameters": list(fit.parameters), "matrix": s.correlation.tolist()},
        "fit": {
            "data": len(s.residuals),
            "degrees_of_freedom": s.degrees_of_freedom,
            "uncertainties": "given" if s.known else "estimated from the residuals",
            "interval": {"level": LEVEL, "distribution": "normal" if s.known else "Student t", "quantile": s.quantile},
            "chi_squared": s.chi_squared if s.known else None,
            "p_value": s.p_value,
            "residual_standard_deviation": s.scale,
            "iterations": fit.iterations,
            "converged": fit.converged,
        },
        "statement": statement(fit),
        "data": [_data_set(fit, m, number) for number, m in enumerate(data)],
        **about,
    }


def _parameter(fit: Fit, path: str) -> dict[str, Any]:
    p, (low, high) = fit.parameters[path], fit.intervals[path]
    start, lower, upper, unit = p.range
    return {
        "value": fit.values[path],
        "unit": unit,
        "standard_error": _finite(fit.standard_errors[path]),
        "interval": [_finite(low), _finite(high)],
        "start": start,
        "lower": lower,
        "upper": upper,
        "scale": p.scale,
        "at_bound": fit.at_bounds.get(path),
        "determined": path not in undetermined(fit),
    }


def _finite(value: float) -> float | None:
    """JSON has no infinity."""
    return value if math.isfinite(value) else None


def _data_set(fit: Fit, m: Measurements, number: int) -> dict[str, Any]:
    residuals = _residuals(fit, m, number)
    return {
        "label": m.label,
        "caption": m.caption,
        "table": _table_name(number),
        "quantity": m.quantity,
        "unit": m.y_unit,
        "count": len(m),
        "largest_residual": float(np.abs(residuals).max()),
        "root_mean_square": float(np.sqrt(np.mean(residuals**2))),
        "x": {"name": m.x_name, "unit": m.x_unit, "values": m.x.tolist()},
        "measured": m.y.tolist(),
        "standard_deviation": _sigma(fit, m).tolist(),
        "model": fit.predictions[number].tolist(),
        "residuals": residuals.tolist(),
    }


def _sigma(fit: Fit, m: Measurements) -> Any:
    """The standard deviations as given, or as estimated."""
    return m.sigma if fit.statistics.known else m.sigma * fit.statistics.scale


def _residuals(fit: Fit, m: Measurements, number: int) -> Any:
    """(Model − data)/σ; 0 where the estimate of σ is 0, for then all residuals are."""
    sigma = _sigma(fit, m)
    return (fit.predictions[number] - m.y) / np.where(sigma > 0, sigma, 1.0)


def _table_name(number: int) -> str:
    return f"data_{number}.csv"


def write(found: Mapping[str, Any], folder: Path) -> None:
    """Write `calibration.json`, a table of each data set beside the model, and the values for a case.

    Raises:
        OSError: a file cannot be written.
    """
    for one in found["data"]:
        _write_table(folder / one["table"], one)
    (folder / VALUES).write_text(_snippet(found["parameters"]), encoding="utf-8")
    json_lines.replace(folder / RESULT, json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def _write_table(path: Path, one: Mapping[str, Any]) -> None:
    name, unit = one["quantity"], one["unit"]
    titles = [name, f"standard deviation of {name}", f"model of {name}"]
    columns = [one["x"]["values"], one["measured"], one["standard_deviation"], one["model"], one["residuals"]]
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow([f"{one['x']['name']} [{one['x']['unit']}]", *(f"{t} [{unit}]" for t in titles), "residual [1]"])
        rows.writerows(zip(*columns, strict=True))


def _snippet(parameters: Mapping[str, Any]) -> str:
    """The values as they may stand under `change` of a step or a data set, or be given by --set."""
    lines = [f"{json.dumps(path)}: {_text(p)}  # {_plus_minus(p)}" for path, p in parameters.items()]
    return "\n".join(["# fitted values, path in the case: value", *lines]) + "\n"


def _text(p: Mapping[str, Any]) -> str:
    """A value with the digits that are of use, and more."""
    return f"{p['value']:.8g} {p['unit']}".strip()


def _plus_minus(p: Mapping[str, Any]) -> str:
    """The 95 % interval in words."""
    if not p["determined"]:
        return "not determined by the data"
    low, high = (_shown(x, p) for x in p["interval"])
    return f"95 % from {low} to {high} {p['unit']}".strip()


def _shown(number: float | None, p: Mapping[str, Any]) -> str:
    """A number with the digits that the interval of the parameter leaves."""
    if number is None:
        return "∞"
    error = p["standard_error"]
    known = math.log10(abs(p["value"]) / error) if error and p["value"] else 0.0
    return f"{number:.{min(12, max(3, math.ceil(known) + 2))}g}"


# ---- terminal --------------------------------------------------------------------------------------------------------
def summary(found: Mapping[str, Any], case: str, folder: Path) -> str:
    """Parameters with their intervals, what the data say, the line that applies the values, cost and files."""
    rows = [("parameter", "value", "95 % interval", "unit"), *map(_row, found["parameters"].items())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["", found["title"]]
    lines += ["  " + "  ".join(x.ljust(w) for x, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines += [f"• {line}" for line in found["statement"]]
    lines += [
        f"  {one['label']}: {one['count']} values, residuals {one['root_mean_square']:.2g} σ (root mean square), at "
        f"most {one['largest_residual']:.2g} σ"
        for one in found["data"]
    ]
    sets = " ".join(f"--set {shlex.quote(f'{path}={_text(p)}')}" for path, p in found["parameters"].items())
    cost, kept = found["cost"], found["cost"]["kept"]
    before = f", {kept} of them kept from earlier runs" if kept else ""
    lines += [
        f"  to use    thermolyte run {shlex.quote(case)} {sets}",
        f"  cost      {found['fit']['iterations']} iterations, {cost['solutions']} solutions{before}, "
        f"{cost['seconds']:.1f} s",
        f"  results   {folder}",
    ]
    return "\n".join(lines)


def _row(item: tuple[str, Mapping[str, Any]]) -> tuple[str, str, str, str]:
    path, p = item
    low, high = (_shown(x, p) for x in p["interval"])
    return path, _shown(p["value"], p), f"{low} … {high}" if p["determined"] else "not determined", p["unit"]
