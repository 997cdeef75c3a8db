"""The figure of line scans: what it draws of the tables, and when there is none."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest

from thermolyte.results.line_scans import Curve, jumps, line_scans
from thermolyte.results.record import Record
from thermolyte.results.style import STYLE
from thermolyte.results.tables import Table

pytestmark = pytest.mark.serial

HEADER = "distance [m],region,fit [ohm*m^2],fitted [1],voltage [V],resistance [ohm],resistance_area [ohm*m^2]\n"


def table(rho):
    """Two regions of 1e-9 Ω·m²/mm and a jump at 1 mm, sampled every 0.1 mm; one sample beside it is left out."""
    rows = [f"{x:g},pad,{1e-6 * x:g},{int(x < 0.85e-3)},0,0,{1e-6 * x:g}" for x in np.arange(0, 10) * 1e-4]
    rows += [f"1e-3,pad,{1e-9:g},,,,", f"1e-3,leg,{1e-9 + rho:g},,,,"]
    rows += [f"{x:g},leg,{1e-6 * x + rho:g},1,0,0,{1e-6 * x + rho:g}" for x in np.arange(11, 21) * 1e-4]
    return HEADER + "\n".join(rows) + "\n"


def record(folder, rhos):
    points = []
    for number, rho in enumerate(rhos, 1):
        name = f"line_scan_a_{number:04d}.csv"
        (folder / name).write_text(table(rho))
        parameters = {"interfaces.leg/pad.contact_resistivity": f"{rho:g} ohm*m^2"}
        points.append({"parameters": parameters, "values": {"current": 1.0}, "files": {"line_scan_a": name}})
    return Record(folder, {"title": "t", "points": points, "case": {"line_scans": {"a": {}}}})


def drawn(record):
    with mpl.rc_context(STYLE):
        return line_scans(record)


def test_jumps_are_those_between_the_fits(tmp_path):
    (tmp_path / "t.csv").write_text(table(3e-10))
    (jump,) = jumps(Curve(Table.read(tmp_path / "t.csv"), {}))
    assert (jump.at, jump.name) == (1e-3, "pad/leg")
    assert jump.after - jump.before == pytest.approx(3e-10)


def test_readings_fits_and_numbers(tmp_path):
    picture = drawn(record(tmp_path, [3e-10, 20e-10]))
    whole, enlarged = picture.figure.axes
    assert "µΩ cm²" in whole.get_ylabel()
    assert enlarged.get_title() == "pad | leg\n$\\rho_\\mathrm{c}$ = 3, 20 µΩ cm²"
    readings = [line for line in whole.lines if line.get_gid() == "reading 1"]
    x, y = (np.concatenate([line.get_data()[k] for line in readings]) for k in (0, 1))
    assert len(x) == 19  # one is left out of the fits
    assert y[-1] == pytest.approx((2e-9 + 20e-10) / 1e-10)
    near = [line for line in enlarged.lines if line.get_gid() == "reading 0"]
    x = np.concatenate([line.get_xdata() for line in near])
    assert x == pytest.approx([-400, -300, -200, 100, 200, 300, 400])
    assert [t.get_text() for t in picture.figure.legends[0].get_texts()] == ["3e-10 Ω m²", "2e-09 Ω m²"]


def aged(folder, points, days, window=False):
    """Legs whose contact rises by 1e-10 Ω·m² a day, and twice as fast at each point; two scans."""
    names, known = ("a", "b"), []
    for number in range(1, points + 1):
        files = {}
        for name in names:
            files[f"line_scan_{name}"] = f"line_scan_{name}_{number:04d}.csv"
            rows = [
                f"{86400 * day},{row}" for day in days for row in table(3e-10 + 1e-10 * number * day).splitlines()[1:]
            ]
            head = f"time [s],{HEADER.strip()}"
            if window:  # its fits end 1e-10 Ω·m² higher behind the junction, and reach as far as 0.3 mm
                head, rows = f"{head},local_fit [ohm*m^2]", [near(row) for row in rows]
            (folder / files[f"line_scan_{name}"]).write_text("\n".join([head, *rows]) + "\n")
        known.append({"parameters": {"interfaces.leg/pad": f"J{number}"}, "values": {"current": 1.0}, "files": files})
    return Record(folder, {"title": "t", "points": known, "case": {"line_scans": {n: {} for n in names}}})


def near(row):
    """A row with the fit of the window."""
    _, x, name, fit, *_ = row.split(",")
    return f"{row},{float(fit) + 1e-10 * (name == 'leg'):g}" if abs(float(x) - 1e-3) <= 3.05e-4 else f"{row},"


def test_a_row_for_each_scan_and_point_where_time_passes(tmp_path):
    picture = drawn(aged(tmp_path, 2, (0, 10, 30)))
    assert picture.caption.endswith("at the kept times.")
    *axes, bar = picture.figure.axes
    assert bar.get_ylabel() == "time [days]"
    assert not picture.figure.legends
    whole, enlarged = axes[::2], axes[1::2]
    assert [ax.get_title(loc="left") for ax in whole] == ["a, J1", "a, J2", "b, J1", "b, J2"]
    numbers = ["3, 13, 33", "3, 23, 63"] * 2
    assert [ax.get_title().split("= ")[1] for ax in enlarged] == [f"{n} µΩ cm²" for n in numbers]
    assert len({ax.get_ylim() for ax in whole}) == 1, "so that curves can be compared"
    for ax in axes:
        last = [next(line for line in ax.lines if line.get_gid() == f"reading {k}").get_color() for k in range(3)]
        assert len(set(last)) == 3
    top = max(np.nanmax(line.get_ydata()) for line in whole[1].lines if line.get_gid() == "reading 2")
    assert top == pytest.approx((2e-9 + 63e-10) / 1e-10)


def test_of_a_window_the_fits_beside_the_junction_are_drawn(tmp_path):
    picture = drawn(aged(tmp_path, 1, (0, 10), window=True))
    assert "fits beside each junction" in picture.caption
    whole, enlarged = picture.figure.axes[:2]
    assert enlarged.get_title() == "pad | leg\n$\\rho_\\mathrm{c}$ = 4, 14 µΩ cm²"
    fits = [
        line
        for line in whole.lines
        if line.get_gid() is None and line.get_linestyle() == "-" and len(line.get_xdata()) > 2
    ]
    reach = np.concatenate([line.get_xdata()[np.isfinite(line.get_ydata())] for line in fits])
    assert (reach.min(), reach.max()) == (pytest.approx(0.7), pytest.approx(1.3))


def test_nothing_without_a_scan(tmp_path):
    assert line_scans(Record(tmp_path, {"title": "t", "points": [], "case": {}})) is None
