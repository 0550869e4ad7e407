"""Header cards: 80 columns each, read leniently and only when asked for."""

import re
from collections.abc import Iterator

import numpy as np

from toyz.readers import Card

CARD = 80
BLOCK = 2880
_PLAIN_TEXT = frozenset({b"COMMENT", b"HISTORY", b""})

_PRINTABLE = bytes(byte if 0x20 <= byte <= 0x7E else 0x20 for byte in range(256))
_INTEGER = re.compile(rb"[+-]?\d{1,400}")
_REAL = re.compile(rb"[+-]?(\d+\.?\d*|\.\d+)([EeDd][+-]?\d{1,5})?")
_STRING = re.compile(rb"\s*'((?:[^']|'')*)'?")


class Header:
    """The cards of one HDU, without END.

    Parameters
    ----------
    text : bytes
        A whole number of cards as they stand in the file.
    """

    __slots__ = ("_first", "text")

    def __init__(self, text: bytes) -> None:
        self.text = text
        keywords = np.frombuffer(text, "S80").astype("S8").tolist()  # with the blanks after them
        # Of repeated keywords the first counts, so they are entered from the back.
        self._first = dict(zip(reversed(keywords), range(len(keywords) - 1, -1, -1), strict=True))

    def __len__(self) -> int:
        return len(self.text) // CARD

    def __contains__(self, keyword: str) -> bool:
        return keyword.encode().ljust(8) in self._first

    def lines(self) -> Iterator[bytes]:
        """Each card as it stands."""
        for at in range(0, len(self.text), CARD):
            yield self.text[at : at + CARD]

    def _field(self, keyword: str) -> bytes | None:
        """What stands in columns 11 to 80, if the card has a value."""
        number = self._first.get(keyword.encode().ljust(8))
        if number is None:
            return None
        line = self.text[number * CARD : (number + 1) * CARD]
        return line[10:] if line[8:9] == b"=" else None

    def integer(self, keyword: str, default: int | None = None) -> int | None:
        """Value of an integer card; `default` if the card is absent, has no value or another type."""
        value = _bare(self._field(keyword))
        return int(value) if _INTEGER.fullmatch(value) else default

    def real(self, keyword: str, default: float) -> float:
        """Value of a number; `default` if absent.

        Raises
        ------
        ValueError
            If it is something else.
        """
        value = _bare(self._field(keyword))
        if not value:
            return default
        if not _REAL.fullmatch(value):
            raise ValueError(f"{keyword} is not a number")
        return float(value.upper().replace(b"D", b"E"))

    def logical(self, keyword: str) -> bool:
        """Whether the card is there and says T."""
        return _bare(self._field(keyword))[:1] == b"T"

    def string(self, keyword: str, default: str = "") -> str:
        """Value of a string, without trailing blanks; CONTINUE is not followed."""
        field = self._field(keyword)
        match = _STRING.match(field) if field is not None else None
        return _text(match[1].replace(b"''", b"'")).rstrip() if match else default

    def cards(self) -> list[Card]:
        """All cards in order; a long string is joined from its CONTINUE cards."""
        groups: list[list[bytes]] = []
        unfinished = False
        for line in self.lines():
            if unfinished and line.startswith(b"CONTINUE"):
                groups[-1].append(line)
            else:
                groups.append([line])
            unfinished = _value_and_comment(line[10:])[0].endswith("&") and line[:8].rstrip() not in _PLAIN_TEXT
        return [_card(group) for group in groups]


def printable(text: bytes) -> bytes:
    """Make every byte that FITS forbids in a header a blank."""
    return text.translate(_PRINTABLE)


def _text(value: bytes) -> str:
    return printable(value).decode("ascii")


def _bare(field: bytes | None) -> bytes:
    """A value that is not a string, without its comment."""
    return field.split(b"/", 1)[0].strip(b" \0\t") if field is not None else b""


def _value_and_comment(field: bytes) -> tuple[str, str]:
    """Split the columns after the value indicator."""
    match = _STRING.match(field)
    if match:
        value, rest = match[1].replace(b"''", b"'").rstrip(), field[match.end() :]
        return _text(value), _text(rest.partition(b"/")[2]).strip()
    value, _, comment = field.partition(b"/")
    return _text(value).strip(), _text(comment).strip()


def _card(lines: list[bytes]) -> Card:
    """Make a card of its line and the CONTINUE lines after it."""
    line = lines[0]
    keyword = line[:8].rstrip()
    if keyword == b"HIERARCH" and b"=" in line:
        name, _, field = line[8:].partition(b"=")
        return Card(f"HIERARCH {_text(name).strip()}", *_value_and_comment(field))
    if keyword in _PLAIN_TEXT or line[8:9] != b"=":
        return Card(_text(keyword), _text(line[8:]).rstrip(), "")
    value, comment = _value_and_comment(line[10:])
    if len(lines) == 1:
        return Card(_text(keyword), value, comment)
    pieces = [(value, comment), *(_value_and_comment(following[8:]) for following in lines[1:])]
    joined = "".join(piece.removesuffix("&") for piece, _ in pieces[:-1]) + pieces[-1][0]
    return Card(_text(keyword), joined, " ".join(note for _, note in pieces if note))
