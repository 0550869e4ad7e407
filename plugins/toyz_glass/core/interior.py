"""A point well inside a polytope, found by linear programming (HiGHS); or what keeps the polytope empty."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from toyz_glass.core.affine import Affine, joined
from toyz_glass.core.conflict import FAR, find_conflict
from toyz_glass.core.polytope import Problem, Reduced, null_space, reduce

Array = NDArray[np.float64]
_FLAT = 1e-9
"""How far inside a point must be that is inside at all."""
_WIDE = 1.0
"""How far inside is enough: a polytope without end has no farthest point."""


@dataclass(frozen=True)
class _Found:
    point: Array
    depth: float


def inside_of(problem: Problem) -> Reduced:
    """Reduce the polytope of a problem about a point inside it.

    Raises
    ------
    Infeasible
        If there is none, with what is in conflict.
    """
    equal, at_least = problem.rows(equal=True), problem.rows(equal=False)
    found = _deepest(equal, at_least)
    if found is None:
        raise find_conflict(problem)
    if found.depth < _FLAT:
        # Some inequalities can only be fulfilled as equations; in what these leave free there is room.
        fixed = _always_zero(equal, at_least)
        equal = joined(equal, at_least[fixed])
        at_least = at_least[~fixed]
        found = _deepest(equal, at_least)
        if found is None:
            raise find_conflict(problem)
    return reduce(equal, at_least, found.point)


def _deepest(equal: Affine, at_least: Affine) -> _Found | None:
    """Give the point farthest from its nearest face, in the space that the equations leave; None if there is none."""
    basis = null_space(equal.coefficients)
    lengths = np.linalg.norm(at_least.coefficients @ basis, axis=1)
    size = equal.coefficients.shape[1]
    answer = linprog(
        np.append(np.zeros(size), -1.0),
        A_ub=sparse.csc_array(np.column_stack([-at_least.coefficients, lengths])),
        b_ub=at_least.constants,
        A_eq=sparse.csc_array(np.column_stack([equal.coefficients, np.zeros(len(equal.constants))])),
        b_eq=-equal.constants,
        bounds=[(-FAR, FAR)] * size + [(0.0, _WIDE)],
        method="highs-ipm",
    )
    return _Found(answer.x[:-1], float(answer.x[-1])) if answer.status == 0 else None


def _always_zero(equal: Affine, at_least: Affine) -> NDArray[np.bool_]:
    """Find the inequalities that no point fulfils with anything to spare; one point does so with all others."""
    rows, size = at_least.coefficients.shape
    lengths = np.linalg.norm(at_least.coefficients, axis=1)
    answer = linprog(
        np.append(np.zeros(size), -np.ones(rows)),
        A_ub=sparse.hstack([sparse.csc_array(-at_least.coefficients), sparse.diags_array(lengths)]),
        b_ub=at_least.constants,
        A_eq=sparse.csc_array(np.column_stack([equal.coefficients, np.zeros((len(equal.constants), rows))])),
        b_eq=-equal.constants,
        bounds=[(-FAR, FAR)] * size + [(0.0, 1e-3)] * rows,
        method="highs",
    )
    fixed: NDArray[np.bool_] = answer.x[size:] < _FLAT
    return fixed
