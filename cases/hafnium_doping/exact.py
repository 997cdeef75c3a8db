"""The leg in one dimension at each doping, solved without the program's finite elements: `python exact.py`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from legs_1d import GradedLeg, optima

from thermolyte.materials import Card

LENGTH, AREA, RHO_C, COLD, HOT = 8e-3, 16e-6, 1e-10, 300.0, 1000.0
DOPINGS = [0.01, 0.02, 0.04, 0.06, 0.08, 0.10, 0.12, 0.14, 0.16, 0.20]


def of_doping(x):
    """The optima of the leg with one dopant fraction."""
    return optima(GradedLeg("NbFeSb-Hf-model", LENGTH, AREA, lambda _: x), COLD, HOT, RHO_C)


class Measured(GradedLeg):
    """The same leg from the measured card."""

    def __init__(self):
        self.length, self.area, self._card = LENGTH, AREA, Card.load("NbFeSb-Hf")

    def properties(self, T, _):
        """S, ρ and κ."""
        names = ("seebeck_coefficient", "electrical_resistivity", "thermal_conductivity")
        return [self._card.law(n)(T) for n in names]


def bounds():
    """(quantity, parameters of the point, objective, low, high): one dimension, and 0.1 % for the mesh."""
    for x in DOPINGS:
        V_oc, power, (_, efficiency) = of_doping(x)
        at = {"regions.leg.doping": x}
        yield "open_circuit_voltage", at, "maximum_power", 0.999 * V_oc, 1.001 * V_oc
        yield "maximum_power", at, "maximum_power", 0.999 * power, 1.001 * power
        yield "maximum_efficiency", at, "maximum_efficiency", 0.999 * efficiency, 1.001 * efficiency


if __name__ == "__main__":
    print("     x   V_oc [mV]   P_max [W]   I(η_max) [A]   η_max [%]   zT(1000 K)")
    for x in DOPINGS:
        V, P, (I, eta) = of_doping(x)
        figure = float(Card.load("NbFeSb-Hf-model").with_doping(x).figure_of_merit(1000.0))
        print(f"{x:6.2f} {1e3 * V:11.3f} {P:11.5f} {I:14.3f} {100 * eta:11.3f} {figure:12.3f}")
    V, P, (I, eta) = optima(Measured(), COLD, HOT, RHO_C)
    figure = float(Card.load("NbFeSb-Hf").figure_of_merit(1000.0))
    print(f"sample {1e3 * V:10.3f} {P:11.5f} {I:14.3f} {100 * eta:11.3f} {figure:12.3f}   (measured card, x = 0.12)")
