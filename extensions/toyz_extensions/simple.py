"""A plugin's simple reader, one function from file to `toyz.Picture`, as a full `Reader`.

The function may be slow and may crash. What the picture is (its shape, its header) is learnt
by running it in a forked process that is thrown away; the pixels are for
`SimpleSource.decode`, which a session leaves to a builder in a process of its own.
"""

import contextlib
import re
from collections.abc import Sequence
from threading import Lock
from typing import Any

import msgspec
import numpy as np
from astropy.io import fits

from toyz.errors import CorruptFile, NotFound, ToyzError
from toyz.pictures import check_picture, describe_picture, is_colour
from toyz.plugin import SimpleReader
from toyz.readers import Card, HduInfo, OpenFile, Pixels, Raster
from toyz_extensions.disposable import run_disposable
from toyz_extensions.loader import plain_error

DESCRIBE_SECONDS = 60.0
"""How long a reader may take before its file is described."""


_KEYWORD = re.compile(r"[A-Z0-9_-]{1,8}")
_OURS = frozenset({"SIMPLE", "XTENSION", "NAXIS", "NAXIS1", "NAXIS2", "END"})


class Facts(msgspec.Struct, frozen=True):
    """All of a picture but its pixels."""

    hdu: HduInfo
    bottom_up: bool
    cards: tuple[Card, ...]
    header_text: str


def _header_text(header: dict[str, Any], width: int, height: int) -> str:
    """Write keywords as 80-character FITS cards, those that have such a form."""
    cards = [fits.Card("NAXIS", 2), fits.Card("NAXIS1", width), fits.Card("NAXIS2", height)]
    for keyword, value in header.items():
        name = keyword.upper()
        if _KEYWORD.fullmatch(name) and name not in _OURS:
            with contextlib.suppress(ValueError, TypeError, fits.VerifyError):
                cards.append(fits.Card(name, value))
    return "".join(card.image for card in cards)


class SimpleSource:
    """A file of a simple reader; `decode` runs the reader's function once."""

    warnings: Sequence[str] = ()

    def __init__(self, file: OpenFile, reader: SimpleReader) -> None:
        self._file = file
        self._reader = reader
        self._pixels: Pixels | None = None
        self._facts: Facts | None = None
        self._lock = Lock()

    @property
    def facts(self) -> Facts:
        """What is known of the picture.

        Raises
        ------
        CorruptFile, TimedOut
            If the reader's function raises, crashes or hangs.
        """
        with self._lock:
            if self._facts is None:
                answer = run_disposable(self._learn, seconds=DESCRIBE_SECONDS, what=f"the reader {self._reader.name}")
                self._facts = msgspec.json.decode(answer, type=Facts)
            return self._facts

    def _learn(self) -> bytes:
        return msgspec.json.encode(self._run()[1])

    @property
    def hdus(self) -> Sequence[HduInfo]:
        """One HDU, not `windowed`."""
        return (self.facts.hdu,)

    @property
    def bottom_up(self) -> bool:
        """As the picture says."""
        return self.facts.bottom_up

    def _check_hdu(self, hdu: int) -> None:
        if hdu != 0:
            raise NotFound(f"{self._file.name} has no HDU {hdu}")

    def cards(self, hdu: int) -> Sequence[Card]:
        """Give the picture's header."""
        self._check_hdu(hdu)
        return self.facts.cards

    def header_text(self, hdu: int) -> str:
        """Give the header as FITS cards, for its WCS."""
        self._check_hdu(hdu)
        return self.facts.header_text

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
        with self._lock:
            if self._pixels is None:
                self._pixels, self._facts = self._run()
        planes = self.facts.hdu.planes
        if not 0 <= plane < planes:
            raise NotFound(f"{self._file.name} has no plane {plane}")
        return np.asarray(self._pixels[plane]) if planes > 1 else self._pixels

    def _run(self) -> tuple[Pixels, Facts]:
        try:
            picture = self._reader.function(self._file)
        except ToyzError:
            raise
        except Exception as error:
            raise CorruptFile(f"the reader {self._reader.name} failed: {plain_error(error)}") from error
        pixels = check_picture(picture)
        hdu = describe_picture(picture, pixels)
        cards = tuple(Card(str(keyword), str(value), "") for keyword, value in picture.header.items())
        height, width = pixels.shape[:2] if is_colour(pixels) else pixels.shape[-2:]
        return pixels, Facts(hdu, picture.bottom_up, cards, _header_text(picture.header, width, height))

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
