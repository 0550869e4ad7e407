"""The shapes of what a session answers: its tasks give them, and the server documents them.

Nothing is imported here that takes long to import, for the server imports it.
"""

from typing import Literal

import msgspec

from toyz.protocol import TILE_SIZE, ChannelCuts, Match
from toyz.readers import Card, HduInfo
from toyz.regions import Marked


class FileInfo(msgspec.Struct, kw_only=True):
    """A file and its HDUs, from headers alone."""

    path: str
    name: str
    size: int
    modified: float
    reader: str
    hdus: list[HduInfo]
    warnings: list[str]
    mosaic: bool
    complete: bool


class Cuts(msgspec.Struct, frozen=True, omit_defaults=True):
    """The values shown as the first and the last colour, and how they were found; of a composite by channel too."""

    low: float
    high: float
    method: Literal["minmax", "percentile", "zscale"]
    channel_cuts: ChannelCuts | None = None


class HeaderInfo(msgspec.Struct):
    """All cards of one HDU."""

    hdu: int
    cards: list[Card]


class FoundCard(msgspec.Struct):
    """A card that was searched for, and the HDU that it stands in; `name` is that one's EXTNAME."""

    hdu: int
    name: str
    keyword: str
    value: str
    comment: str


class Residual(msgspec.Struct, frozen=True):
    """How far a layout by WCS puts pixels from where the WCS has them, in display pixels."""

    rms: float
    maximum: float


class Ccd(msgspec.Struct, frozen=True, kw_only=True):
    """A CCD of a mosaic.

    Attributes
    ----------
    x, y, width, height : int
        The box around it in display pixels, from the top left.
    corners : list of [x, y]
        Its outline, going round, in the same pixels; the box itself unless a layout by WCS has turned it.
    residual : Residual or None
        Of a layout by WCS.
    """

    name: str
    hdu: int
    x: int
    y: int
    width: int
    height: int
    corners: list[tuple[float, float]]
    residual: Residual | None = None


class LayoutResidual(Residual, frozen=True):
    """The same of all CCDs together, and the name of the worst."""

    worst: str


class Matching(msgspec.Struct, frozen=True):
    """How the skies of the CCDs of a mosaic were brought together.

    Attributes
    ----------
    level : float
        The sky that they have now.
    lowest, highest : float
        Of the offsets, or of the factors.
    parts : int
        CCDs, or amplifiers where the headers tell of them.
    unmatched : list of str
        Those that were left as they are.
    """

    level: float
    lowest: float
    highest: float
    parts: int
    unmatched: list[str]


class WcsInfo(msgspec.Struct, frozen=True):
    """Where the image lies on the sky.

    Attributes
    ----------
    projection : str
        Such as ``TPV``.
    frame : str
        Of the header: ``ICRS``, ``FK5``, ...
    equinox : float or None
    centre : tuple of float
        ICRS right ascension and declination of the middle of the image, degrees.
    pixel_scale : float
        Arcseconds, at the centre.
    north, east : float
        Directions on the screen at the centre, degrees clockwise from up.
    """

    projection: str
    frame: str
    equinox: float | None
    centre: tuple[float, float]
    pixel_scale: float
    north: float
    east: float


class Component(msgspec.Struct, frozen=True):
    """One of the three images of a composite."""

    path: str
    hdu: int | str
    plane: int


class FrameInfo(msgspec.Struct, kw_only=True):
    """What is needed to show an open image, from headers alone."""

    image: str
    path: str
    name: str
    hdu: int | str
    plane: int
    planes: int
    width: int
    height: int
    levels: int
    tile_size: int = TILE_SIZE
    dtype: str
    channels: int
    reader: str
    complete: bool


class ImageInfo(FrameInfo, kw_only=True):
    """An open image; see docs/architecture.md for the meaning of each field."""

    unit: str
    bottom_up: bool
    hdus: list[HduInfo]
    layout: Literal["detsec", "wcs", "grid", "single"]
    residual: LayoutResidual | None
    match: Match
    matching: Matching | None
    ccds: list[Ccd]
    wcs: WcsInfo | None
    wcs_problem: str
    cuts: Cuts
    minimum: float | None
    maximum: float | None
    pyramid: Literal["none", "building", "ready"]
    progress: float
    warnings: list[str]
    modified: float
    components: list[Component] = []


class CcdPixel(msgspec.Struct):
    """A pixel in the frame of its own CCD (1-based)."""

    name: str
    hdu: int
    x: float
    y: float


class PixelInfo(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What lies under a position; FITS pixels, degrees, the image's unit.

    `value` is that of the file; `shown` is there where CCDs are matched, and is what the picture shows.
    """

    x: float
    y: float
    value: float | None
    shown: float | None = None
    colour: list[int] | None = None
    values: list[float | None] | None = None
    ra: float | None
    dec: float | None
    l: float | None  # noqa: E741 - the names of the galactic coordinates
    b: float | None
    sexagesimal: tuple[str, str] | None = None
    ccd: CcdPixel | None


class Located(msgspec.Struct):
    """A position as FITS pixels."""

    x: float
    y: float
    inside: bool


class DirectionsInfo(msgspec.Struct):
    """Where north and east lie on the screen, degrees clockwise from up."""

    north: float
    east: float


class HistogramInfo(msgspec.Struct, kw_only=True):
    """A histogram of a sample of the image."""

    edges_low: float
    edges_high: float
    counts: list[int]
    sampled: int
    total: int
    median: float | None
    mean: float | None
    sigma: float | None


class StatisticsInfo(msgspec.Struct, kw_only=True):
    """Statistics of a region or a sample; `sampled` is False where every pixel was looked at."""

    count: int
    bad: int
    minimum: float | None
    maximum: float | None
    mean: float | None
    median: float | None
    sigma: float | None
    sampled: bool


class ColormapInfo(msgspec.Struct):
    """A colormap: its name, its group and 32 of its colours."""

    name: str
    group: str
    colours: list[str]


class ValueStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """Statistics of the values of one channel in a region; None where no pixel has one.

    Attributes
    ----------
    count, bad : int
        Pixels with a value, and without (NaN, infinite, or in a gap between CCDs).
    std : float or None
        Of all values: the root of their mean squared distance from the mean.
    """

    count: int
    bad: int
    sum: float | None
    mean: float | None
    median: float | None
    std: float | None
    minimum: float | None
    maximum: float | None


class RegionStatistics(msgspec.Struct, frozen=True):
    """What the pixels of a region hold, as the file has them; of each channel.

    Attributes
    ----------
    area : float
        Square pixels of the shape itself, whatever pixels have their centres in it.
    """

    area: float
    values: list[ValueStatistics]


class RegionSky(msgspec.Struct, frozen=True, kw_only=True):
    """Where a region lies on the sky; None where the WCS has no answer.

    Attributes
    ----------
    ra, dec : float or None
        Of its centre, or its first vertex (ICRS, degrees).
    sexagesimal : tuple of str or None
    scale : float or None
        Arcseconds of a pixel there: lengths of the region on the sky are its lengths in pixels times this.
    north : float or None
        The pixel direction of north there, in degrees from +x towards +y.
    mirrored : bool
        Whether position angles, from north towards east, go the other way round on the image.
    vertices : list
        ``[ra, dec]`` of each vertex of a polygon or a line.
    length, position_angle : float or None
        Of a line: arcseconds, and degrees from north towards east at its first end.
    """

    ra: float | None
    dec: float | None
    sexagesimal: tuple[str, str] | None
    scale: float | None
    north: float | None
    mirrored: bool
    vertices: list[tuple[float, float] | None]
    length: float | None = None
    position_angle: float | None = None


class SkippedRegions(msgspec.Struct, frozen=True):
    """Regions of a file that could not be read, and why."""

    reason: str
    count: int


class ReadRegions(msgspec.Struct, frozen=True):
    """The regions of a file, on the pixels of an image."""

    regions: list[Marked]
    skipped: list[SkippedRegions]


class Downloadable(msgspec.Struct, kw_only=True):
    """A file or a folder that is to be downloaded; of a file, its bytes and what names it as it is now."""

    name: str
    folder: bool = False
    size: int = 0
    modified: float = 0.0
    identity: str = ""


class Packed(msgspec.Struct, kw_only=True):
    """An archive that is about to be sent: what fetches its pieces, and how many bytes and files it has."""

    stream: str
    name: str
    size: int
    files: int
