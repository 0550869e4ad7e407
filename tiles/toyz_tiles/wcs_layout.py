"""Where the images of an exposure lie relative to each other, from their WCS alone."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toyz_tiles.skymap import SkyMap, mean_direction, sky_map, tangent_plane

_TOLERANCE = 0.06
"""How far the axes of a CCD may differ in scale (and, in radians, in angle) from the first one's."""


class WcsPlace(NamedTuple):
    """A rectangle in display pixels with any origin, and how its pixels are turned."""

    x: int
    y: int
    width: int
    height: int
    flip_x: bool
    flip_y: bool
    transpose: bool


class _Frame(NamedTuple):
    # Centre (2,) and axes (2, 2) of an image on the common tangent plane, in degrees.
    centre: NDArray[np.float64]
    axes: NDArray[np.float64]


def place_by_wcs(images: Sequence[tuple[str, tuple[int, int]]]) -> list[WcsPlace | None]:
    """Place images by whole pixels on a tangent plane that has the axes of the first.

    Parameters
    ----------
    images : sequence of (header_text, (ny, nx))

    Returns
    -------
    list of WcsPlace or None
        None for an image without a WCS, or whose scale or angle (beyond quarter turns and
        reflections) is not that of the first: whole pixels cannot place it.
    """
    maps = [(sky_map(text), shape) for text, shape in images]
    centres = [(sky.sky((nx + 1) / 2, (ny + 1) / 2)) for sky, (ny, nx) in maps]
    known = np.array([centre for centre in centres if np.isfinite(centre).all()])
    if len(known) < 2:
        return [None] * len(images)
    reference = mean_direction(known[:, 0], known[:, 1])
    frames = [_frame(sky, shape, reference) for sky, shape in maps]
    first = next((frame for frame in frames if frame is not None), None)
    if first is None:
        return [None] * len(images)
    return [_place(frame, first, shape) for frame, (_, shape) in zip(frames, maps, strict=True)]


def _frame(sky: SkyMap, shape: tuple[int, int], reference: tuple[float, float]) -> _Frame | None:
    ny, nx = shape
    x, y = (nx + 1) / 2, (ny + 1) / 2
    # Differences over half the image: of a distorted one the axes are those of its middle.
    half = max(0.5, min(nx, ny) / 4)
    ra, dec = sky.sky(np.array([x, x - half, x + half, x, x]), np.array([y, y, y, y - half, y + half]))
    plane = np.array(tangent_plane(ra, dec, *reference))
    if not np.isfinite(plane).all():
        return None
    axes = np.stack((plane[:, 2] - plane[:, 1], plane[:, 4] - plane[:, 3]), axis=1) / (2 * half)
    if abs(np.linalg.det(axes)) < 1e-18:
        return None
    return _Frame(plane[:, 0], axes)


def _place(frame: _Frame | None, first: _Frame, shape: tuple[int, int]) -> WcsPlace | None:
    if frame is None:
        return None
    inverse = np.linalg.inv(first.axes)
    turn = inverse @ frame.axes
    whole = np.rint(turn)
    if np.abs(turn - whole).max() > _TOLERANCE or abs(abs(np.linalg.det(whole)) - 1) > 1e-9:
        return None
    transpose = bool(whole[0, 0] == 0)
    along, up = (whole[0, 1], whole[1, 0]) if transpose else (whole[0, 0], whole[1, 1])
    height, width = shape[::-1] if transpose else shape
    x, y = inverse @ (frame.centre - first.centre)
    return WcsPlace(
        x=round(float(x) - width / 2),
        y=round(-float(y) - height / 2),
        width=width,
        height=height,
        flip_x=bool(along < 0),
        flip_y=bool(up < 0),
        transpose=transpose,
    )
