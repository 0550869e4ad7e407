"""Pixels and a style to the bytes of a JPEG or PNG tile."""

import io
import zlib
from functools import lru_cache
from typing import Any

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

from toyz.protocol import Style
from toyz.readers import Pixels
from toyz_tiles import channels, colour, stretch

Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]
TRANSPARENT = "transparent"


def render(pixels: Pixels, style: Style, equalisation: stretch.Floats | None = None) -> tuple[str, bytes]:
    """Stretch, colour and encode a tile.

    Parameters
    ----------
    pixels : ndarray
        ``(ny, nx)``, or ``(ny, nx, 3)`` whose channels are stretched and not coloured.
        NaN is a pixel without a value.
    style : Style
    equalisation : ndarray, optional
        The curve of the histogram stretch, from `stretch.equalisation`.

    Returns
    -------
    format : str
        ``jpeg``, or ``png`` where the style asks for transparency and the tile needs it.
    data : bytes

    Raises
    ------
    InvalidParameter
        For a colormap or a colour that does not exist.
    """
    image, bad = _stretched(pixels, style, equalisation)
    if pixels.ndim == 2 and bad == pixels.size:
        return _empty(pixels.shape[0], pixels.shape[1], style.bad, style.quality)
    image, hidden = _with_bad(image, pixels, bad, style)
    kind = "jpeg" if hidden is None else "png"
    return kind, encode(image, hidden, kind, style.quality)


def paint(pixels: Pixels, style: Style, equalisation: stretch.Floats | None = None) -> tuple[Bytes, Mask | None]:
    """Stretch and colour pixels, without encoding them; parameters and errors are those of `render`.

    Returns
    -------
    image : ndarray of uint8
        ``(ny, nx)`` where it is grey, else ``(ny, nx, 3)``.
    hidden : ndarray of bool or None
        ``(ny, nx)``: which pixels are transparent; None if none is.
    """
    image, bad = _stretched(pixels, style, equalisation)
    return _with_bad(image, pixels, bad, style)


def encode(image: Bytes, hidden: Mask | None, kind: str, quality: int) -> bytes:
    """Encode what `paint` gave; a JPEG shows also what is hidden.

    Parameters
    ----------
    image : ndarray of uint8
        ``(ny, nx)`` or ``(ny, nx, 3)``, C order.
    hidden : ndarray of bool or None
    kind : str
        ``jpeg`` or ``png``.
    quality : int
        Of JPEG.
    """
    return _jpeg(image, quality) if kind == "jpeg" else _png(image, hidden)


def _stretched(pixels: Pixels, style: Style, equalisation: stretch.Floats | None) -> tuple[Bytes, int]:
    if pixels.ndim == 3:
        return channels.apply(pixels, style, equalisation)
    table = stretch.cached_transfer(style, equalisation)
    if style.colormap != "gray":
        table = coloured(style.colormap, table.tobytes())
    return stretch.apply(pixels, style.low, style.high, table)


def _mask(pixels: Pixels) -> Mask:
    mask: Mask = np.isnan(pixels)
    return mask if mask.ndim == 2 else np.asarray(mask.any(axis=2))


@lru_cache(maxsize=64)
def coloured(colormap: str, table: bytes) -> Bytes:
    """Put a table of positions and one of colours together.

    Parameters
    ----------
    colormap : str
    table : bytes
        The 4096 entries of `stretch.transfer`.

    Returns
    -------
    ndarray of uint8
        ``(4096, 3)``.

    Raises
    ------
    InvalidParameter
    """
    return np.ascontiguousarray(colour.table(colormap)[np.frombuffer(table, np.uint8)])


def _with_bad(image: Bytes, pixels: Pixels, bad: int, style: Style) -> tuple[Bytes, Mask | None]:
    """Give pixels without a value their colour, or say where they are if they have none."""
    if not bad:
        return image, None
    mask = _mask(pixels)
    if style.bad == TRANSPARENT:
        return image, mask
    red, green, blue = colour.parse_colour(style.bad)
    if image.ndim == 2 and red == green == blue:
        image[mask] = red
        return image, None
    if image.ndim == 2:
        image = np.repeat(image[:, :, None], 3, axis=2)
    image[mask] = (red, green, blue)
    return image, None


@lru_cache(maxsize=256)
def _empty(ny: int, nx: int, bad: str, quality: int) -> tuple[str, bytes]:
    if bad == TRANSPARENT:
        return "png", _png(np.zeros((ny, nx), np.uint8), np.ones((ny, nx), np.bool_))
    colours = np.empty((ny, nx, 3), np.uint8)
    colours[:] = colour.parse_colour(bad)
    return "jpeg", _jpeg(colours, quality)


def _jpeg(image: Bytes, quality: int) -> bytes:
    if image.ndim == 2:
        data: Any = simplejpeg.encode_jpeg(image[:, :, None], quality, "GRAY", "Gray", fastdct=True)
    else:
        data = simplejpeg.encode_jpeg(image, quality, "RGB", "444", fastdct=True)
    return bytes(data)


def _png(image: Bytes, hidden: Mask | None) -> bytes:
    if hidden is not None:
        # Two channels are grey with alpha, four are colour with alpha.
        image = np.dstack((image, np.where(hidden, 0, 255).astype(np.uint8)))
    picture = Image.fromarray(image)
    stream = io.BytesIO()
    # Run lengths are quicker than matches and as small, but only for grey.
    strategy = zlib.Z_RLE if picture.mode in ("L", "LA") else zlib.Z_DEFAULT_STRATEGY
    picture.save(stream, "PNG", compress_level=1, compress_type=strategy)
    return stream.getvalue()
