"""Which images of a file make one exposure, and where each lies.

Only headers are looked at. DETSEC says where a CCD lies on the focal plane; where it is missing,
the WCS is asked; where that does not tell either, the CCDs are laid out in a grid. A user may
ask for any of the three.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from toyz.errors import UnsupportedFile
from toyz.protocol import LayoutChoice
from toyz_tiles.layout import Kind, Layout, Place, Placement
from toyz_tiles.sections import data_section, parse_binning, parse_section
from toyz_tiles.wcs_layout import WcsImage, place_by_wcs

_GAP = 32
"""Pixels between the cells of a grid."""
_SPARSE = 40
"""A mosaic may have this many times the pixels of its images."""
_MOST = 500
"""Images that are placed by their WCS, each of which takes milliseconds to read."""
_DETECTOR_KEYS = ("CCDNUM", "CCDNAME", "CHIPID", "AMPNAME", "AMPID", "IMAGEID", "DETPOS", "DETECTOR", "CCD_ID")
_DETECTOR_NAME = re.compile(r"(ccd|chip|amp|im|det|detector|quad|[ns])[ _.-]*\d+(_\d+)?", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class HduHeader:
    """What planning needs of an image HDU.

    Attributes
    ----------
    hdu : int
    name : str
        EXTNAME, or empty.
    shape : tuple of int
        ``(ny, nx)`` of its pixels.
    cards : mapping
        Keyword → value as text, strings unquoted.
    header_text : str
        80-character cards, for the WCS.
    """

    hdu: int
    name: str
    shape: tuple[int, int]
    cards: Mapping[str, str] = field(default_factory=dict)
    header_text: str = ""

    @property
    def label(self) -> str:
        """What to call it."""
        return self.name or self.cards.get("CCDNAME", "") or self.cards.get("DETPOS", "") or f"HDU {self.hdu}"


def can_mosaic(headers: Sequence[HduHeader]) -> bool:
    """Whether at least two of the images belong together on one focal plane.

    Image, mask and weight of the same piece of sky do not, nor do images far apart.
    """
    usable = _usable(headers)
    if len(usable) < 2:
        return False
    # In the order of preference, each worked out only where the one before is not possible.
    if any(len(_placed(usable, place)) > 1 for place in _PLACERS.values()):
        return True
    return _same_detector_grid(usable)


def plan(headers: Sequence[HduHeader], detsize: str = "", wanted: LayoutChoice = "auto") -> Layout:
    """Lay out the images of an exposure.

    Parameters
    ----------
    headers : sequence of HduHeader
    detsize : str
        DETSIZE of the primary header, such as ``[1:29400,1:29050]``: by DETSEC the mosaic is
        the whole detector, so that a pixel has one place in it whichever CCDs a file holds.
    wanted : str
        How; with ``auto`` the first that is possible of DETSEC, WCS and grid.

    Raises
    ------
    UnsupportedFile
        If no header has an image, or the headers do not say what the wanted layout needs.
    """
    usable = _usable(headers)
    if not usable:
        raise UnsupportedFile("the file holds no image to make a mosaic of")
    if wanted == "grid":
        return _layout("grid", _grid(usable))
    for kind, place in _PLACERS.items():
        if wanted in {"auto", kind}:
            placements = _placed(usable, place)
            if len(placements) > 1:
                whole = _detector(headers, detsize) if kind == "detsec" else None
                return _on_detector(placements, *whole) if whole else _layout(kind, placements)
    if wanted != "auto":
        raise UnsupportedFile(_IMPOSSIBLE[wanted], field="parameters.layout")
    return _layout("grid", _grid(usable))


def _usable(headers: Iterable[HduHeader]) -> list[HduHeader]:
    return [header for header in headers if len(header.shape) == 2 and min(header.shape) > 0]


def _placed(headers: list[HduHeader], place: Callable[[list[HduHeader]], list[Place]]) -> list[Place]:
    placements = _distinct(place(headers))
    # Where most of the images are left out, the positions are not about this file.
    return placements if _compact(placements) else []


def _by_detsec(headers: list[HduHeader]) -> list[Place]:
    placements: list[Place] = [placement for placement in map(_detsec_placement, headers) if placement is not None]
    binnings = {parse_binning(header.cards.get("CCDSUM", "")) for header in headers}
    if len(binnings) > 1 or 2 * len(placements) < len(headers):
        return []
    return placements


def _detsec_placement(header: HduHeader) -> Placement | None:
    detsec = parse_section(header.cards.get("DETSEC", ""))
    if detsec is None:
        return None
    bin_x, bin_y = parse_binning(header.cards.get("CCDSUM", ""))
    expected = (-(-detsec.size[0] // bin_x), -(-detsec.size[1] // bin_y))
    data = data_section(header.cards, header.shape, expected)
    if data is None:
        return None
    width, height = data.size
    # Processing trims a few border pixels without changing DETSEC (or the other way round):
    # the centre of the CCD stays where it was.
    x = (detsec.x0 - 1) // bin_x + (expected[0] - width) // 2
    bottom = (detsec.y0 - 1) // bin_y + (expected[1] - height) // 2
    return Placement(
        name=header.label,
        hdu=header.hdu,
        x=x,
        y=-(bottom + height),
        width=width,
        height=height,
        flip_x=detsec.flip_x != data.flip_x,
        flip_y=detsec.flip_y != data.flip_y,
        crop_x=data.x0 - 1,
        crop_y=data.y0 - 1,
    )


def _by_wcs(headers: list[HduHeader]) -> list[Place]:
    if len(headers) > _MOST:
        return []
    return [place for place in place_by_wcs(tuple(map(_wcs_image, headers))) if place is not None]


def _wcs_image(header: HduHeader) -> WcsImage:
    # The instrument's layout, where there is one, also says what is overscan and which way is up.
    detsec = _detsec_placement(header)
    if detsec is None:
        return WcsImage(header.label, header.hdu, header.header_text, 0, 0, header.shape)
    return WcsImage(
        header.label,
        header.hdu,
        header.header_text,
        detsec.crop_x,
        detsec.crop_y,
        detsec.shape,
        detsec.flip_x,
        detsec.flip_y,
    )


_PLACERS: Mapping[Kind, Callable[[list[HduHeader]], list[Place]]] = {"detsec": _by_detsec, "wcs": _by_wcs}
_IMPOSSIBLE = {
    "detsec": "The headers do not say by DETSEC where the images lie on a detector; show them by WCS or as a grid.",
    "wcs": "The images cannot be laid out by WCS: fewer than two have one, or they lie far apart or on each other.",
}


def _distinct(placements: list[Place]) -> list[Place]:
    # Masks and weights lie on their image: of those that share most of a place, the first stays.
    edges = np.array([(p.x, p.x + p.width, p.y, p.y + p.height) for p in placements], np.int64).reshape(-1, 4)
    kept: list[int] = []
    for number, (x0, x1, y0, y1) in enumerate(edges.tolist()):
        left, right, bottom, top = edges[kept].T
        shared = (np.minimum(right, x1) - np.maximum(left, x0)).clip(0) * (
            np.minimum(top, y1) - np.maximum(bottom, y0)
        ).clip(0)
        smaller = np.minimum((right - left) * (top - bottom), (x1 - x0) * (y1 - y0))
        if (2 * shared <= smaller).all():
            kept.append(number)
    return [placements[number] for number in kept]


def _compact(placements: list[Place]) -> bool:
    # Images scattered over the sky (or over an absurd DETSEC) would make a mosaic of nothing.
    if not placements:
        return False
    width, height = _extent(placements)
    return width * height <= _SPARSE * sum(math.prod(placement.shape) for placement in placements)


def _extent(placements: list[Place]) -> tuple[int, int]:
    return (
        max(p.x + p.width for p in placements) - min(p.x for p in placements),
        max(p.y + p.height for p in placements) - min(p.y for p in placements),
    )


def _layout(kind: Kind, placements: list[Place]) -> Layout:
    left, top = min(p.x for p in placements), min(p.y for p in placements)
    width, height = _extent(placements)
    return Layout(kind, width, height, tuple(p.moved(-left, -top) for p in placements))


def _detector(headers: Sequence[HduHeader], detsize: str) -> tuple[int, int] | None:
    # Width and height of the whole detector in binned pixels.
    size = parse_section(detsize)
    if size is None:
        return None
    bin_x, bin_y = parse_binning(headers[0].cards.get("CCDSUM", ""))
    return -(-size.x1 // bin_x), -(-size.y1 // bin_y)


def _on_detector(placements: list[Place], width: int, height: int) -> Layout:
    inside = all(p.x >= 0 and p.x + p.width <= width and p.y + p.height <= 0 and p.y >= -height for p in placements)
    filled = sum(placement.width * placement.height for placement in placements)
    if not inside or width * height > _SPARSE * filled:
        return _layout("detsec", placements)
    return Layout("detsec", width, height, tuple(p.moved(0, height) for p in placements))


def _same_detector_grid(headers: list[HduHeader]) -> bool:
    # Without positions, only equal frames that are called detectors are taken for an exposure.
    if len({header.shape for header in headers}) > 1:
        return False
    if len({header.name for header in headers}) == len(headers) and all(
        _DETECTOR_NAME.fullmatch(header.name.strip()) for header in headers
    ):
        return True
    return any(
        len({header.cards.get(key, "").strip() for header in headers} - {""}) == len(headers) for key in _DETECTOR_KEYS
    )


def _grid(headers: list[HduHeader]) -> list[Place]:
    # As near to a square as cells of the largest size allow, in reading order.
    cell_width = max(header.shape[1] for header in headers) + _GAP
    cell_height = max(header.shape[0] for header in headers) + _GAP
    columns = max(1, min(len(headers), round((len(headers) * cell_height / cell_width) ** 0.5)))
    return [
        Placement(
            name=header.label,
            hdu=header.hdu,
            x=index % columns * cell_width,
            y=index // columns * cell_height,
            width=header.shape[1],
            height=header.shape[0],
        )
        for index, header in enumerate(headers)
    ]
