"""Files of other programs as a material card: `thermolyte materials import`.

    phono3py    kappa-*.hdf5                      lattice thermal conductivity
    BoltzTraP2  .trace, .dope.trace, .condtens    S, σ/τ, κ_e/τ: `--tau`, and where in the bands: `--doping` in e/uc as
                                                  the column N, or in 1/cm³ with `--cell-volume`, or `--fermi-level`
    AMSET       transport_*.json                  S, σ, κ_e: `--doping` in 1/cm³ as in the file
    measured    .csv                              columns with units

Files are joined where their temperatures overlap and never extrapolated; κ = κ_L + κ_e. AMSET 0.5 and BoltzTraP2 of
today count electrons negative; the sign of S says which kind it is. One τ serves all energies and temperatures.
"""

from thermolyte.materials.importers.build import import_card
from thermolyte.materials.importers.imported import Wishes

__all__ = ["Wishes", "import_card"]
