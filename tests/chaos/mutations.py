"""Small files of every kind that is read, and what chance makes of them."""

import io
import random
import struct
from collections.abc import Callable

import numpy as np
from astropy.io import fits
from PIL import Image

CARD, BLOCK = 80, 2880
_NUMBERS = (
    "0",
    "-1",
    "1",
    "3",
    "8",
    "999",
    "65535",
    "2147483647",
    "-2147483648",
    "9223372036854775807",
    "1E308",
    "NaN",
)
_RAW = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def _pixels() -> np.ndarray:
    return np.random.default_rng(0).normal(100, 5, (64, 64))


def _bytes(*hdus: fits.hdu.base.ExtensionHDU | fits.PrimaryHDU) -> bytes:
    buffer = io.BytesIO()
    fits.HDUList(list(hdus)).writeto(buffer)
    return buffer.getvalue()


def _compressed(kind: str, pixels: np.ndarray) -> bytes:
    return _bytes(fits.PrimaryHDU(), fits.CompImageHDU(pixels, compression_type=kind, tile_shape=(16, 64)))


def _picture(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(_pixels().astype(np.uint8)).save(buffer, kind)
    return buffer.getvalue()


def _mosaic() -> bytes:
    parts = []
    for number in range(3):
        part = fits.ImageHDU(_pixels().astype(np.int16), name=f"N{number}")
        part.header["DETSEC"] = f"[{64 * number + 1}:{64 * number + 64},1:64]"
        part.header["DATASEC"] = "[1:64,1:64]"
        parts.append(part)
    return _bytes(fits.PrimaryHDU(), *parts)


SEEDS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "plain float": ("fits", lambda: _bytes(fits.PrimaryHDU(_pixels().astype(np.float32)))),
    "plain 16 bit": ("fits", lambda: _bytes(fits.PrimaryHDU(_pixels().astype(np.int16)))),
    "mosaic": ("fits", _mosaic),
    "RICE": ("fits.fz", lambda: _compressed("RICE_1", _pixels().astype(np.int16))),
    "RICE float": ("fits.fz", lambda: _compressed("RICE_1", _pixels().astype(np.float32))),
    "GZIP": ("fits.fz", lambda: _compressed("GZIP_2", _pixels().astype(np.int16))),
    "HCOMPRESS": ("fits.fz", lambda: _compressed("HCOMPRESS_1", _pixels().astype(np.int16))),
    "PLIO": ("fits.fz", lambda: _compressed("PLIO_1", np.abs(_pixels()).astype(np.int16))),
    "PNG": ("png", lambda: _picture("PNG")),
    "TIFF": ("tif", lambda: _picture("TIFF")),
    "JPEG": ("jpg", lambda: _picture("JPEG")),
}


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Do one to four things to a file."""
    for _ in range(chance.randint(1, 4)):
        data = chance.choice(_WAYS)(data, chance)
    return data


def _flip(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _number(data: bytes, chance: random.Random) -> bytes:
    """Write an extreme number somewhere, as the machine does."""
    kind = chance.choice((">H", "<H", ">I", "<I"))
    size = struct.calcsize(kind)
    if len(data) < size:
        return data
    at = chance.randrange(len(data) - size + 1)
    return data[:at] + struct.pack(kind, chance.choice(_RAW) & ((1 << 8 * size) - 1)) + data[at + size :]


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _repeat(data: bytes, chance: random.Random) -> bytes:
    begin, length = chance.randrange(len(data) + 1), chance.choice((1, CARD, BLOCK))
    return data[:begin] + data[begin : begin + length] * chance.randint(2, 9) + data[begin + length :]


def _leave_out(data: bytes, chance: random.Random) -> bytes:
    begin, length = chance.randrange(len(data) + 1), chance.choice((1, CARD, BLOCK))
    return data[:begin] + data[begin + length :]


def _card(data: bytes, chance: random.Random) -> bytes:
    """Give a card of a FITS header another number, the value of another card, or another place."""
    cards = [at for at in range(0, min(len(data), 8 * BLOCK), CARD) if data[at + 8 : at + 10] == b"= "]
    if not cards:
        return _flip(data, chance)
    at = chance.choice(cards)
    if chance.random() < 0.2:
        other = chance.choice(cards)
        value = data[other + 10 : other + CARD]
    else:
        value = chance.choice(_NUMBERS).rjust(20).ljust(CARD - 10).encode()
    return data[: at + 10] + value + data[at + CARD :]


_WAYS = (_flip, _number, _cut, _repeat, _leave_out, _card, _card, _card)
