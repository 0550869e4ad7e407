"""Recognises FITS files and opens them."""

from typing import TYPE_CHECKING

from toyz.readers import OpenFile

if TYPE_CHECKING:
    from toyz_extensions.fits.bands import BandCache
    from toyz_extensions.fits.source import FitsSource

_PACKED = (b"\x1f\x8b", b"BZh", b"\x1f\x9d", b"PK", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")


class FitsReader:
    """The reader of FITS files, plain or tile-compressed.

    Parameters
    ----------
    cache : BandCache, optional
        Where decoded blocks are kept.
    """

    name = "FITS"
    extensions = (".fits", ".fit", ".fts", ".fits.fz", ".fz")

    def __init__(self, cache: "BandCache | None" = None) -> None:
        self._cache = cache

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
