"""Lattice models: quadrature, Klemens' limit, numbers of NbFeSb, numpy against UFL, calibration, messages."""

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh
from pydantic import TypeAdapter, ValidationError
from scipy.constants import Boltzmann, hbar
from scipy.integrate import quad

from thermolyte.errors import InputError
from thermolyte.materials.lattice import SMALL, Rates, debye_callaway, debye_temperature, klemens_ratio
from thermolyte.materials.lattice_fit import calibrate, explain_drop
from thermolyte.materials.lattice_model import LatticeLaw
from thermolyte.materials.point_defects import PointDefects, disorder, rate_coefficient

pytestmark = pytest.mark.serial

V, THETA, B = 4000.0, 458.0, 2.961e-18
DOPANTS = {"Hf": 178.49, "Ti": 47.867, "Zr": 91.224, "Ta": 180.948}


def contrast(dopant, **more):
    return {
        "host_mass": "92.906 Da",
        "dopant_mass": f"{DOPANTS[dopant]} Da",
        "other_masses": ["55.845 Da", "121.76 Da"],
    } | more


SOLID = {
    "sound_velocity": "4.0 km/s",
    "debye_temperature": "458 K",
    "lattice_parameter": "5.95 angstrom",
    "atoms_per_cell": 12,
}
CALLAWAY = SOLID | {
    "law": "debye_callaway",
    "boundary_length": "1 um",
    "umklapp": "2.961e-18 s/K",
    "mass_contrast": contrast("Hf"),
}
KLEMENS = SOLID | {"law": "klemens", "conductivity": "17.7 W/(m*K)", "mass_contrast": contrast("Hf")}
LAWS = {
    "mass contrast": CALLAWAY,
    "carriers": CALLAWAY | {"doping_scattering": "5.3e-15 s"},
    "no boundaries": CALLAWAY | {"boundary_length": None},
    "pure": CALLAWAY | {"mass_contrast": None},
    "klemens": KLEMENS,
    "klemens, strain": KLEMENS
    | {"exponent": 0.8, "mass_contrast": contrast("Ti", strain_factor=20, radius_contrast="-4 %")},
}


def model(raw=CALLAWAY, **more):
    return TypeAdapter(LatticeLaw).validate_python(raw | more)


def callaway_integral(T, A=0.0, C=0.0, L=1e-6):
    """κ_L in Callaway's variable x = ħω/kT, adaptively."""

    def integrand(x):
        ω = Boltzmann * T / hbar * x
        rate = V / L + A * ω**4 + B * ω**2 * T * np.exp(-THETA / 3 / T) + C * ω**2
        return x**4 * np.exp(x) / np.expm1(x) ** 2 / rate

    value = quad(integrand, 0, THETA / T, epsabs=0, epsrel=1e-12, limit=500)[0]
    return Boltzmann / (2 * np.pi**2 * V) * (Boltzmann * T / hbar) ** 3 * value


@pytest.mark.parametrize("A", [0.0, 5.542482e-43])
@pytest.mark.parametrize("C", [0.0, 5.3e-16])
def test_quadrature_against_quad(A, C):
    T = np.array([100.0, 150.0, 200.0, 300.0, 600.0, 1000.0, 1300.0])
    expected = [callaway_integral(t, A, C) for t in T]
    np.testing.assert_allclose(debye_callaway(T, V, THETA, Rates(V / 1e-6, A, B, C)), expected, rtol=1e-8)


def test_klemens_limit_of_debye_callaway():
    T, A, ω_D = 1e6, 3e-43, Boltzmann * THETA / hbar
    κ_0 = Boltzmann * ω_D / (2 * np.pi**2 * V * B * T)
    assert debye_callaway(T, V, THETA, Rates(0.0, 0.0, B, 0.0)) == pytest.approx(κ_0, rel=1e-3)
    for scale in (1e2, 1e4, 1e6):  # u² from 0.04 to 400
        u = np.sqrt(A * scale * ω_D**2 / (B * T))
        found = debye_callaway(T, V, THETA, Rates(0.0, A * scale, B * np.exp(THETA / 3 / T), 0.0))
        assert found / κ_0 == pytest.approx(np.arctan(u) / u, rel=1e-6)


def test_both_models_see_the_same_disorder():
    """The u² of Klemens, with the κ_0 and the θ_D of the Debye solid, is A ω_D²/(B T)."""
    Ω, Γ, T = 5.95e-10**3 / 12, 0.0254, 600.0
    ω_D = Boltzmann * debye_temperature(V, Ω) / hbar
    κ_0 = Boltzmann * ω_D / (2 * np.pi**2 * V * B * T)
    A = rate_coefficient(Γ, Ω, V)
    assert disorder(Γ, κ_0, debye_temperature(V, Ω), Ω, V) == pytest.approx(A * ω_D**2 / (B * T), rel=1e-12)
    assert debye_temperature(V, Ω) == pytest.approx(458.2, abs=0.05)


def test_klemens_ratio_at_and_near_zero():
    assert klemens_ratio(0.0) == 1.0
    z = np.array([0.1, 1 - 1e-9, 1 + 1e-9]) * SMALL
    np.testing.assert_allclose(klemens_ratio(z), np.arctan(np.sqrt(z)) / np.sqrt(z), rtol=1e-15)


@pytest.mark.parametrize(("T", "κ"), [(100, 77.3), (300, 17.1), (600, 7.16), (1000, 3.97)])
def test_calibrated_niobium_iron_antimonide(T, κ):
    assert model().lattice_thermal_conductivity(0.0, T) == pytest.approx(κ, rel=1e-3)


@pytest.mark.parametrize(
    ("dopant", "x", "ratio"),
    [("Hf", 0.1, 0.584), ("Ti", 0.08, 0.811), ("Ti", 0.2, 0.685), ("Zr", 0.125, 0.999), ("Ta", 0.125, 0.543)],
)
def test_mass_contrast_alone(dopant, x, ratio):
    κ = model(KLEMENS, mass_contrast=contrast(dopant)).lattice_thermal_conductivity([0.0, x], 300.0)
    assert κ[0] == pytest.approx(17.7)
    assert κ[1] / κ[0] == pytest.approx(ratio, abs=6e-4)


def test_simple_lattice_and_strain():
    defects = PointDefects(host_mass=28.0855, dopant_mass=72.63)
    mean = 0.7 * 28.0855 + 0.3 * 72.63
    assert defects.scattering_parameter(0.3) == pytest.approx(0.21 * ((72.63 - 28.0855) / mean) ** 2)
    strained = PointDefects(host_mass=28.0855, dopant_mass=28.0855, strain_factor=40, radius_contrast="4 %")
    assert strained.scattering_parameter(0.3) == pytest.approx(0.21 * 40 * 0.04**2)
    two_of_three = PointDefects(host_mass=100, dopant_mass=100, multiplicity=2, other_masses=[100], strain_factor=1,
                                radius_contrast=0.1)  # fmt: skip
    assert two_of_three.scattering_parameter(0.5) == pytest.approx(2 / 3 * 0.25 * 0.01)
    assert strained.scattering_parameter([-0.1, 1.2]).tolist() == [0.0, 0.0]


def test_hafnium_drop_and_what_mass_contrast_leaves():
    assert model().lattice_thermal_conductivity(0.1, 300.0) == pytest.approx(9.45, abs=5e-3)
    drop = explain_drop(model(), 0.1, 300.0, 0.35)
    assert drop.mass_contrast == pytest.approx(0.447, abs=5e-4)
    assert drop.unexplained == pytest.approx(0.203, abs=5e-4)
    assert drop.carrier_rate == pytest.approx(5.3e-16, rel=1e-2, abs=0)
    assert drop.carrier_rate == pytest.approx(B * 300 * np.exp(-THETA / 900), rel=1e-3)  # that of Umklapp
    doped = model(doping_scattering=drop.carrier_rate / 0.1).lattice_thermal_conductivity([0.0, 0.1], 300.0)
    assert doped[1] / doped[0] == pytest.approx(0.35, rel=1e-9)


def test_mass_contrast_may_be_too_much():
    drop = explain_drop(model(mass_contrast=contrast("Ta")), 0.125, 300.0, 0.698)
    assert drop.unexplained < -0.1
    assert drop.carrier_rate == 0.0


@pytest.fixture(scope="module")
def evaluated():
    """x, T and all laws with their derivatives in x and T, compiled by FFCx once."""
    domain = mesh.create_rectangle(MPI.COMM_SELF, [[0.0, 90.0], [0.3, 1300.0]], [7, 9])
    at = ufl.SpatialCoordinate(domain)
    x, T = ufl.variable(at[0]), ufl.variable(at[1])
    κ = [model(raw).lattice_thermal_conductivity(x, T) for raw in LAWS.values()]
    parts = ufl.as_vector([*κ, *(ufl.diff(k, x) for k in κ), *(ufl.diff(k, T) for k in κ), at[0], at[1]])
    cells = np.arange(domain.topology.index_map(2).size_local, dtype=np.int32)
    points = np.array([[0.0, 0.0], [0.3, 0.4]])
    values = fem.Expression(parts, points).eval(domain, cells).reshape(-1, 3 * len(LAWS) + 2).T
    κ, dx, dT = values[:-2].reshape(3, len(LAWS), -1)
    return values[-2], values[-1], dict(zip(LAWS, zip(κ, dx, dT, strict=True), strict=True))


@pytest.mark.parametrize("name", LAWS)
def test_numpy_and_ufl_agree(evaluated, name):
    x, T, values = evaluated
    law, (κ, dx, dT) = model(LAWS[name]), values[name]
    assert x.min() == 0.0  # where arctan(u)/u is 0/0
    np.testing.assert_allclose(κ, law.lattice_thermal_conductivity(x, T), rtol=1e-12)
    h = 1e-4
    slope = (law.lattice_thermal_conductivity(x, T * (1 + h)) - law.lattice_thermal_conductivity(x, T * (1 - h))) / (
        2 * h * T
    )
    np.testing.assert_allclose(dT, slope, rtol=1e-5)
    inside = x > 0.01
    ends = [law.lattice_thermal_conductivity(x[inside] + d, T[inside]) for d in (1e-5, -1e-5)]
    np.testing.assert_allclose(dx[inside], (ends[0] - ends[1]) / 2e-5, rtol=1e-5, atol=1e-6)
    assert np.all(np.isfinite(dx))


def test_calibration_finds_what_was_put_in():
    T = np.array([60.0, 100.0, 200.0, 300.0, 600.0, 1000.0])
    κ = model().lattice_thermal_conductivity(0.0, T)
    found = calibrate(model(umklapp=1e-17, boundary_length="5 um"), 0.0, T, κ, ("umklapp", "boundary_length"), 0.03)
    assert list(found.fitted) == ["umklapp", "boundary_length"]
    assert found.fitted["umklapp"].value == pytest.approx(B, rel=1e-6)
    assert found.fitted["boundary_length"].value == pytest.approx(1e-6, rel=1e-5)
    assert found.model.umklapp == found.fitted["umklapp"].value
    assert found.model.sound_velocity == V  # fixed is fixed
    assert found.rmse < 1e-7
    assert found.covariance[1, 1] == pytest.approx(found.fitted["boundary_length"].standard_error ** 2)


def test_standard_error_of_one_value():
    """κ_0 of Klemens is proportional to `conductivity`: its relative error is that of the value."""
    pure = model(KLEMENS, mass_contrast=None)
    one = calibrate(pure, 0.0, 300.0, 17.1, ("conductivity",), 0.05).fitted["conductivity"]
    assert one.value == pytest.approx(17.1)
    assert one.standard_error == pytest.approx(0.05 * 17.7 * 17.1 / 17.7, rel=1e-6)
    nothing_left = calibrate(pure, 0.0, 300.0, 17.1, ("conductivity",))
    assert nothing_left.fitted["conductivity"].standard_error is None
    assert nothing_left.covariance is None
    scatter = calibrate(pure, 0.0, 300.0, [17.0, 17.2, 17.1, 17.1], ("conductivity",)).fitted["conductivity"]
    assert scatter.standard_error == pytest.approx(np.std([17.0, 17.2, 17.1, 17.1], ddof=1) / 2, rel=1e-2)


def test_calibration_to_a_doped_sample():
    assert calibrate(model(), 0.0, 300.0, 17.1).fitted["umklapp"].value == pytest.approx(2.961e-18, rel=1e-3, abs=0)
    fitted = calibrate(model(), 0.1, 300.0, 0.35 * 17.1, ("doping_scattering",), 0.05).fitted["doping_scattering"]
    assert fitted.value == pytest.approx(5.3e-15, rel=1e-2, abs=0)
    assert fitted.unit == "s"


@pytest.mark.parametrize(
    ("fit", "x", "T", "κ", "message"),
    [
        (("strength",), 0.0, 300.0, 17.1, "strength cannot be fitted; umklapp, boundary_length, doping_scattering can"),
        (("umklapp", "boundary_length"), 0.0, 300.0, 17.1, "1 value.s. of κ_L do not determine 2 fields"),
        (("umklapp", "boundary_length"), 0.0, [300.0, 300.0], [17.0, 17.2], "do not tell umklapp and boundary_length"),
        (("doping_scattering",), 0.0, 300.0, 17.1, "needs a doped sample"),
        (("umklapp",), 0.0, 300.0, -1.0, "must be positive"),
    ],
)
def test_wrong_calibration(fit, x, T, κ, message):
    with pytest.raises(InputError, match=message):
        calibrate(model(), x, T, κ, fit)


def test_a_boundary_that_is_not_there_cannot_be_fitted():
    with pytest.raises(InputError, match="boundary_length has no value to start from"):
        calibrate(model(boundary_length=None), 0.0, 300.0, 17.1, ("boundary_length",))
    with pytest.raises(InputError, match="0 < x < 1"):
        explain_drop(model(), 0.0, 300.0, 0.5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"law": "slack"}, "'debye_callaway', 'klemens'"),
        ({"atoms_per_cell": None}, "go together"),
        ({"volume_per_atom": "17.55 angstrom^3"}, "and not both"),
        ({"lattice_parameter": None, "atoms_per_cell": None}, "give volume_per_atom, or"),
        ({"sound_velocity": "4 km"}, "a text such as '4 km/s'"),
        ({"umklapp": "2.961e-18 s"}, "'2.961e-18 s/K'"),
        ({"doping_scattering": "-1e-15 s"}, "greater than or equal to 0"),
        ({"mass_contrast": contrast("Hf", host_mass="92.906 m")}, "'178.49 Da'"),
        ({"grueneisen": 1.5}, "Extra inputs"),
    ],
)
def test_messages(change, message):
    with pytest.raises(ValidationError, match=message):
        model(**change)
