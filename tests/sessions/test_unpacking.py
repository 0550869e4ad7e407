"""Bombs: what is unpacked is what the headers speak of, and a file that is too long is refused at once."""

import bz2
import gzip
import io
import os
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from toyz.errors import CorruptFile, TooLarge, UnsupportedFile
from toyz.readers import OpenFile
from toyz_extensions.fits import FitsReader
from toyz_extensions.registry import Registry
from toyz_sessions.packing import CHUNK
from toyz_sessions.unpacking import unpack_for_readers

MB = 1 << 20
LIMIT = 512 * MB
Unpack = Callable[[bytes, str], os.stat_result]


class AnyReader(FitsReader):
    """Takes what it is given, and cannot tell how long it is."""

    name, extensions = "Any", (".any",)  # type: ignore[assignment]
    extent = None  # type: ignore[assignment]

    def sniff(self, name: str, head: bytes) -> bool:
        """Whether the name ends so."""
        return name.endswith(".any")


READERS = Registry(readers=[FitsReader(), AnyReader()])


def bomb(head: bytes, megabytes: int, byte: bytes = b"\0") -> bytes:
    """Pack a header and as many bytes after it, which take a thousandth."""
    engine = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = byte * MB
    return b"".join([engine.compress(head), *(engine.compress(block) for _ in range(megabytes)), engine.flush()])


def header(*axes: int) -> bytes:
    """Give the primary header of an image of bytes."""
    cards = {"SIMPLE": True, "BITPIX": 8, "NAXIS": len(axes)}
    cards |= {f"NAXIS{number}": length for number, length in enumerate(axes, 1)}
    text: str = fits.Header(cards).tostring()
    return text.encode()


@pytest.fixture
def into(tmp_path: Path) -> Unpack:
    def unpack(data: bytes, name: str = "share/a.fits.gz") -> os.stat_result:
        (tmp_path / "packed").write_bytes(data)
        file = OpenFile(os.open(tmp_path / "packed", os.O_RDONLY), name)
        try:
            with (tmp_path / "out").open("w+b") as output:
                unpack_for_readers(file, output, READERS, limit=LIMIT, report=lambda fraction: None)
        finally:
            file.close()
        return (tmp_path / "out").stat()

    return unpack


@pytest.mark.parametrize("byte", [b"\0", b" ", b"\1", b"X"])
def test_what_no_header_speaks_of_stays_packed(into: Unpack, byte: bytes) -> None:
    head = header(1000, 1000)
    pixels = bytes(-(-1_000_000 // 2880) * 2880)
    found = into(bomb(head + pixels, 400, byte), "share/a.fits.gz")
    assert found.st_size == len(head + pixels)


def test_a_file_that_says_it_is_too_long_is_refused_at_once(into: Unpack, tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="512 MB"):
        into(bomb(header(1 << 20, 1 << 12), 400, b"\1"), "share/a.fits.gz")
    assert (tmp_path / "out").stat().st_size <= CHUNK


def test_the_second_hdu_may_be_the_one_that_is_too_long(into: Unpack, tmp_path: Path) -> None:
    extension = header(1 << 20, 1 << 12).replace(b"SIMPLE  =                    T", b"XTENSION= 'IMAGE   '          ")
    with pytest.raises(TooLarge):
        into(bomb(header() + extension, 400), "share/a.fits.gz")
    assert (tmp_path / "out").stat().st_size <= CHUNK


def test_noughts_that_a_header_speaks_of_take_no_room(into: Unpack) -> None:
    found = into(bomb(header(1 << 20, 400), 400), "share/mask.fits.gz")
    assert found.st_size >= 400 * MB
    assert found.st_blocks * 512 < 2 * CHUNK


def test_a_header_without_end_ends(into: Unpack, tmp_path: Path) -> None:
    with pytest.raises(CorruptFile, match="END"):
        into(bomb(header()[:80], 400, b" "), "share/a.fits.gz")
    assert (tmp_path / "out").stat().st_size <= 3 * CHUNK


def test_what_does_not_tell_its_length_may_not_swell(into: Unpack, tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="200 times"):
        into(bomb(b"", 400, b"\1"), "share/a.any.gz")
    assert (tmp_path / "out").stat().st_size <= 100 * MB
    assert into(bomb(b"", 50, b"\1"), "share/a.any.gz").st_size == 50 * MB


def test_what_nobody_reads_is_not_unpacked(into: Unpack, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedFile):
        into(bomb(b"", 400, b"\1"), "share/a.tar.gz")
    assert (tmp_path / "out").stat().st_size <= CHUNK


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
def test_a_sound_file_is_unpacked_to_its_last_byte(
    into: Unpack, tmp_path: Path, compress: Callable[[bytes], bytes]
) -> None:
    noise = np.random.default_rng(0)
    parts = [fits.ImageHDU(noise.normal(0, 9, (700, 900)).astype("f4"), name=f"N{number}") for number in range(9)]
    table = fits.BinTableHDU.from_columns([fits.Column("x", "E", array=np.arange(1000))])
    whole = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), *parts, table]).writeto(whole)
    into(compress(whole.getvalue()), "share/a.fits.gz")
    assert (tmp_path / "out").read_bytes() == whole.getvalue()


def test_many_small_hdus_are_counted_once(into: Unpack, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    extension = fits.ImageHDU(np.arange(3600, dtype="i2").reshape(60, 60))
    fits.HDUList([fits.PrimaryHDU(), extension]).writeto(buffer)
    primary, rest = buffer.getvalue()[:2880], buffer.getvalue()[2880:]
    found = into(gzip.compress(primary + 1500 * rest, 1), "share/a.fits.gz")
    assert found.st_size == len(primary) + 1500 * len(rest)
