"""The couple as two bare legs in one dimension with contacts, without straps: `python exact.py`."""

import sys
from pathlib import Path

from scipy.optimize import minimize_scalar

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from legs_1d import Leg

LENGTH, AREA, RHO_C, COLD = 8e-3, 16e-6, 1e-10, 303.0
HOT = [403.0, 543.0, 683.0, 823.0, 983.0]
N, P = Leg("ZrHfNiSn-281", LENGTH, AREA), Leg("NbFeSb-Hf", LENGTH, AREA)


def at_current(hot, I):
    """V, Q_h and Q_c of the couple; the current goes up the n leg and down the p leg."""
    (V_n, cold_n, hot_n), (V_p, cold_p, hot_p) = N.solve(COLD, hot, I), P.solve(COLD, hot, -I)
    joule = 2 * RHO_C / AREA * I**2  # of the contacts at one side
    return V_n - V_p - 4 * RHO_C / AREA * I, -hot_n - hot_p - joule, -cold_n - cold_p + joule


def optima(hot):
    """V_oc, (I, P_max) and (I, η_max)."""
    V_oc = at_current(hot, 0.0)[0]
    R = V_oc - at_current(hot, 1.0)[0]
    options = {"bracket": (0.8 * V_oc / 2 / R, V_oc / 2 / R), "tol": 1e-5}
    power = minimize_scalar(lambda I: -I * at_current(hot, I)[0], **options)
    best = minimize_scalar(lambda I: -I * at_current(hot, I)[0] / at_current(hot, I)[1], **options)
    return V_oc, (power.x, -power.fun), (best.x, -best.fun)


def bounds():
    """(quantity, parameters of the point, objective, low, high): straps take up to 7 % of the power, 2 % of V_oc."""
    for hot in (HOT[0], HOT[-1]):
        at = {"boundaries.hot.temperature": f"{hot:.0f} K"}
        V_oc, (_, power), (_, eta) = optima(hot)
        yield "maximum_power", at, "maximum_power", 0.93 * power, power
        yield "open_circuit_voltage", at, "maximum_power", 0.98 * V_oc, V_oc
        yield "maximum_efficiency", at, "maximum_efficiency", 0.93 * eta, eta


if __name__ == "__main__":
    print("  T_h [K]  V_oc [mV]  I [A]    P_max [W]   I [A]    eta_max [%]")
    for hot in HOT:
        V_oc, (I, power), (I_eta, eta) = optima(hot)
        print(f"{hot:8.0f} {1e3 * V_oc:10.4f} {I:8.3f} {power:11.5f} {I_eta:8.3f} {100 * eta:11.4f}")
