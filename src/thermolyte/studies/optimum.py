"""The terminal current at which a device delivers most power, or does so most efficiently."""

from __future__ import annotations

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

    The first guess is the matched load of a device with the resistance seen at a small current, I = V_oc/(2 R).

    Raises:
        InputError: the case has no terminal, or neither temperature difference nor voltage to deliver power.
        SolveError: a point on the way has no solution.
    """
    terminal = case.electrical_terminal()
    if terminal is None:
        raise InputError(f"{case.place('terminals')}: {objective} needs a terminal whose current can be varied")
    lead = case.terminals[terminal]
    solved: dict[float, Values] = {}

    def at(current: float) -> Values:
        if current not in solved:
            law = Current(type="current", current=current, on=lead.on, contact_resistivity=lead.contact_resistivity)
            solved[current] = simulator.solve(case.with_terminal(terminal, law))
        return solved[current]

    voltage = at(0.0)["open_circuit_voltage"]
    if abs(voltage) < 1e-12:
        raise InputError(f"{case.place('study')}: {objective}: the open-circuit voltage is zero, no power can be drawn")
    slope = at(PROBE if voltage > 0 else -PROBE)["internal_resistance"]
    guess = voltage / (2 * slope)
    name = QUANTITY[objective]
    result = minimize_scalar(
        lambda x: -at(x * guess).get(name, 0.0), bracket=(0.9, 1.0, 1.1), method="brent", options={"xtol": 1e-7}
    )
    if not result.success:
        raise SolveError(f"{objective}: no optimum found around {guess:.4g} A: {result.message}")
    best = at(float(result.x) * guess)
    return best | {objective: best[name]}
