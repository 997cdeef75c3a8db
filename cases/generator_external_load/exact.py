"""Ioffe's closed form of a couple with constant properties on a load resistance: `python exact.py`."""

from math import sqrt

HOT, COLD, LENGTH = 600.15, 300.15, 10e-3
LEGS = {"n": (-195e-6, 1.35e-5, 1.4, 1.00e-4), "p": (230e-6, 1.75e-5, 1.2, 1.24e-4)}  # S, ρ, κ, A
LOADS = ["0.5 mohm", "1 mohm", "2 mohm", "3 mohm", "3.92 mohm", "6 mohm", "12 mohm", "30 mohm"]

S = sum(abs(S) for S, _, _, _ in LEGS.values())
R = sum(rho * LENGTH / A for _, rho, _, A in LEGS.values())
K = sum(kappa * A / LENGTH for _, _, kappa, A in LEGS.values())


def at_current(I):
    """V, P, Q_h, Q_c and η at a current."""
    V, dT = S * (HOT - COLD) - I * R, HOT - COLD
    Q_h, Q_c = (K * dT + S * T * I + sign * I**2 * R / 2 for T, sign in ((HOT, -1), (COLD, 1)))
    values = {"current": I, "voltage": V, "power": V * I, "hot_heat_flow": Q_h, "cold_heat_flow": Q_c}
    return values | {"efficiency": V * I / Q_h}


def numbers():
    """(quantity, parameters of the point, objective, value in SI) of everything that `expected.json` expects."""
    V = S * (HOT - COLD)
    for load in LOADS:
        values = at_current(V / (R + 1e-3 * float(load.split()[0])))
        shown = values if load == "3.92 mohm" else {n: values[n] for n in ("current", "power", "efficiency")}
        yield from ((name, {"terminals.p_cold.resistance": load}, None, value) for name, value in shown.items())
    m = sqrt(1 + S**2 / (R * K) * (HOT + COLD) / 2)
    power = {"current": V / (2 * R), "maximum_power": V**2 / (4 * R), "internal_resistance": R}
    best = {"current": V / (R * (1 + m)), "maximum_efficiency": (HOT - COLD) / HOT * (m - 1) / (m + COLD / HOT)}
    for objective, values in (("maximum_power", power), ("maximum_efficiency", best)):
        yield from ((name, {}, objective, value) for name, value in values.items())


if __name__ == "__main__":
    print(f"S {S:.6g} V/K   R {R:.9g} ohm   K {K:.9g} W/K   Z(T_h + T_c)/2 {S**2 / R / K * (HOT + COLD) / 2:.6g}")
    for quantity, at, objective, value in numbers():
        print(f"{objective or next(iter(at.values())):<20} {quantity:<20} {value:.9g}")
