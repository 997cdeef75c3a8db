"""Diffusivity of a polycrystal: bounds and limits of both rules, the same in numpy and in UFL, mistakes in words."""

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh
from pydantic import TypeAdapter, ValidationError
from scipy.constants import Boltzmann, e

from thermolyte.errors import InputError
from thermolyte.materials import Card, in_si
from thermolyte.materials.laws import Law

pytestmark = pytest.mark.serial
BULK = {"law": "arrhenius", "unit": "cm^2/s", "prefactor": 2e3, "activation_energy": "1.5 eV"}
BOUNDARY = {"law": "arrhenius", "unit": "cm^2/s", "prefactor": 10, "activation_energy": "1 eV"}
RULES = ("hart", "maxwell_garnett")


def law(**changes):
    """The law as a card reads it: with its numbers in SI."""
    raw = {"law": "effective_medium", "rule": "hart", "grain_size": "10 um", "boundary_width": "1 nm"}
    raw |= {"bulk": BULK, "grain_boundary": BOUNDARY} | changes
    return in_si(TypeAdapter(Law).validate_python(raw), "m^2/s", "diffusivity")


def near(value, rel=1e-6):
    """Without the absolute tolerance of pytest, 1e-12, which is more than a diffusivity."""
    return pytest.approx(value, rel=rel, abs=0)


def of_numbers(bulk, boundary, **changes):
    return float(law(bulk=bulk, grain_boundary=boundary, **changes)(500.0))


def test_hart_in_numbers():
    """g = 3 nm/10 µm = 3e-4 at 573 K."""
    T = 573.0
    bulk, boundary = (D * np.exp(-E * e / Boltzmann / T) for D, E in ((0.2, 1.5), (1e-3, 1.0)))
    assert law().boundary_fraction == near(3e-4, rel=1e-14)
    assert law()(T) == near((1 - 3e-4) * bulk + 3e-4 * boundary, rel=1e-13)
    mean = ((1 - 3e-4) * bulk + 3e-4 * 50 * boundary) / (1 - 3e-4 + 3e-4 * 50)
    assert law(segregation=50)(T) == near(mean, rel=1e-13)


@pytest.mark.parametrize("rule", RULES)
def test_limits(rule):
    assert of_numbers(2e-14, 2e-14, rule=rule) == near(2e-14, rel=1e-13)
    thin = {"grain_size": "1 m", "boundary_width": "1e-15 m"}
    assert of_numbers(2e-14, 5e-12, rule=rule, **thin) == near(2e-14, rel=1e-11)
    assert of_numbers(2e-14, 5e-12, rule=rule, boundary_width=(1 - 1e-12) * 1e-5 / 3) == near(5e-12, rel=1e-9)


def test_two_thirds_of_the_boundaries_lie_along_the_flux():
    """K → (2/3) g D_gb for fast boundaries, of which Hart counts g D_gb; with 2g/(3 − g) beyond small g."""
    g = 3e-4
    both = [float(law(rule=rule, bulk=None, grain_boundary=1e-9)(500.0)) for rule in RULES]
    assert both[1] / both[0] == near(2 / (3 - g), rel=1e-12)
    assert of_numbers(1e-20, 1e-9, rule="maxwell_garnett") == near(2 / 3 * g * 1e-9, rel=1e-3)


def test_maxwell_garnett_is_the_sphere_coated_by_its_share_of_boundary():
    """The neutral inclusion: a coated sphere that leaves a uniform field in the medium as it is (Hashin).

    φ = A r in the grain, B r + C/r² in the coating and r outside, times cos θ: φ and K dφ/dr are continuous.
    """
    b, m, f = 3e-13, 4e-12, 1 - 0.3
    K = of_numbers(b, m, rule="maxwell_garnett", grain_size="10 nm")
    a = f ** (1 / 3)  # radius of the grain where that of its coating is 1
    matrix = np.array([[a, -a, -(a**-2)], [b, -m, 2 * m * a**-3], [0, 1, 1]])
    _, inner, dipole = np.linalg.solve(matrix, [0, 0, 1])
    assert near(m * (inner - 2 * dipole), rel=1e-12) == K


@pytest.mark.parametrize("s", [1.0, 30.0])
def test_between_the_bounds(s):
    """Series ≤ Maxwell-Garnett ≤ Hart, for any contrast, of the conductivities D_b and s D_gb."""
    g = 0.3
    for ratio in np.geomspace(1e-6, 1e6, 13):
        hart, garnett = (of_numbers(1e-13, ratio * 1e-13, rule=r, grain_size="10 nm", segregation=s) for r in RULES)
        series = 1e-13 / ((1 - g) + g / (s * ratio)) / (1 - g + s * g)
        assert series * (1 - 1e-12) <= garnett <= hart * (1 + 1e-12)
    assert of_numbers(1e-13, 1e-13, segregation=s, grain_size="10 nm") == near(1e-13, rel=1e-12)


@pytest.mark.parametrize("rule", RULES)
def test_a_path_that_is_left_out_carries_nothing(rule):
    boundaries = law(rule=rule, bulk=None)
    assert boundaries(573.0) == near(float(law(rule=rule, bulk=1e-40)(573.0)), rel=1e-12)
    assert law(grain_boundary=None)(573.0) == near((1 - 3e-4) * float(law(rule=rule, bulk=BULK).bulk(573.0)))


@pytest.mark.parametrize("changes", [{}, {"rule": "maxwell_garnett", "segregation": 20}, {"bulk": None}])
def test_numpy_and_ufl_agree(changes):
    """With the derivative by T."""
    found = law(**changes)
    domain = mesh.create_unit_interval(MPI.COMM_SELF, 7)
    T = ufl.variable(350.0 + 400.0 * ufl.SpatialCoordinate(domain)[0])
    D = found.ufl(T)
    cells = np.arange(7, dtype=np.int32)
    parts = ufl.as_vector([ufl.ln(D), ufl.diff(D, T) / D, T])
    log, slope, at = fem.Expression(parts, np.array([[0.3]])).eval(domain, cells).reshape(-1, 3).T
    np.testing.assert_allclose(log, np.log(found(at)), rtol=1e-13)
    np.testing.assert_allclose(slope, np.log(found(at + 0.01) / found(at - 0.01)) / 0.02, rtol=1e-6)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"grain_size": "3 nm"}, "3δ/d = 1 of the volume: grain_size must be more than 3 boundary_width"),
        ({"boundary_width": "20 um"}, "grain_size must be more than 3 boundary_width"),
        ({"bulk": None, "grain_boundary": None}, "nothing diffuses: give bulk, grain_boundary or both"),
        ({"rule": "maxwell_garnett", "grain_boundary": None}, "isolates the grains by their boundaries"),
        ({"rule": "harts"}, "'hart' or 'maxwell_garnett'"),
        ({"segregation": 0}, "greater than 0"),
        ({"grain_size": "10 s"}, "expected a text such as '3.8 mm'"),
        ({"bulk": {**BULK, "unit": "m/s"}}, "wrong dimension"),
        ({"bulk": "-1 m^2/s", "grain_boundary": None}, "it must be positive"),
    ],
)
def test_mistakes(changes, text):
    with pytest.raises((ValidationError, ValueError)) as caught:
        law(**changes)
    assert text in str(caught.value)


def test_in_a_card(tmp_path):
    """A mistake is told with its line; ranges and points are those of the parts."""
    text = (
        "properties:\n  diffusivity:\n    law: effective_medium\n    rule: hart\n    grain_size: 10 um\n"
        "    boundary_width: 1 nm\n    grain_boundary:\n      law: table\n      unit: cm^2/s\n"
        "      temperature: [400, 500, 700]\n      value: [1e-9, 1e-7, 1e-5]\n      outside: error\n"
    )
    path = tmp_path / "host.yaml"
    path.write_text(text)
    card = Card.load(path)
    assert card.range == (400.0, 700.0)
    assert card.diffusivity(0.1, 500.0) == near(3e-4 / (1 - 3e-4 + 3e-4) * 1e-11, rel=1e-12)
    assert [f.severity for f in card.check_range(350.0, 600.0)] == ["error"]
    linear = card.with_interpolation("linear").diffusivity(0.1, 450.0)
    assert linear == near(3e-4 * 5.05e-12, rel=1e-12)
    path.write_text(text.replace("10 um", "2 nm"))
    with pytest.raises(InputError, match=r"host.yaml:\d+: .*diffusivity.* grain_size must be more than"):
        Card.load(path)
