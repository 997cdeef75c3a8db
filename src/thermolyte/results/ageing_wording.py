"""Names, symbols and engineering units of the quantities of a device that ages."""

from __future__ import annotations

from collections.abc import Mapping

from thermolyte.results.wording import FIXED, PREFIXES, Prefixes, Wording

DAY = 86400.0
AMOUNTS: Prefixes = (*PREFIXES, (1e-15, "f"), (1e-18, "a"))
AGE = Wording("time", "t", "days", DAY, FIXED)
LOSS = Wording("loss", "", "%", 1e-2, FIXED)


def _amount(text: str, symbol: str) -> Wording:
    return Wording(text, symbol, "mol", 1.0, AMOUNTS)


def _thickness(text: str, symbol: str) -> Wording:
    return Wording(text, symbol, "µm", 1e-6, FIXED)


MAGNESIUM: Mapping[str, Wording] = {
    "magnesium": _amount("Mg inventory", "n"),
    "magnesium_flow": Wording("flow of Mg into the host", r"\dot{n}", "mol/s", 1.0, AMOUNTS),
    "magnesium_balance": Wording("flow of Mg out of balance", r"\Delta\dot{n}", "mol/s", 1.0, AMOUNTS),
    "magnesium_total": _amount("Mg in host and layers", r"n_\mathrm{all}"),
    "magnesium_drift": _amount("largest change of Mg in host and layers", r"\Delta n_\mathrm{all}"),
    "lithium_total": _amount("Li in host and layers", r"n_\mathrm{all}"),
    "lithium_drift": _amount("largest change of Li in host and layers", r"\Delta n_\mathrm{all}"),
}
"""What is counted of the species."""

GROUPS: Mapping[str, Mapping[str, Wording]] = {
    "Losses": {
        "loss": LOSS,
        "time_to_loss": Wording("time to a loss", r"t_\mathrm{loss}", "days", DAY, FIXED),
        "time_to_exhaustion": Wording("time until the interlayer is used up", r"t_\mathrm{end}", "days", DAY, FIXED),
    },
    "Layers": {
        "interlayer_thickness": _thickness("interlayer", r"h"),
        "reaction_layer_thickness": _thickness("reaction layer", r"l"),
        "interlayer": _amount("amount in the interlayer", "s"),
        "reaction_layer": _amount("amount in the reaction layer", "m"),
        "released": _amount("amount evaporated", "e"),
    },
    "Electrons at 300 K": {
        "carrier_concentration": Wording("carriers", "n", "1/cm³", 1e6, FIXED),
        "room_temperature_conductivity": Wording("conductivity", r"\sigma_{300\,\mathrm{K}}", "S/cm", 1e2, FIXED),
        "room_temperature_surface_conductivity": Wording(
            "surface conductivity", r"\sigma_{\mathrm{s},\,300\,\mathrm{K}}", "S/cm", 1e2, FIXED
        ),
        "room_temperature_seebeck_coefficient": Wording(
            "Seebeck coefficient", r"S_{300\,\mathrm{K}}", "µV/K", 1e-6, FIXED
        ),
        "room_temperature_contact_resistivity": Wording(
            "contact resistivity", r"\rho_{c,\,300\,\mathrm{K}}", "µΩ cm²", 1e-10, FIXED
        ),
    },
}
"""Groups in which a report lists them -> quantity -> how it is shown."""


def in_days(seconds: float, digits: int = 4) -> str:
    """'30 days', '1 day'."""
    number = f"{seconds / DAY:.{digits}g}"
    return f"{number} day" if number == "1" else f"{number} days"
