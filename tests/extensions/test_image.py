"""Pictures: what Pillow decodes, described from the header and turned as it lies in the file."""

import io
import os
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from toyz.errors import BadRequest, CorruptFile, NotFound, TooLarge, ToyzError, UnsupportedFile
from toyz.readers import OpenFile
from toyz_extensions.image import PictureReader, PictureSource

Open = Callable[[bytes], PictureSource]
RAMP = np.arange(12 * 17, dtype=np.uint8).reshape(12, 17)
COLOUR = np.stack([RAMP, RAMP[::-1], 255 - RAMP], axis=2)


@pytest.fixture
def open_bytes(tmp_path: Path) -> Open:
    def opened(data: bytes) -> PictureSource:
        path = tmp_path / f"picture-{len(list(tmp_path.iterdir()))}"
        path.write_bytes(data)
        assert PictureReader().sniff("x", data[:4096])
        return PictureReader().open(OpenFile(os.open(path, os.O_RDONLY), "share/picture"))

    return opened


def saved(picture: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
@pytest.mark.parametrize(
    "pixels",
    [RAMP, RAMP.astype(np.uint16) * 257, COLOUR, np.where(RAMP > 100, 255, 0).astype(np.uint8)],
    ids=["grey", "sixteen", "colour", "two"],
)
def test_pixels_come_back(open_bytes: Open, form: str, pixels: np.ndarray) -> None:
    source = open_bytes(saved(Image.fromarray(pixels), form))
    (info,) = source.hdus
    assert (info.kind, info.planes, info.windowed, source.bottom_up) == ("image", 1, False, False)
    assert (info.shape, info.plane_shape, info.dtype) == (pixels.shape, pixels.shape[:2], pixels.dtype.name)
    assert info.channels == (3 if pixels.ndim == 3 else 1)
    decoded = source.decode(0)
    assert decoded.dtype == pixels.dtype
    np.testing.assert_array_equal(decoded, pixels)


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_wide_pixels_of_tiff(open_bytes: Open, dtype: type) -> None:
    pixels: np.ndarray = RAMP.astype(dtype) * 1000 - 7
    source = open_bytes(saved(Image.fromarray(pixels), "TIFF"))
    assert source.hdus[0].dtype == np.dtype(dtype).name
    np.testing.assert_array_equal(source.decode(0), pixels)


def test_big_endian_sixteen_bits_become_native(open_bytes: Open) -> None:
    pixels = RAMP.astype(np.uint16) * 257
    picture = Image.frombytes("I;16B", (17, 12), pixels.astype(">u2").tobytes())
    source = open_bytes(saved(picture, "TIFF"))
    decoded = source.decode(0)
    assert decoded.dtype.isnative
    np.testing.assert_array_equal(decoded, pixels)


@pytest.mark.parametrize("mode", ["P", "RGBA", "CMYK", "LA", "1"])
def test_other_modes_become_grey_or_rgb(open_bytes: Open, mode: str) -> None:
    picture = Image.fromarray(COLOUR).convert(mode)
    source = open_bytes(saved(picture, "TIFF"))
    expected = np.asarray(picture.convert("L" if mode in ("LA", "1") else "RGB"))
    assert source.hdus[0].channels == (1 if mode in ("LA", "1") else 3)
    np.testing.assert_array_equal(source.decode(0), expected)


def test_jpeg(open_bytes: Open) -> None:
    data = saved(Image.fromarray(COLOUR), "JPEG", quality=95)
    source = open_bytes(data)
    assert (source.hdus[0].compression, source.hdus[0].channels) == ("jpeg", 3)
    np.testing.assert_array_equal(source.decode(0), np.asarray(Image.open(io.BytesIO(data))))


@pytest.mark.parametrize("orientation", range(9))
@pytest.mark.parametrize("grey", [True, False])
def test_a_jpeg_is_turned_as_exif_says(open_bytes: Open, orientation: int, grey: bool) -> None:
    picture = Image.fromarray(RAMP if grey else COLOUR)
    exif = Image.Exif()
    exif[0x0112] = orientation
    source = open_bytes(saved(picture, "JPEG", quality=95, exif=exif))
    stored = open_bytes(saved(picture, "JPEG", quality=95)).decode(0)
    turns = {2: stored[:, ::-1], 3: stored[::-1, ::-1], 4: stored[::-1], 5: np.swapaxes(stored, 0, 1)}
    turns |= {6: np.rot90(stored, -1), 7: np.swapaxes(stored[::-1, ::-1], 0, 1), 8: np.rot90(stored)}
    np.testing.assert_array_equal(source.decode(0), turns.get(orientation, stored))
    assert source.decode(0).shape[:2] == source.hdus[0].plane_shape


def test_damaged_exif_is_no_reason_to_refuse(open_bytes: Open) -> None:
    data = saved(Image.fromarray(RAMP), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff\1\2")
    assert open_bytes(data).decode(0).shape == RAMP.shape


def test_pages_are_planes(open_bytes: Open) -> None:
    pages = [Image.fromarray(RAMP + page) for page in range(3)]
    source = open_bytes(saved(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert (source.hdus[0].shape, source.hdus[0].planes) == ((3, 12, 17), 3)
    for plane in (2, 0, 1):
        np.testing.assert_array_equal(source.decode(0, plane), RAMP + plane)
    with pytest.raises(BadRequest):
        source.decode(0, 3)


def test_pages_unlike_the_first_are_left_out(open_bytes: Open) -> None:
    pages = [Image.fromarray(RAMP), Image.fromarray(RAMP), Image.fromarray(COLOUR)]
    source = open_bytes(saved(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert source.hdus[0].planes == 2
    assert source.warnings


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_claiming(width: int, height: int) -> bytes:
    """A PNG whose header claims a size; its pixels are nought, and few."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def test_large_is_described_and_too_large_refused(open_bytes: Open) -> None:
    assert open_bytes(png_claiming(12000, 12000)).hdus[0].shape == (12000, 12000)
    with pytest.raises(TooLarge, match="100000 × 100000"):
        open_bytes(png_claiming(100_000, 100_000))


def test_damaged_pictures_say_so(open_bytes: Open) -> None:
    whole = saved(Image.fromarray(COLOUR), "PNG")
    with pytest.raises(CorruptFile):
        open_bytes(whole[: len(whole) // 2]).decode(0)
    with pytest.raises(CorruptFile):
        open_bytes(b"\xff\xd8\xff" + b"junk" * 20)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF"])
def test_mutated_pictures_open_or_say_why(open_bytes: Open, form: str) -> None:
    whole = saved(Image.fromarray(COLOUR), form)
    random = np.random.default_rng(5)
    for _ in range(60):
        data = bytearray(whole)
        for place in random.integers(8, len(data), 4):
            data[place] = random.integers(256)
        with suppress(ToyzError):  # anything else fails the test
            open_bytes(bytes(data)).decode(0)


def test_only_what_there_is(open_bytes: Open) -> None:
    source = open_bytes(saved(Image.fromarray(RAMP), "PNG"))
    assert [card.keyword for card in source.cards(0)] == ["FORMAT", "MODE"]
    assert source.header_text(0) == ""
    with pytest.raises(NotFound):
        source.decode(1)
    with pytest.raises(UnsupportedFile):
        source.raster(0)
    source.close()
    assert not PictureReader().sniff("a.png", b"GIF89a")
