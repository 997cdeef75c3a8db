"""What follows from voltages, currents, heat flows and Joule heats of a thermoelectric device, by definition.

Signs: heat into the body and current out of it are positive, and so is the power that the device delivers.
"""

from __future__ import annotations

from thermolyte.quantities.base import Device, Values

NO_POWER = 1e-9  # of the heat flow: at open circuit what is left of the power is round-off
NO_CURRENT = 1e-9  # A


def derived(values: Values, device: Device) -> Values:
    """P = Σ V I and the balances; of a device V, I, Q_h, Q_c, η or COP, power densities and resistances.

    Args:
        values: `voltage.*`, `current.*` and `heat_flow.*` of everything that has one, and `joule_heat.*`; with the
            `open_circuit_voltage` comes the internal resistance.
        device: its sides, terminal and areas.
    """
    currents, heats = ([v for n, v in values.items() if n.startswith(k)] for k in ("current.", "heat_flow."))
    out: Values = {}
    if currents:
        out["power"] = sum(values[f"voltage.{n.split('.', 1)[1]}"] * v for n, v in values.items() if _is_current(n))
    out |= {"energy_balance": sum(heats) - out.get("power", 0.0), "charge_balance": sum(currents)}
    return out | _of_device(values, out, device) | _resistances(values, device)


def _is_current(name: str) -> bool:
    return name.startswith("current.")


def _of_device(values: Values, powers: Values, d: Device) -> Values:
    out: Values = {}
    if d.terminal:
        out |= {name: values[f"{name}.{d.terminal}"] for name in ("voltage", "current")}
    Q_h, Q_c = (sum(values.get(f"heat_flow.{b}", 0.0) for b in side) for side in (d.hot, d.cold))
    P = powers.get("power", 0.0)
    if d.hot:
        out["hot_heat_flow"] = Q_h
    if d.cold:
        out["cold_heat_flow"] = -Q_c
    if d.hot and Q_h > 0 and -NO_POWER * Q_h <= P:
        out["efficiency"] = P / Q_h
    if d.cold and 0 < Q_c < -P / NO_POWER:
        out["cop"] = Q_c / -P
    for name, area in (("leg", d.leg_area), ("footprint", d.footprint)):
        if area and "power" in powers:
            out[f"power_density_{name}"] = P / area
    return out


def _resistances(values: Values, device: Device) -> Values:
    """Joule heat over I² of every region, contact and lead [Ω], which add up; and (V_oc − V)/I."""
    I = values.get(f"current.{device.terminal}", 0.0)
    scale = max((abs(v) for n, v in values.items() if _is_current(n)), default=0.0)
    if abs(I) < NO_CURRENT or abs(I) < 1e-6 * scale:
        return {}
    parts = {f"resistance.{n.split('.', 1)[1]}": v / I**2 for n, v in values.items() if n.startswith("joule_heat.")}
    out = parts | {"resistance": sum(parts.values())}
    if "open_circuit_voltage" in values:
        out["internal_resistance"] = (values["open_circuit_voltage"] - values[f"voltage.{device.terminal}"]) / I
    return out
