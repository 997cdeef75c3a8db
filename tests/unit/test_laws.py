"""Property laws: the same numbers in numpy and UFL, exact derivatives, errors in plain words."""

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh
from pydantic import TypeAdapter, ValidationError
from scipy.interpolate import PchipInterpolator

from thermolyte.materials.laws import Law, PrincipalAxes, PropertyLaw
from thermolyte.materials.property import Property

X = [300.0, 340.0, 410.0, 450.0, 520.0, 600.0]
Y = [200.0, 219.0, 226.0, 211.0, 195.8, 186.0]
PARTS = [
    {"fraction": "30 %", "of": "400 W/(m*K)"},
    {"fraction": 0.7, "of": {"law": "table", "temperature": X, "value": Y}},
]
LAWS = {
    "constant": {"law": "constant", "value": "200 uV/K"},
    "cubic": {"law": "table", "unit": "uV/K", "temperature": X, "value": Y},
    "linear": {"law": "table", "temperature": X, "value": Y, "interpolation": "linear"},
    "two points": {"law": "table", "temperature": [300, 500], "value": [1, 3]},
    "polynomial": {
        "law": "polynomial",
        "coefficients": [1, 4e-3, -2e-6],
        "reference": 300,
        "range": [300, 600],
    },
    "arrhenius": {
        "law": "arrhenius",
        "prefactor": "3e3",
        "activation_energy": "0.35 eV",
        "range": [280, 620],
    },
    "parallel": {"law": "mixture", "bound": "parallel", "parts": PARTS},
    "series": {"law": "mixture", "bound": "series", "parts": PARTS},
    "reciprocal": {"law": "reciprocal", "of": {"law": "table", "temperature": X, "value": Y}},
}


def law(raw):
    return TypeAdapter(Law).validate_python(raw)


def message(raw, kind=Law):
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(raw)
    return "\n".join(e["msg"] for e in caught.value.errors())


@pytest.fixture(scope="module")
def evaluated():
    """Values and T-derivatives of all laws at many temperatures, compiled by FFCx once."""
    domain = mesh.create_interval(MPI.COMM_SELF, 173, [250.0, 700.0])
    T = ufl.variable(ufl.SpatialCoordinate(domain)[0])
    expressions = [law(raw).ufl(T) for raw in LAWS.values()]
    both = ufl.as_vector([*expressions, *(ufl.diff(e, T) for e in expressions)])
    points = np.array([[0.21], [0.5], [0.83]])
    cells = np.arange(domain.topology.index_map(1).size_local, dtype=np.int32)
    values = fem.Expression(both, points).eval(domain, cells).reshape(-1, 2 * len(LAWS))
    x = fem.Expression(ufl.SpatialCoordinate(domain)[0], points).eval(domain, cells).reshape(-1)
    return x, dict(zip(LAWS, values.T, strict=False)), dict(zip(LAWS, values.T[len(LAWS) :], strict=True))


@pytest.mark.parametrize("name", LAWS)
def test_numpy_and_ufl_agree(evaluated, name):
    x, values, _ = evaluated
    np.testing.assert_allclose(values[name], law(LAWS[name])(x), rtol=1e-12)


@pytest.mark.parametrize("name", LAWS)
def test_ufl_derivative_is_that_of_the_same_curve(evaluated, name):
    x, _, slopes = evaluated
    f, h = law(LAWS[name]), 1e-3
    knots = np.concatenate([np.asarray(X), [280.0, 500.0, 620.0]])
    away = np.min(np.abs(x[:, None] - knots), axis=1) > 2 * h
    expected = (f(x + h) - f(x - h)) / (2 * h)
    scale = np.max(np.abs(expected)) or 1.0
    np.testing.assert_allclose(slopes[name][away] / scale, expected[away] / scale, atol=1e-6)


def test_cubic_is_pchip_and_smooth_at_its_points(evaluated):
    x, values, slopes = evaluated
    curve = PchipInterpolator(X, 1e-6 * np.array(Y))
    inside = (x > X[0]) & (x < X[-1])
    np.testing.assert_allclose(values["cubic"][inside], curve(x[inside]), rtol=1e-12)
    np.testing.assert_allclose(slopes["cubic"][inside], curve(x[inside], 1), atol=1e-20, rtol=1e-10)
    f, at = law(LAWS["cubic"]), np.array(X[1:-1])
    np.testing.assert_allclose((f(at + 1e-4) - f(at)), (f(at) - f(at - 1e-4)), atol=1e-6 * 1e-4 * 1e-4)


def test_outside_the_range_nothing_changes(evaluated):
    x, values, slopes = evaluated
    for name, low, high in [("cubic", 300, 600), ("polynomial", 300, 600), ("arrhenius", 280, 620)]:
        f, outside = law(LAWS[name]), (x < low) | (x > high)
        assert outside.any()
        assert np.all(slopes[name][outside] == 0)
        np.testing.assert_allclose(values[name][outside], np.where(x[outside] < low, f(low), f(high)), rtol=1e-12)


def test_a_table_hits_its_points_and_monotone_stays_monotone():
    for interpolation in ("linear", "monotone_cubic"):
        f = law({**LAWS["linear"], "interpolation": interpolation})
        np.testing.assert_allclose(f(X), Y, rtol=1e-14)
        assert np.all(np.diff(f(np.linspace(410, 600, 999))) < 0)
    assert law(LAWS["linear"])(320.0) == pytest.approx(209.5, rel=1e-14)
    assert law(LAWS["cubic"])(320.0) != pytest.approx(209.5e-6, rel=1e-4)


def test_values_by_hand():
    assert law(LAWS["polynomial"])(400.0) == pytest.approx(1 + 0.4 - 0.02, rel=1e-14)
    assert law(LAWS["arrhenius"])(300.0) == pytest.approx(3e3 * np.exp(-0.35 / (8.617333262e-5 * 300)), rel=1e-9)
    in_mol = law({**LAWS["arrhenius"], "activation_energy": "33.76986624 kJ/mol"})
    assert in_mol(300.0) == pytest.approx(float(law(LAWS["arrhenius"])(300.0)), rel=1e-6)
    assert law(LAWS["parallel"])(300.0) == pytest.approx(0.3 * 400 + 0.7 * 200, rel=1e-14)
    assert law(LAWS["series"])(300.0) == pytest.approx(1 / (0.3 / 400 + 0.7 / 200), rel=1e-14)
    assert law(LAWS["reciprocal"])(300.0) == pytest.approx(1 / 200, rel=1e-14)


@pytest.mark.parametrize(
    ("value", "unit", "si"),
    [
        ("200 uV/K", "V/K", 200e-6),
        ("5 S/cm", "S/m", 500),
        ("1 µΩ·m", "ohm*m", 1e-6),
        ("2 mohm*cm", "ohm*m", 2e-5),
    ],
)
def test_units_of_the_literature(value, unit, si):
    assert law(value)(300.0) == pytest.approx(si, rel=1e-14)
    converted = law(value).in_si(unit)
    assert converted.unit == unit
    assert converted(300.0) == pytest.approx(si, rel=1e-14)


def test_conversion_reaches_every_number():
    mixture = law(
        {
            "law": "mixture",
            "bound": "series",
            "parts": [{"fraction": 0.5, "of": "1 S/cm"}, {"fraction": 0.5, "of": "100"}],
        }
    ).in_si("S/m")
    assert mixture(300.0) == pytest.approx(100)
    assert [part.of.value for part in mixture.parts] == [100, 100]
    reciprocal = law({"law": "reciprocal", "of": "10 uohm*m"}).in_si("S/m")
    assert reciprocal(300.0) == pytest.approx(1e5)
    assert law({**LAWS["arrhenius"], "unit": "S/cm"}).in_si("S/m").prefactor == pytest.approx(3e5)


def test_temperatures_in_celsius():
    f = law({"law": "table", "temperature": {"unit": "degC", "value": [25, 125]}, "value": [1, 2]})
    assert f.range == pytest.approx((298.15, 398.15))


def test_ranges_combine():
    assert law(LAWS["constant"]).range is None
    assert law(LAWS["parallel"]).range == (300, 600)
    parts = [
        {"fraction": 0.5, "of": {"law": "constant", "value": 1, "range": [350, 700], "outside": "error"}},
        {"fraction": 0.5, "of": {"law": "table", "temperature": X, "value": Y}},
    ]
    mixture = law({"law": "mixture", "bound": "parallel", "parts": parts})
    assert mixture.range == (350, 600)
    assert mixture.outside == "error"


def test_principal_axes_are_a_diagonal_tensor():
    tensor = TypeAdapter(PropertyLaw).validate_python({"law": "principal_axes", "x": 2, "y": 3, "z": LAWS["linear"]})
    assert isinstance(tensor, PrincipalAxes)
    p = Property("thermal_conductivity", tensor)
    np.testing.assert_allclose(p([300.0, 340.0]), [[2, 2], [3, 3], [200, 219]])
    domain = mesh.create_unit_interval(MPI.COMM_SELF, 1)
    matrix = p.ufl(fem.Constant(domain, 320.0), 3)
    assert matrix.ufl_shape == (3, 3)
    assert p.ufl(fem.Constant(domain, 320.0), 2).ufl_shape == (2, 2)
    entries = [[float(ufl.as_ufl(matrix[i, j])(())) if i != j or i < 2 else None for j in range(3)] for i in range(3)]
    assert entries == [[2, 0, 0], [0, 3, 0], [0, 0, None]]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            {"temperature": [300, 350, 340, 400, 450, 500]},
            r"temperature[2] = 340 K follows temperature[1] = 350 K",
        ),
        ({"temperature": [300, 300, 340, 400, 450, 500]}, "temperature must increase"),
        ({"temperature": X[:-1]}, "5 temperatures and 6 values"),
        ({"temperature": [300], "value": [1]}, "1 point but needs 2"),
        ({"temperature": [-20, 25, 50, 75, 100, 125]}, "temperature[0] = -20 K is not above absolute zero"),
        ({"temperature": [-20, 25, 50, 75, 100, 125]}, "{unit: degC"),
        ({"value": [1, float("nan"), 1, 1, 1, 1]}, "finite number"),
        ({"value": [1, "abc", 1, 1, 1, 1]}, "valid number"),
        ({"interpolation": "spline"}, "monotone_cubic"),
        ({"colour": "red"}, "Extra inputs are not permitted"),
    ],
)
def test_bad_table(change, text):
    assert text in message({**LAWS["linear"], **change})


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ({"law": "arrhenius", "prefactor": 1, "activation_energy": 0.35}, "needs a unit, such as '0.35 eV'"),
        ({"law": "arrhenius", "prefactor": 1, "activation_energy": "3 mm"}, "wrong dimension"),
        (
            {"law": "polynomial", "coefficients": [1], "range": [600, 300]},
            "is empty: write [lowest, highest]",
        ),
        ({"law": "polynomial", "coefficients": [1]}, "Field required"),
        ({"law": "mixture", "bound": "series", "parts": [PARTS[0], PARTS[0]]}, "sum to 0.6, not to 1"),
        (
            {"law": "mixture", "bound": "series", "parts": [PARTS[1], {"fraction": 0.3}]},
            "needs 'of: {law: ...}'",
        ),
        ({"law": "constant", "value": "1 V/K", "unit": "uV/K"}, "remove the key 'unit'"),
        ({"law": "spline"}, "'constant', 'table', 'polynomial', 'arrhenius', 'mixture'"),
    ],
)
def test_bad_law(raw, text):
    assert text in message(raw)


@pytest.mark.parametrize(
    ("raw", "text"),
    [("1 V/m", "unit 'V/m' has the wrong dimension: expected V/K"), ("1 blub", "'blub' is not understood")],
)
def test_bad_unit(raw, text):
    with pytest.raises(ValueError, match=text):
        law(raw).in_si("V/K")


def test_changing_the_interpolation_reaches_every_table():
    for name in ("cubic", "parallel", "reciprocal"):
        f = law(LAWS[name])
        assert f.with_interpolation("linear")(320.0) != pytest.approx(float(f(320.0)), rel=1e-5)
        assert f.with_interpolation("linear").with_interpolation("monotone_cubic") == f
