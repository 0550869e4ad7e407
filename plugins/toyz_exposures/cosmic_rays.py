"""Tracks of cosmic rays: straight muons and the crooked ones of electrons."""

import math

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Image = NDArray[np.float32]

_STEP = 0.2  # pixels
_CROOKED = 0.35  # the share of electrons scattered by gamma rays


@numba.njit(nogil=True, cache=True)
def _deposit(image: Image, start: Floats, angle: float, bend: float, charge: Floats, kicks: Floats) -> None:
    ny, nx = image.shape
    x, y = start[0], start[1]
    for step in range(kicks.size):
        column, row = round(x), round(y)
        if 0 <= row < ny and 0 <= column < nx:
            image[row, column] += charge[step]
        angle += bend * kicks[step]
        x += _STEP * math.cos(angle)
        y += _STEP * math.sin(angle)


def _track(image: Image, rng: np.random.Generator) -> None:
    ny, nx = image.shape
    crooked = bool(rng.random() < _CROOKED)
    length = float(rng.gamma(2.0, 9.0) if crooked else min(rng.exponential(9.0) + 1.0, 250.0))
    steps = max(3, int(length / _STEP))
    # A minimum ionising particle leaves about 80 electrons a micron: some hundred adu a pixel and
    # more where it crosses the thick silicon steeply. Electrons lose most at their end.
    brightness = float(rng.lognormal(5.9, 0.7)) * _STEP
    charge = np.full(steps, brightness) * rng.lognormal(0.0, 0.25, steps)
    if crooked:
        charge *= np.linspace(0.5, 2.0, steps)
    start = np.array([rng.uniform(-0.5, nx - 0.5), rng.uniform(-0.5, ny - 0.5)])
    angle = float(rng.uniform(0.0, 2.0 * np.pi))
    _deposit(image, start, angle, 0.12 if crooked else 0.0, charge, rng.standard_normal(steps))


def add_cosmic_rays(image: Image, mean: float, rng: np.random.Generator) -> int:
    """Add cosmic rays to an image, in adu; return how many.

    They hit the detector and not the sky, so they are as sharp as its pixels.

    Parameters
    ----------
    image : ndarray of float32, ``(ny, nx)``
        Changed in place.
    mean : float
        Mean number.
    rng : Generator
    """
    number = int(rng.poisson(mean))
    for _ in range(number):
        _track(image, rng)
    return number
