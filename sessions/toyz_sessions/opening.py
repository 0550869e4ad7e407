"""From a path to a source: the file, unpacked if it must be, and the reader that knows it.

Sessions, builders and jobs open files alike; they differ only in where the slow parts are
done, which is what a `Spool` says.
"""

from dataclasses import dataclass, field
from typing import Protocol, cast, get_args

from toyz.errors import InvalidParameter, NotFound, UnsupportedFile
from toyz.protocol import LayoutChoice, Match
from toyz.readers import HduInfo, OpenFile, ProgressiveReader, Raster, Reader, Source
from toyz_sessions.files import Shares
from toyz_sessions.header_text import HeaderText
from toyz_sessions.image_key import AUTO
from toyz_sessions.keys import build_key
from toyz_sessions.messages import Build
from toyz_sessions.packing import packing_of, unpacked_name
from toyz_tiles.layout import Layout
from toyz_tiles.mosaic_plan import HduHeader, can_mosaic, plan

MOSAIC = "mosaic"


class Readers(Protocol):
    """What finds a reader: the registry of the extensions."""

    def reader_for(self, file: OpenFile) -> Reader:
        """Find the reader of a file by its name and its first bytes.

        Raises
        ------
        UnsupportedFile
        """

    def reader_name_for(self, filename: str) -> str:
        """Name the reader that a file's name promises; empty if none."""


class Spool(Protocol):
    """Where files are unpacked and planes decoded whole."""

    def unpacked(self, build: Build, file: OpenFile) -> tuple[OpenFile, bool]:
        """Give the unpacked file, and whether it is complete; it may still grow."""

    def decoded(self, build: Build, source: Source, info: HduInfo) -> Raster:
        """Give a raster of a plane that its reader cannot window, in file order."""


class UnpackedFile(OpenFile):
    """A file of the cache that stands for a packed one: it has that one's identity."""

    def __init__(self, fd: int, packed: OpenFile) -> None:
        super().__init__(fd, unpacked_name(packed.name))
        self._identity = packed.identity
        self.modified = packed.modified

    @property
    def overwritten(self) -> bool:
        """Never: builders write it once."""
        return False


@dataclass
class Opened:
    """A file with its reader's source.

    Attributes
    ----------
    path : str
        ``share/relative/path``.
    file : OpenFile
        What the source reads from: the file, or the unpacked one.
    source : Source
    reader : str
        The reader's name.
    complete : bool
        False while the file is still being unpacked.

    Nothing closes the file: it closes itself when the last raster over it is gone.
    """

    path: str
    file: OpenFile
    source: Source
    reader: str
    complete: bool = True
    _headers: list[HduHeader] = field(default_factory=list)
    _layouts: dict[LayoutChoice, Layout] = field(default_factory=dict)

    def build(self, kind: str, hdu: int | str = "", plane: int = 0, layout: str = "") -> Build:
        """Describe a build over this file; `layout` is that of a mosaic."""
        share, _, rest = self.path.partition("/")
        key = build_key(kind, self.file.identity, hdu, plane, layout)
        return Build(key, kind, share, rest, str(hdu), plane, layout)

    def info(self, hdu: int) -> HduInfo:
        """Look an HDU up.

        Raises
        ------
        NotFound
        """
        if not 0 <= hdu < len(self.source.hdus):
            raise NotFound(f"The file has no HDU {hdu}; it has {len(self.source.hdus)}.", field="parameters.hdu")
        return self.source.hdus[hdu]

    def raster(self, hdu: int, plane: int, spool: Spool) -> Raster:
        """Give a plane in file order.

        Raises
        ------
        UnsupportedFile
            If the HDU is no image, or one that cannot be shown; it says why.
        NotFound
            If there is no such plane.
        """
        info = self.info(hdu)
        if info.kind != "image" or info.problem or not info.planes:
            reason = info.problem or f"HDU {hdu} holds no image ({info.kind})."
            raise UnsupportedFile(reason, field="parameters.hdu")
        if not 0 <= plane < info.planes:
            raise NotFound(f"HDU {hdu} has no plane {plane}; it has {info.planes}.", field="parameters.plane")
        if info.windowed:
            return self.source.raster(hdu, plane)
        return spool.decoded(self.build("decode", hdu, plane), self.source, info)

    def image_hdus(self) -> list[HduInfo]:
        """All HDUs that can be shown."""
        return [info for info in self.source.hdus if info.kind == "image" and info.planes and not info.problem]

    def mosaic_headers(self) -> list[HduHeader]:
        """Headers of the HDUs that a mosaic would be made of: the 2-D, single-channel images."""
        if not self._headers:
            self._headers = [
                HduHeader(
                    hdu=info.index,
                    name=info.name,
                    shape=info.plane_shape,
                    cards=HeaderText(self.source.header_text(info.index)),
                    header_text=self.source.header_text(info.index),
                )
                for info in self.image_hdus()
                if info.planes == 1 and info.channels == 1 and len(info.shape) > 1
            ]
        return self._headers

    def makes_mosaic(self) -> bool:
        """Whether several images of the file belong together."""
        return "auto" in self._layouts or can_mosaic(self.mosaic_headers())

    def layout(self, wanted: LayoutChoice = "auto") -> Layout:
        """Plan the mosaic of the file.

        Raises
        ------
        UnsupportedFile
            If fewer than two images make one, or not the one that is wanted.
        """
        if wanted not in self._layouts:
            # What is asked for by name need not look like one exposure; two images it must be.
            if len(self.mosaic_headers()) < 2 or (wanted == "auto" and not self.makes_mosaic()):
                raise UnsupportedFile("The images of this file do not make a mosaic.", field="parameters.hdu")
            primary = HeaderText(self.source.header_text(0))
            self._layouts[wanted] = plan(self.mosaic_headers(), primary.get("DETSIZE", ""), wanted)
        return self._layouts[wanted]

    def choose(self, hdu: int | str, layout: LayoutChoice = "auto", match: Match = "none") -> int | str:
        """Resolve ``auto``: the mosaic where the file makes one, else the first image.

        Where a layout or a match is asked for, it is the mosaic.

        Raises
        ------
        UnsupportedFile
            If the file holds no image; the message says what it holds.
        BadRequest, NotFound
        InvalidParameter
            If something of a mosaic is asked for a single image.
        """
        if layout != "auto" or match != "none":
            if isinstance(hdu, int):
                name = "layout" if layout != "auto" else "match"
                raise InvalidParameter(f"It is of a mosaic, and HDU {hdu} is shown alone.", field=f"parameters.{name}")
            return MOSAIC
        if hdu == AUTO:
            if self.makes_mosaic():
                return MOSAIC
            images = self.image_hdus()
            if not images:
                raise UnsupportedFile(self._why_no_image())
            return images[0].index
        return hdu

    def _why_no_image(self) -> str:
        problems = [info.problem for info in self.source.hdus if info.problem]
        if problems:
            return problems[0]
        if any(info.kind == "table" for info in self.source.hdus):
            return "The file holds tables and no image."
        if self.source.warnings:
            return f"The file holds no image: {self.source.warnings[0]}."
        return "The file holds no image." if self.complete else "No image has been unpacked yet."


def layout_named(name: str) -> LayoutChoice:
    """Read the layout of a `Build`; anything else is ``auto``."""
    return cast(LayoutChoice, name) if name in get_args(LayoutChoice) else "auto"


def open_source(shares: Shares, readers: Readers, path: str, spool: Spool, known: Opened | None = None) -> Opened:
    """Open a file of a share and read its headers.

    Parameters
    ----------
    known : Opened, optional
        What was opened under this path before: given again if it is whole, and the file still the same.

    Raises
    ------
    NotFound, Forbidden
        From the share.
    UnsupportedFile, CorruptFile, TooLarge
        From the reader, or from unpacking.
    """
    file = shares.open(path)
    if known is not None and known.complete and known.file.identity == file.identity:
        return known
    complete = True
    if packing_of(file.pread(4, 0)):
        share, _, rest = path.partition("/")
        build = Build(build_key("decompress", file.identity), "decompress", share, rest)
        file, complete = spool.unpacked(build, file)
    reader = readers.reader_for(file)
    source = _open_with(reader, file, complete)
    return Opened(path, file, source, reader.name, complete)


def _open_with(reader: Reader, file: OpenFile, complete: bool) -> Source:
    if complete:
        return reader.open(file)
    if not isinstance(reader, ProgressiveReader):
        raise UnsupportedFile("A packed file of this kind can be read once it is unpacked; try again in a moment.")
    return reader.open_partial(file)
