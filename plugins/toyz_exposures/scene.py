"""What was in front of the telescope, and the light of it: the same for all CCDs of an exposure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toyz_exposures.population import DE_VAUCOULEURS, EXPONENTIAL, STAR, Population, draw_population
from toyz_exposures.profiles import galaxy_extent, gaussian_mixture, star_extent
from toyz_exposures.sizes import Size
from toyz_exposures.sky import Sky, draw_sky
from toyz_exposures.trail import Trail, draw_trail

Floats = NDArray[np.float64]

PIXEL = 0.2623
"""Arcsec in a pixel of DECam: the square root of the determinant of CD."""
SERSIC = {EXPONENTIAL: 1, DE_VAUCOULEURS: 4}
"""Sérsic index of the kinds of galaxy."""
_FIELD = 1  # the stream of random numbers; the CCDs take others


@dataclass(frozen=True)
class Scene:
    """A field of objects, a sky, and what the atmosphere makes of them.

    Attributes
    ----------
    seed : int
    size : Size
    population : Population
    sky : Sky
    trail : Trail
    flux : ndarray
        Of the objects, adu.
    fwhm : ndarray
        Of the point spread function where the objects are, pixels.
    extent : ndarray
        Radius of the objects' stamps, pixels.
    """

    seed: int
    size: Size
    population: Population
    sky: Sky
    trail: Trail
    flux: Floats
    fwhm: Floats
    extent: Floats


def gaussian_variance(fwhm: Floats) -> Floats:
    """Variance of a Gaussian of this width, squared pixels."""
    return np.square(fwhm / 2.3548)


def _extent(population: Population, size: Size, flux: Floats, fwhm: Floats) -> Floats:
    extent = np.empty(len(population))
    stars = population.kind == STAR
    extent[stars] = star_extent(flux[stars], fwhm[stars])
    for kind, index in SERSIC.items():
        chosen = population.kind == kind
        radius = population.radius[chosen] / (PIXEL * size.scale)
        psf = gaussian_variance(fwhm[chosen])
        ellipticity = population.ellipticity[chosen]
        extent[chosen] = galaxy_extent(flux[chosen], radius, ellipticity, psf, gaussian_mixture(index))
    return extent


def draw_scene(seed: int, size: Size) -> Scene:
    """Draw a field of objects, a sky and a satellite from a seed."""
    rng = np.random.default_rng((seed, _FIELD))
    sky, trail = draw_sky(rng), draw_trail(rng)
    # The seeing differs by some percent over the field, and grows towards its edge.
    blur = rng.normal(0.0, 0.02, 2)
    population = draw_population(rng, size.faintest)
    xi, eta = population.xi, population.eta
    fwhm = size.fwhm * (1.0 + blur[0] * xi + blur[1] * eta + 0.07 * (xi * xi + eta * eta))
    flux = np.power(10.0, 0.4 * (size.magzero - population.magnitude))
    extent = _extent(population, size, flux, fwhm)
    return Scene(seed=seed, size=size, population=population, sky=sky, trail=trail, flux=flux, fwhm=fwhm, extent=extent)
