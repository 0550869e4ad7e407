"""The shapes of answers that the session makes and the server passes on, for the OpenAPI document."""

from typing import Any, Literal

import msgspec

from toyz.readers import HduInfo


class FileEntry(msgspec.Struct, omit_defaults=True):
    """One entry of a folder; `modified` in seconds since the epoch."""

    name: str
    path: str
    kind: Literal["share", "folder", "file", "other"]
    size: int
    modified: float
    reader: str
    writable: bool = False


class FileListing(msgspec.Struct):
    """One page of a folder; `truncated` where the folder has more entries than are counted."""

    path: str
    parent: str | None
    entries: list[FileEntry]
    total: int
    offset: int
    truncated: bool
    writable: bool


class FileDescription(msgspec.Struct):
    """What the headers of a file say."""

    path: str
    name: str
    size: int
    modified: float
    reader: str
    hdus: list[HduInfo]
    warnings: list[str]


class CutLevels(msgspec.Struct):
    """The values shown as the first and the last colour."""

    low: float
    high: float
    method: str


class CcdBox(msgspec.Struct):
    """A CCD of a mosaic, in display pixels of its top left corner."""

    name: str
    hdu: int
    x: int
    y: int
    width: int
    height: int


class ImageDescription(msgspec.Struct):
    """An open image: its size, levels, position on the sky, and where its tiles are."""

    image: str
    path: str
    name: str
    hdu: int | str
    plane: int
    planes: int
    width: int
    height: int
    levels: int
    tile_size: int
    dtype: str
    unit: str
    channels: int
    bottom_up: bool
    reader: str
    hdus: list[HduInfo]
    layout: Literal["detsec", "wcs", "grid", "single"]
    ccds: list[CcdBox]
    wcs: dict[str, Any] | None
    wcs_problem: str
    cuts: CutLevels
    minimum: float | None
    maximum: float | None
    pyramid: Literal["none", "building", "ready"]
    complete: bool
    progress: float
    warnings: list[str]
    modified: float
    tiles: str
    """URL of a tile, from the root of the host, with ``{z}``, ``{x}`` and ``{y}``; z = 0 is the coarsest level."""


class CcdReadout(msgspec.Struct):
    """The pixel in the frame of its own CCD (1-based)."""

    name: str
    hdu: int
    x: float
    y: float


class PixelReadout(msgspec.Struct, omit_defaults=True):
    """One pixel: FITS coordinates (1-based, y up), its value, and where it is on the sky (degrees)."""

    x: float
    y: float
    value: float | None
    ra: float | None
    dec: float | None
    l: float | None  # noqa: E741 - galactic longitude is l
    b: float | None
    sexagesimal: list[str] | None
    ccd: CcdReadout | None
    colour: list[int] | None = None


class Header(msgspec.Struct):
    """All cards of an HDU: keyword, value, comment."""

    hdu: int
    cards: list[tuple[str, str, str]]


class HistogramCounts(msgspec.Struct):
    """A histogram of a sample of the pixels, and its statistics."""

    edges_low: float
    edges_high: float
    counts: list[int]
    sampled: int
    total: int
    median: float | None
    mean: float | None
    sigma: float | None


class ColormapEntry(msgspec.Struct):
    """A colour table in 32 steps."""

    name: str
    group: str
    colours: list[str]


class PluginList(msgspec.Struct):
    """Plugins that are there, and those that failed."""

    modules: list[dict[str, Any]]
    failures: list[dict[str, str]]


class JobProgress(msgspec.Struct):
    """How far a job is."""

    id: str
    phase: str
    progress: float
    message: str
