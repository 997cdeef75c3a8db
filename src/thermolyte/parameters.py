"""The numbers of a condition as `fem.Constant`, so that a sweep that changes them recompiles nothing."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from dolfinx import fem
from dolfinx import mesh as dmesh
from pydantic import BaseModel
from ufl.core.expr import Expr


def is_live(value: object) -> bool:
    """Whether a value of a case can change between two solves without building the problem anew."""
    return isinstance(value, float)


class Parameters:
    """The float fields of a pydantic model as attributes that stand in forms; laws of T become UFL through `at`."""

    def __init__(self, model: BaseModel, domain: dmesh.Mesh, only: Collection[str] | None = None):
        self._model = model
        chosen = {n: v for n, v in model if is_live(v) and (only is None or n in only)}
        self._constants = {name: fem.Constant(domain, value) for name, value in chosen.items()}

    @property
    def constants(self) -> list[fem.Constant]:
        """All constants, in the order of the model's fields."""
        return list(self._constants.values())

    def __getattr__(self, name: str) -> Any:
        try:
            return self._constants[name]
        except KeyError:
            raise AttributeError(name) from None

    def at(self, name: str, T: Expr) -> Expr | None:
        """The parameter at temperature T: its constant, its law of T, or None when the user left it out."""
        value = getattr(self._model, name)
        return self._constants[name] if is_live(value) else None if value is None else value.ufl(T)

    def assign(self, model: BaseModel) -> None:
        """Take over the numbers of a model of the same structure."""
        for name, constant in self._constants.items():
            constant.value = getattr(model, name)
