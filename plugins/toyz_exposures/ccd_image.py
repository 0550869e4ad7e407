"""The pixels of one CCD: everything that shines on it, then everything the detector does."""

import numpy as np
from numpy.typing import NDArray

from toyz_exposures.cosmic_rays import add_cosmic_rays
from toyz_exposures.detector import add_defects, add_noise, saturate
from toyz_exposures.focal_plane import CD, Ccd
from toyz_exposures.population import STAR
from toyz_exposures.profiles import gaussian_mixture, moffat_radius, stamp_galaxies, stamp_stars
from toyz_exposures.scene import PIXEL, SERSIC, Scene, gaussian_variance
from toyz_exposures.sky import paint_sky
from toyz_exposures.trail import add_trail

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Image = NDArray[np.float32]

_CCD = 2  # the stream of random numbers; the scene takes another
_DEFECTS = 20120912  # the night of first light: defects do not depend on the exposure's seed


def pixel_tensors(radius: Floats, ellipticity: Floats, angle: Floats) -> Floats:
    """Give the squared radii of ellipses as tensors along the pixel axes.

    Parameters
    ----------
    radius : ndarray
        Along the major axis, pixels.
    ellipticity : ndarray
    angle : ndarray
        Of the major axis, degrees from north (eta) through east (xi); CD turns it into the
        pixels' frame.

    Returns
    -------
    ndarray, ``(n, 3)``
        xx, xy and yy, squared pixels.
    """
    xi, eta = np.sin(np.deg2rad(angle)), np.cos(np.deg2rad(angle))
    # The inverse of CD, but for its determinant: an axis has no sign and here no length.
    theta = np.arctan2(CD[0] * eta - CD[2] * xi, CD[3] * xi - CD[1] * eta)
    major, minor = radius**2, (radius * (1.0 - ellipticity)) ** 2
    cosine, sine = np.cos(theta), np.sin(theta)
    xx = major * cosine**2 + minor * sine**2
    yy = major * sine**2 + minor * cosine**2
    return np.stack((xx, (major - minor) * cosine * sine, yy), axis=1)


def find_objects(scene: Scene, ccd: Ccd) -> tuple[Indices, Floats, Floats]:
    """Find the objects that light a CCD.

    Returns
    -------
    indices : ndarray of int
        Into the population, rising.
    x, y : ndarray
        Places of their centres, 0-based pixels.
    """
    ny, nx = ccd.shape
    people = scene.population
    west, east, south, north = ccd.tpv.footprint(ccd.shape)
    margin = scene.extent * (PIXEL * scene.size.scale * 1.1 / 3600.0)
    near = np.flatnonzero(
        (people.xi > west - margin)
        & (people.xi < east + margin)
        & (people.eta > south - margin)
        & (people.eta < north + margin)
    )
    x, y = ccd.tpv.from_plane(people.xi[near], people.eta[near])
    x, y, reach = x - 1.0, y - 1.0, scene.extent[near]
    lit = (x > -reach) & (x < nx - 1 + reach) & (y > -reach) & (y < ny - 1 + reach)
    return near[lit], x[lit], y[lit]


def add_objects(image: Image, ccd: Ccd, scene: Scene) -> None:
    """Add the stars and galaxies that light a CCD, in place."""
    people = scene.population
    indices, x, y = find_objects(scene, ccd)
    kinds = people.kind[indices]
    own = kinds == STAR
    stars = indices[own]
    alpha = np.asarray(moffat_radius(scene.fwhm[stars]))
    stamp_stars(image, x[own], y[own], scene.flux[stars], alpha, scene.extent[stars])
    for kind, index in SERSIC.items():
        own = kinds == kind
        ours = indices[own]
        radius = people.radius[ours] / (PIXEL * scene.size.scale)
        shapes = pixel_tensors(radius, people.ellipticity[ours], people.angle[ours])
        psf = gaussian_variance(scene.fwhm[ours])
        stamp_galaxies(image, x[own], y[own], scene.flux[ours], shapes, psf, *gaussian_mixture(index))


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
    add_objects(image, ccd, scene)
    add_trail(image, ccd.tpv, scene.trail, sigma=0.6 * size.fwhm)
    add_noise(image, ccd, rng)
    add_cosmic_rays(image, size.cosmic_rays, rng)
    add_defects(image, size.bad_columns, size.hot_pixels, np.random.default_rng((_DEFECTS, ccd.number)))
    saturate(image, ccd)
    return image
