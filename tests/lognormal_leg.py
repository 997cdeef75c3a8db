"""A bare leg whose maximum power is lognormal: its case, and mean, spread, percentiles, Sobol indices in closed form.

P = (S ΔT)² σA/(4L); with ln S and ln σ Gaussian, of standard deviations s_S and s_σ, ln P is Gaussian with the parts
a_S = 2 s_S and a_σ = s_σ. Indices: I. M. Sobol, Math. Comput. Simul. 55 (2001) 271, of a product of independent
factors.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import norm

FACTORS = {"seebeck_coefficient": 1.1, "electrical_conductivity": 1.25, "thermal_conductivity": 1.2}
POWERS = {"seebeck_coefficient": 2, "electrical_conductivity": 1, "thermal_conductivity": 0}
NOMINAL = (200e-6 * 294) ** 2 * 1e5 * 3.8e-3**2 / 6e-3 / 4

CASE = """\
title: A leg of lognormal power
geometry: {shape: leg, width: 3.8 mm, height: 6 mm}
mesh: {size: 1.9 mm, cells: hexahedron}
regions:
  leg:
    material:
      name: constant p-type
      source: {note: "round values, for the exact solution"}
      properties:
        seebeck_coefficient: {law: constant, value: 200 uV/K}
        electrical_conductivity: {law: constant, value: 1e5 S/m}
        thermal_conductivity: {law: constant, value: 1 W/(m*K)}
boundaries:
  hot: {type: temperature, temperature: 589 K}
  cold: {type: temperature, temperature: 295 K}
terminals:
  cold: {type: current, current: 5 A}
  hot: {type: ground}
study:
  type: uncertainty
  inputs:
""" + "".join(f"    regions.leg.scale.{name}: {{factor: {factor}}}\n" for name, factor in FACTORS.items())
CASE += """\
  find: [maximum_power]
output: {figures: false, fields: none}
"""


def parts():
    """Standard deviation of ln P from each cause."""
    return np.array([POWERS[name] * math.log(factor) for name, factor in FACTORS.items()])


def power(parameters):
    """P of a sample [W]."""
    scale = {name: parameters[f"regions.leg.scale.{name}"] for name in FACTORS}
    return NOMINAL * math.prod(scale[name] ** POWERS[name] for name in FACTORS)


def statistics():
    """Mean, standard deviation and percentiles of P [W]."""
    s = float(np.linalg.norm(parts()))
    mean = NOMINAL * math.exp(s**2 / 2)
    found = {"mean": mean, "standard_deviation": mean * math.sqrt(math.expm1(s**2))}
    names = {
        "percentile_2.5": 0.025,
        "percentile_16": 0.16,
        "median": 0.5,
        "percentile_84": 0.84,
        "percentile_97.5": 0.975,
    }
    return found | {name: NOMINAL * math.exp(s * float(norm.ppf(p))) for name, p in names.items()}


def sobol():
    """First-order and total index of each cause."""
    a = parts() ** 2
    first = np.expm1(a) / np.expm1(a.sum())
    return first, np.exp(a.sum() - a) * first
