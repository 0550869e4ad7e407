import io
from typing import Any

import numpy as np
import pytest
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

from toyz.errors import InvalidParameter
from toyz.protocol import Style
from toyz_tiles import colour, stretch
from toyz_tiles.encode import render


def style(**fields: Any) -> Style:
    return Style(**({"low": 0.0, "high": 100.0, "quality": 100} | fields))


def decoded(data: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


def ramp(ny: int = 256, nx: int = 256) -> NDArray[np.float32]:
    return np.broadcast_to(np.linspace(-10, 110, nx, dtype=np.float32), (ny, nx)).copy()


@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4", "i8", "f4", "f8"])
def test_gray_is_a_grey_jpeg_of_the_numbers(dtype: str) -> None:
    pixels = ramp().clip(0, 110).astype(dtype)
    kind, data = render(pixels, style(stretch="sqrt"))
    assert kind == "jpeg"
    assert simplejpeg.decode_jpeg_header(data)[2] == "Gray"
    numbers, _ = stretch.apply(pixels, 0, 100, stretch.transfer(style(stretch="sqrt")))
    assert np.abs(decoded(data).astype(int) - numbers).max() <= 2


@pytest.mark.parametrize("shape", [(256, 256), (1, 1), (3, 200), (200, 7)])
@pytest.mark.parametrize("name", ["viridis", "RdBu", "hot"])
def test_colormaps_make_colour_jpegs(shape: tuple[int, int], name: str) -> None:
    pixels = ramp(*shape)
    kind, data = render(pixels, style(colormap=name))
    header = simplejpeg.decode_jpeg_header(data)
    assert (kind, header[:2], header[3]) == ("jpeg", shape, "444")
    numbers, _ = stretch.apply(pixels, 0, 100, stretch.transfer(style()))
    difference = decoded(data).astype(int) - colour.table(name)[numbers]
    assert np.abs(difference).mean() < 1.5


def holed() -> NDArray[np.float32]:
    pixels = ramp()
    pixels[64:128, 64:128] = np.nan
    return pixels


@pytest.mark.parametrize(("bad", "space"), [("#000000", "Gray"), ("#808080", "Gray"), ("#ff0000", "YCbCr")])
def test_bad_pixels_have_their_colour(bad: str, space: str) -> None:
    kind, data = render(holed(), style(bad=bad))
    assert kind == "jpeg"
    assert simplejpeg.decode_jpeg_header(data)[2] == space
    with Image.open(io.BytesIO(data)) as image:
        picture = np.asarray(image.convert("RGB")).astype(int)
    assert np.abs(picture[72:120, 72:120] - colour.parse_colour(bad)).max() <= 3
    assert np.abs(picture[150:, 250] - 255).max() <= 3


def test_bad_pixels_of_a_colormap_have_their_colour() -> None:
    _, data = render(holed(), style(bad="#00ff00", colormap="magma"))
    picture = decoded(data).astype(int)
    assert np.abs(picture[72:120, 72:120] - (0, 255, 0)).max() <= 3


@pytest.mark.parametrize("name", ["gray", "viridis"])
def test_transparent_tiles_are_png_only_where_needed(name: str) -> None:
    assert render(ramp(), style(bad="transparent", colormap=name))[0] == "jpeg"
    kind, data = render(holed(), style(bad="transparent", colormap=name))
    assert kind == "png"
    with Image.open(io.BytesIO(data)) as image:
        picture = np.asarray(image.convert("RGBA"))
    numbers, _ = stretch.apply(holed(), 0, 100, stretch.transfer(style()))
    mask = np.isnan(holed())
    np.testing.assert_array_equal(picture[..., 3] == 0, mask)
    np.testing.assert_array_equal(picture[~mask][:, :3], colour.table(name)[numbers][~mask])


def test_tiles_of_nothing_are_made_once() -> None:
    nothing = np.full((256, 256), np.nan, np.float32)
    for bad, kind in [("#102030", "jpeg"), ("transparent", "png")]:
        first, second = render(nothing, style(bad=bad)), render(nothing, style(bad=bad, low=5.0, colormap="hot"))
        assert first[0] == kind
        assert first[1] is second[1]
    with Image.open(io.BytesIO(render(nothing, style(bad="transparent"))[1])) as image:
        assert np.asarray(image.convert("RGBA"))[..., 3].max() == 0


def test_pictures_keep_their_colours() -> None:
    random = np.random.default_rng(1)
    pixels = np.kron(random.integers(0, 256, (16, 16, 3)), np.ones((16, 16, 1))).astype(np.uint8)
    kind, data = render(pixels, style(low=0.0, high=255.0, colormap="viridis"))
    assert kind == "jpeg"
    assert np.abs(decoded(data).astype(int) - pixels).mean() < 2
    inverted = decoded(render(pixels, style(low=0.0, high=255.0, invert=True))[1]).astype(int)
    assert np.abs(255 - inverted - pixels).mean() < 2
    holes = pixels.astype(np.float32)
    holes[:32, :, 1] = np.nan
    kind, data = render(holes, style(low=0.0, high=255.0, bad="transparent"))
    assert kind == "png"
    assert (decoded(data)[:32, :, 3] == 0).all()


def test_the_equalised_stretch_uses_its_curve() -> None:
    curve = stretch.equalisation(np.random.default_rng(2).exponential(10, 10_000), 0, 100)
    for name in ("gray", "viridis"):
        equalised = render(ramp(), style(stretch="histogram", colormap=name), curve)[1]
        other = render(ramp(), style(stretch="histogram", colormap=name))[1]
        assert equalised != other
        assert equalised == render(ramp(), style(stretch="histogram", colormap=name), curve.copy())[1]


def test_quality_counts() -> None:
    noisy = np.random.default_rng(3).normal(50, 20, (256, 256))
    sizes = [len(render(noisy, style(quality=quality))[1]) for quality in (10, 50, 90, 100)]
    assert sizes == sorted(sizes)


def test_what_does_not_exist_is_refused() -> None:
    with pytest.raises(InvalidParameter):
        render(ramp(), style(colormap="nosuch"))
    with pytest.raises(InvalidParameter):
        render(holed(), style(bad="blue"))
