"""The graded leg in one dimension, solved without the program's finite elements: `python exact.py`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from legs_1d import GradedLeg, optima

LENGTH, AREA, IDEAL_LEAD, COLD, HOT = 8e-3, 16e-6, 1e-14, 300.0, 1000.0
ENDS = [(0.12, 0.12), (0.10, 0.14), (0.08, 0.16), (0.06, 0.18), (0.04, 0.20), (0.16, 0.08)]  # cold, hot


def of_ends(cold, hot):
    """The optima of a leg whose dopant fraction goes straight from its cold to its hot end."""
    leg = GradedLeg("NbFeSb-Hf-model", LENGTH, AREA, lambda x: cold + (hot - cold) * x / LENGTH)
    return optima(leg, COLD, HOT, IDEAL_LEAD)


def bounds():
    """(quantity, parameters of the point, objective, low, high): one dimension, and 0.1 % for the mesh."""
    for cold, hot in ENDS:
        V_oc, power, (_, efficiency) = of_ends(cold, hot)
        at = {"regions.leg.doping.fraction.0": cold, "regions.leg.doping.fraction.1": hot}
        yield "open_circuit_voltage", at, "maximum_power", 0.999 * V_oc, 1.001 * V_oc
        yield "maximum_power", at, "maximum_power", 0.999 * power, 1.001 * power
        yield "maximum_efficiency", at, "maximum_efficiency", 0.999 * efficiency, 1.001 * efficiency


if __name__ == "__main__":
    print("x cold   x hot   V_oc [mV]   P_max [W]   I(η_max) [A]   η_max [%]")
    for cold, hot in ENDS:
        V, P, (I, eta) = of_ends(cold, hot)
        print(f"{cold:6.2f} {hot:7.2f} {1e3 * V:11.3f} {P:11.5f} {I:14.3f} {100 * eta:11.3f}")
