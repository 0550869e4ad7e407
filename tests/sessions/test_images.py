"""Opening images in a session: pixels, orientation, sky, cuts, packed and slow files, pyramids."""

import gzip
import io
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from astropy import units
from astropy.io import fits
from astropy.wcs import WCS
from PIL import Image

from tests.sessions.workbench import Workbench
from toyz.config import Limits
from toyz.errors import CorruptFile, InvalidParameter, NotFound, TooLarge, ToyzError, UnknownTask, UnsupportedFile
from toyz.jobs import Phase
from toyz.protocol import Style
from toyz_sessions import opening, work
from toyz_sessions.image_key import ImageKey
from toyz_sessions.messages import Opened, Unwanted
from toyz_tiles import stretch

GREY = Style(0.0, 100.0, quality=100)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    made = Workbench(tmp_path)
    yield made
    made.close()


def simple_wcs() -> WCS:
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crpix = [50.5, 40.5]
    wcs.wcs.crval = [60.0, -50.0]
    wcs.wcs.cdelt = [-0.27 / 3600, 0.27 / 3600]
    return wcs


def write(path: Path, data: Any, **cards: Any) -> None:
    header = simple_wcs().to_header()
    for keyword, value in cards.items():
        header[keyword] = value
    fits.PrimaryHDU(data, header).writeto(path)


def decode(payload: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(payload)))


def test_an_image_without_a_value_says_so(bench: Workbench) -> None:
    write(bench.share / "dark.fits", np.full((50, 50), np.nan, "f4"))
    assert "no pixel" in bench.call("images", "open", path="data/dark.fits")["warnings"][0].lower()


def test_an_image_is_described(bench: Workbench) -> None:
    data = np.random.default_rng(1).normal(1000, 10, (80, 100)).astype("f4")
    data[3, 4] = np.nan
    write(bench.share / "a.fits", data, BUNIT="adu", OBJECT="M 13")
    info = bench.call("images", "open", path="data/a.fits")
    assert (info["width"], info["height"], info["levels"], info["tile_size"]) == (100, 80, 1, 256)
    assert (info["dtype"], info["unit"], info["hdu"], info["reader"]) == ("float32", "adu", 0, "FITS")
    assert (info["layout"], info["ccds"], info["complete"], info["progress"]) == ("single", [], True, 1.0)
    assert info["wcs"]["projection"] == "TAN"
    assert info["wcs"]["pixel_scale"] == pytest.approx(0.27, rel=1e-4)
    assert info["wcs"]["north"] == pytest.approx(0, abs=0.01)
    assert info["wcs"]["east"] % 360 == pytest.approx(270, abs=0.01)
    assert 960 < info["cuts"]["low"] < 1000 < info["cuts"]["high"] < 1040
    header = bench.call("images", "header", image=info["image"])
    assert ["OBJECT", "M 13"] in [card[:2] for card in header["cards"]]


def test_north_is_up_and_the_first_row_at_the_bottom(bench: Workbench) -> None:
    data = np.zeros((300, 400), "i2")
    data[0, 0] = 100
    data[299, 399] = 50
    write(bench.share / "a.fits", data)
    info = bench.call("images", "open", path="data/a.fits")
    _, bottom_left = bench.tile(info["image"], 0, 0, 1, GREY)
    picture = decode(bottom_left)
    assert picture.shape == (44, 256)
    assert picture[43, 0] > 250
    assert picture[0, 0] < 5
    _, top_right = bench.tile(info["image"], 0, 1, 0, GREY)
    assert 120 < decode(top_right)[0, 143] < 135
    lower = bench.call("images", "pixel", image=info["image"], x=1, y=1)
    assert lower["value"] == 100
    upper = bench.call("images", "pixel", image=info["image"], x=400, y=300)
    assert upper["value"] == 50


def test_pixels_and_sky_agree_with_astropy(bench: Workbench) -> None:
    data = np.arange(80 * 100, dtype="f8").reshape(80, 100)
    write(bench.share / "a.fits", data)
    wcs = simple_wcs()
    image = bench.call("images", "open", path="data/a.fits")["image"]
    for x, y in [(1, 1), (100, 80), (50.5, 40.5), (13.2, 77.7), (0.5, 80.49)]:
        found = bench.call("images", "pixel", image=image, x=x, y=y)
        ra, dec = wcs.all_pix2world(x, y, 1)
        assert found["ra"] == pytest.approx(float(ra), abs=1e-3 / 3600)
        assert found["dec"] == pytest.approx(float(dec), abs=1e-3 / 3600)
        assert found["value"] == data[int(np.floor(y - 0.5)), int(np.floor(x - 0.5))]
        back = bench.call("images", "position", image=image, ra=float(ra), dec=float(dec))
        assert (back["x"], back["y"]) == (pytest.approx(x, abs=1e-4), pytest.approx(y, abs=1e-4))
    directions = bench.call("images", "directions", image=image, x=13.2, y=77.7)
    here = wcs.pixel_to_world(12.2, 76.7)
    north = wcs.world_to_pixel(here.directional_offset_by(0 * units.deg, 1 * units.arcsec))
    assert directions["north"] == pytest.approx(np.degrees(np.arctan2(north[0] - 12.2, north[1] - 76.7)), abs=0.01)
    outside = bench.call("images", "pixel", image=image, x=0.4, y=5)
    assert outside["value"] is None
    assert outside["ra"] is not None
    typed = bench.call("images", "locate", image=image, text="04:00:00 -50:00:00")
    assert (typed["x"], typed["y"], typed["inside"]) == (pytest.approx(50.5), pytest.approx(40.5), True)
    with pytest.raises(InvalidParameter):
        bench.call("images", "locate", image=image, text="nowhere")


def test_no_wcs_leaves_the_pixels(bench: Workbench) -> None:
    fits.PrimaryHDU(np.ones((5, 5))).writeto(bench.share / "a.fits")
    info = bench.call("images", "open", path="data/a.fits")
    assert info["wcs"] is None
    assert "celestial" in info["wcs_problem"]
    found = bench.call("images", "pixel", image=info["image"], x=2, y=2)
    assert (found["value"], found["ra"]) == (1.0, None)
    typed = bench.call("images", "locate", image=info["image"], text="2, 3")
    assert (typed["x"], typed["y"]) == (2, 3)
    with pytest.raises(InvalidParameter):
        bench.call("images", "position", image=info["image"], ra=1, dec=1)
    with pytest.raises(InvalidParameter, match="celestial"):
        bench.call("images", "directions", image=info["image"], x=2, y=2)


@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4", "i8", "f4", "f8"])
def test_native_tiles_are_astropys_pixels_through_the_stretch(bench: Workbench, dtype: str) -> None:
    rng = np.random.default_rng(2)
    data = rng.integers(0, 120, (270, 300)).astype(dtype)
    if dtype.startswith("f"):
        data[5:9, 100:110] = np.nan
    write(bench.share / "a.fits", data)
    opened = bench.workshop._images.open(ImageKey("data/a.fits"))
    truth = np.asarray(fits.getdata(bench.share / "a.fits"))[::-1]
    for style in (GREY, Style(10.5, 90.25, stretch="asinh"), Style(1, 99, stretch="log", invert=True)):
        table = stretch.transfer(style)
        for x, y in [(0, 0), (1, 0), (0, 1), (1, 1)]:
            expected = truth[y * 256 : y * 256 + 256, x * 256 : x * 256 + 256]
            tile = opened.levels.tile(0, x, y)
            np.testing.assert_array_equal(tile, expected)
            native = np.ascontiguousarray(expected).astype(expected.dtype.newbyteorder("="))
            np.testing.assert_array_equal(
                stretch.apply(tile, style.low, style.high, table)[0],
                stretch.apply(native, style.low, style.high, table)[0],
            )


def test_a_pyramid_replaces_the_decimated_levels(bench: Workbench) -> None:
    rng = np.random.default_rng(3)
    data = rng.normal(100, 5, (2300, 2500)).astype("f4")
    data[:700, :700] = np.nan
    write(bench.share / "a.fits", data)
    info = bench.call("images", "open", path="data/a.fits")
    assert info["pyramid"] in {"building", "ready"}
    while (done := bench.event("pyramid"))["phase"] != "COMPLETED":
        assert done["phase"] in {"PENDING", "QUEUED", "EXECUTING"}
    opened = bench.workshop._images.get(info["image"])
    flipped = data[::-1]
    tile = opened.levels.tile(2, 1, 1)
    block = flipped[1024:2048, 1024:2048].reshape(256, 4, 256, 4)
    np.testing.assert_allclose(tile, np.nanmean(block, axis=(1, 3)), atol=5 / 4 / 8)
    corner = opened.levels.tile(3, 0, 1)
    assert np.isnan(corner[-5:, :50]).all()
    message, _ = bench.tile(info["image"], 2, 0, 0, GREY)
    assert message.cacheable
    again = bench.call("images", "open", path="data/a.fits")
    assert (again["image"], again["pyramid"]) == (info["image"], "ready")
    assert [build.kind for build in bench.builds] == ["pyramid"]


def test_before_the_pyramid_coarse_levels_are_single_pixels_and_not_kept(tmp_path: Path) -> None:
    bench = Workbench(tmp_path, build=False)
    data = np.random.default_rng(4).normal(100, 5, (2300, 2500)).astype("f4")
    write(bench.share / "a.fits", data)
    info = bench.call("images", "open", path="data/a.fits")
    assert info["pyramid"] == "building"
    message, _ = bench.tile(info["image"], 2, 0, 0, GREY)
    assert not message.cacheable
    message, _ = bench.tile(info["image"], 1, 0, 0, GREY)
    assert message.cacheable
    opened = bench.workshop._images.get(info["image"])
    np.testing.assert_array_equal(opened.levels.tile(2, 0, 0), data[::-1][2:1024:4, 2:1024:4])
    ny, nx = opened.levels.tile(3, 1, 1).shape
    assert (ny, nx) == (288 - 256, 313 - 256)
    bench.close()


def test_a_file_that_changed_is_another_image(bench: Workbench) -> None:
    write(bench.share / "a.fits", np.zeros((10, 10), "f4"))
    first = bench.call("images", "open", path="data/a.fits")
    (bench.share / "a.fits").unlink()
    write(bench.share / "a.fits", np.ones((10, 10), "f4"))
    second = bench.call("images", "open", path="data/a.fits")
    assert first["image"] != second["image"]
    assert bench.call("images", "pixel", image=second["image"], x=1, y=1)["value"] == 1
    assert bench.call("images", "pixel", image=first["image"], x=1, y=1)["value"] == 0


def test_planes_of_a_cube(bench: Workbench) -> None:
    write(bench.share / "cube.fits", np.arange(3 * 4 * 5, dtype="i4").reshape(3, 4, 5))
    for plane in range(3):
        info = bench.call("images", "open", path="data/cube.fits", plane=plane)
        assert (info["planes"], info["plane"]) == (3, plane)
        assert bench.call("images", "pixel", image=info["image"], x=1, y=1)["value"] == 20 * plane
    with pytest.raises(NotFound):
        bench.call("images", "open", path="data/cube.fits", plane=3)
    mosaic = fits.HDUList([fits.PrimaryHDU()])
    for number in range(2):
        mosaic.append(fits.ImageHDU(np.zeros((4, 5), "i2"), name=f"CCD{number}"))
    mosaic.writeto(bench.share / "mosaic.fits")
    with pytest.raises(NotFound):
        bench.call("images", "open", path="data/mosaic.fits", hdu="mosaic", plane=1)


@pytest.mark.parametrize("codec", ["GZIP_1", "GZIP_2", "PLIO_1", "HCOMPRESS_1"])
def test_other_compressions_are_decoded_by_a_builder(bench: Workbench, codec: str) -> None:
    data = np.random.default_rng(5).integers(0, 500, (150, 130)).astype("i2")
    fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(data, compression_type=codec)]).writeto(bench.share / "a.fits")
    info = bench.call("images", "open", path="data/a.fits")
    assert info["complete"]
    assert bench.call("images", "pixel", image=info["image"], x=7, y=11)["value"] == data[10, 6]
    assert [build.kind for build in bench.builds] == ["decode"]
    again = bench.call("images", "open", path="data/a.fits")
    assert again["image"] == info["image"]
    assert len(bench.builds) == 1


def test_a_plane_that_takes_long_comes_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toyz_sessions.spools.PATIENCE", 0.05)
    bench = Workbench(tmp_path, build=False)
    data = np.random.default_rng(5).integers(0, 500, (150, 130)).astype("i2")
    fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(data, compression_type="GZIP_1")]).writeto(
        bench.share / "a.fits"
    )
    info = bench.call("images", "open", path="data/a.fits")
    assert (info["complete"], info["progress"]) == (False, 0.0)
    assert bench.call("images", "pixel", image=info["image"], x=7, y=11)["value"] is None
    bench.do(bench.builds[0])
    while not (told := bench.event("progress"))["complete"]:
        pass
    assert told["image"] == info["image"]
    again = bench.call("images", "open", path="data/a.fits")
    assert again["complete"]
    assert again["image"] == info["image"]
    assert bench.call("images", "pixel", image=info["image"], x=7, y=11)["value"] == data[10, 6]
    bench.close()


def test_a_packed_file_is_unpacked_once(bench: Workbench) -> None:
    data = np.arange(50 * 60, dtype="f4").reshape(50, 60)
    write(bench.share / "a.fits.gz", data)
    info = bench.call("images", "open", path="data/a.fits.gz")
    while not info["complete"]:
        bench.event("progress")
        info = bench.call("images", "open", path="data/a.fits.gz")
    assert bench.call("images", "pixel", image=info["image"], x=60, y=50)["value"] == data[-1, -1]
    assert info["reader"] == "FITS"
    assert [build.kind for build in bench.builds] == ["decompress"]


def test_a_packed_file_is_seen_as_it_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toyz_sessions.packing.CHUNK", 1 << 20)
    bench = Workbench(tmp_path, build=False)
    data = np.random.default_rng(6).normal(100, 5, (2000, 1000)).astype("f4")
    plain = io.BytesIO()
    fits.PrimaryHDU(data).writeto(plain)
    (bench.share / "a.fits.gz").write_bytes(gzip.compress(plain.getvalue(), 1))
    half, go_on = threading.Event(), threading.Event()

    def tell(build: Any, fraction: float) -> None:
        Workbench.tell(bench, build, fraction)
        if fraction > 0.5 and not half.is_set():
            half.set()
            assert go_on.wait(30)

    monkeypatch.setattr(bench, "tell", tell)
    call = bench.start("images", "open", path="data/a.fits.gz")
    with bench._arrived:
        assert bench._arrived.wait_for(lambda: bench.builds, 30)
    builder = threading.Thread(target=bench.do, args=(bench.builds[0],))
    builder.start()
    assert half.wait(30)
    bench.wait(call)
    info = bench.call("images", "open", path="data/a.fits.gz")
    assert not info["complete"]
    assert 0.4 < info["progress"] < 0.9
    assert bench.call("images", "pixel", image=info["image"], x=3, y=3)["value"] == data[2, 2]
    assert bench.call("images", "pixel", image=info["image"], x=3, y=2000)["value"] is None
    message, _ = bench.tile(info["image"], 0, 0, 0, GREY)
    assert not message.cacheable
    go_on.set()
    while not bench.event("progress")["complete"]:
        pass
    builder.join(30)
    info = bench.call("images", "open", path="data/a.fits.gz")
    assert info["complete"]
    assert bench.call("images", "pixel", image=info["image"], x=3, y=2000)["value"] == pytest.approx(data[1999, 2])
    bench.close()


def test_pictures(bench: Workbench) -> None:
    colours = np.zeros((40, 60, 3), "u1")
    colours[0, 0] = (255, 10, 20)
    Image.fromarray(colours).save(bench.share / "a.png")
    info = bench.call("images", "open", path="data/a.png")
    assert (info["channels"], info["bottom_up"], info["width"], info["height"]) == (3, False, 60, 40)
    assert (info["cuts"]["low"], info["cuts"]["high"]) == (0, 255)
    found = bench.call("images", "pixel", image=info["image"], x=1, y=40)
    assert found["colour"] == [255, 10, 20]
    _, tile = bench.tile(info["image"], 0, 0, 0, Style(0, 255, quality=100))
    assert decode(tile).shape == (40, 60, 3)


def test_values_without_a_number_take_the_chosen_colour(bench: Workbench) -> None:
    data = np.full((16, 16), 50, "f4")
    data[:8] = np.nan
    write(bench.share / "a.fits", data)
    image = bench.call("images", "open", path="data/a.fits")["image"]
    message, tile = bench.tile(image, 0, 0, 0, Style(0, 100, bad="#ff0000", quality=100))
    assert message.format == "jpeg"
    assert decode(tile)[12, 4, 0] > 240
    message, tile = bench.tile(image, 0, 0, 0, Style(0, 100, bad="transparent"))
    assert message.format == "png"
    picture = decode(tile)
    assert (picture[12, 4, -1], picture[3, 4, -1]) == (0, 255)


def test_cuts_histogram_statistics_and_pixels(bench: Workbench) -> None:
    data = np.random.default_rng(7).normal(1000, 10, (400, 500)).astype("f4")
    data[100, 200] = 60000
    data[0, :50] = np.nan
    write(bench.share / "a.fits", data)
    image = bench.call("images", "open", path="data/a.fits")["image"]
    assert bench.call("images", "cuts", image=image, method="minmax")["high"] == 60000
    percentile = bench.call("images", "cuts", image=image, method="percentile", percent=98)
    assert percentile["low"] == pytest.approx(np.nanpercentile(data, 1), abs=1)
    assert percentile["high"] == pytest.approx(np.nanpercentile(data, 99), abs=1)
    region = bench.call("images", "cuts", image=image, method="minmax", region=[0, 0, 10, 10])
    assert region["high"] == np.nanmax(data[-10:, :10])
    histogram = bench.call("images", "histogram", image=image, bins=64, low=950, high=1050)
    assert len(histogram["counts"]) == 64
    assert sum(histogram["counts"]) > 0.99 * histogram["sampled"]
    assert histogram["total"] == 200_000
    whole = bench.call("images", "statistics", image=image)
    assert (whole["count"], whole["bad"], whole["maximum"], whole["sampled"]) == (200_000 - 50, 50, 60000, False)
    assert whole["sigma"] == pytest.approx(10, rel=0.05)
    window = np.load(io.BytesIO(bench.call("images", "pixels", image=image, x=10, y=20, width=30, height=5)))
    np.testing.assert_array_equal(window, data[::-1][20:25, 10:40])
    with pytest.raises(InvalidParameter):
        bench.call("images", "pixels", image=image, x=490, y=0, width=30, height=5)


def test_files_without_an_image_say_what_they_hold(bench: Workbench) -> None:
    fits.BinTableHDU.from_columns([fits.Column("a", "J", array=np.arange(3))]).writeto(bench.share / "table.fits")
    (bench.share / "text.txt").write_text("hello")
    (bench.share / "empty.fits").write_bytes(b"")
    with pytest.raises(UnsupportedFile, match="table"):
        bench.call("images", "open", path="data/table.fits")
    with pytest.raises(UnsupportedFile):
        bench.call("images", "open", path="data/text.txt")
    with pytest.raises((CorruptFile, UnsupportedFile)):
        bench.call("images", "open", path="data/empty.fits")
    with pytest.raises(NotFound):
        bench.call("images", "open", path="data/absent.fits")
    with pytest.raises(NotFound):
        bench.call("images", "open", path="other/absent.fits")
    with pytest.raises(InvalidParameter):
        bench.call("images", "open", path="data/table.fits", hdu="x")


def test_calls_are_validated_and_unknown_ones_refused(bench: Workbench) -> None:
    for module, task in [("os", "system"), ("images", "__class__"), ("images", "nothing"), ("files", "PLUGINS")]:
        with pytest.raises(UnknownTask):
            bench.call(module, task)
    with pytest.raises(InvalidParameter) as problem:
        bench.call("images", "pixel", image="x", x="left", y=1)
    assert problem.value.field == "parameters.x"
    with pytest.raises(NotFound):
        bench.call("images", "pixel", image="x", x=1, y=1)


def test_listing_and_describing(bench: Workbench) -> None:
    write(bench.share / "b.fits", np.zeros((4, 5), "i2"))
    (bench.share / "folder").mkdir()
    (bench.share / ".hidden").touch()
    (bench.share / "c.fits.gz").touch()
    assert bench.call("files", "list")["entries"][0]["kind"] == "share"
    listing = bench.call("files", "list", path="data")
    assert [(e["name"], e["kind"], e["reader"]) for e in listing["entries"]] == [
        ("folder", "folder", ""),
        ("b.fits", "file", "FITS"),
        ("c.fits.gz", "file", "FITS"),
    ]
    described = bench.call("files", "describe", path="data/b.fits")
    assert (described["hdus"][0]["shape"], described["hdus"][0]["dtype"]) == ([4, 5], "int16")
    assert not described["mosaic"]


def test_the_least_recently_used_image_is_closed(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.workshop._images._limit = 2
    ids = []
    for name in "abc":
        write(bench.share / f"{name}.fits", np.zeros((4, 4), "f4"))
        ids.append(bench.call("images", "open", path=f"data/{name}.fits")["image"])
    with pytest.raises(NotFound):
        bench.call("images", "pixel", image=ids[0], x=1, y=1)
    assert bench.call("images", "pixel", image=ids[2], x=1, y=1)["value"] == 0
    bench.close()


def test_errors_hold_no_path_of_the_server(bench: Workbench) -> None:
    (bench.share / "bad.fits").write_bytes(b"SIMPLE  =                    T" + b" " * 50 + b"\xff" * 2800)
    for path in ["data/bad.fits", "data/absent.fits", "data/../x", "data//etc/passwd"]:
        with pytest.raises(ToyzError) as problem:
            bench.call("images", "open", path=path)
        assert str(bench.share) not in problem.value.message
        assert "Traceback" not in problem.value.message


def test_a_build_under_a_false_key_is_refused(bench: Workbench, tmp_path: Path) -> None:
    write(bench.share / "a.fits", np.zeros((10, 10), "f4"))
    write(bench.share / "b.fits", np.ones((10, 10), "f4"))
    true = bench.workshop._images.look("data/a.fits").build("pyramid", 0)
    for build in (
        msgspec.structs.replace(true, path="b.fits"),
        msgspec.structs.replace(true, hdu="1"),
        msgspec.structs.replace(true, kind="decompress"),
    ):
        with pytest.raises(ToyzError):
            work.run(build, bench.shares, tmp_path / "out", lambda fraction: None, Limits())
    work.run(true, bench.shares, tmp_path / "out", lambda fraction: None, Limits())


def test_what_the_quota_removed_is_made_again(bench: Workbench) -> None:
    data = np.random.default_rng(5).integers(0, 500, (50, 30)).astype("i2")
    fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(data, compression_type="GZIP_1")]).writeto(
        bench.share / "a.fits"
    )
    for times in (1, 2):
        info = bench.call("images", "open", path="data/a.fits")
        assert info["complete"]
        bench.call("images", "close", image=info["image"])
        assert len(bench.builds) == times
        for file in bench.cache.iterdir():
            file.unlink()


def write_amplifiers(path: Path, count: int) -> None:
    """Write a file of many small HDUs with long headers."""
    primary = fits.PrimaryHDU()
    primary.header["OBSERVER"] = ("Tycho", "who was at the wall quadrant")
    hdu = fits.ImageHDU(np.zeros((8, 8), "i2"), name="AMP9999")
    hdu.header["GAIN"] = (4.9999, "electrons per ADU")
    hdu.header.extend([(f"KEY{each}", "a value of some length", "and what it means") for each in range(150)])
    buffer = io.BytesIO()
    fits.HDUList([primary, hdu]).writeto(buffer)
    head, part = buffer.getvalue()[:2880], buffer.getvalue()[2880:]
    path.write_bytes(head + b"".join(part.replace(b"9999", b"%04d" % number) for number in range(1, count + 1)))


def test_headers_are_searched_in_all_hdus(bench: Workbench) -> None:
    write_amplifiers(bench.share / "a.fits", 4)
    info = bench.call("images", "open", path="data/a.fits", hdu=1)

    def search(text: str, **options: int) -> Any:
        return bench.call("images", "search_header", image=info["image"], text=text, **options)

    found = search("gain")
    assert [(card["hdu"], card["name"], card["value"]) for card in found] == [
        (number, f"AMP000{number}", f"4.000{number}") for number in (1, 2, 3, 4)
    ]
    assert found[0]["comment"] == "electrons per ADU"
    assert [(card["hdu"], card["keyword"]) for card in search("QUADRANT tycho")] == [(0, "OBSERVER")]
    assert search("tycho gain") == []
    assert len(search("key", limit=7)) == 7
    with pytest.raises(InvalidParameter):
        search("")
    with pytest.raises(InvalidParameter):
        search("a", limit=100_000)
    with pytest.raises(NotFound):
        bench.call("images", "search_header", image="other", text="a")


def test_five_hundred_headers_are_searched_while_one_types(bench: Workbench) -> None:
    write_amplifiers(bench.share / "a.fits", 500)
    info = bench.call("images", "open", path="data/a.fits", hdu=1)
    begin = time.monotonic()
    assert len(bench.call("images", "search_header", image=info["image"], text="gain")) == 500
    assert time.monotonic() - begin < 3


def test_the_configured_limit_holds_for_packed_files(tmp_path: Path) -> None:
    bench = Workbench(tmp_path, limits=Limits(spool_file=1 << 20))
    write(bench.share / "a.fits.gz", np.zeros((1000, 1000), "f4"))
    with pytest.raises(TooLarge, match="more than 1 MB"):
        bench.call("images", "open", path="data/a.fits.gz")
    bench.close()


def test_a_frame_that_passes_by_is_not_described_and_nothing_is_built_for_it(bench: Workbench) -> None:
    planes = np.random.default_rng(3).normal(100, 5, (3, 2100, 2100)).astype("f4")
    write(bench.share / "cube.fits", planes)
    frames = [bench.call("images", "frame", path="data/cube.fits", plane=plane) for plane in range(3)]
    assert [(frame["plane"], frame["planes"], frame["width"], frame["complete"]) for frame in frames] == [
        (plane, 3, 2100, True) for plane in range(3)
    ]
    assert len({frame["image"] for frame in frames}) == 3
    assert "cuts" not in frames[0]
    for frame in frames:  # its tiles are there, from the file
        bench.tile(frame["image"], 0, 0, 0, GREY)
    assert bench.builds == []
    opened = [message for message in bench.sent if isinstance(message, Opened)]
    assert [message.task for message in opened] == ["frame"] * 3

    looked_at = bench.call("images", "open", path="data/cube.fits", plane=1)
    assert looked_at["image"] == frames[1]["image"]
    assert {name: looked_at[name] for name in frames[1]} == frames[1]
    assert [build.plane for build in bench.builds] == [1]
    while bench.event("pyramid")["phase"] != Phase.COMPLETED:
        pass
    bench.call("images", "frame", path="data/cube.fits", plane=1)
    opened = [message for message in bench.sent if isinstance(message, Opened)]
    assert [message.task for message in opened] == ["frame"] * 3 + ["open"], "it is not forgotten that it is looked at"


def test_planes_of_a_cube_share_what_was_read_of_its_headers_while_the_file_is_the_same(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    first = opening._open_with

    def counted(*arguments: Any) -> Any:
        read.append(arguments[1].name)
        return first(*arguments)

    monkeypatch.setattr(opening, "_open_with", counted)
    write(bench.share / "cube.fits", np.arange(4 * 20 * 30, dtype="f4").reshape(4, 20, 30))
    for plane in range(4):
        image = bench.call("images", "frame", path="data/cube.fits", plane=plane)["image"]
        assert bench.call("images", "pixel", image=image, x=1, y=1)["value"] == plane * 600
    assert len(read) == 1
    with pytest.raises(NotFound):
        bench.call("images", "frame", path="data/cube.fits", plane=4)
    (bench.share / "cube.fits").unlink()
    write(bench.share / "cube.fits", np.full((2, 20, 30), 7, "f4"))
    again = bench.call("images", "frame", path="data/cube.fits", plane=1)
    assert again["planes"] == 2
    assert bench.call("images", "pixel", image=again["image"], x=1, y=1)["value"] == 7


def test_builds_that_only_closed_images_wanted_are_taken_back(tmp_path: Path) -> None:
    bench = Workbench(tmp_path, build=False)
    pixels = np.zeros((2300, 2500), "f4")
    for name in ("a", "b"):
        write(bench.share / f"{name}.fits", pixels)

    def unwanted() -> list[str]:
        return [message.key for message in bench.sent if isinstance(message, Unwanted)]

    one, other = (bench.call("images", "open", path=f"data/{name}.fits") for name in ("a", "b"))
    assert [build.kind for build in bench.builds] == ["pyramid", "pyramid"]
    bench.call("images", "close", image=one["image"])
    assert unwanted() == [bench.builds[0].key]
    # What was on its way is not heard any more, and who opens the image again asks again.
    bench.tell(bench.builds[0], 0.5)
    assert bench.call("images", "open", path="data/a.fits")["pyramid"] == "building"
    assert [build.key for build in bench.builds[2:]] == [bench.builds[0].key]
    bench.workshop._images._limit = 1
    bench.call("images", "open", path="data/b.fits")
    assert unwanted() == [bench.builds[0].key] * 2
    bench.do(bench.builds[1])
    while bench.event("pyramid") != {"image": other["image"], "phase": "COMPLETED", "progress": 1.0}:
        pass
    bench.call("images", "close", image=other["image"])
    assert len(unwanted()) == 2
    bench.close()
