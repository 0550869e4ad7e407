"""The light of the sky, as a reduced exposure still shows it."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from toyz_exposures.focal_plane import Ccd

Floats = NDArray[np.float64]
Image = NDArray[np.float32]

LEVEL = 207.6
"""Sky in adu: SKYSUB of the exposure that focal_plane.csv comes from (g, 200 s)."""
_NODES = 33


@dataclass(frozen=True)
class Sky:
    """What the sky does over the whole field.

    Attributes
    ----------
    gradient : tuple of float
        Relative change a degree along xi and eta: moonlight and airglow.
    vignetting : float
        Relative loss 1 degree from the axis that flat-fielding left.
    pupil : float
        Relative height of the ring-shaped ghost of the pupil.
    """

    gradient: tuple[float, float]
    vignetting: float
    pupil: float

    def relative(self, xi: Floats, eta: Floats) -> Floats:
        """Give the sky in units of its level at places of the tangent plane, in degrees."""
        squared = xi * xi + eta * eta
        slope = self.gradient[0] * xi + self.gradient[1] * eta
        ring = self.pupil * np.exp(-0.5 * ((np.sqrt(squared) - 0.32) / 0.11) ** 2)
        return (1.0 + slope + ring) * (1.0 - self.vignetting * squared**1.5)


def draw_sky(rng: np.random.Generator) -> Sky:
    """Draw a sky."""
    direction = rng.uniform(0.0, 2.0 * np.pi)
    steepness = rng.uniform(0.012, 0.02)
    return Sky(
        gradient=(float(steepness * np.cos(direction)), float(steepness * np.sin(direction))),
        vignetting=float(rng.uniform(0.02, 0.035)),
        pupil=float(rng.uniform(0.008, 0.014)),
    )


@numba.njit(nogil=True, cache=True)
def _spread(image: Image, nodes: Floats, left: int, factors: Floats, glow: Floats) -> None:
    """Fill an image with a bilinear surface, a factor for each half, and glowing edges."""
    ny, nx = image.shape
    rows, columns = nodes.shape
    line = np.empty(columns)
    for row in range(ny):
        place = row * (rows - 1) / (ny - 1)
        low = min(int(place), rows - 2)
        for node in range(columns):
            line[node] = nodes[low, node] + (place - low) * (nodes[low + 1, node] - nodes[low, node])
        edge_y = glow[min(row, ny - 1 - row, glow.size - 1)]
        for column in range(nx):
            place_x = column * (columns - 1) / (nx - 1)
            low_x = min(int(place_x), columns - 2)
            value = line[low_x] + (place_x - low_x) * (line[low_x + 1] - line[low_x])
            edge = edge_y + glow[min(column, nx - 1 - column, glow.size - 1)]
            image[row, column] = value * factors[0 if column < left else 1] * (1.0 + edge)


def paint_sky(image: Image, ccd: Ccd, sky: Sky, rng: np.random.Generator, scale: int) -> None:
    """Fill the image of a CCD with sky, in adu.

    The flat field is imperfect by some tenths of a percent, differently for the two amplifiers,
    and the last pixels at the edges glow, as those of DECam do.

    Parameters
    ----------
    image : ndarray of float32, ``(ny, nx)``
        Overwritten.
    ccd : Ccd
    sky : Sky
    rng : Generator
        Draws the imperfections.
    scale : int
        Pixels of DECam in a pixel.
    """
    ny, nx = ccd.shape
    y, x = np.meshgrid(np.linspace(1, ny, 2 * _NODES - 1), np.linspace(1, nx, _NODES), indexing="ij")
    nodes = LEVEL * sky.relative(*ccd.tpv.to_plane(x, y))
    factors = 1.0 + rng.normal(0.0, 0.002) + rng.normal(0.0, 0.002, 2)
    distance = np.arange(max(2, 60 // scale)) * scale
    glow = 0.035 * np.exp(-distance / 9.0)
    glow[-1] = 0.0
    _spread(image, nodes, ccd.left.data.x1, factors, glow)
