"""Closed form of a cooling leg with constant properties and equal contacts at both ends: `python exact.py`.

The hot end is held at T_h, the load Q enters the cold end:
K (T_h − T_c) = S T_c I − ½ I² R − Q  gives T_c; R is the resistance of the leg and both contacts.
"""

from math import sqrt

S, SIGMA, KAPPA, LENGTH, AREA, RHO_C = 185.5e-6, 1.112e5, 1.187, 1.6e-3, 1.4e-3**2, 1e-10
HOT, CARD = 323.0, "Bi2Te3-p-constant.yaml"
LOADS = {"0 W/cm^2": 0.0, "8 W/cm^2": 8e4}
CURRENTS = ["1 A", "2 A", "3 A", "4 A", "5 A", "5.86 A", "7 A", "8 A"]

R, K = LENGTH / (SIGMA * AREA) + 2 * RHO_C / AREA, KAPPA * AREA / LENGTH
Z = S**2 / (R * K)


def numbers():
    """(quantity, parameters of the point, objective, value in SI) of everything that `expected.json` expects."""
    for (load, flux), current in ((item, c) for item in LOADS.items() for c in CURRENTS):
        I, Q = float(current.split()[0]), flux * AREA
        T_c = (K * HOT + I**2 * R / 2 + Q) / (K + S * I)
        power = -I * (S * (HOT - T_c) + I * R)
        values = {"temperature_difference": HOT - T_c, "power": power, "hot_heat_flow": power - Q}
        values |= {"cop": -Q / power} if Q > 0 > power else {}
        at = {"regions.leg": CARD, "boundaries.cold.heat_flux": load, "terminals.hot.current": current}
        yield from ((name, at, None, value) for name, value in values.items())


if __name__ == "__main__":
    T_c = (sqrt(1 + 2 * Z * HOT) - 1) / Z
    print(f"R {R:.6g} ohm   K {K:.6g} W/K   Z {Z:.6g} 1/K   Z T_h {Z * HOT:.5g}")
    print(f"largest difference {HOT - T_c:.6g} K = Z T_c²/2 = {Z * T_c**2 / 2:.6g} K at S T_c/R = {S * T_c / R:.6g} A")
    for quantity, at, _, value in numbers():
        print(f"{at['boundaries.cold.heat_flux']:<10} {at['terminals.hot.current']:<8} {quantity:<24} {value:.9g}")
