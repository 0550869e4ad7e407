"""What is shown of a file: one plane, or the mosaic, in display order, with its place on the sky."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache

from toyz.errors import CorruptFile, NotFound, UnsupportedFile
from toyz.protocol import LayoutChoice
from toyz.readers import Raster, TabledSource
from toyz_sessions.opening import MOSAIC, Opened, Spool
from toyz_sessions.priority import READ_AHEAD, lower_thread
from toyz_tiles.layout import Layout
from toyz_tiles.mosaic import MosaicRaster
from toyz_tiles.raster import Flipped
from toyz_tiles.wcs import LazySkyMaps, MosaicSky, SkyMap, needs_tables, sky_map

READERS = 4
"""CCDs read at once: enough for a disk to see several requests, few enough for two cores."""


@dataclass(frozen=True)
class Display:
    """An image as the viewer sees it.

    Attributes
    ----------
    raster : Raster
        In display order: row 0 is the top of the screen.
    layout : Layout or None
        Of a mosaic.
    hdu : int or str
        The HDU shown, or ``mosaic``.
    warnings : tuple of str
        CCDs that are missing, and why.
    """

    raster: Raster
    layout: Layout | None
    hdu: int | str
    warnings: tuple[str, ...] = ()

    @property
    def mosaic(self) -> MosaicRaster | None:
        """The raster of a mosaic; None for a single image."""
        return self.raster if isinstance(self.raster, MosaicRaster) else None

    @property
    def width(self) -> int:
        """Pixels of a row."""
        return self.raster.shape[1]

    @property
    def height(self) -> int:
        """Rows."""
        return self.raster.shape[0]


def display_of(opened: Opened, hdu: int | str, plane: int, spool: Spool, layout: LayoutChoice = "auto") -> Display:
    """Arrange what is shown; nothing but headers is read.

    Parameters
    ----------
    layout : str
        Of a mosaic.

    Raises
    ------
    NotFound, UnsupportedFile, CorruptFile
        If a single image cannot be shown. A CCD of a mosaic that cannot is left out and named.
    """
    if hdu == MOSAIC:
        if plane:
            raise NotFound("A mosaic has one plane, 0.", field="parameters.plane")
        return _mosaic_of(opened, spool, layout)
    raster = opened.raster(int(hdu), plane, spool)
    return Display(Flipped(raster) if opened.source.bottom_up else raster, None, int(hdu))


def _mosaic_of(opened: Opened, spool: Spool, wanted: LayoutChoice) -> Display:
    layout = opened.layout(wanted)
    rasters: dict[int, Raster] = {}
    warnings: list[str] = []
    for placement in layout.placements:
        try:
            rasters[placement.hdu] = opened.raster(placement.hdu, 0, spool)
        except (CorruptFile, UnsupportedFile) as error:
            warnings.append(f"{placement.name or f'HDU {placement.hdu}'}: {error.message}")
    if not rasters:
        raise UnsupportedFile(warnings[0] if warnings else "The mosaic holds no image.")
    shown = replace(layout, placements=tuple(p for p in layout.placements if p.hdu in rasters))
    return Display(MosaicRaster(shown, rasters, ccd_pool()), shown, MOSAIC, tuple(warnings))


@cache
def ccd_pool() -> ThreadPoolExecutor:
    """Threads that read the CCDs of one window together; made after the fork, when first needed.

    They make room for whatever answers a person at once, here and in other sessions.
    """
    return ThreadPoolExecutor(READERS, thread_name_prefix="ccds", initializer=lower_thread, initargs=(READ_AHEAD,))


def sky_of(opened: Opened, display: Display) -> SkyMap | MosaicSky:
    """Give the map between FITS pixels of the display and the sky."""
    if display.layout is None:
        return single_sky(opened, int(display.hdu))
    texts = {header.hdu: header.header_text for header in opened.mosaic_headers()}
    return MosaicSky(display.layout, LazySkyMaps(texts))


def single_sky(opened: Opened, hdu: int) -> SkyMap:
    """Give the sky of one HDU, with its tables where its WCS has some in other HDUs."""
    text = opened.source.header_text(hdu)
    if needs_tables(text) and isinstance(opened.source, TabledSource):
        with opened.source.hdulist() as hdulist:
            return SkyMap(text, hdulist)
    return sky_map(text)
