"""Entropy of mixing: published and closed-form numbers, sublattices, and what chance leaves in few atoms."""

import itertools
import math

import numpy as np
import pytest
from scipy.constants import R
from scipy.stats import multinomial

from thermolyte.materials import entropy as module
from thermolyte.materials.entropy import atoms, entropy, expected_entropy, fractions, mixing_entropy, sublattices

pytestmark = pytest.mark.serial
ATOM_PROBE = {"Ni": 0.306, "Cu": 0.267, "Co": 0.219, "Fe": 0.208}
X = np.array(list(ATOM_PROBE.values()))


@pytest.mark.parametrize(
    ("composition", "expected"),
    [
        ({"Co": 0.266, "Fe": 0.248, "Ni": 0.245, "Cu": 0.241}, 1.38557),
        (ATOM_PROBE, 1.37413),
        (dict.fromkeys(("Co", "Fe", "Ni", "Cu"), 0.25), 1.38629),
        ({"Fe": 1.0, "Ni": 0.0}, 0.0),
        ("Nb0.9Hf0.1FeSb", 0.32508),
        ("Nb0.875Hf0.125FeSb", 0.37677),
        ("(V0.6Nb0.4)0.8Ti0.2FeSb", 1.03881),
        ("Zr0.5Hf0.5CoSb0.8Sn0.2", 1.19355),
        ("Fe2O3", 0.0),
        ("Bi0.5Sb1.5Te3", 2 * (-0.25 * math.log(0.25) - 0.75 * math.log(0.75))),
        ("Mg3.2|Sb1.5Bi0.5", 2 * (-0.25 * math.log(0.25) - 0.75 * math.log(0.75))),
    ],
)
def test_entropy_of_mixing(composition, expected):
    assert mixing_entropy(composition).per_formula_unit == pytest.approx(expected, abs=1e-5)


def test_per_atom_and_in_si():
    S = mixing_entropy("Nb0.9Hf0.1FeSb")
    assert S.per_atom == pytest.approx(0.10836, abs=1e-5)
    assert S.molar == pytest.approx(R * S.per_formula_unit)
    assert S.molar == pytest.approx(2.7029, abs=1e-4)


def test_sublattices_of_a_formula():
    first, iron, antimony = sublattices("(V0.6Nb0.4)0.8Ti0.2FeSb")
    assert first.fractions == pytest.approx({"V": 0.48, "Nb": 0.32, "Ti": 0.2})
    assert (iron.fractions, antimony.fractions) == ({"Fe": 1.0}, {"Sb": 1.0})
    assert atoms("Ca(OH)2") == {"Ca": 1, "O": 2, "H": 2}


@pytest.mark.parametrize(
    ("composition", "message"),
    [
        ({"Co": -0.1, "Ni": 1.1}, "fraction of Co is -0.1: it must be 0 or more"),
        ({"Co": math.nan, "Ni": 1.0}, "fraction of Co is nan"),
        ({"Co": 0.5, "Ni": 0.4}, "Co, Ni add up to 0.9, not to 1"),
        ({}, "no species add up to 0"),
        ("Nb0.9Hf0.2FeSb", "not a whole number: correct the amounts, or separate"),
        ("Mg3.2Sb1.5Bi0.5", "Mg3.2Sb1.5Bi0.5 adds up to 5.2 sites"),
        ("Nb0.9-Hf0.1", "not a formula at '-Hf0.1'"),
        ("(NbHf", "a bracket is open"),
        ("Nb)", r"'\)' stands where an element was expected"),
        ("2Nb", "'2' stands where an element was expected"),
        ("", "zero or missing"),
        ("Nb0Fe", "zero or missing"),
    ],
)
def test_compositions_that_are_none(composition, message):
    with pytest.raises(ValueError, match=message):
        mixing_entropy(composition)


def test_rounded_percentages_are_scaled():
    assert fractions({"A": 0.333, "B": 0.666}) == pytest.approx({"A": 1 / 3, "B": 2 / 3})


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (4, 0.90857), (10, 1.20273), (20, 1.29488), (25, 1.31162), (32, 1.32581), (50, 1.34357), (100, 1.35900),
        (258, 1.36829), (870, 1.37240), (4000, 1.37375),
    ],
)  # fmt: skip
def test_exact_expectation(n, expected):
    assert expected_entropy(n, X) == pytest.approx(expected, abs=1e-5)


def test_expectation_is_the_sum_over_all_outcomes():
    n, x = 6, np.array([0.5, 0.3, 0.2])
    outcomes = np.array([k for k in itertools.product(range(n + 1), repeat=3) if sum(k) == n])
    assert expected_entropy(n, x) == pytest.approx(multinomial(n, x).pmf(outcomes) @ entropy(outcomes / n), rel=1e-12)


def test_expansion_and_sum_agree_where_they_meet(monkeypatch):
    n = np.array([[300, 500], [2000, 10**6]])
    expansion = expected_entropy(n, X)
    monkeypatch.setattr(module, "MANY_ATOMS", 3000)
    exact = expected_entropy(n, X)
    assert expansion.shape == n.shape
    assert expansion == pytest.approx(exact, abs=3e-7)
    assert not np.array_equal(expansion, exact)


def test_rare_species_do_not_spoil_the_expansion():
    x = np.array([1e-5, 0.4, 1 - 0.4 - 1e-5])
    draws = np.random.default_rng(1).multinomial(1000, x, size=20_000) / 1000
    S = entropy(draws)
    assert expected_entropy(1000, x) == pytest.approx(S.mean(), abs=4 * S.std() / math.sqrt(len(S)))


def test_expectation_by_simulation():
    draws = np.random.default_rng(1).multinomial(25, X, size=100_000) / 25
    S = entropy(draws)
    assert S.mean() == pytest.approx(float(expected_entropy(25, X)), abs=4 * S.std() / math.sqrt(len(S)))
    assert S.std() == pytest.approx(0.0605, abs=5e-4)


def test_chance_explains_42_percent_of_the_published_drop():
    drop = 1.37413 - 1.226
    assert (1.37413 - expected_entropy(25, X)) / drop == pytest.approx(0.42, abs=0.005)
    assert (1.37413 - expected_entropy(32, X)) / drop == pytest.approx(0.33, abs=0.005)


def test_no_atoms_have_no_entropy():
    with pytest.raises(ValueError, match="n must be 1 or more"):
        expected_entropy([0, 5], X)
    with pytest.raises(ValueError, match="not fractions"):
        expected_entropy(5, [0.5, 0.6])
    assert expected_entropy(1, X) == 0
