"""The sky of CCDs brought together: measured, applied to pixels, and applied to means of them."""

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.tiles.focal_plane import exposure_headers
from tests.tiles.rasters import Watched, expected
from toyz.errors import InvalidParameter
from toyz.protocol import Match
from toyz_tiles.layout import Layout, Placement
from toyz_tiles.matched import MatchedPyramid, MatchedRaster, matched_mosaic
from toyz_tiles.matching import Part, Sky, SkyMatch, match_skies, measure_skies, parts_of, sky_of_values
from toyz_tiles.mosaic import MosaicRaster
from toyz_tiles.mosaic_plan import plan
from toyz_tiles.pyramid import Pyramid, build
from toyz_tiles.raster import ArrayRaster
from toyz_tiles.sections import Section, amplifier_sections

RNG = np.random.default_rng(7)


def test_the_sky_is_found_under_stars_and_holes() -> None:
    values = RNG.normal(2000.0, 12.0, 4000)
    values[:300] = 60000.0
    values[300:500] = np.nan
    level, noise = sky_of_values(values)
    assert level == pytest.approx(2000.0, abs=1.0)
    assert noise == pytest.approx(12.0, rel=0.1)
    assert np.isnan(sky_of_values(np.full(100, np.nan)).level)
    assert np.isnan(sky_of_values(np.ones(5)).level)
    assert sky_of_values(np.full((20, 20), 7, np.int16)) == (7.0, 0.0)


def test_amplifiers_are_told_apart() -> None:
    shown = Section(1, 100, 1, 50)
    halves = {"DATASECA": "[51:100,1:50]", "DATASECB": "[50:1,1:50]"}
    found = amplifier_sections(halves, shown)
    assert {name: (box.x0, box.x1) for name, box in found.items()} == {"A": (51, 100), "B": (1, 50)}
    trimmed = amplifier_sections(halves, Section(4, 97, 3, 48))
    assert [(box.x0, box.x1, box.y0, box.y1) for box in trimmed.values()] == [(51, 97, 3, 48), (4, 50, 3, 48)]


@pytest.mark.parametrize(
    "cards",
    [
        {},
        {"DATASECA": "[1:100,1:50]"},
        {"DATASECA": "[1:50,1:50]", "DATASECB": "nonsense"},
        {"DATASECA": "[1:60,1:50]", "DATASECB": "[51:100,1:50]"},
        {"DATASECA": "[1:40,1:50]", "DATASECB": "[51:100,1:50]"},
        {"DATASECA": "[57:106,1:50]", "DATASECB": "[107:156,1:50]"},
    ],
)
def test_sections_that_do_not_cover_the_image_once_are_not_amplifiers(cards: dict[str, str]) -> None:
    assert amplifier_sections(cards, Section(1, 100, 1, 50)) == {}


def test_a_decam_ccd_has_two_parts() -> None:
    headers = exposure_headers(8)
    layout = plan(headers)
    parts = [
        part for place, each in zip(layout.placements, headers, strict=True) for part in parts_of(place, each.cards)
    ]
    assert len(parts) == 122
    assert {part.name for part in parts if part.hdu == 1} == {"S29A", "S29B"}
    for place in layout.placements:
        own = [part for part in parts if part.hdu == place.hdu]
        assert sum((part.y1 - part.y0) * (part.x1 - part.x0) for part in own) == place.width * place.height


def skies(*levels: float) -> list[Sky]:
    return [Sky(level, 10.0) for level in levels]


def some_parts(number: int) -> list[Part]:
    return [Part(f"N{hdu}", hdu, 0, 10, 0, 10) for hdu in range(1, number + 1)]


def test_all_come_to_the_median_sky() -> None:
    added = match_skies("background", some_parts(4), skies(990, 1000, 1030, np.nan))
    assert (added.level, added.values, added.unmatched) == (1000.0, (10.0, 0.0, -30.0, 0.0), ("N4",))
    scaled = match_skies("gain", some_parts(4), skies(500, 1000, 2000, 10))
    assert scaled.level == 750.0
    assert scaled.values == (1.5, 0.75, 0.375, 1.0)
    assert scaled.unmatched == ("N4",)
    assert (added.neutral, scaled.neutral) == (0.0, 1.0)


def test_what_cannot_be_matched_says_why() -> None:
    with pytest.raises(InvalidParameter, match="too near zero") as problem:
        match_skies("gain", some_parts(3), skies(-3, 2, 4))
    assert problem.value.info.field == "parameters.match"
    with pytest.raises(InvalidParameter, match="no CCD has a sky"):
        match_skies("background", some_parts(2), skies(np.nan, np.nan))


def test_a_part_that_cannot_be_read_has_no_sky() -> None:
    good, bad = Watched(np.full((10, 10), 5.0, np.float32)), Watched(np.zeros((10, 10), np.float32), corrupt=True)
    found = measure_skies(some_parts(2), {1: good, 2: bad})
    assert found[0] == (5.0, 0.0)
    assert np.isnan(found[1].level)


@given(data=st.data(), how=st.sampled_from(["background", "gain"]), step=st.integers(1, 9))
def test_a_window_is_changed_part_by_part(data: st.DataObject, how: Match, step: int) -> None:
    ny, nx, split = data.draw(st.integers(1, 12)), data.draw(st.integers(2, 12)), data.draw(st.integers(1, 11))
    parts = (Part("A", 1, 0, ny, 0, min(split, nx)), Part("B", 1, 0, ny, min(split, nx), nx))
    match = SkyMatch(how, 0.0, parts, (3.0, 0.5))
    array = np.arange(ny * nx, dtype=np.int16).reshape(ny, nx)
    values = np.where(np.arange(nx) < split, 3.0, 0.5)
    full = (array * values if how == "gain" else array + values).astype(np.float32)
    y0, x0 = data.draw(st.integers(0, ny - 1)), data.draw(st.integers(0, nx - 1))
    y1, x1 = data.draw(st.integers(y0 + 1, ny)), data.draw(st.integers(x0 + 1, nx))
    raster = MatchedRaster(Watched(array), 1, match)
    np.testing.assert_array_equal(raster.read(y0, y1, x0, x1, step), expected(full, y0, y1, x0, x1, step))
    assert raster.dtype == np.float32


def exposure(gap: int) -> tuple[MosaicRaster, list[Part]]:
    """Six CCDs of two amplifiers each, of which all have another sky, on 1100 by 1100 pixels."""
    places, arrays, parts = [], {}, []
    for hdu in range(1, 7):
        x, y = (hdu - 1) % 3 * (300 + gap), (hdu - 1) // 3 * (500 + gap)
        places.append(Placement(name=f"N{hdu}", hdu=hdu, x=x, y=y, width=300, height=500))
        arrays[hdu] = RNG.normal(1000.0 + 20 * hdu, 5.0, (500, 300)).astype(np.float32)
        arrays[hdu][:, 150:] *= 1.1
        arrays[hdu][40:60, 30:70] = np.nan
        parts += [Part(f"N{hdu}A", hdu, 0, 500, 0, 150), Part(f"N{hdu}B", hdu, 0, 500, 150, 300)]
    layout = Layout("detsec", 3 * 300 + 2 * gap, 2 * 500 + gap, tuple(places))
    return MosaicRaster(layout, {hdu: ArrayRaster(array) for hdu, array in arrays.items()}), parts


def pyramid_file(mosaic: MosaicRaster, folder: Path) -> int:
    with (folder / "raw.pyramid").open("w+b") as file:
        build(mosaic, file, key="k")
        return os.dup(file.fileno())


def levels_of(pyramid: Pyramid, level: int) -> NDArray[Any]:
    ny, nx = -(-pyramid.shape[0] >> level), -(-pyramid.shape[1] >> level)
    return np.block([[pyramid.tile(level, x, y) for x in range(-(-nx // 256))] for y in range(-(-ny // 256))])


@pytest.mark.parametrize("how", ["background", "gain"])
@pytest.mark.parametrize("gap", [0, 37])
def test_means_matched_are_means_of_the_matched(how: Match, gap: int, tmp_path: Path) -> None:
    """One pyramid, of the pixels of the file, shows what a pyramid of the matched pixels would."""
    mosaic, parts = exposure(gap)
    match = match_skies(how, parts, measure_skies(parts, mosaic.rasters))
    raw = pyramid_file(mosaic, tmp_path)
    shown = MatchedPyramid(raw, "k", mosaic, match)
    truth_file = io.BytesIO()
    build(matched_mosaic(mosaic, match), truth_file, key="k")
    (tmp_path / "truth.pyramid").write_bytes(truth_file.getvalue())
    truth = Pyramid(os.open(tmp_path / "truth.pyramid", os.O_RDONLY), "k", mosaic.shape)
    for level in range(2, truth.levels):
        ours, theirs = levels_of(shown, level), levels_of(truth, level)
        np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
        difference = np.abs(ours - theirs)[~np.isnan(ours)]
        # Both are stored to an eighth of the noise of their level; a hole at a border weighs there as a CCD does,
        # and a block across a border multiplies the mean of its sides, whose skies differ by up to 220 here.
        assert np.median(difference) < 0.1
        assert difference.max() < (1.0 if how == "background" else 4.0)
    flat = levels_of(shown, 2)
    assert np.nanstd(flat) < 5.0 < np.nanstd(levels_of(Pyramid(os.dup(raw), "k", mosaic.shape), 2))


def test_the_sliver_of_a_ccd_keeps_its_value(tmp_path: Path) -> None:
    places = (
        Placement(name="N1", hdu=1, x=0, y=0, width=2049, height=1500),
        Placement(name="N2", hdu=2, x=2200, y=0, width=900, height=1500),
    )
    rasters = {hdu: ArrayRaster(np.full((1500, places[hdu - 1].width), 10.0 * hdu, np.float32)) for hdu in (1, 2)}
    mosaic = MosaicRaster(Layout("detsec", 3100, 1500, places), rasters)
    parts = [Part("N1", 1, 0, 1500, 0, 2049), Part("N2", 2, 0, 1500, 0, 900)]
    match = match_skies("background", parts, measure_skies(parts, rasters))
    shown = MatchedPyramid(pyramid_file(mosaic, tmp_path), "k", mosaic, match)
    for level in range(2, shown.levels):
        pixels = levels_of(shown, level)
        assert np.nanmax(np.abs(pixels - 15.0)) < 0.1
