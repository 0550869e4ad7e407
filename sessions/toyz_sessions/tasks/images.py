"""``images``: open an image, read its pixels, its header and its place on the sky."""

import io
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import Meta

from toyz.errors import InvalidParameter, NotFound, TooLarge
from toyz.plugin import Plugin
from toyz.protocol import MAX_PICTURE, Binary, LayoutChoice, Match, Style
from toyz.readers import Pixels
from toyz_sessions.answers import (
    CcdPixel,
    ColormapInfo,
    Cuts,
    DirectionsInfo,
    FoundCard,
    FrameInfo,
    HeaderInfo,
    HistogramInfo,
    ImageInfo,
    Located,
    PixelInfo,
    StatisticsInfo,
)
from toyz_sessions.composite import compose as compose_images
from toyz_sessions.image_key import ImageKey
from toyz_sessions.shown import ShownImage
from toyz_sessions.task_context import TaskContext
from toyz_tiles import colour, statistics
from toyz_tiles.geometry import Window
from toyz_tiles.picture import Format, Tone, Turn, picture
from toyz_tiles.region import region_pixels, source_level
from toyz_tiles.stretch import equalisation
from toyz_tiles.wcs import PixelPosition, format_sexagesimal, parse_position, to_galactic

plugin = Plugin("images", title="Images", description="Open images, their pixels, headers and positions.")

Path = Annotated[str, Meta(max_length=4096, description="share/relative/path")]
ImageId = Annotated[str, Meta(min_length=1, max_length=128, description="as images.open gave it")]
Hdu = Annotated[int, Meta(ge=0)] | Literal["auto", "mosaic"]
Plane = Annotated[int, Meta(ge=0)]
Box = Annotated[list[Annotated[int, Meta(ge=0)]], Meta(min_length=4, max_length=4)]
Position = Annotated[float, Meta(ge=-1e9, le=1e9)]
MAX_PIXEL_BYTES = 64 << 20
MAX_REGION = 4 << 20
"""Pixels of a region that are looked at for statistics; a larger one is sampled."""


@plugin.task(name="open", title="Open an image")
def open_image(
    context: TaskContext,
    path: Path,
    hdu: Hdu = "auto",
    plane: Plane = 0,
    layout: LayoutChoice = "auto",
    match: Match = "none",
) -> ImageInfo:
    """Open one HDU of a file, or the mosaic of all: in a layout, with the sky of its CCDs matched or not."""
    key = ImageKey(path, hdu, plane, layout, match)
    image = context.images.open(key)
    context.announce(image.id, "open", key._asdict())
    return context.images.describe(image)


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """An image that is to be one of the three of a composite, as `open` takes it."""

    path: Path
    hdu: Hdu = "auto"
    plane: Plane = 0


@plugin.task(title="Compose a colour picture")
def compose(context: TaskContext, red: Wanted, green: Wanted, blue: Wanted) -> ImageInfo:
    """Open three images of one size as the red, green and blue of one picture."""
    asked = {"red": red, "green": green, "blue": blue}
    image = compose_images(context.images, [ImageKey(one.path, one.hdu, one.plane) for one in asked.values()])
    context.announce(image.id, "compose", asked)
    return context.images.describe(image)


@plugin.task(title="Open a frame")
def frame(
    context: TaskContext,
    path: Path,
    hdu: Hdu = "auto",
    plane: Plane = 0,
    layout: LayoutChoice = "auto",
    match: Match = "none",
) -> FrameInfo:
    """Open one HDU of a file that may only pass by: nothing is described, and nothing built to improve it."""
    key = ImageKey(path, hdu, plane, layout, match)
    image = context.images.open(key)
    if not image.described:
        context.announce(image.id, "frame", key._asdict())
    return context.images.frame(image)


@plugin.task(title="Close an image")
def close(context: TaskContext, image: ImageId) -> None:
    """Release an image."""
    context.images.close(image)


@plugin.task(title="Read a pixel")
def pixel(context: TaskContext, image: ImageId, x: Position, y: Position) -> PixelInfo:
    """Value of the file and sky position at a FITS pixel position (1-based, fractions allowed)."""
    opened = context.images.get(image)
    value = opened.value_at(x, y)
    matched = None if opened.match is None else opened.value_at(x, y, shown=True)
    ra, dec = sky_at(opened, x, y)
    galactic = to_galactic(ra, dec) if ra is not None and dec is not None else (None, None)
    plain = None if value is None or value.ndim else float(value)
    channels = value if value is not None and value.ndim else None
    whole = channels is not None and channels.dtype.kind in "iu"
    return PixelInfo(
        x=x,
        y=y,
        value=None if plain is None else _number(plain),
        shown=None if matched is None else _number(matched),
        colour=[int(part) for part in channels] if channels is not None and whole else None,
        values=[_number(part) for part in channels] if channels is not None and not whole else None,
        ra=ra,
        dec=dec,
        l=galactic[0],
        b=galactic[1],
        sexagesimal=None if ra is None or dec is None else format_sexagesimal(ra, dec),
        ccd=ccd_at(opened, x, y),
    )


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def sky_at(image: ShownImage, x: float, y: float) -> tuple[float | None, float | None]:
    """Give right ascension and declination (ICRS, degrees), or two Nones where the WCS has no answer."""
    if image.sky.problem:
        return None, None
    ra, dec = image.sky.sky(x, y)
    return (float(ra), float(dec)) if np.isfinite(ra) and np.isfinite(dec) else (None, None)


def ccd_at(image: ShownImage, x: float, y: float) -> CcdPixel | None:
    """Give the CCD of a mosaic under a FITS pixel, and the pixel in its own frame; None in a gap."""
    if image.display.layout is None:
        return None
    column, row = image.to_display(x, y)
    placement = image.display.layout.at(column, row)
    if placement is None:
        return None
    own_x, own_y = placement.to_file(column, row)
    return CcdPixel(placement.name, placement.hdu, own_x + 1, own_y + 1)


@plugin.task(title="Find a sky position")
def position(
    context: TaskContext,
    image: ImageId,
    ra: Annotated[float, Meta(ge=-360, le=360)],
    dec: Annotated[float, Meta(ge=-90, le=90)],
) -> Located:
    """FITS pixel of a position (ICRS, degrees)."""
    opened = context.images.get(image)
    if opened.sky.problem:
        raise InvalidParameter(f"This image has no usable WCS: {opened.sky.problem}")
    return located(opened, *opened.sky.pixel(ra, dec))


@plugin.task(title="Find north and east")
def directions(context: TaskContext, image: ImageId, x: Position, y: Position) -> DirectionsInfo:
    """Directions of north and east on the screen at a FITS pixel position (1-based, fractions allowed)."""
    opened = context.images.get(image)
    if opened.sky.problem:
        raise InvalidParameter(f"This image has no usable WCS: {opened.sky.problem}")
    north, east = opened.sky.orientation(x, y)
    if not (np.isfinite(north) and np.isfinite(east)):
        raise NotFound("The WCS gives no directions at this place.")
    return DirectionsInfo(float(north), float(east))


def located(image: ShownImage, x: float, y: float) -> Located:
    """Say whether a FITS pixel lies inside the image."""
    if not (np.isfinite(x) and np.isfinite(y)):
        raise NotFound("This position is not on the image's side of the sky.")
    inside = 0.5 <= x <= image.display.width + 0.5 and 0.5 <= y <= image.display.height + 0.5
    return Located(float(x), float(y), bool(inside))


@plugin.task(title="Find a position as typed")
def locate(context: TaskContext, image: ImageId, text: Annotated[str, Meta(min_length=1, max_length=200)]) -> Located:
    """FITS pixel of a position as people write it: sexagesimal, degrees, galactic, or pixels."""
    opened = context.images.get(image)
    # Without a WCS two numbers can only be pixels.
    bare = opened.sky.problem and not any(letter.isalpha() or letter == ":" for letter in text)
    wanted = parse_position(f"{text} px" if bare else text)
    if isinstance(wanted, PixelPosition):
        return located(opened, wanted.x, wanted.y)
    if opened.sky.problem:
        raise InvalidParameter(f"This image has no usable WCS: {opened.sky.problem}", field="parameters.text")
    return located(opened, *opened.sky.pixel(wanted.ra, wanted.dec))


def _region(image: ShownImage, region: list[int] | None) -> tuple[Pixels, bool]:
    """Pixels of a region in display pixels, or the sample; and whether it is only a sample."""
    if region is None:
        whole = image.levels.overview_level == 0
        return image.sample() if not whole else image.levels.overview(), not whole
    x0, y0 = min(region[0], region[2]), min(region[1], region[3])
    x1, y1 = (
        min(max(region[i], region[i + 2]), limit) for i, limit in ((0, image.display.width), (1, image.display.height))
    )
    if x0 >= x1 or y0 >= y1:
        raise InvalidParameter("The region lies outside the image.", field="parameters.region")
    step = max(1, int(np.ceil(np.sqrt((x1 - x0) * (y1 - y0) / MAX_REGION))))
    return image.levels.raster.read(y0, y1, x0, x1, step), step > 1


@plugin.task(title="Find cuts")
def cuts(
    context: TaskContext,
    image: ImageId,
    method: Literal["minmax", "percentile", "zscale"] = "zscale",
    percent: Annotated[float, Meta(gt=0, le=100)] = 99.5,
    region: Box | None = None,
) -> Cuts:
    """Low and high values for the display, from a sample of the image or from a region."""
    opened = context.images.get(image)
    values = None if region is None else _region(opened, region)[0]
    return opened.cuts(method, percent, values)


@plugin.task(title="Histogram")
def histogram(
    context: TaskContext,
    image: ImageId,
    bins: Annotated[int, Meta(ge=2, le=4096)] = 256,
    low: float | None = None,
    high: float | None = None,
    channel: Annotated[int, Meta(ge=0, le=2, description="of a composite")] | None = None,
) -> HistogramInfo:
    """Histogram of a sample of the image between two values (the sample's extremes by default)."""
    opened = context.images.get(image)
    if channel is not None and channel >= len(opened.parts):
        raise InvalidParameter("This image is not composed of channels.", field="parameters.channel")
    values = opened.sample() if channel is None else opened.parts[channel].sample()
    summary = statistics.summary(values)
    first, last = statistics.minmax(values)
    first, last = (first if low is None else low), (last if high is None else high)
    if not first < last:
        raise InvalidParameter("low must be less than high", field="parameters.low")
    return HistogramInfo(
        edges_low=first,
        edges_high=last,
        counts=statistics.histogram(values, bins, first, last).counts,
        sampled=int(values.size),
        total=opened.display.width * opened.display.height,
        median=summary.median,
        mean=summary.mean,
        sigma=summary.sigma,
    )


@plugin.task(name="statistics", title="Statistics")
def statistics_of(context: TaskContext, image: ImageId, region: Box | None = None) -> StatisticsInfo:
    """Count, extremes, mean, median and robust sigma of a region, or of a sample of the image."""
    opened = context.images.get(image)
    values, sampled = _region(opened, region)
    return StatisticsInfo(**msgspec.structs.asdict(statistics.summary(values.reshape(-1))), sampled=sampled)


@plugin.task(title="Header")
def header(context: TaskContext, image: ImageId, hdu: Annotated[int, Meta(ge=0)] | None = None) -> HeaderInfo:
    """All cards of an HDU: the one shown, or of a mosaic the primary HDU."""
    opened = context.images.get(image)
    shown = opened.display.hdu
    chosen = hdu if hdu is not None else (shown if isinstance(shown, int) else 0)
    opened.opened.info(chosen)
    return HeaderInfo(chosen, list(opened.opened.source.cards(chosen)))


@plugin.task(title="Search the headers")
def search_header(
    context: TaskContext,
    image: ImageId,
    text: Annotated[str, Meta(min_length=1, max_length=200)],
    limit: Annotated[int, Meta(ge=1, le=5000)] = 500,
) -> list[FoundCard]:
    """Cards of all HDUs of the file, in order, that hold each of the words in keyword, value or comment, in any case.

    As many as `limit` are found: there may be more.
    """
    source = context.images.get(image).opened.source
    words = text.lower().split()
    found: list[FoundCard] = []
    for info in source.hdus:
        context.check()
        for card in source.cards(info.index):
            line = f"{card.keyword} {card.value} {card.comment}".lower()
            if all(word in line for word in words):
                found.append(FoundCard(info.index, info.name, card.keyword, card.value, card.comment))
                if len(found) == limit:
                    return found
    return found


@plugin.task(title="Pixels")
def pixels(
    context: TaskContext,
    image: ImageId,
    x: Annotated[int, Meta(ge=0)],
    y: Annotated[int, Meta(ge=0)],
    width: Annotated[int, Meta(ge=1)],
    height: Annotated[int, Meta(ge=1)],
    step: Annotated[int, Meta(ge=1, le=4096)] = 1,
) -> Binary:
    """A window of pixel values as ``.npy``, in display order, from display column and row; as matched, if they are."""
    opened = context.images.get(image)
    if x + width > opened.display.width or y + height > opened.display.height:
        raise InvalidParameter("The window reaches outside the image.", field="parameters.width")
    raster = opened.levels.raster
    size = -(-width // step) * -(-height // step) * raster.channels * raster.dtype.itemsize
    if size > MAX_PIXEL_BYTES:
        raise TooLarge(f"The window holds {size >> 20} MB; at most {MAX_PIXEL_BYTES >> 20} MB are sent at once.")
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(raster.read(y, y + height, x, x + width, step)), allow_pickle=False)
    window: dict[str, Any] = {"x": x, "y": y, "width": width, "height": height, "step": step}
    return Binary(buffer.getvalue(), "npy", window)


@plugin.task(title="Render a region")
def render(
    context: TaskContext,
    image: ImageId,
    region: Box,
    size: Annotated[list[Annotated[int, Meta(ge=1)]], Meta(min_length=2, max_length=2)],
    style: Style,
    format: Format = "jpeg",  # noqa: A002 - its name on the wire
    tone: Tone = "default",
    turn: Turn = 0,
    mirror: bool = False,
) -> Binary:
    """A picture of any region (x0, y0, x1, y1 in display pixels) at any size (width, height) up to its own."""
    opened = context.images.get(image)
    window, shape = Window(region[1], region[3], region[0], region[2]), (size[1], size[0])
    if not (window.y0 < window.y1 <= opened.display.height and window.x0 < window.x1 <= opened.display.width):
        raise InvalidParameter("The region reaches outside the image.", field="parameters.region")
    if shape[0] > window.shape[0] or shape[1] > window.shape[1]:
        raise InvalidParameter("The picture would be larger than the region.", field="parameters.size")
    if shape[0] * shape[1] > MAX_PICTURE:
        raise TooLarge(f"A picture has at most {MAX_PICTURE >> 20} megapixels.", field="parameters.size")
    levels = opened.levels
    level = source_level(levels.shape, window, shape)
    final = levels.final(level)
    values = region_pixels(levels.window, levels.shape, level, window, shape, context.check)
    curve = equalisation(opened.quantiles(), style.low, style.high) if style.stretch == "histogram" else None
    data = picture(values, style, curve, format=format, tone=tone, turn=turn, mirror=mirror)
    return Binary(data, format, {"final": final})


@plugin.task(name="quantiles", title="Quantiles")
def quantiles_of(context: TaskContext, image: ImageId) -> Binary:
    """Quantiles of a sample of the image as little-endian float64, evenly spaced in rank: the histogram stretch."""
    return Binary(context.images.get(image).quantiles().astype("<f8").tobytes(), "f8")


@plugin.task(title="Colour tables")
def colour_tables(context: TaskContext) -> Binary:
    """All colormaps, whole: 256 times red, green and blue for each name."""
    del context
    names = colour.names()
    return Binary(b"".join(colour.table(name).tobytes() for name in names), "u1", {"names": names})


@plugin.task(title="Colormaps")
def colormaps(context: TaskContext) -> list[ColormapInfo]:
    """All colormaps with 32 of their colours."""
    del context
    return [ColormapInfo(name, colour.group(name), colour.swatch(name)) for name in colour.names()]
