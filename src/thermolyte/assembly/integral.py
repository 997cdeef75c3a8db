"""The integrals of a compiled form over facets, with the places of the entries of every element."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from dolfinx import fem
from dolfinx.fem import IntegralType
from numpy.typing import NDArray

from thermolyte.assembly.loop import Elements, Floats, Places, add_elements
from thermolyte.assembly.pattern import Block, FieldPattern
from thermolyte.problem import Problem

SIDES = {IntegralType.exterior_facet: 1, IntegralType.interior_facet: 2}  # cells of a facet


class Integral(NamedTuple):
    """One integral over facets of `cells`, shape (facets, sides); `key` names its packed coefficients."""

    key: tuple[IntegralType, int]
    kernel: int
    cells: NDArray[np.int32]
    elements: Elements
    x: Floats


class Placed(NamedTuple):
    """An integral and the places of the entries of its elements."""

    integral: Integral
    places: Places


def assemble(form: fem.Form, placed: list[Placed], values: Floats) -> None:
    """Add all integrals of a form over facets, at the present state, to the values of a matrix."""
    constants, coefficients = fem.pack_constants(form), fem.pack_coefficients(form)
    for (key, kernel, _, elements, x), places in placed:
        add_elements(kernel, elements, x, coefficients[key], constants, places, values)


def placed_in_matrix(
    problem: Problem, form: fem.Form, row: Block, column: Block, pattern: FieldPattern
) -> list[Placed]:
    """The integrals of ∂F_i/∂u_j, i = `row`, j = `column`, with the places of the entries in the values of a matrix."""

    def places(cells: NDArray[np.int32]) -> Places:
        return pattern.places_of(row, _dofs(problem, row.number, cells), column, _dofs(problem, column.number, cells))

    return [Placed(i, places(i.cells)) for i in _integrals(problem, form)]


def _integrals(problem: Problem, form: fem.Form) -> list[Integral]:
    kinds = [kind for kind in form.integral_types if kind in SIDES]
    return [_integral(problem, form, kind, k) for kind in kinds for k in range(form.num_integrals(kind, 0))]


def _integral(problem: Problem, form: fem.Form, kind: IntegralType, k: int) -> Integral:
    compiled = form.ufcx_form
    integral = compiled.form_integrals[compiled.form_integral_offsets[kind.value] + k]
    kernel = int(form.module.ffi.cast("uintptr_t", integral.tabulate_tensor_float64))
    domain, geometry = form._cpp_object.domains(kind, k), problem.mesh.domain.geometry
    pairs = domain.reshape(-1, SIDES[kind], 2)
    cells = np.ascontiguousarray(pairs[:, :, 0])
    nodes = np.ascontiguousarray(_flat(geometry.dofmaps[0][cells]))
    elements = Elements(nodes, np.ascontiguousarray(pairs[:, :, 1]), _permutations(problem, form, pairs))
    return Integral((kind, k), kernel, cells, elements, geometry.x)


def _dofs(problem: Problem, block: int, cells: NDArray[np.int32]) -> NDArray[np.int32]:
    """Dofs of a block on all cells of each element, one after the other; -1 where it does not live in a cell."""
    own = problem.blocks.cells_on(block, cells.ravel()).reshape(cells.shape)
    dofs = problem.spaces[block].dofmap.list[np.maximum(own, 0)]
    return _flat(np.where(own[:, :, None] >= 0, dofs, -1).astype(np.int32))


def _flat(of_cells: NDArray[np.int32]) -> NDArray[np.int32]:
    """What belongs to the cells of an element, one after the other."""
    return of_cells.reshape(len(of_cells), of_cells.shape[1] * of_cells.shape[2])


def _permutations(problem: Problem, form: fem.Form, pairs: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Permutation of each facet as its cells see it; zero where the kernels do not ask."""
    if not (form._cpp_object.needs_facet_permutations and pairs.size):
        return np.zeros(pairs.shape[:2], np.uint8)
    topology = problem.mesh.domain.topology
    topology.create_entity_permutations()
    facets = problem.mesh.facets_of_a_cell
    found = topology.get_facet_permutations().reshape(-1, facets)
    return np.ascontiguousarray(found[pairs[:, :, 0], pairs[:, :, 1]])
