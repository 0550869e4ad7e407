"""From lenses to an ensemble of models."""

import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from toyz_glass.core.chains import Convergence, convergence
from toyz_glass.core.ensemble import Array, Ensemble
from toyz_glass.core.errors import BadInput
from toyz_glass.core.interior import inside_of
from toyz_glass.core.lens import LensSystem
from toyz_glass.core.one_thread import one_thread
from toyz_glass.core.polytope import problem_of
from toyz_glass.core.sampler import draw

Progress = Callable[[float, Ensemble | None], None]
"""Told how far it is, from 0 to 1, and once a preview of a few models; it cancels by raising `Cancelled`."""
MOST = 20_000
"""Models at once."""


@one_thread
def sample(
    lenses: LensSystem | Sequence[LensSystem],
    n: int = 200,
    seed: int = 0,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Ensemble:
    """Draw models of one lens, or of several that share H0, uniformly among all that do what is asked.

    Parameters
    ----------
    lenses : LensSystem or sequence of LensSystem
    n : int
        Models wanted.
    seed : int
        The same gives the same models.
    threads : int, optional
        By default one for each processor.
    progress : callable, optional
        See `Progress`.

    Raises
    ------
    Infeasible
        If there are no such models, with what is in conflict.
    BadInput, Cancelled
    """
    began = time.perf_counter()
    together = (lenses,) if isinstance(lenses, LensSystem) else tuple(lenses)
    if not together:
        raise BadInput("there is no lens", "lenses")
    if not 1 <= n <= MOST:
        raise BadInput(f"it is {n}; it is from 1 to {MOST} models", "n")
    tell = progress or (lambda fraction, preview: None)

    def made(points: Array, chain: NDArray[np.intp], found: Convergence) -> Ensemble:
        weights = np.full(len(points), 1 / len(points))
        return Ensemble(together, points, chain, found, weights, seed, time.perf_counter() - began)

    def report(fraction: float, points: Array | None) -> None:
        preview = None if points is None else made(points, np.zeros(len(points), np.intp), convergence(points[None]))
        tell(fraction, preview)

    tell(0.0, None)
    drawn = draw(inside_of(problem_of(together)), n, seed, threads=threads, report=report)
    chains, each, size = drawn.unknowns.shape
    # In turn, so that the first n are of all chains alike.
    unknowns = drawn.unknowns.transpose(1, 0, 2).reshape(-1, size)[:n]
    chain = np.tile(np.arange(chains), each)[:n]
    return made(unknowns, chain, drawn.convergence)
