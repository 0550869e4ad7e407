"""Regions of an image: their shapes as they are kept in a workspace, sent, measured and exchanged.

Coordinates are pixels with the centre of the first pixel at (0, 0), x to the right and y up, as in
`regions.PixCoord` of astropy: one less than the FITS pixels that people are shown. Lengths are in
pixels, angles in degrees, counted from +x towards +y.
"""

import re
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Coordinate = Annotated[float, Meta(ge=-1e7, le=1e7)]
Length = Annotated[float, Meta(gt=0, le=2e7)]
Angle = Annotated[float, Meta(ge=-360, le=360)]
Vertex = tuple[Coordinate, Coordinate]
MAX_VERTICES = 1000
Label = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Colour = Annotated[str, Meta(pattern="^#[0-9a-f]{6}$")]
DEFAULT_COLOUR = "#f0e442"
REGION_PREFIX = "region/"
"""Of the key under which a workspace keeps a region; an id follows."""
REGION_KEY = re.compile(r"region/[A-Za-z0-9_-]{1,40}")


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="point"):
    """A place."""

    x: Coordinate
    y: Coordinate


class Circle(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="circle"):
    """A circle by its centre."""

    x: Coordinate
    y: Coordinate
    radius: Length


class Ellipse(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="ellipse"):
    """An ellipse by its centre and its semi-axes, the first of them at `angle`."""

    x: Coordinate
    y: Coordinate
    rx: Length
    ry: Length
    angle: Angle = 0.0


class Box(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="box"):
    """A rectangle by its centre, its width along `angle` and its height across."""

    x: Coordinate
    y: Coordinate
    width: Length
    height: Length
    angle: Angle = 0.0


class Polygon(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="polygon"):
    """A polygon, closed by itself; where it crosses itself, what lies inside twice lies outside."""

    vertices: Annotated[list[Vertex], Meta(min_length=3, max_length=MAX_VERTICES)]


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="line"):
    """A line between two places: a ruler."""

    vertices: tuple[Vertex, Vertex]


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="text"):
    """The region's label, centred on a place."""

    x: Coordinate
    y: Coordinate


Shape = Point | Circle | Ellipse | Box | Polygon | Line | Text


class RegionImage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The pixels that a region lies on: all planes of an HDU, or a mosaic in one layout.

    Of a composite it is the image in its red channel.
    """

    path: Annotated[str, Meta(max_length=4096)]
    hdu: Annotated[int, Meta(ge=0)] | Literal["mosaic"]
    layout: Literal["single", "detsec", "wcs", "grid"] = "single"


class Region(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A region as a workspace keeps it, under ``region/<id>``."""

    image: RegionImage
    shape: Shape
    label: Label = ""
    colour: Colour = DEFAULT_COLOUR
    locked: bool = False


class Marked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A region without the image it lies on: what is exchanged with files."""

    shape: Shape
    label: Label = ""
    colour: Colour = DEFAULT_COLOUR
