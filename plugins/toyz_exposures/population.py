"""The stars and galaxies of a field: where they are, how bright, and of what shape."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HALF_WIDTH = (1.14, 1.06)
"""Half the field in degrees of the tangent plane (xi, eta): a little more than the CCDs cover."""

STAR, EXPONENTIAL, DE_VAUCOULEURS = 0, 1, 2
KINDS = ("star", "exponential", "devaucouleurs")

# log10 of the number brighter than a magnitude, a square degree: round figures of our own, about
# what is counted in g at high galactic latitude. Galaxies outnumber stars from magnitude 20 on.
_STAR_COUNTS = ((9.0, 12.0, 15.0, 18.0, 21.0, 24.0), (0.3, 1.35, 2.35, 3.05, 3.5, 3.85))
_GALAXY_COUNTS = ((13.0, 16.0, 18.0, 20.0, 22.0, 24.0), (-0.5, 1.2, 2.3, 3.3, 4.15, 4.85))
_CLUSTERS = 70
_CLUSTERED = 0.18  # the share of galaxies that live in clusters
_CLUSTER_RADIUS = 0.02  # degrees


@dataclass(frozen=True)
class Population:
    """Objects as arrays of one length.

    Attributes
    ----------
    xi, eta : ndarray
        Place in the tangent plane, degrees.
    magnitude : ndarray
    kind : ndarray
        Index into `KINDS`.
    radius : ndarray
        Half-light radius along the major axis, arcsec; 0 for a star.
    ellipticity : ndarray
        ``1 − b/a``.
    angle : ndarray
        Of the major axis, degrees from north through east, 0 to 180.
    """

    xi: Floats
    eta: Floats
    magnitude: Floats
    kind: NDArray[np.int8]
    radius: Floats
    ellipticity: Floats
    angle: Floats

    def __len__(self) -> int:
        return len(self.xi)


def _magnitudes(
    rng: np.random.Generator, counts: tuple[tuple[float, ...], tuple[float, ...]], faintest: float
) -> Floats:
    area = 4 * HALF_WIDTH[0] * HALF_WIDTH[1]
    brightest_log, faintest_log = counts[1][0], float(np.interp(faintest, *counts))
    number = rng.poisson(area * (10**faintest_log - 10**brightest_log))
    cumulative = rng.uniform(10**brightest_log, 10**faintest_log, number)
    return np.interp(np.log10(cumulative), counts[1], counts[0])


def _anywhere(rng: np.random.Generator, number: int) -> tuple[Floats, Floats]:
    return rng.uniform(-HALF_WIDTH[0], HALF_WIDTH[0], number), rng.uniform(-HALF_WIDTH[1], HALF_WIDTH[1], number)


def _gather(rng: np.random.Generator, xi: Floats, eta: Floats) -> None:
    """Move some galaxies into clusters, in place."""
    centre_xi, centre_eta = _anywhere(rng, _CLUSTERS)
    richness = rng.pareto(1.2, _CLUSTERS) + 0.2
    members = np.flatnonzero(rng.random(len(xi)) < _CLUSTERED)
    home = rng.choice(_CLUSTERS, len(members), p=richness / richness.sum())
    distance = _CLUSTER_RADIUS * np.sqrt(richness[home]) ** 0.5 * rng.exponential(1.0, len(members))
    direction = rng.uniform(0, 2 * np.pi, len(members))
    xi[members] = centre_xi[home] + distance * np.cos(direction)
    eta[members] = centre_eta[home] + distance * np.sin(direction)


def draw_population(rng: np.random.Generator, faintest: float) -> Population:
    """Draw the objects of a field, stars first.

    Parameters
    ----------
    rng : Generator
    faintest : float
        Magnitude at which the counts end.
    """
    stars = _magnitudes(rng, _STAR_COUNTS, faintest)
    galaxies = _magnitudes(rng, _GALAXY_COUNTS, faintest)
    star_xi, star_eta = _anywhere(rng, len(stars))
    xi, eta = _anywhere(rng, len(galaxies))
    _gather(rng, xi, eta)
    # Sizes fall with magnitude and scatter by a factor of 1.5 about the mean.
    radius = 0.45 * 10 ** (0.14 * (23.5 - galaxies)) * rng.lognormal(0.0, 0.4, len(galaxies))
    early = rng.random(len(galaxies)) < 0.3
    disc = 1.0 - np.sqrt(rng.uniform(0.04, 1.0, len(galaxies)))  # thin discs, turned at random
    ellipticity = np.where(early, rng.uniform(0.0, 0.5, len(galaxies)), disc)
    none = np.zeros(len(stars))
    return Population(
        xi=np.concatenate((star_xi, xi)),
        eta=np.concatenate((star_eta, eta)),
        magnitude=np.concatenate((stars, galaxies)),
        kind=np.concatenate((none, np.where(early, DE_VAUCOULEURS, EXPONENTIAL))).astype(np.int8),
        radius=np.concatenate((none, np.clip(radius, 0.15, 60.0))),
        ellipticity=np.concatenate((none, ellipticity)),
        angle=np.concatenate((none, rng.uniform(0.0, 180.0, len(galaxies)))),
    )
