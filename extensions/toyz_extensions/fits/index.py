"""Where each HDU of a file begins, from one pass over the headers."""

from dataclasses import dataclass, field

import numpy as np

from toyz.errors import CorruptFile
from toyz.readers import OpenFile
from toyz_extensions.fits.cards import BLOCK, CARD, Header
from toyz_extensions.fits.preflight import Implausible, Layout, check

MAX_HDUS = 2000
MAX_CARDS = 50_000
MAX_HEADERS = 64 << 20
"""Bytes of all headers together."""

_FIRST_READ = 8 * BLOCK
_LARGEST_READ = 64 * BLOCK
_END = np.frombuffer(b"END     ", np.uint64)[0]
_AHEAD = 4
_PRINTABLE = bytes(range(0x20, 0x7F))


@dataclass(frozen=True, slots=True)
class Hdu:
    """One HDU: its header, and where its data are.

    Attributes
    ----------
    number : int
        0 is the primary HDU.
    start, data : int
        Byte offsets of the header and of the data.
    header : Header
    layout : Layout or None
        None if the header does not tell what its data are.
    problem : str
        Why not.
    """

    number: int
    start: int
    data: int
    header: Header
    layout: Layout | None
    problem: str = ""

    @property
    def end(self) -> int:
        """The offset after the data and their padding."""
        length = self.layout.length if self.layout else 0
        return self.data + -(-length // BLOCK) * BLOCK


@dataclass(slots=True)
class Index:
    """All HDUs of a file, and what was found wrong with it."""

    hdus: list[Hdu] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class _Broken(Exception):
    """The headers cannot be followed any further; the message says why, and is empty if that is no fault."""


class _NotYet(Exception):
    """The file is still being written, and what is there of it does not hold the whole header."""


class Walk:
    """A pass over the headers of a file, which may still grow: `advance` goes as far as there is anything.

    Parameters
    ----------
    file : OpenFile

    Attributes
    ----------
    index : Index
        What was found so far.
    offset : int
        Where the next header would begin; what comes before it is accounted for.
    ended : bool
        Whether no HDU follows, or none that can be found.
    """

    def __init__(self, file: OpenFile) -> None:
        self._file = file
        self._text_bytes = 0
        self._reading = _FIRST_READ
        self.index = Index()
        self.offset = 0
        self.ended = False

    def advance(self, *, complete: bool) -> None:
        """Go on to the end of what there is.

        Parameters
        ----------
        complete : bool
            False while the file is still being written: what is missing at its end is no fault.

        Raises
        ------
        CorruptFile
            If there is no primary header.
        """
        size = self._file.size
        while not self.ended and self.offset < size:
            number = len(self.index.hdus)
            if number == MAX_HDUS:
                self._end(f"only the first {MAX_HDUS} HDUs are listed")
                break
            try:
                text, data, problem = _read_header(
                    self._file, self.offset, self._reading, primary=number == 0, complete=complete
                )
            except _NotYet:
                break
            except _Broken as fault:
                if number == 0:
                    raise CorruptFile(str(fault)) from None
                self._end(f"after HDU {number - 1}: {fault}" if complete and str(fault) else "")
                break
            self._take(_hdu(number, self.offset, data, text, problem), size)

    def _take(self, hdu: Hdu, size: int) -> None:
        """Note an HDU, and where the next one begins."""
        self.index.hdus.append(hdu)
        self._text_bytes += len(hdu.header.text)
        if hdu.problem:
            self.index.warnings.append(f"HDU {hdu.number}: {hdu.problem}")
        self._reading = min(max(self._reading, hdu.data - self.offset), _LARGEST_READ)
        self.offset = hdu.end
        if hdu.layout is None:
            self._end()
        elif self._text_bytes > MAX_HEADERS:
            self._end(f"the headers are too long; only {hdu.number + 1} HDUs are listed")
        else:
            _prefetch(self._file, hdu, self._reading, size)

    def _end(self, warning: str = "") -> None:
        self.ended = True
        if warning:
            self.index.warnings.append(warning)


def build(file: OpenFile, *, complete: bool = True) -> Index:
    """Walk over the headers of a file; `complete` is False while it is still being written.

    Raises
    ------
    CorruptFile
        If there is no primary header.
    """
    walk = Walk(file)
    walk.advance(complete=complete)
    if not walk.index.hdus:
        raise CorruptFile("the file is empty" if complete or not file.size else "its first header is still on its way")
    _warn_truncated(walk.index, file.size, complete=complete)
    return walk.index


def _read_header(file: OpenFile, offset: int, reading: int, *, primary: bool, complete: bool) -> tuple[bytes, int, str]:
    """Read the cards of one header; gives them, the offset of the data, and what is wrong."""
    text = b""
    while True:
        part = file.pread(reading, offset + len(text))
        if not complete and len(text) + len(part) < BLOCK:
            raise _NotYet
        if not text:
            _check_begin(part, primary=primary)
        searched = len(text)
        text += part
        end = _find_end(text, searched)
        if end >= 0:
            return text[:end], offset + -(-(end + CARD) // BLOCK) * BLOCK, ""
        if len(text) > MAX_CARDS * CARD:
            raise _Broken(f"a header has no END within {MAX_CARDS} cards")
        if len(part) < reading:
            return _without_end(text, offset, complete=complete)
        reading = min(2 * reading, _LARGEST_READ)


def _check_begin(part: bytes, *, primary: bool) -> None:
    if primary:
        if not part.startswith(b"SIMPLE  ="):
            raise _Broken("the file does not begin with SIMPLE, so it is not a FITS file")
    elif not part.startswith(b"XTENSION="):
        raise _Broken("what follows is not a FITS extension" if part.strip(b"\0 ") else "")


def _find_end(text: bytes, start: int) -> int:
    """Offset of the END card at or after `start`, a card boundary; −1 if there is none."""
    cards = (len(text) - start) // CARD
    words = np.frombuffer(text, np.uint64, cards * CARD // 8, start)[:: CARD // 8]
    for number in np.flatnonzero(words == _END).tolist():
        at = start + int(number) * CARD
        if not text[at + 8 : at + CARD].strip(b"\0 "):
            return at
    return -1


def _without_end(text: bytes, offset: int, *, complete: bool) -> tuple[bytes, int, str]:
    """Guess where a header ends that has no END: where the first block begins that is not text."""
    for block in range(0, len(text), BLOCK):
        junk = text[block : block + BLOCK].translate(None, _PRINTABLE)
        if len(junk) > BLOCK // 20:
            return text[:block], offset + block, "the header has no END; the data are taken to begin after its text"
    if not complete:
        raise _NotYet
    whole = len(text) - len(text) % CARD
    return text[:whole], offset + len(text), "the header has no END"


def _hdu(number: int, start: int, data: int, text: bytes, problem: str) -> Hdu:
    header = Header(text)
    try:
        return Hdu(number, start, data, header, check(header, primary=number == 0), problem)
    except Implausible as fault:
        return Hdu(number, start, data, header, None, f"{problem}; {fault}" if problem else str(fault))


def _prefetch(file: OpenFile, hdu: Hdu, reading: int, size: int) -> None:
    """Ask for the next headers, supposing that the following HDUs are as long as this one."""
    stride = hdu.end - hdu.start
    for offset in (hdu.end, hdu.end + _AHEAD * stride):
        if offset < size:
            file.will_need(offset, reading)


def _warn_truncated(index: Index, size: int, *, complete: bool) -> None:
    last = index.hdus[-1]
    if complete and last.layout is not None and last.data + last.layout.length > size:
        missing = last.data + last.layout.length - size
        index.warnings.append(f"the file ends {missing} bytes before the data of HDU {last.number} do")
