"""The couple as two legs in one dimension between two thermal resistances, the plates: `python exact.py`.

Heat spreads in a plate from the straps to its whole outer face. Without spreading its resistance would be larger, with
perfect spreading smaller: the two limits enclose the couple in three dimensions.
"""

import sys
from pathlib import Path

from scipy.optimize import fsolve

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from legs_1d import Leg

LENGTH, AREA, RHO_C = 1.6e-3, 1.4e-3**2, 1e-10
HOT = 320.0
PLATE, KAPPA, WHOLE = 0.6e-3, 24.0, 4.8e-3 * 2.4e-3
UNDER = {"hot": 3.8e-3 * 1.4e-3, "cold": 2 * 1.4e-3 * 1.4e-3}  # of the straps, without the leads
N, P = Leg("Bi2Te3-n-14", LENGTH, AREA), Leg("Bi2Te3-p-377", LENGTH, AREA)


def cooler(cold, I, spreading):
    """Q_c, power and COP at a current down the n leg and up the p leg."""
    area = {side: WHOLE if spreading else UNDER[side] for side in UNDER}
    resistance = {side: PLATE / KAPPA / a for side, a in area.items()}
    joule = 2 * RHO_C / AREA * I**2  # of the contacts at one side

    def flows(T_c, T_h):
        (V_n, cold_n, hot_n), (V_p, cold_p, hot_p) = N.solve(T_c, T_h, -I), P.solve(T_c, T_h, I)
        return cold_n + cold_p - joule, hot_n + hot_p + joule, I * (V_n - V_p) + 2 * joule

    def mismatch(T):
        Q_c, Q_h, _ = flows(*T)
        return T[0] - cold + Q_c * resistance["cold"], T[1] - HOT - Q_h * resistance["hot"]

    Q_c, _, power = flows(*fsolve(mismatch, (cold, HOT), xtol=1e-8))
    return Q_c, power, Q_c / power


def bounds():
    """(quantity, parameters of the point, objective, low, high): the straps, left out here, take 1 % of the power."""
    for cold, I in ((315.0, 1.0), (310.0, 1.0), (305.0, 1.0), (305.0, 3.0)):
        at = {"boundaries.cold.temperature": f"{cold:.0f} K", "terminals.minus.current": f"{I:.0f} A"}
        (low, power, worst), (high, least, best) = cooler(cold, I, False), cooler(cold, I, True)
        yield "cold_heat_flow", at, None, -high, -low
        yield "power", at, None, -1.01 * power, -least
        yield "cop", at, None, worst / 1.01, best


if __name__ == "__main__":
    print("T_c [K]  I [A]     Q_c [mW]            P [mW]              COP          (no spreading ... perfect)")
    for cold in (315.0, 310.0, 305.0):
        for I in (0.5, 1.0, 2.0, 3.0, 6.0):
            low, high = cooler(cold, I, False), cooler(cold, I, True)
            pairs = [f"{s * a:9.4f} ... {s * b:8.4f}" for s, a, b in zip((1e3, 1e3, 1), low, high, strict=True)]
            print(f"{cold:6.0f} {I:6.1f}  {'  '.join(pairs)}")
