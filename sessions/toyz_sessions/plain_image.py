"""An image as a plugin's task opens it."""

from pathlib import Path
from typing import Any

from toyz.readers import Card, Raster
from toyz_sessions.display import single_sky
from toyz_sessions.files import Shares
from toyz_sessions.opening import Opened, Readers, open_source
from toyz_sessions.spools import LocalSpool


class PlainImage:
    """An image for a plugin's task: pixels in file order, header and WCS."""

    def __init__(self, opened: Opened, hdu: int, raster: Raster) -> None:
        self._opened, self._hdu, self.raster = opened, hdu, raster

    @property
    def bottom_up(self) -> bool:
        """Whether row 0 belongs at the bottom of the screen."""
        return self._opened.source.bottom_up

    @property
    def cards(self) -> list[Card]:
        """The header."""
        return list(self._opened.source.cards(self._hdu))

    @property
    def wcs(self) -> Any:
        """An `astropy.wcs.WCS` with two celestial axes, or None."""
        return single_sky(self._opened, self._hdu).wcs


def open_image(
    shares: Shares, readers: Readers, path: str, hdu: int | None, plane: int, scratch: Path, limit: int
) -> PlainImage:
    """Open an image for a task; what has no windows is decoded on the spot.

    Parameters
    ----------
    scratch : Path
        Where a packed file is unpacked.
    limit : int
        Bytes that it may unpack to.

    Raises
    ------
    NotFound, Forbidden, UnsupportedFile, CorruptFile, TooLarge
    """
    spool = LocalSpool(scratch, limit, shares, readers)
    opened = open_source(shares, readers, path, spool)
    images = opened.image_hdus()
    chosen = hdu if hdu is not None else (images[0].index if images else 0)
    return PlainImage(opened, chosen, opened.raster(chosen, plane, spool))
