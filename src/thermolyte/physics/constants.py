"""Constants of electrochemistry, CODATA."""

from __future__ import annotations

from scipy.constants import R, physical_constants

GAS_CONSTANT = float(R)  # J/(mol K)
FARADAY = float(physical_constants["Faraday constant"][0])  # C/mol
