"""Whether several chains have seen the same, and how many independent points they are worth.

Both figures are those of Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021, Bayesian Analysis 16, 667: R̂ over
split chains of rank-normalised values, the larger of that and of the one of folded values; the bulk effective sample
size, by Geyer's initial monotone sequence. All unknowns are worked through at once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft, special, stats

Array = NDArray[np.float64]
FEWEST = 8
"""Points of a chain, at least: there is nothing to be said of fewer."""


@dataclass(frozen=True)
class Convergence:
    """How well chains agree.

    Parameters
    ----------
    rhat, ess : array, (unknowns,)
        Of each unknown; NaN of one that is the same everywhere.
    """

    rhat: Array
    ess: Array

    @property
    def worst_rhat(self) -> float:
        """Over all unknowns; NaN if none changes."""
        return float(np.nanmax(self.rhat, initial=-np.inf)) if np.isfinite(self.rhat).any() else float("nan")

    @property
    def worst_ess(self) -> float:
        """Over all unknowns; NaN if none changes."""
        return float(np.nanmin(self.ess, initial=np.inf)) if np.isfinite(self.ess).any() else float("nan")


def convergence(draws: Array) -> Convergence:
    """Find out how well chains agree.

    Parameters
    ----------
    draws : array, (chains, points, unknowns)
    """
    _, points, unknowns = draws.shape
    rhat, ess = np.full((2, unknowns), np.nan)
    values = draws.reshape(-1, unknowns)
    spread = values.max(axis=0) - values.min(axis=0)
    changes = spread > 1e-9 * np.maximum(np.abs(values).max(axis=0), 1e-12)
    if points < FEWEST or not changes.any():
        return Convergence(rhat, ess)
    halves = _split(draws[..., changes])
    ranked = _rank_normalised(halves)
    middle = np.median(halves.reshape(-1, halves.shape[-1]), axis=0)
    folded = _rank_normalised(np.abs(halves - middle))
    rhat[changes] = np.maximum(_rhat(ranked), _rhat(folded))
    ess[changes] = _ess(ranked)
    return Convergence(rhat, ess)


def _split(draws: Array) -> Array:
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]])


def _rank_normalised(draws: Array) -> Array:
    """Give what standard normal values of the same ranks would be; equal values share a rank."""
    flat = draws.reshape(-1, draws.shape[-1])
    ranks = stats.rankdata(flat, axis=0)
    normal: Array = special.ndtri((ranks - 0.375) / (len(flat) + 0.25))
    return normal.reshape(draws.shape)


def _variances(draws: Array) -> tuple[Array, Array]:
    """Give the mean variance within chains, and the estimate from all of them together."""
    points = draws.shape[1]
    within = draws.var(axis=1, ddof=1).mean(axis=0)
    between = draws.mean(axis=1).var(axis=0, ddof=1)
    return within, within * (points - 1) / points + between


def _rhat(draws: Array) -> Array:
    within, together = _variances(draws)
    found: Array = np.sqrt(together / within)
    return found


def _ess(draws: Array) -> Array:
    chains, points, _ = draws.shape
    within, together = _variances(draws)
    rho = 1 - (within - _autocovariances(draws).mean(axis=0) * points / (points - 1)) / together
    rho[0] = 1.0
    pairs = rho[: points // 2 * 2].reshape(-1, 2, rho.shape[-1]).sum(axis=1)
    # Up to the first pair that is not positive, and never rising.
    positive = np.logical_and.accumulate(pairs > 0, axis=0)
    pairs = np.minimum.accumulate(np.where(positive, pairs, 0.0), axis=0)
    time = np.maximum(-1 + 2 * pairs.sum(axis=0), 1 / np.log10(chains * points))
    found: Array = chains * points / time
    return found


def _autocovariances(draws: Array) -> Array:
    """Give the covariance of each chain with itself, later by every number of points: (chains, lags, unknowns)."""
    points = draws.shape[1]
    size = fft.next_fast_len(2 * points, real=True)
    spectrum = fft.rfft(draws - draws.mean(axis=1, keepdims=True), size, axis=1)
    found: Array = fft.irfft(np.abs(spectrum) ** 2, size, axis=1)[:, :points] / points
    return found
