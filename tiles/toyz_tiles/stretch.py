"""From pixel values to the 256 steps of a colour table.

The exact definition, which tests repeat with numpy:

1. position ``p = int(clip((value − low) · k + 0.5, 0, 4095))`` with ``k = 4095 / (high − low)``,
   in double precision whatever the pixel's type; a value that is NaN has position 0;
2. ``v = p / 4095`` goes through the stretch, ``y = f(v)``, with the definitions and default
   parameters of `astropy.visualization`:

   ========= ==================================
   linear    v
   log       ln(1000 v + 1) / ln(1001)
   sqrt      √v
   asinh     asinh(v / 0.1) / asinh(1 / 0.1)
   square    v²
   histogram the cumulative share of a sample
   lupton    as asinh
   ========= ==================================

3. inverted, y becomes ``1 − y``; then contrast and bias as in SAOImage DS9,
   ``y = (y − bias) · contrast + 0.5``;
4. the colour is number ``int(255 · clip(y, 0, 1) + 0.5)`` of the table.

Steps 2 to 4 are a table of 4096 entries (`transfer`); step 1 and the look-up are compiled.

The channels of a colour image go through this one by one, each between its own cuts; the number
of step 4 is then their brightness. Only ``lupton`` looks at the three together, so that a star
keeps its colour however bright it is (Lupton et al. 2004, PASP 116, 133):

1. ``v = clip((value − low) / (high − low), 0, 10⁶)`` of each channel, and the intensity
   ``I = (v₁ + v₂ + v₃) / 3``;
2. each v is multiplied by ``f(I) / I``, where ``f(I) = asinh(I / 0.1) / asinh(1 / 0.1)`` is the
   asinh stretch (their Q is 10 where a unit of brightness is that between the cuts), and by its
   limit where I is 0;
3. if the largest of the three is above 1, all are divided by it;
4. with these as positions ``p = int(4095 v + 0.5)`` it goes on as for the linear stretch, with
   inversion, contrast and bias.

Of one channel ``v · f(v) / v`` is asinh.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from toyz.errors import InvalidParameter
from toyz.protocol import Style
from toyz.readers import Pixels
from toyz_tiles.kernel import kernel, plain

ENTRIES = 4096
QUANTILES = 8193
Floats = NDArray[np.float64]

_CURVES: dict[str, Callable[[Floats], Floats]] = {
    "linear": lambda v: v,
    "log": lambda v: np.log(1000.0 * v + 1.0) / math.log(1001.0),
    "sqrt": np.sqrt,
    "asinh": lambda v: np.arcsinh(v / 0.1) / math.asinh(1 / 0.1),
    "lupton": lambda v: np.arcsinh(v / 0.1) / math.asinh(1 / 0.1),
    "square": lambda v: v * v,
}


def quantiles(values: Pixels) -> Floats:
    """Reduce a sample to what the histogram stretch needs of it, wherever the cuts are.

    Parameters
    ----------
    values : ndarray
        Any shape; NaN and infinities are left out.

    Returns
    -------
    ndarray
        At most 8193 values of the sample that never fall, evenly spaced in rank.
    """
    sample = np.asarray(values, np.float64).ravel()
    sample = np.sort(sample[np.isfinite(sample)])
    if sample.size <= QUANTILES:
        return sample
    kept: Floats = sample[np.linspace(0, sample.size - 1, QUANTILES).round().astype(int)]
    return kept


def _share(quantiles: Floats, values: Floats, side: Literal["left", "right"]) -> Floats:
    """The share of a sample below values (`left`), or up to them (`right`): linear between two quantiles."""
    last = quantiles.size - 1
    rank = np.searchsorted(quantiles, values, side)
    inner = np.clip(rank, 1, last)
    below, above = quantiles[inner - 1], quantiles[inner]
    with np.errstate(invalid="ignore", divide="ignore"):
        between = (inner - 1 + (values - below) / (above - below)) / last
    return np.where(rank == 0, 0.0, np.where(rank > last, 1.0, between))


def equalisation(quantiles: Floats, low: float, high: float) -> Floats:
    """Make the curve of the histogram stretch.

    Parameters
    ----------
    quantiles : ndarray
        Of the sample, from `quantiles`; what lies outside the cuts is left out.
    low, high : float

    Returns
    -------
    ndarray
        4096 values from 0 to 1 that never fall: the share of the sample below each position.
        A straight line if the sample has fewer than two values inside the cuts.
    """
    inside = np.searchsorted(quantiles, high, "right") - np.searchsorted(quantiles, low, "left")
    if inside < 2 or not high > low:
        return np.linspace(0.0, 1.0, ENTRIES)
    curve: Floats = _share(quantiles, low + (high - low) * np.linspace(0.0, 1.0, ENTRIES), "left")
    curve[-1] = _share(quantiles, np.array([high]), "right")[0]
    curve -= curve[0]
    curve /= curve[-1]
    return curve


def transfer(style: Style, equalisation: Floats | None = None) -> NDArray[np.uint8]:
    """Make the table from position to colour number for a style (its cuts play no part).

    Parameters
    ----------
    style : Style
    equalisation : ndarray, optional
        The curve of `equalisation`; without it the histogram stretch is linear.

    Returns
    -------
    ndarray of uint8
        4096 entries.

    Raises
    ------
    InvalidParameter
        If the equalisation has another length.
    """
    positions = np.linspace(0.0, 1.0, ENTRIES)
    if style.stretch == "histogram":
        curve = positions if equalisation is None else np.asarray(equalisation, np.float64)
        if curve.shape != (ENTRIES,):
            raise InvalidParameter(f"an equalisation has {ENTRIES} values", field="style.stretch")
    else:
        curve = _CURVES[style.stretch](positions)
    if style.invert:
        curve = 1.0 - curve
    curve = (curve - style.bias) * style.contrast + 0.5
    return (255.0 * np.clip(curve, 0.0, 1.0) + 0.5).astype(np.uint8)


@lru_cache(maxsize=64)
def _cached_transfer(
    stretch: Any, invert: bool, contrast: float, bias: float, equalisation: bytes | None
) -> NDArray[np.uint8]:
    style = Style(low=0.0, high=1.0, stretch=stretch, invert=invert, contrast=contrast, bias=bias)
    table = transfer(style, None if equalisation is None else np.frombuffer(equalisation, np.float64))
    table.setflags(write=False)
    return table


def cached_transfer(style: Style, equalisation: Floats | None = None) -> NDArray[np.uint8]:
    """As `transfer`, remembering the last tables; the result is read-only."""
    used = equalisation is not None and style.stretch == "histogram"
    curve = np.asarray(equalisation, np.float64).tobytes() if used else None
    return _cached_transfer(style.stretch, style.invert, style.contrast, style.bias, curve)


def slope(low: float, high: float) -> tuple[float, float]:
    """Give ``(low, k)`` of the position, for any two numbers.

    Cuts that are equal or the wrong way round make a step at `low`: what is below is black,
    what is above is white.
    """
    # A whole number would be another type, for which the kernels are not compiled.
    low = float(low) if math.isfinite(low) else 0.0
    span = float(high) - low
    if not math.isfinite(span) or span <= 0.0:
        span = max(abs(low) * 1e-12, 1e-300)
    return low, min((ENTRIES - 1) / span, 1e300)


@kernel
def _positions(pixels: Any, low: Any, k: Any, positions: Any) -> Any:
    # In this order of arguments max gives 0 for NaN, and the loop is vectorised.
    for i in range(pixels.size):
        positions[i] = np.int32(min(max(0.0, (np.float64(pixels[i]) - low) * k + 0.5), 4095.0))


@kernel
def _look_up(pixels: Any, low: Any, k: Any, table: Any, out: Any) -> Any:
    positions = np.empty(pixels.size, np.int32)
    _positions(pixels, low, k, positions)
    for i in range(pixels.size):
        # Without a sign the index needs no check for counting from the end; the mask keeps it inside.
        out[i] = table[np.uint32(positions[i]) & np.uint32(4095)]


@kernel
def _look_up_colour(pixels: Any, low: Any, k: Any, table: Any, out: Any) -> Any:
    positions = np.empty(pixels.size, np.int32)
    _positions(pixels, low, k, positions)
    for i in range(pixels.size):
        entry = np.uint32(positions[i]) & np.uint32(4095)
        out[i, 0] = table[entry, 0]
        out[i, 1] = table[entry, 1]
        out[i, 2] = table[entry, 2]


@kernel
def _count_nan(pixels: Any) -> Any:
    bad = 0
    for i in range(pixels.size):
        bad += np.isnan(pixels[i])
    return bad


def apply(pixels: Pixels, low: float, high: float, table: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], int]:
    """Turn pixels into colour numbers, or into colours.

    Parameters
    ----------
    pixels : ndarray
        Any shape and real dtype. +Inf goes to the top, −Inf to the bottom, NaN to position 0.
    low, high : float
        The cuts; see `slope` where ``low ≥ high``.
    table : ndarray of uint8
        ``(4096,)`` for colour numbers or ``(4096, 3)`` for colours.

    Returns
    -------
    numbers : ndarray of uint8
        Of the pixels' shape, with a last axis of 3 for colours.
    bad : int
        How many pixels are NaN.
    """
    low, k = slope(low, high)
    flat = plain(pixels).reshape(-1)
    table = plain(table)
    bad = int(_count_nan(flat)) if flat.dtype.kind == "f" else 0
    if table.ndim == 2:
        colours = np.empty((*pixels.shape, 3), np.uint8)
        _look_up_colour(flat, low, k, table, colours.reshape(-1, 3))
        return colours, bad
    numbers = np.empty(pixels.shape, np.uint8)
    _look_up(flat, low, k, table, numbers.reshape(-1))
    return numbers, bad
