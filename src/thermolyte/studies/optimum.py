"""The terminal current at which a device delivers most power, or does so most efficiently."""

from __future__ import annotations

import math
from collections.abc import Callable

from scipy.optimize import minimize_scalar

from thermolyte.case import Case
from thermolyte.errors import InputError, SolveError
from thermolyte.quantities import Values
from thermolyte.studies.simulator import Simulator
from thermolyte.terminal import Current

PROBE = 1e-2  # A: small against the current of any leg, large against round-off of a voltage
QUANTITY = {"maximum_power": "power", "maximum_efficiency": "efficiency"}


def find(objective: str, case: Case, simulator: Simulator) -> Values:
    """All quantities at the optimum of `objective` over the terminal current, found by Brent's method.

    The search starts at the optimum of a device with constant properties (A. F. Ioffe, Semiconductor Thermoelements,
    1957), with V_oc, Q_h and R as they are seen at small currents.

    Raises:
        InputError: the case has no terminal.
        SolveError: a point on the way has no solution, or there is no voltage to deliver power.
    """
    terminal = case.electrical_terminal()
    if terminal is None:
        raise InputError(f"{case.place('terminals')}: {objective} needs a terminal whose current can be varied")
    lead = case.terminals[terminal]
    solved: dict[float, Values] = {}

    def solve(current: float) -> Values:
        law = Current(type="current", current=current, on=lead.on, contact_resistivity=lead.contact_resistivity)
        return simulator.solve(case.with_terminal(terminal, law))

    def at(current: float) -> Values:
        if current not in solved:
            solved[current] = solve(current)
        return solved[current]

    guess = _first_guess(objective, at)
    name = QUANTITY[objective]

    def loss(x: float) -> float:
        return -at(x * guess).get(name, 0.0)

    result = minimize_scalar(loss, bracket=(0.97, 1.03), method="brent", options={"xtol": 1e-7})
    if not result.success:
        raise SolveError(f"{objective}: no optimum found around {guess:.4g} A: {result.message}")
    best = solve(float(result.x) * guess)  # again, so that the state is that of the optimum
    return best | {objective: best[name]}


def _first_guess(objective: str, at: Callable[[float], Values]) -> float:
    """Current of the optimum for constant properties: V_oc/(2R), or V_oc/(R (1 + √(1 + Z T_m))) [A]."""
    idle = at(0.0)
    voltage = idle["open_circuit_voltage"]
    if abs(voltage) < 1e-12:
        raise SolveError("the open-circuit voltage is zero here, so that no power can be drawn")
    resistance = at(PROBE if voltage > 0 else -PROBE)["internal_resistance"]
    if objective == "maximum_power":
        return voltage / (2 * resistance)
    high, low = idle["maximum_temperature"], idle["minimum_temperature"]
    ZT = voltage**2 * (high + low) / 2 / (resistance * idle["hot_heat_flow"] * (high - low))
    return voltage / (resistance * (1 + math.sqrt(1 + ZT)))
