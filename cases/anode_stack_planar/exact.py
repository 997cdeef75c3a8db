"""The planar stack in closed form, V = -(i sum L/kappa + 2 eta): `python exact.py`."""

from math import asinh

F, R = 96485.33212331, 8.31446261815324
T, AREA, EXCHANGE = 296.15, 1e-6, 165.0
COPPER = 1 / (1e-6 * (0.0168 + 6.552e-5 * (T - 293.15)))  # S/m, as the card of copper says
LAYERS = {  # thickness [m], conductivity [S/m]
    "copper": (9e-6, COPPER),
    "tungsten": (30e-9, 1 / 5.39e-8),
    "film": (140e-9, 2.28e7),
    "electrolyte": (0.7e-3, 0.08),
    "lithium": (100e-6, 1.07e7),
}


def overpotential(i, linear):
    """Eta [V] of one interface with equal transfer coefficients at i [A/m2]."""
    return R * T / F * (i / EXCHANGE if linear else 2 * asinh(i / (2 * EXCHANGE)))


def numbers():
    """(quantity, parameters of the point, objective, value in SI) of everything that `expected.json` expects."""
    for text, current, linear in (("10 uA", 10e-6, True), ("10 uA", 10e-6, False), ("500 uA", 500e-6, False)):
        law = "true" if linear else "false"
        at = {"terminals.anode.current": text, "interfaces.*electrolyte*.linear": law}
        i, eta = current / AREA, overpotential(current / AREA, linear)
        yield "voltage", at, None, -(i * sum(L / kappa for L, kappa in LAYERS.values()) + 2 * eta)
        yield "overpotential.ohmic.electrolyte", at, None, -i * 0.7e-3 / 0.08
        yield "overpotential.ohmic.lithium", at, None, -i * 100e-6 / 1.07e7
        for interface in ("film/electrolyte", "electrolyte/lithium"):
            yield f"overpotential.kinetic.{interface}", at, None, -eta
        yield "interface_current.film/electrolyte", at, None, current
        yield "interface_current.electrolyte/lithium", at, None, -current


if __name__ == "__main__":
    for quantity, at, _, value in numbers():
        current, linear = at.values()
        print(f"{current:<8} linear {linear:<6} {quantity:<42} {value:.13g}")
