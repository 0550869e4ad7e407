"""An image of a local file for a plugin's own tests (`toyz.testing`), opened as in a session."""

import warnings
from collections.abc import Sequence

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

from toyz.errors import NotFound, UnsupportedFile
from toyz.plugin import SimpleReader
from toyz.readers import Card, HduInfo, OpenFile, Pixels, Raster, Reader, Source
from toyz_extensions.registry import Registry, builtin_readers, full_reader


class _Whole:
    """A plane that is in memory, as a `Raster`."""

    def __init__(self, pixels: Pixels) -> None:
        self._pixels = pixels
        self.shape = (int(pixels.shape[0]), int(pixels.shape[1]))
        self.dtype = pixels.dtype
        self.channels = pixels.shape[2] if pixels.ndim == 3 else 1

    def read(self, y0: int, y1: int, x0: int, x1: int, step: int = 1) -> Pixels:
        """Read a window; see `toyz.readers.Raster.read`."""
        rows = np.minimum(np.arange(y0, y1, step) + step // 2, y1 - 1)
        columns = np.minimum(np.arange(x0, x1, step) + step // 2, x1 - 1)
        window: Pixels = self._pixels[np.ix_(rows, columns)]
        return window


class LocalImage:
    """One plane of an open file, its header and its WCS; implements `toyz.context.Image`."""

    def __init__(self, file: OpenFile, source: Source, info: HduInfo, plane: int) -> None:
        self._file = file
        self.bottom_up = source.bottom_up
        self.cards: list[Card] = list(source.cards(info.index))
        self.raster: Raster = (
            source.raster(info.index, plane) if info.windowed else _Whole(source.decode(info.index, plane))
        )
        self.wcs = _celestial(source.header_text(info.index))

    def __del__(self) -> None:
        self._file.close()


def _celestial(text: str) -> WCS | None:
    """Give the celestial part of a header's WCS, or None where there is none that works."""
    try:
        with warnings.catch_warnings(action="ignore"):
            wcs = WCS(fits.Header.fromstring(text)).celestial
    except Exception:
        return None
    return wcs if wcs.naxis == 2 else None


def open_image(file: OpenFile, extra: Sequence[Reader | SimpleReader], hdu: int | None, plane: int) -> LocalImage:
    """Open an image with the built-in readers and `extra` ones; the file is the image's from now on.

    Parameters
    ----------
    file : OpenFile
    extra : sequence of readers
        Those of the plugin under test.
    hdu : int or None
        None is the first that holds an image.
    plane : int

    Raises
    ------
    UnsupportedFile, CorruptFile
    NotFound
        If there is no such HDU or plane.
    """
    try:
        reader = Registry(readers=[*builtin_readers()[0], *map(full_reader, extra)]).reader_for(file)
        source = reader.open(file)
        images = [info for info in source.hdus if info.kind == "image" and info.planes and not info.problem]
        if not images:
            raise UnsupportedFile(f"{file.name} holds no image")
        found = [info for info in images if hdu is None or info.index == hdu]
        if not found or not 0 <= plane < found[0].planes:
            raise NotFound(f"{file.name} has no such image: HDU {hdu}, plane {plane}")
        return LocalImage(file, source, found[0], plane)
    except BaseException:
        file.close()
        raise
