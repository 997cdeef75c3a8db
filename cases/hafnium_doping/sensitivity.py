"""What the assumed inputs of the card do to the leg: `python sensitivity.py`.

Each is moved to the ends of its range; Umklapp and doping scattering are fitted again to the same two measured numbers.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from exact import AREA, COLD, HOT, LENGTH, RHO_C
from legs_1d import GradedLeg, optima
from scipy.optimize import brentq

from thermolyte.materials import Card

PURE, DROP, AT = 17.1, 0.65, 0.10  # W/(m K) at 300 K; share that is lost at x = 0.10


class Leg(GradedLeg):
    """A leg of a changed model at one dopant fraction."""

    def __init__(self, model, x):
        self.length, self.area, self._model, self._doping = LENGTH, AREA, model, lambda _: x


def fitted(lattice):
    """The lattice with Umklapp and doping scattering that give the measured numbers at 300 K."""

    def at(x, **change):
        return float(lattice.model_copy(update=change).lattice_thermal_conductivity(x, 300.0))

    umklapp = brentq(lambda b: at(0.0, umklapp=b, doping_scattering=0.0) - PURE, 1e-19, 1e-16, xtol=1e-24)
    wanted = (1 - DROP) * PURE
    extra = brentq(lambda c: at(AT, umklapp=umklapp, doping_scattering=c) - wanted, 0.0, 1e-12, xtol=1e-20)
    return lattice.model_copy(update={"umklapp": umklapp, "doping_scattering": extra})


def best(model):
    """Efficiencies at x = 0.06, 0.08, ... 0.14, and the best of these x."""
    found = {x: optima(Leg(model, x), COLD, HOT, RHO_C)[2][1] for x in (0.06, 0.08, 0.10, 0.12, 0.14)}
    return max(found, key=found.get), found[AT]


def main():
    """Print the table."""
    model = Card.load("NbFeSb-Hf-model").model
    band, lattice = model.band, model.lattice
    lattices = {
        "as the card": {},
        "sound velocity 3.6 km/s": {"sound_velocity": 3600.0},
        "sound velocity 4.4 km/s": {"sound_velocity": 4400.0},
        "Debye temperature 430 K": {"debye_temperature": 430.0},
        "Debye temperature 480 K": {"debye_temperature": 480.0},
        "grains 0.3 µm": {"boundary_length": 0.3e-6},
        "grains 10 µm": {"boundary_length": 10e-6},
    }
    bands = {
        "weighted mobility -10 %": {"weighted_mobility": 0.9 * band.weighted_mobility},
        "weighted mobility +10 %": {"weighted_mobility": 1.1 * band.weighted_mobility},
        "carriers per dopant 0.70": {"carriers_per_dopant": 0.70},
        "carriers per dopant 1.00": {"carriers_per_dopant": 1.00},
    }
    print(f"{'':26} η_max at x = 0.10 [%]   best x")
    for name, change in lattices.items():
        x, eta = best(model.model_copy(update={"lattice": fitted(lattice.model_copy(update=change))}))
        print(f"{name:26} {100 * eta:12.3f} {x:18.2f}")
    for name, change in bands.items():
        x, eta = best(model.model_copy(update={"band": band.model_copy(update=change)}))
        print(f"{name:26} {100 * eta:12.3f} {x:18.2f}")


if __name__ == "__main__":
    main()
