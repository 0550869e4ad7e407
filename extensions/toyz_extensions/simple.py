"""A plugin's simple reader, one function from file to `toyz.Picture`, as a full `Reader`.

The function may be slow and may crash, so it runs only in `SimpleSource.decode`, which the
session leaves to a builder in a process of its own. Before that nothing is known of the
picture: its HDU has an empty shape and is not `windowed`. The builder writes `facts_of` the
decoded source beside the pixels, and a session gets a source that knows them from
`SimpleSource.with_facts`.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from astropy.io import fits

from toyz.errors import CorruptFile, NotFound, ToyzError
from toyz.plugin import SimpleReader
from toyz.readers import Card, HduInfo, OpenFile, Picture, Pixels, Raster
from toyz_extensions.loader import plain_error

_ROWS_AND_COLUMNS = 2
_COLOURS = 3


class Facts(msgspec.Struct, frozen=True):
    """What is known of a picture once it is decoded: all but its pixels."""

    hdu: HduInfo
    bottom_up: bool
    cards: tuple[Card, ...]
    header_text: str


def _check_pixels(picture: Any) -> Pixels:
    """Give the pixels as ``(planes, ny, nx)`` or ``(ny, nx, 3)`` in native byte order."""
    if not isinstance(picture, Picture):
        raise CorruptFile(f"the reader gave a {type(picture).__name__} instead of a Picture")
    pixels = np.asarray(picture.pixels)
    if pixels.dtype.kind not in "buif":
        raise CorruptFile(f"the reader gave pixels of type {pixels.dtype}")
    if pixels.dtype.kind == "b":
        pixels = pixels.astype(np.uint8)
    colour = pixels.ndim == _COLOURS and pixels.shape[-1] == _COLOURS and pixels.dtype == np.uint8
    if not colour and pixels.ndim == _ROWS_AND_COLUMNS:
        pixels = pixels[np.newaxis]
    if pixels.ndim != _COLOURS or 0 in pixels.shape:
        raise CorruptFile(f"the reader gave pixels of shape {np.shape(picture.pixels)}")
    return np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder("="))


def _is_colour(pixels: Pixels) -> bool:
    return pixels.shape[-1] == _COLOURS and pixels.dtype == np.uint8


def _header_text(header: dict[str, Any], width: int, height: int) -> str:
    """Write keywords as 80-character FITS cards, those that have such a form."""
    cards = [fits.Card("NAXIS", 2), fits.Card("NAXIS1", width), fits.Card("NAXIS2", height)]
    for keyword, value in header.items():
        if keyword.upper() not in ("NAXIS", "NAXIS1", "NAXIS2", "END"):
            try:
                cards.append(fits.Card(keyword.upper(), value))
                cards[-1].image  # noqa: B018 - formats and checks it
            except (ValueError, TypeError, fits.VerifyError):
                cards = [card for card in cards if card.keyword != keyword.upper()]
    return "".join(str(card.image) for card in cards)


class SimpleSource:
    """A file of a simple reader; `decode` runs the reader's function once."""

    bottom_up: bool
    warnings: Sequence[str] = ()

    def __init__(self, file: OpenFile, reader: SimpleReader) -> None:
        self._file = file
        self._reader = reader
        self._pixels: Pixels | None = None
        self.with_facts(Facts(HduInfo(index=0, kind="image", planes=1, windowed=False), True, (), ""))

    def with_facts(self, facts: Facts) -> "SimpleSource":
        """Take over what a builder learnt when it decoded the file."""
        self._facts = facts
        self.bottom_up = facts.bottom_up
        return self

    @property
    def facts(self) -> Facts:
        """What is known now; complete after `decode`."""
        return self._facts

    @property
    def hdus(self) -> Sequence[HduInfo]:
        """One HDU; its shape is empty until the file is decoded."""
        return (self._facts.hdu,)

    def _check_hdu(self, hdu: int) -> None:
        if hdu != 0:
            raise NotFound(f"{self._file.name} has no HDU {hdu}")

    def cards(self, hdu: int) -> Sequence[Card]:
        """Give the picture's header; empty until the file is decoded."""
        self._check_hdu(hdu)
        return self._facts.cards

    def header_text(self, hdu: int) -> str:
        """Give the header as FITS cards; empty until the file is decoded."""
        self._check_hdu(hdu)
        return self._facts.header_text

    def raster(self, hdu: int, plane: int = 0) -> Raster:
        """Refuse: a simple reader has no windows."""
        raise NotFound("this file is decoded whole")

    def decode(self, hdu: int, plane: int = 0) -> Pixels:
        """Run the reader's function and give one plane, ``(ny, nx)`` or ``(ny, nx, 3)``.

        Raises
        ------
        CorruptFile
            If the function raises, or returns no picture.
        NotFound
            If there is no such plane.
        """
        self._check_hdu(hdu)
        if self._pixels is None:
            self._pixels = self._run()
        if _is_colour(self._pixels):
            return self._pixels
        if not 0 <= plane < len(self._pixels):
            raise NotFound(f"{self._file.name} has no plane {plane}")
        return np.asarray(self._pixels[plane])

    def _run(self) -> Pixels:
        try:
            picture = self._reader.function(self._file)
        except ToyzError:
            raise
        except Exception as error:
            raise CorruptFile(f"the reader {self._reader.name} failed: {plain_error(error)}") from error
        pixels = _check_pixels(picture)
        colour = _is_colour(pixels)
        shape = pixels.shape if colour or len(pixels) > 1 else pixels.shape[1:]
        hdu = HduInfo(
            index=0,
            kind="image",
            shape=shape[:2] if colour else shape,
            dtype=pixels.dtype.name,
            unit=picture.unit,
            planes=1 if colour else len(pixels),
            channels=_COLOURS if colour else 1,
            windowed=False,
        )
        cards = tuple(Card(str(keyword), str(value), "") for keyword, value in picture.header.items())
        height, width = pixels.shape[:2] if colour else pixels.shape[1:]
        self.with_facts(Facts(hdu, picture.bottom_up, cards, _header_text(picture.header, width, height)))
        return pixels

    def close(self) -> None:
        """Forget the pixels."""
        self._pixels = None


class SimpleAsReader:
    """A `SimpleReader` behind the `toyz.Reader` protocol."""

    def __init__(self, reader: SimpleReader) -> None:
        self._reader = reader
        self.name = reader.name
        self.extensions: Sequence[str] = reader.extensions

    def sniff(self, name: str, head: bytes) -> bool:
        """Whether the ending is one of the reader's and the file begins with its magic."""
        return name.lower().endswith(tuple(self.extensions)) and head.startswith(self._reader.magic)

    def open(self, file: OpenFile) -> SimpleSource:
        """Give a source that has not looked at the file yet."""
        return SimpleSource(file, self._reader)
