"""A leg in one dimension, solved without the program: what the cases with measured materials are compared with.

T' = (S T J − q)/κ,  q' = ρ J² + S J T',  V' = −ρ J − S T';  J and q along x from the cold to the hot end.
S, ρ and κ are the tables of the cards with straight lines between the points, or those of a model at the dopant
fraction of each place.
"""

import numpy as np
from scipy.integrate import solve_bvp
from scipy.optimize import minimize_scalar

from thermolyte.materials import Card


class Leg:
    """A leg made of one card."""

    def __init__(self, card, length, area):
        self.length, self.area = length, area
        card = Card.load(card).with_interpolation("linear")
        names = ("seebeck_coefficient", "electrical_resistivity", "thermal_conductivity")
        T = np.arange(280.0, 1100.0, 0.5)
        self._T, self._tables = T, [np.asarray(card.law(n)(T)) for n in names]

    def properties(self, T, _):
        """S, ρ and κ at T and at the distance from the cold end."""
        return [np.interp(T, self._T, values) for values in self._tables]

    def solve(self, cold, hot, current):
        """V(hot end) − V(cold end), and the heat flows q A at the cold and at the hot end; current from cold to hot."""
        J = current / self.area

        def slope(x, y):
            S, rho, kappa = self.properties(y[0], x)
            dT = (S * y[0] * J - y[1]) / kappa
            return np.array([dT, rho * J**2 + S * J * dT, -rho * J - S * dT])

        def ends(a, b):
            return np.array([a[0] - cold, b[0] - hot, a[2]])

        x = np.linspace(0, self.length, 41)
        T = np.linspace(cold, hot, 41)
        start = np.array([T, np.full_like(T, -3.0 * (hot - cold) / self.length), 0 * T])
        found = solve_bvp(slope, ends, x, start, tol=1e-6, max_nodes=20000)
        if not found.success:
            raise RuntimeError(found.message)
        return found.y[2, -1], found.y[1, 0] * self.area, found.y[1, -1] * self.area


class GradedLeg(Leg):
    """A leg of a model card whose dopant fraction is a function of the distance from the cold end."""

    def __init__(self, card, length, area, doping):
        self.length, self.area = length, area
        self._model, self._doping = Card.load(card).model, doping

    def properties(self, T, x):
        """S, ρ and κ at T and at the distance from the cold end."""
        names = ("seebeck_coefficient", "electrical_conductivity", "thermal_conductivity")
        S, sigma, kappa = (self._model.value(n, self._doping(x), T) for n in names)
        return S, 1 / sigma, kappa


def optima(leg, cold, hot, rho_c):
    """V_oc, P_max and (I, η_max) of a p-type leg with a contact at each end, whose heat stays there."""
    contact = rho_c / leg.area

    def at(I):
        V, _, heat = leg.solve(cold, hot, -I)
        return V * I + 2 * contact * I**2, -heat - contact * I**2

    V_oc = -leg.solve(cold, hot, 0.0)[0]
    R = V_oc + leg.solve(cold, hot, -1.0)[0] + 2 * contact
    options = {"bracket": (0.4 * V_oc / R, 0.5 * V_oc / R), "tol": 1e-6}
    power = minimize_scalar(lambda I: at(I)[0], **options)
    best = minimize_scalar(lambda I: at(I)[0] / at(I)[1], **options)
    return V_oc, -power.fun, (best.x, -best.fun)
