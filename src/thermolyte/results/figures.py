"""Figures and report page of a finished run: `python -m thermolyte.results.figures FOLDER`.

Runs in a process of its own after the results are on disk. Each figure stands alone: one that cannot be drawn is
named on standard error, the others and the report are still written. To add a figure, add a function to `DRAWINGS`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import matplotlib as mpl

from thermolyte.results import (
    ageing_figures,
    ageing_sweeps,
    battery_sweeps,
    budget,
    curves,
    history,
    impedance,
    interval_figures,
    line_scans,
    maps,
    profiles,
    scenes,
    section,
    sweeps,
    waterfall,
)
from thermolyte.results.record import Point, Record
from thermolyte.results.report import write_report
from thermolyte.results.style import STYLE, Picture, save

FIGURES = "figures"
PATIENCE = 600  # seconds for the 3-D pictures

DRAWINGS: Mapping[str, Callable[[Record], Picture | None]] = {
    "uncertainty": interval_figures.distributions,
    "uncertainty_causes": interval_figures.causes,
    "lifetime": ageing_sweeps.lifetime,
    "ageing_sweep": ageing_sweeps.ageing_sweep,
    "ageing": ageing_figures.ageing,
    "contact_ageing": ageing_figures.contact_ageing,
    "layers": ageing_figures.layers,
    "composition_profiles": ageing_figures.composition_profiles,
    "operating_map": maps.operating_map,
    "current_voltage_power": curves.current_voltage_power,
    "efficiency_current": curves.efficiency_current,
    "optima": sweeps.optima,
    "parameter_sweep": sweeps.parameter_sweep,
    "temperature_difference_current": curves.temperature_difference_current,
    "heat_flows": curves.heat_flows,
    "resistance_budget": budget.resistance_budget,
    "heat_budget": waterfall.heat_budget,
    "line_scans": line_scans.line_scans,
    "utilisation": battery_sweeps.utilisation,
    "battery_sweep": battery_sweeps.battery_sweep,
    "voltage_history": history.voltage_history,
    "lithium_history": history.lithium_history,
    "plated_thickness": history.plated_thickness,
    "lithium_profiles": profiles.lithium_profiles,
    "potential_profiles": profiles.potential_profiles,
    "stress_profiles": profiles.stress_profiles,
    "stress_history": history.stress_history,
    "current_distribution": profiles.current_distribution,
    "nyquist": impedance.nyquist,
    "bode": impedance.bode,
}
"""Name of the files -> a function that draws it, or returns None where it makes no sense."""


def draw(folder: Path) -> list[str]:
    """Draw all figures of a result folder and write its report; returns what went wrong."""
    record, pictures = Record.read(folder), folder / FIGURES
    for name in (*DRAWINGS, *scenes.SCENES, *section.SECTIONS):
        for kind in ("png", "pdf"):
            (pictures / f"{name}.{kind}").unlink(missing_ok=True)
    process = _start_scenes(record, pictures)
    captions, wrong = draw_diagrams(record, pictures)
    if process is not None and (message := _finish(process)):
        wrong.append(f"3-D pictures: {message}")
    where = _point_of_fields(record)
    texts = {n: s.caption for n, s in scenes.SCENES.items()} | {n: s.caption for n, s in section.SECTIONS.items()}
    words = {
        "species": record.species.capitalize(),
        "body": "deformed body" if "mechanics" in record.physics else "body",
    }
    there = {n: f"{text.format(**words)}{where}." for n, text in texts.items() if (pictures / f"{n}.png").exists()}
    write_report(record, {n: (f"{FIGURES}/{n}.png", text) for n, text in (there | captions).items()})
    return wrong


def draw_diagrams(record: Record, folder: Path) -> tuple[dict[str, str], list[str]]:
    """Draw the diagrams; returns the caption of each, and what went wrong."""
    captions: dict[str, str] = {}
    wrong = []
    for name, function in DRAWINGS.items():
        try:
            with mpl.rc_context(STYLE):
                picture = function(record)
            if picture is not None:
                save(picture, folder)
                captions[name] = picture.caption
        except Exception as error:  # whatever it is, the other figures can be drawn
            wrong.append(f"{name}: {type(error).__name__}: {error}".splitlines()[0])
    return captions, wrong


def _start_scenes(record: Record, pictures: Path) -> subprocess.Popen[str] | None:
    """Start the 3-D pictures of the last point, if its fields were written."""
    collection = scenes.newest_collection(record.folder, len(record.content["points"]))
    if collection is None:
        return None
    command = [sys.executable, "-m", "thermolyte.results.scenes", str(collection), str(pictures)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def _point_of_fields(record: Record) -> str:
    """The point that the 3-D pictures show, in words."""
    points = record.content["points"]
    collection = scenes.newest_collection(record.folder, len(points))
    number = (scenes.number_of(collection) or 1) if collection else 0
    if not 0 < number <= len(points) or "values" not in points[number - 1]:
        return ""
    return f" ({budget.where(Point.of(points[number - 1]))})"


def _finish(process: subprocess.Popen[str]) -> str | None:
    """Wait for the 3-D pictures; returns what went wrong."""
    try:
        _, errors = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return f"not finished after {PATIENCE} s"
    if process.returncode < 0:
        return f"the drawing process ended by signal {-process.returncode}: are the EGL libraries installed (libegl1)?"
    return (errors.strip().splitlines() or ["failed"])[-1] if process.returncode else None


def main(arguments: list[str]) -> int:
    """Draw one folder; returns 1, and says why in one line, when a figure is missing."""
    mpl.use("Agg")
    try:
        wrong = draw(Path(arguments[0]))
    except (OSError, ValueError) as error:
        wrong = [str(error)]
    if wrong:
        print("; ".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
