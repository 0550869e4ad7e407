"""Colour pictures of three images: their pixels, cuts, pyramids, and what does not fit together."""

import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from tests.sessions.workbench import Workbench
from toyz.errors import InvalidParameter, NotFound, ToyzError, UnsupportedFile
from toyz.protocol import DataAddress, Style
from toyz_sessions.composite import braced
from toyz_sessions.messages import Opened, RenderData
from toyz_tiles import channels, data_tile

BANDS = ("i", "r", "g")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    made = Workbench(tmp_path)
    yield made
    made.close()


def make_bands(folder: Path, shape: tuple[int, int] = (300, 400)) -> Any:
    """Write three bands, and give them as one array in display order."""
    random = np.random.default_rng(5)
    bands = np.stack([random.normal(100 * band, 3 + band, shape) for band in (1, 2, 3)], axis=2).astype("f4")
    bands[20, 30, 1] = np.nan
    for channel, band in enumerate(BANDS):
        header = fits.Header(
            {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 150.0, "CRVAL2": 2.0, "BUNIT": "ct"}
        )
        header.update({"CRPIX1": 10.0, "CRPIX2": 20.0, "CDELT1": -1e-4, "CDELT2": 1e-4, "BUNIT": "ct"})
        fits.PrimaryHDU(bands[::-1, :, channel], header).writeto(folder / f"m31_{band}.fits")
    return bands


def of_files(*bands: str) -> dict[str, Any]:
    paths = [{"path": f"data/m31_{band}.fits"} for band in bands or BANDS]
    return dict(zip(("red", "green", "blue"), paths, strict=True))


def test_three_files_make_one_image(bench: Workbench) -> None:
    bands = make_bands(bench.share)
    info = bench.call("images", "compose", **of_files())
    assert (info["channels"], info["dtype"], info["name"]) == (3, "float32", "m31_{i,r,g}.fits")
    assert (info["width"], info["height"], info["unit"]) == (400, 300, "ct")
    assert [(part["path"], part["hdu"]) for part in info["components"]] == [(f"data/m31_{b}.fits", 0) for b in BANDS]
    assert info["wcs"]["projection"] == "TAN"
    for channel, (low, high) in enumerate(info["cuts"]["channel_cuts"]):
        one = bench.call("images", "open", path=f"data/m31_{BANDS[channel]}.fits")["image"]
        assert high == bench.call("images", "cuts", image=one, method="percentile", percent=99.5)["high"]
        median = bench.call("images", "statistics", image=one)["median"]
        assert (median - low) / (high - median) == pytest.approx(0.02), "the sky is grey"
    assert info["cuts"]["low"] == info["cuts"]["channel_cuts"][0][0]
    pixel = bench.call("images", "pixel", image=info["image"], x=41, y=300)
    assert pixel["values"] == bands[0, 40].tolist()
    assert pixel["value"] is None
    assert pixel["ra"] == pytest.approx(150, abs=0.1)
    assert bench.call("images", "pixel", image=info["image"], x=31, y=280)["values"][1] is None


def test_its_tiles_are_the_three_of_its_channels(bench: Workbench) -> None:
    bands = make_bands(bench.share)
    info = bench.call("images", "compose", **of_files())
    image = bench.workshop._images.get(info["image"])
    np.testing.assert_array_equal(image.levels.tile(0, 1, 1), bands[256:, 256:])
    np.testing.assert_allclose(image.levels.tile(1, 0, 0)[0, 0], bands[:2, :2].mean(axis=(0, 1)), rtol=1e-5)
    cuts = tuple(tuple(pair) for pair in info["cuts"]["channel_cuts"])
    style = Style(low=0.0, high=1.0, stretch="lupton", channel_cuts=cuts, quality=100, bad="#00ff00")  # type: ignore[arg-type]
    message, payload = bench.tile(info["image"], 0, 1, 1, style)
    assert message.cacheable
    seen = np.asarray(Image.open(io.BytesIO(payload))).astype(int)
    expected, _ = channels.apply(bands[256:, 256:], style)
    assert np.abs(seen - expected).mean() < 2
    assert np.abs(seen - expected).max() < 12  # JPEG
    bench.workshop.handle(RenderData("d", DataAddress(info["image"], 0, 0, 0)), b"")
    bench.workshop.settle()
    _, data = bench.wait("d")
    values, quantum, exact = data_tile.unpack(data)
    assert not exact
    assert 0 < quantum < 3 / 2
    np.testing.assert_allclose(values, bands[:256, :256], atol=quantum)


def test_statistics_are_of_all_channels_and_histograms_of_each(bench: Workbench) -> None:
    bands = make_bands(bench.share)
    image = bench.call("images", "compose", **of_files())["image"]
    whole = bench.call("images", "statistics", image=image)
    assert (whole["count"], whole["bad"]) == (bands.size - 1, 1)
    corner = bench.call("images", "statistics", image=image, region=[0, 0, 10, 5])
    assert corner["mean"] == pytest.approx(bands[:5, :10].mean(), rel=1e-6)
    for channel in range(3):
        one = bench.call("images", "histogram", image=image, channel=channel, low=0, high=1000)
        assert one["median"] == pytest.approx(100 * (channel + 1), abs=2)
    part = bench.call("images", "cuts", image=image, method="minmax", region=[0, 0, 10, 5])
    assert part["channel_cuts"][2] == [bands[:5, :10, 2].min(), bands[:5, :10, 2].max()]
    single = bench.call("images", "open", path="data/m31_g.fits")["image"]
    with pytest.raises(InvalidParameter):
        bench.call("images", "histogram", image=single, channel=1)
    window = np.load(io.BytesIO(bench.call("images", "pixels", image=image, x=3, y=2, width=5, height=4)))
    np.testing.assert_array_equal(window, bands[2:6, 3:8])


def test_planes_of_a_cube_and_the_same_image_thrice(bench: Workbench) -> None:
    cube = np.random.default_rng(1).integers(0, 1000, (5, 30, 40)).astype("i2")
    fits.PrimaryHDU(cube).writeto(bench.share / "cube.fits")
    path = "data/cube.fits"
    planes = {name: {"path": path, "plane": plane} for name, plane in (("red", 4), ("green", 2), ("blue", 0))}
    info = bench.call("images", "compose", **planes)
    assert (info["name"], info["planes"], info["dtype"]) == ("cube.fits", 1, "float32")
    assert bench.call("images", "pixel", image=info["image"], x=3, y=2)["values"] == cube[[4, 2, 0], 1, 2].tolist()
    same = {name: {"path": path} for name in ("red", "green", "blue")}
    grey = bench.call("images", "compose", **same)
    assert grey["image"] != info["image"]
    values = bench.call("images", "pixel", image=grey["image"], x=1, y=1)["values"]
    assert values == [cube[0, 0, 0]] * 3


def test_what_does_not_fit_is_said(bench: Workbench) -> None:
    make_bands(bench.share)
    fits.PrimaryHDU(np.zeros((300, 401), "f4")).writeto(bench.share / "wide.fits")
    Image.new("RGB", (400, 300)).save(bench.share / "a.png")
    (bench.share / "notes.txt").write_text("no image")
    for path, kind, field, text in (
        ("data/wide.fits", InvalidParameter, "parameters.blue", "400 × 300 and 401 × 300"),
        ("data/a.png", InvalidParameter, "parameters.blue", "colour picture"),
        ("data/none.fits", NotFound, None, "none"),
        ("data/notes.txt", UnsupportedFile, None, "."),
    ):
        with pytest.raises(kind, match=text) as caught:
            bench.call("images", "compose", **(of_files() | {"blue": {"path": path}}))
        assert field is None or caught.value.field == field
    with pytest.raises(ToyzError):
        bench.call("images", "compose", **(of_files() | {"green": {"path": "data/m31_r.fits", "plane": 1}}))
    composed = bench.call("images", "compose", **of_files())
    with pytest.raises(NotFound):
        bench.call("images", "open", path=composed["name"])


def test_pyramids_of_its_channels_sharpen_it(bench: Workbench) -> None:
    shape = (2300, 2100)
    bands = make_bands(bench.share, shape)
    info = bench.call("images", "compose", **of_files())
    assert info["pyramid"] == "building"
    ready = 0
    while ready < 3:
        event = bench.event("pyramid")
        assert event["image"] == info["image"]
        ready += event["phase"] == "COMPLETED"
    image = bench.workshop._images.get(info["image"])
    assert image.pyramid == "ready"
    assert image.levels.final(2)
    block = bands[1024:2048, 1024:2048].reshape(256, 4, 256, 4, 3)
    np.testing.assert_allclose(image.levels.tile(2, 1, 1), block.mean(axis=(1, 3)), atol=0.5)
    # Its channels are not built again, opened by themselves or composed anew.
    assert bench.call("images", "open", path="data/m31_r.fits")["pyramid"] == "ready"
    assert bench.call("images", "compose", **of_files("g", "r", "i"))["pyramid"] == "ready"
    assert len([build for build in bench.builds if build.kind == "pyramid"]) == 3


def test_before_the_pyramids_coarse_tiles_are_not_kept(tmp_path: Path) -> None:
    bench = Workbench(tmp_path, build=False)
    make_bands(bench.share, (2300, 2100))
    info = bench.call("images", "compose", **of_files())
    message, _ = bench.tile(info["image"], 3, 0, 0, Style(0.0, 500.0))
    assert not message.cacheable
    for build in bench.builds[:2]:
        bench.do(build)
    message, _ = bench.tile(info["image"], 3, 0, 0, Style(0.0, 500.0))
    assert not message.cacheable, "one channel has no pyramid yet"
    bench.close()


def test_packed_channels_come_to_an_end(bench: Workbench) -> None:
    bands = make_bands(bench.share)
    for band in BANDS:
        plain = bench.share / f"m31_{band}.fits"
        plain.with_name(plain.name + ".gz").write_bytes(gzip.compress(plain.read_bytes()))
    packed = {name: {"path": part["path"] + ".gz"} for name, part in of_files().items()}
    for path in packed.values():  # unpacked before, so that nothing comes meanwhile
        while not bench.call("images", "open", path=path["path"])["complete"]:
            bench.event("progress")
    info = bench.call("images", "compose", **packed)
    assert (info["complete"], info["progress"]) == (True, 1)
    assert bench.call("images", "pixel", image=info["image"], x=1, y=300)["values"] == bands[0, 0].tolist()


def test_the_server_is_told_how_to_open_it_again(bench: Workbench) -> None:
    make_bands(bench.share)
    info = bench.call("images", "compose", **of_files())
    assert Opened(info["image"], "compose") in bench.sent


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["m31_i.fits", "m31_r.fits", "m31_g.fits"], "m31_{i,r,g}.fits"),
        (["a.fits", "a.fits", "a.fits"], "a.fits"),
        (["aa", "a", "aaa"], "a{a,,aa}"),
        (["x", "y", "z"], "{x,y,z}"),
        (["a.fits", "a.fits", "b.fits"], "{a,a,b}.fits"),
    ],
)
def test_names_are_braced(names: list[str], text: str) -> None:
    assert braced(names) == text


def test_channels_without_values_have_cuts(bench: Workbench) -> None:
    for name, value in (("dark", np.nan), ("flat", 7.0)):
        fits.PrimaryHDU(np.full((20, 30), value, "f4")).writeto(bench.share / f"{name}.fits")
    dark, flat = {"path": "data/dark.fits"}, {"path": "data/flat.fits"}
    info = bench.call("images", "compose", red=dark, green=flat, blue=dark)
    assert all(low < high for low, high in info["cuts"]["channel_cuts"])
    assert [warning.partition(":")[0] for warning in info["warnings"]] == ["red", "blue"]
    message, _ = bench.tile(info["image"], 0, 0, 0, Style(0.0, 1.0, stretch="lupton", bad="transparent"))
    assert message.format == "png"
