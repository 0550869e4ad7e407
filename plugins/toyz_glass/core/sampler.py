"""Uniform draws from a polytope by several chains, in as few flights as they need to agree."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from toyz_glass.core.chains import Convergence, convergence
from toyz_glass.core.polytope import Reduced
from toyz_glass.core.rounding import Body, dikin, rounder
from toyz_glass.core.walk import walk

Array = NDArray[np.float64]
Report = Callable[[float, Array | None], None]
"""Told how far it is, from 0 to 1, and once the unknowns of a first few; stops it by raising an error."""
CHAINS = 4
AGREED = 1.05
"""R̂ at most."""
WORTH = 0.4
"""Of the points wanted, how many independent ones they must be worth."""
PREVIEW = 50
_FLIGHT = 7.0
"""Mean length of a flight, by the square root of the dimension; the pilots' are shorter."""
_PILOT = 3.0
_PILOTS = 3
"""Points of the pilot walks for each dimension."""
_FEWEST_PILOTS = 400
_LONGEST = 16
"""How many times the points wanted are walked, at most, for chains that do not agree."""
_PARTS = 8
"""Into how many parts a walk is divided, after each of which it can be stopped."""
_MOST_REFLECTIONS = 100
"""Of one flight for each dimension."""


@dataclass(frozen=True)
class Draws:
    """What was drawn.

    Parameters
    ----------
    unknowns : array, (chains, points, unknowns)
    convergence : Convergence
        Of the whole walks, of which the points may be every second, fourth, …; no more independent points than
        there are points.
    """

    unknowns: Array
    convergence: Convergence


def draw(
    polytope: Reduced,
    count: int,
    seed: int = 0,
    *,
    chains: int = CHAINS,
    threads: int | None = None,
    report: Report | None = None,
) -> Draws:
    """Draw uniformly.

    Parameters
    ----------
    polytope : Reduced
    count : int
        Points wanted of all chains together; rounded up to the same number of each.
    seed : int
        The same gives the same points, on however many threads.
    chains : int
        From 4.
    threads : int, optional
        By default one for each processor that this process may use.
    report : callable, optional
        See `Report`.
    """
    each = -(-count // chains)
    if polytope.basis.shape[1] == 0:
        only = np.broadcast_to(polytope.origin, (chains, each, len(polytope.origin))).copy()
        return Draws(only, convergence(only))
    tell = report or (lambda fraction, points: None)
    with _walker(chains, threads, seed) as walker:
        return _draw(polytope, each, walker, tell)


def _draw(polytope: Reduced, each: int, walker: "_Walker", tell: Report) -> Draws:
    body = dikin(polytope)
    free = body.scale.shape[0]
    pilots = max(_PILOTS * free, _FEWEST_PILOTS) // walker.chains
    walker.spread(body)
    tell(0.1, None)
    drawn = walker.walk(body, pilots, _PILOT, lambda part: tell(0.1 + 0.15 * part, None))
    settled = drawn[:, pilots // 5 :]
    step = rounder(polytope, body, settled)
    first = polytope.unknowns(body.free(settled.reshape(-1, free)))
    tell(0.3, first[:: max(len(first) // PREVIEW, 1)][:PREVIEW])
    body, walker.points = step.body, step.points
    points = walker.walk(body, each, _FLIGHT, lambda part: tell(0.3 + 0.6 * part, None))
    while True:
        unknowns = polytope.unknowns(body.free(points))
        found = convergence(unknowns)
        times = points.shape[1] // each
        enough = not found.worst_rhat > AGREED and not found.worst_ess < WORTH * each * walker.chains
        if enough or times >= _LONGEST:
            break
        tell(0.9, None)
        more = walker.walk(body, points.shape[1], _FLIGHT, lambda _: tell(0.9, None))
        points = np.concatenate([points, more], axis=1)
    tell(1.0, None)
    kept = unknowns[:, times - 1 :: times]
    return Draws(kept, Convergence(found.rhat, np.minimum(found.ess, each * walker.chains)))


class _Walker:
    """Where the chains are, and what moves them.

    Parameters
    ----------
    chains : int
    pool : ThreadPoolExecutor
    seed : int
    """

    def __init__(self, chains: int, pool: ThreadPoolExecutor, seed: int) -> None:
        self.chains = chains
        self.points = np.zeros((chains, 0))
        self._pool = pool
        # One for each chain, so that it does not matter which thread moves it.
        self._rngs = [np.random.default_rng(each) for each in np.random.SeedSequence(seed).spawn(chains)]

    def spread(self, body: Body) -> None:
        """Put the chains far apart: each near a face, in a direction of its own."""
        directions = np.array([rng.standard_normal(body.scale.shape[0]) for rng in self._rngs])
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        closing = np.maximum(-(directions @ body.normals.T) / body.offsets, 1e-12)
        self.points = 0.9 * directions / closing.max(axis=1, keepdims=True)

    def walk(self, body: Body, count: int, flight: float, went: Callable[[float], None]) -> Array:
        """Move every chain on by so many points, (chains, count, free)."""
        free = self.points.shape[1]
        drawn = np.empty((self.chains, count, free))
        ends = np.unique(np.linspace(0, count, _PARTS + 1).astype(int))
        tau = flight * np.sqrt(free)
        most = _MOST_REFLECTIONS * max(free, 10)

        def move(chain: int, size: int) -> Array:
            start = np.ascontiguousarray(self.points[chain])
            points, _ = walk(body.normals, body.gram, body.offsets, start, size, tau, most, self._rngs[chain])
            return points

        for begin, end in pairwise(ends):
            sizes = [int(end - begin)] * self.chains
            for chain, points in enumerate(self._pool.map(move, range(self.chains), sizes)):
                drawn[chain, begin:end] = points
            self.points = drawn[:, end - 1].copy()
            went(float(end) / count)
        return drawn


@contextmanager
def _walker(chains: int, threads: int | None, seed: int) -> Iterator[_Walker]:
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with ThreadPoolExecutor(threads or min(available, chains)) as pool:
        yield _Walker(chains, pool, seed)
