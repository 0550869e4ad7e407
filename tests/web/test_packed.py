"""Packed files over the websocket: shown while they are unpacked, judged by the whole of them in the end."""

import bz2
import io
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from tests.web.harness import Served, Window

ROWS, COLUMNS = 16_384, 4096
_SKY, _BRIGHT = 1000.0, 50_000.0


def write_packed(path: Path) -> None:
    """Write 128 MB of pixels, an eighth of them sky and the rest brighter, as bzip2 streams, which take long."""
    hdu = fits.PrimaryHDU(np.zeros((ROWS, COLUMNS), ">i2"))
    plain = io.BytesIO()
    hdu.header["BZERO"] = 32_768
    plain.write(hdu.header.tostring().encode())
    noise = np.random.default_rng(3).normal(0, 20, (ROWS // 32, COLUMNS))
    sky, bright = ((noise + level - 32_768).astype(">i2").tobytes() for level in (_SKY, _BRIGHT))
    padding = bz2.compress(bytes(-(ROWS * COLUMNS * 2) % 2880))
    begin = bz2.compress(plain.getvalue() + sky, 1)
    path.write_bytes(begin + 3 * bz2.compress(sky, 1) + 28 * bz2.compress(bright, 1) + padding)


@pytest.fixture
def packed(server: Served) -> Any:
    path = server.share / "packed.fits.bz2"
    write_packed(path)
    yield "sky/packed.fits.bz2"
    path.unlink()


def opened_part(window: Window, path: str) -> dict[str, Any]:
    """Open the file while it is unpacked, as soon as some of its pixels are there."""
    for attempt in range(1000):
        part: dict[str, Any] = window.call(f"a{attempt}", "images", "open", path=path)
        assert not part["complete"]
        if part["maximum"] is not None:
            return part
    raise AssertionError("no pixel came")


def until_complete(window: Window) -> dict[str, Any]:
    while not (told := window.event("images", "progress"))["complete"]:
        assert "problem" not in told, told
    return dict(told)


def test_the_cuts_of_the_part_give_way_to_those_of_the_whole(server: Served, packed: str) -> None:
    with server.window() as window:
        part = opened_part(window, packed)
        assert part["cuts"]["high"] < 2000
        assert part["maximum"] < 2000
        assert until_complete(window)["image"] == part["image"]
        whole = window.call("b", "images", "open", path=packed)
        assert whole["complete"]
        assert whole["image"] != part["image"]
        assert whole["cuts"]["high"] > 40_000
        assert whole["maximum"] > 49_000
        # Nothing of the part is remembered, whichever of the two ids is asked for.
        for image in (part["image"], whole["image"]):
            assert window.call(f"c{image}", "images", "cuts", image=image) == whole["cuts"]
            counted = window.call(f"h{image}", "images", "histogram", image=image)
            assert counted["median"] == pytest.approx(_BRIGHT, abs=50)


def test_a_bomb_is_refused_before_it_fills_the_cache(server: Served) -> None:
    header = fits.Header({"SIMPLE": True, "BITPIX": 8, "NAXIS": 2, "NAXIS1": 1 << 20, "NAXIS2": 1 << 14})
    engine = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b"\1" * (1 << 20)
    data = [engine.compress(header.tostring().encode()), *(engine.compress(block) for _ in range(2000)), engine.flush()]
    cache = server.folder / "cache"
    before = set(cache.rglob("*"))
    bomb = server.share / "bomb.fits.gz"
    bomb.write_bytes(b"".join(data))
    with server.window() as window:
        error = window.error("a", "images", "open", path="sky/bomb.fits.gz")
        assert error["code"] == "too_large"
        assert "8192 MB" in error["message"]
        # It is remembered as what it is, and the session goes on.
        assert window.error("b", "images", "open", path="sky/bomb.fits.gz") == error
        assert window.call("c", "images", "open", path="sky/ramp.fits")["complete"]
    bomb.unlink()
    assert not [file.name for file in set(cache.rglob("*")) - before if file.suffix != ".partial"]
