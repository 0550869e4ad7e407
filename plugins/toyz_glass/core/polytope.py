"""All that is asked of the unknowns of one or several lenses: linear equations and inequalities."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toyz_glass.core.affine import Affine, joined
from toyz_glass.core.bounds import Bounds
from toyz_glass.core.condition import Condition
from toyz_glass.core.forms import Forms, layouts
from toyz_glass.core.lens import LensSystem

Array = NDArray[np.float64]
_NEGLIGIBLE = 1e-9
"""Of a row's length, what is left of it where the equations hold: it says nothing there."""


@dataclass(frozen=True)
class Problem:
    """Lenses with their unknowns, and all conditions on them.

    Parameters
    ----------
    forms : list of Forms
        Of each lens.
    conditions : list of Condition
    """

    forms: list[Forms]
    conditions: list[Condition]

    @property
    def size(self) -> int:
        """How many unknowns there are."""
        return self.forms[0].layout.size

    def rows(self, *, equal: bool) -> Affine:
        """Give all sums that are 0, or all that are at least 0."""
        chosen = [condition.sums for condition in self.conditions if condition.equal is equal]
        if not chosen:
            return Affine(np.zeros((0, self.size)), np.zeros(0))
        return joined(*chosen)


def problem_of(lenses: Sequence[LensSystem]) -> Problem:
    """Collect what is asked of lenses that share H0."""
    forms = [Forms(lens, layout) for lens, layout in zip(lenses, layouts(lenses), strict=True)]
    conditions = [
        condition
        for each in forms
        for constraint in (Bounds(), *each.lens.constraints)
        for condition in constraint.conditions(each)
        if condition.sums.shape[0]
    ]
    return Problem(forms, conditions)


@dataclass(frozen=True)
class Reduced:
    """The polytope in the coordinates that the equations leave free: ``unknowns = origin + basis @ free``.

    Parameters
    ----------
    origin : array, (unknowns,)
        Solves the equations.
    basis : array, (unknowns, free)
        Orthonormal.
    normals : array, (rows, free)
        Of length 1; ``normals @ free + offsets ≥ 0`` inside.
    offsets : array, (rows,)
    """

    origin: Array
    basis: Array
    normals: Array
    offsets: Array

    def unknowns(self, free: Array) -> Array:
        """Give the unknowns, (..., unknowns), of free coordinates, (..., free)."""
        found: Array = self.origin + free @ self.basis.T
        return found


def reduce(equal: Affine, at_least: Affine, origin: Array) -> Reduced:
    """Leave out of a polytope what its equations fix.

    Parameters
    ----------
    equal, at_least : Affine, (rows,)
    origin : array, (unknowns,)
        Solves the equations, and fulfils all inequalities.
    """
    basis = null_space(equal.coefficients)
    normals = at_least.coefficients @ basis
    offsets = at_least.at(origin)
    lengths = np.linalg.norm(normals, axis=1)
    speaks = lengths > _NEGLIGIBLE * np.linalg.norm(at_least.coefficients, axis=1)
    normals, offsets = normals[speaks] / lengths[speaks, None], offsets[speaks] / lengths[speaks]
    # Symmetric maps have most rows twice.
    _, once = np.unique(np.round(np.column_stack([normals, offsets]), 10), axis=0, return_index=True)
    once.sort()
    return Reduced(origin, basis, np.ascontiguousarray(normals[once]), offsets[once])


def null_space(rows: Array) -> Array:
    """Give an orthonormal basis of what a matrix takes to 0, (columns, free), by singular values."""
    if not len(rows):
        return np.eye(rows.shape[1])
    scaled = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    _, values, right = np.linalg.svd(scaled)
    rank = int(np.sum(values > 1e-10 * values[0]))
    return np.ascontiguousarray(right[rank:].T)
