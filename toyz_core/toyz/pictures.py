"""What a simple reader returned, checked and brought into one form."""

from typing import Any

import numpy as np

from toyz.errors import CorruptFile
from toyz.readers import HduInfo, Picture, Pixels

_COLOURS = 3


def is_colour(pixels: Pixels) -> bool:
    """Whether an array is ``(ny, nx, 3)`` rather than ``(planes, ny, nx)``: only colours are `uint8`."""
    return pixels.ndim == _COLOURS and pixels.shape[-1] == _COLOURS and pixels.dtype == np.uint8


def check_picture(picture: Any) -> Pixels:
    """Give the pixels of a picture, whatever a third party's function made of it.

    Returns
    -------
    ndarray
        ``(ny, nx)``, ``(planes, ny, nx)``, or ``(ny, nx, 3)`` of `uint8` for colour; integers or
        floats, in native byte order. Booleans become `uint8`; a single plane loses its axis.

    Raises
    ------
    CorruptFile
        If it is no `Picture`, or its pixels are none: another type, no pixel, another number of axes.
    """
    if not isinstance(picture, Picture):
        raise CorruptFile(f"the reader gave a {type(picture).__name__} instead of a Picture")
    pixels = np.asarray(picture.pixels)
    if pixels.dtype.kind not in "buif":
        raise CorruptFile(f"the reader gave pixels of type {pixels.dtype}")
    if pixels.dtype.kind == "b":
        pixels = pixels.astype(np.uint8)
    if pixels.ndim == 3 and len(pixels) == 1 and not is_colour(pixels):
        pixels = pixels[0]
    if pixels.ndim not in {2, 3} or 0 in pixels.shape:
        raise CorruptFile(f"the reader gave pixels of shape {np.shape(picture.pixels)}")
    return np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder("="))


def describe_picture(picture: Picture, pixels: Pixels) -> HduInfo:
    """Describe a picture whose checked pixels are `pixels`; its shape is that of the array."""
    colour = is_colour(pixels)
    return HduInfo(
        index=0,
        kind="image",
        shape=pixels.shape,
        dtype=pixels.dtype.name,
        unit=picture.unit,
        planes=len(pixels) if pixels.ndim == 3 and not colour else 1,
        channels=_COLOURS if colour else 1,
        windowed=False,
    )
