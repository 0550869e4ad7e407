"""One plane decoded whole by astropy, for the codecs that Toyz does not decode itself.

Astropy and not CFITSIO: its pixels are the reference for all others; CFITSIO gives BLANK
another meaning and would need a path. Astropy sees a file of two HDUs, made of nothing but the
one it shall decode, so the rest of a hostile file is out of its reach; but its codecs are in C
and can be crashed, which is why this runs in a process that may die.
"""

import io
import warnings
from typing import Any

import numpy as np

from toyz.errors import CorruptFile
from toyz.readers import OpenFile, Pixels
from toyz_extensions.fits.cards import BLOCK, CARD
from toyz_extensions.fits.index import Hdu

_PRIMARY = b"".join(
    card.ljust(CARD)
    for card in (
        b"SIMPLE  =                    T",
        b"BITPIX  =                    8",
        b"NAXIS   =                    0",
        b"EXTEND  =                    T",
        b"END",
    )
).ljust(BLOCK)


class _OneHdu(io.RawIOBase):
    """A read-only file made of an empty primary HDU and one extension of another file."""

    def __init__(self, file: OpenFile, hdu: Hdu) -> None:
        self._file = file
        self._start = hdu.start
        self._length = len(_PRIMARY) + hdu.end - hdu.start
        self._position = 0
        self.mode = "rb"

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._length}[whence]
        self._position = max(base + offset, 0)
        return self._position

    def readinto(self, target: Any) -> int:
        view = memoryview(target).cast("B")
        wanted = min(len(view), max(self._length - self._position, 0))
        head = _PRIMARY[self._position : self._position + wanted]
        offset = self._start + max(self._position - len(_PRIMARY), 0)
        data = head or self._file.pread(wanted, offset)
        view[: len(data)] = data
        self._position += len(data)
        return len(data)


def decode_plane(file: OpenFile, hdu: Hdu, shape: tuple[int, ...], plane: int) -> Pixels:
    """Decode one plane of a tile-compressed image.

    Parameters
    ----------
    file : OpenFile
    hdu : Hdu
    shape : tuple of int
        Of the image, numpy order.
    plane : int
        Leading axes flattened in C order.

    Raises
    ------
    CorruptFile
        If astropy cannot decode it.
    """
    from astropy.io import fits  # noqa: PLC0415  (a second to import, and only disposable processes need it)

    place = tuple(int(index) for index in np.unravel_index(plane, shape[:-2])) if len(shape) > 2 else ()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with fits.open(io.BufferedReader(_OneHdu(file, hdu)), memmap=False, lazy_load_hdus=True) as hdus:
                pixels = np.asarray(hdus[1].section[(*place, Ellipsis)])
        except Exception as error:  # astropy raises what its parts raise
            raise CorruptFile(f"HDU {hdu.number} cannot be decoded ({type(error).__name__})") from None
    native = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
    return native.reshape((1, *native.shape)[-2:])
