"""The billiard walk: uniform points of a polytope, by flights that are reflected where they meet its faces.

From a point a flight starts in a random direction; its length is exponentially distributed. Where it meets a face it
is mirrored, and where it ends is the next point (Gryazina & Polyak 2014, EJOR 238, 497). A flight with more
reflections than a limit is given up, and the point is counted again, which keeps the walk reversible.
"""

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_RENEWED = 25
"""Points after which the distances from the faces are computed anew: each reflection adds its rounding to them."""
_SHY = 1 - 1e-9
"""Of the way to a face, how far a flight goes: it stays inside."""
_kernel = numba.njit(nogil=True, cache=True, fastmath=True, error_model="numpy")


@_kernel
def _along(normals: Array, v: Array, out: Array) -> None:
    """Set ``out`` to ``normals @ v``: by no library, which would start threads of its own for each chain."""
    for i in range(len(out)):
        total = 0.0
        for j in range(len(v)):
            total += normals[i, j] * v[j]
        out[i] = total


@_kernel
def _turn_anywhere(v: Array, rng: np.random.Generator) -> None:
    """Give a flight a direction, all of them equally likely."""
    square = 0.0
    for j in range(len(v)):
        v[j] = rng.standard_normal()
        square += v[j] * v[j]
    v /= np.sqrt(square)


@_kernel
def _soonest(towards: Array, slacks: Array) -> float:
    """Give the rate, 1 over the length, at which the first face is met."""
    rate = 0.0
    for i in range(len(slacks)):
        rate = max(rate, towards[i] / slacks[i])
    return rate


@_kernel
def _face_met_at(rate: float, towards: Array, slacks: Array) -> int:
    for i in range(len(slacks)):
        if towards[i] >= rate * _SHY * slacks[i]:
            return i
    return 0


@_kernel
def _fly(
    normals: Array, gram: Array, slacks: Array, towards: Array, x: Array, v: Array, length: float, most: int
) -> tuple[int, bool]:
    """Fly so far; tell how many reflections it took, and whether it ended before there were too many."""
    for reflections in range(most):
        rate = _soonest(towards, slacks)
        if rate * length < 1.0:
            for i in range(len(slacks)):
                slacks[i] -= length * towards[i]
            for j in range(len(x)):
                x[j] += length * v[j]
            return reflections, True
        face = _face_met_at(rate, towards, slacks)
        step = _SHY / rate
        twice = 2 * towards[face]
        for j in range(len(x)):
            x[j] += step * v[j]
            v[j] += twice * normals[face, j]
        for i in range(len(slacks)):
            slacks[i] -= step * towards[i]
            towards[i] -= twice * gram[face, i]
        length -= step
    return most, False


@_kernel
def _flights(
    normals: Array, gram: Array, offsets: Array, x: Array, tau: float, most: int, rng: np.random.Generator, out: Array
) -> int:
    """Fly for each row of `out` from `x`, where it is left at the end; tell how many flights were given up."""
    v = np.empty(len(x))
    towards = np.empty(len(offsets))
    slacks = np.empty(len(offsets))
    _along(normals, x, slacks)
    slacks += offsets
    given_up = 0
    for k in range(len(out)):
        _turn_anywhere(v, rng)
        _along(normals, v, towards)
        towards *= -1.0
        slacks_before, x_before = slacks.copy(), x.copy()
        _, arrived = _fly(normals, gram, slacks, towards, x, v, -tau * np.log(1.0 - rng.random()), most)
        if not arrived:
            given_up += 1
            slacks[:] = slacks_before
            x[:] = x_before
        out[k] = x
    return given_up


def walk(
    normals: Array,
    gram: Array,
    offsets: Array,
    start: Array,
    count: int,
    tau: float,
    most: int,
    rng: np.random.Generator,
) -> tuple[Array, int]:
    """Walk through ``normals @ x + offsets ≥ 0``.

    Parameters
    ----------
    normals : array, (rows, free)
        Of length 1.
    gram : array, (rows, rows)
        ``normals @ normals.T``.
    offsets : array, (rows,)
    start : array, (free,)
        Inside.
    count : int
        Points wanted.
    tau : float
        Mean length of a flight.
    most : int
        Reflections of one flight before it is given up.
    rng : numpy.random.Generator

    Returns
    -------
    points : array, (count, free)
    given_up : int
        Flights with too many reflections.
    """
    out = np.empty((count, len(start)))
    x = start.copy()
    given_up = 0
    for begin in range(0, count, _RENEWED):
        given_up += _flights(normals, gram, offsets, x, tau, most, rng, out[begin : begin + _RENEWED])
    return out, given_up


def warm() -> None:
    """Compile the walk, or load what was compiled before, by walking in a square."""
    normals = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    walk(normals, normals @ normals.T, np.ones(4), np.zeros(2), 1, 1.0, 10, np.random.default_rng(0))
