"""The pixels of a mosaic whose CCDs have been brought to one sky: at full resolution and from its pyramid.

The pyramid holds means of the pixels as the file has them. Of a block on one part of a CCD the
matched mean is the mean matched, for both an offset and a factor. Of a block across a gap it is
taken with the mean offset (or factor) of the CCDs by the area that each has in the block, which is
right where their means do not differ: they nearly do not, and no second pyramid is needed.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from toyz.readers import Pixels, Raster
from toyz_tiles.coverage import mean_values
from toyz_tiles.geometry import tile_window
from toyz_tiles.matching import SkyMatch
from toyz_tiles.mosaic import MosaicRaster
from toyz_tiles.pyramid import Pyramid
from toyz_tiles.raster import centres


class MatchedRaster:
    """A CCD with its parts changed, in file order.

    Parameters
    ----------
    raster : Raster
        Of one channel.
    hdu : int
    match : SkyMatch
    """

    def __init__(self, raster: Raster, hdu: int, match: SkyMatch) -> None:
        self._raster, self._match, self._values = raster, match, match.of(hdu)

    @property
    def shape(self) -> tuple[int, int]:
        """``(ny, nx)``."""
        return self._raster.shape

    @property
    def dtype(self) -> "np.dtype[Any]":
        """``float32``, or ``float64`` where the raster's values need that."""
        return np.result_type(np.float32, self._raster.dtype)

    @property
    def channels(self) -> int:
        """Always 1."""
        return 1

    def read(self, y0: int, y1: int, x0: int, x1: int, step: int = 1) -> Pixels:
        """Read a window; see `toyz.readers.Raster.read`."""
        pixels = self._raster.read(y0, y1, x0, x1, step).astype(self.dtype, copy=False)
        rows, columns = centres(y0, y1, step), centres(x0, x1, step)
        for part, value in self._values:
            place = (
                slice(*np.searchsorted(rows, (part.y0, part.y1)).tolist()),
                slice(*np.searchsorted(columns, (part.x0, part.x1)).tolist()),
            )
            pixels[place] = self._match.apply(pixels[place], pixels.dtype.type(value))
        return pixels


def matched_mosaic(mosaic: MosaicRaster, match: SkyMatch) -> MosaicRaster:
    """Give the same mosaic with its CCDs brought to one sky."""
    return mosaic.over({hdu: MatchedRaster(raster, hdu, match) for hdu, raster in mosaic.rasters.items()})


class MatchedPyramid(Pyramid):
    """A pyramid of a mosaic, shown with the CCDs brought to one sky.

    Parameters
    ----------
    fd, key, shape
        As of `Pyramid`: of the mosaic as the file has it.
    mosaic : MosaicRaster
        The same.
    match : SkyMatch
    """

    def __init__(self, fd: int, key: str, mosaic: MosaicRaster, match: SkyMatch) -> None:
        super().__init__(fd, key, mosaic.shape)
        self._layout, self._match = mosaic.layout, match

    def tile(self, level: int, x: int, y: int) -> NDArray[np.float32]:
        """Read one tile; see `Pyramid.tile`."""
        pixels = super().tile(level, x, y)
        values = mean_values(self._layout, self._match, level, tile_window(self.shape, level, x, y))
        return np.ascontiguousarray(self._match.apply(pixels, values), np.float32)
