import io
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.tiles.headers import header, tangent
from tests.tiles.rasters import Filled, Watched, expected, fill, numbered
from toyz.errors import UnsupportedFile
from toyz.readers import Raster
from toyz_tiles.layout import Layout, Placement
from toyz_tiles.mosaic import MosaicRaster
from toyz_tiles.mosaic_plan import HduHeader, can_mosaic, plan
from toyz_tiles.pyramid_build import Sparse, build
from toyz_tiles.raster import ArrayRaster
from toyz_tiles.warped import WarpedPlacement


def whole(layout: Layout) -> list[Placement]:
    """The CCDs that are placed by whole pixels."""
    return [place for place in layout.placements if isinstance(place, Placement)]


def painted(layout: Layout, arrays: dict[int, NDArray[np.float32]]) -> NDArray[np.float32]:
    """The mosaic, pixel array by pixel array, as the words of `Placement` have it."""
    canvas = np.full((layout.height, layout.width), np.nan, np.float32)
    for place in whole(layout):
        sides = (place.width, place.height) if place.transpose else (place.height, place.width)
        part = arrays[place.hdu][place.crop_y : place.crop_y + sides[0], place.crop_x : place.crop_x + sides[1]]
        part = part.T if place.transpose else part
        part = part[:, ::-1] if place.flip_x else part
        part = part[::-1] if place.flip_y else part
        canvas[place.y : place.y + place.height, place.x : place.x + place.width] = part[::-1]
    return canvas


@st.composite
def exposures(draw: st.DrawFn) -> tuple[Layout, dict[int, NDArray[np.float32]]]:
    placements, arrays = [], {}
    for hdu in range(1, draw(st.integers(1, 4)) + 1):
        ny, nx = draw(st.integers(1, 14)), draw(st.integers(1, 14))
        transpose = draw(st.booleans())
        crop_x, crop_y = draw(st.integers(0, 3)), draw(st.integers(0, 3))
        arrays[hdu] = numbered(ny + crop_y + draw(st.integers(0, 2)), nx + crop_x + 1, start=1000 * hdu)
        width, height = (ny, nx) if transpose else (nx, ny)
        placements.append(
            Placement(
                name=f"N{hdu}",
                hdu=hdu,
                x=draw(st.integers(0, 25)),
                y=draw(st.integers(0, 25)),
                width=width,
                height=height,
                flip_x=draw(st.booleans()),
                flip_y=draw(st.booleans()),
                transpose=transpose,
                crop_x=crop_x,
                crop_y=crop_y,
            )
        )
    width = max(place.x + place.width for place in placements)
    height = max(place.y + place.height for place in placements)
    return Layout("detsec", width, height, tuple(placements)), arrays


@given(exposure=exposures(), data=st.data(), step=st.integers(1, 12))
def test_a_mosaic_keeps_the_contract_on_its_own_grid(
    exposure: tuple[Layout, dict[int, NDArray[np.float32]]], data: st.DataObject, step: int
) -> None:
    layout, arrays = exposure
    raster = MosaicRaster(layout, {hdu: Watched(array) for hdu, array in arrays.items()})
    assert isinstance(raster, Raster)
    y0, x0 = data.draw(st.integers(0, layout.height - 1)), data.draw(st.integers(0, layout.width - 1))
    y1, x1 = data.draw(st.integers(y0 + 1, layout.height)), data.draw(st.integers(x0 + 1, layout.width))
    pixels = raster.read(y0, y1, x0, x1, step)
    np.testing.assert_array_equal(pixels, expected(painted(layout, arrays), y0, y1, x0, x1, step))
    for kind in (Watched, Filled):
        raster = MosaicRaster(layout, {hdu: kind(array) for hdu, array in arrays.items()})
        filled = fill(raster, (y1 - y0, x1 - x0), raster.dtype, y0, x0)
        np.testing.assert_array_equal(filled, painted(layout, arrays)[y0:y1, x0:x1])


@given(exposure=exposures(), data=st.data())
def test_outside_of_the_columns_of_its_ccds_there_is_nothing(
    exposure: tuple[Layout, dict[int, NDArray[np.float32]]], data: st.DataObject
) -> None:
    layout, arrays = exposure
    raster = MosaicRaster(layout, {hdu: Watched(array) for hdu, array in arrays.items()})
    y0 = data.draw(st.integers(0, layout.height - 1))
    y1 = data.draw(st.integers(y0 + 1, layout.height))
    empty = np.ones(layout.width, bool)
    for start, stop in raster.columns(y0, y1):
        empty[start:stop] = False
    assert np.isnan(painted(layout, arrays)[y0:y1, empty]).all()


@pytest.mark.parametrize("band_bytes", [16 << 20, 1 << 18])
def test_the_pyramid_of_a_mosaic_is_that_of_its_pixels(monkeypatch: pytest.MonkeyPatch, band_bytes: int) -> None:
    # Little memory cuts what the rows of a band cross into pieces.
    monkeypatch.setattr("toyz_tiles.pyramid_build.BAND_BYTES", band_bytes)
    arrays = {1: numbered(700, 430, start=1), 2: numbered(690, 410, start=9)}
    places = [
        Placement(name=f"N{hdu}", hdu=hdu, x=x, y=y, width=array.shape[1], height=array.shape[0])
        for (hdu, array), (x, y) in zip(arrays.items(), [(3, 0), (441, 905)], strict=True)
    ]
    layout = Layout("detsec", 860, 1600, tuple(places))
    mosaic = MosaicRaster(layout, {hdu: Watched(array) for hdu, array in arrays.items()})
    assert isinstance(mosaic, Sparse)
    files = [io.BytesIO(), io.BytesIO()]
    build(mosaic, files[0])
    build(ArrayRaster(painted(layout, arrays)), files[1])
    assert files[0].getvalue() == files[1].getvalue()


@given(exposure=exposures())
def test_positions_go_to_the_file_and_back(exposure: tuple[Layout, dict[int, NDArray[np.float32]]]) -> None:
    layout, arrays = exposure
    canvas = painted(layout, arrays)
    for place in layout.placements:
        for column, row in [(place.x, place.y), (place.x + place.width - 1, place.y + place.height - 1)]:
            x, y = place.to_file(column, row)
            assert place.to_display(x, y) == (column, row)
            on_top = layout.at(column, row)
            assert on_top is not None
            if on_top is place:
                assert arrays[place.hdu][int(y), int(x)] == canvas[row, column]


def four_ccds() -> list[HduHeader]:
    sections = ["[1:20,1:30]", "[25:44,1:30]", "[20:1,35:64]", "[44:25,64:35]"]
    return [header(i, (30, 20), name=f"CCD{i}", DETSEC=section) for i, section in enumerate(sections, 1)]


def test_detsec_lays_out_the_focal_plane() -> None:
    layout = plan(four_ccds())
    assert (layout.kind, layout.width, layout.height) == ("detsec", 44, 64)
    assert [(p.x, p.y, p.flip_x, p.flip_y) for p in whole(layout)] == [
        (0, 34, False, False),
        (24, 34, False, False),
        (0, 0, True, False),
        (24, 0, True, True),
    ]
    assert can_mosaic(four_ccds())


def test_detsec_of_binned_ccds_is_in_unbinned_pixels() -> None:
    headers = [
        header(1, (15, 10), DETSEC="[1:20,1:30]", CCDSUM="2 2"),
        header(2, (15, 10), DETSEC="[25:44,1:30]", CCDSUM="2 2"),
    ]
    layout = plan(headers)
    assert [(p.x, p.y) for p in layout.placements] == [(0, 0), (12, 0)]
    assert (layout.width, layout.height) == (22, 15)


def test_raw_frames_show_their_data_section() -> None:
    headers = [
        header(1, (36, 30), DETSEC="[1:20,1:30]", DATASEC="[6:25,4:33]"),
        header(2, (36, 30), DETSEC="[21:40,1:30]", DATASEC="[25:6,4:33]"),
    ]
    layout = plan(headers)
    first, second = whole(layout)
    assert (first.crop_x, first.crop_y, first.width, first.height, first.flip_x) == (5, 3, 20, 30, False)
    assert (second.x, second.flip_x) == (20, True)


def test_image_mask_and_weight_are_one_picture() -> None:
    text = tangent()
    triple = [header(i, (30, 20), text, name, DETSEC="[1:20,1:30]") for i, name in enumerate(["SCI", "MSK", "WGT"])]
    assert not can_mosaic(triple)
    assert not can_mosaic([header(i, (30, 20), text, name) for i, name in enumerate(["SCI", "MSK", "WGT"])])
    assert not can_mosaic([header(i, (30, 20), "", name) for i, name in enumerate(["SCI", "MSK", "WGT"])])


def test_of_chips_with_masks_only_the_images_are_shown() -> None:
    headers = [
        header(3 * chip + kind, (30, 20), tangent(crpix=(50 - 40.0 * chip, 50)), name)
        for chip in range(2)
        for kind, name in enumerate(["SCI", "ERR", "DQ"])
    ]
    assert can_mosaic(headers)
    layout = plan(headers)
    assert (layout.kind, [p.hdu for p in layout.placements]) == ("wcs", [0, 3])


def test_the_wcs_places_turned_and_flipped_ccds() -> None:
    scale = 7.3e-5
    headers = [
        header(1, (40, 40), tangent(crpix=(20.5, 20.5))),
        # The same axes, 100 pixels to the east, that is to the left.
        header(2, (40, 40), tangent(crpix=(120.5, 20.5))),
        # Left and right exchanged, 100 pixels to the north.
        header(3, (40, 40), tangent(crpix=(20.5, -79.5), cd=(scale, 0, 0, scale))),
        # A quarter turn: its x runs north and its y runs east, 100 pixels to the south.
        header(4, (40, 30), tangent(crpix=(115.5, 20.5), cd=(0, scale, scale, 0))),
        # Half the scale: it is shown half as large.
        header(5, (40, 40), tangent(crpix=(-200.0, 20.5), cd=(-scale / 2, 0, 0, scale / 2))),
    ]
    layout = plan(headers)
    assert (layout.kind, [p.hdu for p in layout.placements]) == ("wcs", [1, 2, 3, 4, 5])
    small = layout.placements[-1]
    assert isinstance(small, WarpedPlacement)
    assert small.warp.scale == pytest.approx(0.5, rel=1e-3)
    found = {p.hdu: p for p in whole(layout)}
    assert sorted(found) == [1, 2, 3, 4]
    base = found[1]
    assert (found[2].x - base.x, found[2].y - base.y) == (-100, 0)
    assert (found[3].x - base.x, found[3].y - base.y, found[3].flip_x, found[3].flip_y) == (0, -100, True, False)
    assert (found[4].width, found[4].height, found[4].transpose, found[4].flip_x) == (40, 30, True, True)
    assert found[4].y - base.y == 105


def test_images_far_apart_are_not_one_exposure() -> None:
    headers = [header(i, (40, 40), tangent(crval=(10.0 * i, 5.0))) for i in range(1, 4)]
    assert not can_mosaic(headers)
    assert plan(headers).kind == "grid"


def test_detectors_without_positions_make_a_grid() -> None:
    headers = [header(i, (40, 20), name=f"chip{i}") for i in range(1, 6)]
    assert can_mosaic(headers)
    layout = plan(headers)
    assert layout.kind == "grid"
    assert layout.width * layout.height < 20 * 40 * 5 * 6
    assert len({(p.x, p.y) for p in layout.placements}) == 5


def test_a_single_image_and_an_absurd_detsec() -> None:
    assert not can_mosaic([header(1, (30, 20), DETSEC="[1:20,1:30]")])
    absurd = [
        header(1, (30, 20), DETSEC="[1:20,1:30]"),
        header(2, (30, 20), DETSEC="[900000001:900000020,900000001:900000030]"),
    ]
    assert not can_mosaic(absurd)
    assert plan(absurd).kind == "grid"
    with pytest.raises(UnsupportedFile):
        plan([header(1, (0, 20)), header(2, ())])  # type: ignore[arg-type]


def test_thousands_of_images_are_planned_at_once() -> None:
    headers = [header(i, (30, 20), tangent(), DETSEC=f"[{i * 21 + 1}:{i * 21 + 20},1:30]") for i in range(3000)]
    assert len(plan(headers).placements) == 3000
    stacked = [header(i, (30, 20), tangent(), f"SCI{i}") for i in range(3000)]
    started = time.process_time()
    assert not can_mosaic(stacked)
    assert time.process_time() - started < 2


def test_only_the_ccds_under_a_window_are_read() -> None:
    layout = plan(four_ccds())
    rasters = {hdu: Watched(numbered(30, 20)) for hdu in range(1, 5)}
    MosaicRaster(layout, rasters).read(0, 20, 30, 44)
    assert [hdu for hdu, raster in rasters.items() if raster.reads] == [4]


def test_a_corrupt_ccd_is_a_hole_and_is_reported() -> None:
    layout = plan(four_ccds())
    rasters = {hdu: Watched(numbered(30, 20), corrupt=hdu == 2) for hdu in range(1, 5)}
    with ThreadPoolExecutor(2) as pool:
        raster = MosaicRaster(layout, rasters, pool)
        pixels = raster.read(0, 64, 0, 44)
    np.testing.assert_array_equal(fill(raster, pixels.shape, pixels.dtype, 0, 0), pixels)
    assert np.isnan(pixels[34:, 24:]).all()
    assert not np.isnan(pixels[34:, :20]).any()
    assert raster.problems == {2: "the file ends before its data do"}


@pytest.mark.parametrize(
    ("dtypes", "result"),
    [(["i2", "i2"], "f4"), (["u2", "f4"], "f4"), (["i4", "i2"], "f8"), (["f8", "f4"], "f8"), (["u1", "i1"], "f4")],
)
def test_every_value_has_a_float(dtypes: list[str], result: str) -> None:
    layout = plan(four_ccds()[:2])
    arrays = {i: np.full((30, 20), np.iinfo(d).max if d[0] in "iu" else 7, d) for i, d in enumerate(dtypes, 1)}
    raster = MosaicRaster(layout, {i: Watched(array) for i, array in arrays.items()})
    assert raster.dtype == np.dtype(result)
    pixels = raster.read(0, 30, 0, 44)
    assert pixels.dtype == np.dtype(result)
    assert pixels[0, 0] == arrays[1][0, 0]


def test_by_detsec_the_mosaic_is_the_whole_detector() -> None:
    headers = [
        HduHeader(hdu=n, name=f"N{n}", shape=(100, 50), cards={"DETSEC": f"[{x0}:{x0 + 49},201:300]"})
        for n, x0 in enumerate((101, 171))
    ]
    layout = plan(headers, "[1:400,1:350]")
    assert (layout.kind, layout.width, layout.height) == ("detsec", 400, 350)
    assert [(p.x, p.y) for p in layout.placements] == [(100, 50), (170, 50)]
    for wrong in ("", "[1:200,1:350]", "[1:4000,1:3500]", "nonsense", "[0:0,0:0]"):
        assert (plan(headers, wrong).width, plan(headers, wrong).height) == (120, 100)
