"""An exposure of many CCDs as one raster; nothing is copied.

`plan` looks only at headers. DETSEC says where a CCD lies on the focal plane; where it is
missing, the WCS is asked; where that does not tell either, the CCDs are laid out in a grid.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from toyz.errors import CorruptFile, UnsupportedFile
from toyz.readers import Pixels, Raster
from toyz_tiles.layout import Kind, Layout, Placement
from toyz_tiles.raster import Run, read_lattice, runs
from toyz_tiles.sections import data_section, parse_binning, parse_section
from toyz_tiles.wcs_layout import place_by_wcs

_GAP = 32
"""Pixels between the cells of a grid."""
_SPARSE = 40
"""A mosaic may have this many times the area of its images."""
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
    if any(len(placements) > 1 for placements in _placed(usable)):
        return True
    return _same_detector_grid(usable)


def plan(headers: Sequence[HduHeader], detsize: str = "") -> Layout:
    """Lay out the images of an exposure.

    Parameters
    ----------
    headers : sequence of HduHeader
    detsize : str
        DETSIZE of the primary header, such as ``[1:29400,1:29050]``: by DETSEC the mosaic is
        the whole detector, so that a pixel has one place in it whichever CCDs a file holds.

    Raises
    ------
    UnsupportedFile
        If no header has an image.
    """
    usable = _usable(headers)
    if not usable:
        raise UnsupportedFile("the file holds no image to make a mosaic of")
    kinds: tuple[Kind, ...] = ("detsec", "wcs")
    for kind, placements in zip(kinds, _placed(usable), strict=True):
        if len(placements) > 1:
            whole = _detector(headers, detsize) if kind == "detsec" else None
            return _on_detector(placements, *whole) if whole else _layout(kind, placements)
    return _layout("grid", _grid(usable))


def _usable(headers: Iterable[HduHeader]) -> list[HduHeader]:
    return [header for header in headers if len(header.shape) == 2 and min(header.shape) > 0]


def _placed(headers: list[HduHeader]) -> Iterable[list[Placement]]:
    # In the order of preference, each worked out only when it is asked for.
    for place in (_by_detsec, _by_wcs):
        placements = _distinct(place(headers))
        # Where most of the images are left out, the positions are not about this file.
        yield placements if _compact(placements) else []


def _by_detsec(headers: list[HduHeader]) -> list[Placement]:
    placements = [placement for placement in map(_detsec_placement, headers) if placement is not None]
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


def _by_wcs(headers: list[HduHeader]) -> list[Placement]:
    if len(headers) > _MOST:
        return []
    found = place_by_wcs([(header.header_text, header.shape) for header in headers])
    placements = []
    for header, place in zip(headers, found, strict=True):
        if place is not None:
            placements.append(
                Placement(
                    name=header.label,
                    hdu=header.hdu,
                    x=place.x,
                    y=place.y,
                    width=place.width,
                    height=place.height,
                    flip_x=place.flip_x,
                    flip_y=place.flip_y,
                    transpose=place.transpose,
                )
            )
    return placements


def _distinct(placements: list[Placement]) -> list[Placement]:
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


def _compact(placements: list[Placement]) -> bool:
    # Images scattered over the sky (or over an absurd DETSEC) would make a mosaic of nothing.
    if not placements:
        return False
    width, height = _extent(placements)
    return width * height <= _SPARSE * sum(placement.width * placement.height for placement in placements)


def _extent(placements: list[Placement]) -> tuple[int, int]:
    return (
        max(p.x + p.width for p in placements) - min(p.x for p in placements),
        max(p.y + p.height for p in placements) - min(p.y for p in placements),
    )


def _layout(kind: Kind, placements: list[Placement]) -> Layout:
    left, top = min(p.x for p in placements), min(p.y for p in placements)
    width, height = _extent(placements)
    return Layout(kind, width, height, tuple(replace(p, x=p.x - left, y=p.y - top) for p in placements))


def _detector(headers: Sequence[HduHeader], detsize: str) -> tuple[int, int] | None:
    # Width and height of the whole detector in binned pixels.
    size = parse_section(detsize)
    if size is None:
        return None
    bin_x, bin_y = parse_binning(headers[0].cards.get("CCDSUM", ""))
    return -(-size.x1 // bin_x), -(-size.y1 // bin_y)


def _on_detector(placements: list[Placement], width: int, height: int) -> Layout:
    inside = all(p.x >= 0 and p.x + p.width <= width and p.y + p.height <= 0 and p.y >= -height for p in placements)
    filled = sum(placement.width * placement.height for placement in placements)
    if not inside or width * height > _SPARSE * filled:
        return _layout("detsec", placements)
    return Layout("detsec", width, height, tuple(replace(p, y=p.y + height) for p in placements))


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


def _grid(headers: list[HduHeader]) -> list[Placement]:
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


class MosaicRaster:
    """The mosaic as a raster in display order, NaN in the gaps.

    Parameters
    ----------
    layout : Layout
    rasters : mapping
        HDU → its raster, in file order.
    pool : Executor, optional
        Reads the CCDs of one window at the same time. Not the pool that calls `read`: its
        threads would wait for each other.

    Attributes
    ----------
    problems : dict
        HDU → what was wrong with its pixels; such a CCD (or its damaged part) is NaN.
    """

    def __init__(self, layout: Layout, rasters: Mapping[int, Raster], pool: Executor | None = None) -> None:
        self.layout = layout
        self.problems: dict[int, str] = {}
        self._rasters = rasters
        self._pool = pool
        edges = [(p.x, p.x + p.width, p.y, p.y + p.height) for p in layout.placements]
        self._edges = np.array(edges, np.int64).reshape(-1, 4).T
        self._dtype = promoted([rasters[placement.hdu].dtype for placement in layout.placements])

    @property
    def shape(self) -> tuple[int, int]:
        """``(ny, nx)``."""
        return self.layout.height, self.layout.width

    @property
    def dtype(self) -> "np.dtype[Any]":
        """``float32``, or ``float64`` where that is needed to keep every value."""
        return self._dtype

    @property
    def channels(self) -> int:
        """Always 1."""
        return 1

    def read(self, y0: int, y1: int, x0: int, x1: int, step: int = 1) -> Pixels:
        """Read a window; see `toyz.readers.Raster.read`.

        Blocks are those of the mosaic, so that neighbouring CCDs are sampled on one grid.
        """
        window = _Window(runs(y0, y1, step), runs(x0, x1, step))
        parts = [part for placement in self._under(y0, y1, x0, x1) if (part := window.cut(placement))]
        if len(parts) == 1 and len(parts[0].sources) == 1 and window.inside(parts[0].placement):
            values = self._lattice(parts[0].placement, *parts[0].sources[0])
            if values is not None:
                return np.array(values, self._dtype, order="C", copy=None)
        shape = (-(-(y1 - y0) // step), -(-(x1 - x0) // step))
        pixels = np.full(shape, np.nan, self._dtype)
        fetch = self._pool.map if self._pool is not None and len(parts) > 1 else map
        for part, found in zip(parts, fetch(self._fetch, parts), strict=True):
            for (rows, columns), values in zip(part.targets, found, strict=True):
                if values is not None:
                    pixels[rows, columns] = values
        return pixels

    def _under(self, y0: int, y1: int, x0: int, x1: int) -> list[Placement]:
        left, right, top, bottom = self._edges
        found = np.flatnonzero((left < x1) & (right > x0) & (top < y1) & (bottom > y0))
        return [self.layout.placements[number] for number in found.tolist()]

    def _fetch(self, part: "_Part") -> list[Pixels | None]:
        return [self._lattice(part.placement, rows, columns) for rows, columns in part.sources]

    def _lattice(self, placement: Placement, rows: Run, columns: Run) -> Pixels | None:
        file_rows, file_columns = placement.file_runs(rows, columns)
        try:
            pixels = read_lattice(self._rasters[placement.hdu], file_rows, file_columns)
        except CorruptFile as error:
            self.problems[placement.hdu] = error.message
            return None
        if placement.transpose:
            pixels = pixels.T
        return pixels[:: -1 if placement.rows_fall else 1, :: -1 if placement.columns_fall else 1]


@dataclass(frozen=True)
class _Part:
    # What one CCD gives to a window: lattices on the mosaic, and where in the result they go.
    placement: Placement
    sources: list[tuple[Run, Run]]
    targets: list[tuple[slice, slice]]


@dataclass(frozen=True)
class _Window:
    # The rows and columns of the mosaic that a window samples.
    rows: list[Run]
    columns: list[Run]

    def inside(self, placement: Placement) -> bool:
        return (
            placement.y <= self.rows[0].first
            and self.rows[-1].last < placement.y + placement.height
            and placement.x <= self.columns[0].first
            and self.columns[-1].last < placement.x + placement.width
        )

    def cut(self, placement: Placement) -> _Part | None:
        rows = _inside(self.rows, placement.y, placement.y + placement.height)
        columns = _inside(self.columns, placement.x, placement.x + placement.width)
        if not rows or not columns:
            return None
        return _Part(
            placement,
            [(row, column) for row, _ in rows for column, _ in columns],
            [(row, column) for _, row in rows for _, column in columns],
        )


def _inside(axis: list[Run], start: int, stop: int) -> list[tuple[Run, slice]]:
    # The parts of the runs that lie in start ≤ i < stop, with their places in the result.
    found = []
    offset = 0
    for run in axis:
        first = max(0, -(-(start - run.first) // run.step))
        last = min(run.length - 1, (stop - 1 - run.first) // run.step)
        if first <= last:
            place = slice(offset + first, offset + last + 1)
            found.append((Run(run.first + first * run.step, last - first + 1, run.step), place))
        offset += run.length
    return found


def promoted(dtypes: Iterable["np.dtype[Any]"]) -> "np.dtype[Any]":
    """Find the float type that keeps every value of these types, as far as one does.

    8- and 16-bit integers fit in float32; 32-bit ones need float64, 64-bit ones are rounded
    beyond 2⁵³.
    """
    return np.result_type(np.float32, *dtypes)
