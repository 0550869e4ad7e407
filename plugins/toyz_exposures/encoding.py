"""HDUs as bytes."""

import numpy as np
from astropy.io.fits import Header
from numpy.typing import NDArray

from toyz_exposures.compression import compress

Image = NDArray[np.float32]
Pieces = list[bytes | memoryview]

BLOCK = 2880


def _padding(size: int) -> bytes:
    return bytes(-size % BLOCK)


def encode_primary(header: Header) -> bytes:
    """Encode a primary HDU without pixels."""
    return bytes(header.tostring(), "ascii")


def encode_image(header: Header, image: Image) -> Pieces:
    """Encode an extension with plain pixels.

    Parameters
    ----------
    header : Header
        Without the cards of the structure.
    image : ndarray of float32, ``(ny, nx)``

    Returns
    -------
    list of bytes-like
        To be written one after the other.
    """
    ny, nx = image.shape
    structure = [
        ("XTENSION", "IMAGE", "image extension"),
        ("BITPIX", -32, "single precision"),
        ("NAXIS", 2, "number of axes"),
        ("NAXIS1", nx, "columns"),
        ("NAXIS2", ny, "rows"),
        ("PCOUNT", 0, "no parameters"),
        ("GCOUNT", 1, "one group"),
    ]
    data = image.astype(">f4").data.cast("B")
    return [encode_primary(Header([*structure, *header.cards])), data, _padding(data.nbytes)]


def encode_compressed(header: Header, image: Image, seed: int) -> Pieces:
    """Encode an extension with RICE_1 row tiles, quantised with SUBTRACTIVE_DITHER_1.

    Parameters
    ----------
    header : Header
        Without the cards of the structure.
    image : ndarray of float32, ``(ny, nx)``
        Without NaN.
    seed : int
        Of the dither, 1 to 10000.
    """
    structure, data = compress(image, seed)
    structure.extend(header.cards, end=True)
    return [encode_primary(structure), *data, _padding(sum(map(len, data)))]
