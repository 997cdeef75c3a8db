"""What composition does to the electrons of a measured card: by hand, by quadrature, the same in numpy and UFL."""

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh
from pydantic import ValidationError
from scipy.constants import Avogadro, Boltzmann, e
from scipy.integrate import quad
from scipy.optimize import brentq

from thermolyte.errors import InputError
from thermolyte.materials import Card, band
from thermolyte.materials.band_table import band_table
from thermolyte.materials.carriers import Carriers, carrier_concentration, carrier_ratio
from thermolyte.materials.fermi import fermi_integral
from thermolyte.parameters import Parameters
from thermolyte.region import Region
from thermolyte.studies.structure import structure

pytestmark = pytest.mark.serial
RAW = {
    "concentration": "3e19 1/cm^3",
    "reference_composition": 0.2,
    "electrons_per_atom": 2,
    "buffer": 50,
    "mobility_exponent": 0.5,
}
VOLUME = 445.73 / 5.3 * 1e-6  # m³/mol of Mg3.2In0.02Bi1.4Sb0.595Te0.005
PROPERTIES = {
    "seebeck_coefficient": {
        "law": "table",
        "unit": "uV/K",
        "temperature": [300, 400, 600],
        "value": [-200, -216, -224],
    },
    "electrical_conductivity": "9e4 S/m",
    "thermal_conductivity": "1.08 W/(m*K)",
    "diffusivity": "1e-12 m^2/s",
    "host_molar_volume": "84.1 cm^3/mol",
    "saturation": 0.25,
}


def carriers(**changes):
    return Carriers(**RAW | changes)


def card(properties=None, **changes):
    return Card(**{"kind": "n-type", "carriers": RAW, "properties": PROPERTIES | (properties or {})} | changes)


def F(j, η):
    """The Fermi integral by scipy's quadrature, x = u², past no other code of the package."""
    return quad(lambda u: 2 * u ** (2 * j + 1) / (1 + np.exp(u * u - η)), 0, np.sqrt(max(η, 0) + 60), epsrel=1e-13)[0]


def moments(η, λ):
    """σ ~ <1>, and the means of x and of x² that S and L are made of."""
    σ = (1 + λ) * F(λ, η)
    return σ, (2 + λ) * F(1 + λ, η) / σ, (3 + λ) * F(2 + λ, η) / σ


def seebeck(η, λ=0.0):
    return Boltzmann / e * (moments(η, λ)[1] - η)


def test_a_literal_balance_of_mass_takes_ten_times_more_electrons_than_there_are():
    """20 µm of Mg2Ni (31.5 cm³/mol) at both contacts of a leg of 6 mm."""
    taken = 2 * 20e-6 * 2 / 31.5e-6  # mol/m²
    leg = 6e-3 / VOLUME
    assert taken / (3.2 * leg) == pytest.approx(0.011, rel=0.02)
    x = 0.2 - taken / leg
    electrons = 2 * (0.2 - x) * Avogadro / VOLUME
    assert electrons == pytest.approx(5.1e26, rel=0.01)
    assert electrons > 10 * 3e25
    assert carrier_ratio(carriers(buffer=1), x, VOLUME) == pytest.approx(np.exp(-electrons / 3e25), rel=1e-12)
    assert carrier_ratio(carriers(buffer=1), x, VOLUME) < 1e-7
    left = carrier_ratio(carriers(), x, VOLUME)
    assert left == pytest.approx(0.71, abs=0.005)
    change = carriers(mobility_exponent=0.5).electrons(card(), x, 300.0)
    assert change.electrical_conductivity / 9e4 == pytest.approx(0.62, abs=0.005)
    assert change.seebeck_coefficient == pytest.approx(-226.6e-6, rel=1e-3)


def test_ratio():
    """One at x_ref with the slope z N_A/(B V) of n; positive everywhere; a chemical potential that adds up."""
    p = carriers()
    assert carrier_ratio(p, 0.2, VOLUME) == 1.0
    h = 1e-6
    slope = (carrier_concentration(p, 0.2 + h, VOLUME) - carrier_concentration(p, 0.2 - h, VOLUME)) / (2 * h)
    assert slope == pytest.approx(2 * Avogadro / (50 * VOLUME), rel=1e-8)
    x = np.linspace(-0.3, 0.5, 9)
    found = carrier_ratio(p, x, VOLUME)
    assert np.all(found > 0)
    np.testing.assert_allclose(found[2:] * found[:-2], found[1:-1] ** 2, rtol=1e-12)


@pytest.mark.parametrize("λ", [-0.2, 0.0, 0.5, 1.0, 2.0])
def test_filling_of_a_seebeck_coefficient(λ):
    """The inverse of S(F) at points that are no knots, from a metal to 2 mV/K."""
    η = np.linspace(-24.9, 99.5, 2003)
    found = band_table(λ).filling(band.seebeck_coefficient(η, λ))
    np.testing.assert_allclose(found.value, fermi_integral(0.5, η), rtol=2e-9)
    least, most = band_table(λ).thermopowers
    assert least < 9e-6
    assert most > 2e-3
    assert band_table(λ).filling(most * 3).value == pytest.approx(band_table(λ).filling(most).value)


@pytest.mark.parametrize("λ", [0.0, 1.0])
def test_against_quadrature(λ):
    """The loss of carriers that raises |S| = 200 µV/K by 15 %, and what σ and κ do then."""
    before = brentq(lambda η: seebeck(η, λ) - 200e-6, -10, 10, xtol=1e-14)
    after = brentq(lambda η: seebeck(η, λ) - 230e-6, -10, 10, xtol=1e-14)
    ratio = F(0.5, after) / F(0.5, before)
    (σ0, mean0, square0), (σ1, mean1, square1) = (moments(η, λ) for η in (before, after))
    p = carriers(scattering_exponent=λ, mobility_exponent=0)
    found = p.at(p, ratio, -200e-6, 9e4, 300.0)
    assert found.seebeck_coefficient == pytest.approx(-230e-6, rel=1e-8)
    assert found.electrical_conductivity == pytest.approx(9e4 * σ1 / σ0, rel=1e-8)
    L0, L1 = ((Boltzmann / e) ** 2 * (s - m * m) for s, m in ((square0, mean0), (square1, mean1)))
    heat = 9e4 * 300 * (L1 * σ1 / σ0 - L0)
    assert found.thermal_conductivity_change == pytest.approx(heat, rel=1e-8)
    slower = carriers(scattering_exponent=λ, mobility_exponent=0.7)
    σ = slower.at(slower, ratio, -200e-6, 9e4, 300.0).electrical_conductivity
    assert σ / found.electrical_conductivity == pytest.approx(ratio**0.7, rel=1e-12)


def test_fifteen_percent_of_seebeck_coefficient_in_numbers():
    """A third of the carriers has to go, and σ falls to 0.70: to 0.567, as measured, the mobility has to fall too."""
    p = carriers(mobility_exponent=0)
    ratio = brentq(lambda r: p.at(p, r, -200e-6, 9e4, 300.0).seebeck_coefficient + 230e-6, 0.1, 1)
    assert ratio == pytest.approx(0.6825, abs=1e-4)
    assert p.at(p, ratio, -200e-6, 9e4, 300.0).electrical_conductivity / 9e4 == pytest.approx(0.7034, abs=1e-4)


def test_few_carriers():
    """Boltzmann statistics: S falls by (k_B/e) ln(n/n_ref), µ and L = 2(k_B/e)² stay."""
    p = carriers(mobility_exponent=0)
    found = p.at(p, 0.5, -1e-3, 100.0, 300.0)
    assert found.seebeck_coefficient == pytest.approx(-1e-3 - Boltzmann / e * np.log(2), rel=1e-5)
    assert found.electrical_conductivity == pytest.approx(50.0, rel=1e-4)
    assert found.thermal_conductivity_change == pytest.approx(-2 * (Boltzmann / e) ** 2 * 50 * 300, rel=1e-4)


def test_many_carriers():
    """A metal: η ~ n^(2/3), S ~ 1/η and µ ~ 1/√η with acoustic phonons, each up to 1/η²."""
    p = carriers(mobility_exponent=0)
    found = p.at(p, 2.0, -7e-6, 1e6, 300.0)
    assert found.seebeck_coefficient == pytest.approx(-7e-6 * 2 ** (-2 / 3), rel=2e-3)
    assert found.electrical_conductivity == pytest.approx(1e6 * 2 ** (2 / 3), rel=2e-3)


def test_the_card_itself_at_the_reference():
    """Exactly, whatever the tables are good for."""
    T = np.linspace(280, 620, 18)
    found = carriers(scattering_exponent=0.5).electrons(card(), 0.2, T)
    np.testing.assert_array_equal(found.seebeck_coefficient, card().seebeck_coefficient(T))
    np.testing.assert_array_equal(found.electrical_conductivity, card().electrical_conductivity(T))
    np.testing.assert_array_equal(found.thermal_conductivity_change, 0 * T)


PARTS = ("seebeck_coefficient", "electrical_conductivity", "thermal_conductivity_change")


@pytest.fixture(scope="module")
def form():
    """The electrons of the card on an interval where x and T vary, with all numbers live; compiled once."""
    domain = mesh.create_interval(MPI.COMM_SELF, 23, [0.0, 1.0])
    s = ufl.SpatialCoordinate(domain)[0]
    x, T = ufl.variable(0.26 * s), ufl.variable(310.0 + 280.0 * s * s)
    found, p = card(), Parameters(carriers(), domain)
    ratio = carrier_ratio(p, x, VOLUME)
    S, σ = found.seebeck_coefficient.ufl(T, 1), found.electrical_conductivity.ufl(T, 1)
    now = found.carriers.at(p, ratio, S, σ, T)
    values = [getattr(now, name) for name in PARTS]
    parts = [x, T, *(f for v in values for f in (v, ufl.diff(v, x), ufl.diff(v, T)))]
    expression = fem.Expression(ufl.as_vector(parts), np.array([[0.21], [0.83]]))
    cells = np.arange(23, dtype=np.int32)
    return p, lambda: expression.eval(domain, cells).reshape(-1, len(parts)).T


@pytest.mark.parametrize(
    "changes",
    [{}, {"buffer": 200}, {"concentration": 5e25, "mobility_exponent": -0.2}, {"reference_composition": 0.1}],
)
def test_numpy_and_ufl_agree(form, changes):
    """With the derivatives by x and T, after a change of live numbers without compiling again."""
    p, evaluate = form
    model = carriers(**changes)
    p.assign(model)
    x, T, *values = evaluate()

    def at(name, x, T):
        S, σ = card().seebeck_coefficient(T), card().electrical_conductivity(T)
        return getattr(model.at(model, carrier_ratio(model, x, VOLUME), S, σ, T), name)

    for i, name in enumerate(PARTS):
        value, by_x, by_T = values[3 * i : 3 * i + 3]
        scale = np.max(np.abs(value))
        np.testing.assert_allclose(value, at(name, x, T), rtol=1e-12, atol=1e-13 * scale, err_msg=name)
        slope = (at(name, x + 1e-5, T) - at(name, x - 1e-5, T)) / 2e-5
        np.testing.assert_allclose(by_x, slope, rtol=1e-6, atol=1e-7 * scale, err_msg=name)
        slope = (at(name, x, T + 1e-3) - at(name, x, T - 1e-3)) / 2e-3
        np.testing.assert_allclose(by_T, slope, rtol=1e-5, atol=1e-9 * scale, err_msg=name)


def test_what_is_live():
    """All numbers but the exponent of scattering, of which the forms are made."""
    domain = mesh.create_unit_interval(MPI.COMM_SELF, 1)
    assert len(Parameters(carriers(), domain).constants) == 5
    assert structure(carriers()) == structure(carriers(buffer=7, mobility_exponent=1, concentration=1e25))
    assert structure(carriers()) != structure(carriers(scattering_exponent=1))
    assert float(carriers(scattering_exponent=0.1).scattering_exponent) == 0.1
    again = Carriers.model_validate(carriers(scattering_exponent="1/2").model_dump(mode="json"))
    assert again == carriers(scattering_exponent=0.5)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"buffer": 0.9}, "greater than or equal to 1"),
        ({"concentration": 0}, "greater than 0"),
        ({"concentration": "3e19 1/cm^2"}, "expected a text such as '3e19 1/cm^3'"),
        ({"electrons_per_atom": -1}, "greater than 0"),
        ({"mobility_exponent": "nan"}, "finite number"),
        ({"scattering_exponent": 3}, "less than or equal to 2"),
        ({"bufer": 3}, "Extra inputs are not permitted"),
    ],
)
def test_mistakes(changes, text):
    with pytest.raises(ValidationError) as caught:
        carriers(**changes)
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("properties", "changes", "text"),
    [
        (
            {"seebeck_coefficient": None},
            {},
            "carriers need seebeck_coefficient of unnamed: give it, or remove carriers",
        ),
        ({"electrical_conductivity": None}, {}, "carriers need electrical_conductivity"),
        ({"host_molar_volume": None, "saturation": None}, {}, "carriers need host_molar_volume"),
        (
            {"seebeck_coefficient": {**PROPERTIES["seebeck_coefficient"], "value": [-200, -100, 30]}},
            {},
            "30 uV/K at 600 K: two kinds of carriers, or a lost sign",
        ),
        ({"seebeck_coefficient": "200 uV/K"}, {"kind": "other"}, "200 uV/K at "),
        ({"seebeck_coefficient": "-1 uV/K"}, {}, "as a metal: the least is 2.8 uV/K"),
        (
            {"thermal_conductivity": {"law": "principal_axes", "x": 1, "y": 1, "z": 2}},
            {},
            "thermal_conductivity has principal axes: give one law",
        ),
        ({}, {"carriers": RAW | {"reference_composition": 0.3}}, "0.3 is beyond the saturation of unnamed, 0.25"),
    ],
)
def test_cards_that_carriers_do_not_fit(properties, changes, text):
    with pytest.raises(ValidationError) as caught:
        card(properties, **changes)
    assert text in str(caught.value)


def test_a_model_has_carriers_of_its_own():
    of_model = Card.load("NbFeSb-Hf-model")
    with pytest.raises(ValidationError, match="NbFeSb-Hf-model has a model: remove one of them"):
        Card(name=of_model.name, kind="other", model=of_model.model, doping=of_model.doping, carriers=RAW)


def test_properties_of_a_region_have_to_fit_too():
    with pytest.raises(ValidationError, match=r"20 uV/K at .* two kinds of carriers"):
        Region(material=card(), properties={"seebeck_coefficient": "20 uV/K"})
    assert Region(material=card(), properties={"electrical_conductivity": "5e4 S/m"}).card.carriers == carriers()


def test_a_mistake_names_its_line(tmp_path):
    path = tmp_path / "leg.yaml"
    path.write_text("carriers:\n  concentration: 3e19 1/cm^3\n  reference_composition: 0.2\n  buffer: 0.5\n")
    with pytest.raises(InputError, match=r"leg.yaml:4: carriers.buffer"):
        Card.load(path)
