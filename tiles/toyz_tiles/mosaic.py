"""An exposure of many CCDs as one raster; nothing is copied."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np

from toyz.errors import CorruptFile
from toyz.readers import Pixels, Raster
from toyz_tiles.layout import Layout, Place, Sample
from toyz_tiles.raster import Run, runs


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
    layout : Layout
    rasters : mapping
    problems : dict
        HDU → what was wrong with its pixels; such a CCD (or its damaged part) is NaN.
    """

    def __init__(self, layout: Layout, rasters: Mapping[int, Raster], pool: Executor | None = None) -> None:
        self.layout = layout
        self.problems: dict[int, str] = {}
        self.rasters = rasters
        self._pool = pool
        edges = [(p.x, p.x + p.width, p.y, p.y + p.height) for p in layout.placements]
        self._edges = np.array(edges, np.int64).reshape(-1, 4).T
        self._dtype = promoted([rasters[placement.hdu].dtype for placement in layout.placements])

    def over(self, rasters: Mapping[int, Raster]) -> "MosaicRaster":
        """Give a mosaic of other rasters in the same layout."""
        return MosaicRaster(self.layout, rasters, self._pool)

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
            values, inside = self._sample(parts[0].placement, *parts[0].sources[0])
            if values is not None and inside is None:
                return np.array(values, self._dtype, order="C", copy=None)
        shape = (-(-(y1 - y0) // step), -(-(x1 - x0) // step))
        pixels = np.full(shape, np.nan, self._dtype)
        fetch = self._pool.map if self._pool is not None and len(parts) > 1 else map
        for part, found in zip(parts, fetch(self._fetch, parts), strict=True):
            for (rows, columns), (values, inside) in zip(part.targets, found, strict=True):
                if values is not None:
                    np.copyto(pixels[rows, columns], values, where=True if inside is None else inside)
        return pixels

    def read_into(self, out: Pixels, y0: int, x0: int) -> None:
        """Fill an array with a window, one CCD after the other; see `toyz.readers.Filling`."""
        out[...] = np.nan
        y1, x1 = y0 + out.shape[0], x0 + out.shape[1]
        for place in self._under(y0, y1, x0, x1):
            top, bottom = max(place.y, y0), min(place.y + place.height, y1)
            left, right = max(place.x, x0), min(place.x + place.width, x1)
            try:
                place.fill(self.rasters[place.hdu], out[top - y0 : bottom - y0, left - x0 : right - x0], top, left)
            except CorruptFile as error:
                self.problems[place.hdu] = error.message

    def columns(self, y0: int, y1: int) -> list[tuple[int, int]]:
        """Give the columns ``(start, stop)`` of each CCD that these rows cross: all else is gaps."""
        return [(place.x, place.x + place.width) for place in self._under(y0, y1, 0, self.layout.width)]

    def _under(self, y0: int, y1: int, x0: int, x1: int) -> list[Place]:
        left, right, top, bottom = self._edges
        found = np.flatnonzero((left < x1) & (right > x0) & (top < y1) & (bottom > y0))
        return [self.layout.placements[number] for number in found.tolist()]

    def _fetch(self, part: "_Part") -> list[Sample]:
        return [self._sample(part.placement, rows, columns) for rows, columns in part.sources]

    def _sample(self, placement: Place, rows: Run, columns: Run) -> Sample:
        try:
            return placement.sample(self.rasters[placement.hdu], rows, columns)
        except CorruptFile as error:
            self.problems[placement.hdu] = error.message
            return Sample(None)


@dataclass(frozen=True)
class _Part:
    # What one CCD gives to a window: lattices on the mosaic, and where in the result they go.
    placement: Place
    sources: list[tuple[Run, Run]]
    targets: list[tuple[slice, slice]]


@dataclass(frozen=True)
class _Window:
    # The rows and columns of the mosaic that a window samples.
    rows: list[Run]
    columns: list[Run]

    def inside(self, placement: Place) -> bool:
        return (
            placement.y <= self.rows[0].first
            and self.rows[-1].last < placement.y + placement.height
            and placement.x <= self.columns[0].first
            and self.columns[-1].last < placement.x + placement.width
        )

    def cut(self, placement: Place) -> _Part | None:
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
