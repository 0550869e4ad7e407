"""Pictures: tone, turn and format, with the numbers of the stretch."""

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from toyz.protocol import Style
from toyz_tiles.encode import paint, render
from toyz_tiles.picture import Tone, Turn, picture, turned

PIXELS = np.add.outer(np.arange(40.0), np.arange(60.0)).astype(np.float32)
STYLE = Style(low=0.0, high=99.0, quality=100, colormap="viridis")


def decoded(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def array(data: bytes) -> NDArray[Any]:
    return np.asarray(decoded(data)).astype(int)


def test_a_plain_picture_is_a_tile() -> None:
    assert picture(PIXELS, STYLE) == render(PIXELS, STYLE)[1]


@pytest.mark.parametrize(
    ("tone", "mode"), [("default", "RGB"), ("color", "RGB"), ("gray", "L"), ("bitonal", "L")], ids=str
)
@pytest.mark.parametrize("format", ["jpeg", "png"])
def test_tones(tone: Tone, mode: str, format: Any) -> None:  # noqa: A002
    data = picture(PIXELS, STYLE, tone=tone, format=format)
    assert decoded(data).format == format.upper()
    assert decoded(data).mode == mode
    plain = array(picture(PIXELS, STYLE, format="png"))
    grey = plain @ (0.299, 0.587, 0.114)
    if tone == "gray":
        assert np.abs(array(data) - grey).max() <= 3
    if tone == "bitonal" and format == "png":
        np.testing.assert_array_equal(
            array(data)[np.abs(grey - 128) > 2], np.where(grey < 128, 0, 255)[np.abs(grey - 128) > 2]
        )


def test_a_grey_picture_has_colour_where_it_is_asked_for() -> None:
    grey = Style(low=0.0, high=99.0, quality=100)
    assert decoded(picture(PIXELS, grey)).mode == "L"
    assert decoded(picture(PIXELS, grey, tone="color")).mode == "RGB"


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("mirror", [False, True])
def test_turned_clockwise_after_mirroring(turn: Turn, mirror: bool) -> None:
    corners = np.array([[1, 2], [3, 4]], np.uint8)
    clockwise = {0: [[1, 2], [3, 4]], 90: [[3, 1], [4, 2]], 180: [[4, 3], [2, 1]], 270: [[2, 4], [1, 3]]}
    mirrored = {0: [[2, 1], [4, 3]], 90: [[4, 2], [3, 1]], 180: [[3, 4], [1, 2]], 270: [[1, 3], [2, 4]]}
    assert turned(corners, turn, mirror=mirror).tolist() == (mirrored if mirror else clockwise)[turn]
    size = decoded(picture(PIXELS, STYLE, turn=turn, mirror=mirror)).size
    assert size == ((40, 60) if turn in (90, 270) else (60, 40))


def test_pixels_without_a_value() -> None:
    holed = PIXELS.copy()
    holed[:10, :10] = np.nan
    clear = Style(low=0.0, high=99.0, bad="transparent")
    png = np.asarray(decoded(picture(holed, clear, format="png", mirror=True)))
    assert png[:10, 50:, 1].max() == 0
    assert png[:, :50, 1].min() == 255
    assert decoded(picture(holed, clear, format="jpeg")).format == "JPEG"
    red = np.asarray(decoded(picture(holed, Style(low=0.0, high=99.0, bad="#ff0000"), format="png")))
    assert red[5, 5].tolist() == [255, 0, 0]
    assert paint(PIXELS, clear)[1] is None
    assert array(picture(np.full((3, 4), np.nan), clear, format="png"))[:, :, 1].max() == 0
