"""The library of junctions: every file is one, says where it comes from, and fits the leg that it is named after."""

from __future__ import annotations

import pytest

from aged import DAY, leg
from thermolyte.case import Case
from thermolyte.check import check
from thermolyte.errors import InputError
from thermolyte.interface.contact import Contact
from thermolyte.interface.junction import library, load
from thermolyte.interface.mass_exchange import JunctionExchange
from timed import load as load_case


def test_library_is_there():
    assert {"Mg3BiSb-304SS", "Mg3BiSb-Fe", "Mg3BiSb-Mg-Ni", "Mg3BiSb-Ni"} <= set(library())


@pytest.mark.parametrize("name", library())
def test_junction(shared_tmp, name):
    """It has a title and a source in words, a resistivity and an exchange, and a case of the leg takes it by name."""
    junction = load(name)
    assert junction.title
    assert junction.source.doi
    assert len(junction.source.note) > 100
    kinds = {type(law): law for law in junction.laws}
    assert set(kinds) == {Contact, JunctionExchange}
    case: Case = load_case(shared_tmp, leg({"duration": DAY, "furnace": 573.0}, interfaces={"leg/*_pad": name}))
    assert check(case, case.names()) == []
    n_ref = case.regions["leg"].card.carriers.concentration  # else ρ_c after joining is not the one of the file
    assert getattr(kinds[Contact].contact_resistivity, "carrier_concentration", n_ref) == n_ref
    assert {law.laws for law in case.setup(case.names()).interfaces.values()} == {junction.laws}


def test_unknown_name():
    with pytest.raises(InputError, match="no junction `Mg3BiSb-Nii`; did you mean `Mg3BiSb-Ni`"):
        load("Mg3BiSb-Nii")
