"""Recognises FITS files and opens them."""

from typing import TYPE_CHECKING

from toyz.readers import OpenFile
from toyz_extensions.fits.bands import Bands

if TYPE_CHECKING:
    from toyz_extensions.fits.index import Walk
    from toyz_extensions.fits.source import FitsSource

_PACKED = (b"\x1f\x8b", b"BZh", b"\x1f\x9d", b"PK", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")


class FitsExtent:
    """How long a FITS file is that is still being unpacked, from the headers that are there.

    Parameters
    ----------
    walk : Walk
        Over the file.
    """

    def __init__(self, walk: "Walk") -> None:
        self._walk = walk

    def look(self) -> tuple[int, bool]:
        """Count the bytes up to the end of the last HDU known, and say whether it is the last of all.

        Raises
        ------
        CorruptFile
        """
        self._walk.advance(complete=False)
        return self._walk.offset, self._walk.ended


class FitsReader:
    """The reader of FITS files, plain or tile-compressed.

    Parameters
    ----------
    cache : Bands, optional
        Where decoded blocks of all its files are kept.
    """

    name = "FITS"
    extensions = (".fits", ".fit", ".fts", ".fits.fz", ".fz")

    def __init__(self, cache: Bands | None = None) -> None:
        self._cache = Bands() if cache is None else cache

    def sniff(self, name: str, head: bytes) -> bool:
        """Whether a file begins as FITS does, or has its name and is not packed into something else."""
        if head.startswith(b"SIMPLE  ="):
            return True
        return name.lower().endswith(self.extensions) and not head.startswith(_PACKED)

    def open(self, file: OpenFile, *, complete: bool = True) -> "FitsSource":
        """Read the headers; `complete` is False while the file is being unpacked.

        Raises
        ------
        CorruptFile
        """
        # The kernels behind it take a second to load, and the server only lists readers.
        from toyz_extensions.fits.source import FitsSource  # noqa: PLC0415

        return FitsSource(file, complete=complete, cache=self._cache)

    def open_partial(self, file: OpenFile) -> "FitsSource":
        """Read the headers there are so far of a file that is being unpacked.

        Raises
        ------
        CorruptFile
        """
        return self.open(file, complete=False)

    def extent(self, file: OpenFile) -> FitsExtent:
        """Follow how long a file is that is being unpacked."""
        from toyz_extensions.fits.index import Walk  # noqa: PLC0415

        return FitsExtent(Walk(file))

    def limit_cache(self, size: int) -> None:
        """Keep at most `size` bytes of decoded blocks."""
        self._cache.limit = size
