"""The Jacobian against finite differences of the residual, with every term that a case can have."""

from __future__ import annotations

import numpy as np

from jacobian import jacobian_error
from slab import region, slab
from thermolyte.boundary import ConductiveInsulation, Convection, HeatFlux, Radiation
from thermolyte.interface.contact import Contact
from thermolyte.physics.local import TEMPERATURE
from thermolyte.problem import Problem
from thermolyte.setup import Setup
from thermolyte.terminal import Current, Ground

TABLE = {
    "law": "table",
    "unit": "uV/K",
    "temperature": [280, 350, 420, 500, 600],
    "value": [180, 220, 230, 215, 190],
}


def everything(comm):
    """A problem with tables, principal axes, contacts with laws of T, layers, and all natural conditions."""
    axes = {axis: {"law": "constant", "value": value} for axis, value in (("x", 1.0), ("y", 2.0), ("z", 3.0))}
    leg = region(
        seebeck_coefficient=TABLE,
        electrical_conductivity={"law": "polynomial", "range": [200, 700], "coefficients": [2e5, -250.0]},
        thermal_conductivity={"law": "principal_axes", **axes},
    )
    pad = region(seebeck_coefficient=2e-6, electrical_conductivity=5e7, thermal_conductivity=400.0)
    rho = {"law": "table", "unit": "uohm*cm^2", "temperature": [250, 700], "value": [5.0, 50.0]}
    contact = Contact.model_validate(
        {
            "contact_resistivity": rho,
            "thermal_contact_resistance": 1e-5,
            "layers": [{"material": "Mg", "thickness": "5 um"}],
        }
    )
    mesh = slab(comm, [("pad", 3e-4, 2), ("leg", 6e-3, 4)], [(2e-3, 2), (2e-3, 2)])
    setup = Setup(
        {"pad": pad, "leg": leg},
        {
            "cold": [Convection(type="convection", coefficient=5e3, ambient=290.0)],
            "hot": [
                HeatFlux(type="heat_flux", heat_flux=5e4),
                ConductiveInsulation(type="conductive_insulation"),
            ],
            "sides": [Radiation(type="radiation", emissivity=0.7, ambient=300.0)],
        },
        {
            "cold": Ground(type="ground", contact_resistivity=1e-10),
            "hot": Current(type="current", current=1.0),
        },
        {("pad", "leg"): contact},
    )
    return Problem(mesh, setup)


def test_jacobian(comm):
    problem = everything(comm)
    rng = np.random.default_rng(comm.rank)
    for i, u in enumerate(problem.u):
        scale = 60.0 if problem.field_of(i) == TEMPERATURE else 1.0
        u.x.array[:] = rng.uniform(-scale, scale, len(u.x.array)) + (420.0 if scale > 1 else 0.0)
        u.x.scatter_forward()
    for block, error in jacobian_error(problem, rng).items():
        assert error < 1e-6, block
