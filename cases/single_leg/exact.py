"""Ioffe's closed form of one leg with constant properties and equal contacts at both ends: `python exact.py`."""

from math import sqrt

S, SIGMA, KAPPA, LENGTH, AREA = 200e-6, 1e5, 1.0, 6e-3, 3.8e-3**2
HOT, COLD = 589.0, 295.0
CONTACTS = {"1e-14 ohm*m^2": 1e-14, "5 uohm*cm^2": 5e-10, "20 uohm*cm^2": 20e-10}


def numbers():
    """(quantity, parameters of the point, objective, value in SI) of everything that `expected.json` expects."""
    for text, rho_c in CONTACTS.items():
        at = {"terminals.hot.contact_resistivity": text}
        contact, leg, K = rho_c / AREA, LENGTH / (SIGMA * AREA), KAPPA * AREA / LENGTH
        R, V, dT = leg + 2 * contact, S * (HOT - COLD), HOT - COLD
        m = sqrt(1 + S**2 / (R * K) * (HOT + COLD) / 2)
        power = {"current": V / (2 * R), "maximum_power": V**2 / (4 * R), "open_circuit_voltage": V}
        power |= {"internal_resistance": R, "resistance.leg": leg} | {
            f"resistance.{t}": contact for t in ("hot", "cold")
        }
        I = V / (R * (1 + m))
        Q_h, Q_c = (K * dT + S * T * I + sign * I**2 * R / 2 for T, sign in ((HOT, -1), (COLD, 1)))
        best = {"current": I, "power": V * I - I**2 * R, "hot_heat_flow": Q_h, "cold_heat_flow": Q_c}
        best |= {"maximum_efficiency": dT / HOT * (m - 1) / (m + COLD / HOT)}
        best |= {"heat_budget.conduction": K * dT, "heat_budget.peltier": S * HOT * I}
        best |= {"heat_budget.joule": -(I**2) * leg / 2, "heat_budget.contact_joule": -(I**2) * contact}
        for objective, values in (("maximum_power", power), ("maximum_efficiency", best)):
            yield from ((name, at, objective, value) for name, value in values.items())


if __name__ == "__main__":
    for quantity, at, objective, value in numbers():
        print(f"{next(iter(at.values())):<15} {objective:<20} {quantity:<26} {value:.9g}")
