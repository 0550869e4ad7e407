"""What the server answers a script with; see docs/architecture.md for the meaning of each field.

Fields that a newer server adds are ignored.
"""

from typing import Any

import msgspec

from toyz.readers import Card, HduInfo


class FileEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a listing; `kind` is ``share``, ``folder``, ``file`` or ``other``."""

    name: str
    path: str
    kind: str
    size: int = 0
    modified: float = 0.0
    reader: str = ""
    writable: bool = False


class FileListing(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a folder: `entries` are those from `offset` on, of `total`."""

    path: str
    parent: str | None = None
    entries: list[FileEntry]
    total: int
    offset: int = 0
    truncated: bool = False
    writable: bool = False


class FileDescription(msgspec.Struct, frozen=True, kw_only=True):
    """What the headers of a file say."""

    path: str
    name: str
    size: int
    modified: float
    reader: str
    hdus: list[HduInfo]
    warnings: list[str] = []


class Cuts(msgspec.Struct, frozen=True):
    """The values shown as the first and the last colour."""

    low: float
    high: float
    method: str = ""


class Residual(msgspec.Struct, frozen=True, kw_only=True):
    """How far a layout by WCS puts pixels from where the WCS has them, in display pixels."""

    rms: float
    maximum: float


class LayoutResidual(Residual, frozen=True, kw_only=True):
    """The same of all CCDs together, and the name of the worst."""

    worst: str


class Matching(msgspec.Struct, frozen=True, kw_only=True):
    """How the skies of CCDs were brought to one `level`: the extremes of the offsets (or factors) of their parts."""

    level: float
    lowest: float
    highest: float
    parts: int
    unmatched: list[str] = []


class Ccd(msgspec.Struct, frozen=True, kw_only=True):
    """A CCD of a mosaic; `x` and `y` are the display pixel of its top left corner."""

    name: str
    hdu: int
    x: int = 0
    y: int = 0
    width: int = 0
    height: int = 0
    corners: list[tuple[float, float]] = []
    residual: Residual | None = None


class Wcs(msgspec.Struct, frozen=True, kw_only=True):
    """Where an image lies; degrees, `pixel_scale` in arcseconds, `north` and `east` clockwise from screen up."""

    projection: str
    frame: str
    equinox: float | None = None
    centre: tuple[float, float]
    pixel_scale: float
    north: float
    east: float


class ImageInfo(msgspec.Struct, frozen=True, kw_only=True):
    """An image as the server describes it; ``hdu`` is a number or ``mosaic``."""

    image: str
    path: str
    name: str
    hdu: int | str
    plane: int = 0
    planes: int = 1
    width: int
    height: int
    levels: int
    tile_size: int = 256
    dtype: str
    unit: str = ""
    channels: int = 1
    bottom_up: bool = True
    reader: str = ""
    hdus: list[HduInfo] = []
    layout: str = "single"
    residual: LayoutResidual | None = None
    match: str = "none"
    matching: Matching | None = None
    ccds: list[Ccd] = []
    wcs: Wcs | None = None
    wcs_problem: str = ""
    cuts: Cuts
    minimum: float | None = None
    maximum: float | None = None
    pyramid: str = "none"
    complete: bool = True
    progress: float = 1.0
    warnings: list[str] = []
    modified: float = 0.0
    tiles: str = ""
    iiif: str = ""


class ImageLink(msgspec.Struct, frozen=True):
    """A IIIF base URL that opens an image without a login, and when it expires (seconds since the epoch)."""

    iiif: str
    expires: int


class Workspace(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace that one may open; `level` is ``view``, ``edit`` or ``own``, times are seconds since the epoch."""

    id: str
    owner: str
    name: str
    created: float
    changed: float
    opened: float
    revision: int
    level: str
    links: int = 0
    deleted: float = 0.0


class CcdPixel(msgspec.Struct, frozen=True, kw_only=True):
    """A position in the frame of its own CCD: FITS pixels, 1-based."""

    name: str
    hdu: int
    x: float
    y: float


class PixelValue(msgspec.Struct, frozen=True, kw_only=True):
    """The value at a position, and the position on the sky; angles in degrees."""

    x: float
    y: float
    value: float | None = None
    shown: float | None = None
    colour: tuple[int, int, int] | None = None
    ra: float | None = None
    dec: float | None = None
    l: float | None = None  # noqa: E741 - Galactic longitude is called l
    b: float | None = None
    sexagesimal: tuple[str, str] | None = None
    ccd: CcdPixel | None = None


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The cards of one HDU."""

    hdu: int
    cards: list[Card]

    def __getitem__(self, keyword: str) -> str:
        for card in self.cards:
            if card.keyword == keyword:
                return card.value
        raise KeyError(keyword)


class Histogram(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of pixel values in equal bins from `edges_low` to `edges_high`."""

    edges_low: float
    edges_high: float
    counts: list[int]
    sampled: int = 0
    total: int = 0
    median: float | None = None
    mean: float | None = None
    sigma: float | None = None


class Tile(msgspec.Struct, frozen=True):
    """An encoded tile; `media_type` is ``image/jpeg`` or ``image/png``."""

    data: bytes
    media_type: str


class Payload(msgspec.Struct, frozen=True):
    """What a task answered with a binary frame that is no array, and the result beside it."""

    data: bytes
    format: str
    result: Any = None
