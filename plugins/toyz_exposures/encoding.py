"""HDUs as bytes: plain images, and images compressed as the Community Pipeline does."""

import fitsio
import numpy as np
from astropy.io.fits import Header
from numpy.typing import NDArray

Image = NDArray[np.float32]

BLOCK = 2880
_QUANTISATION = 4.0  # steps in a standard deviation of the noise, as FZQVALUE of the pipeline


def encode_primary(header: Header) -> bytes:
    """Encode a primary HDU without pixels."""
    return bytes(header.tostring(), "ascii")


def encode_image(header: Header, image: Image) -> list[bytes | memoryview]:
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
    whole = Header()
    whole.append(("XTENSION", "IMAGE", "image extension"))
    whole.append(("BITPIX", -32, "single precision"))
    whole.append(("NAXIS", 2, "number of axes"))
    whole.append(("NAXIS1", nx, "columns"))
    whole.append(("NAXIS2", ny, "rows"))
    whole.append(("PCOUNT", 0, "no parameters"))
    whole.append(("GCOUNT", 1, "one group"))
    whole.extend(header.cards, end=True)
    data = image.astype(">f4").data.cast("B")
    return [encode_primary(whole), data, bytes(-data.nbytes % BLOCK)]


def encode_compressed(header: Header, image: Image, seed: int) -> list[bytes | memoryview]:
    """Encode an extension with RICE_1 row tiles, quantised with SUBTRACTIVE_DITHER_1.

    CFITSIO writes it into memory, so it never sees a path, in which it would read brackets as
    instructions.

    Parameters
    ----------
    header : Header
        Without the cards of the structure.
    image : ndarray of float32, ``(ny, nx)``
    seed : int
        Of the dither, 1 to 10000; without one CFITSIO would take it from the clock.
    """
    cards = [{"name": card.keyword, "value": card.value, "comment": card.comment} for card in header.cards]
    with fitsio.FITS("mem://", "rw") as file:
        file.write(
            image,
            header=fitsio.FITSHDR(cards),
            extname=header["EXTNAME"],
            compress="RICE_1",
            tile_dims=(1, image.shape[1]),
            qlevel=_QUANTISATION,
            qmethod="SUBTRACTIVE_DITHER_1",
            dither_seed=seed,
        )
        raw = file.read_raw()
    # CFITSIO puts a primary HDU without pixels, one block long, before the first extension.
    return [memoryview(raw)[BLOCK:]]
