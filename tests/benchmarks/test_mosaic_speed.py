"""Ratios of a mosaic laid out by WCS, and of one whose sky is matched, against the plain one; `pytest -m benchmark -s`.

All have the 61 CCDs of DECam, in memory: what differs is the sampling, not the disk.
"""

import io
import os
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.conftest import Record, Show
from tests.benchmarks.test_tiles_speed import compare
from tests.tiles.focal_plane import exposure_headers
from toyz_tiles.matched import MatchedPyramid, matched_mosaic
from toyz_tiles.matching import SkyMatch, match_skies, measure_skies, parts_of
from toyz_tiles.mosaic import MosaicRaster
from toyz_tiles.mosaic_plan import plan
from toyz_tiles.pyramid import Pyramid, build
from toyz_tiles.raster import ArrayRaster
from toyz_tiles.skymap import sky_map
from toyz_tiles.wcs_layout import place_by_wcs

pytestmark = pytest.mark.benchmark
DETSIZE = "[1:29400,1:29050]"


def mosaics() -> tuple[MosaicRaster, MosaicRaster, SkyMatch]:
    """The exposure by WCS and by DETSEC, and a match of its sky."""
    headers = exposure_headers()
    ccd = ArrayRaster(np.random.default_rng(1).normal(1000, 10, (4094, 2046)).astype(np.float32))
    rasters = {header.hdu: ccd for header in headers}
    pool = ThreadPoolExecutor(4)
    by_wcs, by_detsec = (MosaicRaster(plan(headers, DETSIZE, wanted), rasters, pool) for wanted in ("wcs", "detsec"))
    parts = [part for place in by_wcs.layout.placements for part in parts_of(place, headers[place.hdu - 1].cards)]
    return by_wcs, by_detsec, match_skies("background", parts, measure_skies(parts, rasters))


def test_planning(record: Record) -> None:
    headers = exposure_headers()
    sky_map.cache_clear()
    place_by_wcs.cache_clear()
    started = time.perf_counter()
    layout = plan(headers, DETSIZE, "wcs")
    first = time.perf_counter() - started
    started = time.perf_counter()
    plan(headers, DETSIZE, "wcs")
    again = time.perf_counter() - started
    record("plan of 61 CCDs by WCS", first * 1e3, "ms", "planned again", again * 1e3)
    assert layout.residual is not None
    record("residual of 61 CCDs by WCS, rms", layout.residual.rms, "px")
    record("residual of 61 CCDs by WCS, largest", layout.residual.maximum, "px", bar="≤ 1")


def test_windows_by_wcs_against_detsec(show: Show) -> None:
    by_wcs, by_detsec, match = mosaics()
    matched = matched_mosaic(by_wcs, match)
    for name, window, times in (
        ("tile of one CCD", (14100, 14356, 14800, 15056), 100),
        ("level 2, every 4th pixel", (14000, 15024, 14000, 15024, 4), 50),
        ("band of 64 rows", (14080, 14144, 0, 26000), 10),
        ("overview, every 32nd pixel", (0, 29050, 0, 26720, 32), 5),
    ):
        plain, ours, changed = (partial(mosaic.read, *window) for mosaic in (by_detsec, by_wcs, matched))
        show(f"{name}, by WCS", *compare(ours, plain, times=times, rounds=7))
        show(f"{name}, and matched", *compare(changed, plain, times=times, rounds=7))


def test_tiles_of_a_pyramid_matched_against_plain(tmp_path: Path, show: Show) -> None:
    headers = exposure_headers(8)
    rasters = {h.hdu: ArrayRaster(np.full(h.shape, 1000.0 + h.hdu, np.float32)) for h in headers}
    mosaic = MosaicRaster(plan(headers, "", "wcs"), rasters)
    parts = [part for place in mosaic.layout.placements for part in parts_of(place, headers[place.hdu - 1].cards)]
    match = match_skies("background", parts, measure_skies(parts, rasters))
    written = io.BytesIO()
    build(mosaic, written, key="k")
    (tmp_path / "p").write_bytes(written.getvalue())
    plain = Pyramid(os.open(tmp_path / "p", os.O_RDONLY), "k", mosaic.shape)
    shown = MatchedPyramid(os.open(tmp_path / "p", os.O_RDONLY), "k", mosaic, match)
    for level in (2, 3, 4):
        ratio = compare(partial(shown.tile, level, 0, 0), partial(plain.tile, level, 0, 0))
        show(f"matched pyramid tile of level {level}", *ratio)
