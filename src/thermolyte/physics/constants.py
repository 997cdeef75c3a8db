"""Constants of electrochemistry, CODATA, and the names of what diffuses."""

from __future__ import annotations

from scipy.constants import R, physical_constants

GAS_CONSTANT = float(R)  # J/(mol K)
FARADAY = float(physical_constants["Faraday constant"][0])  # C/mol
SPECIES = {"Li": "lithium", "Mg": "magnesium"}
"""Element as a card names it -> the word that its quantities begin with."""
