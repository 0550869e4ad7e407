import io
from typing import Any

import numpy as np
import pytest

from toyz.protocol import STRETCHES, Style
from toyz_tiles import area, channels, coverage, data_tile, quantise, reduce, resample, statistics, stretch
from toyz_tiles.coverage import mean_values
from toyz_tiles.encode import render
from toyz_tiles.geometry import Window
from toyz_tiles.layout import Layout, Placement
from toyz_tiles.matched import matched_mosaic
from toyz_tiles.matching import Part, SkyMatch
from toyz_tiles.mosaic import MosaicRaster
from toyz_tiles.overview import decimated
from toyz_tiles.pyramid import build
from toyz_tiles.raster import ArrayRaster, Flipped
from toyz_tiles.warm import DTYPES, warm
from toyz_tiles.warp import Residual, Warp
from toyz_tiles.warped import WarpedPlacement


def compiled() -> dict[str, int]:
    """How many signatures each kernel has been compiled for."""
    found = {}
    for module in (stretch, channels, reduce, area, quantise, resample, coverage):
        for name, value in vars(module).items():
            if hasattr(value, "signatures") and hasattr(value, "py_func"):
                found[f"{module.__name__}.{name}"] = len(value.signatures)
    return found


def variants(pixels: Any) -> list[Any]:
    frozen = pixels.copy()
    frozen.setflags(write=False)
    return [pixels, frozen, pixels.astype(pixels.dtype.newbyteorder(">")), np.asfortranarray(pixels), pixels[::-1, ::2]]


@pytest.mark.parametrize("dtype", [*DTYPES, "f2", "?"])
def test_nothing_is_compiled_after_warming(dtype: str) -> None:
    warm()
    before = compiled()
    assert len(before) >= 10
    pixels = np.random.default_rng(1).integers(0, 100, (601, 703)).astype(dtype)
    style = Style(low=0.0, high=1.0)
    for variant in variants(pixels):
        render(variant, style)
        render(variant, Style(low=0.0, high=1.0, colormap="hot"))
        reduce.halve(variant)
        area.area_means(variant, area.edges(0, 50, 7), area.edges(1, 60, 9))
    colour = np.repeat(pixels[:, :, None], 3, axis=2)
    own = ((0.0, 1.0), (0.0, 2.0), (1.0, 1.0))
    for name in STRETCHES:
        for shown in (pixels, colour, colour[::-1, ::2]):
            render(shown, Style(low=0.0, high=1.0, stretch=name, channel_cuts=own))  # type: ignore[arg-type]
    for raster in (ArrayRaster(pixels), Flipped(ArrayRaster(pixels)), ArrayRaster(colour)):
        for level in range(3):
            render(decimated(raster, level, Window(0, 60, 0, 50)), style)
            data_tile.unpack(data_tile.pack(decimated(raster, level, Window(0, 60, 0, 50))))
        statistics.zscale(statistics.sample(raster))
        build(raster, io.BytesIO())
    far = pixels.astype("f4") + np.random.default_rng(2).normal(0, 30, pixels.shape).round().astype("f4")
    far[:4, :4] = 900_000  # whole numbers beyond 16 bits
    data_tile.pack(far)
    look_at_a_mosaic(pixels)
    assert compiled() == before


def look_at_a_mosaic(pixels: Any) -> None:
    """Two CCDs, one of them turned, as they are shown and with one sky."""
    ny, nx = pixels.shape
    turned = Warp(2.5, 0.0, (0.0, 1.0, 0.1, *[0.0] * 7), (3.0, -0.1, 1.0, *[0.0] * 7))
    straight = Placement(name="N1", hdu=1, x=0, y=0, width=nx, height=ny)
    bent = WarpedPlacement(
        name="N2",
        hdu=2,
        x=nx,
        y=0,
        width=nx,
        height=ny,
        shape=(ny, nx),
        warp=turned.moved(nx, 0),
        residual=Residual(0, 0),
    )
    layout = Layout("wcs", 2 * nx, ny, (straight, bent))
    mosaic = MosaicRaster(layout, {1: ArrayRaster(pixels), 2: Flipped(ArrayRaster(pixels))})
    match = SkyMatch("gain", 1.0, (Part("N1", 1, 0, ny, 0, nx), Part("N2", 2, 0, ny, 0, nx)), (1.5, 0.5))
    for raster in (mosaic, matched_mosaic(mosaic, match)):
        for step in (1, 8):
            raster.read(0, ny, 0, 2 * nx, step)
    mean_values(layout, match, 2, Window(0, ny // 4, 3, nx // 4))
