"""Composites of real bands: beside astropy's own Lupton pictures, and the sky that they begin with."""

import os
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.visualization import make_lupton_rgb

from tests.sessions.test_data import open_complete
from tests.sessions.workbench import Workbench
from toyz.protocol import Style
from toyz_tiles import channels

DATA = Path(os.environ.get("TOYZ_TEST_DATA", ""))
SETS = ("astropy-data__reprojected_sdss_{}.fits.bz2", "HumVI__CFHTLS-test_{}.fits", "HumVI__KiDS-test_{}.fits")

pytestmark = [pytest.mark.data, pytest.mark.skipif("TOYZ_TEST_DATA" not in os.environ, reason="no TOYZ_TEST_DATA")]


@pytest.mark.parametrize("name", SETS)
def test_real_bands_make_a_picture_like_astropys(tmp_path: Path, name: str) -> None:
    bench = Workbench(tmp_path, share=DATA)
    paths = [f"rgb/{name.format(band)}" for band in "irg"]
    for path in paths:
        open_complete(bench, path, 0)
    named = {channel: {"path": f"data/{path}"} for channel, path in zip(("red", "green", "blue"), paths, strict=True)}
    info = bench.call("images", "compose", **named)
    assert info["complete"]
    cuts = tuple(tuple(pair) for pair in info["cuts"]["channel_cuts"])
    pixels = bench.workshop._images.get(info["image"]).levels.tile(0, 0, 0)
    ours, _ = channels.apply(pixels, Style(low=0.0, high=1.0, stretch="lupton", channel_cuts=cuts))  # type: ignore[arg-type]
    planes = [fits.getdata(DATA / path)[::-1][: pixels.shape[0], : pixels.shape[1]].astype(float) for path in paths]
    # What is below a low cut counts as the cut with us, and less than nothing with them.
    scaled = [
        np.clip((plane - low) / (high - low), 1e-9, None) for plane, (low, high) in zip(planes, cuts, strict=True)
    ]
    q = 10 * np.sinh(0.1 * np.arcsinh(10))
    theirs = make_lupton_rgb(*scaled, minimum=0, stretch=q / 10, Q=q).astype(int)
    assert np.abs(ours - theirs).max() <= 1
    # The sky is dark, and has no tint: as bright in all channels where each has its median.
    sky = np.array([[[np.nanmedian(fits.getdata(DATA / path)) for path in paths]]])
    grey, _ = channels.apply(sky, Style(low=0.0, high=1.0, stretch="lupton", channel_cuts=cuts))  # type: ignore[arg-type]
    assert int(grey.max()) - int(grey.min()) <= 3
    assert 5 < grey.mean() < 40
    bench.close()
