"""Stored values to physical ones: BSCALE, BZERO and BLANK (FITS standard 4.0, §4.4.2.5 and §5.3)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toyz_extensions.fits.cards import Header

STORED = {8: "uint8", 16: "int16", 32: "int32", 64: "int64", -32: "float32", -64: "float64"}
_OFFSETS = {(8, -128.0): "int8", (16, 2.0**15): "uint16", (32, 2.0**31): "uint32", (64, 2.0**63): "uint64"}


@dataclass(frozen=True, slots=True)
class Scaling:
    """How pixels become physical values; the types follow astropy.

    Integers with the offset that means "the other sign" stay integers. With any other scale,
    or with BLANK, 8 and 16 bits become float32 and more become float64. Floats stay as wide
    as they are.

    Parameters
    ----------
    bitpix : int
    scale, zero : float
        BSCALE and BZERO.
    blank : int, optional
        The integer that means "no value".
    gaps : bool
        Whether pixels may be missing, so that integers must become floats to hold NaN.
    """

    bitpix: int
    scale: float = 1.0
    zero: float = 0.0
    blank: int | None = None
    gaps: bool = False

    @property
    def stored(self) -> "np.dtype[Any]":
        """Type of the pixels in the file, in native byte order."""
        return np.dtype(STORED[self.bitpix])

    @property
    def _turned(self) -> str:
        """Type of the integers whose offset means the other sign; empty if it does not."""
        return _OFFSETS.get((self.bitpix, self.zero), "") if self.scale == 1 else ""

    @property
    def plain(self) -> bool:
        """Whether the stored values are the physical ones."""
        return self.scale == 1 and self.zero == 0 and self.blank is None

    @property
    def name(self) -> str:
        """Numpy's name of the type of the physical values."""
        if self.bitpix < 0 or (self.plain and not self.gaps):
            return STORED[self.bitpix]
        if self._turned and not self.gaps:
            return self._turned
        return "float32" if self.bitpix <= 16 else "float64"

    @property
    def dtype(self) -> "np.dtype[Any]":
        """Type of the physical values."""
        return np.dtype(self.name)

    def apply(self, stored: NDArray[Any]) -> NDArray[Any]:
        """Make physical values of an array of `stored` type, which may be overwritten."""
        turned = self._turned
        if turned:
            unsigned = stored.view(f"u{stored.itemsize}")
            unsigned ^= np.array(1 << (8 * stored.itemsize - 1), unsigned.dtype)
            return unsigned.view(turned).astype(self.dtype, copy=False)
        if self.plain:
            return stored.astype(self.dtype, copy=False)
        with np.errstate(all="ignore"):
            data = stored.astype(self.dtype, copy=False)
            missing = stored == self.blank if self.blank is not None and self.bitpix > 0 else None
            if self.scale != 1:
                data *= self.scale
            if self.zero != 0:
                data += self.zero
            if missing is not None:
                data[missing] = np.nan
        return data


def scaling_of(header: Header, bitpix: int, *, gaps: bool = False) -> Scaling:
    """Read BSCALE, BZERO and BLANK (for a compressed image also ZBLANK).

    Raises
    ------
    ValueError
        If BSCALE or BZERO is not a number.
    """
    blank = None
    if bitpix > 0:
        blank = header.integer("BLANK") if "BLANK" in header else header.integer("ZBLANK")
    return Scaling(bitpix, header.real("BSCALE", 1.0), header.real("BZERO", 0.0), blank, gaps)
