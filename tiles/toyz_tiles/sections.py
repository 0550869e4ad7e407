"""Image sections of FITS headers, such as ``DETSEC = '[2053:4092,8197:12284]'``."""

import re
from collections.abc import Mapping
from itertools import combinations
from typing import NamedTuple

_SECTION = re.compile(r"\s*\[\s*(\d{1,9})\s*:\s*(\d{1,9})\s*,\s*(\d{1,9})\s*:\s*(\d{1,9})\s*\]\s*")
_AMPLIFIERS = "ABCDEFGHIJKLMNOP"
_BINNING = re.compile(r"\s*(\d{1,2})[\s,]+(\d{1,2})\s*")


class Section(NamedTuple):
    """Columns `x0` to `x1` and rows `y0` to `y1`, counted from 1, both ends included.

    `flip_x` and `flip_y` say that an axis was written from high to low.
    """

    x0: int
    x1: int
    y0: int
    y1: int
    flip_x: bool = False
    flip_y: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """``(width, height)``."""
        return self.x1 - self.x0 + 1, self.y1 - self.y0 + 1


def parse_section(text: str) -> Section | None:
    """Read a section, or None where it is none (also ``[0:0,0:0]``, which means empty)."""
    match = _SECTION.fullmatch(text)
    if match is None:
        return None
    x0, x1, y0, y1 = (int(group) for group in match.groups())
    if min(x0, x1, y0, y1) < 1:
        return None
    return Section(min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1), x0 > x1, y0 > y1)


def parse_binning(text: str) -> tuple[int, int]:
    """Read CCDSUM, such as ``2 2``; (1, 1) where it says nothing."""
    match = _BINNING.fullmatch(text)
    if match is None:
        return 1, 1
    return max(1, int(match[1])), max(1, int(match[2]))


def data_section(cards: Mapping[str, str], shape: tuple[int, int], expected: tuple[int, int]) -> Section | None:
    """Find the part of an image that its DETSEC describes.

    DATASEC and TRIMSEC are tried, then the whole image. One of the expected size wins; where
    none is, the closest is taken if it differs by no more than a CCD's border.

    Parameters
    ----------
    cards : mapping
    shape : tuple of int
        ``(ny, nx)`` of the image.
    expected : tuple of int
        ``(width, height)`` of the DETSEC, in binned pixels.

    Returns
    -------
    Section or None
        None if the image cannot be what DETSEC describes (a cut-out, say).
    """
    ny, nx = shape
    candidates = [parse_section(cards.get(key, "")) for key in ("DATASEC", "TRIMSEC")]
    found = [section for section in candidates if section is not None and section.x1 <= nx and section.y1 <= ny]
    if nx and ny:
        found.append(Section(1, nx, 1, ny))
    if not found:
        return None

    def difference(section: Section) -> int:
        return max(abs(section.size[0] - expected[0]), abs(section.size[1] - expected[1]))

    best = min(found, key=difference)
    tolerance = max(8, min(expected) // 16)
    return best if difference(best) <= tolerance else None


def amplifier_sections(cards: Mapping[str, str], shown: Section) -> dict[str, Section]:
    """Find the parts of an image that its amplifiers have read: DATASECA, DATASECB and so on.

    Parameters
    ----------
    cards : mapping
    shown : Section
        The part of the image that is looked at.

    Returns
    -------
    dict
        Letter of the amplifier → its section of what is shown; empty unless there are several, and
        every pixel shown is of just one.
    """
    found = {letter: parse_section(cards.get(f"DATASEC{letter}", "")) for letter in _AMPLIFIERS}
    clipped = {letter: cut for letter, section in found.items() if section and (cut := _common(section, shown))}
    boxes = list(clipped.values())
    apart = all(_common(one, other) is None for one, other in combinations(boxes, 2))
    area = sum(box.size[0] * box.size[1] for box in boxes)
    return clipped if len(boxes) > 1 and apart and area == shown.size[0] * shown.size[1] else {}


def _common(one: Section, other: Section) -> Section | None:
    x0, x1 = max(one.x0, other.x0), min(one.x1, other.x1)
    y0, y1 = max(one.y0, other.y0), min(one.y1, other.y1)
    return Section(x0, x1, y0, y1) if x0 <= x1 and y0 <= y1 else None
