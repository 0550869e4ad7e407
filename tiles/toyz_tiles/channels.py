"""The three channels of a colour image, to the brightness of red, green and blue.

`toyz_tiles.stretch` says what becomes of a value.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from toyz.protocol import ChannelCuts, Style
from toyz.readers import Pixels
from toyz_tiles import stretch
from toyz_tiles.kernel import kernel, plain

CHANNELS = 3
LAST = stretch.ENTRIES - 1.0
SOFTENING = 10.0
"""Lupton's Q, of intensities that are 1 at the high cut: the same as the asinh stretch has."""
BRIGHTEST = 1e6
"""What is further above the cuts, infinity too, is no brighter: intensities must stay numbers."""


def _factors() -> stretch.Floats:
    """``f(I) / I`` at 4097 intensities from 0 to 1."""
    intensities = np.linspace(0.0, 1.0, stretch.ENTRIES + 1)
    intensities[0] = 1e-12
    factors: stretch.Floats = np.arcsinh(SOFTENING * intensities) / (np.arcsinh(SOFTENING) * intensities)
    return factors


_FACTORS = _factors()


@kernel
def _lupton(pixels: Any, lows: Any, slopes: Any, factors: Any, table: Any, out: Any) -> Any:
    bad = 0
    v = np.empty(3, np.float64)
    for i in range(pixels.shape[0]):
        intensity = 0.0
        for channel in range(3):
            value = np.float64(pixels[i, channel])
            bad += np.isnan(value)
            # In this order of arguments max gives 0 for NaN.
            v[channel] = min(max(0.0, (value - lows[channel]) * slopes[channel] / LAST), BRIGHTEST)
            intensity += v[channel] / 3.0
        # Between two entries of the table it is right to a part in a million; few pixels lie beyond.
        if intensity < 1.0:
            place = intensity * (factors.size - 1)
            entry = np.int64(place)
            factor = factors[entry] + (place - entry) * (factors[entry + 1] - factors[entry])
        else:
            factor = np.arcsinh(SOFTENING * intensity) / (np.arcsinh(SOFTENING) * intensity)
        factor /= max(1.0, factor * max(v[0], v[1], v[2]))
        for channel in range(3):
            position = np.uint32(min(v[channel] * factor * LAST + 0.5, LAST))
            out[i, channel] = table[position & np.uint32(4095)]
    return bad


def lupton(pixels: Pixels, cuts: ChannelCuts, table: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], int]:
    """Stretch three channels so that they keep their colour; parameters and result as of `apply`.

    Parameters
    ----------
    pixels : ndarray
        ``(ny, nx, 3)`` of any real dtype.
    cuts : tuple
        Low and high of each channel.
    table : ndarray of uint8
        ``(4096,)``: the transfer of the linear stretch.
    """
    # float32 holds integers of 16 bits; others have a kernel as float64.
    dtype = np.float32 if np.can_cast(pixels.dtype, np.float32) else np.float64
    values = plain(pixels.astype(dtype, copy=False)).reshape(-1, CHANNELS)
    lines = np.array([stretch.slope(low, high) for low, high in cuts])
    out = np.empty(pixels.shape, np.uint8)
    bad = _lupton(values, lines[:, 0].copy(), lines[:, 1].copy(), _FACTORS, plain(table), out.reshape(-1, CHANNELS))
    return out, int(bad)


def apply(pixels: Pixels, style: Style, equalisation: stretch.Floats | None = None) -> tuple[NDArray[np.uint8], int]:
    """Turn the pixels of a colour image into red, green and blue.

    Parameters
    ----------
    pixels : ndarray
        ``(ny, nx, 3)`` of any real dtype; NaN is a pixel without a value.
    style : Style
    equalisation : ndarray, optional
        The curve of the histogram stretch, from `stretch.equalisation`.

    Returns
    -------
    colours : ndarray of uint8
        ``(ny, nx, 3)``.
    bad : int
        How many values are NaN.
    """
    if style.stretch == "lupton":
        linear = stretch.cached_transfer(_linear(style))
        return lupton(pixels, style.cuts_by_channel, linear)
    table = stretch.cached_transfer(style, equalisation)
    if style.channel_cuts is None:
        return stretch.apply(pixels, style.low, style.high, table)
    parts = [stretch.apply(pixels[:, :, c], low, high, table) for c, (low, high) in enumerate(style.channel_cuts)]
    return np.stack([numbers for numbers, _ in parts], axis=2), sum(bad for _, bad in parts)


def _linear(style: Style) -> Style:
    return Style(low=0.0, high=1.0, invert=style.invert, contrast=style.contrast, bias=style.bias)
