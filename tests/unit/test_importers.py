"""Files of phono3py, AMSET, BoltzTraP2 and measured tables as cards: the numbers that went in come out in SI."""

from __future__ import annotations

import json

import numpy as np
import pytest

from thermolyte.cli import main
from thermolyte.materials import Card

h5py = pytest.importorskip("h5py")
pytestmark = pytest.mark.serial

T = np.array([300.0, 500.0, 700.0])
KAPPA_L = np.array([[6.0, 5.0, 4.0, 0, 0, 0], [4.0, 3.0, 2.0, 0, 0, 0], [3.0, 2.0, 1.0, 0, 0, 0]])
# A single parabolic band at η = 0, 1 and 3 (acoustic phonons): S [µV/K] and L [1e-8 V²/K²].
SEEBECK, LORENZ, SIGMA = np.array([204.501, 150.876, 86.093]), np.array([1.61298, 1.72315, 1.98546]), 1e5


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def phono3py(folder, **data):
    with h5py.File(folder / "kappa-m9.hdf5", "w") as file:
        for name, values in ({"temperature": np.r_[0.0, T], "kappa": np.vstack([np.zeros(6), KAPPA_L])} | data).items():
            if values is not None:
                file[name] = values
    return "kappa-m9.hdf5"


def amset(folder, **data):
    """Two dopings, of electrons, and three temperatures; the second doping has the band above at each temperature."""
    eye = np.eye(3)
    S = -np.stack([2 * SEEBECK, SEEBECK])[:, :, None, None] * eye
    σ = np.full((2, 3, 1, 1), SIGMA) * eye
    κ = 1e-8 * LORENZ[None, :, None, None] * σ * T[None, :, None, None]
    content = {
        "doping": [-1e19, -1e20],
        "temperatures": list(T),
        "seebeck": S.tolist(),
        "conductivity": {"@module": "numpy", "@class": "array", "dtype": "float64", "data": σ.tolist()},
        "electronic_thermal_conductivity": κ.tolist(),
    }
    content = {k: v for k, v in (content | data).items() if v is not None}
    (folder / "transport_9.json").write_text(json.dumps(content))
    return "transport_9.json"


PER_TIME = ("sigma/tau0[1/(ohm*m*s)]", "kappae/tau0[W/(m*K*s)]")
AS_THEY_ARE = ("sigma[1/(ohm*m)]", "kappae[W/(m*K)]")
PER_LENGTH = ("sigma/lambda0[1/(ohm*m**2)]", "kappae/lambda0[W/(m*2*K)]")
LEVELS = ((0.31, 0.05), (0.30, 0.15))
"""E_F [Ry] and N [e/uc] of two levels."""


def row(E, t, N, *cells):
    return f"{E:>10} {t:>9}{N:>25}" + "".join(f" {cell:>25}" for cell in cells)


def trace(folder, names=PER_TIME, cut=False, name="si.trace", noise=0.0):
    """σ = 1e5 S/m and S = (100 + 1000 N) µV/K at τ = 1e-14 s."""
    σ, κ = names
    lines = ["#" + row("Ef[Ry]", "T[K]", "N[e/uc]", "DOS(ef)[1/(Ha*uc)]", "S[V/K]", σ, "RH[m**3/C]", κ)[1:]]
    for E, N in LEVELS:
        lines += [row(E, t, N + noise * (-1) ** i, 1, 1e-4 + 1e-3 * N, 1e19, 1, 2e11 * t) for i, t in enumerate(T)]
    (folder / name).write_text("\n".join(lines)[: -20 if cut else None] + "\n")
    return name


def condtens(folder, names=PER_TIME, scale=1e19):
    """σ, S and κ_e along x, y and z in the ratio 1 : 2 : 3, and one element off the diagonal, of which none is used."""
    σ, κ = names
    ratio = np.array([[1.0, 0.7, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 3.0]])
    lines = ["#" + row("Ef[Ry]", "T[K]", "N[e/uc]", σ, *[""] * 8, "S[V/K]", *[""] * 8, κ, *[""] * 8)[1:]]
    for E, N in LEVELS:
        for t in T:
            blocks = [(s * ratio).ravel(order="F") for s in (scale, 1e-4, 2e-8 * scale * t)]
            lines.append(row(E, t, N, *(f"{x:.8e}" for x in np.concatenate(blocks))))
    (folder / "si.condtens").write_text("\n".join(lines) + "\n")
    return "si.condtens"


def imported(*words):
    assert main(["materials", "import", *words, "-o", "mine.yaml"]) == 0
    return Card.load("mine.yaml")


def test_lattice_alone_says_so(folder, capsys):
    card = imported(phono3py(folder))
    assert card.thermal_conductivity(T) == pytest.approx([5.0, 3.0, 2.0])
    assert "thermal_conductivity is lattice_thermal_conductivity alone" in capsys.readouterr().out
    assert "phono3py, kappa-m9.hdf5 of 20" in card.source.note


def test_electrons_and_lattice_join(folder, capsys):
    card = imported(phono3py(folder), amset(folder), "--doping=-1e20", "--name", "mine")
    assert card.seebeck_coefficient(T) == pytest.approx(-1e-6 * SEEBECK, rel=1e-7)
    assert card.electrical_conductivity(T) == pytest.approx(SIGMA, rel=1e-7)
    assert card.thermal_conductivity(T) == pytest.approx([5, 3, 2] + 1e-8 * LORENZ * SIGMA * T, rel=1e-7)
    assert (card.kind, card.title) == ("n-type", "mine")
    assert "doping -1e+20 1/cm3" in card.source.note
    said = capsys.readouterr().out
    for words in ("κ = κ_L + κ_e", "mean of xx, yy and zz", "n-type, from the sign of the Seebeck coefficient"):
        assert words in said
    assert "warning" not in said


def test_doping_and_seebeck_coefficient_of_opposite_kinds(folder, capsys):
    """Older AMSET counted holes negative; its defaults.yaml and its FermiDos of 0.5.1 count electrons negative."""
    card = imported(amset(folder, doping=[1e19, 1e20]), "--doping", "1e20")
    assert card.kind == "n-type"
    assert "warning: --doping 1e+20 counts holes" in capsys.readouterr().out


def test_version_and_mesh_of_phono3py_are_in_the_card(folder):
    card = imported(phono3py(folder, version=np.bytes_("4.8.2"), mesh=np.array([9, 9, 7])))
    assert "phono3py 4.8.2, kappa-m9.hdf5 of 20" in card.source.note
    assert "mesh 9 x 9 x 7" in card.source.note


def test_a_trace_is_linear_between_its_dopings(folder):
    card = imported(trace(folder), "--doping", "0.1", "--tau", "10 fs")
    assert card.seebeck_coefficient(T) == pytest.approx(200e-6)
    assert card.electrical_conductivity(T) == pytest.approx(1e5)
    assert card.thermal_conductivity(T) == pytest.approx(2e-8 * 1e5 * T, rel=1e-7)


@pytest.mark.parametrize(
    "words",
    [
        ["--doping", "0.15"],
        ["--doping", "1e21", "--cell-volume", "150 angstrom^3"],
        ["--fermi-level", "0.3"],
        ["--fermi-level", f"{0.3 * 13.605693122994} eV"],
    ],
)
def test_ways_to_say_where_in_the_bands(folder, words):
    card = imported(trace(folder), *words, "--tau", "10 fs")
    assert card.seebeck_coefficient(T) == pytest.approx(250e-6, rel=1e-6)
    assert "linear" not in card.source.note


def test_the_doping_of_a_dope_trace_is_met_to_within_its_digits(folder):
    """N of a .dope.trace is solved for: at 500 K it may lie just below what was asked for."""
    card = imported(trace(folder, name="si.dope.trace", noise=1e-7), "--doping", "0.15", "--tau", "10 fs")
    assert card.seebeck_coefficient(T) == pytest.approx(250e-6, rel=1e-5)


def test_relaxation_times_of_the_file_need_no_tau(folder):
    """custom_tau writes σ and κ_e themselves."""
    card = imported(condtens(folder, AS_THEY_ARE, 1e5), "--doping", "0.1")
    assert card.electrical_conductivity(T) == pytest.approx(2e5)
    assert card.thermal_conductivity(T) == pytest.approx(2e-8 * 2e5 * T, rel=1e-7)


@pytest.mark.parametrize(("direction", "factor"), [("mean", 2.0), ("x", 1.0), ("z", 3.0)])
def test_directions_of_a_tensor(folder, direction, factor):
    card = imported(condtens(folder), "--doping", "0.1", "--tau", "1e-14 s", "--direction", direction)
    assert card.seebeck_coefficient(T) == pytest.approx(factor * 1e-4)
    assert card.electrical_conductivity(T) == pytest.approx(factor * 1e5)
    assert ("mean of xx, yy and zz" if direction == "mean" else f"along {direction}") in card.source.note


def test_principal_axes(folder):
    card = imported(phono3py(folder), "--direction", "axes")
    assert card.thermal_conductivity(T) == pytest.approx(KAPPA_L.T[:3])


def test_measured_columns_join_what_is_computed(folder):
    (folder / "sigma.csv").write_text(
        "temperature [degC], electrical_conductivity [S/cm]\n100, 2000\n200, 1500\n300, 1200\n"
    )
    card = imported("sigma.csv", phono3py(folder))
    assert card.range == pytest.approx((373.15, 573.15))
    assert card.electrical_conductivity(473.15) == pytest.approx(1.5e5)
    assert card.thermal_conductivity(500.0) == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("make", "words", "message"),
    [
        (lambda f: phono3py(f, kappa=None), [], "no data set `kappa`; it has temperature"),
        (lambda f: phono3py(f, kappa=np.ones((4, 3))), [], r"kappa has the shape (4, 3), expected (4, 6)"),
        (lambda f: phono3py(f, kappa=np.full((4, 6), np.nan)), [], "lattice_thermal_conductivity has"),
        (lambda f: phono3py(f, temperature=[300.0], kappa=np.ones((1, 6))), [], "one temperature is no table"),
        (amset, [], "give --doping, in 1/cm³, negative for electrons; the file has -1e+19, -1e+20"),
        (amset, ["--doping", "1e20"], "no doping of 1e+20 1/cm³"),
        (lambda f: amset(f, seebeck=None), ["--doping=-1e20"], "no `seebeck`; it has conductivity, doping"),
        (
            lambda f: amset(f, electronic_thermal_conductivity=(1e3 * np.ones((2, 3, 3, 3))).tolist()),
            ["--doping=-1e20"],
            "electronic_thermal_conductivity is not in W/(m K)",
        ),
        (trace, ["--doping", "0.1"], "give the relaxation time, such as --tau '1e-14 s'"),
        (trace, ["--doping", "0.1", "--tau", "10 ns"], "a relaxation time of electrons is some"),
        (trace, ["--doping", "0.1", "--tau", "3 m"], "--tau 3 m"),
        (trace, ["--tau", "1e-14 s"], "give --doping in e/uc, as N of the file, which has 0.05 to 0.15"),
        (trace, ["--doping", "1", "--tau", "1e-14 s"], "no doping 1 e/uc at 300 K; the file has N[e/uc] 0.05 to 0.15"),
        (lambda f: trace(f, cut=True), ["--doping", "0.1", "--tau", "1e-14 s"], "si.trace:7"),
        (lambda f: trace(f, PER_LENGTH), ["--doping", "0.1", "--tau", "1e-14 s"], "uniform_lambda"),
        (lambda f: condtens(f, PER_LENGTH), ["--doping", "0.1", "--tau", "1e-14 s"], "uniform_lambda"),
        (lambda f: condtens(f, AS_THEY_ARE, 1e5), ["--doping", "0.1", "--tau", "1e-14 s"], "leave out --tau"),
        (trace, ["--doping", "0.1", "--tau", "1e-14 s", "--direction", "x"], "import the .condtens"),
        (
            trace,
            ["--fermi-level", "0.4", "--tau", "1e-14 s"],
            "no Fermi level 0.4 Ry at 300 K; the file has Ef[Ry] 0.3",
        ),
        (trace, ["--fermi-level", "3 m", "--tau", "1e-14 s"], "--fermi-level 3 m"),
        (trace, ["--doping", "1e21", "--cell-volume", "150", "--tau", "1e-14 s"], "write it with its unit"),
        (trace, ["--doping", "1e21", "--cell-volume", "150 m", "--tau", "1e-14 s"], "wrong dimension"),
        (trace, ["--doping", "1", "--fermi-level", "0.3", "--tau", "1e-14 s"], "give one of them"),
        (amset, ["--doping=-1e20", "--tau", "1e-14 s"], "--tau is of .condtens, .trace files"),
        (phono3py, ["--doping=-1e20"], "--doping is of .condtens, .json, .trace files"),
        (amset, ["--doping=-1e20", "--kind", "p-type"], "kind is p-type"),
        (lambda f: amset(f, conductivity=np.zeros((2, 3, 3, 3)).tolist()), ["--doping=-1e20"], "must be positive"),
        (lambda f: phono3py(f, kappa=np.bytes_("x")), [], "`kappa` holds something else than numbers"),
        (lambda _: "none.hdf5", [], "no such file: none.hdf5"),
        (lambda f: (f / "a.txt").write_text("") or "a.txt", [], "known are kappa-*.hdf5"),
        (lambda f: (f / "a.hdf5").write_text("") or "a.hdf5", [], "this is no HDF5 file"),
    ],
)
def test_what_is_wrong_is_said(folder, capsys, make, words, message):
    assert main(["materials", "import", make(folder), *words, "-o", "mine.yaml"]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert not (folder / "mine.yaml").exists()


def test_files_that_do_not_fit_together(folder, capsys):
    (folder / "cold.csv").write_text("temperature [K], thermal_conductivity [W/(m*K)]\n100, 3\n200, 2\n")
    assert main(["materials", "import", "cold.csv", phono3py(folder)]) == 2
    assert "do not overlap: cold.csv 100 to 200 K, kappa-m9.hdf5 300 to 700 K" in capsys.readouterr().err
    (folder / "hot.csv").write_text("temperature [K], thermal_conductivity [W/(m*K)]\n300, 3\n700, 2\n")
    assert main(["materials", "import", "hot.csv", "kappa-m9.hdf5"]) == 2
    assert "are both given: keep one of them" in capsys.readouterr().err


def test_a_table_in_another_unit_is_suspicious(folder, capsys):
    """κ of 5 W/(m K) that was written in mW/(cm K), 50, and called W/(m K): usual for a thermoelectric is up to 100."""
    (folder / "wrong.csv").write_text(
        "temperature [K], thermal_conductivity [W/(m*K)], seebeck_coefficient [uV/K]\n300, 500, 100\n700, 300, 200\n"
    )
    imported("wrong.csv")
    assert "suspicious thermal_conductivity: 300 to 500 W/(m*K) for a thermoelectric" in capsys.readouterr().out


def test_a_unit_of_another_dimension(folder, capsys):
    (folder / "wrong.csv").write_text("temperature [K], thermal_conductivity [mW/cm]\n300, 50\n700, 30\n")
    assert main(["materials", "import", "wrong.csv"]) == 2
    assert "unit 'mW/cm' has the wrong dimension" in capsys.readouterr().err


@pytest.mark.parametrize("output", ["mine", "nowhere/mine.yaml", "mine.csv"])
def test_a_card_has_a_place_and_a_name(folder, capsys, output):
    assert main(["materials", "import", phono3py(folder), "-o", output]) == 2
    assert f"-o {output}: a card is a file NAME.yaml" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["kappa-m9.hdf5"]


def test_the_same_temperature_in_two_scales_is_one(folder):
    """126.95 °C is 400.1 K less 5.7e-14 K; the card would refuse both."""
    assert 126.95 + 273.15 != 400.1
    (folder / "c.csv").write_text(
        "temperature [degC], thermal_conductivity [W/(m*K)]\n26.95, 3\n126.95, 2\n226.95, 1\n"
    )
    (folder / "k.csv").write_text("temperature [K], seebeck_coefficient [uV/K]\n300.1, 1\n400.1, 2\n500.1, 3\n")
    assert len(imported("c.csv", "k.csv").law("seebeck_coefficient").temperature) == 3
