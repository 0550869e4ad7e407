"""The pixels of any tile of an open image, from wherever they are cheapest."""

import threading
from collections.abc import Callable

import numpy as np

from toyz.readers import Pixels, Raster
from toyz_tiles.cache import ByteCache
from toyz_tiles.geometry import TILE, Window, level_count, level_shape, tile_window
from toyz_tiles.overview import decimated
from toyz_tiles.pyramid import Pyramid
from toyz_tiles.reduce import block_sums, halve, means, pair_sums

SMALL = 4 << 20
"""Pixels up to which an image is kept whole, with all its reduced levels."""
OVERVIEW = 1800
"""The overview's longer side is at most this; of a large image it is more than half of it."""
PYRAMID_FROM = 2
"""The finest level that a pyramid stores."""


class Levels:
    """The levels of one image.

    * A small image is kept whole, and its levels are true block means.
    * Otherwise levels 0 and 1 come from the file. From level 2 they come from the pyramid;
      before that is built, every 2ⁿ-th pixel is read, and the coarse levels are taken from one
      overview, read once.

    Parameters
    ----------
    raster : Raster
        In display order.
    cache : ByteCache
        Of decoded tiles, overviews and small images, shared by the session's images.
    name : str
        Of the image, in the cache.
    settled : bool
        False while the pixels can still change (a file being unpacked): nothing is kept then.
    changed : callable, optional
        Whether the file has been written to; what was read of it then is not kept either.
    """

    def __init__(
        self,
        raster: Raster,
        cache: ByteCache[Pixels],
        name: str,
        *,
        settled: bool = True,
        changed: Callable[[], bool] = lambda: False,
    ) -> None:
        self.raster, self.settled, self._changed = raster, settled, changed
        self.shape = raster.shape
        self.count = level_count(self.shape[1], self.shape[0])
        self.overview_level = 0 if self.small else _overview_level(self.shape)
        self._cache, self._name = cache, name
        self._pyramid: Pyramid | None = None
        self._lock = threading.RLock()

    @property
    def small(self) -> bool:
        """Whether the image is kept whole."""
        return self.shape[0] * self.shape[1] <= SMALL

    @property
    def wants_pyramid(self) -> bool:
        """Whether a pyramid would show more than there is now."""
        return not self.small and self._pyramid is None

    @property
    def pyramid(self) -> Pyramid | None:
        """The pyramid, once it is there."""
        return self._pyramid

    def take_pyramid(self, pyramid: Pyramid) -> None:
        """Use a pyramid from now on, and forget the tiles it replaces."""
        self._pyramid = pyramid
        for level in range(PYRAMID_FROM, self.count):
            self._forget(level)

    def unsettle(self) -> None:
        """Keep nothing from now on, and forget what was kept: the file below is being written."""
        self.settled, self._pyramid = False, None
        for level in range(self.count):
            self._forget(level)
            self._cache.discard((self._name, "whole", level))
        self._cache.discard((self._name, "overview", 0))

    def _still_settled(self) -> bool:
        """Whether what was just read may be kept: looked at after the reading, for the file may change before."""
        if self.settled and self._changed():
            self.unsettle()
        return self.settled

    def _forget(self, level: int) -> None:
        ny, nx = level_shape(self.shape, level)
        for y in range(-(-ny // 256)):
            for x in range(-(-nx // 256)):
                self._cache.discard((self._name, level, x, y))

    def final(self, level: int) -> bool:
        """Whether the pixels of a level, read before this is asked, will not change any more."""
        return self._still_settled() and (
            level < PYRAMID_FROM or self.small or self._pyramid is not None or not self.wants_pyramid
        )

    def overview(self) -> Pixels:
        """The whole image at `overview_level`, as it is known now.

        Returns
        -------
        ndarray
            ``(ny, nx)`` or ``(ny, nx, 3)``.
        """
        if self.small:
            return self._whole(self.overview_level)
        ny, nx = self.shape
        return self._kept("overview", 0, lambda: [self.raster.read(0, ny, 0, nx, 1 << self.overview_level)])

    def sample(self, size: int) -> Pixels:
        """Give about `size` of the overview's values, flat: at least so many where it has them."""

        def spread() -> list[Pixels]:
            values = self.overview().reshape(-1)
            # A copy: a view would keep the whole overview.
            return [values[:: max(1, values.size // size)].copy()]

        return self._kept("sample", 0, spread)

    def tile(self, level: int, x: int, y: int) -> Pixels:
        """The pixels of a tile.

        Returns
        -------
        ndarray
            ``(ny, nx)`` or ``(ny, nx, 3)``, each side at most 256; display order.

        Raises
        ------
        NotFound
            Outside the image.
        CorruptFile
        """
        window = tile_window(self.shape, level, x, y)
        if self.small:
            return self._whole(level)[window.y0 : window.y1, window.x0 : window.x1]
        if self._pyramid is not None and level >= PYRAMID_FROM:
            return self._pyramid.tile(level, x, y)
        if level >= self.overview_level:
            return self._from_overview(level, x, y)
        key = (self._name, level, x, y)
        kept = self._cache.get(key)
        if kept is None:
            kept = decimated(self.raster, level, window)
            if self._still_settled() and level > 0:
                self._cache.put(key, kept)
            elif self.settled:
                self._cache.put_if_again(key, kept)
        return kept

    def window(self, level: int, window: Window) -> Pixels:
        """The pixels of a window of a level, which lies inside it; joined from tiles.

        Raises
        ------
        CorruptFile
        """
        rows = [
            np.concatenate(
                [self.tile(level, x, y) for x in range(window.x0 // TILE, -(-window.x1 // TILE))],
                axis=1,
            )
            for y in range(window.y0 // TILE, -(-window.y1 // TILE))
        ]
        (ny, nx), top, left = window.shape, window.y0 % TILE, window.x0 % TILE
        return np.concatenate(rows)[top : top + ny, left : left + nx]

    def _from_overview(self, level: int, x: int, y: int) -> Pixels:
        further = level - self.overview_level
        window = tile_window(self.shape, level, x, y)
        step, offset = 1 << further, (1 << further) >> 1
        overview = self.overview()
        rows = np.minimum(np.arange(window.y0, window.y1) * step + offset, overview.shape[0] - 1)
        columns = np.minimum(np.arange(window.x0, window.x1) * step + offset, overview.shape[1] - 1)
        if not further:
            return overview[window.y0 : window.y1, window.x0 : window.x1]
        return overview[np.ix_(rows, columns)]

    def _whole(self, level: int) -> Pixels:
        """A level of a small image."""
        ny, nx = self.shape
        return self._kept("whole", level, lambda: _all_levels(self.raster.read(0, ny, 0, nx), self.count))

    def _kept(self, kind: str, number: int, read: Callable[[], list[Pixels]]) -> Pixels:
        """One of some arrays that are read together, and by one thread; what is not settled is read each time."""
        kept = self._cache.get((self._name, kind, number))
        if kept is not None:
            return kept
        with self._lock:
            kept = self._cache.get((self._name, kind, number))
            if kept is not None:
                return kept
            arrays = read()
            if self._still_settled():
                for each, array in enumerate(arrays):
                    self._cache.put((self._name, kind, each), array)
            return arrays[number]


def _all_levels(pixels: Pixels, count: int) -> list[Pixels]:
    """Reduce a whole image: each level is the mean of the valid full-resolution pixels of its blocks."""
    levels: list[Pixels] = [pixels]
    if pixels.ndim == 3:
        while len(levels) < count:
            levels.append(halve(levels[-1]))
        return levels
    if count > 1:
        sums, counts = block_sums(pixels, 2)
        levels.append(means(sums, counts))
    while len(levels) < count:
        sums, counts = pair_sums(sums, counts)
        levels.append(means(sums, counts))
    return levels


def _overview_level(shape: tuple[int, int]) -> int:
    level = PYRAMID_FROM
    while max(level_shape(shape, level)) > OVERVIEW:
        level += 1
    return level
