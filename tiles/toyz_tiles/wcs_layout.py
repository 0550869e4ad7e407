"""Where the images of an exposure lie relative to each other, from their WCS alone.

All are projected on the plane that touches the sky in their middle (gnomonic, Calabretta &
Greisen 2002, §5.1.3). The plane has the axes and the scale of the image that is nearest to the
middle, so that the picture stands as its pixels do, and each image is placed by the map that
`toyz_tiles.warp.fit_warp` finds through its whole WCS, distortion included.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toyz_tiles.layout import Place, Placement
from toyz_tiles.skymap import SkyMap, mean_direction, sky_map, tangent_plane
from toyz_tiles.warp import Residual, Warp, fit_warp
from toyz_tiles.warped import WarpedPlacement

Floats = NDArray[np.float64]

_TOLERANCE = 0.25
"""Display pixels that an affine map may be off, anywhere on an image; else it is given more terms."""
_WHOLE = 0.02
"""Pixels at the edge by which a map may differ from one of whole pixels and still be taken for it."""
_SCALES = 16.0
"""An image whose pixels are this many times larger or smaller than the middle one's is left out."""
_ROUGH = 4.0
"""Display pixels that the best map may be off; an image that is bent more is left out."""
_STRETCH = 4.0
"""The box around an image has at most this many times the area of its pixels; else it is left out, too."""
_GRID = 9
"""Points along each axis of an image to which its map is fitted."""


class WcsImage(NamedTuple):
    """An image to be placed.

    Attributes
    ----------
    name : str
    hdu : int
    header_text : str
        80-character cards.
    x0, y0 : int
        First column and row of the part that is shown, from 0.
    shape : tuple of int
        ``(ny, nx)`` of that part.
    flip_x, flip_y : bool
        Whether the instrument's own layout shows its columns or rows in reverse.
    """

    name: str
    hdu: int
    header_text: str
    x0: int
    y0: int
    shape: tuple[int, int]
    flip_x: bool = False
    flip_y: bool = False


class _Seen(NamedTuple):
    # An image on the plane: its middle and a grid of its pixels (from 0 within the part shown),
    # as x, y and as (east, north) in degrees.
    image: WcsImage
    middle: Floats
    pixels: Floats
    plane: Floats


class _Frame(NamedTuple):
    # Of the display: where its origin lies on the plane, the matrix from degrees there to columns
    # and rows, and what is added to these so that they are whole at pixels of the reference.
    origin: Floats
    matrix: Floats
    phase: Floats

    def display(self, plane: Floats) -> Floats:
        return np.asarray((plane - self.origin) @ self.matrix.T + self.phase, np.float64)


@lru_cache(maxsize=8)
def place_by_wcs(images: tuple[WcsImage, ...]) -> tuple[Place | None, ...]:
    """Place images on a common tangent plane; the last answers are kept.

    Returns
    -------
    tuple of Place or None
        In display pixels with the origin at the middle of the reference image; None for an image
        without a WCS, or whose pixels are so much larger or smaller than the others' that it
        cannot be of this exposure.
    """
    maps = [sky_map(image.header_text) for image in images]
    middles = [_middle(sky, image) for sky, image in zip(maps, images, strict=True)]
    known = np.array([middle for middle in middles if np.isfinite(middle).all()])
    if len(known) < 2:
        return (None,) * len(images)
    tangent = mean_direction(known[:, 0], known[:, 1])
    seen = [_seen(sky, image, tangent) for sky, image in zip(maps, images, strict=True)]
    found = [each for each in seen if each is not None]
    frame = _frame(min(found, key=lambda each: float(np.hypot(*each.middle)))) if found else None
    if frame is None:
        return (None,) * len(images)
    return tuple(None if each is None else _place(each, frame) for each in seen)


def _middle(sky: SkyMap, image: WcsImage) -> tuple[float, float]:
    ny, nx = image.shape
    ra, dec = sky.sky(image.x0 + (nx + 1) / 2, image.y0 + (ny + 1) / 2)
    return float(ra), float(dec)


def _seen(sky: SkyMap, image: WcsImage, tangent: tuple[float, float]) -> _Seen | None:
    ny, nx = image.shape
    xs, ys = np.meshgrid(np.linspace(-0.5, nx - 0.5, _GRID), np.linspace(-0.5, ny - 0.5, _GRID))
    pixels = np.stack((xs.ravel(), ys.ravel()), axis=1)
    ra, dec = sky.sky(pixels[:, 0] + image.x0 + 1, pixels[:, 1] + image.y0 + 1)
    plane = np.stack(tangent_plane(ra, dec, *tangent), axis=1)
    if not np.isfinite(plane).all():
        return None
    return _Seen(image, plane[len(plane) // 2], pixels, plane)


def _frame(reference: _Seen) -> _Frame | None:
    """Take the display's axes from an image.

    They are the nearest ones to its own that keep angles: turned, mirrored and scaled as those, but
    with square pixels.
    """
    offsets = reference.pixels - reference.pixels.mean(axis=0)
    slopes, _, rank, _ = np.linalg.lstsq(offsets, reference.plane - reference.middle, rcond=None)
    if rank < 2:
        return None
    jacobian = slopes.T
    area = abs(float(np.linalg.det(jacobian)))
    if not area > 0:
        return None
    left, _, right = np.linalg.svd(jacobian)
    image = reference.image
    # Display rows run down, file rows run up.
    turned = np.diag((-1.0 if image.flip_x else 1.0, 1.0 if image.flip_y else -1.0))
    ny, nx = image.shape
    phase = np.array(((nx - 1) / 2 % 1, (ny - 1) / 2 % 1))
    return _Frame(reference.middle, turned @ np.linalg.inv(left @ right) / math.sqrt(area), phase)


def _place(seen: _Seen, frame: _Frame) -> Place | None:
    image, display = seen.image, frame.display(seen.plane)
    fitted = fit_warp(display, seen.pixels, _TOLERANCE)
    if fitted is None:
        return None
    warp, residual = fitted
    if not 1 / _SCALES <= warp.scale <= _SCALES or residual.maximum > _ROUGH:
        return None
    return _whole_pixels(image, warp, residual) or _warped(image, warp, residual, display)


def _whole_pixels(image: WcsImage, warp: Warp, residual: Residual) -> Placement | None:
    """Place an image that needs no more than turns by right angles: sampling would give the same pixels."""
    turn = np.linalg.inv(warp.linear)
    whole = np.rint(turn)
    ny, nx = image.shape
    edge = np.array([[-nx / 2, -ny / 2], [nx / 2, -ny / 2]]).T
    if warp.degree > 1 or abs(abs(np.linalg.det(whole)) - 1) > 1e-9 or np.abs(whole).sum() != 2:
        return None
    if np.abs((turn - whole) @ edge).max() > _WHOLE:
        return None
    transpose = bool(whole[0, 0] == 0)
    along, down = (whole[0, 1], whole[1, 0]) if transpose else (whole[0, 0], whole[1, 1])
    height, width = (nx, ny) if transpose else (ny, nx)
    column, row = warp.to_display((nx - 1) / 2, (ny - 1) / 2)
    return Placement(
        name=image.name,
        hdu=image.hdu,
        x=round(column - (width - 1) / 2),
        y=round(row - (height - 1) / 2),
        width=width,
        height=height,
        flip_x=bool(along < 0),
        flip_y=bool(down > 0),
        transpose=transpose,
        crop_x=image.x0,
        crop_y=image.y0,
        residual=residual,
    )


def _warped(image: WcsImage, warp: Warp, residual: Residual, display: Floats) -> WarpedPlacement | None:
    # The grid reaches to the edges. Between its points they bend by less than a pixel.
    left, top = (math.floor(value) - 1 for value in display.min(axis=0))
    right, bottom = (math.ceil(value) + 2 for value in display.max(axis=0))
    ny, nx = image.shape
    if (right - left - 3) * (bottom - top - 3) > _STRETCH * (nx * warp.scale + 1) * (ny * warp.scale + 1):
        return None
    return WarpedPlacement(
        name=image.name,
        hdu=image.hdu,
        x=left,
        y=top,
        width=right - left,
        height=bottom - top,
        shape=image.shape,
        warp=warp,
        residual=residual,
        crop_x=image.x0,
        crop_y=image.y0,
    )
