"""Internal variables: what a material remembers at each integration point, such as plastic strain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem, la
from numpy.typing import NDArray
from ufl.core.expr import Expr

from thermolyte import compilation

if TYPE_CHECKING:
    from thermolyte.problem import Problem


class Memory:
    """The internal variables of all regions, as functions on the integration points of the whole mesh."""

    def __init__(self, problem: Problem):
        self._problem = problem
        self._functions: dict[str, dict[str, fem.Function]] = {}
        self._initial: dict[str, dict[str, NDArray[np.float64]]] = {}
        for r, medium in problem.media.items():
            for equation in problem.equations:
                wanted = equation.memory(medium, problem.setup.physics) if hasattr(equation, "memory") else {}
                for name, initial in wanted.items():
                    self._initial.setdefault(r, {})[name] = np.asarray(initial, dtype=float)
                    self._functions.setdefault(r, {})[name] = fem.Function(self._space(np.shape(initial)), name=name)
        self._forms: list[tuple[fem.Function, Any, NDArray[np.float64]]] | None = None
        self.reset()

    def __iter__(self) -> Iterator[fem.Function]:
        return (f for functions in self._functions.values() for f in functions.values())

    def __bool__(self) -> bool:
        return bool(self._functions)

    def _space(self, shape: tuple[int, ...]) -> fem.FunctionSpace:
        p = self._problem
        cell = p.mesh.domain.basix_cell()
        element = basix.ufl.quadrature_element(cell, value_shape=shape, degree=p.quadrature_degree)
        return fem.functionspace(p.mesh.domain, element)

    def of(self, region: str) -> dict[str, Expr]:
        """The variables of a region at the end of the last step."""
        return dict(self._functions.get(region, {}))

    def reset(self) -> None:
        """As in the virgin material."""
        for r, functions in self._functions.items():
            for name, function in functions.items():
                initial = self._initial[r][name].ravel()
                function.x.array.reshape(-1, initial.size)[:] = initial

    def accept(self) -> None:
        """Take over the values at the end of the step that was just solved.

        ∫ w q dx / ∫ q dx with the element of the integration points as test gives the value w at each of them.
        """
        self._forms = self._forms or self._compile()
        found = [(f, _assembled(form) / weight) for f, form, weight in self._forms]
        for function, values in found:
            own = _inside(values, function)
            function.x.array[own] = values[own]
            function.x.scatter_forward()

    def _compile(self) -> list[tuple[fem.Function, Any, NDArray[np.float64]]]:
        p, out = self._problem, []
        for r, functions in self._functions.items():
            here, dx = p.local(r), p.mesh.dx(r, quadrature_degree=p.quadrature_degree)
            new: dict[str, Expr] = {}
            for equation in p.equations:
                new |= equation.updated(here) if hasattr(equation, "updated") else {}
            for name, function in functions.items():
                test = ufl.TestFunction(function.function_space)
                one = fem.Constant(p.mesh.domain, np.ones(self._initial[r][name].shape))
                weight = _assembled(compilation.form(ufl.inner(one, test) * dx))
                form = compilation.form(ufl.inner(new[name], test) * dx, p.entity_maps)
                out.append((function, form, np.where(weight == 0, np.nan, weight)))
        return out


def _inside(values: NDArray[np.float64], function: fem.Function) -> NDArray[np.bool_]:
    """Entries of this rank that lie in the region of the variable."""
    dofs = function.function_space.dofmap
    return np.asarray(np.isfinite(values) & (np.arange(len(values)) < dofs.index_map.size_local * dofs.index_map_bs))


def _assembled(form: Any) -> NDArray[np.float64]:
    b = fem.assemble_vector(form)
    b.scatter_reverse(la.InsertMode.add)
    values: NDArray[np.float64] = b.array.copy()
    return values
