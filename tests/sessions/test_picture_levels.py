"""What is kept of open images: never more than the cache holds, and never what can still change."""

import numpy as np
import pytest

from toyz.readers import Pixels, Raster
from toyz_sessions.picture_levels import Levels
from toyz_tiles.cache import ByteCache
from toyz_tiles.raster import ArrayRaster

SMALL, LARGE = (1000, 1500), (2500, 3000)


class Counted(ArrayRaster):
    """Counts how often it is read."""

    reads = 0

    def read(self, y0: int, y1: int, x0: int, x1: int, step: int = 1) -> Pixels:
        """Read a window."""
        self.reads += 1
        return super().read(y0, y1, x0, x1, step)


def raster_of(shape: tuple[int, int]) -> Counted:
    return Counted(np.arange(shape[0] * shape[1], dtype="f4").reshape(shape))


@pytest.mark.parametrize("shape", [SMALL, LARGE])
def test_many_open_images_share_one_cache(shape: tuple[int, int]) -> None:
    cache: ByteCache[Pixels] = ByteCache(20 << 20)
    rasters: list[Raster] = [raster_of(shape) for _ in range(12)]
    images = [Levels(raster, cache, f"image {number}") for number, raster in enumerate(rasters)]
    first = [image.tile(image.count - 1, 0, 0).copy() for image in images]
    assert 0 < cache.used <= cache.limit
    for image, seen in zip(images, first, strict=True):
        np.testing.assert_array_equal(image.tile(image.count - 1, 0, 0), seen)


@pytest.mark.parametrize("shape", [SMALL, LARGE])
def test_what_is_kept_is_not_read_again(shape: tuple[int, int]) -> None:
    raster = raster_of(shape)
    levels = Levels(raster, ByteCache(64 << 20), "image")
    for _ in range(3):
        levels.overview()
        levels.tile(levels.count - 1, 0, 0)
    assert raster.reads == 1


@pytest.mark.parametrize("shape", [SMALL, LARGE])
def test_what_can_still_change_is_not_kept(shape: tuple[int, int]) -> None:
    cache: ByteCache[Pixels] = ByteCache(64 << 20)
    raster = raster_of(shape)
    levels = Levels(raster, cache, "image", settled=False)
    levels.overview()
    levels.overview()
    assert raster.reads == 2
    assert cache.used == 0
