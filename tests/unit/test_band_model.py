"""The electrons of a card: exact with one band, in equilibrium with two, the same in numpy and in UFL."""

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh
from pydantic import ValidationError
from scipy.constants import Boltzmann, e
from scipy.optimize import brentq

from thermolyte.materials import band
from thermolyte.materials.band_model import LEVELS, ParabolicBand
from thermolyte.materials.band_table import Filling, band_table
from thermolyte.materials.fermi import fermi_integral, reduced_fermi_level
from thermolyte.materials.neutrality import neutral_fillings

pytestmark = pytest.mark.serial
ONE = {
    "carriers": "holes",
    "effective_mass": 6.9,
    "weighted_mobility": "300 cm^2/(V*s)",
    "mobility_exponent": -0.5,
    "dopant_sites": 4,
    "lattice_parameter": "5.95 angstrom",
    "background_concentration": "1e19 1/cm^3",
}
MINORITY = {
    "band_gap": "0.3 eV",
    "effective_mass": 2,
    "scattering_exponent": 0.5,
    "weighted_mobility": "80 cm^2/(V*s)",
    "mobility_exponent": -1.5,
}
MODELS = {"one": ONE, "ions": {**ONE, "scattering_exponent": 2}, "two": {**ONE, "minority": MINORITY}}
PROPERTIES = (
    "seebeck_coefficient",
    "electrical_conductivity",
    "lorenz_number",
    "electronic_thermal_conductivity",
    "reduced_fermi_level",
)


def model(**changes):
    return ParabolicBand(**{**ONE, **changes})


@pytest.mark.parametrize("λ", [-0.2, 0.0, 0.5, 1.0, 2.0])
def test_table_is_exact(λ):
    """Everywhere from hardly any carriers to η = 100, at filling that are no knots."""
    η = np.linspace(-40, 99.9, 2003)
    table, at = band_table(λ), Filling.of(fermi_integral(0.5, η))
    np.testing.assert_allclose(table.reduced_level(at), η, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(table.seebeck_coefficient(at), band.seebeck_coefficient(η, λ), rtol=3e-10)
    np.testing.assert_allclose(table.mobility_ratio(at), band.mobility_ratio(η, λ), rtol=1e-11)
    np.testing.assert_allclose(table.lorenz_number(at), band.lorenz_number(η, λ), rtol=3e-10)


@pytest.mark.parametrize("λ", [0.0, 1.0])
def test_one_band_is_that_of_its_formulas(λ):
    """x and T broadcast; σ = σ_E0 (1 + λ) F_λ with µ_w ~ T^(−1/2)."""
    x, T = np.linspace(0, 0.3, 7)[:, None], np.linspace(200, 1200, 5)
    p = model(scattering_exponent=λ)
    n = 1e25 + x * 4 / 5.95e-10**3
    np.testing.assert_allclose(p.carrier_concentration(x), n, rtol=1e-12)
    η = reduced_fermi_level(n / band.effective_density(6.9, T))
    S, L = band.seebeck_coefficient(η, λ), band.lorenz_number(η, λ)
    σ = band.electrical_conductivity(η, T, 0.03 * (T / 300) ** -0.5, λ)
    for name, expected in zip(PROPERTIES, (S, σ, L, L * σ * T, η), strict=True):
        np.testing.assert_allclose(getattr(p, name)(x, T), expected, rtol=1e-9, err_msg=name)
    np.testing.assert_allclose(
        model(carriers="electrons", scattering_exponent=λ).seebeck_coefficient(x, T), -S, rtol=1e-9
    )


def test_heavy_band_of_a_half_heusler():
    """m = 6.9 and 2e21 cm⁻³, the doping of NbFeSb; an eighth of its Nb sites are 2.37e21 cm⁻³."""
    p = model(background_concentration="2e21 1/cm^3")
    S = p.seebeck_coefficient(0.0, np.array([300, 600, 1000, 1200]))
    np.testing.assert_allclose(S * 1e6, [87.2, 151.8, 209.0, 230.6], atol=0.051)
    undoped = model(background_concentration=0)
    assert undoped.carrier_concentration(1 / 8) == pytest.approx(2.37e27, rel=2e-3)
    cell = {"lattice_parameter": None, "cell_volume": "216 angstrom^3"}
    assert ParabolicBand(**{**ONE, **cell, "background_concentration": 0}).carrier_concentration(0.1) == pytest.approx(
        1.85e27, rel=2e-3
    )


def exact_level(net, N, M, gap):
    """η from N F_{1/2}(η) − M F_{1/2}(−η − E_g/kT) = net, by bisection."""

    def excess(η):
        return float(N * fermi_integral(0.5, η) - M * fermi_integral(0.5, -η - gap) - net) / N

    return brentq(excess, -gap - 30, 100, xtol=1e-13, rtol=1e-14)


@pytest.mark.parametrize("x", [0.0, 1e-4, 1e-3, 0.02])
@pytest.mark.parametrize("T", [300.0, 700.0, 1200.0])
def test_two_bands_are_neutral(x, T):
    p = ParabolicBand(**MODELS["two"])
    N, M, gap = band.effective_density(6.9, T), band.effective_density(2.0, T), 0.3 * e / Boltzmann / T
    η = exact_level(p.carrier_concentration(x), N, M, gap)
    other = -η - gap
    assert p.reduced_fermi_level(x, T) == pytest.approx(η, abs=1e-8)
    S = band.seebeck_coefficient(η), -band.seebeck_coefficient(other, 0.5)
    σ = (
        band.electrical_conductivity(η, T, 0.03 * (T / 300) ** -0.5),
        band.electrical_conductivity(other, T, 0.008 * (T / 300) ** -1.5, 0.5),
    )
    κ = sum(s * T * l for s, l in zip(σ, (band.lorenz_number(η), band.lorenz_number(other, 0.5)), strict=True))
    κ += T * σ[0] * σ[1] / sum(σ) * (S[0] - S[1]) ** 2
    assert p.electrical_conductivity(x, T) == pytest.approx(sum(σ), rel=1e-8)
    assert p.seebeck_coefficient(x, T) == pytest.approx((σ[0] * S[0] + σ[1] * S[1]) / sum(σ), rel=1e-7)
    assert p.electronic_thermal_conductivity(x, T) == pytest.approx(κ, rel=1e-8)


@pytest.mark.parametrize(("gap", "tolerance"), [(1.0, 1e-6), (2.0, 1e-8), (3.0, 1e-10), (40.0, 1e-10)])
def test_newton_steps_are_enough(gap, tolerance):
    """For any doping, and densities of states from 1 : 100 to 100 : 1."""
    net, M = np.meshgrid(np.r_[1e-20, 10.0 ** np.linspace(-8, 2, 41)], 10.0 ** np.linspace(-2, 2, 9))
    F, other = neutral_fillings(net, np.ones_like(net), M, gap, band_table(0.0))
    np.testing.assert_allclose(reduced_fermi_level(F) + reduced_fermi_level(other), -gap, atol=tolerance)
    np.testing.assert_allclose((F - M * other - net) / (F + M * other), 0.0, atol=1e-14)


def test_minority_is_what_turns_the_seebeck_coefficient_down():
    T = np.linspace(300, 1200, 46)
    lone, pair = (ParabolicBand(**{**raw, "background_concentration": 0}) for raw in (ONE, MODELS["two"]))
    assert np.all(np.diff(lone.seebeck_coefficient(0.002, T)) > 0)
    S = pair.seebeck_coefficient(0.002, T)
    assert S[0] == pytest.approx(float(lone.seebeck_coefficient(0.002, T[0])), rel=1e-2)
    assert 0 < np.argmax(S) < 45
    assert pair.lorenz_number(0.002, 1200.0) > 3 * lone.lorenz_number(0.002, 1200.0)
    undoped = pair.seebeck_coefficient(0.0, 600.0)
    assert np.isfinite(undoped)


@pytest.fixture(scope="module")
def evaluated():
    """x, T, and each property with its derivatives by T and x, compiled by FFCx once."""
    domain = mesh.create_interval(MPI.COMM_SELF, 41, [0.0, 1.0])
    s = ufl.SpatialCoordinate(domain)[0]
    x, T = ufl.variable(0.3 * s * s), ufl.variable(1300.0 - 1000.0 * s)
    parts = []
    for raw in MODELS.values():
        for name in PROPERTIES:
            f = getattr(ParabolicBand(**raw), name)(x, T)
            parts += [f, ufl.diff(f, T), ufl.diff(f, x)]
    points = np.array([[0.21], [0.83]])
    cells = np.arange(domain.topology.index_map(1).size_local, dtype=np.int32)
    values = fem.Expression(ufl.as_vector(parts), points).eval(domain, cells).reshape(-1, len(parts)).T
    at = fem.Expression(s, points).eval(domain, cells).reshape(-1)
    return 0.3 * at * at, 1300.0 - 1000.0 * at, values.reshape(len(MODELS), len(PROPERTIES), 3, -1)


@pytest.mark.parametrize("which", MODELS)
@pytest.mark.parametrize("name", PROPERTIES)
def test_numpy_and_ufl_agree(evaluated, which, name):
    x, T, values = evaluated
    found, by_T, by_x = values[list(MODELS).index(which), PROPERTIES.index(name)]
    f = getattr(ParabolicBand(**MODELS[which]), name)
    scale = np.max(np.abs(found))
    np.testing.assert_allclose(found, f(x, T), rtol=1e-12, atol=1e-13 * scale)

    def difference(g, h):
        return (8 * (g(h) - g(-h)) - (g(2 * h) - g(-2 * h))) / (12 * h)

    slope = difference(lambda h: f(x, T + h), 0.2)
    np.testing.assert_allclose(by_T, slope, rtol=1e-6, atol=1e-9 * scale / 300)
    slope = difference(lambda h: f(x * (1 + h), T), 1e-3) / x
    np.testing.assert_allclose(by_x, slope, rtol=1e-6, atol=1e-9 * scale / x.min())


def test_a_number_beside_an_expression():
    """x of the card is often one number while T is the field, and the other way round."""
    domain = mesh.create_interval(MPI.COMM_SELF, 1, [0.0, 1.0])
    T, x = fem.Constant(domain, 640.0), fem.Constant(domain, 0.07)
    p = ParabolicBand(**ONE)
    S = ufl.as_vector([p.seebeck_coefficient(0.07, T), p.seebeck_coefficient(x, 640.0), p.seebeck_coefficient(x, T)])
    values = fem.Expression(S, np.array([[0.5]])).eval(domain, np.array([0], dtype=np.int32))
    np.testing.assert_allclose(values.ravel(), float(p.seebeck_coefficient(0.07, 640.0)), rtol=1e-13)


@pytest.mark.parametrize("which", MODELS)
def test_iterates_out_of_range_are_finite(which):
    p = ParabolicBand(**{**MODELS[which], "background_concentration": 0})
    x, T = np.array([-0.5, 0.0, 1.0, 50.0])[:, None], np.array([-300.0, 0.0, 5.0, 1e4])
    for name in PROPERTIES:
        assert np.all(np.isfinite(getattr(p, name)(x, T))), name


def test_more_carriers_than_the_table_holds():
    """Beyond η = 100 all is held as it is there: S does not turn negative."""
    p = model(effective_mass=0.1)
    for name in PROPERTIES:
        assert getattr(p, name)(0.9, 300.0) == getattr(p, name)(0.3, 300.0) > 0
    assert p.reduced_fermi_level(0.9, 300.0) == pytest.approx(100, rel=1e-9)


@pytest.mark.parametrize(
    ("changes", "x", "T", "text"),
    [
        ({"effective_mass": 0.1}, (0, 0.3), (300, 900), r"level .* at x = 0.3 and T = 300 K is outside of -20 to 100"),
        ({"background_concentration": "1e10 1/cm^3"}, (0, 0.3), (300, 900), r"x = 0 and T = 900 K is outside"),
        ({"background_concentration": 0}, (0, 0.3), (300, 900), "no carriers .* at x = 0 .*: give background_conc"),
        ({}, (0, 1.2), (300, 900), "from 0 to 1.2: x is a fraction of sites"),
        ({}, (-0.1, 0.2), (300, 900), "from -0.1 to 0.2: x is a fraction of sites"),
        ({}, (0, 0.2), (900, 300), r"write \[lowest, highest\] above 0 K"),
        ({}, (0, 0.2), (-5, 300), "above 0 K"),
        ({"minority": {**MINORITY, "band_gap": "0.05 eV"}}, (0, 0.2), (300, 900), "0.05 eV is below k_B T at 900 K"),
    ],
)
def test_refusals(changes, x, T, text):
    with pytest.raises(ValueError, match=text):
        model(**changes).check(x, T)


@pytest.mark.parametrize("changes", [{}, {"background_concentration": 0, "minority": MINORITY}])
def test_levels_of_what_is_accepted_are_within_the_table(changes):
    found = model(**changes)
    found.check((0, 0.3), (200, 1300))
    levels = found.reduced_fermi_level(np.array([0.01, 0.3]), np.array([1300.0, 200.0]))
    assert np.all((levels > LEVELS[0]) & (levels < LEVELS[1]))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"lattice_parameter": None}, "give the cell once"),
        ({"cell_volume": 2e-28}, "give the cell once"),
        ({"carriers": "ions"}, "'holes' or 'electrons'"),
        ({"effective_mass": 0}, "greater than 0"),
        ({"weighted_mobility": "300 cm^2"}, "expected a text such as '300 cm^2/(V*s)'"),
        ({"background_concentration": "1 mol/l"}, "expected a text such as '1e19 1/cm^3'"),
        ({"scattering_exponent": -0.5}, "greater than -0.25"),
        ({"minority": {**MINORITY, "band_gap": "-0.1 eV"}}, "greater than 0"),
        ({"minority": {**MINORITY, "band_gap": 0.5}}, "needs a unit"),
        ({"mass": 2}, "Extra inputs are not permitted"),
    ],
)
def test_mistakes(changes, text):
    with pytest.raises(ValidationError) as caught:
        model(**changes)
    assert text in str(caught.value)


def test_a_model_survives_its_own_dump():
    p = ParabolicBand(**MODELS["two"])
    assert ParabolicBand.model_validate(p.model_dump()) == p
    assert "band_gap" in ParabolicBand.model_json_schema()["$defs"]["MinorityBand"]["properties"]
