"""Lines over a lens: critical curves and caustics, and the contours of the arrival time through its saddle points."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toyz_glass.core.surface import Surface

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Contour:
    """A line of one value.

    Parameters
    ----------
    level : float
        The value.
    points : array, (points, 2)
        Arcsec; the last one is the first again where the line is closed.
    """

    level: float
    points: Array


def contours(values: Array, surface: Surface, level: float) -> list[Contour]:
    """Find the lines of a value in an image over the raster of a surface.

    Parameters
    ----------
    values : array, (count, count)
    surface : Surface
    level : float
    """
    from contourpy import contour_generator  # noqa: PLC0415 (only who draws needs it)

    axis = surface.raster.axis
    lines = contour_generator(axis, axis, values).lines(level)
    return [Contour(level, np.asarray(line, float)) for line in lines]


def critical_curves(surface: Surface, unknowns: Array) -> list[Contour]:
    """Find where images of a model would be magnified without end.

    The convergence jumps from pixel to pixel, and the magnification with it: the curves are rugged as the map is.
    """
    return contours(surface.inverse_magnification(unknowns), surface, 0.0)


def caustics(surface: Surface, unknowns: Array) -> list[Contour]:
    """Find where in the plane of the source light on the critical curves comes from."""
    found = []
    for curve in critical_curves(surface, unknowns):
        bent = surface.forms.deflection(curve.points).at(unknowns) / surface.z_cap
        found.append(Contour(0.0, np.asarray(curve.points - bent, float)))
    return found


def saddle_contours(surface: Surface, unknowns: Array) -> list[Contour]:
    """Find the contours of the arrival time through each image that is a saddle point: they cross there."""
    lens = surface.forms.lens
    images = lens.sources[surface.source].images
    arrival = surface.arrival(unknowns)
    found = []
    for image in images:
        if image.kind != "saddle":
            continue
        (level,) = surface.arrival_at(np.array([(image.x, image.y)]), unknowns)
        found += contours(arrival, surface, float(level))
    return found
