"""Compile every kernel before the session is locked in.

Under the sandbox numba can neither write its cache nor start its compiler, so each kernel is
called here once for every type of array it may meet. With a cache on disk this takes a moment;
without one, the better part of a minute.
"""

import numpy as np

from toyz.protocol import Style
from toyz_tiles import area, channels, colour, data_tile, encode, reduce, stretch
from toyz_tiles.coverage import mean_values
from toyz_tiles.frames import to_galactic
from toyz_tiles.geometry import Window
from toyz_tiles.layout import Layout, Placement
from toyz_tiles.matching import Part, SkyMatch
from toyz_tiles.pyramid_codec import decode_tile, encode_tile
from toyz_tiles.raster import Run
from toyz_tiles.resample import gather, locate
from toyz_tiles.warp import Warp

DTYPES = ("u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")


def warm() -> None:
    """Call every kernel once for each dtype, and load what is loaded lazily."""
    for dtype in DTYPES:
        # Of an odd size, because the blocks at the edges have a kernel of their own.
        pixels = np.zeros((9, 9), dtype)
        for table in (np.zeros(stretch.ENTRIES, np.uint8), np.zeros((stretch.ENTRIES, 3), np.uint8)):
            stretch.apply(pixels, 0.0, 1.0, table)
        reduce.means(*reduce.pair_sums(*reduce.block_sums(pixels, 4)))
        reduce.halve(pixels)
        area.area_means(pixels, area.edges(0, 8, 3), area.edges(0, 8, 3))
        if pixels.dtype.kind == "f":
            reduce.block_sums(np.full_like(pixels, np.nan), 4)
    noisy = np.arange(64, dtype=np.float32).reshape(8, 8)
    decode_tile(encode_tile(noisy, 1.0), noisy.shape)
    for dtype in ("f4", "f8"):
        channels.apply(np.zeros((3, 3, 3), dtype), Style(low=0.0, high=1.0, stretch="lupton"))
        data_tile.unpack(data_tile.pack(noisy.astype(dtype) / 3))
    for name in colour.names():
        colour.table(name)
    hole = np.where(noisy < 3, np.nan, noisy)
    for bad in ("#102030", encode.TRANSPARENT):
        encode.render(hole, Style(low=0.0, high=1.0, colormap="viridis", bad=bad))
    _warm_sampling()
    to_galactic(0.0, 0.0)


def _warm_sampling() -> None:
    turned = Warp(0.0, 0.0, (0.0, 1.0, 0.1, *[0.0] * 7), (0.0, -0.1, 1.0, *[0.0] * 7))
    places = locate(turned, (8, 8), Run(0, 8, 1), Run(0, 8, 1), 1)
    part = Part("", 0, 0, 8, 0, 8)
    place = Placement(name="", hdu=0, x=0, y=0, width=8, height=8)
    mean_values(Layout("grid", 8, 8, (place,)), SkyMatch("background", 0.0, (part,), (1.0,)), 2, Window(0, 2, 0, 2))
    for dtype in (np.float32, np.float64):
        gather(np.zeros((places.y1 - places.y0, places.x1 - places.x0), dtype), places)
