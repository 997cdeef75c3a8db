"""Names, symbols and engineering units of the quantities of a battery, of a deformed and of an ageing body."""

from __future__ import annotations

from collections.abc import Mapping

from thermolyte.results import ageing_wording
from thermolyte.results.wording import FIXED, PREFIXES, Prefixes, Wording

FARADAY = 96485.33212  # C/mol
STRESSES: Prefixes = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
TIMES: Prefixes = ((3600.0, "h"), (1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))
CHARGES: Prefixes = ((3.6, "mAh"), (3.6e-3, "µAh"), (3.6e-6, "nAh"), (1e-9, "nC"), (1e-12, "pC"), (1e-15, "fC"))
OHMS: Prefixes = ((1e6, "M"), (1e3, "k"), *PREFIXES)
SMALL: Prefixes = (*PREFIXES, (1e-15, "f"), (1e-18, "a"))
MILLI: Prefixes = ((1e-3, "m"), (1e-6, "µ"))


def _length(text: str, symbol: str) -> Wording:
    return Wording(text, symbol, "m", 1.0, PREFIXES, 1.0)


def _stress(text: str, symbol: str) -> Wording:
    return Wording(text, symbol, "Pa", 1.0, STRESSES, 1.0)


def _potential(text: str, symbol: str) -> Wording:
    return Wording(text, symbol, "V", 1.0, MILLI)


def _per_volume(text: str, symbol: str) -> Wording:
    return Wording(text, symbol, "mmol/cm³", 1e3, FIXED)


TIME = Wording("time", "t", "", 1.0, TIMES, 1.0)
CHARGE_DENSITY = Wording("charge per area", "q", "Ah/cm²", 3.6e7)
RADIUS = _length("radius", "r")
CONCENTRATION = _per_volume("concentration", "c")
COMPOSITION = Wording("composition", "x", "", 1.0, FIXED)
HOST = "Species"
"""The group about what diffuses, whose title in a report is the name of that."""

GROUPS: Mapping[str, Mapping[str, Wording]] = {
    "Voltage and charge": {
        "time": TIME,
        "voltage": Wording("voltage", "V", "V", 1.0, PREFIXES, 1.0),
        "current": Wording("current", "I", "A", 1.0, SMALL),
        "charge": Wording("charge", "Q", "", 1.0, CHARGES, 1.0),
        "resistance": Wording("resistance", "R", "Ω", 1.0, OHMS, 1.0),
        "equilibrium_potential": _potential("equilibrium potential", "U"),
        "ionic_potential": _potential("ionic potential", r"\phi_\mathrm{ion}"),
        "electric_potential": _potential("electric potential", r"\phi"),
        "interface_current": Wording("current through", "I", "A", 1.0, SMALL),
        "interface_current_density": Wording("mean current density", r"\bar{j}", "A/cm²", 1e4),
        "minimum_current_density": Wording("smallest current density", r"j_\mathrm{min}", "A/cm²", 1e4),
        "maximum_current_density": Wording("largest current density", r"j_\mathrm{max}", "A/cm²", 1e4),
        "current_density": Wording("current density", "j", "A/cm²", 1e4),
    },
    "Parts of the voltage": {
        "overpotential.ohmic": _potential("ohmic", r"\eta_\Omega"),
        "overpotential.kinetic": _potential("kinetic", r"\eta_\mathrm{ct}"),
        "overpotential.concentration": _potential("concentration", r"\eta_c"),
        "overpotential.mechanical": _potential("mechanical", r"\eta_\sigma"),
        "overpotential": _potential("overpotential", r"\eta"),
    },
    HOST: {
        "utilisation": Wording("utilisation", r"\theta", "%", 1e-2, FIXED),
        "saturation": Wording("largest concentration / saturation", "s", "%", 1e-2, FIXED),
        "lithium": Wording("Li inventory", "n", "mol", 1.0, SMALL),
        **ageing_wording.MAGNESIUM,
        "mean_composition": Wording("mean composition", r"\bar{x}", "", 1.0, FIXED),
        "mean_concentration": _per_volume("mean concentration", r"\bar{c}"),
        "surface_composition": Wording("surface composition", "x_s", "", 1.0, FIXED),
        "surface_concentration": _per_volume("surface concentration", "c_s"),
        "minimum_concentration": _per_volume("smallest concentration", r"c_\mathrm{min}"),
        "maximum_concentration": _per_volume("largest concentration", r"c_\mathrm{max}"),
        "composition": COMPOSITION,
        "concentration": CONCENTRATION,
        "plated_lithium": Wording("plated Li", r"n_\mathrm{Li}", "mol", 1.0, SMALL),
        "plated_thickness": _length("plated thickness", r"h_\mathrm{Li}"),
    },
    "Stress and deformation": {
        "von_mises_mean": _stress("mean von Mises stress", r"\bar{\sigma}_\mathrm{v}"),
        "von_mises_maximum": _stress("largest von Mises stress", r"\sigma_\mathrm{v,max}"),
        "surface_von_mises": _stress("surface von Mises stress", r"\sigma_\mathrm{v,s}"),
        "von_mises": _stress("von Mises stress", r"\sigma_\mathrm{v}"),
        "hydrostatic_stress_mean": _stress("mean hydrostatic stress", r"\bar{\sigma}_\mathrm{h}"),
        "hydrostatic_stress": _stress("hydrostatic stress", r"\sigma_\mathrm{h}"),
        "mechanical_potential": _potential("mechanical potential", "m/F"),
        "displacement_maximum": _length("largest displacement", r"u_\mathrm{max}"),
        "displacement": _length("displacement", "u"),
        "curvature": Wording("curvature", r"\kappa", "1/m", 1.0, FIXED),
        "reaction_force": Wording("reaction force", "F", "N", 1.0, SMALL),
        "strain_energy": Wording("strain energy", "W", "J", 1.0, SMALL),
    },
    **ageing_wording.GROUPS,
}
"""Groups in which a report lists them -> quantity -> how it is shown."""

WORDINGS: Mapping[str, Wording] = {n: w for group in GROUPS.values() for n, w in group.items()}


def described(name: str, unit: str = "") -> tuple[Wording, str]:
    """How a quantity such as `overpotential.kinetic.film/electrolyte` is shown, and what it is of ('film | ...')."""
    words = name.split(".")
    for length in range(len(words), 0, -1):
        base = ".".join(words[:length])
        if found := WORDINGS.get(base):
            rest = ".".join(words[length:])
            return found, f"{rest} %" if base == "time_to_loss" else subject(rest)
    return Wording(words[0].replace("_", " "), "", pretty(unit), 1.0, FIXED), subject(".".join(words[1:]))


def grouped(values: Mapping[str, float], species: str, digits: int = 6) -> dict[str, list[tuple[str, str]]]:
    """The quantities by group, in words and with units, without what is zero (as a ground's voltage).

    `species` is the name of what diffuses, lithium or magnesium.
    """
    out: dict[str, list[tuple[str, str]]] = {}
    for title, group in GROUPS.items():
        for w in group.values():
            names = [n for n in values if values[n] and described(n)[0] is w]
            if names:
                shown = species.capitalize() if title == HOST else title
                out.setdefault(shown, []).extend((full_text(n), w.number(values[n], digits)) for n in names)
    return out


def subject(text: str) -> str:
    """'film | electrolyte' for 'film/electrolyte'."""
    return text.replace("_", " ").replace("/", " | ").replace(".", " ")


def full_text(name: str) -> str:
    """A quantity with what it is of: 'kinetic, film | electrolyte'."""
    w, what = described(name)
    return ", ".join(filter(None, (w.text, what)))


def pretty(unit: str) -> str:
    """The unit of a column header; none for a pure number."""
    return "" if unit == "1" else unit
