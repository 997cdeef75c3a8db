"""Line scans of a leg in one dimension: composition by the finite volumes of junction_ageing: `python exact.py`."""

import runpy
from pathlib import Path

import numpy as np
from scipy.constants import epsilon_0, hbar, m_e

LEG = runpy.run_path(str(Path(__file__).parents[1] / "junction_ageing" / "exact.py"))
DAY, LENGTH, N_REF = LEG["DAY"], LEG["LENGTH"], LEG["N_REF"]
SPACING, EXCLUDE, WINDOW = 25e-6, 50e-6, 0.5e-3
FRESH = {"Mg3BiSb-Mg-Ni": (1.71e-10, 0.0), "Mg3BiSb-Ni": (5e-10, 0.07)}  # ρ_c [Ω m²], barrier [eV]
DAYS = (0, 10, 30)
PARAMETER = "interfaces.leg/*_pad"


def contact_resistivity(name, x):
    """ρ_c = ρ_ref exp[φ_B/E₀₀(n) − φ_B/E₀₀(n_ref)], E₀₀ = (e ħ/2) √(n/(m ε)), at the composition of the surface."""
    rho, barrier = FRESH[name]
    n = N_REF * np.exp(2 * (x - LEG["X0"]) * LEG["Avogadro"] / (LEG["BUFFER"] * N_REF * LEG["V"]))
    energies = hbar / 2 * np.sqrt(np.array([n, N_REF]) / (m_e * 25 * epsilon_0))  # of an electron charge, in V
    return rho * np.exp(barrier * (1 / energies[0] - 1 / energies[1]))


def course(name, days):
    """ρ_c [Ω m²], and depths [m] with R A [Ω m²] behind the junction, through the whole leg."""
    x = LEG["aged"](name, days)[0] if days else np.full(LEG["CELLS"], LEG["X0"])
    step = LENGTH / 2 / len(x)
    sample = np.linspace(x.min(), x.max() + 1e-12, 25)
    sigma = np.interp(x, sample, [LEG["band"](v)[0] for v in sample])
    rho_c = contact_resistivity(name, 1.5 * x[0] - 0.5 * x[1])
    depth = step * np.arange(2 * len(x) + 1)
    return rho_c, depth, rho_c + np.concatenate([[0.0], np.cumsum(step / np.concatenate([sigma, sigma[::-1]]))])


def scanned(name, days, window):
    """σ of the fit [S/m], ρ_c found and ρ_c true [Ω m²] of the samples up to `window` [m] from the junction."""
    rho_c, depth, resistance = course(name, days)
    d = SPACING * np.arange(1, round(LENGTH / SPACING))
    d = d[(d > EXCLUDE + 1e-9) & (d < LENGTH - EXCLUDE - 1e-9) & (d < window + 1e-9)]
    slope, jump = np.polyfit(d, np.interp(d, depth, resistance), 1)
    return 1 / slope, jump, rho_c


def bounds():
    """(quantity, place, objective, low, high): 0.5 % around σ, 0.5 % and 0.02 µΩ cm² around ρ_c of the leg's half."""
    for name in FRESH:
        for days in DAYS:
            at = {PARAMETER: name, "time": days * DAY}
            near, jump, true = scanned(name, days, WINDOW)
            whole, far, _ = scanned(name, days, LENGTH)
            for quantity, value, slack in (
                ("scan_local_conductivity.beside.leg/cold_pad:leg", near, 0.0),
                ("scan_conductivity.whole.leg", whole, 0.0),
                ("room_temperature_contact_resistivity.leg/cold_pad", true, 2e-12),
                ("scan_contact_resistivity.beside.leg/cold_pad", jump, 2e-12),
                ("scan_contact_resistivity.whole.leg/cold_pad", far, 2e-12),
            ):
                off = 5e-3 * abs(value) + slack
                yield quantity, at, None, value - off, value + off


if __name__ == "__main__":
    for name in FRESH:
        for days in DAYS:
            for window in (0.3e-3, WINDOW, 1e-3, 2e-3, LENGTH):
                sigma, jump, true = scanned(name, days, window)
                print(
                    f"{name:14} {days:3} d   window {1e3 * window:3.1f} mm   {sigma:7.0f} S/m   "
                    f"{1e10 * jump:7.3f} uohm*cm^2, true {1e10 * true:6.3f}"
                )
