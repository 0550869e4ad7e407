"""The pixels of one CCD: everything that shines on it, then everything the detector does."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toyz_exposures.cosmic_rays import add_cosmic_rays
from toyz_exposures.detector import add_defects, add_noise, saturate
from toyz_exposures.focal_plane import CD, Ccd
from toyz_exposures.population import DE_VAUCOULEURS, EXPONENTIAL, STAR, Population, draw_population
from toyz_exposures.profiles import (
    galaxy_extent,
    gaussian_mixture,
    moffat_radius,
    stamp_galaxies,
    stamp_stars,
    star_extent,
)
from toyz_exposures.sizes import Size
from toyz_exposures.sky import Sky, draw_sky, paint_sky
from toyz_exposures.trail import Trail, add_trail, draw_trail

Floats = NDArray[np.float64]
Image = NDArray[np.float32]

PIXEL = 0.2623
"""Arcsec in a pixel of DECam: the square root of the determinant of CD."""
_FIELD, _CCD = 1, 2  # streams of random numbers
_DEFECTS = 20120912  # the night of first light: defects do not depend on the exposure's seed


@dataclass(frozen=True)
class Scene:
    """What was in front of the telescope: the same for all CCDs.

    Attributes
    ----------
    seed : int
    size : Size
    population : Population
    sky : Sky
    trail : Trail
    blur : tuple of float
        Relative change of the seeing a degree along xi and eta.
    """

    seed: int
    size: Size
    population: Population
    sky: Sky
    trail: Trail
    blur: tuple[float, float]

    def fwhm(self, xi: Floats, eta: Floats) -> Floats:
        """Width of the point spread function in pixels; it grows towards the edge of the field."""
        change = self.blur[0] * xi + self.blur[1] * eta + 0.07 * (xi * xi + eta * eta)
        return self.size.fwhm * (1.0 + change)

    def flux(self, magnitude: Floats) -> Floats:
        """Convert magnitudes to adu."""
        return np.power(10.0, 0.4 * (self.size.magzero - magnitude))


def draw_scene(seed: int, size: Size) -> Scene:
    """Draw a field of objects, a sky and a satellite from a seed."""
    rng = np.random.default_rng((seed, _FIELD))
    sky, trail = draw_sky(rng), draw_trail(rng)
    blur = (float(rng.normal(0.0, 0.02)), float(rng.normal(0.0, 0.02)))
    population = draw_population(rng, size.faintest)
    return Scene(seed=seed, size=size, population=population, sky=sky, trail=trail, blur=blur)


def _pixel_tensors(radius: Floats, ellipticity: Floats, angle: Floats) -> Floats:
    """Give the squared radius of ellipses as tensors ``xx, xy, yy`` along the pixel axes.

    A position angle runs from north (eta) through east (xi); CD turns it into the pixels' frame.
    """
    east, north = np.sin(np.deg2rad(angle)), np.cos(np.deg2rad(angle))
    dx, dy = CD[3] * east - CD[1] * north, CD[0] * north - CD[2] * east
    theta = np.arctan2(dy, dx) + (np.pi if CD[0] * CD[3] - CD[1] * CD[2] < 0 else 0.0)
    major, minor = radius**2, (radius * (1.0 - ellipticity)) ** 2
    cosine, sine = np.cos(theta), np.sin(theta)
    xx = major * cosine**2 + minor * sine**2
    yy = major * sine**2 + minor * cosine**2
    return np.stack((xx, (major - minor) * cosine * sine, yy), axis=1)


def _touching(shape: tuple[int, int], x: Floats, y: Floats, radius: Floats) -> NDArray[np.intp]:
    ny, nx = shape
    inside = (x > -radius) & (x < nx - 1 + radius) & (y > -radius) & (y < ny - 1 + radius)
    return np.flatnonzero(inside)


def _add_stars(image: Image, ccd: Ccd, scene: Scene) -> None:
    chosen = np.flatnonzero(scene.population.kind == STAR)
    xi, eta = scene.population.xi[chosen], scene.population.eta[chosen]
    fwhm = scene.fwhm(xi, eta)
    flux = scene.flux(scene.population.magnitude[chosen])
    radius = star_extent(flux, fwhm)
    x, y = ccd.tpv.from_plane(xi, eta)
    x, y = x - 1.0, y - 1.0
    near = _touching(ccd.shape, x, y, radius)
    stamp_stars(image, x[near], y[near], flux[near], np.asarray(moffat_radius(fwhm))[near], radius[near])


def _add_galaxies(image: Image, ccd: Ccd, scene: Scene, kind: int, index: int) -> None:
    people = scene.population
    chosen = np.flatnonzero(people.kind == kind)
    xi, eta, ellipticity = people.xi[chosen], people.eta[chosen], people.ellipticity[chosen]
    psf = (scene.fwhm(xi, eta) / 2.3548) ** 2
    flux = scene.flux(people.magnitude[chosen])
    pixels = people.radius[chosen] / (PIXEL * scene.size.scale)
    weights, variances = gaussian_mixture(index)
    extent = galaxy_extent(flux, pixels, ellipticity, psf, (weights, variances))
    x, y = ccd.tpv.from_plane(xi, eta)
    x, y = x - 1.0, y - 1.0
    near = _touching(ccd.shape, x, y, extent)
    shapes = _pixel_tensors(pixels[near], ellipticity[near], people.angle[chosen][near])
    stamp_galaxies(image, x[near], y[near], flux[near], shapes, psf[near], weights, variances)


def render_ccd(scene: Scene, ccd: Ccd) -> Image:
    """Make the image of a CCD, in adu.

    The result depends on the scene and the CCD alone, not on which other CCDs are made, in what
    order, or in which thread.

    Returns
    -------
    ndarray of float32, ``(ny, nx)``
        Row 0 is the bottom row.
    """
    size = scene.size
    rng = np.random.default_rng((scene.seed, _CCD, ccd.number))
    image = np.empty(ccd.shape, dtype=np.float32)
    paint_sky(image, ccd, scene.sky, rng, size.scale)
    _add_stars(image, ccd, scene)
    _add_galaxies(image, ccd, scene, EXPONENTIAL, 1)
    _add_galaxies(image, ccd, scene, DE_VAUCOULEURS, 4)
    add_trail(image, ccd.tpv, scene.trail, sigma=0.6 * size.fwhm)
    add_noise(image, ccd, rng)
    add_cosmic_rays(image, size.cosmic_rays, rng)
    add_defects(image, size.bad_columns, size.hot_pixels, np.random.default_rng((_DEFECTS, ccd.number)))
    saturate(image, ccd)
    return image
