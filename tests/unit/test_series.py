"""Doping series: the data as printed, Klemens' strengths of the reference, claims and contradictions, the verbs."""

import numpy as np
import pytest

from thermolyte.cli import main
from thermolyte.errors import InputError
from thermolyte.materials.point_defects import fit_strength
from thermolyte.materials.series import calculated, compare, doping_series, optimal_doping, strength_ratio
from thermolyte.materials.series_plot import formula

pytestmark = pytest.mark.serial

A = {
    "(Mg1-xAgx)3Sb2": (77, 0.030),
    "PbS1-xClx": (243, 0.015),
    "Pb1-xNaxSe": (87, 0.011),
    "Nb1-xTixFeSb": (72, 0.092),
    "Nb1-xHfxFeSb": (221, 0.065),
    "ZrCoBi1-xSnx": (103, 0.032),
    "(Ba,La,Yb)xCo4Sb12": (602, 0.014),
    "PbTe1-xSex": (19.7, 0.012),
    "Mg2Si1-xSex": (25.8, 0.005),
    "Mg3(Sb1-xBix)2": (17.3, 0.018),
    "(Nb1-xTax)0.8Ti0.2FeSb": (24.2, 0.087),
    "(Zr1-xHfx)NiSn0.985Sb0.015": (12.0, 0.005),
    "(Zr1-xHfx)CoSb0.8Sn0.2": (18.2, 0.041),
}


@pytest.fixture(scope="module")
def comparison():
    return compare()


@pytest.mark.parametrize("system", A)
def test_strengths_of_the_reference(comparison, system):
    strengths = comparison["aliovalent"].systems | comparison["isoelectronic"].systems
    value, rmse = A[system]
    assert round(strengths[system].value, 1 if value < 50 else 0) == value
    assert strengths[system].rmse == pytest.approx(rmse, abs=6e-4)


def test_both_kinds(comparison):
    aliovalent, isoelectronic = comparison["aliovalent"], comparison["isoelectronic"]
    assert set(aliovalent.systems | isoelectronic.systems) == set(A)
    assert (round(aliovalent.median), round(isoelectronic.median)) == (103, 19)
    assert strength_ratio(comparison) == pytest.approx(5.43, abs=0.01)
    assert (aliovalent.rmse, isoelectronic.rmse) == pytest.approx((0.050, 0.040), abs=5e-4)
    assert (aliovalent.common.value, isoelectronic.common.value) == pytest.approx((133, 19.3), rel=5e-3)
    assert (aliovalent.common.rmse, isoelectronic.common.rmse) == pytest.approx((0.099, 0.058), abs=6e-4)
    assert aliovalent.common.ratio(0.043) == pytest.approx(0.5, abs=2e-3)
    assert isoelectronic.common.ratio(0.5) == pytest.approx(0.52, abs=5e-3)  # never a half


def test_data_are_as_printed():
    everything = {s.system: s for s in doping_series()}
    assert sum(np.count_nonzero(s.x) for s in doping_series("aliovalent")) == 24
    assert sum(np.count_nonzero(s.x) for s in doping_series("isoelectronic")) == 23
    odd = everything["Mg3(Sb1-xBix)2"]
    off = [x for x, a, b in zip(odd.x, odd.ratio, odd.printed_ratio, strict=True) if abs(a - b) > 0.0051]
    assert off == [0.075]  # 1.23/1.59 = 0.774, printed 0.78; documented, not repaired
    for series in doping_series("isoelectronic"):
        assert series.x[0] == 0
        assert series.undoped == series.conductivity[0]
    for series in doping_series():
        tolerance = 0.0065 if series.kind == "isoelectronic" else 0.02
        np.testing.assert_allclose(series.ratio, series.printed_ratio, atol=tolerance, err_msg=series.system)


def test_claims_and_contradictions():
    series = {s.system: s for s in doping_series()}
    Hf = series["Nb1-xHfxFeSb"]
    assert 1 - Hf.printed_ratio[Hf.x == 0.1] == pytest.approx(0.71)  # the text: 65 %, of another sample
    Ta = series["(Nb1-xTax)0.8Ti0.2FeSb"]
    assert 1 - Ta.ratio[-1] == pytest.approx(0.63, abs=1e-3)
    assert 1 - Ta.undoped / Hf.undoped == pytest.approx(0.73, abs=5e-3)
    pure = calculated()["NbFeSb"].phonon
    drops = {name[7:9]: 1 - k.phonon / pure for name, k in calculated().items() if name != "NbFeSb"}
    assert drops == pytest.approx({"Ta": 0.302, "Hf": 0.388, "Zr": 0.236}, abs=6e-4)
    more = {name[7:9]: 1 - k.phonon_electron / pure for name, k in calculated().items() if k.phonon_electron}
    assert more == pytest.approx({"Hf": 0.468, "Zr": 0.324}, abs=6e-4)


def test_optimal_doping():
    rows = optimal_doping()
    mass, n = np.array([(r.effective_mass, r.concentration) for r in rows]).T
    slope, log = np.polyfit(np.log(mass), np.log(n), 1)
    assert len(rows) == 17
    assert slope == pytest.approx(1.28, abs=5e-3)
    assert np.exp(log) == pytest.approx(8.8e25, rel=6e-3)
    assert np.corrcoef(np.log(mass), np.log(n))[0, 1] == pytest.approx(0.93, abs=5e-3)


def test_fit_finds_what_was_put_in():
    x = np.array([0.0, 0.02, 0.1, 0.3])
    u = np.sqrt(90 * x[1:] * (1 - x[1:]))
    found = fit_strength(x, [1.0, *(np.arctan(u) / u)])
    assert found.value == pytest.approx(90, rel=1e-9)
    assert found.rmse < 1e-10
    assert fit_strength([0.1], [0.5]).standard_error is None


@pytest.mark.parametrize(
    ("x", "ratio", "message"),
    [
        ([0.1, 1.0], [0.9, 0.8], "0 ≤ x < 1"),
        ([0.1], [-0.9], "positive κ_L/κ_0"),
        ([0.0], [1.0], "a sample with x > 0"),
    ],
)
def test_wrong_series(x, ratio, message):
    with pytest.raises(InputError, match=message):
        fit_strength(x, ratio)


def test_formula():
    assert formula("(Ba,La,Yb)xCo4Sb12") == "(Ba,La,Yb)$_{x}$Co$_{4}$Sb$_{12}$"
    assert formula("(Nb1-xTax)0.8Ti0.2FeSb") == "(Nb$_{1-x}$Ta$_{x}$)$_{0.8}$Ti$_{0.2}$FeSb"


def test_verbs(tmp_path, capsys):
    assert main(["materials", "series", "-o", str(tmp_path / "series.png")]) == 0
    told = capsys.readouterr().out
    assert "ratio of the medians: 5.4" in told
    assert "Nb1-xHfxFeSb" in told
    assert main(["materials", "chain", "-o", str(tmp_path / "chain.png")]) == 0
    assert {file.name for file in tmp_path.iterdir()} == {"series.png", "chain.png"}
    assert main(["materials", "series", "Cu"]) == 2
    assert "takes no name: remove Cu" in capsys.readouterr().err
