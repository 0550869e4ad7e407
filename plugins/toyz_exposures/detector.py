"""What a CCD does to the light: noise, full wells that bleed along the columns, and defects."""

import math

import numba
import numpy as np
from numpy.typing import NDArray

from toyz_exposures.focal_plane import Ccd

Floats = NDArray[np.float64]
Image = NDArray[np.float32]


@numba.njit(nogil=True, cache=True)
def _noise(image: Image, normal: Image, first: int, last: int, gain: float, read_noise: float) -> None:
    floor = (read_noise / gain) ** 2
    for row in range(image.shape[0]):
        for column in range(first, last):
            value = image[row, column]
            variance = max(value, 0.0) / gain + floor
            image[row, column] = value + math.sqrt(variance) * normal[row, column]


def add_noise(image: Image, ccd: Ccd, rng: np.random.Generator) -> None:
    """Add photon and read noise to an image in adu, in place.

    The Poisson noise of some hundreds of electrons is taken as Gaussian.

    Parameters
    ----------
    image : ndarray of float32, ``(ny, nx)``
    ccd : Ccd
        For the gain and read noise of its amplifiers.
    rng : Generator
    """
    normal = rng.standard_normal(image.shape, dtype=np.float32)
    for amplifier in (ccd.left, ccd.right):
        _noise(image, normal, amplifier.data.x0 - 1, amplifier.data.x1, amplifier.gain, amplifier.read_noise)


@numba.njit(nogil=True, cache=True)
def _fill(image: Image, column: int, row: int, step: int, charge: float, well: float) -> float:
    """Pour charge into the wells of a column from `row` on; give back what falls off its end."""
    while 0 <= row < image.shape[0] and charge > 0.0:
        room = well - image[row, column]
        if room > 0.0:
            taken = min(room, charge)
            image[row, column] += taken
            charge -= taken
        row += step
    return charge


@numba.njit(nogil=True, cache=True)
def _bleed_column(image: Image, column: int, well: float) -> None:
    ny = image.shape[0]
    row = 0
    while row < ny:
        if image[row, column] <= well:
            row += 1
            continue
        charge, start = 0.0, row
        while row < ny and image[row, column] > well:
            charge += image[row, column] - well
            image[row, column] = well
            row += 1
        # What does not fit on one side leaves through the end of the column.
        _fill(image, column, start - 1, -1, 0.5 * charge, well)
        _fill(image, column, row, 1, 0.5 * charge, well)


@numba.njit(nogil=True, cache=True)
def _bleed(image: Image, first: int, last: int, well: float) -> None:
    ny = image.shape[0]
    full = np.zeros(image.shape[1], dtype=np.bool_)
    for row in range(ny):
        for column in range(first, last):
            if image[row, column] > well:
                full[column] = True
    for column in range(first, last):
        if full[column]:
            _bleed_column(image, column, well)


def saturate(image: Image, ccd: Ccd) -> None:
    """Spill the charge of full wells along the columns, both ways, in place.

    Parameters
    ----------
    image : ndarray of float32, ``(ny, nx)``
        In adu; afterwards no pixel passes its amplifier's saturation.
    ccd : Ccd
    """
    for amplifier in (ccd.left, ccd.right):
        # The well as a float32, so that a full pixel compares equal to it.
        well = float(np.float32(amplifier.saturation))
        _bleed(image, amplifier.data.x0 - 1, amplifier.data.x1, well)


def add_defects(image: Image, bad_columns: float, hot_pixels: float, rng: np.random.Generator) -> None:
    """Mend bad columns from their neighbours, as the pipeline does, and leave hot pixels in.

    Parameters
    ----------
    image : ndarray of float32, ``(ny, nx)``
        Changed in place.
    bad_columns, hot_pixels : float
        Mean numbers.
    rng : Generator
        Belongs to the CCD, not to the exposure: defects stay where they are.
    """
    ny, nx = image.shape
    for _ in range(int(rng.poisson(bad_columns))):
        column, start = int(rng.integers(2, nx - 2)), int(rng.integers(0, ny)) if rng.random() < 0.6 else 0
        image[start:, column] = 0.5 * (image[start:, column - 1] + image[start:, column + 1])
    number = int(rng.poisson(hot_pixels))
    rows, columns = rng.integers(0, ny, number), rng.integers(0, nx, number)
    np.add.at(image, (rows, columns), rng.lognormal(5.0, 1.2, number).astype(np.float32))
