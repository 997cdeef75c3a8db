"""thermolyte: finite-element multiphysics for thermoelectric modules and solid-state battery stacks."""

from importlib.metadata import version

__version__ = version("thermolyte")
