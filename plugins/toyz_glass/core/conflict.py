"""Why there is no mass map: a smallest set of conditions that cannot hold together, and the least that heals them.

The set is found by leaving conditions out, one after the other: what can be left out without the rest becoming
possible is no part of it (a deletion filter; Chinneck 2008, Feasibility and Infeasibility in Optimization, 6.2).
The relaxation is the solution of an elastic program: every sum of a condition may miss by that condition's slack, and
the sum of all slacks, each in units of its condition's size, is as small as can be.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from toyz_glass.core.condition import Condition
from toyz_glass.core.errors import Infeasible
from toyz_glass.core.polytope import Problem

Array = NDArray[np.float64]
FAR = 1e4
"""No unknown is larger: what could only be far beyond is not possible."""
_NOTHING = 1e-6
"""Of a slack: the solver itself is no more exact."""


def find_conflict(problem: Problem) -> Infeasible:
    """Say what of a problem cannot be, and what would heal it."""
    slacks = _elastic(problem.conditions, problem.size)
    missed = [number for number, slack in enumerate(slacks) if slack > _NOTHING]
    relaxations = tuple(_healed(problem.conditions[number], slacks[number]) for number in missed)
    return Infeasible(tuple(dict.fromkeys(each.about for each in _smallest(problem))), relaxations)


def _healed(condition: Condition, slack: float) -> str:
    by = slack * _size(condition) * condition.factor
    return f"“{condition.about}” may be missed by {by:.3g}{' ' + condition.unit if condition.unit else ''}"


def _size(condition: Condition) -> float:
    """Give the length of a condition's longest row, by which its slack is measured."""
    return float(np.linalg.norm(condition.sums.coefficients, axis=1).max())


def _smallest(problem: Problem) -> list[Condition]:
    """Leave out what the conflict does not need."""
    kept = list(problem.conditions)
    # Large blocks first: most of the conditions have no part in it, and each trial is a linear program.
    for block in _halves(len(kept)):
        tried = [condition for number, condition in enumerate(problem.conditions) if number not in block]
        tried = [condition for condition in tried if any(condition is each for each in kept)]
        if len(tried) < len(kept) and not _possible(tried, problem.size):
            kept = tried
    return kept


def _halves(count: int) -> list[set[int]]:
    """Give ever smaller blocks of numbers, down to single ones."""
    blocks: list[set[int]] = []
    size = max(count // 2, 1)
    while True:
        blocks += [set(range(begin, min(begin + size, count))) for begin in range(0, count, size)]
        if size == 1:
            return blocks
        size = max(size // 2, 1)


def _possible(conditions: Sequence[Condition], size: int) -> bool:
    return not conditions or bool(np.all(_elastic(conditions, size) <= _NOTHING))


def _elastic(conditions: Sequence[Condition], size: int) -> Array:
    """Give by how much each condition has to be missed, in units of its size, if all together miss the least."""
    above, limits = [], []
    for number, condition in enumerate(conditions):
        rows = condition.sums
        slack = np.zeros((len(rows.constants), len(conditions)))
        slack[:, number] = _size(condition)
        signs = (1, -1) if condition.equal else (1,)
        for sign in signs:
            above.append(sparse.csc_array(np.column_stack([-sign * rows.coefficients, -slack])))
            limits.append(sign * rows.constants)
    answer = linprog(
        np.append(np.zeros(size), np.ones(len(conditions))),
        A_ub=sparse.vstack(above, format="csc"),
        b_ub=np.concatenate(limits),
        bounds=[(-FAR, FAR)] * size + [(0.0, None)] * len(conditions),
        method="highs",
    )
    return np.asarray(answer.x[size:], float)
