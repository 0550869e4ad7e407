"""What a file reader gives: sources, their HDUs, and rasters of pixels.

A reader looks at a file that is already open (a descriptor, never a path) and returns a
`Source`. Pixels come from a `Raster`, window by window, in the order of the file: row 0 is
the first row stored. Which way is up is the source's `bottom_up`; the tile engine turns
everything into display order.

A reader that cannot give windows (a compressed format without random access) says so in
`HduInfo.windowed`; its `Source.decode` is then run once in a disposable process and the
pixels are spooled, so it never needs to be fast, careful with memory, or safe from crashes.
"""

import os
from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

import msgspec
import numpy as np
from numpy.typing import NDArray

from toyz.errors import CorruptFile

Pixels = NDArray[Any]
"""``(ny, nx)``, or ``(ny, nx, 3)`` for a colour picture, in native byte order."""


class HduInfo(msgspec.Struct, kw_only=True, frozen=True):
    """What the header of one HDU says, read without touching its data.

    Attributes
    ----------
    index : int
        0 is the primary HDU; a picture file has only index 0.
    name : str
        EXTNAME, or empty.
    kind : str
        ``image``, ``table``, ``empty`` or ``other``.
    shape : tuple of int
        Numpy order, slowest axis first: ``(..., ny, nx)``, or ``(..., ny, nx, 3)`` in colour.
        Empty where there are no data.
    dtype : str
        Numpy name of the pixels once BSCALE, BZERO and BLANK are applied, such as ``float32``.
    compression : str
        ``RICE_1``, ``GZIP_2``, ``jpeg``, ...; empty where the pixels are plain.
    unit : str
        BUNIT, or empty.
    planes : int
        How many 2-D planes the leading axes make; 1 for a 2-D image, 0 where there is none.
    channels : int
        3 for colour pictures, else 1.
    windowed : bool
        Whether `Source.raster` serves it; otherwise `Source.decode` must run first.
    problem : str
        Why it cannot be shown; empty if it can.
    """

    index: int
    name: str = ""
    kind: str
    shape: tuple[int, ...] = ()
    dtype: str = ""
    compression: str = ""
    unit: str = ""
    planes: int = 0
    channels: int = 1
    windowed: bool = True
    problem: str = ""

    @property
    def plane_shape(self) -> tuple[int, int]:
        """``(ny, nx)`` of one plane; a one-dimensional image is one row."""
        shape = self.shape[:-1] if self.channels > 1 else self.shape
        return (shape[-2], shape[-1]) if len(shape) > 1 else (1, shape[0])


class Card(msgspec.Struct, frozen=True, array_like=True):
    """One header card: keyword, value as text (strings unquoted), comment."""

    keyword: str
    value: str
    comment: str


def identity_of(status: os.stat_result) -> str:
    """Name what a file is now: device, inode, size and mtime to the nanosecond."""
    return f"{status.st_dev:x}-{status.st_ino:x}-{status.st_size:x}-{status.st_mtime_ns:x}"


class OpenFile:
    """A file open for reading: a descriptor, a display name and an identity.

    Parameters
    ----------
    fd : int
        The descriptor; it is owned by this object and closed with it, at the latest when nothing
        refers to it any more. A thread that still reads can so never meet a descriptor that has
        become another file's.
    name : str
        ``share/relative/path``, for messages and for the reader's choice by extension.
    """

    def __init__(self, fd: int, name: str) -> None:
        self.fd = fd
        self.name = name
        status = os.fstat(fd)
        self.modified = status.st_mtime
        self._identity = identity_of(status)
        self._status = status

    @property
    def identity(self) -> str:
        """Device, inode, size and mtime: the file as it was when it was opened."""
        return self._identity

    @property
    def overwritten(self) -> bool:
        """Whether the file has been written to since it was opened, also if its size and mtime say no."""
        now, then = os.fstat(self.fd), self._status
        if (now.st_size, now.st_mtime_ns) != (then.st_size, then.st_mtime_ns):
            return True
        # The ctime cannot be set: it tells of a file that was cut short and restored with its old mtime.
        # But it also changes with the number of names, as when the file is replaced by another.
        return now.st_nlink == then.st_nlink and now.st_ctime_ns != then.st_ctime_ns

    @property
    def size(self) -> int:
        """Bytes in the file now (it may grow while it is spooled, or be truncated)."""
        return os.fstat(self.fd).st_size

    def pread(self, length: int, offset: int) -> bytes:
        """Read up to `length` bytes at `offset`; shorter only at the end of the file."""
        parts: list[bytes] = []
        while length > 0:
            part = os.pread(self.fd, min(length, 1 << 30), offset)
            if not part:
                break
            parts.append(part)
            offset += len(part)
            length -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def read_exactly(self, length: int, offset: int) -> bytes:
        """Read `length` bytes at `offset`.

        Raises
        ------
        CorruptFile
            If the file ends before.
        """
        data = self.pread(length, offset)
        if len(data) != length:
            raise CorruptFile("the file ends before its data do")
        return data

    def will_need(self, offset: int, length: int) -> None:
        """Tell the kernel that these bytes are read soon, so that it fetches them at once."""
        os.posix_fadvise(self.fd, offset, length, os.POSIX_FADV_WILLNEED)

    def close(self) -> None:
        """Close the descriptor; a second call does nothing."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def __del__(self) -> None:
        if getattr(self, "fd", -1) >= 0:
            self.close()


@runtime_checkable
class Raster(Protocol):
    """A plane of pixels that can be read window by window, from several threads at once."""

    @property
    def shape(self) -> tuple[int, int]:
        """``(ny, nx)``."""

    @property
    def dtype(self) -> "np.dtype[Any]":
        """Of what `read` returns; native byte order."""

    @property
    def channels(self) -> int:
        """1, or 3 for colour."""

    def read(self, y0: int, y1: int, x0: int, x1: int, step: int = 1) -> Pixels:
        """Read rows ``y0 ≤ y < y1`` and columns ``x0 ≤ x < x1`` (inside the shape).

        With ``step`` > 1 one pixel is taken of each ``step × step`` block that starts at
        ``(y0, x0)``: the block's centre, ``min(y0 + i·step + step // 2, y1 − 1)``, and the
        same for x. The result has shape ``(ceil((y1−y0)/step), ceil((x1−x0)/step))``. Pixels
        without a value are NaN (such rasters have a float dtype). The array is the caller's.

        Raises
        ------
        CorruptFile
            If the data are damaged; where part of a window is readable, the rest is NaN instead.
        """


@runtime_checkable
class Filling(Protocol):
    """What a `Raster` may be besides, for those who go through it once from top to bottom.

    It spares them the copies that are kept for the neighbours of a window.
    """

    def read_into(self, out: Pixels, y0: int, x0: int) -> None:
        """Fill an array with the pixels from row `y0` and column `x0` on.

        Parameters
        ----------
        out : ndarray
            ``(ny, nx)`` or ``(ny, nx, 3)`` of the raster's dtype and of any strides; the window lies
            inside the raster.
        y0, x0 : int

        Raises
        ------
        CorruptFile
            As `Raster.read` does; what `out` holds is not changed then, if its dtype is a float.
        """


class Source(Protocol):
    """An opened file: its HDUs, headers and pixels."""

    @property
    def hdus(self) -> Sequence[HduInfo]:
        """All HDUs in the order of the file."""

    @property
    def bottom_up(self) -> bool:
        """Whether row 0 belongs at the bottom of the screen (FITS) or at the top (PNG)."""

    @property
    def warnings(self) -> Sequence[str]:
        """What is wrong with the file without keeping it from being read."""

    def cards(self, hdu: int) -> Sequence[Card]:
        """All header cards of an HDU, in order, inherited ones not included."""

    def header_text(self, hdu: int) -> str:
        """The FITS header of the image as 80-character cards, for a WCS library; else empty.

        For a tile-compressed image it is the header of the image that was compressed.
        """

    def raster(self, hdu: int, plane: int = 0) -> Raster:
        """Windows onto one plane (leading axes flattened in C order)."""

    def decode(self, hdu: int, plane: int = 0) -> Pixels:
        """Decode one plane whole; slow, may need memory, may crash: run it where that is allowed."""

    def close(self) -> None:
        """Release what the source holds; the file is closed by who opened it."""


@runtime_checkable
class TabledSource(Source, Protocol):
    """A source whose WCS can keep tables in other HDUs (look-up distortions, ``-TAB`` axes)."""

    def hdulist(self) -> Any:
        """An `astropy.io.fits.HDUList` of the whole file; nothing but headers is read yet."""


class Reader(Protocol):
    """Recognises files and opens them."""

    @property
    def name(self) -> str:
        """Such as ``FITS``, as shown in the file dialog."""

    @property
    def extensions(self) -> Sequence[str]:
        """Lower-case endings with the dot, such as ``.fits.fz``."""

    def sniff(self, name: str, head: bytes) -> bool:
        """Whether it opens a file of this name that begins with `head` (up to 4 KiB)."""

    def open(self, file: OpenFile) -> Source:
        """Read the headers.

        Raises
        ------
        UnsupportedFile, CorruptFile
        """


@runtime_checkable
class ProgressiveReader(Reader, Protocol):
    """A reader that can open a file which is still being unpacked, front to back."""

    def open_partial(self, file: OpenFile) -> Source:
        """Read the headers there are so far; pixels that have not come yet are NaN.

        Raises
        ------
        UnsupportedFile, CorruptFile
        """


class Extent(Protocol):
    """How long a file is of which only the beginning is there."""

    def look(self) -> tuple[int, bool]:
        """Count the bytes that are accounted for, as far as can be told now.

        Returns
        -------
        length : int
            Where what is known of ends; it may lie beyond what is there.
        ended : bool
            Whether nothing that the reader reads comes after it.

        Raises
        ------
        CorruptFile
            If what is there is no such file.
        """


@runtime_checkable
class MeasuringReader(Reader, Protocol):
    """A reader that knows how long a file is before all of it is there: no more of it is unpacked than that."""

    def extent(self, file: OpenFile) -> Extent:
        """Follow the length of a file that is being unpacked."""


@runtime_checkable
class CachingReader(Reader, Protocol):
    """A reader that keeps what it has decoded, of all its files together."""

    def limit_cache(self, size: int) -> None:
        """Keep at most `size` bytes from now on."""


class Picture(msgspec.Struct, kw_only=True):
    """What a plugin's simple reader returns: pixels and what is known of them.

    Attributes
    ----------
    pixels : ndarray
        ``(ny, nx)``, ``(ny, nx, 3)`` for colour (`uint8`), or ``(planes, ny, nx)``.
    header : dict
        Keywords and values; WCS keywords as in FITS are understood.
    bottom_up : bool
        Whether row 0 belongs at the bottom.
    unit : str
    """

    pixels: Any
    header: dict[str, Any] = {}
    bottom_up: bool = True
    unit: str = ""


SimpleRead = Callable[[OpenFile], Picture]
