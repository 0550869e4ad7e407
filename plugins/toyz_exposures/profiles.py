"""Stamps of stars and galaxies, added to an image pixel by pixel."""

import math
from functools import cache

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

Floats = NDArray[np.float64]
Image = NDArray[np.float32]

FAINTEST = 0.12
"""Surface brightness, adu a pixel, at which a stamp ends: far below the noise."""
HALO = 0.03
"""Share of a star's light that is scattered into the wide halo."""
_HALO_SCALE = 3.0  # radius of the halo's core in units of the core's
_SPIKES = 3.0e6  # adu of a star from which the vanes of the spider show
_LARGEST = 900.0  # pixels
_SOFTENING = {1: 0.0, 4: 0.02}  # half-light radii: the core of r^(1/4) is finite on any real detector


def moffat_radius(fwhm: Floats | float) -> Floats | float:
    """Scale radius α of a Moffat profile (β = 3) of this width (Moffat 1969, A&A 3, 455)."""
    return fwhm / (2.0 * math.sqrt(2.0 ** (1.0 / 3.0) - 1.0))


def star_extent(flux: Floats, fwhm: Floats) -> Floats:
    """Radius in pixels at which a star falls below `FAINTEST`."""
    alpha = np.asarray(moffat_radius(fwhm))
    core = alpha * (2.0 * flux / (math.pi * alpha**2) / FAINTEST) ** (1 / 6)
    wide = _HALO_SCALE * alpha
    halo = wide * (HALO * flux * 0.5 / (math.pi * wide**2) / FAINTEST) ** (1 / 3)
    radius: Floats = np.clip(np.maximum(core, halo), 4.0, _LARGEST)
    return radius


@numba.njit(nogil=True, cache=True)
def _stamp_star(image: Image, x: float, y: float, flux: float, alpha: float, radius: float) -> None:
    ny, nx = image.shape
    wide = _HALO_SCALE * alpha
    core = (1.0 - HALO) * flux * 2.0 / (math.pi * alpha * alpha)
    halo = HALO * flux * 0.5 / (math.pi * wide * wide)
    spikes = 0.0 if flux < _SPIKES else 4e-5 * flux / alpha
    for row in range(max(0, math.ceil(y - radius)), min(ny - 1, math.floor(y + radius)) + 1):
        dy = row - y
        reach = math.sqrt(max(radius * radius - dy * dy, 0.0))
        for column in range(max(0, math.ceil(x - reach)), min(nx - 1, math.floor(x + reach)) + 1):
            dx = column - x
            squared = dx * dx + dy * dy
            near = 1.0 + squared / (alpha * alpha)
            far = 1.0 + squared / (wide * wide)
            value = core / (near * near * near) + halo / (far * math.sqrt(far))
            if spikes > 0.0:
                one, two = 0.5 * (dx + dy) ** 2 / (alpha * alpha), 0.5 * (dx - dy) ** 2 / (alpha * alpha)
                if min(one, two) < 12.0:
                    fading = (1.0 - squared / (radius * radius)) ** 2 / (1.0 + squared / (80.0 * alpha * alpha))
                    value += spikes * (math.exp(-one) + math.exp(-two)) * fading
            image[row, column] += value


@numba.njit(nogil=True, cache=True)
def stamp_stars(image: Image, x: Floats, y: Floats, flux: Floats, alpha: Floats, radius: Floats) -> None:
    """Add stars: a Moffat core (β = 3), a wide halo (β = 1.5) and, for the brightest, four spikes.

    Parameters
    ----------
    image : ndarray of float32, ``(ny, nx)``
        Changed in place; pixel (0, 0) is the centre of the first pixel.
    x, y : ndarray
        Places, 0-based; stars off the image light its edge.
    flux : ndarray
        In adu.
    alpha, radius : ndarray
        Scale radius and radius of the stamp, pixels.
    """
    for star in range(x.size):
        _stamp_star(image, x[star], y[star], flux[star], alpha[star], radius[star])


@cache
def gaussian_mixture(index: int) -> tuple[Floats, Floats]:
    """Fit a sum of Gaussians to a Sérsic profile of half-light radius 1.

    A Gaussian is convolved with another by adding variances, so a mixture is the cheap way to a
    galaxy seen through the atmosphere (Hogg & Lang 2013, PASP 125, 719).

    Parameters
    ----------
    index : int
        1 for an exponential, 4 for a de Vaucouleurs profile.

    Returns
    -------
    weights, variances : ndarray
        Weights sum to 1; variances in squared half-light radii.
    """
    exponent = {1: 1.6783, 4: 7.6693}[index]  # b_n of Ciotti & Bertin (1999, A&A 352, 447)
    radius = np.geomspace(0.01, 8.0, 400)
    profile = np.exp(-exponent * (np.hypot(radius, _SOFTENING[index]) ** (1.0 / index) - 1.0))
    sigmas = np.geomspace(0.02, 4.0, 12)
    basis = np.exp(-0.5 * (radius[:, None] / sigmas) ** 2) / (2 * np.pi * sigmas**2)
    importance = radius * np.sqrt(np.gradient(radius))  # light in a ring rather than height at a point
    amplitudes, _ = nnls(basis * importance[:, None], profile * importance)
    kept = amplitudes > 1e-4 * amplitudes.sum()
    return amplitudes[kept] / amplitudes[kept].sum(), sigmas[kept] ** 2


def galaxy_extent(
    flux: Floats, size: Floats, ellipticity: Floats, psf: Floats, mixture: tuple[Floats, Floats]
) -> Floats:
    """Radius in pixels at which a galaxy falls below `FAINTEST`.

    Parameters
    ----------
    flux : ndarray
        In adu.
    size : ndarray
        Half-light radius in pixels.
    ellipticity : ndarray
    psf : ndarray
        Variance of the point spread function, squared pixels.
    mixture : tuple
        Of `gaussian_mixture`.
    """
    radius = np.full(len(flux), 4.0)
    for weight, variance in zip(*mixture, strict=True):
        major = variance * size**2 + psf
        minor = variance * (size * (1 - ellipticity)) ** 2 + psf
        height = weight * flux / (2 * np.pi * np.sqrt(major * minor))
        reach = np.sqrt(2 * major * np.log(np.maximum(height / FAINTEST, 1.0)))
        radius = np.maximum(radius, reach)
    np.minimum(radius, _LARGEST, out=radius)
    return radius


@numba.njit(nogil=True, cache=True)
def _stamp_gaussian(image: Image, x: float, y: float, height: float, shape: tuple[float, float, float]) -> None:
    ny, nx = image.shape
    xx, xy, yy = shape
    determinant = xx * yy - xy * xy
    depth = math.log(max(height / (0.1 * FAINTEST), 1.0))
    reach = math.sqrt(2.0 * yy * depth)
    for row in range(max(0, math.ceil(y - reach)), min(ny - 1, math.floor(y + reach)) + 1):
        dy = row - y
        # The row meets the ellipse `exponent = depth` between these columns.
        middle = x + xy / yy * dy
        half = math.sqrt(max(2.0 * depth - dy * dy / yy, 0.0) * determinant / yy)
        for column in range(max(0, math.ceil(middle - half)), min(nx - 1, math.floor(middle + half)) + 1):
            dx = column - x
            exponent = 0.5 * (yy * dx * dx - 2.0 * xy * dx * dy + xx * dy * dy) / determinant
            image[row, column] += height * math.exp(-exponent)


@numba.njit(nogil=True, cache=True)
def stamp_galaxies(
    image: Image,
    x: Floats,
    y: Floats,
    flux: Floats,
    shapes: Floats,
    psf: Floats,
    weights: Floats,
    variances: Floats,
) -> None:
    """Add galaxies of one profile, convolved with a round Gaussian.

    Parameters
    ----------
    image : ndarray of float32, ``(ny, nx)``
        Changed in place.
    x, y : ndarray
        Places, 0-based.
    flux : ndarray
        In adu.
    shapes : ndarray, ``(n, 3)``
        xx, xy and yy of the squared half-light radius as a tensor, squared pixels.
    psf : ndarray
        Variance of the point spread function, squared pixels.
    weights, variances : ndarray
        Of `gaussian_mixture`.
    """
    for galaxy in range(x.size):
        for part in range(weights.size):
            xx = variances[part] * shapes[galaxy, 0] + psf[galaxy]
            xy = variances[part] * shapes[galaxy, 1]
            yy = variances[part] * shapes[galaxy, 2] + psf[galaxy]
            height = weights[part] * flux[galaxy] / (2.0 * math.pi * math.sqrt(xx * yy - xy * xy))
            _stamp_gaussian(image, x[galaxy], y[galaxy], height, (xx, xy, yy))
