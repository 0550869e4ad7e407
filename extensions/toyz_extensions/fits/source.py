"""An opened FITS file: its HDUs, headers and pixels."""

import os
import threading
from collections.abc import Sequence
from typing import Any

from toyz.errors import BadRequest, CorruptFile, NotFound, UnsupportedFile
from toyz.readers import Card, HduInfo, OpenFile, Pixels, Raster
from toyz_extensions.fits.bands import BandCache, Bands
from toyz_extensions.fits.compressed import RiceRaster
from toyz_extensions.fits.description import describe
from toyz_extensions.fits.imageheader import finished, inherited_text, uncompressed_text
from toyz_extensions.fits.index import Hdu, build
from toyz_extensions.fits.plain import PlainRaster
from toyz_extensions.fits.preflight import RICE, Layout, is_compressed
from toyz_extensions.fits.scaling import Scaling
from toyz_extensions.fits.tiling import Grid, TileTable, load
from toyz_extensions.fits.whole import decode_plane


class FitsSource:
    """A FITS file, described from its headers.

    Parameters
    ----------
    file : OpenFile
    complete : bool
        False while the file is being unpacked: what is not there yet is NaN, and integers
        whose data are not all there become floats. Open it again when it is complete.
    cache : BandCache, optional
        Where decoded blocks are kept; a small one of its own by default.

    Raises
    ------
    CorruptFile
        If it is no FITS file.
    """

    bottom_up = True

    def __init__(self, file: OpenFile, *, complete: bool = True, cache: BandCache | None = None) -> None:
        self._file = file
        self._cache: BandCache = Bands() if cache is None else cache
        self._complete = complete
        index = build(file, complete=complete)
        size = file.size
        self._hdus = index.hdus
        self.warnings: list[str] = list(index.warnings)
        self._described = [describe(hdu, size, complete=complete) for hdu in index.hdus]
        self.hdus: list[HduInfo] = [described.info for described in self._described]
        self._tables: dict[int, TileTable] = {}
        self._lock = threading.Lock()

    def cards(self, hdu: int) -> Sequence[Card]:
        """All header cards of an HDU, in order.

        Raises
        ------
        NotFound
        """
        return self._hdu(hdu).header.cards()

    def header_text(self, hdu: int) -> str:
        """The header of the image as 80-character cards, END and padding included.

        For a tile-compressed image it is the header of the image that was compressed. An
        extension with ``INHERIT = T`` and no WCS of its own has the cards of the primary header
        besides; one that has its own keeps it as it is, as in astropy: an inherited EQUINOX
        alone would change its frame.

        Raises
        ------
        NotFound
        """
        found = self._hdu(hdu)
        if self.hdus[hdu].kind not in ("image", "empty"):
            return ""
        text = uncompressed_text(found.header) if is_compressed(found.header) else found.header.text
        if hdu > 0 and found.header.logical("INHERIT") and not found.header.string("CTYPE1"):
            text += inherited_text(self._hdus[0].header, text)
        return finished(text)

    def hdulist(self) -> Any:
        """Give the file to astropy, for the tables that a WCS keeps in other HDUs.

        Every header has passed the preflight; a table is read when the WCS asks for it.
        """
        from astropy.io import fits  # noqa: PLC0415  (a second to import, and few files need it)

        stream = os.fdopen(os.dup(self._file.fd), "rb")
        return fits.open(stream, memmap=False, lazy_load_hdus=True)

    def raster(self, hdu: int, plane: int = 0) -> Raster:
        """Windows onto one plane.

        Raises
        ------
        NotFound, UnsupportedFile, CorruptFile
        """
        found, layout, scaling = self._image(hdu, plane)
        if not layout.compression:
            shape = (1, *layout.shape)[-2:]
            offset = found.data + plane * shape[0] * shape[1] * scaling.stored.itemsize
            return PlainRaster(self._file, offset, (shape[0], shape[1]), scaling)
        if layout.compression not in RICE:
            raise UnsupportedFile(f"HDU {hdu} is compressed by {layout.compression}, which has to be decoded first")
        return RiceRaster(
            self._file, found, Grid(layout.shape, layout.tile, plane), scaling, self._table(found), self._cache
        )

    def decode(self, hdu: int, plane: int = 0) -> Pixels:
        """Decode one plane whole; run it in a process that may die.

        Raises
        ------
        NotFound, UnsupportedFile, CorruptFile
        """
        found, layout, _ = self._image(hdu, plane)
        if layout.compression and layout.compression not in RICE:
            return decode_plane(self._file, found, layout.shape, plane)
        raster = self.raster(hdu, plane)
        return raster.read(0, raster.shape[0], 0, raster.shape[1])

    def close(self) -> None:
        """Forget the tables of compressed images."""
        with self._lock:
            self._tables.clear()

    def _hdu(self, number: int) -> Hdu:
        if not 0 <= number < len(self._hdus):
            raise NotFound(f"there is no HDU {number}")
        return self._hdus[number]

    def _image(self, number: int, plane: int) -> tuple[Hdu, Layout, Scaling]:
        found = self._hdu(number)
        info, described = self.hdus[number], self._described[number]
        if info.problem:
            raise CorruptFile(f"HDU {number}: {info.problem}")
        if info.kind != "image" or described.layout is None or described.scaling is None:
            raise UnsupportedFile(f"HDU {number} holds no image")
        if not 0 <= plane < info.planes:
            raise BadRequest(f"HDU {number} has the planes 0 to {info.planes - 1}", field="plane")
        return found, described.layout, described.scaling

    def _table(self, hdu: Hdu) -> TileTable:
        """Read the table of a compressed image once."""
        with self._lock:
            table = self._tables.get(hdu.number)
        if table is None:
            table = load(self._file, hdu)
            if self._complete:
                with self._lock:
                    self._tables[hdu.number] = table
        return table
