"""Between the shapes of a workspace and the objects of astropy's `regions`, on pixels or on the sky."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import regions
from astropy import units
from astropy.coordinates import SkyCoord

from toyz.errors import InvalidParameter
from toyz.regions import Box, Circle, Ellipse, Line, Point, Polygon, Shape, Text, Vertex
from toyz_sessions.region_sky import PixelSky, from_icrs, pole_angle, system_of, to_icrs

System = Literal["image", "icrs", "fk5", "galactic"]


def places_of(shape: Shape) -> Sequence[Vertex]:
    """Give the places that tell where a shape is: its vertices, or its centre."""
    return shape.vertices if isinstance(shape, Polygon | Line) else ((shape.x, shape.y),)


def on_pixels(shape: Shape, label: str) -> Any:
    """Make the pixel region of a shape."""
    where = places_of(shape)
    coords = [regions.PixCoord(x, y) for x, y in where]
    return _made(shape, label, coords, _Kinds("Pixel", 1.0, lambda angle: angle, _pixel_polygon))


def on_sky(shapes: Sequence[tuple[Shape, str]], sky: PixelSky, frame: str) -> list[Any]:
    """Make the sky regions of shapes with their labels, in a system.

    Raises
    ------
    InvalidParameter
        If one of them lies where the image has no sky.
    """
    places = [[sky.to_sky(x, y) for x, y in places_of(shape)] for shape, _ in shapes]
    if not np.isfinite(np.array([place for one in places for place in one])).all():
        raise InvalidParameter("One of the regions lies where the image has no sky.", field="parameters.regions")
    moved = from_icrs([place for one in places for place in one], frame)
    lon, lat = np.atleast_1d(moved.data.lon.deg), np.atleast_1d(moved.data.lat.deg)
    made, at = [], 0
    for (shape, label), icrs in zip(shapes, places, strict=True):
        own = slice(at, at + len(icrs))
        at = own.stop
        coords = [SkyCoord(a, b, unit="deg", frame=frame) for a, b in zip(lon[own], lat[own], strict=True)]
        compass, pole = sky.compass(*places_of(shape)[0]), pole_angle(*icrs[0], frame)
        turned = partial(compass.to_sky, pole=pole)
        made.append(_made(shape, label, coords, _Kinds("Sky", compass.scale * units.arcsec, turned, _sky_polygon)))
    return made


def _pixel_polygon(coords: Sequence[Any]) -> Any:
    return regions.PixCoord([at.x for at in coords], [at.y for at in coords])


def _sky_polygon(coords: Sequence[Any]) -> Any:
    lon, lat = ([getattr(at.data, axis).deg for at in coords] for axis in ("lon", "lat"))
    return SkyCoord(lon, lat, unit="deg", frame=coords[0].frame.name)


@dataclass(frozen=True)
class _Kinds:
    """Regions on pixels or on the sky: the length of a pixel there, and how angles and polygons become theirs."""

    on: str
    scale: Any
    turned: Callable[[float], float]
    polygon: Callable[[Sequence[Any]], Any]

    def __call__(self, name: str) -> Any:
        return getattr(regions, f"{name}{self.on}Region")


def _made(shape: Shape, label: str, coords: Sequence[Any], kind: _Kinds) -> Any:
    match shape:
        case Point():
            made = kind("Point")(coords[0])
        case Text():
            made = kind("Text")(coords[0], label)
        case Circle():
            made = kind("Circle")(coords[0], shape.radius * kind.scale)
        case Polygon():
            made = kind("Polygon")(kind.polygon(coords))
        case Line():
            made = kind("Line")(*coords)
        case Ellipse():
            sizes = 2 * shape.rx * kind.scale, 2 * shape.ry * kind.scale
            made = kind("Ellipse")(coords[0], *sizes, kind.turned(shape.angle) * units.deg)
        case Box():
            sizes = shape.width * kind.scale, shape.height * kind.scale
            made = kind("Rectangle")(coords[0], *sizes, kind.turned(shape.angle) * units.deg)
    return made


def shapes_of(found: Sequence[Any], sky: PixelSky | None) -> list[Shape | str]:
    """Turn regions into shapes on the pixels of an image, or into why they cannot be.

    Parameters
    ----------
    found : sequence of regions.Region
    sky : PixelSky or None
        Needed for regions on the sky.
    """
    on_the_sky = [region for region in found if isinstance(region, regions.SkyRegion)]
    if sky is None:
        icrs: Any = iter(())
    else:
        icrs = iter(to_icrs([place for region in on_the_sky for place in _places(region)]).tolist())
    shapes: list[Shape | str] = []
    for region in found:
        if not isinstance(region, regions.SkyRegion):
            places = [(float(x), float(y)) for at in _places(region) for x, y in np.atleast_2d(np.transpose(at.xy))]
            shapes.append(_shape(region, places, 1.0, lambda angle: angle % 360))
        elif sky is None:
            shapes.append("on the sky, and this image has no WCS")
        else:
            count = sum(at.size for at in _places(region))
            shapes.append(_from_sky(region, [next(icrs) for _ in range(count)], sky))
    return shapes


def _places(region: Any) -> tuple[Any, ...]:
    if hasattr(region, "center"):
        return (region.center,)
    if hasattr(region, "vertices"):
        return (region.vertices,)
    return (region.start, region.end) if hasattr(region, "start") else ()


def _from_sky(region: Any, icrs: Sequence[Any], sky: PixelSky) -> Shape | str:
    places = [sky.to_pixel(*place) for place in icrs]
    if not places or not np.isfinite(np.array(places)).all():
        return "on another side of the sky than the image"
    compass = sky.compass(*places[0])
    pole = pole_angle(icrs[0][0], icrs[0][1], *system_of(_places(region)[0]))
    return _shape(region, places, compass.scale, partial(compass.to_pixel, pole=pole))


def _shape(region: Any, places: Sequence[Vertex], scale: float, turned: Callable[[float], float]) -> Shape | str:
    """Give the shape of a region whose places are known; `scale` is the arcseconds of a pixel."""
    name = type(region).__name__.removesuffix("Region").removesuffix("Sky").removesuffix("Pixel")

    def length(size: Any) -> float:
        return float(size.to_value(units.arcsec) if hasattr(size, "unit") else size) / scale

    def sizes() -> tuple[float, float, float]:
        angle = turned(float(region.angle.to_value(units.deg)))
        return length(region.width), length(region.height), angle

    shape: Shape | str = f"a shape that is not known here ({name.lower()})"
    match name:
        case "Polygon":
            shape = Polygon([*places])
        case "Line":
            shape = Line((places[0], places[1]))
        case "Point":
            shape = Point(*places[0])
        case "Text":
            shape = Text(*places[0])
        case "Circle":
            shape = Circle(*places[0], length(region.radius))
        case "Ellipse":
            width, height, angle = sizes()
            shape = Ellipse(*places[0], width / 2, height / 2, angle)
        case "Rectangle":
            shape = Box(*places[0], *sizes())
    return shape
