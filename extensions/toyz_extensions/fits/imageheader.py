"""The header of an image, as a WCS library wants it.

For a tile-compressed image it is the header of the image that was compressed (FITS standard
4.0, §10.1): the keywords of the table go, and those that were set aside come back.
"""

import re

from toyz_extensions.fits.cards import BLOCK, CARD, Header, printable

_RESTORED = {b"ZSIMPLE", b"ZTENSION", b"ZEXTEND", b"ZBLOCKED", b"ZPCOUNT", b"ZGCOUNT", b"ZBITPIX", b"ZNAXIS"}
_DROPPED = frozenset(
    b"SIMPLE XTENSION BITPIX NAXIS NAXIS1 NAXIS2 PCOUNT GCOUNT EXTEND TFIELDS THEAP CHECKSUM DATASUM ZHECKSUM "
    b"ZDATASUM ZIMAGE ZCMPTYPE ZMASKCMP ZQUANTIZ ZDITHER0 ZSCALE ZZERO ZBLANK END".split()
)
_OF_COLUMNS = re.compile(
    rb"(TTYPE|TFORM|TUNIT|TNULL|TSCAL|TZERO|TDISP|TBCOL|TDIM|TCTYP|TCUNI|TCRPX|TCRVL|TCDLT|TRPOS|ZTILE|ZNAME|ZVAL)"
    rb"[1-9]\d*"
)
_NAME_OF_TABLE = re.compile(rb"EXTNAME = *'COMPRESSED_IMAGE *'")
_AXIS = re.compile(rb"ZNAXIS[1-9]\d*")
_NOT_INHERITED = frozenset(
    b"SIMPLE XTENSION BITPIX NAXIS PCOUNT GCOUNT EXTEND EXTNAME EXTVER EXTLEVEL INHERIT BSCALE BZERO BLANK CHECKSUM "
    b"DATASUM NEXTEND COMMENT HISTORY CONTINUE BUNIT DATAMIN DATAMAX".split()
)


def uncompressed_text(header: Header) -> bytes:
    """The cards of the image that was compressed, in the order the standard demands."""
    first: dict[bytes, bytes] = {}
    axes: list[tuple[int, bytes]] = []
    rest: list[bytes] = []
    for line in header.lines():
        keyword = line[:8].rstrip()
        if _AXIS.fullmatch(keyword):
            axes.append((int(keyword[6:]), line[1:8] + b" " + line[8:]))
        elif keyword in _RESTORED:
            first[keyword] = line
        elif keyword not in _DROPPED and not _OF_COLUMNS.fullmatch(keyword) and not _NAME_OF_TABLE.match(line):
            rest.append(line)
    return b"".join([*_mandatory(first, [line for _, line in sorted(axes)]), *rest])


def _mandatory(found: dict[bytes, bytes], axes: list[bytes]) -> list[bytes]:
    """The cards with which a header must begin."""
    primary = b"ZSIMPLE" in found
    cards = [_renamed(found[b"ZSIMPLE"], b"SIMPLE") if primary else b"XTENSION= 'IMAGE   '".ljust(CARD)]
    cards += [_renamed(found[keyword], keyword[1:]) for keyword in (b"ZBITPIX", b"ZNAXIS") if keyword in found]
    cards += axes
    for keyword in (b"ZPCOUNT", b"ZGCOUNT", b"ZEXTEND", b"ZBLOCKED"):
        if keyword in found and not (primary and keyword in (b"ZPCOUNT", b"ZGCOUNT")):
            cards.append(_renamed(found[keyword], keyword[1:]))
    return cards


def _renamed(line: bytes, keyword: bytes) -> bytes:
    return keyword.ljust(8) + line[8:]


def inherited_text(primary: Header, own: bytes) -> bytes:
    """Cards that an extension with ``INHERIT = T`` takes from the primary header."""
    present = {own[at : at + 8].rstrip() for at in range(0, len(own), CARD)}
    lines = []
    for line in primary.lines():
        keyword = line[:8].rstrip()
        structural = keyword in _NOT_INHERITED or keyword.startswith(b"NAXIS") or not keyword
        if not structural and keyword not in present and line[8:9] == b"=":
            lines.append(line)
    return b"".join(lines)


def finished(text: bytes) -> str:
    """Add END and the padding; bytes that FITS forbids become blanks."""
    text = printable(text) + b"END".ljust(CARD)
    return text.ljust(-(-len(text) // BLOCK) * BLOCK).decode("ascii")
