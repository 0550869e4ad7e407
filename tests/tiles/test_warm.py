import io
from typing import Any

import numpy as np
import pytest

from toyz.protocol import STRETCHES, Style
from toyz_tiles import channels, data_tile, quantise, reduce, statistics, stretch
from toyz_tiles.encode import render
from toyz_tiles.geometry import Window
from toyz_tiles.overview import decimated
from toyz_tiles.pyramid import build
from toyz_tiles.raster import ArrayRaster, Flipped
from toyz_tiles.warm import DTYPES, warm


def compiled() -> dict[str, int]:
    """How many signatures each kernel has been compiled for."""
    found = {}
    for module in (stretch, channels, reduce, quantise):
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
    assert compiled() == before
