"""A plugin's function becomes a reader; what it does wrong costs one forked process."""

import ctypes
import faulthandler
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from toyz import OpenFile, Picture, Plugin
from toyz.errors import CorruptFile, NotFound, TimedOut, UnsupportedFile
from toyz_extensions import simple
from toyz_extensions.disposable import run_disposable
from toyz_extensions.registry import Registry
from toyz_extensions.simple import SimpleSource

HEADER = {
    "OBJECT": "Fornax",
    "EXPTIME": 90.0,
    "CTYPE1": "RA---TAN",
    "CTYPE2": "DEC--TAN",
    "CRVAL1": 54.0,
    "CRVAL2": -35.0,
    "CRPIX1": 2.0,
    "CRPIX2": 1.0,
    "CDELT1": -1e-4,
    "CDELT2": 1e-4,
    "NAXIS1": 99,
    "a long keyword": "kept in the cards",
    "NOTHING": {"no": "card"},
}


def source_of(tmp_path: Path, read: Callable[[OpenFile], Any]) -> SimpleSource:
    path = tmp_path / "a.odd"
    path.write_bytes(b"ODD data")
    plugin = Plugin("odd", title="Odd")
    plugin.reader(name="Odd", extensions=[".odd"], magic=b"ODD")(read)
    file = OpenFile(os.open(path, os.O_RDONLY), "share/a.odd")
    source = Registry([plugin]).reader_for(file).open(file)
    assert isinstance(source, SimpleSource)
    return source


def test_nothing_runs_before_it_is_asked(tmp_path: Path) -> None:
    ran: list[OpenFile] = []
    source = source_of(tmp_path, ran.append)
    source.close()
    assert not ran


def test_picture_is_described_elsewhere_and_decoded_here(tmp_path: Path) -> None:
    processes: list[int] = []

    def read(file: OpenFile) -> Picture:
        processes.append(os.getpid())
        assert file.pread(3, 0) == b"ODD"
        return Picture(pixels=np.arange(12, dtype=">i2").reshape(3, 4), header=HEADER, bottom_up=False, unit="adu")

    source = source_of(tmp_path, read)
    hdu = source.hdus[0]
    assert (hdu.shape, hdu.dtype, hdu.planes, hdu.channels, hdu.unit) == ((3, 4), "int16", 1, 1, "adu")
    assert not hdu.windowed
    assert not source.bottom_up
    assert processes == [], "the function ran in this process"
    pixels = source.decode(0)
    assert processes == [os.getpid()]
    assert pixels.dtype == np.dtype(np.int16)
    assert pixels.tolist() == np.arange(12).reshape(3, 4).tolist()


def test_header_makes_a_wcs(tmp_path: Path) -> None:
    source = source_of(tmp_path, lambda file: Picture(pixels=np.zeros((3, 4)), header=HEADER))
    header = fits.Header.fromstring(source.header_text(0))
    assert (header["NAXIS1"], header["NAXIS2"], header["EXPTIME"]) == (4, 3, 90.0)
    sky = WCS(header).pixel_to_world(1, 0)
    assert (sky.ra.deg, sky.dec.deg) == pytest.approx((54, -35))
    cards = {card.keyword: card.value for card in source.cards(0)}
    assert cards["a long keyword"] == "kept in the cards"
    assert cards["OBJECT"] == "Fornax"


@pytest.mark.parametrize(
    ("pixels", "shape", "planes", "channels", "plane_shape"),
    [
        (np.zeros((2, 3)), (2, 3), 1, 1, (2, 3)),
        (np.zeros((5, 2, 3), np.uint16), (5, 2, 3), 5, 1, (2, 3)),
        (np.zeros((1, 2, 3)), (2, 3), 1, 1, (2, 3)),
        (np.zeros((2, 4, 3), np.uint8), (2, 4, 3), 1, 3, (2, 4, 3)),
        (np.zeros((2, 4, 3), np.float32), (2, 4, 3), 2, 1, (4, 3)),
        (np.ones((2, 3), bool), (2, 3), 1, 1, (2, 3)),
        ([[1, 2], [3, 4]], (2, 2), 1, 1, (2, 2)),
        (np.zeros((4, 6))[::2, ::2], (2, 3), 1, 1, (2, 3)),
    ],
)
def test_shapes(
    tmp_path: Path, pixels: Any, shape: tuple[int, ...], planes: int, channels: int, plane_shape: tuple[int, ...]
) -> None:
    source = source_of(tmp_path, lambda file: Picture(pixels=pixels))
    hdu = source.hdus[0]
    assert (hdu.shape, hdu.planes, hdu.channels) == (shape, planes, channels)
    last = source.decode(0, planes - 1)
    assert last.shape == plane_shape
    assert last.flags.c_contiguous
    with pytest.raises(NotFound):
        source.decode(1)
    if channels == 1:
        for plane in (planes, -1):
            with pytest.raises(NotFound):
                source.decode(0, plane)


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (None, "NoneType instead of a Picture"),
        (np.zeros((2, 2)), "ndarray instead of a Picture"),
        (Picture(pixels=np.zeros(4)), "shape (4,)"),
        (Picture(pixels=np.zeros((0, 4))), "shape (0, 4)"),
        (Picture(pixels=np.zeros((1, 1, 2, 2))), "shape (1, 1, 2, 2)"),
        (Picture(pixels=[["a"]]), "pixels of type"),
        (Picture(pixels=np.zeros((2, 2), complex)), "pixels of type complex128"),
    ],
)
def test_what_is_no_picture(tmp_path: Path, made: Any, sentence: str) -> None:
    source = source_of(tmp_path, lambda file: made)
    for ask in (lambda: source.hdus, lambda: source.decode(0)):
        with pytest.raises(CorruptFile) as caught:
            ask()
        assert sentence in caught.value.message


def test_errors_of_the_function(tmp_path: Path) -> None:
    def refuse(file: OpenFile) -> Picture:
        raise UnsupportedFile("version 7 is not known", field="version")

    def fail(file: OpenFile) -> Picture:
        raise KeyError("/home/someone/file")

    with pytest.raises(UnsupportedFile, match="version 7") as refused:
        source_of(tmp_path, refuse).facts  # noqa: B018
    assert refused.value.field == "version"
    with pytest.raises(CorruptFile, match="the reader Odd failed: KeyError") as failed:
        source_of(tmp_path, fail).facts  # noqa: B018
    assert "someone" not in failed.value.message


def test_a_crash_is_the_child_s(tmp_path: Path) -> None:
    def crash(file: OpenFile) -> None:
        faulthandler.disable()  # pytest's would fill the screen
        ctypes.string_at(0)

    source = source_of(tmp_path, crash)
    with pytest.raises(CorruptFile, match="the reader Odd crashed on this file"):
        source.hdus  # noqa: B018


def test_a_hang_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simple, "DESCRIBE_SECONDS", 0.2)
    source = source_of(tmp_path, lambda file: threading.Event().wait())
    with pytest.raises(TimedOut, match=r"did not finish within 0\.2 s"):
        source.hdus  # noqa: B018


def test_disposable_carries_any_length_and_leaves_nothing_behind() -> None:
    descriptors, children = len(os.listdir("/proc/self/fd")), psutil.Process().children()
    big = os.urandom(3_000_000)
    assert run_disposable(lambda: big, seconds=30, what="it") == big
    assert run_disposable(lambda: b"", seconds=30, what="it") == b""
    with pytest.raises(CorruptFile, match="exit status 7"):
        run_disposable(lambda: os._exit(7), seconds=30, what="it")
    assert psutil.Process().children() == children
    assert len(os.listdir("/proc/self/fd")) == descriptors
