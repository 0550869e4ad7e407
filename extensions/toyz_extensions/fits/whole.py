"""One plane decoded whole by astropy, for the codecs that Toyz does not decode itself.

Astropy and not CFITSIO: its pixels are the reference for all others; CFITSIO gives BLANK
another meaning and would need a path. Astropy sees a file of two HDUs, made of nothing but the
one it shall decode, so the rest of a hostile file is out of its reach; but its codecs are in C
and can be crashed, which is why this runs in a process that may die.
"""

import io
import warnings

import numpy as np

from toyz.errors import CorruptFile
from toyz.readers import OpenFile, Pixels
from toyz_extensions.fits.cards import BLOCK, CARD
from toyz_extensions.fits.index import Hdu
from toyz_extensions.positioned import PositionedStream

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


def _alone(file: OpenFile, hdu: Hdu) -> PositionedStream:
    """Make a file of an empty primary HDU and one extension of another file."""
    length = len(_PRIMARY) + hdu.end - hdu.start

    def read(wanted: int, position: int) -> bytes:
        head = _PRIMARY[position : position + wanted]
        return head or file.pread(wanted, hdu.start + position - len(_PRIMARY))

    return PositionedStream(read, lambda: length)


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
            with fits.open(io.BufferedReader(_alone(file, hdu)), memmap=False, lazy_load_hdus=True) as hdus:
                pixels = np.asarray(hdus[1].section[(*place, Ellipsis)])
        except Exception as error:  # astropy raises what its parts raise
            raise CorruptFile(f"HDU {hdu.number} cannot be decoded ({type(error).__name__})") from None
    native = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
    return native.reshape((1, *native.shape)[-2:])
