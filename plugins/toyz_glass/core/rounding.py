"""Coordinates in which a polytope is about as wide in every direction, so that a walk crosses it in a few flights.

The first are those of the Dikin ellipsoid at the analytic centre, where the product of the distances from all faces is
largest. Short walks then tell in which directions the polytope is much wider or narrower. The covariance of fewer
points than some times the dimension has spread-out eigenvalues even of a ball; what noise makes of equal ones
(Marchenko & Pastur) is therefore left alone, and only eigenvalues beyond that are believed, less their own bias
(Donoho, Gavish & Johnstone 2018, Annals of Statistics 46, 1742).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toyz_glass.core.polytope import Reduced

Array = NDArray[np.float64]
_STEPS = 200
_CENTRED = 1e-6
"""Newton's decrement at which the centre is found."""


@dataclass(frozen=True)
class Body:
    """A polytope in round coordinates: ``free = centre + scale @ round``.

    Parameters
    ----------
    normals : array, (rows, free)
        Of length 1; ``normals @ round + offsets ≥ 0`` inside.
    offsets : array, (rows,)
    gram : array, (rows, rows)
        ``normals @ normals.T``.
    centre : array, (free,)
    scale : array, (free, free)
    """

    normals: Array
    offsets: Array
    gram: Array
    centre: Array
    scale: Array

    def free(self, points: Array) -> Array:
        """Take points, (..., free), out of the round coordinates."""
        found: Array = self.centre + points @ self.scale.T
        return found


def body_in(polytope: Reduced, centre: Array, scale: Array) -> Body:
    """Give a polytope in other coordinates."""
    normals = polytope.normals @ scale
    lengths = np.linalg.norm(normals, axis=1)
    normals /= lengths[:, None]
    offsets = (polytope.offsets + polytope.normals @ centre) / lengths
    return Body(np.ascontiguousarray(normals), offsets, normals @ normals.T, centre, scale)


def dikin(polytope: Reduced) -> Body:
    """Give a polytope in the coordinates of the Dikin ellipsoid at its analytic centre, found by Newton's method."""
    y = np.zeros(polytope.normals.shape[1])
    for _ in range(_STEPS):
        scaled = polytope.normals / (polytope.normals @ y + polytope.offsets)[:, None]
        factor = np.linalg.cholesky(scaled.T @ scaled)
        half = np.linalg.solve(factor, scaled.sum(axis=0))
        decrement = float(np.sqrt(half @ half))
        y = y + np.linalg.solve(factor.T, half) / (1.0 if decrement < 0.25 else 1 + decrement)
        if decrement < _CENTRED:
            break
    scale = np.linalg.inv(factor.T)
    return body_in(polytope, y, scale)


@dataclass(frozen=True)
class Step:
    """What a round has found.

    Parameters
    ----------
    body : Body
        In the new coordinates.
    points : array, (chains, free)
        Where the chains are in them.
    uneven : float
        Standard deviation in the widest direction over that in the narrowest, of those that are believed.
    """

    body: Body
    points: Array
    uneven: float


def rounder(polytope: Reduced, body: Body, draws: Array) -> Step:
    """Give coordinates in which what the draws have shown is as wide in every direction.

    Parameters
    ----------
    polytope : Reduced
    body : Body
        In whose coordinates the draws are.
    draws : array, (chains, points, free)
    """
    flat = draws.reshape(-1, draws.shape[-1])
    mean = flat.mean(axis=0)
    values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(flat.T)))
    widths = np.sqrt(_believed(values, len(flat)))
    centre = body.free(mean)
    scale = body.scale @ (vectors * widths)
    points = (draws[:, -1] - mean) @ vectors / widths
    return Step(body_in(polytope, centre, scale), points, float(widths.max() / widths.min()))


def _believed(values: Array, points: int) -> Array:
    """Give what eigenvalues of a covariance are worth: those that noise explains are all the same."""
    gamma = min(len(values) / points, 0.95)
    low, high = (1 - np.sqrt(gamma)) ** 2, (1 + np.sqrt(gamma)) ** 2
    common = np.median(values)
    ratio = values / common
    outside = ratio > high
    believed = np.ones(len(values))
    shifted = ratio[outside] + 1 - gamma
    believed[outside] = (shifted + np.sqrt(shifted**2 - 4 * ratio[outside])) / 2
    narrow = ratio < low
    believed[narrow] = ratio[narrow] / low
    return believed * common
