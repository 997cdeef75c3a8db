"""Thermal conditions on exterior boundaries: each class is the YAML of one condition and its term of the residual.

A boundary without a condition is insulated: the *total* heat flux q·n = (S T J − κ∇T)·n through it is zero.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Literal

from ufl.core.expr import Expr

from thermolyte import units
from thermolyte.boundary.base import Condition, Essential
from thermolyte.parameters import Parameters
from thermolyte.physics.local import TEMPERATURE

STEFAN_BOLTZMANN = 5.670374419e-8  # W/(m² K⁴), CODATA 2018 (exact in the SI of 2019)


class HeatCondition(Condition):
    """A heat flux that leaves the body, as a function of temperature and Peltier heat."""

    field: ClassVar[str] = TEMPERATURE

    @property
    def fixes_level(self) -> bool:
        """It ties the temperature to that of the surroundings."""
        return True

    @abstractmethod
    def outward_heat_flux(self, p: Parameters, T: Expr, peltier: Expr) -> Expr:
        """q·n [W/m²]."""


class Temperature(Essential):
    """T = value [K]: an essential condition; the heat flow through it is the reaction that holds the value."""

    field: ClassVar[str] = TEMPERATURE
    type: Literal["temperature"]
    temperature: units.Temperature

    def values(self, axes: tuple[str, ...], normal: int | None = None) -> dict[int | None, str | float]:
        """The temperature."""
        del axes, normal
        return {None: "temperature"}


class HeatFlux(HeatCondition):
    """−q·n = heat_flux [W/m²]: heat that enters the body per area."""

    type: Literal["heat_flux"]
    heat_flux: units.HeatFlux

    @property
    def fixes_level(self) -> bool:
        """It only adds heat."""
        return False

    def outward_heat_flux(self, p: Parameters, T: Expr, peltier: Expr) -> Expr:  # noqa: ARG002
        """q·n [W/m²]."""
        return -p.heat_flux


class Convection(HeatCondition):
    """q·n = h (T − T_ambient) [W/m²]."""

    type: Literal["convection"]
    coefficient: units.HeatTransferCoefficient
    ambient: units.Temperature

    @property
    def fixes_level(self) -> bool:
        """Not where the coefficient is zero."""
        return bool(self.coefficient > 0)

    def outward_heat_flux(self, p: Parameters, T: Expr, peltier: Expr) -> Expr:  # noqa: ARG002
        """q·n [W/m²]."""
        return p.coefficient * (T - p.ambient)


class Radiation(HeatCondition):
    """q·n = ε σ_SB (T⁴ − T_ambient⁴) [W/m²]: grey surface to ambient."""

    type: Literal["radiation"]
    emissivity: units.Fraction
    ambient: units.Temperature

    @property
    def fixes_level(self) -> bool:
        """Not where the emissivity is zero."""
        return bool(self.emissivity > 0)

    def outward_heat_flux(self, p: Parameters, T: Expr, peltier: Expr) -> Expr:  # noqa: ARG002
        """q·n [W/m²]."""
        return p.emissivity * STEFAN_BOLTZMANN * (T**4 - p.ambient**4)


class ConductiveInsulation(HeatCondition):
    """−κ∇T·n = 0: the other reading of 'insulated', in which the Peltier heat S T J·n leaves with the current."""

    type: Literal["conductive_insulation"]

    @property
    def fixes_level(self) -> bool:
        """The heat that leaves depends on the current."""
        return False

    def outward_heat_flux(self, p: Parameters, T: Expr, peltier: Expr) -> Expr:  # noqa: ARG002
        """q·n = S T J·n [W/m²]."""
        return peltier
