"""Laws of composition: the same numbers in numpy and UFL, the published fits, what happens outside the range."""

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh
from pydantic import TypeAdapter, ValidationError

from thermolyte.materials.composition import SMALLEST, CompositionTable
from thermolyte.materials.creep import Creep
from thermolyte.materials.open_circuit import OpenCircuitLaw
from thermolyte.materials.properties import Properties

T = 296.15
RT_F = 8.31446261815324 * T / 96485.33212331001
X, Y = [0.05, 0.1, 0.2, 0.35, 0.6], [340.0, 320.0, 301.0, 290.0, 240.0]
FORMULA = {"range": [0.05, 0.6]}
RK = {"law": "redlich_kister", "unit": "mV", "standard_potential": 250.0, **FORMULA}
LAWS = {
    "constant": {"law": "constant", "value": "12 mV"},
    "linear": {"law": "table", "unit": "mV", "composition": X, "value": Y, "interpolation": "linear"},
    "cubic held": {"law": "table", "unit": "mV", "composition": X, "value": Y, "outside": "constant"},
    "cubic tangent": {"law": "table", "unit": "mV", "composition": X, "value": Y, "outside": "extrapolate"},
    "nernst": {"law": "nernst", "standard_potential": 0.24, "slope": 1.317, **FORMULA},
    "nernst held": {"law": "nernst", "unit": "mV", "standard_potential": 240, **FORMULA, "outside": "constant"},
    "interstitial": {**RK, "solution": "interstitial", "coefficients": [-24, 10, -5]},
    "substitutional": {**RK, "solution": "substitutional", "coefficients": [-43, 7, 3], "outside": "extrapolate"},
}


def law(raw):
    return TypeAdapter(OpenCircuitLaw).validate_python(raw)


@pytest.fixture(scope="module")
def evaluated():
    """x, and U, dU/dx and the thermodynamic factor of all laws from x = -0.1 to 1.1, compiled by FFCx once."""
    domain = mesh.create_interval(MPI.COMM_SELF, 173, [-0.1, 1.1])
    x = ufl.variable(ufl.SpatialCoordinate(domain)[0])
    laws = [law(raw) for raw in LAWS.values()]
    U = [f.ufl(x, T) for f in laws]
    parts = ufl.as_vector([*U, *(ufl.diff(u, x) for u in U), *(f.thermodynamic_factor(x, T) for f in laws)])
    points = np.array([[0.21], [0.5], [0.83]])
    cells = np.arange(domain.topology.index_map(1).size_local, dtype=np.int32)
    values = fem.Expression(parts, points).eval(domain, cells).reshape(-1, 3, len(LAWS))
    at = fem.Expression(ufl.SpatialCoordinate(domain)[0], points).eval(domain, cells).reshape(-1)
    return at, {name: values[:, :, i].T for i, name in enumerate(LAWS)}


@pytest.mark.parametrize("name", LAWS)
def test_numpy_and_ufl_agree(evaluated, name):
    x, values = evaluated
    U, slope, factor = values[name]
    assert np.all(np.isfinite(values[name]))
    np.testing.assert_allclose(U, law(LAWS[name])(x, T), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(factor, law(LAWS[name]).thermodynamic_factor(x, T) + 0 * x, rtol=1e-12, atol=1e-13)
    h, knots = 1e-7, np.array([*X, 0.0, 1.0])
    away = np.min(np.abs(x[:, None] - knots), axis=1) > 1e-5
    f = law(LAWS[name])
    expected = (f(x + h, T) - f(x - h, T)) / (2 * h)
    np.testing.assert_allclose(slope[away], expected[away], rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("name", [n for n in LAWS if n != "constant"])
def test_thermodynamic_factor_is_that_of_the_potential(evaluated, name):
    x, values = evaluated
    _, slope, factor = values[name]
    inside = (x > 0.051) & (x < 0.599)
    np.testing.assert_allclose(factor[inside], (-x * slope / RT_F)[inside], rtol=1e-10)


def test_factor_where_nothing_is_stored():
    assert law(LAWS["nernst"]).thermodynamic_factor(0.0, T) == pytest.approx(1.317)
    assert law(LAWS["substitutional"]).thermodynamic_factor(0.0, T) == pytest.approx(1.0)
    assert law(LAWS["constant"]).thermodynamic_factor(0.3, T) == 1.0
    held = law(LAWS["cubic held"])
    assert held.thermodynamic_factor(0.9, T) == held.thermodynamic_factor(0.6, T) > 0


def test_outside_the_range():
    held, tangent, formula = (law(LAWS[n]) for n in ("cubic held", "cubic tangent", "nernst"))
    assert held(0.9, T) == held(0.6, T) == pytest.approx(0.24)
    step = float(tangent(0.6, T) - tangent(0.6 - 1e-7, T))
    assert float(tangent(0.9, T) - 0.24) == pytest.approx(step * 3e6, rel=1e-5)
    assert formula(0.9, T) == pytest.approx(0.24 - 1.317 * RT_F * np.log(0.9), rel=1e-12)
    assert law(LAWS["linear"]).outside == "error"


def test_logarithm_goes_on_as_its_tangent():
    f = law({"law": "nernst", "standard_potential": 0, "range": [0, 1]})
    at_end = -RT_F * np.log(SMALLEST)
    assert f(SMALLEST, T) == pytest.approx(at_end, rel=1e-12)
    assert f(-SMALLEST, T) == pytest.approx(at_end + 2 * RT_F, rel=1e-12)
    full = law({**RK, "range": [0, 1], "solution": "interstitial", "coefficients": [0]})
    assert np.isfinite(full([-0.2, 0.0, 1.0, 1.2], T)).all()
    assert full(1.2, T) < full(1.0, T) < full(0.99, T)


@pytest.mark.parametrize("x", [0.06, 0.1, 0.17])
def test_published_fits_of_the_lithium_magnesium_potential(x):
    """Fits (a) and (b) of reference/battery.md, section 3, written out by hand."""
    raw = {"law": "redlich_kister", "range": [0.05, 0.2]}
    a = law({**raw, "solution": "interstitial", "standard_potential": 0.25080, "coefficients": [-0.02384]})
    b = law({**raw, "solution": "substitutional", "standard_potential": 0.23198, "coefficients": [-0.04326]})
    assert a(x, T) == pytest.approx(0.25080 - RT_F * np.log(x / (1 - x)) + 0.02384 * (1 - 2 * x), rel=1e-13)
    assert b(x, T) == pytest.approx(0.23198 - RT_F * np.log(x) + 0.04326 * (1 - x) ** 2, rel=1e-13)
    if x != 0.1:
        published = {0.06: 0.342, 0.17: 0.307}[x]
        assert a(x, T) == pytest.approx(published, abs=1e-4)
        assert b(x, T) == pytest.approx(published, abs=1e-4)


def test_redlich_kister_is_the_derivative_of_its_energy():
    L = np.array([-0.02, 0.01, -0.03, 0.02])

    def G(x):
        return x * (1 - x) * np.polynomial.polynomial.polyval(2 * x - 1, L)

    x, h = np.linspace(0.1, 0.9, 9), 1e-6
    slope = (G(x + h) - G(x - h)) / (2 * h)
    raw = {"law": "redlich_kister", "standard_potential": 0, "coefficients": list(L), "range": [0, 1]}
    interstitial, substitutional = (law({**raw, "solution": s}) for s in ("interstitial", "substitutional"))
    np.testing.assert_allclose(interstitial(x, T), -RT_F * np.log(x / (1 - x)) - slope, atol=1e-10)
    np.testing.assert_allclose(substitutional(x, T), -RT_F * np.log(x) - G(x) - (1 - x) * slope, atol=1e-10)


def test_units():
    U = Properties(open_circuit_potential=LAWS["interstitial"]).open_circuit_potential
    assert U.unit == "V"
    assert U(0.3, T) == pytest.approx(float(law(LAWS["interstitial"])(0.3, T)), rel=1e-14)
    D = Properties(diffusivity={"law": "table", "unit": "cm^2/s", "composition": [0, 1], "value": [1e-11, 3e-11]})
    assert D.diffusivity(0.5) == pytest.approx(2e-15, rel=1e-9, abs=0)
    assert law("250 mV")(0.3) == pytest.approx(0.25)


def test_interpolation_can_be_chosen():
    cubic = law(LAWS["cubic held"])
    assert cubic.with_interpolation("linear")(0.15, T) == pytest.approx(0.3105)
    assert cubic(0.15, T) != pytest.approx(0.3105, rel=1e-5)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ({**LAWS["linear"], "composition": [0.1, 0.1, 0.2, 0.3, 0.4]}, "composition must increase"),
        ({**LAWS["linear"], "value": [1.0]}, "5 compositions and 1 values"),
        ({"law": "table", "composition": [0.1], "value": [1]}, "needs 2"),
        ({**LAWS["linear"], "composition": [-0.1, 0.1, 0.2, 0.3, 0.4]}, "greater than or equal to 0"),
        ({**LAWS["nernst"], "range": [0.3, 0.3]}, "is empty"),
        ({**LAWS["nernst"], "slope": 0}, "greater than 0"),
        ({"law": "nernst", "standard_potential": 0.2}, "Field required"),
        ({**LAWS["interstitial"], "range": [0, 3.9]}, "x is a fraction"),
        ({**LAWS["interstitial"], "outside": "guess"}, "'error', 'constant' or 'extrapolate'"),
    ],
)
def test_mistakes(raw, text):
    with pytest.raises(ValidationError) as caught:
        law(raw)
    assert text in str(caught.value)


def test_table_of_a_property_is_told_from_one_over_temperature():
    p = Properties(young_modulus={"law": "table", "composition": [0, 1], "value": [45, 20], "unit": "GPa"})
    assert isinstance(p.young_modulus, CompositionTable)
    assert Properties.model_validate(p.model_dump()) == p
    p = Properties(young_modulus={"law": "table", "temperature": [300, 400], "value": [45, 40], "unit": "GPa"})
    assert p.young_modulus(350) == pytest.approx(42.5e9)


def test_creep_in_numpy_and_ufl():
    raw = {"prefactor": 3030, "exponent": 6.5, "reference_stress": "0.75 MPa", "activation_energy": "37 kJ/mol"}
    creep = Creep.model_validate(raw)
    expected = 3030 * np.exp(-37000 / 8.314462618 / 298.15) * 2**6.5
    assert creep(1.5e6, 298.15) == pytest.approx(expected, rel=1e-9)
    domain = mesh.create_unit_interval(MPI.COMM_SELF, 1)
    stress = ufl.variable(fem.Constant(domain, 1.5e6))
    dx = ufl.Measure("dx", domain)
    assert fem.assemble_scalar(fem.form(creep.ufl(stress, 298.15) * dx)) == pytest.approx(expected, rel=1e-9)
    at_rest = ufl.variable(fem.Constant(domain, 0.0))
    slope = ufl.diff(creep.ufl(at_rest, 298.15), at_rest)
    assert fem.assemble_scalar(fem.form(slope * dx)) == 0
    with pytest.raises(ValidationError, match="activation energy is negative"):
        Creep.model_validate({**raw, "activation_energy": "-37 kJ/mol"})
    with pytest.raises(ValidationError, match="wrong dimension"):
        Creep.model_validate({**raw, "reference_stress": "0.75 mm"})
