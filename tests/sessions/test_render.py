"""Pictures of any region: ``images.render`` in a session."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import maximum_filter

from tests.sessions.workbench import Workbench
from toyz.errors import InvalidParameter, NotFound, TooLarge
from toyz.protocol import Style
from toyz_tiles.area import area_means, edges

STYLE = {"low": 0, "high": 4000, "quality": 100}
SHAPE = (2100, 2300)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    made = Workbench(tmp_path)
    yield made
    made.close()


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Workbench]:
    """Make one whose pyramids are never built."""
    made = Workbench(tmp_path, build=False)
    yield made
    made.close()


def gray(payload: bytes) -> NDArray[Any]:
    return np.asarray(Image.open(io.BytesIO(payload)).convert("L")).astype(float)


def opened(bench: Workbench) -> tuple[str, NDArray[np.float32]]:
    """An image too large to be kept whole, with its pyramid; and its pixels in display order."""
    data = np.add.outer(np.arange(SHAPE[0]), np.arange(SHAPE[1])).astype(np.float32)
    data[100:300, 500:900] = np.nan
    fits.PrimaryHDU(data).writeto(bench.share / "a.fits")
    image = bench.call("images", "open", path="data/a.fits")["image"]
    while bench.events.get(timeout=30)[1].get("phase") != "COMPLETED":
        pass
    return image, data[::-1]


def render(bench: Workbench, image: str, region: list[int], size: list[int], **more: Any) -> tuple[Any, bytes]:
    call = bench.start("images", "render", image=image, region=region, size=size, style=STYLE, **more)
    return bench.wait(call)


@pytest.mark.parametrize(
    ("region", "size"),
    [
        ([0, 0, 2300, 2100], [333, 201]),
        ([17, 33, 1000, 1950], [400, 300]),
        ([3, 5, 20, 17], [17, 12]),
        ([450, 1700, 1000, 2100], [137, 100]),
        ([0, 0, 2300, 2100], [1, 1]),
    ],
    ids=str,
)
def test_a_region_is_the_mean_of_its_pixels(bench: Workbench, region: list[int], size: list[int]) -> None:
    image, pixels = opened(bench)
    message, payload = render(bench, image, region, size, format="png")
    assert (message.format, message.result) == ("png", {"final": True})
    rows, columns = edges(region[1], region[3], size[1]), edges(region[0], region[2], size[0])
    means = area_means(pixels, rows, columns)
    expected = np.nan_to_num(np.clip(means / 4000 * 255, 0, 255), nan=0.0)
    found = gray(payload)
    assert found.shape == (size[1], size[0])
    # Where pixels without a value begin, a level has the mean of fewer pixels.
    holes = maximum_filter(area_means(np.isnan(pixels).astype(np.float32), rows, columns), 3) > 0
    assert np.abs(found - expected)[~holes | np.isnan(means)].max(initial=0) <= 1.5
    assert np.median(np.abs(found - expected)) < 1


def test_a_region_of_a_level_is_its_tiles(bench: Workbench) -> None:
    image, _ = opened(bench)
    _, payload = render(bench, image, [1024, 0, 2048, 1024], [256, 256])
    tile = bench.tile(image, 2, 1, 0, Style(low=0.0, high=4000.0, quality=100))[1]
    np.testing.assert_array_equal(gray(payload), gray(tile))


def test_before_the_pyramid_a_picture_is_not_final(bare: Workbench) -> None:
    fits.PrimaryHDU(np.zeros(SHAPE, np.int16)).writeto(bare.share / "a.fits")
    image = bare.call("images", "open", path="data/a.fits")["image"]
    assert render(bare, image, [0, 0, 2300, 2100], [230, 210])[0].result == {"final": False}
    assert render(bare, image, [0, 0, 300, 300], [200, 210])[0].result == {"final": True}


def test_the_histogram_stretch_is_that_of_tiles(bench: Workbench) -> None:
    image, _ = opened(bench)
    style = Style(low=0.0, high=4000.0, quality=100, stretch="histogram")
    call = bench.start(
        *("images", "render"),
        image=image,
        region=[256, 0, 512, 256],
        size=[256, 256],
        style={"low": 0, "high": 4000, "quality": 100, "stretch": "histogram"},
    )
    np.testing.assert_array_equal(gray(bench.wait(call)[1]), gray(bench.tile(image, 0, 1, 0, style)[1]))


@pytest.mark.parametrize(
    ("region", "size", "error"),
    [
        ([0, 0, 2301, 2100], [10, 10], InvalidParameter),
        ([5, 5, 5, 9], [1, 1], InvalidParameter),
        ([9, 9, 5, 5], [1, 1], InvalidParameter),
        ([0, 0, 10, 10], [11, 10], InvalidParameter),
        ([0, 0, 10, 10], [0, 10], InvalidParameter),
        ([0, 0, 10], [10, 10], InvalidParameter),
        ([0, 0, 10**9, 10**9], [10**9, 10**9], InvalidParameter),
    ],
)
def test_what_cannot_be_rendered(bare: Workbench, region: list[int], size: list[int], error: Any) -> None:
    fits.PrimaryHDU(np.zeros((2100, 2300), np.int16)).writeto(bare.share / "a.fits")
    image = bare.call("images", "open", path="data/a.fits")["image"]
    with pytest.raises(error):
        bare.call("images", "render", image=image, region=region, size=size, style=STYLE)
    with pytest.raises(NotFound):
        bare.call("images", "render", image="nothing", region=[0, 0, 1, 1], size=[1, 1], style=STYLE)


def test_a_picture_has_a_bounded_number_of_pixels(bare: Workbench) -> None:
    fits.PrimaryHDU(np.zeros((4000, 4000), np.uint8)).writeto(bare.share / "a.fits")
    image = bare.call("images", "open", path="data/a.fits")["image"]
    with pytest.raises(TooLarge):
        bare.call("images", "render", image=image, region=[0, 0, 4000, 4000], size=[4000, 4000], style=STYLE)
    assert gray(render(bare, image, [0, 0, 4000, 4000], [2000, 2000])[1]).shape == (2000, 2000)
