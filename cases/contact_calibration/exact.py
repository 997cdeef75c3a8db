"""Ioffe's closed form of the leg, the data made from it, and their exact least-squares fit: `python exact.py`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

AREA, DIFFERENCE = 3.8e-3**2, 100.0
SEEBECK, CONDUCTIVITY = 200e-6, 1e5
LENGTHS = {"long.csv": 6e-3, "short.csv": 1.5e-3}
CURRENTS = np.arange(0.0, 6.0)
TRUTH = (5e-10, 0.9, 1.05)  # contact resistivity [ohm m²], factors on σ and S
NOISE, SEED = 5e-6, 0  # standard deviation [V]; of numpy's default generator
LEAD = 1e-14  # contact resistivity of the cold end [ohm m²]


def voltage(current, length, contact, conductivity=1.0, seebeck=1.0):
    """V = S ΔT − I (L/σ + ρ_hot + ρ_cold)/A [V]."""
    resistance = (length / (CONDUCTIVITY * conductivity) + contact + LEAD) / AREA
    return SEEBECK * seebeck * DIFFERENCE - current * resistance


def tables():
    """Name of a file -> voltages [V] at CURRENTS, with noise, to 0.1 µV as they stand in the file."""
    random = np.random.default_rng(SEED)
    return {
        name: np.round(voltage(CURRENTS, length, *TRUTH) + random.normal(0, NOISE, len(CURRENTS)), 7)
        for name, length in LENGTHS.items()
    }


def least_squares():
    """Values and standard errors of ρ_c, of 1/(factor on σ) and of the factor on S, in which V is linear."""
    measured = tables()
    rows = [
        (-i / AREA, -i * length / (CONDUCTIVITY * AREA), SEEBECK * DIFFERENCE)
        for length in LENGTHS.values()
        for i in CURRENTS
    ]
    A = np.array(rows)
    y = np.concatenate(list(measured.values())) + np.tile(CURRENTS, len(LENGTHS)) * LEAD / AREA
    scale = np.abs(A).max(axis=0)
    values = np.linalg.lstsq(A / scale, y, rcond=None)[0] / scale
    errors = NOISE * np.sqrt(np.diag(np.linalg.inv((A / scale).T @ (A / scale)))) / scale
    return values, errors


def numbers():
    """Quantity, point, objective and value of the case as it stands."""
    yield "voltage", {}, None, voltage(5.0, 6e-3, 2e-10)
    yield "open_circuit_voltage", {}, None, voltage(0.0, 6e-3, 2e-10)


if __name__ == "__main__":
    for name, column in tables().items():
        lines = [f"{i:g},{v * 1e3:.4f}" for i, v in zip(CURRENTS, column, strict=True)]
        Path(__file__).with_name(name).write_text("\n".join(["current [A],voltage [mV]", *lines]) + "\n")
    for value, error in zip(*least_squares(), strict=True):
        print(f"{value:.6g} ± {1.959964 * error:.3g}")
