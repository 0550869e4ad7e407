"""Which pixels lie in a region: those whose centres do.

A centre on the edge of a circle, an ellipse or a box lies outside, as in ``to_mask(mode="center")``
of astropy's `regions`. Of a polygon it is inside at a left edge and outside at a right one, so that
polygons that share an edge share no pixel.
"""

import math
from functools import singledispatch
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toyz.regions import Box, Circle, Ellipse, Point, Polygon

Inside = NDArray[np.bool_]
Area = Point | Circle | Ellipse | Box | Polygon
"""The shapes that hold pixels. That of a point is the one it lies in."""


@singledispatch
def inside(shape: Any, columns: NDArray[np.float64], rows: NDArray[np.float64]) -> Inside:
    """Tell which pixels lie in a shape.

    Parameters
    ----------
    shape : Area
    columns, rows : ndarray
        Of the pixels, from 0, row 0 at the bottom.

    Returns
    -------
    ndarray
        ``(len(rows), len(columns))``.
    """
    raise TypeError(f"{type(shape).__name__} holds no pixels")


@inside.register
def _(shape: Point, columns: NDArray[np.float64], rows: NDArray[np.float64]) -> Inside:
    column, row = math.floor(shape.x + 0.5), math.floor(shape.y + 0.5)
    return np.asarray((rows == row)[:, None] & (columns == column), np.bool_)


@inside.register
def _(shape: Circle, columns: NDArray[np.float64], rows: NDArray[np.float64]) -> Inside:
    return np.asarray((columns - shape.x) ** 2 + (rows[:, None] - shape.y) ** 2 < shape.radius**2, np.bool_)


@inside.register
def _(shape: Ellipse, columns: NDArray[np.float64], rows: NDArray[np.float64]) -> Inside:
    along, across = _turned(shape, columns, rows)
    return np.asarray((along / shape.rx) ** 2 + (across / shape.ry) ** 2 < 1, np.bool_)


@inside.register
def _(shape: Box, columns: NDArray[np.float64], rows: NDArray[np.float64]) -> Inside:
    along, across = _turned(shape, columns, rows)
    return np.asarray((np.abs(along) < shape.width / 2) & (np.abs(across) < shape.height / 2), np.bool_)


@inside.register
def _(shape: Polygon, columns: NDArray[np.float64], rows: NDArray[np.float64]) -> Inside:
    start = np.array(shape.vertices, np.float64)
    end = np.roll(start, -1, axis=0)
    found = np.zeros((len(rows), len(columns)), np.bool_)
    for number, row in enumerate(rows.tolist()):
        # An edge holds its lower end, so that a vertex is met once.
        met = (start[:, 1] > row) != (end[:, 1] > row)
        (x0, y0), (x1, y1) = start[met].T, end[met].T
        crossings = np.sort(x0 + (row - y0) * (x1 - x0) / (y1 - y0))
        found[number] = np.searchsorted(crossings, columns, side="right") % 2 == 1
    return found


def _turned(shape: Ellipse | Box, columns: NDArray[np.float64], rows: NDArray[np.float64]) -> tuple[Any, Any]:
    angle = math.radians(shape.angle)
    cos, sin = math.cos(angle), math.sin(angle)
    dx, dy = columns - shape.x, rows[:, None] - shape.y
    return dx * cos + dy * sin, dy * cos - dx * sin


def extent(shape: Area) -> tuple[float, float, float, float]:
    """Give the least box around a shape: x0, x1, y0, y1."""
    if isinstance(shape, Polygon):
        xs, ys = zip(*shape.vertices, strict=True)
        return min(xs), max(xs), min(ys), max(ys)
    dx, dy = _reach(shape)
    return shape.x - dx, shape.x + dx, shape.y - dy, shape.y + dy


def _reach(shape: Point | Circle | Ellipse | Box) -> tuple[float, float]:
    if isinstance(shape, Point):
        return 0.5, 0.5
    if isinstance(shape, Circle):
        return shape.radius, shape.radius
    angle = math.radians(shape.angle)
    cos, sin = abs(math.cos(angle)), abs(math.sin(angle))
    if isinstance(shape, Ellipse):
        return math.hypot(shape.rx * cos, shape.ry * sin), math.hypot(shape.rx * sin, shape.ry * cos)
    width, height = shape.width / 2, shape.height / 2
    return width * cos + height * sin, width * sin + height * cos


def area(shape: Area) -> float:
    """Give the area of a shape in square pixels, whatever pixels it holds; of a point that of a pixel."""
    if isinstance(shape, Circle):
        return math.pi * shape.radius**2
    if isinstance(shape, Ellipse):
        return math.pi * shape.rx * shape.ry
    if isinstance(shape, Box):
        return shape.width * shape.height
    if isinstance(shape, Polygon):
        # Differences from one vertex, so that far from the origin nothing is lost.
        x, y = (np.array(shape.vertices, np.float64) - shape.vertices[0]).T
        return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)
    return 1.0
