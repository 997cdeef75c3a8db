"""What `thermolyte check` says of a case that is sound."""

from __future__ import annotations

import json
import re

import pytest
from test_bad_battery_input import KINETICS, PLATE, STACK, WITH_PLATING

from refusals import edited
from thermolyte import cli

pytestmark = pytest.mark.serial


@pytest.fixture
def outline(said, folder):
    """The lines that `check` prints, with single spaces."""

    def call(text):
        out = said("check", folder("case.yaml", text), code=0, output=True)
        return [re.sub(r" +", " ", line.strip()) for line in out.splitlines()]

    return call


def test_stack(outline):
    lines = outline(edited(STACK, (f"film/electrolyte: {KINETICS}", f"film/electrolyte: {WITH_PLATING}")))
    assert "copper Cu voltage of anode" in lines
    assert "film Li_xMg concentration, voltage of anode" in lines
    assert "electrolyte Li6PS5Cl ionic potential" in lines
    assert "bottom no condition" in lines
    assert "anode current 1e-05 A on bottom" in lines
    assert "copper/film 100 mm² continuous" in lines
    (law,) = [line for line in lines if line.startswith("film/electrolyte")]
    assert law.endswith("charge transfer, exchange current density 100 A/m², plating (exchange current density 1 A/m²)")
    assert lines[-2:] == ["1 point", "transient"]
    assert "1 10 s" in lines


def test_plate(outline):
    lines = outline(PLATE)
    assert "film Li_xMg concentration, displacement, mechanical potential" in lines
    assert "top lithium flux, current density 10 A/m²; pressure 9e+06 Pa" in lines


def test_steps(outline):
    steps = (
        "report: [1 s, 2 s]\n  steps:\n    - {duration: 1 h, until: {quantity: saturation.film, above: 1}}\n"
        "    - {duration: 1 s, change: {terminals.anode.current: 2 mA}}"
    )
    lines = outline(edited(STACK, ("duration: 10 s", steps)))
    at = lines.index("steps in time, 2 report times")
    assert lines[at + 1] == "1 1 h until saturation.film above 1"
    assert lines[at + 2] == "2 1 s terminals.anode.current = 2 mA"


@pytest.mark.parametrize(("text", "order"), [(STACK, 1), (STACK, 2), (PLATE, 1), (PLATE, 2)])
def test_estimate_of_the_unknowns(outline, tmp_path, text, order):
    """Within a third of what there is, also for meshes as small as these."""
    text = text.replace("regions:", f"mesh: {{division: 3, order: {order}}}\nregions:", 1)
    (size,) = [line for line in outline(text) if "unknowns" in line]
    (tmp_path / "case.yaml").write_text(text)
    cli.main(["run", str(tmp_path), "-o", str(tmp_path / "results")])
    found = json.loads((tmp_path / "results" / "result.json").read_text())["solver"]["unknowns"]
    assert int(re.search(r"(\d+) unknowns", size)[1]) == pytest.approx(found, rel=1 / 3)
