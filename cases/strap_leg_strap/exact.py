"""Closed form of strap, leg and strap with contacts between them: `python exact.py`.

In each layer T = a + b x − J²x²/(2σκ) and q = S T J − κ dT/dx: two unknowns each, six linear equations.
"""

import numpy as np

AREA, COLD, HOT = 3.8e-3**2, 295.0, 589.0
J = 3.61 / AREA  # along +x, out at the hot end
R_TH, LEAD = 0.2e-4, 1e-12
COPPER, LEG = (1.8e-6, 5.9e7, 400.0), (-200e-6, 1e5, 1.0)  # S, σ, κ
LAYERS = [(1e-3, *COPPER), (6e-3, *LEG), (1e-3, *COPPER)]
CONTACTS = ["1e-14 ohm*m^2", "1e-12 ohm*m^2", "1e-10 ohm*m^2", "1e-8 ohm*m^2", "1e-6 ohm*m^2"]


def temperature(i, x):
    """T of layer i at x: coefficients of the six unknowns, and the known rest."""
    _, _, sigma, kappa = LAYERS[i]
    row = np.zeros(6)
    row[2 * i : 2 * i + 2] = 1.0, x
    return np.append(row, -(J**2) * x**2 / (2 * sigma * kappa))


def heat(i, x):
    """Heat flux q of layer i at x, in the same form."""
    _, S, sigma, kappa = LAYERS[i]
    q = S * J * temperature(i, x)
    q[2 * i + 1] -= kappa
    q[6] += J**2 * x / sigma
    return q


def solve(rho_c):
    """V, Q_h, Q_c, and T of the leg at its cold and hot end."""
    rows, right = [temperature(0, 0.0), temperature(2, LAYERS[2][0])], [COLD, HOT]
    joule = rho_c * J**2
    for i in (0, 1):
        end = LAYERS[i][0]
        # (T1 − T2)/R_th crosses the contact; of its Joule heat one half joins before, the other half after it.
        rows.append(R_TH * heat(i, end) - temperature(i, end) + temperature(i + 1, 0.0))
        rows.append(heat(i + 1, 0.0) - heat(i, end))
        right += [-R_TH * joule / 2, joule]
    A = np.array(rows)
    c = np.append(np.linalg.solve(A[:, :6], np.array(right) - A[:, 6]), 1.0)
    V = -2 * (rho_c + LEAD) * J
    for i, (length, S, sigma, _) in enumerate(LAYERS):
        V -= S * (temperature(i, length) - temperature(i, 0.0)) @ c + J * length / sigma
    lead = LEAD * J**2 * AREA
    Q_h, Q_c = -heat(2, LAYERS[2][0]) @ c * AREA - lead, -heat(0, 0.0) @ c * AREA + lead
    return V, Q_h, Q_c, temperature(1, 0.0) @ c, temperature(1, LAYERS[1][0]) @ c


def numbers():
    """(quantity, parameters of the point, objective, value in SI) of everything that `expected.json` expects."""
    for text in CONTACTS:
        at, rho_c = {"interfaces.leg/*_pad.contact_resistivity": text}, float(text.split()[0])
        names = ("voltage", "hot_heat_flow", "cold_heat_flow")
        names += ("junction_temperature.leg/cold_pad", "junction_temperature.leg/hot_pad")
        yield from ((name, at, None, value) for name, value in zip(names, solve(rho_c), strict=True))
        yield "joule_heat.leg/hot_pad", at, None, rho_c * J**2 * AREA


if __name__ == "__main__":
    for quantity, at, _, value in numbers():
        print(f"{next(iter(at.values())):<15} {quantity:<36} {value:.12g}")
