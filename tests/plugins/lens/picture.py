"""A picture of a lens whose mass is known: an arc of a small source about a galaxy, with noise."""

from pathlib import Path

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from tests.plugins.glass.mock import BETA, deflection

SCALE = 0.05
"""Arcsec of a pixel."""
SIZE = 121
CENTRE = (SIZE + 1) / 2
"""FITS pixel of the lens centre, in x and y."""
_SOURCE, _GALAXY, _NOISE = 0.05, 0.18, 0.02
"""Sizes of the source and the galaxy, arcsec, and the noise, of the source's brightness."""


def pixel_of(x: float, y: float) -> tuple[float, float]:
    """Give the FITS pixel of a place, arcsec from the lens centre."""
    return CENTRE + x / SCALE, CENTRE + y / SCALE


def make_lens(path: Path, seed: int = 1) -> None:
    """Write the picture, with a WCS."""
    axis = (np.arange(SIZE) - (SIZE - 1) / 2) * SCALE
    x, y = np.meshgrid(axis, axis)
    points = np.column_stack([x.ravel(), y.ravel()]) + 1e-9
    beta: NDArray[np.float64] = points - deflection(points) - np.asarray(BETA)
    light = np.exp(-np.sum(beta**2, axis=1) / (2 * _SOURCE**2)).reshape(x.shape)
    light += 2 * np.exp(-(x**2 + y**2) / (2 * _GALAXY**2))
    light += np.random.default_rng(seed).normal(0, _NOISE, light.shape)
    image = fits.PrimaryHDU(light.astype(np.float32))
    cards = {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 169.57, "CRVAL2": 7.766, "CUNIT1": "deg"}
    cards |= {"CUNIT2": "deg", "CRPIX1": CENTRE, "CRPIX2": CENTRE, "CDELT1": -SCALE / 3600, "CDELT2": SCALE / 3600}
    image.header.update(cards)
    image.writeto(path)
