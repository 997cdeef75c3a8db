"""Resistivity of a Schottky contact in field emission against its closed form."""

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh
from pydantic import ValidationError
from scipy.constants import Boltzmann, e, epsilon_0, hbar, m_e

from thermolyte.materials.schottky import SchottkyContact, contact_resistivity, tunnelling_energy
from thermolyte.parameters import Parameters

pytestmark = pytest.mark.serial
RAW = {
    "contact_resistivity": "5 uohm*cm^2",
    "barrier_height": "0.2 eV",
    "carrier_concentration": "3e19 1/cm^3",
    "effective_mass": 1,
    "relative_permittivity": 25,
}


def contact(**changes):
    return SchottkyContact(**RAW | changes)


def test_tunnelling_energy():
    """E_00 = 18.6e-12 eV √(n cm³/(m* ε_r)) of the textbooks; below k_B T for the assumed values."""
    E = tunnelling_energy(contact(), 3e25)
    assert pytest.approx(0.5 * e * hbar * np.sqrt(3e25 / (25 * epsilon_0 * m_e)), rel=1e-14, abs=0) == E
    assert E / e == pytest.approx(18.57e-12 * np.sqrt(3e19 / 25), rel=2e-3)
    assert E / e == pytest.approx(0.0203, abs=1e-4)
    assert E / (Boltzmann * np.array([300, 573])) == pytest.approx([0.786, 0.411], abs=2e-3)


def test_resistivity():
    n = np.array([5e24, 1e25, 3e25, 1e26])
    E = 0.5 * e * hbar * np.sqrt(n / (25 * epsilon_0 * m_e))
    expected = 5e-10 * np.exp(0.2 * e / E - 0.2 * e / E[2])
    np.testing.assert_allclose(contact_resistivity(contact(), n), expected, rtol=1e-12)
    assert contact_resistivity(contact(carrier_concentration=3e25), 3e25) == 5e-10


def test_logarithm_is_a_straight_line_in_one_over_the_root_of_n():
    """With the slope φ_B, as paper 000 writes it."""
    n = np.array([1e25, 2e25, 4e25])
    for φ in (0.1, 0.3):
        slopes = np.diff(np.log(contact_resistivity(contact(barrier_height=f"{φ} eV"), n))) / np.diff(n**-0.5)
        assert slopes[0] == pytest.approx(slopes[1], rel=1e-12)
        assert slopes[0] == pytest.approx(φ * e / (tunnelling_energy(contact(), 1.0)), rel=1e-12)


def test_numpy_and_ufl_agree():
    """With live numbers, and the derivative by n."""
    domain = mesh.create_interval(MPI.COMM_SELF, 9, [0.0, 1.0])
    p = Parameters(contact(), domain)
    assert len(p.constants) == 5
    n = ufl.variable(5e24 + 4e25 * ufl.SpatialCoordinate(domain)[0])
    ρ = contact_resistivity(p, n)
    expression = fem.Expression(ufl.as_vector([n, ρ, ufl.diff(ρ, n)]), np.array([[0.4]]))
    for changes in ({}, {"barrier_height": "0.1 eV", "effective_mass": 0.3, "carrier_concentration": 1e25}):
        model = contact(**changes)
        p.assign(model)
        at, value, slope = expression.eval(domain, np.arange(9, dtype=np.int32)).reshape(-1, 3).T
        np.testing.assert_allclose(value, contact_resistivity(model, at), rtol=1e-12)
        φ = model.barrier_height / tunnelling_energy(model, at)
        np.testing.assert_allclose(slope, -value * φ / (2 * at), rtol=1e-11)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"barrier_height": 0.2}, "needs a unit, such as '0.35 eV'"),
        ({"barrier_height": "-0.2 eV"}, "greater than 0"),
        ({"contact_resistivity": "5 uohm*cm"}, "expected a text such as '5 uohm*cm^2'"),
        ({"carrier_concentration": 0}, "greater than 0"),
        ({"effective_mass": 0}, "greater than 0"),
        ({"barrier": "0.2 eV"}, "Extra inputs are not permitted"),
    ],
)
def test_mistakes(changes, text):
    with pytest.raises(ValidationError) as caught:
        contact(**changes)
    assert text in str(caught.value)
