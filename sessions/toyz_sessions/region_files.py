"""Regions as text: those of DS9 and CASA, read line by line, and DS9's written; by astropy's `regions`.

CASA's are not written: what the package (0.12) makes of pixels has degrees for units, and no other program reads it.
"""

import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import msgspec
import regions

from toyz.errors import InvalidParameter, TooLarge
from toyz.regions import DEFAULT_COLOUR, MAX_VERTICES, Marked, Shape
from toyz_sessions.answers import ReadRegions, SkippedRegions
from toyz_sessions.region_objects import System, on_pixels, on_sky, shapes_of
from toyz_sessions.region_sky import PixelSky

Format = Literal["ds9", "crtf"]
MAX_TEXT = 1 << 20
"""Bytes of a file of regions."""
MAX_REGIONS = 4000
"""Of a file: a workspace has room for them, and some more."""
_LONGEST = {"ds9": 60_000, "crtf": 8_000}
"""Characters of a line; the package's expressions for CASA's take a time that grows with their square."""
_LONGEST_PREFIX = 4000
_SYSTEM = re.compile(
    r"(?:^|;)\s*(image|physical|icrs|fk5|j2000|fk4|b1950|galactic|ecliptic|linear|amplifier|detector|tile|wcs[a-z0]?)"
    r"\s*(?=;|$)",
    re.IGNORECASE,
)
_COLOURS = {
    "black": "#000000",
    "white": "#ffffff",
    "red": "#d55e00",
    "green": "#009e73",
    "blue": "#0072b2",
    "cyan": "#56b4e9",
    "magenta": "#cc79a7",
    "yellow": "#f0e442",
    "orange": "#e69f00",
}
"""Names that other programs know, as colours that everybody can tell apart."""
_HEX = re.compile("#[0-9a-f]{6}")
_BRACES = str.maketrans("{}", "()")
"""A text stands between braces, and there is no way to write one within."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def format_of(text: str) -> Format:
    """Tell the format of a text: CASA's says so in its first line."""
    return "crtf" if text.lstrip("\ufeff \t\r\n").startswith("#CRTF") else "ds9"


def read(text: str, sky: PixelSky | None, *, physical: bool, check: Callable[[], None]) -> ReadRegions:
    """Read the regions of a text; what cannot be is counted by reason.

    Parameters
    ----------
    text : str
    sky : PixelSky or None
        Of the image; without it regions on the sky are skipped.
    physical : bool
        Whether the image's physical coordinates are its pixels.
    check : callable
        Called now and then; it may raise `Cancelled`.

    Raises
    ------
    TooLarge
    InvalidParameter
        If nothing in it is a region.
    """
    if len(text) > MAX_TEXT:
        raise TooLarge(f"A file of regions has at most {MAX_TEXT >> 20} MB.")
    kind = format_of(text)
    reader = _Ds9(physical) if kind == "ds9" else _Crtf()
    skipped: Counter[str] = Counter()
    found: list[Any] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the reason of what is skipped is told otherwise
        for line in text.splitlines():
            check()
            if len(line) > _LONGEST[kind]:
                skipped[f"a line of more than {_LONGEST[kind]} characters"] += 1
                continue
            found += _of_line(reader, line, skipped)
            if len(found) > MAX_REGIONS:
                raise TooLarge(f"At most {MAX_REGIONS} regions are read from one file.")
    kept = list(_marked(found, sky, skipped, check))
    if not kept:
        reason = next(iter(skipped), "it holds none")
        raise InvalidParameter(f"No region could be read from this: {reason}.")
    return ReadRegions(kept, [SkippedRegions(reason, count) for reason, count in skipped.most_common(20)])


class _Ds9:
    """What lines of a DS9 file mean depends on those before them."""

    def __init__(self, physical: bool) -> None:
        # DS9 itself takes a file that names no system for one in image pixels.
        self._physical, self._system, self._globals = physical, "image", ""

    def parse(self, line: str) -> tuple[Sequence[Any], str]:
        """Give the regions of a line, and why there are none where there should be."""
        if line.lower().startswith("global"):
            self._globals = f"{line}\n"[:_LONGEST_PREFIX]
            return (), ""
        bare = line.lstrip()
        if bare.startswith("#") and not bare.startswith("# text("):
            return (), ""
        if self._physical:
            line = re.sub(r"(^|;)\s*physical\s*(?=;|$)", r"\1image", line, flags=re.IGNORECASE)
        before = self._system
        for match in _SYSTEM.finditer(line):
            self._system = match[1].lower()
        parsed = regions.Regions.parse(f"{self._globals}{before}\n{line}", format="ds9").regions
        if parsed or _SYSTEM.sub("", line).strip(" ;") == "":
            return parsed, ""
        named = re.match(r"\s*[+-]?\s*([a-z]+)", line, re.IGNORECASE)
        return (), f"{named[1].lower()[:20] if named else 'a line'} in {self._system} coordinates"


class _Crtf:
    """CASA's format: lines that begin with ``global`` hold for those that follow."""

    def __init__(self) -> None:
        self._globals = ""

    def parse(self, line: str) -> tuple[Sequence[Any], str]:
        """Give the regions of a line, and why there are none where there should be."""
        if line.startswith("global"):
            self._globals = f"{line}\n"[:_LONGEST_PREFIX]
            return (), ""
        if not line.strip() or line.startswith("#"):
            return (), ""
        return regions.Regions.parse(f"{self._globals}{line}", format="crtf").regions, ""


def _of_line(reader: _Ds9 | _Crtf, line: str, skipped: Counter[str]) -> Sequence[Any]:
    try:
        parsed, reason = reader.parse(line.rstrip())
    except Exception:  # the parsers have no common base for their errors, and raise those of Python too
        skipped["a line that makes no sense"] += 1
        return ()
    if reason:
        skipped[reason] += 1
    kept = [region for region in parsed if region.meta.get("include", True)]
    if len(kept) < len(parsed):
        skipped["an excluded region"] += len(parsed) - len(kept)
    return kept


def _marked(
    found: Sequence[Any], sky: PixelSky | None, skipped: Counter[str], check: Callable[[], None]
) -> Iterator[Marked]:
    for start in range(0, len(found), 64):
        check()
        part = found[start : start + 64]
        for region, shape in zip(part, shapes_of(part, sky), strict=True):
            if isinstance(shape, str):
                skipped[shape] += 1
                continue
            try:
                # The declared types say what is in range, and numbers that are none are in no range.
                yield msgspec.convert(_plain(region, shape), Marked)
            except (msgspec.ValidationError, ValueError):
                skipped[f"out of range, or of more than {MAX_VERTICES} vertices"] += 1


def _plain(region: Any, shape: Shape) -> dict[str, Any]:
    label = getattr(region, "text", None) or region.meta.get("text") or region.meta.get("label") or ""
    visual = region.visual
    colour = str(visual.get("color") or visual.get("edgecolor") or region.meta.get("color") or "").lower()
    return {
        "shape": msgspec.to_builtins(shape),
        "label": _CONTROL.sub(" ", str(label))[:200],
        "colour": _COLOURS.get(colour, colour if _HEX.fullmatch(colour) else DEFAULT_COLOUR),
    }


def write(marked: Sequence[Marked], sky: PixelSky | None, system: System) -> str:
    """Write regions as a DS9 file.

    Parameters
    ----------
    marked : sequence of Marked
    sky : PixelSky or None
        Needed unless `system` is ``image``.
    system : str

    Raises
    ------
    InvalidParameter
    """
    pairs = [(one.shape, one.label) for one in marked]
    if system == "image":
        made = [on_pixels(shape, label) for shape, label in pairs]
    elif sky is None:
        raise InvalidParameter("This image has no usable WCS.", field="parameters.system")
    else:
        made = on_sky(pairs, sky, system)
    lines = [_ds9_line(region, one) for region, one in zip(made, marked, strict=True)]
    return "\n".join(["# Region file format: DS9", system, *lines, ""])


def _ds9_line(region: Any, marked: Marked) -> str:
    # What a region of its own has besides its shape would be written above it, and hold for all that follow.
    shape = region.serialize(format="ds9", precision=10).splitlines()[-1]
    text = f" text={{{marked.label.translate(_BRACES)}}}" if marked.label else ""
    start, then = ("# ", " ") if shape.startswith("text(") else ("", " # ")
    return f"{start}{shape}{then}color={marked.colour}{text}"
